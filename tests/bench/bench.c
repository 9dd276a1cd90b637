#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 401 };

static volatile uint64_t sink;

static double now_ns(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        abort();
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double time_round(bj_bench_round *round, const struct bj_bench_case *c)
{
    double start = now_ns();

    sink += round(c->context, c->count);
    return (now_ns() - start) / (double)c->count;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double values[static ROUNDS])
{
    qsort(values, ROUNDS, sizeof(values[0]), by_value);
    return values[ROUNDS / 2];
}

static void run_case(const struct bj_bench_case *c)
{
    double ours[ROUNDS], peer[ROUNDS];
    double our_median, peer_median;

    for (size_t i = 0; i < ROUNDS; i++) {
        ours[i] = time_round(c->ours, c);
        peer[i] = c->peer != NULL ? time_round(c->peer, c) : 0;
    }
    our_median = median(ours);
    printf("%-28s %10.1f ns", c->name, our_median);
    if (c->peer != NULL) {
        peer_median = median(peer);
        printf("   %-16s %10.1f ns   ratio %.2f", c->peer_name, peer_median,
               our_median / peer_median);
    }
    printf("\n");
}

void bj_bench_run(const struct bj_bench_case *cases, size_t case_count)
{
    for (size_t i = 0; i < case_count; i++)
        run_case(&cases[i]);
}

uint64_t bj_bench_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}
