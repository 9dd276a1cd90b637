#include "core/dns/name.h"

#include <string.h>

#include "core/bytes/ascii.h"

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
    BJ_HEADER_LEN <= w->run < BJ_NAME_OFFSETS &&
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
    BJ_HEADER_LEN <= w->run < BJ_NAME_OFFSETS &&
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
    \old(w->total) <= w->total &&
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

/* Puts `n` octets of labels behind those that take `total`. */
/*@
  requires total + n <= BJ_NAME_MAX;
  requires \valid(octets + (0 .. BJ_NAME_MAX - 1));
  requires n > 0 ==> \valid_read(labels + (0 .. n - 1));
  requires \separated(octets + (0 .. BJ_NAME_MAX - 1), labels + (0 .. n - 1));
  requires whole_labels(octets, 0, total);
  assigns octets[total .. total + n - 1];
  ensures \old(whole_labels(labels, 0, n)) ==>
    whole_labels(octets, 0, total + n);
  ensures n > 0 && \old(whole_labels(labels, 0, n - 1)) ==>
    whole_labels(octets, 0, total + n - 1);
*/
static inline void put_labels(uint8_t *octets, size_t total,
                              const uint8_t *labels, size_t n)
{
    if (n > 0)
        memcpy(octets + total, labels, n);
    /*@ assert whole_labels(octets, 0, total); */
    /*@ assert \at(whole_labels(labels, 0, n), Pre) ==>
      whole_labels(octets, total, total + n); */
    /*@ assert n > 0 && \at(whole_labels(labels, 0, n - 1), Pre) ==>
      whole_labels(octets, total, total + n - 1); */
}

/* Puts the root behind labels that take `total` octets. */
/*@
  requires \valid(name) && total < BJ_NAME_MAX;
  requires labels <= BJ_NAME_LABELS_MAX;
  requires whole_labels(&name->octets[0], 0, total);
  assigns name->len, name->label_count, name->octets[total];
  ensures valid_name(name) && name->len == total + 1;
*/
static inline void put_root(struct bj_name *name, size_t total, unsigned labels)
{
    name->octets[total] = 0;
    name->len = (uint8_t)(total + 1);
    name->label_count = (uint8_t)labels;
    /*@ assert whole_labels(&name->octets[0], 0, total); */
}

/* All runs, one behind the other into `octets`; false at a fault. */
/*@
  requires valid_walk(w) && walk_goes_on(w);
  requires w->total == 0 && w->after == 0;
  requires \valid(octets + (0 .. BJ_NAME_MAX - 1));
  requires \separated(w, octets + (0 .. BJ_NAME_MAX - 1),
                      w->c.base + (0 .. w->c.len - 1));
  assigns w->c.pos, w->c.status, w->run, w->total, w->after, w->labels,
    w->pointers, w->fault, octets[0 .. BJ_NAME_MAX - 1];
  ensures valid_walk(w);
  ensures !\result ==> w->fault.kind != BJ_FAULT_NONE;
  ensures \result ==> 0 < w->total <= BJ_NAME_MAX &&
    2 * w->labels < w->total && whole_labels(octets, 0, w->total - 1) &&
    walk_end(w) > \old(w->c.pos);
*/
BJ_INLINE bool read_runs(struct walk *w, uint8_t *octets)
{
    unsigned step;

    /*@
      loop invariant valid_walk(w) && walk_goes_on(w);
      loop invariant w->after == 0 ?
        w->c.pos == \at(w->c.pos, Pre) && w->total == 0 :
        w->after > \at(w->c.pos, Pre);
      loop invariant whole_labels(octets, 0, w->total);
      loop assigns step, w->c.pos, w->c.status, w->run, w->total, w->after,
        w->labels, w->pointers, w->fault, octets[0 .. BJ_NAME_MAX - 1];
      loop variant w->run;
    */
    do {
        size_t at = w->c.pos;
        size_t total = w->total;
        size_t n;

        step = walk_run(w);
        if (step == STEP_FAULT)
            return false;
        n = w->total - total;
        put_labels(octets, total, octets_at(w->c, at, n), n);
    } while (step != STEP_ROOT);
    return true;
}

/*@
  requires valid_cursor(c) && \valid(name) && (why == \null || \valid(why));
  requires \separated(c, name, why, c->base + (0 .. c->len - 1));
  assigns c->pos, *name, *why;
  ensures valid_cursor(c) && valid_name(name);
  ensures \result == BJ_OK ==> name->len > 0 && c->pos > \old(c->pos);
  ensures \result != BJ_OK ==> name->len == 0 && c->pos == \old(c->pos);
  ensures \result != BJ_OK && c->status == BJ_OK && why != \null ==>
    why->kind != BJ_FAULT_NONE;
*/
static enum bj_status read_name(struct bj_cursor *c, struct bj_name *name,
                                struct bj_fault *why, bool plain)
{
    struct walk w;

