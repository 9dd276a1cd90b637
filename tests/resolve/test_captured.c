/*
 * R40: workers that have been taken over. Whatever they do costs a lookup a
 * retry and then its answer, never the caller, and the next lookup is answered
 * if the next worker is honest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/resolve/fixture.h"
#include "tests/resolve/server.h"
#include "tests/support/scratch.h"

static struct bj_test_server server;

static const struct {
    const char *mode;
    const char *verdict; /* when every worker does it */
} modes[] = {
    {"flood", "EAI_FAIL"},        {"oversize", "EAI_FAIL"},
    {"malformed", "EAI_FAIL"},    {"wrong-lookup", "EAI_FAIL"},
    {"wrong-server", "EAI_FAIL"}, {"unasked", "EAI_FAIL"},
    {"storm", "EAI_FAIL"},        {"bad-name", "EAI_FAIL"},
    {"twice", "EAI_FAIL"},        {"truncated", "EAI_FAIL"},
    {"death", "EAI_AGAIN"},       {"crash", "EAI_AGAIN"},
    {"silence", "EAI_AGAIN"},     {"deaf", "EAI_AGAIN"},
    {"for-ever", "EAI_AGAIN"},
};

enum { MODES = sizeof(modes) / sizeof(modes[0]) };

static void honest_is_answered(void **state)
{
    struct bj_fixture f;
    struct bj_resolver *r;

    (void)state;
    bj_fixture_captured(&f, "", server.endpoint);
    r = bj_fixture_open(&f);
    assert_string_equal(bj_test_ip4(r, "local.test"), "127.0.0.7");
    assert_string_equal(bj_test_ip4(r, "a.test"), "32.32.32.32");
    assert_string_equal(bj_test_ip4(r, "b.test"), "32.32.32.32");
    bj_resolver_close(r);
    bj_fixture_remove(&f);
}

static void R40_each_lookup_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < MODES; i++) {
        struct bj_fixture f;
        struct bj_resolver *r;
        const char *verdict;

        bj_fixture_captured(&f, modes[i].mode, server.endpoint);
        f.options.worker_timeout_ms = 300;
        f.options.lookup_timeout_ms = 4000;
        r = bj_fixture_open(&f);
        verdict = bj_test_ip4(r, "a.test");
        if (strcmp(verdict, modes[i].verdict) != 0)
            fail_msg("%s: %s", modes[i].mode, verdict);
        assert_string_equal(bj_test_ip4(r, "local.test"), "127.0.0.7");
        bj_resolver_close(r);
        bj_fixture_remove(&f);
    }
}

/* Only the first worker is bad. */
static void R40_one_retry_is_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i < MODES; i++) {
        struct bj_fixture f;
        struct bj_resolver *r;
        char mode[160];
        const char *answer;

        snprintf(mode, sizeof(mode), "%s %s/mark-%zu", modes[i].mode,
                 bj_scratch(), i);
        bj_fixture_captured(&f, mode, server.endpoint);
        f.options.unfiltered = 1; /* it makes the file */
        f.options.worker_timeout_ms = 1000;
        r = bj_fixture_open(&f);
        answer = bj_test_ip4(r, "a.test");
        /* What never asks for anything again costs its lookup the time that
         * resolv.conf gives it: nothing else is wrong with that. */
        if (strcmp(modes[i].mode, "for-ever") != 0 &&
            strcmp(answer, "32.32.32.32") != 0)
            fail_msg("%s: %s", modes[i].mode, answer);
        bj_resolver_close(r);
        bj_fixture_remove(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_is_answered),
        cmocka_unit_test(R40_each_lookup_ends),
        cmocka_unit_test(R40_one_retry_is_enough),
    };
    int failed;

    bj_test_server_start(&server);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    bj_test_server_stop(&server);
    return failed;
}
