/*
 * Drives a stub as the driver does, many lookups at once, over a scripted
 * hostile network: loss, delay, reordering, duplication, truncation, streams in
 * pieces, failing sockets and servers, forgeries. Oracles: every event gets
 * exactly one WAIT or RESULT, unless the lookup is blocked by another that
 * lives; every frame passes the driver's reader; the same is never asked twice
 * at once; special names are never asked for; an event on one socket leaves
 * the other alone; nothing comes for a lookup that is over; it ends; no forged
 * reply is taken; and where nothing was lost and no server failed, it is found
 * what a naive walk over the same names finds.
 */
#include "core/bytes/cursor.h"
#include "core/resolve/stub.h"
#include "harnesses/harness.h"
#include "harnesses/support/zone.h"

enum { LOOKUPS = 24, CONFIG_LEN = 512, MEMORY_LEN = 48 * 1024 * 1024 };

enum socket_state { NO_SOCKET, UDP, OPENING, TCP };

struct socket {
    enum socket_state state;
    uint8_t id[2]; /* that its query must have */
    uint8_t query[BJ_QUERY_MAX];
    size_t query_len;
    uint8_t reply[2 + BJ_NETWORK_MAX]; /* being streamed */
    size_t reply_len;
    size_t streamed;
};

struct lookup {
    bool live;
    bool unanswered;
    size_t name; /* in names */
    bool four;
    bool six;
    uint64_t until_ms;
    uint8_t entropy[BJ_FRAME_ENTROPY_LEN];
    struct socket sockets[BJ_FRAME_SOCKETS];
    bool disturbed; /* something went wrong while it lived */
};

static const char *const names[] = {
    "a.test", "b.test", "c", "d", "host", "A.Test", "e.onion", "localhost",
};
#define NAMES (sizeof(names) / sizeof(names[0]))

static const char *const domains[] = {"one.test", "two.test"};

static const char hosts_text[] = "192.0.2.1 host\n2001:db8::1 host\n";

static const char *const resolvers[] = {
    "nameserver 192.0.2.1\nsearch one.test two.test\noptions attempts:2\n",
    "nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch one.test two.test\n"
    "options single-request rotate\n",
    "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
    "search one.test two.test\noptions use-vc attempts:1\n",
    "nameserver 192.0.2.1\nsearch one.test invalid two.test\n"
    "options attempts:1 timeout:1\n",
};
static const size_t server_counts[] = {1, 2, 3, 1};

struct world {
    struct bj_stub stub;
    struct bj_cursor script;
    size_t resolver;
    uint64_t now_ms;
    uint32_t next_id;
    struct lookup lookups[LOOKUPS];
    size_t budget;
    /* Of the event at hand. */
    uint32_t event_id;
    int event_socket; /* -1: all may be touched */
    enum socket_state other;
};

static uint8_t *memory_of_stub(void)
{
    /* Once for all inputs: a stub needs none of what was there. */
    static _Alignas(64) uint8_t memory[MEMORY_LEN];

    return memory;
}

/* ---- what the stub says ---- */

BJ_UNTRACED_BEGIN

static bool same_question(const struct socket *a, const struct socket *b)
{
    if (a->query_len != b->query_len)
        return false;
    /* Header apart; letters in any case. The rest has none. */
    for (size_t i = 12; i < a->query_len; i++)
        if ((a->query[i] | 32) != (b->query[i] | 32))
            return false;
    return true;
}

static bool is_asked_elsewhere(const struct world *w, const struct lookup *l,
                               const struct socket *s)
{
    for (size_t i = 0; i < LOOKUPS; i++)
        for (size_t k = 0; k < BJ_FRAME_SOCKETS; k++)
            if (&w->lookups[i] != l && w->lookups[i].live &&
                w->lookups[i].sockets[k].state != NO_SOCKET &&
                same_question(&w->lookups[i].sockets[k], s))
                return true;
    return false;
}

