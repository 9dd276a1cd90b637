/*
 * A load generator for echo servers that trusts none of them.
 *
 *   live_load HOST PORT mix N [AT_ONCE]    N connections of every kind below
 *   live_load HOST PORT bulk N BYTES       N connections at once, BYTES each
 *   live_load HOST PORT udp N [AT_ONCE]    N datagrams
 *
 * What a connection sends is a function of its number and the position, so
 * that every octet that comes back is checked: one that is wrong, missing or
 * too many fails the run. Prints what it did as JSON; exit status 0 if every
 * connection went as its kind demands, 1 if not, 2 if misused.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/fill.h"

/* More connections at once could mean more confined processes at once than
 * the kernels that tests run on have been seen to bear. */
#define AT_ONCE_MAX 64

#define CHUNK 16384

/* A run in which nothing happens for so long has failed. */
#define SILENCE_MS 60000

enum kind {
    KIND_WHOLE, /* sends all, half-closes, reads all up to the end */
    KIND_TALK,  /* sends and awaits a few octets, several times */
    KIND_EMPTY, /* half-closes at once */
    KIND_SLOW,  /* a small receive buffer, reads late and little at a time */
    KIND_RESET, /* sends, then resets without reading */
    KIND_LEAVE, /* sends, then closes without reading */
    KIND_COUNT
};

static const char *const kind_names[] = {"whole", "talk",  "empty",
                                         "slow",  "reset", "leave"};

struct connection {
    int fd; /* -1: free */
    enum kind kind;
    uint32_t number;
    uint64_t size, sent, received;
    uint64_t pause_until_ms; /* KIND_SLOW: do not read before */
    bool half_closed;
};

static struct {
    struct sockaddr_storage address;
    socklen_t address_len;
    int epoll;
    struct connection list[AT_ONCE_MAX];
    uint32_t started, finished, wanted, at_once, live;
    uint64_t bytes, bulk_size;
    uint32_t done[KIND_COUNT];
    uint32_t failed;
} run;

static uint64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static uint32_t mix(uint64_t value)
{
    value ^= value >> 33;
    value *= UINT64_C(0xff51afd7ed558ccd);
    value ^= value >> 33;
    value *= UINT64_C(0xc4ceb9fe1a85ec53);
    return (uint32_t)(value >> 32);
}

static void complain(const struct connection *c, const char *what)
{
    run.failed += 1;
    if (run.failed <= 10)
        fprintf(stderr,
                "live_load: connection %u (%s): %s (%llu of %llu sent, %llu "
                "received): %s\n",
                c->number, kind_names[c->kind], what,
                (unsigned long long)c->sent, (unsigned long long)c->size,
                (unsigned long long)c->received, strerror(errno));
}

static void finish(struct connection *c, const char *trouble)
{
    if (trouble != NULL)
        complain(c, trouble);
    else
        run.done[c->kind] += 1;
    close(c->fd);
    c->fd = -1;
    run.finished += 1;
    run.live -= 1;
}

static void choose(struct connection *c)
{
    uint32_t dice = mix(c->number);

    if (run.bulk_size != 0) {
        c->kind = KIND_WHOLE;
        c->size = run.bulk_size;
        return;
    }
    if (dice % 100 < 40)
        c->kind = KIND_WHOLE;
    else if (dice % 100 < 75)
        c->kind = KIND_TALK;
    else if (dice % 100 < 82)
        c->kind = KIND_EMPTY;
    else if (dice % 100 < 84)
        c->kind = KIND_SLOW;
    else if (dice % 100 < 92)
        c->kind = KIND_RESET;
    else
        c->kind = KIND_LEAVE;
    c->size = 1 + mix(dice) % 6000;
    if (c->kind == KIND_EMPTY)
        c->size = 0;
    if (c->kind == KIND_SLOW)
        c->size = 30000;
}

static bool start(struct connection *c)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT};
    int small = 4096;
    int one = 1;

    *c = (struct connection){.number = run.started};
    choose(c);
    c->fd = socket(run.address.ss_family,
                   SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        perror("live_load: socket");
        return false;
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (c->kind == KIND_SLOW)
        setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    run.started += 1;
    run.live += 1;
    event.data.ptr = c;
    if (connect(c->fd, (struct sockaddr *)&run.address, run.address_len) != 0 &&
        errno != EINPROGRESS) {
        finish(c, "connect");
        return true;
    }
    epoll_ctl(run.epoll, EPOLL_CTL_ADD, c->fd, &event);
    return true;
}

