#include "harnesses/campaign/triage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harnesses/campaign/symbols.h"

#define REPLAYS 3

/* Inputs of one bucket that are kept besides the first. */
#define MORE_MAX 20

bool bj_triage_wanted(const char *name)
{
    static const char *const kinds[] = {"crash-", "leak-", "timeout-", "oom-"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i += 1) {
        if (strncmp(name, kinds[i], strlen(kinds[i])) == 0)
            return bj_state_name_ok(name);
    }
    return false;
}

enum bj_verdict bj_triage_replay(const struct bj_runner *runner,
                                 struct bj_target *target, const char *input,
                                 const char *log, struct bj_crash *crash)
{
    struct bj_task task = {.job = BJ_JOB_INPUT, .input = input, .log = log};
    struct bj_process process;
    enum bj_verdict verdict = bj_target_run(runner, target, &task, &process);

    *crash = process.crash;
    return verdict;
}

/* Below the sources, where it is. */
static struct bj_path below_sources(const struct bj_campaign *c,
                                    const char *file)
{
    struct bj_path plain = bj_path_plain(file);
    size_t len = strlen(c->source);

    if (strncmp(plain.text, c->source, len) == 0 && plain.text[len] == '/')
        return bj_path_of("%s", plain.text + len + 1);
    return plain;
}

/* The report with its stack, in a file: what people read first. */
static bool write_report(const struct bj_runner *runner,
                         const struct bj_finding *finding,
                         const struct bj_crash *crash)
{
    struct bj_path path =
        bj_folder_finding(runner->folder, finding, "report.txt");
    FILE *file = fopen(path.text, "w");

    if (file == NULL)
        return false;
    fprintf(file, "%s\n%s: %s\nreproduced %u of %u times\n\n", finding->id,
            finding->target, crash->text, finding->reproduced, REPLAYS);
    for (size_t i = 0; i < crash->frame_count; i += 1) {
        const struct bj_frame *frame = &crash->frame[i];

        fprintf(file, "#%-3zu %s", i,
                frame->function[0] == '\0' ? "?" : frame->function);
        if (frame->file[0] != '\0')
            fprintf(file, "  %s:%u\n",
                    below_sources(runner->c, frame->file).text, frame->line);
        else
            fprintf(file, "  (%s+0x%llx)\n", frame->module,
                    (unsigned long long)frame->offset);
    }
    return fclose(file) == 0;
}

static void fill(const struct bj_runner *runner, const struct bj_target *target,
                 const struct bj_crash *crash, const struct bj_bucket *bucket,
                 struct bj_finding *out)
{
    memset(out, 0, sizeof(*out));
    snprintf(out->id, sizeof(out->id), "%s", bucket->id);
    snprintf(out->target, sizeof(out->target), "%s", target->name);
    snprintf(out->kind, sizeof(out->kind), "%s", crash->kind);
    snprintf(out->text, sizeof(out->text), "%s", crash->text);
    memcpy(out->frame, bucket->frame, sizeof(out->frame));
    snprintf(out->file, sizeof(out->file), "%.255s",
             below_sources(runner->c, bucket->file).text);
    out->line = bucket->line;
    out->first_ms = runner->c->clock_ms;
}

/* Whether what an engine made is of the same cause as the finding. */
static bool same_cause(const struct bj_runner *runner, struct bj_target *target,
                       const struct bj_finding *finding, const char *input,
                       const char *log)
{
    struct bj_path program = bj_target_program(runner->c, target->name);
    struct bj_bucket bucket;
    struct bj_crash crash;

    (void)bj_triage_replay(runner, target, input, log, &crash);
    bj_symbols_add(&crash);
    bj_bucket_of(target->name, program.text, &crash, &bucket);
    return strcmp(bucket.id, finding->id) == 0;
}

bool bj_triage_reduce(const struct bj_runner *runner, struct bj_target *target,
                      struct bj_finding *finding, enum bj_job job, uint64_t ms)
{
    struct bj_path work = bj_folder_of(runner->folder, target->name, "work");
    struct bj_path from = bj_path_of("%s/tmp/input", work.text);
    struct bj_path made = bj_path_of("%s/tmp/minimized", work.text);
    struct bj_path log =
        bj_folder_finding(runner->folder, finding, "minimize.log");
    struct bj_path have = bj_folder_shortest(runner->folder, finding);
    struct bj_path best =
        bj_folder_finding(runner->folder, finding, "minimized");
    struct bj_task task = {
        .job = job, .ms = ms, .input = from.text, .log = log.text};
    struct bj_process process;
    uint64_t before;
    uint64_t after;

    unlink(made.text);
    if (!bj_files_copy(have.text, from.text))
        return false;
    before = bj_files_size(from.text);
    (void)bj_target_run(runner, target, &task, &process);
    unlink(from.text);
    after = bj_files_size(made.text);
    /* Cleansing leaves the length as it is. */
    if (after == 0 || after > before ||
        (after == before && job == BJ_JOB_MINIMIZE) ||
        !same_cause(runner, target, finding, made.text, log.text) ||
        !bj_files_copy(made.text, best.text))
        return false;
    finding->minimized_len = after;
    return true;
}

/* Replays until it is clear how often the input reproduces. `crash` is the
 * report to go by: of a replay if one gave it, else the one that was seen. */
