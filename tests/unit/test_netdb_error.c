#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <netdb.h>

#include <cmocka.h>

#include "core/netdb/error.h"

static void every_outcome_has_a_name_and_numbers_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BJ_OUTCOME_COUNT; i++) {
        enum bj_outcome outcome = (enum bj_outcome)i;

        assert_memory_equal(bj_outcome_name(outcome), "BJ_", 3);
        assert_true(strlen(bj_outcome_text(outcome)) > 4);
        assert_int_equal(bj_outcome_eai(outcome) == 0, outcome == BJ_FOUND);
        assert_int_equal(bj_outcome_h_errno(outcome) == 0, outcome == BJ_FOUND);
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(bj_outcome_name(outcome),
                                    bj_outcome_name((enum bj_outcome)k));
    }
}

static void numbers_are_the_ones_that_callers_know(void **state)
{
    (void)state;
    assert_int_equal(bj_outcome_eai(BJ_NO_NAME), EAI_NONAME);
    assert_int_equal(bj_outcome_eai(BJ_NO_DATA), EAI_NODATA);
    assert_int_equal(bj_outcome_eai(BJ_TIMED_OUT), EAI_AGAIN);
    assert_int_equal(bj_outcome_eai(BJ_SERVER_FAILED), EAI_AGAIN);
    assert_int_equal(bj_outcome_eai(BJ_FAILED), EAI_FAIL);
    assert_int_equal(bj_outcome_eai(BJ_NO_ROOM), EAI_OVERFLOW);
    assert_int_equal(bj_outcome_h_errno(BJ_NO_NAME), HOST_NOT_FOUND);
    assert_int_equal(bj_outcome_h_errno(BJ_NO_DATA), NO_DATA);
    assert_int_equal(bj_outcome_h_errno(BJ_UNREACHABLE), TRY_AGAIN);
    assert_int_equal(bj_outcome_h_errno(BJ_NO_ROOM), NETDB_INTERNAL);
}

static void a_stranger_is_a_failure(void **state)
{
    (void)state;
    assert_int_equal(bj_outcome_eai((enum bj_outcome)9999), EAI_FAIL);
    assert_int_equal(bj_outcome_h_errno(BJ_OUTCOME_COUNT), NO_RECOVERY);
    assert_string_equal(bj_outcome_name((enum bj_outcome)9999),
                        "unknown outcome");
    assert_string_equal(bj_outcome_text((enum bj_outcome)9999),
                        "unknown outcome");
}

static void statuses_of_core(void **state)
{
    (void)state;
    assert_int_equal(bj_outcome_of_status(BJ_OK), BJ_FOUND);
    assert_int_equal(bj_outcome_of_status(BJ_NONE), BJ_NO_DATA);
    assert_int_equal(bj_outcome_of_status(BJ_SPACE), BJ_NO_ROOM);
    assert_int_equal(bj_outcome_of_status(BJ_BAD), BJ_FAILED);
    assert_int_equal(bj_outcome_of_status(BJ_BUG), BJ_FAILED);
}

static void every_rcode(void **state)
{
    (void)state;
    assert_int_equal(bj_outcome_of_reply(0, 1), BJ_FOUND);
    assert_int_equal(bj_outcome_of_reply(0, 0), BJ_NO_DATA);
    assert_int_equal(bj_outcome_of_reply(3, 0), BJ_NO_NAME);
    for (unsigned rcode = 1; rcode < 4096; rcode++) {
        enum bj_outcome outcome = bj_outcome_of_reply(rcode, 5);

        /* Records beside an error are not an answer. */
        assert_int_not_equal(outcome, BJ_FOUND);
        if (rcode == 2 || rcode == 4 || rcode == 5)
            assert_int_equal(outcome, BJ_SERVER_FAILED);
        else if (rcode != 3)
            assert_int_equal(outcome, BJ_FAILED);
    }
}

static void two_halves_of_a_question(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BJ_OUTCOME_COUNT; i++) {
        enum bj_outcome other = (enum bj_outcome)i;

        assert_int_equal(bj_outcome_join(BJ_FOUND, other), BJ_FOUND);
        assert_int_equal(bj_outcome_join(other, BJ_FOUND), BJ_FOUND);
        assert_int_equal(bj_outcome_join(BJ_NO_DATA, other), other);
        if (other != BJ_FOUND)
            assert_int_equal(bj_outcome_join(other, BJ_NO_DATA), other);
    }
    assert_int_equal(bj_outcome_join(BJ_TIMED_OUT, BJ_NO_NAME), BJ_TIMED_OUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_outcome_has_a_name_and_numbers_of_its_own),
        cmocka_unit_test(numbers_are_the_ones_that_callers_know),
        cmocka_unit_test(a_stranger_is_a_failure),
        cmocka_unit_test(statuses_of_core),
        cmocka_unit_test(every_rcode),
        cmocka_unit_test(two_halves_of_a_question),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
