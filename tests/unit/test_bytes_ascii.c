#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/ascii.h"

static enum bj_status read(const char *text, uint64_t max, uint64_t *value)
{
    struct bj_cursor c;

    bj_cursor_init(&c, (const uint8_t *)text, strlen(text));
    *value = bj_ascii_read_dec(&c, max);
    return c.status;
}

static void decimal(void **state)
{
    uint64_t v;

    (void)state;
    assert_int_equal(read("65535x", 65535, &v), BJ_OK);
    assert_int_equal(v, 65535);
    assert_int_equal(read("65536", 65535, &v), BJ_LIMIT);
    assert_int_equal(v, 0);
    assert_int_equal(read("007", 7, &v), BJ_OK);
    assert_int_equal(v, 7);
    assert_int_equal(read("", 7, &v), BJ_BAD);
    assert_int_equal(read("-1", 7, &v), BJ_BAD);
    assert_int_equal(read(" 1", 7, &v), BJ_BAD);
    assert_int_equal(read("18446744073709551615", UINT64_MAX, &v), BJ_OK);
    assert_true(v == UINT64_MAX);
    assert_int_equal(read("18446744073709551616", UINT64_MAX, &v), BJ_LIMIT);
    assert_int_equal(read("1", 0, &v), BJ_LIMIT);
    assert_int_equal(read("0", 0, &v), BJ_OK);
}

/* Every octet against its class written out. */
static void classes(void **state)
{
    static const char hex[] = "0123456789abcdefABCDEF";

    (void)state;
    for (int ch = -1; ch < 256; ch++) {
        bool digit = ch >= 48 && ch <= 57;
        bool upper = ch >= 65 && ch <= 90;
        bool lower = ch >= 97 && ch <= 122;
        const char *at = ch > 0 && ch < 128 ? strchr(hex, ch) : NULL;

        assert_int_equal(bj_ascii_is_digit(ch), digit);
        assert_int_equal(bj_ascii_is_alpha(ch), upper || lower);
        assert_int_equal(bj_ascii_is_alnum(ch), digit || upper || lower);
        assert_int_equal(bj_ascii_is_graph(ch), ch >= 33 && ch <= 126);
        assert_int_equal(bj_ascii_is_space(ch),
                         ch == 32 || (ch >= 9 && ch <= 13));
        if (at == NULL)
            assert_int_equal(bj_ascii_hex_value(ch), -1);
        else
            assert_int_equal(bj_ascii_hex_value(ch),
                             at - hex < 16 ? at - hex : at - hex - 6);
        if (ch >= 0)
            assert_int_equal(bj_ascii_lower((uint8_t)ch), upper ? ch + 32 : ch);
    }
}

static void equality(void **state)
{
    const uint8_t a[] = "Host", b[] = "hOST", c[] = "hos[";

    (void)state;
    assert_true(bj_ascii_equal_nocase(a, 4, b, 4));
    assert_false(bj_ascii_equal_nocase(a, 4, b, 3));
    assert_false(bj_ascii_equal_nocase(a, 4, c, 4));
    assert_true(bj_ascii_equal_text(a, 4, "Host"));
    assert_false(bj_ascii_equal_text(a, 4, "host"));
    assert_false(bj_ascii_equal_text(a, 3, "Host"));
    assert_true(bj_ascii_equal_text(NULL, 0, ""));
}

/* Every two octets, alone and in texts that are compared by eights and by
 * sixteens: alike if they are one, or one letter. */
static void folding_of_every_two_octets(void **state)
{
    static const size_t lens[] = {1, 8, 11, 16, 19, 37};
    uint8_t a[37];
    uint8_t b[37];

    (void)state;
    memset(a, 'x', sizeof(a));
    memset(b, 'X', sizeof(b));
    for (unsigned x = 0; x < 256; x++)
        for (unsigned y = 0; y < 256; y++) {
            bool same = x == y || (x == y + 32 && y >= 'A' && y <= 'Z') ||
                        (y == x + 32 && x >= 'A' && x <= 'Z');

            for (size_t i = 0; i < 2 * sizeof(lens) / sizeof(*lens); i++) {
                size_t len = lens[i / 2];
                size_t at = (x * 7 + y + 8 * (i % 2)) % len;

                a[at] = (uint8_t)x;
                b[at] = (uint8_t)y;
                assert_int_equal(bj_ascii_equal_nocase(a, len, b, len), same);
                a[at] = 'x';
                b[at] = 'X';
            }
        }
}

static void white_space(void **state)
{
    struct bj_cursor c;

    (void)state;
    bj_cursor_init(&c, (const uint8_t *)" \t\r\v\f\nab\n", 9);
    assert_int_equal(bj_ascii_until_space(&c), 0);
    bj_ascii_skip_space(&c);
    assert_int_equal(c.pos, 6);
    assert_int_equal(bj_ascii_until_space(&c), 2);
    bj_ascii_skip_space(&c);
    assert_int_equal(c.pos, 6);
    bj_cursor_skip(&c, 1);
    c.len = 8;
    assert_int_equal(bj_ascii_until_space(&c), 1);
    bj_cursor_skip(&c, 1);
    assert_int_equal(bj_ascii_until_space(&c), 0);
    bj_ascii_skip_space(&c);
    assert_true(bj_cursor_ok(&c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal),
        cmocka_unit_test(classes),
        cmocka_unit_test(equality),
        cmocka_unit_test(folding_of_every_two_octets),
        cmocka_unit_test(white_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
