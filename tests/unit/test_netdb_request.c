#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "core/netdb/request.h"

static const struct bj_configured both = {true, true};

static enum bj_outcome ask(const char *node, const char *service, int flags,
                           int family, struct bj_request *r)
{
    struct addrinfo hints = {.ai_flags = flags, .ai_family = family};

    return bj_request_read(node, service, &hints, both, r);
}

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *octets = p;

    for (size_t i = 0; i < n; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

static void R38_every_combination_of_null(void **state)
{
    struct addrinfo none = {0};

    (void)state;
    for (unsigned bits = 0; bits < 8; bits++) {
        const char *node = (bits & 1) != 0 ? "192.0.2.1" : NULL;
        const char *service = (bits & 2) != 0 ? "80" : NULL;
        const struct addrinfo *hints = (bits & 4) != 0 ? &none : NULL;
        struct bj_request r;
        struct bj_numeric numeric;
        enum bj_outcome outcome =
            bj_request_read(node, service, hints, both, &r);

        if (node == NULL && service == NULL) {
            assert_int_equal(outcome, BJ_NO_NAME);
            assert_true(is_zero(&r, sizeof(r)));
            continue;
        }
        assert_int_equal(outcome, BJ_FOUND);
        assert_int_equal(r.flags,
                         hints != NULL ? 0 : AI_V4MAPPED | AI_ADDRCONFIG);
        assert_int_equal(r.kind_count, 3);
        assert_int_equal(r.kinds[0].socktype, SOCK_STREAM);
        assert_int_equal(r.kinds[1].socktype, SOCK_DGRAM);
        assert_int_equal(r.kinds[2].socktype, SOCK_RAW);
        assert_int_equal(r.kinds[0].port, service == NULL ? 0 : 80);
        assert_true(bj_request_numeric(&r, &numeric));
        assert_int_equal(numeric.outcome, BJ_FOUND);
        assert_int_equal(numeric.count, node == NULL ? 2 : 1);
    }
}

static void stars_and_empty_strings(void **state)
{
    struct bj_request r;
    struct bj_numeric numeric;

    (void)state;
    assert_int_equal(ask("*", "*", 0, AF_UNSPEC, &r), BJ_NO_NAME);
    assert_int_equal(ask(NULL, "*", 0, AF_UNSPEC, &r), BJ_NO_NAME);
    assert_int_equal(ask("*", "7", 0, AF_UNSPEC, &r), BJ_FOUND);
    assert_null(r.node.text);
    assert_int_equal(ask(NULL, "", 0, AF_UNSPEC, &r), BJ_FOUND);
    assert_int_equal(r.kinds[0].port, 0);
    assert_int_equal(ask("", NULL, 0, AF_UNSPEC, &r), BJ_FOUND);
    assert_true(bj_request_numeric(&r, &numeric));
    assert_int_equal(numeric.outcome, BJ_NO_NAME);
}

static void complaints_come_in_glibcs_order(void **state)
{
    static const struct {
        const char *node, *service;
        int flags, family, socktype, protocol;
        enum bj_outcome outcome;
    } rows[] = {
        {NULL, NULL, 0x800, 99, 99, 99, BJ_NO_NAME},
        {"h", NULL, 0x800, 99, 99, 99, BJ_BAD_FLAGS},
        {NULL, "x", AI_CANONNAME, 99, 99, 99, BJ_BAD_FLAGS},
        {"h", "x", AI_NUMERICSERV, 99, 99, 99, BJ_BAD_FAMILY},
        {"h", "x", AI_NUMERICSERV, 0, 99, 99, BJ_NO_NAME},
        {"h", "x", 0, 0, 99, 0, BJ_BAD_SOCKTYPE},
        {"h", "x", 0, 0, SOCK_STREAM, IPPROTO_UDP, BJ_BAD_SOCKTYPE},
        {"h", "80", 0, 0, SOCK_RAW, 0, BJ_NO_SERVICE},
        {"h", "80", 0, 0, 0, IPPROTO_ICMP, BJ_NO_SERVICE},
        {"h", NULL, 0, 0, SOCK_RAW, IPPROTO_ICMP, BJ_FOUND},
        {"h", "65536", 0, 0, 0, 0, BJ_NO_SERVICE},
        {"h", "99999999999999999999", 0, 0, 0, 0, BJ_NO_SERVICE},
        {"h", "65535", 0, 0, 0, 0, BJ_FOUND},
        {"h", "00080", AI_NUMERICSERV, 0, 0, 0, BJ_FOUND},
        {"h", " 80", AI_NUMERICSERV, 0, 0, 0, BJ_NO_NAME},
        {"h", "+80", AI_NUMERICSERV, 0, 0, 0, BJ_NO_NAME},
        {"h", "80x", AI_NUMERICSERV, 0, 0, 0, BJ_NO_NAME},
        {"h", "80x", 0, 0, 0, 0, BJ_FOUND},
        {"h", " 80", 0, 0, 0, 0, BJ_NO_SERVICE},
        {"h", "caf\xc3\xa9", 0, 0, 0, 0, BJ_NO_SERVICE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct addrinfo hints = {.ai_flags = rows[i].flags,
                                 .ai_family = rows[i].family,
                                 .ai_socktype = rows[i].socktype,
                                 .ai_protocol = rows[i].protocol};
        struct bj_request r;
        enum bj_outcome outcome =
            bj_request_read(rows[i].node, rows[i].service, &hints, both, &r);

        if (outcome != rows[i].outcome)
            fail_msg("row %zu: %s", i, bj_outcome_name(outcome));
    }
}

static void every_single_flag(void **state)
{
    struct bj_request r;

    (void)state;
    for (int bit = 0; bit < 31; bit++)
        assert_int_equal(ask("192.0.2.1", NULL, 1 << bit, AF_INET, &r),
                         bit <= 10 ? BJ_FOUND : BJ_BAD_FLAGS);
    assert_int_equal(ask("192.0.2.1", NULL, INT32_MIN, AF_INET, &r),
                     BJ_BAD_FLAGS);
}

static void sockets_of_a_named_service(void **state)
{
    struct addrinfo hints = {.ai_protocol = IPPROTO_SCTP};
    struct bj_request r;

    (void)state;
    assert_int_equal(ask("h", "echo", 0, AF_UNSPEC, &r), BJ_FOUND);
    assert_int_equal(r.service.len, 4);
    assert_int_equal(r.kind_count, 6);
    assert_string_equal(r.kinds[0].service_protocol, "tcp");
    assert_string_equal(r.kinds[5].service_protocol, "sctp");
    assert_false(r.kinds[0].port_known);
    r.kinds[1].port = 7;
    r.kinds[1].port_known = true;
    assert_int_equal(bj_request_settle(&r), BJ_FOUND);
    assert_int_equal(r.kind_count, 1);
    assert_int_equal(r.kinds[0].socktype, SOCK_DGRAM);
    assert_int_equal(r.kinds[0].port, 7);
    r.kinds[0].port_known = false;
    assert_int_equal(bj_request_settle(&r), BJ_NO_SERVICE);
    /* A type or protocol that fits several kinds means the first. */
    assert_int_equal(bj_request_read("h", "echo", &hints, both, &r), BJ_FOUND);
    assert_int_equal(r.kind_count, 1);
    assert_int_equal(r.kinds[0].socktype, SOCK_STREAM);
}

static void addrconfig_is_an_argument(void **state)
{
    static const struct {
        int family;
        struct bj_configured configured;
        enum bj_outcome outcome;
        enum bj_family narrowed;
    } rows[] = {
        {AF_UNSPEC, {true, true}, BJ_FOUND, BJ_FAMILY_ANY},
        {AF_UNSPEC, {true, false}, BJ_FOUND, BJ_FAMILY_IP4},
        {AF_UNSPEC, {false, true}, BJ_FOUND, BJ_FAMILY_IP6},
        {AF_UNSPEC, {false, false}, BJ_FOUND, BJ_FAMILY_ANY},
        {AF_INET, {true, false}, BJ_FOUND, BJ_FAMILY_IP4},
        {AF_INET, {false, true}, BJ_NO_NAME, BJ_FAMILY_ANY},
        {AF_INET6, {false, true}, BJ_FOUND, BJ_FAMILY_IP6},
        {AF_INET6, {true, false}, BJ_NO_NAME, BJ_FAMILY_ANY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct addrinfo hints = {.ai_flags = AI_ADDRCONFIG,
                                 .ai_family = rows[i].family};
        struct bj_request r;

        assert_int_equal(
            bj_request_read("h", NULL, &hints, rows[i].configured, &r),
            rows[i].outcome);
        assert_int_equal(r.family, rows[i].narrowed);
        hints.ai_flags = 0;
        assert_int_equal(
            bj_request_read("h", NULL, &hints, rows[i].configured, &r),
            BJ_FOUND);
    }
}

static void families_to_ask_for(void **state)
{
    struct bj_request r;

    (void)state;
    (void)ask("h", NULL, 0, AF_UNSPEC, &r);
    assert_true(bj_request_asks(&r, BJ_FAMILY_IP4));
    assert_true(bj_request_asks(&r, BJ_FAMILY_IP6));
    (void)ask("h", NULL, AI_V4MAPPED, AF_INET, &r);
    assert_true(bj_request_asks(&r, BJ_FAMILY_IP4));
    assert_false(bj_request_asks(&r, BJ_FAMILY_IP6));
    (void)ask("h", NULL, AI_ALL, AF_INET6, &r);
    assert_false(bj_request_asks(&r, BJ_FAMILY_IP4));
    (void)ask("h", NULL, AI_V4MAPPED, AF_INET6, &r);
    assert_true(bj_request_asks(&r, BJ_FAMILY_IP4));
    assert_true(bj_request_asks(&r, BJ_FAMILY_IP6));
}

static void no_node_is_this_host(void **state)
{
    static const int flags[] = {0, AI_PASSIVE};
    struct bj_request r;
    struct bj_numeric n;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(ask(NULL, "7", flags[i], AF_UNSPEC, &r), BJ_FOUND);
        assert_true(bj_request_numeric(&r, &n));
        assert_int_equal(n.count, 2);
        assert_int_equal(n.addresses[0].family, BJ_FAMILY_IP6);
        assert_int_equal(n.addresses[0].octets[15], i == 0 ? 1 : 0);
        assert_int_equal(n.addresses[1].family, BJ_FAMILY_IP4);
        assert_int_equal(n.addresses[1].octets[0], i == 0 ? 127 : 0);
        assert_int_equal(ask(NULL, "7", flags[i], AF_INET, &r), BJ_FOUND);
        assert_true(bj_request_numeric(&r, &n));
        assert_int_equal(n.count, 1);
        assert_int_equal(n.addresses[0].family, BJ_FAMILY_IP4);
        assert_int_equal(ask(NULL, "7", flags[i], AF_INET6, &r), BJ_FOUND);
        assert_true(bj_request_numeric(&r, &n));
        assert_int_equal(n.count, 1);
        assert_int_equal(n.addresses[0].family, BJ_FAMILY_IP6);
    }
}

struct literal {
    const char *node;
    int flags, family;
    /* -1: a lookup is needed. */
    int outcome;
};

static void assert_literals(const struct literal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bj_request r;
        struct bj_numeric n;
        bool numeric;

        assert_int_equal(
            ask(rows[i].node, NULL, rows[i].flags, rows[i].family, &r),
            BJ_FOUND);
        numeric = bj_request_numeric(&r, &n);
        if ((numeric ? (int)n.outcome : -1) != rows[i].outcome)
            fail_msg("%s: %s", rows[i].node,
                     numeric ? bj_outcome_name(n.outcome) : "looked up");
        if (!numeric || n.outcome != BJ_FOUND)
            assert_true(n.count == 0 && n.zone.len == 0 &&
                        is_zero(n.addresses, sizeof(n.addresses)));
    }
}

static void literals_and_families(void **state)
{
    static const struct literal rows[] = {
        {"192.0.2.1", 0, AF_UNSPEC, BJ_FOUND},
        {"192.0.2.1", 0, AF_INET, BJ_FOUND},
        {"192.0.2.1", 0, AF_INET6, BJ_WRONG_FAMILY},
        {"192.0.2.1", AI_V4MAPPED, AF_INET6, BJ_FOUND},
        {"::1", 0, AF_UNSPEC, BJ_FOUND},
        {"::1", 0, AF_INET, BJ_WRONG_FAMILY},
        {"::ffff:192.0.2.1", 0, AF_INET, BJ_FOUND},
        {"::ffff:192.0.2.1%5", 0, AF_INET, BJ_FOUND},
        {"host", AI_NUMERICHOST, AF_UNSPEC, BJ_NO_NAME},
        {"host", 0, AF_UNSPEC, -1},
        {"caf\xc3\xa9", AI_IDN, AF_UNSPEC, BJ_BAD_IDN},
        {"cafe", AI_IDN | AI_CANONIDN, AF_UNSPEC, -1},
        {"caf\xc3\xa9", 0, AF_UNSPEC, BJ_NO_NAME},
        {"a b", 0, AF_UNSPEC, BJ_NO_NAME},
        {"-h", 0, AF_UNSPEC, BJ_NO_NAME},
        {".", 0, AF_UNSPEC, BJ_NO_NAME},
    };
    struct bj_request r;
    struct bj_numeric n;

    (void)state;
    assert_literals(rows, sizeof(rows) / sizeof(rows[0]));
    (void)ask("192.0.2.1", NULL, AI_V4MAPPED, AF_INET6, &r);
    assert_true(bj_request_numeric(&r, &n));
    assert_int_equal(n.addresses[0].family, BJ_FAMILY_IP6);
    assert_int_equal(n.addresses[0].octets[11], 0xff);
    assert_int_equal(n.addresses[0].octets[12], 192);
    (void)ask("::ffff:192.0.2.1%5", NULL, 0, AF_INET, &r);
    assert_true(bj_request_numeric(&r, &n));
    assert_int_equal(n.addresses[0].family, BJ_FAMILY_IP4);
    assert_int_equal(n.addresses[0].octets[0], 192);
    assert_int_equal(n.addresses[0].octets[3], 1);
    assert_int_equal(n.addresses[0].octets[4], 0);
    assert_int_equal(n.addresses[0].octets[12], 0);
    assert_int_equal(n.addresses[0].scope, 0);
}

static void R27_what_follows_a_literal_and_zones(void **state)
{
    static const struct literal rows[] = {
        {"192.0.2.1 ", 0, AF_UNSPEC, BJ_NO_NAME},
        {"192.0.2.1 evil", 0, AF_UNSPEC, BJ_NO_NAME},
        {"192.0.2.1\n", 0, AF_UNSPEC, BJ_NO_NAME},
        {"192.0.2.256", 0, AF_UNSPEC, -1},
        {"0300.0.2.1", 0, AF_UNSPEC, BJ_FOUND},
        {"0xc0.0.2.1", 0, AF_UNSPEC, BJ_FOUND},
        {"192.1", 0, AF_UNSPEC, BJ_FOUND},
        {"4294967295", 0, AF_UNSPEC, BJ_FOUND},
        {"4294967296", 0, AF_UNSPEC, -1},
        {"fe80::1%", 0, AF_UNSPEC, BJ_NO_NAME},
        {"fe80::1%eth0", 0, AF_UNSPEC, BJ_FOUND},
        {"ff02::1%eth0", 0, AF_UNSPEC, BJ_FOUND},
        {"2001:db8::1%eth0", 0, AF_UNSPEC, BJ_NO_NAME},
        {"2001:db8::1%2", 0, AF_UNSPEC, BJ_FOUND},
        {"fe80::1%4294967295", 0, AF_UNSPEC, BJ_FOUND},
        {"fe80::1%4294967296", 0, AF_UNSPEC, BJ_NO_NAME},
        {"fe80::1%0123456789abcdef", 0, AF_UNSPEC, BJ_NO_NAME},
        {"192.0.2.1%2", 0, AF_UNSPEC, BJ_NO_NAME},
    };
    struct bj_request r;
    struct bj_numeric n;

    (void)state;
    assert_literals(rows, sizeof(rows) / sizeof(rows[0]));
    (void)ask("fe80::1%eth0", NULL, 0, AF_UNSPEC, &r);
    assert_true(bj_request_numeric(&r, &n));
    assert_int_equal(n.zone.len, 4);
    assert_memory_equal(n.zone.text, "eth0", 4);
    assert_int_equal(n.addresses[0].scope, 0);
    (void)ask("fe80::1%7", NULL, 0, AF_UNSPEC, &r);
    assert_true(bj_request_numeric(&r, &n));
    assert_int_equal(n.zone.len, 0);
    assert_int_equal(n.addresses[0].scope, 7);
}

static void R28_ip6_texts_that_are_none(void **state)
{
    static const struct literal rows[] = {
        {"0::00:00:00/2", 0, AF_UNSPEC, BJ_NO_NAME},
        {"::192.0.02.1", 0, AF_UNSPEC, BJ_NO_NAME},
        {"1:2:3:4:5:6:7:8:9", 0, AF_UNSPEC, BJ_NO_NAME},
        {"00000::1", 0, AF_UNSPEC, BJ_NO_NAME},
        {"1::2::3", 0, AF_UNSPEC, BJ_NO_NAME},
    };

    (void)state;
    assert_literals(rows, sizeof(rows) / sizeof(rows[0]));
}

static void R01_a_kilobyte_of_digits_and_dots(void **state)
{
    static char digits[1025];
    struct literal row = {digits, 0, AF_UNSPEC, BJ_NO_NAME};

    (void)state;
    memset(digits, '9', 1024);
    assert_literals(&row, 1);
    for (size_t i = 1; i < 1024; i += 2)
        digits[i] = '.';
    assert_literals(&row, 1);
    /* In octal this is a number, and glibc takes it for 0.0.0.0 too. */
    memset(digits, '0', 1024);
    row.outcome = BJ_FOUND;
    assert_literals(&row, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R38_every_combination_of_null),
        cmocka_unit_test(stars_and_empty_strings),
        cmocka_unit_test(complaints_come_in_glibcs_order),
        cmocka_unit_test(every_single_flag),
        cmocka_unit_test(sockets_of_a_named_service),
        cmocka_unit_test(addrconfig_is_an_argument),
        cmocka_unit_test(families_to_ask_for),
        cmocka_unit_test(no_node_is_this_host),
        cmocka_unit_test(literals_and_families),
        cmocka_unit_test(R27_what_follows_a_literal_and_zones),
        cmocka_unit_test(R28_ip6_texts_that_are_none),
        cmocka_unit_test(R01_a_kilobyte_of_digits_and_dots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
