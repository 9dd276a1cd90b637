#include "tests/chaos/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/fill.h"

#define CHUNK 16384
#define TALK_OCTETS 700
#define HOARD_OCTETS 8000000 /* more than loopback's buffers of both ends */
#define HOARD_FULL_MS 300    /* nothing taken for so long: all are full */
#define SLOW_PAUSE_MS 2

const char *const stream_kind_names[STREAM_KINDS] = {
    "whole", "talk", "slow", "hoard", "empty", "reset", "leave"};

struct stream {
    int fd; /* -1: free */
    enum stream_kind kind;
    struct server *server;
    uint32_t number;
    uint64_t size, sent, received;
    uint64_t since_ms, moved_ms, pause_until_ms;
    bool made, half_closed, full;
};

struct stream_totals stream_totals[SERVER_COUNT];

static struct stream streams[STREAMS_MAX] = {
    [0 ... STREAMS_MAX - 1] = {.fd = -1}};
static uint32_t numbers;
static bool planted; /* CHAOS_PLANT_OCTET: once */

static void choose(struct stream *s, struct dice *dice, enum stream_kind kind)
{
    static const uint8_t weights[STREAM_KINDS] = {30, 30, 6, 4, 6, 12, 12};
    enum stream_kind own = (enum stream_kind)dice_choose(dice, weights);

    s->kind = kind == STREAM_KINDS ? own : kind;
    s->size = 1 + dice_below(dice, 40000);
    if (s->kind == STREAM_EMPTY)
        s->size = 0;
    if (s->kind == STREAM_HOARD)
        s->size = HOARD_OCTETS;
}

void stream_begin(struct dice *dice, enum stream_kind kind,
                  struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct stream *s = NULL;
    int small = 4096;
    int one = 1;

    for (size_t i = 0; i < STREAMS_MAX && s == NULL; i++)
        s = streams[i].fd < 0 ? &streams[i] : NULL;
    if (s == NULL || server->state != SERVER_SERVING)
        return;
    *s = (struct stream){.fd = -1, .server = server, .number = numbers++};
    choose(s, dice, kind);
    address.sin_port = htons(server->port);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0)
        return;
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (s->kind == STREAM_SLOW)
        setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    s->since_ms = s->moved_ms = chaos_now();
    server->live += 1;
    /* Loopback answers at once or never: what fails shows when it is used. */
    (void)connect(s->fd, (struct sockaddr *)&address, sizeof(address));
}

static void finish(struct stream *s)
{
    struct books *books = &s->server->books;

    close(s->fd);
    s->fd = -1;
    s->server->live -= 1;
    books->sent_most += s->sent;
    books->received_least += s->received;
    stream_totals[s->server->kind].octets += s->received;
}

static void done(struct stream *s)
{
    stream_totals[s->server->kind].done[s->kind] += 1;
    s->server->books.left += s->kind == STREAM_RESET || s->kind == STREAM_LEAVE;
    finish(s);
}

/* It ended before its time, as only what we did to the server explains. */
static void cut(struct stream *s, const char *how)
{
    if (!server_excuses(s->server, s->since_ms))
        unaccounted("connection %u (%s) of %s: %s: %" PRIu64 " of %" PRIu64
                    " sent, %" PRIu64 " received: %s",
                    s->number, stream_kind_names[s->kind], s->server->name, how,
                    s->sent, s->size, s->received, strerror(errno));
    if (s->made) {
        s->server->books.cut += 1;
        s->server->books.cut_excused += s->server->excusing != 0;
        stream_totals[s->server->kind].cut += 1;
    } else {
        stream_totals[s->server->kind].not_made += 1;
    }
    finish(s);
}

/* True once there is a connection; false: not yet, or it failed and is gone. */
static bool is_made(struct stream *s, short events)
{
    socklen_t len = sizeof(int);
    int error = 0;

    if (s->made)
        return true;
    if ((events & (POLLOUT | POLLERR | POLLHUP)) == 0)
        return false;
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    /* One that was made and then reset says otherwise. */
    s->made = error != ECONNREFUSED;
    if (s->made) {
        stream_totals[s->server->kind].made += 1;
        if (chaos.plant != CHAOS_PLANT_COUNT || s->number % 100 != 50)
            s->server->books.made_most += 1;
        s->server->books.made_least += 1;
    }
    if (error == 0)
        return true;
    errno = error;
    cut(s, "connect");
    return false;
}

