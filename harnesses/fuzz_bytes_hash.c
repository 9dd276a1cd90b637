/*
 * The first 16 octets are the key, the rest the message. Oracles: SipHash
 * written a second time the naive way (the message padded in memory, words
 * by shifts, the round as the paper's figure draws it); folding is hashing
 * what tolower made.
 */
#include "core/bytes/hash.h"
#include "harnesses/harness.h"

#include <ctype.h>

BJ_UNTRACED_BEGIN

static uint64_t little(const uint8_t *at)
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static void turn(uint64_t *x, int by)
{
    *x = *x << by | *x >> (64 - by);
}

static void rounds(uint64_t v[4], int n)
{
    while (n-- > 0) {
        /* Left half, right half, each then crossed. */
        v[0] += v[1], turn(&v[1], 13), v[1] ^= v[0], turn(&v[0], 32);
        v[2] += v[3], turn(&v[3], 16), v[3] ^= v[2];
        v[0] += v[3], turn(&v[3], 21), v[3] ^= v[0];
        v[2] += v[1], turn(&v[1], 17), v[1] ^= v[2], turn(&v[2], 32);
    }
}

static uint64_t naive(const uint8_t *key, const uint8_t *message, size_t len)
{
    static const char constants[] = "uespemosmodnarodarenegylsetybdet";
    size_t padded_len = len / 8 * 8 + 8;
    uint8_t *padded = calloc(1, padded_len);
    uint64_t v[4];

    if (padded == NULL)
        abort();
    if (len > 0)
        memcpy(padded, message, len);
    padded[padded_len - 1] = (uint8_t)len;
    for (int i = 0; i < 4; i++)
        v[i] = little((const uint8_t *)constants + 8 * i) ^
               little(key + i % 2 * 8);
    for (size_t at = 0; at < padded_len; at += 8) {
        v[3] ^= little(padded + at);
        rounds(v, 2);
        v[0] ^= little(padded + at);
    }
    free(padded);
    v[2] ^= 0xff;
    rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bj_hash_key key;
    uint8_t *folded;
    uint64_t hash;
    size_t len;

    if (size < 16)
        return 0;
    key = bj_hash_key_make(data);
    len = size - 16;
    hash = bj_hash(&key, data + 16, len);
    BJ_CHECK(hash == naive(data, data + 16, len), "naive");
    folded = bj_exact_copy(data + 16, len);
    for (size_t i = 0; i < len; i++)
        folded[i] = (uint8_t)(folded[i] < 128 ? tolower(folded[i]) : folded[i]);
    BJ_CHECK(bj_hash_nocase(&key, data + 16, len) == naive(data, folded, len),
             "folded");
    bj_digest(&hash, sizeof(hash));
    free(folded);
    return 0;
}
