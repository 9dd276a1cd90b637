/*
 * A lying echo server by script: two octets an operation. The last three
 * octets choose mode and count, size and chunk. The model keeps a copy of
 * every message sent and what has been told about it. Oracles: the verdict on
 * each answer is the one that the copies give; the counts add up; a stream
 * cut anywhere gives the same verdicts; the summary is right by counting.
 */
#include "core/echo/probe.h"
#include "harnesses/harness.h"

enum { COUNT_MAX = 24, OCTETS_MAX = 20, ROOM = COUNT_MAX * OCTETS_MAX * 2 };

struct model {
    struct bj_probe probe;
    uint64_t sent_ns[COUNT_MAX];
    uint64_t rtts_ns[COUNT_MAX];
    uint8_t copies[COUNT_MAX][OCTETS_MAX];
    uint64_t when[COUNT_MAX];
    bool told[COUNT_MAX];
    uint32_t sent, received, spoiled, stray, duplicates, reordered;
    uint64_t rtts[COUNT_MAX];
    uint64_t now;
    size_t size;
};

static void send_one(struct model *m)
{
    uint8_t *out = malloc(m->size);
    bool room = m->sent < m->probe.settings.count;

    if (out == NULL)
        abort();
    BJ_CHECK(bj_probe_write(&m->probe, out) == room, "sends-count");
    bj_probe_sent(&m->probe, m->now);
    if (room) {
        memcpy(m->copies[m->sent], out, m->size);
        m->when[m->sent] = m->now;
        m->sent += 1;
    }
    free(out);
}

/* What the model says of an answer for message n, right or not. */
static enum bj_probe_verdict expect(struct model *m, uint32_t n, bool right)
{
    bool later = false;

    if (n >= m->sent || (m->told[n] && !right)) {
        m->stray += 1;
        return BJ_PROBE_STRAY;
    }
    if (m->told[n]) {
        m->duplicates += 1;
        return BJ_PROBE_DUPLICATE;
    }
    m->told[n] = true;
    if (!right) {
        m->when[n] = UINT64_MAX;
        m->spoiled += 1;
        return BJ_PROBE_SPOILED;
    }
    m->rtts[m->received] = m->now - m->when[n];
    m->received += 1;
    for (uint32_t i = n + 1; i < m->sent; i++)
        later = later || (m->told[i] && m->when[i] != UINT64_MAX);
    m->reordered += later;
    return later ? BJ_PROBE_REORDERED : BJ_PROBE_ECHO;
}

/* Message n as a datagram, perhaps with a flipped octet or another length. */
static void answer_datagram(struct model *m, uint32_t n, uint8_t how)
{
    size_t len = m->size;
    uint8_t *bytes;
    struct bj_cursor c;
    struct bj_probe_result r;
    uint32_t number = 0;
    bool right;

    if (how >> 6 == 2)
        len = how % (m->size + 1);
    else if (how >> 6 == 3)
        len = m->size + 1;
    bytes = calloc(len + 1, 1);
    if (bytes == NULL)
        abort();
    memcpy(bytes, m->copies[n % COUNT_MAX], len < m->size ? len : m->size);
    if (how >> 6 == 1 && len > 0)
        bytes[how % len] ^= 0x11;
    for (size_t i = 0; i < 4 && i < len; i++)
        number = number << 8 | bytes[i];
    right = number < m->sent && len == m->size &&
            memcmp(bytes, m->copies[number], len) == 0;
    bj_cursor_init(&c, bytes, len);
    r = bj_probe_datagram(&m->probe, &c, m->now);
    BJ_CHECK(r.verdict == expect(m, len < 4 ? UINT32_MAX : number, right),
             "datagram-verdict");
    BJ_CHECK(bj_cursor_left(&c) == 0, "datagram-read");
    if (r.verdict == BJ_PROBE_ECHO)
        BJ_CHECK(r.number == number && r.rtt_ns == m->now - m->when[number],
                 "datagram-rtt");
    free(bytes);
}

static void check_counts(const struct model *m)
{
    const struct bj_probe *p = &m->probe;

    BJ_CHECK(p->sent == m->sent && p->received == m->received &&
                 p->spoiled == m->spoiled && p->stray == m->stray,
             "counts");
    BJ_CHECK(p->duplicates == m->duplicates && p->reordered == m->reordered,
             "order-counts");
    BJ_CHECK(bj_probe_outstanding(p) == m->sent - m->received - m->spoiled,
             "outstanding");
}

static void play_datagrams(struct model *m, const uint8_t *script, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        m->now += script[i] >> 5;
        if ((script[i] & 1) != 0)
            send_one(m);
        else
            answer_datagram(m, (script[i] >> 1) % 16U, script[i + 1]);
        check_counts(m);
    }
}

/* A stream: the messages in order, some octets flipped, perhaps a surplus. */
static size_t make_stream(struct model *m, const uint8_t *script, size_t len,
                          uint8_t *out)
{
    size_t n = 0;

    while (m->sent < m->probe.settings.count)
        send_one(m);
    for (uint32_t i = 0; i < m->sent; i++, n += m->size)
        memcpy(out + n, m->copies[i], m->size);
    for (size_t i = 0; i + 1 < len; i += 2) {
        if (script[i] == 0xff)
            out[n++] = script[i + 1]; /* nobody asked for it */
        else if (script[i] == 0xfe && n > 0)
            n -= 1; /* the end is cut off */
        else if (script[i] < 0x40 && n > 0)
            out[(script[i] * 256U + script[i + 1]) % n] ^= 0x80;
        if (n + 1 >= ROOM)
            break;
    }
    return n;
}

