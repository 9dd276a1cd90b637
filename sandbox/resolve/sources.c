#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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
 * Sockets, taken when they are needed. The one of IPv6 knows the sources of
 * IPv4-mapped destinations as well; the other is for systems where it does not.
 */
struct probe {
    int family;
    bool tried;
    struct bj_descriptor socket;
};

struct probes {
    struct bj_spares *from;
    uint32_t visit;
    struct probe ip6;
    struct probe ip4;
};

/* Asks one of them; false if it does not know. */
static bool ask_probe(struct probes *probes, struct probe *probe,
                      const struct bj_address *to, struct bj_address *from)
{
    static const struct sockaddr none = {.sa_family = AF_UNSPEC};
    struct bj_endpoint endpoint = {*to, SOME_PORT};
    struct sockaddr_storage address;
    socklen_t len = bj_endpoint_to_sockaddr(&endpoint, &address);
    int fd;

    if (!probe->tried)
        (void)bj_spares_take(probes->from, probe->family, &probe->socket,
                             probes->visit);
    /* The last source would be kept if it were not let go of first. */
    else if (connect(probe->socket.fd, &none, sizeof(none)) != 0)
        return false;
    probe->tried = true;
    fd = probe->socket.fd;
    if (len == 0 || connect(fd, (const struct sockaddr *)&address, len) != 0)
        return false;
    len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
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

    if (!ask_probe(probes, &probes->ip6, &mapped, &from) &&
        !(ip4 && ask_probe(probes, &probes->ip4, &item->address, &from)))
        return;
    item->source.address = ip4 ? bj_address_unmap(&from) : from;
    item->source.address.scope = 0;
    learn(r, &item->source);
}

/* gai.conf's tables, in *conf, as a policy: RFC 6724's where it has none. */
static void copy_policy(const struct bj_resolver *r, struct bj_gaiconf *conf,
                        struct bj_policy *policy)
{
    memset(policy, 0, sizeof(*policy));
    if (r == NULL ||
        r->gai.label_count + r->gai.precedence_count + r->gai.scope_count == 0)
        return;
    *conf = r->gai;
    bj_gaiconf_policy(conf, policy);
}

/* What the sort goes by; with the lock, if there is a resolver. */
static void find_sources(struct bj_resolver *r, struct bj_destination *items,
                         size_t count)
{
    struct bj_spares none;
    struct probes probes = {.ip6 = {.family = AF_INET6, .socket.fd = -1},
                            .ip4 = {.family = AF_INET, .socket.fd = -1}};

    memset(&none, 0, sizeof(none));
    probes.from = &none;
    /* A parent's sockets are not for us. */
    if (r != NULL && r->engine->alive) {
        probes.from = &r->ledger.spares;
        probes.visit = r->engine->visit;
    }
    for (size_t i = 0; i < count; i++)
        find_source(r, &probes, &items[i]);
    bj_spares_give(probes.from, AF_INET6, &probes.ip6.socket, probes.visit);
    bj_spares_give(probes.from, AF_INET, &probes.ip4.socket, probes.visit);
    bj_spares_close(&none);
}

void bj_sources_sort(struct bj_resolver *r, struct bj_address *addresses,
                     size_t count)
{
    struct bj_destination few[FEW];
    struct bj_destination *items = few;
    struct bj_gaiconf conf;
    struct bj_policy policy;

    if (count > FEW)
        items = malloc(count * sizeof(*items));
    if (items == NULL)
        return;
    memset(items, 0, count * sizeof(*items));
    for (size_t i = 0; i < count; i++)
        items[i].address = addresses[i];
    if (r != NULL)
        bj_engine_lock(r);
    find_sources(r, items, count);
    copy_policy(r, &conf, &policy);
    if (r != NULL)
        bj_engine_unlock(r);
    bj_rfc6724_sort(&policy, items, count);
    for (size_t i = 0; i < count; i++)
        addresses[i] = items[i].address;
    if (items != few)
        free(items);
}
