#include "sandbox/connect/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/connect/race.h"
#include "sandbox/connect/say.h"

/* What is known of an attempt beside what the race knows. */
struct line {
    int fd; /* -1: none */
    bool has_result;
    int result; /* 0 or errno, once has_result */
};

struct dial {
    const struct bj_names *names;
    const struct bj_dial_options *options;
    struct bj_clock *clock;
    struct bj_race race;
    struct line lines[BJ_RACE_MAX];
};

static struct bj_race_event event_of(const struct dial *d,
                                     enum bj_race_event_kind kind, size_t index)
{
    struct bj_race_event event = {.kind = kind, .index = index};

    event.now_ms = bj_clock_now(d->clock) / BJ_NS_PER_MS;
    return event;
}

static struct bj_race_event failed(struct dial *d, size_t index,
                                   const char *what, int error)
{
    /* A family the kernel lacks is as unreachable as one without a route. */
    bool all = error == ENETUNREACH || error == EAFNOSUPPORT;
    struct bj_race_event event =
        event_of(d, all ? BJ_RACE_UNREACHABLE : BJ_RACE_FAILED, index);

    event.cause = error;
    if (d->lines[index].fd >= 0)
        close(d->lines[index].fd);
    d->lines[index].fd = -1;
    bj_say_failure(&d->names->endpoints[index], what, error);
    return event;
}

static struct bj_race_event connected(const struct dial *d, size_t index)
{
    if (d->options->verbose)
        bj_say_words(&d->names->endpoints[index], "connected");
    return event_of(d, BJ_RACE_CONNECTED, index);
}

/* The protocol is named because the policy pins it. */
static int open_socket(const struct dial *d, const struct bj_endpoint *endpoint)
{
    int domain = endpoint->address.family == BJ_FAMILY_IP6 ? AF_INET6 : AF_INET;
    bool datagram = d->options->datagram;

    return socket(domain,
                  (datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC |
                      SOCK_NONBLOCK,
                  datagram ? IPPROTO_UDP : IPPROTO_TCP);
}

static struct bj_race_event start(struct dial *d, size_t index)
{
    const struct bj_endpoint *endpoint = &d->names->endpoints[index];
    struct sockaddr_storage address;
    socklen_t len = bj_endpoint_to_sockaddr(endpoint, &address);
    int fd = open_socket(d, endpoint);

    if (fd < 0)
        return failed(d, index, "socket", errno);
    d->lines[index].fd = fd;
    d->lines[index].has_result = false;
    if (connect(fd, (const struct sockaddr *)&address, len) == 0)
        return connected(d, index);
    /* An interrupted connect goes on by itself. */
    if (errno == EINPROGRESS || errno == EINTR)
        return event_of(d, BJ_RACE_PENDING, index);
    return failed(d, index, "connect", errno);
}

static struct bj_race_event give_up(struct dial *d, size_t index)
{
    close(d->lines[index].fd);
    d->lines[index].fd = -1;
    if (d->race.attempts[index].fate == BJ_RACE_TIMED_OUT)
        bj_say_failure(&d->names->endpoints[index], "connect", ETIMEDOUT);
    else if (d->options->verbose)
        bj_say_words(&d->names->endpoints[index],
                     bj_race_fate_text(d->race.attempts[index].fate));
    return event_of(d, BJ_RACE_CLOSED, index);
}

/* Asks each attempt that poll found ready how it ended. */
static void take_results(struct dial *d, const struct pollfd *fds)
{
    for (size_t i = 0; i < d->names->count; i++) {
        socklen_t len = sizeof(d->lines[i].result);

        if (fds[i].fd < 0 || fds[i].revents == 0)
            continue;
        d->lines[i].has_result = true;
        if (getsockopt(fds[i].fd, SOL_SOCKET, SO_ERROR, &d->lines[i].result,
                       &len) != 0)
            d->lines[i].result = errno;
    }
}

/* A result that came and was not told yet, a connection before a failure;
 * names->count if there is none. */
static size_t next_result(const struct dial *d)
{
    size_t found = d->names->count;

    for (size_t i = 0; i < d->names->count; i++) {
        if (d->lines[i].fd < 0 || !d->lines[i].has_result)
            continue;
        if (d->lines[i].result == 0)
            return i;
        found = i;
    }
    return found;
}

static struct bj_race_event wait_for(struct dial *d, uint64_t until_ms)
{
    uint64_t until_ns = until_ms > UINT64_MAX / BJ_NS_PER_MS
                            ? BJ_CLOCK_NEVER
                            : until_ms * BJ_NS_PER_MS;
    struct pollfd fds[BJ_RACE_MAX];

    for (;;) {
        size_t index = next_result(d);

        if (index < d->names->count) {
            d->lines[index].has_result = false;
            return d->lines[index].result == 0
                       ? connected(d, index)
                       : failed(d, index, "connect", d->lines[index].result);
        }
        if (bj_clock_now(d->clock) >= until_ns)
            return event_of(d, BJ_RACE_TIMER, 0);
        for (size_t i = 0; i < d->names->count; i++)
            fds[i] = (struct pollfd){d->lines[i].fd, POLLOUT, 0};
        if (bj_clock_poll(d->clock, fds, d->names->count, until_ns) > 0)
            take_results(d, fds);
    }
}

/* The addresses that no attempt was made at. */
static void tell_untried(const struct dial *d, bool won)
{
    for (size_t i = 0; i < d->names->count; i++) {
        enum bj_race_fate fate = d->race.attempts[i].fate;

        if (fate == BJ_RACE_SKIPPED || (fate == BJ_RACE_UNTRIED && !won))
            bj_say_words(&d->names->endpoints[i], bj_race_fate_text(fate));
    }
    if (d->names->left_out > 0 && !won)
        bj_say_trouble("more addresses than are tried", E2BIG);
}

static void set_up(struct dial *d, const struct bj_names *names,
                   const struct bj_dial_options *options,
                   struct bj_clock *clock)
{
    struct bj_race_options race = {BJ_RACE_DELAY_MS, options->timeout_ms};
    enum bj_family families[BJ_RACE_MAX];

    d->names = names;
    d->options = options;
    d->clock = clock;
    for (size_t i = 0; i < names->count; i++) {
        families[i] = names->endpoints[i].address.family;
        d->lines[i] = (struct line){.fd = -1};
    }
    bj_race_init(&d->race, families, names->count, &race);
}

int bj_dial(const struct bj_names *names, const struct bj_dial_options *options,
            struct bj_clock *clock, size_t *index)
{
    struct dial d;
    struct bj_race_event event;
    struct bj_race_action action;

    set_up(&d, names, options, clock);
    event = event_of(&d, BJ_RACE_START, 0);
    for (;;) {
        action = bj_race_step(&d.race, &event);
        switch (action.kind) {
        case BJ_RACE_CONNECT:
            event = start(&d, action.index);
            break;
        case BJ_RACE_CLOSE:
            event = give_up(&d, action.index);
            break;
        case BJ_RACE_WAIT:
            event = wait_for(&d, action.until_ms);
            break;
        case BJ_RACE_WON:
            if (options->verbose)
                tell_untried(&d, true);
            *index = action.index;
            return d.lines[action.index].fd;
        case BJ_RACE_LOST:
            tell_untried(&d, false);
            return -1;
        }
    }
}
