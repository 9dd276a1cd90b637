/*
 * A race over a scripted network: three octets an address say its family,
 * what comes of it and when; the last two the delay and the time limit. The
 * reference plays the same network by its clock over two queues. Oracles: the
 * same winner, the same starts at the same times, the same fates; every
 * socket is closed once; stale and early reports change nothing; it ends
 * within its budget.
 */
#include "core/connect/race.h"
#include "harnesses/harness.h"

enum { HOSTS_MAX = 80, NEVER = 1 << 30 };

enum kind { SILENT, ANSWERS, REFUSES, UNREACHABLE };

struct host {
    enum bj_family family;
    enum kind kind;
    uint64_t takes; /* ms from the start to the result; 0: at once */
};

/* What a run came to; the reference and the machine must agree. */
struct record {
    size_t winner; /* HOSTS_MAX: none */
    bool timed_out;
    uint64_t ended_at;
    size_t starts;
    size_t start_order[HOSTS_MAX];
    uint64_t start_time[HOSTS_MAX]; /* by position in start_order */
    bool resulted[HOSTS_MAX];       /* by host: its result was taken */
};

struct network {
    struct host hosts[HOSTS_MAX];
    size_t count;
    uint64_t delay;
    uint64_t limit;
};

/* The started host whose result is due first, by time, then by start. */
static size_t due_first(const struct network *net, const struct record *rec,
                        uint64_t *when)
{
    size_t best = HOSTS_MAX;

    *when = NEVER;
    for (size_t i = 0; i < rec->starts; i++) {
        size_t h = rec->start_order[i];
        uint64_t at = rec->start_time[i] + net->hosts[h].takes;

        if (net->hosts[h].kind == SILENT || rec->resulted[h] || at >= *when)
            continue;
        *when = at;
        best = h;
    }
    return best;
}

/* The reference: two queues of hosts and a clock. */
struct reference {
    const struct network *net;
    struct record rec;
    size_t head[3]; /* by family: the next host of the queue */
    bool dead[3];
    enum bj_family turn;
    uint64_t due;
};

static size_t queue_front(const struct reference *ref, enum bj_family family)
{
    size_t h = ref->head[family];

    while (h < ref->net->count && ref->net->hosts[h].family != family)
        h += 1;
    return ref->dead[family] || h >= BJ_RACE_MAX ? ref->net->count : h;
}

static bool reference_start(struct reference *ref, uint64_t now)
{
    size_t count = ref->net->count;
    enum bj_family other =
        ref->turn == BJ_FAMILY_IP4 ? BJ_FAMILY_IP6 : BJ_FAMILY_IP4;
    enum bj_family family =
        queue_front(ref, ref->turn) < count ? ref->turn : other;
    size_t h = queue_front(ref, family);

    if (h >= count)
        return false;
    ref->head[family] = h + 1;
    ref->turn = family == BJ_FAMILY_IP4 ? BJ_FAMILY_IP6 : BJ_FAMILY_IP4;
    ref->rec.start_order[ref->rec.starts] = h;
    ref->rec.start_time[ref->rec.starts] = now;
    ref->rec.starts += 1;
    ref->due = now + ref->net->delay;
    return true;
}

/* Takes the result of host h; true if the race is won. */
static bool reference_result(struct reference *ref, size_t h, uint64_t now)
{
    const struct host *host = &ref->net->hosts[h];

    ref->rec.resulted[h] = true;
    if (host->kind == ANSWERS) {
        ref->rec.winner = h;
        return true;
    }
    if (host->kind == UNREACHABLE)
        ref->dead[host->family] = true;
    ref->due = now;
    return false;
}

static bool reference_pending(const struct reference *ref)
{
    for (size_t i = 0; i < ref->rec.starts; i++) {
        if (!ref->rec.resulted[ref->rec.start_order[i]])
            return true;
    }
    return queue_front(ref, BJ_FAMILY_IP4) < ref->net->count ||
           queue_front(ref, BJ_FAMILY_IP6) < ref->net->count;
}

/* All that happens at one millisecond; true when the race is over. Results
 * come before a start that is merely due, as the driver reports them, but a
 * start that one of them has caused comes before the next result, and its
 * own result, if it comes at once, before everything. */
