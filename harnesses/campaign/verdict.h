#ifndef BJ_HARNESSES_CAMPAIGN_VERDICT_H
#define BJ_HARNESSES_CAMPAIGN_VERDICT_H

#include <stdbool.h>

#include "harnesses/campaign/crash.h"
#include "harnesses/campaign/engine.h"

/*
 * What became of one process of a target. Its exit status alone is never
 * believed: a target that calls _exit(0) ends as a clean one does, an unknown
 * flag ends with 0 as well, so "Done" must stand in the log.
 */
enum bj_verdict {
    BJ_VERDICT_CLEAN,
    BJ_VERDICT_FOUND,          /* a report, and the input that caused it */
    BJ_VERDICT_INTERRUPTED,    /* by us */
    BJ_VERDICT_HANGS,          /* did not end in time, nor by its own alarm */
    BJ_VERDICT_MEMORY,         /* more than its limit, with no one input */
    BJ_VERDICT_EXITS,          /* ended itself, saying nothing */
    BJ_VERDICT_UNINSTRUMENTED, /* no coverage: it cannot be fuzzed */
    BJ_VERDICT_NO_ENGINE,      /* not a libFuzzer target */
    BJ_VERDICT_DIES,           /* a report or a signal, but no input */
    BJ_VERDICT_NO_START,       /* could not be confined or executed */
    BJ_VERDICT_COUNT
};

/* Statuses of ours, for a child that did not get as far as its execve. */
#define BJ_EXIT_NOT_CONFINED 126
#define BJ_EXIT_NOT_EXECUTED 127

struct bj_end {
    bool killed_late;  /* by us, since it did not end in time */
    bool interrupted;  /* by us, since the campaign was asked to stop */
    int signal;        /* that ended it, 0 if none */
    int status;        /* exit status, where there was no signal */
    bool has_artifact; /* the input that its log names is there */
};

enum bj_verdict bj_verdict_of(const struct bj_engine *engine,
                              const struct bj_crash *crash,
                              const struct bj_end *end);

/* Whether a target with this verdict cannot be fuzzed: exit status 3. */
bool bj_verdict_unfit(enum bj_verdict verdict);

/* One word for files, and what it means, for people. */
const char *bj_verdict_name(enum bj_verdict verdict);
const char *bj_verdict_words(enum bj_verdict verdict);

/* The verdict of that name, or BJ_VERDICT_COUNT. */
enum bj_verdict bj_verdict_find(const char *name);

#endif
