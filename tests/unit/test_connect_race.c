#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/connect/race.h"

#define V4 BJ_FAMILY_IP4
#define V6 BJ_FAMILY_IP6

static const struct bj_race_options usual = {BJ_RACE_DELAY_MS, 30000};

static struct bj_race_action feed(struct bj_race *r,
                                  enum bj_race_event_kind kind, size_t index,
                                  int cause, uint64_t now_ms)
{
    struct bj_race_event event = {kind, index, cause, now_ms};

    return bj_race_step(r, &event);
}

static struct bj_race_action start(struct bj_race *r,
                                   const enum bj_family *families, size_t n)
{
    bj_race_init(r, families, n, &usual);
    return feed(r, BJ_RACE_START, 0, 0, 1000);
}

static void expect(struct bj_race_action a, enum bj_race_action_kind kind,
                   size_t index)
{
    assert_int_equal(a.kind, kind);
    assert_int_equal(a.index, index);
}

/* RFC 8305 section 4: 6 6 6 4 4 becomes 6 4 6 4 6. */
static void families_are_interleaved(void **state)
{
    static const enum bj_family families[] = {V6, V6, V6, V4, V4};
    static const size_t order[] = {0, 3, 1, 4, 2};
    struct bj_race r;
    struct bj_race_action a = start(&r, families, 5);

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        expect(a, BJ_RACE_CONNECT, order[i]);
        a = feed(&r, BJ_RACE_FAILED, order[i], 111, 1000);
    }
    assert_int_equal(a.kind, BJ_RACE_LOST);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(r.attempts[i].fate, BJ_RACE_REFUSED);
        assert_int_equal(r.attempts[i].cause, 111);
    }
}

/* RFC 8305 section 5: the next attempt 250 ms after the one before, which
 * goes on and may still win. */
static void attempts_are_staggered(void **state)
{
    static const enum bj_family families[] = {V6, V4};
    struct bj_race r;
    struct bj_race_action a = start(&r, families, 2);

    (void)state;
    expect(a, BJ_RACE_CONNECT, 0);
    a = feed(&r, BJ_RACE_PENDING, 0, 0, 1001);
    assert_int_equal(a.kind, BJ_RACE_WAIT);
    assert_int_equal(a.until_ms, 1250);
    a = feed(&r, BJ_RACE_TIMER, 0, 0, 1250);
    expect(a, BJ_RACE_CONNECT, 1);
    a = feed(&r, BJ_RACE_PENDING, 0, 0, 1250);
    assert_int_equal(a.until_ms, 31000);
    expect(feed(&r, BJ_RACE_CONNECTED, 0, 0, 1300), BJ_RACE_CLOSE, 1);
    expect(feed(&r, BJ_RACE_CLOSED, 1, 0, 1300), BJ_RACE_WON, 0);
    assert_int_equal(r.attempts[1].fate, BJ_RACE_OVERTAKEN);
    expect(feed(&r, BJ_RACE_FAILED, 0, 5, 1400), BJ_RACE_WON, 0);
}

static void a_failure_starts_the_next_at_once(void **state)
{
    static const enum bj_family families[] = {V4, V4, V4};
    struct bj_race r;
    struct bj_race_action a;

    (void)state;
    (void)start(&r, families, 3);
    (void)feed(&r, BJ_RACE_PENDING, 0, 0, 1000);
    expect(feed(&r, BJ_RACE_FAILED, 0, 111, 1010), BJ_RACE_CONNECT, 1);
    a = feed(&r, BJ_RACE_PENDING, 0, 0, 1010);
    assert_int_equal(a.until_ms, 1260);
}

static void an_unreachable_family_is_skipped(void **state)
{
    static const enum bj_family families[] = {V6, V6, V4, V6, V4};
    struct bj_race r;
    struct bj_race_action a = start(&r, families, 5);

    (void)state;
    expect(a, BJ_RACE_CONNECT, 0);
    a = feed(&r, BJ_RACE_UNREACHABLE, 0, 101, 1000);
    expect(a, BJ_RACE_CONNECT, 2);
    a = feed(&r, BJ_RACE_FAILED, 2, 111, 1000);
    expect(a, BJ_RACE_CONNECT, 4);
    assert_int_equal(r.attempts[1].fate, BJ_RACE_SKIPPED);
    assert_int_equal(r.attempts[1].cause, 101);
    a = feed(&r, BJ_RACE_FAILED, 4, 113, 1000);
    assert_int_equal(a.kind, BJ_RACE_LOST);
    assert_int_equal(r.attempts[3].fate, BJ_RACE_SKIPPED);
    assert_int_equal(r.attempts[4].cause, 113);
}

