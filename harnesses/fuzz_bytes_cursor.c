/*
 * Drives a cursor with a script of reads (the first half of the input) over
 * the second half, beside a model that is nothing but an offset. Oracles: the
 * values and positions agree, a failed cursor stays failed and reads zero.
 */
#include "core/bytes/cursor.h"
#include "harnesses/harness.h"

struct model {
    const uint8_t *bytes;
    size_t len;
    size_t pos;
    bool failed;
};

/* The next n octets as a number, by the definition: digit by digit. */
static uint64_t model_number(struct model *m, size_t n)
{
    uint64_t value = 0;

    if (m->failed || m->pos + n > m->len) {
        m->failed = true;
        m->pos = m->len;
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        value = value << 8 | m->bytes[m->pos++];
    return value;
}

static void narrow(struct bj_cursor *c, struct model *m, size_t n)
{
    struct bj_cursor child;
    size_t before = m->pos;

    bj_cursor_narrow(c, n, &child);
    if (m->failed || m->pos + n > m->len) {
        m->failed = true;
        m->pos = m->len;
        BJ_CHECK(!bj_cursor_ok(&child) && bj_cursor_left(&child) == 0,
                 "child-of-failure");
        return;
    }
    m->pos += n;
    bj_cursor_skip(&child, n);
    BJ_CHECK(bj_cursor_end(&child) == BJ_OK, "child-exact");
    BJ_CHECK(n == 0 || child.base == m->bytes + before, "child-in-place");
}

static void step(struct bj_cursor *c, struct model *m, uint8_t op)
{
    uint8_t out[16];
    size_t n = op >> 4;

    switch (op & 7) {
    case 0:
        BJ_CHECK(bj_cursor_u8(c) == model_number(m, 1), "u8");
        break;
    case 1:
        BJ_CHECK(bj_cursor_u16(c) == model_number(m, 2), "u16");
        break;
    case 2:
        BJ_CHECK(bj_cursor_u32(c) == model_number(m, 4), "u32");
        break;
    case 3:
        bj_cursor_skip(c, n);
        (void)model_number(m, n);
        break;
    case 4:
        memset(out, 0xa5, sizeof(out));
        bj_cursor_copy(c, out, n);
        (void)model_number(m, n);
        BJ_CHECK(n == 0 || (m->failed ? out[n - 1] == 0
                                      : out[n - 1] == m->bytes[m->pos - 1]),
                 "copy");
        break;
    case 5:
        narrow(c, m, n);
        break;
    case 6:
        BJ_CHECK(bj_cursor_peek(c) == (m->pos < m->len ? m->bytes[m->pos] : -1),
                 "peek");
        break;
    default:
        n = bj_cursor_until(c, op);
        BJ_CHECK(n <= m->len - m->pos, "until-bounded");
        BJ_CHECK(m->pos + n == m->len || m->bytes[m->pos + n] == op,
                 "until-found");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t script_len = size / 2;
    struct model m = {.len = size - script_len};
    struct bj_cursor c;
    uint8_t *bytes = bj_exact_copy(data + script_len, m.len);

    m.bytes = bytes;
    bj_cursor_init(&c, bytes, m.len);
    for (size_t i = 0; i < script_len; i++) {
        step(&c, &m, data[i]);
        BJ_CHECK(c.pos == m.pos, "position");
        BJ_CHECK(bj_cursor_ok(&c) == !m.failed, "sticky");
    }
    BJ_CHECK((bj_cursor_end(&c) == BJ_OK) == (!m.failed && m.pos == m.len),
             "end");
    bj_digest(&c.pos, sizeof(c.pos));
    free(bytes);
    return 0;
}
