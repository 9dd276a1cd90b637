#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/records/text.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/records.h"
#include "tests/support/vectors.h"

typedef void shower(struct bj_writer *w, struct bj_message *m,
                    const struct bj_record *record);

/* Shows the only record of a message that begins in guarded memory. */
static enum bj_status show(shower *how, const uint8_t *bytes, size_t len,
                           uint8_t *out, size_t cap, size_t *needed)
{
    struct bj_message m;
    struct bj_record record;
    struct bj_writer w;

    assert_int_equal(bj_message_init(&m, bytes, len), BJ_OK);
    assert_int_equal(bj_message_record(&m, &record), BJ_OK);
    bj_writer_init(&w, out, cap);
    how(&w, &m, &record);
    *needed = w.len;
    return bj_writer_end_text(&w);
}

static void check(struct bj_vectors *v)
{
    uint8_t rdata[BJ_VECTOR_LINE];
    uint8_t message[BJ_ONE_RECORD_CAP];
    char text[4 * BJ_VECTOR_LINE];
    size_t needed = 0;
    size_t len = bj_one_record(
        v->fields[1], rdata,
        bj_vector_octets(v->fields[2], rdata, sizeof(rdata)), message);
    struct bj_guard g = bj_guard_copy(message, len);
    enum bj_status status = show(bj_text_rdata, g.bytes, len, (uint8_t *)text,
                                 sizeof(text), &needed);

    if (v->fields[3][0] == '!') {
        if (status != BJ_BAD)
            fail_msg("records.txt:%zu: accepted: %s", v->line_number, text);
    } else if (status != BJ_OK || strcmp(text, v->fields[3]) != 0) {
        fail_msg("records.txt:%zu: \"%s\" (%s)", v->line_number, text,
                 bj_status_text(status));
    }
    bj_guard_free(&g);
}

static void R14_R17_rdata_as_text(void **state)
{
    struct bj_vectors v;
    size_t count = 0;

    (void)state;
    bj_vectors_open(&v, "records.txt");
    for (; bj_vectors_next(&v, 4); count++)
        check(&v);
    assert_true(count > 100);
}

/* The lines of an OPT behind the first, joined by slashes, "-" for none. */
static void check_opt(struct bj_vectors *v)
{
    uint8_t rdata[BJ_VECTOR_LINE];
    uint8_t message[BJ_ONE_RECORD_CAP];
    char text[4 * BJ_VECTOR_LINE];
    static const char first[] = "; EDNS: version: 0, flags: do; udp: 1232\n";
    size_t needed = 0;
    size_t len = bj_one_record(
        "OPT", rdata, bj_vector_octets(v->fields[1], rdata, sizeof(rdata)),
        message);
    enum bj_status status =
        show(bj_text_opt, message, len, (uint8_t *)text, sizeof(text), &needed);
    char *lines = text + strlen(first);

    if (v->fields[2][0] == '!') {
        assert_int_equal(status, BJ_BAD);
        return;
    }
    assert_int_equal(status, BJ_OK);
    assert_memory_equal(text, first, strlen(first));
    for (char *end = strchr(lines, '\n'); end != NULL; end = strchr(end, '\n'))
        *end = end[1] == 0 ? 0 : '/';
    if (strcmp(*lines == 0 ? "-" : lines, v->fields[2]) != 0)
        fail_msg("records_options.txt:%zu: \"%s\"", v->line_number, lines);
}

static void R16_options_as_text(void **state)
{
    struct bj_vectors v;
    size_t count = 0;

    (void)state;
    bj_vectors_open(&v, "records_options.txt");
    for (; bj_vectors_next(&v, 3); count++)
        check_opt(&v);
    assert_true(count > 30);
}

