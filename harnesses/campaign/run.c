#include "harnesses/campaign/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harnesses/campaign/schedule.h"
#include "harnesses/campaign/triage.h"

/* Below this nothing is started: a corpus that cannot grow is no campaign. */
#define SPACE_MIN (UINT64_C(4) << 20)

#define JOBS_MAX 64
#define TICK_MS 50
#define DRAW_MS 500
#define SAVE_MS 5000

/* After the request to end; then it is killed. */
#define END_MS 3000

struct job {
    struct bj_target *target; /* NULL: the slot is free */
    bool replay;
    uint64_t ms;
    struct bj_process process;
    uint64_t edges_before;
};

struct run {
    struct bj_runner runner;
    struct bj_campaign *c;
    struct bj_screen *screen;
    struct job job[JOBS_MAX];
    size_t job_count;
    uint64_t slice_ms;
    uint64_t ticked_ms; /* of the real clock, when ours last moved */
    uint64_t drawn_ms;
    uint64_t saved_ms;
    bool fuzzing; /* the clock runs */
    bool full;    /* the disk is */
};

static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

/* ---- what is seen ---- */

/* The state's figures with those of the processes that run now. */
static void add_job(const struct job *job, struct bj_view *view)
{
    const struct bj_engine *engine = &job->process.engine;
    uint64_t ms = bj_clock_ms() - job->process.started_ms;

    view->running = true;
    view->state = job->replay ? "replaying" : "fuzzing";
    view->rss_mb = bj_process_rss_mb(&job->process);
    if (job->replay)
        return;
    view->runs += engine->runs;
    view->rate =
        view->runs * 1000 / (job->target->used_ms + (ms == 0 ? 1 : ms));
    if (engine->edges > view->edges)
        view->edges = engine->edges;
    if (engine->corpus > 0)
        view->corpus = engine->corpus;
}

static void draw(struct run *run)
{
    static struct bj_view views[BJ_TARGETS_MAX];
    const struct bj_campaign *c = run->c;
    uint64_t now = bj_clock_ms();
    uint64_t runs = 0;
    char head[160];

    if (!run->screen->live || now - run->drawn_ms < DRAW_MS)
        return;
    run->drawn_ms = now;
    for (size_t i = 0; i < c->target_count; i += 1) {
        bj_run_view(c, &c->target[i], &views[i]);
        for (size_t k = 0; k < run->job_count; k += 1) {
            if (run->job[k].target == &c->target[i])
                add_job(&run->job[k], &views[i]);
        }
        runs += views[i].runs;
    }
    snprintf(head, sizeof(head),
             "belljar-fuzz  %s of %s  %zu targets  %s runs  %zu findings",
             bj_figure_time(c->clock_ms).text,
             bj_figure_time(c->budget_ms).text, c->target_count,
             bj_figure_count(runs).text, c->finding_count);
    bj_screen_draw(run->screen, head, views, c->target_count);
}

static void save(struct run *run)
{
    run->saved_ms = bj_clock_ms();
    if (!bj_folder_save(run->runner.folder, run->c) && !run->full) {
        run->full = true;
        bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_BAD,
                        "cannot write campaign.json: %s", strerror(errno));
    }
}

/* ---- findings ---- */

static void say_finding(struct run *run, const struct bj_finding *finding)
{
    bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_BAD,
                    "%s: FOUND%s %s: %s", finding->target,
                    finding->known ? " (known)" : "", finding->id,
                    finding->kind);
    bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_PLAIN,
                    "    in %s, %llu octets%s; reproduced %u of 3 times; "
                    "again: belljar-fuzz repro %s",
                    finding->frame[0][0] == '\0' ? "?" : finding->frame[0],
                    (unsigned long long)(finding->minimized_len > 0
                                             ? finding->minimized_len
                                             : finding->input_len),
                    finding->minimized_len > 0 ? " (minimised)" : "",
                    finding->reproduced, finding->id);
}

