#ifndef BJ_CORE_ECHO_DATAGRAM_H
#define BJ_CORE_ECHO_DATAGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "core/addr/endpoint.h"
#include "core/bytes/hash.h"

/*
 * Whether an echo server over UDP answers a datagram (RFC 862), which is the
 * whole of its judgement: anyone can write any source address on a
 * datagram, so an answer may hit a third party, or another server that
 * answers too (CERT CA-1996-01). Pure: the time and the table are the
 * caller's.
 */

#define BJ_DATAGRAM_VERDICT_TABLE(X)                                      \
    X(BJ_DATAGRAM_ANSWER, "answer")                                       \
    X(BJ_DATAGRAM_RESERVED_PORT, "from a port of a service that answers") \
    X(BJ_DATAGRAM_OWN_PORT, "from a port like our own")                   \
    X(BJ_DATAGRAM_NO_HOST, "from an address that is no host's")           \
    X(BJ_DATAGRAM_RATE, "over the rate of its network")

enum bj_datagram_verdict {
#define BJ_DATAGRAM_VERDICT_ENUM(name, text) name,
    BJ_DATAGRAM_VERDICT_TABLE(BJ_DATAGRAM_VERDICT_ENUM)
#undef BJ_DATAGRAM_VERDICT_ENUM
        BJ_DATAGRAM_VERDICTS
};

/*
 * Answers to one network are limited by a token bucket: `burst` at once, then
 * one each `interval_us`. A network is an IPv4 /24 or an IPv6 /56, the least
 * that networks are announced in and customers are given.
 */
struct bj_datagram_settings {
    const uint16_t *own_ports; /* of all our sockets; kept, not copied */
    size_t own_port_count;
    uint64_t interval_us;   /* 0: no limit */
    uint32_t burst;         /* 0 is 1 */
    struct bj_hash_key key; /* fresh, so that nobody can aim at a bucket */
};

/*
 * Each network has its bucket by the keyed hash. Networks that share one
 * share its tokens: however many prefixes are forged, none is sent more than
 * its share, and all together no more than `bucket_count` shares. A bucket
 * is the time at which it will be full, less one token's (the theoretical
 * arrival time of ITU-T I.371's algorithm), so eight octets hold one.
 */
struct bj_datagram {
    struct bj_datagram_settings settings;
    uint64_t window_us; /* (burst - 1) * interval_us */
    uint64_t *buckets;
    size_t bucket_count;
    uint64_t counts[BJ_DATAGRAM_VERDICTS]; /* of each verdict so far */
};

/*@
  predicate valid_datagram(struct bj_datagram *d) = \valid(d) &&
    (d->bucket_count > 0 ==>
      \valid(d->buckets + (0 .. d->bucket_count - 1))) &&
    (d->settings.own_port_count > 0 ==> \valid_read(
      d->settings.own_ports + (0 .. d->settings.own_port_count - 1))) &&
    \separated(d, d->buckets + (0 .. d->bucket_count - 1),
      d->settings.own_ports + (0 .. d->settings.own_port_count - 1));
*/

/*
 * Starts with all buckets full, in `bucket_count` elements at `buckets`, which
 * stay the caller's. With no bucket and a limit nothing is answered.
 */
/*@
  requires \valid(d) && \valid_read(settings);
  requires bucket_count > 0 ==> \valid(buckets + (0 .. bucket_count - 1));
  requires settings->own_port_count > 0 ==> \valid_read(
    settings->own_ports + (0 .. settings->own_port_count - 1));
  requires \separated(d, settings, buckets + (0 .. bucket_count - 1),
    settings->own_ports + (0 .. settings->own_port_count - 1));
  assigns *d, buckets[0 .. bucket_count - 1];
  ensures valid_datagram(d) && d->bucket_count == bucket_count;
*/
void bj_datagram_init(struct bj_datagram *d,
                      const struct bj_datagram_settings *settings,
                      uint64_t *buckets, size_t bucket_count);

/*
 * Judges one datagram from `source` at `now_us`, a clock that does not go
 * back, and counts the verdict; only BJ_DATAGRAM_ANSWER takes a token. Refused
 * are the ports 0, 7 (echo), 13 (daytime), 17 (quote of the day), 19
 * (chargen), 37 (time) and 53 (DNS), whose services answer anything; every
 * port of ours, on whatever address, for there may sit our like; and
 * addresses that are nobody's or many's. An IPv4-mapped IPv6 address, as a
 * dual-stack socket gives it, is the IPv4 address.
 */
/*@
  requires valid_datagram(d) && \valid_read(source);
  requires \separated(source, d, d->buckets + (0 .. d->bucket_count - 1));
  requires \forall integer i; 0 <= i < BJ_DATAGRAM_VERDICTS ==>
    d->counts[i] < UINT64_MAX;
  assigns d->counts[0 .. BJ_DATAGRAM_VERDICTS - 1],
    d->buckets[0 .. d->bucket_count - 1];
  ensures valid_datagram(d) && \result < BJ_DATAGRAM_VERDICTS;
  ensures d->counts[\result] == \old(d->counts[\result]) + 1;
*/
enum bj_datagram_verdict bj_datagram_judge(struct bj_datagram *d,
                                           const struct bj_endpoint *source,
                                           uint64_t now_us);

/* Static text of a verdict; "unknown verdict" outside the enum. */
/*@ assigns \nothing; */
const char *bj_datagram_verdict_text(enum bj_datagram_verdict verdict);

#endif
