#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/dns/message.h"
#include "harnesses/support/dns_input.h"
#include "harnesses/support/dns_mutator.h"
#include "tests/support/dns_build.h"
#include "tests/support/guard.h"

enum { SEEDS = 4000, ROOM = 2048 };

/* A reply with everything in it; returns its length. */
static size_t make_message(uint8_t out[ROOM])
{
    static const uint8_t address[4] = {192, 0, 2, 1};
    static const uint8_t cookie[] = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
    struct bj_build b;

    bj_build_init(&b, out, ROOM, 0x1234, BJ_FLAG_QR);
    bj_build_question(&b, "www.example.", BJ_TYPE_A);
    bj_build_name_record(&b, BJ_SECTION_ANSWER, "www.example.", BJ_TYPE_CNAME,
                         BJ_CLASS_IN, 60, "web.example.");
    bj_build_record(&b, BJ_SECTION_ANSWER, "web.example.", BJ_TYPE_A,
                    BJ_CLASS_IN, 60, address, sizeof(address));
    bj_build_name_record(&b, BJ_SECTION_AUTHORITY, "example.", BJ_TYPE_NS,
                         BJ_CLASS_IN, 60, "ns.example.");
    bj_build_record(&b, BJ_SECTION_ADDITIONAL, "ns.example.", BJ_TYPE_A,
                    BJ_CLASS_IN, 60, address, sizeof(address));
    bj_build_record(&b, BJ_SECTION_ADDITIONAL, ".", BJ_TYPE_OPT, 1232, 0,
                    cookie, sizeof(cookie));
    return bj_build_end(&b);
}

/* How reading the whole message ends: BJ_NONE if nothing is wrong. */
static enum bj_status read_all(const uint8_t *bytes, size_t len)
{
    struct bj_message m;
    struct bj_record record;
    enum bj_status status = bj_message_init(&m, bytes, len);

    while (status == BJ_OK)
        status = bj_message_record(&m, &record);
    return status;
}

/* A mutation in a block of exactly `cap` octets before a forbidden page,
 * which then holds it. */
static struct bj_guard mutate(const uint8_t *bytes, size_t len, size_t cap,
                              uint32_t seed, size_t *new_len,
                              enum dns_mutation *done)
{
    struct bj_guard block = bj_guard_end(cap);

    memcpy(block.bytes, bytes, len < cap ? len : cap);
    *new_len = dns_mutate(block.bytes, len, cap, seed, NULL, done);
    assert_true(*new_len <= cap);
    return block;
}

static void the_seed_decides(void **state)
{
    uint8_t message[ROOM];
    size_t len = make_message(message);

    (void)state;
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        enum dns_mutation done[2];
        size_t lens[2];
        struct bj_guard one =
            mutate(message, len, len + 64, seed, &lens[0], &done[0]);
        struct bj_guard two =
            mutate(message, len, len + 64, seed, &lens[1], &done[1]);

        assert_int_equal(done[0], done[1]);
        assert_int_equal(lens[0], lens[1]);
        assert_memory_equal(one.bytes, two.bytes, lens[0]);
        bj_guard_free(&one);
        bj_guard_free(&two);
    }
}

/* Every length of a message and many of the buffer, smaller ones too. */
static void never_over_the_cap(void **state)
{
    uint8_t message[ROOM];
    size_t len = make_message(message);

    (void)state;
    for (size_t cut = 0; cut <= len; cut++) {
        static const size_t rooms[] = {0, 1, 4, 11, 40, 1000};

        for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
            size_t cap = i % 2 == 0 ? cut + rooms[i] : rooms[i] + 1;
            size_t new_len;
            struct bj_guard block = mutate(
                message, cut, cap, (uint32_t)(cut * 7 + i), &new_len, NULL);

            bj_guard_free(&block);
        }
    }
}

static void every_kind_is_reached_and_most_are_messages(void **state)
{
    uint8_t message[ROOM];
    size_t len = make_message(message);
    size_t reached[DNS_MUTATIONS] = {0};
    size_t changed[DNS_MUTATIONS] = {0};
    size_t good = 0;

    (void)state;
    assert_int_equal(read_all(message, len), BJ_NONE);
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        enum dns_mutation done;
        size_t new_len;
        struct bj_guard block =
            mutate(message, len, len + 256, seed, &new_len, &done);

        reached[done] += 1;
        changed[done] +=
            new_len != len || memcmp(block.bytes, message, len) != 0;
        good += read_all(block.bytes, new_len) == BJ_NONE;
        bj_guard_free(&block);
    }
    for (size_t i = 0; i < DNS_MUTATIONS; i++) {
        assert_true(reached[i] > SEEDS / 50);
        assert_true(changed[i] > reached[i] / 2);
    }
    print_message("%zu of %d are messages still\n", good, SEEDS);
    assert_true(good > SEEDS / 2);
}

/* Counts after a record was added or taken: right, but for one in eight. */
static void counts_are_put_right_mostly(void **state)
{
    uint8_t message[ROOM];
    size_t len = make_message(message);
    size_t right = 0;
    size_t all = 0;

    (void)state;
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        enum dns_mutation done;
        size_t new_len;
        struct bj_guard block =
            mutate(message, len, len + 256, seed, &new_len, &done);

        if (done == DNS_MUTATE_DUPLICATE || done == DNS_MUTATE_DROP) {
            all += 1;
            right += memcmp(block.bytes + 4, message + 4, 8) != 0;
        }
        bj_guard_free(&block);
    }
    assert_true(right < all);
    assert_true(right > all * 3 / 4);
}

