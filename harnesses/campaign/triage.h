#ifndef BJ_HARNESSES_CAMPAIGN_TRIAGE_H
#define BJ_HARNESSES_CAMPAIGN_TRIAGE_H

#include <stdbool.h>

#include "harnesses/campaign/target.h"

/*
 * From an input that stopped a target to a finding: three replays, symbols,
 * the bucket, and for the first of a bucket a shorter input. The input leaves
 * work/artifacts only when the state on disk names the finding, so that a
 * runner that dies in between loses nothing.
 */
enum bj_triage {
    BJ_TRIAGE_NEW,       /* a finding that this campaign did not have */
    BJ_TRIAGE_AGAIN,     /* one more input of a bucket */
    BJ_TRIAGE_PASSING,   /* a timeout that did not reproduce: no finding */
    BJ_TRIAGE_UNFIT,     /* memory ran out, but not because of the input */
    BJ_TRIAGE_UNDECIDED, /* interrupted: the input stays where it is */
    BJ_TRIAGE_FULL       /* it could not be written down */
};

/*
 * Sorts work/artifacts/`name` of a target. `seen` is the report of the process
 * that wrote it, or NULL where only the file is left of it. *out is the
 * finding of the first two results.
 */
enum bj_triage bj_triage_input(const struct bj_runner *runner,
                               struct bj_target *target, const char *name,
                               const struct bj_crash *seen,
                               struct bj_finding **out);

/* Whether a file in work/artifacts is an input that stopped the target. */
bool bj_triage_wanted(const char *name);

/* Replays one input. *crash is its report, as yet without symbols; `kind` is
 * empty there if nothing was reported. */
enum bj_verdict bj_triage_replay(const struct bj_runner *runner,
                                 struct bj_target *target, const char *input,
                                 const char *log, struct bj_crash *crash);

/* Makes the finding's input shorter (BJ_JOB_MINIMIZE), or its octets dull
 * (BJ_JOB_CLEANSE), within `ms`; true if that was possible and it still falls
 * into the same bucket. */
bool bj_triage_reduce(const struct bj_runner *runner, struct bj_target *target,
                      struct bj_finding *finding, enum bj_job job, uint64_t ms);

#endif
