#include "sandbox/connect/names.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "sandbox/resolve/belljar.h"

static const int families[] = {
    [BJ_FAMILY_ANY] = AF_UNSPEC,
    [BJ_FAMILY_IP4] = AF_INET,
    [BJ_FAMILY_IP6] = AF_INET6,
};

static void collect(struct bj_names *names, const struct addrinfo *list)
{
    for (; list != NULL; list = list->ai_next) {
        struct bj_endpoint endpoint;

        if (bj_endpoint_from_sockaddr(list->ai_addr, list->ai_addrlen,
                                      &endpoint) != BJ_OK)
            continue; /* a family that no role may open a socket of */
        if (names->count == BJ_RACE_MAX) {
            names->left_out += 1;
            continue;
        }
        names->endpoints[names->count] = endpoint;
        names->count += 1;
    }
}

/* What stands behind EAI_SYSTEM. */
static char trouble[160];

/* With a resolver of its own, whose processes and descriptors are gone when
 * it returns: nothing of it is left to be confined. */
static int resolve(const char *host, const char *service,
                   const struct addrinfo *hints, struct addrinfo **list)
{
    struct bj_resolver *resolver;
    int error = bj_resolver_open(NULL, &resolver);

    if (error != 0) {
        snprintf(trouble, sizeof(trouble), "the resolver cannot be started: %s",
                 strerror(error));
        return EAI_SYSTEM;
    }
    error = bj_resolver_getaddrinfo(resolver, host, service, hints, list);
    /* The end of the resolver may leave an errno of its own. */
    snprintf(trouble, sizeof(trouble), "%s", strerror(errno));
    bj_resolver_close(resolver);
    return error;
}

/* Numbers need no resolver, which is two processes to start. */
static int find(const char *host, const char *service,
                const struct addrinfo *hints, struct addrinfo **list)
{
    struct addrinfo numeric = *hints;
    int error;

    numeric.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
    error = bj_getaddrinfo(host, service, &numeric, list);
    return error == EAI_NONAME ? resolve(host, service, hints, list) : error;
}

bool bj_names_find(struct bj_names *names, const char *host,
                   const char *service, enum bj_family family, bool datagram,
                   const char **why)
{
    /* Not AI_ADDRCONFIG: every address is tried, and one of a family that
     * this machine lacks fails at once and says so. */
    struct addrinfo hints = {.ai_family = families[family],
                             .ai_socktype =
                                 datagram ? SOCK_DGRAM : SOCK_STREAM};
    struct addrinfo *list = NULL;
    int error = EAI_NONAME;

    memset(names, 0, sizeof(*names));
    if (service[0] == '\0')
        error = EAI_SERVICE;
    else if (host[0] != '\0')
        error = find(host, service, &hints, &list);
    if (error != 0) {
        *why = error == EAI_SYSTEM ? trouble : gai_strerror(error);
        return false;
    }
    collect(names, list);
    bj_freeaddrinfo(list);
    *why = gai_strerror(EAI_ADDRFAMILY);
    return names->count > 0;
}
