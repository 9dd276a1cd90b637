/*
 * Drives a fetch with a scripted network: loss, failure, streams, honest
 * replies, forgeries and octets of the script's own. Oracles: it ends; it
 * believes nothing but replies; an honest reply is the answer; what was found
 * can be read, is of the type asked for, and is what the cache and whoever
 * shares it have afterwards.
 */
#include "core/bytes/cursor.h"
#include "core/dns/types.h"
#include "core/resolve/fetch.h"
#include "core/resolve/lookup.h"
#include "harnesses/harness.h"
#include "harnesses/support/network.h"

enum { CACHE_LEN = 65536 };

struct world {
    struct bj_fetch fetch;
    struct bj_fetch_desk desk;
    struct bj_query_entropy entropy;
    struct bj_cursor script;
    uint64_t now_ms;
    uint8_t query[BJ_QUERY_MAX];
    size_t query_len;
    bool tcp;
    bool connected;
    uint8_t message[2 + BJ_NETWORK_MAX];
    bool believed; /* a reply to the query at hand was the last message */
    bool honest;
    bool raw; /* octets of the script's own are in the stream */
};

static void perform(struct world *w, const struct bj_exchange_action *action)
{
    switch (action->kind) {
    case BJ_EXCHANGE_SEND:
        memcpy(w->query, action->bytes, action->len);
        w->query_len = action->len;
        w->tcp = false;
        break;
    case BJ_EXCHANGE_CONNECT:
        w->tcp = true;
        w->connected = false;
        w->raw = false;
        break;
    case BJ_EXCHANGE_WRITE:
        memcpy(w->query, action->bytes + 2, action->len - 2);
        w->query_len = action->len - 2;
        break;
    default:
        break;
    }
    w->entropy.id = (uint16_t)(w->entropy.id * 25173U + 13849U);
}

static void take(struct world *w, enum bj_exchange_event_kind kind,
                 const uint8_t *bytes, size_t len)
{
    struct bj_exchange_event event = {
        .kind = kind, .now_ms = w->now_ms, .len = len, .entropy = &w->entropy};
    uint8_t *exact = bj_exact_copy(bytes, len);

    event.bytes = exact;
    bj_fetch_take(&w->fetch, &event, &w->desk);
    /* It is not needed afterwards. */
    free(exact);
}

static void take_message(struct world *w)
{
    enum bj_network_reply kind =
        bj_cursor_u8(&w->script) % BJ_NETWORK_REPLY_COUNT;
    unsigned detail = bj_cursor_u8(&w->script);
    size_t len =
        bj_network_reply(kind, detail, w->query, w->query_len, w->message + 2);

    w->believed =
        bj_network_is_reply(w->query, w->query_len, w->message + 2, len);
    w->honest = kind == BJ_NETWORK_HONEST && !w->raw;
    w->message[0] = (uint8_t)(len >> 8);
    w->message[1] = (uint8_t)len;
    if (w->tcp)
        take(w, BJ_EXCHANGE_STREAM, w->message, len + 2);
    else
        take(w, BJ_EXCHANGE_DATAGRAM, w->message + 2, len);
}

/* The reply's header and question, and behind them what the script says. */
static void take_raw(struct world *w)
{
    uint8_t message[2 + 512];
    size_t head = w->query_len < 11 ? 0 : w->query_len - 11;
    size_t len = bj_cursor_u8(&w->script);
    struct bj_cursor part;

    if (len > bj_cursor_left(&w->script))
        len = bj_cursor_left(&w->script);
    bj_cursor_narrow(&w->script, len, &part);
    memcpy(message + 2, w->query, head);
    message[4] |= 0x80;
    message[9] = 1; /* ANCOUNT */
    message[13] = 0;
    if (len > 0)
        memcpy(message + 2 + head, part.base, len);
    message[0] = (uint8_t)((head + len) >> 8);
    message[1] = (uint8_t)(head + len);
    w->believed = true;
    w->honest = false;
    if (w->tcp) {
        w->raw = true;
        take(w, BJ_EXCHANGE_STREAM, message, head + len + 2);
    } else {
        take(w, BJ_EXCHANGE_DATAGRAM, message + 2, head + len);
    }
}

static void next_event(struct world *w)
{
    uint64_t until = w->fetch.action.until_ms;
    uint8_t op = bj_cursor_u8(&w->script) % 8U;

    w->believed = w->honest = false;
    if (!bj_cursor_ok(&w->script) || op == 0) {
        w->now_ms = until;
        take(w, BJ_EXCHANGE_TIMER, NULL, 0);
    } else if (op == 1) {
        take(w, BJ_EXCHANGE_FAILED, NULL, 0);
    } else if (w->tcp && !w->connected) {
        w->connected = true;
        take(w, BJ_EXCHANGE_CONNECTED, NULL, 0);
    } else if (op == 2) {
        take_raw(w);
    } else {
        take_message(w);
    }
    if (w->honest)
        BJ_CHECK(w->fetch.outcome == BJ_FOUND, "honest-is-found");
}

