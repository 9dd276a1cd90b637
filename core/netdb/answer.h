#ifndef BJ_CORE_NETDB_ANSWER_H
#define BJ_CORE_NETDB_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/address.h"
#include "core/bytes/arena.h"
#include "core/bytes/limits.h"
#include "core/bytes/status.h"
#include "core/dns/matcher.h"
#include "core/dns/message.h"
#include "core/dns/name.h"
#include "core/dns/query.h"

/*
 * What a name resolved to, wherever it came from (a DNS message, the hosts
 * file, a literal): the one shape that hostent, addrinfo, ordering and the
 * worker's frames share. All memory is the caller's.
 */

/* Text with its length; NUL-terminated where it is handed to C callers. */
struct bj_text {
    const char *text;
    size_t len;
};

struct bj_answer {
    /* The name the addresses stand under; len 0 if there is none. */
    struct bj_text canonical;
    /* The other names, the one asked for among them, in the order found. */
    const struct bj_text *aliases;
    size_t alias_count;
    const struct bj_address *addresses;
    size_t address_count;
    /* Seconds that all of it may be kept: the least TTL on the way. */
    uint32_t ttl;
};

/*
 * What bj_answer_read works in. The caller's, to be used again and again; it
 * need not be initialised and holds nothing between calls.
 */
struct bj_answer_scratch {
    struct bj_record cnames[BJ_CNAME_MAX];
    struct bj_name owners[BJ_CNAME_MAX];    /* of those; len 0: not read */
    struct bj_name chain[BJ_CNAME_MAX + 1]; /* from the name asked for on */
    uint16_t chain_at[BJ_CNAME_MAX + 1];    /* where in the message */
    /* The same as host names, one after another. */
    char texts[(BJ_CNAME_MAX + 1) * BJ_HOST_TEXT_MAX];
    struct bj_text_place {
        uint16_t at;
        uint16_t len;
    } places[BJ_CNAME_MAX + 1];
    uint16_t found_at[BJ_ANSWER_ADDRESSES_MAX]; /* RDATA that is taken */
    struct bj_matcher matcher;
};

/*
 * Makes a DNS message an answer to its own question: bj_match_reply has seen
 * that it is a reply, and `m` stands behind the header (and anywhere
 * afterwards). Reads the answer section only (and a SOA record in authority),
 * and of it class IN and the type asked for: A, AAAA or PTR. From the name
 * asked for it follows CNAME records, in whatever order they come, and takes
 * the records whose owner is the name at the end; others are passed over,
 * whatever they hold. For addresses that name is canonical and those on the
 * way are aliases; for PTR the targets are the names, in the order they
 * stand. Names are in lower case and valid host names; lists and texts lie in
 * the arena.
 *
 * BJ_NONE: no such record; answer->ttl alone says how long that holds, from
 * a SOA record above the name (RFC 2308 section 5), 0 if there is none.
 * BJ_SPACE: arena->len would have been enough. BJ_LIMIT: over BJ_CNAME_MAX
 * CNAME records, BJ_PTR_MAX names. BJ_UNSUPPORTED: another question. BJ_BAD
 * or BJ_MORE: broken RDATA or pointers in what is read, CNAMEs that lead in
 * a circle or from one name to two (RFC 2181 section 10.1), a name that is
 * no host name. On all but BJ_OK the rest of *answer is zero.
 */
BJ_MUST_CHECK enum bj_status bj_answer_read(struct bj_message *m,
                                            struct bj_answer_scratch *scratch,
                                            struct bj_arena *arena,
                                            struct bj_answer *answer);

/* The same of a message that bj_match_reply has found to be an ANSWER to
 * `query`, whose question is then not read again. */
BJ_MUST_CHECK enum bj_status
bj_answer_read_reply(struct bj_message *m, const struct bj_query *query,
                     struct bj_answer_scratch *scratch, struct bj_arena *arena,
                     struct bj_answer *answer);

#endif
