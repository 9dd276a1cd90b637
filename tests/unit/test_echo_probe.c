#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/echo/probe.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

enum { COUNT = 8, SIZE = 16 };

static uint64_t sent_ns[COUNT];
static uint64_t rtts_ns[COUNT];
static uint8_t messages[COUNT][SIZE];

/* A probe all of whose messages have been sent, the i-th at 1000 * i. */
static void start(struct bj_probe *p, bool datagram)
{
    struct bj_probe_settings settings = {COUNT, SIZE, 0xfeed, datagram};

    bj_probe_init(p, &settings, sent_ns, rtts_ns);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_true(bj_probe_write(p, messages[i]));
        bj_probe_sent(p, 1000 * (uint64_t)i);
    }
    assert_false(bj_probe_write(p, messages[0]));
    bj_probe_sent(p, 0);
    assert_int_equal(p->sent, COUNT);
}

static enum bj_probe_verdict datagram(struct bj_probe *p, const uint8_t *bytes,
                                      size_t len)
{
    struct bj_guard g = bj_guard_copy(bytes, len);
    struct bj_cursor c;
    struct bj_probe_result r;

    bj_cursor_init(&c, g.bytes, len);
    r = bj_probe_datagram(p, &c, 9000);
    assert_int_equal(bj_cursor_left(&c), 0);
    bj_guard_free(&g);
    return r.verdict;
}

static void datagrams_are_told_apart(void **state)
{
    struct bj_probe p;
    struct bj_probe_summary s;
    uint8_t bad[SIZE + 1] = {0};

    (void)state;
    start(&p, true);
    assert_int_equal(datagram(&p, messages[0], SIZE), BJ_PROBE_ECHO);
    assert_int_equal(datagram(&p, messages[3], SIZE), BJ_PROBE_ECHO);
    assert_int_equal(datagram(&p, messages[1], SIZE), BJ_PROBE_REORDERED);
    assert_int_equal(datagram(&p, messages[3], SIZE), BJ_PROBE_DUPLICATE);
    memcpy(bad, messages[4], SIZE);
    bad[SIZE - 1] ^= 1;
    assert_int_equal(datagram(&p, bad, SIZE), BJ_PROBE_SPOILED);
    assert_int_equal(datagram(&p, bad, SIZE), BJ_PROBE_STRAY);
    memcpy(bad, messages[5], SIZE);
    assert_int_equal(datagram(&p, bad, SIZE + 1), BJ_PROBE_SPOILED);
    assert_int_equal(p.received, 3);
    assert_int_equal(p.reordered, 1);
    bj_probe_sum_up(&p, &s);
    assert_int_equal(s.lost, 3);
    assert_int_equal(s.min_ns, 6000);
    assert_int_equal(s.median_ns, 8000);
    assert_int_equal(s.max_ns, 9000);
}

/* R19: 0 octets, 1 to 3, numbers never sent: no answer and no harm. */
static void R19_datagrams_that_answer_nothing(void **state)
{
    static const uint8_t far[4] = {0xff, 0xff, 0xff, 0xff};
    static const uint8_t next[4] = {0, 0, 0, COUNT};
    struct bj_probe p;

    (void)state;
    start(&p, true);
    for (size_t len = 0; len < 4; len++)
        assert_int_equal(datagram(&p, messages[0], len), BJ_PROBE_STRAY);
    assert_int_equal(datagram(&p, far, 4), BJ_PROBE_STRAY);
    assert_int_equal(datagram(&p, next, 4), BJ_PROBE_STRAY);
    assert_int_equal(p.stray, 6);
    assert_int_equal(bj_probe_outstanding(&p), COUNT);
}

/* The adapter of the split property: verdicts and numbers. */
static void push(const uint8_t *bytes, size_t len, const size_t *cuts,
                 size_t cut_count, uint8_t *out, size_t cap, size_t *out_len)
{
    struct bj_probe p;
    size_t at = 0;

    (void)cap;
    start(&p, false);
    for (size_t i = 0; i <= cut_count; i++) {
        size_t end = i < cut_count ? cuts[i] : len;
        struct bj_cursor c;
        struct bj_probe_result r;

        bj_cursor_init(&c, bytes + at, end - at);
        at = end;
        do {
            r = bj_probe_stream(&p, &c, 9000);
            if (r.verdict != BJ_PROBE_MORE) {
                out[(*out_len)++] = (uint8_t)r.verdict;
                out[(*out_len)++] = (uint8_t)r.number;
            }
        } while (r.verdict != BJ_PROBE_MORE);
    }
}