/* The clock stands still in here, but for the other jobs' sake not long. */
static void triage(struct run *run, struct bj_target *target, const char *name,
                   const struct bj_crash *seen)
{
    struct bj_finding *finding = NULL;
    enum bj_triage result;

    bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_PLAIN,
                    "%s: sorting %s", target->name, name);
    result = bj_triage_input(&run->runner, target, name, seen, &finding);
    if (result == BJ_TRIAGE_NEW) {
        if (run->c->baseline[0] != '\0')
            (void)bj_run_baseline(run->c, run->c->baseline);
        say_finding(run, finding);
    } else if (result == BJ_TRIAGE_AGAIN) {
        bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_PLAIN,
                        "%s: %s again, %u inputs by now", target->name,
                        finding->id, finding->count);
    } else if (result == BJ_TRIAGE_PASSING) {
        bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_PLAIN,
                        "%s: %s does not reproduce; kept in unreproduced/",
                        target->name, name);
    } else if (result == BJ_TRIAGE_UNFIT) {
        target->phase = BJ_PHASE_UNFIT;
        target->verdict = BJ_VERDICT_MEMORY;
    } else if (result == BJ_TRIAGE_FULL) {
        run->full = true;
        bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_BAD,
                        "%s: cannot keep %s: %s", target->name, name,
                        strerror(errno));
    }
    save(run);
}

/* All inputs that wait to be sorted; of `last` the report is known. */
static void triage_all(struct run *run, struct bj_target *target,
                       const char *last, const struct bj_crash *seen)
{
    struct bj_path folder =
        bj_folder_of(run->runner.folder, target->name, "work/artifacts");
    size_t count;
    char **names = bj_files_names(folder.text, &count);

    for (size_t i = 0; i < count && !stop_asked && !run->full; i += 1) {
        if (bj_triage_wanted(names[i]))
            triage(run, target, names[i],
                   strcmp(names[i], last) == 0 ? seen : NULL);
    }
    bj_files_names_free(names);
}

/* ---- processes that have ended ---- */

static void say_unfit(struct run *run, struct bj_target *target)
{
    bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_BAD,
                    "%s: UNFIT, %s%s%s", target->name,
                    bj_verdict_words(target->verdict),
                    target->detail[0] == '\0' ? "" : ": ", target->detail);
}

static void condemn(struct run *run, struct bj_target *target,
                    enum bj_verdict verdict)
{
    target->phase = BJ_PHASE_UNFIT;
    target->verdict = verdict;
    say_unfit(run, target);
}

/* The seeds and what was learnt: the target must be able to run them. */
static void replayed(struct run *run, struct job *job, enum bj_verdict verdict)
{
    struct bj_target *target = job->target;
    const struct bj_process *process = &job->process;
    size_t before = run->c->finding_count;

    target->edges = process->engine.edges;
    target->features = process->engine.features;
    target->corpus = process->engine.corpus;
    if (verdict == BJ_VERDICT_CLEAN && !process->engine.instrumented)
        verdict = BJ_VERDICT_UNINSTRUMENTED;
    if (verdict == BJ_VERDICT_CLEAN) {
        target->phase = BJ_PHASE_FUZZING;
        target->grows = true;
        bj_state_sample(target, run->c->clock_ms);
    } else if (verdict == BJ_VERDICT_FOUND &&
               strcmp(process->crash.kind, "timeout") == 0) {
        condemn(run, target, BJ_VERDICT_HANGS);
    } else if (verdict == BJ_VERDICT_FOUND &&
               strcmp(process->crash.kind, "out-of-memory") == 0) {
        condemn(run, target, BJ_VERDICT_MEMORY);
    } else if (verdict == BJ_VERDICT_FOUND) {
        triage_all(run, target, process->engine.artifact, &process->crash);
        if (stop_asked)
            return; /* it stays waiting, and is replayed again */
        for (size_t i = before; i < run->c->finding_count; i += 1)
            run->c->finding[i].by_seed = true;
        snprintf(target->detail, sizeof(target->detail),
                 "one of its seeds stops it%s%s",
                 run->c->finding_count > before ? ": " : "",
                 run->c->finding_count > before ? run->c->finding[before].id
                                                : "");
        condemn(run, target, BJ_VERDICT_DIES);
    } else if (bj_verdict_unfit(verdict)) {
        condemn(run, target, verdict);
    }
}

