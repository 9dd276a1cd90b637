#include "core/resolve/stub.h"

#include <string.h>

#include "core/bytes/cursor.h"
#include "core/resolve/inquiry.h"

struct bj_stub_lookup {
    struct bj_inquiry inquiry;
    /* Of its latest event, for one query a question. */
    struct bj_query_entropy entropy[BJ_INQUIRY_FETCHES];
};

enum {
    ALIGN = 64, /* a cache line, and more than any type of ours asks for */
    BUFFERS_LEN = BJ_INQUIRY_FETCHES * BJ_FETCH_BUFFER_LEN
};

/* ---- memory ---- */

static size_t padded(size_t size)
{
    return size + (ALIGN - size % ALIGN) % ALIGN;
}

/* The parts of the memory, in their order. */
enum part {
    FILES,
    LOOKUPS,
    CACHE,
    SCRATCH,
    MESSAGE,
    ANSWERS,
    RESULT,
    BUFFERS,
    PART_COUNT
};

static size_t part_size(enum part part, size_t config_len)
{
    switch (part) {
    case FILES:
        return bj_files_memory(config_len);
    case LOOKUPS:
        return BJ_PLACES_MAX * sizeof(struct bj_stub_lookup);
    case CACHE:
        return BJ_STUB_CACHE_LEN;
    case SCRATCH:
        return sizeof(struct bj_answer_scratch);
    case MESSAGE:
        return BJ_FETCH_MEMORY_LEN;
    case ANSWERS:
        return BJ_STUB_ANSWER_LEN;
    case RESULT:
        return BJ_RESULT_MAX;
    case BUFFERS:
        return (size_t)BJ_PLACES_MAX * BUFFERS_LEN;
    case PART_COUNT:
        break;
    }
    return 0;
}

/* Octets from the beginning to a part. */
static size_t part_at(enum part part, size_t config_len)
{
    size_t at = 0;

    for (unsigned i = 0; i < (unsigned)part; i++)
        at += padded(part_size((enum part)i, config_len));
    return at;
}

size_t bj_stub_memory(size_t config_len)
{
    if (config_len > BJ_FILES_TEXTS_MAX)
        return 0;
    return part_at(PART_COUNT, config_len);
}

void bj_stub_init(struct bj_stub *stub, void *memory, size_t config_len)
{
    uint8_t *base = memory;

    memset(stub, 0, sizeof(*stub));
    stub->phase = BJ_FRAME_LOADING;
    bj_files_init(&stub->files, base + part_at(FILES, config_len), config_len);
    stub->lookups =
        (struct bj_stub_lookup *)(void *)(base + part_at(LOOKUPS, config_len));
    stub->desk.scratch =
        (struct bj_answer_scratch *)(void *)(base +
                                             part_at(SCRATCH, config_len));
    stub->desk.memory = base + part_at(MESSAGE, config_len);
    stub->desk.memory_len = BJ_FETCH_MEMORY_LEN;
    stub->cache = base + part_at(CACHE, config_len);
    stub->answers = base + part_at(ANSWERS, config_len);
    stub->result = base + part_at(RESULT, config_len);
    stub->buffers = base + part_at(BUFFERS, config_len);
}

/* ---- loading ---- */

/* All of the configuration is there. */
static enum bj_status begin(struct bj_stub *stub, const struct bj_frame *event)
{
    const struct bj_resolvconf *conf = &stub->files.resolvconf;
    struct bj_hash_key key = bj_hash_key_make(event->payload);
    enum bj_status status = bj_files_read(&stub->files, &key);

    if (status == BJ_OK)
        status = bj_cache_init(&stub->desk.cache, stub->cache,
                               BJ_STUB_CACHE_LEN, &key);
    if (status != BJ_OK)
        return status;
    stub->rules.domains = conf->search;
    stub->rules.domain_count = conf->search_count;
    stub->rules.ndots = conf->ndots;
    stub->rules.no_tld = conf->flags[BJ_RESOLV_NO_TLD];
    stub->options.server_count = conf->server_count;
    stub->options.timeout_s = conf->timeout_s;
    stub->options.attempts = conf->attempts;
    stub->options.use_vc = conf->flags[BJ_RESOLV_USE_VC];
    stub->options.edns = true;
    stub->phase = BJ_FRAME_SERVING;
    stub->starting = true;
    return BJ_OK;
}

static enum bj_status load(struct bj_stub *stub, const struct bj_frame *event)
{
    if (stub->phase != BJ_FRAME_LOADING)
        return BJ_BAD;
    if (event->type == BJ_FRAME_BEGIN)
        return begin(stub, event);
    return bj_files_add(&stub->files, event->config, event->payload,
                        event->payload_len);
}

