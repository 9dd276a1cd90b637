#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <netdb.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "core/resolve/lookup.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

#define TEXT(literal)                \
    {                                \
        literal, sizeof(literal) - 1 \
    }

static const struct bj_text aliases[] = {TEXT("www.example"), TEXT("w")};
static const struct bj_address addresses[] = {
    {.family = BJ_FAMILY_IP4, .octets = {192, 0, 2, 1}},
    {.family = BJ_FAMILY_IP6, .octets = {0xfe, 0x80, [15] = 1}, .scope = 3},
};
static const struct bj_result found = {
    .outcome = BJ_FOUND,
    .answer = {TEXT("host.example"), aliases, 2, addresses, 2, 300},
    .ports_known = 1U << BJ_PROTOCOL_UDP | 1U << BJ_PROTOCOL_SCTP,
    .ports = {0, 53, 0, 0, 9},
    .service = TEXT("domain"),
    .domain = TEXT("example.com"),
};

/* Adapters for the shared properties: read, then write again. */
static enum bj_status reparse_lookup(const uint8_t *bytes, size_t len,
                                     uint8_t *out, size_t cap, size_t *out_len)
{
    struct bj_lookup lookup;
    struct bj_cursor c;
    struct bj_writer w;
    enum bj_status status;

    bj_cursor_init(&c, bytes, len);
    status = bj_lookup_read(&c, &lookup);
    if (status != BJ_OK)
        return status;
    bj_writer_init(&w, out, cap);
    status = bj_lookup_write(&w, &lookup);
    *out_len = w.len;
    return status;
}

static enum bj_status reparse_result(const uint8_t *bytes, size_t len,
                                     uint8_t *out, size_t cap, size_t *out_len)
{
    static _Alignas(16) uint8_t block[1024];
    struct bj_result result;
    struct bj_arena arena;
    struct bj_cursor c;
    struct bj_writer w;
    enum bj_status status;

    bj_cursor_init(&c, bytes, len);
    bj_arena_init(&arena, block, sizeof(block));
    status = bj_result_read(&c, &arena, &result);
    if (status != BJ_OK)
        return status;
    bj_writer_init(&w, out, cap);
    status = bj_result_write(&w, &result);
    *out_len = w.len;
    return status;
}

static enum bj_status build_lookup(const void *context, uint8_t *out,
                                   size_t cap, size_t *needed)
{
    struct bj_writer w;
    enum bj_status status;

    bj_writer_init(&w, out, cap);
    status = bj_lookup_write(&w, context);
    *needed = w.len;
    return status;
}

static enum bj_status build_result(const void *context, uint8_t *out,
                                   size_t cap, size_t *needed)
{
    struct bj_writer w;
    enum bj_status status;

    bj_writer_init(&w, out, cap);
    status = bj_result_write(&w, context);
    *needed = w.len;
    return status;
}

static const struct bj_lookup good_lookups[] = {
    {.name = TEXT("www.example"), .ip4 = true},
    {.name = TEXT("www.example"), .ip4 = true, .ip6 = true},
    {.name = TEXT("w"), .ip6 = true, .service = TEXT("http"), .protocols = 31},
    {.address = {.family = BJ_FAMILY_IP4, .octets = {192, 0, 2, 1}}},
    {.address = {.family = BJ_FAMILY_IP6, .octets = {1}, .scope = 9},
     .asks_port = true,
     .port = 53,
     .protocols = 1U << BJ_PROTOCOL_UDP},
    {.service = TEXT("whois++"), .protocols = 1},
    {.asks_port = true, .protocols = 16},
    {.ip4 = false},
};

static void lookups_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good_lookups) / sizeof(good_lookups[0]);
         i++) {
        const struct bj_lookup *in = &good_lookups[i];
        uint8_t bytes[BJ_LOOKUP_MAX];
        struct bj_lookup out;
        struct bj_cursor c;
        size_t len;

        assert_int_equal(build_lookup(in, bytes, sizeof(bytes), &len), BJ_OK);
        bj_cursor_init(&c, bytes, len);
        assert_int_equal(bj_lookup_read(&c, &out), BJ_OK);
        assert_int_equal(out.name.len, in->name.len);
        assert_int_equal(out.ip4, in->ip4);
        assert_int_equal(out.ip6, in->ip6);
        assert_true(bj_address_equal(&out.address, &in->address));
        assert_int_equal(out.service.len, in->service.len);
        assert_int_equal(out.asks_port, in->asks_port);
        assert_int_equal(out.port, in->port);
        assert_int_equal(out.protocols, in->protocols);
        bj_property_prefixes(reparse_lookup, bytes, len, 0);
        bj_property_canonical(reparse_lookup, bytes, len, bytes, len);
        bj_property_capacities(build_lookup, in);
    }
}

