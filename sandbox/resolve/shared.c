#include "sandbox/resolve/shared.h"

#include <string.h>

/* How often a reader tries again while the list is being written: the writer
 * may be stopped in the middle, and nobody waits for that. */
enum { TRIES = 64 };

static uint32_t load(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

void bj_shared_publish(struct bj_shared *shared, const struct bj_own *own)
{
    uint32_t sequence = shared->sequence;

    __atomic_store_n(&shared->sequence, sequence + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    shared->own.known = own->known;
    shared->own.count = own->count;
    memcpy(shared->own.addresses, own->addresses,
           own->count * sizeof(own->addresses[0]));
    __atomic_store_n(&shared->sequence, sequence + 2, __ATOMIC_RELEASE);
}

/* Whether what was read since `sequence` was whole. */
static bool is_whole(const struct bj_shared *shared, uint32_t sequence)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return sequence % 2 == 0 && load(&shared->sequence) == sequence;
}

static bool is_loopback(const struct bj_address *address)
{
    static const uint8_t ip4[4] = {127, 0, 0, 1};
    static const uint8_t ip6[16] = {[15] = 1};

    if (address->family == BJ_FAMILY_IP4)
        return memcmp(address->octets, ip4, sizeof(ip4)) == 0;
    return memcmp(address->octets, ip6, sizeof(ip6)) == 0;
}

static size_t count_of(const struct bj_shared *shared)
{
    size_t count = shared->own.count;

    return count < BJ_OWN_ADDRESSES_MAX ? count : BJ_OWN_ADDRESSES_MAX;
}

void bj_shared_families(const struct bj_shared *shared, bool *ip4, bool *ip6)
{
    for (unsigned i = 0; i < TRIES; i++) {
        uint32_t sequence = load(&shared->sequence);
        bool known = shared->own.known;
        size_t count = count_of(shared);

        *ip4 = *ip6 = false;
        for (size_t k = 0; k < count; k++) {
            const struct bj_address *address =
                &shared->own.addresses[k].address;

            if (is_loopback(address))
                continue;
            *ip4 = *ip4 || address->family == BJ_FAMILY_IP4;
            *ip6 = *ip6 || address->family == BJ_FAMILY_IP6;
        }
        if (is_whole(shared, sequence) && known)
            return;
    }
    *ip4 = *ip6 = true;
}

bool bj_shared_find(const struct bj_shared *shared,
                    const struct bj_address *address,
                    struct bj_own_address *out)
{
    for (unsigned i = 0; i < TRIES; i++) {
        uint32_t sequence = load(&shared->sequence);
        size_t count = count_of(shared);
        bool found = false;

        for (size_t k = 0; k < count && !found; k++) {
            const struct bj_own_address *own = &shared->own.addresses[k];

            found = own->address.family == address->family &&
                    memcmp(own->address.octets, address->octets,
                           sizeof(address->octets)) == 0;
            if (found)
                *out = *own;
        }
        if (is_whole(shared, sequence))
            return found;
    }
    return false;
}
