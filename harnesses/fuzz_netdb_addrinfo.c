/*
 * Selects and packs an answer into a block whose capacity and misalignment
 * the tail chooses, and into the exact size, one less and none; then frees
 * the chain node by node in an order that the input chooses. Oracles: the
 * addresses kept are those of a naive filter; the chain is the product of
 * addresses and kinds and says nothing else; every pointer lies inside the
 * block (R36), every octet is initialised, nothing outside is written; it
 * succeeds exactly when the capacity suffices (R02); the block comes free
 * with the last node and not before, in any order (R37).
 */
#include <arpa/inet.h>
#include <netdb.h>

#include "core/netdb/addrinfo.h"
#include "harnesses/harness.h"
#include "harnesses/support/answers.h"

enum { FENCE = 32, ROOM = 16384, FILL = 0xa5, OTHER_FILL = 0x5a };

struct setting {
    struct bj_request request;
    struct bj_answer answer;
    struct bj_address selected[BJ_ANSWER_ADDRESSES];
};

/* The kinds are any that the octets say: the builder must not care. */
static void read_request(struct bj_cursor *c, struct bj_request *r)
{
    static char node[] = "asked.example";
    uint8_t shape = bj_cursor_u8(c);

    memset(r, 0, sizeof(*r));
    r->flags = bj_cursor_u16(c) & 0x7ff;
    r->family = (enum bj_family)(shape % 3U);
    r->node.text = node;
    r->node.len = (shape & 0x80) != 0 ? 0 : strlen(node);
    r->kind_count = shape / 4U % (BJ_SOCKET_KINDS + 1U);
    for (size_t i = 0; i < r->kind_count; i++) {
        r->kinds[i].socktype = bj_cursor_u8(c);
        r->kinds[i].protocol = bj_cursor_u8(c);
        r->kinds[i].port = bj_cursor_u16(c);
        r->kinds[i].port_known = true;
    }
}

static bool is_mapped_of(const struct bj_address *got,
                         const struct bj_address *ip4)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

    return got->family == BJ_FAMILY_IP6 && got->scope == 0 &&
           memcmp(got->octets, prefix, 12) == 0 &&
           memcmp(got->octets + 12, ip4->octets, 4) == 0;
}

static bool same(const struct bj_address *a, const struct bj_address *b)
{
    return a->family == b->family && a->scope == b->scope &&
           memcmp(a->octets, b->octets, 16) == 0;
}

/* Walks the answer once for each family that may be in the result. */
static void check_selection(const struct bj_request *r,
                            const struct bj_answer *answer,
                            const struct bj_address *got, size_t count)
{
    size_t of[3] = {0, 0, 0};
    size_t n = 0;
    bool map;

    for (size_t i = 0; i < answer->address_count; i++)
        of[answer->addresses[i].family] += 1;
    map = r->family == BJ_FAMILY_IP6 && (r->flags & AI_V4MAPPED) != 0 &&
          (of[BJ_FAMILY_IP6] == 0 || (r->flags & AI_ALL) != 0);
    for (size_t i = 0; i < answer->address_count; i++) {
        if (r->family != BJ_FAMILY_ANY &&
            answer->addresses[i].family != r->family)
            continue;
        BJ_CHECK(n < count && same(&got[n], &answer->addresses[i]), "kept");
        n += 1;
    }
    for (size_t i = 0; map && i < answer->address_count; i++) {
        if (answer->addresses[i].family != BJ_FAMILY_IP4)
            continue;
        BJ_CHECK(n < count && is_mapped_of(&got[n], &answer->addresses[i]),
                 "mapped");
        n += 1;
    }
    BJ_CHECK(n == count, "selected-no-more");
}

