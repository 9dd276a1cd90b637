#include "core/resolve/cache.h"

#include <string.h>

#include "core/bytes/arena.h"
#include "core/bytes/ascii.h"

enum { NAME_MAX_OCTETS = 255, MS_PER_S = 1000 };

/* What precedes name and value in the ring. Copied in and out: the ring is
 * octets, and records begin wherever the last one ended. */
struct record {
    uint64_t number; /* counts up: the lower, the older */
    uint64_t stored_ms;
    uint64_t expires_ms;
    uint32_t slot;
    uint32_t value_len;
    uint16_t type;
    uint8_t name_len;
    uint8_t outcome;
};

size_t bj_cache_cost(size_t name_len, size_t value_len)
{
    return sizeof(struct record) + name_len + value_len;
}

enum bj_status bj_cache_init(struct bj_cache *cache, void *memory, size_t size,
                             const struct bj_hash_key *key)
{
    size_t bucket_size = BJ_CACHE_WAYS * sizeof(struct bj_cache_slot);
    size_t buckets = 1;
    struct bj_arena arena;

    memset(cache, 0, sizeof(*cache));
    if (size < BJ_CACHE_MEMORY_MIN)
        return BJ_SPACE;
    if (size > UINT32_MAX)
        size = UINT32_MAX;
    /* A record of 130 octets is common: an eighth of the memory for slots
     * makes about two for each. */
    while (buckets * 2 <= size / 8 / bucket_size)
        buckets *= 2;
    bj_arena_init(&arena, memory, size);
    cache->slots = bj_arena_take_array(&arena, buckets, bucket_size,
                                       _Alignof(struct bj_cache_slot));
    cache->bucket_count = buckets;
    /* The rest is the ring, which is left alone until it is used: a page
     * that was never touched costs no memory. */
    cache->ring = arena.base + arena.len;
    cache->ring_cap = size - arena.len;
    cache->end = cache->ring_cap;
    cache->key = *key;
    return bj_arena_end(&arena);
}

static struct record load(const struct bj_cache *cache, size_t at)
{
    struct record record;

    memcpy(&record, cache->ring + at, sizeof(record));
    return record;
}

static const uint8_t *name_at(const struct bj_cache *cache, size_t at)
{
    return cache->ring + at + sizeof(struct record);
}

static struct bj_cache_slot *bucket_of(const struct bj_cache *cache,
                                       uint64_t hash)
{
    size_t bucket = (size_t)hash & (cache->bucket_count - 1);

    return cache->slots + bucket * BJ_CACHE_WAYS;
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash / 4294967296U);
}

/* Whether the slot's record is of this name; *record is then it. */
static bool holds_name(const struct bj_cache *cache,
                       const struct bj_cache_slot *slot, uint32_t tag,
                       const struct bj_cache_key *key, struct record *record)
{
    if (slot->at == 0 || slot->tag != tag)
        return false;
    *record = load(cache, slot->at - 1);
    return bj_ascii_equal_nocase(name_at(cache, slot->at - 1), record->name_len,
                                 key->name, key->name_len);
}

/* The oldest record goes, and its slot unless that has a newer one. */
static void drop_oldest(struct bj_cache *cache)
{
    struct record record = load(cache, cache->tail);

    if (cache->slots[record.slot].at == cache->tail + 1)
        cache->slots[record.slot].at = 0;
    cache->tail += bj_cache_cost(record.name_len, record.value_len);
    cache->record_count -= 1;
    if (cache->tail == cache->end) {
        cache->tail = 0;
        cache->end = cache->ring_cap;
    }
    if (cache->record_count == 0) {
        cache->head = 0;
        cache->tail = 0;
        cache->end = cache->ring_cap;
    }
}

/*
 * Makes `size` octets at the head free; the caller has seen to it that the
 * ring has so many. Each round either drops a record, of which there are
 * only so many, or begins the ring anew, which the next cannot do.
 */
static void make_room(struct bj_cache *cache, size_t size)
{
    for (;;) {
        bool whole = cache->record_count == 0 || cache->head > cache->tail;
        size_t limit = whole ? cache->ring_cap : cache->tail;

        if (size <= limit - cache->head)
            return;
        if (whole) {
            cache->end = cache->head;
            cache->head = 0;
        } else {
            drop_oldest(cache);
        }
    }
}

/* Seconds that the entry may be kept, 0 for not at all. */
static uint32_t kept_s(const struct bj_cache_entry *entry)
{
    uint32_t max;

    switch (entry->outcome) {
    case BJ_FOUND:
        max = BJ_CACHE_TTL_MAX;
        break;
    case BJ_NO_DATA:
    case BJ_NO_NAME:
        max = BJ_CACHE_NEGATIVE_TTL_MAX;
        break;
    case BJ_SERVER_FAILED:
        max = BJ_CACHE_FAILURE_TTL_MAX;
        break;
    default:
        return 0;
    }
    if (entry->ttl_s > INT32_MAX)
        return 0;
    return entry->ttl_s < max ? entry->ttl_s : max;
}

