#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/resolve/calls.h"
#include "sandbox/resolve/resolver.h"

/* ---- lists ---- */

static void append(struct bj_call **head, struct bj_call **tail,
                   struct bj_call *call)
{
    call->later = NULL;
    if (*head == NULL)
        *head = call;
    else
        (*tail)->later = call;
    *tail = call;
}

static void take_out(struct bj_call **head, struct bj_call **tail,
                     const struct bj_call *call)
{
    struct bj_call *before = NULL;
    struct bj_call *at = *head;

    while (at != NULL && at != call) {
        before = at;
        at = at->later;
    }
    if (at == NULL)
        return;
    if (before == NULL)
        *head = at->later;
    else
        before->later = at->later;
    if (*tail == at)
        *tail = before;
}

/* ---- what the engine calls ---- */

void bj_call_finish(struct bj_resolver *r, struct bj_call *call)
{
    struct bj_engine *e = r->engine;

    call->state = BJ_CALL_DUE;
    if (e->done_head == NULL)
        bj_bell_ring(&r->ledger.ready);
    append(&e->done_head, &e->done_tail, call);
}

void bj_call_leave(struct bj_resolver *r, struct bj_call *call)
{
    unsigned slot = call->slot;

    call->slot = BJ_SLOTS;
    if (slot != BJ_SLOTS)
        bj_engine_release(r, slot);
}

/* Gives it a slot, or has it wait for one. */
static void place(struct bj_resolver *r, struct bj_call *call)
{
    struct bj_engine *e = r->engine;

    call->state = BJ_CALL_IN_SLOT;
    if (bj_engine_begin(r, &call->ask.lookup, &call->reply, call, &call->slot))
        return;
    call->state = BJ_CALL_WAITING;
    append(&e->waiting_head, &e->waiting_tail, call);
}

void bj_call_place(struct bj_resolver *r)
{
    struct bj_call *call = r->engine->waiting_head;

    take_out(&r->engine->waiting_head, &r->engine->waiting_tail, call);
    place(r, call);
}

/* ---- starting ---- */

bool bj_call_is_ours(const struct bj_call *call)
{
    return call->life == call->resolver->engine->life;
}

static void enlist(struct bj_resolver *r, struct bj_call *call)
{
    struct bj_engine *e = r->engine;

    call->next = e->calls;
    if (e->calls != NULL)
        e->calls->previous = call;
    e->calls = call;
}

static void delist(struct bj_resolver *r, struct bj_call *call)
{
    if (call->previous != NULL)
        call->previous->next = call->next;
    else
        r->engine->calls = call->next;
    if (call->next != NULL)
        call->next->previous = call->previous;
}

/*
 * Makes a call of a resolver, NULL being the default one, with copies of two
 * texts, either of which may be NULL; the copies take the texts' places.
 * Returns 0 or an EAI_* value, with *made NULL.
 */
static int make(struct bj_resolver *resolver, const char **first,
                const char **second, struct bj_call **made)
{
    struct bj_resolver *r = bj_resolver_or_default(resolver);
    size_t first_len = *first != NULL ? strlen(*first) + 1 : 0;
    size_t second_len = *second != NULL ? strlen(*second) + 1 : 0;
    struct bj_call *call;

    *made = NULL;
    if (r == NULL)
        return EAI_SYSTEM;
    call = calloc(1, sizeof(*call) + first_len + second_len);
    if (call == NULL)
        return EAI_MEMORY;
    call->resolver = r;
    call->slot = BJ_SLOTS;
    bj_reply_init(&call->reply);
    if (*first != NULL)
        *first = memcpy(call->texts, *first, first_len);
    if (*second != NULL)
        *second = memcpy(call->texts + first_len, *second, second_len);
    *made = call;
    return 0;
}

/* What is asked is there: gets it going. */
static int start(struct bj_call *call, bj_call_done *done, void *arg,
                 struct bj_call **out)
{
    struct bj_resolver *r = call->resolver;
    int error;

    call->done = done;
    call->arg = arg;
    bj_engine_lock(r);
    error = bj_engine_open(r);
    if (error == 0) {
        call->life = r->engine->life;
        enlist(r, call);
        if (call->ask.asks)
            place(r, call);
        else
            bj_call_finish(r, call);
        *out = call;
    }
    bj_engine_unlock(r);
    if (error != 0)
        free(call);
    return error == 0 ? 0 : bj_eai(BJ_SYSTEM, error);
}

int bj_call_getaddrinfo(struct bj_resolver *resolver, const char *node,
                        const char *service, const struct addrinfo *hints,
                        bj_call_done *done, void *arg, struct bj_call **call)
{
    int cancel = bj_uncancelled();
    struct bj_call *made;
    int result = make(resolver, &node, &service, &made);

    *call = NULL;
    if (result == 0) {
        bj_ask_addrinfo(&made->ask, node, service, hints, made->resolver);
        result = start(made, done, arg, call);
    }
    bj_cancellable(cancel);
    return result;
}

int bj_call_getnameinfo(struct bj_resolver *resolver,
                        const struct sockaddr *address, socklen_t address_len,
                        int flags, bj_call_done *done, void *arg,
                        struct bj_call **call)
{
    int cancel = bj_uncancelled();
    const char *none = NULL;
    struct bj_call *made;
    int result = make(resolver, &none, &none, &made);

