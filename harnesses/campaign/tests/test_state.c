/* campaign.json: what was written comes back; what is torn or hostile does
 * not come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harnesses/campaign/state.h"

static struct bj_campaign campaign;
static struct bj_campaign back;

static void fill(void)
{
    struct bj_target *target = &campaign.target[0];
    struct bj_finding *finding = &campaign.finding[0];

    memset(&campaign, 0, sizeof(campaign));
    strcpy(campaign.bin, "/b/\"quoted\" bin");
    strcpy(campaign.source, "/s");
    campaign.budget_ms = 60000;
    campaign.jobs = 2;
    campaign.timeout_s = 10;
    campaign.rss_mb = 2048;
    campaign.minimize_s = 10;
    campaign.min_runs = 1;
    campaign.min_percent = 95;
    campaign.coverage = 9512;
    campaign.confined = true;
    campaign.started = 1790000000;
    campaign.clock_ms = 12345;
    campaign.target_count = 2;
    strcpy(target->name, "dns_name");
    target->phase = BJ_PHASE_UNFIT;
    target->verdict = BJ_VERDICT_HANGS;
    strcpy(target->detail, "==1== ERROR: libFuzzer: timeout");
    target->runs = UINT64_C(1) << 40;
    target->edges = 355;
    for (unsigned i = 0; i < 3; i += 1)
        bj_state_sample(target, i * 1000);
    strcpy(campaign.target[1].name, "addr_ip4");
    campaign.finding_count = 1;
    strcpy(finding->id, "dns_name-1a2b3c4d");
    strcpy(finding->target, "dns_name");
    strcpy(finding->kind, "oracle my-id");
    strcpy(finding->text, "ORACLE my-id violated at a.c:1: \x01 x");
    strcpy(finding->frame[0], "bj_name_read");
    strcpy(finding->input, "crash-9a96b9fc7e2f4543fde6948573fd8bb47ec80fd0");
    strcpy(finding->file, "core/dns/name.c");
    finding->line = 41;
    finding->input_len = 17;
    finding->count = 3;
    finding->reproduced = 3;
    finding->known = true;
}

static bool read_text(const char *text, size_t len)
{
    char why[200] = "";
    bool good = bj_state_read(text, len, &back, why, sizeof(why));

    if (!good) {
        static const struct bj_campaign nothing;

        assert_true(why[0] != '\0');
        assert_memory_equal(&back, &nothing, sizeof(back));
    }
    return good;
}

static void round_trip(void **state)
{
    char *text;
    char *again;

    (void)state;
    fill();
    text = bj_state_print(&campaign);
    assert_non_null(text);
    assert_true(read_text(text, strlen(text)));
    assert_memory_equal(&back, &campaign, sizeof(back));
    again = bj_state_print(&back);
    assert_string_equal(again, text);
    free(again);
    free(text);
}

static void torn_anywhere(void **state)
{
    char *text;

    (void)state;
    fill();
    text = bj_state_print(&campaign);
    for (size_t len = 0; len < strlen(text); len += 1)
        assert_false(read_text(text, len));
    free(text);
}

/* Replaces the first `what` in the good text; true if it is still accepted. */
static bool accepts_with(const char *what, const char *instead)
{
    char *text;
    char *made;
    char *at;
    bool good;
    size_t len;

    fill();
    text = bj_state_print(&campaign);
    at = strstr(text, what);
    assert_non_null(at);
    len = strlen(text) + strlen(instead) + 1;
    made = malloc(len);
    snprintf(made, len, "%.*s%s%s", (int)(at - text), text, instead,
             at + strlen(what));
    good = read_text(made, strlen(made));
    free(made);
    free(text);
    return good;
}

