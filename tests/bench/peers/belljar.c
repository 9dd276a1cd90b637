#include <netdb.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>

#include "sandbox/resolve/belljar.h"
#include "tests/bench/resolve.h"

static struct bj_resolver *resolver;

static struct bj_resolver *opened(void)
{
    if (resolver == NULL && bj_resolver_open(NULL, &resolver) != 0)
        bj_bench_fail("bj_resolver_open");
    return resolver;
}

static struct addrinfo hints_for(bool both)
{
    return (struct addrinfo){.ai_socktype = SOCK_STREAM,
                             .ai_family = both ? AF_UNSPEC : AF_INET};
}

static void lookup(const char *name, bool both)
{
    struct addrinfo hints = hints_for(both), *list;
    int error = bj_resolver_getaddrinfo(opened(), name, NULL, &hints, &list);

    if (error != 0)
        bj_bench_fail(gai_strerror(error));
    bj_freeaddrinfo(list);
}

struct flight {
    const char *pattern;
    unsigned unstarted;
    unsigned unfinished;
};

static void start(struct flight *flight);

static void done(struct bj_call *call, void *arg)
{
    struct flight *flight = arg;
    struct addrinfo *list;

    if (bj_call_addrinfo(call, &list) != 0)
        bj_bench_fail("a lookup in flight");
    bj_freeaddrinfo(list);
    bj_call_end(call);
    flight->unfinished -= 1;
    if (flight->unstarted > 0)
        start(flight);
}

static void start(struct flight *flight)
{
    struct addrinfo hints = hints_for(false);
    struct bj_call *call;

    flight->unstarted -= 1;
    if (bj_call_getaddrinfo(opened(), bj_bench_name(flight->pattern), NULL,
                            &hints, done, flight, &call) != 0)
        bj_bench_fail("bj_call_getaddrinfo");
}

static void flight(const char *pattern, unsigned count)
{
    static struct pollfd fds[1024];
    struct flight flight = {pattern, count, count};

    for (unsigned i = 0; i < BJ_BENCH_FLIGHT && flight.unstarted > 0; i++)
        start(&flight);
    while (flight.unfinished > 0) {
        int timeout;
        size_t n = bj_resolver_pollfds(opened(), fds, 1024, &timeout);

        if (n > 1024 || poll(fds, n, timeout) < 0)
            bj_bench_fail("poll");
        bj_resolver_advance(opened());
    }
}

static void spawn(void)
{
    struct bj_resolver *another;

    if (bj_resolver_open(NULL, &another) != 0)
        bj_bench_fail("bj_resolver_open");
    bj_resolver_close(another);
}

const struct bj_bench_peer bj_bench_belljar = {"belljar", lookup, flight,
                                               spawn};
