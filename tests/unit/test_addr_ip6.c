#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/addr/ip6.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

struct vector {
    const char *text;
    const char *expected; /* the canonical text, NULL if refused */
};

static void check(const struct vector *v)
{
    static const uint8_t zero[16];
    struct bj_guard input = bj_guard_copy(v->text, strlen(v->text));
    uint8_t octets[16] = {9, 9, 9};
    char text[BJ_IP6_TEXT_MAX];
    enum bj_status status = bj_ip6_parse(input.bytes, input.len, octets);

    if (status != (v->expected != NULL ? BJ_OK : BJ_BAD))
        fail_msg("'%s': %s", v->text, bj_status_text(status));
    if (v->expected == NULL) {
        assert_memory_equal(octets, zero, sizeof(octets));
    } else {
        assert_int_equal(bj_ip6_format(octets, text), strlen(v->expected));
        assert_string_equal(text, v->expected);
    }
    bj_guard_free(&input);
}

static void check_all(const struct vector *v, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(&v[i]);
}

static void text_forms_of_rfc4291(void **state)
{
    static const struct vector vectors[] = {
        /* Section 2.2, forms 1 to 3 */
        {"ABCD:EF01:2345:6789:ABCD:EF01:2345:6789",
         "abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
        {"2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"},
        {"FF01:0:0:0:0:0:0:101", "ff01::101"},
        {"0:0:0:0:0:0:0:1", "::1"},
        {"0:0:0:0:0:0:0:0", "::"},
        {"FF01::101", "ff01::101"},
        {"::1", "::1"},
        {"::", "::"},
        {"0:0:0:0:0:0:13.1.68.3", "::13.1.68.3"},
        {"0:0:0:0:0:FFFF:129.144.52.38", "::ffff:129.144.52.38"},
        {"::13.1.68.3", "::13.1.68.3"},
        {"::FFFF:129.144.52.38", "::ffff:129.144.52.38"},
        /* "::" in every place, and for a single group */
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8"},
        {"1::", "1::"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
        {"1::1.2.3.4", "1::102:304"},
    };

    (void)state;
    check_all(vectors, sizeof(vectors) / sizeof(vectors[0]));
}

static void canonical_text_of_rfc5952(void **state)
{
    static const struct vector vectors[] = {
        {"2001:0db8::0001", "2001:db8::1"},               /* 4.1 */
        {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},        /* 4.2.1 */
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, /* 4.2.2 */
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},          /* 4.2.3 */
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},    /* 4.2.3, first */
        {"2001:DB8::ABCD", "2001:db8::abcd"},             /* 4.3 */
        {"::ffff:0:0", "::ffff:0.0.0.0"},                 /* 5 */
        {"::fffe:1.2.3.4", "::fffe:102:304"},
        {"::0.1.0.0", "::0.1.0.0"},
        {"::0.0.1.0", "::100"},
        {"0:0:1::", "0:0:1::"},
        {"1:0:0:2:0:0:3:0", "1::2:0:0:3:0"},
        {"f:ff:fff:ffff:10:100:1000:1", "f:ff:fff:ffff:10:100:1000:1"},
    };

    (void)state;
    check_all(vectors, sizeof(vectors) / sizeof(vectors[0]));
}

static void malformed(void **state)
{
    static const struct vector vectors[] = {
        {"", NULL},
        {":", NULL},
        {":::", NULL},
        {"1", NULL},
        {"1:2:3:4:5:6:7", NULL},
        {"1:2:3:4:5:6:7:8:9", NULL},
        {"1:2:3:4:5:6:7:", NULL},
        {":1:2:3:4:5:6:7", NULL},
        {"1::2::3", NULL},
        {"::1::", NULL},
        {"1:::2", NULL},
        {":1::2", NULL},
        {"1::2:", NULL},
        {"1:2:3:4:5:6:7::8", NULL}, /* "::" for no group at all */
        {"::1:2:3:4:5:6:7:8", NULL},
        {"1:2:3:4:5:6:7:8::", NULL},
        {"g::", NULL},
        {"::1.2.3", NULL},
        {"::1.2.3.4:5", NULL},
        {"1.2.3.4::", NULL},
        {"1.2.3.4", NULL},
        {"1:2:3:4:5:6:7:1.2.3.4", NULL},
        {"::2:3:4:5:6:7:1.2.3.4", NULL},
        {"::a.2.3.4", NULL},
        {"::.1.2.3", NULL},
        {"[::1]", NULL},
    };

    (void)state;
    check_all(vectors, sizeof(vectors) / sizeof(vectors[0]));
}

static void R27_trailing_characters_are_refused(void **state)
{
    static const struct vector vectors[] = {
        {"::1 ", NULL}, {" ::1", NULL},   {"::1\n", NULL}, {"::1/128", NULL},
        {"::1x", NULL}, {"::1%lo", NULL}, {"::0x1", NULL}, {"::1.2.3.4 ", NULL},
    };
    uint8_t octets[16];

    (void)state;
    check_all(vectors, sizeof(vectors) / sizeof(vectors[0]));
    assert_int_equal(bj_ip6_parse((const uint8_t *)"::1\0x", 5, octets),
                     BJ_BAD);
}

