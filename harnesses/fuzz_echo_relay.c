/*
 * Drives a relay by a script (the first half of the input) that decides how
 * much of the second half each read brings and how much each write takes.
 * The last two octets choose the capacity and the flags. The model is two
 * positions in the source. Oracles: what the sink got is a prefix of the
 * source, the counts and the pending octets agree with the model, the end is
 * orderly exactly when everything was delivered, and it does end.
 */
#include "core/echo/relay.h"
#include "harnesses/harness.h"

struct model {
    const uint8_t *source;
    size_t source_len;
    size_t taken;     /* octets the relay has read */
    size_t delivered; /* octets the sink has accepted */
    bool source_over;
    bool source_failed;
    bool cut;    /* a failed write or a timeout */
    bool broken; /* an event that cannot be */
    uint8_t *buf;
    size_t cap;
};

struct outcome {
    enum bj_relay_event event;
    size_t n;
};

static struct outcome report(enum bj_relay_event event, size_t n)
{
    struct outcome o = {event, n};

    return o;
}

/* The region of an action lies in the buffer and is not empty. */
static void check_region(const struct model *m, struct bj_relay_action a)
{
    uintptr_t at = (uintptr_t)a.at - (uintptr_t)m->buf;

    BJ_CHECK(a.n > 0 && at <= m->cap && a.n <= m->cap - at, "region");
}

static struct outcome play_read(struct model *m, struct bj_relay_action a,
                                uint8_t op)
{
    size_t left = m->source_len - m->taken;
    size_t n = 1 + op % 16U;

    BJ_CHECK(!m->source_over, "no-read-after-eof");
    check_region(m, a);
    if (n > left)
        n = left;
    if (n > a.n)
        n = a.n;
    if (n == 0) {
        m->source_over = true;
        return report(BJ_RELAY_EOF, 0);
    }
    memcpy(a.at, m->source + m->taken, n);
    m->taken += n;
    return report(BJ_RELAY_GOT, n);
}

static struct outcome play_write(struct model *m, struct bj_relay_action a,
                                 uint8_t op)
{
    size_t n = 1 + op % 16U;

    check_region(m, a);
    BJ_CHECK(a.n <= m->taken - m->delivered, "writes-only-what-came");
    BJ_CHECK(memcmp(a.at, m->source + m->delivered, a.n) == 0,
             "same-octets-in-order");
    if (n > a.n)
        n = a.n;
    m->delivered += n;
    return report(BJ_RELAY_PUT, n);
}

/* The rare answers, chosen by the upper bits of the script. */
static bool play_trouble(struct model *m, struct bj_relay_action a, uint8_t op,
                         struct outcome *o)
{
    switch (op >> 4) {
    case 15:
        *o = report(BJ_RELAY_TIMEOUT, 0);
        m->cut = true;
        return true;
    case 14:
        *o = report(BJ_RELAY_FAILED, 0);
        if (a.kind == BJ_RELAY_WRITE)
            m->cut = true;
        else
            m->source_over = m->source_failed = true;
        return true;
    case 13:
        *o = report(BJ_RELAY_AGAIN, 0);
        return true;
    case 12: /* a count out of contract */
        *o = report(a.kind == BJ_RELAY_READ ? BJ_RELAY_GOT : BJ_RELAY_PUT,
                    (op & 1) != 0 ? 0 : a.n + 1);
        m->broken = true;
        return true;
    case 11: /* an answer to another question */
        *o = report(a.kind == BJ_RELAY_READ ? BJ_RELAY_PUT : BJ_RELAY_GOT, 1);
        m->broken = true;
        return true;
    default:
        return false;
    }
}

