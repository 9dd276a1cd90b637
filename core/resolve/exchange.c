#include "core/resolve/exchange.h"

#include <string.h>

#include "core/bytes/cursor.h"
#include "core/bytes/writer.h"

static struct bj_exchange_action act(enum bj_exchange_action_kind kind)
{
    struct bj_exchange_action action = {.kind = kind};

    return action;
}

static struct bj_exchange_action wait_on(const struct bj_exchange *x)
{
    struct bj_exchange_action action = act(BJ_EXCHANGE_WAIT);

    action.until_ms = x->deadline_ms;
    return action;
}

static size_t clamp(size_t value, size_t low, size_t high)
{
    if (value < low)
        return low;
    return value > high ? high : value;
}

enum bj_status bj_exchange_init(struct bj_exchange *x,
                                const struct bj_exchange_options *options,
                                const struct bj_name *name, uint16_t type,
                                uint8_t *stream)
{
    memset(x, 0, sizeof(*x));
    x->state = BJ_EXCHANGE_OVER;
    x->outcome = BJ_FAILED;
    if (name->len == 0)
        return BJ_BAD;
    x->options = *options;
    x->options.server_count =
        clamp(options->server_count, 1, BJ_NAMESERVERS_MAX);
    x->options.first_server = options->first_server % x->options.server_count;
    x->options.timeout_s =
        (unsigned)clamp(options->timeout_s, 1, BJ_TIMEOUT_MAX);
    x->options.attempts =
        (unsigned)clamp(options->attempts, 1, BJ_ATTEMPTS_MAX);
    x->name = *name;
    x->type = type;
    x->stream = stream;
    x->edns = x->options.edns;
    x->tcp = x->options.use_vc;
    x->outcome = BJ_TIMED_OUT;
    x->state = BJ_EXCHANGE_IDLE;
    return BJ_OK;
}

static size_t server_now(const struct bj_exchange *x)
{
    return (x->options.first_server + x->turn) % x->options.server_count;
}

/*
 * The time a server gets, as glibc's send_dg has it: doubled for each place
 * in the list, and from the second on shared by all; at least a second.
 */
static uint64_t patience_ms(const struct bj_exchange *x)
{
    size_t place = x->turn % x->options.server_count;
    uint64_t seconds = (uint64_t)x->options.timeout_s << place;

    if (place > 0)
        seconds /= x->options.server_count;
    return 1000U * (seconds > 0 ? seconds : 1);
}

/*
 * Which failure to report of several: one with an rcode says most, and a
 * server that cannot be reached says more than one that is silent.
 */
static void note(struct bj_exchange *x, enum bj_outcome outcome, unsigned rcode)
{
    if (x->rcode != 0)
        return;
    if (rcode != 0 || x->outcome == BJ_TIMED_OUT) {
        x->outcome = outcome;
        x->rcode = rcode;
    }
}

/* Closes, to go on with the next server, or the next round. */
static struct bj_exchange_action leave_server(struct bj_exchange *x)
{
    x->turn += 1;
    x->edns = x->options.edns;
    x->tcp = x->options.use_vc;
    x->state = BJ_EXCHANGE_OPENING;
    return act(BJ_EXCHANGE_CLOSE);
}

/* Closes, to ask the same server again in another way. */
static struct bj_exchange_action ask_again(struct bj_exchange *x, bool edns,
                                           bool tcp)
{
    x->edns = edns;
    x->tcp = tcp;
    x->state = BJ_EXCHANGE_OPENING;
    return act(BJ_EXCHANGE_CLOSE);
}

static struct bj_exchange_action fail(struct bj_exchange *x)
{
    memset(&x->match, 0, sizeof(x->match));
    x->state = BJ_EXCHANGE_OVER;
    return act(BJ_EXCHANGE_FAIL);
}

static struct bj_exchange_action open_try(struct bj_exchange *x,
                                          const struct bj_exchange_event *event)
{
    struct bj_exchange_action action;

    if (x->turn >= x->options.attempts * x->options.server_count ||
        x->queries >= BJ_EXCHANGE_QUERIES_MAX ||
        bj_query_build(&x->query, &x->name, x->type, x->edns, event->entropy) !=
            BJ_OK)
        return fail(x);
    x->queries += 1;
    x->foreign = 0;
    x->stream_len = 0;
    x->deadline_ms = event->now_ms + patience_ms(x);
    action = act(x->tcp ? BJ_EXCHANGE_CONNECT : BJ_EXCHANGE_SEND);
    action.server = server_now(x);
    action.until_ms = x->deadline_ms;
    if (!x->tcp) {
        action.bytes = x->query.octets;
        action.len = x->query.len;
    }
    x->state = x->tcp ? BJ_EXCHANGE_CONNECTING : BJ_EXCHANGE_ASKED;
    return action;
}

/* A failure with an rcode: without EDNS if it may be that, else elsewhere. */
static struct bj_exchange_action refused(struct bj_exchange *x)
{
    unsigned rcode = x->match.rcode;

    /* RFC 6891 section 7: a server that does not know OPT says FORMERR; some
     * say NOTIMP. */
    if (x->query.edns &&
        (rcode == BJ_RCODE_FORMERR || rcode == BJ_RCODE_NOTIMP))
        return ask_again(x, false, x->tcp);
    note(x, bj_outcome_of_reply(rcode, 0), rcode);
    return leave_server(x);
}

