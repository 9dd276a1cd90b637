#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/writer.h"
#include "core/config/gaiconf.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

static void write_rows(struct bj_writer *w, const char *keyword,
                       const struct bj_policy_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bj_writer_text(w, keyword);
        bj_prefix_write(w, &rows[i].prefix);
        bj_writer_char(w, ' ');
        bj_writer_dec(w, rows[i].value);
        bj_writer_char(w, '\n');
    }
}

static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_gaiconf conf;
    struct bj_policy policy;
    struct bj_writer w;

    bj_gaiconf_parse(bytes, len, &conf);
    bj_gaiconf_policy(&conf, &policy);
    bj_writer_init(&w, out, cap);
    write_rows(&w, "label ", policy.labels, policy.label_count);
    write_rows(&w, "precedence ", policy.precedences, policy.precedence_count);
    write_rows(&w, "scopev4 ", policy.scopes, policy.scope_count);
    bj_writer_text(&w, conf.reload ? "reload yes\n" : "");
    *out_len = w.len;
    return bj_writer_end(&w);
}

static void reads(const char *text, size_t len, const char *wanted,
                  size_t ignored)
{
    struct bj_gaiconf conf;

    bj_gaiconf_parse((const uint8_t *)text, len, &conf);
    assert_int_equal(conf.ignored, ignored);
    bj_property_canonical(reparse, text, len, wanted, strlen(wanted));
    bj_property_prefixes(reparse, text, len, 1);
}

#define READS(text, wanted, ignored) \
    reads(text, sizeof(text) - 1, wanted, ignored)

/* What Debian ships, its comment marks taken off: RFC 3484's tables. */
static const char shipped[] = "label ::1/128       0\n"
                              "label ::/0          1\n"
                              "label 2002::/16     2\n"
                              "label ::/96         3\n"
                              "label ::ffff:0:0/96 4\n"
                              "precedence  ::1/128       50\n"
                              "precedence  ::/0          40\n"
                              "precedence ::ffff:0:0/96  100\n"
                              "scopev4 ::ffff:169.254.0.0/112  2\n"
                              "scopev4 ::ffff:127.0.0.0/104    2\n"
                              "scopev4 ::ffff:0.0.0.0/96       14\n"
                              "reload  yes\n";

static const char shipped_canonical[] = "label ::1/128 0\n"
                                        "label ::/0 1\n"
                                        "label 2002::/16 2\n"
                                        "label ::/96 3\n"
                                        "label ::ffff:0.0.0.0/96 4\n"
                                        "precedence ::1/128 50\n"
                                        "precedence ::/0 40\n"
                                        "precedence ::ffff:0.0.0.0/96 100\n"
                                        "scopev4 169.254.0.0/16 2\n"
                                        "scopev4 127.0.0.0/8 2\n"
                                        "scopev4 0.0.0.0/0 14\n"
                                        "reload yes\n";

static void tables(void **state)
{
    (void)state;
    READS("", "", 0);
    READS(shipped, shipped_canonical, 0);
    READS("  label\t::1 7 more # x\r\n#label ::2 7\nlabel ::3 8",
          "label ::1/128 7\nlabel ::3/128 8\n", 0);
    READS("label 2001:db8::ffff/32 2147483647\n",
          "label 2001:db8::/32 2147483647\n", 0);
    READS("scopev4 10.0.0.0/8 5\nscopev4 192.0.2.1 2\n",
          "scopev4 10.0.0.0/8 5\nscopev4 192.0.2.1/32 2\n", 0);
    READS("unknown ::1 7\nLabel ::1 7\nlabels ::1 7\n", "", 0);
}

static void reload(void **state)
{
    (void)state;
    READS("reload yes\nreload no\n", "", 0);
    READS("reload no\nreload yes\n", "reload yes\n", 0);
    READS("reload\n", "", 1);
    READS("reload yes\nreload YES\n", "", 0);
}

static void R29_malformed(void **state)
{
    (void)state;
    READS("label\nlabel ::1\nlabel ::1/128\n", "", 3);
    READS("label ::1/129 7\nlabel ::1/ 7\nlabel ::1/-1 7\nlabel /8 7\n", "", 4);
    READS("label ::1 -7\nlabel ::1 +7\nlabel ::1 0x7\nlabel ::1 7x\n", "", 4);
    READS("label ::1 2147483648\nprecedence ::1 99999999999999999999\n", "", 2);
    READS("label 10.0.0.0/8 7\nprecedence 10.0.0.0/8 7\n", "", 2);
    READS("label ::1%eth0 7\nlabel ::1%2/128 7\n", "", 2);
    READS("scopev4 10.0.0.0/33 2\nscopev4 ::ffff:10.0.0.0/95 2\n", "", 2);
    READS("scopev4 ::10.0.0.0/104 2\nscopev4 2001:db8::/96 2\n", "", 2);
    READS("label\0 ::1 7\n\0label ::1 7\nlabel ::1 7\0x\n", "label ::1/128 7\n",
          1);
}

static void R29_one_row_too_many(void **state)
{
    static const char *const keywords[] = {"label", "precedence", "scopev4"};
    size_t n = 0;
    char *text = malloc(100000);
    struct bj_gaiconf conf;

    (void)state;
    assert_non_null(text);
    for (int k = 0; k < 3; k++)
        for (unsigned i = 0; i <= BJ_GAI_ROWS_MAX; i++)
            n += (size_t)sprintf(text + n, "%s ::ffff:10.0.0.%u/128 %u\n",
                                 keywords[k], i, i);
    bj_gaiconf_parse((const uint8_t *)text, n, &conf);
    assert_int_equal(conf.label_count, BJ_GAI_ROWS_MAX);
    assert_int_equal(conf.precedence_count, BJ_GAI_ROWS_MAX);
    assert_int_equal(conf.scope_count, BJ_GAI_ROWS_MAX);
    assert_int_equal(conf.scopes[BJ_GAI_ROWS_MAX - 1].value,
                     BJ_GAI_ROWS_MAX - 1);
    assert_int_equal(conf.ignored, 3);
    free(text);
}

static void R29_over_long_line(void **state)
{
    static const char line[] = "reload yes";
    size_t len = BJ_CONFIG_LINE_MAX + 1;
    struct bj_guard text = bj_guard_end(len);
    struct bj_gaiconf conf;

    (void)state;
    memset(text.bytes, ' ', len);
    memcpy(text.bytes, line, sizeof(line) - 1);
    bj_gaiconf_parse(text.bytes, len, &conf);
    assert_false(conf.reload);
    assert_int_equal(conf.ignored, 1);
    bj_gaiconf_parse(text.bytes, len - 1, &conf);
    assert_true(conf.reload);
    bj_guard_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables),
        cmocka_unit_test(reload),
        cmocka_unit_test(R29_malformed),
        cmocka_unit_test(R29_one_row_too_many),
        cmocka_unit_test(R29_over_long_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
