#ifndef BJ_CORE_RESOLVE_PLACES_H
#define BJ_CORE_RESOLVE_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The lookups that a stub has at once: a number of places, each taken by a
 * lookup's id or free, and whose turn it is. The lowest free place is taken
 * first, so that few lookups use little memory. Searches are linear in the
 * places up to the highest that is taken.
 */
#define BJ_PLACES_MAX 256

enum bj_place_state {
    BJ_PLACE_FREE,
    BJ_PLACE_WAITING, /* for an event */
    BJ_PLACE_READY,   /* it has something to say; in turn */
    BJ_PLACE_BLOCKED, /* it will have, when another lookup is further */
};

/* Zero-initialise: all are free. */
struct bj_places {
    uint32_t ids[BJ_PLACES_MAX];
    enum bj_place_state states[BJ_PLACES_MAX];
    size_t count; /* no place from this on is taken */
    size_t blocked_count;
    /* The ready ones, oldest first: a ring. */
    uint16_t ready[BJ_PLACES_MAX];
    size_t ready_first;
    size_t ready_count;
};

/* The place of an id, BJ_PLACES_MAX if it has none. */
size_t bj_places_find(const struct bj_places *places, uint32_t id);

/* Takes a place for an id that has none, WAITING; BJ_PLACES_MAX if all are
 * taken. */
size_t bj_places_take(struct bj_places *places, uint32_t id);

/* Frees a place that is not READY. */
void bj_places_leave(struct bj_places *places, size_t place);

/* Makes a place that is WAITING or BLOCKED the last of the READY. */
void bj_places_ready(struct bj_places *places, size_t place);

/* The READY place whose turn it is; BJ_PLACES_MAX if there is none. */
size_t bj_places_next(const struct bj_places *places);

/* Its turn is over: it is now WAITING, or BLOCKED. */
void bj_places_done(struct bj_places *places, bool blocked);

/* The first place from `place` on that is BLOCKED; BJ_PLACES_MAX if there is
 * none. */
size_t bj_places_blocked(const struct bj_places *places, size_t place);

#endif
