#include "harnesses/campaign/plant.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harnesses/campaign/target.h"
#include "harnesses/campaign/tool.h"

#define LOG_MAX ((size_t)16 << 20)

/* Every mutant from the same random seed: a run can be repeated. */
#define SEED 1

/* Looks at the policies of the product, so it is built with all of it, and
 * compiles filters, which no target may. */
#define POLICY_HARNESS "policy_filter"

/* ---- the copy ---- */

bool bj_plant_open(struct bj_plant *plant, struct bj_trouble *trouble)
{
    static const char *const parts[] = {"CMakeLists.txt", "core", "sandbox",
                                        "harnesses", "tests"};
    struct bj_path tree = bj_path_of("%s/tree", plant->work);

    /* Time stamps are today's, so that objects of an earlier run, which may
     * hold its bugs, are built again. */
    const char *argv[] = {"cp", "-R", NULL,      NULL, NULL,
                          NULL, NULL, tree.text, NULL};
    struct bj_path from[5];
    char *said;
    int status;

    if (!bj_files_remove(tree.text) || !bj_files_folder(tree.text)) {
        snprintf(trouble->text, sizeof(trouble->text), "%.150s: %s", tree.text,
                 strerror(errno));
        return false;
    }
    for (size_t i = 0; i < 5; i += 1) {
        from[i] = bj_path_of("%s/%s", plant->source, parts[i]);
        argv[2 + i] = from[i].text;
    }
    said = bj_tool_output(argv, NULL, true, 160, &status);
    if (said != NULL)
        said[strcspn(said, "\n")] = '\0'; /* the first reason will do */
    if (status != 0)
        snprintf(trouble->text, sizeof(trouble->text), "cannot copy %.60s: %s",
                 plant->source, said == NULL ? "no cp" : said);
    free(said);
    return status == 0;
}

/* ---- building ---- */

struct build {
    const char *kind; /* its folder in work */
    const char *sanitize;
    bool policy;
};

static struct build build_for(const struct bj_mutant *mutant)
{
    if (strcmp(mutant->harness, POLICY_HARNESS) == 0)
        return (struct build){"policy", "address,undefined", true};
    if (bj_crash_same_kind(mutant->report, "use-of-uninitialized-value"))
        return (struct build){"memory", "memory", false};
    return (struct build){"address", "address,undefined", false};
}

static bool logged(const char *const *argv, const char *folder, const char *log)
{
    int status;
    char *said = bj_tool_output(argv, folder, true, LOG_MAX, &status);

    if (said != NULL)
        (void)bj_files_replace(log, said, strlen(said));
    free(said);
    return status == 0;
}

static bool configure(const struct bj_plant *plant, const struct build *build,
                      const char *log)
{
    struct bj_path tree = bj_path_of("%s/tree", plant->work);
    struct bj_path made = bj_path_of("%s/%s", plant->work, build->kind);
    struct bj_path ninja = bj_path_of("%s/build.ninja", made.text);
    struct bj_path sanitize = bj_path_of("-DBJ_SANITIZE=%s", build->sanitize);
    char *ccache = bj_tool_find("ccache");
    const char *argv[] = {
        "cmake",
        "-S",
        tree.text,
        "-B",
        made.text,
        "-G",
        "Ninja",
        "-DCMAKE_C_COMPILER=clang",
        "-DCMAKE_C_FLAGS=-O1 -g -gline-tables-only",
        sanitize.text,
        build->policy ? "-DBJ_FUZZERS=OFF" : "-DBJ_FUZZERS=ON",
        build->policy ? "-DBJ_SANDBOX=ON" : "-DBJ_SANDBOX=OFF",
        build->policy ? "-DBJ_TESTS=ON" : "-DBJ_TESTS=OFF",
        ccache == NULL ? NULL : "-DCMAKE_C_COMPILER_LAUNCHER=ccache",
        NULL};

    free(ccache);
    return bj_files_exists(ninja.text) || logged(argv, NULL, log);
}

