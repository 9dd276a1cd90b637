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
    SOME_PORT = 53
};

/*
 * Sockets, made when they are needed. The one of IPv6 knows the sources of
 * IPv4-mapped destinations as well, and making one takes longer than all that
 * is then asked of it; the other is for systems where it does not.
 */
struct probes {
    int ip6;
    int ip4;
};

/* Asks one of them; false if it does not know. */
static bool ask_probe(int *fd, int family, const struct bj_address *to,
                      struct bj_address *from)
{
    static const struct sockaddr none = {.sa_family = AF_UNSPEC};
    struct bj_endpoint endpoint = {*to, SOME_PORT};
    struct sockaddr_storage address;
    socklen_t len = bj_endpoint_to_sockaddr(&endpoint, &address);

    if (*fd < 0)
        *fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                     IPPROTO_UDP);
    /* The last source would be kept if it were not let go of first. */
    else if (connect(*fd, &none, sizeof(none)) != 0)
        return false;
    if (*fd < 0 || len == 0 ||
        connect(*fd, (const struct sockaddr *)&address, len) != 0)
        return false;
    len = sizeof(address);
    if (getsockname(*fd, (struct sockaddr *)&address, &len) != 0 ||
        bj_endpoint_from_sockaddr(&address, len, &endpoint) != BJ_OK)
        return false;
    *from = endpoint.address;
    return true;
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
    struct bj_address mapped = bj_address_to_mapped(&item->address);
    bool ip4 = item->address.family == BJ_FAMILY_IP4;
    struct bj_address from;

    if (!ask_probe(&probes->ip6, AF_INET6, &mapped, &from) &&
        !(ip4 && ask_probe(&probes->ip4, AF_INET, &item->address, &from)))
        return;
    item->source.address = ip4 ? bj_address_unmap(&from) : from;
    item->source.address.scope = 0;
    learn(r, &item->source);
}

/* gai.conf's tables, in *conf, as they are now, as a policy: RFC 6724's where
 * it has none. */
static void copy_policy(struct bj_resolver *r, struct bj_gaiconf *conf,
                        struct bj_policy *policy)
{
    size_t rows;

    memset(policy, 0, sizeof(*policy));
    if (r == NULL)
        return;
    bj_engine_lock(r);
    rows = r->gai.label_count + r->gai.precedence_count + r->gai.scope_count;
    if (rows > 0)
        *conf = r->gai;
    bj_engine_unlock(r);
    if (rows > 0)
        bj_gaiconf_policy(conf, policy);
}

void bj_sources_sort(struct bj_resolver *r, struct bj_address *addresses,
                     size_t count)
{
    struct bj_destination few[FEW];
    struct bj_destination *items = few;
    struct probes probes = {-1, -1};
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
    copy_policy(r, &conf, &policy);
    bj_rfc6724_sort(&policy, items, count);
    for (size_t i = 0; i < count; i++)
        addresses[i] = items[i].address;
    if (probes.ip6 >= 0)
        close(probes.ip6);
    if (probes.ip4 >= 0)
        close(probes.ip4);
    if (items != few)
        free(items);
}
