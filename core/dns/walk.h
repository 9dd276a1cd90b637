#ifndef BJ_CORE_DNS_WALK_H
#define BJ_CORE_DNS_WALK_H

#include <string.h>

#include "core/bytes/ascii.h"
#include "core/dns/name.h"

/* What the files of core/dns that read names on the wire share: the one walk
 * over their labels. Nothing else includes it. */

/*
 * Provers do not find induction, so these two are told them: labels go on
 * where others end, and a copy of labels is labels. tests/proofs/labels.c
 * proves them.
 */
/*@
  axiomatic labels {
    axiom labels_join{L}: \forall uint8_t *o, integer at, mid, end;
      whole_labels(o, at, mid) && whole_labels(o, mid, end) ==>
      whole_labels(o, at, end);
    axiom labels_copy{A,B}:
      \forall uint8_t *o, *p, integer at, end, to, to_end;
      whole_labels{A}(o, at, end) && end - at == to_end - to &&
      (\forall integer i; 0 <= i < end - at ==>
        \at(o[at + i], A) == \at(p[to + i], B)) ==>
      whole_labels{B}(p, to, to_end);
  }
*/

enum {
    STEP_ROOT = 0, /* 1 to 63: a label of that many octets */
    STEP_POINTER = 0x100,
    STEP_FAULT = 0x101,
};

/*
 * The one walk over the labels of a name on the wire, which reading, skipping
 * and matching drive. `run` is where the current run of labels starts;
 * `total` counts the octets of the name so far; `after` is where what stands
 * in place ends, 0 before the first pointer.
 */
struct walk {
    struct bj_cursor c;
    size_t run;
    size_t total;
    size_t after;
    unsigned labels;
    unsigned pointers;
    bool plain;
    struct bj_fault fault;
};

/* The run starts where the walk has been; no bound is passed yet. What stands
 * in place ends at walk_end, once the walk has. */
/*@
  predicate valid_walk(struct walk *w) =
    \valid(w) && valid_cursor(&w->c) && w->after <= w->c.len &&
    \separated(w, w->c.base + (0 .. w->c.len - 1)) &&
    w->pointers <= BJ_NAME_POINTERS_MAX && 2 * w->labels <= w->total;

  predicate walk_goes_on(struct walk *w) =
    w->c.status == BJ_OK && w->run <= w->c.pos && w->total < BJ_NAME_MAX;

  logic integer walk_end(struct walk *w) =
    w->after != 0 ? w->after : w->c.pos;

  predicate same_input{A,B}(struct walk *w) =
    \at(w->c.base, A) == \at(w->c.base, B) &&
    \at(w->c.len, A) == \at(w->c.len, B);
*/

/*@
  requires \valid(w) && valid_cursor(c) && c->status == BJ_OK;
  requires \separated(w, c, c->base + (0 .. c->len - 1));
  assigns *w;
  ensures valid_walk(w) && walk_goes_on(w);
  ensures w->c.base == c->base && w->c.len == c->len && w->c.pos == c->pos;
  ensures w->total == 0 && w->after == 0 && w->plain == plain;
  ensures w->labels == 0 && w->pointers == 0;
*/
BJ_INLINE void walk_init(struct walk *w, const struct bj_cursor *c, bool plain)
{
    bj_cursor_init(&w->c, c->base, c->len);
    w->c.pos = c->pos;
    w->run = c->pos;
    w->total = 0;
    w->after = 0;
    w->labels = 0;
    w->pointers = 0;
    w->plain = plain;
    w->fault.kind = BJ_FAULT_NONE;
    w->fault.at = 0;
}

/*@
  requires \valid(w) && kind != BJ_FAULT_NONE;
  assigns w->fault;
  ensures \result == STEP_FAULT && w->fault.kind != BJ_FAULT_NONE;
*/
static inline unsigned walk_fault(struct walk *w, enum bj_fault_kind kind,
                                  size_t at)
{
    (void)bj_fault_note(&w->fault, kind, at);
    return STEP_FAULT;
}

/*
 * Goes where the pointer whose first octet was read leads: strictly before
 * the run it ends, so that runs only descend and the walk has an end, and
 * behind the header, where no name is (RFC 1035 section 4.1.4: "a prior
 * occurance of the same name").
 */