static void a_stream_cut_anywhere_is_the_same(void **state)
{
    struct bj_probe p;
    uint8_t stream[5 * SIZE + 3];

    (void)state;
    start(&p, false);
    memcpy(stream, messages, sizeof(stream));
    stream[2 * SIZE + 7] ^= 0x20;
    bj_property_splits(push, stream, sizeof(stream));
}

static void a_stream_is_checked_octet_for_octet(void **state)
{
    uint8_t stream[COUNT * SIZE + 1];
    struct bj_probe p;
    struct bj_probe_result r;
    struct bj_cursor c;

    (void)state;
    for (size_t wrong = 0; wrong < COUNT * SIZE; wrong++) {
        start(&p, false);
        memcpy(stream, messages, COUNT * SIZE);
        stream[wrong] ^= 1;
        bj_cursor_init(&c, stream, sizeof(stream));
        for (uint32_t i = 0; i < COUNT; i++) {
            r = bj_probe_stream(&p, &c, 9000);
            assert_int_equal(r.verdict, i == wrong / SIZE ? BJ_PROBE_SPOILED
                                                          : BJ_PROBE_ECHO);
            assert_int_equal(r.number, i);
        }
        assert_int_equal(bj_probe_stream(&p, &c, 9000).verdict, BJ_PROBE_STRAY);
        assert_int_equal(bj_probe_stream(&p, &c, 9000).verdict, BJ_PROBE_MORE);
        assert_int_equal(bj_probe_outstanding(&p), 0);
    }
}

/* Messages are written within their size, and differ from run to run. */
static void messages_end_where_they_should(void **state)
{
    struct bj_probe_settings settings = {1, 5, 1, true};
    struct bj_guard g = bj_guard_end(5);
    struct bj_guard h = bj_guard_start(5);
    struct bj_probe p;

    (void)state;
    bj_probe_init(&p, &settings, sent_ns, rtts_ns);
    assert_true(bj_probe_write(&p, g.bytes));
    settings.key = 2;
    bj_probe_init(&p, &settings, sent_ns, rtts_ns);
    assert_true(bj_probe_write(&p, h.bytes));
    assert_memory_equal(g.bytes, "\0\0\0\0", 4);
    assert_int_not_equal(g.bytes[4], h.bytes[4]);
    bj_guard_free(&g);
    bj_guard_free(&h);
}

static void percentiles_are_by_nearest_rank(void **state)
{
    static uint64_t sent[200];
    static uint64_t rtts[200];
    struct bj_probe_settings settings = {200, 4, 0, true};
    struct bj_probe_summary s;
    struct bj_probe p;
    uint8_t out[4];
    struct bj_cursor c;

    (void)state;
    bj_probe_init(&p, &settings, sent, rtts);
    for (uint64_t i = 0; i < 200; i++) {
        (void)bj_probe_write(&p, out);
        bj_probe_sent(&p, 0);
        bj_cursor_init(&c, out, 4);
        (void)bj_probe_datagram(&p, &c, (i * 77) % 200 + 1);
    }
    bj_probe_sum_up(&p, &s);
    assert_int_equal(s.min_ns, 1);
    assert_int_equal(s.median_ns, 100);
    assert_int_equal(s.p99_ns, 198);
    assert_int_equal(s.max_ns, 200);
    assert_int_equal(s.lost, 0);
}

static void a_clock_that_goes_back_gives_zero(void **state)
{
    struct bj_probe p;
    struct bj_cursor c;
    struct bj_probe_result r;

    (void)state;
    start(&p, true);
    bj_cursor_init(&c, messages[7], SIZE);
    r = bj_probe_datagram(&p, &c, 6999);
    assert_int_equal(r.verdict, BJ_PROBE_ECHO);
    assert_int_equal(r.rtt_ns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams_are_told_apart),
        cmocka_unit_test(R19_datagrams_that_answer_nothing),
        cmocka_unit_test(a_stream_cut_anywhere_is_the_same),
        cmocka_unit_test(a_stream_is_checked_octet_for_octet),
        cmocka_unit_test(messages_end_where_they_should),
        cmocka_unit_test(percentiles_are_by_nearest_rank),
        cmocka_unit_test(a_clock_that_goes_back_gives_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
