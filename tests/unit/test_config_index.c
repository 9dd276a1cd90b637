#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/config/index.h"
#include "tests/support/guard.h"

/* An index over exactly the words it asks for, a fence behind them. */
static struct bj_guard make(struct bj_index *index, size_t cap)
{
    struct bj_guard words = bj_guard_end(4 * bj_index_words(cap));

    memset(words.bytes, 0xa5, words.len);
    bj_index_init(index, cap > 0 ? (uint32_t *)(void *)words.bytes : NULL,
                  bj_index_words(cap));
    assert_int_equal(index->cap, cap);
    return words;
}

static void finds(const struct bj_index *index, uint64_t hash,
                  const uint32_t *wanted, size_t count)
{
    struct bj_index_walk walk;
    uint32_t offset;

    bj_index_find(index, hash, &walk);
    for (size_t i = 0; i < count; i++) {
        assert_true(bj_index_next(&walk, &offset));
        assert_int_equal(offset, wanted[i]);
    }
    assert_false(bj_index_next(&walk, &offset));
    assert_int_equal(offset, 0);
    assert_false(bj_index_next(&walk, &offset));
}

/* Every capacity from none to eight: what fits is found in order, what does
 * not is refused, and nothing before it is lost. */
static void capacities(void **state)
{
    (void)state;
    for (size_t cap = 0; cap <= 8; cap++) {
        struct bj_index index;
        struct bj_guard words = make(&index, cap);
        uint32_t offsets[8];

        for (uint32_t i = 0; i < 9; i++) {
            assert_int_equal(bj_index_put(&index, 42, 100 + i),
                             i < cap ? BJ_OK : BJ_SPACE);
            if (i < cap)
                offsets[i] = 100 + i;
        }
        finds(&index, 42, NULL, 0);
        bj_index_link(&index);
        finds(&index, 42, offsets, cap);
        finds(&index, 43, NULL, 0);
        bj_guard_free(&words);
    }
}

/* A number of words gives the greatest capacity that it is enough for. */
static void words_to_capacity(void **state)
{
    static uint32_t words[5000];
    struct bj_index index;

    (void)state;
    for (size_t n = 0; n <= sizeof(words) / sizeof(words[0]); n++) {
        bj_index_init(&index, words, n);
        assert_true(bj_index_words(index.cap) <= n);
        assert_true(bj_index_words(index.cap + 1) > n);
    }
}

/* Begun for any number, an index that is fitted has as many words as one of
 * just the capacity, and finds the same. */
static void fitted_to_what_was_put(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 8; count++) {
        struct bj_index index;
        struct bj_guard words = make(&index, 20);
        const uint32_t *word = (const uint32_t *)(const void *)words.bytes;
        const uint32_t offsets[8] = {0, 1, 2, 3, 4, 5, 6, 7};

        for (uint32_t i = 0; i < count; i++)
            assert_int_equal(bj_index_put(&index, 42, i), BJ_OK);
        bj_index_fit(&index);
        assert_int_equal(bj_index_put(&index, 42, 99), BJ_SPACE);
        bj_index_link(&index);
        finds(&index, 42, offsets, count);
        finds(&index, 43, NULL, 0);
        for (size_t i = bj_index_words(count); i < bj_index_words(20); i++)
            assert_int_equal(word[i], 0xa5a5a5a5);
        bj_guard_free(&words);
    }
}

/* Hashes that all begin at the last slot wrap around and stay apart. */
static void collisions(void **state)
{
    struct bj_index index;
    struct bj_guard words = make(&index, 10);
    const uint64_t top = UINT64_C(0xfffffff0);

    (void)state;
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(bj_index_put(&index, top + i % 5, i), BJ_OK);
    bj_index_link(&index);
    for (uint32_t i = 0; i < 5; i++)
        finds(&index, top + i, (const uint32_t[]){i, i + 5}, 2);
    finds(&index, top + 5, NULL, 0);
    bj_guard_free(&words);
}

static void R30_duplicates(void **state)
{
    static const struct {
        uint64_t hash;
        uint32_t offset;
    } puts[] = {{7, 0}, {7, 0}, {8, 5}, {7, 9}, {7, 9}, {7, 0}, {8, 5}};
    struct bj_index index;
    struct bj_guard words = make(&index, 7);

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(bj_index_put(&index, puts[i].hash, puts[i].offset),
                         BJ_OK);
        /* Linked in several goes as in one. */
        if (i % 3 == 0)
            bj_index_link(&index);
    }
    bj_index_link(&index);
    finds(&index, 7, (const uint32_t[]){0, 9, 0}, 3);
    finds(&index, 8, (const uint32_t[]){5}, 1);
    assert_int_equal(bj_index_put(&index, 9, 0), BJ_SPACE);
    bj_guard_free(&words);
}

/* Two keys whose kept 32 bits agree share their lines: the reader looks. */
static void same_tag(void **state)
{
    struct bj_index index;
    struct bj_guard words = make(&index, 2);

    (void)state;
    assert_int_equal(bj_index_put(&index, 5, 1), BJ_OK);
    assert_int_equal(bj_index_put(&index, 5 + (UINT64_C(1) << 32), 2), BJ_OK);
    bj_index_link(&index);
    finds(&index, 5, (const uint32_t[]){1, 2}, 2);
    bj_guard_free(&words);
}

/* More than are asked for ahead, in a memory that ends at a fence. */
static void many(void **state)
{
    struct bj_index index;
    struct bj_guard words = make(&index, 1000);

    (void)state;
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(
            bj_index_put(&index, i % 500 * UINT64_C(2654435761), i), BJ_OK);
    bj_index_link(&index);
    for (uint32_t i = 0; i < 500; i++)
        finds(&index, i * UINT64_C(2654435761), (const uint32_t[]){i, i + 500},
              2);
    bj_guard_free(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capacities),
        cmocka_unit_test(words_to_capacity),
        cmocka_unit_test(fitted_to_what_was_put),
        cmocka_unit_test(collisions),
        cmocka_unit_test(R30_duplicates),
        cmocka_unit_test(same_tag),
        cmocka_unit_test(many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
