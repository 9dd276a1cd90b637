#ifndef BJ_SANDBOX_RESOLVE_CALLS_H
#define BJ_SANDBOX_RESOLVE_CALLS_H

#include "sandbox/resolve/ask.h"
#include "sandbox/resolve/belljar.h"
#include "sandbox/resolve/engine.h"

/*
 * Lookups for event loops: how they come and go (calls.c), and what of them a
 * caller gets to see (calls_result.c).
 */
enum bj_call_state {
    BJ_CALL_WAITING, /* for a slot */
    BJ_CALL_IN_SLOT,
    BJ_CALL_DUE, /* done; its completion is not called yet */
    BJ_CALL_COMPLETED
};

struct bj_call {
    struct bj_resolver *resolver;
    struct bj_call *previous; /* all calls of the resolver */
    struct bj_call *next;
    struct bj_call *later; /* of those that wait, or are due */
    enum bj_call_state state;
    unsigned slot; /* BJ_SLOTS: none */
    uint64_t life; /* of the engine, when it was started */
    bj_call_done *done;
    void *arg;
    struct bj_ask ask;
    struct bj_reply reply;
    bool handed_over;
    char texts[];
};

/* Of this process and this opening of the resolver's memory: a child of a fork
 * has nothing to do with its parent's. With the lock held. */
bool bj_call_is_ours(const struct bj_call *call);

#endif
