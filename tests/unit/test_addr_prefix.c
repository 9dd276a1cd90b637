#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/addr/prefix.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

static struct bj_prefix prefix_from(const char *text)
{
    struct bj_prefix prefix;

    if (bj_prefix_parse((const uint8_t *)text, strlen(text), &prefix) != BJ_OK)
        fail_msg("'%s' is no prefix", text);
    return prefix;
}

static struct bj_address address_from(const char *text)
{
    struct bj_address address;
    struct bj_zone zone;

    if (bj_address_parse((const uint8_t *)text, strlen(text), &address,
                         &zone) != BJ_OK)
        fail_msg("'%s' is no address", text);
    return address;
}

struct vector {
    const char *text;
    enum bj_status status;
    const char *expected;
};

static void text(void **state)
{
    static const struct vector vectors[] = {
        {"192.0.2.0/24", BJ_OK, "192.0.2.0/24"},
        {"192.0.2.255/24", BJ_OK, "192.0.2.0/24"},
        {"192.0.2.255/25", BJ_OK, "192.0.2.128/25"},
        {"255.255.255.255/1", BJ_OK, "128.0.0.0/1"},
        {"1.2.3.4/0", BJ_OK, "0.0.0.0/0"},
        {"1.2.3.4/32", BJ_OK, "1.2.3.4/32"},
        {"1.2.3.4", BJ_OK, "1.2.3.4/32"},
        {"::1", BJ_OK, "::1/128"},
        {"::1/128", BJ_OK, "::1/128"},
        {"::/0", BJ_OK, "::/0"},
        {"FEBF::1/10", BJ_OK, "fe80::/10"},
        {"::ffff:0:0/96", BJ_OK, "::ffff:0.0.0.0/96"},
        {"2001:db8:ffff::/37", BJ_OK, "2001:db8:f800::/37"},
        {"1.2.3.4/33", BJ_LIMIT, ""},
        {"::/129", BJ_LIMIT, ""},
        {"::/340282366920938463463374607431768211456", BJ_LIMIT, ""},
        {"1.2.3.4/", BJ_BAD, ""},
        {"1.2.3.4/08", BJ_BAD, ""},
        {"1.2.3.4/00", BJ_BAD, ""},
        {"1.2.3.4/-1", BJ_BAD, ""},
        {"1.2.3.4/8 ", BJ_BAD, ""},
        {"1.2.3.4/8/8", BJ_BAD, ""},
        {"1.2.3.4/255.0.0.0", BJ_LIMIT, ""},
        {"1.2.3/8", BJ_BAD, ""},
        {"10/8", BJ_BAD, ""},
        {"fe80::1%eth0/64", BJ_BAD, ""},
        {"/8", BJ_BAD, ""},
        {"", BJ_BAD, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const struct vector *v = &vectors[i];
        struct bj_guard input = bj_guard_copy(v->text, strlen(v->text));
        struct bj_prefix prefix;
        char out[BJ_PREFIX_TEXT_MAX];
        enum bj_status status =
            bj_prefix_parse(input.bytes, input.len, &prefix);

        if (status != v->status)
            fail_msg("'%s': %s", v->text, bj_status_text(status));
        assert_int_equal(bj_prefix_format(&prefix, out), strlen(v->expected));
        assert_string_equal(out, v->expected);
        bj_guard_free(&input);
    }
}

static void R28_odd_texts(void **state)
{
    struct bj_prefix prefix = prefix_from("0::00:00:00/2");

    (void)state;
    assert_int_equal(prefix.bits, 2);
    assert_int_equal(
        bj_prefix_parse((const uint8_t *)"1.2.3.04/32", 11, &prefix), BJ_BAD);
    assert_int_equal(prefix.family, BJ_FAMILY_ANY);
}

struct member {
    const char *prefix;
    const char *address;
    bool inside;
};

static void membership(void **state)
{
    static const struct member vectors[] = {
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.128/25", "192.0.2.128", true},
        {"0.0.0.0/0", "255.255.255.255", true},
        {"0.0.0.0/0", "::", false},
        {"::/0", "0.0.0.0", false},
        {"1.2.3.4/32", "1.2.3.4", true},
        {"1.2.3.4/32", "1.2.3.5", false},
        {"fe80::/10", "febf:ffff::1%3", true},
        {"fe80::/10", "fec0::", false},
        {"::ffff:0:0/96", "::ffff:1.2.3.4", true},
        {"::ffff:0:0/96", "::fffe:1.2.3.4", false},
        {"::1/128", "::1", true},
        {"::1/128", "::", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct bj_prefix prefix = prefix_from(vectors[i].prefix);
        struct bj_address address = address_from(vectors[i].address);

        if (bj_prefix_contains(&prefix, &address) != vectors[i].inside)
            fail_msg("%s in %s", vectors[i].address, vectors[i].prefix);
    }
}

/* A prefix longer than any address holds none, however it came about. */
static void an_impossible_length_holds_nothing(void **state)
{
    struct bj_address address = address_from("1.2.3.4");
    struct bj_prefix prefix = bj_prefix_of(&address, 4000);

    (void)state;
    assert_int_equal(prefix.bits, 32);
    assert_true(bj_prefix_contains(&prefix, &address));
    prefix.bits = 33;
    assert_false(bj_prefix_contains(&prefix, &address));
}

/* Every bit of both families flipped: that many bits are common, and exactly
 * the prefixes up to that length hold the flipped address. */
static void every_bit(void **state)
{
    static const char *const texts[] = {"165.90.165.90",
                                        "a55a:a55a::5aa5:0:ffff"};

    (void)state;
    for (size_t t = 0; t < 2; t++) {
        struct bj_address a = address_from(texts[t]);
        unsigned width = bj_family_bits(a.family);

        assert_int_equal(bj_address_common_bits(&a, &a), width);
        for (unsigned bit = 0; bit < width; bit++) {
            struct bj_address b = a;

            b.octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
            assert_int_equal(bj_address_common_bits(&a, &b), bit);
            for (unsigned len = 0; len <= width; len++) {
                struct bj_prefix prefix = bj_prefix_of(&a, len);

                assert_true(bj_prefix_contains(&prefix, &a));
                assert_int_equal(bj_prefix_contains(&prefix, &b), len <= bit);
            }
        }
    }
}

static void families(void **state)
{
    struct bj_address four = address_from("0.0.0.0");
    struct bj_address six = address_from("::");
    struct bj_address none = {0};

    (void)state;
    assert_int_equal(bj_family_bits(BJ_FAMILY_ANY), 0);
    assert_int_equal(bj_address_common_bits(&four, &six), 0);
    assert_int_equal(bj_address_common_bits(&none, &none), 0);
}

static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_prefix prefix;
    struct bj_writer w;
    enum bj_status status = bj_prefix_parse(bytes, len, &prefix);

    if (status != BJ_OK)
        return status;
    bj_writer_init(&w, out, cap);
    bj_prefix_write(&w, &prefix);
    *out_len = w.len;
    return bj_writer_end(&w);
}

static void prefixes_and_canonical_text(void **state)
{
    (void)state;
    bj_property_prefixes(reparse, "2001:DB8::dead:beef/104", 23, 1);
    bj_property_prefixes(reparse, "10.0.0.0/8", 10, 1);
    bj_property_canonical(reparse, "10.1.2.3/8", 10, "10.0.0.0/8", 10);
    bj_property_canonical(reparse, "FE80::", 6, "fe80::/128", 10);
}

static enum bj_status build(const void *context, uint8_t *out, size_t cap,
                            size_t *needed)
{
    struct bj_prefix prefix = prefix_from(context);
    struct bj_writer w;

    bj_writer_init(&w, out, cap);
    bj_prefix_write(&w, &prefix);
    *needed = w.len;
    return bj_writer_end(&w);
}

static void every_capacity(void **state)
{
    (void)state;
    bj_property_capacities(build, "1111:2222:3333:4444:5555:6666:7777:8888");
    bj_property_capacities(build, "10.0.0.0/8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text),
        cmocka_unit_test(R28_odd_texts),
        cmocka_unit_test(membership),
        cmocka_unit_test(an_impossible_length_holds_nothing),
        cmocka_unit_test(every_bit),
        cmocka_unit_test(families),
        cmocka_unit_test(prefixes_and_canonical_text),
        cmocka_unit_test(every_capacity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