static void R28_long_text_and_zeros_in_the_tail(void **state)
{
    static const struct vector vectors[] = {
        {"0::00:00:00/2", NULL},
        {"0::00:00:00", "::"},
        {"00001::", NULL},
        {"::00000", NULL},
        {"12345::", NULL},
        {"::0000000000000000000000000000000000000000000000000001", NULL},
        {"::ffff:01.2.3.4", NULL},
        {"::ffff:1.2.3.004", NULL},
        {"::0001.2.3.4", NULL},
        {"::1.2.3.0400", NULL},
    };
    struct bj_guard longest;
    uint8_t octets[16];

    (void)state;
    check_all(vectors, sizeof(vectors) / sizeof(vectors[0]));
    longest = bj_guard_end(1 << 20);
    memset(longest.bytes, ':', longest.len);
    assert_int_equal(bj_ip6_parse(longest.bytes, longest.len, octets), BJ_BAD);
    memset(longest.bytes, '0', longest.len);
    assert_int_equal(bj_ip6_parse(longest.bytes, longest.len, octets), BJ_BAD);
    bj_guard_free(&longest);
}

struct zone_vector {
    const char *text;
    enum bj_status status;
    uint32_t scope;
    const char *zone;
};

static void check_zone(const struct zone_vector *v)
{
    struct bj_guard input = bj_guard_copy(v->text, strlen(v->text));
    struct bj_address address;
    struct bj_zone zone;
    enum bj_status status;

    memset(&address, 9, sizeof(address));
    memset(&zone, 9, sizeof(zone));
    status = bj_ip6_parse_zone(input.bytes, input.len, &address, &zone);
    if (status != v->status)
        fail_msg("'%s': %s", v->text, bj_status_text(status));
    assert_int_equal(address.family,
                     status == BJ_OK ? BJ_FAMILY_IP6 : BJ_FAMILY_ANY);
    assert_int_equal(address.scope, v->scope);
    assert_int_equal(zone.len, strlen(v->zone));
    if (zone.len > 0)
        assert_memory_equal(zone.text, v->zone, zone.len);
    else
        assert_null(zone.text);
    if (status != BJ_OK)
        for (size_t i = 0; i < 16; i++)
            assert_int_equal(address.octets[i], 0);
    bj_guard_free(&input);
}

static void R27_zones(void **state)
{
    static const struct zone_vector vectors[] = {
        {"fe80::1", BJ_OK, 0, ""},
        {"fe80::1%eth0", BJ_OK, 0, "eth0"},
        {"fe80::1%2", BJ_OK, 2, ""},
        {"fe80::1%0", BJ_OK, 0, ""},
        {"fe80::1%007", BJ_OK, 7, ""},
        {"fe80::1%4294967295", BJ_OK, UINT32_MAX, ""},
        {"fe80::1%4294967296", BJ_LIMIT, 0, ""},
        {"fe80::1%99999999999", BJ_LIMIT, 0, ""},
        {"fe80::1%000000000000001", BJ_OK, 1, ""},
        {"fe80::1%0000000000000001", BJ_LIMIT, 0, ""},
        {"fe80::1%2x", BJ_OK, 0, "2x"},
        {"fe80::1%-1", BJ_OK, 0, "-1"},
        {"fe80::1%0x1", BJ_OK, 0, "0x1"},
        {"fe80::1%wlp0s20f3.4000", BJ_OK, 0, "wlp0s20f3.4000"},
        {"fe80::1%fifteen-letters", BJ_OK, 0, "fifteen-letters"},
        {"fe80::1%sixteen-letters-", BJ_LIMIT, 0, ""},
        {"fe80::1%", BJ_BAD, 0, ""},
        {"fe80::1%%eth0", BJ_BAD, 0, ""},
        {"fe80::1%25eth0", BJ_OK, 0, "25eth0"},
        {"fe80::1%a/b", BJ_BAD, 0, ""},
        {"fe80::1%a:b", BJ_BAD, 0, ""},
        {"fe80::1%a]b", BJ_BAD, 0, ""},
        {"fe80::1%[a", BJ_BAD, 0, ""},
        {"fe80::1%a b", BJ_BAD, 0, ""},
        {"fe80::1%a\x7f", BJ_BAD, 0, ""},
        {"fe80::1%\xc3\xa9", BJ_BAD, 0, ""},
        {"fe80::1x%eth0", BJ_BAD, 0, ""},
        {"fe80:1%eth0", BJ_BAD, 0, ""},
        {"%eth0", BJ_BAD, 0, ""},
        {"::ffff:1.2.3.4%7", BJ_OK, 7, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
        check_zone(&vectors[i]);
}

/* RFC 5952 by brute force: all 256 patterns of zero and non-zero groups, the
 * run to compress found by trying every one. */
static void every_pattern_of_zero_groups(void **state)
{
    (void)state;
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        uint8_t octets[16] = {0};
        uint8_t back[16];
        char text[BJ_IP6_TEXT_MAX];
        char expected[BJ_IP6_TEXT_MAX] = "";
        unsigned best = 8, best_len = 1;

        for (unsigned i = 0; i < 8; i++)
            octets[2 * i + 1] = (pattern >> i & 1) ? 5 : 0;
        for (unsigned len = 8; len > 1 && best == 8; len--)
            for (unsigned i = 0; i + len <= 8 && best == 8; i++)
                if ((pattern >> i & ((1U << len) - 1)) == 0) {
                    best = i;
                    best_len = len;
                }
        for (unsigned i = 0; i < 8; i++) {
            if (i == best)
                strcat(expected, "::");
            if (i >= best && i < best + best_len)
                continue;
            if (i > 0 && i != best + best_len)
                strcat(expected, ":");
            strcat(expected, (pattern >> i & 1) ? "5" : "0");
        }
        if (best == 0 && best_len == 6)
            strcpy(expected, pattern >> 7 ? "::0.5.0.5" : "::0.5.0.0");
        bj_ip6_format(octets, text);
        assert_string_equal(text, expected);
        assert_int_equal(
            bj_ip6_parse((const uint8_t *)text, strlen(text), back), BJ_OK);
        assert_memory_equal(back, octets, 16);
    }
}

static void reading_stops_behind_the_address(void **state)
{
    static const char text[] = "2001:db8::1/32";
    uint8_t octets[16];
    struct bj_cursor c;

    (void)state;
    bj_cursor_init(&c, (const uint8_t *)text, strlen(text));
    bj_ip6_read(&c, octets);
    assert_true(bj_cursor_ok(&c));
    assert_int_equal(c.pos, 11);
    bj_ip6_read(&c, octets);
    assert_int_equal(c.status, BJ_BAD);
    assert_int_equal(octets[0], 0);
}

static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    uint8_t octets[16];
    struct bj_writer w;
    enum bj_status status = bj_ip6_parse(bytes, len, octets);

    if (status != BJ_OK)
        return status;
    bj_writer_init(&w, out, cap);
    bj_ip6_write(&w, octets);
    *out_len = w.len;
    return bj_writer_end(&w);
}

