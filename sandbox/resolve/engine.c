#include "sandbox/resolve/engine.h"

#include <time.h>

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#else
static const char __libc_single_threaded = 0; /* musl does not say */
#endif

/* For a lookup to find a worker at all: the spawner tries twice. */
enum { QUEUE_MS = 25000 };

uint64_t bj_engine_now(void)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

/* Without another thread, and without the trace, which is the caller's code,
 * nobody can have a descriptor closed until we wait. */
bool bj_engine_alone(const struct bj_resolver *r)
{
    return __libc_single_threaded != 0 && r->settings->trace == NULL;
}

void bj_engine_visit(struct bj_resolver *r)
{
    r->engine->visit = bj_engine_alone(r) ? ++r->engine->visits : 0;
}

void bj_engine_lock(struct bj_resolver *r)
{
    pthread_mutex_lock(&r->engine->lock);
    bj_engine_visit(r);
}

void bj_engine_unlock(struct bj_resolver *r)
{
    pthread_mutex_unlock(&r->engine->lock);
}

unsigned bj_engine_next(const struct bj_engine *e, unsigned from)
{
    /* Ends: each turn is one of four words. */
    while (from < BJ_SLOTS) {
        uint64_t word = e->used[from / 64] >> from % 64;

        if (word != 0)
            return from + (unsigned)__builtin_ctzll(word);
        from = (from / 64 + 1) * 64;
    }
    return BJ_SLOTS;
}

void bj_engine_wake(struct bj_resolver *r)
{
    if (!r->engine->asleep || r->engine->woken)
        return;
    bj_bell_ring(&r->ledger.wake);
    r->engine->woken = true;
}

/* What a thread waits for has come: for one that sleeps, or for the leader. */
static void announce(struct bj_resolver *r, pthread_cond_t *condition)
{
    if (r->engine->leader == condition)
        bj_engine_wake(r);
    else
        pthread_cond_signal(condition);
}

/* ---- slots ---- */

void bj_slot_become(struct bj_resolver *r, unsigned slot,
                    enum bj_slot_state state)
{
    struct bj_engine *e = r->engine;

    e->queued_count -= e->slots[slot].state == BJ_SLOT_QUEUED;
    e->queued_count += state == BJ_SLOT_QUEUED;
    e->slots[slot].state = state;
}

static unsigned vacancy(const struct bj_engine *e)
{
    for (unsigned i = 0; i < BJ_SLOTS / 64; i++)
        if (e->used[i] != UINT64_MAX)
            return i * 64 + (unsigned)__builtin_ctzll(~e->used[i]);
    return BJ_SLOTS;
}

/* A vacancy: that of a call whose reply is there, if there is no other. Calls
 * that wait for one are first, so that more than one may have to go. */
static unsigned make_room(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;
    unsigned vacant = vacancy(e);

    for (unsigned i = 0; vacant == BJ_SLOTS && i < BJ_SLOTS; i++) {
        struct bj_call *call = e->slots[i].call;

        if (e->slots[i].state != BJ_SLOT_DONE || call == NULL)
            continue;
        bj_call_leave(r, call);
        vacant = vacancy(e);
    }
    return vacant;
}

bool bj_engine_begin(struct bj_resolver *r, const struct bj_lookup *lookup,
                     struct bj_reply *reply, struct bj_call *call,
                     unsigned *slot)
{
    struct bj_engine *e = r->engine;
    unsigned i = make_room(r);
    unsigned most = r->settings->lookup_timeout_ms;
    struct bj_slot *s;
    struct bj_writer w;

    if (i == BJ_SLOTS)
        return false;
    e->used[i / 64] |= UINT64_C(1) << i % 64;
    s = &e->slots[i];
    bj_slot_become(r, i, BJ_SLOT_QUEUED);
    s->id = 0;
    s->reply = reply;
    s->call = call;
    s->ticket = ++e->ticket;
    s->deadline_ms = bj_engine_now() + (most != 0 ? most : QUEUE_MS);
    s->event_count = 0;
    s->retried = false;
    s->restarts = 0;
    *slot = i;
    bj_writer_init(&w, s->request, sizeof(s->request));
    if (bj_lookup_write(&w, lookup) != BJ_OK) {
        bj_reply_fail(reply, BJ_FAILED, 0);
        bj_engine_finish(r, i);
        return true;
    }
    s->request_len = w.len;
    bj_engine_settle(r);
    return true;
}

