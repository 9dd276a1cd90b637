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

/* As many as fit: a flood must not bring a count back to zero. */
/*@
  requires \valid(n);
  assigns *n;
  ensures *n == (\old(*n) < UINT32_MAX ? \old(*n) + 1 : UINT32_MAX);
*/
static void count(uint32_t *n)
{
    if (*n < UINT32_MAX)
        *n += 1;
}

/* The product modulo 2^32. */
/*@ assigns \nothing; */
static uint32_t times(uint32_t a, uint32_t b)
{
    return (uint32_t)((uint64_t)a * b % UINT64_C(0x100000000));
}

/* Octet `at` of message `number`: its number first, if it needs one, then
 * what the key makes of both positions, so that no octet of one message is
 * good for another place or another run. */
/*@
  requires \valid_read(p);
  assigns \nothing;
*/
static uint8_t octet_of(const struct bj_probe *p, uint32_t number, size_t at)
{
    uint32_t place = (uint32_t)(at % UINT64_C(0x100000000));
    uint32_t x = p->settings.key ^ times(number, UINT32_C(0x9e3779b9)) ^
                 times(place, UINT32_C(0x85ebca6b));

    if (p->settings.datagram && at < BJ_PROBE_HEADER)
        return (uint8_t)(number >> (24U - 8U * (unsigned)at) & 0xffU);
    x = times(x ^ x >> 16, UINT32_C(0x7feb352d));
    x = times(x ^ x >> 15, UINT32_C(0x846ca68b));
    return (uint8_t)((x ^ x >> 16) & 0xffU);
}

bool bj_probe_write(const struct bj_probe *p, uint8_t *out)
{
    if (p->sent == p->settings.count)
        return false;
    /*@
      loop invariant 0 <= i <= p->settings.size;
      loop assigns i, out[0 .. p->settings.size - 1];
      loop variant p->settings.size - i;
    */
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

/*@
  requires valid_probe(p);
  assigns p->stray;
  ensures valid_probe(p) && \result.verdict == BJ_PROBE_STRAY;
*/
static struct bj_probe_result stray(struct bj_probe *p)
{
    struct bj_probe_result result = {.verdict = BJ_PROBE_STRAY};

    count(&p->stray);
    return result;
}

/* Message `number` has come back, right or wrong, for the first time. */
/*@
  requires valid_probe(p) && number < p->sent;
  assigns p->received, p->spoiled, p->reordered, p->highest, p->stray,
    p->sent_ns[0 .. p->settings.count - 1],
    p->rtts_ns[0 .. p->settings.count - 1];
  ensures valid_probe(p) && \result.verdict != BJ_PROBE_MORE;
*/
static struct bj_probe_result answered(struct bj_probe *p, uint32_t number,
                                       bool is_right, uint64_t now_ns)
{
    struct bj_probe_result result = {.verdict = BJ_PROBE_SPOILED,
                                     .number = number};
    uint64_t sent_ns = p->sent_ns[number];

    if (bj_probe_outstanding(p) == 0)
        return stray(p); /* cannot be: keeps `received` within its array */
    p->sent_ns[number] = ANSWERED;
    if (!is_right) {
        p->spoiled += 1;
        return result;
    }
    result.verdict = BJ_PROBE_ECHO;
    if (number < p->highest) {
        result.verdict = BJ_PROBE_REORDERED;
        count(&p->reordered);
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
    /*@
      loop invariant BJ_PROBE_HEADER <= at;
      loop invariant is_right ==> at <= len;
      loop invariant valid_cursor(c);
      loop assigns at, is_right, c->pos, c->status;
      loop variant is_right ? len - at + 1 : 0;
    */
    for (size_t at = BJ_PROBE_HEADER; is_right && at < len; at++)
        is_right = bj_cursor_u8(c) == octet_of(p, number, at);
    bj_cursor_skip(c, bj_cursor_left(c));
    if (p->sent_ns[number] != ANSWERED)
        return answered(p, number, is_right, now_ns);
    if (!is_right)
        return stray(p);
    result.number = number;
    count(&p->duplicates);
    return result;
}

struct bj_probe_result bj_probe_stream(struct bj_probe *p, struct bj_cursor *c,
                                       uint64_t now_ns)
{
    struct bj_probe_result more = {.verdict = BJ_PROBE_MORE};
    uint32_t number = p->next;
    bool is_right;

    if (bj_cursor_left(c) == 0)
        return more;
    if (number == p->sent) {
        bj_cursor_skip(c, bj_cursor_left(c));
        return stray(p);
    }
    /*@
      loop invariant valid_cursor(c) && p->at <= p->settings.size;
      loop assigns p->at, p->is_wrong, c->pos, c->status;
      loop variant p->settings.size - p->at;
    */
    while (p->at < p->settings.size && bj_cursor_left(c) > 0) {
        if (bj_cursor_u8(c) != octet_of(p, number, p->at))
            p->is_wrong = true;
        p->at += 1;
    }
    if (p->at < p->settings.size)
        return more;
    is_right = !p->is_wrong;
    p->next += 1;
    p->at = 0;
    p->is_wrong = false;
    return answered(p, number, is_right, now_ns);
}

/* Restores the heap below `root` in the first `n` elements: the parent is
 * never below its children. Descends one level a turn. */
/*@
  requires n > 0 ==> \valid(a + (0 .. n - 1));
  assigns a[0 .. n - 1];
*/
static void sift(uint64_t *a, size_t root, size_t n)
{
    /*@
      loop invariant 0 <= root;
      loop assigns root, a[0 .. n - 1];
      loop variant n - root;
    */
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
/*@
  requires n > 0 ==> \valid(a + (0 .. n - 1));
  assigns a[0 .. n - 1];
*/
static void sort(uint64_t *a, size_t n)
{
    /*@
      loop invariant 0 <= i <= n / 2;
      loop assigns i, a[0 .. n - 1];
      loop variant i;
    */
    for (size_t i = n / 2; i > 0; i--)
        sift(a, i - 1, n);
    /*@
      loop invariant 0 <= end <= n;
      loop assigns end, a[0 .. n - 1];
      loop variant end;
    */
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
