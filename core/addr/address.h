#ifndef BJ_CORE_ADDR_ADDRESS_H
#define BJ_CORE_ADDR_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/limits.h"
#include "core/bytes/status.h"
#include "core/bytes/writer.h"

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

/*
 * A zone that was given by name, in place in the text it was read from; len
 * 0 if there was none. Turning it into an index is a system call, so it is
 * the caller's: an address whose zone is left unresolved has scope 0.
 */
struct bj_zone {
    const uint8_t *text;
    size_t len;
};

/*
 * Reads all of `text` as a literal of either family: IPv4 strictly (ip4.h),
 * IPv6 with an optional zone (ip6.h). Fails with BJ_BAD, or BJ_LIMIT for a
 * zone that is too long or too large; *out and *zone are then zero.
 */
/*@
  requires len > 0 ==> \valid_read(text + (0 .. len - 1));
  requires \valid(out) && \valid(zone);
  requires \separated(out, zone, text + (0 .. len - 1));
  assigns *out, *zone;
  ensures zone->len == 0 || (zone->len <= BJ_ZONE_MAX &&
    zone->len < len && zone->text == text + (len - zone->len));
*/
BJ_MUST_CHECK enum bj_status bj_address_parse(const uint8_t *text, size_t len,
                                              struct bj_address *out,
                                              struct bj_zone *zone);

/*
 * Appends the address as text, RFC 5952 for IPv6, with "%" and the scope in
 * decimal if it is not 0. BJ_BUG is latched if it has no family.
 */
/*@
  requires valid_writer(w) && \valid_read(address);
  requires \separated(address, w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_address_write(struct bj_writer *w, const struct bj_address *address);

/* Whether two are the same in family, octets and scope. */
/*@
  requires \valid_read(a) && \valid_read(b);
  assigns \nothing;
*/
bool bj_address_equal(const struct bj_address *a, const struct bj_address *b);

/*
 * IPv4 as the IPv4-mapped IPv6 address of RFC 4291 section 2.5.5.2, IPv6 as
 * it is: the form in which RFC 6724 compares the two families.
 */
/*@
  requires \valid_read(address);
  assigns \nothing;
  ensures address->family == BJ_FAMILY_IP4 ==> \result.family == BJ_FAMILY_IP6;
  ensures address->family != BJ_FAMILY_IP4 ==> \result == *address;
*/
struct bj_address bj_address_to_mapped(const struct bj_address *address);

/* Whether it is an IPv6 address within ::ffff:0:0/96. */
/*@
  requires \valid_read(address);
  assigns \nothing;
  ensures \result ==> address->family == BJ_FAMILY_IP6;
*/
bool bj_address_is_mapped(const struct bj_address *address);

/* The IPv4 address that an IPv4-mapped one stands for, without scope; any
 * other as it is. */
/*@
  requires \valid_read(address);
  assigns \nothing;
  ensures \result == *address || (\result.family == BJ_FAMILY_IP4 &&
    \result.scope == 0 && address->family == BJ_FAMILY_IP6);
*/
struct bj_address bj_address_unmap(const struct bj_address *address);

/*
 * Whether it is an IPv6 address that means something on one link only,
 * unicast (fe80::/10) or multicast of link-local scope (RFC 4291 section
 * 2.7): the only ones whose zone may be the name of an interface.
 */
/*@
  requires \valid_read(address);
  assigns \nothing;
  ensures \result ==> address->family == BJ_FAMILY_IP6;
*/
bool bj_address_is_link_local(const struct bj_address *address);

#endif
