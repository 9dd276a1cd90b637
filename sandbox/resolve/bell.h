#ifndef BJ_SANDBOX_RESOLVE_BELL_H
#define BJ_SANDBOX_RESOLVE_BELL_H

#include "sandbox/resolve/descriptor.h"

/*
 * How one thread wakes another that polls. Two sockets, and no eventfd: all
 * eventfds, epolls and timerfds have the same inode, so that one of the
 * caller's which has got the number of ours would be taken for it, written to
 * and closed. And datagrams, which raise no SIGPIPE where the other end is
 * gone.
 */
struct bj_bell {
    struct bj_descriptor heard; /* to be polled for POLLIN */
    struct bj_descriptor rung;
};

/* Makes one, or leaves it as it is if it is whole. 0 or an errno value. */
int bj_bell_open(struct bj_bell *bell);
void bj_bell_close(struct bj_bell *bell);

/* Rings until it is stilled; twice is once. */
void bj_bell_ring(const struct bj_bell *bell);
void bj_bell_still(const struct bj_bell *bell);

#endif
