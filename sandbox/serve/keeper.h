#ifndef BJ_SANDBOX_SERVE_KEEPER_H
#define BJ_SANDBOX_SERVE_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/policy/trace.h"
#include "sandbox/serve/log.h"
#include "sandbox/serve/notify.h"
#include "sandbox/serve/role.h"

/*
 * The keeper: it never touches a connection. It starts a role for each
 * socket, reaps and restarts it, keeps the clock, ends connections that stay
 * too long, writes the log, and brings everything to an orderly end.
 */

/* How long open connections may go on after the server was told to stop. */
#define BJ_KEEPER_GRACE_MS 5000

/* A role that dies is restarted after this long, doubled for each death in a
 * row up to the second; a life of the third length starts over. */
#define BJ_KEEPER_BACKOFF_MS 100
#define BJ_KEEPER_BACKOFF_MAX_MS 10000
#define BJ_KEEPER_GOOD_LIFE_MS 10000

/* How often counters are looked at while nothing else is due. */
#define BJ_KEEPER_TICK_MS 1000

/* Since when the keeper has known the connection in a slot. */
struct bj_seen {
    uint32_t serial;
    uint64_t since_ms;
};

/* A child of a role that died: the keeper is its parent now (a subreaper)
 * and lets it finish. */
struct bj_orphan {
    pid_t pid; /* 0: free */
    pid_t group;
    uint64_t since_ms;
};

/* A socket and the role that serves it. */
struct bj_ward {
    struct bj_serve_role role;
    pid_t pid; /* 0: not running */
    bool announced;
    uint64_t started_ms;
    uint64_t restart_ms; /* when to start it again */
    uint32_t backoff_ms;
    struct bj_seen *seen; /* for each slot */
    struct bj_orphan *orphans;
    size_t orphan_cap;
    uint64_t told[BJ_COUNTER_COUNT]; /* what the log has said */
};

/* In log mode: a call that a role made from one place, and how often. */
#define BJ_FORBIDDEN_MAX 256

struct bj_forbidden {
    struct bj_violation first;
    uint64_t times;
};

struct bj_keeper {
    const struct bj_serve_options *options;
    struct bj_ward wards[BJ_SERVE_SOCKETS_MAX];
    size_t count;
    struct bj_notify notify;
    struct bj_log_limit limit;
    int landlock;     /* ABI that is in force, for the ready line */
    bool ignores_hup; /* as it was started, by nohup */
    bool serving;     /* every role has been ready once */
    bool stopping;
    bool failed;     /* a role could not be started at all */
    bool unconfined; /* because it could not be confined */
    bool grace_over;
    uint64_t stop_ms;
    uint64_t watchdog_ms;
    struct bj_forbidden forbidden[BJ_FORBIDDEN_MAX]; /* log mode */
    size_t forbidden_count;
};

/* Serves until a signal ends it; the exit status. The caller has confined
 * itself and has filled options, the wards' roles, seen and orphans, notify
 * and landlock; the rest is zero. */
int bj_keeper_run(struct bj_keeper *keeper);

/* Milliseconds of the monotonic clock. */
uint64_t bj_keeper_now(void);

/* ---- report.c ---- */

/* `belljar: ready ...` of one socket. */
void bj_report_ready(const struct bj_keeper *keeper,
                     const struct bj_ward *ward);

/* `belljar: EVENT {...}`: all counters, as JSON. */
void bj_report_counters(const struct bj_keeper *keeper, const char *event);

/* What has grown since the last time and deserves a line. */
void bj_report_changes(struct bj_keeper *keeper, struct bj_ward *ward,
                       uint64_t now_ms);

/* A role ended on its own; `restart_ms` is how long until the next. */
void bj_report_death(const struct bj_ward *ward, int wait_status,
                     uint32_t restart_ms);

/*
 * Log mode: a forbidden call. It is told the first time that a role makes it
 * from that place, so that a loop does not drown the others and the list is
 * complete; the second function tells how often each was made.
 */
void bj_report_forbidden(struct bj_keeper *keeper,
                         const struct bj_violation *violation);
void bj_report_forbidden_again(const struct bj_keeper *keeper);

/* ---- watch.c ---- */

/* Ends connections that have been there longer than --max-time. */
void bj_watch_stays(struct bj_keeper *keeper, struct bj_ward *ward,
                    uint64_t now_ms);

/* Takes over the children of a role that died. */
void bj_watch_adopt(struct bj_ward *ward, pid_t role, uint64_t now_ms);

/* Counts the end of a child that the keeper has reaped, wherever it was. */
void bj_watch_reaped(struct bj_keeper *keeper, pid_t pid, int wait_status);

/* Kills every process group that has a role or an orphan of ours. */
void bj_watch_kill_all(const struct bj_keeper *keeper);

#endif
