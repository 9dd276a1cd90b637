#include "harnesses/campaign/coverage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harnesses/campaign/tool.h"

/* llvm-cov's account of all of core: some 3 MiB. */
#define EXPORT_MAX ((size_t)256 << 20)

/* Longer than any corpus takes without a sanitizer; a limit, not a measure. */
#define REPLAY_MS 600000

/* ---- the account, from LLVM's ---- */

static json_int_t number_in(const json_t *file, const char *of,
                            const char *what)
{
    return json_integer_value(json_object_get(
        json_object_get(json_object_get(file, "summary"), of), what));
}

struct segment {
    json_int_t line;
    bool counted;
    bool missed;
};

/* [line, column, count, has count, region entry, gap] */
static struct segment segment_at(const json_t *segments, size_t i)
{
    const json_t *one = json_array_get(segments, i);

    return (struct segment){
        .line = json_integer_value(json_array_get(one, 0)),
        .counted = json_is_true(json_array_get(one, 3)) &&
                   !json_is_true(json_array_get(one, 5)),
        .missed = json_integer_value(json_array_get(one, 2)) == 0,
    };
}

/* Stretches that were counted and never ran, by line; joined where they
 * touch. */
static json_t *missed_of(const json_t *segments)
{
    json_t *list = json_array();
    json_int_t from = 0;
    json_int_t to = 0;

    for (size_t i = 0; i + 1 < json_array_size(segments); i += 1) {
        struct segment at = segment_at(segments, i);
        struct segment next = segment_at(segments, i + 1);

        if (!at.counted || !at.missed)
            continue;
        if (from != 0 && at.line > to + 1) {
            json_array_append_new(list, json_pack("[I,I]", from, to));
            from = 0;
        }
        if (from == 0)
            from = at.line;
        to = next.line > at.line ? next.line : at.line;
    }
    if (from != 0)
        json_array_append_new(list, json_pack("[I,I]", from, to));
    return list;
}

static json_t *file_of(const json_t *file, const char *name)
{
    return json_pack("{s:s,s:I,s:I,s:I,s:I,s:o}", "name", name, "lines",
                     number_in(file, "lines", "count"), "covered",
                     number_in(file, "lines", "covered"), "branches",
                     number_in(file, "branches", "count"), "branches_covered",
                     number_in(file, "branches", "covered"), "missed",
                     missed_of(json_object_get(file, "segments")));
}

static void add_up(json_t *sum, const json_t *file)
{
    static const char *const names[] = {"lines", "covered", "branches",
                                        "branches_covered"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1)
        json_object_set_new(
            sum, names[i],
            json_integer(json_integer_value(json_object_get(sum, names[i])) +
                         json_integer_value(json_object_get(file, names[i]))));
}

json_t *bj_coverage_of(const json_t *exported, const char *source)
{
    const json_t *files = json_object_get(
        json_array_get(json_object_get(exported, "data"), 0), "files");
    size_t len = strlen(source);
    json_t *made = json_pack("{s:i,s:i,s:i,s:i,s:[]}", "lines", 0, "covered", 0,
                             "branches", 0, "branches_covered", 0, "files");

    for (size_t i = 0; i < json_array_size(files); i += 1) {
        const json_t *file = json_array_get(files, i);
        const char *name = json_string_value(json_object_get(file, "filename"));
        struct bj_path plain = bj_path_plain(name == NULL ? "" : name);
        json_t *one;

        if (strncmp(plain.text, source, len) != 0 ||
            strncmp(plain.text + len, "/core/", 6) != 0 ||
            number_in(file, "lines", "count") == 0)
            continue;
        one = file_of(file, plain.text + len + 1);
        add_up(made, one);
        json_array_append_new(json_object_get(made, "files"), one);
    }
    if (json_array_size(json_object_get(made, "files")) > 0)
        return made;
    json_decref(made);
    return NULL;
}

unsigned bj_coverage_rate(const json_t *of)
{
    json_int_t lines = json_integer_value(json_object_get(of, "lines"));
    json_int_t covered = json_integer_value(json_object_get(of, "covered"));

    if (lines <= 0 || covered >= lines)
        return 10000;
    return covered <= 0 ? 0 : (unsigned)(covered * 10000 / lines);
}

/* ---- measuring ---- */

struct words {
    const char **word;
    size_t count;
    struct bj_path *path; /* what some of them point into */
    size_t path_count;
};

static void add(struct words *w, const char *word)
{
    w->word[w->count] = word;
    w->count += 1;
    w->word[w->count] = NULL;
}

static const char *keep(struct words *w, struct bj_path path)
{
    w->path[w->path_count] = path;
    w->path_count += 1;
    return w->path[w->path_count - 1].text;
}

static bool words_init(struct words *w)
{
    memset(w, 0, sizeof(*w));
    w->word = calloc(BJ_TARGETS_MAX * 2 + 16, sizeof(*w->word));
    w->path = calloc(BJ_TARGETS_MAX + 8, sizeof(*w->path));
    return w->word != NULL && w->path != NULL;
}

