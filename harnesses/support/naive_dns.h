#ifndef BJ_HARNESSES_SUPPORT_NAIVE_DNS_H
#define BJ_HARNESSES_SUPPORT_NAIVE_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A second reading of the DNS formats, written from the RFCs for the
 * harnesses and from nothing in core: recursive, indexing, slow, each rule
 * beside the clause it comes from. It says what a message means or that it
 * is to be refused; not why.
 */

struct naive_name {
    uint8_t octets[256]; /* labels with their lengths, the root's 0 last */
    size_t len;
    size_t after; /* the offset behind what stands in place */
};

/*
 * The name at `at` of a message whose octets from `end` on are not to be
 * read. `compressed` false: where pointers are forbidden.
 */
bool naive_name_read(const uint8_t *message, size_t end, size_t at,
                     bool compressed, struct naive_name *name);

/* Where the name at `at` ends in place, or 0; looks only at what a reader
 * that does not follow pointers can see. */
size_t naive_name_skip(const uint8_t *message, size_t end, size_t at);

/* RFC 4343 section 3: ASCII letters alike in either case, label by label. */
bool naive_name_equal(const struct naive_name *a, const struct naive_name *b);

/* Text to name (RFC 1035 section 5.1). */
bool naive_name_parse(const uint8_t *text, size_t len, struct naive_name *name,
                      bool *absolute);

/* The host name that a name spells, lower case, NUL-terminated; false if it
 * must not be handed out (RFC 952, RFC 1123 section 2.1). */
bool naive_host(const struct naive_name *name, char text[256]);

/* One question or record as it stands. */
struct naive_record {
    int section; /* 0 question, 1 answer, 2 authority, 3 additional */
    size_t name_at;
    unsigned type;
    unsigned class_number;
    uint32_t ttl;
    size_t rdata_at;
    size_t rdata_len;
};

enum { NAIVE_RECORDS = 8192 };

struct naive_message {
    unsigned id;
    unsigned flags;
    unsigned counts[4];
    size_t record_count; /* read before the end or the first fault */
    struct naive_record records[NAIVE_RECORDS]; /* questions too */
};

/* The whole message; false if it is to be refused. */
bool naive_message_read(const uint8_t *message, size_t len,
                        struct naive_message *m);

/* Whether RDATA of a resolver's types is well formed; types that it does not
 * know always are. */
bool naive_rdata_valid(const uint8_t *message, const struct naive_record *r);

uint32_t naive_number(const uint8_t *at, size_t octets);

#endif
