#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/addr/ip4.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

struct vector {
    const char *text;
    const char *expected; /* the canonical text, NULL if refused */
};

typedef enum bj_status parse(const uint8_t *, size_t, uint8_t *);

static enum bj_status strict(const uint8_t *text, size_t len, uint8_t *out)
{
    return bj_ip4_parse(text, len, out);
}

static enum bj_status legacy(const uint8_t *text, size_t len, uint8_t *out)
{
    return bj_ip4_parse_legacy(text, len, out);
}

static void check(parse *parser, const struct vector *v)
{
    static const uint8_t zero[4];
    struct bj_guard input = bj_guard_copy(v->text, strlen(v->text));
    uint8_t octets[4] = {9, 9, 9, 9};
    char text[BJ_IP4_TEXT_MAX];
    enum bj_status status = parser(input.bytes, input.len, octets);

    if (status != (v->expected != NULL ? BJ_OK : BJ_BAD))
        fail_msg("'%s': %s", v->text, bj_status_text(status));
    if (v->expected == NULL) {
        assert_memory_equal(octets, zero, sizeof(octets));
    } else {
        assert_int_equal(bj_ip4_format(octets, text), strlen(v->expected));
        assert_string_equal(text, v->expected);
    }
    bj_guard_free(&input);
}

static void check_all(parse *parser, const struct vector *v, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(parser, &v[i]);
}

static void dotted_quads(void **state)
{
    static const struct vector vectors[] = {
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"192.0.2.1", "192.0.2.1"},
        {"1.10.100.99", "1.10.100.99"},
        {"256.0.0.1", NULL},
        {"1.2.3.999", NULL},
        {"1.2.3.4294967297", NULL}, /* 1 modulo 2^32 */
        {"1.2.3", NULL},
        {"1.2.3.4.5", NULL},
        {"1.2.3.", NULL},
        {".1.2.3.4", NULL},
        {"1..2.3", NULL},
        {"", NULL},
        {"-1.2.3.4", NULL},
        {"+1.2.3.4", NULL},
        {"1,2,3,4", NULL},
    };

    (void)state;
    check_all(strict, vectors, sizeof(vectors) / sizeof(vectors[0]));
}

static void R27_trailing_and_other_forms_are_refused(void **state)
{
    static const struct vector vectors[] = {
        {"127.0.0.1 ", NULL},   {" 127.0.0.1", NULL},
        {"127.0.0.1\n", NULL},  {"127.0.0.1 evil.example", NULL},
        {"127.0.0.1x", NULL},   {"127.0.0.1.", NULL},
        {"0177.0.0.1", NULL},   {"0x7f.0.0.1", NULL},
        {"127.1", NULL},        {"2130706433", NULL},
        {"127.0.0.1%lo", NULL},
    };
    uint8_t octets[4];

    (void)state;
    check_all(strict, vectors, sizeof(vectors) / sizeof(vectors[0]));
    assert_int_equal(bj_ip4_parse((const uint8_t *)"1.2.3.4\0x", 9, octets),
                     BJ_BAD);
}

static void R28_leading_zeros_are_refused(void **state)
{
    static const struct vector vectors[] = {
        {"01.2.3.4", NULL},
        {"1.2.3.04", NULL},
        {"1.00.3.4", NULL},
        {"1.2.3.000", NULL},
        {"0000000000000000000000001.2.3.4", NULL},
    };

    (void)state;
    check_all(strict, vectors, sizeof(vectors) / sizeof(vectors[0]));
}

static void legacy_forms(void **state)
{
    static const struct vector vectors[] = {
        {"1.2.3.4", "1.2.3.4"},
        {"127.1", "127.0.0.1"},
        {"10.1.2", "10.1.0.2"},
        {"10.1.65535", "10.1.255.255"},
        {"10.16777215", "10.255.255.255"},
        {"4294967295", "255.255.255.255"},
        {"0", "0.0.0.0"},
        {"0177.0.0.01", "127.0.0.1"},
        {"0x7f.0.0.0X1", "127.0.0.1"},
        {"0xfFfFfFfF", "255.255.255.255"},
        {"037777777777", "255.255.255.255"},
        {"00000000000000000000000001", "0.0.0.1"},
        {"10.1.65536", NULL},
        {"10.16777216", NULL},
        {"1.2.3.256", NULL},
        {"256.1", NULL},
        {"4294967296", NULL},
        {"18446744073709551617", NULL}, /* 1 modulo 2^64 */
        {"0x100000000", NULL},
        {"040000000000", NULL},
        {"1.2.3.4.5", NULL},
        {"1.2.3.4.", NULL},
        {"1.", NULL},
        {".1", NULL},
        {"", NULL},
        {"08", NULL},
        {"0x", NULL},
        {"0xg", NULL},
        {"0b1", NULL}, /* a number to C23's strtoul in base 0 */
        {"1 ", NULL},
        {"-1", NULL},
        {"a", NULL},
        {"1.2.3.4 x", NULL},
    };

    (void)state;
    check_all(legacy, vectors, sizeof(vectors) / sizeof(vectors[0]));
}

