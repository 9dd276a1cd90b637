#include "sandbox/resolve/engine.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>

/*
 * What the one that leads waits for, and what it does about what comes.
 */

enum {
    /* How long the spawner may go unheard. */
    UNHEARD_MS = 100,
    /* The fixed descriptors, in the order in which they are polled. */
    POLL_CONTROL = 0,
    POLL_WAKE
};

/* A lookup that has taken too long. */
static void expire(struct bj_resolver *r, unsigned slot)
{
    struct bj_slot *s = &r->engine->slots[slot];
    bool asked = s->state == BJ_SLOT_ASKED;

    bj_reply_fail(s->reply, BJ_TIMED_OUT, 0);
    bj_engine_finish(r, slot);
    if (asked && r->engine->workers[s->worker].alive)
        bj_worker_cancel(r, slot);
}

static void earlier(uint64_t *until, uint64_t time)
{
    if (time < *until)
        *until = time;
}

void bj_engine_judge(struct bj_resolver *r, uint64_t now_ms)
{
    struct bj_engine *e = r->engine;
    bool waits[BJ_WORKERS] = {false};

    for (unsigned i = bj_engine_next(e, 0); i < BJ_SLOTS;
         i = bj_engine_next(e, i + 1))
        if (e->slots[i].state == BJ_SLOT_ASKED && e->slots[i].event_count == 0)
            waits[e->slots[i].worker] = true;
    for (unsigned i = 0; i < r->worker_count; i++) {
        struct bj_worker *w = &e->workers[i];

        if (!w->alive || w->lookup_count == 0 || waits[i])
            w->owes_since_ms = 0;
        else if (w->owes_since_ms == 0)
            w->owes_since_ms = now_ms;
    }
}

uint64_t bj_engine_until(const struct bj_resolver *r)
{
    const struct bj_engine *e = r->engine;
    uint64_t until = bj_engine_patience(r);

    for (unsigned i = 0; i < r->worker_count; i++)
        if (e->workers[i].owes_since_ms != 0)
            earlier(&until, e->workers[i].owes_since_ms +
                                r->settings->worker_timeout_ms);
    for (unsigned i = bj_engine_next(e, 0); i < BJ_SLOTS;
         i = bj_engine_next(e, i + 1)) {
        const struct bj_slot *s = &e->slots[i];

        if (s->state == BJ_SLOT_DONE)
            continue;
        earlier(&until, s->deadline_ms);
        if (s->state == BJ_SLOT_ASKED && s->event_count == 0)
            earlier(&until, s->until_ms);
    }
    return until;
}

static void add(struct pollfd *fds, size_t *count, int fd, short events)
{
    fds[*count].fd = fd;
    fds[*count].events = events;
    fds[*count].revents = 0;
    *count += 1;
}

/* Everything to wait for; with the places noted, so that what comes is found
 * again even if the list has changed meanwhile. */
static size_t gather(struct bj_resolver *r, struct pollfd *fds, uint32_t epoch)
{
    struct bj_engine *e = r->engine;
    size_t count = 0;

    add(fds, &count, e->alive ? r->ledger.spawner.control.fd : -1, POLLIN);
    add(fds, &count, e->alive ? r->ledger.wake.heard.fd : -1, POLLIN);
    for (unsigned i = 0; i < r->worker_count; i++) {
        struct bj_worker *w = &e->workers[i];

        if (!w->alive)
            continue;
        w->polled.epoch = epoch;
        w->polled.index = (uint32_t)count;
        add(fds, &count, r->ledger.from[i].fd, POLLIN);
        if (w->out_len > 0) /* to be flushed, which every turn tries */
            add(fds, &count, r->ledger.to[i].fd, POLLOUT);
    }
    for (unsigned i = bj_engine_next(e, 0); i < BJ_SLOTS;
         i = bj_engine_next(e, i + 1))
        for (unsigned k = 0; k < BJ_FRAME_SOCKETS; k++) {
            struct bj_wire *wire = &e->slots[i].wires[k];
            short events = bj_wire_wants(r, i, k);

            if (events == 0)
                continue;
            wire->polled.epoch = epoch;
            wire->polled.index = (uint32_t)count;
            add(fds, &count, r->ledger.wires[i][k].fd, events);
        }
    return count;
}