/*@
  requires valid_walk(w) && walk_goes_on(w) && at < w->c.pos;
  requires BJ_POINTER_BITS <= octet <= 255;
  assigns w->c.pos, w->c.status, w->run, w->after, w->pointers, w->fault;
  ensures valid_walk(w);
  ensures \result == STEP_POINTER || \result == STEP_FAULT;
  ensures \result == STEP_FAULT ==> w->fault.kind != BJ_FAULT_NONE;
  ensures \result == STEP_POINTER ==>
    walk_goes_on(w) && w->run < \old(w->run) && !w->plain &&
    BJ_HEADER_LEN <= w->run == w->c.pos < BJ_NAME_OFFSETS &&
    w->pointers == \old(w->pointers) + 1 &&
    w->after > 0 && (\old(w->after) == 0 ==> w->after > \old(w->c.pos)) &&
    (\old(w->after) > 0 ==> w->after == \old(w->after));
*/
BJ_INLINE unsigned walk_pointer(struct walk *w, unsigned octet, size_t at)
{
    size_t target = (octet - BJ_POINTER_BITS) * 256U + bj_cursor_u8(&w->c);

    if (!bj_cursor_ok(&w->c))
        return walk_fault(w, BJ_FAULT_CUT, at);
    if (w->plain)
        return walk_fault(w, BJ_FAULT_POINTER_FORBIDDEN, at);
    if (target < BJ_HEADER_LEN)
        return walk_fault(w, BJ_FAULT_POINTER_HEADER, at);
    if (target >= w->run)
        return walk_fault(w, BJ_FAULT_POINTER_FORWARD, at);
    if (w->pointers == BJ_NAME_POINTERS_MAX)
        return walk_fault(w, BJ_FAULT_POINTER_CHAIN, at);
    w->pointers += 1;
    if (w->after == 0)
        w->after = w->c.pos;
    w->run = target;
    w->c.pos = target;
    return STEP_POINTER;
}

/*
 * One label, the root or a pointer. Within a run each step moves forward and
 * a pointer lowers `run`, so a walk ends; `total` bounds the labels.
 */
/*@
  requires valid_walk(w) && walk_goes_on(w);
  assigns w->c.pos, w->c.status, w->run, w->total, w->after, w->labels,
    w->pointers, w->fault;
  ensures valid_walk(w);
  ensures \result <= BJ_LABEL_MAX || \result == STEP_POINTER ||
    \result == STEP_FAULT;
  ensures \result == STEP_FAULT ==> w->fault.kind != BJ_FAULT_NONE;
  ensures \result <= BJ_LABEL_MAX ==>
    w->total == \old(w->total) + \result + 1 &&
    w->c.pos == \old(w->c.pos) + \result + 1 && w->c.status == BJ_OK &&
    w->c.base[\old(w->c.pos)] == \result &&
    w->run == \old(w->run) && w->after == \old(w->after) &&
    w->pointers == \old(w->pointers);
  ensures 1 <= \result <= BJ_LABEL_MAX ==>
    walk_goes_on(w) && w->labels == \old(w->labels) + 1 &&
    whole_labels(w->c.base, \old(w->c.pos), w->c.pos);
  ensures \result == STEP_ROOT ==>
    w->total <= BJ_NAME_MAX && 2 * w->labels < w->total &&
    w->labels == \old(w->labels);
  ensures \result == STEP_POINTER ==>
    walk_goes_on(w) && w->run < \old(w->run) && !w->plain &&
    BJ_HEADER_LEN <= w->run == w->c.pos < BJ_NAME_OFFSETS &&
    w->pointers == \old(w->pointers) + 1 &&
    w->total == \old(w->total) && w->labels == \old(w->labels) &&
    w->after > 0 && (\old(w->after) == 0 ==> w->after > \old(w->c.pos)) &&
    (\old(w->after) > 0 ==> w->after == \old(w->after));
*/
BJ_INLINE unsigned walk_step(struct walk *w)
{
    size_t at = w->c.pos;
    unsigned octet = bj_cursor_u8(&w->c);

    if (octet > BJ_LABEL_MAX) {
        if (octet < BJ_POINTER_BITS)
            return walk_fault(w, BJ_FAULT_LABEL_TYPE, at);
        return walk_pointer(w, octet, at);
    }
    bj_cursor_skip(&w->c, octet);
    if (!bj_cursor_ok(&w->c))
        return walk_fault(w, BJ_FAULT_CUT, at);
    w->total += octet + 1;
    if (octet == 0)
        return STEP_ROOT;
    /* The root's octet must still fit (RFC 1035 section 3.1). */
    if (w->total > BJ_NAME_MAX - 1)
        return walk_fault(w, BJ_FAULT_NAME_LENGTH, at);
    w->labels += 1;
    return octet;
}