static bool build_harness(const struct bj_plant *plant,
                          const struct build *build,
                          const struct bj_mutant *mutant, const char *log)
{
    struct bj_path made = bj_path_of("%s/%s", plant->work, build->kind);
    const char *argv[] = {"cmake",    "--build",       made.text,
                          "--target", mutant->harness, NULL};

    return logged(argv, NULL, log);
}

/* ---- planting ---- */

static bool apply(const struct bj_plant *plant, const struct bj_mutant *mutant,
                  const char *log)
{
    struct bj_path tree = bj_path_of("%s/tree", plant->work);
    struct bj_path patch = bj_path_of("%s/harnesses/mutants/%s.patch",
                                      plant->source, mutant->name);
    const char *argv[] = {
        "patch", "-p1",     "-s", "--fuzz=0", "--no-backup-if-mismatch",
        "-d",    tree.text, "-i", patch.text, NULL};

    return logged(argv, NULL, log);
}

/* The patched files as they were, and newer than any object. */
static void restore(const struct bj_plant *plant,
                    const struct bj_mutant *mutant)
{
    for (size_t i = 0; i < mutant->hunk_count; i += 1) {
        const char *file = mutant->hunk[i].file;

        (void)bj_files_copy(bj_path_of("%s/%s", plant->source, file).text,
                            bj_path_of("%s/tree/%s", plant->work, file).text);
    }
}

/* ---- running ---- */

struct field {
    struct bj_campaign *c;
    struct bj_folder folder;
    struct bj_confine confine;
    struct bj_runner runner;
    struct bj_target target;
};

static bool field_open(const struct bj_plant *plant, const struct build *build,
                       const struct bj_mutant *mutant, struct field *out,
                       struct bj_planted *planted)
{
    static struct bj_campaign c;
    const char *harness = mutant->harness;
    struct bj_trouble trouble;

    memset(&c, 0, sizeof(c));
    memset(out, 0, sizeof(*out));
    c.timeout_s = BJ_TIMEOUT_S;
    c.rss_mb = BJ_RSS_MB;
    snprintf(c.source, sizeof(c.source), "%s", plant->source);
    snprintf(c.bin, sizeof(c.bin), "%s",
             bj_path_of("%s/%s/bin", plant->work, build->kind).text);
    out->c = &c;
    out->folder.lock = -1;
    snprintf(out->folder.path, sizeof(out->folder.path), "%s",
             bj_path_of("%s/%s", plant->work, mutant->name).text);
    snprintf(out->target.name, sizeof(out->target.name), "%s",
             strncmp(harness, "fuzz_", 5) == 0 ? harness + 5 : harness);
    out->runner = (struct bj_runner){.c = &c, .folder = &out->folder};
    if (!bj_files_remove(out->folder.path) ||
        !bj_target_folders(&out->folder, out->target.name)) {
        snprintf(planted->detail, sizeof(planted->detail), "%s",
                 strerror(errno));
        return false;
    }
    if (build->policy)
        return true;
    if (!bj_confine_prepare(&out->confine, &trouble)) {
        snprintf(planted->detail, sizeof(planted->detail), "%.159s",
                 trouble.text);
        return false;
    }
    out->runner.confine = &out->confine;
    return true;
}

static enum bj_verdict go(struct field *field, enum bj_job job, uint64_t ms,
                          const char *input, struct bj_process *process)
{
    struct bj_path log =
        bj_folder_of(&field->folder, field->target.name,
                     job == BJ_JOB_SLICE    ? "logs/fuzz.log"
                     : job == BJ_JOB_REPLAY ? "logs/seeds.log"
                                            : "logs/clean.log");
    struct bj_task task = {
        .job = job, .ms = ms, .seed = SEED, .input = input, .log = log.text};

    memset(process, 0, sizeof(*process));
    return bj_target_run(&field->runner, &field->target, &task, process);
}

/* No report: was it ever entered? The engine tells with symbols, which a
 * confined target does not have; so this one run is as any other program. */
