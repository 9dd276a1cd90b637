#ifndef BJ_HARNESSES_CAMPAIGN_CONFINE_H
#define BJ_HARNESSES_CAMPAIGN_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/policy/filter.h"
#include "sandbox/policy/trouble.h"

/*
 * The confinement of a fuzz target: no network, execve of itself and /bin/sh
 * alone (the engine's merge and minimise start it again through system(3)),
 * files read where its seeds, dictionary and libraries are, written only in
 * its own folder. Capabilities are dropped; ids stay, since what it writes is
 * the campaign's.
 */
struct bj_confine {
    struct bj_program program; /* compiled once for all targets */
    int abi;                   /* Landlock's; 0: none */
};

/* What one process may reach besides what every program needs to start. */
struct bj_reach {
    const char *program;     /* executed */
    const char *work;        /* read and written, with all below it */
    const char *const *read; /* files and folders, NULL-terminated */
};

/* Compiles the filter. False with the reason in `trouble` if the kernel lacks
 * seccomp or Landlock. */
bool bj_confine_prepare(struct bj_confine *out, struct bj_trouble *trouble);
void bj_confine_free(struct bj_confine *confine);

/* The Landlock ruleset (close-on-exec) for one process, or -1. */
int bj_confine_ruleset(const struct bj_confine *confine,
                       const struct bj_reach *reach,
                       struct bj_trouble *trouble);

/*
 * In the child, last thing before its execve: capabilities, no_new_privs,
 * Landlock, filter; system calls only. The name of the step that failed, with
 * errno, or NULL.
 */
const char *bj_confine_enter(const struct bj_confine *confine, int ruleset);

/* Compiles the filter for an architecture (AUDIT_ARCH_*, 0: this one). */
bool bj_confine_compile(unsigned arch, struct bj_program *out,
                        struct bj_trouble *trouble);

#endif
