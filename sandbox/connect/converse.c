#include "sandbox/connect/converse.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/echo/relay.h"
#include "sandbox/connect/say.h"

/* As much as a TCP window usually is, and any datagram. */
#define BUFFER 65536

/* A datagram that IPv6 carries in one piece over any link: 1280 less the
 * headers of IPv6 (40) and UDP (8). */
#define DATAGRAM_MAX 1232

/* How long answers to the last datagrams are awaited. */
#define LINGER_NS (1000 * BJ_NS_PER_MS)

/* One direction. */
struct half {
    struct bj_relay relay;
    struct bj_relay_action action;
    int from;
    int to;
    size_t read_max;
    size_t write_max;
    bool datagram; /* at its socket end */
    int error;     /* of the read or write that failed */
};

struct conversation {
    struct half out; /* standard input to socket */
    struct half in;  /* socket to standard output */
    int sock;
    bool datagram;
    uint64_t end_ns; /* datagrams: when the silence has lasted */
};

static uint8_t out_buffer[BUFFER];
static uint8_t in_buffer[BUFFER];
static size_t stdout_max = BUFFER;

void bj_converse_ready(void)
{
    struct stat info;

    /* POLLOUT promises room for PIPE_BUF octets. Descriptors that we were
     * given block, and making them not to would change them for others. */
    if (fstat(STDOUT_FILENO, &info) == 0 &&
        (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode)))
        stdout_max = PIPE_BUF;
}

static bool over(const struct half *h)
{
    return bj_relay_over(&h->relay);
}

static void feed(struct half *h, enum bj_relay_event event, size_t n)
{
    h->action = bj_relay_step(&h->relay, event, n);
}

/* Shutdown and close are done at once, whenever the relay asks. Standard
 * output is not ours to close, and the exit closes the socket. */
static void settle(struct half *h)
{
    while (h->action.kind == BJ_RELAY_SHUTDOWN ||
           h->action.kind == BJ_RELAY_CLOSE) {
        if (h->action.kind == BJ_RELAY_SHUTDOWN && h->to != STDOUT_FILENO &&
            !h->datagram)
            (void)shutdown(h->to, SHUT_WR);
        feed(h, BJ_RELAY_FINISHED, 0);
    }
}