static bool reference_tick(struct reference *ref, uint64_t now)
{
    bool caused = false;
    bool won = false;

    while (!won) {
        uint64_t when;
        size_t h = due_first(ref->net, &ref->rec, &when);
        bool result = h < HOSTS_MAX && when <= now;

        if ((caused || !result) && now >= ref->due && now < ref->net->limit &&
            reference_start(ref, now)) {
            h = ref->rec.start_order[ref->rec.starts - 1];
            result = ref->net->hosts[h].kind != SILENT &&
                     ref->net->hosts[h].takes == 0;
        } else if (!result) {
            break;
        }
        caused = result;
        if (result)
            won = reference_result(ref, h, now);
        if (now >= ref->net->limit)
            break;
    }
    if (won || !reference_pending(ref))
        return true;
    ref->rec.timed_out = now >= ref->net->limit;
    return ref->rec.timed_out;
}

/* The next millisecond at which anything can happen. */
static uint64_t reference_next(const struct reference *ref, uint64_t now)
{
    uint64_t when;
    size_t count = ref->net->count;

    (void)due_first(ref->net, &ref->rec, &when);
    if (when > ref->net->limit)
        when = ref->net->limit;
    if (ref->due < when && (queue_front(ref, BJ_FAMILY_IP4) < count ||
                            queue_front(ref, BJ_FAMILY_IP6) < count))
        when = ref->due;
    return when > now ? when : now + 1;
}

static void run_reference(const struct network *net, struct record *out)
{
    struct reference ref = {.net = net, .rec = {.winner = HOSTS_MAX}};
    uint64_t now = 0;

    ref.turn = net->count > 0 ? net->hosts[0].family : BJ_FAMILY_IP4;
    while (!reference_tick(&ref, now))
        now = reference_next(&ref, now);
    ref.rec.ended_at = now;
    *out = ref.rec;
}

/* The driver of the machine under test. */
struct driver {
    const struct network *net;
    struct bj_race race;
    struct record rec;
    bool open[HOSTS_MAX];
    uint64_t now;
    unsigned chaos;
};

static struct bj_race_event event_of(const struct driver *d,
                                     enum bj_race_event_kind kind, size_t h)
{
    struct bj_race_event e = {kind, h, (int)h + 1, d->now};

    return e;
}

static struct bj_race_event result_of(struct driver *d, size_t h)
{
    static const enum bj_race_event_kind kinds[] = {
        [SILENT] = BJ_RACE_PENDING,
        [ANSWERS] = BJ_RACE_CONNECTED,
        [REFUSES] = BJ_RACE_FAILED,
        [UNREACHABLE] = BJ_RACE_UNREACHABLE,
    };
    enum kind kind = d->net->hosts[h].kind;

    d->rec.resulted[h] = true;
    if (kind != ANSWERS)
        d->open[h] = false;
    return event_of(d, kinds[kind], h);
}

static struct bj_race_event on_connect(struct driver *d, size_t h)
{
    const struct host *host = &d->net->hosts[h];

    BJ_CHECK(h < d->net->count && h < BJ_RACE_MAX && !d->open[h] &&
                 !d->rec.resulted[h],
             "starts-once");
    d->open[h] = true;
    d->rec.start_order[d->rec.starts] = h;
    d->rec.start_time[d->rec.starts] = d->now;
    d->rec.starts += 1;
    if (host->kind != SILENT && host->takes == 0)
        return result_of(d, h);
    return event_of(d, BJ_RACE_PENDING, h);
}

/* A report that is stale, early or about nobody must not move the race. */
static void disturb(struct driver *d, struct bj_race_action wait)
{
    static const enum bj_race_event_kind kinds[] = {
        BJ_RACE_CONNECTED, BJ_RACE_FAILED, BJ_RACE_UNREACHABLE, BJ_RACE_TIMER};
    struct bj_race_event e = event_of(d, kinds[d->chaos % 4], d->chaos % 96);
    struct bj_race_action a;

    d->chaos = d->chaos * 5 + 3;
    if (e.index < d->net->count && d->open[e.index])
        e.index = SIZE_MAX;
    a = bj_race_step(&d->race, &e);
    BJ_CHECK(a.kind == BJ_RACE_WAIT && a.until_ms == wait.until_ms,
             "stale-changes-nothing");
}

static struct bj_race_event on_wait(struct driver *d, struct bj_race_action a)
{
    uint64_t when;
    size_t h = due_first(d->net, &d->rec, &when);

    BJ_CHECK(a.until_ms > d->now, "waits-forward");
    if ((d->chaos & 1) != 0)
        disturb(d, a);
    if (h < HOSTS_MAX && when <= a.until_ms) {
        d->now = when;
        return result_of(d, h);
    }
    d->now = a.until_ms;
    return event_of(d, BJ_RACE_TIMER, 0);
}

