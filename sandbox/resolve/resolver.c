#include "sandbox/resolve/resolver.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>

int bj_uncancelled(void)
{
    int before = PTHREAD_CANCEL_ENABLE;

    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

void bj_cancellable(int before)
{
    (void)pthread_setcancelstate(before, NULL);
}

int bj_eai(enum bj_outcome outcome, int error)
{
    if (outcome == BJ_SYSTEM)
        errno = error;
    return bj_outcome_eai(outcome);
}

int bj_hostent_status(enum bj_outcome outcome, int error, struct hostent *host,
                      struct hostent **result, int *h_errnop)
{
    *result = outcome == BJ_FOUND ? host : NULL;
    *h_errnop = bj_outcome_h_errno(outcome);
    switch (outcome) {
    case BJ_NO_ROOM:
        return ERANGE;
    case BJ_NO_MEMORY:
        return ENOMEM;
    case BJ_SYSTEM:
        return error;
    default:
        break;
    }
    /* As glibc: what is not there is no error. */
    if (*h_errnop == TRY_AGAIN)
        return EAGAIN;
    return *h_errnop == NO_RECOVERY ? EPROTO : 0;
}

/* ---- opening and closing ---- */

static void unmake(struct bj_resolver *r)
{
    bj_engine_unmake(r);
    free(r->settings);
    free(r);
}

static int open_new(struct bj_resolver *r,
                    const struct bj_resolver_options *options)
{
    int error = bj_settings_make(options, &r->settings);

    if (error == 0)
        error = bj_engine_make(r);
    if (error != 0)
        return error;
    bj_engine_lock(r);
    error = bj_engine_open(r);
    bj_engine_unlock(r);
    return error;
}

int bj_resolver_open(const struct bj_resolver_options *options,
                     struct bj_resolver **resolver)
{
    struct bj_resolver *r = calloc(1, sizeof(*r));
    int cancel;
    int error;

    *resolver = NULL;
    if (r == NULL)
        return ENOMEM;
    cancel = bj_uncancelled();
    error = open_new(r, options);
    if (error != 0)
        unmake(r);
    else
        *resolver = r;
    bj_cancellable(cancel);
    return error;
}

void bj_resolver_close(struct bj_resolver *r)
{
    int cancel;

    if (r == NULL)
        return;
    /* Inside of a completion: bj_resolver_advance comes back to it. */
    r->closing = true;
    if (bj_call_completes(r))
        return;
    cancel = bj_uncancelled();
    bj_engine_lock(r);
    bj_call_abandon(r);
    bj_engine_shut(r);
    bj_engine_unlock(r);
    unmake(r);
    bj_cancellable(cancel);
}

/* ---- the default one ---- */

static struct bj_resolver *default_resolver;
static pthread_mutex_t default_lock = PTHREAD_MUTEX_INITIALIZER;

static struct bj_resolver *the_default(void)
{
    struct bj_resolver *r =
        __atomic_load_n(&default_resolver, __ATOMIC_ACQUIRE);
    int error = 0;

    if (r != NULL)
        return r;
    pthread_mutex_lock(&default_lock);
    if (default_resolver == NULL) {
        error = bj_resolver_open(NULL, &r);
        if (error == 0)
            __atomic_store_n(&default_resolver, r, __ATOMIC_RELEASE);
    }
    r = default_resolver;
    pthread_mutex_unlock(&default_lock);
    if (error != 0)
        errno = error;
    return r;
}

struct bj_resolver *bj_resolver_or_default(struct bj_resolver *r)
{
    return r != NULL ? r : the_default();
}

/* A fork while another thread opens it must not leave the lock held for ever;
 * nor may one that comes during a lookup: that lock lies in memory which a
 * child gets anew. */
static void lock_default(void)
{
    pthread_mutex_lock(&default_lock);
}

static void unlock_default(void)
{
    pthread_mutex_unlock(&default_lock);
}

__attribute__((constructor)) static void watch_forks(void)
{
    (void)pthread_atfork(lock_default, unlock_default, unlock_default);
}
