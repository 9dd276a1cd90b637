#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/writer.h"
#include "tests/support/properties.h"

static enum bj_status build_all(const void *context, uint8_t *out, size_t cap,
                                size_t *needed)
{
    struct bj_writer w;

    (void)context;
    bj_writer_init(&w, out, cap);
    bj_writer_u8(&w, 1);
    bj_writer_u16(&w, 0x0203);
    bj_writer_u32(&w, 0x04050607);
    bj_writer_zero(&w, 3);
    bj_writer_text(&w, "text");
    bj_writer_dec(&w, UINT64_MAX);
    bj_writer_hex(&w, 0xbeef, 8);
    bj_writer_patch_u16(&w, 1, 0x0a0b);
    *needed = w.len;
    return bj_writer_end(&w);
}

static void every_capacity(void **state)
{
    (void)state;
    bj_property_capacities(build_all, NULL);
}

static void bytes_are_as_written(void **state)
{
    static const uint8_t expected[] = {1, 0x0a, 0x0b, 4, 5, 6, 7, 0, 0, 0};
    uint8_t out[64];
    size_t needed;

    (void)state;
    assert_int_equal(build_all(NULL, out, sizeof(out), &needed), BJ_OK);
    assert_memory_equal(out, expected, sizeof(expected));
    assert_memory_equal(out + 10, "text184467440737095516150000beef", 32);
    assert_int_equal(needed, 42);
}

static void nothing_slips_in_behind_a_gap(void **state)
{
    uint8_t out[4] = {9, 9, 9, 9};
    struct bj_writer w;

    (void)state;
    bj_writer_init(&w, out, 3);
    bj_writer_u16(&w, 0x0101);
    bj_writer_u16(&w, 0x0202);
    bj_writer_u8(&w, 3);
    assert_int_equal(bj_writer_end(&w), BJ_SPACE);
    assert_int_equal(w.len, 5);
    assert_int_equal(out[2], 9);
}

static void text_that_fails_is_empty(void **state)
{
    char out[4] = "xyz";
    struct bj_writer w;

    (void)state;
    bj_writer_init(&w, (uint8_t *)out, 4);
    bj_writer_text(&w, "four");
    assert_int_equal(bj_writer_end_text(&w), BJ_SPACE);
    assert_int_equal(w.len, 5);
    assert_string_equal(out, "");
}

static void patching_what_was_not_written_is_our_bug(void **state)
{
    uint8_t out[4];
    struct bj_writer w;

    (void)state;
    bj_writer_init(&w, out, sizeof(out));
    bj_writer_u16(&w, 7);
    bj_writer_patch_u16(&w, 1, 7);
    assert_int_equal(bj_writer_end(&w), BJ_BUG);
}

static void length_saturates(void **state)
{
    struct bj_writer w;

    (void)state;
    bj_writer_init(&w, NULL, 0);
    bj_writer_zero(&w, SIZE_MAX);
    bj_writer_zero(&w, 2);
    assert_int_equal(w.len, SIZE_MAX);
    assert_int_equal(bj_writer_end(&w), BJ_SPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_capacity),
        cmocka_unit_test(bytes_are_as_written),
        cmocka_unit_test(nothing_slips_in_behind_a_gap),
        cmocka_unit_test(text_that_fails_is_empty),
        cmocka_unit_test(patching_what_was_not_written_is_our_bug),
        cmocka_unit_test(length_saturates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
