#ifndef BJ_SANDBOX_RESOLVE_SPARES_H
#define BJ_SANDBOX_RESOLVE_SPARES_H

#include "sandbox/resolve/descriptor.h"

/*
 * UDP sockets that nobody uses at the moment. To connect one that is there and
 * dissolve it takes a third of what it takes to make, connect and close one, and
 * all that a new socket is wanted for comes of being connected anew: the kernel
 * takes a port at random each time (udp_disconnect, udp_lib_get_port).
 *
 * A spare one has no port and no peer, so nothing reaches it. What it was sent
 * before it became one may still lie in it: before it asks anything, whoever
 * takes it lets that go (bj_spares_drain).
 *
 * In a child of a fork they are the parent's: to be closed.
 */
enum {
    /* Some, for an event loop with many lookups in flight; what is beyond is
     * closed, for descriptors are the host program's to have. */
    BJ_SPARES_MAX = 16,
    /* How long a receive waits that does not say MSG_DONTWAIT. */
    BJ_SPARES_WAIT_MS = 100
};

struct bj_spares {
    struct bj_descriptor sockets[BJ_SPARES_MAX];
    int families[BJ_SPARES_MAX];
};

/* One of that family, new if there is none: 0, or an errno value and *out is
 * none. For `visit` see descriptor.h. */
int bj_spares_take(struct bj_spares *spares, int family,
                   struct bj_descriptor *out, uint32_t visit);

/* Takes over *d, of that family, and makes it none: spare, or closed. */
void bj_spares_give(struct bj_spares *spares, int family,
                    struct bj_descriptor *d, uint32_t visit);

void bj_spares_close(struct bj_spares *spares);

/* Lets go of what a socket that is connected, but has not sent anything yet,
 * has been sent. False if that is without end. */
bool bj_spares_drain(const struct bj_descriptor *d);

#endif
