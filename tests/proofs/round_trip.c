/*
 * Writing a frame that was read gives the octets that were read: it follows
 * from the contracts of the two in core/resolve/frame.c. For
 * tests/proofs/run, never compiled.
 */
#include "core/resolve/frame.c"

/* What equals the same equals each other. */
/*@
  requires same_octets(a, x, n) && same_octets(b, x, n);
  assigns \nothing;
  ensures same_octets(a, b, n);
*/
static void both(const uint8_t *a, const uint8_t *b, const uint8_t *x, size_t n)
{
}

/*@
  requires same_octets(a, b, n) && i < n;
  assigns \nothing;
  ensures a[i] == b[i];
*/
static void one(const uint8_t *a, const uint8_t *b, size_t n, size_t i)
{
}

/* Octets that are equal, and m more behind them: by induction. */
/*@
  requires same_octets(a, b, n) && same_octets(a + n, b + n, m);
  assigns \nothing;
  ensures same_octets(a, b, n + m);
*/
static void join(const uint8_t *a, const uint8_t *b, size_t n, size_t m)
{
    /*@
      loop invariant 0 <= i <= m && same_octets(a, b, n + i);
      loop assigns i;
      loop variant m - i;
    */
    for (size_t i = 0; i < m; i++)
        one(a + n, b + n, m, i);
}

/* A number stands in one way only, and so do a time and a header. */
/*@
  requires holds_u32(a, value) && holds_u32(b, value);
  assigns \nothing;
  ensures same_octets(a, b, 4);
*/
static void same_number(uint32_t value, const uint8_t *a, const uint8_t *b)
{
}

/*@
  requires time_stands(time_ms, a) && time_stands(time_ms, b);
  assigns \nothing;
  ensures same_octets(a, b, TIME_LEN);
*/
static void same_time(uint64_t time_ms, const uint8_t *a, const uint8_t *b)
{
    same_number((uint32_t)(time_ms / 4294967296), a, b);
    same_number((uint32_t)(time_ms % 4294967296), a + 4, b + 4);
    join(a, b, 4, 4);
}

/*@
  requires \valid_read(row) && \valid_read(f) && f->payload_len <= row->most;
  requires front_stands(row, f, a) && front_stands(row, f, b);
  requires numbers_stand(row, f, a) && numbers_stand(row, f, b);
  assigns \nothing;
  ensures same_octets(a, b, BJ_FRAME_HEADER_LEN);
*/
static void same_header(const struct row *row, const struct bj_frame *f,
                        const uint8_t *a, const uint8_t *b)
{
    /*@ assert same_octets(a, b, 4); */
    same_number(f->lookup, a + 4, b + 4);
    join(a, b, 4, 4);
    same_number((uint32_t)(fields_len(row) + f->payload_len), a + 8, b + 8);
    join(a, b, 8, 4);
}

/* And so does a frame. */
/*@
  requires \valid_read(row) && \valid_read(f) && f->payload_len <= row->most;
  requires front_stands(row, f, a) && front_stands(row, f, b);
  requires numbers_stand(row, f, a) && numbers_stand(row, f, b);
  requires row->time ==> time_stands(f->time_ms, a + BJ_FRAME_HEADER_LEN) &&
    time_stands(f->time_ms, b + BJ_FRAME_HEADER_LEN);
  requires entropy_stands(row, f, a + BJ_FRAME_HEADER_LEN) &&
    entropy_stands(row, f, b + BJ_FRAME_HEADER_LEN);
  requires payload_stands(row, f, a + BJ_FRAME_HEADER_LEN) &&
    payload_stands(row, f, b + BJ_FRAME_HEADER_LEN);
  assigns \nothing;
  ensures same_octets(a, b, frame_len(row, f));
*/
static void same_frame(const struct row *row, const struct bj_frame *f,
                       const uint8_t *a, const uint8_t *b)
{
    size_t n = BJ_FRAME_HEADER_LEN;

    same_header(row, f, a, b);
    if (row->time) {
        same_time(f->time_ms, a + n, b + n);
        join(a, b, n, TIME_LEN);
        n += TIME_LEN;
    }
    if (row->entropy) {
        both(a + n, b + n, f->entropy, BJ_FRAME_ENTROPY_LEN);
        join(a, b, n, BJ_FRAME_ENTROPY_LEN);
        n += BJ_FRAME_ENTROPY_LEN;
    }
    both(a + n, b + n, f->payload, f->payload_len);
    join(a, b, n, f->payload_len);
}

/* Writes a frame that stands at `in`. */
/*@
  requires valid_writer(w) && \valid_read(frame) && w->status == BJ_OK;
  requires is_type(frame->type);
  requires \let row = &rows[frame->type];
    whole_frame(row, frame) && frame_len(row, frame) == n &&
    front_stands(row, frame, in) && numbers_stand(row, frame, in) &&
    (row->time ==>
     time_stands(frame->time_ms, in + BJ_FRAME_HEADER_LEN)) &&
    lies_at(row, frame, in + BJ_FRAME_HEADER_LEN);
  requires \valid_read(in + (0 .. n - 1)) && n <= w->cap - w->len;
  requires \separated(frame, w, in + (0 .. n - 1), w->base + (0 .. w->cap - 1),
                      rows + (0 .. BJ_FRAME_TYPE_COUNT - 1));
  assigns w->len, w->status, w->base[w->len .. w->cap - 1];
  ensures \result == BJ_OK && w->len == \old(w->len) + n;
  ensures same_octets(\old(w->base + w->len), in, n);
*/
static enum bj_status write_again(struct bj_writer *w,
                                  const struct bj_frame *frame,
                                  const uint8_t *in, size_t n)
{
    const struct row *row = &rows[frame->type];
    const uint8_t *out = w->base + w->len;
    enum bj_status status = bj_frame_write(w, frame);

    /*@ assert \forall integer i; 0 <= i < n ==> in[i] == \at(in[i], Pre); */
    /*@ assert whole_frame(row, frame); */
    /*@ assert status == BJ_OK; */
    /*@ assert front_stands(row, frame, in); */
    /*@ assert numbers_stand(row, frame, in); */
    /*@ assert row->time ==>
      time_stands(frame->time_ms, in + BJ_FRAME_HEADER_LEN); */
    /*@ assert entropy_stands(row, frame, in + BJ_FRAME_HEADER_LEN); */
    /*@ assert payload_stands(row, frame, in + BJ_FRAME_HEADER_LEN); */
    same_frame(row, frame, out, in);
    return status;
}

/*@
  requires valid_cursor(c) && \valid(frame) && valid_writer(w);
  requires \separated(frame, c, w, c->base + (0 .. c->len - 1),
                      w->base + (0 .. w->cap - 1),
                      rows + (0 .. BJ_FRAME_TYPE_COUNT - 1));
  requires w->status == BJ_OK && c->len - c->pos <= w->cap - w->len;
  ensures \result == BJ_OK ==>
    w->len - \old(w->len) == c->pos - \old(c->pos);
  ensures \result == BJ_OK ==>
    same_octets(\old(w->base + w->len), \old(c->base + c->pos),
                c->pos - \old(c->pos));
  ensures \result == BJ_OK || c->pos == \old(c->pos);
*/
static enum bj_status round_trip(struct bj_cursor *c, enum bj_frame_phase phase,
                                 struct bj_frame *frame, struct bj_writer *w)
{
    size_t start = c->pos;
    enum bj_status status = bj_frame_read(c, phase, frame);

    if (status != BJ_OK)
        return status;
    return write_again(w, frame, c->base + start, c->pos - start);
}
