#include "core/addr/ip4.h"

#include <string.h>

#include "core/bytes/ascii.h"

/*
 * One part of a dotted quad; fails the cursor if there is none. A digit that
 * may not follow is left, and is no dot to the caller: one behind a leading
 * zero, octal to some readers and decimal to others (CVE-2021-29923), and
 * one that would carry the part past 255.
 */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c);
  ensures c->status == BJ_OK ==>
    \old(c->pos) + 1 <= c->pos <= \old(c->pos) + 3 &&
    \old(c->status) == BJ_OK;
*/
static uint8_t read_part(struct bj_cursor *c)
{
    int ch = bj_cursor_peek(c);
    unsigned value;

    if (!bj_ascii_is_digit(ch)) {
        bj_cursor_fail(c, BJ_BAD);
        return 0;
    }
    value = (unsigned)(ch - '0');
    bj_cursor_skip(c, 1);
    ch = bj_cursor_peek(c);
    /*@
      loop invariant valid_cursor(c) && c->status == \at(c->status, Pre);
      loop invariant
        (c->pos == \at(c->pos, Pre) + 1 && value <= 9) ||
        (c->pos == \at(c->pos, Pre) + 2 && 10 <= value <= 99) ||
        (c->pos == \at(c->pos, Pre) + 3 && 100 <= value <= 259);
      loop invariant -1 <= ch <= 255;
      loop invariant c->pos < c->len ==> ch == c->base[c->pos];
      loop invariant c->pos == c->len ==> ch == -1;
      loop assigns ch, value, c->pos, c->status;
      loop variant c->len - c->pos;
    */
    while (bj_ascii_is_digit(ch) && value > 0 && value <= 25) {
        value = value * 10U + (unsigned)(ch - '0');
        bj_cursor_skip(c, 1);
        ch = bj_cursor_peek(c);
    }
    if (value > 255)
        bj_cursor_fail(c, BJ_BAD);
    return (uint8_t)value;
}

/*
 * Works on a cursor of its own, whose address never leaves this function: it
 * lives in registers, wherever the caller's does.
 */
void bj_ip4_read(struct bj_cursor *c, uint8_t out[static 4])
{
    struct bj_cursor own;

    bj_cursor_init(&own, c->base, c->len);
    bj_cursor_skip(&own, c->pos);
    /*@
      loop invariant i <= 4 && valid_cursor(&own);
      loop invariant own.status == BJ_OK ==>
        c->pos + 2 * i <= own.pos + (i > 0 ? 1 : 0) <= c->pos + 4 * i;
      loop assigns i, own.pos, own.status, out[0 .. 3];
      loop variant 4 - i;
    */
    for (size_t i = 0; i < 4; i++) {
        if (i > 0 && bj_cursor_u8(&own) != '.')
            bj_cursor_fail(&own, BJ_BAD);
        out[i] = read_part(&own);
    }
    if (!bj_cursor_ok(&own) || bj_ascii_is_digit(bj_cursor_peek(&own))) {
        bj_cursor_fail(c, BJ_BAD);
        memset(out, 0, 4);
        return;
    }
    bj_cursor_skip(c, own.pos - c->pos);
}

enum bj_status bj_ip4_parse(const uint8_t *text, size_t len,
                            uint8_t out[static 4])
{
    struct bj_cursor c;

    bj_cursor_init(&c, text, len);
    bj_ip4_read(&c, out);
    if (bj_cursor_end(&c) != BJ_OK)
        memset(out, 0, 4);
    return bj_cursor_end(&c);
}

/* The digits of a legacy part in `base`, all that follow; at least one. */
/*@
  requires valid_cursor(c) && 2 <= base <= 16;
  assigns c->pos, c->status;
  ensures valid_cursor(c);
*/
static uint32_t read_digits(struct bj_cursor *c, unsigned base)
{
    uint64_t value = 0;
    int digit = bj_ascii_hex_value(bj_cursor_peek(c));

    if (digit < 0 || (unsigned)digit >= base) {
        bj_cursor_fail(c, BJ_BAD);
        return 0;
    }
    /*@
      loop invariant valid_cursor(c) && value <= UINT32_MAX;
      loop invariant -1 <= digit <= 15;
      loop invariant digit >= 0 ==> c->pos < c->len;
      loop assigns digit, value, c->pos, c->status;
      loop variant c->len - c->pos;
    */
    while (digit >= 0 && (unsigned)digit < base) {
        value = value * base + (unsigned)digit;
        if (value > UINT32_MAX) {
            bj_cursor_fail(c, BJ_BAD);
            return 0;
        }
        bj_cursor_skip(c, 1);
        digit = bj_ascii_hex_value(bj_cursor_peek(c));
    }
    return (uint32_t)value;
}

