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

/* A spare one of the resolver, whose engine may be that of a parent; then, and
 * without one, a new one. */
static void open_probe(struct bj_resolver *r, struct probe *probe)
{
    struct bj_spares none;

    memset(&none, 0, sizeof(none));
    probe->tried = true;
    if (r == NULL) {
        (void)bj_spares_take(&none, probe->family, &probe->socket);
        return;
    }
    bj_engine_lock(r);
    (void)bj_spares_take(r->engine->alive ? &r->ledger.spares : &none,
                         probe->family, &probe->socket);
    bj_engine_unlock(r);
}

static void close_probe(struct bj_resolver *r, struct probe *probe)
{
    if (r != NULL && probe->socket.fd > 0) {
        bj_engine_lock(r);
        if (r->engine->alive)
            bj_spares_give(&r->ledger.spares, probe->family, &probe->socket);
        bj_engine_unlock(r);
    }
    bj_descriptor_close(&probe->socket);
}

/* Asks one of them; false if it does not know. */
static bool ask_probe(struct bj_resolver *r, struct probe *probe,
                      const struct bj_address *to, struct bj_address *from)
{
    static const struct sockaddr none = {.sa_family = AF_UNSPEC};
    struct bj_endpoint endpoint = {*to, SOME_PORT};
    struct sockaddr_storage address;
    socklen_t len = bj_endpoint_to_sockaddr(&endpoint, &address);
    int fd;

    if (!probe->tried)
        open_probe(r, probe);
    /* The last source would be kept if it were not let go of first. */
    else if (connect(probe->socket.fd, &none, sizeof(none)) != 0)
        return false;
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

static void find_source(struct bj_resolver *r, struct probe probes[2],
                        struct bj_destination *item)
{
    struct bj_address mapped = bj_address_to_mapped(&item->address);
    bool ip4 = item->address.family == BJ_FAMILY_IP4;
    struct bj_address from;

    if (!ask_probe(r, &probes[0], &mapped, &from) &&
        !(ip4 && ask_probe(r, &probes[1], &item->address, &from)))
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
    struct probe probes[2] = {{.family = AF_INET6, .socket.fd = -1},
                              {.family = AF_INET, .socket.fd = -1}};
    struct bj_gaiconf conf;
    struct bj_policy policy;

    if (count > FEW)
        items = malloc(count * sizeof(*items));
    if (items == NULL)
        return;
    memset(items, 0, count * sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        items[i].address = addresses[i];
        find_source(r, probes, &items[i]);
    }
    copy_policy(r, &conf, &policy);
    bj_rfc6724_sort(&policy, items, count);
    for (size_t i = 0; i < count; i++)
        addresses[i] = items[i].address;
    close_probe(r, &probes[0]);
    close_probe(r, &probes[1]);
    if (items != few)
        free(items);
}
