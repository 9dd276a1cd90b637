#ifndef BJ_SANDBOX_CONNECT_DIAL_H
#define BJ_SANDBOX_CONNECT_DIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/connect/clock.h"
#include "sandbox/connect/names.h"

struct bj_dial_options {
    bool datagram;
    bool verbose;        /* successes and skips are told, too */
    uint64_t timeout_ms; /* for all addresses together */
};

/*
 * Drives a connect race (core/connect/race.h) over real sockets under the
 * role `connect`. Each failure is reported on standard error as it happens,
 * with its cause. The connected socket, non-blocking, and the index of its
 * address; or -1 when every address has been reported. A datagram socket
 * "answers" once the kernel has a route: UDP knows no more.
 */
int bj_dial(const struct bj_names *names, const struct bj_dial_options *options,
            struct bj_clock *clock, size_t *index);

#endif
