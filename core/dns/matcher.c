#include "core/dns/matcher.h"

#include <string.h>

#include "core/dns/walk.h"

void bj_matcher_init(struct bj_matcher *matcher, size_t len,
                     const struct bj_name *wanted)
{
    /* And one more: a label may end behind the message's last octet. */
    size_t count = len + 1;

    if (count > BJ_MATCHER_OFFSETS)
        count = BJ_MATCHER_OFFSETS;
    matcher->wanted = wanted;
    matcher->len = len;
    matcher->steps = 0;
    memset(matcher->suffix_len, 0, count);
}

/* What is known of the name that starts at some offset, as bj_matcher_suffix. */
struct suffix {
    size_t len;
    size_t target;
    unsigned pointers;
    bool same;
};

/*
 * The trail holds where labels (the root's too) and pointers stood that a walk
 * met. What each was follows from where the next one stood: behind a label,
 * and before a pointer.
 */
/*@
  predicate valid_trail(struct bj_matcher *matcher, integer count,
                        integer len) =
    count <= BJ_MATCHER_TRAIL &&
    \forall integer i; 0 <= i < count ==>
      matcher->trail[i] <= len && matcher->trail[i] < BJ_MATCHER_OFFSETS;
*/

/* What an earlier walk found out about offset `at`. */
/*@
  requires \valid_read(matcher) && \valid(suffix);
  requires \separated(suffix, matcher) && at < BJ_MATCHER_OFFSETS;
  assigns *suffix;
  ensures suffix->len == matcher->suffix_len[at] && suffix->pointers <= 255;
*/
BJ_INLINE void recall(const struct bj_matcher *matcher, size_t at,
                      struct suffix *suffix)
{
    suffix->len = matcher->suffix_len[at];
    suffix->target = matcher->suffixes[at].target;
    suffix->pointers = matcher->suffixes[at].pointers;
    suffix->same = matcher->suffixes[at].same;
}

/* What is behind the root. */
/*@
  requires \valid(suffix);
  assigns *suffix;
  ensures suffix->len == 0 && suffix->pointers == 0;
*/
BJ_INLINE void suffix_init(struct suffix *suffix)
{
    suffix->len = 0;
    suffix->target = 0;
    suffix->pointers = 0;
    suffix->same = true;
}

/*
 * Walks until the root or something known, and notes where. The result is how
 * much it noted, 0 if the name is not to be accepted: the walk's own fault; or
 * together with the known rest it is too long, has too many pointers, or its
 * run, longer than the one known, is led back into itself.
 */
/*@
  requires valid_walk(w) && walk_goes_on(w) && w->c.len <= BJ_MESSAGE_MAX;
  requires w->total == 0 && w->labels == 0 && w->pointers == 0;
  requires w->c.pos == w->run < BJ_NAME_OFFSETS;
  requires \valid(matcher) && \valid(suffix);
  requires \separated(w, suffix, matcher, w->c.base + (0 .. w->c.len - 1));
  assigns w->c.pos, w->c.status, w->run, w->total, w->after, w->labels,
    w->pointers, w->fault, *suffix, matcher->trail[0 .. BJ_MATCHER_TRAIL - 1];
  ensures valid_walk(w);
  ensures valid_trail(matcher, \result, w->c.len);
  ensures \result > 0 ==> suffix->len <= 255 && suffix->pointers <= 255;
*/
BJ_INLINE size_t walk_to_known(struct bj_matcher *matcher, struct walk *w,
                               struct suffix *suffix)
{
    size_t count = 0;
    unsigned step;

