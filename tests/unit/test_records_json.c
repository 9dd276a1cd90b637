#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/records/json.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/records.h"
#include "tests/support/vectors.h"

static enum bj_status show(const char *what, const char *rdata_text,
                           uint8_t *out, size_t cap, size_t *needed)
{
    uint8_t rdata[BJ_VECTOR_LINE];
    uint8_t message[BJ_ONE_RECORD_CAP];
    size_t len = bj_one_record(
        what, rdata, bj_vector_octets(rdata_text, rdata, sizeof(rdata)),
        message);
    struct bj_guard g = bj_guard_copy(message, len);
    struct bj_message m;
    struct bj_record record;
    struct bj_writer w;

    assert_int_equal(bj_message_init(&m, g.bytes, len), BJ_OK);
    assert_int_equal(bj_message_record(&m, &record), BJ_OK);
    bj_writer_init(&w, out, cap);
    bj_json_record(&w, &m, &record);
    *needed = w.len;
    bj_guard_free(&g);
    return bj_writer_end(&w);
}

/* What stands in "rdata", or all behind the name for an OPT. */
static void check(struct bj_vectors *v)
{
    static const char head[] =
        "{\"name\":\"www.example.\",\"type\":\"%s\",\"class\":\"%.*s\","
        "\"ttl\":60,\"rdata\":%s}";
    static const char opt[] = "{\"name\":\".\",\"type\":\"OPT\",\"udp\":1232,"
                              "\"version\":0,\"flags\":32768,\"options\":%s}";
    char expected[2 * BJ_VECTOR_LINE];
    char type[32];
    char got[2 * BJ_VECTOR_LINE];
    const char *class_text = strchr(v->fields[0], '/');
    size_t needed = 0;

    class_text = class_text == NULL ? "IN" : class_text + 1;
    snprintf(type, sizeof(type), "%.*s", (int)strcspn(v->fields[0], "/"),
             v->fields[0]);
    if (strcmp(type, "OPT") == 0)
        snprintf(expected, sizeof(expected), opt, v->fields[2]);
    else
        snprintf(expected, sizeof(expected), head, type,
                 (int)strcspn(class_text, "/"), class_text, v->fields[2]);
    assert_int_equal(show(v->fields[0], v->fields[1], (uint8_t *)got,
                          sizeof(got) - 1, &needed),
                     BJ_OK);
    got[needed] = 0;
    if (strcmp(got, expected) != 0)
        fail_msg("records_json.txt:%zu: %s", v->line_number, got);
}

static void rdata_as_json(void **state)
{
    struct bj_vectors v;
    size_t count = 0;

    (void)state;
    bj_vectors_open(&v, "records_json.txt");
    for (; bj_vectors_next(&v, 3); count++)
        check(&v);
    assert_true(count > 30);
}

static void what_cannot_be_read_is_refused(void **state)
{
    uint8_t out[512];
    size_t needed;

    (void)state;
    assert_int_equal(show("A", "01", out, sizeof(out), &needed), BJ_BAD);
    assert_int_equal(show("OPT", "00 03 00", out, sizeof(out), &needed),
                     BJ_BAD);
    assert_int_equal(
        show("HTTPS", "00 01 00 00 03 00 00", out, sizeof(out), &needed),
        BJ_BAD);
}

static void strings_and_questions(void **state)
{
    static const uint8_t message[] = {0, 0, 0,   0,   0,    1, 0, 0,  0, 0, 0,
                                      0, 3, 'a', '"', '\\', 0, 0, 28, 0, 1};
    struct bj_message m;
    struct bj_question question;
    struct bj_writer w;
    uint8_t out[128];

    (void)state;
    assert_int_equal(bj_message_init(&m, message, sizeof(message)), BJ_OK);
    assert_int_equal(bj_message_question(&m, &question), BJ_OK);
    bj_writer_init(&w, out, sizeof(out));
    bj_json_string(&w, (const uint8_t *)"\x1b\"\xff", 3);
    bj_json_question(&w, &m, &question);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    assert_string_equal((char *)out,
                        "\"\\u001b\\\"\\u00ff\""
                        "{\"name\":\"a\\\\\\\"\\\\\\\\.\",\"type\":\"AAAA\","
                        "\"class\":\"IN\"}");
}

static enum bj_status build(const void *context, uint8_t *out, size_t cap,
                            size_t *needed)
{
    const char *const *what = context;

    return show(what[0], what[1], out, cap, needed);
}

static void every_capacity(void **state)
{
    static const char *const whats[][2] = {
        {"HTTPS", "00 01 00 00 01 00 05 04 'h,2' ff 00 03 00 02 01 bb"},
        {"NSEC3", "01 00 00 00 00 01 ff 00 01 7f"},
        {"OPT", "00 08 00 07 00 01 18 00 c0 00 02 00 0f 00 04 00 12 'no'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(whats) / sizeof(whats[0]); i++)
        bj_property_capacities(build, whats[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rdata_as_json),
        cmocka_unit_test(what_cannot_be_read_is_refused),
        cmocka_unit_test(strings_and_questions),
        cmocka_unit_test(every_capacity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
