/* campaign.json: the fields of struct bj_campaign, by name. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harnesses/campaign/state.h"

#define STATE_VERSION 1

/* JSON's integers are jansson's: 63 bits. */
#define NUMBER_MAX ((uint64_t)INT64_MAX)

static const char *const phases[BJ_PHASE_COUNT] = {
    [BJ_PHASE_WAITING] = "waiting",
    [BJ_PHASE_FUZZING] = "fuzzing",
    [BJ_PHASE_UNFIT] = "unfit",
};

/* ---- writing ---- */

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)(value > NUMBER_MAX ? NUMBER_MAX : value));
}

/* Texts come from logs, whose bytes need not be UTF-8. */
static json_t *text(const char *value)
{
    char clean[BJ_PATH_MAX];
    json_t *made = json_string(value);
    size_t i;

    if (made != NULL)
        return made;
    snprintf(clean, sizeof(clean), "%s", value);
    for (i = 0; clean[i] != '\0'; i += 1) {
        if ((unsigned char)clean[i] >= 0x7f)
            clean[i] = '?';
    }
    return json_string(clean);
}

static json_t *print_samples(const struct bj_target *target)
{
    json_t *list = json_array();
    size_t i;

    for (i = 0; i < target->sample_count; i += 1) {
        const struct bj_sample *s = &target->sample[i];

        json_array_append_new(list, json_pack("[o,o,o,o]", number(s->at_ms),
                                              number(s->runs), number(s->edges),
                                              number(s->corpus)));
    }
    return list;
}

static json_t *print_target(const struct bj_target *target)
{
    json_t *made = json_object();

    json_object_set_new(made, "name", text(target->name));
    json_object_set_new(made, "phase", text(phases[target->phase]));
    json_object_set_new(made, "verdict",
                        text(bj_verdict_name(target->verdict)));
    json_object_set_new(made, "detail", text(target->detail));
    json_object_set_new(made, "slices", number(target->slices));
    json_object_set_new(made, "ended_early", number(target->ended_early));
    json_object_set_new(made, "timeouts", number(target->timeouts));
    json_object_set_new(made, "granted_ms", number(target->granted_ms));
    json_object_set_new(made, "used_ms", number(target->used_ms));
    json_object_set_new(made, "runs", number(target->runs));
    json_object_set_new(made, "edges", number(target->edges));
    json_object_set_new(made, "features", number(target->features));
    json_object_set_new(made, "corpus", number(target->corpus));
    json_object_set_new(made, "peak_rss_mb", number(target->peak_rss_mb));
    json_object_set_new(made, "last_new_ms", number(target->last_new_ms));
    json_object_set_new(made, "grows", json_boolean(target->grows));
    json_object_set_new(made, "samples", print_samples(target));
    return made;
}

static json_t *print_finding(const struct bj_finding *finding)
{
    json_t *made = json_object();
    json_t *frames = json_array();
    size_t i;

    for (i = 0; i < BJ_BUCKET_FRAMES && finding->frame[i][0] != '\0'; i += 1)
        json_array_append_new(frames, text(finding->frame[i]));
    json_object_set_new(made, "id", text(finding->id));
    json_object_set_new(made, "target", text(finding->target));
    json_object_set_new(made, "kind", text(finding->kind));
    json_object_set_new(made, "text", text(finding->text));
    json_object_set_new(made, "frames", frames);
    json_object_set_new(made, "file", text(finding->file));
    json_object_set_new(made, "line", number(finding->line));
    json_object_set_new(made, "input", text(finding->input));
    json_object_set_new(made, "input_len", number(finding->input_len));
    json_object_set_new(made, "minimized_len", number(finding->minimized_len));
    json_object_set_new(made, "count", number(finding->count));
    json_object_set_new(made, "reproduced", number(finding->reproduced));
    json_object_set_new(made, "first_ms", number(finding->first_ms));
    json_object_set_new(made, "by_seed", json_boolean(finding->by_seed));
    json_object_set_new(made, "known", json_boolean(finding->known));
    return made;
}

