#include "core/dns/matcher.h"

#include <string.h>

#include "core/dns/walk.h"

void bj_matcher_init(struct bj_matcher *matcher, size_t len,
                     const struct bj_name *wanted, size_t same_at)
{
    matcher->wanted = wanted;
    matcher->len = len;
    matcher->same_at = same_at < BJ_NAME_OFFSETS ? (uint16_t)same_at : 0;
    matcher->in_use = false;
    matcher->steps = 0;
}

/* What is known of the name that starts at some offset, as bj_matcher_suffix. */
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
static bool recall(const struct bj_matcher *matcher, const struct walk *w,
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
static bool walk_to_known(const struct bj_matcher *matcher, struct walk *w,
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
static void unwind(struct bj_matcher *matcher, const struct walk *w,
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
            struct bj_matcher_suffix *known = &matcher->suffixes[met->at];

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
static void matcher_start(struct bj_matcher *matcher)
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
static bool knows(const struct bj_matcher *matcher, size_t target)
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
static bool match_known(const struct bj_matcher *matcher, struct bj_cursor *c,
                        size_t *target, bool *same)
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
static bool match_labels(struct bj_matcher *matcher, struct bj_cursor *c,
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

enum bj_status bj_matcher_match(struct bj_matcher *matcher, struct bj_cursor *c,
                                bool *same, struct bj_fault *why)
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
