#ifndef BJ_CORE_ECHO_LINE_H
#define BJ_CORE_ECHO_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reading a line at a time from a source that hands out any number of
 * octets: the buffered readlineb of Bryant and O'Hallaron's Robust I/O as a
 * pure buffer. It never touches a descriptor; the caller reads where it is
 * told and says what came.
 *
 *     action = bj_line_step(&line, BJ_LINE_NEXT, 0);
 *     while (action.kind != BJ_LINE_END)
 *         if (action.kind == BJ_LINE_READ)
 *             ... read, step with GOT, EOF or FAILED
 *         else
 *             ... use action.at and action.n, step with NEXT
 *
 * Concatenated, the lines are the source, octet for octet. NUL is an octet
 * like any other. Every octet is searched once and moved at most once, so
 * the work is linear whatever the chunks.
 */

enum bj_line_event {
    BJ_LINE_NEXT,   /* wants a line; the one before is no longer needed */
    BJ_LINE_GOT,    /* the read asked for brought n octets, at least 1 */
    BJ_LINE_EOF,    /* the read asked for found the end */
    BJ_LINE_FAILED, /* the read asked for failed for good */
    BJ_LINE_AGAIN,  /* the read asked for was interrupted */
};

enum bj_line_action_kind {
    BJ_LINE_READ,  /* read at most n octets to `at` */
    BJ_LINE_WHOLE, /* n octets at `at`, the last of them '\n' and no other */
    BJ_LINE_PART,  /* the same without '\n': the buffer is full, or the
                      source ended; as readlineb, which cuts long lines */
    BJ_LINE_END,   /* nothing is left, now and for ever */
};

struct bj_line_action {
    enum bj_line_action_kind kind;
    uint8_t *at; /* inside the caller's buffer; valid until the next step */
    size_t n;    /* at least 1 except for END */
};

enum bj_line_state {
    BJ_LINE_IDLE,
    BJ_LINE_READING,
    BJ_LINE_OVER,
};

/*
 * Invariant: head <= seen <= tail <= cap. The octets from head to tail are
 * read and not handed out; no '\n' lies between head and seen.
 */
struct bj_line {
    uint8_t *buf;
    size_t cap;
    size_t head;
    size_t seen;
    size_t tail;
    enum bj_line_state state;
    bool source_over;
    bool failed; /* the source failed, or was driven out of its contract */
};

/*
 * Proved by tests/proofs/run: a line handed out is the oldest pending octets
 * in place, and those behind them keep their values and their order, also
 * when they are moved to the front.
 */
/*@
  predicate same_octets{A,B}(uint8_t *a, uint8_t *b, integer n) =
    \forall integer i; 0 <= i < n ==> \at(a[i], A) == \at(b[i], B);

  predicate valid_line(struct bj_line *l) =
    \valid(l) && l->head <= l->seen <= l->tail <= l->cap &&
    (l->cap > 0 ==> \valid(l->buf + (0 .. l->cap - 1))) &&
    \separated(l, l->buf + (0 .. l->cap - 1)) &&
    (l->state == BJ_LINE_IDLE || l->state == BJ_LINE_READING ||
     l->state == BJ_LINE_OVER) &&
    (l->state == BJ_LINE_READING ==> l->tail < l->cap) &&
    (l->cap == 0 ==> l->state == BJ_LINE_OVER);
*/

/*
 * Starts over `cap` octets at `buf`, which stay the caller's and must
 * outlive the reader. A line longer than cap comes in parts of cap octets.
 * With a cap of 0 the first step is the end, and `failed`.
 */
/*@
  requires \valid(l);
  requires cap > 0 ==> \valid(buf + (0 .. cap - 1));
  requires \separated(l, buf + (0 .. cap - 1));
  assigns *l;
  ensures valid_line(l) && l->buf == buf && l->cap == cap;
  ensures l->head == l->tail == 0;
*/
void bj_line_init(struct bj_line *l, uint8_t *buf, size_t cap);

/*
 * Takes what happened and returns what to do. What was read before a failure
 * is still handed out, then comes END with `failed` set. An event that does
 * not answer the last action, or a count of 0 or over what was asked for, is
 * a failure that moves nothing and at once ends.
 */
/*@
  requires valid_line(l);
  assigns *l, l->buf[0 .. l->cap - 1];
  ensures valid_line(l);
  ensures l->buf == \old(l->buf) && l->cap == \old(l->cap);
  ensures \result.kind == BJ_LINE_READ ==>
    \result.n == l->cap - l->tail > 0 && \result.at == l->buf + l->tail;
  ensures \result.kind == BJ_LINE_WHOLE || \result.kind == BJ_LINE_PART ==>
    \result.n > 0 && \result.at == l->buf + \old(l->head) &&
    l->head == \old(l->head) + \result.n;
  ensures \result.kind == BJ_LINE_READ ==>
    same_octets{Pre,Post}(\old(l->buf + l->head), l->buf + l->head,
                           l->tail - l->head);
  ensures \result.kind != BJ_LINE_READ ==>
    same_octets{Pre,Post}(l->buf, l->buf, l->cap);
*/
struct bj_line_action bj_line_step(struct bj_line *l, enum bj_line_event event,
                                   size_t n);

#endif
