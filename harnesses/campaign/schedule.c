#include "harnesses/campaign/schedule.h"

#define SLICES_EACH 4

uint64_t bj_schedule_slice(uint64_t total_ms, size_t count)
{
    uint64_t share = count == 0 ? total_ms : total_ms / count;
    uint64_t slice = share / SLICES_EACH;

    /* Loading the seeds takes a good part of a second: few long slices where
     * there is little time. */
    if (slice < 5 * BJ_SLICE_MIN_MS)
        slice = share < 10 * BJ_SLICE_MIN_MS ? share : 5 * BJ_SLICE_MIN_MS;
    if (slice < BJ_SLICE_MIN_MS)
        return BJ_SLICE_MIN_MS;
    return slice > BJ_SLICE_MAX_MS ? BJ_SLICE_MAX_MS : slice;
}

/* Of two targets with the same time, one that grows goes first, as if it had
 * had a third less: it ends up with half as much again as one that does not. */
static uint64_t weight(const struct bj_turn *turn)
{
    return turn->grows ? turn->granted_ms / 3 * 2 : turn->granted_ms;
}

size_t bj_schedule_next(const struct bj_turn *turns, size_t count)
{
    size_t best = BJ_NOBODY;
    size_t i;

    for (i = 0; i < count; i += 1) {
        if (turns[i].busy || turns[i].unfit)
            continue;
        if (best == BJ_NOBODY || weight(&turns[i]) < weight(&turns[best]) ||
            (weight(&turns[i]) == weight(&turns[best]) && turns[i].grows &&
             !turns[best].grows))
            best = i;
    }
    return best;
}
