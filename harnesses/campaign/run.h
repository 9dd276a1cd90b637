#ifndef BJ_HARNESSES_CAMPAIGN_RUN_H
#define BJ_HARNESSES_CAMPAIGN_RUN_H

#include <signal.h>
#include <stdbool.h>

#include "harnesses/campaign/folder.h"
#include "harnesses/campaign/screen.h"

/* Exit statuses, in the order of what is reported first. */
enum bj_exit {
    BJ_EXIT_CLEAN = 0,       /* nothing new was found and the gates are met */
    BJ_EXIT_FOUND = 1,       /* a finding that the baseline does not list */
    BJ_EXIT_MISUSED = 2,     /* usage */
    BJ_EXIT_UNFIT = 3,       /* a target or a tool is unfit; a full disk */
    BJ_EXIT_GATE = 4,        /* too few executions, too little coverage */
    BJ_EXIT_INTERRUPTED = 5, /* and can be resumed */
};

/*
 * Runs the campaign, or what is left of it: the seeds of every target, then
 * slices until the time is up, triage in between. State is on disk after each
 * event. The exit status so far; coverage is another's gate.
 */
enum bj_exit bj_run_campaign(const struct bj_folder *folder,
                             struct bj_campaign *c, struct bj_screen *screen);

/* Set once SIGINT, SIGTERM or SIGHUP has asked a campaign to end. */
const volatile sig_atomic_t *bj_run_stop_asked(void);

/* The exit status that follows from the state. */
enum bj_exit bj_run_judge(const struct bj_campaign *c);

/* What an exit status means for a campaign, which may still be running. */
const char *bj_run_words(enum bj_exit status, bool running);

/* The last lines: what is unfit, what was found, the verdict. */
void bj_run_summary(struct bj_screen *screen, const struct bj_campaign *c,
                    enum bj_exit result, bool running);

/* Marks the findings that a baseline file lists: an id at the beginning of a
 * line each, # begins a comment. False if it cannot be read. */
bool bj_run_baseline(struct bj_campaign *c, const char *path);

/* Fills a row of the table with what the state says. */
void bj_run_view(const struct bj_campaign *c, const struct bj_target *target,
                 struct bj_view *out);

#endif