    name->len = 0;
    name->label_count = 0;
    if (!bj_cursor_ok(c))
        return c->status;
    walk_init(&w, c, plain);
    if (!read_runs(&w, name->octets))
        return bj_fault_note(why, w.fault.kind, w.fault.at);
    put_root(name, w.total - 1, w.labels);
    c->pos = walk_after(&w);
    return BJ_OK;
}

enum bj_status bj_name_read(struct bj_cursor *c, struct bj_name *name,
                            struct bj_fault *why)
{
    return read_name(c, name, why, false);
}

enum bj_status bj_name_read_plain(struct bj_cursor *c, struct bj_name *name,
                                  struct bj_fault *why)
{
    return read_name(c, name, why, true);
}

enum bj_status bj_name_skip_labels(struct bj_cursor *c, struct bj_fault *why)
{
    struct walk w;

    if (!bj_cursor_ok(c))
        return c->status;
    walk_init(&w, c, false);
    if (walk_run(&w) == STEP_FAULT)
        return bj_fault_note(why, w.fault.kind, w.fault.at);
    c->pos = walk_after(&w);
    return BJ_OK;
}

void bj_name_write(struct bj_writer *w, const struct bj_name *name)
{
    bj_writer_bytes(w, name->octets, name->len);
}

/* Folding the length octets too is harmless: they are below 'A'. */
/*@
  requires len > 0 ==> \valid_read(a + (0 .. len - 1));
  requires len > 0 ==> \valid_read(b + (0 .. len - 1));
  assigns \nothing;
*/
static bool same_octets(const uint8_t *a, const uint8_t *b, size_t len)
{
    return memcmp(a, b, len) == 0 || bj_ascii_equal_nocase(a, len, b, len);
}

/* The offset of a known suffix equal to `name` from `at` on, or 0. */
/*@
  requires valid_suffixes(known) && \valid_read(name) && at < name->len;
  assigns \nothing;
  ensures \result < BJ_NAME_OFFSETS;
*/
static uint16_t find_suffix(const struct bj_name_suffixes *known,
                            const struct bj_name *name, size_t at)
{
    size_t len = name->len - at;

    /*@
      loop invariant i <= known->count;
      loop assigns i;
      loop variant known->count - i;
    */
    for (size_t i = 0; i < known->count; i++) {
        const struct bj_name *other = known->known[i].name;
        size_t other_at = known->known[i].at;

        if (other_at + len == other->len &&
            memcmp(other->octets + other_at, name->octets + at, len) == 0)
            return known->known[i].offset;
    }
    return 0;
}

/* The suffix of `name` from `at` on stands in the message as far behind
 * `start`; where no pointer leads it is not worth knowing. */
/*@
  requires valid_suffixes(known) && \valid_read(name) && at < name->len;
  assigns known->count, known->known[0 .. BJ_NAME_SUFFIXES_MAX - 1];
  ensures valid_suffixes(known);
*/
static void remember_suffix(struct bj_name_suffixes *known,
                            const struct bj_name *name, size_t at, size_t start)
{
    if (known->count == BJ_NAME_SUFFIXES_MAX || start >= BJ_NAME_OFFSETS - at)
        return;
    known->known[known->count].name = name;
    known->known[known->count].offset = (uint16_t)(start + at);
    known->known[known->count].at = (uint8_t)at;
    known->count += 1;
}

void bj_name_write_compressed(struct bj_writer *w, const struct bj_name *name,
                              struct bj_name_suffixes *known)
{
    size_t start = w->len;
    size_t at = 0;

    /* The root alone is not worth two octets. */
    /*@
      loop invariant at <= 512 && valid_suffixes(known);
      loop assigns at, known->count,
        known->known[0 .. BJ_NAME_SUFFIXES_MAX - 1];
      loop variant name->len - at;
    */
    while (at + 1 < name->len) {
        uint16_t offset = find_suffix(known, name, at);

        if (offset != 0) {
            bj_writer_bytes(w, name->octets, at);
            bj_writer_u16(w, (uint16_t)(BJ_POINTER_BITS * 256U + offset));
            return;
        }
        remember_suffix(known, name, at, start);
        at += name->octets[at] + 1U;
    }
    bj_writer_bytes(w, name->octets, name->len);
}

bool bj_name_equal(const struct bj_name *a, const struct bj_name *b)
{
    return a->len == b->len && same_octets(a->octets, b->octets, a->len);
}

