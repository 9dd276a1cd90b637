#include "core/resolve/fetch.h"

#include <string.h>

#include "core/resolve/lookup.h"

void bj_fetch_set(struct bj_fetch *q, const struct bj_name *name, uint16_t type,
                  uint8_t *buffer)
{
    q->state = BJ_FETCH_PENDING;
    q->type = type;
    q->name = *name;
    q->fresh = false;
    q->outcome = BJ_FAILED;
    q->ttl = 0;
    q->buffer = buffer;
    q->value_len = 0;
}

bool bj_fetch_same(const struct bj_fetch *a, const struct bj_fetch *b)
{
    return a->type == b->type && bj_name_equal(&a->name, &b->name);
}

static struct bj_cache_key key_of(const struct bj_fetch *q)
{
    struct bj_cache_key key = {q->name.octets, q->name.len, q->type};

    return key;
}

/* OVER. A value came from a buffer of this length, or the cache, which has
 * none of more than BJ_CACHE_VALUE_MAX. */
static void finish(struct bj_fetch *q, enum bj_outcome outcome, uint32_t ttl,
                   const uint8_t *value, size_t len)
{
    q->outcome = outcome;
    q->ttl = ttl;
    if (len > 0)
        memcpy(q->buffer, value, len);
    q->value_len = len;
    q->state = BJ_FETCH_OVER;
}

bool bj_fetch_recall(struct bj_fetch *q, const struct bj_fetch_desk *desk,
                     uint64_t now_ms)
{
    struct bj_cache_key key = key_of(q);
    struct bj_cache_entry entry;

    if (!bj_cache_get(&desk->cache, &key, now_ms, &entry))
        return false;
    finish(q, entry.outcome, entry.ttl_s, entry.value, entry.value_len);
    return true;
}

void bj_fetch_settle(struct bj_fetch *q, enum bj_outcome outcome)
{
    finish(q, outcome, 0, NULL, 0);
}

void bj_fetch_share(struct bj_fetch *q, const struct bj_fetch *from)
{
    finish(q, from->outcome, from->ttl, from->buffer, from->value_len);
}

void bj_fetch_ask(struct bj_fetch *q, const struct bj_exchange_options *options,
                  uint64_t now_ms, const struct bj_query_entropy *entropy)
{
    struct bj_exchange_event event = {
        .kind = BJ_EXCHANGE_START, .now_ms = now_ms, .entropy = entropy};

    if (bj_exchange_init(&q->exchange, options, &q->name, q->type, q->buffer) !=
        BJ_OK) {
        bj_fetch_settle(q, BJ_FAILED);
        return;
    }
    q->state = BJ_FETCH_ASKING;
    q->action = bj_exchange_step(&q->exchange, &event);
    q->fresh = true;
}

/* The answer into the buffer, over the message that it was read from. */
static enum bj_status write_value(struct bj_fetch *q,
                                  const struct bj_answer *answer)
{
    struct bj_writer w;
    enum bj_status status;

    bj_writer_init(&w, q->buffer, BJ_FETCH_BUFFER_LEN);
    status = bj_result_write_answer(&w, answer);
    q->value_len = status == BJ_OK ? w.len : 0;
    return status;
}

/*
 * What the reply that the exchange took says. The answer is a copy, in the
 * desk's memory, so that the buffer may be written over.
 */
static void read_reply(struct bj_fetch *q, struct bj_fetch_desk *desk)
{
    struct bj_match *match = &q->exchange.match;
    struct bj_answer answer;
    struct bj_arena arena;
    enum bj_status status;

    bj_arena_init(&arena, desk->memory, desk->memory_len);
    status = bj_answer_read_reply(&match->message, &q->exchange.query,
                                  desk->scratch, &arena, &answer);
    q->ttl = answer.ttl;
    if (status == BJ_OK)
        status = write_value(q, &answer);
    if (status == BJ_OK || status == BJ_NONE)
        q->outcome = bj_outcome_of_reply(match->rcode, status == BJ_OK);
    else
        q->outcome = BJ_FAILED;
    if (q->outcome != BJ_FOUND)
        q->value_len = 0;
}

void bj_fetch_take(struct bj_fetch *q, const struct bj_exchange_event *event,
                   struct bj_fetch_desk *desk)
{
    q->action = bj_exchange_step(&q->exchange, event);
    q->fresh = true;
    if (q->exchange.state == BJ_EXCHANGE_LEAVING)
        read_reply(q, desk);
}

/* The exchange is at its end. */
static void conclude(struct bj_fetch *q, struct bj_fetch_desk *desk,
                     uint64_t now_ms)
{
    struct bj_cache_key key = key_of(q);
    struct bj_cache_entry entry = {
        .ttl_s = q->ttl, .value = q->buffer, .value_len = q->value_len};

    q->state = BJ_FETCH_OVER;
    if (q->action.kind == BJ_EXCHANGE_FAIL) {
        q->outcome = q->exchange.outcome;
        return;
    }
    entry.outcome = q->outcome;
    (void)bj_cache_put(&desk->cache, &key, &entry, now_ms);
}

bool bj_fetch_act(struct bj_fetch *q, struct bj_fetch_desk *desk,
                  uint64_t now_ms, const struct bj_query_entropy *entropy,
                  struct bj_exchange_action *action)
{
    struct bj_exchange_event event = {
        .kind = BJ_EXCHANGE_NEXT, .now_ms = now_ms, .entropy = entropy};

    if (q->state != BJ_FETCH_ASKING)
        return false;
    if (!q->fresh && q->action.kind == BJ_EXCHANGE_WAIT)
        return false;
    if (!q->fresh)
        q->action = bj_exchange_step(&q->exchange, &event);
    q->fresh = false;
    switch (q->action.kind) {
    case BJ_EXCHANGE_WAIT:
        return false;
    case BJ_EXCHANGE_DONE:
    case BJ_EXCHANGE_FAIL:
        conclude(q, desk, now_ms);
        return false;
    default:
        *action = q->action;
        return true;
    }
}