static void lookups_that_contradict_themselves(void **state)
{
    static const struct bj_lookup bad[] = {
        {.name = TEXT("w")},
        {.ip4 = true},
        {.name = TEXT("w"), .ip4 = true, .address = {.family = BJ_FAMILY_IP4}},
        {.name = TEXT("a b"), .ip4 = true},
        {.name = TEXT("-w"), .ip4 = true},
        {.name = TEXT("::1"), .ip6 = true},
        {.service = TEXT("http")},
        {.service = TEXT("ht tp"), .protocols = 1},
        {.service = TEXT("http"), .protocols = 32},
        {.service = TEXT("http"), .protocols = 1, .port = 80},
        {.service = TEXT("http"), .protocols = 1, .asks_port = true},
        {.asks_port = true, .port = 80},
        {.asks_port = true, .port = 80, .protocols = 3},
        {.port = 80},
        {.protocols = 1},
    };
    uint8_t bytes[BJ_LOOKUP_MAX];
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (build_lookup(&bad[i], bytes, sizeof(bytes), &len) != BJ_BAD)
            fail_msg("row %zu is written", i);
        assert_int_equal(len, 0);
    }
}

static void the_longest_lookup(void **state)
{
    static char name[254];
    static char service[256];
    struct bj_lookup lookup = {
        .name = {name, 254},
        .ip4 = true,
        .service = {service, 255},
        .protocols = 1,
    };
    uint8_t bytes[BJ_LOOKUP_MAX];
    size_t len;

    (void)state;
    memset(service, 's', sizeof(service));
    memset(name, 'n', sizeof(name));
    for (size_t i = 63; i < sizeof(name); i += 64)
        name[i] = '.';
    name[253] = '.';
    assert_int_equal(build_lookup(&lookup, bytes, sizeof(bytes), &len), BJ_OK);
    assert_int_equal(len, BJ_LOOKUP_MAX - 20); /* with a name no address */
    lookup.service.len = 256;
    assert_int_equal(build_lookup(&lookup, bytes, sizeof(bytes), &len), BJ_BAD);
}

static void results_there_and_back(void **state)
{
    static const enum bj_outcome outcomes[] = {BJ_NO_NAME,       BJ_NO_DATA,
                                               BJ_SERVER_FAILED, BJ_TIMED_OUT,
                                               BJ_UNREACHABLE,   BJ_FAILED};
    uint8_t bytes[256];
    size_t len;

    (void)state;
    assert_int_equal(build_result(&found, bytes, sizeof(bytes), &len), BJ_OK);
    bj_property_prefixes(reparse_result, bytes, len, 0);
    bj_property_canonical(reparse_result, bytes, len, bytes, len);
    bj_property_capacities(build_result, &found);
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        struct bj_result failed = {.outcome = outcomes[i]};

        assert_int_equal(build_result(&failed, bytes, sizeof(bytes), &len),
                         BJ_OK);
        assert_int_equal(len, 4);
        bj_property_prefixes(reparse_result, bytes, len, 0);
        bj_property_canonical(reparse_result, bytes, len, bytes, len);
    }
}

static void a_result_is_read_as_it_was_written(void **state)
{
    _Alignas(16) uint8_t block[256];
    uint8_t bytes[256];
    struct bj_result r;
    struct bj_arena arena;
    struct bj_cursor c;
    size_t len;

    (void)state;
    assert_int_equal(build_result(&found, bytes, sizeof(bytes), &len), BJ_OK);
    bj_cursor_init(&c, bytes, len);
    bj_arena_init(&arena, block, sizeof(block));
    assert_int_equal(bj_result_read(&c, &arena, &r), BJ_OK);
    assert_int_equal(r.outcome, BJ_FOUND);
    assert_int_equal(r.ports_known, found.ports_known);
    assert_memory_equal(r.ports, found.ports, sizeof(r.ports));
    assert_memory_equal(r.service.text, "domain", 6);
    assert_memory_equal(r.domain.text, "example.com", 11);
    assert_int_equal(r.answer.ttl, 300);
    assert_memory_equal(r.answer.canonical.text, "host.example", 12);
    assert_int_equal(r.answer.alias_count, 2);
    assert_memory_equal(r.answer.aliases[1].text, "w", 1);
    assert_int_equal(r.answer.address_count, 2);
    assert_true(bj_address_equal(&r.answer.addresses[1], &addresses[1]));
}