static bool entered(const struct field *field, const struct bj_mutant *mutant)
{
    struct bj_path program = bj_target_program(field->c, field->target.name);
    struct bj_path corpus =
        bj_folder_of(&field->folder, field->target.name, "work/corpus");
    struct bj_path seeds[2];
    size_t count = bj_target_seeds(field->c, field->target.name, seeds);
    const char *argv[] = {program.text,
                          "-runs=0",
                          "-print_coverage=1",
                          corpus.text,
                          count > 0 ? seeds[0].text : NULL,
                          count > 1 ? seeds[1].text : NULL,
                          NULL};
    int status;
    char *said = bj_tool_output(argv, NULL, true, LOG_MAX, &status);
    bool found = said != NULL && bj_mutant_entered(mutant, said);

    free(said);
    return found;
}

/* A harness that stops on that input without the bug has killed nothing. */
static enum bj_mutant_result confirm(const struct bj_plant *plant,
                                     const struct build *build,
                                     const struct bj_mutant *mutant,
                                     struct field *field, const char *name,
                                     struct bj_planted *out)
{
    struct bj_path input =
        bj_folder_artifact(&field->folder, field->target.name, name);
    struct bj_path log = bj_path_of("%s/build.log", field->folder.path);
    struct bj_process process;

    restore(plant, mutant);
    if (!build_harness(plant, build, mutant, log.text)) {
        snprintf(out->detail, sizeof(out->detail),
                 "the clean tree does not build");
        return BJ_MUTANT_UNFIT;
    }
    (void)go(field, BJ_JOB_INPUT, 10000, input.text, &process);
    if (process.crash.kind[0] == '\0' && process.end.status == 0 &&
        process.end.signal == 0)
        return BJ_MUTANT_KILLED;
    snprintf(out->detail, sizeof(out->detail), "%s", process.crash.kind);
    return BJ_MUTANT_ALWAYS;
}

static enum bj_mutant_result judge(const struct bj_plant *plant,
                                   const struct build *build,
                                   const struct bj_mutant *mutant,
                                   struct field *field, struct bj_planted *out)
{
    struct bj_process process;
    enum bj_verdict verdict = go(field, BJ_JOB_REPLAY, 60000, NULL, &process);

    if (verdict == BJ_VERDICT_FOUND) {
        snprintf(out->detail, sizeof(out->detail), "%s", process.crash.kind);
        return BJ_MUTANT_REPLAYED;
    }
    if (verdict == BJ_VERDICT_CLEAN)
        verdict = go(field, BJ_JOB_SLICE, plant->ms, NULL, &process);
    out->took_ms = process.took_ms;
    if (verdict == BJ_VERDICT_CLEAN)
        return entered(field, mutant) ? BJ_MUTANT_SURVIVED
                                      : BJ_MUTANT_NOT_REACHED;
    snprintf(out->detail, sizeof(out->detail), "%s",
             verdict == BJ_VERDICT_FOUND ? process.crash.kind
                                         : bj_verdict_words(verdict));
    if (verdict != BJ_VERDICT_FOUND)
        return BJ_MUTANT_UNFIT;
    if (!bj_mutant_announced(mutant, &process.crash))
        return BJ_MUTANT_MISTAKEN;
    return confirm(plant, build, mutant, field, process.engine.artifact, out);
}

void bj_plant_try(const struct bj_plant *plant, const struct bj_mutant *mutant,
                  struct bj_planted *out)
{
    struct build build = build_for(mutant);
    struct bj_path log;
    struct field field;

    memset(out, 0, sizeof(*out));
    out->result = BJ_MUTANT_UNFIT;
    if (!field_open(plant, &build, mutant, &field, out))
        return;
    log = bj_path_of("%s/build.log", field.folder.path);
    if (!configure(plant, &build, log.text))
        snprintf(out->detail, sizeof(out->detail), "cmake fails: %.120s",
                 log.text);
    else if (!apply(plant, mutant, log.text))
        snprintf(out->detail, sizeof(out->detail), "it does not apply");
    else if (!build_harness(plant, &build, mutant, log.text))
        snprintf(out->detail, sizeof(out->detail), "it does not build");
    else
        out->result = judge(plant, &build, mutant, &field, out);
    restore(plant, mutant);
    bj_confine_free(&field.confine);
}
