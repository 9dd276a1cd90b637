#ifndef BJ_CORE_BYTES_ASCII_H
#define BJ_CORE_BYTES_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"

/*
 * What libc's ctype and strtoul would do, without locale, sign, white space,
 * prefixes or NUL termination. Characters are `int` so that the -1 of
 * bj_cursor_peek can be asked about too; it belongs to no class. All pure.
 */

/*@ assigns \nothing; ensures \result <==> '0' <= ch <= '9'; */
static inline bool bj_ascii_is_digit(int ch)
{
    return ch >= '0' && ch <= '9';
}

/*@
  assigns \nothing;
  ensures \result <==> 'a' <= ch <= 'z' || 'A' <= ch <= 'Z';
*/
static inline bool bj_ascii_is_alpha(int ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

/*@
  assigns \nothing;
  ensures \result <==>
    '0' <= ch <= '9' || 'a' <= ch <= 'z' || 'A' <= ch <= 'Z';
*/
static inline bool bj_ascii_is_alnum(int ch)
{
    return bj_ascii_is_digit(ch) || bj_ascii_is_alpha(ch);
}

/* 0x21 to 0x7e: visible, so neither space nor control nor above ASCII. */
/*@ assigns \nothing; ensures \result <==> 0x20 < ch < 0x7f; */
static inline bool bj_ascii_is_graph(int ch)
{
    return ch > 0x20 && ch < 0x7f;
}

/* What isspace finds white in the C locale: blank, \t, \n, \v, \f, \r. */
/*@ assigns \nothing; ensures \result <==> ch == ' ' || '\t' <= ch <= '\r'; */
static inline bool bj_ascii_is_space(int ch)
{
    return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

/* Lower case of A to Z; every other value is returned as it is. */
/*@
  assigns \nothing;
  ensures 'A' <= ch <= 'Z' ==> \result == ch + ('a' - 'A');
  ensures !('A' <= ch <= 'Z') ==> \result == ch;
*/
static inline uint8_t bj_ascii_lower(uint8_t ch)
{
    return ch >= 'A' && ch <= 'Z' ? (uint8_t)(ch + ('a' - 'A')) : ch;
}

/* The value of each hexadecimal digit of either case plus one; 0 for every
 * other octet. */
extern const uint8_t bj_ascii_hex_table[256];

/* The value of a hexadecimal digit of either case, or -1. By table, since
 * digits and letters alternate at random and comparing would be mispredicted
 * every other time. */
/*@
  predicate is_hex_digit(integer ch) =
    '0' <= ch <= '9' || 'A' <= ch <= 'F' || 'a' <= ch <= 'f';
*/
/*@
  assigns \nothing;
  ensures -1 <= \result <= 15 && (\result >= 0 <==> is_hex_digit(ch));
*/
static inline int bj_ascii_hex_value(int ch)
{
    return ch < 0 || ch > 255 ? -1 : bj_ascii_hex_table[ch] - 1;
}

/* Equality of two octet strings, A to Z folded (RFC 4343 section 3). */
/*@
  requires a_len > 0 ==> \valid_read(a + (0 .. a_len - 1));
  requires b_len > 0 ==> \valid_read(b + (0 .. b_len - 1));
  assigns \nothing;
  ensures \result ==> a_len == b_len;
*/
bool bj_ascii_equal_nocase(const uint8_t *a, size_t a_len, const uint8_t *b,
                           size_t b_len);

/* Whether `bytes` is exactly the NUL-terminated `text`, case and all. */
/*@
  requires len > 0 ==> \valid_read(bytes + (0 .. len - 1));
  requires \exists integer n; is_string(text, n);
  assigns \nothing;
*/
bool bj_ascii_equal_text(const uint8_t *bytes, size_t len, const char *text);

/*
 * Reads a run of decimal digits, at least one, all that follow. Fails the
 * cursor with BJ_BAD if there is none and BJ_LIMIT if the value exceeds
 * `max`; the result is then 0. Leading zeros are accepted: a grammar that
 * forbids them looks at the first digit itself.
 */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c);
  ensures \result <= max;
  ensures \old(c->status) == BJ_OK && c->status != BJ_OK ==> \result == 0;
*/
uint64_t bj_ascii_read_dec(struct bj_cursor *c, uint64_t max);

/* Passes over white space, if there is any. */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c) && c->status == \old(c->status);
*/
void bj_ascii_skip_space(struct bj_cursor *c);

/* The number of octets from the current position up to the next white one,
 * or all that are left if there is none. Consumes nothing. */
/*@
  requires valid_cursor(c);
  assigns \nothing;
  ensures \result <= c->len - c->pos;
*/
size_t bj_ascii_until_space(const struct bj_cursor *c);

#endif
