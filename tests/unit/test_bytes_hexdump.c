#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/hexdump.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

static enum bj_status read(const char *text, size_t len, uint8_t *out,
                           size_t cap, size_t *out_len, size_t *line)
{
    struct bj_guard g = bj_guard_copy(text, len);
    struct bj_cursor c;
    struct bj_writer w;
    enum bj_status status;

    bj_cursor_init(&c, g.bytes, len);
    bj_writer_init(&w, out, cap);
    status = bj_hexdump_read(&c, &w, line);
    *out_len = w.len;
    bj_guard_free(&g);
    return status;
}

/* `expected`: the octets in plain digits, or NULL if it is refused. */
static void gives(const char *text, const char *expected)
{
    uint8_t out[256], wanted[256];
    size_t len = 0, wanted_len = 0;
    enum bj_status status =
        read(text, strlen(text), out, sizeof(out), &len, NULL);

    assert_int_equal(status, expected == NULL ? BJ_BAD : BJ_OK);
    if (expected == NULL)
        return;
    for (; expected[wanted_len * 2] != 0; wanted_len++) {
        unsigned value = 0;

        assert_int_equal(sscanf(expected + wanted_len * 2, "%2x", &value), 1);
        wanted[wanted_len] = (uint8_t)value;
    }
    assert_int_equal(len, wanted_len);
    if (len > 0)
        assert_memory_equal(out, wanted, len);
}

static void plain(void **state)
{
    (void)state;
    gives("", "");
    gives("  \n\t\r\n", "");
    gives("0123456789abcdefABCDEF", "0123456789abcdefabcdef");
    gives("12 34\n56\r\n0x78 0X9a", "123456789a");
    gives("12 # 34\n; 56\n78;90", "1278");
    gives("0000", "0000");
    gives("00000000\n0004\n", "000000000004");
    gives("1", NULL);
    gives("12 345", NULL);
    gives("0x", NULL);
    gives("12g", NULL);
    gives("12-34", NULL);
    gives("g", NULL);
    gives("12 |34", NULL);
}

static void dumps(void **state)
{
    (void)state;
    gives("00000000: 1234 5678  .4Vx\n00000004: 9a  .\n", "123456789a");
    gives("00000000  12 34 56 78 9a bc de f0  11 22  |.4Vx......|\n"
          "0000000a\n",
          "123456789abcdef01122");
    gives("\t0x0000:  4500 12  E..\n\t0x0003:  34  4\n", "45001234");
    gives("0000   12 34 56 78 9a bc de f0  11   .4Vx.....\n"
          "0009   ff\n",
          "123456789abcdef011ff");
    gives("0010  12 34", "00101234"); /* not where we are: no offset */
    gives("0: 12\n1: 34", "1234");
    gives(": 12", NULL);
    gives("0000: 123  xx", NULL);
}

static void a_failure_names_its_line(void **state)
{
    uint8_t out[4];
    size_t len = 0, line = 0;

    (void)state;
    assert_int_equal(read("12\n\nzz", 6, out, 4, &len, &line), BJ_BAD);
    assert_int_equal(line, 3);
    assert_int_equal(read("12\n3456\n78 9a", 13, out, 4, &len, &line),
                     BJ_SPACE);
    assert_int_equal(line, 3);
    assert_int_equal(len, 5);
}

static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    return read((const char *)bytes, len, out, cap, out_len, NULL);
}

static void every_prefix(void **state)
{
    static const char dump[] =
        "00000000  12 34 56 78 9a bc de f0  11 22  |.4Vx......|\n0000000a\n";

    (void)state;
    bj_property_prefixes(reparse, dump, strlen(dump), 1);
}

static enum bj_status build(const void *context, uint8_t *out, size_t cap,
                            size_t *needed)
{
    (void)context;
    return read("0: 1234\n2: 56 78", 16, out, cap, needed, NULL);
}

static void every_capacity(void **state)
{
    uint8_t out[4];
    size_t needed;

    (void)state;
    for (size_t cap = 0; cap < 8; cap++) {
        struct bj_guard g = bj_guard_end(cap);

        assert_int_equal(build(NULL, g.bytes, cap, &needed),
                         cap < 4 ? BJ_SPACE : BJ_OK);
        bj_guard_free(&g);
    }
    assert_int_equal(build(NULL, out, 4, &needed), BJ_OK);
    assert_memory_equal(out, "\x12\x34\x56\x78", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(dumps),
        cmocka_unit_test(a_failure_names_its_line),
        cmocka_unit_test(every_prefix),
        cmocka_unit_test(every_capacity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
