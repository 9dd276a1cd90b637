#include "core/bytes/arena.h"

#include <stdbool.h>
#include <string.h>

/* Octets to pass over so that the next address is a multiple of `align`. */
/*@
  requires \valid_read(a) && align >= 1;
  assigns \nothing;
*/
static size_t gap(const struct bj_arena *a, size_t align)
{
    uintptr_t at = (uintptr_t)a->base + a->len;

    return (size_t)((uintptr_t)0 - at) & (align - 1);
}

/*@
  requires \valid(a);
  assigns a->len;
  ensures a->len == (\old(a->len) + n > SIZE_MAX ? SIZE_MAX
                                               : \old(a->len) + n);
*/
static void count(struct bj_arena *a, size_t n)
{
    a->len = n > SIZE_MAX - a->len ? SIZE_MAX : a->len + n;
}

/*
 * Counts what is not handed out. The first item that does not fit latches
 * BJ_SPACE, so that no later, smaller one slips in behind it. Apart, so that
 * what fits takes few steps.
 */
/*@
  requires valid_arena(a);
  requires a->status == BJ_OK ==> skip + size > a->cap - a->len;
  assigns a->len, a->status;
  ensures valid_arena(a) && a->status != BJ_OK;
  ensures a->len == (\old(a->len) + skip + size > SIZE_MAX
                       ? SIZE_MAX
                       : \old(a->len) + skip + size);
*/
__attribute__((noinline)) static void refuse(struct bj_arena *a, size_t skip,
                                             size_t size)
{
    count(a, skip);
    count(a, size);
    bj_arena_fail(a, BJ_SPACE);
}

/* Counts a gap of `skip` and `size` octets and returns where the octets
 * start, or NULL. */
/*@
  requires valid_arena(a);
  assigns a->len, a->status;
  ensures valid_arena(a);
  ensures \result != \null ==>
    a->status == BJ_OK && a->len == \old(a->len) + skip + size &&
    \result == a->base + \old(a->len) + skip;
*/
static uint8_t *reserve(struct bj_arena *a, size_t skip, size_t size)
{
    size_t at = a->len;

    if (a->status != BJ_OK || skip > a->cap - at || size > a->cap - at - skip) {
        refuse(a, skip, size);
        return NULL;
    }
    a->len = at + skip + size;
    return a->base == NULL ? NULL : a->base + at + skip;
}

void *bj_arena_take(struct bj_arena *a, size_t size, size_t align)
{
    uint8_t *item;
    size_t skip;

    if (align == 0 || (align & (align - 1)) != 0) {
        bj_arena_fail(a, BJ_BUG);
        return NULL;
    }
    skip = gap(a, align);
    item = reserve(a, skip, size);
    if (item != NULL && skip + size > 0)
        memset(item - skip, 0, skip + size);
    return item;
}

void *bj_arena_take_array(struct bj_arena *a, size_t count_of, size_t size,
                          size_t align)
{
    size_t total =
        size != 0 && count_of > SIZE_MAX / size ? SIZE_MAX : count_of * size;

    return bj_arena_take(a, total, align);
}

char *bj_arena_text(struct bj_arena *a, const char *text, size_t len)
{
    uint8_t *copy;

    if (len == SIZE_MAX) {
        bj_arena_fail(a, BJ_SPACE);
        a->len = SIZE_MAX;
        return NULL;
    }
    copy = reserve(a, 0, len + 1);
    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = 0;
    return (char *)copy;
}

enum bj_status bj_arena_end(const struct bj_arena *a)
{
    return a->status;
}
