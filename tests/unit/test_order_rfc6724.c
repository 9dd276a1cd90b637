#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/order/rfc6724.h"
#include "tests/support/guard.h"

static struct bj_address address_from(const char *text)
{
    struct bj_address address;
    struct bj_zone zone;

    memset(&address, 0, sizeof(address));
    if (text[0] != 0 && bj_address_parse((const uint8_t *)text, strlen(text),
                                         &address, &zone) != BJ_OK)
        fail_msg("'%s' is no address", text);
    return address;
}

static struct bj_prefix prefix_from(const char *text)
{
    struct bj_prefix prefix;

    if (bj_prefix_parse((const uint8_t *)text, strlen(text), &prefix) != BJ_OK)
        fail_msg("'%s' is no prefix", text);
    return prefix;
}

/* One destination of a case; the fields after the source are 0 if left out.*/
struct given {
    const char *address;
    const char *source; /* "" if it has none */
    unsigned prefix_bits;
    bool deprecated;
    bool home;
    bool encapsulated;
};

enum { MOST = 6 };

struct order_case {
    const char *why;
    struct given given[MOST]; /* up to the first without address */
    const char *expected[MOST];
    bool either_way; /* the same if given in reverse */
};

static size_t take(const struct order_case *c, bool reversed,
                   struct bj_destination *items)
{
    size_t count = 0;

    while (count < MOST && c->given[count].address != NULL)
        count++;
    for (size_t i = 0; i < count; i++) {
        const struct given *g = &c->given[reversed ? count - 1 - i : i];

        memset(&items[i], 0xa5, sizeof(items[i]));
        items[i].address = address_from(g->address);
        items[i].source.address = address_from(g->source);
        items[i].source.prefix_bits = g->prefix_bits;
        items[i].source.deprecated = g->deprecated;
        items[i].source.home = g->home;
        items[i].source.encapsulated = g->encapsulated;
    }
    return count;
}

static void check(const struct bj_policy *policy, const struct order_case *c,
                  bool reversed)
{
    struct bj_destination items[MOST];
    size_t count = take(c, reversed, items);

    bj_rfc6724_sort(policy, items, count);
    for (size_t i = 0; i < count; i++) {
        struct bj_address expected = address_from(c->expected[i]);

        if (!bj_address_equal(&items[i].address, &expected))
            fail_msg("%s%s: place %zu is not %s", c->why,
                     reversed ? ", reversed" : "", i, c->expected[i]);
    }
}

static void check_all(const struct bj_policy *policy,
                      const struct order_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check(policy, &cases[i], false);
        if (cases[i].either_way)
            check(policy, &cases[i], true);
    }
}

/* Section 10.2, every example, with the sources that section 5 selects. */
static void examples_of_section_10_2(void **state)
{
    static const struct order_case cases[] = {
        {"prefer matching scope",
         {{.address = "2001:db8:1::1", .source = "2001:db8:1::2"},
          {.address = "198.51.100.121", .source = "169.254.13.78"}},
         {"2001:db8:1::1", "198.51.100.121"},
         true},
        {"prefer matching scope, IPv4",
         {{.address = "2001:db8:1::1", .source = "fe80::1"},
          {.address = "198.51.100.121", .source = "198.51.100.117"}},
         {"198.51.100.121", "2001:db8:1::1"},
         true},
        {"prefer higher precedence",
         {{.address = "2001:db8:1::1", .source = "2001:db8:1::2"},
          {.address = "10.1.2.3", .source = "10.1.2.4"}},
         {"2001:db8:1::1", "10.1.2.3"},
         true},
        {"prefer smaller scope",
         {{.address = "2001:db8:1::1", .source = "2001:db8:1::2"},
          {.address = "fe80::1", .source = "fe80::2"}},
         {"fe80::1", "2001:db8:1::1"},
         true},
        {"prefer home address",
         {{.address = "2001:db8:1::1", .source = "2001:db8:3::1", .home = true},
          {.address = "fe80::1", .source = "fe80::2"}},
         {"2001:db8:1::1", "fe80::1"},
         true},
        {"avoid deprecated addresses",
         {{.address = "2001:db8:1::1", .source = "2001:db8:1::2"},
          {.address = "fe80::1", .source = "fe80::2", .deprecated = true}},
         {"2001:db8:1::1", "fe80::1"},
         true},
        {"longest matching prefix",
         {{.address = "2001:db8:1::1", .source = "2001:db8:1::2"},
          {.address = "2001:db8:3ffe::1", .source = "2001:db8:3f44::2"}},
         {"2001:db8:1::1", "2001:db8:3ffe::1"},
         true},
        {"prefer matching label",
         {{.address = "2002:c633:6401::1", .source = "2002:c633:6401::2"},
          {.address = "2001:db8:1::1", .source = "2002:c633:6401::2"}},
         {"2002:c633:6401::1", "2001:db8:1::1"},
         true},
        {"prefer higher precedence, native",
         {{.address = "2002:c633:6401::1", .source = "2002:c633:6401::2"},
          {.address = "2001:db8:1::1", .source = "2001:db8:1::2"}},
         {"2001:db8:1::1", "2002:c633:6401::1"},
         true},
    };

    (void)state;
    check_all(NULL, cases, sizeof(cases) / sizeof(cases[0]));
}

