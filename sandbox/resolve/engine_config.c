#include <errno.h>
#include <string.h>

#include "core/config/resolvconf.h"
#include "sandbox/resolve/engine.h"
#include "sandbox/resolve/zone.h"

/*
 * The configuration, as far as the driver needs it.
 */

/* Ways to ask a server in one round: with EDNS, without, over TCP. */
enum { WAYS = 3 };

/* The kernel's form of a server, its zone looked up. */
static void add_server(const struct bj_nameserver *server,
                       struct bj_servers *out)
{
    struct bj_endpoint endpoint = server->endpoint;
    struct sockaddr_storage address;
    socklen_t len;

    /* A zone that there is not makes it unreachable, but it keeps its place:
     * the worker counts it, too. */
    if (server->zone.len > 0) {
        endpoint.address.scope = bj_zone_index(&server->zone);
        if (server->zone.len < IF_NAMESIZE)
            memcpy(out->zone[out->count], server->zone.text, server->zone.len);
    }
    len = bj_endpoint_to_sockaddr(&endpoint, &address);
    if (len > sizeof(out->address[0]))
        len = 0;
    memcpy(&out->address[out->count], &address, len);
    out->len[out->count] = len;
    out->count += 1;
}

bool bj_servers_renew(struct bj_servers *servers, unsigned server)
{
    struct sockaddr_in6 *address = &servers->address[server].ip6;
    struct bj_zone zone = {.text = (const uint8_t *)servers->zone[server],
                           .len = strlen(servers->zone[server])};
    uint32_t index = zone.len > 0 ? bj_zone_index(&zone) : 0;

    if (index == 0 || index == address->sin6_scope_id)
        return false;
    address->sin6_scope_id = index;
    return true;
}

/*
 * What an honest worker needs at most: each name of the search list, and the
 * name itself, asked twice (A, AAAA) of each server in each round in each of
 * three ways. Of time, each server has resolv.conf's timeout in each round (all
 * together: core/resolve/exchange.c), and as much again for the other ways;
 * twice that where one question comes after the other.
 */
static void bound(const struct bj_resolvconf *conf, struct bj_servers *out)
{
    unsigned names = (unsigned)conf->search_count + 1;
    unsigned asked = names * conf->attempts * (unsigned)conf->server_count;
    bool single =
        conf->flags[BJ_RESOLV_SINGLE] || conf->flags[BJ_RESOLV_SINGLE_REOPEN];

    out->queries_max = 2 * WAYS * asked;
    out->time_max_ms =
        (uint64_t)(single ? 4 : 2) * asked * conf->timeout_s * 1000U;
}

/* Which files count as absent only because they are too long. */
static void tell_left_out(const struct bj_resolver *r)
{
    static const char *const left_out[BJ_FILE_COUNT] = {
        [BJ_FILE_RESOLV_CONF] = "resolv-conf-left-out",
        [BJ_FILE_HOSTS] = "hosts-left-out",
        [BJ_FILE_SERVICES] = "services-left-out",
        [BJ_FILE_NSSWITCH] = "nsswitch-left-out",
        [BJ_FILE_GAI_CONF] = "gai-conf-left-out",
    };
    uint32_t files = __atomic_load_n(&r->shared->too_long, __ATOMIC_ACQUIRE);

    for (unsigned i = 0; i < BJ_FILE_COUNT; i++)
        if ((files >> i & 1) != 0)
            bj_trace_state(r, 0, left_out[i], EFBIG);
}

void bj_engine_configure(struct bj_resolver *r,
                         const struct bj_control *control,
                         struct bj_servers *out)
{
    const struct bj_settings *s = r->settings;
    struct bj_resolvconf conf;
    struct bj_resolvconf_input in = {
        .text = control->resolv_conf,
        .len = control->resolv_conf_len,
        .local_domain = {(const uint8_t *)s->local_domain,
                         s->local_domain != NULL ? strlen(s->local_domain) : 0},
        .res_options = {(const uint8_t *)s->res_options,
                        s->res_options != NULL ? strlen(s->res_options) : 0},
        .host_name = {(const uint8_t *)s->host_name, strlen(s->host_name)},
    };

    memset(out, 0, sizeof(*out));
    bj_resolvconf_parse(&in, &conf);
    for (size_t i = 0; i < conf.server_count; i++)
        add_server(&conf.servers[i], out);
    bound(&conf, out);
    if (r->gai_generation != control->generation)
        bj_gaiconf_parse(control->gai_conf, control->gai_conf_len, &r->gai);
    r->gai_generation = control->generation;
    tell_left_out(r);
}
