#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/dns/name.h"
#include "tests/support/dns.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/vectors.h"

enum { HEADER = 12 };

static void parse(const char *text, struct bj_name *name)
{
    assert_int_equal(bj_name_parse(text, strlen(text), name, NULL), BJ_OK);
}

static void assert_text(const struct bj_name *name, const char *expected)
{
    char text[BJ_NAME_TEXT_MAX];

    assert_string_equal(bj_test_name(name, text), expected);
}

/* One line of dns_name.txt: read and skip agree on it. */
static void check_wire(struct bj_vectors *v)
{
    static uint8_t octets[BJ_VECTOR_LINE];
    size_t at = strtoul(v->fields[1], NULL, 10);
    struct bj_guard g = bj_guard_copy(
        octets, bj_vector_octets(v->fields[2], octets, sizeof(octets)));
    struct bj_fault fault = {BJ_FAULT_NONE, 0};
    struct bj_cursor c;
    struct bj_cursor skip;
    struct bj_name name;
    enum bj_status status;

    bj_cursor_init(&c, g.bytes, g.len);
    c.pos = at;
    skip = c;
    status = bj_name_read(&c, &name, &fault);
    if (v->fields[3][0] == '!') {
        char text[64];

        (void)snprintf(text, sizeof(text), "!%s %zu", bj_test_rule(fault.kind),
                       fault.at);
        assert_string_equal(text, v->fields[3]);
        assert_int_equal(status, bj_fault_status(fault.kind));
        assert_int_equal(c.pos, at);
        assert_int_equal(name.len, 0);
    } else {
        assert_int_equal(status, BJ_OK);
        assert_text(&name, v->fields[3]);
        assert_int_equal(bj_name_skip(&skip, NULL), BJ_OK);
        assert_int_equal(skip.pos, c.pos);
    }
    bj_guard_free(&g);
}

static void R09_R12_R13_wire_vectors(void **state)
{
    (void)state;
    bj_vectors_each("dns_name.txt", 4, check_wire);
}

static void R31_text_vectors(void **state)
{
    struct bj_vectors v;

    (void)state;
    bj_vectors_open(&v, "dns_name_text.txt");
    while (bj_vectors_next(&v, 5)) {
        const char *text = v.fields[1];
        struct bj_guard g = bj_guard_copy(text, strlen(text));
        uint8_t wire[BJ_NAME_MAX];
        struct bj_name name;
        bool absolute = true;
        enum bj_status status;

        print_message("%s\n", v.fields[0]);
        status = bj_name_parse((const char *)g.bytes, g.len, &name, &absolute);
        assert_int_equal(absolute, v.fields[3][0] == 'y');
        if (v.fields[2][0] == '!') {
            assert_int_equal(status, BJ_BAD);
            assert_int_equal(name.len, 0);
        } else {
            assert_int_equal(status, BJ_OK);
            assert_int_equal(name.len,
                             bj_vector_octets(v.fields[2], wire, sizeof(wire)));
            assert_memory_equal(name.octets, wire, name.len);
            assert_text(&name, v.fields[4]);
        }
        bj_guard_free(&g);
    }
}

/* What begins there is a host name, or "!". */
static void assert_read_host(const uint8_t *bytes, size_t len, const char *host)
{
    char text[BJ_HOST_TEXT_MAX];
    struct bj_cursor c;
    size_t spelled;

    bj_cursor_init(&c, bytes, len);
    spelled = bj_name_read_host(&c, text);
    if (host[0] == '!') {
        assert_int_equal(spelled, 0);
        assert_int_equal(c.pos, 0);
    } else {
        assert_string_equal(text, host);
        assert_int_equal(spelled, strlen(text));
        assert_int_equal(c.pos, strlen(host) + 2);
    }
}