    /*@
      loop invariant valid_walk(w) && walk_goes_on(w);
      loop invariant count <= w->labels + w->pointers;
      loop invariant w->run < BJ_NAME_OFFSETS && w->c.pos - w->run <= w->total;
      loop invariant valid_trail(matcher, count, w->c.len);
      loop assigns count, step, w->c.pos, w->c.status, w->run, w->total,
        w->after, w->labels, w->pointers, w->fault,
        matcher->trail[0 .. BJ_MATCHER_TRAIL - 1];
      loop variant BJ_NAME_POINTERS_MAX - w->pointers + BJ_NAME_MAX - w->total;
    */
    do {
        matcher->trail[count] = (uint16_t)w->c.pos;
        count += 1;
        step = walk_step(w);
        if (step == STEP_FAULT)
            return 0;
    } while (step != STEP_ROOT && matcher->suffix_len[w->c.pos] == 0);
    if (step == STEP_ROOT) {
        suffix_init(suffix);
        return count;
    }
    recall(matcher, w->c.pos, suffix);
    return w->total + suffix->len <= BJ_NAME_MAX &&
                   w->pointers + suffix->pointers <= BJ_NAME_POINTERS_MAX &&
                   suffix->target < w->run
               ? count
               : 0;
}

/* Whether a label, its length with it, is that one, case folded. A call for a
 * short one would cost more than it does. */
/*@
  requires \valid_read(a + (0 .. len - 1)) && \valid_read(b + (0 .. len - 1));
  assigns \nothing;
*/
BJ_INLINE bool same_label(const uint8_t *a, const uint8_t *b, size_t len)
{
    if (len >= 8)
        return bj_ascii_equal_nocase(a, len, b, len);
    /*@
      loop invariant i <= len;
      loop assigns i;
      loop variant len - i;
    */
    for (size_t i = 0; i < len; i++)
        if (a[i] != b[i] && bj_ascii_lower(a[i]) != bj_ascii_lower(b[i]))
            return false;
    return true;
}

/* Puts the label at `at` in front of a suffix of which all is known. */
/*@
  requires \valid(suffix) && \valid_read(wanted);
  requires \valid_read(c.base + (0 .. c.len - 1));
  requires 0 < len && at + len <= c.len <= BJ_MESSAGE_MAX;
  requires \separated(suffix, wanted) && suffix->len <= UINT32_MAX;
  assigns suffix->len, suffix->same;
  ensures suffix->len == \old(suffix->len) + len;
*/
BJ_INLINE void suffix_extend(struct suffix *suffix,
                             const struct bj_name *wanted, struct bj_cursor c,
                             size_t at, size_t len)
{
    suffix->len += len;
    if (suffix->same)
        suffix->same =
            suffix->len <= wanted->len &&
            same_label(octets_at(c, at, len),
                       wanted->octets + (wanted->len - suffix->len), len);
}

/* From the end of the trail to its start, so that each offset is decided by
 * the one behind it, and kept. */
/*@
  requires \valid(matcher) && \valid_read(matcher->wanted);
  requires \valid_read(w) && valid_cursor(&w->c);
  requires w->c.len <= BJ_MESSAGE_MAX;
  requires valid_trail(matcher, count, w->c.len) && \valid(suffix);
  requires suffix->len <= 255 && suffix->pointers <= 255;
  requires \separated(suffix, matcher, matcher->wanted, w);
  assigns *suffix, matcher->suffix_len[0 .. BJ_MATCHER_OFFSETS - 1],
    matcher->suffixes[0 .. BJ_MATCHER_OFFSETS - 1];
*/
BJ_INLINE void unwind(struct bj_matcher *matcher, const struct walk *w,
                      size_t count, struct suffix *suffix)
{
    size_t next = w->c.pos;

    /*@
      loop invariant i <= count && next <= w->c.len;
      loop invariant suffix->len <= 255 + (count - i) * BJ_MESSAGE_MAX;
      loop invariant suffix->pointers <= 255 + (count - i);
      loop assigns i, next, *suffix,
        matcher->suffix_len[0 .. BJ_MATCHER_OFFSETS - 1],
        matcher->suffixes[0 .. BJ_MATCHER_OFFSETS - 1];
      loop variant i;
    */
    for (size_t i = count; i > 0; i--) {
        size_t at = matcher->trail[i - 1];
        struct bj_matcher_suffix *known = &matcher->suffixes[at];

        if (next > at) {
            suffix_extend(suffix, matcher->wanted, w->c, at, next - at);
        } else {
            suffix->pointers += 1;
            suffix->target = next;
        }
        matcher->suffix_len[at] = (uint8_t)suffix->len;
        known->target = (uint16_t)suffix->target;
        known->pointers = (uint8_t)suffix->pointers;
        known->same = suffix->same;
        next = at;
    }
}

