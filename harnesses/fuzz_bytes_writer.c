/*
 * Writes a scripted sequence of items twice: into unlimited room, and into an
 * exact heap block of the capacity that the last byte chooses. A model with
 * libc's printf says what must come of it. Oracles: the octets are the
 * model's, nothing is stored behind the last item that fits whole, the length
 * counts on, a patch outside what was appended is refused.
 */
#include <inttypes.h>
#include <stdio.h>

#include "core/bytes/cursor.h"
#include "core/bytes/writer.h"
#include "harnesses/harness.h"

enum { ROOM = 4096, SCRIPT_MAX = 256, UNTOUCHED = 0xa5 };

struct model {
    uint8_t bytes[ROOM];
    size_t cap;
    size_t len;
    size_t kept; /* octets of the items that fitted */
    bool over;   /* one did not */
    bool bug;    /* a patch was refused, which ends the script */
};

BJ_UNTRACED_BEGIN

static void add(struct model *m, const void *bytes, size_t n)
{
    m->over = m->over || m->len + n > m->cap;
    if (!m->over && n > 0)
        memcpy(m->bytes + m->kept, bytes, n);
    m->len += n;
    if (!m->over)
        m->kept += n;
}

/* `n` octets of a number, the highest first. */
static void add_number(struct model *m, uint64_t value, size_t n)
{
    uint8_t octets[8];

    for (size_t i = 0; i < n; i++)
        octets[i] = (uint8_t)(value >> 8 * (n - 1 - i));
    add(m, octets, n);
}

BJ_UNTRACED_END

/* `back` octets before the end, or beyond it if there are not so many. */
static void patch(struct bj_writer *w, struct model *m, size_t back)
{
    size_t at = m->len >= back ? m->len - back : back;

    bj_writer_patch_u16(w, at, 0x4a4b);
    m->bug = at + 2 > m->len;
    if (m->bug || m->over)
        return;
    m->bytes[at] = 0x4a;
    m->bytes[at + 1] = 0x4b;
}

static void put_text(struct bj_writer *w, struct model *m, unsigned op,
                     uint64_t value)
{
    const char *text = &"bell jar"[(op >> 4) % 8];
    char digits[32];

    if ((op & 7) == 3) {
        bj_writer_dec(w, value);
        (void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
        text = digits;
    } else if ((op & 7) == 4) {
        bj_writer_hex(w, value, (op >> 4) + 1);
        (void)snprintf(digits, sizeof(digits), "%0*" PRIx64, (int)(op >> 4) + 1,
                       value);
        text = digits;
    } else {
        bj_writer_text(w, text);
    }
    add(m, text, strlen(text));
}

static void put(struct bj_writer *w, struct model *m, unsigned op,
                struct bj_cursor *c)
{
    static const uint8_t zeros[16];
    uint32_t value = 0;

    switch (op & 7) {
    case 0:
        bj_writer_u8(w, (uint8_t)op);
        add_number(m, op, 1);
        break;
    case 1:
        value = bj_cursor_u16(c);
        bj_writer_u16(w, (uint16_t)value);
        add_number(m, value, 2);
        break;
    case 2:
        value = bj_cursor_u32(c);
        bj_writer_u32(w, value);
        add_number(m, value, 4);
        break;
    case 3:
        put_text(w, m, op, bj_cursor_u32(c) * UINT64_C(4294967295));
        break;
    case 4:
        put_text(w, m, op, bj_cursor_u16(c));
        break;
    case 5:
        bj_writer_zero(w, op >> 4);
        add(m, zeros, op >> 4);
        break;
    case 6:
        put_text(w, m, op, 0);
        break;
    default:
        patch(w, m, op >> 4);
    }
}

BJ_UNTRACED_BEGIN

static bool untouched(const uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (out[i] != UNTOUCHED)
            return false;
    return true;
}

static void check(struct bj_writer *w, const struct model *m, uint8_t *out)
{
    enum bj_status expected = m->over ? BJ_SPACE : m->bug ? BJ_BUG : BJ_OK;

    BJ_CHECK(bj_writer_end(w) == expected, "status");
    BJ_CHECK(w->len == m->len, "measures");
    BJ_CHECK(memcmp(out, m->bytes, m->kept) == 0, "octets");
    BJ_CHECK(untouched(out + m->kept, m->cap - m->kept), "clean-prefix");
    bj_digest(out, m->kept);
    if (expected == BJ_OK && m->len >= m->cap)
        expected = BJ_SPACE;
    BJ_CHECK(bj_writer_end_text(w) == expected, "text-status");
    if (m->cap > 0)
        BJ_CHECK(out[expected == BJ_OK ? m->len : 0] == 0, "text-ends");
}

BJ_UNTRACED_END

/* Plays the script into `cap` octets at `out` and checks what is there. */
static void play(const uint8_t *script, size_t len, uint8_t *out, size_t cap)
{
    static struct model m;
    struct bj_cursor c;
    struct bj_writer w;

    m.cap = cap;
    m.len = m.kept = 0;
    m.over = m.bug = false;
    bj_cursor_init(&c, script, len);
    bj_writer_init(&w, cap > 0 ? out : NULL, cap);
    while (bj_cursor_left(&c) > 0 && !m.bug)
        put(&w, &m, bj_cursor_u8(&c), &c);
    check(&w, &m, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[ROOM];
    size_t cap = bj_take_tail(data, &size);
    uint8_t *block = malloc(cap > 0 ? cap : 1);

    if (block == NULL)
        abort();
    if (size > SCRIPT_MAX)
        size = SCRIPT_MAX; /* 15 octets an octet at most: within ROOM */
    memset(room, UNTOUCHED, sizeof(room));
    memset(block, UNTOUCHED, cap > 0 ? cap : 1);
    play(data, size, room, sizeof(room));
    play(data, size, block, cap);
    free(block);
    return 0;
}