static void run(struct world *w, size_t size)
{
    struct bj_exchange_action action;
    size_t budget = size + 8UL * BJ_EXCHANGE_QUERIES_MAX;

    while (w->fetch.state != BJ_FETCH_OVER) {
        BJ_CHECK(budget-- > 0, "ends");
        if (bj_fetch_act(&w->fetch, &w->desk, w->now_ms, &w->entropy, &action))
            perform(w, &action);
        else if (w->fetch.state == BJ_FETCH_ASKING)
            next_event(w);
    }
}

static void check_value(struct world *w)
{
    static _Alignas(16) uint8_t block[262144];
    const struct bj_fetch *f = &w->fetch;
    enum bj_family family =
        f->type == BJ_TYPE_A ? BJ_FAMILY_IP4 : BJ_FAMILY_IP6;
    struct bj_answer answer;
    struct bj_arena arena;
    struct bj_cursor c;

    BJ_CHECK(f->outcome == BJ_FOUND || f->value_len == 0, "value-if-found");
    if (f->outcome != BJ_FOUND)
        return;
    BJ_CHECK(w->believed, "believes-replies-only");
    bj_cursor_init(&c, f->buffer, f->value_len);
    bj_arena_init(&arena, block, sizeof(block));
    BJ_CHECK(bj_result_read_answer(&c, &arena, &answer) == BJ_OK,
             "value-is-an-answer");
    BJ_CHECK(answer.address_count > 0, "has-addresses");
    for (size_t i = 0; i < answer.address_count; i++)
        BJ_CHECK(answer.addresses[i].family == family, "of-the-type");
    bj_digest(f->buffer, f->value_len);
}

static bool same(const struct bj_fetch *a, const struct bj_fetch *b)
{
    return a->outcome == b->outcome && a->ttl == b->ttl &&
           a->value_len == b->value_len &&
           memcmp(a->buffer, b->buffer, a->value_len) == 0;
}

static void check_afterwards(struct world *w)
{
    uint8_t *buffer = malloc(BJ_FETCH_BUFFER_LEN);
    struct bj_fetch other;
    bool known;

    if (buffer == NULL)
        abort();
    bj_fetch_set(&other, &w->fetch.name, w->fetch.type, buffer);
    BJ_CHECK(bj_fetch_same(&other, &w->fetch), "same-question");
    known = bj_fetch_recall(&other, &w->desk, w->now_ms);
    if (w->fetch.outcome == BJ_FOUND && w->fetch.ttl > 0 &&
        w->fetch.ttl <= BJ_CACHE_TTL_MAX &&
        w->fetch.value_len <= BJ_CACHE_VALUE_MAX)
        BJ_CHECK(known && same(&other, &w->fetch), "kept");
    bj_fetch_set(&other, &w->fetch.name, w->fetch.type, buffer);
    bj_fetch_share(&other, &w->fetch);
    BJ_CHECK(other.state == BJ_FETCH_OVER && same(&other, &w->fetch), "shared");
    free(buffer);
}

static void start(struct world *w, uint8_t *buffer)
{
    uint8_t bits = bj_cursor_u8(&w->script);
    struct bj_exchange_options options = {.server_count = bits & 3,
                                          .attempts = bits >> 2 & 1,
                                          .timeout_s = 5,
                                          .use_vc = bits >> 3 & 1,
                                          .edns = true};
    struct bj_name name;

    w->now_ms = 5000;
    w->entropy.mix_case = true;
    w->entropy.case_bits[1] = 0x5a;
    BJ_CHECK(bj_name_parse("www.example.test", 16, &name, NULL) == BJ_OK,
             "name");
    bj_fetch_set(&w->fetch, &name, bits >> 4 & 1 ? BJ_TYPE_AAAA : BJ_TYPE_A,
                 buffer);
    BJ_CHECK(!bj_fetch_recall(&w->fetch, &w->desk, w->now_ms), "knows-nothing");
    bj_fetch_ask(&w->fetch, &options, w->now_ms, &w->entropy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key_octets[16] = {3};
    static struct bj_answer_scratch scratch;
    /* Of the heap they took half of a run, in the kernel: what is freed waits
     * in AddressSanitizer's quarantine, and the next is fresh pages. */
    static _Alignas(16) uint8_t memory[BJ_FETCH_MEMORY_LEN];
    static _Alignas(16) uint8_t cache[CACHE_LEN];
    struct bj_hash_key key = bj_hash_key_make(key_octets);
    uint8_t *buffer = malloc(BJ_FETCH_BUFFER_LEN);
    struct world w = {.now_ms = 0};

    if (buffer == NULL)
        abort();
    w.desk.scratch = &scratch;
    w.desk.memory = memory;
    w.desk.memory_len = sizeof(memory);
    BJ_CHECK(bj_cache_init(&w.desk.cache, cache, sizeof(cache), &key) == BJ_OK,
             "cache");
    bj_cursor_init(&w.script, data, size);
    start(&w, buffer);
    run(&w, size);
    check_value(&w);
    check_afterwards(&w);
    free(buffer);
    return 0;
}
