#include "core/bytes/writer.h"

#include <string.h>

/*
 * Counts n more octets and says whether they may be stored. The first item
 * that does not fit latches BJ_SPACE, so no later, smaller one slips in
 * behind the gap.
 */
/*@
  requires valid_writer(w);
  assigns w->len, w->status;
  ensures valid_writer(w) && w->len == sum_len(\old(w->len), n);
  ensures \result <==> w->status == BJ_OK;
  ensures \result <==>
    \old(w->status) == BJ_OK && \old(w->len) + n <= w->cap;
*/
static bool reserve(struct bj_writer *w, size_t n)
{
    bool fits = w->status == BJ_OK && n <= w->cap - w->len;

    if (!fits)
        bj_writer_fail(w, BJ_SPACE);
    w->len = n > SIZE_MAX - w->len ? SIZE_MAX : w->len + n;
    return fits;
}

void bj_writer_bytes(struct bj_writer *w, const uint8_t *bytes, size_t n)
{
    size_t at = w->len;

    if (reserve(w, n) && n > 0)
        memcpy(w->base + at, bytes, n);
}

void bj_writer_zero(struct bj_writer *w, size_t n)
{
    size_t at = w->len;

    if (reserve(w, n) && n > 0)
        memset(w->base + at, 0, n);
}

void bj_writer_u16(struct bj_writer *w, uint16_t value)
{
    uint8_t octets[2];

    octets[0] = (uint8_t)(value / 256U);
    octets[1] = (uint8_t)(value % 256U);
    bj_writer_bytes(w, octets, sizeof(octets));
}

void bj_writer_u32(struct bj_writer *w, uint32_t value)
{
    uint8_t octets[4];

    octets[0] = (uint8_t)(value / 16777216U);
    octets[1] = (uint8_t)(value / 65536U % 256U);
    octets[2] = (uint8_t)(value / 256U % 256U);
    octets[3] = (uint8_t)(value % 256U);
    bj_writer_bytes(w, octets, sizeof(octets));
}

void bj_writer_patch_u16(struct bj_writer *w, size_t at, uint16_t value)
{
    if (w->len < 2 || at > w->len - 2) {
        bj_writer_fail(w, BJ_BUG);
        return;
    }
    if (w->status != BJ_OK)
        return;
    w->base[at] = (uint8_t)(value / 256U);
    w->base[at + 1] = (uint8_t)(value % 256U);
}

void bj_writer_text(struct bj_writer *w, const char *text)
{
    bj_writer_bytes(w, (const uint8_t *)text, strlen(text));
}

void bj_writer_dec(struct bj_writer *w, uint64_t value)
{
    uint8_t digits[20]; /* UINT64_MAX has 20 */
    size_t at = sizeof(digits);

    /*@
      loop invariant 1 <= at <= 20;
      loop assigns at, value, digits[0 .. 19];
      loop variant at;
    */
    do {
        at -= 1;
        digits[at] = (uint8_t)('0' + value % 10U);
        value /= 10U;
    } while (at > 0 && value != 0);
    bj_writer_bytes(w, digits + at, sizeof(digits) - at);
}

void bj_writer_hex(struct bj_writer *w, uint64_t value, unsigned digits)
{
    uint8_t out[16];
    size_t at = sizeof(out);

    /*@
      loop invariant 1 <= at <= 16;
      loop assigns at, value, out[0 .. 15];
      loop variant at;
    */
    do {
        at -= 1;
        out[at] = (uint8_t)(value % 16U < 10U ? '0' + value % 16U
                                              : 'a' + value % 16U - 10U);
        value /= 16U;
    } while (at > 0 && (value != 0 || sizeof(out) - at < digits));
    bj_writer_bytes(w, out + at, sizeof(out) - at);
}

enum bj_status bj_writer_end(const struct bj_writer *w)
{
    return w->status;
}

enum bj_status bj_writer_end_text(struct bj_writer *w)
{
    bj_writer_u8(w, 0);
    if (w->status != BJ_OK) {
        if (w->cap > 0)
            w->base[0] = 0;
        return w->status;
    }
    w->len -= 1;
    return BJ_OK;
}
