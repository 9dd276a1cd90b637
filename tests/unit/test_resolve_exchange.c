#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/resolve/exchange.h"
#include "harnesses/support/network.h"

/* One exchange, and what it last asked and was told. */
struct fixture {
    struct bj_exchange x;
    struct bj_exchange_action action;
    struct bj_query_entropy entropy;
    uint64_t now_ms;
    uint8_t query[BJ_QUERY_MAX];
    size_t query_len;
    uint8_t reply[2 + BJ_NETWORK_MAX];
    uint8_t stream[BJ_EXCHANGE_STREAM_LEN];
};

static struct fixture f;

static void step(enum bj_exchange_event_kind kind, const uint8_t *bytes,
                 size_t len)
{
    struct bj_exchange_event event = {.kind = kind,
                                      .now_ms = f.now_ms,
                                      .bytes = bytes,
                                      .len = len,
                                      .entropy = &f.entropy};

    f.entropy.id += 1;
    f.action = bj_exchange_step(&f.x, &event);
    if (f.action.kind == BJ_EXCHANGE_SEND) {
        memcpy(f.query, f.action.bytes, f.action.len);
        f.query_len = f.action.len;
    } else if (f.action.kind == BJ_EXCHANGE_WRITE) {
        memcpy(f.query, f.action.bytes + 2, f.action.len - 2);
        f.query_len = f.action.len - 2;
    }
}

static void start(struct bj_exchange_options options)
{
    struct bj_name name;

    memset(&f, 0, sizeof(f));
    f.entropy.mix_case = true;
    f.now_ms = 1000;
    assert_int_equal(bj_name_parse("a.test", 6, &name, NULL), BJ_OK);
    assert_int_equal(
        bj_exchange_init(&f.x, &options, &name, BJ_TYPE_A, f.stream), BJ_OK);
    step(BJ_EXCHANGE_START, NULL, 0);
}

/* Performs what was asked, up to the next WAIT or the end. */
static void settle(void)
{
    while (f.action.kind < BJ_EXCHANGE_WAIT)
        step(BJ_EXCHANGE_NEXT, NULL, 0);
}

static size_t make_reply(enum bj_network_reply kind, unsigned detail)
{
    size_t len =
        bj_network_reply(kind, detail, f.query, f.query_len, f.reply + 2);

    f.reply[0] = (uint8_t)(len >> 8);
    f.reply[1] = (uint8_t)len;
    return len;
}

static void datagram(enum bj_network_reply kind, unsigned detail)
{
    size_t len;

    settle();
    assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
    len = make_reply(kind, detail);
    step(BJ_EXCHANGE_DATAGRAM, f.reply + 2, len);
}

static void timer(void)
{
    settle();
    assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
    f.now_ms = f.action.until_ms;
    step(BJ_EXCHANGE_TIMER, NULL, 0);
}

static const struct bj_exchange_options one = {
    .server_count = 1, .timeout_s = 5, .attempts = 2, .edns = true};
static const struct bj_exchange_options three = {
    .server_count = 3, .timeout_s = 5, .attempts = 2};

static void an_honest_reply_ends_it(void **state)
{
    (void)state;
    start(one);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_SEND);
    datagram(BJ_NETWORK_HONEST, 0);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_CLOSE);
    settle();
    assert_int_equal(f.action.kind, BJ_EXCHANGE_DONE);
    assert_int_equal(f.x.match.reply, BJ_REPLY_ANSWER);
    assert_int_equal(f.x.outcome, BJ_FOUND);
}

/* R19: a bad reply never ends the wait, whatever is wrong with it. */
static void R19_forgeries_are_passed_over(void **state)
{
    uint64_t until;

    (void)state;
    start(one);
    settle();
    until = f.action.until_ms;
    for (int kind = BJ_NETWORK_WRONG_ID; kind <= BJ_NETWORK_QUERY; kind++) {
        datagram((enum bj_network_reply)kind, 3);
        assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
        assert_true(f.action.until_ms == until);
    }
    for (unsigned len = 0; len < 30; len++)
        datagram(BJ_NETWORK_SHORT, len);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
    datagram(BJ_NETWORK_HONEST, 0);
    settle();
    assert_int_equal(f.action.kind, BJ_EXCHANGE_DONE);
}