static void a_record_is_a_line(void **state)
{
    uint8_t message[BJ_ONE_RECORD_CAP];
    char text[256];
    size_t needed;
    size_t len = bj_one_record("A", (const uint8_t *)"\xc0\0\2\7", 4, message);

    (void)state;
    assert_int_equal(show(bj_text_record, message, len, (uint8_t *)text,
                          sizeof(text), &needed),
                     BJ_OK);
    assert_string_equal(text, "www.example.\t60\tIN\tA\t192.0.2.7\n");
    len = bj_one_record("TYPE731/CLASS32", NULL, 0, message);
    assert_int_equal(show(bj_text_record, message, len, (uint8_t *)text,
                          sizeof(text), &needed),
                     BJ_OK);
    assert_string_equal(text, "www.example.\t60\tCLASS32\tTYPE731\t\\# 0\n");
}

static void opt_shows_its_flags(void **state)
{
    uint8_t message[BJ_ONE_RECORD_CAP];
    char text[256];
    size_t needed;
    size_t len = bj_one_record("OPT", NULL, 0, message);

    (void)state;
    memcpy(message + 17, "\x00\x01\x12\x34", 4); /* version 1, no DO */
    assert_int_equal(
        show(bj_text_opt, message, len, (uint8_t *)text, sizeof(text), &needed),
        BJ_OK);
    assert_string_equal(text,
                        "; EDNS: version: 1, flags: z=0x1234; udp: 1232\n");
}

static void a_question_is_a_comment(void **state)
{
    static const uint8_t message[] = {0, 0, 0, 0,   0, 1,    0,    0, 0, 0,
                                      0, 0, 1, 'a', 0, 0xf3, 0x71, 0, 3};
    struct bj_message m;
    struct bj_question question;
    struct bj_writer w;
    uint8_t text[64];

    (void)state;
    assert_int_equal(bj_message_init(&m, message, sizeof(message)), BJ_OK);
    assert_int_equal(bj_message_question(&m, &question), BJ_OK);
    bj_writer_init(&w, text, sizeof(text));
    bj_text_question(&w, &m, &question);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    assert_string_equal((char *)text, ";a.\tCH\tTYPE62321\n"); /* R26 */
}

/* R26: numbers without a mnemonic are written so that nobody mistakes them. */
static void R26_numbers_that_we_do_not_know(void **state)
{
    uint8_t text[64];
    struct bj_writer w;

    (void)state;
    bj_writer_init(&w, text, sizeof(text));
    bj_text_type(&w, 0);
    bj_text_type(&w, 65535);
    bj_text_class(&w, 0);
    bj_text_rcode(&w, 3841);
    bj_text_opcode(&w, 9);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    assert_string_equal((char *)text, "TYPE0TYPE65535CLASS0RCODE3841OPCODE9");
}

/* Against the days of each month counted one by one. */
static void time_over_all_of_32_bits(void **state)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30,
                                   31, 31, 30, 31, 30, 31};
    unsigned year = 1970, month = 0, day = 1;

    (void)state;
    for (uint64_t s = 0; s <= UINT32_MAX; s += 86400) {
        char expected[32];
        uint8_t text[16];
        struct bj_writer w;
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

        snprintf(expected, sizeof(expected), "%04u%02u%02u000000", year,
                 month + 1, day);
        bj_writer_init(&w, text, sizeof(text));
        bj_text_time(&w, (uint32_t)s);
        assert_int_equal(bj_writer_end_text(&w), BJ_OK);
        assert_string_equal((char *)text, expected);
        day += 1;
        if (day > days[month] + (leap && month == 1 ? 1U : 0U)) {
            day = 1;
            month = (month + 1) % 12;
            year += month == 0;
        }
    }
}

/* R33: whatever octet stands anywhere in a message, what is printed is
 * visible ASCII, blanks, tabs and newlines. */