static void words_free(struct words *w)
{
    free(w->word);
    free(w->path);
}

/* Every target's inputs through its program; the profiles it leaves. */
static bool replay(const struct bj_runner *runner, const char *bin,
                   struct words *profdata, struct words *export,
                   struct bj_trouble *trouble)
{
    struct bj_campaign *c = runner->c;

    for (size_t i = 0; i < c->target_count; i += 1) {
        struct bj_target *target = &c->target[i];
        struct bj_path program = bj_path_of("%s/fuzz_%s", bin, target->name);
        struct bj_path profile = bj_folder_of(runner->folder, target->name,
                                              "work/tmp/coverage.profraw");
        struct bj_path log =
            bj_folder_of(runner->folder, target->name, "logs/coverage.log");
        struct bj_task task = {.job = BJ_JOB_REPLAY,
                               .ms = REPLAY_MS,
                               .log = log.text,
                               .profile = profile.text,
                               .program = program.text};
        struct bj_process process;

        if (access(program.text, X_OK) != 0)
            continue;
        unlink(profile.text);
        (void)bj_target_run(runner, target, &task, &process);
        if (bj_runner_stopped(runner)) {
            snprintf(trouble->text, sizeof(trouble->text), "interrupted");
            return false;
        }
        if (!bj_files_exists(profile.text)) {
            snprintf(trouble->text, sizeof(trouble->text),
                     "%s left no profile; see %.150s", target->name, log.text);
            return false;
        }
        add(profdata, keep(profdata, profile));
        if (export->path_count > 0)
            add(export, "-object");
        add(export, keep(export, program));
    }
    if (export->path_count == 0)
        snprintf(trouble->text, sizeof(trouble->text),
                 "none of the targets is in %.100s; build them with 'cmake "
                 "--workflow --preset fuzz-coverage'",
                 bin);
    return export->path_count > 0;
}

static json_t *run_tools(const struct bj_runner *runner, struct words *profdata,
                         struct words *export, struct bj_trouble *trouble)
{
    char *text;
    json_t *exported = NULL;
    json_t *made = NULL;
    int status;

    text = bj_tool_output(profdata->word, NULL, true, 4096, &status);
    free(text);
    if (status != 0) {
        snprintf(trouble->text, sizeof(trouble->text),
                 "llvm-profdata failed with status %d", status);
        return NULL;
    }
    text = bj_tool_output(export->word, NULL, false, EXPORT_MAX, &status);
    if (text != NULL && status == 0)
        exported = json_loads(text, 0, NULL);
    free(text);
    if (exported != NULL)
        made = bj_coverage_of(exported, runner->c->source);
    json_decref(exported);
    if (made == NULL)
        snprintf(trouble->text, sizeof(trouble->text),
                 "llvm-cov (status %d) said nothing of %.150s/core", status,
                 runner->c->source);
    return made;
}

static bool keep_result(const struct bj_runner *runner, const json_t *made,
                        struct bj_trouble *trouble)
{
    struct bj_path path = bj_path_of("%s/coverage.json", runner->folder->path);
    bool good;

    runner->c->coverage = bj_coverage_rate(made);
    good = bj_files_replace_json(path.text, made) &&
           bj_folder_save(runner->folder, runner->c);
    if (!good)
        snprintf(trouble->text, sizeof(trouble->text), "%.150s: %s", path.text,
                 strerror(errno));
    return good;
}

json_t *bj_coverage_measure(const struct bj_runner *runner, const char *bin,
                            struct bj_trouble *trouble)
{
    struct bj_path merged =
        bj_path_of("%s/coverage.profdata", runner->folder->path);
    struct bj_path use = bj_path_of("-instr-profile=%s", merged.text);
    char *profdata_tool = bj_tool_llvm("llvm-profdata");
    char *cov_tool = bj_tool_llvm("llvm-cov");
    struct words profdata;
    struct words export;
    json_t *made = NULL;
    bool room = words_init(&profdata);

    room = words_init(&export) && room;

    if (profdata_tool == NULL || cov_tool == NULL) {
        snprintf(trouble->text, sizeof(trouble->text),
                 "llvm-profdata or llvm-cov is missing (package llvm)");
    } else if (room) {
        add(&profdata, profdata_tool);
        add(&profdata, "merge");
        add(&profdata, "-sparse");
        add(&profdata, "-o");
        add(&profdata, merged.text);
        add(&export, cov_tool);
        add(&export, "export");
        add(&export, "-skip-functions");
        add(&export, "-skip-expansions");
        add(&export, use.text);
        if (replay(runner, bin, &profdata, &export, trouble))
            made = run_tools(runner, &profdata, &export, trouble);
        if (made != NULL && !keep_result(runner, made, trouble)) {
            json_decref(made);
            made = NULL;
        }
    }
    words_free(&profdata);
    words_free(&export);
    free(profdata_tool);
    free(cov_tool);
    return made;
}
