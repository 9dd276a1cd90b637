#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/echo/relay.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

static const char text[] = "What the echo client said, it hears again.\r\n";

/* Serves one action of an alternating relay from `bytes` (the next chunk of
 * at most `chunk` octets) into `out`; *pos counts what the source gave. */
struct stream {
    const uint8_t *bytes;
    size_t len;
    size_t pos;
    uint8_t *out;
    size_t out_len;
};

static struct bj_relay_action serve(struct bj_relay *r, struct stream *s,
                                    struct bj_relay_action a, size_t chunk)
{
    size_t n = a.n < chunk ? a.n : chunk;

    if (a.kind == BJ_RELAY_READ) {
        if (n > s->len - s->pos)
            n = s->len - s->pos;
        if (n == 0)
            return bj_relay_step(r, BJ_RELAY_EOF, 0);
        memcpy(a.at, s->bytes + s->pos, n);
        s->pos += n;
        return bj_relay_step(r, BJ_RELAY_GOT, n);
    }
    if (a.kind == BJ_RELAY_WRITE) {
        memcpy(s->out + s->out_len, a.at, n);
        s->out_len += n;
        return bj_relay_step(r, BJ_RELAY_PUT, n);
    }
    return bj_relay_step(r, BJ_RELAY_FINISHED, 0);
}

/* The adapter of the split property: each chunk is one or more reads. */
static void push(const uint8_t *bytes, size_t len, const size_t *cuts,
                 size_t cut_count, uint8_t *out, size_t cap, size_t *out_len)
{
    struct bj_guard buf = bj_guard_end(11);
    struct stream s = {.bytes = bytes, .len = len, .out = out};
    struct bj_relay_action a;
    struct bj_relay r;
    size_t next_cut = 0;

    bj_relay_init(&r, buf.bytes, buf.len, 0);
    a = bj_relay_step(&r, BJ_RELAY_START, 0);
    while (a.kind != BJ_RELAY_DONE && s.out_len < cap) {
        while (next_cut < cut_count && cuts[next_cut] <= s.pos)
            next_cut += 1;
        a = serve(&r, &s, a,
                  next_cut < cut_count ? cuts[next_cut] - s.pos : len);
    }
    assert_int_equal(r.outcome, BJ_RELAY_OK);
    assert_int_equal(r.got, len);
    assert_int_equal(r.put, len);
    *out_len = s.out_len;
    bj_guard_free(&buf);
}

static void any_chunking_gives_the_same_stream(void **state)
{
    (void)state;
    bj_property_splits(push, text, sizeof(text));
}

/* R44: whatever the sizes of reads and writes, every octet comes back in
 * order, and never more than the buffer is held. Both ends are guarded. */
static void R44_any_capacity_and_slow_reader(void **state)
{
    uint8_t out[sizeof(text)];

    (void)state;
    for (size_t cap = 1; cap <= sizeof(text) + 2; cap++) {
        for (size_t chunk = 1; chunk < 9; chunk++) {
            struct bj_guard buf =
                chunk % 2 == 0 ? bj_guard_end(cap) : bj_guard_start(cap);
            struct stream s = {(const uint8_t *)text, sizeof(text), 0, out, 0};
            struct bj_relay_action a;
            struct bj_relay r;

            bj_relay_init(&r, buf.bytes, cap, 0);
            a = bj_relay_step(&r, BJ_RELAY_START, 0);
            while (a.kind != BJ_RELAY_DONE) {
                a = serve(&r, &s, a, a.kind == BJ_RELAY_WRITE ? chunk : cap);
                assert_true(bj_relay_pending(&r) <= cap);
            }
            assert_int_equal(s.out_len, sizeof(text));
            assert_memory_equal(out, text, sizeof(text));
            bj_guard_free(&buf);
        }
    }
}

static struct bj_relay_action started(struct bj_relay *r, uint8_t *buf,
                                      size_t cap, unsigned flags)
{
    bj_relay_init(r, buf, cap, flags);
    return bj_relay_step(r, BJ_RELAY_START, 0);
}

