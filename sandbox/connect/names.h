#ifndef BJ_SANDBOX_CONNECT_NAMES_H
#define BJ_SANDBOX_CONNECT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/addr/endpoint.h"
#include "core/bytes/limits.h"

/* What a host and a service come to, in the resolver's order. */
struct bj_names {
    struct bj_endpoint endpoints[BJ_RACE_MAX];
    size_t count;
    size_t left_out; /* addresses over BJ_RACE_MAX */
};

/*
 * Asks libbelljar's resolver, of one family or (BJ_FAMILY_ANY) of both, which
 * needs processes, files and sockets: before confinement. None of them is left
 * when it returns. On failure `*why` is a static text. The empty host is an
 * error, as it is to getaddrinfo; so is the empty service, which glibc would
 * take for port 0.
 */
bool bj_names_find(struct bj_names *names, const char *host,
                   const char *service, enum bj_family family, bool datagram,
                   const char **why);

#endif
