#include "core/resolve/frame.h"

#include "core/bytes/limits.h"
#include "core/resolve/lookup.h"

/* What a frame of a type has, and when it may come. */
struct row {
    const char *text;
    uint32_t least; /* octets of payload */
    uint32_t most;
    enum bj_frame_phase phase;
    bool lookup;
    bool socket;
    bool server;
    bool config; /* in the place of the server */
    bool time;
    bool entropy;
};

enum {
    TIME_LEN = 8,
    /* A DNS header: no shorter message is a query or a reply. */
    MESSAGE_MIN = 12,
    /* Its length goes before a message over TCP. */
    PREFIX_LEN = 2
};

/* clang-format off */
static const struct row rows[BJ_FRAME_TYPE_COUNT] = {
    [BJ_FRAME_CONFIG] = {"CONFIG", 0, BJ_FRAME_CHUNK_MAX, BJ_FRAME_LOADING,
                         .config = true},
    [BJ_FRAME_BEGIN] = {"BEGIN", BJ_FRAME_KEY_LEN, BJ_FRAME_KEY_LEN,
                        BJ_FRAME_LOADING, .time = true},
    [BJ_FRAME_LOOKUP] = {"LOOKUP", 1, BJ_LOOKUP_MAX, BJ_FRAME_SERVING,
                         .lookup = true, .time = true, .entropy = true},
    [BJ_FRAME_DATAGRAM] = {"DATAGRAM", 0, BJ_MESSAGE_MAX, BJ_FRAME_SERVING,
                           .lookup = true, .socket = true,
                           .time = true, .entropy = true},
    [BJ_FRAME_CONNECTED] = {"CONNECTED", 0, 0, BJ_FRAME_SERVING,
                            .lookup = true, .socket = true,
                            .time = true, .entropy = true},
    [BJ_FRAME_STREAM] = {"STREAM", 0, BJ_FRAME_CHUNK_MAX, BJ_FRAME_SERVING,
                         .lookup = true, .socket = true,
                         .time = true, .entropy = true},
    [BJ_FRAME_FAILED] = {"FAILED", 0, 0, BJ_FRAME_SERVING,
                         .lookup = true, .socket = true,
                         .time = true, .entropy = true},
    [BJ_FRAME_TIMER] = {"TIMER", 0, 0, BJ_FRAME_SERVING,
                        .lookup = true, .time = true, .entropy = true},
    [BJ_FRAME_CANCEL] = {"CANCEL", 0, 0, BJ_FRAME_SERVING, .lookup = true},
    [BJ_FRAME_READY] = {"READY", 0, 0, BJ_FRAME_STARTING, .lookup = false},
    [BJ_FRAME_SEND] = {"SEND", MESSAGE_MIN, BJ_QUERY_MAX, BJ_FRAME_DRIVING,
                       .lookup = true, .socket = true, .server = true},
    [BJ_FRAME_CONNECT] = {"CONNECT", 0, 0, BJ_FRAME_DRIVING,
                          .lookup = true, .socket = true, .server = true},
    [BJ_FRAME_WRITE] = {"WRITE", PREFIX_LEN + MESSAGE_MIN,
                        PREFIX_LEN + BJ_QUERY_MAX, BJ_FRAME_DRIVING,
                        .lookup = true, .socket = true},
    [BJ_FRAME_CLOSE] = {"CLOSE", 0, 0, BJ_FRAME_DRIVING,
                        .lookup = true, .socket = true},
    [BJ_FRAME_WAIT] = {"WAIT", 0, 0, BJ_FRAME_DRIVING,
                       .lookup = true, .time = true},
    [BJ_FRAME_RESULT] = {"RESULT", 1, BJ_RESULT_MAX, BJ_FRAME_DRIVING,
                         .lookup = true},
};
/* clang-format on */

/*@
  predicate is_type(integer type) =
    0 <= type < BJ_FRAME_TYPE_COUNT && rows[type].text != \null;
*/

