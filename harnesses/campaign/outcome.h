#ifndef BJ_HARNESSES_CAMPAIGN_OUTCOME_H
#define BJ_HARNESSES_CAMPAIGN_OUTCOME_H

#include <stdbool.h>

#include "harnesses/campaign/screen.h"
#include "harnesses/campaign/target.h"

/*
 * What a process that has ended means for its target and the campaign: counts,
 * findings, unfitness. All of it is said on the screen and put on disk.
 */
struct bj_session {
    struct bj_runner runner;
    struct bj_campaign *c;
    struct bj_screen *screen;
    uint64_t saved_ms; /* of bj_clock_ms: when the state was last written */
    bool full;         /* something could not be written: end it */
};

/* Writes the state. */
void bj_session_save(struct bj_session *session);

/* Takes a process that has ended, of a replay or of a slice. What it found is
 * sorted at once, which takes some replays' time. */
void bj_outcome_take(struct bj_session *session, struct bj_target *target,
                     struct bj_process *process, bool replay);

/* The target gets no more slices. */
void bj_outcome_unfit(struct bj_session *session, struct bj_target *target,
                      enum bj_verdict verdict);

/* Logs of processes that a runner died on are counted, and inputs sorted that
 * nobody has sorted. */
void bj_outcome_recover(struct bj_session *session, struct bj_target *target);

#endif
