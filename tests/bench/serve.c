/*
 * The two halves of the server's benchmark that must be C; serve.py puts
 * them together.
 *
 *   bench_serve bare process|iterative|thread|udp
 *       A loop of that mode as one writes it by hand, with no sandbox, no
 *       keeper, no limits and no counters; prints its port.
 *   bench_serve round PORT KIND
 *       One round against an echo server on 127.0.0.1; prints its result and
 *       of how many connections in a row that is, 0 for the other kinds:
 *       connections  connections a second, 64 octets there and back on each,
 *                    16 at a time
 *       trip1        microseconds a round trip of 64 octets, one connection
 *       trip64       the same with 64 connections in turn: the time until
 *                    all have answered, divided by 64
 *       bulk         megabytes a second through one connection
 *       datagram     microseconds a round trip of 64 octets over UDP
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE 64
#define AT_ONCE 64
#define CHUNK 65536
#define ROUND 0.4 /* seconds */

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- bare servers ---- */

static void echo(int fd)
{
    static _Thread_local char buf[CHUNK];
    ssize_t got;

    while ((got = read(fd, buf, sizeof(buf))) > 0) {
        for (ssize_t put = 0; put < got;) {
            ssize_t n = write(fd, buf + put, (size_t)(got - put));

            if (n <= 0)
                return;
            put += n;
        }
    }
}

static void *echo_thread(void *argument)
{
    int fd = (int)(intptr_t)argument;

    echo(fd);
    close(fd);
    return NULL;
}

static void reap(int number)
{
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}

static void serve_one(int fd, const char *mode)
{
    pthread_t thread;

    if (strcmp(mode, "process") == 0) {
        if (fork() == 0) {
            echo(fd);
            _exit(0);
        }
    } else if (strcmp(mode, "thread") == 0) {
        if (pthread_create(&thread, NULL, echo_thread, (void *)(intptr_t)fd) !=
            0)
            fail("pthread_create");
        pthread_detach(thread);
        return;
    } else {
        echo(fd);
    }
    close(fd);
}

static void serve_datagrams(int fd)
{
    static char buf[CHUNK];

    for (;;) {
        struct sockaddr_in from;
        socklen_t len = sizeof(from);
        ssize_t n =
            recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len);

        if (n >= 0)
            sendto(fd, buf, (size_t)n, 0, (struct sockaddr *)&from, len);
    }
}

static _Noreturn void bare(const char *mode)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    bool udp = strcmp(mode, "udp") == 0;
    int fd = socket(AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
    int one = 1;

    signal(SIGCHLD, reap);
    signal(SIGPIPE, SIG_IGN);
    if (bind(fd, (struct sockaddr *)&address, len) != 0 ||
        (!udp && listen(fd, SOMAXCONN) != 0) ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        fail("bare");
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    if (udp)
        serve_datagrams(fd);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    for (;;) {
        int connection = accept(fd, NULL, NULL);

        if (connection >= 0)
            serve_one(connection, mode);
    }
}

/* ---- rounds ---- */

static uint16_t port;

static int dial(int type)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 20};
    int fd = socket(AF_INET, type, 0);
    int one = 1;

    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        fail("connect");
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (type == SOCK_STREAM)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

static void put(int fd)
{
    static const char message[MESSAGE] = "there and back";

    if (send(fd, message, MESSAGE, MSG_NOSIGNAL) != MESSAGE)
        fail("send");
}

static void get(int fd)
{
    char message[MESSAGE];

    if (recv(fd, message, MESSAGE, MSG_WAITALL) != MESSAGE)
        fail("recv");
}

static double connections(int *count)
{
    enum { BATCH = 16 };
    int fds[BATCH];
    double begin = now();
    int done;

    for (done = 0; now() - begin < ROUND; done += BATCH) {
        for (int i = 0; i < BATCH; i++) {
            fds[i] = dial(SOCK_STREAM);
            put(fds[i]);
        }
        for (int i = 0; i < BATCH; i++) {
            get(fds[i]);
            close(fds[i]);
        }
    }
    *count = done;
    return done / (now() - begin);
}

static double trip(int count, int type)
{
    int fds[AT_ONCE];
    int rounds;
    double begin;

    for (int i = 0; i < count; i++) {
        fds[i] = dial(type);
        put(fds[i]);
        get(fds[i]);
    }
    begin = now();
    for (rounds = 0; now() - begin < ROUND; rounds++) {
        for (int i = 0; i < count; i++)
            put(fds[i]);
        for (int i = 0; i < count; i++)
            get(fds[i]);
    }
    begin = (now() - begin) / (rounds * count) * 1e6;
    for (int i = 0; i < count; i++)
        close(fds[i]);
    return begin;
}

static double bulk(void)
{
    static char out[CHUNK], in[CHUNK];
    struct pollfd p = {.fd = dial(SOCK_STREAM), .events = POLLIN | POLLOUT};
    long sent = 0, received = 0;
    double begin = now();

    while (now() - begin < ROUND) {
        /* Half a megabyte under way at most: some servers block when they
         * read and write the same stream. */
        p.events = sent - received < 500000 ? POLLIN | POLLOUT : POLLIN;
        if (poll(&p, 1, 2000) <= 0)
            fail("poll");
        if (p.revents & POLLOUT) {
            ssize_t n = send(p.fd, out, CHUNK, MSG_DONTWAIT | MSG_NOSIGNAL);

            sent += n > 0 ? n : 0;
        }
        if (p.revents & POLLIN) {
            ssize_t n = recv(p.fd, in, CHUNK, MSG_DONTWAIT);

            if (n == 0)
                fail("the peer ended");
            received += n > 0 ? n : 0;
        }
    }
    close(p.fd);
    return (double)received / 1e6 / (now() - begin);
}

int main(int argc, char **argv)
{
    const char *kind = argc == 4 ? argv[3] : "";
    double result = 0;
    int count = 0;

    if (argc == 3 && strcmp(argv[1], "bare") == 0)
        bare(argv[2]);
    if (argc == 4)
        port = (uint16_t)atoi(argv[2]);
    if (strcmp(kind, "connections") == 0)
        result = connections(&count);
    else if (strcmp(kind, "trip1") == 0)
        result = trip(1, SOCK_STREAM);
    else if (strcmp(kind, "trip64") == 0)
        result = trip(AT_ONCE, SOCK_STREAM);
    else if (strcmp(kind, "bulk") == 0)
        result = bulk();
    else if (strcmp(kind, "datagram") == 0)
        result = trip(1, SOCK_DGRAM);
    else
        fputs("usage: bench_serve bare MODE | bench_serve round PORT KIND\n",
              stderr);
    if (result == 0)
        return 2;
    printf("%.3f %d\n", result, count);
    return 0;
}
