#include "core/echo/line.h"

#include <string.h>

#include "core/bytes/cursor.h"

void bj_line_init(struct bj_line *l, uint8_t *buf, size_t cap)
{
    l->buf = buf;
    l->cap = cap;
    l->head = 0;
    l->seen = 0;
    l->tail = 0;
    l->state = cap > 0 ? BJ_LINE_IDLE : BJ_LINE_OVER;
    l->source_over = false;
    l->failed = cap == 0;
}

/*@
  requires valid_line(l);
  assigns l->failed, l->state;
  ensures valid_line(l) && l->state == BJ_LINE_OVER;
*/
static void break_off(struct bj_line *l)
{
    l->failed = true;
    l->state = BJ_LINE_OVER;
}

/*@
  requires valid_line(l) && l->state == BJ_LINE_READING;
  assigns l->state, l->tail, l->source_over, l->failed;
  ensures valid_line(l);
  ensures l->state == BJ_LINE_IDLE || l->state == BJ_LINE_OVER;
*/
static void on_reading(struct bj_line *l, enum bj_line_event event, size_t n)
{
    l->state = BJ_LINE_IDLE;
    if (event == BJ_LINE_GOT && n > 0 && n <= l->cap - l->tail) {
        l->tail += n;
    } else if (event == BJ_LINE_EOF) {
        l->source_over = true;
    } else if (event == BJ_LINE_FAILED) {
        l->source_over = true;
        l->failed = true;
    } else if (event != BJ_LINE_AGAIN) {
        break_off(l);
    }
}

/*@
  requires valid_line(l) && l->state == BJ_LINE_IDLE;
  requires 0 < n <= l->tail - l->head;
  assigns l->head, l->seen;
  ensures valid_line(l) && l->head == \old(l->head) + n;
  ensures \result.kind == kind && \result.n == n;
  ensures \result.at == l->buf + \old(l->head);
*/
static struct bj_line_action hand_out(struct bj_line *l,
                                      enum bj_line_action_kind kind, size_t n)
{
    struct bj_line_action action = {.kind = kind};

    action.at = l->buf + l->head;
    action.n = n;
    l->head += n;
    l->seen = l->head;
    return action;
}

/* Moves an unfinished line to the front when the end of the buffer is
 * reached. Once there it is not moved again: a full buffer goes out. */
/*@
  requires valid_line(l) && l->state == BJ_LINE_IDLE;
  requires l->seen == l->tail && l->tail - l->head < l->cap;
  assigns l->head, l->seen, l->tail, l->state, l->buf[0 .. l->cap - 1];
  ensures valid_line(l) && l->state == BJ_LINE_READING;
  ensures \result.kind == BJ_LINE_READ && \result.at == l->buf + l->tail;
  ensures \result.n == l->cap - l->tail > 0;
  ensures same_octets{Pre,Post}(\old(l->buf + l->head), l->buf + l->head,
                                l->tail - l->head);
*/
static struct bj_line_action ask_read(struct bj_line *l)
{
    struct bj_line_action action = {.kind = BJ_LINE_READ};

    if (l->head == l->tail) {
        l->head = 0;
        l->seen = 0;
        l->tail = 0;
    } else if (l->tail == l->cap) {
        memmove(l->buf, l->buf + l->head, l->tail - l->head);
        l->seen -= l->head;
        l->tail -= l->head;
        l->head = 0;
    }
    action.at = l->buf + l->tail;
    action.n = l->cap - l->tail;
    l->state = BJ_LINE_READING;
    return action;
}

/*@
  requires valid_line(l);
  requires l->state == BJ_LINE_IDLE || l->state == BJ_LINE_OVER;
  assigns l->head, l->seen, l->tail, l->state, l->buf[0 .. l->cap - 1];
  ensures valid_line(l);
  ensures \result.kind == BJ_LINE_READ ==>
    \result.n == l->cap - l->tail > 0 && \result.at == l->buf + l->tail;
  ensures \result.kind == BJ_LINE_WHOLE || \result.kind == BJ_LINE_PART ==>
    \result.n > 0 && \result.at == l->buf + \old(l->head) &&
    l->head == \old(l->head) + \result.n;
  ensures \result.kind == BJ_LINE_READ ==>
    same_octets{Pre,Post}(\old(l->buf + l->head), l->buf + l->head,
                           l->tail - l->head);
  ensures \result.kind != BJ_LINE_READ ==>
    same_octets{Pre,Post}(l->buf, l->buf, l->cap);
*/
static struct bj_line_action next(struct bj_line *l)
{
    struct bj_line_action end = {.kind = BJ_LINE_END};
    struct bj_cursor unseen;
    size_t n;

    if (l->state == BJ_LINE_OVER)
        return end;
    bj_cursor_init(&unseen, l->buf + l->seen, l->tail - l->seen);
    n = bj_cursor_until(&unseen, '\n');
    if (n < bj_cursor_left(&unseen))
        return hand_out(l, BJ_LINE_WHOLE, l->seen - l->head + n + 1);
    l->seen = l->tail;
    if (l->tail - l->head == l->cap)
        return hand_out(l, BJ_LINE_PART, l->cap);
    if (!l->source_over)
        return ask_read(l);
    if (l->tail > l->head)
        return hand_out(l, BJ_LINE_PART, l->tail - l->head);
    l->state = BJ_LINE_OVER;
    return end;
}

struct bj_line_action bj_line_step(struct bj_line *l, enum bj_line_event event,
                                   size_t n)
{
    if (l->state == BJ_LINE_READING)
        on_reading(l, event, n);
    else if (l->state == BJ_LINE_IDLE && event != BJ_LINE_NEXT)
        break_off(l);
    return next(l);
}
