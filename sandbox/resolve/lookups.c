#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "core/netdb/addrinfo.h"
#include "sandbox/resolve/belljar.h"
#include "sandbox/resolve/ask.h"
#include "sandbox/resolve/resolver.h"

/*
 * The lookups that block, on a given resolver or the default one.
 */

/* Asks what there is to ask; the outcome of the reply is the reason if there is
 * nobody to ask. Returns whom it asked, or who was named. */
static struct bj_resolver *ask(struct bj_resolver *r, const struct bj_ask *q,
                               struct bj_reply *reply)
{
    bj_reply_init(reply);
    if (!q->asks)
        return r;
    r = bj_resolver_or_default(r);
    if (r == NULL)
        bj_reply_fail(reply, BJ_SYSTEM, errno);
    else
        bj_engine_ask(r, &q->lookup, reply);
    return r;
}

int bj_resolver_getaddrinfo(struct bj_resolver *resolver, const char *node,
                            const char *service, const struct addrinfo *hints,
                            struct addrinfo **list)
{
    int cancel = bj_uncancelled();
    int before = errno;
    struct bj_ask q;
    struct bj_reply reply;
    enum bj_outcome outcome;
    int error;

    bj_ask_addrinfo(&q, node, service, hints, resolver);
    resolver = ask(resolver, &q, &reply);
    outcome = bj_ask_list(&q, resolver, &reply, list, &error);
    bj_reply_clear(&reply);
    bj_cancellable(cancel);
    errno = before;
    return bj_eai(outcome, error);
}

int bj_resolver_getnameinfo(struct bj_resolver *resolver,
                            const struct sockaddr *address,
                            socklen_t address_len, char *host,
                            socklen_t host_len, char *service,
                            socklen_t service_len, int flags)
{
    int cancel = bj_uncancelled();
    int before = errno;
    unsigned wants = 0;
    struct bj_ask q;
    struct bj_reply reply;
    enum bj_outcome outcome;
    int error;

    if (host != NULL && host_len > 0)
        wants |= BJ_WANT_HOST;
    if (service != NULL && service_len > 0)
        wants |= BJ_WANT_SERVICE;
    bj_ask_nameinfo(&q, address, address_len, flags, wants);
    ask(resolver, &q, &reply);
    outcome =
        bj_ask_names(&q, &reply, host, host_len, service, service_len, &error);
    bj_reply_clear(&reply);
    bj_cancellable(cancel);
    errno = before;
    return bj_eai(outcome, error);
}

/* The rest of both forms of gethostby. */
static int fill_hostent(struct bj_resolver *r, const struct bj_ask *q,
                        struct hostent *host, char *buf, size_t buf_len,
                        struct hostent **result, int *h_errnop)
{
    int cancel = bj_uncancelled();
    int before = errno;
    struct bj_reply reply;
    enum bj_outcome outcome;
    int error;
    int status;

    (void)ask(r, q, &reply);
    outcome = bj_ask_hostent(q, &reply, host, buf, buf_len, &error);
    bj_reply_clear(&reply);
    bj_cancellable(cancel);
    status = bj_hostent_status(outcome, error, host, result, h_errnop);
    errno = status != 0 ? status : before;
    return status;
}

int bj_resolver_gethostbyname2_r(struct bj_resolver *resolver, const char *name,
                                 int family, struct hostent *host, char *buf,
                                 size_t buf_len, struct hostent **result,
                                 int *h_errnop)
{
    struct bj_ask q;

    bj_ask_host(&q, name, family);
    return fill_hostent(resolver, &q, host, buf, buf_len, result, h_errnop);
}

int bj_resolver_gethostbyaddr_r(struct bj_resolver *resolver,
                                const void *address, socklen_t address_len,
                                int family, struct hostent *host, char *buf,
                                size_t buf_len, struct hostent **result,
                                int *h_errnop)
{
    struct bj_ask q;

    bj_ask_address(&q, address, address_len, family);
    return fill_hostent(resolver, &q, host, buf, buf_len, result, h_errnop);
}

/* ---- on the default resolver ---- */

int bj_getaddrinfo(const char *node, const char *service,
                   const struct addrinfo *hints, struct addrinfo **list)
{
    return bj_resolver_getaddrinfo(NULL, node, service, hints, list);
}

void bj_freeaddrinfo(struct addrinfo *list)
{
    while (list != NULL)
        free(bj_addrinfo_drop(&list));
}

int bj_getnameinfo(const struct sockaddr *address, socklen_t address_len,
                   char *host, socklen_t host_len, char *service,
                   socklen_t service_len, int flags)
{
    return bj_resolver_getnameinfo(NULL, address, address_len, host, host_len,
                                   service, service_len, flags);
}

int bj_gethostbyname2_r(const char *name, int family, struct hostent *host,
                        char *buf, size_t buf_len, struct hostent **result,
                        int *h_errnop)
{
    return bj_resolver_gethostbyname2_r(NULL, name, family, host, buf, buf_len,
                                        result, h_errnop);
}

int bj_gethostbyaddr_r(const void *address, socklen_t address_len, int family,
                       struct hostent *host, char *buf, size_t buf_len,
                       struct hostent **result, int *h_errnop)
{
    return bj_resolver_gethostbyaddr_r(NULL, address, address_len, family, host,
                                       buf, buf_len, result, h_errnop);
}
