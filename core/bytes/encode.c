#include "core/bytes/encode.h"

#include <stdbool.h>

void bj_encode_base16(struct bj_writer *w, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789ABCDEF";

    /*@
      loop invariant i <= n && valid_writer(w) && same_buffer{Pre,Here}(w);
      loop assigns i, w->len, w->status, w->base[0 .. w->cap - 1];
      loop variant n - i;
    */
    for (size_t i = 0; i < n; i++) {
        bj_writer_char(w, digits[bytes[i] / 16U]);
        bj_writer_char(w, digits[bytes[i] % 16U]);
    }
}

/*
 * The next `size` octets as a big-endian number of `whole` octets, at most
 * five: zeros stand for what is missing.
 */
/*@
  requires 0 < size <= whole <= 5 && \valid_read(bytes + (0 .. size - 1));
  assigns \nothing;
*/
static uint64_t group(const uint8_t *bytes, size_t size, size_t whole)
{
    uint64_t value = 0;

    /*@
      loop invariant i <= whole;
      loop invariant (i == 0 ==> value == 0) && (i <= 1 ==> value < 0x100) &&
        (i <= 2 ==> value < 0x10000) && (i <= 3 ==> value < 0x1000000) &&
        (i <= 4 ==> value < 0x100000000) && value < 0x10000000000;
      loop assigns i, value;
      loop variant whole - i;
    */
    for (size_t i = 0; i < whole; i++)
        value = value * 256U + (i < size ? bytes[i] : 0U);
    return value;
}

void bj_encode_base32hex(struct bj_writer *w, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuv";

    /*@
      loop invariant i <= n + 4 && valid_writer(w) && same_buffer{Pre,Here}(w);
      loop assigns i, w->len, w->status, w->base[0 .. w->cap - 1];
      loop variant n - i;
    */
    for (size_t i = 0; i < n; i += 5) {
        size_t size = n - i < 5 ? n - i : 5;
        uint64_t value = group(bytes + i, size, 5);

        /* A character for every five bits that have begun. */
        /*@
          loop invariant k <= 8 && valid_writer(w) && same_buffer{Pre,Here}(w);
          loop assigns k, w->len, w->status, w->base[0 .. w->cap - 1];
          loop variant 8 - k;
        */
        for (size_t k = 0; k < (size * 8 + 4) / 5; k++)
            bj_writer_char(w, digits[(value >> (35 - 5 * k)) % 32U]);
    }
}

void bj_encode_base64(struct bj_writer *w, const uint8_t *bytes, size_t n)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /*@
      loop invariant i <= n + 2 && valid_writer(w) && same_buffer{Pre,Here}(w);
      loop assigns i, w->len, w->status, w->base[0 .. w->cap - 1];
      loop variant n - i;
    */
    for (size_t i = 0; i < n; i += 3) {
        size_t size = n - i < 3 ? n - i : 3;
        uint64_t value = group(bytes + i, size, 3);

        /* One octet has begun two characters, two three, and three four. */
        /*@
          loop invariant k <= 4 && valid_writer(w) && same_buffer{Pre,Here}(w);
          loop assigns k, w->len, w->status, w->base[0 .. w->cap - 1];
          loop variant 4 - k;
        */
        for (size_t k = 0; k < 4; k++)
            bj_writer_char(w, k <= size ? digits[(value >> (18 - 6 * k)) % 64U]
                                        : '=');
    }
}

/*@ assigns \nothing; */
static bool is_plain(uint8_t octet)
{
    return octet >= 0x20 && octet < 0x7f;
}

void bj_encode_escaped(struct bj_writer *w, const uint8_t *bytes, size_t n)
{
    /*@
      loop invariant i <= n && valid_writer(w) && same_buffer{Pre,Here}(w);
      loop assigns i, w->len, w->status, w->base[0 .. w->cap - 1];
      loop variant n - i;
    */
    for (size_t i = 0; i < n; i++) {
        uint8_t octet = bytes[i];

        if (!is_plain(octet)) {
            bj_writer_char(w, '\\');
            bj_writer_char(w, (char)('0' + octet / 100U));
            bj_writer_char(w, (char)('0' + octet / 10U % 10U));
            bj_writer_char(w, (char)('0' + octet % 10U));
            continue;
        }
        if (octet == '"' || octet == '\\')
            bj_writer_char(w, '\\');
        bj_writer_u8(w, octet);
    }
}

void bj_encode_json(struct bj_writer *w, const uint8_t *bytes, size_t n)
{
    /*@
      loop invariant i <= n && valid_writer(w) && same_buffer{Pre,Here}(w);
      loop assigns i, w->len, w->status, w->base[0 .. w->cap - 1];
      loop variant n - i;
    */
    for (size_t i = 0; i < n; i++) {
        uint8_t octet = bytes[i];

        if (!is_plain(octet)) {
            bj_writer_char(w, '\\');
            bj_writer_char(w, 'u');
            bj_writer_hex(w, octet, 4);
            continue;
        }
        if (octet == '"' || octet == '\\')
            bj_writer_char(w, '\\');
        bj_writer_u8(w, octet);
    }
}
