#ifndef BJ_SANDBOX_CONNECT_CONVERSE_H
#define BJ_SANDBOX_CONNECT_CONVERSE_H

#include <stdbool.h>

#include "core/addr/endpoint.h"
#include "sandbox/connect/clock.h"

/*
 * The conversation under the role `connect-relay`: two relays
 * (core/echo/relay.h), standard input to the socket and the socket to
 * standard output. Each direction ends by itself: the end of our input is a
 * half-close, and what the peer still says is written; the peer's end does
 * not stop our input. With datagrams each read is one datagram of at most
 * 1232 octets, and the end comes a second after the last one once our input
 * has ended.
 */

/* Looks at standard output before confinement: the most octets that one write
 * to it may have without blocking once it is writable. */
void bj_converse_ready(void);

/* True if both directions ended in order; otherwise the first failure has
 * been told on standard error. */
bool bj_converse(int sock, const struct bj_endpoint *peer, bool datagram,
                 struct bj_clock *clock);

#endif