/* The row of a type; NULL if there is no such type. */
/*@
  assigns \nothing;
  ensures is_type(type) ?
    \result == &rows[type] && \valid_read(\result) : \result == \null;
*/
static const struct row *row_of(unsigned type)
{
    if (type >= BJ_FRAME_TYPE_COUNT || rows[type].text == NULL)
        return NULL;
    return &rows[type];
}

const char *bj_frame_type_text(enum bj_frame_type type)
{
    const struct row *row = row_of((unsigned)type);

    return row == NULL ? "unknown" : row->text;
}

/*@
  logic integer time_len(struct row *row) = row->time ? TIME_LEN : 0;

  logic integer entropy_len(struct row *row) =
    row->entropy ? BJ_FRAME_ENTROPY_LEN : 0;

  logic integer server_values(struct row *row) =
    row->config ? BJ_CONFIG_COUNT : row->server ? BJ_NAMESERVERS_MAX : 1;

  // What a header may say of a frame of this row, but for its length.
  predicate may_say(struct row *row, integer lookup, integer socket,
                    integer server) =
    (row->lookup || lookup == 0) &&
    socket < (row->socket ? BJ_FRAME_SOCKETS : 1) &&
    server < server_values(row);

  // A frame of this row: the fields that its type has, and no others.
  predicate whole_frame(struct row *row, struct bj_frame *f) =
    (row->config ? f->server == 0 : f->config == 0) &&
    may_say(row, f->lookup, f->socket, row->config ? f->config : f->server) &&
    (row->time || f->time_ms == 0) &&
    (row->entropy <==> f->entropy != \null) &&
    row->least <= f->payload_len <= row->most;

  logic integer frame_len(struct row *row, struct bj_frame *f) =
    BJ_FRAME_HEADER_LEN + time_len(row) + entropy_len(row) + f->payload_len;

  predicate same_octets(uint8_t *a, uint8_t *b, integer n) =
    \forall integer i; 0 <= i < n ==> a[i] == b[i];

  // How the frame stands at o: the layout in frame.h, a part at a time. (The
  // cast changes nothing: no row has as much. But the provers are not told
  // what the table holds.)
  predicate front_stands(struct row *row, struct bj_frame *f, uint8_t *o) =
    o[0] == BJ_FRAME_VERSION && o[1] == f->type && o[2] == f->socket &&
    o[3] == (row->config ? f->config : f->server);

  predicate numbers_stand(struct row *row, struct bj_frame *f, uint8_t *o) =
    holds_u32(o + 4, f->lookup) &&
    holds_u32(o + 8, (uint32_t)(frame_len(row, f) - BJ_FRAME_HEADER_LEN));

  predicate time_stands(integer time_ms, uint8_t *o) =
    holds_u32(o, time_ms / 4294967296) &&
    holds_u32(o + 4, time_ms % 4294967296);

  // Where the entropy and the payload lie that a frame points to.
  predicate lies_at(struct row *row, struct bj_frame *f, uint8_t *o) =
    (row->entropy ==> f->entropy == o + time_len(row)) &&
    (f->payload_len > 0 ==>
     f->payload == o + (time_len(row) + entropy_len(row)));

  predicate entropy_stands(struct row *row, struct bj_frame *f, uint8_t *o) =
    same_octets(o + time_len(row), f->entropy, entropy_len(row));

  predicate payload_stands(struct row *row, struct bj_frame *f, uint8_t *o) =
    same_octets(o + (time_len(row) + entropy_len(row)), f->payload,
                f->payload_len);
*/

/* Octets between header and payload. */
/*@
  requires \valid_read(row);
  assigns \nothing;
  ensures \result == time_len(row) + entropy_len(row);
*/
static size_t fields_len(const struct row *row)
{
    return (row->time ? (size_t)TIME_LEN : 0U) +
           (row->entropy ? (size_t)BJ_FRAME_ENTROPY_LEN : 0U);
}

size_t bj_frame_max(enum bj_frame_type type)
{
    const struct row *row = row_of((unsigned)type);

    return row == NULL ? 0 : BJ_FRAME_HEADER_LEN + fields_len(row) + row->most;
}

/* The header as it stands, and what follows it by its own account. */
struct header {
    const struct row *row;
    unsigned type;
    uint8_t socket;
    uint8_t server;
    uint32_t lookup;
    uint32_t rest;
};

