#include <errno.h>

#include "sandbox/resolve/engine.h"

/*
 * Which worker answers which lookup.
 */

/* Rounds of finding workers for what queues: each lookup is started again a few
 * times only, so this is never reached. */
enum { SETTLE_ROUNDS = 16 };

static bool is_current(const struct bj_resolver *r, const struct bj_worker *w)
{
    uint64_t generation =
        __atomic_load_n(&r->shared->generation, __ATOMIC_ACQUIRE);

    return w->generation >= generation ||
           (r->engine->generation_failed == generation && w->generation > 0);
}

/* A worker to ask; BJ_WORKERS if there is none. */
static unsigned choose(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;
    unsigned best = BJ_WORKERS;

    for (unsigned i = 0; i < r->worker_count; i++) {
        const struct bj_worker *w = &e->workers[i];

        if (!w->alive || w->taken || !is_current(r, w))
            continue;
        if (best == BJ_WORKERS || w->generation > e->workers[best].generation)
            best = i;
    }
    return best;
}

/* Ends workers that nobody will ask any more. */
static void retire(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;
    unsigned best = choose(r);

    for (unsigned i = 0; i < r->worker_count; i++) {
        const struct bj_worker *w = &e->workers[i];

        if (w->alive && !w->taken && w->lookup_count == 0 && i != best &&
            (best != BJ_WORKERS || r->settings->isolate) && !is_current(r, w))
            bj_worker_drop(r, i, BJ_WORKER_IDLE);
    }
}

static unsigned oldest_queued(const struct bj_engine *e)
{
    unsigned oldest = BJ_SLOTS;

    if (e->queued_count == 0)
        return oldest;
    for (unsigned i = bj_engine_next(e, 0); i < BJ_SLOTS;
         i = bj_engine_next(e, i + 1))
        if (e->slots[i].state == BJ_SLOT_QUEUED &&
            (oldest == BJ_SLOTS ||
             e->slots[i].ticket < e->slots[oldest].ticket))
            oldest = i;
    return oldest;
}

/* Asks for as many workers as there is use for. */
static void order(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;
    unsigned wanted = e->queued_count;
    unsigned alive = 0;
    bool idle = false;

    if (r->settings->isolate == BJ_ISOLATE_RESOLVER) {
        if (wanted > 0 && e->wants == 0)
            bj_engine_want(r);
        return;
    }
    for (unsigned i = 0; i < r->worker_count; i++) {
        alive += e->workers[i].alive;
        idle = idle || (e->workers[i].alive && !e->workers[i].taken);
    }
    wanted += !idle;
    while (e->wants < wanted && alive + e->wants < r->worker_count &&
           !e->broken)
        bj_engine_want(r);
}

void bj_engine_fail_queued(struct bj_resolver *r, int error)
{
    struct bj_engine *e = r->engine;
    /* What died or hung at its start: the next may well not. */
    bool passing = error == EPROTO || error == ETIMEDOUT;
    unsigned i;

    while ((i = oldest_queued(e)) != BJ_SLOTS) {
        bj_reply_fail(e->slots[i].reply, passing ? BJ_SERVER_FAILED : BJ_SYSTEM,
                      error);
        bj_engine_finish(r, i);
    }
}

static void assign(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;
    unsigned slot;

    while (!e->broken && (slot = oldest_queued(e)) != BJ_SLOTS) {
        unsigned worker = choose(r);

        if (worker == BJ_WORKERS)
            break;
        bj_worker_ask(r, worker, slot);
    }
    retire(r);
}

void bj_engine_settle(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;

    for (unsigned round = 0; round < SETTLE_ROUNDS; round++) {
        if (e->broken)
            bj_engine_break(r);
        if (!e->alive && oldest_queued(e) != BJ_SLOTS) {
            int error = bj_engine_open(r);

            if (error != 0) {
                bj_engine_fail_queued(r, error);
                return;
            }
        }
        if (!e->alive)
            return;
        assign(r);
        for (unsigned i = 0; i < r->worker_count; i++)
            if (e->workers[i].out_len > 0)
                bj_worker_flush(r, i);
        if (!e->broken &&
            (oldest_queued(e) == BJ_SLOTS || choose(r) == BJ_WORKERS)) {
            order(r);
            if (!e->broken)
                return;
        }
    }
}
