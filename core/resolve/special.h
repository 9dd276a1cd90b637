#ifndef BJ_CORE_RESOLVE_SPECIAL_H
#define BJ_CORE_RESOLVE_SPECIAL_H

#include <stdbool.h>

#include "core/addr/address.h"
#include "core/dns/name.h"

/*
 * Names that mean something by themselves: those that no name server may be
 * asked for, and those that stand for an address.
 */
enum bj_special {
    BJ_SPECIAL_NONE,     /* any other name */
    BJ_SPECIAL_LOOPBACK, /* localhost and below: this host (RFC 6761, 6.3) */
    BJ_SPECIAL_ABSENT,   /* invalid (RFC 6761, 6.4), onion (RFC 7686), alt
                            (RFC 9476), and below: there is none in the DNS */
};

/* Which a name is, in any case. */
enum bj_special bj_special_of(const struct bj_name *name);

/* The loopback address of a family, IP4 or IP6. */
struct bj_address bj_special_loopback(enum bj_family family);

/*
 * The name under which PTR records of an address stand: 4.3.2.1.in-addr.arpa
 * (RFC 1035 section 3.5) or 32 nibbles under ip6.arpa (RFC 3596 section 2.5).
 * An IPv4-mapped address is taken for the IPv4 address, as in glibc. False,
 * and no name, for an address without family.
 */
bool bj_special_reverse(const struct bj_address *address, struct bj_name *name);

#endif
