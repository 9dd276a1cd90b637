#include "core/bytes/hash.h"

#include "core/bytes/ascii.h"

/* The four words of the state; names as in the paper. */
struct sip {
    uint64_t v0, v1, v2, v3;
};

/*@ requires 0 < bits < 64; assigns \nothing; */
static inline uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64U - bits);
}

/*@ requires \valid(s); assigns *s; */
static inline void round_once(struct sip *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

/*@ requires \valid(s); assigns *s; */
static inline void absorb(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    round_once(s);
    round_once(s);
    s->v0 ^= word;
}

/* Up to eight octets, little-endian, the missing ones zero. */
/*@
  requires n > 0 ==> \valid_read(bytes + (0 .. n - 1));
  assigns \nothing;
*/
static inline uint64_t word_at(const uint8_t *bytes, size_t n, int fold)
{
    uint64_t word = 0;

    /*@
      loop invariant i <= n;
      loop assigns i, word;
      loop variant i;
    */
    for (size_t i = n; i > 0; i--) {
        uint8_t octet = bytes[i - 1];

        word = word * 256U + (fold ? bj_ascii_lower(octet) : octet);
    }
    return word;
}

/*@
  requires \valid_read(key);
  requires len > 0 ==> \valid_read(bytes + (0 .. len - 1));
  assigns \nothing;
*/
static inline uint64_t sip_hash(const struct bj_hash_key *key,
                                const uint8_t *bytes, size_t len, int fold)
{
    /* The paper's constants: "somepseudorandomlygeneratedbytes". */
    struct sip s = {
        .v0 = key->words[0] ^ UINT64_C(0x736f6d6570736575),
        .v1 = key->words[1] ^ UINT64_C(0x646f72616e646f6d),
        .v2 = key->words[0] ^ UINT64_C(0x6c7967656e657261),
        .v3 = key->words[1] ^ UINT64_C(0x7465646279746573),
    };
    size_t whole = len - len % 8U;

    /*@
      loop invariant at <= whole && at % 8 == 0;
      loop assigns at, s;
      loop variant whole - at;
    */
    for (size_t at = 0; at < whole; at += 8)
        absorb(&s, word_at(bytes + at, 8, fold));
    /* The last word: what is left, and the length in its top octet. */
    absorb(&s,
           (uint64_t)(len % 256U) << 56 |
               (len > whole ? word_at(bytes + whole, len - whole, fold) : 0));
    s.v2 ^= 0xff;
    /*@
      loop invariant 0 <= i <= 4;
      loop assigns i, s;
      loop variant 4 - i;
    */
    for (int i = 0; i < 4; i++)
        round_once(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

struct bj_hash_key bj_hash_key_make(const uint8_t octets[static 16])
{
    struct bj_hash_key key = {
        .words = {word_at(octets, 8, 0), word_at(octets + 8, 8, 0)}};

    return key;
}

uint64_t bj_hash(const struct bj_hash_key *key, const uint8_t *bytes,
                 size_t len)
{
    return sip_hash(key, bytes, len, 0);
}

uint64_t bj_hash_nocase(const struct bj_hash_key *key, const uint8_t *bytes,
                        size_t len)
{
    return sip_hash(key, bytes, len, 1);
}
