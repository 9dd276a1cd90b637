#ifndef BJ_TESTS_SUPPORT_SCRATCH_H
#define BJ_TESTS_SUPPORT_SCRATCH_H

/*
 * A folder below /tmp for this program, made at the first call, which ends the
 * program if it fails. It goes with all that is in it soon after the program's
 * end, be that a failed check or SIGKILL: a process that nobody waits for, in a
 * session of its own, sees to it. Children have the same folder; they and
 * threads are to be started after the first call.
 */
const char *bj_scratch(void);

#endif
