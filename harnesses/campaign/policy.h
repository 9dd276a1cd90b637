#ifndef BJ_HARNESSES_CAMPAIGN_POLICY_H
#define BJ_HARNESSES_CAMPAIGN_POLICY_H

#include <stddef.h>

#include "sandbox/policy/role.h"

/*
 * What a fuzz target may ask of the kernel, as rows of the form that the
 * product's roles have. It is no row set of sandbox/policy/role.c, for two
 * reasons. The product's roles kill what no row names; a target that was
 * killed would take its input with it, so here what no row names is answered
 * with EPERM and the target lives to report. And each row of the product was
 * measured to be needed by our own code; a target carries the run-time
 * libraries of an engine and of sanitizers, whose calls differ by version.
 *
 * A filter sees no paths: what may be opened and executed is Landlock's part
 * (confine.h).
 */
#define BJ_TARGET_NAME "campaign-target"

/* The answer to every call that no row names. */
#define BJ_TARGET_ANSWER EPERM

const struct bj_row *bj_target_rows(size_t *count);

#endif
