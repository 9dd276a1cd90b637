#ifndef BJ_CORE_ECHO_PROBE_H
#define BJ_CORE_ECHO_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"

/*
 * Measuring an echo server: numbered messages whose octets are known in
 * advance, and what comes back, checked octet for octet. Over a stream the
 * messages return one behind the other; datagrams may be lost, doubled,
 * reordered or forged, so each begins with its number. Time and memory are
 * the caller's.
 */

/* Octets of a datagram that hold its number, big-endian: the least size. */
#define BJ_PROBE_HEADER 4

struct bj_probe_settings {
    uint32_t count; /* messages in all */
    size_t size;    /* octets of each, at least 1, or BJ_PROBE_HEADER */
    uint32_t key;   /* fresh, so that answers cannot be forged blindly */
    bool datagram;
};

/*
 * `sent_ns` and `rtts_ns` are arrays of `count` elements: when each message
 * was sent, and the round trips in the order of their ends.
 */
struct bj_probe {
    struct bj_probe_settings settings;
    uint64_t *sent_ns;
    uint64_t *rtts_ns;
    uint32_t sent;
    uint32_t received;   /* whole and right; the first of doubles */
    uint32_t spoiled;    /* answered by octets other than were sent */
    uint32_t stray;      /* what answers no message: bad number, surplus */
    uint32_t duplicates; /* right, but answered before */
    uint32_t reordered;  /* received behind one with a higher number */
    uint32_t highest;    /* one over the highest number received */
    uint32_t next;       /* stream: the message that is coming in */
    size_t at;           /* stream: octets of it that have come */
    bool is_wrong;       /* stream: one of them was not the right one */
};

enum bj_probe_verdict {
    BJ_PROBE_MORE, /* stream: all is read and no message is complete */
    BJ_PROBE_ECHO,
    BJ_PROBE_REORDERED,
    BJ_PROBE_DUPLICATE,
    BJ_PROBE_SPOILED,
    BJ_PROBE_STRAY,
};

struct bj_probe_result {
    enum bj_probe_verdict verdict;
    uint32_t number; /* 0 for MORE and STRAY */
    uint64_t rtt_ns; /* of ECHO and REORDERED */
};

struct bj_probe_summary {
    uint32_t lost; /* sent, and neither received nor spoiled */
    uint64_t min_ns, median_ns, p99_ns, max_ns; /* 0 without any round trip */
};

/*
 * Proved by tests/proofs/run: whatever comes back, nothing is read or written
 * outside the arrays and the message, and every call ends.
 */
/*@
  predicate valid_times(struct bj_probe *p) =
    (p->settings.count > 0 ==>
      \valid(p->sent_ns + (0 .. p->settings.count - 1)) &&
      \valid(p->rtts_ns + (0 .. p->settings.count - 1))) &&
    \separated(p, p->sent_ns + (0 .. p->settings.count - 1),
               p->rtts_ns + (0 .. p->settings.count - 1));

  predicate valid_probe(struct bj_probe *p) =
    \valid(p) && valid_times(p) && p->settings.size > 0 &&
    (p->settings.datagram ==> p->settings.size >= BJ_PROBE_HEADER) &&
    p->sent <= p->settings.count && p->received + p->spoiled <= p->sent &&
    p->next <= p->sent && p->highest <= p->sent &&
    p->at < p->settings.size;
*/

/* Starts with nothing sent. The arrays stay the caller's. */
/*@
  requires \valid(p) && \valid_read(settings) && settings->size > 0;
  requires settings->datagram ==> settings->size >= BJ_PROBE_HEADER;
  requires settings->count > 0 ==>
    \valid(sent_ns + (0 .. settings->count - 1)) &&
    \valid(rtts_ns + (0 .. settings->count - 1));
  requires \separated(p, settings, sent_ns + (0 .. settings->count - 1),
                      rtts_ns + (0 .. settings->count - 1));
  assigns *p;
  ensures valid_probe(p) && p->sent == p->received == 0;
*/
void bj_probe_init(struct bj_probe *p, const struct bj_probe_settings *settings,
                   uint64_t *sent_ns, uint64_t *rtts_ns);

