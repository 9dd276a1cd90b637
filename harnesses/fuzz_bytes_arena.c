/*
 * Takes a scripted sequence of items from an arena over a block whose
 * address and capacity the last two bytes choose, beside a model that finds
 * each address by walking up one octet at a time. Oracles: items lie where
 * the model says, zeroed or copied; it fails exactly when the model passes
 * the end, counts what the model counts, and stores nothing after that.
 */
#include "core/bytes/arena.h"
#include "core/bytes/cursor.h"
#include "harnesses/harness.h"

enum { FILL = 0xa5 };

struct model {
    const uint8_t *base;
    size_t len;
    size_t cap;
    bool failed;
    /* Where the last item that was handed out ends. */
    size_t stored;
};

/* Where the next item lies, or NULL. */
static const uint8_t *place(struct model *m, size_t size, size_t align)
{
    size_t at;

    while ((uintptr_t)(m->base + m->len) % align != 0)
        m->len += 1;
    at = m->len;
    m->len += size;
    if (m->len > m->cap)
        m->failed = true;
    if (m->failed)
        return NULL;
    m->stored = m->len;
    return m->base + at;
}

static bool all_are(const uint8_t *bytes, size_t n, uint8_t value)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static void take_text(struct bj_arena *a, struct model *m, struct bj_cursor *c)
{
    size_t n = bj_cursor_u8(c) % 32U;
    const char *text = (const char *)bj_cursor_bytes(c, n);
    const uint8_t *expected;
    const char *got;

    if (!bj_cursor_ok(c))
        return;
    got = bj_arena_text(a, text, n);
    expected = place(m, n + 1, 1);
    BJ_CHECK((const uint8_t *)got == expected, "text-place");
    if (got != NULL)
        BJ_CHECK((n == 0 || memcmp(got, text, n) == 0) && got[n] == '\0',
                 "text-copied");
}

static void take(struct bj_arena *a, struct model *m, uint8_t op, uint8_t size)
{
    size_t align = (size_t)1 << (op >> 2) % 6U;
    size_t count = (op & 1) == 0 ? 1 : op >> 5;
    const uint8_t *expected = place(m, count * size, align);
    size_t from = m->stored;
    uint8_t *got;

    got = (op & 1) == 0 ? bj_arena_take(a, size, align)
                        : bj_arena_take_array(a, count, size, align);
    BJ_CHECK(got == expected, "place");
    if (got == NULL)
        return;
    BJ_CHECK(all_are(got, count * size, 0), "zeroed");
    BJ_CHECK(from == a->len, "end-of-item");
    memset(got, 1, count * size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cap = bj_take_tail(data, &size);
    size_t shift = bj_take_tail(data, &size) % 16U;
    uint8_t *block = malloc(cap + shift + 1);
    struct model m = {.cap = cap};
    struct bj_arena a;
    struct bj_cursor c;

    if (block == NULL)
        abort();
    memset(block, FILL, cap + shift + 1);
    m.base = block + shift;
    bj_arena_init(&a, block + shift, cap);
    bj_cursor_init(&c, data, size);
    while (bj_cursor_left(&c) > 0) {
        uint8_t op = bj_cursor_u8(&c);

        if ((op & 3) == 3)
            take_text(&a, &m, &c);
        else
            take(&a, &m, op, bj_cursor_u8(&c));
        BJ_CHECK(a.len == m.len, "counts");
    }
    BJ_CHECK((bj_arena_end(&a) == BJ_OK) == !m.failed, "space-iff");
    BJ_CHECK(memchr(block + shift, FILL, m.stored) == NULL ||
                 memchr(data, FILL, size) != NULL,
             "initialised");
    BJ_CHECK(all_are(block + shift + m.stored, cap + 1 - m.stored, FILL),
             "nothing-after");
    BJ_CHECK(all_are(block, shift, FILL), "nothing-before");
    bj_digest(block + shift, cap);
    free(block);
    return 0;
}
