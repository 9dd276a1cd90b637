#ifndef BJ_SANDBOX_POLICY_TRACE_H
#define BJ_SANDBOX_POLICY_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/bytes/writer.h"
#include "sandbox/policy/role.h"

/*
 * The reporter of log mode. A role's filter then answers a forbidden call
 * with SECCOMP_RET_TRACE, which stops the caller for its tracer; the tracer
 * names the call and lets it happen. Without a tracer the call would fail
 * with ENOSYS, so a role waits until it is seized before it enters its
 * lockdown:
 *
 *     pid = fork();
 *     if (pid == 0) {
 *         bj_trace_await();
 *         bj_lockdown_enter(...);
 *     }
 *     bj_trace_seize(pid);
 *
 * From then on all that the role starts, children and threads, is traced
 * too, and every status from waitpid(-1, &status, __WALL) goes through
 * bj_trace_step first. Tracees die with their tracer.
 */

/* A call that no row allows, as it was about to be made. */
struct bj_violation {
    enum bj_role role; /* whose filter said so */
    pid_t pid;
    uint32_t arch; /* AUDIT_ARCH_* */
    uint64_t number;
    uint64_t args[6];
    uint64_t address; /* of the instruction behind the call */
};

enum bj_trace_event {
    BJ_TRACE_ENDED,    /* not ours: exited or killed, for the caller */
    BJ_TRACE_HANDLED,  /* a stop that has been dealt with */
    BJ_TRACE_VIOLATION /* likewise, and `out` is filled */
};

/* In the role: stops until the tracer has seized it and lets it go. */
void bj_trace_await(void);

/* In the tracer, after the fork: seizes the role once it awaits. 0 or the
 * errno; on failure the role is killed, since it would wait for ever. */
int bj_trace_seize(pid_t pid);

/* Takes one wait status of any traced process. */
enum bj_trace_event bj_trace_step(pid_t pid, int status,
                                  struct bj_violation *out);

/*
 * Writes one as "role=R pid=N call=NAME number=N args=0x..,.. address=0x..
 * arch=0x..", without a newline. The name is "?" if libseccomp has none.
 */
void bj_violation_write(const struct bj_violation *violation,
                        struct bj_writer *w);

/*
 * For a command without a keeper: forks, and returns in the child, which is
 * traced. The parent stays behind as the tracer: it writes each violation to
 * standard error and exits as the child does. Returns in the parent only if
 * that could not be set up, with the errno; 0 in the child.
 */
int bj_trace_fork(void);

#endif
