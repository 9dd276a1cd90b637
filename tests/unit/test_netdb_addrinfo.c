#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "core/netdb/addrinfo.h"
#include "tests/support/guard.h"

#define TEXT(literal)                \
    {                                \
        literal, sizeof(literal) - 1 \
    }

static const struct bj_address addresses[] = {
    {.family = BJ_FAMILY_IP4, .octets = {192, 0, 2, 1}},
    {.family = BJ_FAMILY_IP6, .octets = {0xfe, 0x80, [15] = 1}, .scope = 3},
    {.family = BJ_FAMILY_IP4, .octets = {192, 0, 2, 2}},
};
static const struct bj_answer sample = {.canonical = TEXT("host.example"),
                                        .addresses = addresses,
                                        .address_count = 3};
static const struct bj_configured both = {true, true};

static struct bj_request request_for(int flags, int family)
{
    struct addrinfo hints = {.ai_flags = flags, .ai_family = family};
    struct bj_request r;

    assert_int_equal(bj_request_read("asked.example", "4242", &hints, both, &r),
                     BJ_FOUND);
    return r;
}

static void assert_inside(const void *p, size_t n, const uint8_t *buf,
                          size_t len)
{
    assert_true((const uint8_t *)p >= buf);
    assert_true((const uint8_t *)p + n <= buf + len);
}

/* The sample with three kinds of socket, all of it within `buf`. */
static void assert_sample(const struct addrinfo *ai, const uint8_t *buf,
                          size_t len)
{
    static const int socktypes[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW};

    assert_string_equal(ai->ai_canonname, "host.example");
    assert_inside(ai->ai_canonname, 13, buf, len);
    for (size_t i = 0; i < 9; i++, ai = ai->ai_next) {
        const struct bj_address *address = &addresses[i / 3];

        assert_inside(ai, sizeof(*ai), buf, len);
        assert_inside(ai->ai_addr, ai->ai_addrlen, buf, len);
        assert_int_equal(ai->ai_socktype, socktypes[i % 3]);
        if (i > 0)
            assert_null(ai->ai_canonname);
        if (address->family == BJ_FAMILY_IP4) {
            struct sockaddr_in *in = (struct sockaddr_in *)ai->ai_addr;

            assert_int_equal(ai->ai_family, AF_INET);
            assert_int_equal(ai->ai_addrlen, sizeof(*in));
            assert_int_equal(in->sin_port, htons(4242));
            assert_memory_equal(&in->sin_addr, address->octets, 4);
        } else {
            struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ai->ai_addr;

            assert_int_equal(ai->ai_family, AF_INET6);
            assert_int_equal(ai->ai_addrlen, sizeof(*in6));
            assert_int_equal(in6->sin6_port, htons(4242));
            assert_int_equal(in6->sin6_flowinfo, 0);
            assert_int_equal(in6->sin6_scope_id, 3);
            assert_memory_equal(&in6->sin6_addr, address->octets, 16);
        }
    }
    assert_null(ai);
}

static size_t needed_for(const struct bj_request *r)
{
    struct bj_arena arena;
    struct addrinfo *list;

    bj_arena_init(&arena, NULL, 0);
    assert_int_equal(bj_addrinfo_build(r, &sample, &arena, &list), BJ_SPACE);
    assert_null(list);
    return arena.len;
}

static void R02_every_size_and_misalignment(void **state)
{
    struct bj_request r = request_for(AI_CANONNAME, AF_UNSPEC);
    size_t needed = needed_for(&r);

    (void)state;
    for (size_t slack = 0; slack < 16; slack++) {
        for (size_t cap = 0; cap < needed + 17; cap++) {
            struct bj_guard g = bj_guard_end(cap + slack);
            struct addrinfo *list;
            struct bj_arena arena;
            enum bj_status status;

            memset(g.bytes, 0xa5, cap + slack);
            bj_arena_init(&arena, g.bytes, cap);
            status = bj_addrinfo_build(&r, &sample, &arena, &list);
            assert_int_equal(status, arena.len <= cap ? BJ_OK : BJ_SPACE);
            assert_in_range(arena.len, needed, needed + 7);
            if (status == BJ_OK)
                assert_sample(list, g.bytes, cap);
            else
                assert_null(list);
            for (size_t i = 0; i < slack; i++)
                assert_int_equal(g.bytes[cap + i], 0xa5);
            bj_guard_free(&g);
        }
    }
}

