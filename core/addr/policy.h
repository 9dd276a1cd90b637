#ifndef BJ_CORE_ADDR_POLICY_H
#define BJ_CORE_ADDR_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "core/addr/prefix.h"

/*
 * The policy by which addresses are preferred (RFC 6724 section 2.1), in the
 * three parts that gai.conf gives it in. config fills it, order reads it, so
 * it lives below both. The rows are the caller's memory.
 */

/* A row of a table: the prefix that an address must begin with, and what the
 * table says of such addresses. */
struct bj_policy_row {
    struct bj_prefix prefix;
    uint32_t value;
};

/*
 * The row with the longest matching prefix counts, the first of equals. A
 * table of no rows stands for the RFC's own, which a single row therefore
 * replaces whole, as in gai.conf; an address that no row matches gets what
 * glibc gives it: label 1, precedence 40, scope 14.
 *
 * Prefixes of `labels` and `precedences` are IPv6, IPv4 addresses being
 * looked up IPv4-mapped (a row for ::/0 matches them too); those of `scopes`
 * are IPv4 and say which of the scopes of RFC 4007 an IPv4 address has (2
 * link, 5 site, 14 global).
 */
struct bj_policy {
    const struct bj_policy_row *labels;
    size_t label_count;
    const struct bj_policy_row *precedences;
    size_t precedence_count;
    const struct bj_policy_row *scopes;
    size_t scope_count;
};

#endif
