#ifndef BJ_CORE_BYTES_ARENA_H
#define BJ_CORE_BYTES_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes/status.h"

/*
 * A bump allocator over a buffer that a caller lends, of any size and at any
 * address: what struct hostent and struct addrinfo are built in. It hands
 * out nothing past `cap` and goes on counting, so that one pass both builds
 * and measures: after a failure for space, `len` is the size that would have
 * been enough at this address. `len` saturates at SIZE_MAX.
 *
 * Alignment is that of the address handed out, not of the offset: a caller's
 * buffer may start anywhere. What is skipped for alignment is zeroed, so
 * that every octet below `len` is initialised. An item that does not fit is
 * not handed out, nor is anything after it.
 *
 * A buffer of cap 0 may be NULL: that measures for a buffer aligned for
 * everything; any other address needs at most the largest alignment less
 * one more. Nothing is ever given back: drop the arena. Functions are safe
 * in any thread on distinct arenas.
 */
struct bj_arena {
    uint8_t *base;
    size_t cap;
    size_t len;
    enum bj_status status;
};

/*
 * valid_arena: a may be written, and so may the whole buffer, which is not a
 * itself. While nothing has failed, what was handed out lies within it. Proved
 * by tests/proofs/run: nothing is stored outside [base, base + cap).
 */
/*@
  predicate valid_arena(struct bj_arena *a) =
    \valid(a) && (a->status == BJ_OK ==> a->len <= a->cap) &&
    (a->cap > 0 ==> \valid(a->base + (0 .. a->cap - 1))) &&
    \separated(a, a->base + (0 .. a->cap - 1));

  predicate handed_out(struct bj_arena *a, uint8_t *item, integer size) =
    item == \null ||
    (\exists integer at; 0 <= at && at + size <= a->len <= a->cap &&
      item == a->base + at);
*/

/*@
  requires \valid(a);
  requires cap > 0 ==> \valid((uint8_t *)buf + (0 .. cap - 1));
  requires \separated(a, (uint8_t *)buf + (0 .. cap - 1));
  assigns *a;
  ensures valid_arena(a);
  ensures a->base == buf && a->cap == cap && a->len == 0;
  ensures a->status == BJ_OK;
*/
static inline void bj_arena_init(struct bj_arena *a, void *buf, size_t cap)
{
    a->base = buf;
    a->cap = cap;
    a->len = 0;
    a->status = BJ_OK;
}

/* Latches `status` (not BJ_OK) unless an earlier failure stands. */
/*@
  requires \valid(a) && status != BJ_OK;
  assigns a->status;
  ensures a->status != BJ_OK;
  ensures \old(a->status) == BJ_OK ==> a->status == status;
  ensures \old(a->status) != BJ_OK ==> a->status == \old(a->status);
*/
static inline void bj_arena_fail(struct bj_arena *a, enum bj_status status)
{
    if (a->status == BJ_OK)
        a->status = status;
}

/*
 * The next `size` octets at an address that is a multiple of `align` (a
 * power of two, else BJ_BUG), zeroed. NULL, with BJ_SPACE latched, when they
 * do not fit; the size counts all the same.
 */
/*@
  requires valid_arena(a);
  assigns a->len, a->status, a->base[0 .. a->cap - 1];
  ensures valid_arena(a) && handed_out(a, (uint8_t *)\result, size);
  ensures \result != \null ==> a->status == BJ_OK;
*/
void *bj_arena_take(struct bj_arena *a, size_t size, size_t align);

/* bj_arena_take for `count` items of `size` octets; a product that does not
 * fit in a size_t is a failure for space like any other. */
/*@
  requires valid_arena(a) && a->cap < SIZE_MAX;
  assigns a->len, a->status, a->base[0 .. a->cap - 1];
  ensures valid_arena(a) && handed_out(a, (uint8_t *)\result, count * size);
  ensures \result != \null ==> a->status == BJ_OK;
*/
void *bj_arena_take_array(struct bj_arena *a, size_t count, size_t size,
                          size_t align);

/* A copy of `len` octets of text with a NUL behind it, or NULL as above.
 * `text` may be NULL if len is 0. */
/*@
  requires valid_arena(a);
  requires len > 0 ==> \valid_read(text + (0 .. len - 1));
  requires \separated((uint8_t *)text + (0 .. len - 1), a,
                      a->base + (0 .. a->cap - 1));
  assigns a->len, a->status, a->base[0 .. a->cap - 1];
  ensures valid_arena(a) && handed_out(a, (uint8_t *)\result, len + 1);
  ensures \result != \null ==>
    a->status == BJ_OK && ((uint8_t *)\result)[len] == 0;
*/
char *bj_arena_text(struct bj_arena *a, const char *text, size_t len);

/* The arena's last question: BJ_OK, BJ_SPACE if len exceeds cap, or the
 * latched failure. `a->len` is then the size needed. */
/*@
  requires valid_arena(a);
  assigns \nothing;
  ensures \result == a->status;
*/
BJ_MUST_CHECK enum bj_status bj_arena_end(const struct bj_arena *a);

#endif