static struct bj_inquiry_means means_of(struct bj_stub *stub)
{
    struct bj_inquiry_means means = {
        .files = &stub->files,
        .rules = &stub->rules,
        .desk = &stub->desk,
        .memory = stub->answers,
        .memory_len = BJ_STUB_ANSWER_LEN,
    };

    return means;
}

/* ---- events ---- */

/* An id and case bits for each of the two questions. */
static void keep_entropy(struct bj_stub_lookup *lookup, const uint8_t *octets)
{
    struct bj_cursor c;

    bj_cursor_init(&c, octets, BJ_FRAME_ENTROPY_LEN);
    for (size_t i = 0; i < BJ_INQUIRY_FETCHES; i++) {
        lookup->entropy[i].id = bj_cursor_u16(&c);
        lookup->entropy[i].mix_case = true;
        bj_cursor_copy(&c, lookup->entropy[i].case_bits,
                       sizeof(lookup->entropy[i].case_bits));
    }
}

static enum bj_status start_lookup(struct bj_stub *stub,
                                   const struct bj_frame *event)
{
    struct bj_inquiry_means means = means_of(stub);
    struct bj_stub_lookup *lookup;
    size_t place;

    if (bj_places_find(&stub->places, event->lookup) < BJ_PLACES_MAX)
        return BJ_BAD;
    place = bj_places_take(&stub->places, event->lookup);
    if (place == BJ_PLACES_MAX) {
        stub->refused = event->lookup;
        stub->refusing = true;
        return BJ_OK;
    }
    lookup = &stub->lookups[place];
    if (bj_inquiry_begin(&lookup->inquiry, &means, event->payload,
                         event->payload_len) != BJ_OK) {
        bj_places_leave(&stub->places, place);
        return BJ_BAD;
    }
    keep_entropy(lookup, event->entropy);
    bj_places_ready(&stub->places, place);
    return BJ_OK;
}

/* Whoever was blocked by it asks anew. */
static void cancel(struct bj_stub *stub, size_t place)
{
    struct bj_places *places = &stub->places;

    bj_places_leave(places, place);
    /* Ends: each turn makes a blocked one ready. */
    for (place = bj_places_blocked(places, 0); place < BJ_PLACES_MAX;
         place = bj_places_blocked(places, place))
        bj_places_ready(places, place);
}

/* What an event is to the exchange of a question. */
static enum bj_exchange_event_kind kind_of(enum bj_frame_type type)
{
    switch (type) {
    case BJ_FRAME_DATAGRAM:
        return BJ_EXCHANGE_DATAGRAM;
    case BJ_FRAME_CONNECTED:
        return BJ_EXCHANGE_CONNECTED;
    case BJ_FRAME_STREAM:
        return BJ_EXCHANGE_STREAM;
    case BJ_FRAME_FAILED:
        return BJ_EXCHANGE_FAILED;
    default:
        return BJ_EXCHANGE_TIMER;
    }
}

/* A timer is for all that is being asked, and each knows whether its time has
 * come; the rest is for their socket's. */
static bool concerns(const struct bj_frame *event, size_t socket,
                     const struct bj_fetch *fetch)
{
    return fetch->state == BJ_FETCH_ASKING &&
           (event->type == BJ_FRAME_TIMER || event->socket == socket);
}

static enum bj_status take_event(struct bj_stub *stub, size_t place,
                                 const struct bj_frame *frame)
{
    struct bj_stub_lookup *lookup = &stub->lookups[place];
    struct bj_inquiry *inquiry = &lookup->inquiry;
    struct bj_exchange_event event = {.kind = kind_of(frame->type),
                                      .now_ms = frame->time_ms,
                                      .bytes = frame->payload,
                                      .len = frame->payload_len};

    if (stub->places.states[place] != BJ_PLACE_WAITING)
        return BJ_BAD;
    keep_entropy(lookup, frame->entropy);
    for (size_t i = 0; i < inquiry->fetch_count; i++) {
        event.entropy = &lookup->entropy[i];
        if (concerns(frame, i, &inquiry->fetches[i]))
            bj_fetch_take(&inquiry->fetches[i], &event, &stub->desk);
    }
    bj_places_ready(&stub->places, place);
    return BJ_OK;
}

static enum bj_status take(struct bj_stub *stub, const struct bj_frame *event)
{
    size_t place;

