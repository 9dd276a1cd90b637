#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <netdb.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "core/netdb/hostent.h"
#include "tests/support/guard.h"

#define TEXT(literal)                \
    {                                \
        literal, sizeof(literal) - 1 \
    }

static const struct bj_text aliases[] = {TEXT("www.example"), TEXT("w"),
                                         TEXT("web.example")};
static const struct bj_address addresses[] = {
    {.family = BJ_FAMILY_IP4, .octets = {192, 0, 2, 1}},
    {.family = BJ_FAMILY_IP6, .octets = {0x20, 1, 0x0d, 0xb8, [15] = 1}},
    {.family = BJ_FAMILY_IP4, .octets = {192, 0, 2, 2}},
};
static const struct bj_answer sample = {.canonical = TEXT("host.example"),
                                        .aliases = aliases,
                                        .alias_count = 3,
                                        .addresses = addresses,
                                        .address_count = 3};

static void assert_inside(const void *p, size_t n, const uint8_t *buf,
                          size_t len)
{
    assert_true((const uint8_t *)p >= buf);
    assert_true((const uint8_t *)p + n <= buf + len);
}

/* The hostent holds the whole of the sample's half, all of it in `buf`. */
static void assert_sample(const struct hostent *h, int family,
                          const uint8_t *buf, size_t len)
{
    assert_string_equal(h->h_name, "host.example");
    assert_inside(h->h_name, 13, buf, len);
    assert_inside(h->h_aliases, 4 * sizeof(char *), buf, len);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(h->h_aliases[i], aliases[i].text);
        assert_inside(h->h_aliases[i], aliases[i].len + 1, buf, len);
    }
    assert_null(h->h_aliases[3]);
    assert_int_equal(h->h_addrtype, family);
    if (family == AF_INET) {
        assert_int_equal(h->h_length, 4);
        assert_inside(h->h_addr_list, 3 * sizeof(char *), buf, len);
        assert_inside(h->h_addr_list[1], 4, buf, len);
        assert_memory_equal(h->h_addr_list[0], addresses[0].octets, 4);
        assert_memory_equal(h->h_addr_list[1], addresses[2].octets, 4);
        assert_null(h->h_addr_list[2]);
    } else {
        assert_int_equal(h->h_length, 16);
        assert_inside(h->h_addr_list[0], 16, buf, len);
        assert_memory_equal(h->h_addr_list[0], addresses[1].octets, 16);
        assert_null(h->h_addr_list[1]);
    }
}

/* Builds at every size and address, the end and then the start flush against
 * a forbidden page. `slack` is how far the end stays from it. */
static void build_everywhere(enum bj_family family, size_t cap, size_t slack)
{
    struct bj_guard guards[2] = {bj_guard_end(cap + slack),
                                 bj_guard_start(cap + slack)};

    for (size_t i = 0; i < 2; i++) {
        uint8_t *buf = guards[i].bytes + (i == 1 ? slack : 0);
        struct bj_arena arena;
        struct hostent h;
        enum bj_status status;

        memset(guards[i].bytes, 0xa5, cap + slack);
        bj_arena_init(&arena, buf, cap);
        status = bj_hostent_build(&sample, family, &arena, &h);
        assert_int_equal(status, arena.len <= cap ? BJ_OK : BJ_SPACE);
        /* Either half takes 103 octets, and one gap of at most 7. */
        assert_in_range(arena.len, 103, 110);
        if (status == BJ_OK)
            assert_sample(&h, family == BJ_FAMILY_IP4 ? AF_INET : AF_INET6, buf,
                          cap);
        else
            assert_null(h.h_name);
        for (size_t k = 0; k < slack; k++)
            assert_int_equal(buf[i == 1 ? -1 - (long)k : (long)(cap + k)],
                             0xa5);
        bj_guard_free(&guards[i]);
    }
}

static void R02_every_size_and_misalignment(void **state)
{
    (void)state;
    for (size_t slack = 0; slack < 16; slack++)
        for (size_t cap = 0; cap < 150; cap++) {
            build_everywhere(BJ_FAMILY_IP4, cap, slack);
            build_everywhere(BJ_FAMILY_IP6, cap, slack);
        }
}

/* 1 KiB of digits and dots, as an address literal that is none may be. */
static void R01_a_kilobyte_of_digits_and_dots(void **state)
{
    static char digits[1025];
    struct bj_answer answer = sample;
    size_t needed;
    struct bj_arena arena;
    struct hostent h;

    (void)state;
    for (size_t i = 0; i < 1024; i++)
        digits[i] = i % 4 == 3 ? '.' : '0';
    answer.alias_count = 0;
    answer.canonical.text = digits;
    /* As a name it is longer than any host name: refused. */
    answer.canonical.len = 1024;
    bj_arena_init(&arena, NULL, 0);
    assert_int_equal(bj_hostent_build(&answer, BJ_FAMILY_IP4, &arena, &h),
                     BJ_BAD);
    /* The longest that is one, at every size around what it needs. */
    answer.canonical.len = 251;
    bj_arena_init(&arena, NULL, 0);
    assert_int_equal(bj_hostent_build(&answer, BJ_FAMILY_IP4, &arena, &h),
                     BJ_SPACE);
    needed = arena.len;
    for (size_t cap = needed - 16; cap <= needed + 1; cap++) {
        struct bj_guard g = bj_guard_start(cap);

        bj_arena_init(&arena, g.bytes, cap);
        assert_int_equal(bj_hostent_build(&answer, BJ_FAMILY_IP4, &arena, &h),
                         cap < needed ? BJ_SPACE : BJ_OK);
        assert_int_equal(arena.len, needed);
        if (cap >= needed)
            assert_int_equal(strlen(h.h_name), 251);
        bj_guard_free(&g);
    }
}