    *call = NULL;
    if (result == 0) {
        bj_ask_nameinfo(&made->ask, address, address_len, flags,
                        BJ_WANT_HOST | BJ_WANT_SERVICE);
        result = start(made, done, arg, call);
    }
    bj_cancellable(cancel);
    return result;
}

int bj_call_gethostbyname2(struct bj_resolver *resolver, const char *name,
                           int family, bj_call_done *done, void *arg,
                           struct bj_call **call)
{
    int cancel = bj_uncancelled();
    const char *none = NULL;
    struct bj_call *made;
    int result = make(resolver, &name, &none, &made);

    *call = NULL;
    if (result == 0) {
        bj_ask_host(&made->ask, name, family);
        result = start(made, done, arg, call);
    }
    bj_cancellable(cancel);
    return result;
}

int bj_call_gethostbyaddr(struct bj_resolver *resolver, const void *address,
                          socklen_t address_len, int family, bj_call_done *done,
                          void *arg, struct bj_call **call)
{
    int cancel = bj_uncancelled();
    const char *none = NULL;
    struct bj_call *made;
    int result = make(resolver, &none, &none, &made);

    *call = NULL;
    if (result == 0) {
        bj_ask_address(&made->ask, address, address_len, family);
        result = start(made, done, arg, call);
    }
    bj_cancellable(cancel);
    return result;
}

/* ---- going on ---- */

size_t bj_resolver_pollfds(struct bj_resolver *resolver, struct pollfd *fds,
                           size_t cap, int *timeout_ms)
{
    int cancel = bj_uncancelled();
    struct bj_resolver *r = bj_resolver_or_default(resolver);
    size_t count = 0;
    uint64_t until = UINT64_MAX;
    uint64_t now;

    if (r != NULL) {
        bj_engine_lock(r);
        bj_engine_judge(r, bj_engine_now());
        until = bj_engine_until(r);
        if (r->engine->done_head != NULL)
            until = 0;
        count = bj_engine_polls(r, fds, cap);
        bj_engine_unlock(r);
    }
    now = bj_engine_now();
    until = until > now ? until - now : 0;
    if (timeout_ms != NULL)
        *timeout_ms = until > INT32_MAX ? -1 : (int)until;
    bj_cancellable(cancel);
    return count;
}

bool bj_call_completes(const struct bj_resolver *r)
{
    return r->completing && pthread_equal(r->completer, pthread_self());
}

/* Calls as many as are due now; what these make due is for the next time, or
 * for the places of those that they end. False if one of them has closed the
 * resolver. */
static bool complete(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;
    size_t due = 0;

    for (const struct bj_call *c = e->done_head; c != NULL; c = c->later)
        due += 1;
    for (; due > 0 && e->done_head != NULL; due -= 1) {
        struct bj_call *call = e->done_head;

        take_out(&e->done_head, &e->done_tail, call);
        call->state = BJ_CALL_COMPLETED;
        bj_call_leave(r, call);
        if (call->done == NULL)
            continue;
        r->completing = true;
        r->completer = pthread_self();
        bj_engine_unlock(r);
        call->done(call, call->arg);
        bj_engine_lock(r);
        r->completing = false;
        if (r->closing)
            return false;
    }
    return true;
}

void bj_resolver_advance(struct bj_resolver *resolver)
{
    int cancel = bj_uncancelled();
    struct bj_resolver *r = bj_resolver_or_default(resolver);
    bool open = true;

    if (r != NULL && !bj_call_completes(r)) {
        bj_engine_lock(r);
        bj_engine_turn(r, false);
        /* A child's is its parent's until it has opened its own. */
        if (r->engine->alive)
            bj_bell_still(&r->ledger.ready);
        open = complete(r);
        bj_engine_wake(r);
        bj_engine_unlock(r);
    }
    bj_cancellable(cancel);
    if (!open)
        bj_resolver_close(r);
}

/* ---- ending ---- */

static void dispose(struct bj_call *call)
{
    bj_reply_clear(&call->reply);
    free(call);
}

void bj_call_end(struct bj_call *call)
{
    int cancel;
    struct bj_resolver *r;
    struct bj_engine *e;

    if (call == NULL)
        return;
    cancel = bj_uncancelled();
    r = call->resolver;
    e = r->engine;
    bj_engine_lock(r);
    if (bj_call_is_ours(call)) {
        delist(r, call);
        take_out(&e->waiting_head, &e->waiting_tail, call);
        take_out(&e->done_head, &e->done_tail, call);
        bj_call_leave(r, call);
        bj_engine_settle(r);
        bj_engine_wake(r);
    }
    bj_engine_unlock(r);
    dispose(call);
    bj_cancellable(cancel);
}

void bj_call_abandon(struct bj_resolver *r)
{
    struct bj_engine *e = r->engine;

    e->waiting_head = e->waiting_tail = NULL;
    e->done_head = e->done_tail = NULL;
    while (e->calls != NULL) {
        struct bj_call *call = e->calls;

        delist(r, call);
        dispose(call);
    }
}
