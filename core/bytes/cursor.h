#ifndef BJ_CORE_BYTES_CURSOR_H
#define BJ_CORE_BYTES_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/status.h"

/*
 * The one reader of untrusted bytes. Nothing outside core/bytes indexes
 * input: a parser asks the cursor, which never reads past `len`.
 *
 * Failure is sticky. The first read that cannot be served latches a status
 * and moves `pos` to `len`; every later read returns 0 (or NULL) and changes
 * nothing. A parser therefore reads straight down and asks once, at the end.
 *
 * Invariant: pos <= len, and base points to len readable octets (base may be
 * NULL when len is 0). The bytes stay the caller's and must outlive the
 * cursor and every pointer it has handed out. No function here allocates,
 * and all are safe in any thread on distinct cursors.
 */
struct bj_cursor {
    const uint8_t *base;
    size_t len;
    size_t pos;
    enum bj_status status;
};

/*
 * The contracts below are ACSL, proved by tests/proofs/run: none of these
 * functions can touch an octet outside [base, base + len), whatever the octets
 * are, and the invariant holds before and after each.
 *
 * valid_cursor: c may be written, the position lies within the input, and the
 * whole input may be read and is not c itself.
 */
/*@
  predicate valid_cursor(struct bj_cursor *c) =
    \valid(c) && c->pos <= c->len &&
    (c->len > 0 ==> \valid_read(c->base + (0 .. c->len - 1))) &&
    \separated(c, c->base + (0 .. c->len - 1));

  predicate all_zero(uint8_t *octets, integer n) =
    \forall integer i; 0 <= i < n ==> octets[i] == 0;
*/

/*
 * Numbers are put together with shifts, since compilers then read them at
 * once. The provers know nothing of shifts, so this is taken for granted.
 */
/*@
  axiomatic shifts {
    axiom shift_8: \forall integer x; 0 <= x <= 255 ==> (x << 8) == x * 256;
    axiom shift_16: \forall integer x; 0 <= x <= 255 ==> (x << 16) == x * 65536;
    axiom shift_24:
      \forall integer x; 0 <= x <= 255 ==> (x << 24) == x * 16777216;
  }
*/

/* Starts at the first of `len` octets. `bytes` may be NULL if len is 0. */
/*@
  requires \valid(c);
  requires len > 0 ==> \valid_read(bytes + (0 .. len - 1));
  requires \separated(c, bytes + (0 .. len - 1));
  assigns *c;
  ensures valid_cursor(c);
  ensures c->base == bytes && c->len == len && c->pos == 0;
  ensures c->status == BJ_OK;
*/
static inline void bj_cursor_init(struct bj_cursor *c, const uint8_t *bytes,
                                  size_t len)
{
    c->base = bytes;
    c->len = len;
    c->pos = 0;
    c->status = BJ_OK;
}

/* Octets not read yet; 0 once the cursor has failed. */
/*@
  requires valid_cursor(c);
  assigns \nothing;
  ensures \result == c->len - c->pos;
*/
static inline size_t bj_cursor_left(const struct bj_cursor *c)
{
    return c->len - c->pos;
}

/* True while no read has failed. */
/*@
  requires valid_cursor(c);
  assigns \nothing;
  ensures \result <==> c->status == BJ_OK;
*/
static inline bool bj_cursor_ok(const struct bj_cursor *c)
{
    return c->status == BJ_OK;
}

/*
 * Latches `status` (not BJ_OK) unless an earlier failure stands, and ends
 * the input. For a parser that finds a value it must not accept.
 */
/*@
  requires valid_cursor(c);
  assigns c->status, c->pos;
  ensures valid_cursor(c) && c->pos == c->len;
  ensures \old(c->status) == BJ_OK ==> c->status == status;
  ensures \old(c->status) != BJ_OK ==> c->status == \old(c->status);
*/
static inline void bj_cursor_fail(struct bj_cursor *c, enum bj_status status)
{
    if (c->status == BJ_OK)
        c->status = status;
    c->pos = c->len;
}

/* The next octet, or 0 with BJ_MORE latched. */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c);
  behavior served:
    assumes c->len - c->pos >= 1;
    ensures c->pos == \old(c->pos) + 1 && c->status == \old(c->status);
    ensures \result == c->base[\old(c->pos)];
  behavior short:
    assumes c->len - c->pos < 1;
    ensures \result == 0 && c->pos == c->len && c->status != BJ_OK;
  complete behaviors;
  disjoint behaviors;
*/
static inline uint8_t bj_cursor_u8(struct bj_cursor *c)
{
    uint8_t value;

    if (c->len - c->pos < 1) {
        bj_cursor_fail(c, BJ_MORE);
        return 0;
    }
    value = c->base[c->pos];
    c->pos += 1;
    return value;
}

/* The next two octets, big-endian, or 0 with BJ_MORE latched. */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c);
  behavior served:
    assumes c->len - c->pos >= 2;
    ensures c->pos == \old(c->pos) + 2 && c->status == \old(c->status);
    ensures \result == c->base[\old(c->pos)] * 256 + c->base[\old(c->pos) + 1];
  behavior short:
    assumes c->len - c->pos < 2;
    ensures \result == 0 && c->pos == c->len && c->status != BJ_OK;
  complete behaviors;
  disjoint behaviors;
*/
static inline uint16_t bj_cursor_u16(struct bj_cursor *c)
{
    unsigned value;

    if (c->len - c->pos < 2) {
        bj_cursor_fail(c, BJ_MORE);
        return 0;
    }
    value = ((unsigned)c->base[c->pos] << 8) + c->base[c->pos + 1];
    c->pos += 2;
    return (uint16_t)value;
}

