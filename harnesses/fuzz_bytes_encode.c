/*
 * Writes the input in each form. Oracles: only visible ASCII and space come
 * out; naive decoders, written from RFC 4648, RFC 1035 and RFC 8259, give the
 * octets back; the lengths are what the RFCs say.
 */
#include "core/bytes/encode.h"
#include "harnesses/harness.h"

enum { INPUT_MAX = 512, ROOM = INPUT_MAX * 6 + 8 };

typedef void encoder(struct bj_writer *w, const uint8_t *bytes, size_t n);

BJ_UNTRACED_BEGIN

static size_t encode(encoder *how, const uint8_t *bytes, size_t n,
                     uint8_t *text)
{
    struct bj_writer w;

    bj_writer_init(&w, text, ROOM);
    how(&w, bytes, n);
    BJ_CHECK(bj_writer_end(&w) == BJ_OK, "room-suffices");
    for (size_t i = 0; i < w.len; i++)
        BJ_CHECK(text[i] >= 32 && text[i] < 127, "visible");
    bj_digest(text, w.len);
    return w.len;
}

/* Any base of RFC 4648: collects bits, gives octets, demands zeros behind. */
static size_t naive_base(const uint8_t *text, size_t len, const char *digits,
                         unsigned bits, uint8_t *out)
{
    unsigned held = 0;
    unsigned value = 0;
    size_t n = 0;

    for (size_t i = 0; i < len && text[i] != '='; i++) {
        const char *at = strchr(digits, text[i]);

        BJ_CHECK(at != NULL, "in-the-alphabet");
        value = value << bits | (unsigned)(at - digits);
        held += bits;
        if (held >= 8) {
            held -= 8;
            out[n++] = (uint8_t)(value >> held);
            value &= (1U << held) - 1;
        }
    }
    BJ_CHECK(value == 0, "filled-with-zero-bits");
    return n;
}

static size_t naive_escaped(const uint8_t *text, size_t len, uint8_t *out)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        BJ_CHECK(text[i] != '"', "no-bare-quote");
        if (text[i] == '\\' && text[i + 1] >= '0' && text[i + 1] <= '9') {
            out[n++] = (uint8_t)((text[i + 1] - '0') * 100 +
                                 (text[i + 2] - '0') * 10 + text[i + 3] - '0');
            i += 3;
        } else {
            i += text[i] == '\\';
            out[n++] = text[i];
        }
    }
    return n;
}

static size_t naive_json(const uint8_t *text, size_t len, uint8_t *out)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        char digits[5] = "";

        BJ_CHECK(text[i] != '"', "no-bare-json-quote");
        if (text[i] != '\\') {
            out[n++] = text[i];
        } else if (text[i + 1] == 'u') {
            memcpy(digits, text + i + 2, 4);
            out[n++] = (uint8_t)strtoul(digits, NULL, 16);
            i += 5;
        } else {
            out[n++] = text[++i];
        }
    }
    return n;
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t text[ROOM];
    static uint8_t back[ROOM];
    size_t len;

    if (size > INPUT_MAX)
        size = INPUT_MAX;
    len = encode(bj_encode_base16, data, size, text);
    BJ_CHECK(len == size * 2, "base16-length");
    BJ_CHECK(naive_base(text, len, "0123456789ABCDEF", 4, back) == size &&
                 memcmp(back, data, size) == 0,
             "base16");
    len = encode(bj_encode_base32hex, data, size, text);
    BJ_CHECK(len == (size * 8 + 4) / 5, "base32-length");
    BJ_CHECK(naive_base(text, len, "0123456789abcdefghijklmnopqrstuv", 5,
                        back) == size &&
                 memcmp(back, data, size) == 0,
             "base32");
    len = encode(bj_encode_base64, data, size, text);
    BJ_CHECK(len == (size + 2) / 3 * 4, "base64-length");
    BJ_CHECK(naive_base(text, len,
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789+/",
                        6, back) == size &&
                 memcmp(back, data, size) == 0,
             "base64");
    len = encode(bj_encode_escaped, data, size, text);
    BJ_CHECK(naive_escaped(text, len, back) == size &&
                 memcmp(back, data, size) == 0,
             "escaped");
    len = encode(bj_encode_json, data, size, text);
    BJ_CHECK(naive_json(text, len, back) == size &&
                 memcmp(back, data, size) == 0,
             "json");
    return 0;
}
