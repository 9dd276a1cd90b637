/* What a patch says of itself, and whether a report is what it announced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harnesses/campaign/mutant.h"

static const char patch[] =
    "# harness: fuzz_dns_name; report: oracle text|host\n"
    "# a label lost\n"
    "--- a/core/dns/name.c\n"
    "+++ b/core/dns/name.c\n"
    "@@ -97,3 +97,4 @@\n"
    " {\n-    x\n+    y\n"
    "@@ -200 +201 @@\n-    x\n+    y\n"
    "--- a/core/dns/match.c\n"
    "+++ b/core/dns/match.c\t2026-01-01\n"
    "@@ -5,3 +5,3 @@\n";

static void a_patch(void **state)
{
    struct bj_mutant m;

    (void)state;
    assert_true(bj_mutant_read("label_lost", patch, &m));
    assert_string_equal(m.name, "label_lost");
    assert_string_equal(m.harness, "fuzz_dns_name");
    assert_string_equal(m.report, "oracle text|host");
    assert_int_equal(m.hunk_count, 3);
    assert_string_equal(m.hunk[0].file, "core/dns/name.c");
    assert_int_equal(m.hunk[0].line, 97);
    assert_int_equal(m.hunk[1].line, 200);
    assert_string_equal(m.hunk[2].file, "core/dns/match.c");
}

static void no_mutant(void **state)
{
    static const char *const bad[] = {
        "",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n",
        "# harness: ../sh; report: x\n+++ b/x\n@@ -1 +1 @@\n",
        "# harness: fuzz_x\n+++ b/x\n@@ -1 +1 @@\n",
        "# harness: fuzz_x; report: y\n",
        "# harness: fuzz_x; report: y\n@@ -1 +1 @@\n",
        "# harness: fuzz_x; report: y\n+++ b/../../etc/passwd\n@@ -1 +1 @@\n",
        "# harness: fuzz_x; report: y\n+++ b//etc/passwd\n@@ -1 +1 @@\n",
        "# harness: fuzz_x; report: y\n+++ /etc/passwd\n@@ -1 +1 @@\n",
    };
    struct bj_mutant m;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i += 1)
        assert_false(bj_mutant_read("x", bad[i], &m));
    assert_false(bj_mutant_read("../x", patch, &m));
}

static bool announced(const char *report, const char *kind, const char *text)
{
    struct bj_mutant m = {.name = "x"};
    struct bj_crash crash = {.kind = ""};

    snprintf(m.report, sizeof(m.report), "%s", report);
    snprintf(crash.kind, sizeof(crash.kind), "%s", kind);
    snprintf(crash.text, sizeof(crash.text), "%s", text);
    return bj_mutant_announced(&m, &crash);
}

static void reports(void **state)
{
    (void)state;
    assert_true(announced("SEGV", "SEGV", ""));
    assert_false(announced("SEGV", "heap-buffer-overflow", ""));
    assert_true(announced("oracle a", "oracle a", ""));
    assert_true(announced("oracle a|b|c", "oracle b", ""));
    assert_true(announced("oracle a|b|c", "oracle c", ""));
    assert_false(announced("oracle a|b|c", "oracle a|b", ""));
    assert_true(announced("timeout or oracle a|b", "timeout", ""));
    assert_true(announced("timeout or oracle a|b", "oracle b", ""));
    assert_false(announced("timeout or oracle a|b", "oracle c", ""));
    assert_false(announced("oracle ab", "oracle a", ""));
    assert_false(announced("oracle a", "oracle ab", ""));
    assert_true(announced("undefined-behavior", "shift-exponent",
                          "a.c:1:2: runtime error: shift exponent 33"));
    assert_false(announced("undefined-behavior", "SEGV", "==1==ERROR"));
}

static void was_it_entered(void **state)
{
    struct bj_mutant m;

    (void)state;
    assert_true(bj_mutant_read("x", patch, &m));
    assert_true(bj_mutant_entered(
        &m, "COVERED_FUNC: hits: 9 edges: 3/4 f /s/core/dns/name.c:90\n"));
    assert_true(bj_mutant_entered(
        &m, "INFO\nCOVERED_FUNC: hits: 1 edges: 1/4 g /s/core/dns/match.c:8"));
    /* Begins behind all hunks; another file; not covered. */
    assert_false(bj_mutant_entered(
        &m, "COVERED_FUNC: hits: 9 edges: 3/4 f /s/core/dns/name.c:250\n"));
    assert_false(bj_mutant_entered(
        &m, "COVERED_FUNC: hits: 9 edges: 3/4 f /s/core/dns/rename.c:9\n"
            "  core/dns/name.c:1\n"));
    assert_false(bj_mutant_entered(
        &m, "UNCOVERED_FUNC: hits: 0 edges: 0/4 f /s/core/dns/name.c:90\n"));
    assert_false(bj_mutant_entered(&m, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_patch),
        cmocka_unit_test(no_mutant),
        cmocka_unit_test(reports),
        cmocka_unit_test(was_it_entered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
