#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/cursor.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

/* A made-up format with every kind of read: u8 count, then u16, u32, and
 * `count` octets as a child that is copied. */
static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_cursor c;
    struct bj_cursor child;
    uint8_t count;

    bj_cursor_init(&c, bytes, len);
    count = bj_cursor_u8(&c);
    (void)bj_cursor_u16(&c);
    (void)bj_cursor_u32(&c);
    bj_cursor_narrow(&c, count, &child);
    if (cap < (size_t)count + 7)
        return BJ_SPACE;
    bj_cursor_copy(&child, out + 7, count);
    if (bj_cursor_ok(&c)) {
        memcpy(out, bytes, 7);
        *out_len = (size_t)count + 7;
    }
    if (bj_cursor_end(&child) != BJ_OK)
        return bj_cursor_end(&child);
    return bj_cursor_end(&c);
}

static const uint8_t sample[] = {3,    0x12, 0x34, 0xff, 0xfe,
                                 0xfd, 0xfc, 1,    2,    3};

static void properties(void **state)
{
    (void)state;
    bj_property_prefixes(reparse, sample, sizeof(sample), 0);
    bj_property_canonical(reparse, sample, sizeof(sample), sample,
                          sizeof(sample));
}

static void numbers_are_big_endian(void **state)
{
    struct bj_guard g = bj_guard_copy(sample, sizeof(sample));
    struct bj_cursor c;

    (void)state;
    bj_cursor_init(&c, g.bytes, g.len);
    assert_int_equal(bj_cursor_u8(&c), 3);
    assert_int_equal(bj_cursor_u16(&c), 0x1234);
    assert_int_equal(bj_cursor_u32(&c), 0xfffefdfc);
    assert_int_equal(bj_cursor_left(&c), 3);
    bj_guard_free(&g);
}

static void failure_is_sticky_and_reads_zero(void **state)
{
    struct bj_cursor c;
    uint8_t out[4] = {9, 9, 9, 9};

    (void)state;
    bj_cursor_init(&c, sample, 3);
    assert_int_equal(bj_cursor_u32(&c), 0);
    assert_int_equal(c.status, BJ_MORE);
    assert_int_equal(bj_cursor_u8(&c), 0);
    assert_null(bj_cursor_bytes(&c, 1));
    bj_cursor_copy(&c, out, sizeof(out));
    assert_int_equal(out[0] | out[1] | out[2] | out[3], 0);
    bj_cursor_fail(&c, BJ_BAD);
    assert_int_equal(bj_cursor_end(&c), BJ_MORE);
    assert_int_equal(bj_cursor_left(&c), 0);
}

static void leftovers_are_an_error(void **state)
{
    struct bj_cursor c;

    (void)state;
    bj_cursor_init(&c, sample, 2);
    (void)bj_cursor_u8(&c);
    assert_int_equal(bj_cursor_end(&c), BJ_BAD);
}

static void empty_input_may_be_null(void **state)
{
    struct bj_cursor c;
    struct bj_cursor child;

    (void)state;
    bj_cursor_init(&c, NULL, 0);
    assert_int_equal(bj_cursor_peek(&c), -1);
    assert_int_equal(bj_cursor_until(&c, 'x'), 0);
    bj_cursor_narrow(&c, 0, &child);
    assert_int_equal(bj_cursor_end(&child), BJ_OK);
    assert_int_equal(bj_cursor_end(&c), BJ_OK);
}

static void sizes_near_the_top_do_not_wrap(void **state)
{
    struct bj_cursor c;

    (void)state;
    bj_cursor_init(&c, sample, sizeof(sample));
    (void)bj_cursor_u8(&c);
    bj_cursor_skip(&c, SIZE_MAX);
    assert_int_equal(c.status, BJ_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties),
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(failure_is_sticky_and_reads_zero),
        cmocka_unit_test(leftovers_are_an_error),
        cmocka_unit_test(empty_input_may_be_null),
        cmocka_unit_test(sizes_near_the_top_do_not_wrap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
