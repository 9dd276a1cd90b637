#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/addr/endpoint.h"
#include "core/order/rfc6724.h"
#include "sandbox/resolve/ask.h"

/*
 * Which source address the kernel would take for a destination: a datagram
 * socket that is connected there, which sends nothing, knows.
 */

enum {
    FEW = 16,
    /* Any port will do. */
    SOME_PORT = 53,
    FAMILIES = 2
};

/* A socket for each family, made when it is needed. */
struct probes {
    int fds[FAMILIES];
};

/* The socket for this address, which has no source yet; -1 if there is none. */
static int probe_of(struct probes *probes, const struct bj_address *address)
{
    static const struct sockaddr none = {.sa_family = AF_UNSPEC};
    bool ip6 = address->family == BJ_FAMILY_IP6;
    int *fd = &probes->fds[ip6];

    if (*fd < 0)
        *fd = socket(ip6 ? AF_INET6 : AF_INET,
                     SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
    /* The last source would be kept if it were not let go of first. */
    else if (connect(*fd, &none, sizeof(none)) != 0)
        return -1;
    return *fd;
}

static void learn(const struct bj_resolver *r, struct bj_source *source)
{
    struct bj_address address = bj_address_unmap(&source->address);
    struct bj_own_address own;

    if (r == NULL || !bj_shared_find(r->shared, &address, &own))
        return;
    source->prefix_bits = own.prefix_bits;
    source->deprecated = own.deprecated;
}

static void find_source(const struct bj_resolver *r, struct probes *probes,
                        struct bj_destination *item)
{
    struct bj_endpoint endpoint = {item->address, SOME_PORT};
    struct sockaddr_storage address;
    socklen_t len = bj_endpoint_to_sockaddr(&endpoint, &address);
    int fd = probe_of(probes, &item->address);

    if (fd < 0 || len == 0 ||
        connect(fd, (const struct sockaddr *)&address, len) != 0)
        return;
    len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
        bj_endpoint_from_sockaddr(&address, len, &endpoint) != BJ_OK)
        return;
    item->source.address = endpoint.address;
    item->source.address.scope = 0;
    learn(r, &item->source);
}

/* gai.conf's tables, in *conf, as they are now; false if it has none. */
static bool copy_policy(struct bj_resolver *r, struct bj_gaiconf *conf,
                        struct bj_policy *policy)
{
    size_t rows = 0;

    memset(policy, 0, sizeof(*policy));
    if (r == NULL)
        return false;
    bj_engine_lock(r);
    rows = r->gai.label_count + r->gai.precedence_count + r->gai.scope_count;
    if (rows > 0)
        *conf = r->gai;
    bj_engine_unlock(r);
    if (rows > 0)
        bj_gaiconf_policy(conf, policy);
    return rows > 0;
}

void bj_sources_sort(struct bj_resolver *r, struct bj_address *addresses,
                     size_t count)
{
    struct bj_destination few[FEW];
    struct bj_destination *items = few;
    struct probes probes = {{-1, -1}};
    struct bj_gaiconf conf;
    struct bj_policy policy;

    if (count > FEW)
        items = malloc(count * sizeof(*items));
    if (items == NULL)
        return;
    memset(items, 0, count * sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        items[i].address = addresses[i];
        find_source(r, &probes, &items[i]);
    }
    (void)copy_policy(r, &conf, &policy);
    bj_rfc6724_sort(&policy, items, count);
    for (size_t i = 0; i < count; i++)
        addresses[i] = items[i].address;
    for (size_t i = 0; i < FAMILIES; i++)
        if (probes.fds[i] >= 0)
            close(probes.fds[i]);
    if (items != few)
        free(items);
}
