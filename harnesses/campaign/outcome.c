#include "harnesses/campaign/outcome.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harnesses/campaign/run.h"
#include "harnesses/campaign/triage.h"

/* No log is larger: process.c limits it to half of this. */
#define LOG_MAX ((size_t)128 << 20)

void bj_session_save(struct bj_session *s)
{
    s->saved_ms = bj_clock_ms();
    if (!bj_folder_save(s->runner.folder, s->c) && !s->full) {
        s->full = true;
        bj_screen_event(s->screen, s->c->clock_ms, BJ_TONE_BAD,
                        "cannot write campaign.json: %s", strerror(errno));
    }
}

/* ---- findings ---- */

static void say_finding(struct bj_session *s, const struct bj_finding *finding)
{
    bj_screen_event(s->screen, s->c->clock_ms, BJ_TONE_BAD,
                    "%s: FOUND%s %s: %s", finding->target,
                    finding->known ? " (known)" : "", finding->id,
                    finding->kind);
    bj_screen_event(s->screen, s->c->clock_ms, BJ_TONE_PLAIN,
                    "    in %s, %llu octets%s; reproduced %u of 3 times; "
                    "again: belljar-fuzz repro %s",
                    bj_state_function(finding),
                    (unsigned long long)bj_state_octets(finding),
                    finding->minimized_len > 0 ? " (minimised)" : "",
                    finding->reproduced, finding->id);
}

/* The clock stands still in here, but for the other jobs' sake not long. */
static void triage(struct bj_session *s, struct bj_target *target,
                   const char *name, const struct bj_crash *seen)
{
    struct bj_finding *finding = NULL;
    enum bj_triage result;

    bj_screen_event(s->screen, s->c->clock_ms, BJ_TONE_PLAIN, "%s: sorting %s",
                    target->name, name);
    result = bj_triage_input(&s->runner, target, name, seen, &finding);
    if (result == BJ_TRIAGE_NEW) {
        if (s->c->baseline[0] != '\0')
            (void)bj_run_baseline(s->c, s->c->baseline);
        say_finding(s, finding);
    } else if (result == BJ_TRIAGE_AGAIN) {
        bj_screen_event(s->screen, s->c->clock_ms, BJ_TONE_PLAIN,
                        "%s: %s again, %u inputs by now", target->name,
                        finding->id, finding->count);
    } else if (result == BJ_TRIAGE_PASSING) {
        bj_screen_event(s->screen, s->c->clock_ms, BJ_TONE_PLAIN,
                        "%s: %s does not reproduce; kept in unreproduced/",
                        target->name, name);
    } else if (result == BJ_TRIAGE_UNFIT) {
        target->phase = BJ_PHASE_UNFIT;
        target->verdict = BJ_VERDICT_MEMORY;
    } else if (result == BJ_TRIAGE_FULL) {
        s->full = true;
        bj_screen_event(s->screen, s->c->clock_ms, BJ_TONE_BAD,
                        "%s: cannot keep %s: %s", target->name, name,
                        strerror(errno));
    }
    bj_session_save(s);
}

/* All inputs that wait to be sorted; of `last` the report is known. */
static void triage_all(struct bj_session *s, struct bj_target *target,
                       const char *last, const struct bj_crash *seen)
{
    struct bj_path folder =
        bj_folder_of(s->runner.folder, target->name, "work/artifacts");
    size_t count;
    char **names = bj_files_names(folder.text, &count);

    for (size_t i = 0; i < count && !bj_runner_stopped(&s->runner) && !s->full;
         i += 1) {
        if (bj_triage_wanted(names[i]))
            triage(s, target, names[i],
                   strcmp(names[i], last) == 0 ? seen : NULL);
    }
    bj_files_names_free(names);
}

/* ---- processes that have ended ---- */

static void say_unfit(struct bj_session *s, struct bj_target *target)
{
    bj_screen_event(s->screen, s->c->clock_ms, BJ_TONE_BAD, "%s: UNFIT, %s%s%s",
                    target->name, bj_verdict_words(target->verdict),
                    target->detail[0] == '\0' ? "" : ": ", target->detail);
}

void bj_outcome_unfit(struct bj_session *s, struct bj_target *target,
                      enum bj_verdict verdict)
{
    target->phase = BJ_PHASE_UNFIT;
    target->verdict = verdict;
    say_unfit(s, target);
}

