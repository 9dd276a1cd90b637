#ifndef BJ_SANDBOX_SERVE_ECHO_H
#define BJ_SANDBOX_SERVE_ECHO_H

#include <stdint.h>

#include "core/echo/relay.h"
#include "sandbox/serve/shared.h"

/* Room for what was read and not yet written. Pages that a connection does
 * not fill are never touched, so an idle one costs one page. */
#define BJ_ECHO_BUF 65536

/*
 * Drives the relay over one blocking connection until it asks to close it:
 * read(2) and write(2), nothing else. `waits` is how many expired waits in a
 * row (EAGAIN after SO_RCVTIMEO or SO_SNDTIMEO) are one silence too long. It
 * also ends, as timed out, once the keeper has marked the slot. The bytes are
 * counted in `shared`. The caller closes the descriptor.
 */
enum bj_relay_outcome bj_serve_echo(int fd, uint8_t *buf, unsigned waits,
                                    struct bj_shared *shared,
                                    struct bj_slot *slot);

/* Counts an outcome of a connection that was served in the role's own
 * process; a child's is counted by whoever reaps it. */
void bj_serve_echo_count(struct bj_shared *shared,
                         enum bj_relay_outcome outcome);

#endif