/* Writes the next message, settings.size octets, to `out`; false, and nothing
 * is written, if all have been sent. */
/*@
  requires valid_probe(p);
  requires \valid(out + (0 .. p->settings.size - 1));
  requires \separated(p, out + (0 .. p->settings.size - 1));
  assigns out[0 .. p->settings.size - 1];
  ensures \result <==> p->sent < p->settings.count;
*/
bool bj_probe_write(const struct bj_probe *p, uint8_t *out);

/* Takes that message as sent at `now_ns`; nothing if all have been. */
/*@
  requires valid_probe(p);
  assigns p->sent, p->sent_ns[0 .. p->settings.count - 1];
  ensures valid_probe(p);
*/
void bj_probe_sent(struct bj_probe *p, uint64_t now_ns);

/* Judges all that is left in the cursor as one datagram. */
/*@
  requires valid_probe(p) && valid_cursor(c);
  requires \separated(p, c, p->sent_ns + (0 .. p->settings.count - 1),
                      p->rtts_ns + (0 .. p->settings.count - 1));
  requires \separated(c->base + (0 .. c->len - 1), p, c,
                      p->sent_ns + (0 .. p->settings.count - 1),
                      p->rtts_ns + (0 .. p->settings.count - 1));
  assigns *p, *c, p->sent_ns[0 .. p->settings.count - 1],
    p->rtts_ns[0 .. p->settings.count - 1];
  ensures valid_probe(p) && valid_cursor(c) && c->pos == c->len;
*/
struct bj_probe_result bj_probe_datagram(struct bj_probe *p,
                                         struct bj_cursor *c, uint64_t now_ns);

/*
 * Reads from the cursor until a message is complete, or all of it: call it
 * until it returns MORE. Octets in answer to nothing are one stray, however
 * many, each time they come.
 */
/*@
  requires valid_probe(p) && valid_cursor(c);
  requires \separated(p, c, p->sent_ns + (0 .. p->settings.count - 1),
                      p->rtts_ns + (0 .. p->settings.count - 1));
  requires \separated(c->base + (0 .. c->len - 1), p, c,
                      p->sent_ns + (0 .. p->settings.count - 1),
                      p->rtts_ns + (0 .. p->settings.count - 1));
  assigns *p, *c, p->sent_ns[0 .. p->settings.count - 1],
    p->rtts_ns[0 .. p->settings.count - 1];
  ensures valid_probe(p) && valid_cursor(c);
  ensures \result.verdict == BJ_PROBE_MORE ==> c->pos == c->len;
*/
struct bj_probe_result bj_probe_stream(struct bj_probe *p, struct bj_cursor *c,
                                       uint64_t now_ns);

/* Messages sent that may still be answered. */
/*@
  requires \valid_read(p) && p->received + p->spoiled <= p->sent;
  assigns \nothing;
  ensures \result == p->sent - p->received - p->spoiled;
*/
static inline uint32_t bj_probe_outstanding(const struct bj_probe *p)
{
    return p->sent - p->received - p->spoiled;
}

/*
 * Sums up, sorting the round trips in place. The median and the 99th
 * percentile are the least round trips that so many are not above (nearest
 * rank), so each is one that was measured.
 */
/*@
  requires valid_probe(p) && \valid(out);
  requires \separated(out, p, p->sent_ns + (0 .. p->settings.count - 1),
                      p->rtts_ns + (0 .. p->settings.count - 1));
  assigns *out, p->rtts_ns[0 .. p->settings.count - 1];
  ensures valid_probe(p);
*/
void bj_probe_sum_up(struct bj_probe *p, struct bj_probe_summary *out);

#endif
