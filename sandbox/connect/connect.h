#ifndef BJ_SANDBOX_CONNECT_CONNECT_H
#define BJ_SANDBOX_CONNECT_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr/address.h"
#include "sandbox/policy/filter.h"

/* What every client needs to know; the host and the service as given. */
struct bj_client_options {
    const char *host;
    const char *service;
    enum bj_family family;
    bool datagram;
    bool verbose;
    uint64_t timeout_ms; /* to get connected */
    enum bj_mode sandbox;
    unsigned without; /* BJ_LAYER_* */
};

/*
 * Connects to the first address that answers and relays standard input and
 * output. The exit status: 0 done, 1 nothing answered or the conversation
 * broke off, BJ_EXIT_LOCKDOWN.
 */
int bj_connect_run(const struct bj_client_options *options);

#endif
