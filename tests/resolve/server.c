#include "tests/resolve/server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harnesses/support/network.h"

static void insist(bool holds, const char *what)
{
    if (holds)
        return;
    perror(what);
    _exit(99);
}

/* Whether the first label of the question is `label`. */
static bool begins(const uint8_t *query, size_t len, const char *label)
{
    size_t label_len = strlen(label);

    if (len < 13 + label_len || query[12] != label_len)
        return false;
    for (size_t i = 0; i < label_len; i++)
        if ((query[13 + i] | 32) != label[i])
            return false;
    return true;
}

static size_t reply_to(const uint8_t *query, size_t len, bool tcp,
                       uint8_t out[BJ_NETWORK_MAX])
{
    enum bj_network_reply kind = BJ_NETWORK_HONEST;

    if (begins(query, len, "none"))
        kind = BJ_NETWORK_NO_NAME;
    if (begins(query, len, "tcp") && !tcp)
        kind = BJ_NETWORK_TRUNCATED;
    return bj_network_reply(kind, 0, query, len, out);
}

/* A child sends what is late. */
static void serve_datagram(int fd, unsigned *queries)
{
    uint8_t query[512];
    uint8_t reply[BJ_NETWORK_MAX];
    struct sockaddr_in from;
    socklen_t from_len = sizeof(from);
    ssize_t len = recvfrom(fd, query, sizeof(query), 0,
                           (struct sockaddr *)&from, &from_len);
    size_t reply_len;

    if (len < 12)
        return;
    __atomic_add_fetch(queries, 1, __ATOMIC_RELAXED);
    if (begins(query, (size_t)len, "silent"))
        return;
    reply_len = reply_to(query, (size_t)len, false, reply);
    if (begins(query, (size_t)len, "slow")) {
        if (fork() != 0)
            return;
        usleep(300000);
    }
    for (int i = begins(query, (size_t)len, "twice") ? 2 : 1; i > 0; i--)
        (void)!sendto(fd, reply, reply_len, 0, (struct sockaddr *)&from,
                      from_len);
    if (begins(query, (size_t)len, "slow"))
        _exit(0);
}

static void serve_stream(int listener)
{
    uint8_t query[2 + 512];
    uint8_t reply[2 + BJ_NETWORK_MAX];
    int fd = accept(listener, NULL, NULL);
    ssize_t len = recv(fd, query, sizeof(query), 0);
    size_t reply_len;

    if (len >= 14) {
        reply_len = reply_to(query + 2, (size_t)len - 2, true, reply + 2);
        reply[0] = (uint8_t)(reply_len >> 8);
        reply[1] = (uint8_t)reply_len;
        (void)!send(fd, reply, reply_len + 2, MSG_NOSIGNAL);
    }
    close(fd);
}

static void serve(int datagram, int stream, unsigned *queries)
{
    struct pollfd fds[2] = {{datagram, POLLIN, 0}, {stream, POLLIN, 0}};

    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents != 0)
            serve_datagram(datagram, queries);
        if (fds[1].revents != 0)
            serve_stream(stream);
    }
}

/* Both sockets on one port, which the kernel chose for the first and somebody
 * may have for the second. */
static bool bind_both(int datagram, int stream, struct sockaddr_in *address)
{
    socklen_t len = sizeof(*address);

    address->sin_family = AF_INET;
    address->sin_port = 0;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind(datagram, (struct sockaddr *)address, len) == 0 &&
           getsockname(datagram, (struct sockaddr *)address, &len) == 0 &&
           bind(stream, (struct sockaddr *)address, len) == 0 &&
           listen(stream, 128) == 0;
}

void bj_test_server_start(struct bj_test_server *server)
{
    struct sockaddr_in address;
    pid_t program = getpid();
    int datagram;
    int stream;
    int room = 1 << 22;
    unsigned tries = 0;

    memset(&address, 0, sizeof(address));
    for (;; tries++) {
        datagram = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bind_both(datagram, stream, &address))
            break;
        insist(tries < 20, "bind");
        close(datagram);
        close(stream);
    }
    setsockopt(datagram, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    server->queries = mmap(NULL, sizeof(unsigned), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    insist(server->queries != MAP_FAILED, "mmap");
    server->port = ntohs(address.sin_port);
    snprintf(server->endpoint, sizeof(server->endpoint), "127.0.0.1:%u",
             server->port);
    server->pid = fork();
    insist(server->pid >= 0, "fork");
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != program) /* it had died before that */
            _exit(0);
        serve(datagram, stream, server->queries);
    }
    close(datagram);
    close(stream);
}

void bj_test_server_stop(struct bj_test_server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    munmap(server->queries, sizeof(unsigned));
}
