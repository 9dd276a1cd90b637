#ifndef BJ_CORE_ORDER_RFC6724_H
#define BJ_CORE_ORDER_RFC6724_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/address.h"
#include "core/addr/policy.h"

/*
 * In which order a caller should try the addresses of a name: destination
 * address selection by RFC 6724 section 6. Which source address the kernel
 * would use for each is asked outside (a connected UDP socket tells) and is
 * an argument here.
 */

/* The source address for a destination. */
struct bj_source {
    /* BJ_FAMILY_ANY: there is none, the destination cannot be reached. */
    struct bj_address address;
    /* Length of the prefix of the network it is in, its netmask; 0 if that
     * is not known. */
    unsigned prefix_bits;
    bool deprecated;   /* RFC 4862 section 5.5.4 */
    bool home;         /* a Mobile IPv6 home address */
    bool encapsulated; /* reached through a tunnel such as 6to4 */
};

struct bj_destination {
    struct bj_address address;
    struct bj_source source;
    /* Set by bj_rfc6724_prepare: the place before sorting, and what rules 1
     * to 9 say as one number, of which the greatest comes first. */
    size_t index;
    uint64_t preference;
};

/* The scope of an address, 0 to 15 (RFC 4291 section 2.7, RFC 6724 sections
 * 3.1 to 3.4): 2 link, 5 site, 14 global. `policy` NULL is the RFC's. */
unsigned bj_rfc6724_scope(const struct bj_policy *policy,
                          const struct bj_address *address);

/* The label and the precedence of an address in the policy table. */
uint32_t bj_rfc6724_label(const struct bj_policy *policy,
                          const struct bj_address *address);
uint32_t bj_rfc6724_precedence(const struct bj_policy *policy,
                               const struct bj_address *address);

/* Fills in index and preference of each. */
void bj_rfc6724_prepare(const struct bj_policy *policy,
                        struct bj_destination *items, size_t count);

/*
 * Whether prepared `a` comes before prepared `b`: a strict total order over
 * the items of one list, since no two have the same index.
 */
bool bj_rfc6724_before(const struct bj_destination *a,
                       const struct bj_destination *b);

/*
 * Prepares and sorts `items` in place, in O(count log count) steps. Items
 * that no rule tells apart keep their order (rule 10).
 *
 * Two things the RFC leaves open (its section 6 lets rules 9 and 10 be
 * superseded): where rules 1 to 8 tie, IPv6 comes before IPv4, for rule 9
 * compares only within a family, and without this three addresses could be
 * preferred in a circle; and a common prefix counts for IPv4 only within the
 * source's network, as in glibc, for elsewhere it says nothing and would
 * undo the rotation by which name servers spread load.
 */
void bj_rfc6724_sort(const struct bj_policy *policy,
                     struct bj_destination *items, size_t count);

#endif
