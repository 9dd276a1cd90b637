#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/resolve/places.h"

static struct bj_places p;

static int set_up(void **state)
{
    (void)state;
    memset(&p, 0, sizeof(p));
    return 0;
}

static void the_lowest_free_place_is_taken(void **state)
{
    (void)state;
    assert_int_equal(bj_places_take(&p, 70), 0);
    assert_int_equal(bj_places_take(&p, 0), 1);
    assert_int_equal(bj_places_take(&p, 72), 2);
    bj_places_leave(&p, 1);
    assert_int_equal(p.count, 3);
    assert_int_equal(bj_places_find(&p, 0), BJ_PLACES_MAX);
    assert_int_equal(bj_places_find(&p, 72), 2);
    assert_int_equal(bj_places_take(&p, 73), 1);
    bj_places_leave(&p, 1);
    bj_places_leave(&p, 2);
    assert_int_equal(p.count, 1);
}

static void there_are_so_many(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < BJ_PLACES_MAX; i++)
        assert_int_equal(bj_places_take(&p, 1000 + i), i);
    assert_int_equal(bj_places_take(&p, 1), BJ_PLACES_MAX);
    bj_places_leave(&p, 200);
    assert_int_equal(bj_places_take(&p, 1), 200);
}

static void turns_come_in_order(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < BJ_PLACES_MAX; i++)
        (void)!bj_places_take(&p, i);
    assert_int_equal(bj_places_next(&p), BJ_PLACES_MAX);
    /* Often enough to go round the ring. */
    for (size_t i = 0; i < 3 * BJ_PLACES_MAX; i += 3) {
        bj_places_ready(&p, i % BJ_PLACES_MAX);
        bj_places_ready(&p, (i + 5) % BJ_PLACES_MAX);
        assert_int_equal(bj_places_next(&p), i % BJ_PLACES_MAX);
        bj_places_done(&p, false);
        assert_int_equal(bj_places_next(&p), (i + 5) % BJ_PLACES_MAX);
        bj_places_done(&p, false);
    }
    bj_places_done(&p, false); /* of nobody: nothing */
    assert_int_equal(p.ready_count, 0);
}

static void the_blocked_are_found_and_counted(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        (void)!bj_places_take(&p, i);
        bj_places_ready(&p, i);
        bj_places_done(&p, i % 2 == 1);
    }
    assert_int_equal(p.blocked_count, 2);
    assert_int_equal(bj_places_blocked(&p, 0), 1);
    assert_int_equal(bj_places_blocked(&p, 2), 3);
    bj_places_leave(&p, 3);
    assert_int_equal(bj_places_blocked(&p, 2), BJ_PLACES_MAX);
    bj_places_ready(&p, 1);
    assert_int_equal(p.blocked_count, 0);
    assert_int_equal(bj_places_blocked(&p, 0), BJ_PLACES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_lowest_free_place_is_taken, set_up),
        cmocka_unit_test_setup(there_are_so_many, set_up),
        cmocka_unit_test_setup(turns_come_in_order, set_up),
        cmocka_unit_test_setup(the_blocked_are_found_and_counted, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
