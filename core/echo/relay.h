#ifndef BJ_CORE_ECHO_RELAY_H
#define BJ_CORE_ECHO_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One direction of a byte stream: what a source sends goes through a bounded
 * buffer to a sink, in order and whole. With source and sink the same
 * socket it is the echo service over TCP (RFC 862); a client has two of
 * them, input to socket and socket to output. It never touches a
 * descriptor: it says what to do next, the caller does it and says what
 * came of it.
 *
 *     action = bj_relay_step(&relay, BJ_RELAY_START, 0);
 *     while (action.kind != BJ_RELAY_DONE)
 *         ... read, write or close as told, then step with the result
 *
 * The steps have no bound of their own, for a stream has none, but each one
 * moves at least one octet, ends a side, or repeats an interrupted call.
 */

/* What happened. `n` counts octets for READ and WROTE and is 0 otherwise. */
enum bj_relay_event {
    BJ_RELAY_START,    /* the first step */
    BJ_RELAY_GOT,      /* the read asked for brought n octets, at least 1 */
    BJ_RELAY_EOF,      /* the read asked for found the end */
    BJ_RELAY_PUT,      /* the write asked for took n octets, at least 1 */
    BJ_RELAY_AGAIN,    /* the call was interrupted, or would have blocked */
    BJ_RELAY_FAILED,   /* the call failed for good */
    BJ_RELAY_TIMEOUT,  /* the caller's patience is at its end */
    BJ_RELAY_READABLE, /* polled only: the source has something */
    BJ_RELAY_WRITABLE, /* polled only: the sink takes something */
    BJ_RELAY_FINISHED, /* the shutdown or close asked for is done */
};

enum bj_relay_action_kind {
    BJ_RELAY_READ,     /* read at most n octets to `at` */
    BJ_RELAY_WRITE,    /* write n octets from `at`, or the first of them */
    BJ_RELAY_WAIT,     /* polled only: wait for what `wants` says */
    BJ_RELAY_SHUTDOWN, /* all is delivered: end the sink's direction */
    BJ_RELAY_CLOSE,    /* close; what is pending is lost */
    BJ_RELAY_DONE,     /* nothing is left to do, now and for ever */
};

/* Bits of bj_relay_action.wants. */
#define BJ_RELAY_WANTS_READ 1U
#define BJ_RELAY_WANTS_WRITE 2U

struct bj_relay_action {
    enum bj_relay_action_kind kind;
    unsigned wants;
    uint8_t *at; /* inside the caller's buffer, for READ and WRITE */
    size_t n;    /* at least 1 for READ and WRITE */
};

/*
 * How it went. FAILED and TIMED_OUT are told apart from OK so that a caller
 * never takes a stream that was cut for one that ended.
 */
#define BJ_RELAY_OUTCOME_TABLE(X)            \
    X(BJ_RELAY_OPEN, "open")                 \
    X(BJ_RELAY_OK, "ended")                  \
    X(BJ_RELAY_READ_FAILED, "read failed")   \
    X(BJ_RELAY_WRITE_FAILED, "write failed") \
    X(BJ_RELAY_TIMED_OUT, "timed out")       \
    X(BJ_RELAY_BROKEN, "driven with an event that cannot be")

enum bj_relay_outcome {
#define BJ_RELAY_OUTCOME_ENUM(name, text) name,
    BJ_RELAY_OUTCOME_TABLE(BJ_RELAY_OUTCOME_ENUM)
#undef BJ_RELAY_OUTCOME_ENUM
};

/* Flags of bj_relay_init. */

/* Waits between calls and keeps reading while there is room, for a caller
 * that polls; without it the machine alternates (read, write until nothing
 * is pending, read), which is all that blocking descriptors need. */
#define BJ_RELAY_POLLED 1U
/* An orderly end is a SHUTDOWN of the sink, for one half of a connection;
 * without it, a CLOSE. */
#define BJ_RELAY_HALF 2U

enum bj_relay_state {
    BJ_RELAY_IDLE,
    BJ_RELAY_READING,
    BJ_RELAY_WRITING,
    BJ_RELAY_FINISHING,
    BJ_RELAY_ENDED,
};

/*
 * Invariant: head < cap, used <= cap, got - put == used. The pending octets
 * are the `used` ones from `head` on, around the end of the buffer.
 */
struct bj_relay {
    uint8_t *buf;
    size_t cap;
    size_t head;
    size_t used;
    size_t asked; /* the n of the READ or WRITE that is outstanding */
    uint64_t got; /* octets read so far */
    uint64_t put; /* octets written so far */
    unsigned flags;
    bool source_over;
    enum bj_relay_state state;
    enum bj_relay_outcome outcome;
};

/*
 * Proved by tests/proofs/run: the octets of the stream are numbered from 0;
 * those from `put` up to `got` are pending, and octet k lies at slot
 * k - put counted from the head around the end of the buffer. A READ asks for
 * octet `got` and those behind it at their slots, a WRITE offers octet `put`
 * and those behind it at theirs, no step moves a pending octet to another
 * slot, and a step writes nothing to the buffer: nothing is lost, doubled
 * or reordered.
 */
