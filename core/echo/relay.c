#include "core/echo/relay.h"

void bj_relay_init(struct bj_relay *r, uint8_t *buf, size_t cap, unsigned flags)
{
    r->buf = buf;
    r->cap = cap;
    r->head = 0;
    r->used = 0;
    r->asked = 0;
    r->got = 0;
    r->put = 0;
    r->flags = flags;
    r->source_over = false;
    r->state = BJ_RELAY_IDLE;
    r->outcome = BJ_RELAY_OPEN;
}

/* The one way into the end; the first reason is the one that is kept. */
/*@
  requires valid_relay(r) && outcome != BJ_RELAY_OPEN;
  requires outcome == BJ_RELAY_OK ==> r->used == 0;
  assigns r->outcome, r->state, r->asked;
  ensures valid_relay(r) && r->state == BJ_RELAY_FINISHING;
  ensures r->outcome ==
    (\old(r->outcome) == BJ_RELAY_OPEN ? outcome : \old(r->outcome));
*/
static void finish(struct bj_relay *r, enum bj_relay_outcome outcome)
{
    if (r->outcome == BJ_RELAY_OPEN)
        r->outcome = outcome;
    r->state = BJ_RELAY_FINISHING;
    r->asked = 0;
}

/*@
  requires \valid_read(r);
  assigns \nothing;
*/
static bool is_polled(const struct bj_relay *r)
{
    return (r->flags & BJ_RELAY_POLLED) != 0;
}

/* READING: the octets went behind the pending ones, where ask_read said. */
/*@
  requires valid_relay(r) && r->state == BJ_RELAY_READING;
  requires r->got + r->cap <= UINT64_MAX;
  assigns r->used, r->got, r->source_over, r->outcome, r->state, r->asked;
  ensures valid_relay(r);
  ensures r->state == BJ_RELAY_IDLE || r->state == BJ_RELAY_FINISHING;
  ensures r->got == \old(r->got) ||
    (event == BJ_RELAY_GOT && r->got == \old(r->got) + n);
*/
static void on_reading(struct bj_relay *r, enum bj_relay_event event, size_t n)
{
    if (event == BJ_RELAY_GOT && n > 0 && n <= r->asked) {
        r->used += n;
        r->got += n;
    } else if (event == BJ_RELAY_EOF) {
        r->source_over = true;
    } else if (event == BJ_RELAY_FAILED) {
        r->source_over = true;
        r->outcome = BJ_RELAY_READ_FAILED;
    } else if (event != BJ_RELAY_AGAIN) {
        finish(r, BJ_RELAY_BROKEN);
        return;
    }
    r->state = BJ_RELAY_IDLE;
}

/*@
  requires valid_relay(r) && r->state == BJ_RELAY_WRITING;
  assigns r->used, r->put, r->head, r->outcome, r->state, r->asked;
  ensures valid_relay(r);
  ensures same_slots(r->cap, \old(r->got), \old(r->head), \old(r->put),
    r->head, r->put);
  ensures r->state == BJ_RELAY_IDLE || r->state == BJ_RELAY_FINISHING;
  ensures r->put == \old(r->put) ||
    (event == BJ_RELAY_PUT && r->put == \old(r->put) + n);
*/
static void on_writing(struct bj_relay *r, enum bj_relay_event event, size_t n)
{
    if (event == BJ_RELAY_PUT && n > 0 && n <= r->asked) {
        r->used -= n;
        r->put += n;
        r->head += n;
        /* Starting over when empty keeps reads and writes in one piece. */
        if (r->head == r->cap || r->used == 0)
            r->head = 0;
    } else if (event == BJ_RELAY_FAILED) {
        finish(r, BJ_RELAY_WRITE_FAILED);
        return;
    } else if (event != BJ_RELAY_AGAIN) {
        finish(r, BJ_RELAY_BROKEN);
        return;
    }
    r->state = BJ_RELAY_IDLE;
}

/* IDLE: nothing is outstanding, so only a start or a poll can report. */
/*@
  requires valid_relay(r) && r->state == BJ_RELAY_IDLE;
  assigns r->outcome, r->state, r->asked;
  ensures valid_relay(r);
  ensures r->state == BJ_RELAY_FINISHING ||
    (r->state == BJ_RELAY_IDLE && r->cap > 0);
*/
static void on_idle(struct bj_relay *r, enum bj_relay_event event)
{
    bool poll = event == BJ_RELAY_READABLE || event == BJ_RELAY_WRITABLE ||
                event == BJ_RELAY_AGAIN;

    if (r->cap == 0 || !(event == BJ_RELAY_START || (poll && is_polled(r))))
        finish(r, BJ_RELAY_BROKEN);
}

/*@
  requires valid_relay(r) && r->state == BJ_RELAY_FINISHING;
  assigns r->state;
  ensures valid_relay(r);
  ensures r->state == BJ_RELAY_FINISHING || r->state == BJ_RELAY_ENDED;
*/
static void on_finishing(struct bj_relay *r, enum bj_relay_event event)
{
    if (event != BJ_RELAY_AGAIN)
        r->state = BJ_RELAY_ENDED;
}

/* Free octets in one piece behind the pending ones: to the end of the buffer,
 * or up to the head once the pending ones have gone around. */
/*@
  requires valid_relay(r) && r->state == BJ_RELAY_IDLE && r->used < r->cap;
  assigns r->asked, r->state;
  ensures valid_relay(r) && r->state == BJ_RELAY_READING && r->asked > 0;
  ensures \result.kind == BJ_RELAY_READ && \result.n == r->asked;
  ensures \result.at == r->buf + relay_slot(r->head, r->cap, r->used);
*/
static struct bj_relay_action ask_read(struct bj_relay *r)
{
    struct bj_relay_action action = {.kind = BJ_RELAY_READ};
    size_t to_end = r->cap - r->head;

