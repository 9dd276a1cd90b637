/*
 * A capacity (first byte), then records of two bytes: a key and an offset.
 * The key's upper bits choose where probing begins, so that inputs make
 * collisions at will; key 255 links what was put so far, and key 254 before
 * that gives back what was not needed. Oracles: a list of pairs searched from
 * the front; what was given back is left alone.
 */
#include "core/config/index.h"
#include "harnesses/harness.h"

BJ_UNTRACED_BEGIN

enum { CAP_MAX = 64, RECORDS_MAX = 256 };

/* Sixteen beginnings, sixteen keys each. */
static uint64_t hash_of(uint8_t key)
{
    return (uint64_t)(key >> 4) << 28 | key % 16U;
}

struct pair {
    uint8_t key;
    uint8_t offset;
};

/* The offsets of a key in the order put, none of them twice in a row. */
static size_t expect(const struct pair *pairs, size_t count, uint8_t key,
                     uint32_t *out)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        if (pairs[i].key == key && (n == 0 || out[n - 1] != pairs[i].offset))
            out[n++] = pairs[i].offset;
    return n;
}

static void check_find(const struct bj_index *index, uint8_t key,
                       const struct pair *pairs, size_t count)
{
    uint32_t wanted[CAP_MAX], offset;
    size_t n = expect(pairs, count, key, wanted);
    struct bj_index_walk walk;

    bj_index_find(index, hash_of(key), &walk);
    for (size_t i = 0; i < n; i++) {
        BJ_CHECK(bj_index_next(&walk, &offset), "put-is-found");
        BJ_CHECK(offset == wanted[i], "in-order");
        bj_digest(&offset, sizeof(offset));
    }
    BJ_CHECK(!bj_index_next(&walk, &offset) && offset == 0, "no-more");
    BJ_CHECK(!bj_index_next(&walk, &offset), "ended-is-ended");
}

/* Every key that was put, once, and some that were not. */
static void check_all(const struct bj_index *index, const struct pair *pairs,
                      size_t count)
{
    bool seen[256] = {false};

    for (size_t i = 0; i < count; i++) {
        if (!seen[pairs[i].key])
            check_find(index, pairs[i].key, pairs, count);
        seen[pairs[i].key] = true;
    }
    for (unsigned key = 0; key < 255; key += 17)
        if (!seen[key])
            check_find(index, (uint8_t)key, pairs, count);
}

static void check_left_alone(const uint32_t *words, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        BJ_CHECK(words[i] == 0xa5a5a5a5, "given-back-is-left-alone");
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cap = size > 0 ? data[0] % CAP_MAX : 0;
    uint32_t *words = malloc(4 * bj_index_words(cap) + 1);
    struct pair pairs[CAP_MAX];
    struct bj_index index;
    size_t count = 0, linked = 0, word_count = bj_index_words(cap);

    if (words == NULL)
        abort();
    memset(words, 0xa5, 4 * word_count);
    bj_index_init(&index, words, word_count);
    BJ_CHECK(index.cap == cap, "capacity");
    for (size_t i = 1; i + 1 < size && i < 2 * RECORDS_MAX; i += 2) {
        enum bj_status status;

        if (data[i] == 255) {
            bj_index_link(&index);
            linked = count;
            continue;
        }
        if (data[i] == 254 && linked == 0) {
            bj_index_fit(&index);
            cap = count;
            continue;
        }
        status = bj_index_put(&index, hash_of(data[i]), data[i + 1]);
        BJ_CHECK(status == (count < cap ? BJ_OK : BJ_SPACE), "put");
        if (status == BJ_OK) {
            pairs[count].key = data[i];
            pairs[count++].offset = data[i + 1];
        }
        check_find(&index, data[i], pairs, linked);
    }
    bj_index_link(&index);
    check_all(&index, pairs, count);
    check_left_alone(words, bj_index_words(cap), word_count);
    free(words);
    return 0;
}