static void R07_host_vectors(void **state)
{
    struct bj_vectors v;

    (void)state;
    bj_vectors_open(&v, "dns_name_host.txt");
    while (bj_vectors_next(&v, 3)) {
        uint8_t wire[BJ_NAME_MAX];
        uint8_t longer[2 * BJ_NAME_MAX] = {0};
        size_t len = bj_vector_octets(v.fields[1], wire, sizeof(wire));
        char text[BJ_HOST_TEXT_MAX];
        struct bj_cursor c;
        struct bj_name name;
        struct bj_writer w;
        enum bj_status status;

        print_message("%s\n", v.fields[0]);
        assert_read_host(wire, len, v.fields[2]);
        memcpy(longer, wire, len);
        assert_read_host(longer, sizeof(longer), v.fields[2]);
        bj_cursor_init(&c, wire, len);
        assert_int_equal(bj_name_read_plain(&c, &name, NULL), BJ_OK);
        assert_int_equal(c.pos, len);
        bj_writer_init(&w, (uint8_t *)text, sizeof(text));
        bj_name_format_host(&w, &name);
        status = bj_writer_end_text(&w);
        if (v.fields[2][0] == '!') {
            assert_false(bj_name_is_host(&name));
            assert_int_equal(status, BJ_BAD);
        } else {
            assert_true(bj_name_is_host(&name));
            assert_int_equal(status, BJ_OK);
            assert_string_equal(text, v.fields[2]);
        }
    }
}

/* Read and then spelled, or spelled at once, a name says the same. */
static void assert_same_host(const uint8_t *bytes, size_t len, size_t at)
{
    char expected[BJ_HOST_TEXT_MAX];
    char text[BJ_HOST_TEXT_MAX];
    struct bj_name name;
    struct bj_cursor c;
    struct bj_cursor whole;
    size_t spelled;

    bj_cursor_init(&c, bytes, len);
    bj_cursor_skip(&c, at);
    whole = c;
    spelled = bj_name_read_host(&c, text);
    if (bj_name_read(&whole, &name, NULL) != BJ_OK ||
        !bj_name_spell_host(&name, expected)) {
        assert_int_equal(spelled, 0);
        assert_int_equal(c.pos, at);
        return;
    }
    assert_int_equal(spelled, name.len - 2);
    assert_string_equal(text, expected);
    assert_int_equal(c.pos, whole.pos);
}

/*
 * Names that take one to three blocks of 16 octets and end in the root or in
 * pointers to others, behind a header that would be names too.
 */
static const char blocks[] =
    "\2ab\0\2cd\0\2ef\0"                                   /* the header */
    "\3www\7example\3com\0"                                /* at 12 */
    "\5E6858\5dsce9\12akamaiedge\3net\0"                   /* 29 */
    "\1a\300\14"                                           /* 57 */
    "\17fifteen-octets-\20sixteen--octets-\14twelve-octet" /* 61 */
    "\1x\054" /* 107; a label of 44, the longest that is short */
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\300\71";
enum { BLOCKS_LEN = sizeof(blocks) - 1 };

static const struct {
    size_t at;
    const char *host;
} block_names[] = {
    {12, "www.example.com"},
    {29, "e6858.dsce9.akamaiedge.net"},
    {57, "a.www.example.com"},
    {61, "fifteen-octets-.sixteen--octets-.twelve-octet.x."
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.a.www.example.com"},
    {107, "x.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.a.www.example.com"},
};
enum { BLOCK_NAMES = sizeof(block_names) / sizeof(*block_names) };

static void assert_same_block_names(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < BLOCK_NAMES && block_names[i].at <= len; i++)
        assert_same_host(bytes, len, block_names[i].at);
}

/* Each octet, at each place, must be taken for what it is otherwise: where
 * blocks can be read, and to the message's end. */