static size_t grown_by_one(uint8_t *octets, size_t len, size_t cap)
{
    if (len < cap)
        octets[len] = 0x5a;
    return len < cap ? len + 1 : len;
}

/* RDLENGTH follows what the engine made of RDATA. */
static void rdlength_is_put_right(void **state)
{
    uint8_t message[ROOM];
    size_t len = make_message(message);
    size_t seen = 0;

    (void)state;
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        uint8_t copy[ROOM];
        enum dns_mutation done;
        size_t new_len;

        memcpy(copy, message, len);
        new_len = dns_mutate(copy, len, ROOM, seed, grown_by_one, &done);
        if (done != DNS_MUTATE_RDATA)
            continue;
        assert_int_equal(new_len, len + 1);
        assert_int_equal(read_all(copy, new_len), BJ_NONE);
        seen += 1;
    }
    assert_true(seen > 0);
}

static void crossed_messages_fit_and_are_messages(void **state)
{
    uint8_t message[ROOM];
    uint8_t other[ROOM];
    size_t len = make_message(message);
    size_t grown = 0;
    size_t good = 0;
    struct bj_build b;
    size_t other_len;

    (void)state;
    bj_build_init(&b, other, ROOM, 1, BJ_FLAG_QR);
    bj_build_question(&b, "a.test.", BJ_TYPE_A);
    bj_build_record(&b, BJ_SECTION_ANSWER, "b.test.", BJ_TYPE_TXT, BJ_CLASS_IN,
                    1, "\3abc", 4);
    other_len = bj_build_end(&b);
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        size_t cap = seed % 3 == 0 ? len + seed % 30 : len + 256;
        struct bj_guard one = bj_guard_end(cap);
        struct bj_guard two = bj_guard_end(cap);
        size_t n = dns_cross_over(message, len, other, other_len, one.bytes,
                                  cap, seed);
        size_t again = dns_cross_over(message, len, other, other_len, two.bytes,
                                      cap, seed);

        assert_true(n <= cap);
        assert_int_equal(n, again);
        assert_memory_equal(one.bytes, two.bytes, n);
        grown += n > len;
        good += read_all(one.bytes, n) == BJ_NONE;
        bj_guard_free(&one);
        bj_guard_free(&two);
    }
    assert_true(grown > SEEDS / 2);
    assert_true(good > SEEDS / 2);
}

/* No message on either side: nothing is read that is not there. */
static void crossed_with_less_than_a_header(void **state)
{
    uint8_t message[ROOM];
    size_t len = make_message(message);

    (void)state;
    for (size_t cut = 0; cut < 40; cut++)
        for (uint32_t seed = 0; seed < 50; seed++) {
            struct bj_guard short_one = bj_guard_copy(message, cut);
            uint8_t out[ROOM];

            assert_true(dns_cross_over(short_one.bytes, cut, message, len, out,
                                       ROOM, seed) >= cut);
            assert_true(dns_cross_over(message, len, short_one.bytes, cut, out,
                                       ROOM, seed) >= len);
            bj_guard_free(&short_one);
        }
}

/* The tail of options stays behind the message, is mutated seldom, and the
 * whole never grows over the limit. */
static void a_tail_stays_a_tail(void **state)
{
    enum { TAIL = 3 };
    static const uint8_t tail[TAIL] = {0xa1, 0xb2, 0xc3};
    uint8_t message[ROOM];
    size_t len = make_message(message);
    size_t kept = 0;
    size_t moved = 0;

    (void)state;
    memcpy(message + len, tail, TAIL);
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        size_t cap = len + TAIL + seed % 64;
        struct bj_guard block = bj_guard_end(cap);
        size_t n;

        memcpy(block.bytes, message, len + TAIL);
        n = dns_input_mutate(block.bytes, len + TAIL, cap, seed, TAIL);
        assert_true(n >= TAIL && n <= cap);
        kept += memcmp(block.bytes + n - TAIL, tail, TAIL) == 0;
        moved += n != len + TAIL;
        n = dns_input_cross_over(message, len + TAIL, message, len + TAIL,
                                 block.bytes, cap, seed, TAIL);
        assert_true(n >= len + TAIL && n <= cap);
        assert_memory_equal(block.bytes + n - TAIL, tail, TAIL);
        bj_guard_free(&block);
    }
    assert_true(moved > SEEDS / 8);
    assert_true(kept < SEEDS);
    assert_true(kept > SEEDS * 3 / 4);
}

/* Less than the tail is no message with a tail; still nothing is passed. */
static void less_than_a_tail(void **state)
{
    (void)state;
    for (size_t size = 0; size < 4; size++)
        for (uint32_t seed = 0; seed < 200; seed++) {
            struct bj_guard block = bj_guard_end(4);

            assert_true(dns_input_mutate(block.bytes, size, 4, seed, 3) <= 4);
            assert_true(dns_input_mutate(block.bytes, 4, size, seed, 3) <=
                        size);
            bj_guard_free(&block);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(never_over_the_cap),
        cmocka_unit_test(every_kind_is_reached_and_most_are_messages),
        cmocka_unit_test(counts_are_put_right_mostly),
        cmocka_unit_test(rdlength_is_put_right),
        cmocka_unit_test(crossed_messages_fit_and_are_messages),
        cmocka_unit_test(crossed_with_less_than_a_header),
        cmocka_unit_test(a_tail_stays_a_tail),
        cmocka_unit_test(less_than_a_tail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
