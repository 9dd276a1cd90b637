#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harnesses/campaign/commands.h"

enum {
    TIME,
    JOBS,
    OUT,
    BASELINE,
    BIN,
    SOURCE,
    TIMEOUT,
    RSS,
    MIN_RUNS,
    COVERAGE_BIN,
    MIN_COVERAGE,
    MINIMIZE,
    UNCONFINED
};

static const struct bj_option rows[] = {
    [TIME] = BJ_FUZZ_OPTION_TIME(
        "Fuzzing on the clock, for all targets together: 90, 90s, 10m or 2h; "
        "the default is 60s. Every target gets a second at least. Replays and "
        "triage come on top."),
    [JOBS] = {.name = "jobs",
              .letter = 'j',
              .kind = BJ_OPTION_NUMBER,
              .argument = "N",
              .min = 1,
              .max = 64,
              .help = "Processes at once; the default is one a processor."},
    [OUT] = BJ_FUZZ_OPTION_OUT,
    [BASELINE] = {.name = "baseline",
                  .letter = 'b',
                  .kind = BJ_OPTION_TEXT,
                  .argument = "FILE",
                  .help = "Findings that are known, an id a line: they are "
                          "reported, but are no reason for exit status 1."},
    [BIN] = {.name = "bin",
             .kind = BJ_OPTION_TEXT,
             .argument = "DIR",
             .help = "Where the targets are: programs fuzz_NAME. The default "
                     "is build/fuzz/bin."},
    [SOURCE] = {.name = "source",
                .kind = BJ_OPTION_TEXT,
                .argument = "DIR",
                .help = "Where corpus/NAME, corpus/regressions/NAME and "
                        "harnesses/dict/NAME.dict are; the default is here. "
                        "They are read, never written to."},
    [TIMEOUT] = {.name = "timeout",
                 .kind = BJ_OPTION_NUMBER,
                 .argument = "SECONDS",
                 .min = 1,
                 .max = 3600,
                 .help = "For one input; the default is 10."},
    [RSS] = {.name = "rss-limit",
             .kind = BJ_OPTION_NUMBER,
             .argument = "MIB",
             .min = 64,
             .max = 65536,
             .help = "Memory of one target; the default is 2048."},
    [MIN_RUNS] = {.name = "min-runs",
                  .kind = BJ_OPTION_NUMBER,
                  .argument = "N",
                  .max = UINT32_MAX,
                  .help = "Gate: exit status 4 if a target executed fewer "
                          "inputs; the default is 1."},
    [COVERAGE_BIN] = {.name = "coverage-bin",
                      .kind = BJ_OPTION_TEXT,
                      .argument = "DIR",
                      .help = "Measure coverage at the end, with the targets "
                              "there: those of preset fuzz-coverage."},
    [MIN_COVERAGE] = {.name = "min-coverage",
                      .kind = BJ_OPTION_NUMBER,
                      .argument = "PERCENT",
                      .max = 100,
                      .help = "Gate: exit status 4 if fewer of core's lines "
                              "were reached."},
    [MINIMIZE] = {.name = "minimize",
                  .kind = BJ_OPTION_NUMBER,
                  .argument = "SECONDS",
                  .max = 3600,
                  .help = "Budget for making the input of a new finding "
                          "shorter; the default is 10, 0 leaves it as it is."},
    [UNCONFINED] = {.name = "unconfined",
                    .help = "Accept targets that may do what you may, where "
                            "a kernel lacks seccomp or Landlock."},
};

static const char about[] =
    "Replays the committed seeds and regressions of each target, then fuzzes\n"
    "all of them in slices of time; sorts what stops one by its cause, three\n"
    "replays each, and goes on. TARGET is a name of corpus/ (dns_name); none\n"
    "means all. Targets are plain libFuzzer processes, confined: no network,\n"
    "no program but themselves and /bin/sh, no file written outside the\n"
    "campaign's folder.\n"
    "\n"
    "A folder that holds a campaign is gone on with: what was learnt stays,\n"
    "counts begin anew. To finish one that was interrupted: resume.\n"
    "\n"
    "  belljar-fuzz run --time 10m\n"
    "  belljar-fuzz run --time 1h --jobs 1 dns_name dns_message\n";

static bool add_target(struct bj_campaign *c, const char *name)
{
    if (strncmp(name, "fuzz_", 5) == 0)
        name += 5;
    if (!bj_state_name_ok(name) || bj_target_program(c, name).text[0] == '\0') {
        fprintf(stderr, BJ_FUZZ ": there is no target \"%s\" in %s\n", name,
                c->bin);
        return false;
    }
    if (bj_state_target(c, name) != NULL)
        return true;
    if (c->target_count == BJ_TARGETS_MAX) {
        fprintf(stderr, BJ_FUZZ ": more than %d targets\n", BJ_TARGETS_MAX);
        return false;
    }
    snprintf(c->target[c->target_count].name, BJ_NAME_MAX, "%s", name);
    c->target_count += 1;
    return true;
}

static bool add_targets(struct bj_campaign *c, const struct bj_options *o)
{
    static char names[BJ_TARGETS_MAX][BJ_NAME_MAX];
    size_t count = 0;

    for (int i = 0; i < o->operand_count; i += 1) {
        if (!add_target(c, o->operands[i]))
            return false;
    }
    if (o->operand_count == 0)
        count = bj_target_list(c->bin, names, BJ_TARGETS_MAX);
    for (size_t i = 0; i < count; i += 1) {
        if (!add_target(c, names[i]))
            return false;
    }
    if (c->target_count == 0)
        fprintf(stderr,
                BJ_FUZZ ": no target in %s; build them with "
                        "'cmake --workflow --preset fuzz'\n",
                c->bin);
    return c->target_count > 0;
}

