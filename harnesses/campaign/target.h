#ifndef BJ_HARNESSES_CAMPAIGN_TARGET_H
#define BJ_HARNESSES_CAMPAIGN_TARGET_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harnesses/campaign/folder.h"
#include "harnesses/campaign/process.h"

/*
 * What is run for a target: its program, seeds and dictionary by name, and the
 * command lines of libFuzzer. The first corpus folder of a libFuzzer process
 * is written to, so it is always the campaign's own; the committed one stands
 * behind it, and the confinement leaves it unwritable.
 */
struct bj_runner {
    struct bj_campaign *c;
    const struct bj_folder *folder;
    const struct bj_confine *confine; /* NULL: unconfined, as was asked for */
    void (*idle)(void *context);      /* while a process is waited for */
    void *context;
    const volatile sig_atomic_t *stop; /* somebody wants the end; or NULL */
};

/* Whether somebody does. */
bool bj_runner_stopped(const struct bj_runner *runner);

/* The program of a target, BIN/fuzz_NAME or BIN/NAME; "" if there is none. */
struct bj_path bj_target_program(const struct bj_campaign *c, const char *name);

/* All targets in a folder of programs, by name: fuzz_NAME is NAME. */
size_t bj_target_list(const char *bin, char out[][BJ_NAME_MAX], size_t max);

/* Makes the folders of a target. */
bool bj_target_folders(const struct bj_folder *folder, const char *name);

/* What a process of a target is for. */
enum bj_job {
    BJ_JOB_REPLAY,   /* the seeds and what was learnt, nothing new */
    BJ_JOB_SLICE,    /* fuzzing, for a time */
    BJ_JOB_INPUT,    /* one input */
    BJ_JOB_MINIMIZE, /* one input made shorter, into tmp/minimized */
    BJ_JOB_CLEANSE,  /* its octets made dull, into tmp/minimized */
    BJ_JOB_MERGE,    /* into tmp/merged: as few of corpus/ as cover the same */
    BJ_JOB_COVER     /* likewise, of tmp/merged and corpus/ together */
};

struct bj_task {
    enum bj_job job;
    uint64_t ms;         /* how long; for a slice whole seconds count */
    const char *input;   /* of INPUT, MINIMIZE and CLEANSE, absolute */
    uint32_t seed;       /* of a slice; 0: a new one each time */
    const char *log;     /* NULL: the target's next numbered log */
    const char *profile; /* LLVM_PROFILE_FILE, or NULL */
    const char *program; /* instead of the target's own, or NULL */
};

/* Starts it. False with the reason in `trouble`. */
bool bj_target_start(const struct bj_runner *runner, struct bj_target *target,
                     const struct bj_task *task, struct bj_process *out,
                     struct bj_trouble *trouble);

/* Starts it, waits for its end, and judges. The process is killed when the
 * campaign is to stop. */
enum bj_verdict bj_target_run(const struct bj_runner *runner,
                              struct bj_target *target,
                              const struct bj_task *task,
                              struct bj_process *out);

/* Judges a process that has ended: is the input that it names there? */
enum bj_verdict bj_target_judge(const struct bj_runner *runner,
                                const struct bj_target *target,
                                struct bj_process *process);

/* FOLDER/corpus/NOUN and its regressions, those that exist. */
size_t bj_target_seeds(const struct bj_campaign *c, const char *name,
                       struct bj_path out[static 2]);

#endif