/* Section 10.3: IPv4 preferred, by raising its precedence in gai.conf. */
static void examples_of_section_10_3(void **state)
{
    static const struct order_case cases[] = {
        {"unreachable IPv6",
         {{.address = "2001:db8::1", .source = ""},
          {.address = "198.51.100.121", .source = "198.51.100.117"}},
         {"198.51.100.121", "2001:db8::1"},
         true},
        {"IPv4 over IPv6",
         {{.address = "2001:db8::1", .source = "2001:db8::2"},
          {.address = "198.51.100.121", .source = "198.51.100.117"}},
         {"198.51.100.121", "2001:db8::1"},
         true},
        {"but not over matching scope",
         {{.address = "2001:db8::1", .source = "2001:db8::2"},
          {.address = "198.51.100.121", .source = "169.254.13.78"}},
         {"2001:db8::1", "198.51.100.121"},
         true},
    };
    struct bj_policy_row rows[] = {
        {prefix_from("::1/128"), 50},        {prefix_from("::/0"), 40},
        {prefix_from("2002::/16"), 30},      {prefix_from("::/96"), 20},
        {prefix_from("::ffff:0:0/96"), 100},
    };
    struct bj_policy policy = {.precedences = rows, .precedence_count = 5};

    (void)state;
    check_all(&policy, cases, sizeof(cases) / sizeof(cases[0]));
}

static void every_rule_alone(void **state)
{
    static const struct order_case cases[] = {
        {"rule 1: unusable last, whatever its precedence",
         {{.address = "::1", .source = ""},
          {.address = "fec0::1", .source = "fec0::2"}},
         {"fec0::1", "::1"},
         true},
        {"rules 6 and 8 among unusable ones",
         {{.address = "2001:db8::1", .source = ""},
          {.address = "192.0.2.1", .source = ""},
          {.address = "fe80::1", .source = ""},
          {.address = "::1", .source = ""}},
         {"::1", "fe80::1", "2001:db8::1", "192.0.2.1"},
         true},
        {"rule 7: native transport",
         {{.address = "2001:db8::1",
           .source = "2001:db8::3",
           .encapsulated = true},
          {.address = "2001:db8:ffff::2", .source = "2001:db8::3"}},
         {"2001:db8:ffff::2", "2001:db8::1"},
         true},
        {"rule 8: multicast scopes",
         {{.address = "ff0e::1", .source = "2001:db8::1"},
          {.address = "ff02::1", .source = "fe80::1"},
          {.address = "ff05::1", .source = "fec0::1"}},
         {"ff02::1", "ff0e::1", "ff05::1"}, /* the site's label differs */
         true},
        {"rule 9: no further than the source's prefix",
         {{.address = "2001:db8::4:5:6:7",
           .source = "2001:db8::9:5:6:7",
           .prefix_bits = 64},
          {.address = "2001:db8::9:5:6:8",
           .source = "2001:db8::9:5:6:7",
           .prefix_bits = 64}},
         {"2001:db8::4:5:6:7", "2001:db8::9:5:6:8"},
         false},
        {"rule 9: all the way if the prefix is not known",
         {{.address = "2001:db8::4:5:6:7", .source = "2001:db8::9:5:6:7"},
          {.address = "2001:db8::9:5:6:8", .source = "2001:db8::9:5:6:7"}},
         {"2001:db8::9:5:6:8", "2001:db8::4:5:6:7"},
         true},
        {"rule 9: IPv4 within the network",
         {{.address = "198.51.100.9", .source = "192.0.2.1", .prefix_bits = 24},
          {.address = "192.0.2.9", .source = "192.0.2.1", .prefix_bits = 24}},
         {"192.0.2.9", "198.51.100.9"},
         true},
        {"rule 9: IPv4 within the network, to the last bit as in glibc",
         {{.address = "192.0.2.200", .source = "192.0.2.1", .prefix_bits = 24},
          {.address = "192.0.2.9", .source = "192.0.2.1", .prefix_bits = 24}},
         {"192.0.2.9", "192.0.2.200"},
         true},
        {"rule 10: IPv4 elsewhere, as the name server rotated it",
         {{.address = "203.0.113.1", .source = "10.2.3.4", .prefix_bits = 8},
          {.address = "198.51.100.7", .source = "10.2.3.4", .prefix_bits = 8},
          {.address = "11.0.0.1", .source = "10.2.3.4", .prefix_bits = 8},
          {.address = "8.8.8.8", .source = "10.2.3.4", .prefix_bits = 8}},
         {"203.0.113.1", "198.51.100.7", "11.0.0.1", "8.8.8.8"},
         false},
    };

    (void)state;
    check_all(NULL, cases, sizeof(cases) / sizeof(cases[0]));
}