/*@
  // It says what its row lets it say, and is as long as that lets it be.
  predicate header_fits(struct header *h) =
    may_say(h->row, h->lookup, h->socket, h->server) &&
    h->row->least <= h->rest - time_len(h->row) - entropy_len(h->row) <=
      h->row->most;

  // How the header stands at o.
  predicate header_stands(struct header *h, uint8_t *o) =
    o[0] == BJ_FRAME_VERSION && o[1] == h->type && o[2] == h->socket &&
    o[3] == h->server && holds_u32(o + 4, h->lookup) &&
    holds_u32(o + 8, h->rest);

  predicate is_clear(struct bj_frame *f) =
    f->type == BJ_FRAME_NONE && f->server == 0 && f->config == 0 &&
    f->time_ms == 0 && f->entropy == \null && f->payload_len == 0;
*/

/* One octet more than the values that there are; 1 where there is none. */
/*@
  requires \valid_read(row);
  assigns \nothing;
  ensures \result == server_values(row);
*/
static unsigned server_bound(const struct row *row)
{
    if (row->config)
        return BJ_CONFIG_COUNT;
    return row->server ? BJ_NAMESERVERS_MAX : 1;
}

/*@
  requires \valid_read(row);
  assigns \nothing;
  ensures \result <==> may_say(row, lookup, socket, server);
*/
static bool fits(const struct row *row, uint32_t lookup, unsigned socket,
                 unsigned server)
{
    return (row->lookup || lookup == 0) &&
           socket < (row->socket ? (unsigned)BJ_FRAME_SOCKETS : 1U) &&
           server < server_bound(row);
}

/*@
  requires valid_cursor(c) && \valid(h);
  requires \separated(h, c, c->base + (0 .. c->len - 1));
  assigns c->pos, c->status, *h;
  ensures valid_cursor(c);
  ensures \result == BJ_OK ==> c->status == BJ_OK &&
    c->pos == \old(c->pos) + BJ_FRAME_HEADER_LEN &&
    is_type(h->type) && h->row == &rows[h->type] && header_fits(h);
  ensures \result == BJ_OK ==> header_stands(h, c->base + \old(c->pos));
*/
static enum bj_status read_header(struct bj_cursor *c,
                                  enum bj_frame_phase phase, struct header *h)
{
    unsigned version = bj_cursor_u8(c);

    *h = (struct header){0};
    if (bj_cursor_ok(c) && version != BJ_FRAME_VERSION)
        return BJ_UNSUPPORTED;
    h->type = bj_cursor_u8(c);
    h->row = row_of(h->type);
    if (bj_cursor_ok(c) && (h->row == NULL || h->row->phase != phase))
        return BJ_BAD;
    h->socket = bj_cursor_u8(c);
    h->server = bj_cursor_u8(c);
    h->lookup = bj_cursor_u32(c);
    h->rest = bj_cursor_u32(c);
    if (!bj_cursor_ok(c))
        return c->status;
    if (!fits(h->row, h->lookup, h->socket, h->server) ||
        h->rest < fields_len(h->row) + h->row->least)
        return BJ_BAD;
    return h->rest > fields_len(h->row) + h->row->most ? BJ_LIMIT : BJ_OK;
}

enum bj_status bj_frame_measure(const uint8_t *bytes, size_t len,
                                enum bj_frame_phase phase, size_t *size)
{
    struct header h;
    struct bj_cursor c;
    enum bj_status status;

    bj_cursor_init(&c, bytes, len);
    status = read_header(&c, phase, &h);
    *size = status == BJ_OK ? BJ_FRAME_HEADER_LEN + (size_t)h.rest : 0;
    return status;
}

/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c);
  ensures \old(c->len - c->pos) >= TIME_LEN ==>
    c->pos == \old(c->pos) + TIME_LEN && c->status == \old(c->status) &&
    time_stands(\result, c->base + \old(c->pos));
*/
static uint64_t read_time(struct bj_cursor *c)
{
    uint64_t high = bj_cursor_u32(c);
    uint32_t low = bj_cursor_u32(c);

    /*@ assert (high * 4294967296 + low) % 4294967296 == low; */
    return high * UINT64_C(4294967296) + low;
}

