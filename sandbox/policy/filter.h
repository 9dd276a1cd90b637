#ifndef BJ_SANDBOX_POLICY_FILTER_H
#define BJ_SANDBOX_POLICY_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/policy/role.h"
#include "sandbox/policy/trouble.h"

struct sock_fprog;

/*
 * enforce: what no row allows kills the process. log: it goes on and is
 * named, by the tracer of a role (SECCOMP_RET_TRACE) or, for the keeper's own
 * filter, in the kernel's log (SECCOMP_RET_LOG). off: no filter.
 */
enum bj_mode { BJ_MODE_ENFORCE, BJ_MODE_LOG, BJ_MODE_OFF };

#define BJ_PROGRAMS_MAX 8

/*
 * What a filter is compiled from. `action` is a SECCOMP_RET_* value for all
 * that no row names, foreign architectures and x32 included. `arch` is an
 * AUDIT_ARCH_* value, 0 for this machine's.
 */
struct bj_filter_source {
    struct bj_role_rows rows;
    uint64_t programs[BJ_PROGRAMS_MAX];
    size_t program_count;
    uint32_t action;
    uint32_t arch;
};

/*
 * A compiled filter: the struct sock_fprog and its instructions, together in
 * pages of their own that are read-only from the start, so that a role that
 * may install exactly this address installs exactly these instructions.
 */
struct bj_program {
    const struct sock_fprog *fprog; /* NULL: none */
    size_t mapped;
};

/* The action of a role's filter in a mode: kill, trace (with the role's number
 * as data) or log. Not for BJ_MODE_OFF. */
uint32_t bj_filter_action(enum bj_role role, enum bj_mode mode);

/*
 * Compiles with libseccomp, in memory. On failure `out` is zero, nothing is
 * left mapped and `trouble` says why. Needs the system calls that libseccomp
 * and mmap make: before confinement only.
 */
bool bj_filter_compile(const struct bj_filter_source *source,
                       struct bj_program *out, struct bj_trouble *trouble);

/* Writes the filter as libseccomp's pseudo filter code instead, to `fd`. */
bool bj_filter_describe(const struct bj_filter_source *source, int fd,
                        struct bj_trouble *trouble);

/* Unmaps a program, for one that was compiled to be looked at. */
void bj_filter_free(struct bj_program *program);

/*
 * Installs the program for the calling thread: one seccomp(2), nothing else.
 * 0, or the errno. The thread must have no_new_privs.
 */
int bj_filter_install(const struct bj_program *program);

#endif
