#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/limits.h"
#include "core/bytes/writer.h"
#include "core/config/line.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

/* Every line's fields with a blank between, a newline behind each line that
 * has any: what is left of a text when it says nothing twice. */
static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_lines lines;
    struct bj_cursor line;
    struct bj_writer w;

    bj_writer_init(&w, out, cap);
    bj_lines_init(&lines, bytes, len, 0);
    while (bj_lines_next(&lines, &line)) {
        struct bj_field field;
        size_t before = w.len;

        bj_line_cut(&line, '#');
        while (bj_line_field(&line, &field)) {
            if (w.len > before)
                bj_writer_char(&w, ' ');
            bj_writer_bytes(&w, field.text, field.len);
        }
        if (w.len > before)
            bj_writer_char(&w, '\n');
    }
    *out_len = w.len;
    return bj_writer_end(&w);
}

static void reads(const char *text, size_t len, const char *wanted)
{
    bj_property_canonical(reparse, text, len, wanted, strlen(wanted));
    bj_property_prefixes(reparse, text, len, 1);
}

#define READS(text, wanted) reads(text, sizeof(text) - 1, wanted)

static void R29_texts(void **state)
{
    (void)state;
    READS("", "");
    READS("\n\n \n\t\n", "");
    READS("a b\nc\n", "a b\nc\n");
    READS("no final newline", "no final newline\n");
    READS("  a\t\vb \f c\r\n", "a b c\n");
    READS("# all\na # rest # of it\nb#c\n", "a\nb\n");
    READS("\0first\nsecond\n", "second\n");
    READS("a b\0c d\ne\n", "a b\ne\n");
    READS("a #\0 b\nc\0", "a\nc\n");
    READS("\n\0", "");
    READS("\xff\x80 \x7f\n", "\xff\x80 \x7f\n");
}

/* A line of the longest length is read, one longer is passed over whole: its
 * tail never shows up as a line of its own. */
static void R29_long_lines(void **state)
{
    static uint8_t text[2 * BJ_CONFIG_LINE_MAX + 100];
    static const uint8_t tail[] = "\nnext\n";

    (void)state;
    for (size_t len = BJ_CONFIG_LINE_MAX - 1; len <= BJ_CONFIG_LINE_MAX + 1;
         len++) {
        struct bj_lines lines;
        struct bj_cursor line;
        struct bj_guard input;
        struct bj_field field;

        memset(text, 'x', len);
        memcpy(text + len, tail, sizeof(tail) - 1);
        input = bj_guard_copy(text, len + sizeof(tail) - 1);
        bj_lines_init(&lines, input.bytes, input.len, 0);
        assert_true(bj_lines_next(&lines, &line));
        if (len <= BJ_CONFIG_LINE_MAX) {
            assert_int_equal(bj_cursor_left(&line), len);
            assert_int_equal(lines.skipped, 0);
            assert_true(bj_lines_next(&lines, &line));
        }
        assert_int_equal(lines.skipped, len > BJ_CONFIG_LINE_MAX);
        assert_int_equal(lines.at, len + 1);
        assert_true(bj_line_field(&line, &field));
        assert_true(bj_field_is(&field, "next"));
        assert_false(bj_lines_next(&lines, &line));
        assert_int_equal(bj_cursor_left(&line), 0);
        bj_guard_free(&input);
    }
}

/* A megabyte without a newline is no line at all. */
static void R29_one_megabyte_line(void **state)
{
    struct bj_guard input = bj_guard_end(1 << 20);
    struct bj_lines lines;
    struct bj_cursor line;

    (void)state;
    memset(input.bytes, 'a', input.len);
    bj_lines_init(&lines, input.bytes, input.len, 0);
    assert_false(bj_lines_next(&lines, &line));
    assert_int_equal(lines.skipped, 1);
    bj_guard_free(&input);
}

/* Beginning again at the offset of a line gives that line. */
static void from_an_offset(void **state)
{
    static const char text[] = "one\ntwo 2\n\nfour";
    static const size_t starts[] = {0, 4, 10, 11};
    struct bj_lines lines;
    struct bj_cursor line;

    (void)state;
    bj_lines_init(&lines, (const uint8_t *)text, sizeof(text) - 1, 0);
    for (int i = 0; i < 4; i++) {
        struct bj_lines again;
        struct bj_cursor same;

        assert_true(bj_lines_next(&lines, &line));
        assert_int_equal(lines.at, starts[i]);
        bj_lines_init(&again, (const uint8_t *)text, sizeof(text) - 1,
                      starts[i]);
        assert_true(bj_lines_next(&again, &same));
        assert_ptr_equal(same.base, line.base);
        assert_int_equal(same.len, line.len);
    }
    bj_lines_init(&lines, (const uint8_t *)text, sizeof(text) - 1, 99);
    assert_false(bj_lines_next(&lines, &line));
    bj_lines_init(&lines, NULL, 0, 0);
    assert_false(bj_lines_next(&lines, &line));
}

static void splitting(void **state)
{
    struct bj_field field = {(const uint8_t *)"80/tcp/x", 8}, rest;
    struct bj_cursor c;

    (void)state;
    assert_true(bj_field_split(&field, '/', &rest));
    assert_true(bj_field_is(&field, "80"));
    assert_true(bj_field_is(&rest, "tcp/x"));
    assert_false(bj_field_split(&field, '/', &rest));
    assert_true(bj_field_is(&field, "80"));
    assert_int_equal(rest.len, 0);
    assert_null(rest.text);
    field.text = (const uint8_t *)"/";
    field.len = 1;
    assert_true(bj_field_split(&field, '/', &rest));
    assert_int_equal(field.len + rest.len, 0);
    bj_field_cursor(&field, &c);
    assert_int_equal(bj_cursor_left(&c), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R29_texts),
        cmocka_unit_test(R29_long_lines),
        cmocka_unit_test(R29_one_megabyte_line),
        cmocka_unit_test(from_an_offset),
        cmocka_unit_test(splitting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