static void R07_blocks_see_every_octet_as_names_do(void **state)
{
    uint8_t longer[BLOCKS_LEN + 40] = {0};
    struct bj_guard g = bj_guard_copy(blocks, BLOCKS_LEN);

    (void)state;
    memcpy(longer, blocks, BLOCKS_LEN);
    for (size_t i = 0; i < BLOCK_NAMES; i++) {
        char text[BJ_HOST_TEXT_MAX];
        struct bj_cursor c;

        bj_cursor_init(&c, longer, sizeof(longer));
        bj_cursor_skip(&c, block_names[i].at);
        assert_int_equal(bj_name_read_host(&c, text),
                         strlen(block_names[i].host));
        assert_string_equal(text, block_names[i].host);
    }
    for (size_t at = HEADER; at < BLOCKS_LEN; at++) {
        for (unsigned octet = 0; octet < 256; octet++) {
            longer[at] = (uint8_t)octet;
            g.bytes[at] = (uint8_t)octet;
            assert_same_block_names(longer, sizeof(longer));
            assert_same_block_names(g.bytes, BLOCKS_LEN);
        }
        longer[at] = (uint8_t)blocks[at];
        g.bytes[at] = (uint8_t)blocks[at];
    }
    bj_guard_free(&g);
}

/* Wherever the message ends, and whatever stands there: nothing behind it is
 * read. */
static void R13_blocks_stay_within_the_message(void **state)
{
    static const uint8_t last[] = {0, 1, 44, BJ_POINTER_BITS, 'a'};

    (void)state;
    for (size_t len = HEADER + 1; len <= BLOCKS_LEN; len++) {
        struct bj_guard g = bj_guard_copy(blocks, len);

        for (size_t i = 0; i < sizeof(last); i++) {
            g.bytes[len - 1] = last[i];
            assert_same_block_names(g.bytes, len);
            assert_same_host(g.bytes, len, len - 1);
            assert_same_host(g.bytes, len, len);
        }
        bj_guard_free(&g);
    }
}

/* Labels of `label` octets each, the last shorter, at offset `at`; together
 * they take `total`, or one less. Returns where they end. */
static size_t put_labels(uint8_t *bytes, size_t at, size_t label, size_t total)
{
    size_t end = at + total;

    while (at + 1 < end) {
        size_t len = end - at - 1 < label ? end - at - 1 : label;

        bytes[at] = (uint8_t)len;
        memset(bytes + at + 1, 'a', len);
        at += len + 1;
    }
    return at;
}

/* As long as a text may be, and longer, in labels of each length that is
 * short, before the root or a pointer, and behind another: blocks must not be
 * written behind the text's end. */
static void R12_blocks_stay_within_the_text(void **state)
{
    enum { LAST = HEADER, MIDDLE = 32, FIRST = 332 };
    struct bj_guard text = bj_guard_end(BJ_HOST_TEXT_MAX);

    (void)state;
    for (size_t i = 0; i < 44U * 80U * 2U * 18U; i++) {
        size_t label = i % 44 + 1;
        size_t total = 180 + i / 44 % 80;
        bool pointer = i / (44U * 80U) % 2 > 0;
        size_t front = i / (44U * 80U * 2U);
        uint8_t bytes[400] = {0};
        struct bj_cursor c;
        size_t end;

        memcpy(bytes + LAST, "\3www\2de", 7);
        end = put_labels(bytes, MIDDLE, label, total);
        if (pointer)
            memcpy(bytes + end, "\300\14", 2);
        end = put_labels(bytes, FIRST, 44, front);
        memcpy(bytes + end, "\300\40", 2);
        assert_same_host(bytes, sizeof(bytes), FIRST);
        bj_cursor_init(&c, bytes, sizeof(bytes));
        bj_cursor_skip(&c, FIRST);
        (void)!bj_name_read_host(&c, (char *)text.bytes);
    }
    bj_guard_free(&text);
}

/* Header and a name at its end; written back without compression. */
static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_cursor c;
    struct bj_writer w;
    struct bj_name name;
    enum bj_status status;

    bj_cursor_init(&c, bytes, len);
    bj_cursor_skip(&c, HEADER);
    status = bj_name_read(&c, &name, NULL);
    if (status != BJ_OK)
        return status;
    bj_writer_init(&w, out, cap);
    bj_writer_zero(&w, HEADER);
    bj_name_write(&w, &name);
    *out_len = w.len;
    return bj_cursor_end(&c) != BJ_OK ? bj_cursor_end(&c) : bj_writer_end(&w);
}

