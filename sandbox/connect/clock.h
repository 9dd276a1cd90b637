#ifndef BJ_SANDBOX_CONNECT_CLOCK_H
#define BJ_SANDBOX_CONNECT_CLOCK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Time for a role that may not ask for it. ppoll(2) hands back what is left
 * of its timeout, so waiting itself tells how long it took: enough for
 * time limits, since a client does little but wait. Where the vDSO reads the
 * clock without a system call, the clock proper is used: for round trips,
 * part of which passes inside write(2).
 */
struct bj_clock {
    bool direct;     /* clock_gettime makes no system call here */
    uint64_t now_ns; /* otherwise: the sum of all waits */
};

#define BJ_CLOCK_NEVER UINT64_MAX
#define BJ_NS_PER_MS UINT64_C(1000000)

/* Nanoseconds since some moment before the first call. */
uint64_t bj_clock_now(const struct bj_clock *clock);

/*
 * ppoll(2) until something is ready, a signal arrives, or the clock shows
 * `until_ns` (BJ_CLOCK_NEVER: no limit). Descriptors below 0 are passed over.
 * As ppoll: how many are ready, 0, or -1 with errno.
 */
int bj_clock_poll(struct bj_clock *clock, struct pollfd *fds, size_t count,
                  uint64_t until_ns);

#endif
