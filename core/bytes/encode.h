#ifndef BJ_CORE_BYTES_ENCODE_H
#define BJ_CORE_BYTES_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes/writer.h"

/*
 * Octets as visible ASCII, appended to a writer. Whatever the octets are,
 * nothing but the characters 0x20 to 0x7e is written: what a stranger sent
 * cannot drive the terminal that it is printed on. `bytes` may be NULL if n
 * is 0. Each form can be turned back into exactly the octets.
 */

/* RFC 4648 section 8, upper case: two characters an octet. */
/*@
  requires valid_writer(w) && n <= PTRDIFF_MAX;
  requires n > 0 ==> \valid_read(bytes + (0 .. n - 1));
  requires \separated(bytes + (0 .. n - 1), w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_encode_base16(struct bj_writer *w, const uint8_t *bytes, size_t n);

/* RFC 4648 section 7 in lower case and without padding, as RFC 5155 section
 * 3.3 has it in presentation text. */
/*@
  requires valid_writer(w) && n <= PTRDIFF_MAX;
  requires n > 0 ==> \valid_read(bytes + (0 .. n - 1));
  requires \separated(bytes + (0 .. n - 1), w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_encode_base32hex(struct bj_writer *w, const uint8_t *bytes, size_t n);

/* RFC 4648 section 4, with padding. */
/*@
  requires valid_writer(w) && n <= PTRDIFF_MAX;
  requires n > 0 ==> \valid_read(bytes + (0 .. n - 1));
  requires \separated(bytes + (0 .. n - 1), w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_encode_base64(struct bj_writer *w, const uint8_t *bytes, size_t n);

/*
 * The inside of a quoted character-string (RFC 1035 section 5.1): a quote or
 * backslash behind a backslash, other octets that are not 0x20 to 0x7e as
 * \DDD with three decimal digits.
 */
/*@
  requires valid_writer(w) && n <= PTRDIFF_MAX;
  requires n > 0 ==> \valid_read(bytes + (0 .. n - 1));
  requires \separated(bytes + (0 .. n - 1), w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_encode_escaped(struct bj_writer *w, const uint8_t *bytes, size_t n);

/*
 * The inside of a JSON string (RFC 8259 section 7): a quote or backslash
 * behind a backslash, other octets that are not 0x20 to 0x7e as \u00XX, so
 * that the output is ASCII and valid whatever the octets are.
 */
/*@
  requires valid_writer(w) && n <= PTRDIFF_MAX;
  requires n > 0 ==> \valid_read(bytes + (0 .. n - 1));
  requires \separated(bytes + (0 .. n - 1), w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_encode_json(struct bj_writer *w, const uint8_t *bytes, size_t n);

#endif
