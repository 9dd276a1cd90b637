#include "harnesses/campaign/target.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How much longer than it was given, and one input may take, a process may
 * need to load and to report. */
#define GRACE_MS 20000
#define WORDS_MAX 24

/* Every third slice asks for comparisons' operands too: slower, but it gets
 * past checks that mutation alone does not. */
#define VALUE_PROFILE_EACH 3

bool bj_runner_stopped(const struct bj_runner *runner)
{
    return runner->stop != NULL && *runner->stop != 0;
}

struct bj_path bj_target_program(const struct bj_campaign *c, const char *name)
{
    struct bj_path path = bj_path_of("%s/fuzz_%s", c->bin, name);

    if (access(path.text, X_OK) != 0)
        path = bj_path_of("%s/%s", c->bin, name);
    if (access(path.text, X_OK) != 0)
        path.text[0] = '\0';
    return path;
}

size_t bj_target_list(const char *bin, char out[][BJ_NAME_MAX], size_t max)
{
    size_t found;
    size_t count = 0;
    char **names = bj_files_names(bin, &found);

    for (size_t i = 0; i < found && count < max; i += 1) {
        if (strncmp(names[i], "fuzz_", 5) != 0 ||
            !bj_state_name_ok(names[i] + 5))
            continue;
        snprintf(out[count], BJ_NAME_MAX, "%s", names[i] + 5);
        count += 1;
    }
    bj_files_names_free(names);
    return count;
}

bool bj_target_folders(const struct bj_folder *folder, const char *name)
{
    static const char *const parts[] = {"work/corpus", "work/artifacts",
                                        "work/tmp",    "logs",
                                        "findings",    "unreproduced"};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i += 1) {
        struct bj_path path = bj_folder_of(folder, name, parts[i]);

        if (!bj_files_folder(path.text))
            return false;
    }
    return true;
}

/* diff_dns_name reads what dns_name reads. */
static const char *noun_of(const char *name)
{
    return strncmp(name, "diff_", 5) == 0 ? name + 5 : name;
}

size_t bj_target_seeds(const struct bj_campaign *c, const char *name,
                       struct bj_path out[static 2])
{
    static const char *const folders[] = {"corpus", "corpus/regressions"};
    size_t count = 0;

    for (size_t i = 0; i < 2; i += 1) {
        out[count] =
            bj_path_of("%s/%s/%s", c->source, folders[i], noun_of(name));
        if (bj_files_exists(out[count].text))
            count += 1;
    }
    return count;
}

/* ---- command lines ---- */

struct words {
    const char *word[WORDS_MAX];
    size_t count;
    struct bj_path made[WORDS_MAX];
    size_t made_count;
};

static void add(struct words *w, const char *word)
{
    if (w->count + 1 < WORDS_MAX) {
        w->word[w->count] = word;
        w->count += 1;
    }
}

static const char *keep(struct words *w, struct bj_path path)
{
    w->made[w->made_count] = path;
    w->made_count += 1;
    return w->made[w->made_count - 1].text;
}

/* libFuzzer stops in the second after its last, counted from its start. */
static uint64_t seconds(uint64_t ms)
{
    return ms < 3000 ? 1 : ms / 1000 - 1;
}

static void add_seeds(struct words *w, const struct bj_campaign *c,
                      const char *name)
{
    struct bj_path seeds[2];
    size_t count = bj_target_seeds(c, name, seeds);

    for (size_t i = 0; i < count; i += 1)
        add(w, keep(w, seeds[i]));
}

/* harnesses/options/PROGRAM.options, as OSS-Fuzz has them: a section and lines
 * of "name = value". What is no such line is passed over. */
static void add_options(struct words *w, const struct bj_campaign *c,
                        const char *program)
{
    const char *slash = strrchr(program, '/');
    struct bj_path path = bj_path_of("%s/harnesses/options/%s.options",
                                     c->source, slash == NULL ? "" : slash + 1);
    FILE *file = fopen(path.text, "r");
    char line[256];
    char name[64];
    char value[64];

    if (file == NULL)
        return;
    while (fgets(line, sizeof(line), file) != NULL && w->made_count < 12) {
        if (sscanf(line, "%63[a-z_] = %63[A-Za-z0-9_.]", name, value) == 2)
            add(w, keep(w, bj_path_of("-%s=%s", name, value)));
    }
    fclose(file);
}

static void add_slice(struct words *w, const struct bj_campaign *c,
                      const struct bj_target *target,
                      const struct bj_task *task)
{
    struct bj_path dict = bj_path_of("%s/harnesses/dict/%s.dict", c->source,
                                     noun_of(target->name));

    add(w, keep(w, bj_path_of("-max_total_time=%llu",
                              (unsigned long long)seconds(task->ms))));
    if (bj_files_exists(dict.text))
        add(w, keep(w, bj_path_of("-dict=%s", dict.text)));
    if (task->seed != 0)
        add(w, keep(w, bj_path_of("-seed=%u", task->seed)));
    else if (target->slices % VALUE_PROFILE_EACH == VALUE_PROFILE_EACH - 1)
        add(w, "-use_value_profile=1");
    add(w, "-reload=0"); /* nobody else writes there */
}