static void prefixes_and_canonical_text(void **state)
{
    static const char full[] = "ABCD:EF01:2345:6789:ABCD:EF01:255.255.255.255";
    static const char lower[] = "abcd:ef01:2345:6789:abcd:ef01:ffff:ffff";

    (void)state;
    assert_int_equal(strlen(full), BJ_IP6_TEXT_MAX - 1);
    bj_property_prefixes(reparse, full, strlen(full), 1);
    bj_property_prefixes(reparse, lower, strlen(lower) - 3, 0);
    bj_property_prefixes(reparse, "2001:db8::dead:beef", 19, 1);
    bj_property_canonical(reparse, full, strlen(full), lower, strlen(lower));
    bj_property_canonical(reparse, "::FFFF:102:304", 14, "::ffff:1.2.3.4", 14);
}

static enum bj_status build(const void *context, uint8_t *out, size_t cap,
                            size_t *needed)
{
    struct bj_writer w;

    bj_writer_init(&w, out, cap);
    bj_ip6_write(&w, context);
    *needed = w.len;
    return bj_writer_end(&w);
}

static void every_capacity(void **state)
{
    static const uint8_t widest[16] = {0xff, 1, 0xff, 2, 0xff, 3, 0xff, 4,
                                       0xff, 5, 0xff, 6, 0xff, 7, 0xff, 8};
    static const uint8_t any[16] = {0};

    (void)state;
    bj_property_capacities(build, widest);
    bj_property_capacities(build, any);
}

/* Flush against the end of the smallest buffer the contract allows. */
static void formatting_stays_inside(void **state)
{
    struct bj_guard out = bj_guard_end(BJ_IP6_TEXT_MAX);
    uint8_t octets[16];

    (void)state;
    memset(octets, 0xff, sizeof(octets));
    assert_int_equal(bj_ip6_format(octets, (char *)out.bytes), 39);
    memset(octets, 0, 10);
    assert_int_equal(bj_ip6_format(octets, (char *)out.bytes), 22);
    assert_string_equal((char *)out.bytes, "::ffff:255.255.255.255");
    bj_guard_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_forms_of_rfc4291),
        cmocka_unit_test(canonical_text_of_rfc5952),
        cmocka_unit_test(malformed),
        cmocka_unit_test(R27_trailing_characters_are_refused),
        cmocka_unit_test(R28_long_text_and_zeros_in_the_tail),
        cmocka_unit_test(R27_zones),
        cmocka_unit_test(every_pattern_of_zero_groups),
        cmocka_unit_test(reading_stops_behind_the_address),
        cmocka_unit_test(prefixes_and_canonical_text),
        cmocka_unit_test(every_capacity),
        cmocka_unit_test(formatting_stays_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
