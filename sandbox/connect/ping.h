#ifndef BJ_SANDBOX_CONNECT_PING_H
#define BJ_SANDBOX_CONNECT_PING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/connect/connect.h"

/* Round trips are kept until the end, 16 octets each. */
#define BJ_PING_COUNT_MAX 1000000

/* The largest message over TCP, and over UDP: 65535 less the headers of IPv4
 * (20) and UDP (8). */
#define BJ_PING_SIZE_MAX (1 << 20)
#define BJ_PING_DATAGRAM_MAX 65507

struct bj_ping_options {
    struct bj_client_options client;
    uint32_t count;
    size_t size;          /* octets of a message */
    uint64_t interval_ms; /* 0: as soon as the one before is answered */
    uint64_t wait_ms;     /* for the answer to a message */
    bool json;
};

/*
 * Sends numbered messages to an echo server and checks what comes back
 * (core/echo/probe.h), under the roles `connect` and `connect-relay`. INT and
 * TERM end it with the summary. The exit status: 0 if every message came back
 * as it was sent, 1 if not or nothing answered, BJ_EXIT_LOCKDOWN.
 */
int bj_ping_run(const struct bj_ping_options *options);

#endif