static void count_slice(struct run *run, struct job *job)
{
    struct bj_target *target = job->target;
    const struct bj_engine *engine = &job->process.engine;

    target->runs += engine->runs;
    target->used_ms += job->process.took_ms;
    target->grows = engine->edges > job->edges_before;
    if (engine->edges > target->edges)
        target->edges = engine->edges;
    if (engine->features > target->features)
        target->features = engine->features;
    if (engine->corpus > 0)
        target->corpus = engine->corpus;
    if (engine->peak_rss_mb > target->peak_rss_mb)
        target->peak_rss_mb = engine->peak_rss_mb;
    if (engine->new_units > 0)
        target->last_new_ms = run->c->clock_ms;
    bj_state_sample(target, run->c->clock_ms);
}

static void sliced(struct run *run, struct job *job, enum bj_verdict verdict)
{
    struct bj_target *target = job->target;

    count_slice(run, job);
    target->verdict = verdict;
    bj_screen_event(
        run->screen, run->c->clock_ms, BJ_TONE_DIM,
        "%s: slice %u, %llu runs in %s, %llu edges, %s", target->name,
        target->slices, (unsigned long long)job->process.engine.runs,
        bj_figure_time(job->process.took_ms).text,
        (unsigned long long)target->edges, bj_verdict_words(verdict));
    if (verdict == BJ_VERDICT_FOUND) {
        target->ended_early += 1;
        triage_all(run, target, job->process.engine.artifact,
                   &job->process.crash);
        if (target->phase == BJ_PHASE_UNFIT)
            say_unfit(run, target);
    } else if (bj_verdict_unfit(verdict)) {
        condemn(run, target, verdict);
    }
}

static void end_job(struct run *run, struct job *job)
{
    enum bj_verdict verdict =
        bj_target_judge(&run->runner, job->target, &job->process);

    if (job->process.crash.kind[0] != '\0')
        snprintf(job->target->detail, sizeof(job->target->detail), "%s",
                 job->process.crash.text);
    job->target->slices += 1; /* only now: until then its log is not counted */
    if (job->replay && verdict != BJ_VERDICT_INTERRUPTED)
        replayed(run, job, verdict);
    else if (!job->replay)
        sliced(run, job, verdict);
    job->target = NULL;
    save(run);
}

/* ---- what runs next ---- */

static bool busy(const struct run *run, const struct bj_target *target)
{
    for (size_t i = 0; i < run->job_count; i += 1) {
        if (run->job[i].target == target)
            return true;
    }
    return false;
}

static bool start(struct run *run, struct job *job, struct bj_target *target,
                  uint64_t ms)
{
    bool replay = target->phase == BJ_PHASE_WAITING;
    struct bj_task task = {.job = replay ? BJ_JOB_REPLAY : BJ_JOB_SLICE,
                           .ms = ms};
    struct bj_trouble trouble;

    if (!bj_target_start(&run->runner, target, &task, &job->process,
                         &trouble)) {
        snprintf(target->detail, sizeof(target->detail), "%s", trouble.text);
        condemn(run, target, BJ_VERDICT_NO_START);
        return false;
    }
    job->target = target;
    job->replay = replay;
    job->ms = ms;
    job->edges_before = target->edges;
    if (!replay)
        target->granted_ms += ms;
    return true;
}

static struct bj_target *next_waiting(struct run *run, bool *replaying)
{
    struct bj_target *next = NULL;

