/* ares_getsock is what Debian 12 has, too. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "tests/bench/resolve.h"

static ares_channel channel;

static ares_channel opened(void)
{
    if (channel == NULL && (ares_library_init(ARES_LIB_INIT_ALL) != 0 ||
                            ares_init(&channel) != ARES_SUCCESS))
        bj_bench_fail("ares_init");
    return channel;
}

struct flight {
    const char *pattern;
    unsigned unstarted;
    unsigned unfinished;
    int family;
};

static void start(struct flight *flight);

static void done(void *arg, int status, int timeouts,
                 struct ares_addrinfo *result)
{
    struct flight *flight = arg;

    (void)timeouts;
    if (status != ARES_SUCCESS)
        bj_bench_fail(ares_strerror(status));
    ares_freeaddrinfo(result);
    flight->unfinished -= 1;
    if (flight->unstarted > 0)
        start(flight);
}

static void start(struct flight *flight)
{
    struct ares_addrinfo_hints hints = {.ai_family = flight->family,
                                        .ai_socktype = SOCK_STREAM};

    flight->unstarted -= 1;
    ares_getaddrinfo(opened(), bj_bench_name(flight->pattern), NULL, &hints,
                     done, flight);
}

/* Sixteen sockets at most: c-ares has one for each server and transport. */
static void work_off(const struct flight *flight)
{
    while (flight->unfinished > 0) {
        ares_socket_t socks[ARES_GETSOCK_MAXNUM];
        struct pollfd fds[ARES_GETSOCK_MAXNUM];
        int bits = ares_getsock(opened(), socks, ARES_GETSOCK_MAXNUM);
        nfds_t count = 0;

        for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++)
            if (ARES_GETSOCK_READABLE(bits, i))
                fds[count++] = (struct pollfd){socks[i], POLLIN, 0};
        if (poll(fds, count, 1000) < 0)
            bj_bench_fail("poll");
        for (nfds_t i = 0; i < count; i++)
            ares_process_fd(opened(),
                            fds[i].revents != 0 ? fds[i].fd : ARES_SOCKET_BAD,
                            ARES_SOCKET_BAD);
    }
}

static void lookup(const char *name, bool both)
{
    struct flight flight = {name, 1, 1, both ? AF_UNSPEC : AF_INET};

    start(&flight);
    work_off(&flight);
}

static void flight(const char *pattern, unsigned count)
{
    struct flight flight = {pattern, count, count, AF_INET};

    for (unsigned i = 0; i < BJ_BENCH_FLIGHT && flight.unstarted > 0; i++)
        start(&flight);
    work_off(&flight);
}

const struct bj_bench_peer bj_bench_cares = {"cares", lookup, flight, NULL};
