/*
 * A capacity (first byte), then records of two bytes: a key and an offset.
 * The key's upper bits choose where probing begins, so that inputs make
 * collisions at will. Oracles: a list of pairs searched from the front.
 */
#include "core/config/index.h"
#include "harnesses/harness.h"

/* Sixteen beginnings, sixteen keys each. */
static uint64_t hash_of(uint8_t key)
{
    return (uint64_t)(key >> 4) << 60 | key % 16U;
}

struct pair {
    uint32_t tag;
    uint32_t offset;
};

/* Whether the newest line under the hash is `offset`. */
static bool newest_is(const struct bj_index *index, uint64_t hash,
                      uint32_t offset)
{
    struct bj_index_walk walk;
    uint32_t here, last = UINT32_MAX;

    bj_index_find(index, hash, &walk);
    while (bj_index_next(&walk, &here))
        last = here;
    return last == offset;
}

/* Keys that begin elsewhere may or may not share a chain with theirs, so the
 * oracle asks that a key's own lines are all there, in order, and that what
 * else there is has the same 32 bits. */
static void check_find(const struct bj_index *index, uint8_t key,
                       const struct pair *pairs, const uint8_t *keys,
                       size_t count)
{
    struct bj_index_walk walk;
    uint32_t offset;
    size_t steps = 0, at = 0;

    bj_index_find(index, hash_of(key), &walk);
    while (bj_index_next(&walk, &offset)) {
        BJ_CHECK(++steps <= count, "walk-ends");
        while (at < count &&
               !(pairs[at].tag == key % 16U && pairs[at].offset == offset))
            at++;
        BJ_CHECK(at < count, "found-was-put");
        at++;
        bj_digest(&offset, sizeof(offset));
    }
    BJ_CHECK(offset == 0 && !bj_index_next(&walk, &offset), "ended-is-ended");
    at = 0;
    for (size_t i = 0; i < count; i++)
        at += keys[i] == key;
    BJ_CHECK(steps >= at, "put-is-found");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cap = size > 0 ? data[0] % 64U : 0;
    uint32_t *words = malloc(4 * bj_index_words(cap) + 1);
    struct pair pairs[64];
    uint8_t keys[64];
    struct bj_index index;
    size_t count = 0;

    if (words == NULL)
        abort();
    memset(words, 0xa5, 4 * bj_index_words(cap));
    bj_index_init(&index, words, cap);
    for (size_t i = 1; i + 1 < size && i < 512; i += 2) {
        uint64_t hash = hash_of(data[i]);
        enum bj_status status = bj_index_put(&index, hash, data[i + 1]);

        if (status == BJ_OK)
            BJ_CHECK(newest_is(&index, hash, data[i + 1]), "put-is-newest");
        else
            BJ_CHECK(status == BJ_SPACE && count == cap, "refused-when-full");
        if (index.count == count)
            continue;
        BJ_CHECK(status == BJ_OK && index.count == count + 1, "one-more");
        pairs[count].tag = (uint32_t)hash;
        pairs[count].offset = data[i + 1];
        keys[count] = data[i];
        count++;
    }
    for (unsigned key = 0; key < 256; key += 5)
        check_find(&index, (uint8_t)key, pairs, keys, count);
    for (size_t i = 0; i < count; i++)
        check_find(&index, keys[i], pairs, keys, count);
    free(words);
    return 0;
}