/* The ring: reads go on behind the head while the sink is slow. */
static void polled_reads_around_the_end(void **state)
{
    uint8_t buf[8];
    struct bj_relay r;
    struct bj_relay_action a = started(&r, buf, 8, BJ_RELAY_POLLED);

    (void)state;
    assert_int_equal(a.kind, BJ_RELAY_WAIT);
    assert_int_equal(a.wants, BJ_RELAY_WANTS_READ);
    a = bj_relay_step(&r, BJ_RELAY_READABLE, 0);
    assert_int_equal(a.n, 8);
    memcpy(a.at, "abcdef", 6);
    a = bj_relay_step(&r, BJ_RELAY_GOT, 6);
    assert_int_equal(a.wants, BJ_RELAY_WANTS_READ | BJ_RELAY_WANTS_WRITE);
    a = bj_relay_step(&r, BJ_RELAY_WRITABLE, 0);
    assert_memory_equal(a.at, "abcdef", 6);
    bj_relay_step(&r, BJ_RELAY_PUT, 5);
    a = bj_relay_step(&r, BJ_RELAY_READABLE, 0);
    assert_ptr_equal(a.at, buf + 6);
    assert_int_equal(a.n, 2);
    memcpy(a.at, "gh", 2);
    bj_relay_step(&r, BJ_RELAY_GOT, 2);
    a = bj_relay_step(&r, BJ_RELAY_READABLE, 0);
    assert_ptr_equal(a.at, buf);
    assert_int_equal(a.n, 5);
    memcpy(a.at, "ijklm", 5);
    a = bj_relay_step(&r, BJ_RELAY_GOT, 5);
    assert_int_equal(a.wants, BJ_RELAY_WANTS_WRITE);
    a = bj_relay_step(&r, BJ_RELAY_WRITABLE, 0);
    assert_int_equal(a.n, 3);
    assert_memory_equal(a.at, "fgh", 3);
    bj_relay_step(&r, BJ_RELAY_PUT, 3);
    a = bj_relay_step(&r, BJ_RELAY_WRITABLE, 0);
    assert_int_equal(a.n, 5);
    assert_memory_equal(a.at, "ijklm", 5);
}

static void R44_half_close_drains_then_shuts_down(void **state)
{
    uint8_t buf[8];
    struct bj_relay r;
    struct bj_relay_action a = started(&r, buf, 8, BJ_RELAY_HALF);

    (void)state;
    memcpy(a.at, "xyz", 3);
    bj_relay_step(&r, BJ_RELAY_GOT, 3);
    a = bj_relay_step(&r, BJ_RELAY_PUT, 2);
    assert_int_equal(a.kind, BJ_RELAY_WRITE);
    a = bj_relay_step(&r, BJ_RELAY_PUT, 1);
    a = bj_relay_step(&r, BJ_RELAY_EOF, 0);
    assert_int_equal(a.kind, BJ_RELAY_SHUTDOWN);
    assert_int_equal(bj_relay_step(&r, BJ_RELAY_AGAIN, 0).kind,
                     BJ_RELAY_SHUTDOWN);
    assert_int_equal(bj_relay_step(&r, BJ_RELAY_FINISHED, 0).kind,
                     BJ_RELAY_DONE);
    assert_int_equal(r.outcome, BJ_RELAY_OK);
    assert_true(bj_relay_over(&r));
}

/* A polled source ends or fails while octets are pending: they still go. */
static void a_failed_source_is_drained_but_not_shut_down(void **state)
{
    uint8_t buf[8];
    struct bj_relay r;
    struct bj_relay_action a =
        started(&r, buf, 8, BJ_RELAY_POLLED | BJ_RELAY_HALF);

    (void)state;
    bj_relay_step(&r, BJ_RELAY_READABLE, 0);
    bj_relay_step(&r, BJ_RELAY_GOT, 3);
    bj_relay_step(&r, BJ_RELAY_READABLE, 0);
    a = bj_relay_step(&r, BJ_RELAY_FAILED, 0);
    assert_int_equal(a.kind, BJ_RELAY_WAIT);
    assert_int_equal(a.wants, BJ_RELAY_WANTS_WRITE);
    bj_relay_step(&r, BJ_RELAY_WRITABLE, 0);
    a = bj_relay_step(&r, BJ_RELAY_PUT, 3);
    assert_int_equal(a.kind, BJ_RELAY_CLOSE);
    assert_int_equal(r.outcome, BJ_RELAY_READ_FAILED);
}

