#ifndef BJ_SANDBOX_RESOLVE_RESOLVER_H
#define BJ_SANDBOX_RESOLVE_RESOLVER_H

#include "sandbox/resolve/engine.h"

/* `r`, or if that is NULL the default resolver, opened if it is not, which
 * lives as long as the program; NULL, with errno, if it cannot be. */
struct bj_resolver *bj_resolver_or_default(struct bj_resolver *r);

/* Cancellation is off while a thread is in the library: a lock would else be
 * held for ever. Every function that waits or locks is between these two. */
int bj_uncancelled(void);
void bj_cancellable(int before);

/* errno as a function of the library leaves it: the error of BJ_SYSTEM, else
 * what it was. */
int bj_eai(enum bj_outcome outcome, int error);

/* What gethostby*_r return and leave in *h_errnop. */
int bj_hostent_status(enum bj_outcome outcome, int error, struct hostent *host,
                      struct hostent **result, int *h_errnop);

#endif
