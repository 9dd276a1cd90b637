#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/dns/matcher.h"
#include "tests/support/dns.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/vectors.h"

enum { HEADER = 12 };

static void parse(const char *text, struct bj_name *name)
{
    assert_int_equal(bj_name_parse(text, strlen(text), name, NULL), BJ_OK);
}

/* As memory comes: full of something else. */
static struct bj_matcher *new_matcher(void)
{
    struct bj_matcher *matcher = malloc(sizeof(*matcher));

    assert_non_null(matcher);
    memset(matcher, 0xa5, sizeof(*matcher));
    return matcher;
}

/* One line of dns_name.txt: the name there is the one that was read there,
 * and is refused for the same reason. */
static void check_wire(struct bj_vectors *v)
{
    static uint8_t octets[BJ_VECTOR_LINE];
    struct bj_guard g = bj_guard_copy(
        octets, bj_vector_octets(v->fields[2], octets, sizeof(octets)));
    struct bj_matcher *matcher = new_matcher();
    struct bj_fault fault = {BJ_FAULT_NONE, 0};
    struct bj_fault why = {BJ_FAULT_NONE, 0};
    struct bj_cursor c;
    struct bj_cursor read;
    struct bj_name name;
    enum bj_status status;
    bool same;

    bj_cursor_init(&c, g.bytes, g.len);
    c.pos = strtoul(v->fields[1], NULL, 10);
    read = c;
    status = bj_name_read(&read, &name, &fault);
    bj_matcher_init(matcher, g.len, &name);
    assert_int_equal(bj_matcher_match(matcher, &c, &same, &why), status);
    assert_int_equal(same, v->fields[3][0] != '!');
    assert_int_equal(status == BJ_OK, v->fields[3][0] != '!');
    assert_int_equal(c.pos, read.pos);
    assert_int_equal(why.kind, fault.kind);
    assert_int_equal(why.at, fault.at);
    free(matcher);
    bj_guard_free(&g);
}

static void R09_R12_R13_wire_vectors(void **state)
{
    (void)state;
    bj_vectors_each("dns_name.txt", 4, check_wire);
}

/* Header and a name at its end, asked for itself; the name written back. */
static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_matcher *matcher = new_matcher();
    struct bj_name wanted;
    struct bj_cursor c;
    struct bj_writer w;
    enum bj_status status;
    bool same;

    parse("www.de", &wanted);
    bj_matcher_init(matcher, len, &wanted);
    bj_cursor_init(&c, bytes, len);
    bj_cursor_skip(&c, HEADER);
    status = bj_matcher_match(matcher, &c, &same, NULL);
    free(matcher);
    if (status != BJ_OK)
        return status;
    bj_writer_init(&w, out, cap);
    bj_writer_zero(&w, HEADER);
    if (same)
        bj_name_write(&w, &wanted);
    *out_len = w.len;
    return bj_cursor_end(&c) != BJ_OK ? bj_cursor_end(&c) : bj_writer_end(&w);
}

static void properties(void **state)
{
    static const uint8_t sample[] = {0, 0, 0, 0,   0,   0,   0, 0,   0,   0,
                                     0, 0, 3, 'w', 'w', 'w', 2, 'd', 'e', 0};

    (void)state;
    bj_property_prefixes(reparse, sample, sizeof(sample), 0);
    bj_property_canonical(reparse, sample, sizeof(sample), sample,
                          sizeof(sample));
}

/* `hops` pointers behind a name "a", each to the one before it. */
static size_t make_pointers(uint8_t *out, size_t hops)
{
    size_t at = HEADER;

    memset(out, 0, HEADER);
    memcpy(out + at, "\1a", 3);
    at += 3;
    for (size_t i = 0; i < hops; i++, at += 2) {
        size_t to = i == 0 ? HEADER : at - 2;

        out[at] = (uint8_t)(0xc0 + to / 256);
        out[at + 1] = (uint8_t)(to % 256);
    }
    return at;
}

static void R10_pointers_to_pointers_are_bounded(void **state)
{
    static uint8_t bytes[HEADER + 3 + 2 * 8000];
    struct bj_matcher *matcher = new_matcher();
    size_t len = make_pointers(bytes, 8000);
    struct bj_fault fault = {BJ_FAULT_NONE, 0};
    struct bj_name wanted;
    bool same;

    (void)state;
    parse("a", &wanted);
    bj_matcher_init(matcher, len, &wanted);
    /* Those within bounds, then all others. */
    for (size_t i = 1; i <= 8000; i++) {
        struct bj_cursor c;
        struct bj_cursor again;
        struct bj_name name;
        enum bj_status expected = i <= BJ_NAME_POINTERS_MAX ? BJ_OK : BJ_LIMIT;

        bj_cursor_init(&c, bytes, len);
        c.pos = HEADER + 3 + 2 * (i - 1);
        again = c;
        assert_int_equal(bj_name_read(&c, &name, NULL), expected);
        assert_int_equal(bj_matcher_match(matcher, &again, &same, &fault),
                         expected);
        assert_int_equal(same, expected == BJ_OK);
        assert_int_equal(c.pos, again.pos);
    }
    assert_int_equal(fault.kind, BJ_FAULT_POINTER_CHAIN);
    /* The label, the root, and pointers that names were found behind. */
    assert_int_equal(matcher->steps, 2 + BJ_NAME_POINTERS_MAX);
    free(matcher);
}