static enum bj_status build_text(const void *context, uint8_t *out, size_t cap,
                                 size_t *needed)
{
    struct bj_writer w;

    bj_writer_init(&w, out, cap);
    bj_name_format(&w, context);
    *needed = w.len;
    return bj_writer_end(&w);
}

static enum bj_status build_host(const void *context, uint8_t *out, size_t cap,
                                 size_t *needed)
{
    struct bj_writer w;

    bj_writer_init(&w, out, cap);
    bj_name_format_host(&w, context);
    *needed = w.len;
    return bj_writer_end(&w);
}

static const char *const written[] = {
    "www.example.org", "example.org", "mail.example.org", ".", "org",
    "www.example.org"};
enum { WRITTEN = sizeof(written) / sizeof(*written) };

static enum bj_status build_compressed(const void *context, uint8_t *out,
                                       size_t cap, size_t *needed)
{
    struct bj_name_suffixes known = {.count = 0};
    struct bj_name names[WRITTEN];
    struct bj_writer w;

    (void)context;
    bj_writer_init(&w, out, cap);
    bj_writer_zero(&w, HEADER);
    for (size_t i = 0; i < WRITTEN; i++) {
        parse(written[i], &names[i]);
        bj_name_write_compressed(&w, &names[i], &known);
    }
    *needed = w.len;
    return bj_writer_end(&w);
}

static void properties(void **state)
{
    static const uint8_t sample[] = {0, 0, 0, 0,   0,   0,   0, 0,   0,   0,
                                     0, 0, 3, 'w', 'w', 'W', 2, 'd', 'e', 0};
    struct bj_name name;

    (void)state;
    bj_property_prefixes(reparse, sample, sizeof(sample), 0);
    bj_property_canonical(reparse, sample, sizeof(sample), sample,
                          sizeof(sample));
    parse("a\\.b.\\000.EXAMPLE", &name);
    bj_property_capacities(build_text, &name);
    parse("WWW.Example.org", &name);
    bj_property_capacities(build_host, &name);
    bj_property_capacities(build_compressed, NULL);
}

static void compressed_names_read_back(void **state)
{
    uint8_t out[256];
    size_t len;
    struct bj_cursor c;

    (void)state;
    assert_int_equal(build_compressed(NULL, out, sizeof(out), &len), BJ_OK);
    /* 17, 2, 5 + 2, 1, 2 and 2 octets. */
    assert_int_equal(len, HEADER + 31);
    bj_cursor_init(&c, out, len);
    bj_cursor_skip(&c, HEADER);
    for (size_t i = 0; i < WRITTEN; i++) {
        struct bj_name expected;
        struct bj_name name;

        parse(written[i], &expected);
        assert_int_equal(bj_name_read(&c, &name, NULL), BJ_OK);
        assert_int_equal(name.len, expected.len);
        assert_memory_equal(name.octets, expected.octets, name.len);
        assert_int_equal(name.label_count, expected.label_count);
    }
    assert_int_equal(bj_cursor_end(&c), BJ_OK);
}

static void compression_forgets_when_full_or_far(void **state)
{
    static uint8_t out[BJ_NAME_OFFSETS + 64];
    struct bj_name_suffixes known = {.count = 0};
    struct bj_name name;
    struct bj_name other;
    struct bj_writer w;

    (void)state;
    parse("a.b", &name);
    bj_writer_init(&w, out, sizeof(out));
    bj_writer_zero(&w, BJ_NAME_OFFSETS - 2);
    /* The first label's offset has 14 bits, the second's has not. */
    bj_name_write_compressed(&w, &name, &known);
    assert_int_equal(known.count, 1);
    known.count = BJ_NAME_SUFFIXES_MAX;
    for (size_t i = 0; i < known.count; i++)
        known.known[i] = known.known[0];
    parse("c", &other);
    bj_name_write_compressed(&w, &other, &known);
    assert_int_equal(known.count, BJ_NAME_SUFFIXES_MAX);
    assert_int_equal(w.len, BJ_NAME_OFFSETS - 2 + 5 + 3);
}