    if (event->type == BJ_FRAME_CONFIG || event->type == BJ_FRAME_BEGIN)
        return load(stub, event);
    if (stub->phase != BJ_FRAME_SERVING)
        return BJ_BAD;
    switch (event->type) {
    case BJ_FRAME_LOOKUP:
    case BJ_FRAME_DATAGRAM:
    case BJ_FRAME_CONNECTED:
    case BJ_FRAME_STREAM:
    case BJ_FRAME_FAILED:
    case BJ_FRAME_TIMER:
        stub->now_ms = event->time_ms;
        break;
    case BJ_FRAME_CANCEL:
        break;
    default:
        return BJ_BAD;
    }
    if (event->type == BJ_FRAME_LOOKUP)
        return start_lookup(stub, event);
    place = bj_places_find(&stub->places, event->lookup);
    if (place == BJ_PLACES_MAX)
        return BJ_OK;
    if (event->type != BJ_FRAME_CANCEL)
        return take_event(stub, place, event);
    cancel(stub, place);
    return BJ_OK;
}

/* ---- actions ---- */

static enum bj_frame_type type_of(enum bj_exchange_action_kind kind)
{
    switch (kind) {
    case BJ_EXCHANGE_SEND:
        return BJ_FRAME_SEND;
    case BJ_EXCHANGE_CONNECT:
        return BJ_FRAME_CONNECT;
    case BJ_EXCHANGE_WRITE:
        return BJ_FRAME_WRITE;
    default:
        return BJ_FRAME_CLOSE;
    }
}

static void frame_action(const struct bj_exchange_action *from, uint32_t id,
                         size_t socket, struct bj_frame *action)
{
    action->type = type_of(from->kind);
    action->lookup = id;
    action->socket = (uint8_t)socket;
    if (action->type == BJ_FRAME_SEND || action->type == BJ_FRAME_CONNECT)
        action->server = (uint8_t)from->server;
    if (action->type == BJ_FRAME_SEND || action->type == BJ_FRAME_WRITE) {
        action->payload = from->bytes;
        action->payload_len = from->len;
    }
}

/* Gives the lookup what a question came to, if it is blocked by that. */
static bool share_with(struct bj_inquiry *inquiry, const struct bj_fetch *from)
{
    bool shared = false;

    for (size_t i = 0; i < inquiry->fetch_count; i++) {
        struct bj_fetch *fetch = &inquiry->fetches[i];

        if (fetch->state == BJ_FETCH_PENDING && bj_fetch_same(fetch, from)) {
            bj_fetch_share(fetch, from);
            shared = true;
        }
    }
    return shared;
}

/* A question is over: those who wait for it have what it came to. */
static void share(struct bj_stub *stub, const struct bj_fetch *from)
{
    struct bj_places *places = &stub->places;

    /* Ends: each turn is at a later place. */
    for (size_t i = bj_places_blocked(places, 0); i < BJ_PLACES_MAX;
         i = bj_places_blocked(places, i + 1))
        if (share_with(&stub->lookups[i].inquiry, from))
            bj_places_ready(places, i);
}

/* Whether another lookup has asked the same and waits for the answer. */
static bool is_asked(const struct bj_stub *stub, const struct bj_fetch *fetch)
{
    for (size_t i = 0; i < stub->places.count; i++) {
        const struct bj_inquiry *inquiry = &stub->lookups[i].inquiry;

        if (stub->places.states[i] == BJ_PLACE_FREE)
            continue;
        for (size_t k = 0; k < inquiry->fetch_count; k++)
            if (inquiry->fetches[k].state == BJ_FETCH_ASKING &&
                bj_fetch_same(&inquiry->fetches[k], fetch))
                return true;
    }
    return false;
}

/* The next thing that a question wants done. */
static bool act(struct bj_stub *stub, size_t place, struct bj_frame *action)
{
    struct bj_stub_lookup *lookup = &stub->lookups[place];
    struct bj_inquiry *inquiry = &lookup->inquiry;

    for (size_t i = 0; i < inquiry->fetch_count; i++) {
        struct bj_fetch *fetch = &inquiry->fetches[i];
        struct bj_exchange_action next;

        if (fetch->state != BJ_FETCH_ASKING)
            continue;
        if (bj_fetch_act(fetch, &stub->desk, stub->now_ms, &lookup->entropy[i],
                         &next)) {
            frame_action(&next, stub->places.ids[place], i, action);
            return true;
        }
        if (fetch->state == BJ_FETCH_OVER)
            share(stub, fetch);
    }
    return false;
}

static size_t count_in(const struct bj_inquiry *inquiry,
                       enum bj_fetch_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < inquiry->fetch_count; i++)
        count += inquiry->fetches[i].state == state;
    return count;
}

/*
 * Asks what is pending, both at once, or with "single-request" one after the
 * other. A lookup that would ask what another has asked asks nothing, and
 * waits: so of those that wait for each other one always has asked. False if
 * it must wait.
 */
