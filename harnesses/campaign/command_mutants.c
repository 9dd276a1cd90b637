#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harnesses/campaign/commands.h"
#include "harnesses/campaign/plant.h"

#define PATCH_MAX ((size_t)1 << 20)
#define MUTANTS_MAX 1024

enum { OUT, TIME, WORK, SOURCE };

static const struct bj_option rows[] = {
    [OUT] = BJ_FUZZ_OPTION_OUT,
    [TIME] = BJ_FUZZ_OPTION_TIME("For each; the default is 60s."),
    [WORK] = {.name = "work",
              .kind = BJ_OPTION_TEXT,
              .argument = "DIR",
              .help = "Where the copy of the sources and its builds are. The "
                      "default is build/mutants."},
    [SOURCE] = {.name = "source",
                .kind = BJ_OPTION_TEXT,
                .argument = "DIR",
                .help = "The sources; the default is here."},
};

static const char about[] =
    "For each harnesses/mutants/NAME.patch: plants it in a copy of the\n"
    "sources, builds the one harness that its first line names, and runs that\n"
    "from the committed seeds with a fixed random seed, as one process.\n"
    "\n"
    "  killed       by the report that the patch announces\n"
    "  replayed     the seeds alone show it: a regression test, but no find\n"
    "  mistaken     the harness stops, but not with that report\n"
    "  always       it stops on that input without the bug, too\n"
    "  survived     no report in the time: an oracle or a seed is missing\n"
    "  not reached  likewise, and its function was never entered\n"
    "  unfit        does not apply, does not build, does not run\n"
    "\n"
    "The results are part of the report. Exit status: 0 all killed, 3 one is\n"
    "unfit or the copy cannot be made, 4 another was not killed.\n";

static int by_size(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

struct tally {
    json_t *list;
    double seconds[MUTANTS_MAX]; /* of those that were killed */
    size_t killed;
    size_t count;
    int status;
};

static void count(struct tally *tally, const struct bj_mutant *mutant,
                  const struct bj_planted *planted)
{
    double seconds = (double)planted->took_ms / 1000;
    const char *word = bj_mutant_word(planted->result);

    printf("%-40s %-24s %-36s %6.1f %s%s%s\n", mutant->name, mutant->harness,
           mutant->report, seconds, word,
           planted->result == BJ_MUTANT_KILLED || planted->detail[0] == '\0'
               ? ""
               : ": ",
           planted->result == BJ_MUTANT_KILLED ? "" : planted->detail);
    fflush(stdout);
    json_array_append_new(tally->list,
                          json_pack("{s:s,s:s,s:s,s:s,s:f}", "name",
                                    mutant->name, "harness", mutant->harness,
                                    "report", mutant->report, "result", word,
                                    "seconds", seconds));
    tally->count += 1;
    if (planted->result == BJ_MUTANT_KILLED) {
        tally->seconds[tally->killed] = seconds;
        tally->killed += 1;
    } else if (planted->result == BJ_MUTANT_UNFIT) {
        tally->status = BJ_EXIT_UNFIT;
    } else if (tally->status == BJ_EXIT_CLEAN) {
        tally->status = BJ_EXIT_GATE;
    }
}

static struct bj_path patch_of(const char *source, const char *name)
{
    return bj_path_of("%s/harnesses/mutants/%s.patch", source, name);
}

static void try_one(const struct bj_plant *plant, const char *name,
                    struct tally *tally)
{
    struct bj_path path = patch_of(plant->source, name);
    size_t len;
    char *patch = bj_files_read(path.text, PATCH_MAX, &len);
    struct bj_mutant mutant;
    struct bj_planted planted = {.result = BJ_MUTANT_UNFIT};

    if (patch == NULL || !bj_mutant_read(name, patch, &mutant)) {
        snprintf(planted.detail, sizeof(planted.detail), "%s",
                 patch == NULL ? strerror(errno)
                               : "its first line or its hunks are no mutant's");
        memset(&mutant, 0, sizeof(mutant));
        snprintf(mutant.name, sizeof(mutant.name), "%s", name);
    } else {
        bj_plant_try(plant, &mutant, &planted);
    }
    free(patch);
    count(tally, &mutant, &planted);
}

static void try_all(const struct bj_plant *plant, const struct bj_options *o,
                    struct tally *tally)
{
    struct bj_path folder = bj_path_of("%s/harnesses/mutants", plant->source);
    size_t found;
    char **names = bj_files_names(folder.text, &found);

    for (int i = 0; i < o->operand_count; i += 1)
        try_one(plant, o->operands[i], tally);
    for (size_t i = 0; i < found && o->operand_count == 0; i += 1) {
        char *dot = strstr(names[i], ".patch");

        if (dot == NULL || dot[6] != '\0' || tally->count == MUTANTS_MAX)
            continue;
        *dot = '\0';
        try_one(plant, names[i], tally);
    }
    bj_files_names_free(names);
}

static bool keep(const struct tally *tally, const char *out, double median)
{
    struct bj_path path = bj_path_of("%s/mutants.json", out);
    json_t *made = json_pack("{s:O,s:I,s:f}", "mutants", tally->list, "killed",
                             (json_int_t)tally->killed, "median", median);
    bool good = bj_files_folder(out) && bj_files_replace_json(path.text, made);

    json_decref(made);
    return good;
}

static int finish(struct tally *tally, const char *out)
{
    double median;

    qsort(tally->seconds, tally->killed, sizeof(tally->seconds[0]), by_size);
    median = tally->killed == 0 ? 0 : tally->seconds[(tally->killed - 1) / 2];
    printf("%zu of %zu killed, median %.1f s\n", tally->killed, tally->count,
           median);
    if (!keep(tally, out, median)) {
        perror(BJ_FUZZ ": mutants.json");
        tally->status = BJ_EXIT_UNFIT;
    }
    json_decref(tally->list);
    return tally->count == 0 ? BJ_EXIT_UNFIT : tally->status;
}

static int run(struct bj_options *o)
{
    static struct tally tally;
    const char *out = BJ_FUZZ_OUT;
    const char *work = "build/mutants";
    const char *source = ".";
    struct bj_plant plant = {.ms = 60000};
    struct bj_trouble trouble;
    int row;

    while ((row = bj_options_next(o)) >= 0) {
        if (row == OUT)
            out = o->text;
        else if (row == WORK)
            work = o->text;
        else if (row == SOURCE)
            source = o->text;
        else if (!bj_fuzz_duration(o, &plant.ms))
            return BJ_EXIT_USAGE;
    }
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    for (int i = 0; i < o->operand_count; i += 1) {
        if (!bj_state_name_ok(o->operands[i]) ||
            !bj_files_exists(patch_of(source, o->operands[i]).text))
            return bj_options_usage(o, "there is no mutant \"%s\"",
                                    o->operands[i]);
    }
    if (!bj_files_folder(work) || !bj_fuzz_path(plant.work, work) ||
        !bj_fuzz_path(plant.source, source))
        return BJ_EXIT_UNFIT;
    if (!bj_plant_open(&plant, &trouble)) {
        fprintf(stderr, BJ_FUZZ ": %s\n", trouble.text);
        return BJ_EXIT_UNFIT;
    }
    tally.list = json_array();
    try_all(&plant, o, &tally);
    return finish(&tally, out);
}

const struct bj_command bj_fuzz_mutants = {
    .program = BJ_FUZZ,
    .name = "mutants",
    .operands = "[NAME]...",
    .summary = "Plant known bugs and see whether the harnesses find them.",
    .about = about,
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .operands_max = MUTANTS_MAX,
    .run = run,
};
