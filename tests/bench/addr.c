/*
 * Addresses as text, in and out, against libc's inet_pton and inet_ntop. The
 * addresses are random, a thousand of each kind, so that no branch predictor
 * learns them by heart: a single literal in a loop measures twice as fast.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/addr/ip4.h"
#include "core/addr/ip6.h"
#include "tests/bench/bench.h"

enum { ADDRESSES = 1024, CALLS = 1 << 12 };

struct sample {
    uint8_t octets[16];
    char text[BJ_IP6_TEXT_MAX];
    size_t len;
};

static struct sample fours[ADDRESSES];
static struct sample fulls[ADDRESSES]; /* eight random groups */
static struct sample sixes[ADDRESSES]; /* as networks have them, with "::" */

static void make_samples(void)
{
    uint64_t state = 1;

    for (size_t i = 0; i < ADDRESSES; i++) {
        uint64_t a = bj_bench_random(&state), b = bj_bench_random(&state);

        memcpy(fours[i].octets, &a, 4);
        memcpy(fulls[i].octets, &a, 8);
        memcpy(fulls[i].octets + 8, &b, 8);
        memcpy(sixes[i].octets, "\x20\x01\x0d\xb8", 4);
        memcpy(sixes[i].octets + 4, &a, 4);
        memcpy(sixes[i].octets + 14, &b, 2);
        inet_ntop(AF_INET, fours[i].octets, fours[i].text, BJ_IP6_TEXT_MAX);
        inet_ntop(AF_INET6, fulls[i].octets, fulls[i].text, BJ_IP6_TEXT_MAX);
        inet_ntop(AF_INET6, sixes[i].octets, sixes[i].text, BJ_IP6_TEXT_MAX);
        fours[i].len = strlen(fours[i].text);
        fulls[i].len = strlen(fulls[i].text);
        sixes[i].len = strlen(sixes[i].text);
    }
}

static uint64_t parse4(const void *context, size_t count)
{
    const struct sample *samples = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &samples[i % ADDRESSES];
        uint8_t out[4];

        sum += bj_ip4_parse((const uint8_t *)s->text, s->len, out);
        sum += out[3];
    }
    return sum;
}

static uint64_t parse6(const void *context, size_t count)
{
    const struct sample *samples = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &samples[i % ADDRESSES];
        uint8_t out[16];

        sum += bj_ip6_parse((const uint8_t *)s->text, s->len, out);
        sum += out[15];
    }
    return sum;
}

static uint64_t format4(const void *context, size_t count)
{
    const struct sample *samples = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        char out[BJ_IP4_TEXT_MAX];

        sum += bj_ip4_format(samples[i % ADDRESSES].octets, out);
        sum += (uint8_t)out[0];
    }
    return sum;
}

static uint64_t format6(const void *context, size_t count)
{
    const struct sample *samples = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        char out[BJ_IP6_TEXT_MAX];

        sum += bj_ip6_format(samples[i % ADDRESSES].octets, out);
        sum += (uint8_t)out[0];
    }
    return sum;
}

static uint64_t libc_parse(const void *context, size_t count, int family)
{
    const struct sample *samples = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        uint8_t out[16];

        sum += (uint64_t)inet_pton(family, samples[i % ADDRESSES].text, out);
        sum += out[3];
    }
    return sum;
}

static uint64_t libc_format(const void *context, size_t count, int family)
{
    const struct sample *samples = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        char out[BJ_IP6_TEXT_MAX];

        sum += inet_ntop(family, samples[i % ADDRESSES].octets, out,
                         sizeof(out)) != NULL;
        sum += (uint8_t)out[0];
    }
    return sum;
}

static uint64_t libc_parse4(const void *context, size_t count)
{
    return libc_parse(context, count, AF_INET);
}

static uint64_t libc_parse6(const void *context, size_t count)
{
    return libc_parse(context, count, AF_INET6);
}

static uint64_t libc_format4(const void *context, size_t count)
{
    return libc_format(context, count, AF_INET);
}

static uint64_t libc_format6(const void *context, size_t count)
{
    return libc_format(context, count, AF_INET6);
}

int main(void)
{
    static const struct bj_bench_case cases[] = {
        {"ip4 parse", parse4, "inet_pton", libc_parse4, fours, CALLS},
        {"ip6 parse, eight groups", parse6, "inet_pton", libc_parse6, fulls,
         CALLS},
        {"ip6 parse, with ::", parse6, "inet_pton", libc_parse6, sixes, CALLS},
        {"ip4 format", format4, "inet_ntop", libc_format4, fours, CALLS},
        {"ip6 format, eight groups", format6, "inet_ntop", libc_format6, fulls,
         CALLS},
        {"ip6 format, with ::", format6, "inet_ntop", libc_format6, sixes,
         CALLS},
    };

    make_samples();
    bj_bench_run(cases, sizeof(cases) / sizeof(cases[0]));
    return 0;
}