bool bj_name_is_within(const struct bj_name *name,
                       const struct bj_name *ancestor)
{
    size_t at = 0;

    if (ancestor->len == 0 || name->len < ancestor->len)
        return false;
    /* To the label where as many octets are left. */
    /*@
      loop invariant at <= name->len - ancestor->len + 255;
      loop assigns at;
      loop variant name->len - at;
    */
    while (at + ancestor->len < name->len)
        at += name->octets[at] + 1U;
    return at + ancestor->len == name->len &&
           same_octets(name->octets + at, ancestor->octets, ancestor->len);
}

/* The octet that the escape behind a backslash stands for. */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c) && c->pos >= \old(c->pos);
*/
static uint8_t parse_escape(struct bj_cursor *c)
{
    unsigned value = 0;

    if (!bj_ascii_is_digit(bj_cursor_peek(c)))
        return bj_cursor_u8(c);
    /*@
      loop invariant 0 <= i <= 3 && valid_cursor(c);
      loop invariant c->pos >= \at(c->pos, Pre);
      loop invariant (i == 0 ==> value == 0) && (i == 1 ==> value <= 9) &&
        (i == 2 ==> value <= 99) && value <= 999;
      loop assigns i, value, c->pos, c->status;
      loop variant 3 - i;
    */
    for (int i = 0; i < 3; i++) {
        uint8_t digit = bj_cursor_u8(c);

        if (!bj_ascii_is_digit(digit)) {
            bj_cursor_fail(c, BJ_BAD);
            return 0;
        }
        value = value * 10U + (digit - '0');
    }
    if (value > 255)
        bj_cursor_fail(c, BJ_BAD);
    return (uint8_t)(value % 256U);
}

/*
 * One label, up to a dot (which stays) or the end of the text, behind the
 * `total` octets that `name` has; 0 if it is empty, too long, or does not fit
 * with the root behind it.
 */
/*@
  requires valid_cursor(c) && \valid(name) && total < BJ_NAME_MAX;
  requires \separated(c, name, c->base + (0 .. c->len - 1));
  requires whole_labels(&name->octets[0], 0, total);
  assigns c->pos, c->status, name->octets[total .. BJ_NAME_MAX - 1];
  ensures valid_cursor(c);
  ensures \result > 0 ==> \result <= BJ_LABEL_MAX &&
    total + \result + 1 < BJ_NAME_MAX && c->pos > \old(c->pos) &&
    whole_labels(&name->octets[0], 0, total + \result + 1);
*/
static size_t parse_label(struct bj_cursor *c, struct bj_name *name,
                          size_t total)
{
    size_t room = BJ_NAME_MAX - 1 - total;
    size_t len = 0;

    /*@
      loop invariant valid_cursor(c) && c->pos >= \at(c->pos, Pre) + len;
      loop invariant len <= BJ_LABEL_MAX && (len == 0 || len < room);
      loop invariant -1 <= next <= 255;
      loop invariant c->pos == c->len ==> next == -1;
      loop assigns len, next, c->pos, c->status,
        name->octets[total + 1 .. BJ_NAME_MAX - 1];
      loop variant c->len - c->pos;
    */
    for (int next = bj_cursor_peek(c); next != -1 && next != '.';
         next = bj_cursor_peek(c)) {
        uint8_t octet = bj_cursor_u8(c);

        if (octet == '\\')
            octet = parse_escape(c);
        len += 1;
        if (len > BJ_LABEL_MAX || len >= room)
            return 0;
        name->octets[total + len] = octet;
    }
    if (!bj_cursor_ok(c))
        return 0;
    if (len > 0)
        name->octets[total] = (uint8_t)len;
    /*@ assert whole_labels(&name->octets[0], 0, total); */
    /*@ assert len > 0 ==>
      whole_labels(&name->octets[0], total, total + len + 1); */
    return len;
}

enum bj_status bj_name_parse(const char *text, size_t len, struct bj_name *name,
                             bool *absolute)
{
    struct bj_cursor c;
    size_t total = 0;
    unsigned labels = 0;
    bool dot;

    name->len = 0;
    name->label_count = 0;
    if (absolute != NULL)
        *absolute = false;
    bj_cursor_init(&c, (const uint8_t *)text, len);
    dot = len == 1 && bj_cursor_peek(&c) == '.';
    if (dot)
        bj_cursor_skip(&c, 1);
    /*@
      loop invariant valid_cursor(&c) && total < BJ_NAME_MAX;
      loop invariant 2 * labels <= total;
      loop invariant whole_labels(&name->octets[0], 0, total);
      loop assigns c.pos, c.status, total, labels, dot,
        name->octets[0 .. BJ_NAME_MAX - 1];
      loop variant c.len - c.pos;
    */
    while (bj_cursor_left(&c) > 0) {
        size_t label_len = parse_label(&c, name, total);

        if (label_len == 0)
            return BJ_BAD;
        total += label_len + 1;
        labels += 1;
        dot = bj_cursor_left(&c) > 0;
        if (dot)
            bj_cursor_skip(&c, 1);
    }
    if (len == 0)
        return BJ_BAD;
    put_root(name, total, labels);
    if (absolute != NULL)
        *absolute = dot;
    return BJ_OK;
}

