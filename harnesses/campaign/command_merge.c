#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harnesses/campaign/commands.h"

/* Both ways of merging run every input once, in processes of their own. */
#define MERGE_MS 3600000

enum { OUT, INTO };

static const struct bj_option rows[] = {
    [OUT] = BJ_FUZZ_OPTION_OUT,
    [INTO] = {.name = "into-corpus",
              .help = "Add to corpus/NAME of the sources, too, what covers "
                      "more than the seeds there. It is the one command that "
                      "writes to them."},
};

static bool copy_all(const char *from, const char *to)
{
    size_t count;
    char **names = bj_files_names(from, &count);
    bool good = names != NULL;

    for (size_t i = 0; i < count && good; i += 1)
        good = bj_files_copy(bj_path_of("%s/%s", from, names[i]).text,
                             bj_path_of("%s/%s", to, names[i]).text);
    bj_files_names_free(names);
    return good;
}

/* Those of `from` that are neither a seed nor a regression. */
static bool copy_new(const struct bj_path seeds[static 2], size_t seed_count,
                     const char *from, size_t *added)
{
    size_t count;
    char **names = bj_files_names(from, &count);
    bool good = names != NULL;

    *added = 0;
    for (size_t i = 0; i < count && good; i += 1) {
        bool old = false;

        for (size_t k = 0; k < seed_count; k += 1)
            old = old || bj_files_exists(
                             bj_path_of("%s/%s", seeds[k].text, names[i]).text);
        if (old)
            continue;
        good = bj_files_copy(bj_path_of("%s/%s", from, names[i]).text,
                             bj_path_of("%s/%s", seeds[0].text, names[i]).text);
        *added += 1;
    }
    bj_files_names_free(names);
    return good;
}

static bool merge(struct bj_opened *opened, struct bj_target *target,
                  enum bj_job job)
{
    struct bj_path log =
        bj_folder_of(&opened->folder, target->name, "logs/merge.log");
    struct bj_task task = {.job = job, .ms = MERGE_MS, .log = log.text};
    struct bj_process process;

    (void)bj_target_run(&opened->runner, target, &task, &process);
    if (process.engine.merged && process.end.status == 0)
        return true;
    fprintf(stderr, BJ_FUZZ ": %s: it did not merge; see %s\n", target->name,
            log.text);
    return false;
}

/* The learnt corpus, made as small as covers the same. */
static bool reduce(struct bj_opened *opened, struct bj_target *target,
                   const char *merged)
{
    struct bj_path corpus =
        bj_folder_of(&opened->folder, target->name, "work/corpus");
    size_t before;
    size_t after;

    bj_files_names_free(bj_files_names(corpus.text, &before));
    if (!merge(opened, target, BJ_JOB_MERGE))
        return false;
    bj_files_names_free(bj_files_names(merged, &after));
    /* In one step: whoever dies leaves one of the two. */
    if (renameat2(AT_FDCWD, merged, AT_FDCWD, corpus.text, RENAME_EXCHANGE) !=
        0) {
        fprintf(stderr, BJ_FUZZ ": %s: %s\n", corpus.text, strerror(errno));
        return false;
    }
    printf("%s: %zu inputs of %zu\n", target->name, after, before);
    return true;
}

static bool extend(struct bj_opened *opened, struct bj_target *target,
                   const char *merged)
{
    struct bj_path seeds[2];
    size_t seed_count = bj_target_seeds(opened->c, target->name, seeds);
    size_t added = 0;
    bool good = bj_files_remove(merged) && bj_files_folder(merged);

    if (seed_count == 0) {
        fprintf(stderr, BJ_FUZZ ": %s has no corpus to add to\n", target->name);
        return false;
    }
    for (size_t i = 0; i < seed_count; i += 1)
        good = good && copy_all(seeds[i].text, merged);
    good = good && merge(opened, target, BJ_JOB_COVER) &&
           copy_new(seeds, seed_count, merged, &added);
    if (good)
        printf("%s: %zu inputs added to %s\n", target->name, added,
               seeds[0].text);
    return good;
}

static int merge_one(struct bj_opened *opened, struct bj_target *target,
                     bool into)
{
    struct bj_path merged =
        bj_folder_of(&opened->folder, target->name, "work/tmp/merged");
    bool good = bj_target_folders(&opened->folder, target->name) &&
                bj_files_remove(merged.text) && bj_files_folder(merged.text) &&
                reduce(opened, target, merged.text) &&
                (!into || extend(opened, target, merged.text));

    bj_files_remove(merged.text);
    fflush(stdout);
    return good ? BJ_EXIT_CLEAN : BJ_EXIT_UNFIT;
}

static int run(struct bj_options *o)
{
    const char *out = BJ_FUZZ_OUT;
    struct bj_opened opened;
    bool into = false;
    int status;
    int row;

    while ((row = bj_options_next(o)) >= 0) {
        if (row == OUT)
            out = o->text;
        else
            into = true;
    }
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    status = bj_fuzz_open(out, true, &opened);
    if (status != 0)
        return status;
    for (int i = 0; i < o->operand_count; i += 1) {
        if (bj_state_target(opened.c, o->operands[i]) == NULL)
            return bj_options_usage(o, "the campaign has no target \"%s\"",
                                    o->operands[i]);
    }
    for (size_t i = 0; i < opened.c->target_count; i += 1) {
        struct bj_target *target = &opened.c->target[i];
        bool wanted = o->operand_count == 0;

        for (int k = 0; k < o->operand_count; k += 1)
            wanted = wanted || strcmp(o->operands[k], target->name) == 0;
        if (wanted && merge_one(&opened, target, into) != BJ_EXIT_CLEAN)
            status = BJ_EXIT_UNFIT;
    }
    return status;
}

const struct bj_command bj_fuzz_merge = {
    .program = BJ_FUZZ,
    .name = "merge",
    .operands = "[TARGET]...",
    .summary = "Make the learnt corpus smaller; add to the committed one.",
    .about =
        "Keeps of each target's learnt inputs as few as cover the same. With\n"
        "--into-corpus those that cover more than the committed seeds are\n"
        "copied there, under libFuzzer's names: give them better ones.\n",
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .operands_max = INT_MAX,
    .run = run,
};
