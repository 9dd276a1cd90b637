#ifndef BJ_SANDBOX_LOOKUP_CONFINE_H
#define BJ_SANDBOX_LOOKUP_CONFINE_H

#include <stdbool.h>

#include "sandbox/policy/lockdown.h"

/*
 * `belljar lookup` under the list that libbelljar documents for programs which
 * confine themselves: the role `driver`, a filter and no other layer. Not with
 * musl, whose stdio prints by a call that is not on it.
 */

/*
 * Compiles the filter, and has the C library and jansson do at once what they
 * would do when they are first used. False if it cannot be had, with the reason
 * on standard error.
 */
bool bj_lookup_confine_prepare(struct bj_lockdown *lockdown);

/* Enters it, once the resolver is open. Ends the program with
 * BJ_EXIT_LOCKDOWN if the kernel refuses. */
void bj_lookup_confine_enter(const struct bj_lockdown *lockdown);

#endif
