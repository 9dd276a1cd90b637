#include "core/bytes/ascii.h"

#include <string.h>

const uint8_t bj_ascii_hex_table[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

bool bj_ascii_equal_nocase(const uint8_t *a, size_t a_len, const uint8_t *b,
                           size_t b_len)
{
    if (a_len != b_len)
        return false;
    /*@
      loop invariant 0 <= i <= a_len;
      loop assigns i;
      loop variant a_len - i;
    */
    for (size_t i = 0; i < a_len; i++)
        if (bj_ascii_lower(a[i]) != bj_ascii_lower(b[i]))
            return false;
    return true;
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
