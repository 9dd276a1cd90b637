#ifndef BJ_CORE_CONNECT_RACE_H
#define BJ_CORE_CONNECT_RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/address.h"
#include "core/bytes/limits.h"

/*
 * Connecting to a name: its addresses race, staggered, until one answers
 * (RFC 8305 section 5). Families alternate, beginning with that of the first
 * address (section 4); a new attempt starts `delay_ms` after the one before or
 * as soon as one fails; earlier attempts go on meanwhile and none has a time
 * limit of its own. Once the network of a family is unreachable its other
 * addresses are skipped. Every address keeps how it ended, for the report.
 *
 * The machine knows addresses by their index and family only:
 *
 *     action = bj_race_step(&race, start event);
 *     while (action.kind is not WON or LOST)
 *         ... connect, close or wait as told, then step with what happened
 */

enum bj_race_event_kind {
    BJ_RACE_START,       /* the first step */
    BJ_RACE_PENDING,     /* the CONNECT asked for is under way */
    BJ_RACE_CONNECTED,   /* attempt `index` has answered */
    BJ_RACE_FAILED,      /* it failed, with `cause`; its socket is closed */
    BJ_RACE_UNREACHABLE, /* the same, and so would all of its family */
    BJ_RACE_CLOSED,      /* the CLOSE asked for is done */
    BJ_RACE_TIMER,       /* the time that WAIT named has come */
};

/* `now_ms` is any clock that does not go back; if it does, it stands still. */
struct bj_race_event {
    enum bj_race_event_kind kind;
    size_t index; /* CONNECTED, FAILED, UNREACHABLE */
    int cause;    /* FAILED, UNREACHABLE: kept for the report, not looked at */
    uint64_t now_ms;
};

enum bj_race_action_kind {
    BJ_RACE_CONNECT, /* start an attempt at address `index`, without waiting */
    BJ_RACE_CLOSE,   /* give up the attempt at address `index` */
    BJ_RACE_WAIT,    /* for a result of any attempt, or until `until_ms` */
    BJ_RACE_WON,     /* address `index` is connected, all others are closed */
    BJ_RACE_LOST,    /* no address has answered, all are closed */
};

struct bj_race_action {
    enum bj_race_action_kind kind;
    size_t index;
    uint64_t until_ms; /* UINT64_MAX: no limit */
};

/* How each address stands. */
#define BJ_RACE_FATE_TABLE(X)                                 \
    X(BJ_RACE_UNTRIED, "not tried")                           \
    X(BJ_RACE_RUNNING, "under way")                           \
    X(BJ_RACE_REFUSED, "failed")                              \
    X(BJ_RACE_SKIPPED, "skipped: its network is unreachable") \
    X(BJ_RACE_OVERTAKEN, "another address was faster")        \
    X(BJ_RACE_TIMED_OUT, "timed out")                         \
    X(BJ_RACE_ANSWERED, "connected")

enum bj_race_fate {
#define BJ_RACE_FATE_ENUM(name, text) name,
    BJ_RACE_FATE_TABLE(BJ_RACE_FATE_ENUM)
#undef BJ_RACE_FATE_ENUM
};

struct bj_race_attempt {
    enum bj_family family;
    enum bj_race_fate fate;
    int cause; /* REFUSED: its own; SKIPPED: the one that closed the family */
};

enum bj_race_state {
    BJ_RACE_READY,
    BJ_RACE_RACING,
    BJ_RACE_CLOSING,
    BJ_RACE_OVER,
};

struct bj_race_options {
    uint64_t delay_ms;   /* between two starts */
    uint64_t timeout_ms; /* for the whole race; UINT64_MAX: none */
};

/* RFC 8305 section 8: the recommended Connection Attempt Delay. */
#define BJ_RACE_DELAY_MS 250

struct bj_race {
    struct bj_race_attempt attempts[BJ_RACE_MAX];
    uint8_t order[BJ_RACE_MAX]; /* indexes, families interleaved */
    size_t count;
    size_t left_out; /* addresses over BJ_RACE_MAX, which are not tried */
    size_t next;     /* position in `order` of the next start */
    size_t running;
    size_t winner; /* `count` while there is none */
    uint64_t now_ms;
    uint64_t due_ms; /* when the next start is due */
    uint64_t deadline_ms;
    struct bj_race_options options;
    bool unreachable[3]; /* by enum bj_family */
    int unreachable_cause[3];
    bool timed_out;
    enum bj_race_state state;
    size_t steps;
};

/*
 * Starts over `count` addresses of the given families, in the resolver's
 * order; at most BJ_RACE_MAX take part. `families` is not kept. No address
 * at all is a race that is lost with the first step.
 */
void bj_race_init(struct bj_race *r, const enum bj_family *families,
                  size_t count, const struct bj_race_options *options);

/*
 * Takes what happened and returns what to do. Results may come at any time
 * and in any order, in answer to CONNECT or out of a WAIT; a second result of
 * an attempt, or one of an attempt that is not under way, changes nothing.
 * WON and LOST repeat. A race ends within BJ_RACE_STEPS_MAX steps if TIMER is
 * only given when it is due: when the budget is spent it is timed out, and
 * has one step left for each attempt to close.
 */
struct bj_race_action bj_race_step(struct bj_race *r,
                                   const struct bj_race_event *event);

/* Static text of a fate; "unknown fate" outside the enum. */
const char *bj_race_fate_text(enum bj_race_fate fate);

#endif