    if (r->used < to_end) {
        action.at = r->buf + (r->head + r->used);
        action.n = to_end - r->used;
    } else {
        action.at = r->buf + (r->used - to_end);
        action.n = r->cap - r->used;
    }
    r->asked = action.n;
    r->state = BJ_RELAY_READING;
    return action;
}

/*@
  requires valid_relay(r) && r->state == BJ_RELAY_IDLE && r->used > 0;
  assigns r->asked, r->state;
  ensures valid_relay(r) && r->state == BJ_RELAY_WRITING && r->asked > 0;
  ensures \result.kind == BJ_RELAY_WRITE && \result.n == r->asked;
  ensures \result.at == r->buf + r->head;
*/
static struct bj_relay_action ask_write(struct bj_relay *r)
{
    struct bj_relay_action action = {.kind = BJ_RELAY_WRITE};
    size_t to_end = r->cap - r->head;

    action.at = r->buf + r->head;
    action.n = r->used < to_end ? r->used : to_end;
    r->asked = action.n;
    r->state = BJ_RELAY_WRITING;
    return action;
}

/*@
  requires valid_relay(r) && r->state == BJ_RELAY_IDLE;
  assigns r->asked, r->state;
  ensures valid_relay(r);
  ensures \result.kind == BJ_RELAY_READ ==>
    \result.n == r->asked > 0 && r->state == BJ_RELAY_READING &&
    \result.at == r->buf + relay_slot(r->head, r->cap, r->used);
  ensures \result.kind == BJ_RELAY_WRITE ==>
    \result.n == r->asked > 0 && r->state == BJ_RELAY_WRITING &&
    \result.at == r->buf + r->head;
  ensures \result.kind == BJ_RELAY_READ || \result.kind == BJ_RELAY_WRITE ||
    \result.kind == BJ_RELAY_WAIT;
  ensures r->state != BJ_RELAY_ENDED;
*/
static struct bj_relay_action next_polled(struct bj_relay *r,
                                          enum bj_relay_event event)
{
    struct bj_relay_action action = {.kind = BJ_RELAY_WAIT};
    bool may_read = !r->source_over && r->used < r->cap;

    if (event == BJ_RELAY_READABLE && may_read)
        return ask_read(r);
    if (event == BJ_RELAY_WRITABLE && r->used > 0)
        return ask_write(r);
    action.wants = (may_read ? BJ_RELAY_WANTS_READ : 0U) |
                   (r->used > 0 ? BJ_RELAY_WANTS_WRITE : 0U);
    return action;
}

/*@
  requires valid_relay(r);
  requires r->state == BJ_RELAY_IDLE ==> r->cap > 0;
  requires r->state == BJ_RELAY_IDLE || r->state == BJ_RELAY_FINISHING ||
    r->state == BJ_RELAY_ENDED;
  assigns r->asked, r->state, r->outcome;
  ensures valid_relay(r);
  ensures \result.kind == BJ_RELAY_READ ==>
    \result.n == r->asked > 0 && r->state == BJ_RELAY_READING &&
    \result.at == r->buf + relay_slot(r->head, r->cap, r->used);
  ensures \result.kind == BJ_RELAY_WRITE ==>
    \result.n == r->asked > 0 && r->state == BJ_RELAY_WRITING &&
    \result.at == r->buf + r->head;
  ensures \result.kind == BJ_RELAY_SHUTDOWN ==> r->outcome == BJ_RELAY_OK;
  ensures \result.kind == BJ_RELAY_DONE <==> r->state == BJ_RELAY_ENDED;
*/
static struct bj_relay_action next(struct bj_relay *r,
                                   enum bj_relay_event event)
{
    struct bj_relay_action action = {.kind = BJ_RELAY_DONE};

    if (r->state == BJ_RELAY_IDLE && r->source_over && r->used == 0)
        finish(r, BJ_RELAY_OK);
    if (r->state == BJ_RELAY_ENDED)
        return action;
    if (r->state == BJ_RELAY_FINISHING) {
        bool whole = r->outcome == BJ_RELAY_OK;

        action.kind = whole && (r->flags & BJ_RELAY_HALF) ? BJ_RELAY_SHUTDOWN
                                                          : BJ_RELAY_CLOSE;
        return action;
    }
    if (is_polled(r))
        return next_polled(r, event);
    return r->used > 0 ? ask_write(r) : ask_read(r);
}

struct bj_relay_action bj_relay_step(struct bj_relay *r,
                                     enum bj_relay_event event, size_t n)
{
    bool over = r->state == BJ_RELAY_FINISHING || r->state == BJ_RELAY_ENDED;

    if (event == BJ_RELAY_TIMEOUT && !over) {
        finish(r, BJ_RELAY_TIMED_OUT);
        return next(r, event);
    }
    switch (r->state) {
    case BJ_RELAY_IDLE:
        on_idle(r, event);
        break;
    case BJ_RELAY_READING:
        on_reading(r, event, n);
        break;
    case BJ_RELAY_WRITING:
        on_writing(r, event, n);
        break;
    case BJ_RELAY_FINISHING:
        on_finishing(r, event);
        break;
    case BJ_RELAY_ENDED:
        break;
    }
    return next(r, event);
}

const char *bj_relay_outcome_text(enum bj_relay_outcome outcome)
{
    switch (outcome) {
#define BJ_RELAY_OUTCOME_CASE(name, text) \
    case name:                            \
        return text;
        BJ_RELAY_OUTCOME_TABLE(BJ_RELAY_OUTCOME_CASE)
#undef BJ_RELAY_OUTCOME_CASE
    }
    return "unknown outcome";
}