/* Labels of the given lengths and the root, behind a header. */
static size_t make_labels(uint8_t *out, const uint8_t *lens, size_t count)
{
    size_t at = HEADER;

    memset(out, 0, HEADER);
    for (size_t i = 0; i < count; i++) {
        out[at++] = lens[i];
        memset(out + at, 'a', lens[i]);
        at += lens[i];
    }
    out[at++] = 0;
    return at;
}

static void R12_names_of_255_and_256(void **state)
{
    static const uint8_t fits[] = {63, 63, 63, 61};
    static const uint8_t over[] = {63, 63, 63, 62};
    uint8_t bytes[512];
    struct bj_fault fault = {BJ_FAULT_NONE, 0};
    struct bj_cursor c;
    struct bj_name name;

    (void)state;
    bj_cursor_init(&c, bytes, make_labels(bytes, fits, 4));
    bj_cursor_skip(&c, HEADER);
    assert_int_equal(bj_name_read(&c, &name, NULL), BJ_OK);
    assert_int_equal(name.len, 255);
    assert_int_equal(bj_cursor_end(&c), BJ_OK);
    bj_cursor_init(&c, bytes, make_labels(bytes, over, 4));
    bj_cursor_skip(&c, HEADER);
    assert_int_equal(bj_name_read(&c, &name, &fault), BJ_BAD);
    assert_int_equal(fault.kind, BJ_FAULT_NAME_LENGTH);
    assert_int_equal(bj_name_skip(&c, NULL), BJ_BAD);
    assert_int_equal(name.len, 0);
}

static void R12_a_pointer_makes_it_256(void **state)
{
    static const uint8_t fits[] = {63, 63, 63, 61};
    uint8_t bytes[512];
    size_t len = make_labels(bytes, fits, 4);
    struct bj_fault fault = {BJ_FAULT_NONE, 0};
    struct bj_cursor c;
    struct bj_name name;

    (void)state;
    memcpy(bytes + len, "\1b\xc0\x0c", 4);
    bj_cursor_init(&c, bytes, len + 4);
    bj_cursor_skip(&c, len);
    assert_int_equal(bj_name_read(&c, &name, &fault), BJ_BAD);
    assert_int_equal(fault.kind, BJ_FAULT_NAME_LENGTH);
    assert_int_equal(bj_name_skip(&c, NULL), BJ_OK);
    assert_int_equal(bj_cursor_left(&c), 0);
}

static void R12_text_four_times_as_long(void **state)
{
    static const uint8_t lens[] = {63, 63, 63, 61};
    uint8_t bytes[512];
    char text[BJ_NAME_TEXT_MAX];
    struct bj_cursor c;
    struct bj_writer w;
    struct bj_name name;
    struct bj_name again;

    (void)state;
    bj_cursor_init(&c, bytes, make_labels(bytes, lens, 4));
    for (size_t i = HEADER; i < c.len; i++)
        if (bytes[i] == 'a')
            bytes[i] = 0xff;
    bj_cursor_skip(&c, HEADER);
    assert_int_equal(bj_name_read(&c, &name, NULL), BJ_OK);
    bj_writer_init(&w, (uint8_t *)text, sizeof(text));
    bj_name_format(&w, &name);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    assert_int_equal(w.len, BJ_NAME_TEXT_MAX - 1);
    assert_int_equal(bj_name_parse(text, w.len, &again, NULL), BJ_OK);
    assert_int_equal(again.len, 255);
    assert_memory_equal(again.octets, name.octets, 255);
    /* One more octet in the last label is one too many. */
    memcpy(text + w.len - 1, "a", 2);
    assert_int_equal(bj_name_parse(text, w.len, &again, NULL), BJ_BAD);
    assert_int_equal(again.len, 0);
}

