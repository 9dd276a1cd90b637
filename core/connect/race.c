#include "core/connect/race.h"

static uint64_t add(uint64_t a, uint64_t b)
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

/* The first index from `from` on whose family is, or is not, `family`. */
static size_t seek(const struct bj_race *r, size_t from, enum bj_family family,
                   bool same)
{
    while (from < r->count && (r->attempts[from].family == family) != same)
        from += 1;
    return from;
}

/* RFC 8305 section 4 with a First Address Family Count of 1: one of the first
 * address's family, one of the others, each in the resolver's order. */
static void interleave(struct bj_race *r)
{
    enum bj_family first = r->attempts[0].family;
    size_t ours = 0;
    size_t theirs = seek(r, 0, first, false);
    bool turn = true;

    for (size_t at = 0; at < r->count; at++) {
        if (theirs == r->count || (turn && ours < r->count)) {
            r->order[at] = (uint8_t)ours;
            ours = seek(r, ours + 1, first, true);
        } else {
            r->order[at] = (uint8_t)theirs;
            theirs = seek(r, theirs + 1, first, false);
        }
        turn = !turn;
    }
}

/* The unreachable families are kept by number: no other may come in. */
static enum bj_family known(enum bj_family family)
{
    return family == BJ_FAMILY_IP4 || family == BJ_FAMILY_IP6 ? family
                                                              : BJ_FAMILY_ANY;
}

void bj_race_init(struct bj_race *r, const enum bj_family *families,
                  size_t count, const struct bj_race_options *options)
{
    r->count = count < BJ_RACE_MAX ? count : BJ_RACE_MAX;
    r->left_out = count - r->count;
    for (size_t i = 0; i < BJ_RACE_MAX; i++) {
        r->attempts[i].family =
            i < r->count ? known(families[i]) : BJ_FAMILY_ANY;
        r->attempts[i].fate = BJ_RACE_UNTRIED;
        r->attempts[i].cause = 0;
        r->order[i] = 0;
    }
    if (r->count > 0)
        interleave(r);
    for (int i = 0; i < 3; i++) {
        r->unreachable[i] = false;
        r->unreachable_cause[i] = 0;
    }
    r->next = 0;
    r->running = 0;
    r->winner = r->count;
    r->now_ms = 0;
    r->due_ms = 0;
    r->deadline_ms = 0;
    r->options = *options;
    r->timed_out = false;
    r->state = BJ_RACE_READY;
    r->steps = 0;
}

/* A result of an attempt that is under way; all others are stale. */
static void on_result(struct bj_race *r, const struct bj_race_event *event)
{
    struct bj_race_attempt *attempt;

    if (event->index >= r->count)
        return;
    attempt = &r->attempts[event->index];
    if (attempt->fate != BJ_RACE_RUNNING)
        return;
    r->running -= 1;
    if (event->kind == BJ_RACE_CONNECTED) {
        attempt->fate = BJ_RACE_ANSWERED;
        r->winner = event->index;
        r->state = BJ_RACE_CLOSING;
        return;
    }
    attempt->fate = BJ_RACE_REFUSED;
    attempt->cause = event->cause;
    r->due_ms = r->now_ms;
    if (event->kind == BJ_RACE_UNREACHABLE) {
        r->unreachable[attempt->family] = true;
        r->unreachable_cause[attempt->family] = event->cause;
    }
}

/* Passes over addresses of families that are known to be unreachable. */
static void skip_unreachable(struct bj_race *r)
{
    while (r->next < r->count) {
        struct bj_race_attempt *attempt = &r->attempts[r->order[r->next]];

        if (!r->unreachable[attempt->family])
            return;
        attempt->fate = BJ_RACE_SKIPPED;
        attempt->cause = r->unreachable_cause[attempt->family];
        r->next += 1;
    }
}