static void a_flood_of_guesses_costs_that_server(void **state)
{
    (void)state;
    start(three);
    for (int i = 0; i < BJ_EXCHANGE_FOREIGN_MAX - 1; i++) {
        datagram(BJ_NETWORK_WRONG_ID, (unsigned)i);
        assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
    }
    datagram(BJ_NETWORK_WRONG_ID, 0);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_CLOSE);
    step(BJ_EXCHANGE_NEXT, NULL, 0);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_SEND);
    assert_int_equal(f.action.server, 1);
}

/* glibc's send_dg: 5 s for the first of three servers, then 10 / 3 and
 * 20 / 3, all doubled by nothing in the second round. */
static void silence_has_the_times_of_glibc(void **state)
{
    static const unsigned seconds[] = {5, 3, 6, 5, 3, 6};

    (void)state;
    start(three);
    for (size_t i = 0; i < 6; i++) {
        settle();
        assert_int_equal(f.action.until_ms - f.now_ms, 1000 * seconds[i]);
        timer();
    }
    settle();
    assert_int_equal(f.action.kind, BJ_EXCHANGE_FAIL);
    assert_int_equal(f.x.outcome, BJ_TIMED_OUT);
}

static void R22_failing_sockets_take_bounded_steps(void **state)
{
    int steps = 0;

    (void)state;
    start((struct bj_exchange_options){
        .server_count = 99, .timeout_s = 99, .attempts = 99, .edns = true});
    while (f.action.kind != BJ_EXCHANGE_FAIL) {
        step(f.action.kind == BJ_EXCHANGE_CLOSE ? BJ_EXCHANGE_NEXT
                                                : BJ_EXCHANGE_FAILED,
             NULL, 0);
        assert_true(++steps <= 2 * BJ_EXCHANGE_QUERIES_MAX);
    }
    assert_int_equal(f.x.outcome, BJ_UNREACHABLE);
}

static void R20_error_then_success(void **state)
{
    (void)state;
    start(three);
    datagram(BJ_NETWORK_RCODE, BJ_RCODE_SERVFAIL);
    settle();
    datagram(BJ_NETWORK_RCODE, BJ_RCODE_REFUSED);
    settle();
    datagram(BJ_NETWORK_NO_NAME, 0);
    settle();
    assert_int_equal(f.action.kind, BJ_EXCHANGE_DONE);
    assert_int_equal(f.x.match.rcode, BJ_RCODE_NXDOMAIN);
}

static void the_first_rcode_is_what_is_reported(void **state)
{
    (void)state;
    start((struct bj_exchange_options){
        .server_count = 2, .timeout_s = 1, .attempts = 1});
    datagram(BJ_NETWORK_RCODE, BJ_RCODE_REFUSED);
    timer();
    settle();
    assert_int_equal(f.action.kind, BJ_EXCHANGE_FAIL);
    assert_int_equal(f.x.rcode, BJ_RCODE_REFUSED);
}

static void edns_is_dropped_where_it_is_not_known(void **state)
{
    (void)state;
    start(one);
    assert_int_equal(f.query[11], 1); /* ARCOUNT: the OPT record */
    datagram(BJ_NETWORK_RCODE, BJ_RCODE_FORMERR);
    settle();
    assert_int_equal(f.query[11], 0);
    assert_int_equal(f.x.turn, 0);
    datagram(BJ_NETWORK_RCODE, BJ_RCODE_FORMERR);
    settle();
    assert_int_equal(f.x.turn, 1);
}