    *replaying = false;
    for (size_t i = 0; i < run->c->target_count; i += 1) {
        struct bj_target *target = &run->c->target[i];

        if (target->phase != BJ_PHASE_WAITING)
            continue;
        *replaying = true;
        if (next == NULL && !busy(run, target))
            next = target;
    }
    return next;
}

/* Until the time is up, and then those that have had no slice at all. */
static struct bj_target *next_slice(struct run *run, uint64_t *ms)
{
    static struct bj_turn turns[BJ_TARGETS_MAX];
    const struct bj_campaign *c = run->c;
    uint64_t left = c->clock_ms < c->budget_ms ? c->budget_ms - c->clock_ms : 0;
    size_t next;

    for (size_t i = 0; i < c->target_count; i += 1) {
        const struct bj_target *target = &c->target[i];

        turns[i] = (struct bj_turn){
            .granted_ms = target->granted_ms,
            .busy = busy(run, target),
            .unfit = target->phase != BJ_PHASE_FUZZING ||
                     (left < BJ_SLICE_MIN_MS && target->granted_ms > 0),
            .grows = target->grows,
        };
    }
    next = bj_schedule_next(turns, c->target_count);
    if (next == BJ_NOBODY)
        return NULL;
    *ms = run->slice_ms < left || left < BJ_SLICE_MIN_MS ? run->slice_ms : left;
    if (left < BJ_SLICE_MIN_MS)
        *ms = BJ_SLICE_MIN_MS;
    return &run->c->target[next];
}

/* True while there is something to do. */
static bool fill_slots(struct run *run)
{
    bool running = false;
    bool replaying;

    for (size_t i = 0; i < run->job_count; i += 1) {
        struct job *job = &run->job[i];
        struct bj_target *target;
        uint64_t ms = (uint64_t)run->c->timeout_s * 1000 * 4;

        if (job->target == NULL) {
            target = next_waiting(run, &replaying);
            if (target == NULL && !replaying) {
                run->fuzzing = true;
                target = next_slice(run, &ms);
            }
            if (target != NULL && !start(run, job, target, ms))
                running = true; /* look again */
        }
        running = running || job->target != NULL;
    }
    return running;
}

static void tick(struct run *run)
{
    uint64_t now = bj_clock_ms();

    if (run->fuzzing)
        run->c->clock_ms += now - run->ticked_ms;
    run->ticked_ms = now;
    draw(run);
}

/* While triage waits for a replay the clock stands and the table lives. */
static void idle(void *context)
{
    struct run *run = context;

    for (size_t i = 0; i < run->job_count; i += 1) {
        if (run->job[i].target != NULL && run->job[i].process.pid > 0)
            (void)bj_process_step(&run->job[i].process);
    }
    run->ticked_ms = bj_clock_ms();
    draw(run);
}

static bool out_of_space(struct run *run)
{
    uint64_t space = bj_files_space(run->runner.folder->path);

    if (space >= SPACE_MIN)
        return false;
    run->full = true;
    bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_BAD,
                    "the disk is full: %llu KiB are left for %s",
                    (unsigned long long)(space >> 10),
                    run->runner.folder->path);
    return true;
}

/* Asks all to end, and takes what they still have to say. */
static void wind_up(struct run *run)
{
    static const struct timespec pause = {0, TICK_MS * 1000000L};
    uint64_t since = bj_clock_ms();

    for (size_t i = 0; i < run->job_count; i += 1) {
        if (run->job[i].target != NULL)
            bj_process_interrupt(&run->job[i].process);
    }
    for (size_t i = 0; i < run->job_count; i += 1) {
        struct job *job = &run->job[i];

        if (job->target == NULL)
            continue;
        while (!bj_process_step(&job->process)) {
            if (bj_clock_ms() - since > END_MS)
                bj_process_kill(&job->process);
            nanosleep(&pause, NULL);
        }
        end_job(run, job);
    }
}