/* With the same precedence for both families rule 9 alone would order the
 * two IPv6 addresses and rule 10 each of them against IPv4: a circle. */
static void no_circle_between_families(void **state)
{
    static const struct order_case cases[] = {
        {"IPv6 first, then by common prefix",
         {{.address = "2001:db8:1::1", .source = "2001:db9::1"},
          {.address = "192.0.2.1", .source = "192.0.2.2"},
          {.address = "2001:db8:2::1", .source = "2001:db8:2::2"}},
         {"2001:db8:2::1", "2001:db8:1::1", "192.0.2.1"},
         true},
    };
    struct bj_policy_row same[] = {{prefix_from("::/0"), 7}};
    struct bj_policy policy = {same, 1, same, 1, NULL, 0};

    (void)state;
    check_all(&policy, cases, 1);
}

static void R30_mapped_addresses_are_IPv4(void **state)
{
    struct bj_address mapped = address_from("::ffff:169.254.1.2");
    static const struct order_case cases[] = {
        {"mapped beside IPv6",
         {{.address = "::ffff:192.0.2.1",
           .source = "::ffff:192.0.2.2",
           .prefix_bits = 24},
          {.address = "2001:db8::1", .source = "2001:db8::2"},
          {.address = "::ffff:192.0.3.1",
           .source = "::ffff:192.0.2.2",
           .prefix_bits = 24}},
         {"2001:db8::1", "::ffff:192.0.2.1", "::ffff:192.0.3.1"},
         true},
    };

    (void)state;
    assert_int_equal(bj_rfc6724_scope(NULL, &mapped), 2);
    assert_int_equal(bj_rfc6724_label(NULL, &mapped), 4);
    assert_int_equal(bj_rfc6724_precedence(NULL, &mapped), 35);
    check_all(NULL, cases, 1);
}

struct row {
    const char *address;
    unsigned scope;
    uint32_t precedence;
    uint32_t label;
};

