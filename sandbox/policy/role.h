#ifndef BJ_SANDBOX_POLICY_ROLE_H
#define BJ_SANDBOX_POLICY_ROLE_H

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The policy as data: for each role its system calls with the conditions on
 * their arguments and the reason for each, its Landlock rights, its resource
 * limits and the descriptors it keeps. The filter, the exports, the
 * documentation and the tests are all made from this one table, so a change
 * of policy is a change of role.c and is reviewed as a diff of it.
 */
enum bj_role {
    BJ_ROLE_KEEPER,
    BJ_ROLE_SERVE_ITERATIVE,
    BJ_ROLE_SERVE_PROCESS,
    BJ_ROLE_SERVE_PROCESS_CHILD,
    BJ_ROLE_SERVE_INETD,
    BJ_ROLE_SERVE_THREAD,
    BJ_ROLE_SERVE_THREAD_WORKER,
    BJ_ROLE_SERVE_UDP,
    BJ_ROLE_CONNECT,
    BJ_ROLE_CONNECT_RELAY,
    BJ_ROLE_DECODE,
    BJ_ROLE_RESOLVER_WORKER,
    BJ_ROLE_DRIVER,
    BJ_ROLE_SPAWNER,
    BJ_ROLE_COUNT
};

/*
 * Descriptors with a fixed number, so that a filter can pin them. A serving
 * role has a timer at 0, reading which is how it pauses, /dev/null or standard
 * error at 1 and 2, and its socket, listening or
 * datagram, at 3. In the iterative and the process mode the next accept then
 * returns 4 each time, since the process closes it before it accepts again.
 */
#define BJ_FD_TIMER 0
#define BJ_FD_LISTENER 3
#define BJ_FD_CONNECTION 4

/* How a role forks for a connection: shares nothing, and has the child's pid
 * written down before the child runs. */
#define BJ_PROCESS_CLONE_FLAGS (CLONE_PARENT_SETTID | SIGCHLD)

/* Where the value of a condition comes from. */
enum bj_source {
    BJ_VALUE,  /* the constant in the row */
    BJ_PROGRAM /* the address of a filter prepared for a role below this one;
                  with several, one rule for each */
};

/*
 * One condition: argument `arg` (0 to 5), masked, equals `value`. Masks are
 * 64 bits wide, since that is how wide the kernel's registers are: a row that
 * leaves bits out says so in `text`, which is the condition in words. All
 * conditions of a row must hold; rows of the same call are alternatives.
 */
struct bj_condition {
    const char *text; /* NULL ends the list */
    uint64_t mask;
    uint64_t value;
    uint8_t arg;
    enum bj_source source;
};

#define BJ_CONDITIONS_MAX 4

struct bj_row {
    const char *call; /* by name; the number is the architecture's */
    const char *why;
    int answer; /* 0: allowed; else this errno is returned, nothing happens */
    struct bj_condition when[BJ_CONDITIONS_MAX];
};

/* A limit that the caller of bj_lockdown_prepare names, or that stays. */
#define BJ_LIMIT_CALLER (UINT64_MAX - 1)
#define BJ_LIMIT_KEEP UINT64_MAX

/* RLIMIT_*: both the soft and the hard limit. */
struct bj_limits {
    uint64_t core;
    uint64_t fsize; /* 0 only where every descriptor is no regular file */
    uint64_t nofile;
    uint64_t nproc; /* 0 or BJ_LIMIT_KEEP: it counts the whole uid */
};

/* Rights a role keeps that Landlock would otherwise take away. */
#define BJ_RIGHT_CONNECT_TCP 1U
#define BJ_RIGHT_BIND_TCP 2U

struct bj_role_policy {
    const char *name;
    const char *entered; /* when, in words */
    const struct bj_row *rows;
    size_t row_count;
    struct bj_limits limits;
    unsigned rights;    /* BJ_RIGHT_*: no row grants access to files */
    uint64_t keeps;     /* bit n: descriptor n; what else, the caller lists */
    uint32_t below;     /* bit n: role n may be started under this one */
    bool tightens;      /* entered by one seccomp call from the role above: its
                        layers, limits and descriptors are those it has */
    bool lent;          /* not entered by bj_lockdown_enter: a list for programs
                         that confine themselves, and for the spawner within
                         them, which is a filter and no other layer */
    const char *layers; /* why there is none, in words; NULL: there are, or they
                           are those of the role above */
    bool takes_union;   /* its filter also lets through all that the roles
                         below it and their lockdown need */
};

/* The policy of a role; `role` is below BJ_ROLE_COUNT. */
const struct bj_role_policy *bj_role_policy(enum bj_role role);

/* The role of that name, or BJ_ROLE_COUNT. */
enum bj_role bj_role_find(const char *name);

/* The rows that entering any role needs of the filter it is born under. */
const struct bj_row *bj_role_lockdown_rows(size_t *count);

/* Rows that the sanitizer of this build needs, in every role; none (NULL and
 * 0) in a build without one. */
const struct bj_row *bj_role_sanitizer_rows(size_t *count);

/* Rows that the role spawner has besides where the resolver's worker is linked
 * dynamically: what its loader, and a sanitizer's run-time library, do before
 * main. None (NULL and 0) where it is static, as in a release. */
const struct bj_row *bj_role_loader_rows(size_t *count);

/* The rows of a filter and, for each, the role it is there for. */
#define BJ_ROWS_MAX 160
#define BJ_ROW_OF_LOCKDOWN BJ_ROLE_COUNT        /* as bj_role_rows.owner */
#define BJ_ROW_OF_SANITIZER (BJ_ROLE_COUNT + 1) /* likewise */
#define BJ_ROW_OF_STARTUP (BJ_ROLE_COUNT + 2)   /* likewise: startup.h */
#define BJ_ROW_OF_LOADER (BJ_ROLE_COUNT + 3)    /* likewise */

struct bj_role_rows {
    size_t count;
    const struct bj_row *row[BJ_ROWS_MAX];
    unsigned owner[BJ_ROWS_MAX];
};

/*
 * All rows of a role's filter: its own, those of a sanitizer build, and for a
 * role that takes the union those of the lockdown and of each role in `under`
 * (bit n: role n), without repeating a row with the same call, conditions and
 * answer. False if they do not fit, which is a mistake in the table.
 */
bool bj_role_collect(enum bj_role role, uint32_t under,
                     struct bj_role_rows *out);

/* Appends rows that are not yet there; false if they do not fit. */
bool bj_role_rows_add(struct bj_role_rows *out, const struct bj_row *rows,
                      size_t count, unsigned owner);

/* The number of distinct calls among the rows that allow one. */
size_t bj_role_count_calls(const struct bj_role_rows *rows);

#endif