/* A result of read or write. An empty datagram is no end. */
static void report(struct half *h, ssize_t n, enum bj_relay_event done)
{
    if (n > 0) {
        feed(h, done, (size_t)n);
    } else if (n == 0) {
        feed(h,
             h->datagram && h->from != STDIN_FILENO ? BJ_RELAY_AGAIN
                                                    : BJ_RELAY_EOF,
             0);
    } else if (errno == EINTR || errno == EAGAIN) {
        feed(h, BJ_RELAY_AGAIN, 0);
    } else {
        h->error = errno;
        feed(h, BJ_RELAY_FAILED, 0);
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool wants(const struct half *h, unsigned what)
{
    if (h->action.kind == BJ_RELAY_WAIT)
        return (h->action.wants & what) != 0;
    return h->action.kind ==
           (what == BJ_RELAY_WANTS_READ ? BJ_RELAY_READ : BJ_RELAY_WRITE);
}

static void do_read(struct half *h)
{
    if (h->action.kind == BJ_RELAY_WAIT)
        feed(h, BJ_RELAY_READABLE, 0);
    if (h->action.kind == BJ_RELAY_READ)
        report(h, read(h->from, h->action.at, least(h->action.n, h->read_max)),
               BJ_RELAY_GOT);
    settle(h);
}

static void do_write(struct half *h)
{
    if (h->action.kind == BJ_RELAY_WAIT)
        feed(h, BJ_RELAY_WRITABLE, 0);
    if (h->action.kind == BJ_RELAY_WRITE)
        report(h, write(h->to, h->action.at, least(h->action.n, h->write_max)),
               BJ_RELAY_PUT);
    settle(h);
}

/* The sink is gone though nothing was to be written to it. */
static void lose_sink(struct half *h, int error)
{
    if (over(h))
        return;
    h->error = error;
    feed(h, BJ_RELAY_TIMEOUT, 0);
    settle(h);
}

enum { IN, SOCK, OUT, FDS };

/* Which descriptors matter and for what. One with no events is watched for
 * errors only, and only as the sink of a half that is not over: the error of
 * anything else would come back for ever. */
static void choose(const struct conversation *c, struct pollfd fds[FDS])
{
    const struct half *out = &c->out;
    const struct half *in = &c->in;

    fds[IN] = (struct pollfd){-1, POLLIN, 0};
    fds[SOCK] = (struct pollfd){-1, 0, 0};
    fds[OUT] = (struct pollfd){-1, 0, 0};
    if (wants(out, BJ_RELAY_WANTS_READ))
        fds[IN].fd = STDIN_FILENO;
    if (wants(out, BJ_RELAY_WANTS_WRITE))
        fds[SOCK].events |= POLLOUT;
    if (wants(in, BJ_RELAY_WANTS_READ))
        fds[SOCK].events |= POLLIN;
    if (!over(out) || fds[SOCK].events != 0)
        fds[SOCK].fd = c->sock;
    if (wants(in, BJ_RELAY_WANTS_WRITE))
        fds[OUT].events |= POLLOUT;
    if (!over(in))
        fds[OUT].fd = STDOUT_FILENO;
}

/* The socket is in error or closed both ways. What it still holds is read
 * first, since the read also tells the cause. */
static void on_socket_lost(struct conversation *c)
{
    if (wants(&c->in, BJ_RELAY_WANTS_READ))
        do_read(&c->in);
    if (over(&c->in) || !wants(&c->in, BJ_RELAY_WANTS_READ))
        lose_sink(&c->out, c->in.error != 0 ? c->in.error : ECONNRESET);
}

static void act(struct conversation *c, const struct pollfd fds[FDS],
                uint64_t now_ns)
{
    const short lost = POLLERR | POLLHUP;
    bool was_over = over(&c->out);

    if (fds[IN].revents != 0)
        do_read(&c->out);
    if ((fds[SOCK].revents & lost) != 0) {
        on_socket_lost(c);
    } else {
        if ((fds[SOCK].revents & POLLIN) != 0)
            do_read(&c->in);
        if ((fds[SOCK].revents & POLLOUT) != 0)
            do_write(&c->out);
    }
    if ((fds[OUT].revents & POLLOUT) != 0)
        do_write(&c->in);
    else if ((fds[OUT].revents & lost) != 0)
        lose_sink(&c->in, EPIPE);
    if (fds[SOCK].revents != 0 || !was_over)
        c->end_ns = now_ns + LINGER_NS;
}

static bool failed(const struct half *h)
{
    return over(h) && h->relay.outcome != BJ_RELAY_OK;
}

/* Nothing more can come of it: both ends have come, or standard input or
 * standard output has failed, which the peer cannot mend. */
static bool finished(const struct conversation *c, uint64_t now_ns)
{
    if (over(&c->in) && (over(&c->out) || failed(&c->in)))
        return true;
    if (failed(&c->out) && c->out.relay.outcome == BJ_RELAY_READ_FAILED)
        return true;
    return c->datagram && over(&c->out) && now_ns >= c->end_ns;
}

static void begin(struct half *h, int from, int to, uint8_t *buffer,
                  unsigned flags)
{
    bj_relay_init(&h->relay, buffer, BUFFER, flags);
    h->from = from;
    h->to = to;
    h->error = 0;
    feed(h, BJ_RELAY_START, 0);
}

static void begin_all(struct conversation *c, int sock, bool datagram)
{
    /* A ring would join datagrams, and cut them at its end. */
    unsigned flags = datagram ? 0 : BJ_RELAY_POLLED;

    c->sock = sock;
    c->datagram = c->out.datagram = c->in.datagram = datagram;
    c->end_ns = 0;
    c->out.read_max = datagram ? DATAGRAM_MAX : BUFFER;
    c->out.write_max = BUFFER;
    c->in.read_max = BUFFER;
    c->in.write_max = stdout_max;
    begin(&c->out, STDIN_FILENO, sock, out_buffer, flags | BJ_RELAY_HALF);
    begin(&c->in, sock, STDOUT_FILENO, in_buffer, flags | BJ_RELAY_HALF);
}

/* The first failure in the order in which causes have effects. */
static bool judge(const struct conversation *c, const struct bj_endpoint *peer)
{
    if (failed(&c->in) && c->in.relay.outcome == BJ_RELAY_READ_FAILED)
        bj_say_failure(peer, "read", c->in.error);
    else if (failed(&c->in))
        bj_say_trouble("standard output", c->in.error);
    else if (failed(&c->out) && c->out.relay.outcome == BJ_RELAY_READ_FAILED)
        bj_say_trouble("standard input", c->out.error);
    else if (failed(&c->out))
        bj_say_failure(peer, "write", c->out.error);
    else
        return true;
    return false;
}

bool bj_converse(int sock, const struct bj_endpoint *peer, bool datagram,
                 struct bj_clock *clock)
{
    static struct conversation c;
    struct pollfd fds[FDS];

    begin_all(&c, sock, datagram);
    while (!finished(&c, bj_clock_now(clock))) {
        bool lingers = datagram && over(&c.out);

        choose(&c, fds);
        if (bj_clock_poll(clock, fds, FDS,
                          lingers ? c.end_ns : BJ_CLOCK_NEVER) >= 0)
            act(&c, fds, bj_clock_now(clock));
    }
    return judge(&c, peer);
}
