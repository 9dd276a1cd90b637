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

/* The greatest cap that `word_count` is enough for: 2 / 9 of it, or one or
 * two less, since every two entries take 3 slots and 6 words. */
static size_t cap_for(size_t word_count)
{
    size_t cap = word_count / 9 * 2 + 1;

    while (cap > 0 && bj_index_words(cap) > word_count)
        cap -= 1;
    return cap;
}

void bj_index_init(struct bj_index *index, uint32_t *words, size_t word_count)
{
    memset(index, 0, sizeof(*index));
    index->cap = cap_for(word_count);
    index->entries = words;
}

void bj_index_fit(struct bj_index *index)
{
    index->cap = index->count;
}

static uint32_t *entry(const struct bj_index *index, uint32_t number)
{
    return index->entries + (size_t)number * ENTRY_WORDS;
}

/* Where probing for a hash begins: the hash scaled to the number of slots,
 * which spreads as well as a remainder and needs no division. */
static size_t first_slot(const struct bj_index *index, uint32_t hash)
{
    return (size_t)((uint64_t)hash * index->slot_count >> 32);
}

/* The slot that holds the key, or the free one where it would go. */
static size_t probe(const struct bj_index *index, uint32_t hash)
{
    size_t slot = first_slot(index, hash);

    /* Ends: fewer entries than slots, so some slot is free. */
    while (index->slots[slot] != 0 &&
           entry(index, index->slots[slot] - 1)[HASH] != hash) {
        slot += 1;
        if (slot == index->slot_count)
            slot = 0;
    }
    return slot;
}

enum bj_status bj_index_put(struct bj_index *index, uint64_t hash,
                            uint32_t offset)
{
    uint32_t *fresh;

    if (index->count == index->cap)
        return BJ_SPACE;
    fresh = entry(index, (uint32_t)index->count);
    fresh[HASH] = (uint32_t)hash;
    fresh[OFFSET] = offset;
    fresh[NEXT] = (uint32_t)index->count;
    index->count += 1;
    return BJ_OK;
}

static void link_entry(struct bj_index *index, uint32_t number)
{
    uint32_t *fresh = entry(index, number);
    uint32_t *slot = index->slots + probe(index, fresh[HASH]);

    if (*slot != 0) {
        /* The ring: newest to oldest, each to the next younger. */
        uint32_t *newest = entry(index, *slot - 1);

        if (newest[OFFSET] == fresh[OFFSET])
            return;
        fresh[NEXT] = newest[NEXT];
        newest[NEXT] = number;
    }
    *slot = number + 1;
}

/*
 * Asks ahead for what linking an entry will read: twice NEAR entries before,
 * its slot, and NEAR before, the entry that the slot leads to. A few dozen
 * entries of 12 octets stay in the first-level cache meanwhile.
 */
static void prefetch(const struct bj_index *index, size_t number)
{
    enum { NEAR = 16 };
    const uint32_t *slot;

    if (number + 2 * NEAR < index->count) {
        uint32_t hash = entry(index, (uint32_t)number + 2 * NEAR)[HASH];

        __builtin_prefetch(index->slots + first_slot(index, hash), 1);
    }
    if (number + NEAR >= index->count)
        return;
    slot = index->slots +
           first_slot(index, entry(index, (uint32_t)number + NEAR)[HASH]);
    if (*slot != 0)
        __builtin_prefetch(entry(index, *slot - 1), 1);
}

/* The slots, behind the room for entries. */
static void make_slots(struct bj_index *index)
{
    index->slots = index->entries + ENTRY_WORDS * index->cap;
    index->slot_count = slots_for(index->cap);
    memset(index->slots, 0, index->slot_count * sizeof(*index->slots));
}

void bj_index_link(struct bj_index *index)
{
    if (index->count > 0 && index->slots == NULL)
        make_slots(index);
    /* Ends: each turn links an entry. */
    while (index->linked < index->count) {
        prefetch(index, index->linked);
        link_entry(index, (uint32_t)index->linked);
        index->linked += 1;
    }
}

void bj_index_find(const struct bj_index *index, uint64_t hash,
                   struct bj_index_walk *walk)
{
    uint32_t newest = 0;

    if (index->linked > 0)
        newest = index->slots[probe(index, (uint32_t)hash)];
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
