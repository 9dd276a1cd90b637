#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/netdb/hostname.h"
#include "tests/support/guard.h"

/* Asked with the text flush against a forbidden page on either side. */
static bool ask(bool (*question)(const char *, size_t), const char *text,
                size_t len)
{
    struct bj_guard end = bj_guard_copy(text, len);
    struct bj_guard start = bj_guard_start(len);
    bool answer = question((const char *)end.bytes, len);

    if (len > 0)
        memcpy(start.bytes, text, len);
    assert_int_equal(question((const char *)start.bytes, len), answer);
    bj_guard_free(&end);
    bj_guard_free(&start);
    return answer;
}

static void host_names(void **state)
{
    static const char *const good[] = {"a",
                                       "www.example.com",
                                       "www.example.com.",
                                       "3com.com",
                                       "127.0.0.1",
                                       "_dmarc.example",
                                       "a-b.c-",
                                       "0",
                                       "xn--bcher-kva.example"};
    static const char *const bad[] = {"",  ".",     "..",       "a..b", ".a",
                                      "-", "-a.b",  "a..",      "a b",  "a/b",
                                      "%", "a%eth", "fe80::1%1"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (!ask(bj_hostname_valid, good[i], strlen(good[i])))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (ask(bj_hostname_valid, bad[i], strlen(bad[i])))
            fail_msg("accepted: %s", bad[i]);
}

static void R07_nothing_but_a_host_name_is_handed_out(void **state)
{
    char text[] = "aaa.bbb";

    (void)state;
    for (int ch = 0; ch < 256; ch++) {
        bool plain = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
                     (ch >= 'A' && ch <= 'Z') || ch == '_';
        bool inner = plain || ch == '-' || ch == '.';

        text[1] = (char)ch;
        assert_int_equal(ask(bj_hostname_presentable, text, 7), inner);
        text[1] = 'a';
        text[0] = (char)ch;
        assert_int_equal(ask(bj_hostname_presentable, text, 7), plain);
        text[0] = 'a';
    }
    /* A dot inside a label shows as an escape, "a\.b". */
    assert_false(ask(bj_hostname_presentable, "a\\.b.example", 12));
}

static void R12_labels_of_63_and_64_names_of_253_and_254(void **state)
{
    char text[256];

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_true(ask(bj_hostname_valid, text, 63));
    assert_false(ask(bj_hostname_valid, text, 64));
    for (size_t i = 63; i < sizeof(text); i += 64)
        text[i] = '.';
    assert_true(ask(bj_hostname_valid, text, 253));
    assert_false(ask(bj_hostname_valid, text, 254));
    text[253] = '.';
    assert_true(ask(bj_hostname_valid, text, 254));
    text[254] = '.';
    assert_false(ask(bj_hostname_valid, text, 255));
}

static void literals_are_presentable(void **state)
{
    static const char *const good[] = {
        "::1",
        "fe80::1%eth0",
        "fe80::1%eth0.100",
        "fe80::1%2",
        "::127.0.0.1",
        "FE80::ABCD",
        "fe80::1%123456789012345",
        "1111:2222:3333:4444:5555:6666:255.255.255.255"};
    static const char *const bad[] = {
        "a:b",
        "::1%",
        "fe80::1%a/b",
        "fe80::1%1234567890123456",
        "::1 ",
        "::g",
        "1::%eth0%1",
        ":%1",
        "fe80::1%a b",
        "fe80::1%$(id)",
        "1111:2222:3333:4444:5555:6666:255.255.255.2550",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:a%1"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_false(ask(bj_hostname_valid, good[i], strlen(good[i])));
        if (!ask(bj_hostname_presentable, good[i], strlen(good[i])))
            fail_msg("refused: %s", good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (ask(bj_hostname_presentable, bad[i], strlen(bad[i])))
            fail_msg("accepted: %s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_names),
        cmocka_unit_test(R07_nothing_but_a_host_name_is_handed_out),
        cmocka_unit_test(R12_labels_of_63_and_64_names_of_253_and_254),
        cmocka_unit_test(literals_are_presentable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