/* What stands behind the header, of which the octets are there. */
/*@
  requires valid_cursor(c) && \valid(frame) && \valid_read(row);
  requires \separated(frame, c, row);
  requires \separated(c->base + (0 .. c->len - 1), frame);
  requires c->status == BJ_OK && rest <= c->len - c->pos;
  requires time_len(row) + entropy_len(row) <= rest;
  assigns c->pos, c->status, frame->time_ms, frame->entropy, frame->payload,
    frame->payload_len;
  ensures valid_cursor(c) && c->status == BJ_OK;
  ensures c->pos == \old(c->pos) + rest;
  ensures frame->payload_len == rest - time_len(row) - entropy_len(row);
  ensures row->time ==>
    time_stands(frame->time_ms, \old(c->base) + \old(c->pos));
  ensures !row->time ==> frame->time_ms == \old(frame->time_ms);
  ensures row->entropy ==> frame->entropy != \null;
  ensures !row->entropy ==> frame->entropy == \old(frame->entropy);
  ensures lies_at(row, frame, \old(c->base) + \old(c->pos));
  ensures frame->payload_len > 0 ==>
    frame->payload == \old(c->base) + (c->pos - frame->payload_len);
*/
static void read_body(struct bj_cursor *c, const struct row *row, uint32_t rest,
                      struct bj_frame *frame)
{
    if (row->time)
        frame->time_ms = read_time(c);
    if (row->entropy)
        frame->entropy = bj_cursor_bytes(c, BJ_FRAME_ENTROPY_LEN);
    frame->payload_len = rest - fields_len(row);
    frame->payload = bj_cursor_bytes(c, frame->payload_len);
}

/*@
  requires \valid(frame);
  assigns *frame;
  ensures is_clear(frame);
*/
static void clear(struct bj_frame *frame)
{
    *frame = (struct bj_frame){0};
}

/* Fills `frame`, which is zero, from its header and what follows at c. */
/*@
  requires valid_cursor(c) && \valid(frame) && \valid_read(h);
  requires \valid_read(h->row);
  requires \separated(frame, c, h, h->row);
  requires \separated(c->base + (0 .. c->len - 1), frame);
  requires c->status == BJ_OK && c->pos >= BJ_FRAME_HEADER_LEN;
  requires h->rest <= c->len - c->pos && header_fits(h);
  requires header_stands(h, c->base + (c->pos - BJ_FRAME_HEADER_LEN));
  requires is_clear(frame);
  assigns c->pos, c->status, *frame;
  ensures valid_cursor(c);
  ensures c->pos == \old(c->pos) + \old(h->rest);
  ensures frame->type == \old(h->type);
  ensures whole_frame(\old(h->row), frame);
  ensures frame_len(\old(h->row), frame) ==
    BJ_FRAME_HEADER_LEN + \old(h->rest);
  ensures front_stands(\old(h->row), frame,
    \old(c->base) + (\old(c->pos) - BJ_FRAME_HEADER_LEN));
  ensures numbers_stand(\old(h->row), frame,
    \old(c->base) + (\old(c->pos) - BJ_FRAME_HEADER_LEN));
  ensures \old(h->row)->time ==>
    time_stands(frame->time_ms, \old(c->base) + \old(c->pos));
  ensures lies_at(\old(h->row), frame, \old(c->base) + \old(c->pos));
  ensures frame->payload_len > 0 ==>
    frame->payload == \old(c->base) + (c->pos - frame->payload_len);
*/
static void take(struct bj_cursor *c, const struct header *h,
                 struct bj_frame *frame)
{
    frame->type = (enum bj_frame_type)h->type;
    frame->lookup = h->lookup;
    frame->socket = h->socket;
    if (h->row->config)
        frame->config = (enum bj_frame_config)h->server;
    else
        frame->server = h->server;
    read_body(c, h->row, h->rest, frame);
}

