#ifndef BJ_SANDBOX_CONNECT_CONFINE_H
#define BJ_SANDBOX_CONNECT_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/policy/lockdown.h"

/*
 * The two roles of a client: `connect`, entered once the name is resolved,
 * and `connect-relay`, to which it tightens once an address has answered and
 * before the first octet from it. Both filters are compiled beforehand.
 */
struct bj_confine {
    enum bj_mode mode;
    unsigned without; /* BJ_LAYER_* */
    struct bj_lockdown connect;
    struct bj_lockdown relay;
};

/* Opens /dev/null for those of descriptors 0 to 2 that are closed, so that no
 * socket takes their place, and ignores SIGPIPE. False: no /dev/null. */
bool bj_confine_ready(void);

/* Compiles both filters, for a client that holds up to `sockets` sockets at a
 * time. On failure explains on standard error. */
bool bj_confine_prepare(struct bj_confine *c, enum bj_mode mode,
                        unsigned without, size_t sockets);

/*
 * Whether the relay could read the clock: it may not ask the kernel, and the
 * vDSO can do without only with some clock sources. Tried in a child under
 * the very filter.
 */
bool bj_confine_has_clock(const struct bj_confine *c);

/*
 * Enters `connect`, keeping descriptors 0 to 2 and `keep` (-1: none). In log
 * mode the caller goes on in a child that is traced. False: explained.
 */
bool bj_confine_enter(const struct bj_confine *c, int keep);

/* Tightens to `connect-relay`. */
void bj_confine_tighten(const struct bj_confine *c);

#endif
