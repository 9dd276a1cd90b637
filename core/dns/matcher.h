#ifndef BJ_CORE_DNS_MATCHER_H
#define BJ_CORE_DNS_MATCHER_H

#include "core/dns/name.h"

/* Offsets that a name can have octets at if a pointer leads to it: those that
 * a pointer can name, and as many as a name takes behind the last of them. */
#define BJ_MATCHER_OFFSETS (BJ_NAME_OFFSETS + BJ_NAME_MAX)

/* Labels, the root and pointers on the way through one name. */
#define BJ_MATCHER_TRAIL (BJ_NAME_LABELS_MAX + 1 + BJ_NAME_POINTERS_MAX)

/*
 * Asks of many names in one message whether they are one given name, at a
 * cost linear in the octets of the message however their pointers lead: what
 * stands in place is passed over, and what was found out about an offset that
 * pointers lead to, or past, is kept, so that no offset is looked at twice.
 * The caller's memory.
 */
struct bj_matcher {
    const struct bj_name *wanted;
    size_t len;
    /* Offsets found out about, BJ_MATCHER_OFFSETS at most: what it has cost
     * beside passing over what stands in place. */
    uint32_t steps;
    uint16_t trail[BJ_MATCHER_TRAIL]; /* of the walk under way */
    /* By offset: octets of the name from there on, 0 unknown; */
    uint8_t suffix_len[BJ_MATCHER_OFFSETS];
    /* and where that is known: */
    struct bj_matcher_suffix {
        uint16_t target;  /* of the pointer that ends this run, 0: none */
        uint8_t pointers; /* on the way to the root */
        bool same;        /* the octets are the last of the wanted name's */
    } suffixes[BJ_MATCHER_OFFSETS];
};

/*
 * For one message of `len` octets, at most BJ_MESSAGE_MAX: every cursor it is
 * given spans exactly these. `wanted` must stay. Clears an octet for each of
 * the message's that a pointer leads to.
 */
/*@
  requires \valid(matcher) && len <= BJ_MESSAGE_MAX;
  assigns matcher->wanted, matcher->len, matcher->steps,
    matcher->suffix_len[0 .. BJ_MATCHER_OFFSETS - 1];
  ensures matcher->wanted == wanted && matcher->len == len;
  ensures matcher->steps == 0;
*/
void bj_matcher_init(struct bj_matcher *matcher, size_t len,
                     const struct bj_name *wanted);

/*
 * matcher_place: what is asked about is a message that has not failed, and
 * `target` an offset in it, or its end, that a pointer can name.
 */
/*@
  predicate matcher_place(struct bj_matcher *matcher, struct bj_cursor *message,
                          integer target) =
    \valid(matcher) && \valid_read(matcher->wanted) &&
    valid_cursor(message) && message->status == BJ_OK &&
    target <= message->len <= BJ_MESSAGE_MAX && target < BJ_NAME_OFFSETS &&
    \separated(matcher, message, message->base + (0 .. message->len - 1)) &&
    \separated(matcher->wanted, matcher) &&
    matcher->steps <= UINT32_MAX - BJ_MATCHER_TRAIL;
*/

/* Walks from `target` to the root or what is known, and keeps what comes of
 * it. False if there is no name. For bj_matcher_knows. */
/*@
  requires matcher_place(matcher, message, target);
  assigns matcher->steps, matcher->trail[0 .. BJ_MATCHER_TRAIL - 1],
    matcher->suffix_len[0 .. BJ_MATCHER_OFFSETS - 1],
    matcher->suffixes[0 .. BJ_MATCHER_OFFSETS - 1];
  ensures matcher->steps <= \old(matcher->steps) + BJ_MATCHER_TRAIL;
*/
BJ_MUST_CHECK bool bj_matcher_find_out(struct bj_matcher *matcher,
                                       const struct bj_cursor *message,
                                       size_t target);

/*
 * Whether a pointer to `target`, which lies before the pointer and its run, is
 * the end of a name, or all of one. The message is the cursor's, wherever that
 * stands. If so, the tables say what name there is at `target`.
 */
/*@
  requires matcher_place(matcher, message, target);
  assigns matcher->steps, matcher->trail[0 .. BJ_MATCHER_TRAIL - 1],
    matcher->suffix_len[0 .. BJ_MATCHER_OFFSETS - 1],
    matcher->suffixes[0 .. BJ_MATCHER_OFFSETS - 1];
  ensures matcher->steps <= \old(matcher->steps) + BJ_MATCHER_TRAIL;
*/
BJ_MUST_CHECK static inline bool
bj_matcher_knows(struct bj_matcher *matcher, const struct bj_cursor *message,
                 size_t target)
{
    return (matcher->suffix_len[target] != 0 ||
            bj_matcher_find_out(matcher, message, target)) &&
           matcher->suffixes[target].pointers < BJ_NAME_POINTERS_MAX;
}

/*
 * bj_matcher_match for a lone pointer of which it is known that it leads to
 * `target`, behind the header and before itself: bj_name_is_pointer has seen
 * it, or a record's owner_at says so. False, and *same as it was, if it is to
 * be refused; bj_matcher_match says why.
 */
/*@
  requires matcher_place(matcher, message, target) && \valid(same);
  requires \separated(same, matcher, message,
                      message->base + (0 .. message->len - 1));
  requires \separated(matcher->wanted, same);
  assigns matcher->steps, matcher->trail[0 .. BJ_MATCHER_TRAIL - 1],
    matcher->suffix_len[0 .. BJ_MATCHER_OFFSETS - 1],
    matcher->suffixes[0 .. BJ_MATCHER_OFFSETS - 1], *same;
  ensures matcher->steps <= \old(matcher->steps) + BJ_MATCHER_TRAIL;
  ensures !\result ==> *same == \old(*same);
*/
BJ_MUST_CHECK static inline bool
bj_matcher_match_pointer(struct bj_matcher *matcher,
                         const struct bj_cursor *message, size_t target,
                         bool *same)
{
    if (!bj_matcher_knows(matcher, message, target))
        return false;
    *same = matcher->suffixes[target].same &&
            matcher->suffix_len[target] == matcher->wanted->len;
    return true;
}

/*
 * Reads the name at the cursor as bj_name_read does, with the same faults,
 * and says in `same` whether it is the wanted one. The cursor moves behind
 * it. On failure `same` is false and the cursor has not moved.
 */
/*@
  requires valid_cursor(c) && \valid(matcher) && \valid(same);
  requires \valid_read(matcher->wanted) && (why == \null || \valid(why));
  requires \separated(c, same, why, matcher, c->base + (0 .. c->len - 1));
  requires \separated(matcher->wanted, c, same, why, matcher);
  requires matcher->steps <= UINT32_MAX - BJ_MATCHER_TRAIL;
  assigns c->pos, c->status, *matcher, *same, *why;
  ensures valid_cursor(c) && c->status == \old(c->status);
  ensures matcher->wanted == \old(matcher->wanted);
  ensures matcher->steps <= \old(matcher->steps) + BJ_MATCHER_TRAIL;
  ensures \result == BJ_OK ==> c->pos > \old(c->pos);
  ensures \result != BJ_OK ==> !*same && c->pos == \old(c->pos);
*/
BJ_MUST_CHECK enum bj_status bj_matcher_match(struct bj_matcher *matcher,
                                              struct bj_cursor *c, bool *same,
                                              struct bj_fault *why);

#endif