/* How far it may send now. */
static uint64_t limit_of(const struct stream *s)
{
    if (s->kind == STREAM_TALK && s->received + TALK_OCTETS < s->size)
        return s->received + TALK_OCTETS;
    return s->full ? s->sent : s->size;
}

static bool send_some(struct stream *s)
{
    uint8_t chunk[CHUNK];

    while (s->sent < limit_of(s)) {
        uint64_t left = limit_of(s) - s->sent;
        size_t len = left < CHUNK ? (size_t)left : CHUNK;
        ssize_t n;

        bj_test_fill(chunk, len, s->number, s->sent);
        if (chaos.plant == CHAOS_PLANT_OCTET && !planted && s->number > 50 &&
            s->kind == STREAM_WHOLE) {
            chunk[len / 2] ^= 1;
            planted = true;
        }
        n = send(s->fd, chunk, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return true;
        if (n < 0) {
            cut(s, "send");
            return false;
        }
        s->sent += (uint64_t)n;
        s->moved_ms = chaos_now();
    }
    return true;
}

/* What it has sent is all that it will send: its side ends, as its kind does.
 * False if the connection is over by that. */
static bool end_side(struct stream *s)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    switch (s->kind) {
    case STREAM_RESET:
        setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        done(s);
        return false;
    case STREAM_LEAVE:
        done(s);
        return false;
    default:
        s->half_closed = true;
        if (shutdown(s->fd, SHUT_WR) == 0)
            return true;
        cut(s, "shutdown");
        return false;
    }
}

static void receive_some(struct stream *s)
{
    uint8_t chunk[CHUNK], expected[CHUNK];
    ssize_t n = recv(s->fd, chunk, s->kind == STREAM_SLOW ? 1500 : CHUNK, 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0) {
        cut(s, "recv");
        return;
    }
    if (n == 0) {
        errno = 0;
        if (s->half_closed && s->received == s->sent)
            done(s);
        else
            cut(s, "it ended early");
        return;
    }
    bj_test_fill(expected, (size_t)n, s->number, s->received);
    if (s->received + (uint64_t)n > s->sent ||
        memcmp(chunk, expected, (size_t)n) != 0)
        unaccounted("connection %u (%s) of %s: what came back is not what was "
                    "sent",
                    s->number, stream_kind_names[s->kind], s->server->name);
    s->received += (uint64_t)n;
    s->moved_ms = chaos_now();
    if (s->kind == STREAM_SLOW)
        s->pause_until_ms = chaos_now() + SLOW_PAUSE_MS;
}

static void step(void *context, short events)
{
    struct stream *s = context;

    if (!is_made(s, events))
        return;
    if (!send_some(s))
        return;
    if (s->sent == s->size && !s->half_closed && !end_side(s))
        return;
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0)
        receive_some(s);
}

void streams_enlist(void)
{
    uint64_t now_ms = chaos_now();

    for (size_t i = 0; i < STREAMS_MAX; i++) {
        struct stream *s = &streams[i];
        short events = 0;

        if (s->fd < 0)
            continue;
        if (s->kind == STREAM_HOARD && !s->full && !s->half_closed &&
            now_ms - s->moved_ms > HOARD_FULL_MS) {
            s->full = true;
            s->size = s->sent; /* it now only takes back what it sent */
        }
        if (!s->made || s->sent < limit_of(s) ||
            (s->sent == s->size && !s->half_closed))
            events |= POLLOUT;
        if (s->made && now_ms >= s->pause_until_ms &&
            (s->kind != STREAM_HOARD || s->full || s->half_closed))
            events |= POLLIN;
        loop_add(s->fd, events, step, s);
    }
}

void streams_look(void)
{
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        struct stream *s = &streams[i];

        if (s->fd >= 0 && chaos_now() - s->moved_ms > CHAOS_PATIENCE_MS) {
            unaccounted("connection %u (%s) of %s is stuck: %" PRIu64
                        " of %" PRIu64 " sent, %" PRIu64 " received",
                        s->number, stream_kind_names[s->kind], s->server->name,
                        s->sent, s->size, s->received);
            finish(s);
        }
    }
}

size_t streams_open(void)
{
    size_t count = 0;

    for (size_t i = 0; i < STREAMS_MAX; i++)
        count += streams[i].fd >= 0;
    return count;
}