/* Whether the spawner may go unheard for now. */
static bool may_not_hear(const struct bj_engine *e, uint64_t now_ms)
{
    return e->queued_count == 0 && e->wants == 0 && e->room_waiters == 0 &&
           now_ms < e->heard_ms + UNHEARD_MS;
}

/*
 * The worker that is all there is to wait for: it works on each lookup, and
 * owes an answer, which takes it microseconds. To poll more than it takes half
 * of one, and whatever else comes may as well be heard of after that; or it
 * hangs, and then there is a time for it. BJ_WORKERS if there is none.
 */
static unsigned debtor(const struct bj_resolver *r, uint64_t now_ms)
{
    const struct bj_engine *e = r->engine;
    unsigned only = BJ_WORKERS;

    if (!may_not_hear(e, now_ms))
        return BJ_WORKERS;
    for (unsigned i = 0; i < r->worker_count; i++) {
        if (!e->workers[i].alive)
            continue;
        if (only != BJ_WORKERS)
            return BJ_WORKERS;
        only = i;
    }
    if (only == BJ_WORKERS || e->workers[only].owes_since_ms == 0 ||
        e->workers[only].out_len > 0)
        return BJ_WORKERS;
    return only;
}

/* What the leader waits for. */
static size_t gather_due(struct bj_resolver *r, struct pollfd *fds,
                         uint32_t epoch, uint64_t now_ms)
{
    struct bj_engine *e = r->engine;
    unsigned only = debtor(r, now_ms);
    size_t count = 0;

    if (only == BJ_WORKERS) {
        count = gather(r, fds, epoch);
        if (e->visit != 0)
            fds[POLL_WAKE].fd = -1; /* there is nobody who could ring */
        e->heard_ms = now_ms;
        return count;
    }
    add(fds, &count, -1, 0);
    add(fds, &count, -1, 0);
    e->workers[only].polled.epoch = epoch;
    e->workers[only].polled.index = (uint32_t)count;
    add(fds, &count, r->ledger.from[only].fd, POLLIN);
    return count;
}

size_t bj_engine_polls(struct bj_resolver *r, struct pollfd *fds, size_t cap)
{
    struct bj_engine *e = r->engine;
    struct pollfd *all = e->polls[1];
    size_t count = gather(r, all, ++e->epoch);
    size_t filled = 0;

    add(all, &count, e->alive ? r->ledger.ready.heard.fd : -1, POLLIN);
    for (; filled < count && filled < cap; filled++)
        fds[filled] = all[filled];
    return count;
}

static short happened(const struct pollfd *fds, uint32_t epoch,
                      const struct bj_polled *polled)
{
    return polled->epoch == epoch ? fds[polled->index].revents : 0;
}

static void heed_fixed(struct bj_resolver *r, const struct pollfd *fds,
                       uint64_t now)
{
    if (fds[POLL_CONTROL].revents != 0)
        bj_engine_hear(r);
    bj_engine_urge(r, now);
    if ((fds[POLL_WAKE].revents & POLLNVAL) != 0)
        r->engine->broken = true;
    else if (fds[POLL_WAKE].revents != 0)
        bj_bell_still(&r->ledger.wake);
}

/* What time alone brings about. */
static void heed_time(struct bj_resolver *r, unsigned slot, uint64_t now)
{
    struct bj_slot *s = &r->engine->slots[slot];
    struct bj_frame frame = {.type = BJ_FRAME_TIMER};

    if (s->state != BJ_SLOT_QUEUED && s->state != BJ_SLOT_ASKED)
        return;
    if (now >= s->deadline_ms) {
        expire(r, slot);
        return;
    }
    if (s->state == BJ_SLOT_QUEUED || s->event_count > 0 || now < s->until_ms)
        return;
    if (s->timers_left == 0) {
        bj_worker_drop(r, s->worker, BJ_WORKER_LIED);
        return;
    }
    if (bj_worker_tell(r, slot, &frame, now))
        s->timers_left -= 1;
}

