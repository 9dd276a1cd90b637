#include "core/bytes/ascii.h"

#include <string.h>

#include "core/bytes/lanes.h"

const uint8_t bj_ascii_hex_table[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* Four and eight octets as a number, the first the lowest. */
/*@
  requires \valid_read(octets + (0 .. 3));
  assigns \nothing;
*/
static inline uint32_t half_at(const uint8_t *octets)
{
    return octets[0] + ((uint32_t)octets[1] << 8) +
           ((uint32_t)octets[2] << 16) + ((uint32_t)octets[3] << 24);
}

/*@
  requires \valid_read(octets + (0 .. 7));
  assigns \nothing;
*/
static inline uint64_t word_at(const uint8_t *octets)
{
    return half_at(octets) + half_at(octets + 4) * UINT64_C(0x100000000);
}

/*
 * Whether eight octets are those, A to Z folded: where they differ, it is by
 * the bit that makes a letter small, and they are letters. No sum is carried
 * out of its octet.
 */
/*@
  assigns \nothing;
*/
static inline bool same_word(uint64_t a, uint64_t b)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = ones * 0x80;
    uint64_t small = (a | ones * 0x20) & ~tops;
    uint64_t from_a = small + ones * (0x80 - 'a');
    uint64_t behind_z = small + ones * (0x7f - 'z');
    uint64_t letters = from_a & ~behind_z & ~a & tops;

    return ((a ^ b) & ~(letters >> 2)) == 0;
}

/*@
  requires len > 0 ==> \valid_read(a + (0 .. len - 1));
  requires len > 0 ==> \valid_read(b + (0 .. len - 1));
  assigns \nothing;
*/
static inline bool same_octets(const uint8_t *a, const uint8_t *b, size_t len)
{
    /*@
      loop invariant 0 <= i <= len;
      loop assigns i;
      loop variant len - i;
    */
    for (size_t i = 0; i < len; i++)
        if (bj_ascii_lower(a[i]) != bj_ascii_lower(b[i]))
            return false;
    return true;
}

/* same_word for as many octets as there are lanes. */
#ifdef __FRAMAC__
/*@
  requires \valid_read(a + (0 .. BJ_LANES - 1));
  requires \valid_read(b + (0 .. BJ_LANES - 1));
  assigns \nothing;
*/
bool same_block(const uint8_t *a, const uint8_t *b);
#else
static inline bool same_block(const uint8_t *a, const uint8_t *b)
{
    bj_lanes octets = bj_lanes_load(a);
    bj_lanes differ = octets ^ bj_lanes_load(b);

    return bj_lanes_are_zero(differ & ~(bj_lanes_letters(octets) & 0x20));
}
#endif

/* As many octets or more. */
/*@
  requires len >= BJ_LANES;
  requires \valid_read(a + (0 .. len - 1)) && \valid_read(b + (0 .. len - 1));
  assigns \nothing;
*/
static inline bool same_blocks(const uint8_t *a, const uint8_t *b, size_t len)
{
    /*@
      loop invariant 0 <= i < len;
      loop assigns i;
      loop variant len - i;
    */
    for (size_t i = 0; i < len - BJ_LANES; i += BJ_LANES)
        if (!same_block(a + i, b + i))
            return false;
    /* The last block, some of its octets for the second time. */
    return same_block(a + (len - BJ_LANES), b + (len - BJ_LANES));
}

bool bj_ascii_equal_nocase(const uint8_t *a, size_t a_len, const uint8_t *b,
                           size_t b_len)
{
    const size_t word = sizeof(uint64_t);

    if (a_len != b_len)
        return false;
    if (a_len >= BJ_LANES)
        return same_blocks(a, b, a_len);
    if (a_len < word)
        return same_octets(a, b, a_len);
    /* The last eight, some of them for the second time. */
    return same_word(word_at(a), word_at(b)) &&
           same_word(word_at(a + (a_len - word)), word_at(b + (a_len - word)));
}

bool bj_ascii_equal_text(const uint8_t *bytes, size_t len, const char *text)
{
    if (strlen(text) != len)
        return false;
    return len == 0 || memcmp(bytes, text, len) == 0;
}

uint64_t bj_ascii_read_dec(struct bj_cursor *c, uint64_t max)
{
    uint64_t value = 0;

    if (!bj_ascii_is_digit(bj_cursor_peek(c))) {
        bj_cursor_fail(c, BJ_BAD);
        return 0;
    }
    /*@
      loop invariant valid_cursor(c) && value <= max;
      loop invariant c->status == \at(c->status, Pre);
      loop assigns value, c->pos, c->status;
      loop variant c->len - c->pos;
    */
    while (bj_ascii_is_digit(bj_cursor_peek(c))) {
        uint64_t digit = (uint64_t)(bj_cursor_u8(c) - '0');

        if (digit > max || value > (max - digit) / 10U) {
            bj_cursor_fail(c, BJ_LIMIT);
            return 0;
        }
        value = value * 10U + digit;
    }
    return value;
}

void bj_ascii_skip_space(struct bj_cursor *c)
{
    /*@
      loop invariant valid_cursor(c) && c->status == \at(c->status, Pre);
      loop assigns c->pos, c->status;
      loop variant c->len - c->pos;
    */
    while (bj_ascii_is_space(bj_cursor_peek(c)))
        bj_cursor_skip(c, 1);
}

size_t bj_ascii_until_space(const struct bj_cursor *c)
{
    size_t at = c->pos;

    /*@
      loop invariant c->pos <= at <= c->len;
      loop assigns at;
      loop variant c->len - at;
    */
    while (at < c->len && !bj_ascii_is_space(c->base[at]))
        at++;
    return at - c->pos;
}
