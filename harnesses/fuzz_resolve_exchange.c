/*
 * Drives an exchange with a scripted network: loss, delay, failure, streams
 * in pieces, honest replies and forgeries. Oracles: it ends; one socket at a
 * time, to a server that is configured; it believes nothing but replies; an
 * honest reply is taken; a forged one is not and does not end the wait; no
 * server is asked more often than promised.
 */
#include "core/bytes/cursor.h"
#include "core/resolve/exchange.h"
#include "harnesses/harness.h"
#include "harnesses/support/network.h"

enum socket_state { NO_SOCKET, UDP, TCP_OPENING, TCP };

struct world {
    struct bj_exchange x;
    struct bj_exchange_event event;
    struct bj_query_entropy entropy;
    struct bj_cursor script;
    enum socket_state socket;
    uint8_t query[BJ_QUERY_MAX];
    size_t query_len;
    unsigned queries;
    /* The length for TCP and a reply; perhaps such a pair before it. */
    uint8_t message[2 * (2 + BJ_NETWORK_MAX)];
    size_t message_len;
    bool honest; /* the message is one that must be taken */
    bool forged; /* one that must not end the wait */
    bool torn;   /* raw octets went into the stream: nothing is known of it */
    uint8_t *raw;
};

/* A reply behind what the message holds, with its length before it. */
static void add_message(struct world *w, enum bj_network_reply kind,
                        unsigned detail)
{
    uint8_t *to = w->message + w->message_len;
    size_t len = bj_network_reply(kind, detail, w->query, w->query_len, to + 2);

    to[0] = (uint8_t)(len >> 8);
    to[1] = (uint8_t)len;
    w->message_len += 2 + len;
}

static void make_message(struct world *w)
{
    uint8_t op = bj_cursor_u8(&w->script);
    enum bj_network_reply kind = op % BJ_NETWORK_REPLY_COUNT;
    unsigned detail = bj_cursor_u8(&w->script);

    add_message(w, kind, detail);
    if (w->torn)
        return;
    w->honest = kind == BJ_NETWORK_HONEST || kind == BJ_NETWORK_NO_NAME;
    w->forged = kind >= BJ_NETWORK_WRONG_ID && kind <= BJ_NETWORK_QUERY;
}

/* Octets of the script's own, so that nothing is beyond the fuzzer. */
static void make_raw(struct world *w)
{
    size_t n = bj_cursor_u8(&w->script);
    struct bj_cursor part;

    if (n > bj_cursor_left(&w->script))
        n = bj_cursor_left(&w->script);
    bj_cursor_narrow(&w->script, n, &part);
    free(w->raw);
    w->raw = bj_exact_copy(part.base, n);
    w->event.bytes = w->raw;
    w->event.len = n;
    w->torn = w->socket == TCP;
}

/* What comes next, by the script; time only ever goes on. */
static void next_event(struct world *w, uint64_t until_ms)
{
    uint8_t op = bj_cursor_u8(&w->script);

    w->honest = w->forged = false;
    w->event.bytes = NULL;
    w->event.len = 0;
    if (!bj_cursor_ok(&w->script) || op % 8 == 0) {
        w->event.kind = BJ_EXCHANGE_TIMER;
        w->event.now_ms = until_ms;
    } else if (op % 8 == 1) {
        w->event.kind = BJ_EXCHANGE_FAILED;
    } else if (op % 8 == 2) {
        w->event.kind = BJ_EXCHANGE_TIMER;
        w->event.now_ms += (until_ms - w->event.now_ms) / 2;
    } else if (w->socket == TCP_OPENING) {
        w->event.kind = BJ_EXCHANGE_CONNECTED;
        w->socket = TCP;
    } else if (op % 8 == 3) {
        w->event.kind =
            w->socket == UDP ? BJ_EXCHANGE_DATAGRAM : BJ_EXCHANGE_STREAM;
        make_raw(w);
    } else {
        w->message_len = 0;
        /* R18: two in one read, the first a forgery. */
        if (op >= 128 && w->socket == TCP &&
            w->x.foreign + 1 < BJ_EXCHANGE_FOREIGN_MAX)
            add_message(w, BJ_NETWORK_WRONG_ID, 0);
        make_message(w);
        w->event.kind =
            w->socket == UDP ? BJ_EXCHANGE_DATAGRAM : BJ_EXCHANGE_STREAM;
        w->event.bytes = w->message + (w->socket == UDP ? 2 : 0);
        w->event.len = w->message_len - (w->socket == UDP ? 2 : 0);
    }
}

