#include "core/resolve/places.h"

size_t bj_places_find(const struct bj_places *places, uint32_t id)
{
    for (size_t i = 0; i < places->count; i++)
        if (places->ids[i] == id && places->states[i] != BJ_PLACE_FREE)
            return i;
    return BJ_PLACES_MAX;
}

size_t bj_places_take(struct bj_places *places, uint32_t id)
{
    size_t i = 0;

    while (i < places->count && places->states[i] != BJ_PLACE_FREE)
        i += 1;
    if (i == BJ_PLACES_MAX)
        return BJ_PLACES_MAX;
    places->ids[i] = id;
    places->states[i] = BJ_PLACE_WAITING;
    if (i == places->count)
        places->count += 1;
    return i;
}

void bj_places_leave(struct bj_places *places, size_t place)
{
    if (places->states[place] == BJ_PLACE_BLOCKED)
        places->blocked_count -= 1;
    places->states[place] = BJ_PLACE_FREE;
    while (places->count > 0 &&
           places->states[places->count - 1] == BJ_PLACE_FREE)
        places->count -= 1;
}

void bj_places_ready(struct bj_places *places, size_t place)
{
    size_t last = (places->ready_first + places->ready_count) % BJ_PLACES_MAX;

    if (places->states[place] == BJ_PLACE_BLOCKED)
        places->blocked_count -= 1;
    places->states[place] = BJ_PLACE_READY;
    places->ready[last] = (uint16_t)place;
    places->ready_count += 1;
}

size_t bj_places_next(const struct bj_places *places)
{
    return places->ready_count > 0 ? places->ready[places->ready_first]
                                   : BJ_PLACES_MAX;
}

void bj_places_done(struct bj_places *places, bool blocked)
{
    size_t place = bj_places_next(places);

    if (place == BJ_PLACES_MAX)
        return;
    places->states[place] = blocked ? BJ_PLACE_BLOCKED : BJ_PLACE_WAITING;
    places->blocked_count += blocked;
    places->ready_first = (places->ready_first + 1) % BJ_PLACES_MAX;
    places->ready_count -= 1;
}

size_t bj_places_blocked(const struct bj_places *places, size_t place)
{
    if (places->blocked_count == 0)
        return BJ_PLACES_MAX;
    for (size_t i = place; i < places->count; i++)
        if (places->states[i] == BJ_PLACE_BLOCKED)
            return i;
    return BJ_PLACES_MAX;
}
