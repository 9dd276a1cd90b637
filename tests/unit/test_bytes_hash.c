#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/hash.h"
#include "tests/support/guard.h"

static struct bj_hash_key paper_key(void)
{
    uint8_t octets[16];

    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = (uint8_t)i;
    return bj_hash_key_make(octets);
}

static size_t unhex(const char *text, uint8_t *out)
{
    size_t n = 0;
    unsigned octet;

    while (text[0] != '-' && sscanf(text + 2 * n, "%2x", &octet) == 1)
        out[n++] = (uint8_t)octet;
    return n;
}

static void vectors(void **state)
{
    FILE *file = fopen(BJ_VECTORS "/bytes_hash.txt", "r");
    struct bj_hash_key key = paper_key();
    char line[800], message[700], wanted[20];
    uint8_t octets[512], tag[8];
    size_t count = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        struct bj_guard input;
        size_t len;
        uint64_t hash;

        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%699s %19s", message, wanted), 2);
        len = unhex(message, octets);
        assert_int_equal(unhex(wanted, tag), 8);
        input = bj_guard_copy(octets, len);
        hash = bj_hash(&key, len > 0 ? input.bytes : NULL, len);
        for (int i = 0; i < 8; i++)
            assert_int_equal(hash >> (8 * i) & 255, tag[i]);
        bj_guard_free(&input);
        count++;
    }
    fclose(file);
    assert_int_equal(count, 19);
}

static void folded(void **state)
{
    struct bj_hash_key key = paper_key();
    uint8_t mixed[40], lower[40];

    (void)state;
    for (size_t len = 0; len <= sizeof(mixed); len++) {
        for (size_t i = 0; i < len; i++) {
            mixed[i] = (uint8_t)('?' + i); /* ?@A to Z[ and on */
            lower[i] = mixed[i] >= 65 && mixed[i] <= 90
                           ? (uint8_t)(mixed[i] + 32)
                           : mixed[i];
        }
        assert_true(bj_hash_nocase(&key, mixed, len) ==
                    bj_hash(&key, lower, len));
    }
}

/* A different key is a different function; a set high bit is no letter. */
static void key_matters(void **state)
{
    struct bj_hash_key a = {{1, 2}}, b = {{1, 3}}, c = {{2, 2}};
    const uint8_t text[2] = {0xc1, 0xe1};

    (void)state;
    assert_true(bj_hash(&a, text, 2) != bj_hash(&b, text, 2));
    assert_true(bj_hash(&a, text, 2) != bj_hash(&c, text, 2));
    assert_true(bj_hash_nocase(&a, text, 1) != bj_hash_nocase(&a, text + 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(folded),
        cmocka_unit_test(key_matters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
