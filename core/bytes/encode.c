#include "core/bytes/encode.h"

#include <stdbool.h>

void bj_encode_base16(struct bj_writer *w, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < n; i++) {
        bj_writer_char(w, digits[bytes[i] / 16U]);
        bj_writer_char(w, digits[bytes[i] % 16U]);
    }
}

/*
 * Writes `bits` per character from the front of a group of octets, held in
 * `value` as a number of `total` bits; the last character is filled with
 * zero bits. Returns how many characters that took.
 */
static size_t write_group(struct bj_writer *w, uint64_t value, unsigned total,
                          unsigned bits, const char *digits)
{
    size_t count = 0;

    while (total % bits != 0) {
        value *= 2;
        total += 1;
    }
    for (unsigned left = total; left > 0; left -= bits) {
        bj_writer_char(
            w, digits[value >> (left - bits) & ((UINT64_C(1) << bits) - 1)]);
        count += 1;
    }
    return count;
}

/* The next octets of a group, at most `size`, as one big-endian number. */
static uint64_t group(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size; i++)
        value = value * 256U + bytes[i];
    return value;
}

void bj_encode_base32hex(struct bj_writer *w, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuv";

    for (size_t i = 0; i < n; i += 5) {
        size_t size = n - i < 5 ? n - i : 5;

        (void)write_group(w, group(bytes + i, size), (unsigned)size * 8, 5,
                          digits);
    }
}

void bj_encode_base64(struct bj_writer *w, const uint8_t *bytes, size_t n)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < n; i += 3) {
        size_t size = n - i < 3 ? n - i : 3;
        size_t count = write_group(w, group(bytes + i, size),
                                   (unsigned)size * 8, 6, digits);

        for (; count < 4; count++)
            bj_writer_char(w, '=');
    }
}

static bool is_plain(uint8_t octet)
{
    return octet >= 0x20 && octet < 0x7f;
}

void bj_encode_escaped(struct bj_writer *w, const uint8_t *bytes, size_t n)
{
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
    for (size_t i = 0; i < n; i++) {
        uint8_t octet = bytes[i];

        if (!is_plain(octet)) {
            bj_writer_text(w, "\\u");
            bj_writer_hex(w, octet, 4);
            continue;
        }
        if (octet == '"' || octet == '\\')
            bj_writer_char(w, '\\');
        bj_writer_u8(w, octet);
    }
}