static unsigned replay(const struct bj_runner *runner, struct bj_target *target,
                       const char *input, struct bj_crash *crash)
{
    struct bj_path log =
        bj_folder_of(runner->folder, target->name, "logs/triage.log");
    struct bj_crash again;
    unsigned count = 0;

    for (unsigned i = 0; i < REPLAYS; i += 1) {
        (void)bj_triage_replay(runner, target, input, log.text, &again);
        if (bj_runner_stopped(runner))
            break;
        if (again.kind[0] == '\0' ||
            (crash->kind[0] != '\0' &&
             !bj_crash_same_kind(again.kind, crash->kind)))
            continue;
        if (count == 0)
            *crash = again;
        count += 1;
    }
    return count;
}

/* Out of the target's reach: to `to`, made whole before it is removed. */
static bool move_input(const char *from, const char *to)
{
    return bj_files_copy(from, to) && unlink(from) == 0;
}

static enum bj_triage one_more(const struct bj_runner *runner,
                               struct bj_finding *finding, const char *from,
                               const char *name)
{
    struct bj_path to;

    if (finding->count < UINT32_MAX - 1)
        finding->count += 1;
    if (finding->count > MORE_MAX || strcmp(name, finding->input) == 0)
        return unlink(from) == 0 ? BJ_TRIAGE_AGAIN : BJ_TRIAGE_FULL;
    to = bj_folder_finding(runner->folder, finding, "more");
    if (!bj_files_folder(to.text))
        return BJ_TRIAGE_FULL;
    to = bj_path_of("%s/%s", to.text, name);
    return move_input(from, to.text) ? BJ_TRIAGE_AGAIN : BJ_TRIAGE_FULL;
}

static enum bj_triage first_of(const struct bj_runner *runner,
                               struct bj_target *target,
                               struct bj_finding *finding, const char *from,
                               const struct bj_crash *crash)
{
    struct bj_path folder = bj_folder_finding(runner->folder, finding, "");
    struct bj_path input = bj_folder_finding(runner->folder, finding, "input");

    finding->count = 1;
    finding->input_len = bj_files_size(from);
    if (!bj_files_folder(folder.text) || !bj_files_copy(from, input.text) ||
        !write_report(runner, finding, crash) ||
        !bj_folder_save(runner->folder, runner->c))
        return BJ_TRIAGE_FULL;
    unlink(from);
    /* A slow input would need its time limit for each try. */
    if (!bj_crash_of_limit(finding->kind) && finding->reproduced > 0 &&
        finding->input_len > 1 && runner->c->minimize_s > 0)
        (void)bj_triage_reduce(runner, target, finding, BJ_JOB_MINIMIZE,
                               (uint64_t)runner->c->minimize_s * 1000);
    return BJ_TRIAGE_NEW;
}

/* An input that no replay reproduces: whose fault was it? */
static enum bj_triage set_aside(const struct bj_runner *runner,
                                struct bj_target *target, const char *from,
                                const char *name, enum bj_triage as)
{
    struct bj_path to = bj_path_of("%s/%s/unreproduced/%s",
                                   runner->folder->path, target->name, name);

    if (!move_input(from, to.text))
        return BJ_TRIAGE_FULL;
    if (as == BJ_TRIAGE_PASSING && strncmp(name, "timeout-", 8) == 0)
        target->timeouts += 1;
    return as;
}

enum bj_triage bj_triage_input(const struct bj_runner *runner,
                               struct bj_target *target, const char *name,
                               const struct bj_crash *seen,
                               struct bj_finding **out)
{
    struct bj_path from =
        bj_folder_artifact(runner->folder, target->name, name);
    struct bj_path program = bj_target_program(runner->c, target->name);
    struct bj_crash crash = {.kind = ""};
    struct bj_bucket bucket;
    struct bj_finding *finding;
    unsigned reproduced;

    if (seen != NULL)
        crash = *seen;
    reproduced = replay(runner, target, from.text, &crash);
    if (bj_runner_stopped(runner))
        return BJ_TRIAGE_UNDECIDED;
    if (reproduced == 0 && strncmp(name, "oom-", 4) == 0)
        return set_aside(runner, target, from.text, name, BJ_TRIAGE_UNFIT);
    if (reproduced == 0 &&
        (strncmp(name, "timeout-", 8) == 0 || crash.kind[0] == '\0'))
        return set_aside(runner, target, from.text, name, BJ_TRIAGE_PASSING);
    bj_symbols_add(&crash);
    bj_bucket_of(target->name, program.text, &crash, &bucket);
    finding = bj_state_finding(runner->c, bucket.id);
    *out = finding;
    if (finding != NULL) {
        if (reproduced > finding->reproduced)
            finding->reproduced = reproduced;
        return one_more(runner, finding, from.text, name);
    }
    if (runner->c->finding_count == BJ_FINDINGS_MAX)
        return set_aside(runner, target, from.text, name, BJ_TRIAGE_PASSING);
    finding = &runner->c->finding[runner->c->finding_count];
    fill(runner, target, &crash, &bucket, finding);
    snprintf(finding->input, sizeof(finding->input), "%s", name);
    finding->reproduced = reproduced;
    runner->c->finding_count += 1;
    *out = finding;
    return first_of(runner, target, finding, from.text, &crash);
}
