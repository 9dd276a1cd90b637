/* What a campaign has come to: rows of the table, the verdict, the baseline. */
#include <stdio.h>
#include <string.h>

#include "harnesses/campaign/run.h"

static unsigned finds_of(const struct bj_campaign *c,
                         const struct bj_target *target)
{
    unsigned count = 0;

    for (size_t i = 0; i < c->finding_count; i += 1)
        count += strcmp(c->finding[i].target, target->name) == 0;
    return count;
}

void bj_run_view(const struct bj_campaign *c, const struct bj_target *target,
                 struct bj_view *out)
{
    static const char *const states[BJ_PHASE_COUNT] = {
        [BJ_PHASE_WAITING] = "waiting",
        [BJ_PHASE_FUZZING] = "fuzzed",
        [BJ_PHASE_UNFIT] = "unfit",
    };

    *out = (struct bj_view){
        .name = target->name,
        .state = states[target->phase],
        .runs = target->runs,
        .rate =
            target->used_ms == 0 ? 0 : target->runs * 1000 / target->used_ms,
        .edges = target->edges,
        .corpus = target->corpus,
        .rss_mb = target->peak_rss_mb,
        .since_new_ms = target->last_new_ms == 0
                            ? UINT64_MAX
                            : c->clock_ms - target->last_new_ms,
        .finds = finds_of(c, target),
        .warning = bj_state_warning(target),
    };
}

bool bj_run_baseline(struct bj_campaign *c, const char *path)
{
    char line[256];
    FILE *file = fopen(path, "r");
    struct bj_finding *finding;

    if (file == NULL)
        return false;
    for (size_t i = 0; i < c->finding_count; i += 1)
        c->finding[i].known = false;
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, " \t\r\n#")] = '\0';
        finding = bj_state_finding(c, line);
        if (finding != NULL)
            finding->known = true;
    }
    fclose(file);
    return true;
}

enum bj_exit bj_run_judge(const struct bj_campaign *c)
{
    bool unfit = false;
    bool few = false;

    for (size_t i = 0; i < c->finding_count; i += 1) {
        if (!c->finding[i].known)
            return BJ_EXIT_FOUND;
    }
    for (size_t i = 0; i < c->target_count; i += 1) {
        unfit = unfit || c->target[i].phase == BJ_PHASE_UNFIT;
        few = few || c->target[i].runs < c->min_runs;
    }
    if (unfit)
        return BJ_EXIT_UNFIT;
    if (!c->finished)
        return BJ_EXIT_INTERRUPTED;
    if (c->coverage < c->min_percent * 100)
        return BJ_EXIT_GATE;
    return few ? BJ_EXIT_GATE : BJ_EXIT_CLEAN;
}

const char *bj_run_words(enum bj_exit status, bool running)
{
    static const char *const words[] = {
        [BJ_EXIT_CLEAN] = "clean",
        [BJ_EXIT_FOUND] = "FOUND something",
        [BJ_EXIT_MISUSED] = "misused",
        [BJ_EXIT_UNFIT] = "UNFIT: see above",
        [BJ_EXIT_GATE] = "a gate was MISSED",
        [BJ_EXIT_INTERRUPTED] = "interrupted; belljar-fuzz resume goes on",
    };

    if (running && status == BJ_EXIT_INTERRUPTED)
        return "running";
    return words[status];
}

static void say_targets(struct bj_screen *screen, const struct bj_campaign *c)
{
    for (size_t i = 0; i < c->target_count; i += 1) {
        const struct bj_target *target = &c->target[i];
        const char *warning = bj_state_warning(target);

        if (warning != NULL)
            bj_screen_event(
                screen, c->clock_ms, BJ_TONE_BAD, "%s: %s%s", target->name,
                target->phase == BJ_PHASE_UNFIT ? "UNFIT, " : "WARNING, ",
                warning);
        if (c->finished && target->runs < c->min_runs)
            bj_screen_event(screen, c->clock_ms, BJ_TONE_BAD,
                            "%s: %llu executions, fewer than %llu",
                            target->name, (unsigned long long)target->runs,
                            (unsigned long long)c->min_runs);
    }
}

void bj_run_summary(struct bj_screen *screen, const struct bj_campaign *c,
                    enum bj_exit result, bool running)
{
    unsigned known = 0;
    uint64_t runs = 0;

    say_targets(screen, c);
    for (size_t i = 0; i < c->target_count; i += 1)
        runs += c->target[i].runs;
    for (size_t i = 0; i < c->finding_count; i += 1) {
        const struct bj_finding *f = &c->finding[i];

        known += f->known;
        bj_screen_event(screen, c->clock_ms, BJ_TONE_BAD, "%s%s: %s in %s",
                        f->id, f->known ? " (known)" : "", f->kind,
                        bj_state_function(f));
    }
    bj_screen_event(screen, c->clock_ms,
                    result == BJ_EXIT_CLEAN ? BJ_TONE_GOOD : BJ_TONE_BAD,
                    "%zu targets, %llu runs, %zu findings (%u known): %s",
                    c->target_count, (unsigned long long)runs, c->finding_count,
                    known, bj_run_words(result, running));
}
