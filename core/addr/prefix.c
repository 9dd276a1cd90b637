#include "core/addr/prefix.h"

#include <string.h>

#include "core/addr/ip4.h"
#include "core/addr/ip6.h"
#include "core/bytes/ascii.h"
#include "core/bytes/cursor.h"

unsigned bj_family_bits(enum bj_family family)
{
    switch (family) {
    case BJ_FAMILY_IP4:
        return 32;
    case BJ_FAMILY_IP6:
        return 128;
    case BJ_FAMILY_ANY:
        break;
    }
    return 0;
}

struct bj_prefix bj_prefix_of(const struct bj_address *address, unsigned bits)
{
    /* By how many of its bits an octet keeps. */
    static const uint8_t masks[] = {0,    0x80, 0xc0, 0xe0, 0xf0,
                                    0xf8, 0xfc, 0xfe, 0xff};
    struct bj_prefix prefix = {0};
    unsigned width = bj_family_bits(address->family);

    prefix.family = address->family;
    prefix.bits = bits < width ? bits : width;
    /*@
      loop invariant i % 8 == 0 && i <= prefix.bits + 7;
      loop assigns i, prefix.octets[0 .. 15];
      loop variant prefix.bits - i;
    */
    for (unsigned i = 0; i < prefix.bits; i += 8) {
        unsigned left = prefix.bits - i;

        prefix.octets[i / 8] =
            address->octets[i / 8] & masks[left < 8 ? left : 8];
    }
    return prefix;
}

/* "/" and the length, or nothing. */
/*@
  requires valid_cursor(c) && width <= 128;
  assigns c->pos, c->status;
  ensures valid_cursor(c) && \result <= width;
*/
static unsigned read_bits(struct bj_cursor *c, unsigned width)
{
    struct bj_cursor digits;
    unsigned bits;

    if (bj_cursor_left(c) == 0)
        return width;
    if (bj_cursor_peek(c) != '/') {
        bj_cursor_fail(c, BJ_BAD);
        return 0;
    }
    bj_cursor_skip(c, 1);
    digits = *c;
    bits = (unsigned)bj_ascii_read_dec(c, width);
    /* "0" is a length, "08" could be octal. */
    if (bj_cursor_u8(&digits) == '0' &&
        bj_ascii_is_digit(bj_cursor_peek(&digits)))
        bj_cursor_fail(c, BJ_BAD);
    return bits;
}

enum bj_status bj_prefix_parse(const uint8_t *text, size_t len,
                               struct bj_prefix *out)
{
    struct bj_address address = {0};
    struct bj_cursor c;
    unsigned bits;

    *out = (struct bj_prefix){0};
    bj_cursor_init(&c, text, len);
    /* Only IPv6 has colons, and no IPv6 text is without. */
    if (bj_cursor_until(&c, ':') < len) {
        address.family = BJ_FAMILY_IP6;
        bj_ip6_read(&c, address.octets);
    } else {
        address.family = BJ_FAMILY_IP4;
        bj_ip4_read(&c, address.octets);
    }
    bits = read_bits(&c, bj_family_bits(address.family));
    if (bj_cursor_end(&c) == BJ_OK)
        *out = bj_prefix_of(&address, bits);
    return bj_cursor_end(&c);
}

void bj_prefix_write(struct bj_writer *w, const struct bj_prefix *prefix)
{
    struct bj_address address = {0};

    address.family = prefix->family;
    memcpy(address.octets, prefix->octets, sizeof(address.octets));
    bj_address_write(w, &address);
    bj_writer_char(w, '/');
    bj_writer_dec(w, prefix->bits);
}

size_t bj_prefix_format(const struct bj_prefix *prefix,
                        char out[static BJ_PREFIX_TEXT_MAX])
{
    struct bj_writer w;

    bj_writer_init(&w, (uint8_t *)out, BJ_PREFIX_TEXT_MAX);
    bj_prefix_write(&w, prefix);
    return bj_writer_end_text(&w) == BJ_OK ? w.len : 0;
}

/* Leading bits that are the same, up to `width`, a multiple of 8. */
/*@
  requires \valid_read(a + (0 .. 15)) && \valid_read(b + (0 .. 15));
  requires width <= 128 && width % 8 == 0;
  assigns \nothing;
  ensures \result <= width;
*/
static unsigned common_bits(const uint8_t a[static 16],
                            const uint8_t b[static 16], unsigned width)
{
    unsigned bits = 0;

    /*@
      loop invariant bits <= width && bits % 8 == 0;
      loop assigns bits;
      loop variant width - bits;
    */
    while (bits < width && a[bits / 8] == b[bits / 8])
        bits += 8;
    if (bits == width)
        return width;
    /* Ends: the octets differ, so some higher part of them does. */
    /*@
      loop invariant bits / 8 == \at(bits, LoopEntry) / 8;
      loop invariant
        (bits % 8 == 0 && part == 128) || (bits % 8 == 1 && part == 64) ||
        (bits % 8 == 2 && part == 32) || (bits % 8 == 3 && part == 16) ||
        (bits % 8 == 4 && part == 8) || (bits % 8 == 5 && part == 4) ||
        (bits % 8 == 6 && part == 2) || (bits % 8 == 7 && part == 1);
      loop assigns bits, part;
      loop variant part;
    */
    for (unsigned part = 128; a[bits / 8] / part == b[bits / 8] / part;
         part /= 2)
        bits += 1;
    return bits;
}

unsigned bj_address_common_bits(const struct bj_address *a,
                                const struct bj_address *b)
{
    if (a->family != b->family)
        return 0;
    return common_bits(a->octets, b->octets, bj_family_bits(a->family));
}

bool bj_prefix_contains(const struct bj_prefix *prefix,
                        const struct bj_address *address)
{
    unsigned width = bj_family_bits(address->family);

    return prefix->family == address->family &&
           common_bits(prefix->octets, address->octets, width) >= prefix->bits;
}