/*
 * A chain of labels of one octet, each with a pointer to the next: the
 * longest names that a pointer can lead to. Ends at `at`.
 */
static size_t make_chain(uint8_t *out, size_t labels)
{
    size_t at = HEADER;

    memset(out, 0, HEADER);
    memcpy(out + at, "\1a", 3);
    at += 3;
    for (size_t i = 1; i < labels; i++, at += 4) {
        size_t to = i == 1 ? HEADER : at - 4;

        out[at] = 1;
        out[at + 1] = 'a';
        out[at + 2] = (uint8_t)(0xc0 + to / 256);
        out[at + 3] = (uint8_t)(to % 256);
    }
    return at;
}

static void R10_chains_cost_what_they_take_up(void **state)
{
    static uint8_t bytes[BJ_MESSAGE_MAX];
    struct bj_matcher *matcher = new_matcher();
    size_t chain = make_chain(bytes, 127);
    size_t len = chain;
    struct bj_cursor c;
    struct bj_name wanted;
    size_t same_count = 0;
    size_t expected = 0;

    (void)state;
    bj_cursor_init(&c, bytes, chain);
    c.pos = chain - 4;
    assert_int_equal(bj_name_read(&c, &wanted, NULL), BJ_OK);
    assert_int_equal(wanted.len, 255);
    assert_int_equal(wanted.label_count, 127);
    /* Each name in place is a pointer to one of the last 64 of the chain, so
     * that no single remembered place helps. */
    while (len + 2 <= sizeof(bytes)) {
        size_t to = chain - 4 - 4 * (len / 2 % 64);

        bytes[len] = (uint8_t)(0xc0 + to / 256);
        bytes[len + 1] = (uint8_t)(to % 256);
        len += 2;
        expected += to == chain - 4;
    }
    bj_matcher_init(matcher, len, &wanted);
    bj_cursor_init(&c, bytes, len);
    bj_cursor_skip(&c, chain);
    while (bj_cursor_left(&c) > 0) {
        bool same;

        assert_int_equal(bj_matcher_match(matcher, &c, &same, NULL), BJ_OK);
        same_count += same;
    }
    assert_int_equal(same_count, expected);
    /* 127 labels, the pointers behind 126 of them, and the root. */
    assert_int_equal(matcher->steps, 127 + 126 + 1);
    free(matcher);
}

/* A run of labels, entered at each of them by pointers. */
static void R10_runs_are_looked_at_once(void **state)
{
    static uint8_t bytes[1024];
    struct bj_matcher *matcher = new_matcher();
    size_t run;
    size_t len;
    struct bj_cursor c;
    struct bj_name wanted;

    (void)state;
    memset(bytes, 0, HEADER);
    for (run = HEADER; run < HEADER + 254; run += 2)
        memcpy(bytes + run, "\1a", 3);
    run += 1;
    len = run;
    for (size_t i = 127; i > 0; i--, len += 2) {
        bytes[len] = (uint8_t)(0xc0 + (HEADER + 2 * (i - 1)) / 256);
        bytes[len + 1] = (uint8_t)((HEADER + 2 * (i - 1)) % 256);
    }
    parse("a.a.a", &wanted);
    bj_matcher_init(matcher, len, &wanted);
    bj_cursor_init(&c, bytes, len);
    bj_cursor_skip(&c, run);
    for (size_t i = 1; i <= 127; i++) {
        bool same;

        assert_int_equal(bj_matcher_match(matcher, &c, &same, NULL), BJ_OK);
        assert_int_equal(same, i == 3);
    }
    /* 127 labels and the root. */
    assert_int_equal(matcher->steps, 128);
    free(matcher);
}

/*
 * The rest of a run may be fine by itself and still lead the whole run back
 * into itself: the label \000 at 12, "b" at 14, and a pointer to 13, which is
 * a root's octet. From 14 on that is before the run, from 12 on inside it.
 */
static void what_is_known_of_a_run_depends_on_its_start(void **state)
{
    static const uint8_t bytes[] = {0,    0,  0,    0,  0,    0, 0, 0,
                                    0,    0,  0,    0,  1,    0, 1, 'b',
                                    0xc0, 13, 0xc0, 14, 0xc0, 12};
    struct bj_matcher *matcher = new_matcher();
    struct bj_fault fault = {BJ_FAULT_NONE, 0};
    struct bj_name wanted;
    struct bj_cursor c;
    bool same;

    (void)state;
    parse("b", &wanted);
    bj_matcher_init(matcher, sizeof(bytes), &wanted);
    bj_cursor_init(&c, bytes, sizeof(bytes));
    bj_cursor_skip(&c, 18);
    assert_int_equal(bj_matcher_match(matcher, &c, &same, &fault), BJ_OK);
    assert_true(same);
    assert_int_equal(bj_matcher_match(matcher, &c, &same, &fault), BJ_BAD);
    assert_false(same);
    assert_int_equal(fault.kind, BJ_FAULT_POINTER_FORWARD);
    assert_int_equal(fault.at, 16);
    free(matcher);
}