static void heed(struct bj_resolver *r, const struct pollfd *fds,
                 uint32_t epoch)
{
    struct bj_engine *e = r->engine;
    uint64_t now = bj_engine_now();

    heed_fixed(r, fds, now);
    for (unsigned i = 0; i < r->worker_count; i++) {
        struct bj_worker *w = &e->workers[i];

        if (w->alive && happened(fds, epoch, &w->polled) != 0)
            bj_worker_read(r, i, now);
        if (w->alive && w->owes_since_ms != 0 &&
            now >= w->owes_since_ms + r->settings->worker_timeout_ms)
            bj_worker_drop(r, i, BJ_WORKER_HUNG);
    }
    for (unsigned i = bj_engine_next(e, 0); i < BJ_SLOTS && !e->broken;
         i = bj_engine_next(e, i + 1)) {
        for (unsigned k = 0; k < BJ_FRAME_SOCKETS; k++) {
            struct bj_wire *wire = &e->slots[i].wires[k];

            if (e->slots[i].state != BJ_SLOT_ASKED)
                break;
            if (happened(fds, epoch, &wire->polled) != 0)
                bj_wire_ready(r, i, k, now);
            else if (wire->failed)
                bj_wire_report(r, i, now);
        }
        heed_time(r, i, now);
    }
}

static void fall_asleep(struct bj_resolver *r)
{
    r->engine->asleep = true;
    bj_engine_unlock(r);
}

static void wake_up(struct bj_resolver *r, bool interrupted)
{
    struct bj_engine *e = r->engine;

    pthread_mutex_lock(&e->lock);
    /* A signal's handler may close what it likes. */
    if (interrupted || !bj_engine_alone(r))
        bj_engine_visit(r);
    e->asleep = false;
    e->woken = false;
}

/*
 * In a program of one thread the reply to its one query is waited for by the
 * call that takes it: to poll before takes as long as two of the system calls
 * of a lookup. What becomes of the worker and of the spawner is heard of when
 * that gives up. False if there is more to wait for, or less time.
 */
static bool await_reply(struct bj_resolver *r, uint64_t now_ms,
                        uint64_t until_ms)
{
    struct bj_engine *e = r->engine;
    unsigned slot;
    unsigned k;
    ssize_t got;
    int error;

    if (e->visit == 0 || !may_not_hear(e, now_ms) ||
        until_ms < now_ms + BJ_SPARES_WAIT_MS || !bj_wire_only(r, &slot, &k))
        return false;
    fall_asleep(r);
    got = recv(r->ledger.wires[slot][k].fd, e->packet, BJ_MESSAGE_MAX, 0);
    error = errno;
    wake_up(r, got < 0);
    bj_wire_heard(r, slot, k, got, error, bj_engine_now());
    return true;
}

/* Polls for all that may come, until then at most. */
static void await_any(struct bj_resolver *r, bool block, uint64_t now_ms,
                      uint64_t until_ms)
{
    struct bj_engine *e = r->engine;
    struct pollfd *fds = e->polls[block ? 0 : 1];
    uint32_t epoch = ++e->epoch;
    size_t count =
        block ? gather_due(r, fds, epoch, now_ms) : gather(r, fds, epoch);
    uint64_t left = until_ms > now_ms ? until_ms - now_ms : 0;
    struct timespec timeout = {(time_t)(left / 1000),
                               (long)(left % 1000) * 1000000};
    int came;

    if (block)
        fall_asleep(r);
    came = ppoll(fds, (nfds_t)count, until_ms == UINT64_MAX ? NULL : &timeout,
                 NULL);
    for (size_t i = 0; i < count && came < 0; i++)
        fds[i].revents = 0;
    if (block)
        wake_up(r, came < 0);
    if (e->alive)
        heed(r, fds, epoch);
}

void bj_engine_turn(struct bj_resolver *r, bool block)
{
    uint64_t now = bj_engine_now();
    uint64_t until;

    bj_engine_judge(r, now);
    until = block ? bj_engine_until(r) : 0;
    if (!block || !await_reply(r, now, until))
        await_any(r, block, now, until);
    bj_engine_settle(r);
}
