/* Who runs next; and what a process's end means. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "harnesses/campaign/schedule.h"
#include "harnesses/campaign/verdict.h"

static void everybody_gets_a_share(void **state)
{
    struct bj_turn turns[7] = {{.granted_ms = 0}};
    size_t next;

    (void)state;
    for (unsigned i = 0; i < 7 * 100; i += 1) {
        next = bj_schedule_next(turns, 7);
        assert_true(next < 7);
        turns[next].granted_ms += 1000;
    }
    for (unsigned i = 0; i < 7; i += 1)
        assert_int_equal(turns[i].granted_ms, 100 * 1000);
}

static void who_grows_gets_half_as_much_again(void **state)
{
    struct bj_turn turns[2] = {{.grows = true}, {.grows = false}};

    (void)state;
    for (unsigned i = 0; i < 1000; i += 1)
        turns[bj_schedule_next(turns, 2)].granted_ms += 1000;
    assert_in_range(turns[0].granted_ms, 595000, 605000);
    assert_int_equal(turns[0].granted_ms + turns[1].granted_ms, 1000000);
}

static void nobody_left(void **state)
{
    struct bj_turn turns[2] = {{.busy = true}, {.unfit = true}};

    (void)state;
    assert_int_equal(bj_schedule_next(turns, 2), BJ_NOBODY);
    assert_int_equal(bj_schedule_next(turns, 0), BJ_NOBODY);
}

static void slices(void **state)
{
    (void)state;
    /* 50 targets, a minute, two jobs: one slice each. */
    assert_int_equal(bj_schedule_slice(120000, 50), 2400);
    /* Ten minutes: several. */
    assert_int_equal(bj_schedule_slice(1200000, 50), 6000);
    assert_int_equal(bj_schedule_slice(10, 50), BJ_SLICE_MIN_MS);
    assert_int_equal(bj_schedule_slice(UINT64_MAX, 1), BJ_SLICE_MAX_MS);
    assert_int_equal(bj_schedule_slice(60000, 0), 15000);
}

#define STARTED .started = true
#define FIT .started = true, .instrumented = true

static void verdicts(void **state)
{
    static const struct {
        struct bj_engine engine;
        const char *kind;
        struct bj_end end;
        enum bj_verdict verdict;
    } rows[] = {
        {{FIT, .done = true}, "", {.status = 0}, BJ_VERDICT_CLEAN},
        {{FIT}, "SEGV", {.status = 99, .has_artifact = true}, BJ_VERDICT_FOUND},
        {{FIT},
         "timeout",
         {.status = 70, .has_artifact = true},
         BJ_VERDICT_FOUND},
        /* A status of 0 is believed of nobody. */
        {{FIT}, "", {.status = 0}, BJ_VERDICT_EXITS},
        {{STARTED}, "", {.status = 0}, BJ_VERDICT_EXITS},
        {{.started = false}, "", {.status = 0}, BJ_VERDICT_NO_ENGINE},
        {{FIT, .done = true}, "", {.status = 1}, BJ_VERDICT_DIES},
        {{FIT}, "SEGV", {.status = 99}, BJ_VERDICT_DIES},
        {{FIT}, "", {.signal = SIGKILL}, BJ_VERDICT_DIES},
        {{FIT}, "", {.signal = SIGSYS}, BJ_VERDICT_DIES},
        {{FIT}, "", {.signal = SIGKILL, .killed_late = true}, BJ_VERDICT_HANGS},
        {{FIT},
         "out-of-memory",
         {.signal = SIGKILL, .killed_late = true},
         BJ_VERDICT_MEMORY},
        {{FIT}, "", {.status = 71}, BJ_VERDICT_MEMORY},
        {{FIT}, "out-of-memory", {.status = 71}, BJ_VERDICT_MEMORY},
        {{FIT}, "", {.status = 72}, BJ_VERDICT_INTERRUPTED},
        {{FIT},
         "",
         {.signal = SIGKILL, .interrupted = true},
         BJ_VERDICT_INTERRUPTED},
        /* What was found on the way to the end is not lost. */
        {{FIT},
         "SEGV",
         {.status = 99, .interrupted = true, .has_artifact = true},
         BJ_VERDICT_FOUND},
        {{STARTED, .uninteresting = true},
         "",
         {.status = 1},
         BJ_VERDICT_UNINSTRUMENTED},
        {{STARTED, .done = true}, "", {.status = 0}, BJ_VERDICT_UNINSTRUMENTED},
        {{.started = false}, "", {.status = 126}, BJ_VERDICT_NO_START},
        {{.started = false}, "", {.status = 127}, BJ_VERDICT_NO_START},
    };
    struct bj_crash crash;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i += 1) {
        memset(&crash, 0, sizeof(crash));
        strcpy(crash.kind, rows[i].kind);
        assert_string_equal(bj_verdict_name(bj_verdict_of(
                                &rows[i].engine, &crash, &rows[i].end)),
                            bj_verdict_name(rows[i].verdict));
    }
}

static void names_of_verdicts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BJ_VERDICT_COUNT; i += 1)
        assert_int_equal(bj_verdict_find(bj_verdict_name((enum bj_verdict)i)),
                         i);
    assert_int_equal(bj_verdict_find("nonsense"), BJ_VERDICT_COUNT);
    assert_false(bj_verdict_unfit(BJ_VERDICT_CLEAN));
    assert_false(bj_verdict_unfit(BJ_VERDICT_FOUND));
    assert_true(bj_verdict_unfit(BJ_VERDICT_EXITS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_gets_a_share),
        cmocka_unit_test(who_grows_gets_half_as_much_again),
        cmocka_unit_test(nobody_left),
        cmocka_unit_test(slices),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(names_of_verdicts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