/* Every arena size at every address: the same result, or what is needed. */
static void R02_every_arena(void **state)
{
    uint8_t bytes[256];
    size_t len;

    (void)state;
    assert_int_equal(build_result(&found, bytes, sizeof(bytes), &len), BJ_OK);
    for (size_t cap = 0; cap < 110; cap++) {
        struct bj_guard g = bj_guard_end(cap);
        struct bj_result r;
        struct bj_arena arena;
        struct bj_cursor c;
        enum bj_status status;

        bj_cursor_init(&c, bytes, len);
        bj_arena_init(&arena, g.bytes, cap);
        status = bj_result_read(&c, &arena, &r);
        assert_int_equal(status, arena.len <= cap ? BJ_OK : BJ_SPACE);
        assert_in_range(
            arena.len,
            2 * sizeof(struct bj_text) + 2 * sizeof(struct bj_address),
            2 * sizeof(struct bj_text) + 2 * sizeof(struct bj_address) + 8);
        if (status != BJ_OK)
            assert_null(r.answer.canonical.text);
        bj_guard_free(&g);
    }
}

static enum bj_status read_hostile(const uint8_t *bytes, size_t len)
{
    struct bj_guard g = bj_guard_copy(bytes, len);
    struct bj_result r;
    struct bj_arena arena;
    struct bj_cursor c;
    enum bj_status status;

    bj_cursor_init(&c, g.bytes, len);
    bj_arena_init(&arena, NULL, 0);
    status = bj_result_read(&c, &arena, &r);
    /* R11: no claim makes us ask for more than the octets can hold. */
    assert_true(arena.len <= 16 * len);
    assert_int_equal(r.answer.address_count, 0);
    bj_guard_free(&g);
    return status;
}

static void R40_hostile_results(void **state)
{
    static const uint8_t head[] = {BJ_FOUND, 0, 0, 0, 0, 0, 0, 9, 0};
    uint8_t bytes[64];

    (void)state;
    /* Counts of 65535 with nothing behind them. */
    memcpy(bytes, head, sizeof(head));
    memset(bytes + sizeof(head), 0xff, 2);
    assert_int_equal(read_hostile(bytes, sizeof(head) + 2), BJ_BAD);
    memset(bytes + sizeof(head), 0, 2);
    memset(bytes + sizeof(head) + 2, 0xff, 20);
    assert_int_equal(read_hostile(bytes, sizeof(head) + 22), BJ_BAD);
    /* Outcomes that are not for a worker to say. */
    for (unsigned outcome = 0; outcome < 256; outcome++) {
        bool good = outcome > BJ_FOUND && outcome <= BJ_FAILED;

        memset(bytes, 0, 4);
        bytes[0] = (uint8_t)outcome;
        assert_int_equal(read_hostile(bytes, 4), outcome == BJ_FOUND ? BJ_MORE
                                                 : good              ? BJ_OK
                                                                     : BJ_BAD);
    }
}

static void R07_no_name_that_is_none(void **state)
{
    static const struct bj_text bad[] = {TEXT("-rf"), TEXT("a b"),
                                         TEXT("<b>"), TEXT("a\0b"),
                                         TEXT("::1"), TEXT("caf\xc3\xa9")};
    uint8_t bytes[512];
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bj_result r = found;

        r.answer.canonical = bad[i];
        assert_int_equal(build_result(&r, bytes, sizeof(bytes), &len), BJ_BAD);
        r = found;
        r.answer.aliases = &bad[i];
        r.answer.alias_count = 1;
        assert_int_equal(build_result(&r, bytes, sizeof(bytes), &len), BJ_BAD);
        r = found;
        r.domain = bad[i];
        assert_int_equal(build_result(&r, bytes, sizeof(bytes), &len), BJ_BAD);
    }
}

