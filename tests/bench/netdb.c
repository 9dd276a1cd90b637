/*
 * Packing answers for callers, against the C library doing the same:
 * getaddrinfo of literals with numeric services (arguments, reading, chain,
 * and freeing it), gethostbyname2_r of literals (a hostent in the caller's
 * buffer), getnameinfo in numbers. glibc allocates each node by itself; we
 * allocate a chain once, as the library does. The cache stands alone.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/addr/ip4.h"
#include "core/addr/ip6.h"
#include "core/netdb/addrinfo.h"
#include "core/netdb/hostent.h"
#include "core/netdb/nameinfo.h"
#include "core/netdb/request.h"
#include "core/resolve/cache.h"
#include "tests/bench/bench.h"

enum { SAMPLES = 256, CALLS = 1 << 11 };

struct sample {
    struct bj_address address;
    struct sockaddr_storage sockaddr;
    socklen_t sockaddr_len;
    char text[BJ_IP6_TEXT_MAX];
    size_t len;
};

static struct sample fours[SAMPLES];
static struct sample sixes[SAMPLES];

static void make_samples(void)
{
    uint64_t state = 1;

    for (size_t i = 0; i < SAMPLES; i++) {
        uint64_t a = bj_bench_random(&state);
        struct bj_endpoint endpoint;

        fours[i].address.family = BJ_FAMILY_IP4;
        memcpy(fours[i].address.octets, &a, 4);
        fours[i].len = bj_ip4_format(fours[i].address.octets, fours[i].text);
        sixes[i].address.family = BJ_FAMILY_IP6;
        memcpy(sixes[i].address.octets, "\x20\x01\x0d\xb8", 4);
        memcpy(sixes[i].address.octets + 8, &a, 8);
        sixes[i].len = bj_ip6_format(sixes[i].address.octets, sixes[i].text);
        endpoint.port = 443;
        endpoint.address = fours[i].address;
        fours[i].sockaddr_len =
            bj_endpoint_to_sockaddr(&endpoint, &fours[i].sockaddr);
        endpoint.address = sixes[i].address;
        sixes[i].sockaddr_len =
            bj_endpoint_to_sockaddr(&endpoint, &sixes[i].sockaddr);
    }
}

static const struct addrinfo stream = {
    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
static const struct addrinfo any_type = {.ai_flags =
                                             AI_NUMERICHOST | AI_NUMERICSERV};

struct lookup {
    const struct sample *samples;
    const struct addrinfo *hints;
};

static uint64_t our_addrinfo(const void *context, size_t count)
{
    static const struct bj_configured both = {true, true};
    const struct lookup *lookup = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        const char *node = lookup->samples[i % SAMPLES].text;
        struct bj_request request;
        struct bj_numeric numeric;
        struct bj_answer answer = {.addresses = numeric.addresses};
        struct bj_arena arena;
        struct addrinfo *list;
        void *block = malloc(512);

        if (bj_request_read(node, "443", lookup->hints, both, &request) !=
                BJ_FOUND ||
            !bj_request_numeric(&request, &numeric))
            abort();
        answer.address_count = numeric.count;
        bj_arena_init(&arena, block, 512);
        if (bj_addrinfo_build(&request, &answer, &arena, &list) != BJ_OK)
            abort();
        sum += list->ai_addrlen;
        while (list != NULL)
            free(bj_addrinfo_drop(&list));
    }
    return sum;
}

static uint64_t libc_addrinfo(const void *context, size_t count)
{
    const struct lookup *lookup = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        struct addrinfo *list;

        if (getaddrinfo(lookup->samples[i % SAMPLES].text, "443", lookup->hints,
                        &list) != 0)
            abort();
        sum += list->ai_addrlen;
        freeaddrinfo(list);
    }
    return sum;
}

/* What of the above is malloc and free: of a chain of three, one block of
 * ours, and nodes of their own with glibc. */
static uint64_t our_allocations(const void *context, size_t count)
{
    uint64_t sum = 0;

    (void)context;
    for (size_t i = 0; i < count; i++) {
        void *volatile block = malloc(512);

        sum += (uintptr_t)block;
        free(block);
    }
    return sum;
}

static uint64_t libc_allocations(const void *context, size_t count)
{
    size_t size = sizeof(struct addrinfo) + sizeof(struct sockaddr_in6);
    uint64_t sum = 0;

    (void)context;
    for (size_t i = 0; i < count; i++) {
        void *volatile nodes[3];

        for (size_t k = 0; k < 3; k++)
            nodes[k] = malloc(size);
        for (size_t k = 0; k < 3; k++) {
            sum += (uintptr_t)nodes[k];
            free(nodes[k]);
        }
    }
    return sum;
}

static uint64_t our_hostent(const void *context, size_t count)
{
    const struct sample *samples = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &samples[i % SAMPLES];
        struct bj_address address;
        struct bj_zone zone;
        struct bj_answer answer = {.canonical = {s->text, s->len},
                                   .addresses = &address,
                                   .address_count = 1};
        struct bj_arena arena;
        struct hostent h;
        char buf[1024];

        if (bj_address_parse((const uint8_t *)s->text, s->len, &address,
                             &zone) != BJ_OK)
            abort();
        bj_arena_init(&arena, buf, sizeof(buf));
        if (bj_hostent_build(&answer, address.family, &arena, &h) != BJ_OK)
            abort();
        sum += (uint64_t)h.h_length + (uint8_t)h.h_addr_list[0][3];
    }
    return sum;
}

