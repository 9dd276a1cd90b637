#ifndef BJ_TESTS_BENCH_BENCH_H
#define BJ_TESTS_BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

/*
 * What every benchmark shares: time per call as the median of many rounds,
 * ours and a peer's in turn within the same run, so that whatever slows the
 * machine slows both and the ratio stands.
 */

/* One round: does its work `count` times over and returns a number made of
 * the results, so that none of it can be left out. */
typedef uint64_t bj_bench_round(const void *context, size_t count);

struct bj_bench_case {
    const char *name;
    bj_bench_round *ours;
    const char *peer_name; /* NULL if there is no peer */
    bj_bench_round *peer;
    const void *context;
    size_t count; /* calls in a round */
};

/*
 * Runs each case for 401 rounds and prints a line: the median of ours and of
 * the peer's, in nanoseconds per call, and ours divided by the peer's.
 */
void bj_bench_run(const struct bj_bench_case *cases, size_t case_count);

/* A small deterministic generator (SplitMix64), so that two runs measure the
 * same inputs. */
uint64_t bj_bench_random(uint64_t *state);

#endif
