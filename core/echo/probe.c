#include "core/echo/probe.h"

/* Instead of the time it was sent, once a message needs it no longer. */
#define ANSWERED UINT64_MAX

void bj_probe_init(struct bj_probe *p, const struct bj_probe_settings *settings,
                   uint64_t *sent_ns, uint64_t *rtts_ns)
{
    p->settings = *settings;
    p->sent_ns = sent_ns;
    p->rtts_ns = rtts_ns;
    p->sent = 0;
    p->received = 0;
    p->spoiled = 0;
    p->stray = 0;
    p->duplicates = 0;
    p->reordered = 0;
    p->highest = 0;
    p->next = 0;
    p->at = 0;
    p->is_wrong = false;
}

/* Octet `at` of message `number`: its number first, if it needs one, then
 * what the key makes of both positions, so that no octet of one message is
 * good for another place or another run. */
static uint8_t octet_of(const struct bj_probe *p, uint32_t number, size_t at)
{
    uint32_t x = p->settings.key + number * UINT32_C(0x9e3779b9) +
                 (uint32_t)at * UINT32_C(0x85ebca6b);

    if (p->settings.datagram && at < BJ_PROBE_HEADER)
        return (uint8_t)(number >> (24U - 8U * (unsigned)at) & 0xffU);
    x = (x ^ x >> 16) * UINT32_C(0x7feb352d);
    x = (x ^ x >> 15) * UINT32_C(0x846ca68b);
    return (uint8_t)((x ^ x >> 16) & 0xffU);
}

bool bj_probe_write(const struct bj_probe *p, uint8_t *out)
{
    if (p->sent == p->settings.count)
        return false;
    for (size_t i = 0; i < p->settings.size; i++)
        out[i] = octet_of(p, p->sent, i);
    return true;
}

void bj_probe_sent(struct bj_probe *p, uint64_t now_ns)
{
    if (p->sent == p->settings.count)
        return;
    p->sent_ns[p->sent] = now_ns < ANSWERED ? now_ns : ANSWERED - 1;
    p->sent += 1;
}

static struct bj_probe_result stray(struct bj_probe *p)
{
    struct bj_probe_result result = {.verdict = BJ_PROBE_STRAY};

    p->stray += 1;
    return result;
}

/* Message `number` has come back, right or wrong, for the first time. */
static struct bj_probe_result answered(struct bj_probe *p, uint32_t number,
                                       bool is_right, uint64_t now_ns)
{
    struct bj_probe_result result = {.verdict = BJ_PROBE_SPOILED,
                                     .number = number};
    uint64_t sent_ns = p->sent_ns[number];

    p->sent_ns[number] = ANSWERED;
    if (!is_right) {
        p->spoiled += 1;
        return result;
    }
    result.verdict = BJ_PROBE_ECHO;
    if (number < p->highest) {
        result.verdict = BJ_PROBE_REORDERED;
        p->reordered += 1;
    } else {
        p->highest = number + 1;
    }
    result.rtt_ns = now_ns > sent_ns ? now_ns - sent_ns : 0;
    p->rtts_ns[p->received] = result.rtt_ns;
    p->received += 1;
    return result;
}

struct bj_probe_result bj_probe_datagram(struct bj_probe *p,
                                         struct bj_cursor *c, uint64_t now_ns)
{
    struct bj_probe_result result = {.verdict = BJ_PROBE_DUPLICATE};
    size_t len = bj_cursor_left(c);
    bool is_right = len == p->settings.size;
    uint32_t number = bj_cursor_u32(c);

    if (!bj_cursor_ok(c) || number >= p->sent) {
        bj_cursor_skip(c, bj_cursor_left(c));
        return stray(p);
    }
    if (!is_right)
        bj_cursor_skip(c, bj_cursor_left(c));
    for (size_t at = BJ_PROBE_HEADER; is_right && at < len; at++)
        is_right = bj_cursor_u8(c) == octet_of(p, number, at);
    bj_cursor_skip(c, bj_cursor_left(c));
    if (p->sent_ns[number] != ANSWERED)
        return answered(p, number, is_right, now_ns);
    if (!is_right)
        return stray(p);
    result.number = number;
    p->duplicates += 1;
    return result;
}

struct bj_probe_result bj_probe_stream(struct bj_probe *p, struct bj_cursor *c,
                                       uint64_t now_ns)
{
    struct bj_probe_result more = {.verdict = BJ_PROBE_MORE};
    uint32_t number = p->next;

    if (bj_cursor_left(c) == 0)
        return more;
    if (number == p->sent) {
        bj_cursor_skip(c, bj_cursor_left(c));
        return stray(p);
    }
    while (p->at < p->settings.size && bj_cursor_left(c) > 0) {
        if (bj_cursor_u8(c) != octet_of(p, number, p->at))
            p->is_wrong = true;
        p->at += 1;
    }
    if (p->at < p->settings.size)
        return more;
    more = answered(p, number, !p->is_wrong, now_ns);
    p->next += 1;
    p->at = 0;
    p->is_wrong = false;
    return more;
}

/* Restores the heap below `root` in the first `n` elements: the parent is
 * never below its children. Descends one level a turn. */
static void sift(uint64_t *a, size_t root, size_t n)
{
    while (root < n / 2) {
        size_t child = 2 * root + 1;
        uint64_t swap = a[root];

        if (child + 1 < n && a[child + 1] > a[child])
            child += 1;
        if (a[child] <= swap)
            return;
        a[root] = a[child];
        a[child] = swap;
        root = child;
    }
}

/* Heapsort: in place, without recursion, n log n whatever the input. */
static void sort(uint64_t *a, size_t n)
{
    for (size_t i = n / 2; i > 0; i--)
        sift(a, i - 1, n);
    for (size_t end = n; end > 1; end--) {
        uint64_t top = a[0];

        a[0] = a[end - 1];
        a[end - 1] = top;
        sift(a, 0, end - 1);
    }
}

void bj_probe_sum_up(struct bj_probe *p, struct bj_probe_summary *out)
{
    size_t n = p->received;

    out->lost = bj_probe_outstanding(p);
    out->min_ns = 0;
    out->median_ns = 0;
    out->p99_ns = 0;
    out->max_ns = 0;
    if (n == 0)
        return;
    sort(p->rtts_ns, n);
    out->min_ns = p->rtts_ns[0];
    out->median_ns = p->rtts_ns[(n - 1) / 2];
    out->p99_ns = p->rtts_ns[(n * 99 + 99) / 100 - 1];
    out->max_ns = p->rtts_ns[n - 1];
}
