#ifndef BJ_CORE_RESOLVE_FRAME_H
#define BJ_CORE_RESOLVE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"
#include "core/bytes/status.h"
#include "core/bytes/writer.h"

/*
 * All that crosses the socket between a worker, which parses what strangers
 * send, and the driver in the caller's process, which owns the sockets.
 * Neither trusts the other's octets: a frame has a type that is permitted in
 * the receiver's phase, only the fields of its type, and a length that is
 * checked before anybody waits for the rest.
 *
 * On the wire, big-endian: version 1, type 1, socket 1, server 1, lookup 4,
 * length of what follows 4; then, by type, time 8, entropy 68, and payload.
 * A field that the type does not have is zero, or absent.
 */

#define BJ_FRAME_VERSION 1
#define BJ_FRAME_HEADER_LEN 12

/* Fresh randomness for two queries, A and AAAA: an id of 2 octets and 32 of
 * case bits each (core/dns/query.h). */
#define BJ_FRAME_ENTROPY_LEN 68

/* Sockets of one lookup: one for each of its two questions. */
#define BJ_FRAME_SOCKETS 2

/* The key of the worker's hash tables: 16 octets of randomness. */
#define BJ_FRAME_KEY_LEN 16

/* Octets of a configuration file, or of a stream, in one frame. */
#define BJ_FRAME_CHUNK_MAX 65536

/* Which way a frame goes, and when: the phase of whoever receives it. */
enum bj_frame_phase {
    BJ_FRAME_LOADING,  /* worker: configuration comes in */
    BJ_FRAME_SERVING,  /* worker: lookups and what came of its actions */
    BJ_FRAME_STARTING, /* spawner: the worker is loading */
    BJ_FRAME_DRIVING,  /* driver: actions and results */
    BJ_FRAME_PHASE_COUNT
};

/* The text that a CONFIG frame is part of. Chunks of one follow each other;
 * one without a payload says that it is there and empty. */
enum bj_frame_config {
    BJ_CONFIG_RESOLV_CONF,
    BJ_CONFIG_HOSTS,
    BJ_CONFIG_SERVICES,
    BJ_CONFIG_NSSWITCH,
    BJ_CONFIG_HOST_NAME,
    BJ_CONFIG_LOCALDOMAIN,
    BJ_CONFIG_RES_OPTIONS,
    BJ_CONFIG_COUNT
};

/* Types by number on the wire. What each has is the table in frame.c. */
enum bj_frame_type {
    BJ_FRAME_NONE = 0,
    BJ_FRAME_CONFIG = 1,    /* a chunk of the text `config` */
    BJ_FRAME_BEGIN = 2,     /* all is there; payload: the key */
    BJ_FRAME_LOOKUP = 3,    /* payload: lookup.h */
    BJ_FRAME_DATAGRAM = 4,  /* payload: what the socket received */
    BJ_FRAME_CONNECTED = 5, /* the socket is connected */
    BJ_FRAME_STREAM = 6,    /* payload: what it received; none: its end */
    BJ_FRAME_FAILED = 7,    /* an action could not be done, or it broke */
    BJ_FRAME_TIMER = 8,     /* the time that WAIT named has come */
    BJ_FRAME_CANCEL = 9,    /* nobody waits for this lookup any more */
    BJ_FRAME_READY = 16,    /* the worker has read its configuration */
    BJ_FRAME_SEND = 17,     /* payload from a new UDP port to `server` */
    BJ_FRAME_CONNECT = 18,  /* a new TCP socket to `server` */
    BJ_FRAME_WRITE = 19,    /* payload to that socket */
    BJ_FRAME_CLOSE = 20,    /* the socket */
    BJ_FRAME_WAIT = 21,     /* for any socket of the lookup, or until `time` */
    BJ_FRAME_RESULT = 22,   /* payload: lookup.h. The lookup is over */
    BJ_FRAME_TYPE_COUNT
};

