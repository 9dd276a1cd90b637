#ifndef BJ_SANDBOX_POLICY_LANDLOCK_H
#define BJ_SANDBOX_POLICY_LANDLOCK_H

#include <stdbool.h>

#include "sandbox/policy/trouble.h"

/*
 * Landlock by raw system calls, with structures of our own: distributions
 * ship headers older than their kernels. A ruleset of ours handles every
 * right the kernel knows, up to the newest we know, and allows none of them
 * but those in `rights`: what is denied is a table with a row per ABI.
 */

/* The ABI that rulesets of this process will use: 0 if the kernel has no
 * Landlock, else 1 up to the newest we know. */
int bj_landlock_abi(void);

/* The newest ABI in our table. */
int bj_landlock_newest(void);

/*
 * Opens a ruleset (close-on-exec) for a kernel of that ABI (1 or more) that
 * takes all away but `rights`, a set of BJ_RIGHT_*. The descriptor, or -1 with
 * the reason in `trouble`.
 */
int bj_landlock_open(int abi, unsigned rights, struct bj_trouble *trouble);

/* What a path may be granted; a folder's grant covers what lies below it. */
#define BJ_PATH_READ 1U    /* its files read, its entries listed */
#define BJ_PATH_EXECUTE 2U /* execve(2), and being another's interpreter */
#define BJ_PATH_WRITE 4U   /* files and folders made, changed and removed */

/*
 * Gives the ruleset, which is for a kernel of that ABI, those rights
 * (BJ_PATH_*) at and below the path. A path that is not there grants nothing,
 * successfully. False with the reason in `trouble`.
 */
bool bj_landlock_allow(int ruleset, int abi, const char *path, unsigned rights,
                       struct bj_trouble *trouble);

/* Enters the ruleset: one landlock_restrict_self(2). 0, or the errno. */
int bj_landlock_enter(int ruleset);

#endif