/* The next four octets, big-endian, or 0 with BJ_MORE latched. */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c);
  behavior served:
    assumes c->len - c->pos >= 4;
    ensures c->pos == \old(c->pos) + 4 && c->status == \old(c->status);
    ensures \let at = c->base + \old(c->pos);
      at[0] == \result / 16777216 && at[1] == \result / 65536 % 256 &&
      at[2] == \result / 256 % 256 && at[3] == \result % 256;
  behavior short:
    assumes c->len - c->pos < 4;
    ensures \result == 0 && c->pos == c->len && c->status != BJ_OK;
  complete behaviors;
  disjoint behaviors;
*/
static inline uint32_t bj_cursor_u32(struct bj_cursor *c)
{
    uint32_t value;

    if (c->len - c->pos < 4) {
        bj_cursor_fail(c, BJ_MORE);
        return 0;
    }
    value = ((uint32_t)c->base[c->pos] << 24) +
            ((uint32_t)c->base[c->pos + 1] << 16) +
            ((uint32_t)c->base[c->pos + 2] << 8) + c->base[c->pos + 3];
    c->pos += 4;
    return value;
}

/*
 * The next octet without consuming it, or -1 at the end (which is not a
 * failure): for text grammars that look ahead by one.
 */
/*@
  requires valid_cursor(c);
  assigns \nothing;
  ensures c->pos < c->len ==> \result == c->base[c->pos];
  ensures c->pos == c->len ==> \result == -1;
*/
static inline int bj_cursor_peek(const struct bj_cursor *c)
{
    return c->pos < c->len ? c->base[c->pos] : -1;
}

/*
 * The next `n` octets, in place: valid as long as the input is. NULL with
 * BJ_MORE latched if fewer are left. For n = 0 the result may be NULL.
 */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c);
  ensures n > \old(c->len - c->pos) ==>
    \result == \null && c->pos == c->len && c->status != BJ_OK;
  ensures n <= \old(c->len - c->pos) ==>
    c->pos == \old(c->pos) + n && c->status == \old(c->status);
  ensures 0 < n <= \old(c->len - c->pos) ==>
    \result == c->base + \old(c->pos) && \valid_read(\result + (0 .. n - 1));
*/
static inline const uint8_t *bj_cursor_bytes(struct bj_cursor *c, size_t n)
{
    const uint8_t *start;

    if (n > c->len - c->pos) {
        bj_cursor_fail(c, BJ_MORE);
        return NULL;
    }
    /* The length first: it is known where this is inlined, as a rule. */
    if (n == 0 && c->base == NULL)
        return NULL;
    start = c->base + c->pos;
    c->pos += n;
    return start;
}

/* Passes over `n` octets, or latches BJ_MORE. */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c);
  ensures n > \old(c->len - c->pos) ==>
    c->pos == c->len && c->status != BJ_OK;
  ensures n <= \old(c->len - c->pos) ==>
    c->pos == \old(c->pos) + n && c->status == \old(c->status);
*/
static inline void bj_cursor_skip(struct bj_cursor *c, size_t n)
{
    if (n > c->len - c->pos)
        bj_cursor_fail(c, BJ_MORE);
    else
        c->pos += n;
}

/*
 * Copies the next `n` octets to `out`, which is zero-filled instead when
 * fewer are left (BJ_MORE latched), so that it is never uninitialised.
 */
/*@
  requires valid_cursor(c);
  requires n > 0 ==> \valid(out + (0 .. n - 1));
  requires \separated(out + (0 .. n - 1), c, c->base + (0 .. c->len - 1));
  assigns c->pos, c->status, out[0 .. n - 1];
  ensures valid_cursor(c);
*/
void bj_cursor_copy(struct bj_cursor *c, uint8_t *out, size_t n);

/*
 * Makes `child` a cursor over exactly the next `n` octets and passes over
 * them: RDATA, an option, a frame body. If fewer are left both fail with
 * BJ_MORE, the child over nothing. Its positions count from its own start.
 */
/*@
  requires valid_cursor(c) && \valid(child);
  requires \separated(child, c, c->base + (0 .. c->len - 1));
  assigns c->pos, c->status, *child;
  ensures valid_cursor(c) && valid_cursor(child) && child->pos == 0;
  ensures child->status == c->status;
  ensures n > \old(c->len - c->pos) ==>
    c->pos == c->len && c->status != BJ_OK;
  ensures n <= \old(c->len - c->pos) ==>
    c->pos == \old(c->pos) + n && c->status == \old(c->status);
  ensures child->status == BJ_OK ==> child->len == n &&
    (n > 0 ==> child->base == c->base + \old(c->pos));
  ensures child->status != BJ_OK ==> child->len == 0;
*/
void bj_cursor_narrow(struct bj_cursor *c, size_t n, struct bj_cursor *child);

/*
 * The number of octets from the current position up to the first `octet`,
 * or all that are left if it does not occur. Consumes nothing.
 */
/*@
  requires valid_cursor(c);
  assigns \nothing;
  ensures \result <= c->len - c->pos;
*/
size_t bj_cursor_until(const struct bj_cursor *c, uint8_t octet);

/*
 * The parser's last question. BJ_OK if nothing failed and everything was
 * consumed; BJ_BAD if octets are left over; else the latched status.
 */
/*@
  requires valid_cursor(c);
  assigns \nothing;
  ensures \result == BJ_OK <==> c->status == BJ_OK && c->pos == c->len;
*/
BJ_MUST_CHECK enum bj_status bj_cursor_end(const struct bj_cursor *c);

#endif
