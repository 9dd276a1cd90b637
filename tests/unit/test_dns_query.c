#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/dns/message.h"
#include "core/dns/query.h"
#include "tests/support/guard.h"
#include "tests/support/vectors.h"

static void R26_vectors(void **state)
{
    struct bj_vectors v;

    (void)state;
    bj_vectors_open(&v, "dns_query.txt");
    while (bj_vectors_next(&v, 5)) {
        struct bj_query_entropy entropy = {.id = 0x1234};
        struct bj_query query;
        struct bj_name name;
        uint8_t octets[BJ_QUERY_MAX];
        size_t len = bj_vector_octets(v.fields[4], octets, sizeof(octets));
        uint16_t type = (uint16_t)strtoul(v.fields[2], NULL, 10);
        bool edns = strncmp(v.fields[3], "yes", 3) == 0;

        print_message("%s\n", v.fields[0]);
        entropy.mix_case = strstr(v.fields[3], " yes") != NULL;
        memset(entropy.case_bits, 0xff, sizeof(entropy.case_bits));
        assert_int_equal(
            bj_name_parse(v.fields[1], strlen(v.fields[1]), &name, NULL),
            BJ_OK);
        assert_int_equal(bj_query_build(&query, &name, type, edns, &entropy),
                         BJ_OK);
        assert_int_equal(query.len, len);
        assert_memory_equal(query.octets, octets, len);
        assert_int_equal(query.question_len, name.len + 4);
        assert_int_equal(query.type, type);
        assert_int_equal(query.edns, edns);
        assert_int_equal(query.mix_case, entropy.mix_case);
    }
}

/* Whatever memory it is built in, no octet of it is left as it was. */
static void R25_no_octet_is_left_over(void **state)
{
    struct bj_query_entropy entropy = {.id = 1};
    struct bj_query first;
    struct bj_query second;
    struct bj_name name;

    (void)state;
    assert_int_equal(bj_name_parse("a.b", 3, &name, NULL), BJ_OK);
    memset(&first, 0x00, sizeof(first));
    memset(&second, 0xff, sizeof(second));
    assert_int_equal(bj_query_build(&first, &name, 1, true, &entropy), BJ_OK);
    assert_int_equal(bj_query_build(&second, &name, 1, true, &entropy), BJ_OK);
    assert_memory_equal(&first, &second, sizeof(first));
    name.len = 0;
    assert_int_equal(bj_query_build(&second, &name, 1, true, &entropy), BJ_BAD);
    memset(&first, 0, sizeof(first));
    assert_memory_equal(&first, &second, sizeof(first));
}

/* The longest name fills the query to its last octet, which lies against a
 * forbidden page. */
static void R12_the_longest_name_fits_exactly(void **state)
{
    struct bj_guard g = bj_guard_end(sizeof(struct bj_query));
    struct bj_query *query = (struct bj_query *)(void *)g.bytes;
    struct bj_query_entropy entropy = {.id = 1, .mix_case = true};
    struct bj_name name = {.len = 255, .label_count = 127};

    (void)state;
    for (size_t i = 0; i < 254; i += 2) {
        name.octets[i] = 1;
        name.octets[i + 1] = 'A';
    }
    name.octets[254] = 0;
    assert_int_equal(bj_query_build(query, &name, 1, true, &entropy), BJ_OK);
    assert_int_equal(query->len, BJ_QUERY_MAX);
    /* Bit i decides octet i: all clear, all lower. */
    assert_int_equal(query->octets[12 + 253], 'a');
    bj_guard_free(&g);
}

/* Whatever the case bits, the host name is in lower case; a name that is none
 * leaves it empty. */
static void R07_the_host_name_is_spelled(void **state)
{
    static const struct {
        const char *name;
        const char *host;
    } rows[] = {{"WwW.Example.ORG.", "www.example.org"},
                {"x", "x"},
                {"a b.example", ""},
                {"-a.example", ""},
                {"1.2.3.4", ""},
                {".", ""}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct bj_query_entropy entropy = {.mix_case = true};
        struct bj_query query;
        struct bj_name name;

        memset(entropy.case_bits, 0xff, sizeof(entropy.case_bits));
        assert_int_equal(
            bj_name_parse(rows[i].name, strlen(rows[i].name), &name, NULL),
            BJ_OK);
        assert_int_equal(bj_query_build(&query, &name, 1, true, &entropy),
                         BJ_OK);
        assert_int_equal(query.host_len, strlen(rows[i].host));
        assert_memory_equal(query.host, rows[i].host, query.host_len + 1U);
    }
}

static void each_case_bit_decides_one_letter(void **state)
{
    struct bj_name name;
    struct bj_query query;

    (void)state;
    assert_int_equal(bj_name_parse("abcdefghij.klmnopqrst", 21, &name, NULL),
                     BJ_OK);
    for (size_t bit = 0; bit < name.len; bit++) {
        struct bj_query_entropy entropy = {.mix_case = true};

        entropy.case_bits[bit / 8] = (uint8_t)(1 << bit % 8);
        assert_int_equal(bj_query_build(&query, &name, 1, false, &entropy),
                         BJ_OK);
        for (size_t i = 0; i < name.len; i++) {
            bool letter = name.octets[i] >= 'a';

            assert_int_equal(query.octets[12 + i],
                             name.octets[i] - (letter && i == bit ? 32 : 0));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R26_vectors),
        cmocka_unit_test(R25_no_octet_is_left_over),
        cmocka_unit_test(R12_the_longest_name_fits_exactly),
        cmocka_unit_test(R07_the_host_name_is_spelled),
        cmocka_unit_test(each_case_bit_decides_one_letter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