/* Ascending octet values in labels of 50: all 256 values of an octet. */
static void R32_every_octet_survives_text(void **state)
{
    (void)state;
    for (unsigned value = 0; value < 256; value++) {
        uint8_t wire[] = {2, (uint8_t)value, 'z', 0};
        char text[BJ_NAME_TEXT_MAX];
        struct bj_cursor c;
        struct bj_writer w;
        struct bj_name name;
        struct bj_name again;

        bj_cursor_init(&c, wire, sizeof(wire));
        assert_int_equal(bj_name_read_plain(&c, &name, NULL), BJ_OK);
        bj_writer_init(&w, (uint8_t *)text, sizeof(text));
        bj_name_format(&w, &name);
        assert_int_equal(bj_writer_end_text(&w), BJ_OK);
        assert_int_equal(bj_name_parse(text, w.len, &again, NULL), BJ_OK);
        assert_int_equal(again.len, sizeof(wire));
        assert_memory_equal(again.octets, wire, sizeof(wire));
    }
}

static void R17_plain_names_have_no_pointers(void **state)
{
    uint8_t bytes[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0xc0, 12};
    struct bj_fault fault = {BJ_FAULT_NONE, 0};
    struct bj_cursor c;
    struct bj_name name;

    (void)state;
    bj_cursor_init(&c, bytes, sizeof(bytes));
    bj_cursor_skip(&c, 15);
    assert_int_equal(bj_name_read_plain(&c, &name, &fault), BJ_BAD);
    assert_int_equal(fault.kind, BJ_FAULT_POINTER_FORBIDDEN);
    assert_int_equal(fault.at, 15);
    assert_int_equal(c.pos, 15);
}

static void a_failed_cursor_stays_failed(void **state)
{
    struct bj_cursor c;
    struct bj_name name;

    (void)state;
    bj_cursor_init(&c, (const uint8_t *)"", 1);
    bj_cursor_fail(&c, BJ_LIMIT);
    assert_int_equal(bj_name_read(&c, &name, NULL), BJ_LIMIT);
    assert_int_equal(bj_name_skip(&c, NULL), BJ_LIMIT);
}

static void equality_and_descent_fold_case(void **state)
{
    struct bj_name a;
    struct bj_name b;
    struct bj_name org;
    struct bj_name root;
    struct bj_name none = {.len = 0};

    (void)state;
    parse("www.Example.ORG", &a);
    parse("WWW.example.org", &b);
    parse("oRg", &org);
    parse(".", &root);
    assert_true(bj_name_equal(&a, &b));
    assert_false(bj_name_equal(&a, &org));
    assert_true(bj_name_is_within(&a, &b));
    assert_true(bj_name_is_within(&a, &org));
    assert_true(bj_name_is_within(&a, &root));
    assert_true(bj_name_is_within(&root, &root));
    assert_false(bj_name_is_within(&org, &a));
    assert_false(bj_name_is_within(&a, &none));
    /* The same octets, but not at a label's start: "x\003org" is no child. */
    parse("x\\003org", &b);
    assert_false(bj_name_is_within(&b, &org));
    parse("ample.org", &b);
    assert_false(bj_name_is_within(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R09_R12_R13_wire_vectors),
        cmocka_unit_test(R31_text_vectors),
        cmocka_unit_test(R07_host_vectors),
        cmocka_unit_test(R07_blocks_see_every_octet_as_names_do),
        cmocka_unit_test(R13_blocks_stay_within_the_message),
        cmocka_unit_test(R12_blocks_stay_within_the_text),
        cmocka_unit_test(properties),
        cmocka_unit_test(compressed_names_read_back),
        cmocka_unit_test(compression_forgets_when_full_or_far),
        cmocka_unit_test(R12_names_of_255_and_256),
        cmocka_unit_test(R12_a_pointer_makes_it_256),
        cmocka_unit_test(R12_text_four_times_as_long),
        cmocka_unit_test(R32_every_octet_survives_text),
        cmocka_unit_test(R17_plain_names_have_no_pointers),
        cmocka_unit_test(a_failed_cursor_stays_failed),
        cmocka_unit_test(equality_and_descent_fold_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