static void default_table(void **state)
{
    static const struct row rows[] = {
        {"::1", 2, 50, 0},         {"2606:4700::1111", 14, 40, 1},
        {"127.0.0.1", 2, 35, 4},   {"169.254.255.255", 2, 35, 4},
        {"10.0.0.1", 14, 35, 4},   {"192.168.1.1", 14, 35, 4},
        {"224.0.0.1", 14, 35, 4},  {"2002::1", 14, 30, 2},
        {"2001::1", 14, 5, 5},     {"2001:0:ffff::", 14, 5, 5},
        {"2001:1::", 14, 40, 1},   {"fc00::1", 14, 3, 13},
        {"fdff::1", 14, 3, 13},    {"fe00::1", 14, 40, 1},
        {"::", 14, 1, 3},          {"::2", 14, 1, 3},
        {"::192.0.2.1", 14, 1, 3}, {"fec0::1", 5, 1, 11},
        {"feff::1", 5, 1, 11},     {"3ffe::1", 14, 1, 12},
        {"fe80::1", 2, 40, 1},     {"febf::1", 2, 40, 1},
        {"ff01::1", 1, 40, 1},     {"ff02::1", 2, 40, 1},
        {"ff15::1", 5, 40, 1},     {"ff0e::1", 14, 40, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bj_address address = address_from(rows[i].address);

        if (bj_rfc6724_scope(NULL, &address) != rows[i].scope ||
            bj_rfc6724_precedence(NULL, &address) != rows[i].precedence ||
            bj_rfc6724_label(NULL, &address) != rows[i].label)
            fail_msg("%s: scope %u precedence %u label %u", rows[i].address,
                     bj_rfc6724_scope(NULL, &address),
                     bj_rfc6724_precedence(NULL, &address),
                     bj_rfc6724_label(NULL, &address));
    }
}

static void tables_given(void **state)
{
    struct bj_policy_row labels[] = {
        {prefix_from("2001:db8::/32"), 8},
        {prefix_from("2001:db8:1::/48"), 9},
        {prefix_from("2001:db8:1::/48"), 10}, /* the first of equals counts */
        {prefix_from("192.0.2.0/24"), 11},    /* never: labels are of IPv6 */
    };
    struct bj_policy_row scopes[] = {
        {prefix_from("10.0.0.0/8"), 5},
        {prefix_from("172.16.0.0/12"), 4000},
    };
    struct bj_policy policy = {labels, 4, NULL, 0, scopes, 2};
    struct bj_address a = address_from("2001:db8:1::1");
    struct bj_address b = address_from("2001:db8:2::1");
    struct bj_address c = address_from("192.0.2.1");
    struct bj_address d = address_from("10.0.0.1");
    struct bj_address e = address_from("172.16.0.1");

    (void)state;
    assert_int_equal(bj_rfc6724_label(&policy, &a), 9);
    assert_int_equal(bj_rfc6724_label(&policy, &b), 8);
    assert_int_equal(bj_rfc6724_label(&policy, &c), 1);
    assert_int_equal(bj_rfc6724_precedence(&policy, &a), 40);
    assert_int_equal(bj_rfc6724_precedence(&policy, &c), 35);
    assert_int_equal(bj_rfc6724_scope(&policy, &d), 5);
    assert_int_equal(bj_rfc6724_scope(&policy, &e), 15);
    assert_int_equal(bj_rfc6724_scope(&policy, &c), 14);
    policy.precedences = labels;
    policy.precedence_count = 2;
    assert_int_equal(bj_rfc6724_precedence(&policy, &c), 40);
}

/* Every length from nothing to 64, flush against a forbidden page: equals
 * stay in order, and nothing outside is touched. */
static void stable_at_every_length(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 64; count++) {
        struct bj_guard memory =
            bj_guard_end(count * sizeof(struct bj_destination));
        struct bj_destination *items = (void *)memory.bytes;

        for (size_t i = 0; i < count; i++) {
            items[i].address = address_from(i % 3 ? "2001:db8::1" : "fe80::1");
            items[i].source.address =
                address_from(i % 3 ? "2001:db8::2" : "fe80::2");
        }
        bj_rfc6724_sort(NULL, items, count);
        for (size_t i = 1; i < count; i++) {
            assert_true(bj_rfc6724_before(&items[i - 1], &items[i]));
            assert_false(bj_rfc6724_before(&items[i], &items[i - 1]));
            if (items[i - 1].preference == items[i].preference)
                assert_true(items[i - 1].index < items[i].index);
        }
        bj_guard_free(&memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_section_10_2),
        cmocka_unit_test(examples_of_section_10_3),
        cmocka_unit_test(every_rule_alone),
        cmocka_unit_test(no_circle_between_families),
        cmocka_unit_test(R30_mapped_addresses_are_IPv4),
        cmocka_unit_test(default_table),
        cmocka_unit_test(tables_given),
        cmocka_unit_test(stable_at_every_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
