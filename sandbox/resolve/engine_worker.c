#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/resolve/engine.h"

/*
 * The streams between the engine and a worker. What comes is a stranger's: a
 * frame that breaks the format, is not due, or asks for more than a lookup may
 * cost ends the worker.
 */

enum {
    SLOT_BITS = 8,
    TURN_MAX = (1 << (32 - SLOT_BITS)) - 1,
    /* Actions in answer to one event: both sockets closed, and both asked
     * anew, and as much again to spare. */
    ACTIONS_MAX = 16,
    /* Frames that may be on their way for a lookup as it is cancelled: the
     * answers to all of its events. */
    STRAYS_EACH = BJ_EVENTS_MAX * (ACTIONS_MAX + 1),
    /* Two queries more than a timer each: a wait may end before its time where
     * the two questions have times of their own. */
    TIMERS_PER_QUERY = 2,
    TIMERS_SPARE = 16,
    /* A lookup is asked again of a worker that died before it heard of it; not
     * for ever. */
    RESTARTS_MAX = 3
};

static struct bj_worker *worker_of(struct bj_resolver *r, unsigned slot)
{
    return &r->engine->workers[r->engine->slots[slot].worker];
}

/* ---- to the worker ---- */

bool bj_worker_has_room(const struct bj_worker *w)
{
    return BJ_LINK_OUT - w->out_len >= 2 * BJ_EVENT_MAX;
}

static bool put_frame(struct bj_resolver *r, struct bj_worker *w,
                      const struct bj_frame *frame)
{
    struct bj_writer writer;

    bj_writer_init(&writer, w->out + w->out_len, BJ_LINK_OUT - w->out_len);
    if (bj_frame_write(&writer, frame) != BJ_OK)
        return false;
    w->out_len += writer.len;
    bj_trace_frame(r, true, frame);
    return true;
}

/* Fresh entropy for an event, of which there is some in store. NULL: the
 * kernel has none, and nothing may be sent without. */
static const uint8_t *entropy(struct bj_engine *e)
{
    size_t at;

    /* More than 256 octets at once, which a signal may cut short. The call
     * itself: glibc's function (2.41) maps memory for the vDSO's generator,
     * and a program's own filter would have to allow that. */
    while (e->entropy_left < BJ_FRAME_ENTROPY_LEN) {
        long got = syscall(SYS_getrandom, e->entropy + e->entropy_left,
                           sizeof(e->entropy) - e->entropy_left, 0L);

        if (got < 0 && errno != EINTR)
            return NULL;
        e->entropy_left += got > 0 ? (size_t)got : 0;
    }
    e->entropy_left -= BJ_FRAME_ENTROPY_LEN;
    at = e->entropy_left;
    return e->entropy + at;
}

bool bj_worker_tell(struct bj_resolver *r, unsigned slot,
                    struct bj_frame *frame, uint64_t now_ms)
{
    struct bj_slot *s = &r->engine->slots[slot];
    bool of_wire =
        frame->type != BJ_FRAME_LOOKUP && frame->type != BJ_FRAME_TIMER;

    if (s->event_count == BJ_EVENTS_MAX)
        return false;
    frame->lookup = s->id;
    frame->time_ms = now_ms;
    frame->entropy = entropy(r->engine);
    if (frame->entropy == NULL || !put_frame(r, worker_of(r, slot), frame))
        return false;
    s->events[s->event_count] =
        of_wire ? frame->socket : (uint8_t)BJ_EVENT_OF_LOOKUP;
    s->event_count += 1;
    if (of_wire)
        s->wires[frame->socket].unanswered = true;
    return true;
}

void bj_worker_ask(struct bj_resolver *r, unsigned worker, unsigned slot)
{
    struct bj_worker *w = &r->engine->workers[worker];
    struct bj_slot *s = &r->engine->slots[slot];
    struct bj_frame frame = {.type = BJ_FRAME_LOOKUP,
                             .payload = s->request,
                             .payload_len = s->request_len};
    uint64_t now = bj_engine_now();
    uint64_t most = r->settings->lookup_timeout_ms;

    /* What keeps SIGPIPE away from what is now written to it (control.h). */
    if (!bj_descriptor_holds_on(&r->ledger.readers[worker], r->engine->visit)) {
        r->engine->broken = true;
        return;
    }
    w->turn += 1;
    w->lookup_count += 1;
    w->taken = r->settings->isolate == BJ_ISOLATE_LOOKUP;
    s->id = w->turn << SLOT_BITS | slot;
    s->worker = worker;
    bj_slot_become(r, slot, BJ_SLOT_ASKED);
    s->event_count = 0;
    s->actions = 0;
    s->queries_left = w->servers.queries_max;
    s->timers_left = TIMERS_PER_QUERY * w->servers.queries_max + TIMERS_SPARE;
    if (most == 0)
        s->deadline_ms =
            now + w->servers.time_max_ms + r->settings->worker_timeout_ms;
    if (!bj_worker_tell(r, slot, &frame, now))
        bj_worker_drop(r, worker, BJ_WORKER_DEAD);
}

