#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/addr/address.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

static struct bj_address from_text(const char *text)
{
    struct bj_address address;
    struct bj_zone zone;

    assert_int_equal(
        bj_address_parse((const uint8_t *)text, strlen(text), &address, &zone),
        BJ_OK);
    return address;
}

struct vector {
    const char *text;
    enum bj_status status;
    enum bj_family family;
    uint32_t scope;
    size_t zone_len;
};

static void either_family(void **state)
{
    static const struct vector vectors[] = {
        {"192.0.2.1", BJ_OK, BJ_FAMILY_IP4, 0, 0},
        {"2001:db8::1", BJ_OK, BJ_FAMILY_IP6, 0, 0},
        {"fe80::1%4", BJ_OK, BJ_FAMILY_IP6, 4, 0},
        {"fe80::1%eth0", BJ_OK, BJ_FAMILY_IP6, 0, 4},
        {"fe80::1%4294967296", BJ_LIMIT, BJ_FAMILY_ANY, 0, 0},
        {"::ffff:1.2.3.4", BJ_OK, BJ_FAMILY_IP6, 0, 0},
        {"1.2.3.4%eth0", BJ_BAD, BJ_FAMILY_ANY, 0, 0},
        {"127.1", BJ_BAD, BJ_FAMILY_ANY, 0, 0},
        {"a:b", BJ_BAD, BJ_FAMILY_ANY, 0, 0},
        {"example.org", BJ_BAD, BJ_FAMILY_ANY, 0, 0},
        {"", BJ_BAD, BJ_FAMILY_ANY, 0, 0},
    };
    static const uint8_t zero[16];

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const struct vector *v = &vectors[i];
        struct bj_guard input = bj_guard_copy(v->text, strlen(v->text));
        struct bj_address got;
        struct bj_zone zone;
        enum bj_status status;

        memset(&got, 9, sizeof(got));
        memset(&zone, 9, sizeof(zone));
        status = bj_address_parse(input.bytes, input.len, &got, &zone);
        if (status != v->status)
            fail_msg("'%s': %s", v->text, bj_status_text(status));
        assert_int_equal(got.family, v->family);
        assert_int_equal(got.scope, v->scope);
        assert_int_equal(zone.len, v->zone_len);
        if (status != BJ_OK)
            assert_memory_equal(got.octets, zero, sizeof(zero));
        bj_guard_free(&input);
    }
}

static void equality_looks_at_everything(void **state)
{
    struct bj_address a = from_text("fe80::1%4");
    struct bj_address b = a;

    (void)state;
    assert_true(bj_address_equal(&a, &b));
    b.scope = 5;
    assert_false(bj_address_equal(&a, &b));
    b = a;
    b.octets[15] = 2;
    assert_false(bj_address_equal(&a, &b));
    b = a;
    b.family = BJ_FAMILY_IP4;
    assert_false(bj_address_equal(&a, &b));
}

static void R30_mapped_addresses(void **state)
{
    struct bj_address four = from_text("1.2.3.4");
    struct bj_address six = from_text("::ffff:1.2.3.4");
    struct bj_address plain = from_text("fe80::1%4");
    struct bj_address mapped = bj_address_to_mapped(&four);
    struct bj_address same = bj_address_to_mapped(&plain);

    (void)state;
    assert_true(bj_address_equal(&mapped, &six));
    assert_true(bj_address_equal(&same, &plain));
    six.scope = 3;
    mapped = bj_address_unmap(&six);
    assert_true(bj_address_equal(&mapped, &four));
    six.scope = 0;
    same = bj_address_unmap(&plain);
    assert_true(bj_address_equal(&same, &plain));
    same = bj_address_unmap(&four);
    assert_true(bj_address_equal(&same, &four));
    assert_true(bj_address_is_mapped(&six));
    assert_false(bj_address_is_mapped(&four));
    assert_false(bj_address_is_mapped(&plain));
    six.octets[0] = 1;
    assert_false(bj_address_is_mapped(&six));
}

static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_address address;
    struct bj_zone zone;
    struct bj_writer w;
    enum bj_status status = bj_address_parse(bytes, len, &address, &zone);

    if (status != BJ_OK)
        return status;
    bj_writer_init(&w, out, cap);
    bj_address_write(&w, &address);
    *out_len = w.len;
    return bj_writer_end(&w);
}

static void link_local_addresses(void **state)
{
    struct bj_address address = {.family = BJ_FAMILY_IP6};

    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            bool unicast = first == 0xfe && second >= 0x80 && second < 0xc0;
            bool multicast = first == 0xff && second % 16 == 2;

            address.octets[0] = (uint8_t)first;
            address.octets[1] = (uint8_t)second;
            assert_int_equal(bj_address_is_link_local(&address),
                             unicast || multicast);
        }
    }
    address.octets[0] = 0xfe;
    address.octets[1] = 0x80;
    address.family = BJ_FAMILY_IP4;
    assert_false(bj_address_is_link_local(&address));
}

static void prefixes_and_canonical_text(void **state)
{
    (void)state;
    bj_property_prefixes(reparse, "192.0.2.1", 9, 0);
    bj_property_prefixes(reparse, "2001:DB8::1:0:2%4294967295", 26, 1);
    bj_property_canonical(reparse, "FE80::0:1%07", 12, "fe80::1%7", 9);
    bj_property_canonical(reparse, "::1%0", 5, "::1", 3);
    bj_property_canonical(reparse, "1.2.3.4", 7, "1.2.3.4", 7);
}

static enum bj_status build(const void *context, uint8_t *out, size_t cap,
                            size_t *needed)
{
    struct bj_writer w;

    bj_writer_init(&w, out, cap);
    bj_address_write(&w, context);
    *needed = w.len;
    return bj_writer_end(&w);
}

static void every_capacity(void **state)
{
    struct bj_address longest = {BJ_FAMILY_IP6, {0}, UINT32_MAX};
    struct bj_address four = from_text("255.255.255.255");

    (void)state;
    memset(longest.octets, 0xff, sizeof(longest.octets));
    bj_property_capacities(build, &longest);
    bj_property_capacities(build, &four);
}

static void no_family_is_our_bug(void **state)
{
    struct bj_address none = {0};
    uint8_t out[BJ_ADDRESS_TEXT_MAX];
    struct bj_writer w;

    (void)state;
    bj_writer_init(&w, out, sizeof(out));
    bj_address_write(&w, &none);
    assert_int_equal(bj_writer_end(&w), BJ_BUG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(either_family),
        cmocka_unit_test(equality_looks_at_everything),
        cmocka_unit_test(R30_mapped_addresses),
        cmocka_unit_test(link_local_addresses),
        cmocka_unit_test(prefixes_and_canonical_text),
        cmocka_unit_test(every_capacity),
        cmocka_unit_test(no_family_is_our_bug),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
