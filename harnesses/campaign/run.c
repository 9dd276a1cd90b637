#include "harnesses/campaign/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harnesses/campaign/outcome.h"
#include "harnesses/campaign/schedule.h"

/* Below this nothing is started: a corpus that cannot grow is no campaign. */
#define SPACE_MIN (UINT64_C(4) << 20)

#define JOBS_MAX 64
#define TICK_MS 50
#define DRAW_MS 500
#define SAVE_MS 5000

/* Points of the plots in a slice. */
#define SAMPLES_EACH 8

/* After the request to end; then it is killed. */
#define END_MS 3000

struct job {
    struct bj_target *target; /* NULL: the slot is free */
    bool replay;
    struct bj_process process;
    uint64_t sampled_ms;
};

struct run {
    struct bj_session session;
    struct bj_campaign *c;
    struct job job[JOBS_MAX];
    size_t job_count;
    uint64_t slice_ms;
    uint64_t ticked_ms; /* of the real clock, when ours last moved */
    uint64_t drawn_ms;
    bool fuzzing; /* the clock runs */
};

static volatile sig_atomic_t stop_asked;

const volatile sig_atomic_t *bj_run_stop_asked(void)
{
    return &stop_asked;
}

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

    if (!run->session.screen->live || now - run->drawn_ms < DRAW_MS)
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
    bj_screen_draw(run->session.screen, head, views, c->target_count);
}

static bool out_of_space(struct run *run)
{
    uint64_t space = bj_files_space(run->session.runner.folder->path);

    if (space >= SPACE_MIN)
        return false;
    run->session.full = true;
    bj_screen_event(run->session.screen, run->c->clock_ms, BJ_TONE_BAD,
                    "the disk is full: %llu KiB are left for %s",
                    (unsigned long long)(space >> 10),
                    run->session.runner.folder->path);
    return true;
}

static void end_job(struct run *run, struct job *job)
{
    bj_outcome_take(&run->session, job->target, &job->process, job->replay);
    job->target = NULL;
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

    if (!bj_target_start(&run->session.runner, target, &task, &job->process,
                         &trouble)) {
        snprintf(target->detail, sizeof(target->detail), "%s", trouble.text);
        bj_outcome_unfit(&run->session, target, BJ_VERDICT_NO_START);
        return false;
    }
    job->target = target;
    job->replay = replay;
    job->sampled_ms = bj_clock_ms();
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

/* A point of the plots, from what a running process has said of itself. */
static void sample(struct run *run, struct job *job)
{
    const struct bj_engine *engine = &job->process.engine;
    uint64_t each = run->slice_ms / SAMPLES_EACH;
    struct bj_target *target = job->target;
    uint64_t runs = target->runs;
    uint64_t edges = target->edges;
    uint64_t corpus = target->corpus;

    if (each < 1000)
        each = 1000;
    if (job->replay || engine->runs == 0 ||
        bj_clock_ms() - job->sampled_ms < each)
        return;
    job->sampled_ms = bj_clock_ms();
    target->runs += engine->runs;
    if (engine->edges > edges)
        target->edges = engine->edges;
    if (engine->corpus > 0)
        target->corpus = engine->corpus;
    bj_state_sample(target, run->c->clock_ms);
    target->runs = runs; /* the slice is counted at its end */
    target->edges = edges;
    target->corpus = corpus;
}

static void tick(struct run *run)
{
    uint64_t now = bj_clock_ms();

    if (run->fuzzing)
        run->c->clock_ms += now - run->ticked_ms;
    run->ticked_ms = now;
    for (size_t i = 0; i < run->job_count; i += 1) {
        if (run->job[i].target != NULL)
            sample(run, &run->job[i]);
    }
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
    while (!stop_asked && !run->session.full && !out_of_space(run) &&
           fill_slots(run)) {
        for (size_t i = 0; i < run->job_count; i += 1) {
            struct job *job = &run->job[i];

            if (job->target != NULL && bj_process_step(&job->process))
                end_job(run, job);
        }
        tick(run);
        if (bj_clock_ms() - run->session.saved_ms > SAVE_MS)
            bj_session_save(&run->session);
        nanosleep(&pause, NULL);
    }
    wind_up(run);
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
        if (!bj_target_folders(run->session.runner.folder,
                               run->c->target[i].name)) {
            bj_screen_event(run->session.screen, run->c->clock_ms, BJ_TONE_BAD,
                            "cannot make folders in %s: %s",
                            run->session.runner.folder->path, strerror(errno));
            return false;
        }
    }
    if (!run->c->confined) {
        bj_screen_event(run->session.screen, run->c->clock_ms, BJ_TONE_BAD,
                        "targets are NOT CONFINED, as was asked for");
        return true;
    }
    if (!bj_confine_prepare(confine, &trouble)) {
        bj_screen_event(run->session.screen, run->c->clock_ms, BJ_TONE_BAD,
                        "targets cannot be confined: %s (--unconfined accepts "
                        "going without)",
                        trouble.text);
        return false;
    }
    run->session.runner.confine = confine;
    return true;
}

enum bj_exit bj_run_campaign(const struct bj_folder *folder,
                             struct bj_campaign *c, struct bj_screen *screen)
{
    static struct run run;
    struct bj_confine confine = {.abi = 0};

    memset(&run, 0, sizeof(run));
    run.c = c;
    run.session.c = c;
    run.session.screen = screen;
    run.session.runner = (struct bj_runner){.c = c,
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
        bj_outcome_recover(&run.session, &c->target[i]);
    loop(&run);
    c->finished = !stop_asked && !run.session.full;
    bj_session_save(&run.session);
    bj_confine_free(&confine);
    if (run.session.full && bj_run_judge(c) != BJ_EXIT_FOUND)
        return BJ_EXIT_UNFIT;
    return bj_run_judge(c);
}
