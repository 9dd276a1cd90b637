#ifndef BJ_TESTS_SUPPORT_DNS_BUILD_H
#define BJ_TESTS_SUPPORT_DNS_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes/writer.h"
#include "core/dns/name.h"
#include "core/dns/types.h"

/*
 * Messages for tests and benchmarks, record by record, with the compression
 * of a real server. A mistake of the caller's aborts.
 */
enum { BJ_BUILD_NAMES = 8192 };

struct bj_build {
    struct bj_writer w;
    struct bj_name_suffixes known;
    struct bj_name *names; /* that `known` refers to */
    size_t name_count;
    unsigned counts[4];
};

/* Starts a reply with the given id and flags in `out`. */
void bj_build_init(struct bj_build *b, uint8_t *out, size_t cap, uint16_t id,
                   uint16_t flags);
void bj_build_question(struct bj_build *b, const char *name, unsigned type);

/* A record with RDATA as it is, or that is a name. */
void bj_build_record(struct bj_build *b, enum bj_section section,
                     const char *owner, unsigned type, unsigned class_number,
                     uint32_t ttl, const void *rdata, size_t rdata_len);
void bj_build_name_record(struct bj_build *b, enum bj_section section,
                          const char *owner, unsigned type,
                          unsigned class_number, uint32_t ttl,
                          const char *target);

/* Writes the counts, frees what is kept, and returns the length. */
size_t bj_build_end(struct bj_build *b);

#endif
