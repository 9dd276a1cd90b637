/* libFuzzer's log, as clang 14 and 19 write it, and as no libFuzzer would. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "harnesses/campaign/engine.h"

static struct bj_engine read_text(const char *text, size_t step)
{
    struct bj_engine engine = {.started = false};
    struct bj_lines lines = {.len = 0};
    const char *line;
    size_t len = strlen(text);

    for (size_t at = 0; at < len;) {
        at += bj_lines_take(&lines, text + at,
                            len - at < step ? len - at : step, &line);
        if (line != NULL)
            bj_engine_line(&engine, line);
    }
    return engine;
}

static const char clean[] =
    "INFO: Running with entropic power schedule (0xFF, 100).\n"
    "INFO: Seed: 4112619242\n"
    "INFO: Loaded 1 modules   (12 inline 8-bit counters): 12 [0x5, 0x6), \n"
    "INFO:       43 files found in corpus\n"
    "#44\tINITED cov: 355 ft: 1020 corp: 41/2812b exec/s: 0 rss: 32Mb\n"
    "#64\tNEW    cov: 356 ft: 1021 corp: 42/2815b lim: 275 exec/s: 0 rss: 33Mb "
    "L: 3/275 MS: 2 CopyPart-ChangeBit-\n"
    "#128\tREDUCE cov: 356 ft: 1021 corp: 42/2814b lim: 275 exec/s: 0 rss: "
    "33Mb L: 2/275 MS: 1 EraseBytes-\n"
    "#35414\tDONE   cov: 373 ft: 1130 corp: 90/7kb lim: 4 exec/s: 11804 rss: "
    "41Mb\n"
    "Done 35414 runs in 3 second(s)\n"
    "stat::number_of_executed_units: 35414\n"
    "stat::average_exec_per_sec:     11804\n"
    "stat::new_units_added:          49\n"
    "stat::slowest_unit_time_sec:    0\n"
    "stat::peak_rss_mb:              41\n";

static void a_clean_log(void **state)
{
    (void)state;
    /* However the file's octets arrive, the figures are the same. */
    for (size_t step = 1; step < sizeof(clean); step += 1) {
        struct bj_engine e = read_text(clean, step);

        assert_true(e.started && e.instrumented && e.done);
        assert_false(e.uninteresting);
        assert_int_equal(e.runs, 35414);
        assert_int_equal(e.edges, 373);
        assert_int_equal(e.features, 1130);
        assert_int_equal(e.corpus, 90);
        assert_int_equal(e.peak_rss_mb, 41);
        assert_int_equal(e.new_units, 49);
        assert_string_equal(e.artifact, "");
    }
}

static void a_log_cut_short(void **state)
{
    struct bj_engine e;
    char cut[sizeof(clean)];

    (void)state;
    for (size_t len = 0; len < strlen(clean); len += 1) {
        memcpy(cut, clean, len);
        cut[len] = '\0';
        e = read_text(cut, sizeof(cut));
        /* Only a whole "Done" line counts. */
        assert_int_equal(e.done, strstr(cut, "second(s)\n") != NULL);
        assert_true(e.runs <= 35414);
    }
}

static void artifacts_are_names(void **state)
{
    struct bj_engine e;

    (void)state;
    e = read_text("artifact_prefix='artifacts/'; Test unit written to "
                  "artifacts/crash-9a96b9fc\n",
                  99);
    assert_string_equal(e.artifact, "crash-9a96b9fc");
    e = read_text("Test unit written to ../../etc/passwd\n", 99);
    assert_string_equal(e.artifact, "passwd"); /* and not a path */
    e = read_text("Test unit written to ..\n", 99);
    assert_string_equal(e.artifact, "");
    e = read_text("Test unit written to \n", 99);
    assert_string_equal(e.artifact, "");
}

static void no_instrumentation(void **state)
{
    struct bj_engine e = read_text(
        "INFO: Seed: 3566141739\n"
        "INFO: A corpus is not provided, starting from an empty corpus\n"
        "ERROR: no interesting inputs were found. Is the code instrumented "
        "for coverage? Exiting.\n",
        99);

    (void)state;
    assert_true(e.started && e.uninteresting);
    assert_false(e.instrumented || e.done);
}

static void a_log_that_lies(void **state)
{
    struct bj_engine e;
    char line[6000];

    (void)state;
    /* Numbers saturate, and a line without exec/s is none of the engine's. */
    e = read_text("Done 99999999999999999999999 runs in 1 second(s)\n", 99);
    assert_true(e.done && e.runs > UINT64_MAX / 20);
    e = read_text("#12 NEW cov: 5\n#x\tNEW cov: 5 exec/s: 1\n", 99);
    assert_int_equal(e.edges, 0);
    e = read_text("Done with it\nDone 5\nINFO: Loaded 1 modules   (0 inline "
                  "8-bit counters)\n",
                  99);
    assert_false(e.done || e.instrumented);
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 2] = '\n';
    line[sizeof(line) - 1] = '\0';
    e = read_text(line, 1000);
    assert_false(e.started);
}

static void a_nul_hides_nothing(void **state)
{
    struct bj_lines lines = {.len = 0};
    const char *line;

    (void)state;
    assert_int_equal(bj_lines_take(&lines, "a\0b\nc", 5, &line), 4);
    assert_string_equal(line, "a?b");
    assert_int_equal(bj_lines_take(&lines, "c", 1, &line), 1);
    assert_null(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_log),
        cmocka_unit_test(a_log_cut_short),
        cmocka_unit_test(artifacts_are_names),
        cmocka_unit_test(no_instrumentation),
        cmocka_unit_test(a_log_that_lies),
        cmocka_unit_test(a_nul_hides_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