/* The seeds and what was learnt: the target must be able to run them. */
static void replayed(struct bj_session *s, struct bj_target *target,
                     const struct bj_process *process, enum bj_verdict verdict)
{
    size_t before = s->c->finding_count;

    target->edges = process->engine.edges;
    target->features = process->engine.features;
    target->corpus = process->engine.corpus;
    if (verdict == BJ_VERDICT_CLEAN && !process->engine.instrumented)
        verdict = BJ_VERDICT_UNINSTRUMENTED;
    if (verdict == BJ_VERDICT_CLEAN) {
        target->phase = BJ_PHASE_FUZZING;
        target->grows = true;
        bj_state_sample(target, s->c->clock_ms);
    } else if (verdict == BJ_VERDICT_FOUND &&
               strcmp(process->crash.kind, "timeout") == 0) {
        bj_outcome_unfit(s, target, BJ_VERDICT_HANGS);
    } else if (verdict == BJ_VERDICT_FOUND &&
               strcmp(process->crash.kind, "out-of-memory") == 0) {
        bj_outcome_unfit(s, target, BJ_VERDICT_MEMORY);
    } else if (verdict == BJ_VERDICT_FOUND) {
        triage_all(s, target, process->engine.artifact, &process->crash);
        if (bj_runner_stopped(&s->runner))
            return; /* it stays waiting, and is replayed again */
        for (size_t i = before; i < s->c->finding_count; i += 1)
            s->c->finding[i].by_seed = true;
        snprintf(target->detail, sizeof(target->detail),
                 "one of its seeds stops it%s%s",
                 s->c->finding_count > before ? ": " : "",
                 s->c->finding_count > before ? s->c->finding[before].id : "");
        bj_outcome_unfit(s, target, BJ_VERDICT_DIES);
    } else if (bj_verdict_unfit(verdict)) {
        bj_outcome_unfit(s, target, verdict);
    }
}

static void count_slice(struct bj_session *s, struct bj_target *target,
                        const struct bj_process *process)
{
    const struct bj_engine *engine = &process->engine;

    target->runs += engine->runs;
    target->used_ms += process->took_ms;
    target->grows = engine->edges > target->edges;
    if (engine->edges > target->edges)
        target->edges = engine->edges;
    if (engine->features > target->features)
        target->features = engine->features;
    if (engine->corpus > 0)
        target->corpus = engine->corpus;
    if (engine->peak_rss_mb > target->peak_rss_mb)
        target->peak_rss_mb = engine->peak_rss_mb;
    if (engine->new_units > 0)
        target->last_new_ms = s->c->clock_ms;
    bj_state_sample(target, s->c->clock_ms);
}

static void sliced(struct bj_session *s, struct bj_target *target,
                   const struct bj_process *process, enum bj_verdict verdict)
{
    count_slice(s, target, process);
    target->verdict = verdict;
    bj_screen_event(
        s->screen, s->c->clock_ms, BJ_TONE_DIM,
        "%s: slice %u, %llu runs in %s, %llu edges, %s", target->name,
        target->slices, (unsigned long long)process->engine.runs,
        bj_figure_time(process->took_ms).text,
        (unsigned long long)target->edges, bj_verdict_words(verdict));
    if (verdict == BJ_VERDICT_FOUND) {
        target->ended_early += 1;
        triage_all(s, target, process->engine.artifact, &process->crash);
        if (target->phase == BJ_PHASE_UNFIT)
            say_unfit(s, target);
    } else if (bj_verdict_unfit(verdict)) {
        bj_outcome_unfit(s, target, verdict);
    }
}

void bj_outcome_take(struct bj_session *s, struct bj_target *target,
                     struct bj_process *process, bool replay)
{
    enum bj_verdict verdict = bj_target_judge(&s->runner, target, process);

    if (process->crash.kind[0] != '\0')
        snprintf(target->detail, sizeof(target->detail), "%s",
                 process->crash.text);
    target->slices += 1; /* only now: until then its log is not counted */
    if (!replay)
        sliced(s, target, process, verdict);
    else if (verdict != BJ_VERDICT_INTERRUPTED)
        replayed(s, target, process, verdict);
    bj_session_save(s);
}

void bj_outcome_recover(struct bj_session *s, struct bj_target *target)
{
    struct bj_process process = {.pid = 0};
    struct bj_path log;
    size_t len;
    char *text;

    for (;;) {
        log = bj_folder_log(s->runner.folder, target->name, target->slices + 1);
        text = bj_files_read(log.text, LOG_MAX, &len);
        if (text == NULL)
            break;
        memset(&process, 0, sizeof(process));
        bj_process_take(&process, text, len);
        free(text);
        target->slices += 1;
        if (target->phase != BJ_PHASE_FUZZING)
            continue;
        count_slice(s, target, &process);
        bj_screen_event(s->screen, s->c->clock_ms, BJ_TONE_PLAIN,
                        "%s: slice %u was cut off; %llu runs of it count",
                        target->name, target->slices,
                        (unsigned long long)process.engine.runs);
    }
    /* The last report, where there is one, is of the last input. */
    triage_all(s, target, process.engine.artifact, &process.crash);
}
