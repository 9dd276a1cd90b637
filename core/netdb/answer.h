#ifndef BJ_CORE_NETDB_ANSWER_H
#define BJ_CORE_NETDB_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/address.h"
#include "core/bytes/limits.h"
#include "core/bytes/status.h"

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

#endif
