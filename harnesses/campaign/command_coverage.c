#include <jansson.h>
#include <stdio.h>

#include "harnesses/campaign/commands.h"
#include "harnesses/campaign/coverage.h"

enum { OUT, BIN, MINIMUM, MISSED };

static const struct bj_option rows[] = {
    [OUT] = BJ_FUZZ_OPTION_OUT,
    [BIN] = {.name = "bin",
             .kind = BJ_OPTION_TEXT,
             .argument = "DIR",
             .help = "Where the targets with coverage counters are. The "
                     "default is build/fuzz-coverage/bin."},
    [MINIMUM] = {.name = "min-coverage",
                 .kind = BJ_OPTION_NUMBER,
                 .argument = "PERCENT",
                 .max = 100,
                 .help = "Gate: exit status 4 if fewer of core's lines were "
                         "reached. It is kept with the campaign."},
    [MISSED] = {.name = "missed",
                .help = "Name the lines, too, that no target reaches."},
};

static void print_missed(const json_t *file)
{
    const json_t *missed = json_object_get(file, "missed");

    for (size_t i = 0; i < json_array_size(missed); i += 1) {
        const json_t *pair = json_array_get(missed, i);

        printf("    %s:%lld-%lld\n",
               json_string_value(json_object_get(file, "name")),
               (long long)json_integer_value(json_array_get(pair, 0)),
               (long long)json_integer_value(json_array_get(pair, 1)));
    }
}

static void print_line(const json_t *of, const char *name)
{
    unsigned rate = bj_coverage_rate(of);

    printf("%-32s %6lld of %6lld lines %3u.%02u%%\n", name,
           (long long)json_integer_value(json_object_get(of, "covered")),
           (long long)json_integer_value(json_object_get(of, "lines")),
           rate / 100, rate % 100);
}

static int finish(struct bj_opened *opened, const json_t *coverage, bool missed)
{
    const json_t *files = json_object_get(coverage, "files");

    for (size_t i = 0; i < json_array_size(files); i += 1) {
        const json_t *file = json_array_get(files, i);

        print_line(file, json_string_value(json_object_get(file, "name")));
        if (missed)
            print_missed(file);
    }
    print_line(coverage, "core/");
    if (opened->c->coverage >= opened->c->min_percent * 100)
        return BJ_EXIT_CLEAN;
    printf("a gate was MISSED: fewer than %u per cent of core's lines\n",
           opened->c->min_percent);
    return BJ_EXIT_GATE;
}

static int run(struct bj_options *o)
{
    const char *out = BJ_FUZZ_OUT;
    const char *bin = "build/fuzz-coverage/bin";
    struct bj_opened opened;
    struct bj_trouble trouble;
    uint64_t minimum = UINT64_MAX;
    bool missed = false;
    json_t *coverage = NULL;
    char real[BJ_PATH_MAX];
    int status;
    int row;

    while ((row = bj_options_next(o)) >= 0) {
        if (row == OUT)
            out = o->text;
        else if (row == BIN)
            bin = o->text;
        else if (row == MINIMUM)
            minimum = o->number;
        else
            missed = true;
    }
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    status = bj_fuzz_open(out, true, &opened);
    if (status != 0)
        return status;
    if (minimum != UINT64_MAX)
        opened.c->min_percent = (uint32_t)minimum;
    if (bj_path_real(real, bin) != NULL)
        snprintf(trouble.text, sizeof(trouble.text),
                 "%.100s is not there; build it with 'cmake --workflow "
                 "--preset fuzz-coverage'",
                 bin);
    else
        coverage = bj_coverage_measure(&opened.runner, real, &trouble);
    if (coverage == NULL) {
        fprintf(stderr, BJ_FUZZ ": %s\n", trouble.text);
        return BJ_EXIT_UNFIT;
    }
    status = finish(&opened, coverage, missed);
    json_decref(coverage);
    return status;
}

const struct bj_command bj_fuzz_coverage = {
    .program = BJ_FUZZ,
    .name = "coverage",
    .summary = "Measure which lines of core the campaign's inputs reach.",
    .about = "Every target's corpus and seeds run once through a build with\n"
             "coverage counters; the account is kept for the report.\n",
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .run = run,
};
