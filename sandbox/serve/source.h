#ifndef BJ_SANDBOX_SERVE_SOURCE_H
#define BJ_SANDBOX_SERVE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * Who is connected, slot by slot, in a role's own memory: the count of
 * connections and of those from one source. A source is an IPv4 address,
 * mapped or not, or the /64 of an IPv6 address, which is what one host is
 * usually given.
 */
struct bj_source_key {
    uint8_t octets[16]; /* all zero: free */
};

struct bj_places {
    struct bj_source_key *keys; /* one for each slot */
    uint32_t *free;             /* a stack of the free slots */
    size_t count, free_count;
};

/* Octets that so many places take. */
size_t bj_places_size(size_t count);

/* All are free, in `memory` of that size, which is aligned for uint32_t and
 * outlives them. */
void bj_places_empty(struct bj_places *places, size_t count, void *memory);

/*
 * A slot for a connection from that address, or -1 if there is none, or the
 * source has `per_source` (not 0) already. An address that is neither IPv4
 * nor IPv6 counts as one source.
 */
int bj_places_take(struct bj_places *places, const void *address, size_t len,
                   uint32_t per_source);

void bj_places_give(struct bj_places *places, size_t slot);

#endif
