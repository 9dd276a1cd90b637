#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/resolve/fetch.h"
#include "core/resolve/lookup.h"
#include "harnesses/support/network.h"
#include "tests/support/dns_build.h"

static struct bj_fetch fetch;
static struct bj_fetch_desk desk;
static struct bj_answer_scratch scratch;
static uint8_t buffer[BJ_FETCH_BUFFER_LEN];
static uint8_t other_buffer[BJ_FETCH_BUFFER_LEN];
static _Alignas(16) uint8_t memory[BJ_FETCH_MEMORY_LEN];
static _Alignas(16) uint8_t cache_memory[65536];
static struct bj_query_entropy entropy;
static struct bj_exchange_action action;

/* Asks one server; the query is in action.bytes. */
static void ask(const char *text, uint16_t type, bool use_vc)
{
    struct bj_exchange_options options = {
        .server_count = 1, .timeout_s = 5, .attempts = 1, .use_vc = use_vc};
    struct bj_hash_key key = {{1, 2}};
    struct bj_name name;

    desk.scratch = &scratch;
    desk.memory = memory;
    desk.memory_len = sizeof(memory);
    assert_int_equal(
        bj_cache_init(&desk.cache, cache_memory, sizeof(cache_memory), &key),
        BJ_OK);
    assert_int_equal(bj_name_parse(text, strlen(text), &name, NULL), BJ_OK);
    bj_fetch_set(&fetch, &name, type, buffer);
    assert_int_equal(fetch.state, BJ_FETCH_PENDING);
    bj_fetch_ask(&fetch, &options, 1000, &entropy);
    assert_true(bj_fetch_act(&fetch, &desk, 1000, &entropy, &action));
}

static void tell(enum bj_exchange_event_kind kind, const uint8_t *bytes,
                 size_t len)
{
    struct bj_exchange_event event = {.kind = kind,
                                      .now_ms = 1000,
                                      .bytes = bytes,
                                      .len = len,
                                      .entropy = &entropy};

    assert_false(bj_fetch_act(&fetch, &desk, 1000, &entropy, &action));
    bj_fetch_take(&fetch, &event, &desk);
}

static void finish(void)
{
    while (bj_fetch_act(&fetch, &desk, 1000, &entropy, &action))
        ;
    assert_int_equal(fetch.state, BJ_FETCH_OVER);
}

static struct bj_answer value(void)
{
    static _Alignas(16) uint8_t block[262144];
    struct bj_answer answer;
    struct bj_arena arena;
    struct bj_cursor c;

    bj_cursor_init(&c, fetch.buffer, fetch.value_len);
    bj_arena_init(&arena, block, sizeof(block));
    assert_int_equal(bj_result_read_answer(&c, &arena, &answer), BJ_OK);
    return answer;
}

static void an_answer_is_read_kept_and_shared(void **state)
{
    uint8_t reply[BJ_NETWORK_MAX];
    struct bj_fetch other;
    size_t len;

    (void)state;
    ask("a.test", BJ_TYPE_A, false);
    len =
        bj_network_reply(BJ_NETWORK_HONEST, 0, action.bytes, action.len, reply);
    tell(BJ_EXCHANGE_DATAGRAM, reply, len);
    memset(reply, 0xff, sizeof(reply)); /* not needed any more */
    finish();
    assert_int_equal(fetch.outcome, BJ_FOUND);
    assert_int_equal(fetch.ttl, 60);
    assert_int_equal(value().address_count, 1);

    bj_fetch_set(&other, &fetch.name, BJ_TYPE_A, other_buffer);
    assert_true(bj_fetch_recall(&other, &desk, 31000));
    assert_int_equal(other.ttl, 30);
    assert_int_equal(other.value_len, fetch.value_len);
    assert_memory_equal(other.buffer, fetch.buffer, fetch.value_len);
    bj_fetch_set(&other, &fetch.name, BJ_TYPE_A, other_buffer);
    assert_false(bj_fetch_recall(&other, &desk, 61000));
    assert_true(bj_fetch_same(&other, &fetch));
    bj_fetch_share(&other, &fetch);
    assert_int_equal(other.state, BJ_FETCH_OVER);
    assert_memory_equal(other.buffer, fetch.buffer, fetch.value_len);
    bj_fetch_set(&other, &fetch.name, BJ_TYPE_AAAA, other_buffer);
    assert_false(bj_fetch_same(&other, &fetch));
}