char *bj_state_print(const struct bj_campaign *c)
{
    json_t *made = json_object();
    json_t *targets = json_array();
    json_t *findings = json_array();
    char *out;
    size_t i;

    for (i = 0; i < c->target_count; i += 1)
        json_array_append_new(targets, print_target(&c->target[i]));
    for (i = 0; i < c->finding_count; i += 1)
        json_array_append_new(findings, print_finding(&c->finding[i]));
    json_object_set_new(made, "version", number(STATE_VERSION));
    json_object_set_new(made, "bin", text(c->bin));
    json_object_set_new(made, "source", text(c->source));
    json_object_set_new(made, "baseline", text(c->baseline));
    json_object_set_new(made, "coverage_bin", text(c->coverage_bin));
    json_object_set_new(made, "budget_ms", number(c->budget_ms));
    json_object_set_new(made, "jobs", number(c->jobs));
    json_object_set_new(made, "timeout_s", number(c->timeout_s));
    json_object_set_new(made, "rss_mb", number(c->rss_mb));
    json_object_set_new(made, "minimize_s", number(c->minimize_s));
    json_object_set_new(made, "min_runs", number(c->min_runs));
    json_object_set_new(made, "min_percent", number(c->min_percent));
    json_object_set_new(made, "coverage", number(c->coverage));
    json_object_set_new(made, "confined", json_boolean(c->confined));
    json_object_set_new(made, "started", number(c->started));
    json_object_set_new(made, "clock_ms", number(c->clock_ms));
    json_object_set_new(made, "finished", json_boolean(c->finished));
    json_object_set_new(made, "targets", targets);
    json_object_set_new(made, "findings", findings);
    out = json_dumps(made, JSON_INDENT(1));
    json_decref(made);
    return out;
}

/* ---- reading: the first thing that is wrong is said, the rest is moot ---- */

struct reader {
    char *why;
    size_t cap;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void fail(struct reader *r,
                                                       const char *format, ...)
{
    va_list list;

    if (r->failed)
        return;
    r->failed = true;
    va_start(list, format);
    vsnprintf(r->why, r->cap, format, list);
    va_end(list);
}

static uint64_t get_number(struct reader *r, const json_t *from,
                           const char *name, uint64_t max)
{
    const json_t *value = json_object_get(from, name);
    json_int_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < 0 || (uint64_t)n > max) {
        fail(r, "\"%s\" is no number up to %llu", name,
             (unsigned long long)max);
        return 0;
    }
    return (uint64_t)n;
}

static bool get_flag(struct reader *r, const json_t *from, const char *name)
{
    const json_t *value = json_object_get(from, name);

    if (!json_is_boolean(value))
        fail(r, "\"%s\" is neither true nor false", name);
    return json_is_true(value);
}

static void take_text(struct reader *r, const json_t *value, const char *name,
                      char *out, size_t cap)
{
    if (!json_is_string(value) || json_string_length(value) >= cap ||
        strlen(json_string_value(value)) != json_string_length(value))
        fail(r, "\"%s\" is no text of less than %zu octets", name, cap);
    else
        memcpy(out, json_string_value(value), json_string_length(value) + 1);
}

static void get_text(struct reader *r, const json_t *from, const char *name,
                     char *out, size_t cap)
{
    take_text(r, json_object_get(from, name), name, out, cap);
}

/* A text that becomes part of a path. */
static void get_name(struct reader *r, const json_t *from, const char *name,
                     char out[static BJ_NAME_MAX])
{
    get_text(r, from, name, out, BJ_NAME_MAX);
    if (!r->failed && !bj_state_name_ok(out))
        fail(r, "\"%s\" is no name", name);
}