static void R44_reset_in_a_write_closes_and_counts_the_loss(void **state)
{
    uint8_t buf[8];
    struct bj_relay r;

    (void)state;
    (void)started(&r, buf, 8, BJ_RELAY_HALF);
    bj_relay_step(&r, BJ_RELAY_GOT, 8);
    bj_relay_step(&r, BJ_RELAY_PUT, 3);
    assert_int_equal(bj_relay_step(&r, BJ_RELAY_FAILED, 0).kind,
                     BJ_RELAY_CLOSE);
    assert_int_equal(r.outcome, BJ_RELAY_WRITE_FAILED);
    assert_int_equal(bj_relay_pending(&r), 5);
    assert_int_equal(r.got, 8);
    assert_int_equal(r.put, 3);
}

static void R44_timeout_ends_from_every_state(void **state)
{
    uint8_t buf[8];
    struct bj_relay r;

    (void)state;
    for (int depth = 0; depth < 3; depth++) {
        bj_relay_init(&r, buf, 8, 0);
        if (depth > 0)
            bj_relay_step(&r, BJ_RELAY_START, 0);
        if (depth > 1)
            bj_relay_step(&r, BJ_RELAY_GOT, 4);
        assert_int_equal(bj_relay_step(&r, BJ_RELAY_TIMEOUT, 0).kind,
                         BJ_RELAY_CLOSE);
        assert_int_equal(bj_relay_step(&r, BJ_RELAY_FINISHED, 0).kind,
                         BJ_RELAY_DONE);
        assert_int_equal(r.outcome, BJ_RELAY_TIMED_OUT);
    }
}

static void interrupted_calls_are_repeated(void **state)
{
    uint8_t buf[8];
    struct bj_relay r;
    struct bj_relay_action a = started(&r, buf, 8, 0);
    struct bj_relay_action b = bj_relay_step(&r, BJ_RELAY_AGAIN, 0);

    (void)state;
    assert_int_equal(b.kind, BJ_RELAY_READ);
    assert_ptr_equal(b.at, a.at);
    assert_int_equal(b.n, a.n);
    bj_relay_step(&r, BJ_RELAY_GOT, 2);
    b = bj_relay_step(&r, BJ_RELAY_AGAIN, 0);
    assert_int_equal(b.kind, BJ_RELAY_WRITE);
    assert_int_equal(b.n, 2);
}

static void driven_wrong_it_ends_without_moving(void **state)
{
    static const struct {
        enum bj_relay_event event;
        size_t n;
    } wrong[] = {
        {BJ_RELAY_START, 0},      {BJ_RELAY_GOT, 0},
        {BJ_RELAY_GOT, 9},        {BJ_RELAY_PUT, 1},
        {BJ_RELAY_GOT, SIZE_MAX}, {BJ_RELAY_WRITABLE, 0},
        {BJ_RELAY_FINISHED, 0},   {BJ_RELAY_READABLE, 0},
    };
    uint8_t buf[8];
    struct bj_relay r;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        (void)started(&r, buf, 8, 0);
        assert_int_equal(bj_relay_step(&r, wrong[i].event, wrong[i].n).kind,
                         BJ_RELAY_CLOSE);
        assert_int_equal(r.outcome, BJ_RELAY_BROKEN);
        assert_int_equal(r.got, 0);
        assert_int_equal(bj_relay_pending(&r), 0);
    }
}

static void no_room_is_our_bug(void **state)
{
    struct bj_relay r;

    (void)state;
    assert_int_equal(started(&r, NULL, 0, 0).kind, BJ_RELAY_CLOSE);
    assert_int_equal(r.outcome, BJ_RELAY_BROKEN);
}

static void outcomes_have_texts(void **state)
{
    (void)state;
    assert_string_equal(bj_relay_outcome_text(BJ_RELAY_OK), "ended");
    assert_string_equal(bj_relay_outcome_text(BJ_RELAY_TIMED_OUT), "timed out");
    assert_string_equal(bj_relay_outcome_text((enum bj_relay_outcome)99),
                        "unknown outcome");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_chunking_gives_the_same_stream),
        cmocka_unit_test(R44_any_capacity_and_slow_reader),
        cmocka_unit_test(polled_reads_around_the_end),
        cmocka_unit_test(R44_half_close_drains_then_shuts_down),
        cmocka_unit_test(a_failed_source_is_drained_but_not_shut_down),
        cmocka_unit_test(R44_reset_in_a_write_closes_and_counts_the_loss),
        cmocka_unit_test(R44_timeout_ends_from_every_state),
        cmocka_unit_test(interrupted_calls_are_repeated),
        cmocka_unit_test(driven_wrong_it_ends_without_moving),
        cmocka_unit_test(no_room_is_our_bug),
        cmocka_unit_test(outcomes_have_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
