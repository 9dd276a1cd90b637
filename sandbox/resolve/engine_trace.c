#include <stddef.h>

#include "sandbox/resolve/engine.h"

static void say(const struct bj_resolver *r, struct bj_trace *event)
{
    event->time_ms = bj_engine_now();
    r->settings->trace(event, r->settings->trace_arg);
}

void bj_trace_state(const struct bj_resolver *r, uint32_t lookup,
                    const char *what, int error)
{
    struct bj_trace event = {
        .kind = BJ_TRACE_STATE, .what = what, .lookup = lookup, .error = error};

    if (r->settings->trace != NULL)
        say(r, &event);
}

void bj_trace_frame(const struct bj_resolver *r, bool to_worker,
                    const struct bj_frame *frame)
{
    struct bj_trace event = {
        .kind = to_worker ? BJ_TRACE_TO_WORKER : BJ_TRACE_FROM_WORKER,
        .what = bj_frame_type_text(frame->type),
        .lookup = frame->lookup,
        .question = frame->socket,
        .bytes = frame->payload,
        .len = frame->payload_len,
    };

    if (r->settings->trace != NULL)
        say(r, &event);
}

void bj_trace_packet(const struct bj_resolver *r, bool out, unsigned slot,
                     unsigned k, const uint8_t *bytes, size_t len, int error)
{
    const struct bj_slot *s = &r->engine->slots[slot];
    const struct bj_wire *wire = &s->wires[k];
    const struct bj_servers *servers = &r->engine->workers[s->worker].servers;
    struct bj_trace event = {
        .kind = out ? BJ_TRACE_PACKET_OUT : BJ_TRACE_PACKET_IN,
        .what = "packet",
        .lookup = s->id,
        .question = k,
        .error = error,
        .tcp = wire->state == BJ_WIRE_STREAM,
        .server = &servers->address[wire->server].any,
        .server_len = servers->len[wire->server],
        .bytes = bytes,
        .len = len,
    };

    if (r->settings->trace != NULL)
        say(r, &event);
}
