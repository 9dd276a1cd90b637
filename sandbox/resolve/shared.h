#ifndef BJ_SANDBOX_RESOLVE_SHARED_H
#define BJ_SANDBOX_RESOLVE_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/address.h"

/*
 * The memory that a spawner and its caller share: what every lookup asks and
 * nobody should need a system call for.
 */

/* Addresses of one host that are looked at; what is beyond is as if unknown.
 * A machine with more is a router. */
#define BJ_OWN_ADDRESSES_MAX 512

/* An address that this host has. */
struct bj_own_address {
    struct bj_address address;
    uint8_t prefix_bits;
    bool deprecated;
};

struct bj_own {
    bool known; /* false: nothing could be found out */
    size_t count;
    struct bj_own_address addresses[BJ_OWN_ADDRESSES_MAX];
};

struct bj_shared {
    /* Counts what the configuration has been: greater than a worker's, and
     * there is a newer one to be had. */
    uint64_t generation;
    /* Until when, in ms of CLOCK_BOOTTIME, a spawner that lives may have more
     * to do than to answer: it starts a worker, or waits to try again. */
    uint64_t busy_until_ms;
    /* Which files of the configuration were too long to be read: bit n is file
     * n of settings.h. */
    uint32_t too_long;
    /* Odd while `own` is being written. */
    uint32_t sequence;
    /* Why a worker could not be executed: an errno value. */
    int exec_error;
    /* Why the spawner could not be confined, and ended: likewise. */
    int confine_error;
    struct bj_own own;
};

/* For the spawner, the one writer. */
void bj_shared_publish(struct bj_shared *shared, const struct bj_own *own);

/* Which families this host has besides the loopback addresses, as glibc's
 * check_pf counts them; both if that is not known. */
void bj_shared_families(const struct bj_shared *shared, bool *ip4, bool *ip6);

/* Fills in prefix_bits and deprecated of one of this host's addresses; false
 * if it is not there. */
bool bj_shared_find(const struct bj_shared *shared,
                    const struct bj_address *address,
                    struct bj_own_address *out);

#endif