/*@
  logic integer relay_slot(integer head, integer cap, integer k) =
    head + k < cap ? head + k : head + k - cap;

  predicate valid_relay(struct bj_relay *r) =
    \valid(r) && r->used <= r->cap && r->asked <= r->cap &&
    (r->cap > 0 ==> \valid(r->buf + (0 .. r->cap - 1))) &&
    \separated(r, r->buf + (0 .. r->cap - 1)) &&
    (r->cap > 0 ? r->head < r->cap : r->head == 0) &&
    r->got - r->put == r->used &&
    (r->state == BJ_RELAY_IDLE || r->state == BJ_RELAY_READING ||
     r->state == BJ_RELAY_WRITING || r->state == BJ_RELAY_FINISHING ||
     r->state == BJ_RELAY_ENDED) &&
    (r->state == BJ_RELAY_READING ==>
      r->asked <= r->cap - r->used &&
      relay_slot(r->head, r->cap, r->used) + r->asked <= r->cap) &&
    (r->state == BJ_RELAY_WRITING ==>
      r->asked <= r->used && r->asked <= r->cap - r->head) &&
    (r->state == BJ_RELAY_READING || r->state == BJ_RELAY_WRITING ==>
      r->cap > 0) &&
    (r->outcome == BJ_RELAY_OK ==>
      r->used == 0 &&
      (r->state == BJ_RELAY_FINISHING || r->state == BJ_RELAY_ENDED));

  predicate same_slots(integer cap, integer got, integer head, integer put,
                       integer new_head, integer new_put) =
    put <= new_put &&
    \forall integer k; new_put <= k < got ==>
      relay_slot(head, cap, k - put) == relay_slot(new_head, cap, k - new_put);
*/

/*
 * Starts over `cap` octets at `buf`, which stay the caller's and must
 * outlive the relay; at least one, or the first step ends it as BROKEN.
 */
/*@
  requires \valid(r);
  requires cap > 0 ==> \valid(buf + (0 .. cap - 1));
  requires \separated(r, buf + (0 .. cap - 1));
  assigns *r;
  ensures valid_relay(r) && r->buf == buf && r->cap == cap;
  ensures r->got == 0 && r->put == 0 && r->state == BJ_RELAY_IDLE;
*/
void bj_relay_init(struct bj_relay *r, uint8_t *buf, size_t cap,
                   unsigned flags);

/*
 * Takes the result of the action before and returns the next one. A source
 * that fails or ends is still drained to the sink; a sink that fails, or a
 * timeout, ends both. Only a source that ended is answered by a SHUTDOWN,
 * which would otherwise pass a truncated stream for a whole one. An event
 * that does not answer the last action, or a count that is 0 or over what
 * was asked for, ends the relay as BROKEN and moves nothing. The stream is
 * shorter than 2^64 octets, as every stream is.
 */
/*@
  requires valid_relay(r) && r->got + r->cap <= UINT64_MAX;
  assigns *r;
  ensures valid_relay(r);
  ensures r->buf == \old(r->buf) && r->cap == \old(r->cap);
  ensures same_slots(r->cap, \old(r->got), \old(r->head), \old(r->put),
    r->head, r->put);
  ensures r->got == \old(r->got) ||
    (event == BJ_RELAY_GOT && r->got == \old(r->got) + n);
  ensures r->put == \old(r->put) ||
    (event == BJ_RELAY_PUT && r->put == \old(r->put) + n);
  ensures \result.kind == BJ_RELAY_READ ==>
    \result.n == r->asked > 0 &&
    \result.at == r->buf + relay_slot(r->head, r->cap, r->used) &&
    \valid(\result.at + (0 .. \result.n - 1));
  ensures \result.kind == BJ_RELAY_WRITE ==>
    \result.n == r->asked > 0 && \result.at == r->buf + r->head &&
    \valid(\result.at + (0 .. \result.n - 1));
  ensures \result.kind == BJ_RELAY_SHUTDOWN ==>
    r->used == 0 && r->outcome == BJ_RELAY_OK;
  ensures \result.kind == BJ_RELAY_DONE <==> r->state == BJ_RELAY_ENDED;
*/
struct bj_relay_action bj_relay_step(struct bj_relay *r,
                                     enum bj_relay_event event, size_t n);

/* Octets read and not yet written; after the end, octets lost. */
/*@
  requires \valid_read(r);
  assigns \nothing;
  ensures \result == r->used;
*/
static inline size_t bj_relay_pending(const struct bj_relay *r)
{
    return r->used;
}

/* Whether the last step was answered with DONE. */
/*@
  requires \valid_read(r);
  assigns \nothing;
*/
static inline bool bj_relay_over(const struct bj_relay *r)
{
    return r->state == BJ_RELAY_ENDED;
}

/* Static text of an outcome; "unknown outcome" outside the enum. */
/*@ assigns \nothing; */
const char *bj_relay_outcome_text(enum bj_relay_outcome outcome);

#endif
