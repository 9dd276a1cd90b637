/*
 * Cuts the input (but its last two octets: capacity and chunk seed) into
 * reads and compares the lines with those that a naive reference, which sees
 * the whole text at once, cuts at each '\n' and every `cap` octets. Oracles:
 * the same lines and marks in the same order, nothing lost at the end or
 * before a failure, and steps in proportion to the input.
 */
#include "core/echo/line.h"
#include "harnesses/harness.h"

struct feed {
    const uint8_t *text;
    size_t len;
    size_t pos; /* octets given to the reader */
    size_t out; /* octets seen in lines */
    uint32_t seed;
    bool fails; /* the source ends in a failure */
};

/* The length of the line that the reference would cut next. */
static size_t model_line(const struct feed *f, size_t cap, bool *whole)
{
    size_t n = 0;

    *whole = false;
    while (f->out + n < f->len && n < cap && !*whole) {
        *whole = f->text[f->out + n] == '\n';
        n += 1;
    }
    return n;
}

static uint32_t draw(struct feed *f)
{
    f->seed = f->seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return f->seed >> 16;
}

static struct bj_line_action feed_read(struct feed *f, struct bj_line *l,
                                       struct bj_line_action a)
{
    size_t n = 1 + draw(f) % 12;

    BJ_CHECK(a.at >= l->buf && a.n > 0 &&
                 a.n <= l->cap - (size_t)(a.at - l->buf),
             "region");
    if (draw(f) % 8 == 0)
        return bj_line_step(l, BJ_LINE_AGAIN, 0);
    if (n > a.n)
        n = a.n;
    if (n > f->len - f->pos)
        n = f->len - f->pos;
    if (n == 0)
        return bj_line_step(l, f->fails ? BJ_LINE_FAILED : BJ_LINE_EOF, 0);
    memcpy(a.at, f->text + f->pos, n);
    f->pos += n;
    return bj_line_step(l, BJ_LINE_GOT, n);
}

static struct bj_line_action take_line(struct feed *f, struct bj_line *l,
                                       struct bj_line_action a)
{
    bool whole;
    size_t n = model_line(f, l->cap, &whole);

    BJ_CHECK(a.n == n && n > 0, "line-length");
    BJ_CHECK(memcmp(a.at, f->text + f->out, n) == 0, "line-octets");
    BJ_CHECK((a.kind == BJ_LINE_WHOLE) == whole, "line-mark");
    f->out += n;
    return bj_line_step(l, BJ_LINE_NEXT, 0);
}

/* A count out of contract must end the reader without moving it. */
static void drive_wrong(size_t cap, uint8_t *buf)
{
    struct bj_line l;
    struct bj_line_action a;

    bj_line_init(&l, buf, cap);
    a = bj_line_step(&l, BJ_LINE_NEXT, 0);
    a = bj_line_step(&l, BJ_LINE_GOT, a.n + 1);
    BJ_CHECK(a.kind == BJ_LINE_END && l.failed && l.tail == 0, "broken");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cap = 1 + bj_take_tail(data, &size) % 48U;
    struct feed f = {.seed = bj_take_tail(data, &size)};
    uint8_t *buf = malloc(cap);
    struct bj_line_action a;
    struct bj_line l;
    size_t steps = 0;

    if (buf == NULL)
        abort();
    f.text = data;
    f.len = size;
    f.fails = (f.seed & 1) != 0;
    drive_wrong(cap, buf);
    bj_line_init(&l, buf, cap);
    a = bj_line_step(&l, BJ_LINE_NEXT, 0);
    /* Two steps an octet, interruptions (one in eight, never two hundred in
     * a row with this generator) and the end. */
    for (; a.kind != BJ_LINE_END && steps < 4 * size + 200; steps++)
        a = a.kind == BJ_LINE_READ ? feed_read(&f, &l, a)
                                   : take_line(&f, &l, a);
    BJ_CHECK(a.kind == BJ_LINE_END, "ends");
    BJ_CHECK(f.out == size, "nothing-lost");
    BJ_CHECK(l.failed == f.fails, "failure-told");
    BJ_CHECK(bj_line_step(&l, BJ_LINE_NEXT, 0).kind == BJ_LINE_END,
             "stays-ended");
    bj_digest(&steps, sizeof(steps));
    free(buf);
    return 0;
}