/* Characters that mean something in a master file (RFC 1035 section 5.1). */
static const char special[] = {'.', '\\', '"', '(', ')', ';', '@', '$'};

/*@
  requires valid_writer(w);
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
static void format_octet(struct bj_writer *w, uint8_t octet)
{
    if (!bj_ascii_is_graph(octet)) {
        bj_writer_char(w, '\\');
        bj_writer_char(w, (char)('0' + octet / 100));
        bj_writer_char(w, (char)('0' + octet / 10 % 10));
        bj_writer_char(w, (char)('0' + octet % 10));
        return;
    }
    if (memchr(special, octet, sizeof(special)) != NULL)
        bj_writer_char(w, '\\');
    bj_writer_u8(w, octet);
}

/* The octets of a label and a dot. */
/*@
  requires valid_writer(w) && len <= BJ_LABEL_MAX;
  requires len > 0 ==> \valid_read(label + (0 .. len - 1));
  requires \separated(label + (0 .. len - 1), w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
static void format_label(struct bj_writer *w, const uint8_t *label, size_t len)
{
    /*@
      loop invariant i <= len && valid_writer(w) && same_buffer{Pre,Here}(w);
      loop assigns i, w->len, w->status, w->base[0 .. w->cap - 1];
      loop variant len - i;
    */
    for (size_t i = 0; i < len; i++)
        format_octet(w, label[i]);
    bj_writer_char(w, '.');
}

void bj_name_format(struct bj_writer *w, const struct bj_name *name)
{
    size_t at = 0;

    if (name->len == 1)
        bj_writer_char(w, '.');
    /*@
      loop invariant name->len == \at(name->len, Pre) && at <= name->len;
      loop invariant name->len > 0 ==> at < name->len &&
        whole_labels{Pre}(&name->octets[0], at, name->len - 1);
      loop invariant valid_writer(w) && same_buffer{Pre,Here}(w);
      loop assigns at, w->len, w->status, w->base[0 .. w->cap - 1];
      loop variant name->len - at;
    */
    while (at + 1 < name->len) {
        size_t len = name->octets[at];

        format_label(w, name->octets + at + 1, len);
        at += len + 1;
    }
}

/* What an octet of a host name is in lower case, with a mark; 0 for all that
 * may not stand in one. */
#define MARK 0x100
#define X(octet, lower) [octet] = MARK + (lower)
static const uint16_t host_octet[256] = {
    X('-', '-'), X('_', '_'), X('0', '0'), X('1', '1'), X('2', '2'),
    X('3', '3'), X('4', '4'), X('5', '5'), X('6', '6'), X('7', '7'),
    X('8', '8'), X('9', '9'), X('a', 'a'), X('b', 'b'), X('c', 'c'),
    X('d', 'd'), X('e', 'e'), X('f', 'f'), X('g', 'g'), X('h', 'h'),
    X('i', 'i'), X('j', 'j'), X('k', 'k'), X('l', 'l'), X('m', 'm'),
    X('n', 'n'), X('o', 'o'), X('p', 'p'), X('q', 'q'), X('r', 'r'),
    X('s', 's'), X('t', 't'), X('u', 'u'), X('v', 'v'), X('w', 'w'),
    X('x', 'x'), X('y', 'y'), X('z', 'z'), X('A', 'a'), X('B', 'b'),
    X('C', 'c'), X('D', 'd'), X('E', 'e'), X('F', 'f'), X('G', 'g'),
    X('H', 'h'), X('I', 'i'), X('J', 'j'), X('K', 'k'), X('L', 'l'),
    X('M', 'm'), X('N', 'n'), X('O', 'o'), X('P', 'p'), X('Q', 'q'),
    X('R', 'r'), X('S', 's'), X('T', 't'), X('U', 'u'), X('V', 'v'),
    X('W', 'w'), X('X', 'x'), X('Y', 'y'), X('Z', 'z')};
#undef X

/* The octets of a label in lower case; whether all may stand in a host name,
 * and so the first. */