static void R04_thousands_of_aliases_and_addresses(void **state)
{
    enum { MANY = 4000 };
    struct bj_text *names = calloc(MANY, sizeof(*names));
    struct bj_address *many = calloc(MANY, sizeof(*many));
    struct bj_answer answer = {TEXT("h"), names, MANY, many, MANY, 0};
    struct bj_arena arena;
    struct hostent h;
    uint8_t *buf;

    (void)state;
    assert_non_null(names);
    assert_non_null(many);
    for (size_t i = 0; i < MANY; i++) {
        names[i] = aliases[i % 3];
        many[i] = addresses[0];
        many[i].octets[2] = (uint8_t)(i >> 8);
        many[i].octets[3] = (uint8_t)i;
    }
    bj_arena_init(&arena, NULL, 0);
    assert_int_equal(bj_hostent_build(&answer, BJ_FAMILY_IP4, &arena, &h),
                     BJ_SPACE);
    buf = malloc(arena.len);
    assert_non_null(buf);
    bj_arena_init(&arena, buf, arena.len);
    assert_int_equal(bj_hostent_build(&answer, BJ_FAMILY_IP4, &arena, &h),
                     BJ_OK);
    for (size_t i = 0; i < MANY; i++) {
        assert_memory_equal(h.h_addr_list[i], many[i].octets, 4);
        assert_string_equal(h.h_aliases[i], names[i].text);
    }
    assert_null(h.h_addr_list[MANY]);
    assert_null(h.h_aliases[MANY]);
    free(buf);
    free(many);
    free(names);
}

static enum bj_status build_one(const struct bj_answer *answer,
                                enum bj_family family, struct hostent *h)
{
    static _Alignas(16) uint8_t buf[1024];
    struct bj_arena arena;

    bj_arena_init(&arena, buf, sizeof(buf));
    return bj_hostent_build(answer, family, &arena, h);
}

static void R37_no_aliases_or_no_addresses(void **state)
{
    struct bj_answer answer = sample;
    struct hostent h;

    (void)state;
    answer.alias_count = 0;
    answer.aliases = NULL;
    assert_int_equal(build_one(&answer, BJ_FAMILY_IP4, &h), BJ_OK);
    assert_null(h.h_aliases[0]);
    answer.address_count = 1;
    assert_int_equal(build_one(&answer, BJ_FAMILY_IP6, &h), BJ_NONE);
    assert_null(h.h_name);
    answer.address_count = 0;
    answer.addresses = NULL;
    assert_int_equal(build_one(&answer, BJ_FAMILY_IP4, &h), BJ_NONE);
    assert_int_equal(build_one(&sample, BJ_FAMILY_ANY, &h), BJ_NONE);
}

static void without_a_canonical_name_the_first_alias_is_it(void **state)
{
    struct bj_answer answer = sample;
    struct hostent h;

    (void)state;
    answer.canonical.len = 0;
    assert_int_equal(build_one(&answer, BJ_FAMILY_IP4, &h), BJ_OK);
    assert_string_equal(h.h_name, "www.example");
    assert_string_equal(h.h_aliases[0], "w");
    assert_string_equal(h.h_aliases[1], "web.example");
    assert_null(h.h_aliases[2]);
    answer.alias_count = 0;
    assert_int_equal(build_one(&answer, BJ_FAMILY_IP4, &h), BJ_BAD);
}

static void R07_no_name_that_is_none(void **state)
{
    static const struct bj_text bad[] = {
        TEXT("-rf"),    TEXT("a b"),  TEXT("../etc"), TEXT("a;b"),
        TEXT("<b>"),    TEXT("a\0b"), TEXT("a\\.b"),  TEXT("caf\xc3\xa9"),
        TEXT("$(id)"),  TEXT("a\nb"), TEXT(""),       TEXT("."),
        TEXT("\x1b[2J")};
    struct bj_text names[3] = {TEXT("a"), TEXT("b"), TEXT("c")};
    struct bj_answer answer = sample;
    struct hostent h;

    (void)state;
    answer.aliases = names;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        names[2] = bad[i];
        answer.canonical = sample.canonical;
        assert_int_equal(build_one(&answer, BJ_FAMILY_IP4, &h), BJ_BAD);
        assert_null(h.h_name);
        if (bad[i].len == 0)
            continue;
        names[2] = names[1];
        answer.canonical = bad[i];
        assert_int_equal(build_one(&answer, BJ_FAMILY_IP4, &h), BJ_BAD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R02_every_size_and_misalignment),
        cmocka_unit_test(R01_a_kilobyte_of_digits_and_dots),
        cmocka_unit_test(R04_thousands_of_aliases_and_addresses),
        cmocka_unit_test(R37_no_aliases_or_no_addresses),
        cmocka_unit_test(without_a_canonical_name_the_first_alias_is_it),
        cmocka_unit_test(R07_no_name_that_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
