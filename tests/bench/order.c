/*
 * Destination ordering, per destination, of lists from what a name usually
 * has to what one reply can hold at most. There is no peer that can be called
 * without a network; what to look at is that the last line is not hundreds of
 * times the first, for a name server chooses how long the list is.
 */
#include <string.h>

#include "core/order/rfc6724.h"
#include "tests/bench/bench.h"

enum { LONGEST = 4096 };

struct list {
    size_t len;
};

static struct bj_destination destinations[LONGEST];
static struct bj_destination sorted[LONGEST];

/* One in two of IPv4; sources as a dual-stack host has them. */
static void make_destinations(void)
{
    uint64_t state = 1;

    for (size_t i = 0; i < LONGEST; i++) {
        struct bj_destination *d = &destinations[i];
        uint64_t bits = bj_bench_random(&state);

        d->address.family = i % 2 ? BJ_FAMILY_IP4 : BJ_FAMILY_IP6;
        d->source.address.family = d->address.family;
        d->source.prefix_bits = i % 2 ? 24 : 64;
        memcpy(d->source.address.octets, "\x20\x01\x0d\xb8", 4);
        memcpy(d->address.octets, &bits, i % 2 ? 4 : 8);
        d->address.octets[0] = (uint8_t)(0x20 + bits % 2);
    }
}

static uint64_t sort(const void *context, size_t count)
{
    size_t len = ((const struct list *)context)->len;
    uint64_t sum = 0;

    for (size_t done = 0; done < count; done += len) {
        memcpy(sorted, destinations, len * sizeof(sorted[0]));
        bj_rfc6724_sort(NULL, sorted, len);
        sum += sorted[0].index;
    }
    return sum;
}

int main(void)
{
    static const struct list few = {8}, many = {64}, most = {LONGEST};
    static const struct bj_bench_case cases[] = {
        {"rfc6724, list of 8", sort, NULL, NULL, &few, LONGEST},
        {"rfc6724, list of 64", sort, NULL, NULL, &many, LONGEST},
        {"rfc6724, list of 4096", sort, NULL, NULL, &most, LONGEST},
    };

    make_destinations();
    bj_bench_run(cases, sizeof(cases) / sizeof(cases[0]));
    return 0;
}