/*@
  requires \separated(frame, rows + (0 .. BJ_FRAME_TYPE_COUNT - 1));
  ensures \result == BJ_OK ==> is_type(frame->type);
  ensures \result == BJ_OK ==> whole_frame(&rows[frame->type], frame);
  ensures \result == BJ_OK ==>
    c->pos == \old(c->pos) + frame_len(&rows[frame->type], frame);
  ensures \result == BJ_OK ==>
    front_stands(&rows[frame->type], frame, c->base + \old(c->pos));
  ensures \result == BJ_OK ==>
    numbers_stand(&rows[frame->type], frame, c->base + \old(c->pos));
  ensures \result == BJ_OK && rows[frame->type].time ==>
    time_stands(frame->time_ms,
                c->base + (\old(c->pos) + BJ_FRAME_HEADER_LEN));
  ensures \result == BJ_OK ==> lies_at(&rows[frame->type], frame,
    c->base + (\old(c->pos) + BJ_FRAME_HEADER_LEN));
*/
enum bj_status bj_frame_read(struct bj_cursor *c, enum bj_frame_phase phase,
                             struct bj_frame *frame)
{
    struct bj_cursor ahead = *c;
    struct header h;
    enum bj_status status;

    clear(frame);
    status = read_header(&ahead, phase, &h);
    if (status != BJ_OK)
        return status;
    if (bj_cursor_left(&ahead) < h.rest)
        return BJ_MORE;
    /*@ assert ahead.base == c->base && ahead.len == c->len &&
      c->status == \at(c->status, Pre); */
    /*@ assert ahead.pos == c->pos + BJ_FRAME_HEADER_LEN; */
    take(&ahead, &h, frame);
    /*@ assert c->base == \at(c->base, Pre) && c->len == \at(c->len, Pre) &&
      c->status == \at(c->status, Pre) && ahead.pos <= c->len; */
    c->pos = ahead.pos;
    return BJ_OK;
}

/* Whether the frame says what its type can say, and no more. */
/*@
  requires \valid_read(row) && \valid_read(f);
  assigns \nothing;
  ensures \result <==> whole_frame(row, f);
*/
static bool is_frame(const struct row *row, const struct bj_frame *f)
{
    unsigned config = (unsigned)f->config;

    if (row->config ? f->server != 0 : config != 0)
        return false;
    return fits(row, f->lookup, f->socket, row->config ? config : f->server) &&
           (row->time || f->time_ms == 0) &&
           row->entropy == (f->entropy != NULL) &&
           f->payload_len >= row->least && f->payload_len <= row->most;
}

/*@
  requires valid_writer(w) && \valid_read(row) && \valid_read(frame);
  requires \separated(row, w, w->base + (0 .. w->cap - 1));
  requires \separated(frame, w, w->base + (0 .. w->cap - 1));
  requires whole_frame(row, frame) && frame->type < BJ_FRAME_TYPE_COUNT;
  assigns w->len, w->status, w->base[w->len .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures w->status == BJ_OK <==> \old(w->status) == BJ_OK &&
    \old(w->len) + BJ_FRAME_HEADER_LEN <= w->cap;
  ensures w->len == sum_len(\old(w->len), BJ_FRAME_HEADER_LEN);
  ensures w->status == BJ_OK ==>
    front_stands(row, frame, w->base + \old(w->len)) &&
    numbers_stand(row, frame, w->base + \old(w->len));
*/
static void write_header(struct bj_writer *w, const struct row *row,
                         const struct bj_frame *frame)
{
    bj_writer_u8(w, BJ_FRAME_VERSION);
    bj_writer_u8(w, (uint8_t)frame->type);
    bj_writer_u8(w, frame->socket);
    bj_writer_u8(w, row->config ? (uint8_t)frame->config : frame->server);
    /* For the provers, who see each part best before the next is there. */
    /*@ assert w->status == BJ_OK ==> w->len == \at(w->len, Pre) + 4 &&
      front_stands(row, frame, w->base + \at(w->len, Pre)); */
    bj_writer_u32(w, frame->lookup);
    /*@ assert w->status == BJ_OK ==> w->len == \at(w->len, Pre) + 8 &&
      holds_u32(w->base + (\at(w->len, Pre) + 4), frame->lookup); */
    bj_writer_u32(w, (uint32_t)(fields_len(row) + frame->payload_len));
    /*@ assert w->status == BJ_OK ==>
      holds_u32(w->base + (\at(w->len, Pre) + 8),
                (uint32_t)(frame_len(row, frame) - BJ_FRAME_HEADER_LEN)); */
}