static const json_t *get_array(struct reader *r, const json_t *from,
                               const char *name, size_t max)
{
    const json_t *value = json_object_get(from, name);

    if (!json_is_array(value) || json_array_size(value) > max) {
        fail(r, "\"%s\" is no list of up to %zu", name, max);
        return NULL;
    }
    return value;
}

static uint64_t item(struct reader *r, const json_t *list, size_t i)
{
    const json_t *value = json_array_get(list, i);
    json_int_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < 0) {
        fail(r, "a sample is not four numbers");
        return 0;
    }
    return (uint64_t)n;
}

static void read_samples(struct reader *r, const json_t *from,
                         struct bj_target *target)
{
    const json_t *list = get_array(r, from, "samples", BJ_SAMPLES_MAX);
    size_t i;

    for (i = 0; i < json_array_size(list) && !r->failed; i += 1) {
        const json_t *one = json_array_get(list, i);

        target->sample[i].at_ms = item(r, one, 0);
        target->sample[i].runs = item(r, one, 1);
        target->sample[i].edges = item(r, one, 2);
        target->sample[i].corpus = item(r, one, 3);
    }
    target->sample_count = json_array_size(list);
}

static void read_words(struct reader *r, const json_t *from,
                       struct bj_target *target)
{
    char word[32] = "";
    unsigned phase = 0;

    get_text(r, from, "phase", word, sizeof(word));
    while (phase < BJ_PHASE_COUNT && strcmp(phases[phase], word) != 0)
        phase += 1;
    if (phase == BJ_PHASE_COUNT) {
        fail(r, "\"phase\" is none");
        return;
    }
    target->phase = (enum bj_phase)phase;
    get_text(r, from, "verdict", word, sizeof(word));
    target->verdict = bj_verdict_find(word);
    if (target->verdict == BJ_VERDICT_COUNT) {
        fail(r, "\"verdict\" is none");
        target->verdict = BJ_VERDICT_CLEAN;
    }
}

static void read_target(struct reader *r, const json_t *from,
                        struct bj_target *target)
{
    get_name(r, from, "name", target->name);
    read_words(r, from, target);
    get_text(r, from, "detail", target->detail, sizeof(target->detail));
    target->slices = (uint32_t)get_number(r, from, "slices", 1000000);
    target->ended_early = (uint32_t)get_number(r, from, "ended_early", 1000000);
    target->timeouts = (uint32_t)get_number(r, from, "timeouts", 1000000);
    target->granted_ms = get_number(r, from, "granted_ms", NUMBER_MAX / 4);
    target->used_ms = get_number(r, from, "used_ms", NUMBER_MAX / 4);
    target->runs = get_number(r, from, "runs", NUMBER_MAX / 2);
    target->edges = get_number(r, from, "edges", NUMBER_MAX);
    target->features = get_number(r, from, "features", NUMBER_MAX);
    target->corpus = get_number(r, from, "corpus", NUMBER_MAX);
    target->peak_rss_mb = get_number(r, from, "peak_rss_mb", NUMBER_MAX);
    target->last_new_ms = get_number(r, from, "last_new_ms", NUMBER_MAX);
    target->grows = get_flag(r, from, "grows");
    read_samples(r, from, target);
}

static void read_frames(struct reader *r, const json_t *from,
                        struct bj_finding *finding)
{
    const json_t *list = get_array(r, from, "frames", BJ_BUCKET_FRAMES);
    size_t i;

    for (i = 0; i < json_array_size(list); i += 1)
        take_text(r, json_array_get(list, i), "frames", finding->frame[i],
                  sizeof(finding->frame[i]));
}

