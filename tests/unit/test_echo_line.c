#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/echo/line.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

static const char text[] = "one\ntwo words\n\n\r\na line over sixteen octets\n"
                           "no end";

/* Reads all of `bytes` by chunks cut at `cuts`; each line goes to `out` as a
 * mark (W whole, P part), its octets and a bar. */
static void push(const uint8_t *bytes, size_t len, const size_t *cuts,
                 size_t cut_count, uint8_t *out, size_t cap, size_t *out_len)
{
    struct bj_guard buf = bj_guard_end(16);
    struct bj_line_action a;
    struct bj_line l;
    size_t pos = 0;
    size_t cut = 0;
    size_t o = 0;

    (void)cap;
    bj_line_init(&l, buf.bytes, buf.len);
    a = bj_line_step(&l, BJ_LINE_NEXT, 0);
    while (a.kind != BJ_LINE_END) {
        if (a.kind == BJ_LINE_READ) {
            size_t n;

            while (cut < cut_count && cuts[cut] <= pos)
                cut += 1;
            n = (cut < cut_count ? cuts[cut] : len) - pos;
            n = n < a.n ? n : a.n;
            memcpy(a.at, bytes + pos, n);
            pos += n;
            a = bj_line_step(&l, n > 0 ? BJ_LINE_GOT : BJ_LINE_EOF, n);
            continue;
        }
        out[o++] = a.kind == BJ_LINE_WHOLE ? 'W' : 'P';
        memcpy(out + o, a.at, a.n);
        o += a.n;
        out[o++] = '|';
        a = bj_line_step(&l, BJ_LINE_NEXT, 0);
    }
    assert_false(l.failed);
    *out_len = o;
    bj_guard_free(&buf);
}

static void any_chunking_gives_the_same_lines(void **state)
{
    (void)state;
    bj_property_splits(push, text, sizeof(text) - 1);
}

static void lines_are_cut_as_readlineb_does(void **state)
{
    static const char expected[] = "Wone\n|Wtwo words\n|W\n|W\r\n|"
                                   "Pa line over sixt|Ween octets\n|Pno end|";
    uint8_t out[256];
    size_t n = 0;

    (void)state;
    push((const uint8_t *)text, sizeof(text) - 1, NULL, 0, out, sizeof(out),
         &n);
    assert_int_equal(n, sizeof(expected) - 1);
    assert_memory_equal(out, expected, n);
}

static void nul_is_an_octet_like_any_other(void **state)
{
    uint8_t out[16];
    size_t n = 0;

    (void)state;
    push((const uint8_t *)"a\0b\n", 4, NULL, 0, out, sizeof(out), &n);
    assert_int_equal(n, 6);
    assert_memory_equal(out, "Wa\0b\n|", 6);
}

static void an_empty_source_has_no_line(void **state)
{
    uint8_t out[1];
    size_t n = 9;

    (void)state;
    push((const uint8_t *)"", 0, NULL, 0, out, 1, &n);
    assert_int_equal(n, 0);
}

/* A line of exactly the capacity is whole, one octet more makes two parts;
 * an unfinished line moves to the front once. */
static void capacity_edge_and_move(void **state)
{
    struct bj_guard buf = bj_guard_start(4);
    struct bj_line l;
    struct bj_line_action a;

    (void)state;
    bj_line_init(&l, buf.bytes, 4);
    a = bj_line_step(&l, BJ_LINE_NEXT, 0);
    memcpy(a.at, "a\nbc", 4);
    a = bj_line_step(&l, BJ_LINE_GOT, 4);
    assert_int_equal(a.kind, BJ_LINE_WHOLE);
    assert_int_equal(a.n, 2);
    a = bj_line_step(&l, BJ_LINE_NEXT, 0);
    assert_int_equal(a.kind, BJ_LINE_READ);
    assert_ptr_equal(a.at, buf.bytes + 2);
    memcpy(a.at, "d\n", 2);
    a = bj_line_step(&l, BJ_LINE_GOT, 2);
    assert_int_equal(a.kind, BJ_LINE_WHOLE);
    assert_int_equal(a.n, 4);
    assert_memory_equal(a.at, "bcd\n", 4);
    a = bj_line_step(&l, BJ_LINE_NEXT, 0);
    memcpy(a.at, "wxyz", 4);
    a = bj_line_step(&l, BJ_LINE_GOT, 4);
    assert_int_equal(a.kind, BJ_LINE_PART);
    assert_int_equal(a.n, 4);
    bj_guard_free(&buf);
}

static void R44_what_came_before_a_failure_is_handed_out(void **state)
{
    uint8_t buf[8];
    struct bj_line l;
    struct bj_line_action a;

    (void)state;
    bj_line_init(&l, buf, sizeof(buf));
    a = bj_line_step(&l, BJ_LINE_NEXT, 0);
    memcpy(a.at, "ab", 2);
    a = bj_line_step(&l, BJ_LINE_GOT, 2);
    a = bj_line_step(&l, BJ_LINE_AGAIN, 0);
    assert_int_equal(a.kind, BJ_LINE_READ);
    assert_ptr_equal(a.at, buf + 2);
    a = bj_line_step(&l, BJ_LINE_FAILED, 0);
    assert_int_equal(a.kind, BJ_LINE_PART);
    assert_int_equal(a.n, 2);
    assert_int_equal(bj_line_step(&l, BJ_LINE_NEXT, 0).kind, BJ_LINE_END);
    assert_true(l.failed);
}

static void driven_wrong_it_ends(void **state)
{
    static const struct {
        enum bj_line_event event;
        size_t n;
    } wrong[] = {
        {BJ_LINE_NEXT, 0},
        {BJ_LINE_GOT, 0},
        {BJ_LINE_GOT, 9},
        {BJ_LINE_GOT, SIZE_MAX},
    };
    uint8_t buf[8];
    struct bj_line l;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        bj_line_init(&l, buf, sizeof(buf));
        (void)bj_line_step(&l, BJ_LINE_NEXT, 0);
        assert_int_equal(bj_line_step(&l, wrong[i].event, wrong[i].n).kind,
                         BJ_LINE_END);
        assert_true(l.failed);
        assert_int_equal(l.tail, 0);
    }
    bj_line_init(&l, buf, sizeof(buf));
    assert_int_equal(bj_line_step(&l, BJ_LINE_GOT, 1).kind, BJ_LINE_END);
    bj_line_init(&l, NULL, 0);
    assert_int_equal(bj_line_step(&l, BJ_LINE_NEXT, 0).kind, BJ_LINE_END);
    assert_true(l.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_chunking_gives_the_same_lines),
        cmocka_unit_test(lines_are_cut_as_readlineb_does),
        cmocka_unit_test(nul_is_an_octet_like_any_other),
        cmocka_unit_test(an_empty_source_has_no_line),
        cmocka_unit_test(capacity_edge_and_move),
        cmocka_unit_test(R44_what_came_before_a_failure_is_handed_out),
        cmocka_unit_test(driven_wrong_it_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
