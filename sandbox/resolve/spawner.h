#ifndef BJ_SANDBOX_RESOLVE_SPAWNER_H
#define BJ_SANDBOX_RESOLVE_SPAWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "sandbox/resolve/descriptor.h"
#include "sandbox/resolve/settings.h"
#include "sandbox/resolve/shared.h"

/*
 * The process between a caller and its workers: it starts them, hands their
 * pipes over, ends and reaps them, and watches the configuration. Nothing
 * that a stranger sent ever reaches it.
 *
 * It is a copy of the caller, made by clone(2) with no exit signal, so that
 * the caller's wait and SIGCHLD do not see it, and never execs, which would
 * bring the signal back. From then on it makes only system calls of its own,
 * with every signal blocked: no lock of a library that another thread may have
 * held, no allocation, no handler of the caller's.
 */
struct bj_spawner_handle {
    struct bj_descriptor control; /* messages of control.h */
    struct bj_descriptor process; /* a pidfd */
};

/*
 * Starts one. `settings` and `shared` (a shared mapping) must stay as long as
 * it may live. Returns 0, or an errno value with nothing left behind.
 */
int bj_spawner_start(const struct bj_settings *settings,
                     struct bj_shared *shared, struct bj_spawner_handle *out);

/*
 * Ends it, if it has not ended, and its workers with it, and waits for that.
 * With `reaps` it is reaped, and killed first if it does not end; without,
 * nothing is called but what a lookup calls, too, and it stays a zombie until
 * its parent ends. For its parent only: a child closes the descriptors and no
 * more. True if it was reaped and had been killed by its own filter.
 */
bool bj_spawner_stop(struct bj_spawner_handle *spawner, bool reaps);

#endif