static struct outcome play_wait(struct model *m, struct bj_relay_action a,
                                uint8_t op)
{
    bool may_read = !m->source_over && m->taken - m->delivered < m->cap;
    bool may_write = m->taken > m->delivered;

    BJ_CHECK(a.wants != 0, "waits-for-something");
    BJ_CHECK(((a.wants & BJ_RELAY_WANTS_READ) != 0) == may_read, "wants-read");
    BJ_CHECK(((a.wants & BJ_RELAY_WANTS_WRITE) != 0) == may_write,
             "wants-write");
    if (op >> 4 == 15) {
        m->cut = true;
        return report(BJ_RELAY_TIMEOUT, 0);
    }
    if (op >> 4 == 12) {
        m->broken = true;
        return report(BJ_RELAY_GOT, 1);
    }
    if (op >> 4 == 13)
        return report(BJ_RELAY_AGAIN, 0);
    return report((op & 1) != 0 ? BJ_RELAY_READABLE : BJ_RELAY_WRITABLE, 0);
}

static void check_end(const struct model *m, const struct bj_relay *r,
                      struct bj_relay_action a)
{
    bool orderly = a.kind == BJ_RELAY_SHUTDOWN;
    bool whole = !m->cut && !m->broken && !m->source_failed;

    BJ_CHECK((r->outcome == BJ_RELAY_OK) == whole, "ok-iff-whole");
    if (whole)
        BJ_CHECK(m->source_over && m->delivered == m->taken, "all-delivered");
    if (m->source_failed && !m->cut && !m->broken)
        BJ_CHECK(m->delivered == m->taken && r->outcome == BJ_RELAY_READ_FAILED,
                 "drained-after-failure");
    BJ_CHECK(orderly == (whole && (r->flags & BJ_RELAY_HALF) != 0),
             "shutdown-iff-whole-half");
}

static struct outcome play(struct model *m, const struct bj_relay *r,
                           struct bj_relay_action a, uint8_t op)
{
    struct outcome o;

    switch (a.kind) {
    case BJ_RELAY_READ:
        return play_trouble(m, a, op, &o) ? o : play_read(m, a, op);
    case BJ_RELAY_WRITE:
        return play_trouble(m, a, op, &o) ? o : play_write(m, a, op);
    case BJ_RELAY_WAIT:
        return play_wait(m, a, op);
    default:
        check_end(m, r, a);
        if (op >> 4 == 13)
            return report(BJ_RELAY_AGAIN, 0);
        return report(BJ_RELAY_FINISHED, 0);
    }
}

static void check_counts(const struct model *m, const struct bj_relay *r)
{
    BJ_CHECK(r->got == m->taken && r->put == m->delivered, "counts");
    BJ_CHECK(bj_relay_pending(r) == m->taken - m->delivered, "pending");
    BJ_CHECK(bj_relay_pending(r) <= m->cap, "bounded");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cap = 1 + bj_take_tail(data, &size) % 40U;
    unsigned flags = bj_take_tail(data, &size) & 3U;
    size_t script_len = size / 2;
    struct model m = {.source_len = size - script_len, .cap = cap};
    struct bj_relay_action a;
    struct bj_relay r;
    /* Afterwards every call is served: a read and a write an octet, with two
     * waits before each when the capacity is 1, then the end. */
    size_t budget = script_len + 8 * m.source_len + 16;
    size_t steps = 0;

    m.source = data + script_len;
    m.buf = malloc(cap);
    if (m.buf == NULL)
        abort();
    memset(m.buf, 0xa5, cap);
    bj_relay_init(&r, m.buf, cap, flags);
    a = bj_relay_step(&r, BJ_RELAY_START, 0);
    for (; a.kind != BJ_RELAY_DONE && steps < budget; steps++) {
        uint8_t op = steps < script_len ? data[steps] : (steps & 1) ? 0 : 1;
        struct outcome o = play(&m, &r, a, op);

        a = bj_relay_step(&r, o.event, o.n);
        check_counts(&m, &r);
    }
    BJ_CHECK(a.kind == BJ_RELAY_DONE && bj_relay_over(&r), "ends");
    a = bj_relay_step(&r, BJ_RELAY_GOT, 1);
    BJ_CHECK(a.kind == BJ_RELAY_DONE, "stays-ended");
    BJ_CHECK((r.outcome == BJ_RELAY_BROKEN) == (m.broken && !m.source_failed),
             "broken-iff-driven-wrong");
    bj_digest(&r.put, sizeof(r.put));
    bj_digest(&r.outcome, sizeof(r.outcome));
    free(m.buf);
    return 0;
}
