#ifndef BJ_TESTS_CHAOS_CGROUP_H
#define BJ_TESTS_CHAOS_CGROUP_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * A limit on the memory of a role, and of all that it starts from then on. It
 * takes root and a memory controller of either version; where these are not,
 * nothing happens and squeeze says false. One limit for each index below 8.
 */
bool cgroup_squeeze(unsigned index, pid_t pid);
void cgroup_relax(unsigned index);

/* Removes what was made, once no process is in it. */
void cgroup_clear(void);

#endif
