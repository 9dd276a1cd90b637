#include "core/config/index.h"

#include <string.h>

/* The words of an entry. */
enum { HASH, OFFSET, NEXT, ENTRY_WORDS };

/* Slots for `cap` entries: half as many again and one, so that there is
 * always a free one, at which a probe ends. */
static size_t slots_for(size_t cap)
{
    return cap + cap / 2 + 1;
}

size_t bj_index_words(size_t cap)
{
    return cap == 0 ? 0 : slots_for(cap) + ENTRY_WORDS * cap;
}

void bj_index_init(struct bj_index *index, uint32_t *words, size_t cap)
{
    index->slots = words;
    index->slot_count = cap == 0 ? 0 : slots_for(cap);
    index->entries = cap == 0 ? words : words + index->slot_count;
    index->cap = cap;
    index->count = 0;
    if (cap > 0)
        memset(words, 0, index->slot_count * sizeof(*words));
}

static uint32_t *entry(const struct bj_index *index, uint32_t number)
{
    return index->entries + (size_t)number * ENTRY_WORDS;
}

/*
 * The slot that holds the key, or the free one where it would go. The upper
 * half of the hash picks where to begin (scaled to the number of slots,
 * which needs no division), the lower half tells keys apart.
 */
static size_t probe(const struct bj_index *index, uint64_t hash)
{
    size_t slot = (size_t)((hash >> 32) * index->slot_count >> 32);

    /* Ends: fewer entries than slots, so some slot is free. */
    while (index->slots[slot] != 0 &&
           entry(index, index->slots[slot] - 1)[HASH] != (uint32_t)hash) {
        slot += 1;
        if (slot == index->slot_count)
            slot = 0;
    }
    return slot;
}

enum bj_status bj_index_put(struct bj_index *index, uint64_t hash,
                            uint32_t offset)
{
    uint32_t number = (uint32_t)index->count;
    uint32_t *fresh;
    size_t slot;

    if (index->cap == 0)
        return BJ_SPACE;
    slot = probe(index, hash);
    if (index->slots[slot] != 0 &&
        entry(index, index->slots[slot] - 1)[OFFSET] == offset)
        return BJ_OK;
    if (index->count == index->cap)
        return BJ_SPACE;
    fresh = entry(index, number);
    fresh[HASH] = (uint32_t)hash;
    fresh[OFFSET] = offset;
    fresh[NEXT] = number;
    if (index->slots[slot] != 0) {
        /* The ring: newest to oldest, each to the next younger. */
        uint32_t *newest = entry(index, index->slots[slot] - 1);

        fresh[NEXT] = newest[NEXT];
        newest[NEXT] = number;
    }
    index->slots[slot] = number + 1;
    index->count += 1;
    return BJ_OK;
}

void bj_index_find(const struct bj_index *index, uint64_t hash,
                   struct bj_index_walk *walk)
{
    uint32_t newest = 0;

    if (index->count > 0)
        newest = index->slots[probe(index, hash)];
    walk->index = index;
    walk->ended = newest == 0;
    walk->last = walk->ended ? 0 : newest - 1;
    walk->next = walk->ended ? 0 : entry(index, walk->last)[NEXT];
}

bool bj_index_next(struct bj_index_walk *walk, uint32_t *offset)
{
    const uint32_t *here;

    *offset = 0;
    if (walk->ended)
        return false;
    here = entry(walk->index, walk->next);
    *offset = here[OFFSET];
    walk->ended = walk->next == walk->last;
    walk->next = here[NEXT];
    return true;
}