struct bj_frame {
    enum bj_frame_type type;
    uint32_t lookup;
    uint8_t socket; /* below BJ_FRAME_SOCKETS */
    uint8_t server; /* below BJ_NAMESERVERS_MAX */
    enum bj_frame_config config;
    uint64_t time_ms;       /* now, or of WAIT the time to wait for */
    const uint8_t *entropy; /* BJ_FRAME_ENTROPY_LEN octets, or NULL */
    const uint8_t *payload; /* in place */
    size_t payload_len;
};

/* The name of a type, "DATAGRAM", a static string; "unknown" if it is none. */
/*@ assigns \nothing; */
const char *bj_frame_type_text(enum bj_frame_type type);

/* The most octets of a frame of this type, header and all; 0 if it is none. */
/*@ assigns \nothing; */
size_t bj_frame_max(enum bj_frame_type type);

/*
 * How long the frame is that begins with these octets, so that a receiver
 * knows what to wait for. BJ_OK: *size is that, whether the octets are all
 * there or not. BJ_MORE: the header is not whole yet. Otherwise no frame
 * that may come in this phase begins so, and nothing good will follow:
 * BJ_UNSUPPORTED another version, BJ_LIMIT longer than its type may be,
 * BJ_BAD anything else. *size is then 0.
 */
/*@
  requires len > 0 ==> \valid_read(bytes + (0 .. len - 1));
  requires \valid(size) && \separated(size, bytes + (0 .. len - 1));
  assigns *size;
  ensures \result != BJ_OK ==> *size == 0;
  ensures \result == BJ_OK ==>
    len >= BJ_FRAME_HEADER_LEN && *size >= BJ_FRAME_HEADER_LEN;
*/
BJ_MUST_CHECK enum bj_status bj_frame_measure(const uint8_t *bytes, size_t len,
                                              enum bj_frame_phase phase,
                                              size_t *size);

/*
 * Reads the frame at the cursor, which moves behind it. Failure as in
 * bj_frame_measure, BJ_MORE if it is not whole; the cursor has then not
 * moved and *frame is zero. Payloads are for others to look into.
 */
/*@
  requires valid_cursor(c) && \valid(frame);
  requires \separated(frame, c, c->base + (0 .. c->len - 1));
  assigns c->pos, c->status, *frame;
  ensures valid_cursor(c) && c->status == \old(c->status);
  ensures \result != BJ_OK ==> c->pos == \old(c->pos) &&
    frame->type == BJ_FRAME_NONE && frame->payload_len == 0 &&
    frame->entropy == \null;
  ensures \result == BJ_OK ==>
    \old(c->pos) + BJ_FRAME_HEADER_LEN + frame->payload_len <= c->pos;
  ensures frame->payload_len > 0 ==>
    frame->payload == c->base + (c->pos - frame->payload_len);
  ensures frame->entropy != \null ==>
    \valid_read(frame->entropy + (0 .. BJ_FRAME_ENTROPY_LEN - 1));
*/
BJ_MUST_CHECK enum bj_status bj_frame_read(struct bj_cursor *c,
                                           enum bj_frame_phase phase,
                                           struct bj_frame *frame);

/*
 * Appends the frame; of one that was read, the octets that were read. BJ_BUG,
 * and nothing appended, if it has fields that its type has not or values out
 * of range. BJ_SPACE if the writer is full.
 */
/*@
  requires valid_writer(w) && \valid_read(frame);
  requires frame->entropy != \null ==>
    \valid_read(frame->entropy + (0 .. BJ_FRAME_ENTROPY_LEN - 1));
  requires frame->payload_len > 0 ==>
    \valid_read(frame->payload + (0 .. frame->payload_len - 1));
  requires \separated(frame, w, w->base + (0 .. w->cap - 1));
  requires \separated(frame->entropy + (0 .. BJ_FRAME_ENTROPY_LEN - 1), w,
                      w->base + (0 .. w->cap - 1));
  requires \separated(frame->payload + (0 .. frame->payload_len - 1), w,
                      w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[w->len .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures \result == BJ_OK ==> w->status == BJ_OK;
*/
BJ_MUST_CHECK enum bj_status bj_frame_write(struct bj_writer *w,
                                            const struct bj_frame *frame);

#endif