static bool ask(struct bj_stub *stub, size_t place)
{
    struct bj_stub_lookup *lookup = &stub->lookups[place];
    struct bj_inquiry *inquiry = &lookup->inquiry;
    const struct bj_resolvconf *conf = &stub->files.resolvconf;

    for (size_t i = 0; i < inquiry->fetch_count; i++)
        if (inquiry->fetches[i].state == BJ_FETCH_PENDING &&
            is_asked(stub, &inquiry->fetches[i]))
            return false;
    stub->options.first_server = stub->rotation % conf->server_count;
    if (conf->flags[BJ_RESOLV_ROTATE])
        stub->rotation += 1;
    for (size_t i = 0; i < inquiry->fetch_count; i++) {
        if (inquiry->fetches[i].state != BJ_FETCH_PENDING)
            continue;
        bj_fetch_ask(&inquiry->fetches[i], &stub->options, stub->now_ms,
                     &lookup->entropy[i]);
        if (conf->flags[BJ_RESOLV_SINGLE])
            break;
    }
    return true;
}

static void write_wait(const struct bj_inquiry *inquiry, uint32_t id,
                       struct bj_frame *action)
{
    action->type = BJ_FRAME_WAIT;
    action->lookup = id;
    action->time_ms = UINT64_MAX;
    for (size_t i = 0; i < inquiry->fetch_count; i++) {
        const struct bj_fetch *fetch = &inquiry->fetches[i];

        if (fetch->state == BJ_FETCH_ASKING &&
            fetch->action.until_ms < action->time_ms)
            action->time_ms = fetch->action.until_ms;
    }
}

/* A result that does not fit in a frame is a failure. */
static void write_result(struct bj_stub *stub, struct bj_result *result,
                         uint32_t id, struct bj_frame *action)
{
    struct bj_writer w;

    bj_writer_init(&w, stub->result, BJ_RESULT_MAX);
    if (bj_result_write(&w, result) != BJ_OK) {
        memset(result, 0, sizeof(*result));
        result->outcome = BJ_FAILED;
        bj_writer_init(&w, stub->result, BJ_RESULT_MAX);
        (void)!bj_result_write(&w, result);
    }
    action->type = BJ_FRAME_RESULT;
    action->lookup = id;
    action->payload = stub->result;
    action->payload_len = w.len;
}

static void end(struct bj_stub *stub, size_t place, struct bj_frame *action)
{
    struct bj_inquiry_means means = means_of(stub);
    struct bj_result result;

    bj_inquiry_result(&stub->lookups[place].inquiry, &means, &result);
    write_result(stub, &result, stub->places.ids[place], action);
    bj_places_leave(&stub->places, place);
}

/*
 * The next action of a lookup that is ready; false if it is blocked and has
 * none. Ends: each turn carries a question on, asks one, or passes over a
 * name of the search.
 */
static bool run(struct bj_stub *stub, size_t place, struct bj_frame *action)
{
    struct bj_inquiry *inquiry = &stub->lookups[place].inquiry;
    struct bj_inquiry_means means = means_of(stub);

    for (;;) {
        if (act(stub, place, action))
            return true;
        if (count_in(inquiry, BJ_FETCH_ASKING) > 0) {
            bj_places_done(&stub->places, false);
            write_wait(inquiry, stub->places.ids[place], action);
            return true;
        }
        if (count_in(inquiry, BJ_FETCH_PENDING) == 0 &&
            !bj_inquiry_advance(inquiry, &means, stub->now_ms,
                                stub->buffers + place * BUFFERS_LEN)) {
            bj_places_done(&stub->places, false);
            end(stub, place, action);
            return true;
        }
        if (!ask(stub, place)) {
            bj_places_done(&stub->places, true);
            return false;
        }
    }
}

static void refuse(struct bj_stub *stub, struct bj_frame *action)
{
    struct bj_result result;

    memset(&result, 0, sizeof(result));
    result.outcome = BJ_UNREACHABLE;
    write_result(stub, &result, stub->refused, action);
    stub->refusing = false;
}

static bool has_more(const struct bj_stub *stub)
{
    return stub->places.ready_count > 0 || stub->starting || stub->refusing;
}

enum bj_status bj_stub_step(struct bj_stub *stub, const struct bj_frame *event,
                            struct bj_frame *action)
{
    enum bj_status status = BJ_OK;

    memset(action, 0, sizeof(*action));
    if (event != NULL && has_more(stub))
        return BJ_BUG;
    if (event != NULL)
        status = take(stub, event);
    if (status != BJ_OK)
        return status;
    if (stub->starting) {
        stub->starting = false;
        action->type = BJ_FRAME_READY;
        return BJ_OK;
    }
    if (stub->refusing) {
        refuse(stub, action);
        return BJ_OK;
    }
    /* Ends: each turn answers a lookup, or blocks one. */
    while (stub->places.ready_count > 0)
        if (run(stub, bj_places_next(&stub->places), action))
            return BJ_OK;
    return BJ_NONE;
}
