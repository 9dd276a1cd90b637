#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/encode.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

typedef void encoder(struct bj_writer *w, const uint8_t *bytes, size_t n);

static void gives(encoder *how, const void *bytes, size_t n,
                  const char *expected)
{
    struct bj_guard g = bj_guard_copy(bytes, n);
    uint8_t out[2048];
    struct bj_writer w;

    bj_writer_init(&w, out, sizeof(out));
    how(&w, g.bytes, n);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    assert_string_equal((char *)out, expected);
    bj_guard_free(&g);
}

/* RFC 4648 section 10. */
static void vectors_of_rfc_4648(void **state)
{
    static const struct {
        const char *octets, *base64, *base32hex, *base16;
    } rows[] = {
        {"", "", "", ""},
        {"f", "Zg==", "co", "66"},
        {"fo", "Zm8=", "cpng", "666F"},
        {"foo", "Zm9v", "cpnmu", "666F6F"},
        {"foob", "Zm9vYg==", "cpnmuog", "666F6F62"},
        {"fooba", "Zm9vYmE=", "cpnmuoj1", "666F6F6261"},
        {"foobar", "Zm9vYmFy", "cpnmuoj1e8", "666F6F626172"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = strlen(rows[i].octets);

        gives(bj_encode_base64, rows[i].octets, n, rows[i].base64);
        gives(bj_encode_base32hex, rows[i].octets, n, rows[i].base32hex);
        gives(bj_encode_base16, rows[i].octets, n, rows[i].base16);
    }
    gives(bj_encode_base64, "\xfb\xff\xbe", 3, "+/++");
}

static void every_octet_is_made_visible(void **state)
{
    (void)state;
    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t byte = (uint8_t)octet;
        char text[8];
        char json[8];

        if (octet == '"' || octet == '\\') {
            text[0] = '\\';
            text[1] = (char)octet;
            text[2] = 0;
            memcpy(json, text, sizeof(json));
        } else if (octet >= 32 && octet < 127) {
            text[0] = (char)octet;
            text[1] = 0;
            memcpy(json, text, sizeof(json));
        } else {
            snprintf(text, sizeof(text), "\\%03u", octet);
            snprintf(json, sizeof(json), "\\u%04x", octet);
        }
        gives(bj_encode_escaped, &byte, 1, text);
        gives(bj_encode_json, &byte, 1, json);
    }
}

static void no_octets_may_be_null(void **state)
{
    encoder *const all[] = {bj_encode_base16, bj_encode_base32hex,
                            bj_encode_base64, bj_encode_escaped,
                            bj_encode_json};
    struct bj_writer w;

    (void)state;
    bj_writer_init(&w, NULL, 0);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        all[i](&w, NULL, 0);
    assert_int_equal(bj_writer_end(&w), BJ_OK);
    assert_int_equal(w.len, 0);
}

static enum bj_status build(const void *context, uint8_t *out, size_t cap,
                            size_t *needed)
{
    static const uint8_t octets[] = "a\"\\\x01\xff\x80z";
    struct bj_writer w;

    (void)context;
    bj_writer_init(&w, out, cap);
    bj_encode_base16(&w, octets, 7);
    bj_encode_base32hex(&w, octets, 7);
    bj_encode_base64(&w, octets, 7);
    bj_encode_escaped(&w, octets, 7);
    bj_encode_json(&w, octets, 7);
    *needed = w.len;
    return bj_writer_end(&w);
}

static void every_capacity(void **state)
{
    (void)state;
    bj_property_capacities(build, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_rfc_4648),
        cmocka_unit_test(every_octet_is_made_visible),
        cmocka_unit_test(no_octets_may_be_null),
        cmocka_unit_test(every_capacity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