/* Its sockets are closed, and it is no longer on its worker. */
static void detach(struct bj_resolver *r, unsigned slot)
{
    struct bj_slot *s = &r->engine->slots[slot];
    struct bj_worker *w = &r->engine->workers[s->worker];
    bool asked = s->state == BJ_SLOT_ASKED && w->alive;

    bj_wire_close_all(r, slot);
    bj_slot_become(r, slot, BJ_SLOT_DONE);
    if (!asked)
        return;
    w->lookup_count -= 1;
    if (w->taken)
        bj_worker_drop(r, s->worker, BJ_WORKER_IDLE);
}

void bj_engine_finish(struct bj_resolver *r, unsigned slot)
{
    struct bj_engine *e = r->engine;
    struct bj_slot *s = &e->slots[slot];

    detach(r, slot);
    bj_trace_state(r, s->id, bj_outcome_text(bj_reply_outcome(s->reply)),
                   s->reply->error);
    if (s->call == NULL) {
        announce(r, &s->done);
        return;
    }
    bj_call_finish(r, s->call);
    if (e->room_waiters > 0)
        announce(r, &e->room);
}

void bj_engine_release(struct bj_resolver *r, unsigned slot)
{
    struct bj_engine *e = r->engine;
    struct bj_slot *s = &e->slots[slot];
    bool asked = s->state == BJ_SLOT_ASKED;

    detach(r, slot);
    if (asked && e->workers[s->worker].alive)
        bj_worker_cancel(r, slot);
    bj_slot_become(r, slot, BJ_SLOT_FREE);
    e->used[slot / 64] &= ~(UINT64_C(1) << slot % 64);
    if (e->waiting_head != NULL)
        bj_call_place(r);
    else if (e->room_waiters > 0)
        announce(r, &e->room);
}

void bj_engine_pass(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;
    bool calls = false;

    if (e->leader != NULL)
        return;
    for (unsigned i = bj_engine_next(e, 0); i < BJ_SLOTS;
         i = bj_engine_next(e, i + 1)) {
        if (e->slots[i].state == BJ_SLOT_DONE)
            continue;
        if (e->slots[i].call == NULL) {
            pthread_cond_signal(&e->slots[i].done);
            return;
        }
        calls = true;
    }
    if (e->room_waiters > 0)
        pthread_cond_signal(&e->room);
    else if (calls)
        bj_bell_ring(&r->ledger.ready);
}

/* Leads, or sleeps while another does, until something may have changed. */
static void wait_on(struct bj_resolver *r, pthread_cond_t *condition)
{
    struct bj_engine *e = r->engine;

    if (e->leader != NULL) {
        pthread_cond_wait(condition, &e->lock);
        return;
    }
    e->leader = condition;
    bj_engine_turn(r, true);
    e->leader = NULL;
}

void bj_engine_ask(struct bj_resolver *r, const struct bj_lookup *lookup,
                   struct bj_reply *reply)
{
    struct bj_engine *e = r->engine;
    unsigned slot;

    bj_reply_init(reply);
    bj_engine_lock(r);
    while (!bj_engine_begin(r, lookup, reply, NULL, &slot)) {
        e->room_waiters += 1;
        wait_on(r, &e->room);
        e->room_waiters -= 1;
    }
    while (e->slots[slot].state != BJ_SLOT_DONE)
        wait_on(r, &e->slots[slot].done);
    bj_engine_release(r, slot);
    bj_engine_pass(r);
    bj_engine_unlock(r);
}