/* Carries the action out. */
static void perform(struct world *w, const struct bj_exchange_action *action)
{
    switch (action->kind) {
    case BJ_EXCHANGE_SEND:
    case BJ_EXCHANGE_CONNECT:
        BJ_CHECK(w->socket == NO_SOCKET, "one-socket");
        BJ_CHECK(action->server < w->x.options.server_count, "known-server");
        BJ_CHECK(w->x.query.id == w->entropy.id, "fresh-id");
        w->queries += 1;
        memcpy(w->query, w->x.query.octets, w->x.query.len);
        w->query_len = w->x.query.len;
        w->torn = false;
        w->socket = action->kind == BJ_EXCHANGE_SEND ? UDP : TCP_OPENING;
        break;
    case BJ_EXCHANGE_WRITE:
        BJ_CHECK(w->socket == TCP && action->len == w->query_len + 2 &&
                     memcmp(action->bytes + 2, w->query, w->query_len) == 0,
                 "writes-the-query");
        break;
    case BJ_EXCHANGE_CLOSE:
        BJ_CHECK(w->socket != NO_SOCKET, "closes-what-is-open");
        BJ_CHECK(!w->forged || w->x.foreign >= BJ_EXCHANGE_FOREIGN_MAX,
                 "forgery-ends-nothing");
        w->socket = NO_SOCKET;
        break;
    default:
        break;
    }
    w->entropy.id = (uint16_t)(w->entropy.id * 25173U + 13849U);
    memset(w->entropy.case_bits, (uint8_t)(w->entropy.id >> 3),
           sizeof(w->entropy.case_bits));
    w->event.kind = BJ_EXCHANGE_NEXT;
}

static void start(struct world *w, uint8_t *stream)
{
    uint8_t bits = bj_cursor_u8(&w->script);
    uint8_t more = bj_cursor_u8(&w->script);
    struct bj_exchange_options options = {
        .server_count = bits & 3,
        .first_server = bits >> 2 & 3,
        .attempts = bits >> 4 & 7,
        .timeout_s = more & 31,
        .use_vc = more >> 5 & 1,
        .edns = more >> 6 & 1,
    };
    struct bj_name name;

    w->entropy.mix_case = true;
    w->event.entropy = &w->entropy;
    w->event.kind = BJ_EXCHANGE_START;
    BJ_CHECK(bj_name_parse("www.example.test", 16, &name, NULL) == BJ_OK,
             "name");
    BJ_CHECK(bj_exchange_init(&w->x, &options, &name, more >> 7 ? 28 : 1,
                              stream) == BJ_OK,
             "init");
}

static void check_end(struct world *w, enum bj_exchange_action_kind end)
{
    const struct bj_message *m = &w->x.match.message;
    size_t rounds = (size_t)w->x.options.attempts * w->x.options.server_count;

    BJ_CHECK(w->socket == NO_SOCKET, "closed-at-the-end");
    BJ_CHECK(w->queries <= 3 * rounds, "query-budget");
    if (end == BJ_EXCHANGE_DONE)
        BJ_CHECK(
            bj_network_is_reply(w->query, w->query_len, m->at.base, m->at.len),
            "believes-replies-only");
    else
        BJ_CHECK(w->x.outcome != BJ_FOUND, "says-why");
    BJ_CHECK(!w->honest || end == BJ_EXCHANGE_DONE, "honest-is-taken");
    bj_digest(&w->x.outcome, sizeof(w->x.outcome));
    BJ_CHECK(bj_exchange_step(&w->x, &w->event).kind == end, "stays-ended");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world w = {.socket = NO_SOCKET};
    uint8_t *stream = malloc(BJ_EXCHANGE_STREAM_LEN);
    struct bj_exchange_action action;
    /* An event takes an octet of script or ends a try; each try takes at
     * most five actions. */
    size_t budget = size + 8UL * BJ_EXCHANGE_QUERIES_MAX;

    if (stream == NULL)
        abort();
    bj_cursor_init(&w.script, data, size);
    start(&w, stream);
    do {
        action = bj_exchange_step(&w.x, &w.event);
        BJ_CHECK(budget-- > 0, "ends");
        if (action.kind == BJ_EXCHANGE_WAIT) {
            BJ_CHECK(!w.honest, "honest-at-once");
            BJ_CHECK(action.until_ms > w.event.now_ms, "deadline-ahead");
            next_event(&w, action.until_ms);
        } else {
            perform(&w, &action);
        }
    } while (action.kind != BJ_EXCHANGE_DONE &&
             action.kind != BJ_EXCHANGE_FAIL);
    check_end(&w, action.kind);
    free(w.raw);
    free(stream);
    return 0;
}
