#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/arena.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

/* One of everything that an arena hands out. */
static void take_all(struct bj_arena *a)
{
    uint32_t *word;
    uint64_t *longs;

    (void)bj_arena_text(a, "jar", 3);
    word = bj_arena_take(a, sizeof(*word), _Alignof(uint32_t));
    if (word != NULL)
        *word = 0x01020304;
    longs = bj_arena_take_array(a, 3, sizeof(*longs), _Alignof(uint64_t));
    if (longs != NULL)
        longs[2] = UINT64_MAX;
    (void)bj_arena_text(a, NULL, 0);
}

static void every_size_and_misalignment(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 16; shift++) {
        for (size_t cap = 0; cap < 64; cap++) {
            /* The room ends `shift` before the fence: every address. */
            struct bj_guard end = bj_guard_end(cap + shift);
            size_t at = (size_t)((uintptr_t)end.bytes % 16);
            struct bj_arena a;
            struct bj_arena measured;

            bj_arena_init(&a, end.bytes, cap);
            take_all(&a);
            /* The same address modulo 16 without room: the same measure. */
            bj_arena_init(&measured, (uint8_t *)end.map + at, 0);
            take_all(&measured);
            assert_int_equal(a.len, measured.len);
            assert_int_equal(bj_arena_end(&a), a.len <= cap ? BJ_OK : BJ_SPACE);
            for (size_t i = 0; i < shift; i++)
                assert_int_equal(end.bytes[cap + i], 0);
            bj_guard_free(&end);
        }
    }
}

static void alignment_is_of_the_address(void **state)
{
    _Alignas(16) uint8_t buf[64];
    struct bj_arena a;

    (void)state;
    for (size_t shift = 0; shift < 16; shift++) {
        memset(buf, 0xa5, sizeof(buf));
        bj_arena_init(&a, buf + shift, sizeof(buf) - shift);
        assert_ptr_equal(bj_arena_take(&a, 8, 8), buf + (shift + 7) / 8 * 8);
        for (size_t i = shift; i < shift + a.len; i++)
            assert_int_equal(buf[i], 0);
    }
}

static void nothing_slips_in_behind_a_gap(void **state)
{
    uint8_t buf[8];
    struct bj_arena a;

    (void)state;
    memset(buf, 9, sizeof(buf));
    bj_arena_init(&a, buf, sizeof(buf));
    assert_non_null(bj_arena_take(&a, 6, 1));
    assert_null(bj_arena_take(&a, 3, 1));
    assert_null(bj_arena_text(&a, "", 0));
    assert_int_equal(a.len, 10);
    assert_int_equal(bj_arena_end(&a), BJ_SPACE);
    assert_int_equal(buf[6], 9);
    assert_int_equal(buf[7], 9);
}

static void null_measures(void **state)
{
    struct bj_arena a;

    (void)state;
    bj_arena_init(&a, NULL, 0);
    assert_null(bj_arena_take(&a, 0, 1));
    assert_int_equal(bj_arena_end(&a), BJ_OK);
    assert_null(bj_arena_take(&a, 5, 8));
    assert_null(bj_arena_take(&a, 8, 8));
    assert_int_equal(a.len, 16);
    assert_int_equal(bj_arena_end(&a), BJ_SPACE);
}

static void huge_sizes_do_not_wrap(void **state)
{
    uint8_t buf[16];
    struct bj_arena a;

    (void)state;
    bj_arena_init(&a, buf, sizeof(buf));
    assert_null(bj_arena_take_array(&a, SIZE_MAX / 2, 4, 4));
    assert_int_equal(a.len, SIZE_MAX);
    bj_arena_init(&a, buf, sizeof(buf));
    assert_null(bj_arena_text(&a, "", SIZE_MAX));
    assert_int_equal(a.len, SIZE_MAX);
    assert_null(bj_arena_take(&a, SIZE_MAX, 8));
    assert_int_equal(a.len, SIZE_MAX);
    assert_int_equal(bj_arena_end(&a), BJ_SPACE);
}

static void an_alignment_that_is_none_is_our_bug(void **state)
{
    static const size_t bad[] = {0, 3, 12};
    uint8_t buf[16];
    struct bj_arena a;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        bj_arena_init(&a, buf, sizeof(buf));
        assert_null(bj_arena_take(&a, 1, bad[i]));
        assert_int_equal(bj_arena_end(&a), BJ_BUG);
    }
}

static void a_failure_stays(void **state)
{
    uint8_t buf[16];
    struct bj_arena a;

    (void)state;
    bj_arena_init(&a, buf, sizeof(buf));
    bj_arena_fail(&a, BJ_LIMIT);
    bj_arena_fail(&a, BJ_BAD);
    assert_null(bj_arena_take(&a, 1, 1));
    assert_int_equal(bj_arena_end(&a), BJ_LIMIT);
    assert_int_equal(a.len, 1);
}

static enum bj_status build_text(const void *context, uint8_t *out, size_t cap,
                                 size_t *needed)
{
    struct bj_arena a;

    (void)context;
    bj_arena_init(&a, out, cap);
    (void)bj_arena_text(&a, "bell", 4);
    (void)bj_arena_take(&a, 3, 1);
    (void)bj_arena_text(&a, "jar", 3);
    *needed = a.len;
    return bj_arena_end(&a);
}

static void every_capacity(void **state)
{
    (void)state;
    bj_property_capacities(build_text, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_and_misalignment),
        cmocka_unit_test(alignment_is_of_the_address),
        cmocka_unit_test(nothing_slips_in_behind_a_gap),
        cmocka_unit_test(null_measures),
        cmocka_unit_test(huge_sizes_do_not_wrap),
        cmocka_unit_test(an_alignment_that_is_none_is_our_bug),
        cmocka_unit_test(a_failure_stays),
        cmocka_unit_test(every_capacity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
