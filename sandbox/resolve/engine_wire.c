#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/resolve/engine.h"

/*
 * The sockets of lookups. What goes through them is not looked at: it is
 * carried between a server and the worker.
 */

static struct bj_wire *wire_of(struct bj_resolver *r, unsigned slot, unsigned k)
{
    return &r->engine->slots[slot].wires[k];
}

void bj_wire_close(struct bj_resolver *r, unsigned slot, unsigned k)
{
    struct bj_wire *wire = wire_of(r, slot, k);

    if (wire->state == BJ_WIRE_DATAGRAM)
        bj_spares_give(&r->ledger.spares, wire->family,
                       &r->ledger.wires[slot][k], r->engine->visit);
    else
        bj_descriptor_close(&r->ledger.wires[slot][k]);
    wire->state = BJ_WIRE_NONE;
    wire->failed = false;
    wire->written = false;
    wire->unsent_len = 0;
    wire->polled.epoch = 0;
}

void bj_wire_close_all(struct bj_resolver *r, unsigned slot)
{
    for (unsigned k = 0; k < BJ_FRAME_SOCKETS; k++) {
        bj_wire_close(r, slot, k);
        wire_of(r, slot, k)->unanswered = false;
    }
}

/* It broke: closed, and the worker is to hear of it. */
static void fail(struct bj_resolver *r, unsigned slot, unsigned k, int error,
                 const char *what)
{
    bj_trace_state(r, r->engine->slots[slot].id, what, error);
    bj_wire_close(r, slot, k);
    wire_of(r, slot, k)->failed = true;
}

/* Whom to send to; NULL: this host has no such family. The socket that was
 * there is given up. */
static const struct sockaddr *whom(struct bj_resolver *r, unsigned slot,
                                   const struct bj_frame *frame, socklen_t *len)
{
    const struct bj_slot *s = &r->engine->slots[slot];
    const struct bj_servers *servers = &r->engine->workers[s->worker].servers;
    const struct sockaddr *address = &servers->address[frame->server].any;
    struct bj_wire *wire = wire_of(r, slot, frame->socket);

    bj_wire_close(r, slot, frame->socket);
    *len = servers->len[frame->server];
    wire->server = frame->server;
    wire->family = address->sa_family;
    return *len != 0 ? address : NULL;
}

/* A socket with a port of its own, connected to the server or, a stream, on its
 * way. 0 or an errno value. */
static int try_dial(struct bj_resolver *r, unsigned slot,
                    const struct bj_frame *frame, int type)
{
    struct bj_descriptor *d = &r->ledger.wires[slot][frame->socket];
    socklen_t len;
    const struct sockaddr *address = whom(r, slot, frame, &len);
    int error = EAFNOSUPPORT;

    if (address != NULL && type == SOCK_DGRAM)
        error = bj_spares_take(&r->ledger.spares, address->sa_family, d,
                               r->engine->visit);
    else if (address != NULL)
        error = bj_descriptor_adopt(
            d, socket(address->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK,
                      IPPROTO_TCP));
    if (error == 0 && connect(d->fd, address, len) != 0)
        error = errno;
    if (error == 0 && type == SOCK_DGRAM && !bj_spares_drain(d))
        error = ENOBUFS;
    return error;
}

/* Once more if the interface of the server is another now; with a new socket,
 * since the first is tied to the old one. */
static int dial(struct bj_resolver *r, unsigned slot,
                const struct bj_frame *frame, int type)
{
    struct bj_worker *w = &r->engine->workers[r->engine->slots[slot].worker];
    int error = try_dial(r, slot, frame, type);

    if (error != 0 && error != EINPROGRESS &&
        bj_servers_renew(&w->servers, frame->server))
        error = try_dial(r, slot, frame, type);
    return error;
}