static bool ends_in(const struct socket *s, const char *label)
{
    size_t len = strlen(label);
    size_t at = 12;

    while (at < s->query_len && s->query[at + s->query[at] + 1] != 0)
        at += s->query[at] + 1U;
    if (s->query[at] != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((s->query[at + 1 + i] | 32) != label[i])
            return false;
    return true;
}

static void take_query(struct world *w, struct lookup *l, unsigned number,
                       const uint8_t *query, size_t len)
{
    struct socket *s = &l->sockets[number];

    memcpy(s->query, query, len);
    s->query_len = len;
    BJ_CHECK(memcmp(query, s->id, 2) == 0, "fresh-id");
    BJ_CHECK(!ends_in(s, "onion") && !ends_in(s, "localhost") &&
                 !ends_in(s, "invalid"),
             "special-is-not-asked");
    BJ_CHECK(!is_asked_elsewhere(w, l, s), "asked-once");
}

static void open_socket(struct world *w, struct lookup *l,
                        const struct bj_frame *f, enum socket_state state)
{
    struct socket *s = &l->sockets[f->socket];

    BJ_CHECK(f->server < server_counts[w->resolver], "known-server");
    s->state = state;
    s->query_len = 0;
    s->reply_len = s->streamed = 0;
    /* Each half of the entropy is for one socket's query. */
    memcpy(s->id, l->entropy + f->socket * 34, 2);
}

/* The naive walk: the name as it is if it has a dot, then, or else, with each
 * domain, and without a dot last as it is. */
static struct bj_zone_truth naive_search(const struct lookup *l, bool *found)
{
    const char *name = names[l->name];
    bool dotted = strchr(name, '.') != NULL;
    struct bj_zone_truth truth = {false, false, false};
    char text[64];

    for (int i = dotted ? -1 : 0; i < 3; i++) {
        if (i == 2 && dotted)
            break;
        if (i < 0 || i == 2)
            snprintf(text, sizeof(text), "%s", name);
        else
            snprintf(text, sizeof(text), "%s.%s", name, domains[i]);
        truth = bj_zone_of_text(text, strlen(text));
        *found = (l->four && truth.four) || (l->six && truth.six);
        if (*found)
            break;
    }
    return truth;
}

static void check_addresses(const struct lookup *l,
                            const struct bj_answer *answer)
{
    struct bj_zone_truth truth =
        bj_zone_of_text(answer->canonical.text, answer->canonical.len);

    for (size_t i = 0; i < answer->address_count; i++) {
        const struct bj_address *a = &answer->addresses[i];
        bool six = a->family == BJ_FAMILY_IP6;

        BJ_CHECK(six ? l->six : l->four, "family-asked-for");
        if (l->name == 4 || l->name == 7)
            continue; /* of the hosts file, and localhost */
        BJ_CHECK(six ? truth.six : truth.four, "true-of-the-name");
        for (size_t k = 0; k < (six ? 16U : 4U); k++)
            BJ_CHECK(a->octets[k] == 0x20, "never-forged");
    }
}

static void check_outcome(const struct lookup *l,
                          const struct bj_result *result)
{
    struct bj_zone_truth truth;
    bool four = false;
    bool six = false;
    bool found;

    if (l->name == 4 || l->name == 7) {
        BJ_CHECK(result->outcome == BJ_FOUND, "local-is-found");
        return;
    }
    if (l->name == 6) {
        BJ_CHECK(result->outcome == BJ_NO_NAME, "onion-is-not");
        return;
    }
    if (l->disturbed)
        return;
    truth = naive_search(l, &found);
    BJ_CHECK((result->outcome == BJ_FOUND) == found, "honest-is-found");
    if (!found) {
        BJ_CHECK(result->outcome == BJ_NO_NAME || result->outcome == BJ_NO_DATA,
                 "honest-is-absent");
        return;
    }
    for (size_t i = 0; i < result->answer.address_count; i++) {
        four |= result->answer.addresses[i].family == BJ_FAMILY_IP4;
        six |= result->answer.addresses[i].family == BJ_FAMILY_IP6;
    }
    BJ_CHECK(four == (l->four && truth.four) && six == (l->six && truth.six),
             "honest-is-whole");
}

static void take_result(struct lookup *l, const struct bj_frame *f)
{
    static _Alignas(16) uint8_t block[4096];
    uint8_t *exact = bj_exact_copy(f->payload, f->payload_len);
    struct bj_result result;
    struct bj_arena arena;
    struct bj_cursor c;

    bj_cursor_init(&c, exact, f->payload_len);
    bj_arena_init(&arena, block, sizeof(block));
    BJ_CHECK(bj_result_read(&c, &arena, &result) == BJ_OK, "result-reads");
    bj_digest(exact, f->payload_len);
    check_outcome(l, &result);
    if (result.outcome == BJ_FOUND)
        check_addresses(l, &result.answer);
    free(exact);
    memset(l, 0, sizeof(*l));
}

/* An action passes the writer and the driver's reader. */
static void check_frame(const struct bj_frame *action)
{
    static uint8_t octets[BJ_RESULT_MAX + 64];
    struct bj_frame again;
    struct bj_writer w;
    struct bj_cursor c;

    bj_writer_init(&w, octets, sizeof(octets));
    BJ_CHECK(bj_frame_write(&w, action) == BJ_OK, "frame-writes");
    bj_cursor_init(&c, octets, w.len);
    BJ_CHECK(bj_frame_read(&c, BJ_FRAME_DRIVING, &again) == BJ_OK,
             "frame-reads");
}

static void take_action(struct world *w, const struct bj_frame *f)
{
    struct lookup *l = &w->lookups[f->lookup % LOOKUPS];
    struct socket *s = &l->sockets[f->socket];

    check_frame(f);
    BJ_CHECK(l->live && w->next_id - f->lookup <= LOOKUPS, "for-the-living");
    BJ_CHECK(l->unanswered, "answers-an-event");
    if (f->lookup == w->event_id && f->type != BJ_FRAME_WAIT &&
        f->type != BJ_FRAME_RESULT && w->event_socket >= 0)
        BJ_CHECK(w->other == NO_SOCKET || f->socket == w->event_socket,
                 "the-other-socket-is-left-alone");
    switch (f->type) {
    case BJ_FRAME_SEND:
        open_socket(w, l, f, UDP);
        take_query(w, l, f->socket, f->payload, f->payload_len);
        break;
    case BJ_FRAME_CONNECT:
        open_socket(w, l, f, OPENING);
        break;
    case BJ_FRAME_WRITE:
        BJ_CHECK(s->state == TCP, "writes-when-connected");
        take_query(w, l, f->socket, f->payload + 2, f->payload_len - 2);
        break;
    case BJ_FRAME_CLOSE:
        BJ_CHECK(s->state != NO_SOCKET, "closes-what-is-open");
        s->state = NO_SOCKET;
        break;
    case BJ_FRAME_WAIT:
        /* Unless what is overdue is the other socket's. */
        if (f->lookup != w->event_id || w->event_socket < 0)
            BJ_CHECK(f->time_ms > w->now_ms, "deadline-ahead");
        BJ_CHECK(l->sockets[0].state != NO_SOCKET ||
                     l->sockets[1].state != NO_SOCKET,
                 "waits-for-something");
        l->until_ms = f->time_ms;
        l->unanswered = false;
        break;
    default:
        BJ_CHECK(f->type == BJ_FRAME_RESULT, "an-action");
        take_result(l, f);
        break;
    }
}

/* Whoever is still unanswered is blocked, by somebody who is not. */
static void check_blocked(const struct world *w)
{
    bool blocked = false;
    bool waiting = false;

    for (size_t i = 0; i < LOOKUPS; i++) {
        const struct lookup *l = &w->lookups[i];

        waiting |= l->live && !l->unanswered;
        if (!l->live || !l->unanswered)
            continue;
        blocked = true;
        BJ_CHECK(l->sockets[0].state == NO_SOCKET &&
                     l->sockets[1].state == NO_SOCKET,
                 "blocked-has-no-socket");
    }
    BJ_CHECK(!blocked || waiting, "blocked-by-the-waiting");
}

BJ_UNTRACED_END

/* ---- what the stub is told ---- */

static void tell(struct world *w, struct bj_frame *event)
{
    uint8_t *exact = bj_exact_copy(event->payload, event->payload_len);
    struct bj_frame action;
    enum bj_status status;

    event->payload = exact;
    status = bj_stub_step(&w->stub, event, &action);
    free(exact); /* not needed after the step */
    while (status == BJ_OK) {
        BJ_CHECK(w->budget-- > 0, "ends");
        take_action(w, &action);
        status = bj_stub_step(&w->stub, NULL, &action);
    }
    BJ_CHECK(status == BJ_NONE, "nothing-amiss");
    check_blocked(w);
}

static void tell_lookup(struct world *w, size_t i, enum bj_frame_type type,
                        unsigned number, const uint8_t *bytes, size_t len)
{
    struct lookup *l = &w->lookups[i];
    struct bj_frame event = {.type = type,
                             .lookup = w->next_id,
                             .socket = (uint8_t)number,
                             .time_ms = w->now_ms,
                             .entropy = l->entropy,
                             .payload = bytes,
                             .payload_len = len};

    /* The id whose place this is. */
    while (event.lookup % LOOKUPS != i)
        event.lookup -= 1;
    for (size_t k = 0; k < sizeof(l->entropy); k++)
        l->entropy[k] = (uint8_t)(l->entropy[k] * 13U + 7U + k);
    w->event_id = event.lookup;
    w->event_socket =
        type == BJ_FRAME_LOOKUP || type == BJ_FRAME_TIMER ? -1 : (int)number;
    w->other = l->sockets[1 - number].state;
    if (type == BJ_FRAME_CANCEL) {
        memset(l, 0, sizeof(*l));
        event.time_ms = 0;
        event.entropy = NULL;
    } else {
        l->unanswered = true;
    }
    tell(w, &event);
}

static void start_lookup(struct world *w)
{
    size_t i = (w->next_id + 1) % LOOKUPS;
    struct lookup *l = &w->lookups[i];
    uint8_t what = bj_cursor_u8(&w->script);
    struct bj_lookup lookup = {.port = 0};
    uint8_t octets[BJ_LOOKUP_MAX];
    struct bj_writer writer;

    if (l->live)
        return;
    w->next_id += 1;
    memset(l, 0, sizeof(*l));
    /* It may come to share what others are being told. */
    for (size_t k = 0; k < LOOKUPS; k++)
        l->disturbed |= w->lookups[k].live && w->lookups[k].disturbed;
    l->live = true;
    l->name = what % NAMES;
    l->four = what / 8U % 3U != 1;
    l->six = what / 8U % 3U != 0;
    l->entropy[0] = (uint8_t)w->next_id;
    lookup.name.text = names[l->name];
    lookup.name.len = strlen(names[l->name]);
    lookup.ip4 = l->four;
    lookup.ip6 = l->six;
    bj_writer_init(&writer, octets, sizeof(octets));
    BJ_CHECK(bj_lookup_write(&writer, &lookup) == BJ_OK, "lookup-writes");
    tell_lookup(w, i, BJ_FRAME_LOOKUP, 0, octets, writer.len);
}

/* Everybody who lives may have been waiting for it. */
static void disturb(struct world *w)
{
    for (size_t i = 0; i < LOOKUPS; i++)
        w->lookups[i].disturbed = true;
}

/* A message comes over UDP, or begins to come over TCP. */
static void deliver(struct world *w, size_t i, unsigned number, uint8_t kind)
{
    struct socket *s = &w->lookups[i].sockets[number];
    uint8_t reply[2 + BJ_NETWORK_MAX];
    unsigned detail = kind / 16U;
    enum bj_network_reply how = kind % 16U % BJ_NETWORK_REPLY_COUNT;
    size_t len;

    if (how == BJ_NETWORK_HONEST || how == BJ_NETWORK_NO_NAME) {
        len = bj_zone_reply(s->query, s->query_len, reply + 2);
    } else if (how >= BJ_NETWORK_WRONG_ID) {
        len = bj_zone_forge(how, detail, s->query, s->query_len, reply + 2);
    } else {
        if (how == BJ_NETWORK_RCODE || s->state == TCP)
            disturb(w);
        len = bj_network_reply(how, how == BJ_NETWORK_RCODE ? detail + 1 : 0,
                               s->query, s->query_len, reply + 2);
    }
    reply[0] = (uint8_t)(len >> 8);
    reply[1] = (uint8_t)len;
    if (s->state == UDP) {
        tell_lookup(w, i, BJ_FRAME_DATAGRAM, number, reply + 2, len);
        return;
    }
    if (len < 12)
        disturb(w);
    memcpy(s->reply, reply, len + 2);
    s->reply_len = len + 2;
    s->streamed = 0;
}

/* The next octets of a stream, `part` or all that there are. */
static void stream(struct world *w, size_t i, unsigned number, size_t part)
{
    struct socket *s = &w->lookups[i].sockets[number];
    size_t from = s->streamed;
    size_t left = s->reply_len - from;

    if (part == 0 || part > left)
        part = left;
    s->streamed += part;
    tell_lookup(w, i, BJ_FRAME_STREAM, number, s->reply + from, part);
}

static void happen_to(struct world *w, size_t i, unsigned number, uint8_t op)
{
    struct socket *s = &w->lookups[i].sockets[number];
    uint8_t more = bj_cursor_u8(&w->script);

    if (op == 1) {
        disturb(w);
        tell_lookup(w, i, BJ_FRAME_FAILED, number, NULL, 0);
    } else if (s->state == OPENING) {
        s->state = TCP;
        tell_lookup(w, i, BJ_FRAME_CONNECTED, number, NULL, 0);
    } else if (s->state == TCP && op == 2) {
        disturb(w);
        tell_lookup(w, i, BJ_FRAME_STREAM, number, NULL, 0);
    } else if (s->state == TCP && s->streamed < s->reply_len) {
        stream(w, i, number, more % 64U);
    } else {
        deliver(w, i, number, more);
    }
}

static void timer(struct world *w, size_t i)
{
    disturb(w);
    if (w->lookups[i].until_ms > w->now_ms)
        w->now_ms = w->lookups[i].until_ms;
    tell_lookup(w, i, BJ_FRAME_TIMER, 0, NULL, 0);
}

/* One octet says what, the next whom. */
static void next_event(struct world *w)
{
    uint8_t op = bj_cursor_u8(&w->script) % 8U;
    uint8_t whom;
    size_t i;
    unsigned number;

    if (op == 0) {
        start_lookup(w);
        return;
    }
    whom = bj_cursor_u8(&w->script);
    i = whom / 2U % LOOKUPS;
    number = whom % 2U;
    if (!w->lookups[i].live)
        return;
    if (op == 7 && whom >= 128) {
        disturb(w);
        tell_lookup(w, i, BJ_FRAME_CANCEL, 0, NULL, 0);
    } else if (w->lookups[i].unanswered) {
        return; /* blocked: it has no socket, nor a timer */
    } else if (op == 7) {
        timer(w, i);
    } else if (w->lookups[i].sockets[number].state != NO_SOCKET) {
        happen_to(w, i, number, op);
    }
}

/* No more of the script: every server is silent from now on. */
static void run_out(struct world *w)
{
    size_t i = 0;

    while (i < LOOKUPS) {
        if (w->lookups[i].live && !w->lookups[i].unanswered) {
            timer(w, i);
            i = 0;
        } else {
            i += 1;
        }
    }
    for (i = 0; i < LOOKUPS; i++)
        BJ_CHECK(!w->lookups[i].live, "nobody-is-left");
}

static void load(struct world *w)
{
    static const uint8_t key[BJ_FRAME_KEY_LEN] = {9, 9};
    const char *resolver = resolvers[w->resolver];
    struct bj_frame frame = {.type = BJ_FRAME_CONFIG,
                             .config = BJ_CONFIG_HOSTS,
                             .payload = (const uint8_t *)hosts_text,
                             .payload_len = sizeof(hosts_text) - 1};
    struct bj_frame begin = {
        .type = BJ_FRAME_BEGIN, .payload = key, .payload_len = sizeof(key)};
    struct bj_frame action;

    BJ_CHECK(bj_stub_memory(CONFIG_LEN) <= MEMORY_LEN, "memory");
    bj_stub_init(&w->stub, memory_of_stub(), CONFIG_LEN);
    BJ_CHECK(bj_stub_step(&w->stub, &frame, &action) == BJ_NONE, "hosts");
    frame.config = BJ_CONFIG_RESOLV_CONF;
    frame.payload = (const uint8_t *)resolver;
    frame.payload_len = strlen(resolver);
    BJ_CHECK(bj_stub_step(&w->stub, &frame, &action) == BJ_NONE, "resolv");
    BJ_CHECK(bj_stub_step(&w->stub, &begin, &action) == BJ_OK &&
                 action.type == BJ_FRAME_READY,
             "ready");
    BJ_CHECK(bj_stub_step(&w->stub, NULL, &action) == BJ_NONE, "no-more");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = calloc(1, sizeof(*w));

    if (w == NULL)
        abort();
    bj_cursor_init(&w->script, data, size);
    w->resolver = bj_cursor_u8(&w->script) % 4U;
    w->now_ms = 100000;
    w->next_id = LOOKUPS;
    /* An event is followed by at most five actions of its lookup and of each
     * that it unblocks; a try ends after its time, and a lookup has three
     * names of two questions of 30 tries each. */
    w->budget = 8 * (size + 1) * LOOKUPS + (size_t)LOOKUPS * 8 * 3 * 2 * 30;
    load(w);
    while (bj_cursor_left(&w->script) > 0)
        next_event(w);
    run_out(w);
    free(w);
    return 0;
}
