#ifndef BJ_TESTS_CHAOS_FAULT_H
#define BJ_TESTS_CHAOS_FAULT_H

#include "tests/chaos/server.h"

/*
 * What is done to the servers, the programs and the connections. The plan
 * follows from the seed alone: when, what, to whom, how long. What it meets
 * there is another matter.
 */
enum fault_kind {
    FAULT_KILL_CHILD,     /* SIGKILL to a process of one connection */
    FAULT_KILL_ROLE,      /* to a role */
    FAULT_KILL_UDP,       /* to the role of datagrams */
    FAULT_KILL_KEEPER,    /* to a keeper: its roles go with it */
    FAULT_KILL_TOOL,      /* to a command that runs */
    FAULT_STOP,           /* SIGSTOP, later SIGCONT, to any of a server's */
    FAULT_STOP_TOOL,      /* or to a command that runs */
    FAULT_INTERRUPT,      /* forty SIGUSR2 to a role: EINTR everywhere */
    FAULT_ASK,            /* SIGUSR1 to a keeper: it tells its counters */
    FAULT_NO_DESCRIPTORS, /* RLIMIT_NOFILE of a role, for a while */
    FAULT_NO_PROCESSES,   /* RLIMIT_NPROC of a role, for a while */
    FAULT_NO_MEMORY,      /* the limit of its cgroup, for a while */
    FAULT_RESETS,         /* a burst of connections that reset */
    FAULT_HOARD,          /* one that fills every buffer on its way */
    FAULT_END,            /* SIGTERM to a keeper, and another life */
    FAULT_KINDS
};

struct fault {
    enum fault_kind kind;
    uint64_t at_ms; /* since the start */
    struct server *server;
    uint32_t pick;     /* which of several */
    uint64_t lasts_ms; /* of what is for a while */
};

struct fault_totals {
    const char *name;
    uint64_t done, missed; /* missed: there was nobody to do it to */
};

extern struct fault_totals fault_totals[FAULT_KINDS];

/* The next of the plan. */
void fault_draw(struct dice *plan, struct fault *next);

/* `plan` and `traffic` are dice of their own, so that the plan does not
 * depend on what happens. */
void fault_do(const struct fault *fault, struct dice *traffic);

/* Ends what has lasted its while; all of it, if `now`. */
void faults_look(bool now);

#endif