/* What an earlier campaign found there is sorted anew: what has been mended
 * since does not reproduce, and is no finding of this one. */
static void sort_again(const struct bj_folder *folder, const char *target)
{
    struct bj_path found = bj_folder_of(folder, target, "findings");
    size_t count;
    char **ids = bj_files_names(found.text, &count);

    for (size_t i = 0; i < count; i += 1) {
        struct bj_path one = bj_path_of("%s/%s", found.text, ids[i]);
        struct bj_path input = bj_path_of("%s/input", one.text);
        struct bj_path to = bj_folder_artifact(
            folder, target, bj_path_of("crash-%s", ids[i]).text);

        if (bj_files_copy(input.text, to.text))
            (void)bj_files_remove(one.text);
    }
    bj_files_names_free(ids);
}

/* Logs of earlier campaigns stay; ours are numbered on from there. */
static uint32_t last_log(const struct bj_folder *folder, const char *target)
{
    struct bj_path logs = bj_folder_of(folder, target, "logs");
    size_t count;
    char **names = bj_files_names(logs.text, &count);
    unsigned number;
    uint32_t last = 0;

    for (size_t i = 0; i < count; i += 1) {
        if (sscanf(names[i], "%6u.log", &number) == 1 && number > last)
            last = number;
    }
    bj_files_names_free(names);
    return last;
}

static void begin(const struct bj_folder *folder, struct bj_campaign *c)
{
    for (size_t i = 0; i < c->target_count; i += 1) {
        sort_again(folder, c->target[i].name);
        c->target[i].slices = last_log(folder, c->target[i].name);
    }
}

/* Before anything is run: it must be there, and be one. */
static bool baseline_ok(struct bj_campaign *c)
{
    if (c->baseline[0] == '\0' || bj_run_baseline(c, c->baseline))
        return true;
    fprintf(stderr, BJ_FUZZ ": %s: %s\n", c->baseline, strerror(errno));
    return false;
}

static int start(struct bj_campaign *c, const char *out)
{
    struct bj_folder folder;
    struct bj_screen screen;
    struct bj_trouble trouble;
    enum bj_exit result;

    if (!bj_folder_open(out, &folder, &trouble)) {
        fprintf(stderr, BJ_FUZZ ": %s\n", trouble.text);
        return BJ_EXIT_UNFIT;
    }
    begin(&folder, c);
    bj_screen_open(&screen, bj_path_of("%s/events.log", folder.path).text);
    result = bj_run_campaign(&folder, c, &screen);
    result = bj_fuzz_finish(&folder, c, &screen, result);
    bj_screen_close(&screen);
    bj_folder_close(&folder);
    return (int)result;
}

static int run(struct bj_options *o)
{
    static struct bj_campaign c;
    const char *out = BJ_FUZZ_OUT;
    const char *bin = "build/fuzz/bin";
    const char *source = ".";
    const char *baseline = NULL;
    const char *coverage_bin = NULL;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    int row;

    c.jobs = cpus < 1 ? 1 : cpus > 64 ? 64 : (uint32_t)cpus;
    c.budget_ms = 60000;
    c.timeout_s = BJ_TIMEOUT_S;
    c.rss_mb = BJ_RSS_MB;
    c.minimize_s = 10;
    c.min_runs = 1;
    c.coverage = BJ_COVERAGE_UNKNOWN;
    c.confined = true;
    c.started = (uint64_t)time(NULL);
    while ((row = bj_options_next(o)) >= 0) {
        if (row == TIME && !bj_fuzz_duration(o, &c.budget_ms))
            return BJ_EXIT_USAGE;
        else if (row == JOBS)
            c.jobs = (uint32_t)o->number;
        else if (row == OUT)
            out = o->text;
        else if (row == BASELINE)
            baseline = o->text;
        else if (row == BIN)
            bin = o->text;
        else if (row == SOURCE)
            source = o->text;
        else if (row == TIMEOUT)
            c.timeout_s = (uint32_t)o->number;
        else if (row == RSS)
            c.rss_mb = (uint32_t)o->number;
        else if (row == MIN_RUNS)
            c.min_runs = o->number;
        else if (row == COVERAGE_BIN)
            coverage_bin = o->text;
        else if (row == MIN_COVERAGE)
            c.min_percent = (uint32_t)o->number;
        else if (row == MINIMIZE)
            c.minimize_s = (uint32_t)o->number;
        else if (row == UNCONFINED)
            c.confined = false;
    }
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    if (!bj_fuzz_path(c.bin, bin) || !bj_fuzz_path(c.source, source) ||
        (baseline != NULL && !bj_fuzz_path(c.baseline, baseline)) ||
        (coverage_bin != NULL && !bj_fuzz_path(c.coverage_bin, coverage_bin)))
        return BJ_EXIT_MISUSED;
    if (!add_targets(&c, o) || !baseline_ok(&c))
        return BJ_EXIT_MISUSED;
    return start(&c, out);
}

const struct bj_command bj_fuzz_run = {
    .program = BJ_FUZZ,
    .name = "run",
    .operands = "[TARGET]...",
    .summary = "Fuzz all targets, or these, for a time.",
    .about = about,
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .operands_max = INT_MAX,
    .run = run,
};