static void read_finding(struct reader *r, const json_t *from,
                         struct bj_finding *finding)
{
    get_name(r, from, "id", finding->id);
    get_name(r, from, "target", finding->target);
    get_text(r, from, "kind", finding->kind, sizeof(finding->kind));
    get_text(r, from, "text", finding->text, sizeof(finding->text));
    read_frames(r, from, finding);
    get_text(r, from, "file", finding->file, sizeof(finding->file));
    finding->line = (uint32_t)get_number(r, from, "line", INT32_MAX);
    get_name(r, from, "input", finding->input);
    finding->input_len = get_number(r, from, "input_len", NUMBER_MAX);
    finding->minimized_len = get_number(r, from, "minimized_len", NUMBER_MAX);
    finding->count = (uint32_t)get_number(r, from, "count", UINT32_MAX - 1);
    finding->reproduced = (uint32_t)get_number(r, from, "reproduced", 3);
    finding->first_ms = get_number(r, from, "first_ms", NUMBER_MAX);
    finding->by_seed = get_flag(r, from, "by_seed");
    finding->known = get_flag(r, from, "known");
}

static void read_lists(struct reader *r, const json_t *from,
                       struct bj_campaign *c)
{
    const json_t *targets = get_array(r, from, "targets", BJ_TARGETS_MAX);
    const json_t *findings = get_array(r, from, "findings", BJ_FINDINGS_MAX);
    size_t i;

    for (i = 0; i < json_array_size(targets) && !r->failed; i += 1) {
        read_target(r, json_array_get(targets, i), &c->target[i]);
        if (bj_state_target(c, c->target[i].name) != NULL)
            fail(r, "target %s stands twice", c->target[i].name);
        c->target_count += 1;
    }
    for (i = 0; i < json_array_size(findings) && !r->failed; i += 1) {
        read_finding(r, json_array_get(findings, i), &c->finding[i]);
        if (bj_state_finding(c, c->finding[i].id) != NULL)
            fail(r, "finding %s stands twice", c->finding[i].id);
        c->finding_count += 1;
    }
}

static void read_campaign(struct reader *r, const json_t *from,
                          struct bj_campaign *c)
{
    if (get_number(r, from, "version", NUMBER_MAX) != STATE_VERSION)
        fail(r, "it is of another version");
    get_text(r, from, "bin", c->bin, sizeof(c->bin));
    get_text(r, from, "source", c->source, sizeof(c->source));
    get_text(r, from, "baseline", c->baseline, sizeof(c->baseline));
    get_text(r, from, "coverage_bin", c->coverage_bin, sizeof(c->coverage_bin));
    c->budget_ms = get_number(r, from, "budget_ms", NUMBER_MAX / 4096);
    c->jobs = (uint32_t)get_number(r, from, "jobs", 1024);
    c->timeout_s = (uint32_t)get_number(r, from, "timeout_s", 86400);
    c->rss_mb = (uint32_t)get_number(r, from, "rss_mb", 1 << 20);
    c->minimize_s = (uint32_t)get_number(r, from, "minimize_s", 86400);
    c->min_runs = get_number(r, from, "min_runs", NUMBER_MAX);
    c->min_percent = (uint32_t)get_number(r, from, "min_percent", 100);
    c->coverage =
        (uint32_t)get_number(r, from, "coverage", BJ_COVERAGE_UNKNOWN);
    c->confined = get_flag(r, from, "confined");
    c->started = get_number(r, from, "started", NUMBER_MAX / 4);
    c->clock_ms = get_number(r, from, "clock_ms", NUMBER_MAX / 4);
    c->finished = get_flag(r, from, "finished");
    if (!r->failed)
        read_lists(r, from, c);
}

bool bj_state_read(const char *json, size_t len, struct bj_campaign *c,
                   char *why, size_t why_cap)
{
    struct reader r = {.why = why, .cap = why_cap};
    json_error_t error;
    json_t *from = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);

    memset(c, 0, sizeof(*c));
    if (from == NULL)
        fail(&r, "%s (line %d)", error.text, error.line);
    else
        read_campaign(&r, from, c);
    json_decref(from);
    if (r.failed)
        memset(c, 0, sizeof(*c));
    return !r.failed;
}
