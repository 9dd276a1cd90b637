#ifndef BJ_SANDBOX_SERVE_SHARED_H
#define BJ_SANDBOX_SERVE_SHARED_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What the keeper and one role tell each other, in memory that both can
 * write: there is one such area per listening socket, made before the first
 * fork. A captured role or child can write anything here. What it can do so
 * is to lie in the counters, and to have the keeper end connections of its
 * own role early: the keeper follows no pointer from it, bounds every index
 * itself, and signals no process outside the role's group. What limits the
 * number of connections is kept in the role's own memory, not here.
 */

/* Everything that is counted, with its name in the log and in JSON. */
#define BJ_COUNTER_TABLE(X)                                             \
    X(CONNECTIONS, "connections") /* accepted and served */             \
    X(DATAGRAMS, "datagrams")     /* answered */                        \
    X(BYTES_IN, "bytes_in")                                             \
    X(BYTES_OUT, "bytes_out")                                           \
    X(REFUSED, "refused")       /* over a limit: accepted and reset */  \
    X(TIMED_OUT, "timed_out")   /* silent too long, or here too long */ \
    X(BROKEN, "broken")         /* reset or failed by the peer */       \
    X(KILLED, "killed")         /* a child ended by a signal */         \
    X(VIOLATIONS, "violations") /* ended by its filter */               \
    X(PAUSES, "pauses")         /* accept or fork lacked resources */   \
    X(DROPPED, "dropped")       /* datagrams not answered */            \
    X(RESTARTS, "restarts")     /* of the role */

enum bj_counter {
#define BJ_COUNTER_ENUM(name, text) BJ_COUNT_##name,
    BJ_COUNTER_TABLE(BJ_COUNTER_ENUM)
#undef BJ_COUNTER_ENUM
        BJ_COUNTER_COUNT
};

const char *bj_counter_name(enum bj_counter counter);

/*
 * One connection as the keeper sees it. `serial` is odd while there is one;
 * it grows by one at each begin and each end. `pid` is the process that
 * serves it, 0 if that is the role's own. The keeper copies the serial to
 * `expired` when the connection has been there too long.
 */
struct bj_slot {
    _Atomic uint32_t serial;
    _Atomic uint32_t expired;
    _Atomic int32_t pid;
};

struct bj_shared {
    _Atomic uint32_t ready;     /* the role is confined and serves */
    _Atomic uint32_t stop;      /* the keeper asks it to end */
    _Atomic uint64_t now_ms;    /* the keeper's clock at its last tick */
    _Atomic int32_t last_error; /* the errno of the last pause */
    _Atomic uint32_t live;      /* connections being served */
    _Atomic uint64_t counters[BJ_COUNTER_COUNT];
    size_t mapped;
    size_t slot_count;
    struct bj_slot slots[];
};

/* Maps a zeroed area with that many slots; NULL with errno set. */
struct bj_shared *bj_shared_map(size_t slot_count);

static inline void bj_count(struct bj_shared *shared, enum bj_counter counter,
                            uint64_t n)
{
    atomic_fetch_add_explicit(&shared->counters[counter], n,
                              memory_order_relaxed);
}

static inline uint64_t bj_counted(struct bj_shared *shared,
                                  enum bj_counter counter)
{
    return atomic_load_explicit(&shared->counters[counter],
                                memory_order_relaxed);
}

/*
 * How a child of serve-process says how its connection went: its exit
 * status. These and the signals that ended it are counted in one place,
 * whoever reaps it: safe in a signal handler.
 */
#define BJ_CHILD_ENDED 0
#define BJ_CHILD_BROKEN 1
#define BJ_CHILD_TIMED_OUT 3

void bj_shared_child_ended(struct bj_shared *shared, int wait_status);

/* A connection begins or ends in a slot. */
void bj_slot_begin(struct bj_slot *slot, pid_t pid);
void bj_slot_end(struct bj_slot *slot);

#endif