/*@
  requires valid_writer(w);
  assigns w->len, w->status, w->base[w->len .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures w->status == BJ_OK <==> \old(w->status) == BJ_OK &&
    \old(w->len) + TIME_LEN <= w->cap;
  ensures w->len == sum_len(\old(w->len), TIME_LEN);
  ensures w->status == BJ_OK ==> time_stands(time_ms, w->base + \old(w->len));
*/
static void write_time(struct bj_writer *w, uint64_t time_ms)
{
    bj_writer_u32(w, (uint32_t)(time_ms / UINT64_C(4294967296)));
    bj_writer_u32(w, (uint32_t)(time_ms % UINT64_C(4294967296)));
}

/*@
  requires valid_writer(w) && \valid_read(row) && \valid_read(frame);
  requires \separated(row, w, w->base + (0 .. w->cap - 1));
  requires \separated(frame, w, w->base + (0 .. w->cap - 1));
  requires whole_frame(row, frame);
  requires frame->entropy != \null ==>
    \valid_read(frame->entropy + (0 .. BJ_FRAME_ENTROPY_LEN - 1));
  requires frame->payload_len > 0 ==>
    \valid_read(frame->payload + (0 .. frame->payload_len - 1));
  requires \separated(frame->entropy + (0 .. BJ_FRAME_ENTROPY_LEN - 1), w,
                      w->base + (0 .. w->cap - 1));
  requires \separated(frame->payload + (0 .. frame->payload_len - 1), w,
                      w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[w->len .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures w->status == BJ_OK <==> \old(w->status) == BJ_OK &&
    \old(w->len) + frame_len(row, frame) - BJ_FRAME_HEADER_LEN <= w->cap;
  ensures w->len == sum_len(\old(w->len),
                            frame_len(row, frame) - BJ_FRAME_HEADER_LEN);
  ensures w->status == BJ_OK ==> \let o = w->base + \old(w->len);
    (row->time ==> time_stands(frame->time_ms, o)) &&
    entropy_stands(row, frame, o) && payload_stands(row, frame, o);
*/
static void write_body(struct bj_writer *w, const struct row *row,
                       const struct bj_frame *frame)
{
    if (row->time)
        write_time(w, frame->time_ms);
    if (row->entropy)
        bj_writer_bytes(w, frame->entropy, BJ_FRAME_ENTROPY_LEN);
    bj_writer_bytes(w, frame->payload, frame->payload_len);
}

/*@
  requires \separated(w->base + (0 .. w->cap - 1),
                      rows + (0 .. BJ_FRAME_TYPE_COUNT - 1));
  requires \separated(w, rows + (0 .. BJ_FRAME_TYPE_COUNT - 1));
  ensures \let row = &rows[frame->type];
    is_type(frame->type) && whole_frame(row, frame) &&
    \old(w->status) == BJ_OK &&
    \old(w->len) + frame_len(row, frame) <= w->cap ==> \result == BJ_OK;
  ensures \result == BJ_OK ==> \let row = &rows[frame->type];
    w->len == \old(w->len) + frame_len(row, frame) &&
    \let o = w->base + \old(w->len); \let body = o + BJ_FRAME_HEADER_LEN;
    front_stands(row, frame, o) && numbers_stand(row, frame, o) &&
    (row->time ==> time_stands(frame->time_ms, body)) &&
    entropy_stands(row, frame, body) && payload_stands(row, frame, body);
*/
enum bj_status bj_frame_write(struct bj_writer *w, const struct bj_frame *frame)
{
    const struct row *row = row_of((unsigned)frame->type);

    if (row == NULL || !is_frame(row, frame))
        return BJ_BUG;
    write_header(w, row, frame);
    write_body(w, row, frame);
    return bj_writer_end(w);
}
