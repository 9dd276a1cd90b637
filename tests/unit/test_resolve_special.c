#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/resolve/special.h"
#include "tests/support/dns.h"

static enum bj_special special_of(const char *text)
{
    struct bj_name name;

    assert_int_equal(bj_name_parse(text, strlen(text), &name, NULL), BJ_OK);
    return bj_special_of(&name);
}

static void the_last_label_says(void **state)
{
    (void)state;
    assert_int_equal(special_of("localhost"), BJ_SPECIAL_LOOPBACK);
    assert_int_equal(special_of("a.b.LocalHost."), BJ_SPECIAL_LOOPBACK);
    assert_int_equal(special_of("invalid"), BJ_SPECIAL_ABSENT);
    assert_int_equal(special_of("x.ONION"), BJ_SPECIAL_ABSENT);
    assert_int_equal(special_of("x.y.alt"), BJ_SPECIAL_ABSENT);
    assert_int_equal(special_of("localhost.example"), BJ_SPECIAL_NONE);
    assert_int_equal(special_of("mylocalhost"), BJ_SPECIAL_NONE);
    assert_int_equal(special_of("x.test"), BJ_SPECIAL_NONE);
    assert_int_equal(special_of("."), BJ_SPECIAL_NONE);
    /* A dot within a label is no end of one. */
    assert_int_equal(special_of("a\\.localhost"), BJ_SPECIAL_NONE);
}

static const char *reverse_of(const char *text)
{
    static char out[BJ_NAME_TEXT_MAX];
    struct bj_address address;
    struct bj_zone zone;
    struct bj_name name;

    assert_int_equal(
        bj_address_parse((const uint8_t *)text, strlen(text), &address, &zone),
        BJ_OK);
    assert_true(bj_special_reverse(&address, &name));
    return bj_test_name(&name, out);
}

static void addresses_have_names(void **state)
{
    (void)state;
    assert_string_equal(reverse_of("192.0.2.130"), "130.2.0.192.in-addr.arpa.");
    assert_string_equal(reverse_of("0.10.255.9"), "9.255.10.0.in-addr.arpa.");
    assert_string_equal(reverse_of("::ffff:192.0.2.1"),
                        "1.2.0.192.in-addr.arpa.");
    assert_string_equal(reverse_of("2001:db8::1f"),
                        "f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
                        "8.b.d.0.1.0.0.2.ip6.arpa.");
}

static void no_family_no_name(void **state)
{
    struct bj_address none = {.family = BJ_FAMILY_ANY};
    struct bj_name name;

    (void)state;
    assert_false(bj_special_reverse(&none, &name));
    assert_int_equal(name.len, 0);
}

static void loopback_addresses(void **state)
{
    struct bj_address four = bj_special_loopback(BJ_FAMILY_IP4);
    struct bj_address six = bj_special_loopback(BJ_FAMILY_IP6);

    (void)state;
    assert_int_equal(four.family, BJ_FAMILY_IP4);
    assert_memory_equal(four.octets, "\177\0\0\1", 4);
    assert_int_equal(six.family, BJ_FAMILY_IP6);
    assert_memory_equal(six.octets, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_label_says),
        cmocka_unit_test(addresses_have_names),
        cmocka_unit_test(no_family_no_name),
        cmocka_unit_test(loopback_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