/*@
  requires 0 < len <= BJ_LABEL_MAX && \valid_read(label + (0 .. len - 1));
  requires \valid(text + (0 .. len - 1));
  requires \separated(text + (0 .. len - 1), label + (0 .. len - 1));
  assigns text[0 .. len - 1];
*/
static inline bool spell_label(const uint8_t *label, size_t len, char *text)
{
    unsigned all = MARK;

    /*@
      loop invariant i <= len;
      loop assigns i, all, text[0 .. len - 1];
      loop variant len - i;
    */
    for (size_t i = 0; i < len; i++) {
        unsigned octet = host_octet[label[i]];

        all &= octet;
        text[i] = (char)octet;
    }
    return all >= MARK && text[0] != '-';
}

/* Puts the NUL in place of the dot behind the last label, which begins at
 * `last`. False if that is all digits. */
/*@
  requires last < len && \valid(text + (0 .. len - 1));
  assigns text[len - 1];
  ensures \result ==> len >= 2 && text[len - 1] == 0;
*/
static bool end_spelling(char *text, size_t len, size_t last)
{
    size_t at = last;

    text[len - 1] = '\0';
    /*@
      loop invariant last <= at < len;
      loop assigns at;
      loop variant len - at;
    */
    while (bj_ascii_is_digit(text[at]))
        at += 1;
    return at + 1 < len;
}

bool bj_name_spell_host(const struct bj_name *name, char *text)
{
    size_t at = 0;
    size_t last = 0;

    /* Each label, less its length, and a dot behind it. */
    /*@
      loop invariant at <= name->len;
      loop invariant name->len > 0 ==> at < name->len &&
        whole_labels(&name->octets[0], at, name->len - 1);
      loop invariant last <= at && (at > 0 ==> last < at);
      loop assigns at, last, text[0 .. name->len - 2];
      loop variant name->len - at;
    */
    while (at + 1 < name->len) {
        size_t len = name->octets[at];

        if (!spell_label(name->octets + at + 1, len, text + at))
            return false;
        text[at + len] = '.';
        last = at;
        at += len + 1;
    }
    return at > 0 && end_spelling(text, at, last);
}

size_t bj_name_read_host(struct bj_cursor *c, char *text)
{
    struct walk w;
    size_t len = 0;
    size_t last = 0;

    if (!bj_cursor_ok(c))
        return 0;
    walk_init(&w, c, false);
    /*@
      loop invariant valid_walk(&w) && walk_goes_on(&w);
      loop invariant w.c.base == c->base && w.c.len == c->len;
      loop invariant len == w.total && last <= len && (len > 0 ==> last < len);
      loop invariant w.after == 0 ? w.c.pos >= c->pos : w.after > c->pos;
      loop assigns w.c.pos, w.c.status, w.run, w.total, w.after, w.labels,
        w.pointers, w.fault, len, last, text[0 .. BJ_HOST_TEXT_MAX - 1];
      loop variant BJ_NAME_POINTERS_MAX - w.pointers + BJ_NAME_MAX - w.total;
    */
    for (;;) {
        size_t at = w.c.pos;
        unsigned step = walk_step(&w);

        if (step == STEP_FAULT)
            return 0;
        if (step == STEP_ROOT)
            break;
        if (step == STEP_POINTER)
            continue;
        if (!spell_label(octets_at(w.c, at + 1, step), step, text + len))
            return 0;
        last = len;
        len += step + 1U;
        text[len - 1] = '.';
    }
    if (len == 0 || !end_spelling(text, len, last))
        return 0;
    c->pos = walk_after(&w);
    return len - 1;
}

bool bj_name_is_host(const struct bj_name *name)
{
    char text[BJ_HOST_TEXT_MAX];

    return bj_name_spell_host(name, text);
}

void bj_name_format_host(struct bj_writer *w, const struct bj_name *name)
{
    char text[BJ_HOST_TEXT_MAX];

    if (!bj_name_spell_host(name, text))
        bj_writer_fail(w, BJ_BAD);
    else
        bj_writer_bytes(w, (const uint8_t *)text, name->len - 2U);
}

void bj_name_matcher_init(struct bj_name_matcher *matcher, size_t len,
                          const struct bj_name *wanted, size_t same_at)
{
    matcher->wanted = wanted;
    matcher->len = len;
    matcher->same_at = same_at < BJ_NAME_OFFSETS ? (uint16_t)same_at : 0;
    matcher->in_use = false;
    matcher->steps = 0;
}

/* What is known of the name that starts at some offset, as bj_name_suffix. */
struct suffix {
    size_t len;
    unsigned target;
    unsigned pointers;
    bool same;
};

/* A label (the root's too) or pointer that a walk met. */
struct met {
    uint16_t at;
    uint16_t target; /* of a pointer; 0 for a label */
    uint8_t len;     /* octets of a label with its length octet */
};

struct trail {
    struct met met[BJ_NAME_LABELS_MAX + 1 + BJ_NAME_POINTERS_MAX];
    size_t count;
};