/* Forgets what the new entry replaces. */
static void forget(struct bj_cache *cache, uint64_t hash,
                   const struct bj_cache_key *key, enum bj_outcome outcome)
{
    struct bj_cache_slot *bucket = bucket_of(cache, hash);
    struct record record;

    for (size_t i = 0; i < BJ_CACHE_WAYS; i++)
        if (holds_name(cache, &bucket[i], tag_of(hash), key, &record) &&
            (outcome == BJ_NO_NAME || record.outcome == BJ_NO_NAME ||
             record.type == key->type))
            bucket[i].at = 0;
}

/* The slot to use: a free one, else one whose time is up, else the oldest. */
static struct bj_cache_slot *choose_slot(struct bj_cache *cache, uint64_t hash,
                                         uint64_t now_ms)
{
    struct bj_cache_slot *bucket = bucket_of(cache, hash);
    struct bj_cache_slot *chosen = bucket;
    uint64_t oldest = UINT64_MAX;

    for (size_t i = 0; i < BJ_CACHE_WAYS; i++) {
        struct record record;

        if (bucket[i].at == 0)
            return &bucket[i];
        record = load(cache, bucket[i].at - 1);
        if (record.expires_ms <= now_ms)
            record.number = 0;
        if (record.number < oldest) {
            oldest = record.number;
            chosen = &bucket[i];
        }
    }
    return chosen;
}

static void append(struct bj_cache *cache, const struct record *record,
                   const struct bj_cache_key *key, const uint8_t *value)
{
    uint8_t *to = cache->ring + cache->head;

    memcpy(to, record, sizeof(*record));
    memcpy(to + sizeof(*record), key->name, key->name_len);
    if (record->value_len > 0)
        memcpy(to + sizeof(*record) + key->name_len, value, record->value_len);
    cache->head += bj_cache_cost(key->name_len, record->value_len);
    cache->record_count += 1;
}

bool bj_cache_put(struct bj_cache *cache, const struct bj_cache_key *key,
                  const struct bj_cache_entry *entry, uint64_t now_ms)
{
    size_t value_len = entry->outcome == BJ_FOUND ? entry->value_len : 0;
    uint64_t kept_ms = (uint64_t)kept_s(entry) * MS_PER_S;
    struct bj_cache_slot *slot;
    struct record record;
    uint64_t hash;

    if (cache->bucket_count == 0 || key->name_len == 0 ||
        key->name_len > NAME_MAX_OCTETS)
        return false;
    hash = bj_hash_nocase(&cache->key, key->name, key->name_len);
    forget(cache, hash, key, entry->outcome);
    if (kept_ms == 0 || value_len > BJ_CACHE_VALUE_MAX ||
        bj_cache_cost(key->name_len, value_len) > cache->ring_cap)
        return false;
    make_room(cache, bj_cache_cost(key->name_len, value_len));
    slot = choose_slot(cache, hash, now_ms);
    slot->tag = tag_of(hash);
    slot->at = (uint32_t)cache->head + 1;
    memset(&record, 0, sizeof(record));
    record.number = ++cache->next_number;
    record.stored_ms = now_ms;
    record.expires_ms =
        kept_ms > UINT64_MAX - now_ms ? UINT64_MAX : now_ms + kept_ms;
    record.slot = (uint32_t)(slot - cache->slots);
    record.value_len = (uint32_t)value_len;
    record.type = key->type;
    record.name_len = (uint8_t)key->name_len;
    record.outcome = (uint8_t)entry->outcome;
    append(cache, &record, key, entry->value);
    return true;
}

bool bj_cache_get(const struct bj_cache *cache, const struct bj_cache_key *key,
                  uint64_t now_ms, struct bj_cache_entry *out)
{
    const struct bj_cache_slot *bucket;
    struct record record;
    uint64_t hash;

    memset(out, 0, sizeof(*out));
    if (cache->bucket_count == 0 || key->name_len > NAME_MAX_OCTETS)
        return false;
    hash = bj_hash_nocase(&cache->key, key->name, key->name_len);
    bucket = bucket_of(cache, hash);
    for (size_t i = 0; i < BJ_CACHE_WAYS; i++) {
        if (!holds_name(cache, &bucket[i], tag_of(hash), key, &record))
            continue;
        if (record.type != key->type && record.outcome != BJ_NO_NAME)
            continue;
        if (now_ms < record.stored_ms || now_ms >= record.expires_ms)
            return false;
        out->outcome = (enum bj_outcome)record.outcome;
        out->ttl_s = (uint32_t)((record.expires_ms - now_ms) / MS_PER_S);
        out->value = name_at(cache, bucket[i].at - 1) + record.name_len;
        out->value_len = record.value_len;
        return true;
    }
    return false;
}
