#ifndef BJ_CORE_ADDR_ADDRESS_H
#define BJ_CORE_ADDR_ADDRESS_H

#include <stdint.h>

/*
 * An address of either family as the whole of core passes it around: what a
 * literal, a record, a line of a file or a socket address comes to. A value,
 * copied freely; it points at nothing.
 */

enum bj_family { BJ_FAMILY_ANY, BJ_FAMILY_IP4, BJ_FAMILY_IP6 };

/* An address in network order; IPv4 uses the first four octets, the rest are
 * zero. `scope` is the IPv6 zone index, 0 for none. */
struct bj_address {
    enum bj_family family;
    uint8_t octets[16];
    uint32_t scope;
};

#endif
