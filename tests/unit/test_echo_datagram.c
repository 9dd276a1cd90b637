#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/echo/datagram.h"
#include "tests/support/guard.h"

static const uint16_t own[] = {7007, 7009};
static const struct bj_datagram_settings usual = {
    own, 2, 1000, 4, {{UINT64_C(0x0123456789abcdef), 42}}};

static struct bj_endpoint from(const char *text)
{
    struct bj_endpoint e;
    struct bj_zone zone;

    assert_int_equal(
        bj_endpoint_parse((const uint8_t *)text, strlen(text), &e, &zone),
        BJ_OK);
    return e;
}

static enum bj_datagram_verdict judge(struct bj_datagram *d, const char *text,
                                      uint64_t now_us)
{
    struct bj_endpoint e = from(text);

    return bj_datagram_judge(d, &e, now_us);
}

/* R41: every port whose service answers, from either family. */
static void R41_reserved_ports_are_never_answered(void **state)
{
    static const uint16_t reserved[] = {0, 7, 13, 17, 19, 37, 53};
    struct bj_endpoint v4 = from("192.0.2.1:9");
    struct bj_endpoint v6 = from("[2001:db8::1]:9");
    struct bj_datagram_settings open = usual;
    struct bj_datagram d;
    uint64_t bucket;
    size_t refused = 0;

    (void)state;
    open.interval_us = 0;
    bj_datagram_init(&d, &open, &bucket, 1);
    for (uint32_t port = 0; port < 65536; port++) {
        bool is_reserved = false;

        for (size_t i = 0; i < 7; i++)
            is_reserved = is_reserved || reserved[i] == port;
        v4.port = v6.port = (uint16_t)port;
        assert_int_equal(bj_datagram_judge(&d, &v4, 0),
                         bj_datagram_judge(&d, &v6, 0));
        assert_int_equal(bj_datagram_judge(&d, &v4, 0) ==
                             BJ_DATAGRAM_RESERVED_PORT,
                         is_reserved);
        refused += is_reserved;
    }
    assert_int_equal(refused, 7);
    assert_int_equal(d.counts[BJ_DATAGRAM_RESERVED_PORT], 7 * 3);
    assert_int_equal(d.counts[BJ_DATAGRAM_OWN_PORT], 2 * 3);
}

/* R41: our own address, and our like on another machine: two servers that
 * answer each other would never end. */
static void R41_our_own_ports_are_never_answered(void **state)
{
    struct bj_datagram d;
    uint64_t buckets[8];

    (void)state;
    bj_datagram_init(&d, &usual, buckets, 8);
    assert_int_equal(judge(&d, "127.0.0.1:7007", 0), BJ_DATAGRAM_OWN_PORT);
    assert_int_equal(judge(&d, "[::1]:7009", 0), BJ_DATAGRAM_OWN_PORT);
    assert_int_equal(judge(&d, "198.51.100.9:7007", 0), BJ_DATAGRAM_OWN_PORT);
    assert_int_equal(judge(&d, "127.0.0.1:7008", 0), BJ_DATAGRAM_ANSWER);
}

static void addresses_of_nobody_or_many_are_refused(void **state)
{
    static const char *const refused[] = {
        "0.0.0.0:999",
        "0.1.2.3:999",
        "224.0.0.1:999",
        "239.255.255.255:999",
        "255.255.255.255:9",
        "240.0.0.1:999",
        "[::]:999",
        "[ff02::1]:999",
        "[::ffff:0.0.0.0]:999",
        "[::ffff:224.0.0.1]:999",
    };
    static const char *const answered[] = {
        "1.0.0.1:999",     "223.255.255.255:999",   "[::1]:999",
        "[fe80::1%2]:999", "[::ffff:10.0.0.1]:999",
    };
    struct bj_endpoint nobody = {.port = 999};
    struct bj_datagram d;
    uint64_t buckets[1024];

    (void)state;
    bj_datagram_init(&d, &usual, buckets, 1024);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_int_equal(judge(&d, refused[i], 0), BJ_DATAGRAM_NO_HOST);
    for (size_t i = 0; i < sizeof(answered) / sizeof(answered[0]); i++)
        assert_int_equal(judge(&d, answered[i], 0), BJ_DATAGRAM_ANSWER);
    assert_int_equal(bj_datagram_judge(&d, &nobody, 0), BJ_DATAGRAM_NO_HOST);
}

