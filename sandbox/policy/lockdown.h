#ifndef BJ_SANDBOX_POLICY_LOCKDOWN_H
#define BJ_SANDBOX_POLICY_LOCKDOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/policy/filter.h"
#include "sandbox/policy/role.h"
#include "sandbox/policy/trouble.h"

/*
 * Confinement, in one order and failing closed. It comes in two halves,
 * because what a filter forbids cannot prepare the next filter:
 *
 * bj_lockdown_prepare compiles the role's filter and opens its Landlock
 * ruleset. Prepare from the innermost role outwards (the child before its
 * parent, the keeper last), since an outer filter pins the addresses of the
 * inner programs.
 *
 * bj_lockdown_enter, in the process that becomes the role, makes only raw
 * system calls: descriptors, ids and capabilities, no_new_privs, Landlock,
 * limits, filter. It returns only if every layer is in force; otherwise it
 * writes one line to standard error and exits with BJ_EXIT_LOCKDOWN.
 *
 * A role that `tightens` (a child per connection, a worker thread, the relay
 * after the connect) enters by bj_lockdown_tighten: one seccomp(2).
 */
#define BJ_EXIT_LOCKDOWN 71

/* Layers that an operator can accept going without: --without LAYER. */
#define BJ_LAYER_IDS 1U      /* ids and capabilities dropped */
#define BJ_LAYER_LANDLOCK 2U /* a Landlock domain */
#define BJ_LAYER_LIMITS 4U   /* resource limits */
#define BJ_LAYER_SECCOMP 8U  /* a filter */

struct bj_lockdown;

struct bj_lockdown_setup {
    enum bj_mode mode;
    unsigned without; /* BJ_LAYER_* */

    /* True in the first lockdown of a program, which drops ids if it was
     * started as root, and capabilities in any case. False for roles that are
     * born under a keeper, which has done so. */
    bool first;
    const char *user; /* whom root becomes; NULL: nobody */

    /* RLIMIT_NOFILE where the table leaves it to the caller. */
    uint64_t nofile;

    /* The prepared lockdowns of the roles that will be entered below this
     * one. They must outlive this one; those below them are followed. */
    const struct bj_lockdown *const *below;
    size_t below_count;
};

struct bj_lockdown {
    enum bj_role role;
    enum bj_mode mode;
    unsigned without;
    bool first;
    bool change_ids; /* with uid and gid */
    uid_t uid;
    gid_t gid;
    int landlock; /* ABI in force once entered: 0 if none */
    int ruleset;  /* or -1 */
    struct bj_limits limits;
    struct bj_program program;
    uint32_t under; /* roles below, all the way down */
    uint64_t programs[BJ_PROGRAMS_MAX];
    size_t program_count;
};

/*
 * Fills `out`. On failure it is zero but for ruleset (-1), nothing is left
 * open, and `trouble` names what is missing and the option that accepts it.
 */
bool bj_lockdown_prepare(enum bj_role role,
                         const struct bj_lockdown_setup *setup,
                         struct bj_lockdown *out, struct bj_trouble *trouble);

/*
 * Enters the role. Every descriptor is closed but those that its policy
 * keeps and the `keep_count` in `keep` (the rulesets of roles to be started
 * later must be among them). In log mode Landlock and the limits are left
 * out and the process stays dumpable until its tracer has it; off leaves out
 * the filter too, but not the dropping of descriptors, ids and capabilities.
 */
void bj_lockdown_enter(const struct bj_lockdown *lockdown, const int *keep,
                       size_t keep_count);

/* Tightens the calling thread to the role; nothing if there is no filter.
 * Exits as bj_lockdown_enter does if the kernel refuses. */
void bj_lockdown_tighten(const struct bj_lockdown *lockdown);

/* Closes and unmaps what prepare made, for a role that will not be entered. */
void bj_lockdown_free(struct bj_lockdown *lockdown);

/* Adds the layer of that name (ids, landlock, limits, seccomp) to the set;
 * false if there is none. */
bool bj_lockdown_without(const char *name, unsigned *without);

/* The mode of that name (enforce, log, off); false if there is none. */
bool bj_lockdown_mode(const char *name, enum bj_mode *mode);

/* The name of a mode. */
const char *bj_lockdown_mode_name(enum bj_mode mode);

#endif