/*
 * has_met: what a trail says of a label is of one that stands in the message.
 * A trail has room for all that a walk may meet.
 */
/*@
  predicate has_met(struct met *m, integer len) =
    m->target != 0 || (1 <= m->len <= BJ_LABEL_MAX + 1 && m->at + m->len <= len);

  predicate valid_trail(struct trail *t, integer len) =
    \valid(t) && t->count <= BJ_NAME_LABELS_MAX + 1 + BJ_NAME_POINTERS_MAX &&
    \forall integer i; 0 <= i < t->count ==> has_met(&t->met[i], len);
*/

/*@
  requires \valid(trail) && at <= BJ_MESSAGE_MAX;
  requires trail->count < BJ_NAME_LABELS_MAX + 1 + BJ_NAME_POINTERS_MAX;
  requires target < BJ_NAME_OFFSETS && len <= BJ_LABEL_MAX + 1;
  assigns trail->count, trail->met[trail->count];
  ensures trail->count == \old(trail->count) + 1;
  ensures \forall integer end; \old(valid_trail(trail, end)) &&
    (target != 0 || (0 < len && at + len <= end)) ==> valid_trail(trail, end);
*/
static void trail_add(struct trail *trail, size_t at, size_t target, size_t len)
{
    struct met *met = &trail->met[trail->count];

    met->at = (uint16_t)at;
    met->target = (uint16_t)target;
    met->len = (uint8_t)len;
    trail->count += 1;
}

/* What an earlier walk found out about `at`. Only where a pointer led: what
 * stands in place must be passed over anyway. */
/*@
  requires \valid_read(matcher) && \valid_read(w) && \valid(suffix);
  requires \separated(suffix, matcher, w);
  assigns *suffix;
  ensures \result ==> w->after != 0;
  ensures suffix->len <= 255 || suffix->len == \old(suffix->len);
  ensures suffix->pointers <= 255 ||
    suffix->pointers == \old(suffix->pointers);
*/
static bool recall(const struct bj_name_matcher *matcher, const struct walk *w,
                   struct suffix *suffix)
{
    size_t at = w->c.pos;

    if (w->after == 0 || at >= BJ_NAME_OFFSETS || matcher->suffix_len[at] == 0)
        return false;
    suffix->len = matcher->suffix_len[at];
    suffix->target = matcher->suffixes[at].target;
    suffix->pointers = matcher->suffixes[at].pointers;
    suffix->same = matcher->suffixes[at].same;
    return true;
}

/* One step of the walk, and what it met. */
/*@
  requires valid_walk(w) && walk_goes_on(w) && w->c.len <= BJ_MESSAGE_MAX;
  requires valid_trail(trail, w->c.len);
  requires trail->count <= w->labels + w->pointers;
  requires \separated(w, trail, w->c.base + (0 .. w->c.len - 1));
  assigns w->c.pos, w->c.status, w->run, w->total, w->after, w->labels,
    w->pointers, w->fault, *trail;
  ensures valid_walk(w) && valid_trail(trail, w->c.len);
  ensures \result <= BJ_LABEL_MAX || \result == STEP_POINTER ||
    \result == STEP_FAULT;
  ensures \result != STEP_FAULT && \result != STEP_ROOT ==>
    walk_goes_on(w) && trail->count <= w->labels + w->pointers &&
    \old(w->total) + \old(w->pointers) < w->total + w->pointers;
  ensures \result != STEP_FAULT ==> walk_end(w) >= \old(walk_end(w));
  ensures \result != STEP_FAULT && \old(w->after) == 0 ==>
    walk_end(w) > \old(walk_end(w));
  ensures \result != STEP_FAULT && \old(w->after) != 0 ==>
    w->after == \old(w->after);
*/
static inline unsigned step_noting(struct walk *w, struct trail *trail)
{
    size_t at = w->c.pos;
    unsigned step = walk_step(w);

    /*@ assert valid_trail(trail, w->c.len); */
    if (step == STEP_POINTER)
        trail_add(trail, at, w->run, 0);
    else if (step != STEP_FAULT)
        trail_add(trail, at, 0, step + 1U);
    return step;
}

/*
 * Walks until the root or something known, noting what it meets. False if
 * the name is not to be accepted: the walk's own fault; or together with the
 * known rest it is too long, has too many pointers, or its run, longer than
 * the one known, is led back into itself.
 */
