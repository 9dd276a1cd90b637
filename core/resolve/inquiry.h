#ifndef BJ_CORE_RESOLVE_INQUIRY_H
#define BJ_CORE_RESOLVE_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/status.h"
#include "core/config/nsswitch.h"
#include "core/resolve/files.h"
#include "core/resolve/lookup.h"
#include "core/resolve/fetch.h"
#include "core/resolve/search.h"
#include "core/resolve/special.h"

/*
 * One lookup on its way: the walk that nsswitch.conf prescribes, the hosts
 * file, special names, the search list. It says which questions are to be
 * asked, one or two at a time; who has them asked, and when, is not its
 * business. Together they are what glibc's nss "files" and "dns" do; the
 * differences are in core/README.md.
 */

/* Questions at once: A and AAAA. */
#define BJ_INQUIRY_FETCHES 2

/* Who had the answer; the last to have one counts. */
enum bj_inquiry_source {
    BJ_INQUIRY_NOBODY,
    BJ_INQUIRY_FILES,
    BJ_INQUIRY_DNS,
    BJ_INQUIRY_LOOPBACK, /* localhost without the files' help */
};

/* What an inquiry may look into. All of it stays. */
struct bj_inquiry_means {
    const struct bj_files *files;
    const struct bj_search_rules *rules;
    const struct bj_fetch_desk *desk;
    uint8_t *memory; /* for the answer */
    size_t memory_len;
};

struct bj_inquiry {
    struct bj_lookup lookup;
    struct bj_nss_walk walk;
    enum bj_nss_step step;
    bool asking; /* in the midst of a step: the DNS is being asked */
    enum bj_special special;
    bool searches; /* by name, so along the search list */
    struct bj_search search;
    bool dns_asked;
    enum bj_outcome dns; /* what asking it came to */
    enum bj_inquiry_source source;
    struct bj_fetch fetches[BJ_INQUIRY_FETCHES];
    size_t fetch_count;            /* of the name asked for now */
    uint8_t octets[BJ_LOOKUP_MAX]; /* of the lookup: its texts lie here */
};

/*
 * Begins with `len` octets of a lookup (lookup.h), which are copied. BJ_BAD
 * or BJ_MORE if they are none. Then advance.
 */
BJ_MUST_CHECK enum bj_status bj_inquiry_begin(struct bj_inquiry *inquiry,
                                              const struct bj_inquiry_means *m,
                                              const uint8_t *octets,
                                              size_t len);

/*
 * Goes on as far as it comes without the network, once all questions are over.
 * True: there are questions, at least one of them PENDING (the cache was
 * looked into), with their buffers in `buffers`, which has room for two
 * (fetch.h). False: it is over.
 */
bool bj_inquiry_advance(struct bj_inquiry *inquiry,
                        const struct bj_inquiry_means *m, uint64_t now_ms,
                        uint8_t *buffers);

/* What an inquiry that is over came to. The answer lies in the memory of `m`,
 * the buffers and the files. */
void bj_inquiry_result(const struct bj_inquiry *inquiry,
                       const struct bj_inquiry_means *m,
                       struct bj_result *result);

#endif
