#ifndef BJ_CORE_BYTES_WRITER_H
#define BJ_CORE_BYTES_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/status.h"

/*
 * The one way core puts bytes or text into a caller's buffer. It stores
 * nothing past `cap` and goes on counting, so that one pass both builds and
 * measures: after a failure for space, `len` is the size that would have
 * been enough. `len` saturates at SIZE_MAX.
 *
 * An item that does not fit whole is not stored at all, nor is anything
 * after it, so the buffer always holds a clean prefix. A buffer of cap 0 may
 * be NULL: that is how to measure. Nothing here allocates; all functions are
 * safe in any thread on distinct writers.
 */
struct bj_writer {
    uint8_t *base;
    size_t cap;
    size_t len;
    enum bj_status status;
};

/*
 * valid_writer: w may be written, and so may the whole buffer, which is not w
 * itself. While nothing has failed, what was appended lies within it. Proved
 * by tests/proofs/run: nothing is stored outside [base, base + cap).
 */
/*@
  predicate valid_writer(struct bj_writer *w) =
    \valid(w) && (w->status == BJ_OK ==> w->len <= w->cap) &&
    (w->cap > 0 ==> \valid(w->base + (0 .. w->cap - 1))) &&
    \separated(w, w->base + (0 .. w->cap - 1));

  predicate same_buffer{A,B}(struct bj_writer *w) =
    \at(w->base, A) == \at(w->base, B) && \at(w->cap, A) == \at(w->cap, B);

  logic integer sum_len(integer len, integer n) =
    len + n > SIZE_MAX ? SIZE_MAX : len + n;

  predicate holds_u16(uint8_t *at, integer value) =
    at[0] == value / 256 && at[1] == value % 256;

  predicate holds_u32(uint8_t *at, integer value) =
    at[0] == value / 16777216 && at[1] == value / 65536 % 256 &&
    at[2] == value / 256 % 256 && at[3] == value % 256;
*/

/*@
  requires \valid(w);
  requires cap > 0 ==> \valid(buf + (0 .. cap - 1));
  requires \separated(w, buf + (0 .. cap - 1));
  assigns *w;
  ensures valid_writer(w);
  ensures w->base == buf && w->cap == cap && w->len == 0;
  ensures w->status == BJ_OK;
*/
static inline void bj_writer_init(struct bj_writer *w, uint8_t *buf, size_t cap)
{
    w->base = buf;
    w->cap = cap;
    w->len = 0;
    w->status = BJ_OK;
}

/* Latches `status` (not BJ_OK) unless an earlier failure stands. */
/*@
  requires valid_writer(w) && status != BJ_OK;
  assigns w->status;
  ensures valid_writer(w) && w->status != BJ_OK;
  ensures \old(w->status) == BJ_OK ==> w->status == status;
  ensures \old(w->status) != BJ_OK ==> w->status == \old(w->status);
*/
static inline void bj_writer_fail(struct bj_writer *w, enum bj_status status)
{
    if (w->status == BJ_OK)
        w->status = status;
}

/* Appends n octets; `bytes` may be NULL if n is 0. */
/*@
  requires valid_writer(w);
  requires n > 0 ==> \valid_read(bytes + (0 .. n - 1));
  requires \separated(bytes + (0 .. n - 1), w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[w->len .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures w->len == sum_len(\old(w->len), n);
  ensures w->status == BJ_OK <==>
    \old(w->status) == BJ_OK && \old(w->len) + n <= w->cap;
  ensures w->status == BJ_OK ==> \forall integer i; 0 <= i < n ==>
    w->base[\old(w->len) + i] == bytes[i];
*/
void bj_writer_bytes(struct bj_writer *w, const uint8_t *bytes, size_t n);

/* Appends n octets of zero. */
/*@
  requires valid_writer(w);
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures w->len == sum_len(\old(w->len), n);
  ensures w->status == BJ_OK <==>
    \old(w->status) == BJ_OK && \old(w->len) + n <= w->cap;
*/
void bj_writer_zero(struct bj_writer *w, size_t n);