void bj_worker_cancel(struct bj_resolver *r, unsigned slot)
{
    struct bj_slot *s = &r->engine->slots[slot];
    struct bj_worker *w = worker_of(r, slot);
    struct bj_frame frame = {.type = BJ_FRAME_CANCEL, .lookup = s->id};

    w->strays += (uint64_t)s->event_count * STRAYS_EACH;
    if (!put_frame(r, w, &frame))
        bj_worker_drop(r, s->worker, BJ_WORKER_HUNG);
}

void bj_worker_flush(struct bj_resolver *r, unsigned worker)
{
    struct bj_worker *w = &r->engine->workers[worker];
    struct bj_descriptor *to = &r->ledger.to[worker];

    while (w->alive && w->out_pos < w->out_len) {
        ssize_t sent;

        if (!bj_descriptor_holds_on(to, r->engine->visit)) {
            r->engine->broken = true;
            return;
        }
        sent = write(to->fd, w->out + w->out_pos, w->out_len - w->out_pos);
        if (sent < 0 && errno == EAGAIN)
            break;
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            bj_worker_drop(r, worker, BJ_WORKER_LOST);
        else
            w->out_pos += (size_t)sent;
    }
    if (w->out_pos == w->out_len)
        w->out_pos = w->out_len = 0;
}

/* ---- its end ---- */

/* It must be asked again; or that was once too often. */
static void requeue(struct bj_resolver *r, unsigned slot,
                    enum bj_verdict verdict)
{
    struct bj_slot *s = &r->engine->slots[slot];
    bool again =
        verdict == BJ_WORKER_LOST ? s->restarts < RESTARTS_MAX : !s->retried;

    bj_wire_close_all(r, slot);
    s->event_count = 0;
    s->restarts += 1;
    s->retried = s->retried || verdict != BJ_WORKER_LOST;
    if (again) {
        bj_slot_become(r, slot, BJ_SLOT_QUEUED);
        bj_trace_state(r, s->id, "retry", 0);
        return;
    }
    bj_reply_fail(s->reply,
                  verdict == BJ_WORKER_LIED ? BJ_FAILED : BJ_SERVER_FAILED, 0);
    bj_engine_finish(r, slot);
}

static const char *const verdicts[] = {
    [BJ_WORKER_IDLE] = "worker-done",     [BJ_WORKER_DEAD] = "worker-died",
    [BJ_WORKER_HUNG] = "worker-hung",     [BJ_WORKER_LIED] = "worker-lied",
    [BJ_WORKER_LOST] = "worker-given-up",
};

void bj_worker_drop(struct bj_resolver *r, unsigned worker,
                    enum bj_verdict verdict)
{
    struct bj_engine *e = r->engine;
    struct bj_worker *w = &e->workers[worker];

    if (!w->alive)
        return;
    bj_trace_state(r, 0, verdicts[verdict], 0);
    w->alive = false;
    w->out_pos = w->out_len = w->in_len = 0;
    bj_descriptor_close(&r->ledger.to[worker]);
    bj_descriptor_close(&r->ledger.from[worker]);
    bj_descriptor_close(&r->ledger.readers[worker]);
    bj_engine_dismiss(r, w->number);
    for (unsigned i = bj_engine_next(e, 0); i < BJ_SLOTS;
         i = bj_engine_next(e, i + 1))
        if (e->slots[i].state == BJ_SLOT_ASKED && e->slots[i].worker == worker)
            requeue(r, i, verdict);
}

/* ---- from the worker ---- */

/* The oldest event is answered. False if there was none. */
static bool answer(struct bj_resolver *r, unsigned slot)
{
    struct bj_slot *s = &r->engine->slots[slot];
    unsigned from = s->events[0];

    if (s->event_count == 0)
        return false;
    s->event_count -= 1;
    memmove(s->events, s->events + 1, s->event_count);
    s->actions = 0;
    if (from < BJ_FRAME_SOCKETS)
        s->wires[from].unanswered = false;
    return true;
}