/*@
  requires valid_walk(w) && walk_goes_on(w) && w->c.len <= BJ_MESSAGE_MAX;
  requires w->total == 0;
  requires \valid_read(matcher) && \valid(trail) && \valid(suffix);
  requires \separated(w, trail, suffix, matcher, w->c.base + (0 .. w->c.len - 1));
  assigns w->c.pos, w->c.status, w->run, w->total, w->after, w->labels,
    w->pointers, w->fault, *trail, *suffix;
  ensures valid_walk(w) && suffix->len <= 255 && suffix->pointers <= 255;
  ensures \result ==> valid_trail(trail, w->c.len) &&
    walk_end(w) >= \old(walk_end(w));
  ensures \result && \old(w->after) == 0 ==>
    walk_end(w) > \old(walk_end(w));
*/
static bool walk_to_known(const struct bj_name_matcher *matcher, struct walk *w,
                          struct trail *trail, struct suffix *suffix)
{
    suffix->len = 0;
    suffix->pointers = 0;
    suffix->same = true;
    suffix->target = 0;
    trail->count = 0;
    /*@
      loop invariant valid_walk(w) && walk_goes_on(w);
      loop invariant walk_end(w) >= \at(walk_end(w), Pre);
      loop invariant \at(w->after, Pre) == 0 && w->after != 0 ==>
        walk_end(w) > \at(walk_end(w), Pre);
      loop invariant \at(w->after, Pre) != 0 ==>
        w->after == \at(w->after, Pre);
      loop invariant trail->count <= w->labels + w->pointers;
      loop invariant valid_trail(trail, w->c.len);
      loop invariant suffix->len <= 255 && suffix->pointers <= 255;
      loop assigns w->c.pos, w->c.status, w->run, w->total, w->after,
        w->labels, w->pointers, w->fault, *trail, *suffix;
      loop variant BJ_NAME_POINTERS_MAX - w->pointers + BJ_NAME_MAX - w->total;
    */
    while (!recall(matcher, w, suffix)) {
        unsigned step = step_noting(w, trail);

        if (step == STEP_FAULT)
            return false;
        if (step == STEP_ROOT)
            return true;
    }
    return w->total + suffix->len <= BJ_NAME_MAX &&
           w->pointers + suffix->pointers <= BJ_NAME_POINTERS_MAX &&
           suffix->target < w->run;
}

/* Puts a label in front of a suffix of which all is known. */
/*@
  requires \valid(suffix) && \valid_read(wanted) && \valid_read(met);
  requires \valid_read(c.base + (0 .. c.len - 1));
  requires 1 <= met->len && met->at + met->len <= c.len;
  requires \separated(suffix, wanted, met) && suffix->len <= 65535;
  assigns suffix->len, suffix->same;
  ensures suffix->len == \old(suffix->len) + met->len;
*/
static void suffix_extend(struct suffix *suffix, const struct bj_name *wanted,
                          struct bj_cursor c, const struct met *met)
{
    const uint8_t *label = octets_at(c, met->at, met->len);

    suffix->len += met->len;
    suffix->same =
        suffix->same && suffix->len <= wanted->len &&
        same_octets(label, wanted->octets + (wanted->len - suffix->len),
                    met->len);
}

/* From the end of the trail to its start, so that each offset is decided by
 * the one behind it, and kept. */
/*@
  requires \valid(matcher) && \valid_read(matcher->wanted);
  requires \valid_read(w) && valid_cursor(&w->c);
  requires valid_trail(trail, w->c.len) && \valid(suffix);
  requires suffix->len <= 255 && suffix->pointers <= 255;
  requires \separated(suffix, matcher, matcher->wanted, w, trail);
  assigns *suffix, matcher->suffix_len[0 .. BJ_NAME_OFFSETS - 1],
    matcher->suffixes[0 .. BJ_NAME_OFFSETS - 1];
*/
static void unwind(struct bj_name_matcher *matcher, const struct walk *w,
                   const struct trail *trail, struct suffix *suffix)
{
    /*@
      loop invariant i <= trail->count;
      loop invariant suffix->len <= 255 + (trail->count - i) * 64;
      loop invariant suffix->pointers <= 255 + (trail->count - i);
      loop assigns i, *suffix, matcher->suffix_len[0 .. BJ_NAME_OFFSETS - 1],
        matcher->suffixes[0 .. BJ_NAME_OFFSETS - 1];
      loop variant i;
    */
    for (size_t i = trail->count; i > 0; i--) {
        const struct met *met = &trail->met[i - 1];

        if (met->target != 0) {
            suffix->pointers += 1;
            suffix->target = met->target;
        } else {
            suffix_extend(suffix, matcher->wanted, w->c, met);
        }
        if (met->at < BJ_NAME_OFFSETS) {
            struct bj_name_suffix *known = &matcher->suffixes[met->at];

            matcher->suffix_len[met->at] = (uint8_t)suffix->len;
            known->target = (uint16_t)suffix->target;
            known->pointers = (uint8_t)suffix->pointers;
            known->same = suffix->same;
        }
    }
}

