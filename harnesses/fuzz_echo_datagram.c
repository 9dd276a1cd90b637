/*
 * A stream of datagrams, six octets each: how long after the one before,
 * from which family, network, host and port. The last three octets choose
 * the number of buckets, the burst and the interval. Oracles: an independent
 * predicate for the sources that are never answered; no network is sent more
 * than burst + elapsed / interval in any window; a refusal for the rate means
 * that as many answers as a burst were given in the last burst * interval;
 * with one bucket, a plain token bucket that counts up agrees each time.
 */
#include "core/echo/datagram.h"
#include "harnesses/harness.h"

enum { EVENTS_MAX = 200 };

static const uint16_t own_ports[] = {7007, 7};

struct answered {
    uint64_t at;
    uint8_t network[8];
};

struct model {
    struct answered log[EVENTS_MAX];
    size_t count;
    uint64_t interval;
    uint64_t burst;
    uint64_t credit; /* of the plain bucket: microseconds, at most full */
    uint64_t last;
};

/* Addresses of all kinds that the judge tells apart, and plain ones. */
static struct bj_endpoint make_source(const uint8_t *spec, uint8_t network[8])
{
    static const uint8_t firsts[] = {192, 127, 0, 224, 255, 10, 198, 239};
    static const uint16_t ports[] = {0,  7,  13,   17,   19,    37,
                                     53, 54, 7007, 7008, 65535, 40000};
    struct bj_endpoint source = {.port = ports[spec[5] % 12U]};
    uint8_t v4[4] = {firsts[spec[2] % 8U], 0, spec[3], spec[4]};
    uint8_t *octets = source.address.octets;

    memset(network, 0, 8);
    if (spec[1] % 4U == 0) {
        source.address.family = BJ_FAMILY_IP4;
        memcpy(octets, v4, 4);
        network[0] = 4;
        memcpy(network + 1, v4, 3);
    } else if (spec[1] % 4U == 1) { /* ::ffff:a.b.c.d is a.b.c.d */
        source.address.family = BJ_FAMILY_IP6;
        octets[10] = octets[11] = 0xff;
        memcpy(octets + 12, v4, 4);
        network[0] = 4;
        memcpy(network + 1, v4, 3);
    } else if (spec[1] % 4U == 2) {
        source.address.family = BJ_FAMILY_IP6;
        octets[0] = spec[2] % 4U == 0 ? 0xff : spec[2] % 4U == 1 ? 0x20 : 0;
        octets[6] = spec[3]; /* inside the /56 */
        octets[7] = spec[4]; /* behind it */
        network[0] = 16;
        memcpy(network + 1, octets, 7);
    } else if (spec[2] % 2U == 0) {
        source.address.family = BJ_FAMILY_IP6; /* the unspecified address */
    }
    return source;
}

/* By the texts of R41 and RFC 6890, over the script rather than the octets. */
static bool must_refuse(const uint8_t *spec)
{
    unsigned port = spec[5] % 12U;
    unsigned first = spec[2] % 8U;

    if (port <= 6 || port == 8)
        return true;
    if (spec[1] % 4U < 2)
        return first == 2 || first == 3 || first == 4 || first == 7;
    if (spec[1] % 4U == 2)
        return spec[2] % 4U == 0 ||
               (spec[2] % 4U > 1 && spec[3] == 0 && spec[4] == 0);
    return true;
}

/* Answers since `from`, to `network` or (NULL) to all. */
static uint64_t answers_since(const struct model *m, uint64_t from,
                              const uint8_t *network)
{
    uint64_t n = 0;

    for (size_t i = 0; i < m->count; i++) {
        if (m->log[i].at >= from &&
            (network == NULL || memcmp(m->log[i].network, network, 8) == 0))
            n += 1;
    }
    return n;
}

static void check_answer(struct model *m, uint64_t now, const uint8_t *network)
{
    memcpy(m->log[m->count].network, network, 8);
    m->log[m->count].at = now;
    m->count += 1;
    for (size_t i = 0; i < m->count; i++) {
        uint64_t since = m->log[i].at;

        if (memcmp(m->log[i].network, network, 8) == 0)
            BJ_CHECK(answers_since(m, since, network) <=
                         m->burst + (now - since) / m->interval,
                     "never-over-the-rate");
    }
}

static void check_refusal(const struct model *m, uint64_t now)
{
    uint64_t span = m->burst * m->interval;
    uint64_t from = now > span ? now - span + 1 : 0;

    BJ_CHECK(answers_since(m, from, NULL) >= m->burst, "refusal-has-a-reason");
}

/* A bucket as it is told in textbooks; true if it has a token. */
static bool plain_bucket(struct model *m, uint64_t now)
{
    uint64_t full = m->burst * m->interval;

    m->credit += now - m->last;
    m->last = now;
    if (m->credit > full)
        m->credit = full;
    if (m->credit < m->interval)
        return false;
    m->credit -= m->interval;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t bucket_count = 1 + bj_take_tail(data, &size) % 5U;
    struct model m = {.burst = 1 + bj_take_tail(data, &size) % 6U};
    struct bj_datagram_settings settings = {.own_ports = own_ports,
                                            .own_port_count = 2};
    uint64_t *buckets = malloc(bucket_count * sizeof(*buckets));
    struct bj_datagram d;
    uint64_t now = 0;

    if (buckets == NULL)
        abort();
    m.interval = 1 + bj_take_tail(data, &size) * UINT64_C(7);
    m.credit = m.burst * m.interval;
    settings.burst = (uint32_t)m.burst;
    settings.interval_us = m.interval;
    settings.key.words[0] = m.interval;
    bj_datagram_init(&d, &settings, buckets, bucket_count);
    for (size_t i = 0; i < EVENTS_MAX && size - i * 6 >= 6; i++) {
        uint8_t network[8];
        struct bj_endpoint source = make_source(data + i * 6, network);
        enum bj_datagram_verdict v;

        now += data[i * 6] * UINT64_C(5);
        v = bj_datagram_judge(&d, &source, now);
        BJ_CHECK((v != BJ_DATAGRAM_ANSWER && v != BJ_DATAGRAM_RATE) ==
                     must_refuse(data + i * 6),
                 "never-answered-sources");
        bj_digest(&v, sizeof(v));
        if (must_refuse(data + i * 6))
            continue;
        if (bucket_count == 1)
            BJ_CHECK((v == BJ_DATAGRAM_ANSWER) == plain_bucket(&m, now),
                     "plain-bucket-agrees");
        if (v == BJ_DATAGRAM_ANSWER)
            check_answer(&m, now, network);
        else
            check_refusal(&m, now);
    }
    BJ_CHECK(d.counts[BJ_DATAGRAM_ANSWER] == m.count, "counted");
    free(buckets);
    return 0;
}