/* Sends what may be sent now. NULL, or what went wrong. */
static const char *send_some(struct connection *c)
{
    uint8_t chunk[CHUNK];
    uint64_t limit = c->size;

    /* A talk sends the next few octets when all have come back. */
    if (c->kind == KIND_TALK && c->received + 700 < limit)
        limit = c->received + 700;
    while (c->sent < limit) {
        size_t len =
            limit - c->sent < CHUNK ? (size_t)(limit - c->sent) : CHUNK;
        ssize_t n;

        bj_test_fill(chunk, len, c->number, c->sent);
        n = send(c->fd, chunk, len, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN ? NULL : "send";
        c->sent += (uint64_t)n;
    }
    if (c->sent == c->size && !c->half_closed && c->kind != KIND_RESET &&
        c->kind != KIND_LEAVE) {
        c->half_closed = true;
        if (shutdown(c->fd, SHUT_WR) != 0)
            return "shutdown";
    }
    return NULL;
}

/* Reads and checks what is there. `*ended` once the peer has ended. */
static const char *receive_some(struct connection *c, bool *ended)
{
    uint8_t chunk[CHUNK], expected[CHUNK];
    size_t room = c->kind == KIND_SLOW ? 1500 : CHUNK;

    for (;;) {
        ssize_t n = recv(c->fd, chunk, room, 0);

        if (n < 0)
            return errno == EAGAIN ? NULL : "recv";
        if (n == 0) {
            *ended = true;
            return NULL;
        }
        if (c->received + (uint64_t)n > c->sent)
            return "more came back than was sent";
        bj_test_fill(expected, (size_t)n, c->number, c->received);
        if (memcmp(chunk, expected, (size_t)n) != 0)
            return "what came back is not what was sent";
        c->received += (uint64_t)n;
        run.bytes += (uint64_t)n;
        if (c->kind == KIND_SLOW) {
            c->pause_until_ms = now_ms() + 1;
            return NULL;
        }
    }
}

static void step(struct connection *c)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    const char *trouble = send_some(c);
    bool ended = false;

    if (trouble != NULL) {
        finish(c, trouble);
        return;
    }
    if (c->kind == KIND_RESET || c->kind == KIND_LEAVE) {
        if (c->sent < c->size)
            return;
        if (c->kind == KIND_RESET)
            setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        finish(c, NULL);
        return;
    }
    if (c->kind == KIND_SLOW && now_ms() < c->pause_until_ms)
        return;
    trouble = receive_some(c, &ended);
    if (trouble == NULL && ended && c->received != c->size)
        trouble = "the peer ended before all had come back";
    if (trouble != NULL || ended) {
        finish(c, trouble);
        return;
    }
    if (c->kind == KIND_TALK && c->received == c->sent &&
        (trouble = send_some(c)) != NULL)
        finish(c, trouble);
}

static bool has_slow(void)
{
    for (uint32_t i = 0; i < run.at_once; i++) {
        if (run.list[i].fd >= 0 && run.list[i].kind == KIND_SLOW)
            return true;
    }
    return false;
}