static void check_sockaddr(const struct addrinfo *ai,
                           const struct bj_address *address, uint16_t port,
                           const uint8_t *block, size_t cap)
{
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;

    BJ_CHECK(bj_inside(ai->ai_addr, ai->ai_addrlen, block, cap),
             "sockaddr-inside");
    BJ_CHECK((uintptr_t)ai->ai_addr % _Alignof(struct sockaddr_in6) == 0,
             "sockaddr-aligned");
    memset(&ip4, 0, sizeof(ip4));
    memset(&ip6, 0, sizeof(ip6));
    if (address->family == BJ_FAMILY_IP4) {
        ip4.sin_family = AF_INET;
        ip4.sin_port = htons(port);
        memcpy(&ip4.sin_addr, address->octets, 4);
        BJ_CHECK(ai->ai_family == AF_INET && ai->ai_addrlen == sizeof(ip4) &&
                     memcmp(ai->ai_addr, &ip4, sizeof(ip4)) == 0,
                 "ip4-same");
    } else {
        ip6.sin6_family = AF_INET6;
        ip6.sin6_port = htons(port);
        memcpy(&ip6.sin6_addr, address->octets, 16);
        ip6.sin6_scope_id = address->scope;
        BJ_CHECK(ai->ai_family == AF_INET6 && ai->ai_addrlen == sizeof(ip6) &&
                     memcmp(ai->ai_addr, &ip6, sizeof(ip6)) == 0,
                 "ip6-same");
    }
}

static void check_canonical(const struct setting *s, const char *got,
                            const uint8_t *block, size_t cap)
{
    struct bj_text want =
        s->answer.canonical.len > 0 ? s->answer.canonical : s->request.node;

    if ((s->request.flags & AI_CANONNAME) == 0) {
        BJ_CHECK(got == NULL, "no-name-unasked");
        return;
    }
    BJ_CHECK(bj_inside(got, want.len + 1, block, cap), "name-inside");
    BJ_CHECK(memcmp(got, want.text, want.len) == 0 && got[want.len] == '\0',
             "name-same");
}

static void check_chain(const struct setting *s, const struct addrinfo *ai,
                        const uint8_t *block, size_t cap)
{
    bool first = true;

    for (size_t i = 0; i < s->answer.address_count; i++) {
        for (size_t k = 0; k < s->request.kind_count; k++) {
            const struct bj_socket_kind *kind = &s->request.kinds[k];

            BJ_CHECK(bj_inside(ai, sizeof(*ai), block, cap) &&
                         (uintptr_t)ai % _Alignof(struct addrinfo) == 0,
                     "node-inside");
            BJ_CHECK(ai->ai_flags == s->request.flags &&
                         ai->ai_socktype == kind->socktype &&
                         ai->ai_protocol == kind->protocol,
                     "node-same");
            check_sockaddr(ai, &s->answer.addresses[i], kind->port, block, cap);
            if (first)
                check_canonical(s, ai->ai_canonname, block, cap);
            else
                BJ_CHECK(ai->ai_canonname == NULL, "one-name");
            first = false;
            ai = ai->ai_next;
        }
    }
    BJ_CHECK(ai == NULL, "chain-ends");
}

/* Cuts the chain into single nodes and drops them in an order that a simple
 * generator draws. */
static void check_drop(struct addrinfo *list, const void *block, uint32_t seed)
{
    struct addrinfo *nodes[BJ_ANSWER_ADDRESSES * BJ_SOCKET_KINDS];
    size_t n = 0;

    for (; list != NULL; list = list->ai_next)
        nodes[n++] = list;
    for (size_t i = 0; i < n; i++)
        nodes[i]->ai_next = NULL;
    while (n > 0) {
        size_t pick = (seed = seed * 1103515245U + 12345U) / 65536U % n;
        struct addrinfo *one = nodes[pick];
        void *freed;

        nodes[pick] = nodes[n - 1];
        n -= 1;
        /* Now and then two nodes as one list. */
        if (n > 0 && seed % 3 == 0) {
            one->ai_next = nodes[n - 1];
            n -= 1;
            BJ_CHECK(bj_addrinfo_drop(&one) == NULL, "block-not-yet");
        }
        freed = bj_addrinfo_drop(&one);
        BJ_CHECK(one == NULL, "list-at-end");
        BJ_CHECK(n > 0 ? freed == NULL : freed == block, "block-with-last");
    }
    BJ_CHECK(bj_addrinfo_drop(&list) == NULL, "drop-of-null");
}