/* Every value of every part, read back from what snprintf writes. */
static void every_octet(void **state)
{
    (void)state;
    for (unsigned part = 0; part < 4; part++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t octets[4] = {1, 22, 133, 4};
            uint8_t back[4];
            char expected[BJ_IP4_TEXT_MAX];
            char text[BJ_IP4_TEXT_MAX];

            octets[part] = (uint8_t)value;
            snprintf(expected, sizeof(expected), "%u.%u.%u.%u", octets[0],
                     octets[1], octets[2], octets[3]);
            assert_int_equal(bj_ip4_format(octets, text), strlen(expected));
            assert_string_equal(text, expected);
            assert_int_equal(strict((const uint8_t *)text, strlen(text), back),
                             BJ_OK);
            assert_memory_equal(back, octets, 4);
        }
    }
}

static void reading_stops_behind_the_address(void **state)
{
    static const char text[] = "192.0.2.1:53";
    uint8_t octets[4];
    struct bj_cursor c;

    (void)state;
    bj_cursor_init(&c, (const uint8_t *)text, strlen(text));
    bj_ip4_read(&c, octets);
    assert_true(bj_cursor_ok(&c));
    assert_int_equal(c.pos, 9);
    bj_ip4_read(&c, octets);
    assert_int_equal(c.status, BJ_BAD);
    assert_int_equal(octets[0], 0);
}

static enum bj_status rewrite(parse *parser, const uint8_t *bytes, size_t len,
                              uint8_t *out, size_t cap, size_t *out_len)
{
    uint8_t octets[4];
    struct bj_writer w;
    enum bj_status status = parser(bytes, len, octets);

    if (status != BJ_OK)
        return status;
    bj_writer_init(&w, out, cap);
    bj_ip4_write(&w, octets);
    *out_len = w.len;
    return bj_writer_end(&w);
}

static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    return rewrite(strict, bytes, len, out, cap, out_len);
}

static enum bj_status reparse_legacy(const uint8_t *bytes, size_t len,
                                     uint8_t *out, size_t cap, size_t *out_len)
{
    return rewrite(legacy, bytes, len, out, cap, out_len);
}

static void prefixes_and_canonical_text(void **state)
{
    (void)state;
    bj_property_prefixes(reparse, "192.168.100.200", 15, 1);
    bj_property_prefixes(reparse, "10.0.0.1", 8, 0);
    bj_property_canonical(reparse, "10.0.0.1", 8, "10.0.0.1", 8);
    bj_property_prefixes(reparse_legacy, "0x7f.0377.65535", 15, 1);
    bj_property_canonical(reparse_legacy, "0x7f.1", 6, "127.0.0.1", 9);
}

static enum bj_status build(const void *context, uint8_t *out, size_t cap,
                            size_t *needed)
{
    struct bj_writer w;

    bj_writer_init(&w, out, cap);
    bj_ip4_write(&w, context);
    *needed = w.len;
    return bj_writer_end(&w);
}

static void every_capacity(void **state)
{
    static const uint8_t widest[4] = {255, 255, 255, 255};
    static const uint8_t narrowest[4] = {0, 0, 0, 0};

    (void)state;
    bj_property_capacities(build, widest);
    bj_property_capacities(build, narrowest);
}

/* The longest text ends with its NUL at the last octet of the buffer. */
static void formatting_stays_inside(void **state)
{
    static const uint8_t widest[4] = {255, 255, 255, 255};
    static const uint8_t narrow_last[4] = {255, 255, 255, 0};
    struct bj_guard out = bj_guard_end(BJ_IP4_TEXT_MAX);

    (void)state;
    assert_int_equal(bj_ip4_format(widest, (char *)out.bytes), 15);
    assert_int_equal(bj_ip4_format(narrow_last, (char *)out.bytes), 13);
    assert_string_equal((char *)out.bytes, "255.255.255.0");
    bj_guard_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dotted_quads),
        cmocka_unit_test(R27_trailing_and_other_forms_are_refused),
        cmocka_unit_test(R28_leading_zeros_are_refused),
        cmocka_unit_test(legacy_forms),
        cmocka_unit_test(every_octet),
        cmocka_unit_test(reading_stops_behind_the_address),
        cmocka_unit_test(prefixes_and_canonical_text),
        cmocka_unit_test(every_capacity),
        cmocka_unit_test(formatting_stays_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