static int drive(void)
{
    struct epoll_event events[AT_ONCE_MAX];
    uint64_t last = now_ms();
    uint32_t before = 0;
    uint64_t bytes_before = 0;

    run.epoll = epoll_create1(EPOLL_CLOEXEC);
    for (uint32_t i = 0; i < AT_ONCE_MAX; i++)
        run.list[i].fd = -1;
    while (run.finished < run.wanted) {
        int count;

        for (uint32_t i = 0; i < run.at_once && run.started < run.wanted; i++) {
            if (run.list[i].fd < 0 && !start(&run.list[i]))
                return 1;
        }
        /* Edges would be missed by a slow reader: its connection is looked
         * at whenever its pause may be over. */
        count =
            epoll_wait(run.epoll, events, AT_ONCE_MAX, has_slow() ? 1 : 1000);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;

            if (c->fd >= 0) {
                step(c);
                /* Nothing more to send: do not be woken for it. */
                if (c->fd >= 0 && c->half_closed) {
                    events[i].events = EPOLLIN;
                    epoll_ctl(run.epoll, EPOLL_CTL_MOD, c->fd, &events[i]);
                }
            }
        }
        if (run.finished != before || run.bytes != bytes_before)
            last = now_ms();
        before = run.finished;
        bytes_before = run.bytes;
        if (now_ms() - last > SILENCE_MS) {
            fprintf(stderr, "live_load: nothing has happened for %d s\n",
                    SILENCE_MS / 1000);
            for (uint32_t i = 0; i < run.at_once; i++) {
                if (run.list[i].fd >= 0)
                    complain(&run.list[i], "stuck");
            }
            return 1;
        }
    }
    return run.failed == 0 ? 0 : 1;
}

/* Datagrams, `at_once` in flight; each must come back as it was. */
static int datagrams(void)
{
    static uint8_t sent[AT_ONCE_MAX][1500];
    static size_t sizes[AT_ONCE_MAX];
    uint8_t got[2048];
    int fd = socket(run.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 5};

    if (fd < 0 ||
        connect(fd, (struct sockaddr *)&run.address, run.address_len) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) !=
            0) {
        perror("live_load: udp");
        return 1;
    }
    while (run.finished < run.wanted) {
        uint32_t burst = run.wanted - run.finished;

        if (burst > run.at_once)
            burst = run.at_once;
        for (uint32_t i = 0; i < burst; i++) {
            sizes[i] = mix(run.started) % 1400;
            bj_test_fill(sent[i], sizes[i], run.started, 0);
            if (send(fd, sent[i], sizes[i], 0) != (ssize_t)sizes[i])
                run.failed += 1;
            run.started += 1;
        }
        for (uint32_t i = 0; i < burst; i++) {
            ssize_t n = recv(fd, got, sizeof(got), 0);

            /* One server, one path: they come back in order. */
            if (n < 0 || (size_t)n != sizes[i] ||
                memcmp(got, sent[i], sizes[i]) != 0) {
                fprintf(stderr, "live_load: datagram %u: %s\n",
                        run.finished + i,
                        n < 0 ? strerror(errno) : "not as it was sent");
                return 1;
            }
            run.bytes += sizes[i];
        }
        run.finished += burst;
    }
    close(fd);
    return run.failed == 0 ? 0 : 1;
}

static bool parse_address(const char *host, const char *port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&run.address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&run.address;
    uint16_t number = htons((uint16_t)atoi(port));

    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = number;
        run.address_len = sizeof(*v4);
        return true;
    }
    if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = number;
        run.address_len = sizeof(*v6);
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    uint64_t begin = now_ms();
    bool udp, bulk;
    int status;

    if (argc < 5 || !parse_address(argv[1], argv[2])) {
        fputs("usage: live_load ADDRESS PORT mix|bulk|udp N [AT_ONCE|BYTES]\n",
              stderr);
        return 2;
    }
    udp = strcmp(argv[3], "udp") == 0;
    bulk = strcmp(argv[3], "bulk") == 0;
    run.wanted = (uint32_t)strtoul(argv[4], NULL, 10);
    run.at_once = AT_ONCE_MAX;
    if (bulk)
        run.bulk_size = argc > 5 ? strtoull(argv[5], NULL, 10) : 10000000;
    else if (argc > 5)
        run.at_once = (uint32_t)strtoul(argv[5], NULL, 10);
    if (run.at_once < 1 || run.at_once > AT_ONCE_MAX)
        run.at_once = AT_ONCE_MAX;
    status = udp ? datagrams() : drive();
    printf("{\"finished\":%u,\"failed\":%u,\"bytes\":%llu,\"ms\":%llu",
           run.finished, run.failed, (unsigned long long)run.bytes,
           (unsigned long long)(now_ms() - begin));
    for (unsigned i = 0; i < KIND_COUNT && !udp; i++)
        printf(",\"%s\":%u", kind_names[i], run.done[i]);
    puts("}");
    return status;
}