static void add_job(struct words *w, const struct bj_campaign *c,
                    const struct bj_target *target, const struct bj_task *task)
{
    switch (task->job) {
    case BJ_JOB_REPLAY:
        add(w, "-runs=0");
        add(w, "corpus");
        add_seeds(w, c, target->name);
        break;
    case BJ_JOB_SLICE:
        add_slice(w, c, target, task);
        add(w, "corpus");
        add_seeds(w, c, target->name);
        break;
    case BJ_JOB_INPUT:
        add(w, task->input);
        break;
    case BJ_JOB_MINIMIZE:
    case BJ_JOB_CLEANSE:
        add(w, task->job == BJ_JOB_MINIMIZE ? "-minimize_crash=1"
                                            : "-cleanse_crash=1");
        add(w, "-exact_artifact_path=tmp/minimized");
        add(w, keep(w, bj_path_of("-max_total_time=%llu",
                                  (unsigned long long)seconds(task->ms))));
        add(w, task->input);
        break;
    case BJ_JOB_MERGE:
    case BJ_JOB_COVER:
        add(w, task->job == BJ_JOB_MERGE ? "-merge=1" : "-set_cover_merge=1");
        add(w, "tmp/merged");
        add(w, "corpus");
        break;
    }
}

bool bj_target_start(const struct bj_runner *runner, struct bj_target *target,
                     const struct bj_task *task, struct bj_process *out,
                     struct bj_trouble *trouble)
{
    const struct bj_campaign *c = runner->c;
    struct bj_path program = bj_target_program(c, target->name);
    struct bj_path work = bj_folder_of(runner->folder, target->name, "work");
    struct bj_path log;
    struct bj_path seeds[2];
    const char *read[5] = {NULL};
    size_t seed_count = bj_target_seeds(c, target->name, seeds);
    struct bj_path dicts = bj_path_of("%s/harnesses/dict", c->source);
    struct words w = {.count = 0};
    struct bj_process_spec spec = {.argv = w.word,
                                   .work = work.text,
                                   .read = read,
                                   .confine = runner->confine,
                                   .profile = task->profile,
                                   .limit_ms = task->ms + GRACE_MS +
                                               (uint64_t)c->timeout_s * 1000};

    add(&w, task->program != NULL ? task->program : program.text);
    add(&w, keep(&w, bj_path_of("-timeout=%u", c->timeout_s)));
    add(&w, keep(&w, bj_path_of("-rss_limit_mb=%u", c->rss_mb)));
    add(&w, "-print_final_stats=1");
    if (task->job != BJ_JOB_MINIMIZE && task->job != BJ_JOB_CLEANSE)
        add(&w, task->job == BJ_JOB_INPUT ? "-artifact_prefix=tmp/"
                                          : "-artifact_prefix=artifacts/");
    add_options(&w, c, w.word[0]);
    add_job(&w, c, target, task);
    for (size_t i = 0; i < seed_count; i += 1)
        read[i] = seeds[i].text;
    read[seed_count] = dicts.text;
    read[seed_count + 1] = task->input; /* or the end */
    if (task->job == BJ_JOB_MINIMIZE || task->job == BJ_JOB_CLEANSE)
        spec.limit_ms = task->ms; /* its own limit is one for each step */
    log = task->log != NULL
              ? bj_path_of("%s", task->log)
              : bj_folder_log(runner->folder, target->name, target->slices + 1);
    spec.log = log.text;
    return bj_process_start(&spec, out, trouble);
}

enum bj_verdict bj_target_judge(const struct bj_runner *runner,
                                const struct bj_target *target,
                                struct bj_process *process)
{
    struct bj_path artifact = bj_folder_artifact(runner->folder, target->name,
                                                 process->engine.artifact);

    process->end.has_artifact =
        process->engine.artifact[0] != '\0' && bj_files_exists(artifact.text);
    return bj_verdict_of(&process->engine, &process->crash, &process->end);
}

struct waiting {
    const struct bj_runner *runner;
    struct bj_process *process;
};

static void while_waiting(void *context)
{
    struct waiting *waiting = context;

    if (bj_runner_stopped(waiting->runner)) {
        waiting->process->end.interrupted = true;
        bj_process_kill(waiting->process);
    }
    if (waiting->runner->idle != NULL)
        waiting->runner->idle(waiting->runner->context);
}

enum bj_verdict bj_target_run(const struct bj_runner *runner,
                              struct bj_target *target,
                              const struct bj_task *task,
                              struct bj_process *out)
{
    struct waiting waiting = {runner, out};
    struct bj_trouble trouble;

    if (!bj_target_start(runner, target, task, out, &trouble)) {
        snprintf(target->detail, sizeof(target->detail), "%s", trouble.text);
        return BJ_VERDICT_NO_START;
    }
    bj_process_wait(out, while_waiting, &waiting);
    return bj_target_judge(runner, target, out);
}