static uint64_t libc_hostent(const void *context, size_t count)
{
    const struct sample *samples = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &samples[i % SAMPLES];
        struct hostent h;
        struct hostent *result;
        char buf[1024];
        int error;

        if (gethostbyname2_r(s->text, s->sockaddr.ss_family, &h, buf,
                             sizeof(buf), &result, &error) != 0 ||
            result == NULL)
            abort();
        sum += (uint64_t)h.h_length + (uint8_t)h.h_addr_list[0][3];
    }
    return sum;
}

static uint64_t our_nameinfo(const void *context, size_t count)
{
    const struct sample *samples = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &samples[i % SAMPLES];
        struct bj_nameinfo_names names = {.found = BJ_NO_NAME};
        struct bj_nameinfo info;
        char host[NI_MAXHOST];
        char service[NI_MAXSERV];

        if (bj_nameinfo_read(
                &s->sockaddr, s->sockaddr_len, NI_NUMERICHOST | NI_NUMERICSERV,
                BJ_WANT_HOST | BJ_WANT_SERVICE, &info) != BJ_FOUND ||
            bj_nameinfo_host(&info, &names, host, sizeof(host)) != BJ_FOUND ||
            bj_nameinfo_service(&info, names.name, service, sizeof(service)) !=
                BJ_FOUND)
            abort();
        sum += (uint8_t)host[1] + (uint8_t)service[0];
    }
    return sum;
}

static uint64_t libc_nameinfo(const void *context, size_t count)
{
    const struct sample *samples = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &samples[i % SAMPLES];
        char host[NI_MAXHOST];
        char service[NI_MAXSERV];

        if (getnameinfo((const struct sockaddr *)&s->sockaddr, s->sockaddr_len,
                        host, sizeof(host), service, sizeof(service),
                        NI_NUMERICHOST | NI_NUMERICSERV) != 0)
            abort();
        sum += (uint8_t)host[1] + (uint8_t)service[0];
    }
    return sum;
}

static uint8_t cache_memory[1 << 18];
static struct bj_cache cache;

static struct bj_cache_key key_of(size_t i)
{
    struct bj_cache_key key = {(const uint8_t *)sixes[i % SAMPLES].text,
                               sixes[i % SAMPLES].len, 1};

    return key;
}

static uint64_t cache_put(const void *context, size_t count)
{
    struct bj_cache_entry entry = {BJ_FOUND, 300, (const uint8_t *)fours, 80};
    uint64_t kept = 0;

    (void)context;
    for (size_t i = 0; i < count; i++) {
        struct bj_cache_key key = key_of(i);

        kept += bj_cache_put(&cache, &key, &entry, 0);
    }
    return kept;
}

static uint64_t cache_get(const void *context, size_t count)
{
    uint64_t found = 0;

    (void)context;
    for (size_t i = 0; i < count; i++) {
        struct bj_cache_key key = key_of(i);
        struct bj_cache_entry entry;

        found += bj_cache_get(&cache, &key, 1, &entry);
    }
    return found;
}

int main(void)
{
    static const struct lookup four = {fours, &stream};
    static const struct lookup six = {sixes, &stream};
    static const struct lookup six_any = {sixes, &any_type};
    static const struct bj_bench_case cases[] = {
        {"addrinfo, ip4, one kind", our_addrinfo, "getaddrinfo", libc_addrinfo,
         &four, CALLS},
        {"addrinfo, ip6, one kind", our_addrinfo, "getaddrinfo", libc_addrinfo,
         &six, CALLS},
        {"addrinfo, ip6, three kinds", our_addrinfo, "getaddrinfo",
         libc_addrinfo, &six_any, CALLS},
        {"allocations of three kinds", our_allocations, "of glibc's",
         libc_allocations, NULL, CALLS},
        {"hostent, ip4", our_hostent, "gethostbyname2_r", libc_hostent, fours,
         CALLS},
        {"hostent, ip6", our_hostent, "gethostbyname2_r", libc_hostent, sixes,
         CALLS},
        {"nameinfo, ip4", our_nameinfo, "getnameinfo", libc_nameinfo, fours,
         CALLS},
        {"nameinfo, ip6", our_nameinfo, "getnameinfo", libc_nameinfo, sixes,
         CALLS},
        {"cache put", cache_put, NULL, NULL, NULL, CALLS},
        {"cache get", cache_get, NULL, NULL, NULL, CALLS},
    };
    static const struct bj_hash_key key = {{1, 2}};

    make_samples();
    if (bj_cache_init(&cache, cache_memory, sizeof(cache_memory), &key) !=
        BJ_OK)
        abort();
    bj_bench_run(cases, sizeof(cases) / sizeof(cases[0]));
    return 0;
}