/* Of a server that cannot read the query the header alone comes back. */
static void edns_is_dropped_for_a_header_alone(void **state)
{
    (void)state;
    start(one);
    datagram(BJ_NETWORK_RCODE, 16 + BJ_RCODE_SERVFAIL);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
    datagram(BJ_NETWORK_RCODE, 16 + BJ_RCODE_FORMERR);
    settle();
    assert_int_equal(f.query[11], 0);
    assert_int_equal(f.x.turn, 0);
    /* Without OPT there is nothing in the query that it may not know. */
    datagram(BJ_NETWORK_RCODE, 16 + BJ_RCODE_FORMERR);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
    datagram(BJ_NETWORK_HONEST, 0);
    settle();
    assert_int_equal(f.action.kind, BJ_EXCHANGE_DONE);
}

/* R34: no id is used twice in a row, and each try asks for a new one. */
static void each_query_is_fresh(void **state)
{
    uint16_t id;

    (void)state;
    start(one);
    id = f.x.query.id;
    timer();
    settle();
    assert_int_not_equal(f.x.query.id, id);
}

static void connect_after_truncation(void)
{
    start(one);
    datagram(BJ_NETWORK_TRUNCATED, 0);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_CLOSE);
    step(BJ_EXCHANGE_NEXT, NULL, 0);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_CONNECT);
    step(BJ_EXCHANGE_NEXT, NULL, 0);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
    step(BJ_EXCHANGE_CONNECTED, NULL, 0);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_WRITE);
    assert_int_equal(f.action.bytes[0] * 256 + f.action.bytes[1],
                     f.action.len - 2);
    step(BJ_EXCHANGE_NEXT, NULL, 0);
}

/* R18: every cut of the stream gives the same answer. */
static void R18_a_stream_may_come_in_any_pieces(void **state)
{
    size_t len = 0;

    (void)state;
    for (size_t cut = 1; len == 0 || cut < len; cut++) {
        connect_after_truncation();
        len = make_reply(BJ_NETWORK_HONEST, 0) + 2;
        step(BJ_EXCHANGE_STREAM, f.reply, cut);
        assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
        step(BJ_EXCHANGE_STREAM, f.reply + cut, len - cut);
        settle();
        assert_int_equal(f.action.kind, BJ_EXCHANGE_DONE);
    }
    connect_after_truncation();
    len = make_reply(BJ_NETWORK_HONEST, 0) + 2;
    for (size_t i = 0; i < len; i++)
        step(BJ_EXCHANGE_STREAM, f.reply + i, 1);
    settle();
    assert_int_equal(f.action.kind, BJ_EXCHANGE_DONE);
}

static void R18_two_replies_in_one_read(void **state)
{
    uint8_t both[2 * sizeof(f.reply)];
    size_t first;
    size_t second;

    (void)state;
    connect_after_truncation();
    first = make_reply(BJ_NETWORK_WRONG_ID, 1) + 2;
    memcpy(both, f.reply, first);
    second = make_reply(BJ_NETWORK_HONEST, 0) + 2;
    memcpy(both + first, f.reply, second);
    step(BJ_EXCHANGE_STREAM, both, first + second);
    settle();
    assert_int_equal(f.action.kind, BJ_EXCHANGE_DONE);
}

/* R18: length 0, under a header, an early end, a reset: the next server. */
static void R18_broken_streams_cost_that_server(void **state)
{
    static const uint8_t lengths[][2] = {{0, 0}, {0, 11}};

    (void)state;
    for (int i = 0; i < 4; i++) {
        connect_after_truncation();
        if (i < 2)
            step(BJ_EXCHANGE_STREAM, lengths[i], 2);
        else if (i == 2)
            step(BJ_EXCHANGE_STREAM, NULL, 0);
        else
            step(BJ_EXCHANGE_FAILED, NULL, 0);
        assert_int_equal(f.action.kind, BJ_EXCHANGE_CLOSE);
        step(BJ_EXCHANGE_NEXT, NULL, 0);
        assert_int_equal(f.action.kind, BJ_EXCHANGE_SEND);
        assert_int_equal(f.x.turn, 1);
    }
}

