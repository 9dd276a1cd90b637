#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/resolve/engine.h"

enum {
    /* For the first worker: what the spawner gives it, twice. */
    OPEN_MS = 25000,
    OPEN_TRIES = 3,
    /* A spawner that lives hears a request at once; a machine may be loaded. */
    SPAWNER_MS = 2000
};

static size_t mapping_len(const struct bj_resolver *r)
{
    return sizeof(struct bj_engine) +
           r->worker_count * ((size_t)BJ_LINK_IN + (size_t)BJ_LINK_OUT);
}

static void *map(size_t len, int flags, void *at)
{
    void *memory =
        mmap(at, len, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

int bj_engine_make(struct bj_resolver *r)
{
    size_t len;

    r->worker_count = r->settings->isolate == BJ_ISOLATE_LOOKUP
                          ? BJ_WORKERS
                          : BJ_WORKERS_SHARED;
    len = mapping_len(r);
    r->shared = map(sizeof(*r->shared), MAP_SHARED, NULL);
    r->engine = map(len, MAP_PRIVATE | MAP_NORESERVE, NULL);
    if (r->shared == NULL || r->engine == NULL)
        return errno;
    return madvise(r->engine, len, MADV_WIPEONFORK) == 0 ? 0 : errno;
}

void bj_engine_unmake(struct bj_resolver *r)
{
    if (r->engine != NULL)
        munmap(r->engine, mapping_len(r));
    if (r->shared != NULL)
        munmap(r->shared, sizeof(*r->shared));
    r->engine = NULL;
    r->shared = NULL;
}

/* ---- the spawner ---- */

static void tell(struct bj_resolver *r, enum bj_control_kind kind,
                 uint32_t number)
{
    struct bj_control control = {.kind = kind, .number = number};
    uint8_t octets[64];
    struct bj_writer w;

    bj_writer_init(&w, octets, sizeof(octets));
    if (r->engine->broken || bj_control_write(&w, &control) != BJ_OK)
        return;
    if (!bj_descriptor_holds(&r->ledger.spawner.control) ||
        send(r->ledger.spawner.control.fd, octets, w.len,
             MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)w.len)
        r->engine->broken = true;
}

void bj_engine_want(struct bj_resolver *r)
{
    if (r->engine->wants == 0)
        r->engine->answered_ms = bj_engine_now();
    r->engine->wants += 1;
    tell(r, BJ_CONTROL_WANT, 0);
}

void bj_engine_dismiss(struct bj_resolver *r, uint32_t number)
{
    tell(r, BJ_CONTROL_END, number);
}

/* The buffers of a worker lie behind the engine. */
static void place_buffers(struct bj_resolver *r, unsigned worker)
{
    uint8_t *base = (uint8_t *)(r->engine + 1);
    struct bj_worker *w = &r->engine->workers[worker];

    w->in = base + worker * ((size_t)BJ_LINK_IN + (size_t)BJ_LINK_OUT);
    w->out = w->in + BJ_LINK_IN;
}

/* A place for a worker: a free one, or that of one which is no longer asked
 * and whose lookups may just as well ask the new one. */
static unsigned vacate(struct bj_resolver *r)
{
    const struct bj_engine *e = r->engine;
    unsigned oldest = 0;

    for (unsigned i = 0; i < r->worker_count; i++) {
        if (!e->workers[i].alive)
            return i;
        if (e->workers[i].generation < e->workers[oldest].generation)
            oldest = i;
    }
    bj_worker_drop(r, oldest, BJ_WORKER_LOST);
    return oldest;
}

/* There is no worker for this configuration. One of the last serves on, if it
 * lives; else nobody can be served. */
static void do_without(struct bj_resolver *r, const struct bj_control *control)
{
    struct bj_engine *e = r->engine;
    int error = (int)control->number;
    bool any = false;

    e->generation_failed = control->generation;
    e->failure = error;
    bj_trace_state(r, 0, "no-worker", error);
    for (unsigned i = 0; i < r->worker_count; i++)
        any = any || (e->workers[i].alive && !e->workers[i].taken);
    if (any && r->settings->isolate == BJ_ISOLATE_RESOLVER)
        return;
    bj_engine_fail_queued(r, error);
}

/* All three ends, or none. */
static bool adopt(const struct bj_ends *ends, struct bj_descriptor out[3])
{
    const int fds[3] = {ends->to, ends->from, ends->reader};
    bool whole = true;

    for (unsigned i = 0; i < 3; i++)
        whole = bj_descriptor_adopt(&out[i], fds[i]) == 0 && whole;
    for (unsigned i = 0; i < 3 && !whole; i++)
        bj_descriptor_close(&out[i]);
    return whole;
}

static void install(struct bj_resolver *r, const struct bj_control *control,
                    const struct bj_ends *ends)
{
    struct bj_engine *e = r->engine;
    struct bj_descriptor adopted[3];
    unsigned place;
    struct bj_worker *w;

    if (!adopt(ends, adopted)) {
        struct bj_control lost = *control;

        /* The kernel had no number for one: as if there were none. */
        tell(r, BJ_CONTROL_END, control->number);
        lost.number = EMFILE;
        do_without(r, &lost);
        return;
    }
    place = vacate(r);
    w = &e->workers[place];
    memset(w, 0, sizeof(*w));
    place_buffers(r, place);
    r->ledger.to[place] = adopted[0];
    r->ledger.from[place] = adopted[1];
    r->ledger.readers[place] = adopted[2];
    w->alive = true;
    w->number = control->number;
    w->generation = control->generation;
    bj_engine_configure(r, control, &w->servers);
    bj_trace_state(r, 0, "worker-ready", 0);
    bj_engine_wake(r);
}

/* One message and the descriptors that came with it. */
static ssize_t receive(struct bj_resolver *r, struct bj_ends *ends)
{
    union {
        struct cmsghdr header;
        char octets[CMSG_SPACE(sizeof(*ends))];
    } ancillary;
    struct iovec part = {r->engine->message, sizeof(r->engine->message)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &ancillary,
                             .msg_controllen = sizeof(ancillary)};
    const struct cmsghdr *header;
    ssize_t len;

    *ends = BJ_ENDS_NONE;
    if (!bj_descriptor_holds(&r->ledger.spawner.control))
        return 0;
    len = recvmsg(r->ledger.spawner.control.fd, &message,
                  MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    header = len > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header != NULL && header->cmsg_level == SOL_SOCKET &&
        header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len <= CMSG_LEN(sizeof(*ends)))
        /* Fewer than all if there is no number for more. */
        memcpy(ends, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
    return len;
}

void bj_engine_hear(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;

    while (!e->broken) {
        struct bj_control control;
        struct bj_cursor c;
        struct bj_ends ends;
        ssize_t len = receive(r, &ends);

        if (len < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        bj_cursor_init(&c, e->message, len > 0 ? (size_t)len : 0);
        if (len <= 0 || bj_control_read(&c, &control) != BJ_OK) {
            e->broken = true;
            return;
        }
        e->wants -= e->wants > 0;
        e->answered_ms = bj_engine_now();
        if (control.kind == BJ_CONTROL_WORKER)
            install(r, &control, &ends);
        else
            do_without(r, &control);
    }
}

uint64_t bj_engine_patience(const struct bj_resolver *r)
{
    uint64_t from =
        __atomic_load_n(&r->shared->busy_until_ms, __ATOMIC_ACQUIRE);

    if (r->engine->wants == 0)
        return UINT64_MAX;
    if (from < r->engine->answered_ms)
        from = r->engine->answered_ms;
    return from + SPAWNER_MS;
}

/* ---- opening ---- */

/* Whether a first filter has come since it was opened, which may well kill for
 * a call that no lookup makes. */
static bool is_confined_since(const struct bj_resolver *r)
{
    return r->opened && r->seccomp == 0 &&
           prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) != 0;
}

/* Whether it may be opened, the first time or anew. */
static bool may_open(const struct bj_resolver *r)
{
    return !r->opened || (!r->settings->once && !is_confined_since(r));
}

void bj_engine_urge(struct bj_resolver *r, uint64_t now_ms)
{
    if (now_ms < bj_engine_patience(r))
        return;
    bj_trace_state(r, 0, "spawner-silent", ETIMEDOUT);
    if (may_open(r)) {
        r->engine->broken = true;
        return;
    }
    /* There can be no other, and this one may go on some time. */
    r->engine->answered_ms = now_ms;
    bj_engine_fail_queued(r, ETIMEDOUT);
}

/* True if it was killed by its own filter, which the trace then says. */
static bool stop_spawner(struct bj_resolver *r)
{
    bool violated = bj_spawner_stop(&r->ledger.spawner, !is_confined_since(r));

    if (violated)
        bj_trace_state(r, 0, "spawner-violation", EPERM);
    return violated;
}

static void close_bells(struct bj_ledger *ledger)
{
    bj_bell_close(&ledger->wake);
    bj_bell_close(&ledger->ready);
}

/* What leads to the processes, and to servers. */
static void close_links(struct bj_ledger *ledger)
{
    bj_descriptor_close(&ledger->spawner.control);
    bj_descriptor_close(&ledger->spawner.process);
    for (size_t i = 0; i < BJ_WORKERS; i++) {
        bj_descriptor_close(&ledger->to[i]);
        bj_descriptor_close(&ledger->from[i]);
        bj_descriptor_close(&ledger->readers[i]);
    }
    for (size_t i = 0; i < BJ_SLOTS; i++)
        for (size_t k = 0; k < BJ_FRAME_SOCKETS; k++)
            bj_descriptor_close(&ledger->wires[i][k]);
    bj_spares_close(&ledger->spares);
}

/* Waits for the first worker, so that it is known whether there can be one. */
static int await_worker(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;
    uint64_t end = bj_engine_now() + OPEN_MS;

    bj_engine_want(r);
    while (e->wants > 0 && !e->broken) {
        struct pollfd fd = {r->ledger.spawner.control.fd, POLLIN, 0};
        uint64_t now = bj_engine_now();
        struct timespec left;

        if (now >= end)
            return ETIMEDOUT;
        left.tv_sec = (time_t)((end - now) / 1000);
        left.tv_nsec = (long)((end - now) % 1000) * 1000000;
        if (ppoll(&fd, 1, &left, NULL) > 0)
            bj_engine_hear(r);
    }
    if (e->broken)
        return r->shared->confine_error != 0 ? r->shared->confine_error
                                             : EPROTO;
    return e->workers[0].alive ? 0 : e->failure;
}

static int open_descriptors(struct bj_resolver *r)
{
    struct bj_ledger *ledger = &r->ledger;
    int error = bj_bell_open(&ledger->wake);

    if (error == 0)
        error = bj_bell_open(&ledger->ready);
    if (error == 0)
        error = bj_spawner_start(r->settings, r->shared, &ledger->spawner);
    return error;
}

/* Once: 0 or an errno value, with nothing open but the bells of before. */
static int try_open(struct bj_resolver *r)
{
    int error;

    r->engine->broken = false;
    r->engine->wants = 0;
    r->engine->generation_failed = 0;
    r->shared->generation = 1;
    r->shared->busy_until_ms = 0;
    r->gai_generation = 0;
    error = open_descriptors(r);
    if (error == 0)
        error = await_worker(r);
    if (error != 0) {
        if (stop_spawner(r))
            error = EPERM;
        close_links(&r->ledger);
        if (r->engine->life == 0)
            close_bells(&r->ledger);
    }
    return error;
}

static void note_opened(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;
    int mode = r->opened ? 0 : prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L);

    if (!r->opened)
        r->seccomp = mode > 0 ? mode : 0;
    if (e->life == 0)
        e->life = ++r->lives;
    r->opened = true;
    e->alive = true;
}

int bj_engine_open(struct bj_resolver *r)
{
    int error = EPROTO;

    if (r->engine->alive)
        return 0;
    if (!may_open(r))
        return EPERM;
    /* A parent's, or what is left of the last time; but a leader who is about
     * to poll the bell must find it there. */
    close_links(&r->ledger);
    if (r->engine->life == 0)
        close_bells(&r->ledger);
    /* Not the page that a parent shares with its spawner; in the same place,
     * since other threads may be looking at it. */
    if (map(sizeof(*r->shared), MAP_SHARED | MAP_FIXED, r->shared) == NULL)
        return errno;
    /* Somebody may be killing spawners as they are born. */
    for (unsigned i = 0; i < OPEN_TRIES && error == EPROTO; i++)
        error = try_open(r);
    if (error != 0)
        return error;
    note_opened(r);
    bj_engine_wake(r);
    return 0;
}

void bj_engine_break(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;

    bj_trace_state(r, 0, "reopening", 0);
    for (unsigned i = 0; i < r->worker_count; i++)
        if (e->workers[i].alive)
            bj_worker_drop(r, i, BJ_WORKER_LOST);
    e->alive = false;
    e->broken = false;
    e->wants = 0;
    stop_spawner(r);
    bj_engine_wake(r);
    close_links(&r->ledger);
}

void bj_engine_shut(struct bj_resolver *r)
{
    if (r->engine->alive)
        stop_spawner(r);
    close_links(&r->ledger);
    close_bells(&r->ledger);
    r->engine->alive = false;
}
