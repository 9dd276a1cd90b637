#include "sandbox/resolve/ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/netdb/addrinfo.h"
#include "core/netdb/hostent.h"
#include "sandbox/resolve/resolver.h"
#include "sandbox/resolve/zone.h"

/* Addresses that need no allocation on the way. */
enum { FEW = 64 };

/* ---- asking ---- */

/* What both kinds of question about a name come to. */
static void ask_name(struct bj_ask *q)
{
    if (q->outcome != BJ_FOUND)
        return;
    q->is_numeric = bj_request_numeric(&q->request, &q->numeric);
    q->asks = !q->is_numeric || q->request.service.len > 0;
    if (q->asks)
        bj_lookup_of_request(&q->request, !q->is_numeric, &q->lookup);
}

/* Which families there are; if nobody asks or knows, both. */
static struct bj_configured configured(struct bj_resolver *r,
                                       const struct addrinfo *hints)
{
    struct bj_configured families = {true, true};

    if (hints != NULL && (hints->ai_flags & AI_ADDRCONFIG) == 0)
        return families;
    r = bj_resolver_or_default(r);
    if (r != NULL)
        bj_shared_families(r->shared, &families.ip4, &families.ip6);
    return families;
}

void bj_ask_addrinfo(struct bj_ask *q, const char *node, const char *service,
                     const struct addrinfo *hints, struct bj_resolver *r)
{
    memset(q, 0, sizeof(*q));
    q->kind = BJ_ASK_ADDRINFO;
    q->outcome = bj_request_read(node, service, hints, configured(r, hints),
                                 &q->request);
    ask_name(q);
}

void bj_ask_host(struct bj_ask *q, const char *name, int family)
{
    struct addrinfo hints = {.ai_family = family};
    struct bj_configured both = {true, true};

    memset(q, 0, sizeof(*q));
    q->kind = BJ_ASK_HOST;
    q->outcome = BJ_SYSTEM;
    q->error = EAFNOSUPPORT;
    if (family != AF_INET && family != AF_INET6)
        return;
    q->outcome = BJ_NO_NAME;
    q->error = 0;
    if (name == NULL)
        return;
    /* A "*" is no name, and nothing else here. */
    q->outcome = bj_request_read(name, NULL, &hints, both, &q->request);
    ask_name(q);
}

static uint8_t protocol_of(const char *text)
{
    for (unsigned i = 0; i < BJ_PROTOCOL_COUNT; i++)
        if (strcmp(bj_protocol_text((enum bj_protocol)i), text) == 0)
            return (uint8_t)(1U << i);
    return 0;
}

void bj_ask_nameinfo(struct bj_ask *q, const void *address, socklen_t len,
                     int flags, unsigned wants)
{
    const struct bj_nameinfo *info = &q->nameinfo;

    memset(q, 0, sizeof(*q));
    q->kind = BJ_ASK_NAMEINFO;
    q->outcome = bj_nameinfo_read(address, len, flags, wants, &q->nameinfo);
    if (q->outcome != BJ_FOUND)
        return;
    if (info->asks_host)
        q->lookup.address = info->endpoint.address;
    if (info->asks_service) {
        q->lookup.asks_port = true;
        q->lookup.port = info->endpoint.port;
        q->lookup.protocols = protocol_of(bj_nameinfo_protocol(info));
    }
    q->asks = info->asks_host || info->asks_service;
}

void bj_ask_address(struct bj_ask *q, const void *address, socklen_t len,
                    int family)
{
    static const uint8_t any[16];

    memset(q, 0, sizeof(*q));
    q->kind = BJ_ASK_ADDRESS;
    q->outcome = BJ_SYSTEM;
    q->error = family != AF_INET && family != AF_INET6 ? EAFNOSUPPORT : EINVAL;
    if (address == NULL || (family == AF_INET && len != 4) ||
        (family == AF_INET6 && len != 16) || q->error == EAFNOSUPPORT)
        return;
    q->error = 0;
    q->address.family = family == AF_INET ? BJ_FAMILY_IP4 : BJ_FAMILY_IP6;
    memcpy(q->address.octets, address, len);
    /* As glibc has it: "::" is nobody's. */
    q->outcome = family == AF_INET6 && memcmp(address, any, sizeof(any)) == 0
                     ? BJ_NO_NAME
                     : BJ_FOUND;
    q->lookup.address = q->address;
    q->asks = q->outcome == BJ_FOUND;
}

/* ---- answering ---- */

static enum bj_outcome settle_zone(const struct bj_ask *q,
                                   struct bj_address *address)
{
    if (q->numeric.zone.len == 0)
        return BJ_FOUND;
    address->scope = bj_zone_index(&q->numeric.zone);
    return address->scope != 0 ? BJ_FOUND : BJ_NO_NAME;
}

/* The addresses of a literal, or those that the worker found. `literal` is
 * where the former may lie. */
static enum bj_outcome gather(const struct bj_ask *q,
                              const struct bj_reply *reply,
                              struct bj_address literal[static 2],
                              struct bj_answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    if (!q->is_numeric) {
        *answer = reply->result.answer;
        return reply->result.outcome;
    }
    memcpy(literal, q->numeric.addresses, sizeof(q->numeric.addresses));
    answer->addresses = literal;
    answer->address_count = q->numeric.count;
    if (q->numeric.outcome != BJ_FOUND)
        return q->numeric.outcome;
    return settle_zone(q, &literal[0]);
}

