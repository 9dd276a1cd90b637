#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/dns/match.h"
#include "tests/support/dns.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/vectors.h"

static void make_query(struct bj_query *query, const char *text, bool mix_case)
{
    /* The first bit for the length octet, the second for A. */
    struct bj_query_entropy entropy = {
        .id = 0x1234, .mix_case = mix_case, .case_bits = {2}};
    struct bj_name name;

    assert_int_equal(bj_name_parse(text, strlen(text), &name, NULL), BJ_OK);
    assert_int_equal(bj_query_build(query, &name, BJ_TYPE_A, true, &entropy),
                     BJ_OK);
}

/* The enumerator's own name without its prefix. */
static const char *reply_name(enum bj_reply reply)
{
    switch (reply) {
#define REPLY_NAME(name, text) \
    case name:                 \
        return &#name[sizeof("BJ_REPLY_") - 1];
        BJ_REPLY_TABLE(REPLY_NAME)
#undef REPLY_NAME
    }
    return "?";
}

static void R16_R19_R26_vectors(void **state)
{
    static uint8_t octets[BJ_VECTOR_LINE];
    struct bj_query query;
    struct bj_vectors v;

    (void)state;
    make_query(&query, "ab.c", true);
    bj_vectors_open(&v, "dns_match.txt");
    while (bj_vectors_next(&v, 3)) {
        size_t len = bj_vector_octets(v.fields[1], octets, sizeof(octets));
        struct bj_guard g = bj_guard_copy(octets, len);
        struct bj_match match;
        char said[64];

        print_message("%s\n", v.fields[0]);
        memset(&match, 0xa5, sizeof(match));
        bj_match_reply(&match, &query, g.bytes, g.len);
        (void)snprintf(said, sizeof(said), "%s %u", reply_name(match.reply),
                       match.rcode);
        assert_string_equal(said, v.fields[2]);
        assert_int_equal(match.message.at.base != NULL,
                         match.reply == BJ_REPLY_ANSWER ||
                             match.reply == BJ_REPLY_BROKEN);
        assert_int_equal(match.message.fault.kind != BJ_FAULT_NONE,
                         match.reply == BJ_REPLY_BROKEN);
        bj_guard_free(&g);
    }
}

static const char answered[] =
    "12 34 81 80 00 01 00 01 00 00 00 01 02 'Ab' 01 'c' 00 00 01 00 01"
    " c0 0c 00 01 00 01 00*4 00 04 7f 00 00 01 00 00 29 10 00 00*4 00 00";

/* Accepts an answer; what it writes back is what it was given. */
static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_query query;
    struct bj_match match;

    make_query(&query, "Ab.c", true);
    bj_match_reply(&match, &query, bytes, len);
    if (match.reply != BJ_REPLY_ANSWER || len > cap)
        return BJ_BAD;
    memcpy(out, match.message.at.base, match.message.at.len);
    *out_len = match.message.at.len;
    return BJ_OK;
}

static void properties(void **state)
{
    uint8_t octets[128];
    size_t len = bj_vector_octets(answered, octets, sizeof(octets));

    (void)state;
    bj_property_prefixes(reparse, octets, len, 0);
    bj_property_canonical(reparse, octets, len, octets, len);
}

static void every_flipped_bit_of_id_and_question_is_foreign(void **state)
{
    uint8_t octets[128];
    size_t len = bj_vector_octets(answered, octets, sizeof(octets));
    struct bj_query query;
    struct bj_match match;

    (void)state;
    make_query(&query, "Ab.c", true);
    for (size_t bit = 0; bit < (12 + 10U) * 8; bit++) {
        size_t at = bit / 8;
        bool checked = at < 2 || at == 4 || at == 5 || at >= 12;

        octets[at] ^= (uint8_t)(1 << bit % 8);
        bj_match_reply(&match, &query, octets, len);
        if (checked)
            assert_int_equal(match.reply, BJ_REPLY_FOREIGN);
        octets[at] ^= (uint8_t)(1 << bit % 8);
    }
    bj_match_reply(&match, &query, octets, len);
    assert_int_equal(match.reply, BJ_REPLY_ANSWER);
    assert_true(match.has_opt);
}

static void without_mixed_case_any_case_will_do(void **state)
{
    uint8_t octets[128];
    size_t len = bj_vector_octets(answered, octets, sizeof(octets));
    struct bj_query query;
    struct bj_match match;

    (void)state;
    make_query(&query, "aB.C", false);
    bj_match_reply(&match, &query, octets, len);
    assert_int_equal(match.reply, BJ_REPLY_ANSWER);
    /* But the folding ends with the name: 0x21 is not type 1. */
    octets[12 + 7] = 0x21;
    bj_match_reply(&match, &query, octets, len);
    assert_int_equal(match.reply, BJ_REPLY_FOREIGN);
}

static void R03_replies_of_any_size(void **state)
{
    /* OPT with one padding option fills the message up to each size. */
    static uint8_t octets[BJ_MESSAGE_MAX + 1];
    static const size_t sizes[] = {2048, 4096, 4097, BJ_MESSAGE_MAX};
    size_t front =
        bj_vector_octets("12 34 81 80 00 01 00 00 00 00 00 01 02 'Ab' 01 'c' 00"
                         " 00 01 00 01 00 00 29 10 00 00*4",
                         octets, sizeof(octets));
    struct bj_query query;
    struct bj_match match;

    (void)state;
    make_query(&query, "Ab.c", true);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct bj_writer w;

        bj_writer_init(&w, octets + front, 6);
        bj_writer_u16(&w, (uint16_t)(sizes[i] - front - 2));
        bj_writer_u16(&w, BJ_OPTION_PADDING);
        bj_writer_u16(&w, (uint16_t)(sizes[i] - front - 6));
        bj_match_reply(&match, &query, octets, sizes[i]);
        assert_int_equal(match.reply, BJ_REPLY_ANSWER);
        assert_true(match.has_opt);
    }
    bj_match_reply(&match, &query, octets, BJ_MESSAGE_MAX + 1);
    assert_int_equal(match.reply, BJ_REPLY_FOREIGN);
}

static void no_query_has_no_reply(void **state)
{
    struct bj_query none = {.len = 0};
    uint8_t octets[12] = {0, 0, 0x80, 0, 0, 1};
    struct bj_match match;

    (void)state;
    bj_match_reply(&match, &none, octets, sizeof(octets));
    assert_int_equal(match.reply, BJ_REPLY_FOREIGN);
    assert_string_equal(bj_reply_text(match.reply),
                        "not a reply to this query");
    assert_string_equal(bj_reply_text((enum bj_reply)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R16_R19_R26_vectors),
        cmocka_unit_test(properties),
        cmocka_unit_test(every_flipped_bit_of_id_and_question_is_foreign),
        cmocka_unit_test(without_mixed_case_any_case_will_do),
        cmocka_unit_test(R03_replies_of_any_size),
        cmocka_unit_test(no_query_has_no_reply),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
