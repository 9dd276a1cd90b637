#ifndef BJ_SANDBOX_RESOLVE_REPLY_H
#define BJ_SANDBOX_RESOLVE_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes/status.h"
#include "core/resolve/lookup.h"

/*
 * How a lookup ended, as its owner gets it, and the memory that the result
 * lies in: within the reply as a rule, so that a lookup allocates nothing.
 */
struct bj_reply {
    /* BJ_FOUND: `result` is what the worker says, which may be that there is
     * no such name. Else nobody could be asked, or nobody answered. */
    enum bj_outcome outcome;
    int error; /* errno value of BJ_SYSTEM */
    struct bj_result result;
    uint8_t *bytes; /* what the texts of the result lie in */
    void *lists;    /* and the lists */
    uint8_t small_bytes[1024];
    uint64_t small_lists[256];
};

/* Must be called before anything else is done with it. */
void bj_reply_init(struct bj_reply *reply);

/*
 * Reads the payload of a RESULT, which is copied. BJ_SPACE: out of memory.
 * Anything else but BJ_OK: it is none, and the worker lies.
 */
BJ_MUST_CHECK enum bj_status bj_reply_read(struct bj_reply *reply,
                                           const uint8_t *payload, size_t len);

/* Ends with an outcome of the driver's own. */
void bj_reply_fail(struct bj_reply *reply, enum bj_outcome outcome, int error);

/* How the lookup of hosts came out, by either. */
enum bj_outcome bj_reply_outcome(const struct bj_reply *reply);

/* Frees what had to be allocated; it may be used again. */
void bj_reply_clear(struct bj_reply *reply);

#endif
