#ifndef BJ_CORE_ADDR_IP6_H
#define BJ_CORE_ADDR_IP6_H

#include <stddef.h>
#include <stdint.h>

#include "core/addr/address.h"
#include "core/bytes/cursor.h"
#include "core/bytes/limits.h"
#include "core/bytes/status.h"
#include "core/bytes/writer.h"

/*
 * IPv6 addresses as text. Octets are in network order.
 */

/*
 * Reads an address in any form of RFC 4291 section 2.2: groups of one to
 * four hexadecimal digits, "::" at most once and for at least one group, the
 * last two groups perhaps as a strict dotted quad (ip4.h). Stops behind it:
 * what may follow is for the caller to say, and no digit, colon or dot may.
 * On failure the cursor has failed with BJ_BAD and `out` is zero.
 */
/*@
  requires valid_cursor(c) && \valid(out + (0 .. 15));
  requires \separated(out + (0 .. 15), c, c->base + (0 .. c->len - 1));
  assigns c->pos, c->status, out[0 .. 15];
  ensures valid_cursor(c);
  ensures
    (c->status == \old(c->status) && c->pos > \old(c->pos)) ||
    (c->status != BJ_OK && c->pos == c->len && all_zero(out, 16));
*/
void bj_ip6_read(struct bj_cursor *c, uint8_t out[static 16]);

/* The same for all of `text`: anything left over, a zone too, is BJ_BAD. */
/*@
  requires len > 0 ==> \valid_read(text + (0 .. len - 1));
  requires \valid(out + (0 .. 15));
  requires \separated(out + (0 .. 15), text + (0 .. len - 1));
  assigns out[0 .. 15];
  ensures \result != BJ_OK ==> all_zero(out, 16);
*/
BJ_MUST_CHECK enum bj_status bj_ip6_parse(const uint8_t *text, size_t len,
                                          uint8_t out[static 16]);

/*
 * Reads all of `text` as an address that "%" and a zone may follow (RFC 4007
 * section 11). A zone of decimal digits only is the scope, out->scope; any
 * other goes to *zone as it stands: one to BJ_ZONE_MAX visible ASCII
 * characters without "/", ":", "%", "[" and "]", which Linux refuses as
 * interface names or endpoints could not carry. Fails with BJ_BAD, or
 * BJ_LIMIT for a longer zone or a scope over 32 bits; both outputs are then
 * zero. Whether a zone makes sense for the address is not looked at.
 */
/*@
  requires len > 0 ==> \valid_read(text + (0 .. len - 1));
  requires \valid(out) && \valid(zone);
  requires \separated(out, zone, text + (0 .. len - 1));
  assigns *out, *zone;
  ensures \result == BJ_OK ==> out->family == BJ_FAMILY_IP6;
  ensures \result != BJ_OK ==> out->family == BJ_FAMILY_ANY &&
    out->scope == 0;
  ensures zone->len == 0 || (zone->len <= BJ_ZONE_MAX &&
    zone->len < len && zone->text == text + (len - zone->len));
*/
BJ_MUST_CHECK enum bj_status bj_ip6_parse_zone(const uint8_t *text, size_t len,
                                               struct bj_address *out,
                                               struct bj_zone *zone);

/*
 * Writes the text of RFC 5952 and a NUL; returns its length without the NUL.
 * As glibc and RFC 5952 section 5 have it, the last 32 bits are a dotted
 * quad under ::ffff:0:0/96 and, if the first 16 of them are not zero, under
 * ::/96, the two prefixes of RFC 4291 section 2.5.5.
 */
/*@
  requires \valid_read(octets + (0 .. 15));
  requires \valid(out + (0 .. BJ_IP6_TEXT_MAX - 1));
  requires \separated(octets + (0 .. 15), out + (0 .. BJ_IP6_TEXT_MAX - 1));
  assigns out[0 .. BJ_IP6_TEXT_MAX - 1];
  ensures 2 <= \result <= 45 && out[\result] == 0;
*/
size_t bj_ip6_format(const uint8_t octets[static 16],
                     char out[static BJ_IP6_TEXT_MAX]);

/* Appends that text. */
/*@
  requires valid_writer(w) && \valid_read(octets + (0 .. 15));
  requires \separated(octets + (0 .. 15), w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_ip6_write(struct bj_writer *w, const uint8_t octets[static 16]);

#endif