static enum bj_outcome build_list(const struct bj_ask *q,
                                  const struct bj_answer *answer,
                                  struct addrinfo **list)
{
    struct bj_arena arena;
    enum bj_status status;
    void *block;

    bj_arena_init(&arena, NULL, 0);
    status = bj_addrinfo_build(&q->request, answer, &arena, list);
    if (status != BJ_SPACE)
        return bj_outcome_of_status(status);
    block = malloc(arena.len);
    if (block == NULL)
        return BJ_NO_MEMORY;
    bj_arena_init(&arena, block, arena.len);
    status = bj_addrinfo_build(&q->request, answer, &arena, list);
    if (status != BJ_OK)
        free(block);
    return bj_outcome_of_status(status);
}

/* Selected, ordered and built. */
static enum bj_outcome make_list(const struct bj_ask *q, struct bj_resolver *r,
                                 const struct bj_answer *found,
                                 struct addrinfo **list)
{
    struct bj_address few[FEW];
    struct bj_address *addresses = few;
    struct bj_answer answer = *found;
    enum bj_outcome outcome;

    if (found->address_count > FEW)
        addresses = malloc(found->address_count * sizeof(*addresses));
    if (addresses == NULL)
        return BJ_NO_MEMORY;
    answer.addresses = addresses;
    answer.address_count = bj_addrinfo_select(&q->request, found, addresses);
    if (answer.address_count > 1)
        bj_sources_sort(r, addresses, answer.address_count);
    outcome = build_list(q, &answer, list);
    if (addresses != few)
        free(addresses);
    return outcome;
}

/* What stands before any result: wrong arguments, no answer. */
static enum bj_outcome obstacle(const struct bj_ask *q,
                                const struct bj_reply *reply, int *error)
{
    *error = q->outcome != BJ_FOUND ? q->error : reply->error;
    return q->outcome != BJ_FOUND ? q->outcome : reply->outcome;
}

enum bj_outcome bj_ask_list(struct bj_ask *q, struct bj_resolver *r,
                            const struct bj_reply *reply,
                            struct addrinfo **list, int *error)
{
    struct bj_address literal[2];
    struct bj_answer answer;
    enum bj_outcome outcome = obstacle(q, reply, error);

    *list = NULL;
    if (outcome == BJ_FOUND)
        outcome = bj_result_settle(&reply->result, &q->request);
    if (outcome == BJ_FOUND)
        outcome = gather(q, reply, literal, &answer);
    if (outcome == BJ_FOUND)
        outcome = make_list(q, r, &answer, list);
    return outcome;
}

/* The name of an address: the canonical one, or whichever there is. */
static struct bj_text name_of(const struct bj_answer *answer)
{
    struct bj_text none = {NULL, 0};

    if (answer->canonical.len > 0)
        return answer->canonical;
    return answer->alias_count > 0 ? answer->aliases[0] : none;
}

enum bj_outcome bj_ask_names(const struct bj_ask *q,
                             const struct bj_reply *reply, char *host,
                             size_t host_len, char *service, size_t service_len,
                             int *error)
{
    char zone[IF_NAMESIZE] = "";
    struct bj_nameinfo_names names = {
        .found = bj_reply_outcome(reply),
        .name = name_of(&reply->result.answer),
        .domain = reply->result.domain,
        .zone = {zone, 0},
    };
    enum bj_outcome outcome = q->outcome;

    *error = reply->error;
    if (outcome == BJ_FOUND && q->nameinfo.asks_zone) {
        bj_zone_name(q->nameinfo.endpoint.address.scope, zone);
        names.zone.len = strlen(zone);
    }
    if (outcome == BJ_FOUND && host != NULL && host_len > 0)
        outcome = bj_nameinfo_host(&q->nameinfo, &names, host, host_len);
    if (outcome == BJ_FOUND && service != NULL && service_len > 0)
        outcome = bj_nameinfo_service(&q->nameinfo, reply->result.service,
                                      service, service_len);
    return outcome;
}

/* A name's own text stands for it where it is a literal. */
static enum bj_outcome gather_host(const struct bj_ask *q,
                                   const struct bj_reply *reply,
                                   struct bj_address literal[static 2],
                                   struct bj_answer *answer)
{
    enum bj_outcome outcome;

    if (q->kind == BJ_ASK_HOST) {
        outcome = gather(q, reply, literal, answer);
        if (q->is_numeric)
            answer->canonical = q->request.node;
        return outcome;
    }
    *answer = reply->result.answer;
    answer->addresses = &q->address;
    answer->address_count = 1;
    return reply->result.outcome;
}

enum bj_outcome bj_ask_hostent(const struct bj_ask *q,
                               const struct bj_reply *reply,
                               struct hostent *host, char *buf, size_t buf_len,
                               int *error)
{
    struct bj_address literal[2];
    struct bj_answer answer;
    struct bj_arena arena;
    enum bj_outcome outcome = obstacle(q, reply, error);
    enum bj_family family =
        q->kind == BJ_ASK_HOST ? q->request.family : q->address.family;

    if (outcome == BJ_FOUND)
        outcome = gather_host(q, reply, literal, &answer);
    if (outcome == BJ_FOUND) {
        bj_arena_init(&arena, buf, buf != NULL ? buf_len : 0);
        return bj_outcome_of_status(
            bj_hostent_build(&answer, family, &arena, host));
    }
    memset(host, 0, sizeof(*host));
    return outcome;
}
