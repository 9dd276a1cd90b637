#define _GNU_SOURCE /* struct addrinfo in strict C17 */

#include "core/netdb/addrinfo.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "core/netdb/hostname.h"

/*
 * One block for the whole chain, so that a lookup costs one allocation. A
 * node knows its place in it and so finds the count of nodes that are still
 * alive, whatever the caller did to ai_next. (The address is a member of its
 * own type, not a struct sockaddr_storage: that would be 128 octets a node.)
 */
struct node {
    struct addrinfo info;
    union {
        struct sockaddr any;
        struct sockaddr_in ip4;
        struct sockaddr_in6 ip6;
    } address;
    uint32_t place;
};

struct block {
    uint32_t alive;
    struct node nodes[];
};

/* Appends the answer's addresses of one family, as they are. */
static size_t append_family(const struct bj_answer *answer,
                            enum bj_family family, struct bj_address *out,
                            size_t kept)
{
    for (size_t i = 0; i < answer->address_count; i++) {
        if (answer->addresses[i].family != family)
            continue;
        out[kept] = answer->addresses[i];
        kept += 1;
    }
    return kept;
}

size_t bj_addrinfo_select(const struct bj_request *request,
                          const struct bj_answer *answer,
                          struct bj_address *out)
{
    size_t kept;
    size_t end;

    if (request->family == BJ_FAMILY_ANY) {
        if (answer->address_count > 0)
            memcpy(out, answer->addresses,
                   answer->address_count * sizeof(*out));
        return answer->address_count;
    }
    kept = append_family(answer, request->family, out, 0);
    if (request->family == BJ_FAMILY_IP4 ||
        (request->flags & AI_V4MAPPED) == 0 ||
        (kept > 0 && (request->flags & AI_ALL) == 0))
        return kept;
    end = append_family(answer, BJ_FAMILY_IP4, out, kept);
    for (size_t i = kept; i < end; i++)
        out[i] = bj_address_to_mapped(&out[i]);
    return end;
}

/* A port in network order, without the byte-order functions of libc. */
static in_port_t network_port(uint16_t port)
{
    uint8_t octets[2] = {(uint8_t)(port / 256U), (uint8_t)(port % 256U)};
    in_port_t value;

    memcpy(&value, octets, sizeof(value));
    return value;
}

static void fill_address(struct node *node, const struct bj_address *address,
                         in_port_t port)
{
    node->info.ai_addr = &node->address.any;
    if (address->family == BJ_FAMILY_IP4) {
        node->info.ai_family = AF_INET;
        node->info.ai_addrlen = sizeof(node->address.ip4);
        node->address.ip4.sin_family = AF_INET;
        node->address.ip4.sin_port = port;
        memcpy(&node->address.ip4.sin_addr, address->octets, 4);
    } else {
        node->info.ai_family = AF_INET6;
        node->info.ai_addrlen = sizeof(node->address.ip6);
        node->address.ip6.sin6_family = AF_INET6;
        node->address.ip6.sin6_port = port;
        memcpy(&node->address.ip6.sin6_addr, address->octets, 16);
        node->address.ip6.sin6_scope_id = address->scope;
    }
}

/* Fills the nodes, which the arena has zeroed, and chains them. */
static void fill_nodes(struct block *block, const struct bj_request *request,
                       const struct bj_answer *answer)
{
    size_t n = 0;

    for (size_t i = 0; i < answer->address_count; i++) {
        for (size_t k = 0; k < request->kind_count; k++) {
            const struct bj_socket_kind *kind = &request->kinds[k];
            struct node *node = &block->nodes[n];

            fill_address(node, &answer->addresses[i], network_port(kind->port));
            node->info.ai_flags = request->flags;
            node->info.ai_socktype = kind->socktype;
            node->info.ai_protocol = kind->protocol;
            node->place = (uint32_t)n;
            if (n > 0)
                block->nodes[n - 1].info.ai_next = &node->info;
            n += 1;
        }
    }
    block->alive = (uint32_t)n;
}

/* Whether the canonical name may go out; the caller's own text always may. */
static bool is_presentable(const struct bj_answer *answer)
{
    struct bj_text name = answer->canonical;

    return name.len == 0 || bj_hostname_presentable(name.text, name.len);
}

enum bj_status bj_addrinfo_build(const struct bj_request *request,
                                 const struct bj_answer *answer,
                                 struct bj_arena *arena, struct addrinfo **out)
{
    bool named = (request->flags & AI_CANONNAME) != 0;
    size_t count = answer->address_count;
    struct block *block;
    char *text = NULL;
    enum bj_status status;

    *out = NULL;
    if (count == 0 || request->kind_count == 0)
        return BJ_NONE;
    /* No message has more addresses than octets. */
    if (count > BJ_MESSAGE_MAX)
        return BJ_LIMIT;
    if (named && !is_presentable(answer))
        return BJ_BAD;
    count *= request->kind_count;
    block =
        bj_arena_take(arena, sizeof(*block) + count * sizeof(block->nodes[0]),
                      _Alignof(struct block));
    if (named && answer->canonical.len > 0)
        text =
            bj_arena_text(arena, answer->canonical.text, answer->canonical.len);
    else if (named)
        text = bj_arena_text(arena, request->node.text, request->node.len);
    status = bj_arena_end(arena);
    if (status != BJ_OK)
        return status;
    fill_nodes(block, request, answer);
    block->nodes[0].info.ai_canonname = text;
    *out = &block->nodes[0].info;
    return BJ_OK;
}

void *bj_addrinfo_drop(struct addrinfo **list)
{
    struct node *node = (struct node *)*list;
    struct block *block;

    if (node == NULL)
        return NULL;
    *list = node->info.ai_next;
    block = (struct block *)((char *)(node - node->place) -
                             offsetof(struct block, nodes));
    /* Whoever takes the last one must see all that the others did. */
    if (__atomic_sub_fetch(&block->alive, 1, __ATOMIC_ACQ_REL) > 0)
        return NULL;
    return block;
}