static void R04_more_than_fits(void **state)
{
    enum { MANY = 65536 };
    struct bj_address *many = calloc(MANY, sizeof(*many));
    uint8_t *bytes = malloc(2 * MANY * 21);
    struct bj_result r = {.outcome = BJ_FOUND};
    size_t len;

    (void)state;
    assert_non_null(many);
    assert_non_null(bytes);
    for (size_t i = 0; i < MANY; i++)
        many[i] = addresses[1];
    r.answer.addresses = many;
    r.answer.address_count = MANY;
    assert_int_equal(build_result(&r, bytes, 2 * MANY * 21, &len), BJ_LIMIT);
    r.answer.address_count = 12500;
    assert_int_equal(build_result(&r, bytes, 2 * MANY * 21, &len), BJ_LIMIT);
    r.answer.address_count = 12000;
    assert_int_equal(build_result(&r, bytes, 2 * MANY * 21, &len), BJ_OK);
    assert_true(len <= BJ_RESULT_MAX);
    r.answer.addresses = &(struct bj_address){.family = BJ_FAMILY_ANY};
    r.answer.address_count = 1;
    assert_int_equal(build_result(&r, bytes, 2 * MANY * 21, &len), BJ_BAD);
    free(bytes);
    free(many);
}

static void protocols_have_their_texts(void **state)
{
    (void)state;
    assert_string_equal(bj_protocol_text(BJ_PROTOCOL_TCP), "tcp");
    assert_string_equal(bj_protocol_text(BJ_PROTOCOL_SCTP), "sctp");
    assert_null(bj_protocol_text(BJ_PROTOCOL_COUNT));
}

static void requests_become_lookups(void **state)
{
    static const struct bj_configured both = {true, true};
    struct addrinfo hints = {.ai_family = AF_INET6, .ai_flags = AI_V4MAPPED};
    struct bj_request request;
    struct bj_lookup lookup;
    struct bj_result result = {.outcome = BJ_FOUND};

    (void)state;
    assert_int_equal(
        bj_request_read("host.example", "echo", &hints, both, &request),
        BJ_FOUND);
    bj_lookup_of_request(&request, true, &lookup);
    assert_memory_equal(lookup.name.text, "host.example", 12);
    assert_true(lookup.ip4 && lookup.ip6);
    assert_memory_equal(lookup.service.text, "echo", 4);
    assert_int_equal(lookup.protocols, 31);
    bj_lookup_of_request(&request, false, &lookup);
    assert_int_equal(lookup.name.len, 0);
    assert_false(lookup.ip4 || lookup.ip6);
    result.ports_known = 1U << BJ_PROTOCOL_UDP | 1U << BJ_PROTOCOL_SCTP;
    result.ports[BJ_PROTOCOL_UDP] = 7;
    result.ports[BJ_PROTOCOL_SCTP] = 9;
    assert_int_equal(bj_result_settle(&result, &request), BJ_FOUND);
    assert_int_equal(request.kind_count, 3);
    assert_int_equal(request.kinds[0].socktype, SOCK_DGRAM);
    assert_int_equal(request.kinds[0].port, 7);
    assert_int_equal(request.kinds[2].socktype, SOCK_SEQPACKET);
    assert_int_equal(request.kinds[2].port, 9);
    /* Nothing known: no such service. */
    assert_int_equal(
        bj_request_read("host.example", "echo", &hints, both, &request),
        BJ_FOUND);
    result.ports_known = 0;
    assert_int_equal(bj_result_settle(&result, &request), BJ_NO_SERVICE);
    /* A port in numbers is nobody's question. */
    assert_int_equal(
        bj_request_read("host.example", "7", &hints, both, &request), BJ_FOUND);
    bj_lookup_of_request(&request, true, &lookup);
    assert_int_equal(lookup.service.len, 0);
    assert_int_equal(lookup.protocols, 0);
    assert_int_equal(bj_result_settle(&result, &request), BJ_FOUND);
    assert_int_equal(request.kinds[0].port, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lookups_there_and_back),
        cmocka_unit_test(lookups_that_contradict_themselves),
        cmocka_unit_test(the_longest_lookup),
        cmocka_unit_test(results_there_and_back),
        cmocka_unit_test(a_result_is_read_as_it_was_written),
        cmocka_unit_test(R02_every_arena),
        cmocka_unit_test(R40_hostile_results),
        cmocka_unit_test(R07_no_name_that_is_none),
        cmocka_unit_test(R04_more_than_fits),
        cmocka_unit_test(protocols_have_their_texts),
        cmocka_unit_test(requests_become_lookups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