/* One legacy part: the base of a C integer constant, then its digits. */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c);
*/
static uint32_t read_legacy_part(struct bj_cursor *c)
{
    struct bj_cursor ahead = *c;

    if (bj_cursor_peek(c) != '0')
        return read_digits(c, 10);
    bj_cursor_skip(&ahead, 1);
    if (bj_cursor_peek(&ahead) != 'x' && bj_cursor_peek(&ahead) != 'X')
        return read_digits(c, 8); /* the leading zero is itself a digit */
    bj_cursor_skip(c, 2);
    return read_digits(c, 16);
}

/*
 * Parts 0 to 2 are an octet each if another follows; the last takes what is
 * left: 32, 24, 16 or 8 bits.
 */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c);
*/
static uint32_t read_legacy(struct bj_cursor *c)
{
    uint32_t address = 0;
    uint32_t room = UINT32_MAX;

    /* Ends: after 0xff the part must be the last. */
    /*@
      loop invariant valid_cursor(c) && address + room <= UINT32_MAX;
      loop invariant room == 0xffffffff || room == 0xffffff ||
        room == 0xffff || room == 0xff;
      loop assigns address, room, c->pos, c->status;
      loop variant room;
    */
    for (;;) {
        uint32_t part = read_legacy_part(c);
        bool last = bj_cursor_peek(c) != '.';

        if (part > (last ? room : 255) || (!last && room == 255)) {
            bj_cursor_fail(c, BJ_BAD);
            return 0;
        }
        if (last)
            return address + part;
        bj_cursor_skip(c, 1);
        room /= 256;
        address += part * (room + 1);
    }
}

enum bj_status bj_ip4_parse_legacy(const uint8_t *text, size_t len,
                                   uint8_t out[static 4])
{
    struct bj_cursor c;
    uint32_t address;

    memset(out, 0, 4);
    bj_cursor_init(&c, text, len);
    address = read_legacy(&c);
    if (bj_cursor_end(&c) != BJ_OK)
        return BJ_BAD;
    out[0] = (uint8_t)(address / 16777216U);
    out[1] = (uint8_t)(address / 65536U % 256U);
    out[2] = (uint8_t)(address / 256U % 256U);
    out[3] = (uint8_t)(address % 256U);
    return BJ_OK;
}

/*
 * Puts the decimal digits of one octet at out[at] and returns how many. All
 * three are stored, the leading zeros shifted out first, and their number is
 * computed by carries, so that there is no branch to mispredict. Up to two
 * octets behind the digits are clobbered.
 */
/*@
  requires value <= 255 && at <= BJ_IP4_TEXT_MAX - 3;
  requires \valid(out + (at .. at + 2));
  assigns out[at .. at + 2];
  ensures 1 <= \result <= 3;
*/
static size_t put_octet(char *out, size_t at, unsigned value)
{
    unsigned upper = value / 10U; /* all digits but the last */
    unsigned first = value / 100U;
    unsigned text = first + (upper - first * 10U) * 256U +
                    (value - upper * 10U) * 65536U + 0x303030U;
    /* One, one more from 10 (10 + 246 is 256), one more from 100. */
    unsigned count = 1 + (value + 246U) / 256U + (value + 156U) / 256U;

    text >>= 8U * (3 - count);
    out[at] = (char)(text % 256U);
    out[at + 1] = (char)(text / 256U % 256U);
    out[at + 2] = (char)(text / 65536U);
    return count;
}

size_t bj_ip4_format(const uint8_t octets[static 4],
                     char out[static BJ_IP4_TEXT_MAX])
{
    size_t at = put_octet(out, 0, octets[0]);

    /*@
      loop invariant 1 <= i <= 4 && 2 * i - 1 <= at <= 4 * i - 1;
      loop assigns i, at, out[0 .. BJ_IP4_TEXT_MAX - 1];
      loop variant 4 - i;
    */
    for (size_t i = 1; i < 4; i++) {
        out[at] = '.';
        at += 1;
        at += put_octet(out, at, octets[i]);
    }
    out[at] = 0;
    return at;
}

void bj_ip4_write(struct bj_writer *w, const uint8_t octets[static 4])
{
    char text[BJ_IP4_TEXT_MAX];
    size_t len = bj_ip4_format(octets, text);

    bj_writer_bytes(w, (const uint8_t *)text, len);
}