static void R33_every_octet_everywhere(void **state)
{
    static const uint8_t hostile[] = {0x00, 0x07, 0x0a, 0x1b, '"',
                                      '\\', 0x7f, 0x9b, 0xc0, 0xff};
    struct bj_vectors v;

    (void)state;
    bj_vectors_open(&v, "records.txt");
    while (bj_vectors_next(&v, 4)) {
        uint8_t rdata[BJ_VECTOR_LINE];
        uint8_t message[BJ_ONE_RECORD_CAP];
        char text[4 * BJ_VECTOR_LINE];
        size_t rdata_len = bj_vector_octets(v.fields[2], rdata, sizeof(rdata));

        for (size_t i = 0; i < rdata_len * sizeof(hostile); i++) {
            uint8_t *at = &rdata[i / sizeof(hostile)];
            uint8_t before = *at;
            size_t needed = 0;
            size_t len;

            *at = hostile[i % sizeof(hostile)];
            len = bj_one_record(v.fields[1], rdata, rdata_len, message);
            *at = before;
            if (show(bj_text_record, message, len, (uint8_t *)text,
                     sizeof(text), &needed) != BJ_OK)
                continue;
            for (const char *ch = text; *ch != 0; ch++)
                if ((*ch < ' ' || *ch > '~') && *ch != '\t' && *ch != '\n')
                    fail_msg("records.txt:%zu: 0x%02x", v.line_number, *ch);
        }
    }
}

/* R32: the texts of strings are as different as the strings. */
static void R32_no_two_strings_share_a_text(void **state)
{
    static char texts[2 * 256][16];
    uint8_t message[BJ_ONE_RECORD_CAP];

    (void)state;
    for (unsigned i = 0; i < 512; i++) {
        /* "\123" as one octet, and the octet with a digit behind it. */
        uint8_t rdata[3] = {(uint8_t)(i < 256 ? 1 : 2), (uint8_t)i, '3'};
        size_t needed;
        size_t len = bj_one_record("TXT", rdata, i < 256 ? 2 : 3, message);

        assert_int_equal(show(bj_text_rdata, message, len, (uint8_t *)texts[i],
                              sizeof(texts[i]), &needed),
                         BJ_OK);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(texts[i], texts[j]);
    }
}

static enum bj_status build(const void *context, uint8_t *out, size_t cap,
                            size_t *needed)
{
    uint8_t rdata[512];
    uint8_t message[BJ_ONE_RECORD_CAP];
    const char *const *what = context;
    size_t len =
        bj_one_record(what[0], rdata,
                      bj_vector_octets(what[1], rdata, sizeof(rdata)), message);
    struct bj_message m;
    struct bj_record record;
    struct bj_writer w;

    assert_int_equal(bj_message_init(&m, message, len), BJ_OK);
    assert_int_equal(bj_message_record(&m, &record), BJ_OK);
    bj_writer_init(&w, out, cap);
    if (record.type == BJ_TYPE_OPT)
        bj_text_opt(&w, &m, &record);
    else
        bj_text_record(&w, &m, &record);
    *needed = w.len;
    return bj_writer_end(&w);
}

static void every_capacity(void **state)
{
    static const char *const whats[][2] = {
        {"HTTPS", "00 01 00 00 01 00 05 04 'h,2' ff 00 03 00 02 01 bb"},
        {"NSEC3", "01 00 00 00 00 01 ff 00 01 7f"},
        {"TXT", "03 'ab\\' 02 00 ff"},
        {"OPT", "00 08 00 07 00 01 18 00 c0 00 02 00 0f 00 04 00 12 'no'"},
        {"LOC", "00 33 16 13 89 17 2d d0 70 be 15 f0 00 98 8d 20"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(whats) / sizeof(whats[0]); i++)
        bj_property_capacities(build, whats[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R14_R17_rdata_as_text),
        cmocka_unit_test(R16_options_as_text),
        cmocka_unit_test(a_record_is_a_line),
        cmocka_unit_test(opt_shows_its_flags),
        cmocka_unit_test(a_question_is_a_comment),
        cmocka_unit_test(R26_numbers_that_we_do_not_know),
        cmocka_unit_test(time_over_all_of_32_bits),
        cmocka_unit_test(R33_every_octet_everywhere),
        cmocka_unit_test(R32_no_two_strings_share_a_text),
        cmocka_unit_test(every_capacity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