void bj_wire_send(struct bj_resolver *r, unsigned slot,
                  const struct bj_frame *frame)
{
    struct bj_descriptor *d = &r->ledger.wires[slot][frame->socket];
    int error = dial(r, slot, frame, SOCK_DGRAM);

    if (error == 0 && send(d->fd, frame->payload, frame->payload_len,
                           MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        error = errno;
    bj_trace_packet(r, true, slot, frame->socket, frame->payload,
                    frame->payload_len, error);
    if (error != 0)
        fail(r, slot, frame->socket, error, "cannot-send");
    else
        wire_of(r, slot, frame->socket)->state = BJ_WIRE_DATAGRAM;
}

void bj_wire_connect(struct bj_resolver *r, unsigned slot,
                     const struct bj_frame *frame)
{
    int error = dial(r, slot, frame, SOCK_STREAM);

    if (error != 0 && error != EINPROGRESS)
        fail(r, slot, frame->socket, error, "cannot-connect");
    else
        wire_of(r, slot, frame->socket)->state = BJ_WIRE_CONNECTING;
}

/* Sends what is left to send; false if it broke. */
static bool push(struct bj_resolver *r, unsigned slot, unsigned k)
{
    struct bj_wire *wire = wire_of(r, slot, k);
    struct bj_descriptor *d = &r->ledger.wires[slot][k];
    ssize_t sent;

    if (!bj_descriptor_holds_on(d, r->engine->visit)) {
        fail(r, slot, k, EBADF, "socket-lost");
        return false;
    }
    sent = send(d->fd, wire->unsent, wire->unsent_len,
                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        fail(r, slot, k, errno, "cannot-write");
        return false;
    }
    if (sent > 0) {
        wire->unsent_len -= (size_t)sent;
        memmove(wire->unsent, wire->unsent + sent, wire->unsent_len);
    }
    return true;
}

void bj_wire_write(struct bj_resolver *r, unsigned slot,
                   const struct bj_frame *frame)
{
    struct bj_wire *wire = wire_of(r, slot, frame->socket);

    /* A socket that has broken meanwhile: the worker will hear of that. */
    if (wire->state != BJ_WIRE_STREAM ||
        frame->payload_len > sizeof(wire->unsent))
        return;
    memcpy(wire->unsent, frame->payload, frame->payload_len);
    wire->unsent_len = frame->payload_len;
    bj_trace_packet(r, true, slot, frame->socket, frame->payload,
                    frame->payload_len, 0);
    (void)push(r, slot, frame->socket);
}

/* Whether the worker may be told anything of this socket now: one thing at a
 * time, and nothing while it thinks about a timer or the question itself. */
static bool may_tell(const struct bj_resolver *r, unsigned slot, unsigned k)
{
    const struct bj_slot *s = &r->engine->slots[slot];

    for (unsigned i = 0; i < s->event_count; i++)
        if (s->events[i] == BJ_EVENT_OF_LOOKUP)
            return false;
    return s->state == BJ_SLOT_ASKED && !s->wires[k].unanswered &&
           bj_worker_has_room(&r->engine->workers[s->worker]);
}

short bj_wire_wants(const struct bj_resolver *r, unsigned slot, unsigned k)
{
    const struct bj_wire *wire = &r->engine->slots[slot].wires[k];
    short wants = 0;

    if (wire->state == BJ_WIRE_NONE)
        return 0;
    if (wire->unsent_len > 0)
        wants = POLLOUT;
    if (wire->state == BJ_WIRE_OVER || !may_tell(r, slot, k))
        return wants;
    if (wire->state == BJ_WIRE_CONNECTING)
        return POLLOUT;
    return (short)(wants | POLLIN);
}

void bj_wire_report(struct bj_resolver *r, unsigned slot, uint64_t now_ms)
{
    for (unsigned k = 0; k < BJ_FRAME_SOCKETS; k++) {
        struct bj_frame frame = {.type = BJ_FRAME_FAILED, .socket = (uint8_t)k};

        if (wire_of(r, slot, k)->failed && may_tell(r, slot, k) &&
            bj_worker_tell(r, slot, &frame, now_ms))
            wire_of(r, slot, k)->failed = false;
    }
}

static void finish_connect(struct bj_resolver *r, unsigned slot, unsigned k,
                           uint64_t now_ms)
{
    struct bj_frame frame = {.type = BJ_FRAME_CONNECTED, .socket = (uint8_t)k};
    struct bj_descriptor *d = &r->ledger.wires[slot][k];
    int error = 0;
    socklen_t len = sizeof(error);

    if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error != 0)
        fail(r, slot, k, error, "cannot-connect");
    else if (bj_worker_tell(r, slot, &frame, now_ms))
        wire_of(r, slot, k)->state = BJ_WIRE_STREAM;
}

/* `got` octets have come, in the engine's packet; or -1 and why. */
static void take(struct bj_resolver *r, unsigned slot, unsigned k, ssize_t got,
                 int error, uint64_t now_ms)
{
    struct bj_wire *wire = wire_of(r, slot, k);
    bool stream = wire->state == BJ_WIRE_STREAM;
    struct bj_frame frame = {.type =
                                 stream ? BJ_FRAME_STREAM : BJ_FRAME_DATAGRAM,
                             .socket = (uint8_t)k,
                             .payload = r->engine->packet};

    if (got < 0) {
        if (error != EAGAIN && error != EINTR)
            fail(r, slot, k, error, "cannot-receive");
        return;
    }
    bj_trace_packet(r, false, slot, k, r->engine->packet, (size_t)got, 0);
    frame.payload_len = (size_t)got;
    if (!bj_worker_tell(r, slot, &frame, now_ms))
        fail(r, slot, k, ENOBUFS, "cannot-tell");
    else if (stream && got == 0)
        wire->state = BJ_WIRE_OVER;
}

static void receive(struct bj_resolver *r, unsigned slot, unsigned k,
                    uint64_t now_ms)
{
    bool stream = wire_of(r, slot, k)->state == BJ_WIRE_STREAM;
    size_t most = stream ? BJ_FRAME_CHUNK_MAX : BJ_MESSAGE_MAX;
    ssize_t got = recv(r->ledger.wires[slot][k].fd, r->engine->packet, most,
                       MSG_DONTWAIT);

    take(r, slot, k, got, errno, now_ms);
}

bool bj_wire_only(struct bj_resolver *r, unsigned *slot, unsigned *k)
{
    const struct bj_engine *e = r->engine;
    const struct bj_slot *s;

    *slot = bj_engine_next(e, 0);
    if (*slot == BJ_SLOTS || bj_engine_next(e, *slot + 1) != BJ_SLOTS)
        return false;
    s = &e->slots[*slot];
    *k = s->wires[0].state == BJ_WIRE_NONE;
    return s->wires[*k].state == BJ_WIRE_DATAGRAM &&
           s->wires[1 - *k].state == BJ_WIRE_NONE && !s->wires[0].failed &&
           !s->wires[1].failed && s->event_count == 0 &&
           may_tell(r, *slot, *k) &&
           bj_descriptor_holds_on(&r->ledger.wires[*slot][*k], e->visit);
}

void bj_wire_heard(struct bj_resolver *r, unsigned slot, unsigned k,
                   ssize_t got, int error, uint64_t now_ms)
{
    take(r, slot, k, got, error, now_ms);
    bj_wire_report(r, slot, now_ms);
}

void bj_wire_ready(struct bj_resolver *r, unsigned slot, unsigned k,
                   uint64_t now_ms)
{
    struct bj_wire *wire = wire_of(r, slot, k);

    if (wire->state == BJ_WIRE_NONE)
        return;
    if (!bj_descriptor_holds_on(&r->ledger.wires[slot][k], r->engine->visit)) {
        fail(r, slot, k, EBADF, "socket-lost");
    } else {
        if (wire->unsent_len > 0 && !push(r, slot, k)) {
            bj_wire_report(r, slot, now_ms);
            return;
        }
        if (may_tell(r, slot, k) && wire->state == BJ_WIRE_CONNECTING)
            finish_connect(r, slot, k, now_ms);
        else if (may_tell(r, slot, k) && wire->state != BJ_WIRE_OVER)
            receive(r, slot, k, now_ms);
    }
    bj_wire_report(r, slot, now_ms);
}