/* R03: a reply of the greatest length that a stream can say. */
static void R03_a_reply_of_65535_octets(void **state)
{
    uint8_t *big = calloc(1, 2 + BJ_MESSAGE_MAX);
    size_t len;

    (void)state;
    connect_after_truncation();
    len = make_reply(BJ_NETWORK_HONEST, 0);
    memcpy(big + 2, f.reply + 2, len);
    /* The rest is one more record in the additional section, of type 10
     * (NULL, whose RDATA may be anything) at the root. */
    big[0] = big[1] = 0xff;
    big[2 + 11] = 1;
    big[2 + len + 2] = 10;
    big[2 + len + 4] = 1;
    big[2 + len + 9] = (uint8_t)((BJ_MESSAGE_MAX - len - 11) >> 8);
    big[2 + len + 10] = (uint8_t)(BJ_MESSAGE_MAX - len - 11);
    step(BJ_EXCHANGE_STREAM, big, 40000);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
    step(BJ_EXCHANGE_STREAM, big + 40000, 2 + BJ_MESSAGE_MAX - 40000);
    settle();
    assert_int_equal(f.action.kind, BJ_EXCHANGE_DONE);
    free(big);
}

static void use_vc_begins_with_tcp_and_rotation_elsewhere(void **state)
{
    (void)state;
    start((struct bj_exchange_options){.server_count = 3,
                                       .first_server = 2,
                                       .timeout_s = 1,
                                       .attempts = 1,
                                       .use_vc = true});
    assert_int_equal(f.action.kind, BJ_EXCHANGE_CONNECT);
    assert_int_equal(f.action.server, 2);
    step(BJ_EXCHANGE_FAILED, NULL, 0);
    step(BJ_EXCHANGE_NEXT, NULL, 0);
    assert_int_equal(f.action.server, 0);
}

/* Events that do not fit are passed over, and nothing follows the end. */
static void strange_events_change_nothing(void **state)
{
    struct bj_name empty = {0};
    struct bj_exchange x;

    (void)state;
    start(one);
    settle();
    step(BJ_EXCHANGE_CONNECTED, NULL, 0);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
    step(BJ_EXCHANGE_STREAM, f.reply, 2);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_WAIT);
    datagram(BJ_NETWORK_HONEST, 0);
    settle();
    step(BJ_EXCHANGE_TIMER, NULL, 0);
    assert_int_equal(f.action.kind, BJ_EXCHANGE_DONE);
    assert_int_equal(bj_exchange_init(&x, &one, &empty, BJ_TYPE_A, f.stream),
                     BJ_BAD);
    assert_int_equal(bj_exchange_step(&x, &(struct bj_exchange_event){0}).kind,
                     BJ_EXCHANGE_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_reply_ends_it),
        cmocka_unit_test(R19_forgeries_are_passed_over),
        cmocka_unit_test(a_flood_of_guesses_costs_that_server),
        cmocka_unit_test(silence_has_the_times_of_glibc),
        cmocka_unit_test(R22_failing_sockets_take_bounded_steps),
        cmocka_unit_test(R20_error_then_success),
        cmocka_unit_test(the_first_rcode_is_what_is_reported),
        cmocka_unit_test(edns_is_dropped_where_it_is_not_known),
        cmocka_unit_test(edns_is_dropped_for_a_header_alone),
        cmocka_unit_test(each_query_is_fresh),
        cmocka_unit_test(R18_a_stream_may_come_in_any_pieces),
        cmocka_unit_test(R18_two_replies_in_one_read),
        cmocka_unit_test(R18_broken_streams_cost_that_server),
        cmocka_unit_test(R03_a_reply_of_65535_octets),
        cmocka_unit_test(use_vc_begins_with_tcp_and_rotation_elsewhere),
        cmocka_unit_test(strange_events_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