/* To the end of the run: STEP_ROOT, STEP_POINTER or STEP_FAULT. */
/*@
  requires valid_walk(w) && walk_goes_on(w);
  assigns w->c.pos, w->c.status, w->run, w->total, w->after, w->labels,
    w->pointers, w->fault;
  ensures valid_walk(w);
  ensures \result == STEP_ROOT || \result == STEP_POINTER ||
    \result == STEP_FAULT;
  ensures \result == STEP_FAULT ==> w->fault.kind != BJ_FAULT_NONE;
  ensures \result == STEP_ROOT ==>
    w->total <= BJ_NAME_MAX && 2 * w->labels < w->total &&
    w->c.pos - \old(w->c.pos) == w->total - \old(w->total) > 0 &&
    whole_labels(w->c.base, \old(w->c.pos), w->c.pos - 1) &&
    w->c.status == BJ_OK && w->after == \old(w->after);
  ensures \result == STEP_POINTER ==>
    walk_goes_on(w) && w->run < \old(w->run) && !w->plain &&
    w->run < BJ_NAME_OFFSETS && \old(w->total) <= w->total &&
    w->total - \old(w->total) <= w->c.len - \old(w->c.pos) &&
    whole_labels(w->c.base, \old(w->c.pos),
                 \old(w->c.pos) + (w->total - \old(w->total))) &&
    w->after > 0 && (\old(w->after) == 0 ==> w->after > \old(w->c.pos)) &&
    (\old(w->after) > 0 ==> w->after == \old(w->after));
*/
BJ_INLINE unsigned walk_run(struct walk *w)
{
    unsigned step;

    /*@
      loop invariant valid_walk(w) && walk_goes_on(w);
      loop invariant w->run == \at(w->run, Pre);
      loop invariant w->after == \at(w->after, Pre);
      loop invariant \at(w->c.pos, Pre) <= w->c.pos;
      loop invariant \at(w->total, Pre) <= w->total;
      loop invariant
        w->c.pos - \at(w->c.pos, Pre) == w->total - \at(w->total, Pre);
      loop invariant whole_labels(w->c.base, \at(w->c.pos, Pre), w->c.pos);
      loop assigns step, w->c.pos, w->c.status, w->run, w->total, w->after,
        w->labels, w->pointers, w->fault;
      loop variant w->c.len - w->c.pos;
    */
    do
        step = walk_step(w);
    while (step != STEP_ROOT && step <= BJ_LABEL_MAX);
    return step;
}

/*@
  requires \valid_read(w);
  assigns \nothing;
  ensures \result == walk_end(w);
*/
static inline size_t walk_after(const struct walk *w)
{
    return w->after != 0 ? w->after : w->c.pos;
}

/* The `n` octets at offset `at` of what a cursor is over. */
/*@
  requires at <= c.len && n <= c.len - at;
  requires c.len > 0 ==> \valid_read(c.base + (0 .. c.len - 1));
  assigns \nothing;
  ensures n > 0 ==> \result == c.base + at;
  ensures whole_labels(c.base, at, at + n) ==> whole_labels(\result, 0, n);
  ensures n > 0 && whole_labels(c.base, at, at + n - 1) ==>
    whole_labels(\result, 0, n - 1);
*/
static inline const uint8_t *octets_at(struct bj_cursor c, size_t at, size_t n)
{
    c.pos = at;
    return bj_cursor_bytes(&c, n);
}

/* Whether labels are the same, case folded. Folding their length octets too is
 * harmless: they are below 'A'. */
/*@
  requires len > 0 ==> \valid_read(a + (0 .. len - 1));
  requires len > 0 ==> \valid_read(b + (0 .. len - 1));
  assigns \nothing;
*/
static inline bool same_octets(const uint8_t *a, const uint8_t *b, size_t len)
{
    return memcmp(a, b, len) == 0 || bj_ascii_equal_nocase(a, len, b, len);
}

#endif