static bool all_are(const uint8_t *bytes, size_t n, uint8_t value)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static enum bj_status verdict(const struct setting *s)
{
    struct bj_text name = s->answer.canonical;

    if (s->answer.address_count == 0 || s->request.kind_count == 0)
        return BJ_NONE;
    if ((s->request.flags & AI_CANONNAME) != 0 && name.len > 0 &&
        !bj_naive_presentable(name.text, name.len))
        return BJ_BAD;
    return BJ_OK;
}

/* Returns the chain, or NULL, and the size that was asked for. */
static struct addrinfo *build(const struct setting *s, uint8_t *block,
                              size_t cap, uint8_t fill, size_t *needed)
{
    struct addrinfo *list = (struct addrinfo *)block;
    enum bj_status expected = verdict(s);
    struct bj_arena arena;
    enum bj_status status;

    memset(block - FENCE, fill, cap + 2 * FENCE);
    bj_arena_init(&arena, block, cap);
    status = bj_addrinfo_build(&s->request, &s->answer, &arena, &list);
    BJ_CHECK(all_are(block - FENCE, FENCE, fill), "fence-before");
    BJ_CHECK(all_are(block + cap, FENCE, fill), "fence-behind");
    if (expected != BJ_OK)
        BJ_CHECK(status == expected, "refused");
    else
        BJ_CHECK(status == (arena.len <= cap ? BJ_OK : BJ_SPACE), "space-iff");
    /* With the other fill the octets themselves are compared. */
    if (status == BJ_OK && fill == FILL)
        check_chain(s, list, block, arena.len);
    if (status != BJ_OK)
        BJ_CHECK(list == NULL, "null-on-failure");
    *needed = arena.len;
    return list;
}

static void check_exact(const struct setting *s, uint8_t *block, size_t needed)
{
    size_t again;
    uint8_t *first;
    struct addrinfo *list;

    BJ_CHECK(build(s, block, needed - 1, FILL, &again) == NULL, "one-short");
    (void)build(s, block, needed, FILL, &again);
    first = bj_exact_copy(block, needed);
    list = build(s, block, needed, OTHER_FILL, &again);
    BJ_CHECK(memcmp(first, block, needed) == 0, "initialised");
    free(first);
    check_drop(list, block + (0 - (uintptr_t)block) % _Alignof(struct addrinfo),
               (uint32_t)needed * 7919U + s->answer.ttl);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t shift = bj_take_tail(data, &size) % 16U;
    size_t cap = bj_take_tail(data, &size);
    struct bj_answer_input in;
    struct setting s;
    struct bj_cursor c;
    size_t needed;
    uint8_t *room;

    cap += (size_t)256 * (bj_take_tail(data, &size) % 48U);
    bj_cursor_init(&c, data, size);
    read_request(&c, &s.request);
    bj_answer_input_read(&c, &in);
    s.answer = in.answer;
    s.answer.addresses = s.selected;
    s.answer.address_count =
        bj_addrinfo_select(&s.request, &in.answer, s.selected);
    check_selection(&s.request, &in.answer, s.selected, s.answer.address_count);
    room = malloc(ROOM + 2 * FENCE + 16);
    if (room == NULL)
        abort();
    (void)build(&s, room + FENCE + shift, cap, FILL, &needed);
    if (verdict(&s) == BJ_OK) {
        BJ_CHECK(needed < ROOM, "bounded");
        check_exact(&s, room + FENCE + shift, needed);
    }
    bj_digest(&needed, sizeof(needed));
    free(room);
    return 0;
}
