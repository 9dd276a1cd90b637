#include "sandbox/connect/clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)

/* The longest single wait: without a limit the kernel would hand back no
 * remainder, and a virtual clock would miss it. */
#define WAIT_MAX_NS (3600 * NS_PER_S)

uint64_t bj_clock_now(const struct bj_clock *clock)
{
    struct timespec now = {0, 0};

    if (!clock->direct)
        return clock->now_ns;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint64_t wait_for(const struct bj_clock *clock, uint64_t until_ns)
{
    uint64_t now = bj_clock_now(clock);
    uint64_t left = until_ns > now ? until_ns - now : 0;

    return left < WAIT_MAX_NS ? left : WAIT_MAX_NS;
}

int bj_clock_poll(struct bj_clock *clock, struct pollfd *fds, size_t count,
                  uint64_t until_ns)
{
    uint64_t wait = wait_for(clock, until_ns);
    struct timespec left = {(time_t)(wait / NS_PER_S), (long)(wait % NS_PER_S)};
    /* Not libc's wrapper, which hides the remainder. */
    long ready = syscall(SYS_ppoll, fds, count, &left, NULL, 0UL);
    uint64_t rest = (uint64_t)left.tv_sec * NS_PER_S + (uint64_t)left.tv_nsec;

    clock->now_ns += rest < wait ? wait - rest : 0;
    return (int)ready;
}