static void on_racing(struct bj_race *r, const struct bj_race_event *event)
{
    if (event->kind == BJ_RACE_CONNECTED || event->kind == BJ_RACE_FAILED ||
        event->kind == BJ_RACE_UNREACHABLE)
        on_result(r, event);
    skip_unreachable(r);
    if (r->state == BJ_RACE_RACING && (r->running > 0 || r->next < r->count) &&
        (r->now_ms >= r->deadline_ms || r->steps >= BJ_RACE_STEPS_MAX)) {
        r->timed_out = true;
        r->state = BJ_RACE_CLOSING;
    }
}

/* CLOSING: a result that crosses our decision is that of a lost attempt. It
 * failed by itself and is closed, or it stays to be closed. */
static void on_closing(struct bj_race *r, const struct bj_race_event *event)
{
    if (event->kind != BJ_RACE_FAILED && event->kind != BJ_RACE_UNREACHABLE)
        return;
    if (event->index >= r->count ||
        r->attempts[event->index].fate != BJ_RACE_RUNNING)
        return;
    r->attempts[event->index].fate = BJ_RACE_REFUSED;
    r->attempts[event->index].cause = event->cause;
    r->running -= 1;
}

static struct bj_race_action next_racing(struct bj_race *r)
{
    struct bj_race_action action = {.kind = BJ_RACE_WAIT};

    if (r->next == r->count && r->running == 0) {
        r->state = BJ_RACE_OVER;
        action.kind = BJ_RACE_LOST;
        return action;
    }
    if (r->next < r->count && r->now_ms >= r->due_ms) {
        action.kind = BJ_RACE_CONNECT;
        action.index = r->order[r->next];
        r->attempts[action.index].fate = BJ_RACE_RUNNING;
        r->next += 1;
        r->running += 1;
        r->due_ms = add(r->now_ms, r->options.delay_ms);
        return action;
    }
    action.until_ms = r->deadline_ms;
    if (r->next < r->count && r->due_ms < action.until_ms)
        action.until_ms = r->due_ms;
    return action;
}

/* One attempt that is still under way is closed; without one, the end. */
static struct bj_race_action next_closing(struct bj_race *r)
{
    struct bj_race_action action = {.kind = BJ_RACE_CLOSE};

    for (size_t i = 0; i < r->count && r->running > 0; i++) {
        if (r->attempts[i].fate != BJ_RACE_RUNNING)
            continue;
        r->attempts[i].fate =
            r->timed_out ? BJ_RACE_TIMED_OUT : BJ_RACE_OVERTAKEN;
        r->running -= 1;
        action.index = i;
        return action;
    }
    r->state = BJ_RACE_OVER;
    action.kind = r->winner < r->count ? BJ_RACE_WON : BJ_RACE_LOST;
    action.index = r->winner < r->count ? r->winner : 0;
    return action;
}

struct bj_race_action bj_race_step(struct bj_race *r,
                                   const struct bj_race_event *event)
{
    struct bj_race_action over = {.kind = BJ_RACE_LOST};

    r->steps += 1;
    if (event->now_ms > r->now_ms)
        r->now_ms = event->now_ms;
    if (r->state == BJ_RACE_READY) {
        r->due_ms = r->now_ms;
        r->deadline_ms = add(r->now_ms, r->options.timeout_ms);
        r->state = BJ_RACE_RACING;
    }
    if (r->state == BJ_RACE_RACING) {
        on_racing(r, event);
    } else if (r->state == BJ_RACE_CLOSING) {
        on_closing(r, event);
    }
    if (r->state == BJ_RACE_RACING)
        return next_racing(r);
    if (r->state == BJ_RACE_CLOSING)
        return next_closing(r);
    if (r->winner < r->count) {
        over.kind = BJ_RACE_WON;
        over.index = r->winner;
    }
    return over;
}

const char *bj_race_fate_text(enum bj_race_fate fate)
{
    switch (fate) {
#define BJ_RACE_FATE_CASE(name, text) \
    case name:                        \
        return text;
        BJ_RACE_FATE_TABLE(BJ_RACE_FATE_CASE)
#undef BJ_RACE_FATE_CASE
    }
    return "unknown fate";
}