/* A burst of four, then one a millisecond; what is refused takes nothing. */
static void the_bucket_fills_at_its_rate(void **state)
{
    struct bj_guard g = bj_guard_end(sizeof(uint64_t));
    struct bj_datagram d;
    uint64_t now = 5000000;

    (void)state;
    bj_datagram_init(&d, &usual, (uint64_t *)(void *)g.bytes, 1);
    for (int i = 0; i < 10; i++)
        assert_int_equal(judge(&d, "192.0.2.1:999", now),
                         i < 4 ? BJ_DATAGRAM_ANSWER : BJ_DATAGRAM_RATE);
    assert_int_equal(judge(&d, "192.0.2.1:999", now + 999), BJ_DATAGRAM_RATE);
    assert_int_equal(judge(&d, "192.0.2.1:999", now + 1000),
                     BJ_DATAGRAM_ANSWER);
    assert_int_equal(judge(&d, "192.0.2.1:999", now + 1000), BJ_DATAGRAM_RATE);
    now += 1000000;
    for (int i = 0; i < 10; i++)
        assert_int_equal(judge(&d, "192.0.2.1:999", now),
                         i < 4 ? BJ_DATAGRAM_ANSWER : BJ_DATAGRAM_RATE);
    assert_int_equal(d.counts[BJ_DATAGRAM_ANSWER], 9);
    bj_guard_free(&g);
}

/* A /24 and a /56 are one network each, the mapped form too; with this key
 * the four do not meet in one of 1024 buckets. */
static void networks_have_buckets_of_their_own(void **state)
{
    static const struct {
        const char *first, *same, *other;
    } cases[] = {
        {"192.0.2.1:999", "192.0.2.254:1000", "192.0.3.1:999"},
        {"[2001:db8:0:1200::1]:999", "[2001:db8:0:12ff:1::]:5",
         "[2001:db8:0:1300::1]:999"},
        {"10.9.8.7:999", "[::ffff:10.9.8.1]:999", "10.9.9.7:999"},
    };
    struct bj_datagram d;
    uint64_t buckets[1024];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        bj_datagram_init(&d, &usual, buckets, 1024);
        for (int n = 0; n < 2; n++) {
            assert_int_equal(judge(&d, cases[i].first, 0), BJ_DATAGRAM_ANSWER);
            assert_int_equal(judge(&d, cases[i].same, 0), BJ_DATAGRAM_ANSWER);
        }
        assert_int_equal(judge(&d, cases[i].first, 0), BJ_DATAGRAM_RATE);
        assert_int_equal(judge(&d, cases[i].same, 0), BJ_DATAGRAM_RATE);
        assert_int_equal(judge(&d, cases[i].other, 0), BJ_DATAGRAM_ANSWER);
    }
}

/* R41: no reflection: a million forged networks get no more in all than the
 * table's shares. */
static void R41_forged_networks_are_bounded_together(void **state)
{
    struct bj_endpoint e = {.address.family = BJ_FAMILY_IP4, .port = 999};
    struct bj_datagram d;
    uint64_t buckets[64];

    (void)state;
    bj_datagram_init(&d, &usual, buckets, 64);
    for (uint32_t i = 0; i < 1000000; i++) {
        e.address.octets[0] = (uint8_t)(1 + i % 126);
        e.address.octets[1] = (uint8_t)(i / 126);
        e.address.octets[2] = (uint8_t)(i / 32256);
        (void)bj_datagram_judge(&d, &e, 0);
    }
    assert_int_equal(d.counts[BJ_DATAGRAM_ANSWER], 64 * usual.burst);
}

static void edges_of_the_settings(void **state)
{
    struct bj_datagram_settings s = usual;
    struct bj_datagram d;
    uint64_t bucket;

    (void)state;
    bj_datagram_init(&d, &s, NULL, 0);
    assert_int_equal(judge(&d, "192.0.2.1:999", 0), BJ_DATAGRAM_RATE);
    s.interval_us = 0;
    bj_datagram_init(&d, &s, NULL, 0);
    assert_int_equal(judge(&d, "192.0.2.1:999", 0), BJ_DATAGRAM_ANSWER);
    s.interval_us = UINT64_MAX;
    s.burst = 0;
    bj_datagram_init(&d, &s, &bucket, 1);
    assert_int_equal(judge(&d, "192.0.2.1:999", 7), BJ_DATAGRAM_ANSWER);
    assert_int_equal(judge(&d, "192.0.2.1:999", UINT64_MAX - 1),
                     BJ_DATAGRAM_RATE);
    s.burst = UINT32_MAX;
    bj_datagram_init(&d, &s, &bucket, 1);
    assert_int_equal(d.window_us, UINT64_MAX);
    assert_int_equal(judge(&d, "192.0.2.1:999", 7), BJ_DATAGRAM_ANSWER);
}

static void verdicts_have_texts(void **state)
{
    (void)state;
    assert_string_equal(bj_datagram_verdict_text(BJ_DATAGRAM_ANSWER), "answer");
    assert_string_equal(bj_datagram_verdict_text(BJ_DATAGRAM_VERDICTS),
                        "unknown verdict");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R41_reserved_ports_are_never_answered),
        cmocka_unit_test(R41_our_own_ports_are_never_answered),
        cmocka_unit_test(addresses_of_nobody_or_many_are_refused),
        cmocka_unit_test(the_bucket_fills_at_its_rate),
        cmocka_unit_test(networks_have_buckets_of_their_own),
        cmocka_unit_test(R41_forged_networks_are_bounded_together),
        cmocka_unit_test(edges_of_the_settings),
        cmocka_unit_test(verdicts_have_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
