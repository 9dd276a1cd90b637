#ifndef BJ_HARNESSES_CAMPAIGN_PROCESS_H
#define BJ_HARNESSES_CAMPAIGN_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harnesses/campaign/confine.h"
#include "harnesses/campaign/crash.h"
#include "harnesses/campaign/engine.h"
#include "harnesses/campaign/verdict.h"

/*
 * One process of a target, in a process group of its own. It writes its log
 * to a file itself, so that nothing is lost when the runner dies; the runner
 * reads along. It dies with the runner.
 */
struct bj_process_spec {
    const char *const *argv;          /* argv[0]: the program, absolute */
    const char *work;                 /* its folder: current, written to */
    const char *log;                  /* appended to */
    const char *const *read;          /* may be read, NULL-terminated */
    const struct bj_confine *confine; /* NULL: not confined */
    const char *profile;              /* LLVM_PROFILE_FILE, or NULL */
    uint64_t limit_ms;                /* then it is killed as late */
};

struct bj_process {
    pid_t pid; /* 0: none */
    int log;
    struct bj_lines lines;
    struct bj_engine engine;
    struct bj_crash crash;
    uint64_t started_ms; /* of bj_clock_ms */
    uint64_t limit_ms;
    struct bj_end end;
    uint64_t took_ms; /* once it has ended */
};

/* Milliseconds of the monotonic clock. */
uint64_t bj_clock_ms(void);

/* Starts it; false with the reason in `trouble`. */
bool bj_process_start(const struct bj_process_spec *spec,
                      struct bj_process *out, struct bj_trouble *trouble);

/* Takes a piece of its log: what the engine says, and the reports. */
void bj_process_take(struct bj_process *process, const char *bytes, size_t len);

/* Reads what the log has got; kills what is late. True once it has ended:
 * then pid is 0 and `end` is filled but for has_artifact. Does not wait. */
bool bj_process_step(struct bj_process *process);

/* Steps until it has ended, calling `idle` every few milliseconds. */
void bj_process_wait(struct bj_process *process, void (*idle)(void *context),
                     void *context);

/* Asks it to end (SIGINT, which libFuzzer answers), or makes it. */
void bj_process_interrupt(struct bj_process *process);
void bj_process_kill(struct bj_process *process);

/* Its resident memory in MiB as the kernel counts it; 0 if it has ended. */
uint64_t bj_process_rss_mb(const struct bj_process *process);

#endif