static void a_failure_has_no_value_and_is_not_kept(void **state)
{
    struct bj_fetch other;

    (void)state;
    ask("a.test", BJ_TYPE_A, false);
    tell(BJ_EXCHANGE_FAILED, NULL, 0);
    finish();
    assert_int_equal(fetch.outcome, BJ_UNREACHABLE);
    assert_int_equal(fetch.value_len, 0);
    bj_fetch_set(&other, &fetch.name, BJ_TYPE_A, other_buffer);
    assert_false(bj_fetch_recall(&other, &desk, 1000));
    bj_fetch_settle(&other, BJ_NO_DATA);
    assert_int_equal(other.state, BJ_FETCH_OVER);
    assert_int_equal(other.outcome, BJ_NO_DATA);
}

/* The longest values that one message can come to fit where it lay. */
static void R04_the_longest_answers_fit(void **state)
{
    static uint8_t stream[2 + BJ_MESSAGE_MAX];
    struct bj_build b;
    size_t len;

    (void)state;
    for (unsigned way = 0; way < 2; way++) {
        uint16_t type = way == 0 ? BJ_TYPE_PTR : BJ_TYPE_A;
        unsigned count = way == 0 ? BJ_PTR_MAX : 4000;

        ask("x.test", type, true);
        tell(BJ_EXCHANGE_CONNECTED, NULL, 0);
        assert_true(bj_fetch_act(&fetch, &desk, 1000, &entropy, &action));
        bj_build_init(&b, stream + 2, BJ_MESSAGE_MAX, 0, 0x8180);
        bj_build_question(&b, "x.test.", type);
        for (unsigned i = 0; i < count; i++) {
            static const uint8_t address[4] = {192, 0, 2, 1};
            /* 253 characters; the first label differs, so that the others
             * are a pointer. */
            char name[256];

            memset(name, 'n', 254);
            name[254] = '\0';
            name[63] = name[127] = name[191] = name[253] = '.';
            name[0] = (char)('a' + i % 26);
            name[1] = (char)('a' + i / 26 % 26);
            if (way == 0)
                bj_build_name_record(&b, BJ_SECTION_ANSWER, "x.test.", type, 1,
                                     60, name);
            else
                bj_build_record(&b, BJ_SECTION_ANSWER, "x.test.", type, 1, 60,
                                address, 4);
        }
        len = bj_build_end(&b);
        stream[0] = (uint8_t)(len >> 8);
        stream[1] = (uint8_t)len;
        tell(BJ_EXCHANGE_STREAM, stream, len + 2);
        finish();
        assert_int_equal(fetch.outcome, BJ_FOUND);
        assert_int_equal(
            way == 0 ? value().alias_count + 1 : value().address_count, count);
    }
}

static void a_reply_that_contradicts_itself_is_a_failure(void **state)
{
    uint8_t reply[512];
    struct bj_build b;
    size_t len;

    (void)state;
    ask("a.test", BJ_TYPE_A, false);
    bj_build_init(&b, reply, sizeof(reply), 0, 0x8180);
    bj_build_question(&b, "a.test.", BJ_TYPE_A);
    bj_build_name_record(&b, BJ_SECTION_ANSWER, "a.test.", BJ_TYPE_CNAME, 1, 60,
                         "b.test.");
    bj_build_name_record(&b, BJ_SECTION_ANSWER, "b.test.", BJ_TYPE_CNAME, 1, 60,
                         "a.test.");
    len = bj_build_end(&b);
    tell(BJ_EXCHANGE_DATAGRAM, reply, len);
    finish();
    assert_int_equal(fetch.outcome, BJ_FAILED);
    assert_int_equal(fetch.value_len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_read_kept_and_shared),
        cmocka_unit_test(a_failure_has_no_value_and_is_not_kept),
        cmocka_unit_test(R04_the_longest_answers_fit),
        cmocka_unit_test(a_reply_that_contradicts_itself_is_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