/* The lookup is over. False if what is said is no result. */
static bool conclude(struct bj_resolver *r, unsigned slot,
                     const struct bj_frame *frame)
{
    struct bj_slot *s = &r->engine->slots[slot];
    enum bj_status status =
        bj_reply_read(s->reply, frame->payload, frame->payload_len);

    if (status == BJ_SPACE)
        bj_reply_fail(s->reply, BJ_NO_MEMORY, ENOMEM);
    else if (status != BJ_OK)
        return false;
    bj_engine_finish(r, slot);
    return true;
}

/* An action of a live lookup; false if it is none that may be asked for. */
static bool act(struct bj_resolver *r, unsigned slot,
                const struct bj_frame *frame, uint64_t now_ms)
{
    struct bj_slot *s = &r->engine->slots[slot];
    bool queries =
        frame->type == BJ_FRAME_SEND || frame->type == BJ_FRAME_CONNECT;

    s->actions += 1;
    if (s->event_count == 0 || s->actions > ACTIONS_MAX)
        return false;
    if (queries && (s->queries_left == 0 ||
                    frame->server >= worker_of(r, slot)->servers.count))
        return false;
    s->queries_left -= queries;
    switch (frame->type) {
    case BJ_FRAME_SEND:
        bj_wire_send(r, slot, frame);
        return true;
    case BJ_FRAME_CONNECT:
        bj_wire_connect(r, slot, frame);
        return true;
    case BJ_FRAME_WRITE:
        if (s->wires[frame->socket].state == BJ_WIRE_DATAGRAM ||
            s->wires[frame->socket].state == BJ_WIRE_CONNECTING ||
            s->wires[frame->socket].written)
            return false;
        s->wires[frame->socket].written = true;
        bj_wire_write(r, slot, frame);
        return true;
    case BJ_FRAME_CLOSE:
        bj_wire_close(r, slot, frame->socket);
        return true;
    case BJ_FRAME_WAIT:
        s->until_ms = frame->time_ms;
        if (!answer(r, slot))
            return false;
        bj_wire_report(r, slot, now_ms);
        return true;
    default:
        return conclude(r, slot, frame);
    }
}

/* Whether a frame is one that this worker may send. */
static bool obey(struct bj_resolver *r, unsigned worker,
                 const struct bj_frame *frame, uint64_t now_ms)
{
    struct bj_worker *w = &r->engine->workers[worker];
    unsigned slot = frame->lookup % BJ_SLOTS;
    struct bj_slot *s = &r->engine->slots[slot];

    bj_trace_frame(r, false, frame);
    if (s->state == BJ_SLOT_ASKED && s->worker == worker &&
        s->id == frame->lookup)
        return act(r, slot, frame, now_ms);
    /* Of a lookup that it had not yet heard was cancelled. */
    if (w->strays == 0)
        return false;
    w->strays -= 1;
    return true;
}

static void parse(struct bj_resolver *r, unsigned worker, uint64_t now_ms)
{
    struct bj_worker *w = &r->engine->workers[worker];
    struct bj_cursor c;

    bj_cursor_init(&c, w->in, w->in_len);
    while (w->alive) {
        struct bj_frame frame;
        enum bj_status status = bj_frame_read(&c, BJ_FRAME_DRIVING, &frame);

        if (status == BJ_MORE)
            break;
        if (status != BJ_OK || !obey(r, worker, &frame, now_ms)) {
            bj_worker_drop(r, worker, BJ_WORKER_LIED);
            return;
        }
    }
    if (!w->alive)
        return;
    w->in_len -= c.pos;
    memmove(w->in, w->in + c.pos, w->in_len);
}

void bj_worker_read(struct bj_resolver *r, unsigned worker, uint64_t now_ms)
{
    struct bj_worker *w = &r->engine->workers[worker];
    struct bj_descriptor *from = &r->ledger.from[worker];
    ssize_t got;

    if (!bj_descriptor_holds_on(from, r->engine->visit)) {
        r->engine->broken = true;
        return;
    }
    got = read(from->fd, w->in + w->in_len, BJ_LINK_IN - w->in_len);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        bj_worker_drop(r, worker,
                       w->lookup_count > 0 ? BJ_WORKER_DEAD : BJ_WORKER_IDLE);
        return;
    }
    w->in_len += (size_t)got;
    w->owes_since_ms = 0;
    parse(r, worker, now_ms);
    if (w->alive && w->turn >= TURN_MAX)
        w->generation = 0; /* out of numbers: the next lookup asks another */
}