static void hostile(void **state)
{
    static const char *const bad[][2] = {
        {"\"dns_name\"", "\"../../etc\""},
        {"\"dns_name\"", "\"dns/name\""},
        {"\"dns_name\"", "\"\""},
        {"\"dns_name\"", "\".\""},
        {"\"dns_name\"", "\"-rf\""},
        {"\"dns_name\"", "\"dns\\u0000name\""},
        {"\"dns_name\"", "17"},
        {"\"dns_name\"", "\"addr_ip4\""}, /* stands twice */
        {"\"dns_name-1a2b3c4d\"", "\"../x\""},
        {"\"crash-9a96b9fc7e2f4543fde6948573fd8bb47ec80fd0\"",
         "\"../../../etc/passwd\""},
        {"\"unfit\"", "\"unknown\""},
        {"\"hangs\"", "\"dances\""},
        {"\"hangs\"", "null"},
        {"\"version\": 1", "\"version\": 2"},
        {"\"version\": 1", "\"version\": 1, \"version\": 1"},
        {"\"jobs\": 2", "\"jobs\": 4294967297"},
        {"\"jobs\": 2", "\"jobs\": -1"},
        {"\"jobs\": 2", "\"jobs\": 2.5"},
        {"\"jobs\": 2", "\"jobs\": \"2\""},
        {"\"reproduced\": 3", "\"reproduced\": 4"},
        {"\"confined\": true", "\"confined\": 0"},
        {"\"runs\": 1099511627776", "\"runs\": 9223372036854775807"},
        {"\"frames\": [", "\"frames\": [\"a\", \"b\", \"c\", "},
        {"\"samples\": [", "\"samples\": [7, "},
        {"\"samples\": [", "\"samples\": [[1, 2, 3], "},
        {"\"targets\": [", "\"targets\": [[], "},
        {"\"findings\": [", "\"findings\": [null, "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i += 1) {
        if (accepts_with(bad[i][0], bad[i][1]))
            fail_msg("accepted: %s", bad[i][1]);
    }
    assert_false(read_text("[]", 2));
    assert_false(read_text("null", 4));
    assert_false(read_text("\xff\xfe", 2));
}

/* Any one octet changed: it is refused or it is whole, and it is never read
 * past. */
static void one_octet_changed(void **state)
{
    static const char octets[] = {0, '"', '[', '}', '9', (char)0xff};
    char *text;
    char *copy;

    (void)state;
    fill();
    text = bj_state_print(&campaign);
    for (size_t i = 0; i < strlen(text); i += 3) {
        for (size_t k = 0; k < sizeof(octets); k += 1) {
            copy = strdup(text);
            copy[i] = octets[k];
            if (read_text(copy, strlen(text)))
                assert_true(back.target_count == 2 && back.finding_count == 1);
            free(copy);
        }
    }
    free(text);
}

static void samples_thin_out(void **state)
{
    static struct bj_target target;

    (void)state;
    for (uint64_t i = 0; i < 5000; i += 1) {
        target.runs = i;
        bj_state_sample(&target, i);
        assert_true(target.sample_count <= BJ_SAMPLES_MAX);
    }
    assert_int_equal(target.sample[0].at_ms, 0);
    assert_int_equal(target.sample[target.sample_count - 1].at_ms, 4999);
    for (size_t i = 1; i < target.sample_count; i += 1)
        assert_true(target.sample[i - 1].at_ms < target.sample[i].at_ms);
}

static void warnings(void **state)
{
    struct bj_target target = {.phase = BJ_PHASE_FUZZING};

    (void)state;
    assert_null(bj_state_warning(&target));
    target.slices = 4;
    target.ended_early = 3;
    target.granted_ms = 20000;
    target.used_ms = 1000;
    assert_non_null(strstr(bj_state_warning(&target), "loses its runs"));
    target.ended_early = 1; /* once is no habit */
    assert_null(bj_state_warning(&target));
    target.timeouts = 1;
    assert_non_null(strstr(bj_state_warning(&target), "busy"));
    target.timeouts = 0;
    target.used_ms = 20000;
    target.runs = 40;
    assert_non_null(strstr(bj_state_warning(&target), "fewer than a hundred"));
    target.phase = BJ_PHASE_UNFIT;
    target.verdict = BJ_VERDICT_EXITS;
    assert_non_null(strstr(bj_state_warning(&target), "_exit"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),       cmocka_unit_test(torn_anywhere),
        cmocka_unit_test(hostile),          cmocka_unit_test(one_octet_changed),
        cmocka_unit_test(samples_thin_out), cmocka_unit_test(warnings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
