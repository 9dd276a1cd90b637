#ifndef BJ_CORE_CONFIG_INDEX_H
#define BJ_CORE_CONFIG_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/status.h"

/*
 * A hash index in memory that the caller lends: from a key to the offsets of
 * the lines that have it, in the order they were put. It knows keys only by
 * 32 bits of their hash (bytes/hash.h, keyed, so that nobody can aim for
 * collisions), so a find may also give lines of another key, about one in
 * 2^32 per pair: whoever reads the line looks. Open addressing with linear
 * probing, at most two thirds full; entries of one key are a ring, so that
 * putting and finding are constant time however many there are.
 *
 * Entries are put first and linked later, all together, because then it is
 * known ahead which memory each will touch: twice as fast on a large file.
 * And it is known then how many there are: an index may be begun in memory
 * for any number of them, and keep what it takes (bj_index_fit).
 */
struct bj_index {
    /* Three words each: hash, offset, number of the key's next entry. */
    uint32_t *entries;
    /* Number of the key's newest entry, plus 1; 0 is free. Behind the room
     * for entries, from the first link on. */
    uint32_t *slots;
    size_t slot_count;
    size_t cap;
    size_t count;
    size_t linked;
};

/* Words of 32 bits that an index of up to `cap` entries takes; `cap` at most
 * 2^30. At most 4.5 for each entry, and one. */
size_t bj_index_words(size_t cap);

/*
 * Makes an empty index in `words`, for as many entries as `word_count` has
 * room for. `words` may be NULL for a count of 0. They are the index's until
 * it is dropped.
 */
void bj_index_init(struct bj_index *index, uint32_t *words, size_t word_count);

/* Puts the line at `offset` under the key with this hash, to be found once it
 * is linked. BJ_SPACE, and nothing changed, when `cap` entries were put. */
BJ_MUST_CHECK enum bj_status bj_index_put(struct bj_index *index, uint64_t hash,
                                          uint32_t offset);

/* Gives back what `cap` entries take more than those that were put: the index
 * has the first bj_index_words(count) words, and takes no further entry. Only
 * before anything is linked. */
void bj_index_fit(struct bj_index *index);

/*
 * Links what was put since the last time. An offset that the key got last
 * already changes nothing (a name twice on one line).
 */
void bj_index_link(struct bj_index *index);

/* A walk over the lines of one key. */
struct bj_index_walk {
    const struct bj_index *index;
    uint32_t next;
    uint32_t last;
    bool ended;
};

/* Begins a walk over what is linked under this hash; nothing may be linked
 * during it. */
void bj_index_find(const struct bj_index *index, uint64_t hash,
                   struct bj_index_walk *walk);

/* The next offset, oldest first; false, and 0, when there are no more. */
bool bj_index_next(struct bj_index_walk *walk, uint32_t *offset);

#endif
