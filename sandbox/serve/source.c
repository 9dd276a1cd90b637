#include "sandbox/serve/source.h"

#include <string.h>

#include "core/addr/endpoint.h"

size_t bj_places_size(size_t count)
{
    return count * (sizeof(uint32_t) + sizeof(struct bj_source_key));
}

void bj_places_empty(struct bj_places *places, size_t count, void *memory)
{
    places->free = memory;
    places->keys = (struct bj_source_key *)(places->free + count);
    memset(places->keys, 0, count * sizeof(*places->keys));
    places->count = count;
    places->free_count = count;
    /* The lowest slot is taken first. */
    for (size_t i = 0; i < count; i++)
        places->free[i] = (uint32_t)(count - 1 - i);
}

static struct bj_source_key key_of(const void *address, size_t len)
{
    struct bj_source_key key = {{0}};
    struct bj_address source;
    struct bj_endpoint peer;

    /* The last octet keeps any key from being all zero; it tells families
     * apart too, of which the /64 leaves it free. */
    key.octets[15] = 1;
    if (bj_endpoint_from_sockaddr(address, len, &peer) != BJ_OK)
        return key;
    source = bj_address_to_mapped(&peer.address);
    if (bj_address_is_mapped(&source)) {
        memcpy(key.octets, source.octets + 12, 4);
        key.octets[15] = 4;
    } else {
        memcpy(key.octets, source.octets, 8);
        key.octets[15] = 6;
    }
    return key;
}

int bj_places_take(struct bj_places *places, const void *address, size_t len,
                   uint32_t per_source)
{
    struct bj_source_key key = key_of(address, len);
    uint32_t same = 0;
    uint32_t slot;

    if (places->free_count == 0)
        return -1;
    for (size_t i = 0; per_source != 0 && i < places->count; i++)
        same += memcmp(&places->keys[i], &key, sizeof(key)) == 0;
    if (per_source != 0 && same >= per_source)
        return -1;
    places->free_count -= 1;
    slot = places->free[places->free_count];
    places->keys[slot] = key;
    return (int)slot;
}

void bj_places_give(struct bj_places *places, size_t slot)
{
    memset(&places->keys[slot], 0, sizeof(places->keys[slot]));
    places->free[places->free_count] = (uint32_t)slot;
    places->free_count += 1;
}
