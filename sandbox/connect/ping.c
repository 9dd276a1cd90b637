#include "sandbox/connect/ping.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/echo/probe.h"
#include "sandbox/connect/confine.h"
#include "sandbox/connect/dial.h"
#include "sandbox/connect/names.h"
#include "sandbox/connect/say.h"

#define BUFFER 65536

struct ping {
    const struct bj_ping_options *options;
    const struct bj_endpoint *peer;
    struct bj_clock clock;
    struct bj_probe probe;
    int sock;
    int signals;
    bool live;    /* tell each round trip */
    bool stopped; /* send no more */
    bool broken;  /* the connection has ended before its time */
    bool unheard; /* standard output takes no more */
    int told;     /* the last error that was reported */
    size_t unsent_at;
    size_t unsent_len; /* of `message`, from unsent_at */
    uint64_t next_ns;  /* when the next message is due */
    uint64_t moved_ns; /* when octets of ours last went, or came back */
};

static uint8_t message[BJ_PING_SIZE_MAX];
static uint8_t buffer[BUFFER];

static const char *protocol(const struct ping *p)
{
    return p->options->client.datagram ? "udp" : "tcp";
}

/* Nanoseconds as milliseconds with three places. */
static void write_ms(struct bj_writer *w, uint64_t ns)
{
    uint64_t us = ns / 1000;

    bj_writer_dec(w, us / 1000);
    bj_writer_char(w, '.');
    bj_writer_dec(w, us / 100 % 10);
    bj_writer_dec(w, us / 10 % 10);
    bj_writer_dec(w, us % 10);
}

static void say(struct ping *p, const struct bj_writer *w)
{
    int error = p->unheard ? 0 : bj_say(STDOUT_FILENO, w);

    if (error == 0)
        return;
    p->unheard = true;
    bj_say_trouble("standard output", error);
}

/* "127.0.0.1:7: number=0 time=0.031 ms" */
static void tell(struct ping *p, const struct bj_probe_result *result)
{
    static const char *const words[] = {
        [BJ_PROBE_ECHO] = "",
        [BJ_PROBE_REORDERED] = " reordered",
        [BJ_PROBE_DUPLICATE] = " duplicate",
        [BJ_PROBE_SPOILED] = " corrupt",
        [BJ_PROBE_STRAY] = "unasked octets",
    };
    uint8_t line[BJ_SAY_MAX];
    struct bj_writer w;

    if (!p->live || result->verdict == BJ_PROBE_MORE)
        return;
    bj_writer_init(&w, line, sizeof(line));
    bj_endpoint_write(&w, p->peer);
    bj_writer_text(&w, ": ");
    if (result->verdict != BJ_PROBE_STRAY) {
        bj_writer_text(&w, "number=");
        bj_writer_dec(&w, result->number);
    }
    if (result->verdict == BJ_PROBE_ECHO ||
        result->verdict == BJ_PROBE_REORDERED) {
        bj_writer_text(&w, " time=");
        write_ms(&w, result->rtt_ns);
        bj_writer_text(&w, " ms");
    }
    bj_writer_text(&w, words[result->verdict]);
    bj_writer_char(&w, '\n');
    say(p, &w);
}

/* An error that lasts is told once. With datagrams it is news about one that
 * was sent before, and the next may do better; a connection is over. */
static void on_error(struct ping *p, const char *what, int error)
{
    if (error == EINTR || error == EAGAIN)
        return;
    if (error != p->told)
        bj_say_failure(p->peer, what, error);
    p->told = error;
    if (!p->options->client.datagram || error == EMSGSIZE)
        p->broken = true;
}

static void flush(struct ping *p)
{
    ssize_t n;

    if (p->unsent_len == 0)
        return;
    n = write(p->sock, message + p->unsent_at, p->unsent_len);
    if (n >= 0) {
        p->unsent_at += (size_t)n;
        p->unsent_len -= (size_t)n;
        p->moved_ns = bj_clock_now(&p->clock);
    } else {
        on_error(p, "write", errno);
        /* A datagram that could not be sent is one that was lost. */
        if (p->options->client.datagram && errno != EAGAIN && errno != EINTR)
            p->unsent_len = 0;
    }
}

static void take(struct ping *p, size_t n, uint64_t now_ns)
{
    struct bj_probe_result result;
    struct bj_cursor c;

    bj_cursor_init(&c, buffer, n);
    if (p->options->client.datagram) {
        result = bj_probe_datagram(&p->probe, &c, now_ns);
        tell(p, &result);
        return;
    }
    p->moved_ns = now_ns;
    do {
        result = bj_probe_stream(&p->probe, &c, now_ns);
        tell(p, &result);
    } while (result.verdict != BJ_PROBE_MORE);
}