bool bj_matcher_find_out(struct bj_matcher *matcher,
                         const struct bj_cursor *message, size_t target)
{
    struct walk w;
    struct suffix suffix;
    size_t count;

    walk_init(&w, message, false);
    w.run = target;
    w.c.pos = target;
    count = walk_to_known(matcher, &w, &suffix);
    if (count == 0)
        return false;
    unwind(matcher, &w, count, &suffix);
    matcher->steps += (uint32_t)count;
    return true;
}

/*
 * Labels in place, and what a pointer behind them leads to. That was led to
 * before the labels, and so are all that lead on from there.
 */
/*@
  requires valid_cursor(c) && c->status == BJ_OK && c->len <= BJ_MESSAGE_MAX;
  requires \valid(matcher) && \valid(same) && \valid_read(matcher->wanted);
  requires \separated(c, same, matcher, c->base + (0 .. c->len - 1));
  requires \separated(matcher->wanted, c, same, matcher);
  requires matcher->steps <= UINT32_MAX - BJ_MATCHER_TRAIL;
  assigns c->pos, *same, matcher->steps,
    matcher->trail[0 .. BJ_MATCHER_TRAIL - 1],
    matcher->suffix_len[0 .. BJ_MATCHER_OFFSETS - 1],
    matcher->suffixes[0 .. BJ_MATCHER_OFFSETS - 1];
  ensures valid_cursor(c);
  ensures matcher->steps <= \old(matcher->steps) + BJ_MATCHER_TRAIL;
  ensures \result ==> c->pos > \old(c->pos);
  ensures !\result ==> c->pos == \old(c->pos) && *same == \old(*same);
*/
static bool match_labels(struct bj_matcher *matcher, struct bj_cursor *c,
                         bool *same)
{
    struct walk w;
    struct suffix suffix;
    unsigned step;

    walk_init(&w, c, false);
    suffix_init(&suffix);
    step = walk_run(&w);
    if (step == STEP_FAULT)
        return false;
    if (step == STEP_POINTER) {
        if (!bj_matcher_knows(matcher, c, w.run))
            return false;
        recall(matcher, w.run, &suffix);
    }
    if (w.total + suffix.len > BJ_NAME_MAX)
        return false;
    *same = suffix.same && w.total + suffix.len == matcher->wanted->len &&
            same_octets(octets_at(w.c, c->pos, w.total),
                        matcher->wanted->octets, w.total);
    c->pos = walk_after(&w);
    return true;
}

/* Reading again says which rule is broken, and where. */
/*@
  requires valid_cursor(c) && (why == \null || \valid(why));
  requires \separated(c, why, c->base + (0 .. c->len - 1));
  assigns *why;
  ensures \result != BJ_OK;
*/
static enum bj_status explain(const struct bj_cursor *c, struct bj_fault *why)
{
    struct bj_cursor again = *c;
    struct bj_name name;
    enum bj_status status = bj_name_read(&again, &name, why);

    return status == BJ_OK ? BJ_BUG : status;
}

enum bj_status bj_matcher_match(struct bj_matcher *matcher, struct bj_cursor *c,
                                bool *same, struct bj_fault *why)
{
    size_t start = c->pos;
    size_t target;

    *same = false;
    if (c->len != matcher->len || c->len > BJ_MESSAGE_MAX)
        return BJ_BUG;
    if (!bj_cursor_ok(c))
        return c->status;
    if (bj_name_is_pointer(c, &target)) {
        if (bj_matcher_match_pointer(matcher, c, target, same))
            return BJ_OK;
        c->pos = start;
    } else if (match_labels(matcher, c, same)) {
        return BJ_OK;
    }
    return explain(c, why);
}