static void R36_nothing_before_the_buffer(void **state)
{
    struct bj_request r = request_for(AI_CANONNAME, AF_UNSPEC);
    size_t needed = needed_for(&r);
    struct bj_guard g = bj_guard_start(needed);
    struct addrinfo *list;
    struct bj_arena arena;

    (void)state;
    bj_arena_init(&arena, g.bytes, needed);
    assert_int_equal(bj_addrinfo_build(&r, &sample, &arena, &list), BJ_OK);
    assert_sample(list, g.bytes, needed);
    bj_guard_free(&g);
}

static struct addrinfo *allocate(const struct bj_request *r,
                                 const struct bj_answer *answer, void **block)
{
    struct bj_arena arena;
    struct addrinfo *list;

    bj_arena_init(&arena, NULL, 0);
    assert_int_equal(bj_addrinfo_build(r, answer, &arena, &list), BJ_SPACE);
    *block = malloc(arena.len);
    assert_non_null(*block);
    bj_arena_init(&arena, *block, arena.len);
    assert_int_equal(bj_addrinfo_build(r, answer, &arena, &list), BJ_OK);
    return list;
}

static void free_list(struct addrinfo *list)
{
    while (list != NULL)
        free(bj_addrinfo_drop(&list));
}

/* AddressSanitizer sees a block freed early or never. */
static void R37_any_sublist_in_any_order(void **state)
{
    struct bj_request r = request_for(0, AF_UNSPEC);
    struct addrinfo *nodes[9];
    void *block;

    (void)state;
    free_list(NULL);
    /* Cut before every node: tail first, then head first. */
    for (size_t cut = 0; cut < 9; cut++) {
        for (int tail_first = 0; tail_first < 2; tail_first++) {
            struct addrinfo *head = allocate(&r, &sample, &block);
            struct addrinfo *tail = head;

            for (size_t i = 0; i < cut; i++)
                tail = tail->ai_next;
            free_list(tail_first ? tail : NULL);
            for (size_t i = 0; i < cut; i++) {
                struct addrinfo *next = head->ai_next;

                head->ai_next = NULL;
                assert_int_equal(head->ai_family,
                                 i / 3 == 1 ? AF_INET6 : AF_INET);
                free_list(head);
                head = next;
            }
            free_list(tail_first ? NULL : tail);
        }
    }
    /* Every third node first, each alone. */
    nodes[0] = allocate(&r, &sample, &block);
    for (size_t i = 1; i < 9; i++)
        nodes[i] = nodes[i - 1]->ai_next;
    for (size_t i = 0; i < 9; i++)
        nodes[i]->ai_next = NULL;
    for (size_t i = 0; i < 8; i++)
        assert_null(bj_addrinfo_drop(&nodes[i * 4 % 9]));
    assert_ptr_equal(bj_addrinfo_drop(&nodes[8 * 4 % 9]), block);
    free(block);
}

static void R37_two_lists_joined(void **state)
{
    struct bj_request r = request_for(0, AF_UNSPEC);
    void *blocks[2];
    struct addrinfo *first = allocate(&r, &sample, &blocks[0]);
    struct addrinfo *second = allocate(&r, &sample, &blocks[1]);
    struct addrinfo *last = first;

    (void)state;
    while (last->ai_next != NULL)
        last = last->ai_next;
    last->ai_next = second->ai_next;
    second->ai_next = NULL;
    free_list(first);
    free_list(second);
}

static void *free_in_thread(void *list)
{
    free_list(list);
    return NULL;
}

static void R37_halves_freed_by_two_threads(void **state)
{
    struct bj_request r = request_for(0, AF_UNSPEC);

    (void)state;
    for (int round = 0; round < 200; round++) {
        void *block;
        struct addrinfo *head = allocate(&r, &sample, &block);
        struct addrinfo *tail = head->ai_next->ai_next->ai_next->ai_next;
        pthread_t thread;

        head->ai_next->ai_next->ai_next->ai_next = NULL;
        assert_int_equal(pthread_create(&thread, NULL, free_in_thread, tail),
                         0);
        free_list(head);
        assert_int_equal(pthread_join(thread, NULL), 0);
    }
}

static size_t select_count(int flags, int family, size_t from, size_t count,
                           struct bj_address *out)
{
    struct bj_request r = request_for(flags, family);
    struct bj_answer answer = sample;

    answer.addresses = addresses + from;
    answer.address_count = count;
    return bj_addrinfo_select(&r, &answer, out);
}