static void run_machine(struct driver *d, const enum bj_family *families)
{
    struct bj_race_options options = {d->net->delay, d->net->limit};
    struct bj_race_event e = event_of(d, BJ_RACE_START, 0);
    struct bj_race_action a;

    bj_race_init(&d->race, families, d->net->count, &options);
    d->rec.winner = HOSTS_MAX;
    for (;;) {
        a = bj_race_step(&d->race, &e);
        BJ_CHECK(d->race.steps < BJ_RACE_STEPS_MAX, "within-budget");
        if (a.kind == BJ_RACE_WON || a.kind == BJ_RACE_LOST)
            break;
        if (a.kind == BJ_RACE_CONNECT) {
            e = on_connect(d, a.index);
        } else if (a.kind == BJ_RACE_CLOSE) {
            BJ_CHECK(a.index < d->net->count && d->open[a.index],
                     "closes-what-is-open");
            d->open[a.index] = false;
            e = event_of(d, BJ_RACE_CLOSED, a.index);
        } else {
            e = on_wait(d, a);
        }
    }
    if (a.kind == BJ_RACE_WON)
        d->rec.winner = a.index;
    d->rec.timed_out = d->race.timed_out;
    d->rec.ended_at = d->now;
    BJ_CHECK(bj_race_step(&d->race, &e).kind == a.kind, "stays-over");
}

static enum bj_race_fate expected_fate(const struct network *net,
                                       const struct record *rec, size_t h)
{
    bool dead = false;

    for (size_t i = 0; i < rec->starts; i++) {
        size_t other = rec->start_order[i];

        if (other == h && rec->winner == h)
            return BJ_RACE_ANSWERED;
        if (other == h && rec->resulted[h])
            return BJ_RACE_REFUSED;
        if (other == h)
            return rec->timed_out ? BJ_RACE_TIMED_OUT : BJ_RACE_OVERTAKEN;
        if (rec->resulted[other] && net->hosts[other].kind == UNREACHABLE &&
            net->hosts[other].family == net->hosts[h].family)
            dead = true;
    }
    /* A skip is noted when its turn comes, which need not be reached. */
    return dead ? BJ_RACE_SKIPPED : BJ_RACE_UNTRIED;
}

static void compare(const struct driver *d, const struct record *ref)
{
    const struct record *got = &d->rec;

    BJ_CHECK(got->winner == ref->winner, "same-winner");
    BJ_CHECK(got->timed_out == ref->timed_out, "same-end");
    BJ_CHECK(got->ended_at == ref->ended_at, "same-time");
    BJ_CHECK(got->starts == ref->starts &&
                 memcmp(got->start_order, ref->start_order,
                        ref->starts * sizeof(ref->start_order[0])) == 0,
             "same-order");
    BJ_CHECK(memcmp(got->start_time, ref->start_time,
                    ref->starts * sizeof(ref->start_time[0])) == 0,
             "same-start-times");
    for (size_t h = 0; h < d->race.count; h++) {
        enum bj_race_fate fate = expected_fate(d->net, ref, h);
        enum bj_race_fate is = d->race.attempts[h].fate;

        BJ_CHECK(d->open[h] == (ref->winner == h), "all-closed");
        BJ_CHECK(is == fate ||
                     (fate == BJ_RACE_SKIPPED && is == BJ_RACE_UNTRIED &&
                      (ref->timed_out || ref->winner < HOSTS_MAX)),
                 "same-fate");
        BJ_CHECK(is != BJ_RACE_REFUSED ||
                     d->race.attempts[h].cause == (int)h + 1,
                 "cause-kept");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct network net = {0};
    enum bj_family families[HOSTS_MAX];
    struct driver d = {.net = &net};
    struct record ref;

    net.limit = 16 * (uint64_t)bj_take_tail(data, &size);
    net.delay = 1 + 2 * (uint64_t)bj_take_tail(data, &size);
    d.chaos = bj_take_tail(data, &size);
    for (; net.count < HOSTS_MAX && size - net.count * 3 >= 3; net.count++) {
        const uint8_t *spec = data + net.count * 3;
        struct host *host = &net.hosts[net.count];

        host->family = (spec[0] & 1) != 0 ? BJ_FAMILY_IP6 : BJ_FAMILY_IP4;
        host->kind = (enum kind)(spec[0] >> 1 & 3);
        host->takes = (spec[1] * 256U + spec[2]) % 4096U;
        families[net.count] = host->family;
    }
    run_reference(&net, &ref);
    run_machine(&d, families);
    compare(&d, &ref);
    bj_digest(&d.rec.winner, sizeof(d.rec.winner));
    bj_digest(&d.rec.ended_at, sizeof(d.rec.ended_at));
    return 0;
}