/* Appends one octet. */
/*@
  requires valid_writer(w);
  assigns w->len, w->status, w->base[w->len .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures w->len == sum_len(\old(w->len), 1);
  ensures w->status == BJ_OK <==>
    \old(w->status) == BJ_OK && \old(w->len) + 1 <= w->cap;
  ensures w->status == BJ_OK ==> w->base[\old(w->len)] == value;
*/
static inline void bj_writer_u8(struct bj_writer *w, uint8_t value)
{
    if (w->status == BJ_OK && w->len < w->cap) {
        w->base[w->len] = value;
        w->len += 1;
        return;
    }
    bj_writer_bytes(w, &value, 1);
}

/* Appends a big-endian integer of two octets. */
/*@
  requires valid_writer(w);
  assigns w->len, w->status, w->base[w->len .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures w->len == sum_len(\old(w->len), 2);
  ensures w->status == BJ_OK <==>
    \old(w->status) == BJ_OK && \old(w->len) + 2 <= w->cap;
  ensures w->status == BJ_OK ==> holds_u16(w->base + \old(w->len), value);
*/
void bj_writer_u16(struct bj_writer *w, uint16_t value);

/* Appends a big-endian integer of four octets. */
/*@
  requires valid_writer(w);
  assigns w->len, w->status, w->base[w->len .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures w->len == sum_len(\old(w->len), 4);
  ensures w->status == BJ_OK <==>
    \old(w->status) == BJ_OK && \old(w->len) + 4 <= w->cap;
  ensures w->status == BJ_OK ==> holds_u32(w->base + \old(w->len), value);
*/
void bj_writer_u32(struct bj_writer *w, uint32_t value);

/*
 * Overwrites two octets stored earlier at offset `at` (a length or a count
 * known only later). A no-op if they were not stored for lack of space;
 * BJ_BUG is latched if `at` lies beyond what was appended.
 */
/*@
  requires valid_writer(w);
  assigns w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w);
*/
void bj_writer_patch_u16(struct bj_writer *w, size_t at, uint16_t value);

/* Appends a NUL-terminated string without its NUL. */
/*@
  requires valid_writer(w);
  requires \exists integer n; is_string(text, n);
  requires \separated(text + (0 ..), w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_writer_text(struct bj_writer *w, const char *text);

/* Appends one character. */
/*@
  requires valid_writer(w);
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures w->len == sum_len(\old(w->len), 1);
  ensures w->status == BJ_OK <==>
    \old(w->status) == BJ_OK && \old(w->len) + 1 <= w->cap;
*/
static inline void bj_writer_char(struct bj_writer *w, char ch)
{
    bj_writer_u8(w, (uint8_t)ch);
}

/* Appends `value` in decimal, without sign or leading zeros. */
/*@
  requires valid_writer(w);
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_writer_dec(struct bj_writer *w, uint64_t value);

/* Appends `value` in lower-case hexadecimal, at least `digits` (1 to 16). */
/*@
  requires valid_writer(w);
  requires 1 <= digits <= 16;
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_writer_hex(struct bj_writer *w, uint64_t value, unsigned digits);

/*
 * The writer's last question: BJ_OK, BJ_SPACE if len exceeds cap, or the
 * latched failure. `w->len` is then the size needed.
 */
/*@
  requires valid_writer(w);
  assigns \nothing;
  ensures \result == w->status;
*/
BJ_MUST_CHECK enum bj_status bj_writer_end(const struct bj_writer *w);

/*
 * Like bj_writer_end for text: appends the terminating NUL first, which does
 * not count in w->len when it succeeds. When it fails, `w->len` counts it,
 * and the buffer, if it has any room, is the empty string.
 */
/*@
  requires valid_writer(w);
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && \result == w->status;
  ensures \result == BJ_OK ==> w->len == \old(w->len) < w->cap;
*/
BJ_MUST_CHECK enum bj_status bj_writer_end_text(struct bj_writer *w);

#endif
