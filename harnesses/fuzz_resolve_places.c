/*
 * Two octets a step: what, and whom. Oracles: a model that keeps the lookups
 * in lists agrees on who is where, whose turn it is and who is blocked, and
 * the places are the lowest that there can be.
 */
#include "core/resolve/places.h"
#include "harnesses/harness.h"

BJ_UNTRACED_BEGIN

enum { IDS = 300, STRIDE = 7 };

struct model {
    size_t place[IDS]; /* BJ_PLACES_MAX: none */
    enum bj_place_state state[IDS];
    bool held[BJ_PLACES_MAX]; /* one of the above has this place */
    unsigned turns[IDS];      /* ids that are ready, oldest first */
    size_t turn_count;
};

static size_t lowest_free(const struct model *m)
{
    const bool *place = memchr(m->held, false, sizeof(m->held));

    return place == NULL ? BJ_PLACES_MAX : (size_t)(place - m->held);
}

static void take(struct bj_places *p, struct model *m, unsigned id)
{
    if (m->place[id] != BJ_PLACES_MAX)
        return;
    m->place[id] = lowest_free(m);
    m->state[id] = BJ_PLACE_WAITING;
    BJ_CHECK(bj_places_take(p, id) == m->place[id], "lowest-is-taken");
    if (m->place[id] == BJ_PLACES_MAX)
        m->state[id] = BJ_PLACE_FREE;
    else
        m->held[m->place[id]] = true;
}

static void change(struct bj_places *p, struct model *m, unsigned id,
                   bool leaves)
{
    if (m->place[id] == BJ_PLACES_MAX || m->state[id] == BJ_PLACE_READY)
        return;
    if (leaves) {
        bj_places_leave(p, m->place[id]);
        m->held[m->place[id]] = false;
        m->place[id] = BJ_PLACES_MAX;
        m->state[id] = BJ_PLACE_FREE;
        return;
    }
    bj_places_ready(p, m->place[id]);
    m->state[id] = BJ_PLACE_READY;
    m->turns[m->turn_count] = id;
    m->turn_count += 1;
}

static void done(struct bj_places *p, struct model *m, bool blocked)
{
    bj_places_done(p, blocked);
    if (m->turn_count == 0)
        return;
    m->state[m->turns[0]] = blocked ? BJ_PLACE_BLOCKED : BJ_PLACE_WAITING;
    m->turn_count -= 1;
    memmove(m->turns, m->turns + 1, m->turn_count * sizeof(m->turns[0]));
}

static void check_found(const struct bj_places *p, const struct model *m,
                        unsigned id)
{
    BJ_CHECK(bj_places_find(p, id) == m->place[id], "found");
}

/* One id in seven, by the length of the script: to look for each, past all
 * places, would take half of a run. */
static void check_some(const struct bj_places *p, const struct model *m,
                       unsigned first)
{
    for (unsigned id = first; id < IDS; id += STRIDE)
        check_found(p, m, id);
}

/* Each place itself: to look for every id after every step would take nearly
 * all of a run. */
static void check(const struct bj_places *p, const struct model *m)
{
    size_t first_blocked = BJ_PLACES_MAX;
    size_t blocked = 0;
    size_t free_count = BJ_PLACES_MAX;

    for (unsigned i = 0; i < IDS; i++) {
        size_t place = m->place[i];

        if (place == BJ_PLACES_MAX)
            continue;
        free_count -= 1;
        BJ_CHECK(p->ids[place] == i && place < p->count, "whose-place");
        BJ_CHECK(p->states[place] == m->state[i], "state");
        if (m->state[i] != BJ_PLACE_BLOCKED)
            continue;
        blocked += 1;
        if (place < first_blocked)
            first_blocked = place;
    }
    for (size_t i = 0; i < BJ_PLACES_MAX; i++)
        free_count -= p->states[i] == BJ_PLACE_FREE;
    BJ_CHECK(free_count == 0, "others-are-free");
    BJ_CHECK(p->blocked_count == blocked, "blocked-counted");
    BJ_CHECK(bj_places_blocked(p, 0) == first_blocked, "first-blocked");
    BJ_CHECK(bj_places_next(p) ==
                 (m->turn_count > 0 ? m->place[m->turns[0]] : BJ_PLACES_MAX),
             "whose-turn");
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bj_places *p = calloc(1, sizeof(*p));
    struct model *m = calloc(1, sizeof(*m));

    if (p == NULL || m == NULL)
        abort();
    for (size_t i = 0; i < IDS; i++)
        m->place[i] = BJ_PLACES_MAX;
    for (size_t i = 0; i + 1 < size; i += 2) {
        unsigned id = (data[i + 1] + (data[i] & 64U)) % IDS;

        switch (data[i] % 8) {
        case 0:
        case 1:
            take(p, m, id);
            break;
        case 2:
            change(p, m, id, true);
            break;
        case 3:
        case 4:
            change(p, m, id, false);
            break;
        case 5:
            done(p, m, true);
            break;
        case 6:
            done(p, m, false);
            break;
        default: /* all that follow in a row */
            for (unsigned k = 0; k < id; k++)
                take(p, m, k);
            break;
        }
        check_found(p, m, id);
        if (size < 256 || i % 32 == 0)
            check(p, m);
    }
    check_some(p, m, (unsigned)(size / 2 % STRIDE));
    bj_digest(p->states, sizeof(p->states));
    free(p);
    free(m);
    return 0;
}