static void receive(struct ping *p)
{
    ssize_t n = read(p->sock, buffer, sizeof(buffer));
    uint64_t now_ns = bj_clock_now(&p->clock);

    if (n < 0) {
        on_error(p, "read", errno);
    } else if (n == 0 && !p->options->client.datagram) {
        bj_say_words(p->peer, "closed the connection");
        p->broken = true;
    } else {
        take(p, (size_t)n, now_ns);
    }
}

static bool has_more(const struct ping *p)
{
    return !p->stopped && p->probe.sent < p->options->count;
}

static uint64_t patience_ns(const struct ping *p)
{
    return p->moved_ns + p->options->wait_ms * BJ_NS_PER_MS;
}

/* When the next message may go, provided that the one before has gone. */
static uint64_t due_ns(const struct ping *p)
{
    if (p->options->interval_ms > 0)
        return p->next_ns;
    return bj_probe_outstanding(&p->probe) == 0 ? 0 : patience_ns(p);
}

static void send_due(struct ping *p)
{
    uint64_t interval_ns = p->options->interval_ms * BJ_NS_PER_MS;
    uint64_t now_ns;

    if (p->unsent_len > 0 || !has_more(p) ||
        bj_clock_now(&p->clock) < due_ns(p))
        return;
    (void)bj_probe_write(&p->probe, message);
    now_ns = bj_clock_now(&p->clock);
    bj_probe_sent(&p->probe, now_ns);
    p->unsent_at = 0;
    p->unsent_len = p->options->size;
    p->moved_ns = now_ns;
    /* A client that was stopped does not catch up in a burst. */
    p->next_ns += interval_ns;
    if (p->next_ns < now_ns)
        p->next_ns = now_ns + interval_ns;
    flush(p);
}

/* All answered, or nothing moves any more: also when a peer does not read. */
static bool finished(const struct ping *p)
{
    if (p->broken || p->unheard)
        return true;
    if (has_more(p) && p->unsent_len == 0)
        return false;
    if (p->unsent_len == 0 && bj_probe_outstanding(&p->probe) == 0)
        return true;
    return bj_clock_now(&p->clock) >= patience_ns(p);
}

/* INT or TERM: the first asks for the summary once what is on its way has
 * come; the second does not wait for that. */
static void on_signal(struct ping *p)
{
    struct signalfd_siginfo info;

    if (read(p->signals, &info, sizeof(info)) <= 0)
        return;
    if (p->stopped)
        p->broken = true;
    p->stopped = true;
}

static void wait_for_more(struct ping *p)
{
    struct pollfd fds[2] = {{p->sock, POLLIN, 0}, {p->signals, POLLIN, 0}};
    uint64_t until_ns =
        has_more(p) && p->unsent_len == 0 ? due_ns(p) : patience_ns(p);

    if (p->unsent_len > 0)
        fds[0].events |= POLLOUT;
    else if (finished(p))
        return;
    if (bj_clock_poll(&p->clock, fds, 2, until_ns) <= 0)
        return;
    if (fds[1].revents != 0)
        on_signal(p);
    if ((fds[0].revents & ~POLLOUT) != 0)
        receive(p);
    if (!p->broken && (fds[0].revents & POLLOUT) != 0)
        flush(p);
}

static void write_round_trips(struct bj_writer *w,
                              const struct bj_probe_summary *s)
{
    bj_writer_text(w, "round trip min/median/p99/max ");
    write_ms(w, s->min_ns);
    bj_writer_char(w, '/');
    write_ms(w, s->median_ns);
    bj_writer_char(w, '/');
    write_ms(w, s->p99_ns);
    bj_writer_char(w, '/');
    write_ms(w, s->max_ns);
    bj_writer_text(w, " ms\n");
}

static void write_count(struct bj_writer *w, uint64_t n, const char *what)
{
    bj_writer_dec(w, n);
    bj_writer_text(w, what);
}

static void write_text(const struct ping *p, const struct bj_probe_summary *s,
                       struct bj_writer *w)
{
    bj_endpoint_write(w, p->peer);
    bj_writer_char(w, ' ');
    bj_writer_text(w, protocol(p));
    bj_writer_text(w, ": ");
    write_count(w, p->probe.sent, " sent, ");
    write_count(w, p->probe.received, " received, ");
    write_count(w, s->lost, " lost, ");
    write_count(w, (uint64_t)p->probe.spoiled + p->probe.stray, " corrupt, ");
    write_count(w, p->probe.duplicates, " duplicate, ");
    write_count(w, p->probe.reordered, " reordered\n");
    if (p->probe.received > 0)
        write_round_trips(w, s);
}

/* "key": number, with a comma before it. */
static void write_member(struct bj_writer *w, const char *key, uint64_t value)
{
    bj_writer_text(w, ",\"");
    bj_writer_text(w, key);
    bj_writer_text(w, "\":");
    bj_writer_dec(w, value);
}