/* Clears what can be met in a message of this length: its octets and the one
 * behind them, where a label may end. */
/*@
  requires \valid(matcher) && matcher->len <= BJ_MESSAGE_MAX;
  assigns matcher->in_use, matcher->suffix_len[0 .. BJ_NAME_OFFSETS - 1];
*/
static void matcher_start(struct bj_name_matcher *matcher)
{
    size_t len = matcher->len + 1;

    if (len > BJ_NAME_OFFSETS)
        len = BJ_NAME_OFFSETS;
    if (!matcher->in_use)
        memset(matcher->suffix_len, 0, len);
    matcher->in_use = true;
}

/* Whether a lone pointer to `target` is a name of which all is known. Where
 * its run leads is before it, for that was seen when it was found out. */
/*@
  requires \valid_read(matcher) && target < BJ_NAME_OFFSETS;
  assigns \nothing;
*/
static bool knows(const struct bj_name_matcher *matcher, size_t target)
{
    return matcher->suffix_len[target] != 0 &&
           matcher->suffixes[target].pointers < BJ_NAME_POINTERS_MAX;
}

/*
 * Whether it is a lone pointer to what is known, and then what that is.
 * *target is where a lone pointer leads, or 0.
 */
/*@
  requires valid_cursor(c) && \valid_read(matcher);
  requires \valid(target) && \valid(same);
  requires \valid_read(matcher->wanted);
  requires \separated(c, target, same, matcher, c->base + (0 .. c->len - 1));
  requires \separated(matcher->wanted, c, target, same, matcher);
  assigns c->pos, *target, *same;
  ensures valid_cursor(c) && *target < BJ_NAME_OFFSETS;
  ensures \result ==> c->pos > \old(c->pos);
  ensures !\result ==> c->pos == \old(c->pos) && *same == \old(*same);
*/
static bool match_known(const struct bj_name_matcher *matcher,
                        struct bj_cursor *c, size_t *target, bool *same)
{
    struct bj_cursor behind = *c;

    if (!bj_name_is_pointer(&behind, target) ||
        (*target != matcher->same_at && !knows(matcher, *target)))
        return false;
    *same = *target == matcher->same_at ||
            (matcher->suffixes[*target].same &&
             matcher->suffix_len[*target] == matcher->wanted->len);
    c->pos = behind.pos;
    return true;
}

/*
 * Matches label by label, as far as nothing is known. A lone pointer's own
 * offset need not be kept: where it leads, `target`, is. False at a fault.
 */
/*@
  requires valid_cursor(c) && \valid(matcher) && \valid(same);
  requires \valid_read(matcher->wanted) && c->len <= BJ_MESSAGE_MAX;
  requires \separated(c, same, matcher, c->base + (0 .. c->len - 1));
  requires \separated(matcher->wanted, c, same, matcher);
  requires matcher->steps <= UINT32_MAX - 256;
  requires target < BJ_NAME_OFFSETS;
  assigns c->pos, *matcher, *same;
  ensures valid_cursor(c);
  ensures matcher->wanted == \old(matcher->wanted);
  ensures matcher->steps <= \old(matcher->steps) + 256;
  ensures \result ==> c->pos > \old(c->pos);
  ensures !\result ==> c->pos == \old(c->pos) && *same == \old(*same);
*/
static bool match_labels(struct bj_name_matcher *matcher, struct bj_cursor *c,
                         size_t target, bool *same)
{
    struct walk w;
    struct trail trail;
    struct suffix suffix;

    if (!bj_cursor_ok(c))
        return false;
    walk_init(&w, c, false);
    if (target != 0 && walk_step(&w) != STEP_POINTER)
        return false;
    if (!walk_to_known(matcher, &w, &trail, &suffix))
        return false;
    unwind(matcher, &w, &trail, &suffix);
    matcher->steps += (uint32_t)trail.count;
    *same = suffix.same && suffix.len == matcher->wanted->len;
    if (*same && target != 0)
        matcher->same_at = (uint16_t)target;
    c->pos = walk_after(&w);
    return true;
}

enum bj_status bj_name_match(struct bj_name_matcher *matcher,
                             struct bj_cursor *c, bool *same,
                             struct bj_fault *why)
{
    struct bj_cursor again;
    struct bj_name name;
    enum bj_status status;
    size_t target;

    *same = false;
    if (c->len != matcher->len || c->len > BJ_MESSAGE_MAX)
        return BJ_BUG;
    matcher_start(matcher);
    if (match_known(matcher, c, &target, same) ||
        match_labels(matcher, c, target, same))
        return BJ_OK;
    /* Reading again says which rule is broken, and where. */
    again = *c;
    status = bj_name_read(&again, &name, why);
    return status == BJ_OK ? BJ_BUG : status;
}