/* No attempt has a limit of its own: all run until the race's. */
static void the_limit_is_for_the_whole_race(void **state)
{
    static const enum bj_family families[] = {V6, V4, V6};
    struct bj_race r;
    struct bj_race_action a;
    struct bj_race_options options = {250, 400};

    (void)state;
    bj_race_init(&r, families, 3, &options);
    (void)feed(&r, BJ_RACE_START, 0, 0, 0);
    (void)feed(&r, BJ_RACE_PENDING, 0, 0, 0);
    (void)feed(&r, BJ_RACE_TIMER, 0, 0, 250);
    a = feed(&r, BJ_RACE_PENDING, 0, 0, 250);
    assert_int_equal(a.until_ms, 400);
    expect(feed(&r, BJ_RACE_TIMER, 0, 0, 400), BJ_RACE_CLOSE, 0);
    /* A refusal that crosses the decision is still kept. */
    a = feed(&r, BJ_RACE_FAILED, 1, 111, 400);
    assert_int_equal(a.kind, BJ_RACE_LOST);
    assert_int_equal(r.attempts[0].fate, BJ_RACE_TIMED_OUT);
    assert_int_equal(r.attempts[1].fate, BJ_RACE_REFUSED);
    assert_int_equal(r.attempts[2].fate, BJ_RACE_UNTRIED);
}

/* R22: a driver that reports nothing useful for ever, or a clock that stands
 * still: the budget ends the race, and every attempt is closed. */
static void R22_the_budget_ends_a_race_that_does_not_move(void **state)
{
    enum bj_family families[BJ_RACE_MAX];
    struct bj_race_options options = {0, UINT64_MAX};
    struct bj_race r;
    struct bj_race_action a;
    size_t closed = 0;
    size_t steps;

    (void)state;
    for (size_t i = 0; i < BJ_RACE_MAX; i++)
        families[i] = i % 3 == 0 ? V6 : V4;
    bj_race_init(&r, families, BJ_RACE_MAX, &options);
    a = feed(&r, BJ_RACE_START, 0, 0, 7);
    for (steps = 1; a.kind != BJ_RACE_LOST; steps++) {
        closed += a.kind == BJ_RACE_CLOSE;
        a = feed(&r, BJ_RACE_TIMER, 0, 0, 7 - steps % 2);
    }
    assert_int_equal(closed, BJ_RACE_MAX);
    assert_true(steps <= BJ_RACE_STEPS_MAX + BJ_RACE_MAX + 1);
}

/* R22: every address refuses: a start and a result each, no more. */
static void R22_always_failing_is_bounded(void **state)
{
    enum bj_family families[2 * BJ_RACE_MAX];
    struct bj_race r;
    struct bj_race_action a;

    (void)state;
    for (size_t i = 0; i < 2 * BJ_RACE_MAX; i++)
        families[i] = V6;
    a = start(&r, families, 2 * BJ_RACE_MAX);
    while (a.kind == BJ_RACE_CONNECT)
        a = feed(&r, BJ_RACE_FAILED, a.index, 111, 1000);
    assert_int_equal(a.kind, BJ_RACE_LOST);
    assert_int_equal(r.steps, BJ_RACE_MAX + 1);
    assert_int_equal(r.left_out, BJ_RACE_MAX);
}

static void no_address_is_a_lost_race(void **state)
{
    struct bj_race r;

    (void)state;
    assert_int_equal(start(&r, NULL, 0).kind, BJ_RACE_LOST);
}

static void strange_families_race_among_themselves(void **state)
{
    static const enum bj_family families[] = {(enum bj_family)77, V4,
                                              BJ_FAMILY_ANY};
    struct bj_race r;
    struct bj_race_action a = start(&r, families, 3);

    (void)state;
    expect(a, BJ_RACE_CONNECT, 0);
    expect(feed(&r, BJ_RACE_UNREACHABLE, 0, 97, 1000), BJ_RACE_CONNECT, 1);
    assert_int_equal(feed(&r, BJ_RACE_FAILED, 1, 111, 1000).kind, BJ_RACE_LOST);
    assert_int_equal(r.attempts[2].fate, BJ_RACE_SKIPPED);
}

static void fates_have_texts(void **state)
{
    (void)state;
    assert_string_equal(bj_race_fate_text(BJ_RACE_TIMED_OUT), "timed out");
    assert_string_equal(bj_race_fate_text((enum bj_race_fate)99),
                        "unknown fate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_are_interleaved),
        cmocka_unit_test(attempts_are_staggered),
        cmocka_unit_test(a_failure_starts_the_next_at_once),
        cmocka_unit_test(an_unreachable_family_is_skipped),
        cmocka_unit_test(the_limit_is_for_the_whole_race),
        cmocka_unit_test(R22_the_budget_ends_a_race_that_does_not_move),
        cmocka_unit_test(R22_always_failing_is_bounded),
        cmocka_unit_test(no_address_is_a_lost_race),
        cmocka_unit_test(strange_families_race_among_themselves),
        cmocka_unit_test(fates_have_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