static void loop(struct run *run)
{
    static const struct timespec pause = {0, TICK_MS * 1000000L};

    run->ticked_ms = bj_clock_ms();
    while (!stop_asked && !run->full && !out_of_space(run) && fill_slots(run)) {
        for (size_t i = 0; i < run->job_count; i += 1) {
            struct job *job = &run->job[i];

            if (job->target != NULL && bj_process_step(&job->process))
                end_job(run, job);
        }
        tick(run);
        if (bj_clock_ms() - run->saved_ms > SAVE_MS)
            save(run);
        nanosleep(&pause, NULL);
    }
    wind_up(run);
}

/* ---- from the outside ---- */

/* Logs of processes that a runner died on: what they did is counted. */
static void recover(struct run *run, struct bj_target *target)
{
    struct bj_process process = {.pid = 0};
    struct job job = {.target = target};
    struct bj_path log;
    const char *line;
    size_t len;
    size_t at;
    char *text;

    for (;;) {
        log = bj_path_of("%s/%s/logs/%06u.log", run->runner.folder->path,
                         target->name, target->slices + 1);
        text = bj_files_read(log.text, (size_t)128 << 20, &len);
        if (text == NULL)
            break;
        memset(&process, 0, sizeof(process));
        for (at = 0; at < len;) {
            at += bj_lines_take(&process.lines, text + at, len - at, &line);
            if (line == NULL)
                continue;
            bj_engine_line(&process.engine, line);
            bj_crash_line(&process.crash, line);
        }
        free(text);
        target->slices += 1;
        job.process = process;
        if (target->phase == BJ_PHASE_FUZZING)
            count_slice(run, &job);
        bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_PLAIN,
                        "%s: slice %u was cut off; %llu runs of it count",
                        target->name, target->slices,
                        (unsigned long long)process.engine.runs);
    }
    /* The last report, where there is one, is of the last input. */
    triage_all(run, target, process.engine.artifact, &process.crash);
}

static void listen_for_the_end(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool set_up(struct run *run, struct bj_confine *confine)
{
    struct bj_trouble trouble;

    for (size_t i = 0; i < run->c->target_count; i += 1) {
        if (!bj_target_folders(run->runner.folder, run->c->target[i].name)) {
            bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_BAD,
                            "cannot make folders in %s: %s",
                            run->runner.folder->path, strerror(errno));
            return false;
        }
    }
    if (!run->c->confined) {
        bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_BAD,
                        "targets are NOT CONFINED, as was asked for");
        return true;
    }
    if (!bj_confine_prepare(confine, &trouble)) {
        bj_screen_event(run->screen, run->c->clock_ms, BJ_TONE_BAD,
                        "targets cannot be confined: %s (--unconfined accepts "
                        "going without)",
                        trouble.text);
        return false;
    }
    run->runner.confine = confine;
    return true;
}

enum bj_exit bj_run_campaign(const struct bj_folder *folder,
                             struct bj_campaign *c, struct bj_screen *screen)
{
    static struct run run;
    struct bj_confine confine = {.abi = 0};

    memset(&run, 0, sizeof(run));
    run.c = c;
    run.screen = screen;
    run.runner = (struct bj_runner){.c = c,
                                    .folder = folder,
                                    .idle = idle,
                                    .context = &run,
                                    .stop = &stop_asked};
    run.job_count = c->jobs > JOBS_MAX ? JOBS_MAX : c->jobs;
    run.slice_ms =
        bj_schedule_slice(c->budget_ms * run.job_count, c->target_count);
    listen_for_the_end();
    if (!set_up(&run, &confine))
        return BJ_EXIT_UNFIT;
    c->finished = false;
    for (size_t i = 0; i < c->target_count && !stop_asked; i += 1)
        recover(&run, &c->target[i]);
    loop(&run);
    c->finished = !stop_asked && !run.full;
    save(&run);
    bj_confine_free(&confine);
    if (run.full && bj_run_judge(c) != BJ_EXIT_FOUND)
        return BJ_EXIT_UNFIT;
    return bj_run_judge(c);
}