static void selection_by_family_and_flags(void **state)
{
    struct bj_address out[3];

    (void)state;
    assert_int_equal(select_count(0, AF_UNSPEC, 0, 3, out), 3);
    assert_memory_equal(out, addresses, sizeof(addresses));
    assert_int_equal(select_count(0, AF_UNSPEC, 0, 0, out), 0);
    assert_int_equal(select_count(AI_V4MAPPED | AI_ALL, AF_INET, 0, 3, out), 2);
    assert_int_equal(out[1].octets[3], 2);
    assert_int_equal(select_count(0, AF_INET6, 0, 3, out), 1);
    assert_int_equal(out[0].scope, 3);
    assert_int_equal(select_count(AI_ALL, AF_INET6, 0, 3, out), 1);
    assert_int_equal(select_count(AI_V4MAPPED, AF_INET6, 0, 3, out), 1);
    assert_int_equal(select_count(AI_V4MAPPED | AI_ALL, AF_INET6, 0, 3, out),
                     3);
    assert_int_equal(out[0].octets[0], 0xfe);
    assert_int_equal(out[1].octets[11], 0xff);
    assert_int_equal(out[1].octets[15], 1);
    assert_int_equal(out[2].octets[15], 2);
    /* Only IPv4 there: mapped if allowed, else nothing. */
    assert_int_equal(select_count(AI_V4MAPPED, AF_INET6, 2, 1, out), 1);
    assert_int_equal(out[0].family, BJ_FAMILY_IP6);
    assert_int_equal(select_count(0, AF_INET6, 2, 1, out), 0);
}

static void names_and_refusals(void **state)
{
    struct bj_request r = request_for(AI_CANONNAME, AF_UNSPEC);
    struct bj_answer answer = sample;
    _Alignas(16) uint8_t buf[1024];
    struct bj_arena arena;
    struct addrinfo *list;

    (void)state;
    answer.canonical.len = 0;
    bj_arena_init(&arena, buf, sizeof(buf));
    assert_int_equal(bj_addrinfo_build(&r, &answer, &arena, &list), BJ_OK);
    assert_string_equal(list->ai_canonname, "asked.example");
    /* R07: no name that is none, unless nobody asks for it. */
    answer.canonical.text = "$(reboot)";
    answer.canonical.len = 9;
    bj_arena_init(&arena, buf, sizeof(buf));
    assert_int_equal(bj_addrinfo_build(&r, &answer, &arena, &list), BJ_BAD);
    assert_null(list);
    r.flags = 0;
    bj_arena_init(&arena, buf, sizeof(buf));
    assert_int_equal(bj_addrinfo_build(&r, &answer, &arena, &list), BJ_OK);
    assert_null(list->ai_canonname);
    answer.address_count = 0;
    bj_arena_init(&arena, buf, sizeof(buf));
    assert_int_equal(bj_addrinfo_build(&r, &answer, &arena, &list), BJ_NONE);
    r.kind_count = 0;
    assert_int_equal(bj_addrinfo_build(&r, &sample, &arena, &list), BJ_NONE);
    answer.address_count = 65536;
    r.kind_count = 1;
    assert_int_equal(bj_addrinfo_build(&r, &answer, &arena, &list), BJ_LIMIT);
    assert_null(list);
}

static void R04_thousands_of_addresses(void **state)
{
    enum { MANY = 4000 };
    struct bj_request r = request_for(AI_V4MAPPED | AI_ALL, AF_INET6);
    struct bj_address *mixed = calloc(MANY, sizeof(*mixed));
    struct bj_address *selected = calloc(MANY, sizeof(*selected));
    struct bj_answer answer = sample;
    struct addrinfo *list;
    void *block;
    size_t n = 0;

    (void)state;
    assert_non_null(mixed);
    assert_non_null(selected);
    for (size_t i = 0; i < MANY; i++)
        mixed[i] = addresses[i % 3];
    answer.addresses = mixed;
    answer.address_count = MANY;
    answer.address_count = bj_addrinfo_select(&r, &answer, selected);
    answer.addresses = selected;
    list = allocate(&r, &answer, &block);
    for (struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next)
        n += 1;
    assert_int_equal(n, 3 * MANY);
    free_list(list);
    free(selected);
    free(mixed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R02_every_size_and_misalignment),
        cmocka_unit_test(R36_nothing_before_the_buffer),
        cmocka_unit_test(R37_any_sublist_in_any_order),
        cmocka_unit_test(R37_two_lists_joined),
        cmocka_unit_test(R37_halves_freed_by_two_threads),
        cmocka_unit_test(selection_by_family_and_flags),
        cmocka_unit_test(names_and_refusals),
        cmocka_unit_test(R04_thousands_of_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
