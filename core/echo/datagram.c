#include "core/echo/datagram.h"

#include <stdbool.h>
#include <string.h>

#include "core/addr/prefix.h"

/* UDP services that answer whatever they are sent; 0 cannot be answered. */
static const uint16_t reserved_ports[] = {0, 7, 13, 17, 19, 37, 53};

/*@
  assigns \nothing;
  ensures \result == (a + b > UINT64_MAX ? UINT64_MAX : a + b);
*/
static uint64_t add(uint64_t a, uint64_t b)
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

/*@ assigns \nothing; */
static uint64_t multiply(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

void bj_datagram_init(struct bj_datagram *d,
                      const struct bj_datagram_settings *settings,
                      uint64_t *buckets, size_t bucket_count)
{
    d->settings = *settings;
    if (d->settings.burst == 0)
        d->settings.burst = 1;
    d->window_us = multiply(d->settings.burst - 1, d->settings.interval_us);
    d->buckets = buckets;
    d->bucket_count = bucket_count;
    /*@
      loop invariant i <= bucket_count;
      loop assigns i, buckets[0 .. bucket_count - 1];
      loop variant bucket_count - i;
    */
    for (size_t i = 0; i < bucket_count; i++)
        buckets[i] = 0;
    /*@
      loop invariant i <= BJ_DATAGRAM_VERDICTS;
      loop assigns i, d->counts[0 .. BJ_DATAGRAM_VERDICTS - 1];
      loop variant BJ_DATAGRAM_VERDICTS - i;
    */
    for (size_t i = 0; i < BJ_DATAGRAM_VERDICTS; i++)
        d->counts[i] = 0;
}

/*@
  requires count > 0 ==> \valid_read(ports + (0 .. count - 1));
  assigns \nothing;
*/
static bool has_port(const uint16_t *ports, size_t count, uint16_t port)
{
    /*@
      loop invariant i <= count;
      loop assigns i;
      loop variant count - i;
    */
    for (size_t i = 0; i < count; i++) {
        if (ports[i] == port)
            return true;
    }
    return false;
}

/* The octets of an address without the detour of the mapped form; their
 * number, 4 or 16, or 0 if it has no family. */
/*@
  requires \valid_read(address) && \valid(out + (0 .. 15));
  requires \separated(address, out + (0 .. 15));
  assigns out[0 .. 15];
  ensures \result == 0 || \result == 4 || \result == 16;
*/
static size_t plain_octets(const struct bj_address *address, uint8_t out[16])
{
    struct bj_address plain = bj_address_unmap(address);

    memcpy(out, plain.octets, 16);
    return bj_family_bits(plain.family) / 8;
}

/* RFC 6890: 0.0.0.0/8 is no destination, 224.0.0.0/4 multicast, 240.0.0.0/4
 * reserved up to the broadcast address. RFC 4291: :: and ff00::/8. */
/*@
  requires \valid_read(octets + (0 .. 15));
  requires len == 0 || len == 4 || len == 16;
  assigns \nothing;
  ensures \result ==> len > 0;
*/
static bool is_a_host(const uint8_t *octets, size_t len)
{
    static const uint8_t unspecified[16];

    if (len == 4)
        return octets[0] != 0 && octets[0] < 224;
    return len == 16 && octets[0] != 0xff &&
           memcmp(octets, unspecified, sizeof(unspecified)) != 0;
}

/* Takes a token of the network's bucket if there is one. */
/*@
  requires valid_datagram(d) && \valid_read(octets + (0 .. 15));
  requires \separated(octets + (0 .. 15), d,
                      d->buckets + (0 .. d->bucket_count - 1));
  requires len == 4 || len == 16;
  assigns d->buckets[0 .. d->bucket_count - 1];
*/
static bool take_token(struct bj_datagram *d, const uint8_t *octets, size_t len,
                       uint64_t now_us)
{
    uint8_t network[8] = {0};
    uint64_t *bucket;

    if (d->settings.interval_us == 0)
        return true;
    if (d->bucket_count == 0)
        return false;
    network[0] = (uint8_t)len;
    memcpy(network + 1, octets, len == 4 ? 3 : 7);
    bucket = &d->buckets[bj_hash(&d->settings.key, network, sizeof(network)) %
                         d->bucket_count];
    if (*bucket > add(now_us, d->window_us))
        return false;
    *bucket = add(*bucket > now_us ? *bucket : now_us, d->settings.interval_us);
    return true;
}

/*@
  requires valid_datagram(d) && \valid_read(source);
  requires \separated(source, d, d->buckets + (0 .. d->bucket_count - 1));
  assigns d->buckets[0 .. d->bucket_count - 1];
  ensures \result < BJ_DATAGRAM_VERDICTS;
*/
static enum bj_datagram_verdict
judge(struct bj_datagram *d, const struct bj_endpoint *source, uint64_t now_us)
{
    uint8_t octets[16];
    size_t len = plain_octets(&source->address, octets);

    if (has_port(reserved_ports,
                 sizeof(reserved_ports) / sizeof(reserved_ports[0]),
                 source->port))
        return BJ_DATAGRAM_RESERVED_PORT;
    if (has_port(d->settings.own_ports, d->settings.own_port_count,
                 source->port))
        return BJ_DATAGRAM_OWN_PORT;
    if (!is_a_host(octets, len))
        return BJ_DATAGRAM_NO_HOST;
    return take_token(d, octets, len, now_us) ? BJ_DATAGRAM_ANSWER
                                              : BJ_DATAGRAM_RATE;
}

enum bj_datagram_verdict bj_datagram_judge(struct bj_datagram *d,
                                           const struct bj_endpoint *source,
                                           uint64_t now_us)
{
    enum bj_datagram_verdict verdict = judge(d, source, now_us);

    d->counts[verdict] += 1;
    return verdict;
}

const char *bj_datagram_verdict_text(enum bj_datagram_verdict verdict)
{
    switch (verdict) {
#define BJ_DATAGRAM_VERDICT_CASE(name, text) \
    case name:                               \
        return text;
        BJ_DATAGRAM_VERDICT_TABLE(BJ_DATAGRAM_VERDICT_CASE)
#undef BJ_DATAGRAM_VERDICT_CASE
    case BJ_DATAGRAM_VERDICTS:
        break;
    }
    return "unknown verdict";
}
