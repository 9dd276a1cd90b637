#ifndef BJ_HARNESSES_CAMPAIGN_SCHEDULE_H
#define BJ_HARNESSES_CAMPAIGN_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who runs next, and for how long: the one with the least time so far, where
 * the time of a target that learnt something in its last slice counts two
 * thirds. What counts is the time granted, not the time used: a target that
 * crashes in its first second loses its slice, not the others theirs.
 */
struct bj_turn {
    uint64_t granted_ms;
    bool busy;  /* a slice of it is running */
    bool unfit; /* it gets no more */
    bool grows; /* its last slice covered something new, or it has had none */
};

#define BJ_SLICE_MIN_MS 1000
#define BJ_SLICE_MAX_MS 300000

/* No target: all are busy or unfit, or the time is up. */
#define BJ_NOBODY SIZE_MAX

/* The length of a slice when `total_ms` of target time (budget times jobs) is
 * shared by `count`: about four for each, within the bounds above. */
uint64_t bj_schedule_slice(uint64_t total_ms, size_t count);

/* The next to run, or BJ_NOBODY. */
size_t bj_schedule_next(const struct bj_turn *turns, size_t count);

#endif