/*
 * A message from the server's address. A forged or broken one does not end
 * the wait (RFC 5452 section 9.1): the reply may be right behind it.
 */
static struct bj_exchange_action take_message(struct bj_exchange *x,
                                              const uint8_t *bytes, size_t len)
{
    bj_match_reply(&x->match, &x->query, bytes, len);
    switch (x->match.reply) {
    case BJ_REPLY_ANSWER:
        x->outcome = BJ_FOUND;
        x->rcode = x->match.rcode;
        x->state = BJ_EXCHANGE_LEAVING;
        return act(BJ_EXCHANGE_CLOSE);
    case BJ_REPLY_FAILED:
        return refused(x);
    case BJ_REPLY_TRUNCATED:
        if (!x->tcp)
            return ask_again(x, x->edns, true);
        break; /* RFC 7766 section 5: nothing longer is to be had */
    case BJ_REPLY_FOREIGN:
    case BJ_REPLY_BROKEN:
        break;
    }
    x->foreign += 1;
    return x->foreign < BJ_EXCHANGE_FOREIGN_MAX ? wait_on(x) : leave_server(x);
}

/* The length that the stream begins with; 0 while it is not there. */
static size_t message_len(const struct bj_exchange *x)
{
    struct bj_cursor c;

    bj_cursor_init(&c, x->stream, x->stream_len);
    return bj_cursor_u16(&c);
}

/*
 * Appends what arrived and takes each message that is whole (RFC 1035
 * section 4.2.2), one of which may be the reply.
 */
static struct bj_exchange_action take_stream(struct bj_exchange *x,
                                             const uint8_t *bytes, size_t len)
{
    struct bj_exchange_action action = wait_on(x);
    struct bj_cursor in;

    bj_cursor_init(&in, bytes, len);
    /* Ends: each turn takes an octet, or leaves. */
    while (bj_cursor_left(&in) > 0 && x->state == BJ_EXCHANGE_READING) {
        size_t whole = x->stream_len < 2 ? 2 : 2 + message_len(x);
        size_t part = clamp(bj_cursor_left(&in), 1, whole - x->stream_len);

        bj_cursor_copy(&in, x->stream + x->stream_len, part);
        x->stream_len += part;
        if (x->stream_len < 2)
            continue;
        /* No header: whoever says so is no name server (R18). */
        if (message_len(x) < BJ_HEADER_LEN)
            return leave_server(x);
        if (x->stream_len == 2 + message_len(x)) {
            x->stream_len = 0;
            action = take_message(x, x->stream + 2, whole - 2);
        }
    }
    return action;
}

static struct bj_exchange_action write_query(struct bj_exchange *x,
                                             uint64_t now_ms)
{
    struct bj_exchange_action action = act(BJ_EXCHANGE_WRITE);
    struct bj_writer w;

    bj_writer_init(&w, x->framed, sizeof(x->framed));
    bj_writer_u16(&w, x->query.len);
    bj_writer_bytes(&w, x->query.octets, x->query.len);
    action.server = server_now(x);
    action.bytes = x->framed;
    action.len = w.len;
    x->deadline_ms = now_ms + patience_ms(x);
    x->state = BJ_EXCHANGE_READING;
    return action;
}

/* A socket is open: what can happen to any of them, then each its own. */
static struct bj_exchange_action
while_open(struct bj_exchange *x, const struct bj_exchange_event *event)
{
    if (event->kind == BJ_EXCHANGE_FAILED) {
        note(x, BJ_UNREACHABLE, 0);
        return leave_server(x);
    }
    if (event->now_ms >= x->deadline_ms)
        return leave_server(x);
    if (x->state == BJ_EXCHANGE_ASKED && event->kind == BJ_EXCHANGE_DATAGRAM)
        return take_message(x, event->bytes, event->len);
    if (x->state == BJ_EXCHANGE_CONNECTING &&
        event->kind == BJ_EXCHANGE_CONNECTED)
        return write_query(x, event->now_ms);
    if (x->state == BJ_EXCHANGE_READING && event->kind == BJ_EXCHANGE_STREAM)
        return event->len == 0 ? leave_server(x)
                               : take_stream(x, event->bytes, event->len);
    return wait_on(x);
}

struct bj_exchange_action
bj_exchange_step(struct bj_exchange *x, const struct bj_exchange_event *event)
{
    switch (x->state) {
    case BJ_EXCHANGE_IDLE:
    case BJ_EXCHANGE_OPENING:
        return open_try(x, event);
    case BJ_EXCHANGE_ASKED:
    case BJ_EXCHANGE_CONNECTING:
    case BJ_EXCHANGE_READING:
        return while_open(x, event);
    case BJ_EXCHANGE_LEAVING:
        x->state = BJ_EXCHANGE_OVER;
        return act(BJ_EXCHANGE_DONE);
    case BJ_EXCHANGE_OVER:
        break;
    }
    return act(x->outcome == BJ_FOUND ? BJ_EXCHANGE_DONE : BJ_EXCHANGE_FAIL);
}