/* Reads it in chunks; the verdicts on whole messages go to `verdicts`. */
static size_t read_stream(struct bj_probe *p, const uint8_t *bytes, size_t len,
                          size_t chunk, uint8_t *verdicts)
{
    size_t count = 0;

    for (size_t at = 0; at < len; at += chunk) {
        size_t n = len - at < chunk ? len - at : chunk;
        uint8_t *copy = bj_exact_copy(bytes + at, n);
        struct bj_cursor c;
        struct bj_probe_result r;

        bj_cursor_init(&c, copy, n);
        do {
            r = bj_probe_stream(p, &c, 7);
            if (r.verdict != BJ_PROBE_MORE && r.verdict != BJ_PROBE_STRAY)
                verdicts[count++] = (uint8_t)r.verdict;
        } while (r.verdict != BJ_PROBE_MORE);
        free(copy);
    }
    return count;
}

static void play_stream(struct model *m, const uint8_t *script, size_t len,
                        size_t chunk)
{
    static uint8_t bytes[ROOM];
    uint8_t whole[COUNT_MAX];
    uint8_t cut[COUNT_MAX];
    struct bj_probe before;
    size_t n = make_stream(m, script, len, bytes);
    size_t count;

    before = m->probe;
    count = read_stream(&m->probe, bytes, n, chunk, cut);
    BJ_CHECK(count == (n / m->size < m->sent ? n / m->size : m->sent),
             "stream-all-judged");
    for (uint32_t i = 0; i < count; i++) {
        bool right = memcmp(bytes + i * m->size, m->copies[i], m->size) == 0;

        BJ_CHECK(cut[i] == (right ? BJ_PROBE_ECHO : BJ_PROBE_SPOILED),
                 "stream-verdict");
        m->received += right;
        m->spoiled += !right;
    }
    BJ_CHECK((m->probe.stray > 0) == (n > m->sent * m->size), "stream-surplus");
    m->stray = m->probe.stray;
    check_counts(m);
    /* The same whole: on another state, for the arrays are used up. */
    memcpy(m->rtts, m->rtts_ns, sizeof(m->rtts));
    for (uint32_t i = 0; i < m->sent; i++)
        m->sent_ns[i] = 0;
    BJ_CHECK(read_stream(&before, bytes, n, n + 1, whole) == count &&
                 memcmp(whole, cut, count) == 0,
             "stream-any-chunks");
    memcpy(m->rtts_ns, m->rtts, sizeof(m->rtts));
}

/* How many of the model's round trips are at most `value`. */
static uint32_t at_most(const struct model *m, uint64_t value)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < m->received; i++)
        n += m->rtts[i] <= value;
    return n;
}

/* `value` is the least with at least `share` percent at or below it. */
static bool is_percentile(const struct model *m, uint64_t value, uint32_t share)
{
    uint32_t n = m->received;

    return at_most(m, value) * 100 >= n * share &&
           (value == 0 || at_most(m, value - 1) * 100 < n * share);
}

static void check_summary(struct model *m)
{
    struct bj_probe_summary s;

    bj_probe_sum_up(&m->probe, &s);
    BJ_CHECK(s.lost == m->sent - m->received - m->spoiled, "lost");
    if (m->received == 0) {
        BJ_CHECK(s.max_ns == 0, "no-round-trip");
        return;
    }
    BJ_CHECK(is_percentile(m, s.median_ns, 50), "median");
    BJ_CHECK(is_percentile(m, s.p99_ns, 99), "p99");
    BJ_CHECK(at_most(m, s.max_ns) == m->received &&
                 (s.max_ns == 0 || at_most(m, s.max_ns - 1) < m->received),
             "max");
    BJ_CHECK(at_most(m, s.min_ns) > 0 &&
                 (s.min_ns == 0 || at_most(m, s.min_ns - 1) == 0),
             "min");
    bj_digest(&s.median_ns, sizeof(s.median_ns));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t mode = bj_take_tail(data, &size);
    uint8_t size_octet = bj_take_tail(data, &size);
    size_t chunk = 1 + bj_take_tail(data, &size) % 64U;
    bool datagram = (mode & 1) != 0;
    struct model m = {.size = datagram ? 4 + size_octet % 17U
                                       : 1 + size_octet % 20U};
    struct bj_probe_settings settings = {.count = (mode >> 1) % COUNT_MAX,
                                         .size = m.size,
                                         .key = size_octet,
                                         .datagram = datagram};

    bj_probe_init(&m.probe, &settings, m.sent_ns, m.rtts_ns);
    if (size > 512)
        size = 512;
    if (datagram)
        play_datagrams(&m, data, size);
    else
        play_stream(&m, data, size, chunk);
    check_summary(&m);
    bj_digest(&m.probe.received, sizeof(m.probe.received));
    return 0;
}
