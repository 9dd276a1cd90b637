#ifndef BJ_CORE_ADDR_PREFIX_H
#define BJ_CORE_ADDR_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/address.h"
#include "core/bytes/limits.h"
#include "core/bytes/status.h"
#include "core/bytes/writer.h"

/*
 * An address prefix: `192.0.2.0/24`, `fe80::/10` (RFC 4632 section 3.1, RFC
 * 4291 section 2.3). The bits behind the first `bits` are zero.
 */
struct bj_prefix {
    enum bj_family family;
    uint8_t octets[16];
    unsigned bits;
};

/* Bits in an address of the family: 32 or 128; 0 for BJ_FAMILY_ANY. */
/*@
  assigns \nothing;
  ensures family == BJ_FAMILY_IP4 ==> \result == 32;
  ensures family == BJ_FAMILY_IP6 ==> \result == 128;
  ensures \result == 0 || \result == 32 || \result == 128;
*/
unsigned bj_family_bits(enum bj_family family);

/* The prefix of that length of an address, its scope dropped; a length over
 * the family's is that of the family. */
/*@
  requires \valid_read(address);
  assigns \nothing;
  ensures \result.family == address->family;
  ensures \result.bits <= bits && \result.bits <= 128;
*/
struct bj_prefix bj_prefix_of(const struct bj_address *address, unsigned bits);

/*
 * Reads all of `text`: an address without zone, then "/" and the length in
 * decimal without leading zeros, or no length for that one address. Bits
 * behind the length are cleared, as ip-route and gai.conf take them. Fails
 * with BJ_BAD, or BJ_LIMIT for a length over the family's; *out is then
 * zero.
 */
/*@
  requires len > 0 ==> \valid_read(text + (0 .. len - 1));
  requires \valid(out) && \separated(out, text + (0 .. len - 1));
  assigns *out;
  ensures \result != BJ_OK ==> out->family == BJ_FAMILY_ANY && out->bits == 0;
  ensures \result == BJ_OK ==>
    (out->family == BJ_FAMILY_IP4 && out->bits <= 32) ||
    (out->family == BJ_FAMILY_IP6 && out->bits <= 128);
*/
BJ_MUST_CHECK enum bj_status bj_prefix_parse(const uint8_t *text, size_t len,
                                             struct bj_prefix *out);

/* Appends the prefix with its length. BJ_BUG is latched if it has no
 * family. */
/*@
  requires valid_writer(w) && \valid_read(prefix);
  requires \separated(prefix, w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_prefix_write(struct bj_writer *w, const struct bj_prefix *prefix);

/* Writes it with a NUL; returns the length without the NUL. A prefix
 * without family gives the empty string. */
/*@
  requires \valid_read(prefix);
  requires \valid((uint8_t *)out + (0 .. BJ_PREFIX_TEXT_MAX - 1));
  requires \separated(prefix, (uint8_t *)out + (0 .. BJ_PREFIX_TEXT_MAX - 1));
  assigns ((uint8_t *)out)[0 .. BJ_PREFIX_TEXT_MAX - 1];
  ensures \result < BJ_PREFIX_TEXT_MAX;
*/
size_t bj_prefix_format(const struct bj_prefix *prefix,
                        char out[static BJ_PREFIX_TEXT_MAX]);

/* Whether the address begins with the prefix. Families do not mix: map the
 * address first if that is meant (bj_address_to_mapped). */
/*@
  requires \valid_read(prefix) && \valid_read(address);
  assigns \nothing;
  ensures \result ==> prefix->family == address->family;
*/
bool bj_prefix_contains(const struct bj_prefix *prefix,
                        const struct bj_address *address);

/* How many leading bits two addresses of one family share; 0 if they are of
 * different families. */
/*@
  requires \valid_read(a) && \valid_read(b);
  assigns \nothing;
  ensures \result <= 128 && (a->family != b->family ==> \result == 0);
*/
unsigned bj_address_common_bits(const struct bj_address *a,
                                const struct bj_address *b);

#endif
