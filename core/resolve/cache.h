#ifndef BJ_CORE_RESOLVE_CACHE_H
#define BJ_CORE_RESOLVE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/hash.h"
#include "core/bytes/status.h"
#include "core/netdb/error.h"

/*
 * What was found out about names, for as long as it may be kept (RFC 1035
 * section 3.2.1, RFC 2308), in memory of a fixed size that the caller
 * brings. Records lie in a ring and go out oldest first; a table of buckets
 * of BJ_CACHE_WAYS finds them, so that nothing ever looks at more than one
 * bucket. The hash is keyed: a stranger who chooses names cannot aim at one.
 *
 * Times are milliseconds of any clock that does not run backwards; if it
 * does, what was stored later than now is not found. Not for two threads at
 * once.
 */

/* Entries that can share a bucket: eight of 8 octets are one cache line. */
#define BJ_CACHE_WAYS 8

/* Memory below which it makes no sense: one bucket and some records. */
#define BJ_CACHE_MEMORY_MIN 1024

/*
 * Seconds that anything is kept at most: a day for data (RFC 8767 section 4
 * allows a week, but a cache is never told of a correction), three hours for
 * absence (RFC 2308 section 5), five minutes for a failure (section 7).
 */
#define BJ_CACHE_TTL_MAX 86400
#define BJ_CACHE_NEGATIVE_TTL_MAX 10800
#define BJ_CACHE_FAILURE_TTL_MAX 300

/* Octets of a value; larger answers are not worth what they push out. */
#define BJ_CACHE_VALUE_MAX 16384

struct bj_cache_slot {
    uint32_t tag;
    uint32_t at; /* of the record in the ring, plus 1; 0 for none */
};

/* All of it lies in the caller's memory, which stays where it is. */
struct bj_cache {
    struct bj_cache_slot *slots;
    size_t bucket_count; /* a power of two */
    uint8_t *ring;
    size_t ring_cap;
    /* Records lie in [tail, head), or in [tail, end) and then [0, head). */
    size_t head;
    size_t tail;
    size_t end;
    size_t record_count;
    uint64_t next_number;
    struct bj_hash_key key;
};

/* A question: up to 255 octets of name, as text or in wire form, compared
 * without regard to case (RFC 4343), and a type. */
struct bj_cache_key {
    const uint8_t *name;
    size_t name_len;
    uint16_t type;
};

/*
 * What is known: BJ_FOUND with a value, or BJ_NO_DATA for this type, or
 * BJ_NO_NAME for every type (RFC 2308 section 5), or BJ_SERVER_FAILED.
 */
struct bj_cache_entry {
    enum bj_outcome outcome;
    uint32_t ttl_s;
    const uint8_t *value;
    size_t value_len;
};

/* Starts an empty cache. BJ_SPACE if `size` is under BJ_CACHE_MEMORY_MIN;
 * the cache then keeps nothing. No more than 4 GiB are used. */
BJ_MUST_CHECK enum bj_status bj_cache_init(struct bj_cache *cache, void *memory,
                                           size_t size,
                                           const struct bj_hash_key *key);

/*
 * Keeps an entry, in place of what was known of the same question: absence
 * of the name replaces all that was known of it, anything else its absence.
 * The TTL is cut to the limits above. True if it was kept; not if it may not
 * be (TTL 0, or over 2^31 - 1, which RFC 2181 section 8 has as 0), if it is
 * too large, or for another outcome. What was known is then still replaced.
 */
bool bj_cache_put(struct bj_cache *cache, const struct bj_cache_key *key,
                  const struct bj_cache_entry *entry, uint64_t now_ms);

/*
 * Looks an entry up. True: *out is it, with the whole seconds that are left;
 * the value lies in the cache until the next put. False: *out is zero.
 */
bool bj_cache_get(const struct bj_cache *cache, const struct bj_cache_key *key,
                  uint64_t now_ms, struct bj_cache_entry *out);

/*
 * The octets of ring that an entry takes. An entry is kept until its time is
 * up unless BJ_CACHE_WAYS others came into its bucket later, or what came
 * later, with a gap at the end of the ring, needed its room.
 */
size_t bj_cache_cost(size_t name_len, size_t value_len);

#endif