/*
 * A run of labels that begins at the last offset that pointers can name goes
 * on where none can lead.
 */
static void R10_a_run_past_the_last_offset_is_looked_at_once(void **state)
{
    static uint8_t bytes[BJ_NAME_OFFSETS + 512];
    struct bj_matcher *matcher = new_matcher();
    size_t len = BJ_NAME_OFFSETS - 1;
    struct bj_cursor c;
    struct bj_name wanted;
    size_t run;

    (void)state;
    for (size_t i = 0; i < BJ_NAME_LABELS_MAX; i++, len += 2)
        memcpy(bytes + len, "\1a", 3);
    len += 1;
    run = len;
    for (size_t i = 0; i < 8; i++, len += 2)
        memcpy(bytes + len, "\xff\xff", 2);
    bj_cursor_init(&c, bytes, len);
    bj_cursor_skip(&c, run);
    assert_int_equal(bj_name_read(&c, &wanted, NULL), BJ_OK);
    assert_int_equal(wanted.len, BJ_NAME_MAX);
    bj_matcher_init(matcher, len, &wanted);
    c.pos = run;
    while (bj_cursor_left(&c) > 0) {
        bool same;

        assert_int_equal(bj_matcher_match(matcher, &c, &same, NULL), BJ_OK);
        assert_true(same);
    }
    assert_int_equal(matcher->steps, BJ_NAME_LABELS_MAX + 1);
    free(matcher);
}

static void matching_folds_case(void **state)
{
    static const uint8_t bytes[] = {
        0,   0,   0, 0,    0,  0, 0,   0,   0,   0, 0, 0,   3,    'W',
        'w', 'W', 0, 0xc0, 12, 3, 'w', 'w', 'x', 0, 1, 'a', 0xc0, 12};
    struct bj_matcher *matcher = new_matcher();
    struct bj_name wanted;
    struct bj_name below;
    struct bj_name none = {.len = 0};
    struct bj_cursor c;
    bool same;

    (void)state;
    parse("wWw", &wanted);
    bj_matcher_init(matcher, sizeof(bytes), &wanted);
    bj_cursor_init(&c, bytes, sizeof(bytes));
    bj_cursor_skip(&c, 12);
    assert_int_equal(bj_matcher_match(matcher, &c, &same, NULL), BJ_OK);
    assert_true(same);
    /* It was passed over; only what pointers lead to is found out. */
    assert_int_equal(matcher->steps, 0);
    assert_int_equal(bj_matcher_match(matcher, &c, &same, NULL), BJ_OK);
    assert_true(same);
    assert_int_equal(matcher->steps, 2);
    assert_int_equal(bj_matcher_match(matcher, &c, &same, NULL), BJ_OK);
    assert_false(same);
    assert_int_equal(bj_matcher_match(matcher, &c, &same, NULL), BJ_OK);
    assert_false(same);
    assert_int_equal(matcher->steps, 2);
    parse("A.www", &below);
    bj_matcher_init(matcher, sizeof(bytes), &below);
    c.pos = 24;
    assert_int_equal(bj_matcher_match(matcher, &c, &same, NULL), BJ_OK);
    assert_true(same);
    /* No name is the same as none at all. */
    bj_matcher_init(matcher, sizeof(bytes), &none);
    c.pos = 12;
    assert_int_equal(bj_matcher_match(matcher, &c, &same, NULL), BJ_OK);
    assert_false(same);
    c.len -= 1;
    assert_int_equal(bj_matcher_match(matcher, &c, &same, NULL), BJ_BUG);
    free(matcher);
}

static void a_failed_cursor_stays_failed(void **state)
{
    struct bj_matcher *matcher = new_matcher();
    struct bj_cursor c;
    struct bj_name name;
    bool same;

    (void)state;
    bj_cursor_init(&c, (const uint8_t *)"", 1);
    bj_cursor_fail(&c, BJ_LIMIT);
    parse("a", &name);
    bj_matcher_init(matcher, 1, &name);
    assert_int_equal(bj_matcher_match(matcher, &c, &same, NULL), BJ_LIMIT);
    assert_false(same);
    free(matcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R09_R12_R13_wire_vectors),
        cmocka_unit_test(properties),
        cmocka_unit_test(R10_pointers_to_pointers_are_bounded),
        cmocka_unit_test(R10_chains_cost_what_they_take_up),
        cmocka_unit_test(R10_runs_are_looked_at_once),
        cmocka_unit_test(what_is_known_of_a_run_depends_on_its_start),
        cmocka_unit_test(R10_a_run_past_the_last_offset_is_looked_at_once),
        cmocka_unit_test(matching_folds_case),
        cmocka_unit_test(a_failed_cursor_stays_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
