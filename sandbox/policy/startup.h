#ifndef BJ_SANDBOX_POLICY_STARTUP_H
#define BJ_SANDBOX_POLICY_STARTUP_H

#include <stdbool.h>

#include "sandbox/policy/role.h"

/*
 * What the program does between its execve and the moment it enters a role:
 * loading, configuration, names, sockets, compiling filters, the lockdown
 * itself. A filter that takes hold before the exec (a container's, systemd's)
 * must let these through besides the role's own; the program then tightens to
 * the role. No filter of ours contains them.
 */

/* Is the role one that a program enters by itself, so that there is a start
 * to speak of? The others are entered from these. */
bool bj_startup_has(enum bj_role role);

/* The role's rows with all below it, as bj_role_collect has them, and the
 * rows of its start. False if they do not fit: a mistake in the table. */
bool bj_startup_collect(enum bj_role role, struct bj_role_rows *out);

#endif
