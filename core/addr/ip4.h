#ifndef BJ_CORE_ADDR_IP4_H
#define BJ_CORE_ADDR_IP4_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"
#include "core/bytes/limits.h"
#include "core/bytes/status.h"
#include "core/bytes/writer.h"

/*
 * IPv4 addresses as text. Octets are in network order.
 */

/*
 * Reads a dotted quad as inet_pton does: four decimal parts of 0 to 255
 * without leading zeros (RFC 6943 section 3.1.1: other readings of "010"
 * differ). Stops behind the fourth part, which no digit follows. On failure
 * the cursor has failed with BJ_BAD and `out` is zero.
 */
/*@
  requires valid_cursor(c) && \valid(out + (0 .. 3));
  requires \separated(out + (0 .. 3), c, c->base + (0 .. c->len - 1));
  assigns c->pos, c->status, out[0 .. 3];
  ensures valid_cursor(c);
  ensures
    (c->status == \old(c->status) &&
      \old(c->pos) + 7 <= c->pos <= \old(c->pos) + 15) ||
    (c->status != BJ_OK && c->pos == c->len && all_zero(out, 4));
*/
void bj_ip4_read(struct bj_cursor *c, uint8_t out[static 4]);

/* The same for all of `text`: anything left over is BJ_BAD. */
/*@
  requires len > 0 ==> \valid_read(text + (0 .. len - 1));
  requires \valid(out + (0 .. 3));
  requires \separated(out + (0 .. 3), text + (0 .. len - 1));
  assigns out[0 .. 3];
  ensures \result == BJ_OK ==> 7 <= len <= 15;
  ensures \result != BJ_OK ==> all_zero(out, 4);
*/
BJ_MUST_CHECK enum bj_status bj_ip4_parse(const uint8_t *text, size_t len,
                                          uint8_t out[static 4]);

/*
 * Reads all of `text` in the forms of inet_aton (POSIX inet_addr): one to
 * four parts, each decimal, octal with a leading 0 or hexadecimal with a
 * leading 0x; the last fills the octets that the others leave. Unlike
 * glibc's, nothing may follow, white space included. Never for anything but
 * the host argument of the getaddrinfo family, whose callers expect it.
 * BJ_BAD on failure, `out` is then zero.
 */
/*@
  requires len > 0 ==> \valid_read(text + (0 .. len - 1));
  requires \valid(out + (0 .. 3));
  requires \separated(out + (0 .. 3), text + (0 .. len - 1));
  assigns out[0 .. 3];
  ensures \result != BJ_OK ==> all_zero(out, 4);
*/
BJ_MUST_CHECK enum bj_status
bj_ip4_parse_legacy(const uint8_t *text, size_t len, uint8_t out[static 4]);

/* Writes the dotted quad and a NUL; returns its length without the NUL. */
/*@
  requires \valid_read(octets + (0 .. 3));
  requires \valid(out + (0 .. BJ_IP4_TEXT_MAX - 1));
  requires \separated(octets + (0 .. 3), out + (0 .. BJ_IP4_TEXT_MAX - 1));
  assigns out[0 .. BJ_IP4_TEXT_MAX - 1];
  ensures 7 <= \result <= 15 && out[\result] == 0;
*/
size_t bj_ip4_format(const uint8_t octets[static 4],
                     char out[static BJ_IP4_TEXT_MAX]);

/* Appends the dotted quad. */
/*@
  requires valid_writer(w) && \valid_read(octets + (0 .. 3));
  requires \separated(octets + (0 .. 3), w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_ip4_write(struct bj_writer *w, const uint8_t octets[static 4]);

#endif