static void write_json_ms(struct bj_writer *w, const char *key, uint64_t ns)
{
    bj_writer_text(w, key);
    write_ms(w, ns);
}

static void write_json(const struct ping *p, const struct bj_probe_summary *s,
                       struct bj_writer *w)
{
    bj_writer_text(w, "{\"peer\":\"");
    bj_endpoint_write(w, p->peer);
    bj_writer_text(w, "\",\"protocol\":\"");
    bj_writer_text(w, protocol(p));
    bj_writer_char(w, '"');
    write_member(w, "size", p->options->size);
    write_member(w, "sent", p->probe.sent);
    write_member(w, "received", p->probe.received);
    write_member(w, "lost", s->lost);
    write_member(w, "corrupt", (uint64_t)p->probe.spoiled + p->probe.stray);
    write_member(w, "duplicates", p->probe.duplicates);
    write_member(w, "reordered", p->probe.reordered);
    if (p->probe.received == 0) {
        bj_writer_text(w, ",\"rtt_ms\":null}\n");
        return;
    }
    write_json_ms(w, ",\"rtt_ms\":{\"min\":", s->min_ns);
    write_json_ms(w, ",\"median\":", s->median_ns);
    write_json_ms(w, ",\"p99\":", s->p99_ns);
    write_json_ms(w, ",\"max\":", s->max_ns);
    bj_writer_text(w, "}}\n");
}

static void sum_up(struct ping *p, struct bj_probe_summary *s)
{
    uint8_t text[BJ_SAY_MAX];
    struct bj_writer w;

    bj_probe_sum_up(&p->probe, s);
    bj_writer_init(&w, text, sizeof(text));
    if (p->options->json)
        write_json(p, s, &w);
    else
        write_text(p, s, &w);
    say(p, &w);
}

static bool all_is_well(const struct ping *p, const struct bj_probe_summary *s)
{
    return !p->broken && !p->unheard && s->lost == 0 && p->probe.spoiled == 0 &&
           p->probe.stray == 0;
}

/* Signals come as something to read, so that no handler has to return. */
static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* All that needs memory, entropy or a look around, before confinement. */
static bool set_up(struct ping *p, const struct bj_ping_options *options)
{
    struct bj_probe_settings settings = {.count = options->count,
                                         .size = options->size,
                                         .datagram = options->client.datagram};
    uint64_t *times = calloc(options->count, 2 * sizeof(*times));

    p->options = options;
    p->signals = open_signals();
    p->live = !options->json &&
              (options->client.verbose || isatty(STDOUT_FILENO) == 1);
    if (times == NULL || p->signals < 0 ||
        getrandom(&settings.key, sizeof(settings.key), 0) !=
            (ssize_t)sizeof(settings.key)) {
        bj_say_trouble("cannot prepare", errno);
        return false;
    }
    bj_probe_init(&p->probe, &settings, times, times + options->count);
    return true;
}

static bool find(const struct bj_client_options *client, struct bj_names *names)
{
    const char *why;

    if (bj_names_find(names, client->host, client->service, client->family,
                      client->datagram, &why))
        return true;
    fprintf(stderr, "belljar: %s %s: %s\n", client->host, client->service, why);
    return false;
}

int bj_ping_run(const struct bj_ping_options *options)
{
    const struct bj_client_options *client = &options->client;
    struct bj_dial_options dial = {client->datagram, client->verbose,
                                   client->timeout_ms};
    static struct bj_confine confine;
    static struct bj_names names;
    static struct ping p;
    struct bj_probe_summary summary;
    size_t index = 0;

    if (!bj_confine_ready() || !find(client, &names) || !set_up(&p, options))
        return 1;
    if (!bj_confine_prepare(&confine, client->sandbox, client->without,
                            names.count))
        return BJ_EXIT_LOCKDOWN;
    p.clock.direct = bj_confine_has_clock(&confine);
    if (!p.clock.direct)
        fputs("belljar: reading this machine's clock is a system call, which "
              "the role may not make: round trips leave out what passes "
              "inside write\n",
              stderr);
    if (!bj_confine_enter(&confine, p.signals))
        return BJ_EXIT_LOCKDOWN;
    p.sock = bj_dial(&names, &dial, &p.clock, &index);
    if (p.sock < 0)
        return 1;
    bj_confine_tighten(&confine);
    p.peer = &names.endpoints[index];
    p.next_ns = bj_clock_now(&p.clock);
    while (!finished(&p)) {
        send_due(&p);
        wait_for_more(&p);
    }
    sum_up(&p, &summary);
    return all_is_well(&p, &summary) ? 0 : 1;
}
