/*
 * A script of puts, gets and steps of the clock against a cache in a block
 * whose size and alignment the last two bytes choose, beside a model that is
 * a list of all that was ever put. Oracles: what is found is the last that
 * was put, octet for octet, and its time is not up (RFC 2308); what was just
 * put is found, in any case of letters; what is not found was pushed out by
 * enough that came later; the TTL never grows.
 */
#include "core/bytes/cursor.h"
#include "core/resolve/cache.h"
#include "harnesses/harness.h"

BJ_UNTRACED_BEGIN

/* Enough to fill the smallest bucket and the smallest ring twice over. */
enum { STEPS = 48, LAST = 8, NAMES = 64, TYPES = 4 };

/* The column for what is said of a name and all types: its absence. */
enum { ALL_TYPES = TYPES };

struct stored {
    unsigned name;
    uint16_t type;
    struct bj_cache_entry entry;
    uint64_t from_ms;
    uint64_t until_ms;
    size_t cost;
};

struct model {
    /* All that was kept, in its order. */
    struct stored all[STEPS];
    size_t count;
    /* For a name and type the last of them that counts, plus 1, or 0. */
    uint8_t last[NAMES][TYPES + 1];
    uint64_t now_ms;
    /* The latest it has ever been: what had expired then may be gone. */
    uint64_t latest_ms;
};

/* Name i is i % 8 + 1 letters: short and long ones, none a prefix's equal.
 * With `fold` every other letter is a capital. */
static struct bj_cache_key key_of(unsigned i, uint16_t type, bool fold,
                                  uint8_t out[16])
{
    struct bj_cache_key key = {out, i % 8U + 1U, type};

    for (size_t k = 0; k < key.name_len; k++) {
        out[k] = (uint8_t)('a' + (i / 8U + k) % 26U);
        if (fold && k % 2 == 0)
            out[k] = (uint8_t)(out[k] - 32);
    }
    return key;
}

static uint32_t model_ttl(const struct bj_cache_entry *entry)
{
    uint32_t ttl = entry->ttl_s > 0x7fffffff ? 0 : entry->ttl_s;

    if (entry->outcome == BJ_FOUND)
        return ttl > 24 * 3600 ? 24 * 3600 : ttl;
    if (entry->outcome == BJ_NO_NAME || entry->outcome == BJ_NO_DATA)
        return ttl > 3 * 3600 ? 3 * 3600 : ttl;
    if (entry->outcome == BJ_SERVER_FAILED)
        return ttl > 300 ? 300 : ttl;
    return 0;
}

static void model_forget(struct model *m, unsigned name, uint16_t type,
                         enum bj_outcome outcome)
{
    if (outcome == BJ_NO_NAME)
        memset(m->last[name], 0, sizeof(m->last[name]));
    m->last[name][type] = 0;
    m->last[name][ALL_TYPES] = 0;
}

static const struct stored *model_find(const struct model *m, unsigned name,
                                       uint16_t type)
{
    size_t one = m->last[name][type];
    size_t all = m->last[name][ALL_TYPES];

    BJ_CHECK(one == 0 || all == 0, "model-has-one");
    return one + all == 0 ? NULL : &m->all[one + all - 1];
}

/* Whether what came after it can have pushed it out: a bucket full of
 * others, or the ring once round with its gap. */
static bool pushed_out(const struct bj_cache *cache, const struct model *m,
                       const struct stored *s)
{
    size_t octets = s->cost;
    size_t gap = 0;
    size_t later = 0;

    for (const struct stored *t = s + 1; t < m->all + m->count; t++) {
        octets += t->cost;
        later += 1;
        if (t->cost > gap)
            gap = t->cost;
    }
    return later >= BJ_CACHE_WAYS || octets + gap > cache->ring_cap;
}

static void check_get(const struct bj_cache *cache, const struct model *m,
                      unsigned name, uint16_t type, bool fold)
{
    uint8_t octets[16];
    struct bj_cache_key key = key_of(name, type, fold, octets);
    const struct stored *s = model_find(m, name, type);
    bool fresh =
        s != NULL && m->now_ms >= s->from_ms && m->now_ms < s->until_ms;
    struct bj_cache_entry got;

    memset(&got, 0xa5, sizeof(got));
    if (!bj_cache_get(cache, &key, m->now_ms, &got)) {
        BJ_CHECK(!fresh || s->until_ms <= m->latest_ms ||
                     pushed_out(cache, m, s),
                 "lost");
        BJ_CHECK(got.outcome == 0 && got.ttl_s == 0 && got.value == NULL &&
                     got.value_len == 0,
                 "zero-when-not-found");
        return;
    }
    BJ_CHECK(fresh, "stale");
    BJ_CHECK(got.outcome == s->entry.outcome, "outcome");
    BJ_CHECK(got.ttl_s == (s->until_ms - m->now_ms) / 1000, "ttl-left");
    BJ_CHECK(got.value_len ==
                 (got.outcome == BJ_FOUND ? s->entry.value_len : 0),
             "value-length");
    BJ_CHECK(got.value_len == 0 ||
                 memcmp(got.value, s->entry.value, got.value_len) == 0,
             "value-same");
    BJ_CHECK(got.value >= cache->ring &&
                 got.value + got.value_len <= cache->ring + cache->ring_cap,
             "value-inside");
    bj_digest(got.value, got.value_len);
}

