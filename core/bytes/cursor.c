#include "core/bytes/cursor.h"

#include <string.h>

void bj_cursor_copy(struct bj_cursor *c, uint8_t *out, size_t n)
{
    const uint8_t *from = bj_cursor_bytes(c, n);

    if (n == 0)
        return;
    if (from == NULL)
        memset(out, 0, n);
    else
        memcpy(out, from, n);
}

void bj_cursor_narrow(struct bj_cursor *c, size_t n, struct bj_cursor *child)
{
    const uint8_t *start = bj_cursor_bytes(c, n);

    if (c->status != BJ_OK) {
        bj_cursor_init(child, NULL, 0);
        child->status = c->status;
        return;
    }
    bj_cursor_init(child, start, n);
}

size_t bj_cursor_until(const struct bj_cursor *c, uint8_t octet)
{
    size_t left = c->len - c->pos;
    const uint8_t *hit;

    if (left == 0)
        return 0;
    hit = memchr(c->base + c->pos, octet, left);
    return hit == NULL ? left : (size_t)(hit - (c->base + c->pos));
}

enum bj_status bj_cursor_end(const struct bj_cursor *c)
{
    if (c->status != BJ_OK)
        return c->status;
    return c->pos == c->len ? BJ_OK : BJ_BAD;
}
