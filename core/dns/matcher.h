#ifndef BJ_CORE_DNS_MATCHER_H
#define BJ_CORE_DNS_MATCHER_H

#include "core/dns/name.h"

/*
 * Asks of many names in one message whether they are one given name, at a
 * cost linear in the octets of the message however their pointers lead: what
 * was found out about the labels at an offset is kept, so that `steps` is at
 * most what stands in place plus one for each octet a pointer can name.
 * Pointers have 14 bits, so that only so many offsets can be met twice. The
 * caller's memory; init costs nothing that depends on its size.
 */
struct bj_matcher {
    const struct bj_name *wanted;
    size_t len;
    uint16_t same_at; /* an offset where the wanted name stands, or 0 */
    bool in_use;      /* the tables below have been cleared */
    uint32_t steps;   /* labels and pointers looked at: what it has cost */
    /* By offset of a label: octets of the name from there on, 0 unknown; */
    uint8_t suffix_len[BJ_NAME_OFFSETS];
    /* and where that is known: */
    struct bj_matcher_suffix {
        uint16_t target;  /* of the pointer that ends this run, 0: none */
        uint8_t pointers; /* on the way to the root */
        bool same;        /* the octets are the last of the wanted name's */
    } suffixes[BJ_NAME_OFFSETS];
};

/*
 * For one message of `len` octets, at most BJ_MESSAGE_MAX: every cursor it is
 * given spans exactly these. `wanted` must stay. If `same_at` is not 0, the
 * wanted name is known to stand there (BJ_NAME_OFFSETS and above count as 0),
 * and a pointer to it is not followed again.
 */
/*@
  requires \valid(matcher);
  assigns matcher->wanted, matcher->len, matcher->same_at, matcher->in_use,
    matcher->steps;
  ensures matcher->wanted == wanted && matcher->len == len;
  ensures matcher->steps == 0;
*/
void bj_matcher_init(struct bj_matcher *matcher, size_t len,
                     const struct bj_name *wanted, size_t same_at);

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
  requires matcher->steps <= UINT32_MAX - 256;
  assigns c->pos, *matcher, *same, *why;
  ensures valid_cursor(c);
  ensures matcher->wanted == \old(matcher->wanted);
  ensures matcher->steps <= \old(matcher->steps) + 256;
  ensures \result == BJ_OK ==> c->pos > \old(c->pos);
  ensures \result != BJ_OK ==> !*same && c->pos == \old(c->pos);
*/
BJ_MUST_CHECK enum bj_status bj_matcher_match(struct bj_matcher *matcher,
                                              struct bj_cursor *c, bool *same,
                                              struct bj_fault *why);

#endif
