#include "core/addr/ip4.h"

#include <string.h>

#include "core/bytes/ascii.h"

/*
 * One part of a dotted quad; fails the cursor if there is none. A digit that
 * may not follow is left, and is no dot to the caller: one behind a leading
 * zero, octal to some readers and decimal to others (CVE-2021-29923), and
 * one that would carry the part past 255.
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
    /* Ends: each turn consumes an octet. */
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
static uint32_t read_digits(struct bj_cursor *c, unsigned base)
{
    uint64_t value = 0;
    int digit = bj_ascii_hex_value(bj_cursor_peek(c));

    if (digit < 0 || (unsigned)digit >= base) {
        bj_cursor_fail(c, BJ_BAD);
        return 0;
    }
    /* Ends: each turn consumes an octet. */
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
static uint32_t read_legacy(struct bj_cursor *c)
{
    uint32_t address = 0;
    uint32_t room = UINT32_MAX;

    /* Ends: room is 0xffffffff, 0xffffff, 0xffff, 0xff, then the part must
     * be the last. */
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
