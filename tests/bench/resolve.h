#ifndef BJ_TESTS_BENCH_RESOLVE_H
#define BJ_TESTS_BENCH_RESOLVE_H

#include <stdbool.h>

/* What bench_resolve asks of each resolver; a member that is NULL it cannot. */
struct bj_bench_peer {
    const char *name;
    void (*lookup)(const char *name, bool both);
    /* `count` lookups of IPv4, BJ_BENCH_FLIGHT of them at a time. */
    void (*flight)(const char *pattern, unsigned count);
    void (*spawn)(void);
};

enum { BJ_BENCH_FLIGHT = 64 };

extern const struct bj_bench_peer bj_bench_belljar;
extern const struct bj_bench_peer bj_bench_cares;

/* The next name of a pattern; stands until the next call. */
const char *bj_bench_name(const char *pattern);

_Noreturn void bj_bench_fail(const char *what);

#endif
