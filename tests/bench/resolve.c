/*
 * One resolver, asked as its standard input says; resolve.py runs it for each
 * peer and puts their rounds together. Compiled against glibc, belljar and
 * c-ares, and again by musl-gcc without the last two.
 *
 *   bench_resolve floor|libc|belljar|cares
 *
 * A line of input is a round and is answered by microseconds of wall time a
 * lookup and of this process's processor time, user and system:
 *
 *   a NAME COUNT        addresses of IPv4, one lookup after the other
 *   both NAME COUNT     of IPv4 and IPv6
 *   flight NAME COUNT   of IPv4, 64 lookups in flight all the time
 *   spawn - COUNT       a resolver opened and closed
 *
 * "%u" in NAME is replaced by a number that does not come again, for names
 * that no cache knows.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/resolve.h"

enum { NAME_MAX_LEN = 300, QUERY_LEN = 512 };

_Noreturn void bj_bench_fail(const char *what)
{
    fprintf(stderr, "bench_resolve: %s: %s\n", what, strerror(errno));
    exit(1);
}

const char *bj_bench_name(const char *pattern)
{
    static char name[NAME_MAX_LEN];
    static unsigned number;
    const char *at = strstr(pattern, "%u");

    if (at == NULL)
        return pattern;
    number += 1;
    snprintf(name, sizeof(name), "%.*s%x-%x%s", (int)(at - pattern), pattern,
             (unsigned)getpid(), number, at + 2);
    return name;
}

/* ---- the floor: what no resolver can do without ---- */

static size_t build_query(const char *name, int type, unsigned char *out)
{
    size_t at = 12;

    memset(out, 0, QUERY_LEN);
    out[2] = 1; /* recursion desired */
    out[5] = 1;
    while (*name != '\0') {
        size_t len = strcspn(name, ".");

        out[at++] = (unsigned char)len;
        memcpy(out + at, name, len);
        at += len;
        name += len + (name[len] == '.');
    }
    at++;
    out[at + 1] = (unsigned char)type;
    out[at + 3] = 1;
    return at + 4;
}

static int send_query(const char *name, int type)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53)};
    unsigned char query[QUERY_LEN];
    size_t len = build_query(name, type, query);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 ||
        connect(fd, (const struct sockaddr *)&server, sizeof(server)) != 0 ||
        send(fd, query, len, 0) != (ssize_t)len)
        bj_bench_fail("a query");
    return fd;
}

static void floor_lookup(const char *name, bool both)
{
    struct pollfd fds[2];
    nfds_t count = both ? 2 : 1, open = count;
    unsigned char reply[1232];

    for (nfds_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){send_query(name, i == 0 ? 1 : 28), POLLIN, 0};
    while (open > 0) {
        if (poll(fds, count, 5000) <= 0)
            bj_bench_fail("no reply");
        for (nfds_t i = 0; i < count; i++) {
            if (fds[i].fd < 0 || fds[i].revents == 0)
                continue;
            if (recv(fds[i].fd, reply, sizeof(reply), 0) < 12)
                bj_bench_fail("a reply");
            close(fds[i].fd);
            fds[i].fd = -1;
            open -= 1;
        }
    }
}

static const struct bj_bench_peer floor_peer = {.name = "floor",
                                                .lookup = floor_lookup};

/* ---- the C library that this is linked to ---- */

static void libc_lookup(const char *name, bool both)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_family = both ? AF_UNSPEC : AF_INET};
    struct addrinfo *list;
    int error = getaddrinfo(name, NULL, &hints, &list);

    if (error != 0)
        bj_bench_fail(gai_strerror(error));
    freeaddrinfo(list);
}

static const struct bj_bench_peer libc_peer = {.name = "libc",
                                               .lookup = libc_lookup};

/* ---- rounds ---- */

static const struct bj_bench_peer *const peers[] = {
    &floor_peer,
    &libc_peer,
#ifdef BJ_BENCH_BELLJAR
    &bj_bench_belljar,
#endif
#ifdef BJ_BENCH_CARES
    &bj_bench_cares,
#endif
    NULL,
};

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

struct moment {
    double wall, user, system;
};

static struct moment now(void)
{
    struct timespec wall;
    struct rusage usage;

    if (clock_gettime(CLOCK_MONOTONIC, &wall) != 0 ||
        getrusage(RUSAGE_SELF, &usage) != 0)
        bj_bench_fail("no clock");
    return (struct moment){(double)wall.tv_sec + (double)wall.tv_nsec / 1e9,
                           seconds(usage.ru_utime), seconds(usage.ru_stime)};
}

static bool run(const struct bj_bench_peer *peer, const char *kind,
                const char *pattern, unsigned count)
{
    if (strcmp(kind, "flight") == 0 && peer->flight != NULL)
        peer->flight(pattern, count);
    else if (strcmp(kind, "spawn") == 0 && peer->spawn != NULL)
        for (unsigned i = 0; i < count; i++)
            peer->spawn();
    else if (strcmp(kind, "a") == 0 || strcmp(kind, "both") == 0)
        for (unsigned i = 0; i < count; i++)
            peer->lookup(bj_bench_name(pattern), kind[0] == 'b');
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    const struct bj_bench_peer *peer = NULL;
    char kind[16], pattern[NAME_MAX_LEN];
    unsigned count;

    for (size_t i = 0; argc == 2 && peers[i] != NULL; i++)
        if (strcmp(peers[i]->name, argv[1]) == 0)
            peer = peers[i];
    if (peer == NULL)
        return 2;
    while (scanf("%15s %299s %u", kind, pattern, &count) == 3) {
        struct moment begin = now(), end;

        if (!run(peer, kind, pattern, count)) {
            printf("-\n");
        } else {
            end = now();
            printf("%.3f %.3f %.3f\n", (end.wall - begin.wall) * 1e6 / count,
                   (end.user - begin.user) * 1e6 / count,
                   (end.system - begin.system) * 1e6 / count);
        }
        fflush(stdout);
    }
    return 0;
}