BJ_UNTRACED_END

static void put(struct bj_cache *cache, struct model *m, struct bj_cursor *c,
                unsigned name)
{
    static const enum bj_outcome outcomes[] = {
        BJ_FOUND, BJ_FOUND,   BJ_FOUND,   BJ_FOUND,
        BJ_FOUND, BJ_NO_DATA, BJ_NO_NAME, BJ_SERVER_FAILED};
    uint8_t how = bj_cursor_u8(c);
    uint8_t octets[16];
    struct bj_cache_key key =
        key_of(name, how / 8U % 4U, (how & 32) != 0, octets);
    struct stored *s = &m->all[m->count];
    size_t cost;
    bool kept;

    memset(s, 0, sizeof(*s));
    s->name = name;
    s->type = key.type;
    s->entry.outcome = (how & 64) != 0 ? BJ_TIMED_OUT : outcomes[how % 8U];
    s->entry.ttl_s = (how & 128) != 0 ? bj_cursor_u32(c) : bj_cursor_u8(c);
    s->entry.value_len = bj_cursor_u8(c);
    if (s->entry.value_len > bj_cursor_left(c))
        s->entry.value_len = bj_cursor_left(c);
    s->entry.value = bj_cursor_bytes(c, s->entry.value_len);
    s->from_ms = m->now_ms;
    s->until_ms = m->now_ms + UINT64_C(1000) * model_ttl(&s->entry);
    model_forget(m, name, key.type, s->entry.outcome);
    kept = bj_cache_put(cache, &key, &s->entry, m->now_ms);
    cost = bj_cache_cost(key.name_len,
                         s->entry.outcome == BJ_FOUND ? s->entry.value_len : 0);
    BJ_CHECK(kept == (s->until_ms > s->from_ms && cost <= cache->ring_cap),
             "kept-iff");
    if (kept) {
        s->cost = cost;
        m->count += 1;
        m->last[name][s->entry.outcome == BJ_NO_NAME ? ALL_TYPES : s->type] =
            (uint8_t)m->count;
    }
    /* Nothing came after it, so it is there. */
    check_get(cache, m, name, key.type, (how & 32) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct model m;
    size_t cap = 1000 + (size_t)bj_take_tail(data, &size) * 24;
    size_t shift = bj_take_tail(data, &size) % 16U;
    struct bj_hash_key hash_key = {{shift, cap}};
    uint8_t *block = malloc(cap + shift);
    struct bj_cache cache;
    struct bj_cursor c;
    enum bj_status status;

    if (block == NULL)
        abort();
    memset(m.last, 0, sizeof(m.last));
    m.count = 0;
    m.now_ms = 0;
    m.latest_ms = 0;
    status = bj_cache_init(&cache, block + shift, cap, &hash_key);
    BJ_CHECK((status == BJ_OK) == (cap >= 1024), "init");
    bj_cursor_init(&c, data, size);
    for (size_t i = 0; i < STEPS && bj_cursor_left(&c) > 0; i++) {
        uint8_t op = bj_cursor_u8(&c);
        unsigned name = op / 4U;

        if (op % 4U == 3)
            m.now_ms += bj_cursor_u16(&c) * UINT64_C(16);
        else if (op == 2)
            m.now_ms -= m.now_ms > 5000 ? 5000 : m.now_ms;
        else if (op % 4U == 2)
            check_get(&cache, &m, name % 32U, (uint16_t)(name / 32U), false);
        else if (status == BJ_OK)
            put(&cache, &m, &c, name);
        if (m.now_ms > m.latest_ms)
            m.latest_ms = m.now_ms;
        BJ_CHECK(cache.record_count <= m.count, "no-record-invented");
    }
    /* Every other of the last, which half by the shift. */
    for (size_t i = (m.count > LAST ? m.count - LAST : 0) + shift % 2;
         i < m.count; i += 2)
        check_get(&cache, &m, m.all[i].name, m.all[i].type, i % 4 < 2);
    free(block);
    return 0;
}
