#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/resolve/cache.h"
#include "tests/support/guard.h"

enum { TYPE_A = 1, TYPE_AAAA = 28, HOUR = 3600 };

static const struct bj_hash_key hash_key = {{1, 2}};

static uint8_t memory[16384];

static struct bj_cache start(size_t size)
{
    struct bj_cache cache;

    assert_int_equal(bj_cache_init(&cache, memory, size, &hash_key), BJ_OK);
    return cache;
}

static struct bj_cache_key ask(const char *name, uint16_t type)
{
    struct bj_cache_key key = {(const uint8_t *)name, strlen(name), type};

    return key;
}

static bool put(struct bj_cache *cache, const char *name, uint16_t type,
                enum bj_outcome outcome, uint32_t ttl_s, const char *value,
                uint64_t now_ms)
{
    struct bj_cache_key key = ask(name, type);
    struct bj_cache_entry entry = {outcome, ttl_s, (const uint8_t *)value,
                                   value == NULL ? 0 : strlen(value)};

    return bj_cache_put(cache, &key, &entry, now_ms);
}

/* The outcome found, or -1; a value must be `value`. */
static int get(const struct bj_cache *cache, const char *name, uint16_t type,
               uint64_t now_ms, const char *value)
{
    struct bj_cache_key key = ask(name, type);
    struct bj_cache_entry entry;

    if (!bj_cache_get(cache, &key, now_ms, &entry)) {
        assert_int_equal(entry.ttl_s, 0);
        assert_null(entry.value);
        return -1;
    }
    assert_int_equal(entry.value_len, value == NULL ? 0 : strlen(value));
    if (value != NULL)
        assert_memory_equal(entry.value, value, entry.value_len);
    return (int)entry.outcome;
}

static uint32_t ttl_left(const struct bj_cache *cache, const char *name,
                         uint64_t now_ms)
{
    struct bj_cache_key key = ask(name, TYPE_A);
    struct bj_cache_entry entry;

    return bj_cache_get(cache, &key, now_ms, &entry) ? entry.ttl_s : UINT32_MAX;
}

static void kept_until_its_time_is_up(void **state)
{
    struct bj_cache cache = start(4096);

    (void)state;
    assert_true(put(&cache, "a.example", TYPE_A, BJ_FOUND, 60, "one", 5000));
    assert_int_equal(get(&cache, "a.example", TYPE_A, 5000, "one"), BJ_FOUND);
    assert_int_equal(get(&cache, "A.Example", TYPE_A, 5000, "one"), BJ_FOUND);
    assert_int_equal(get(&cache, "a.example", TYPE_AAAA, 5000, NULL), -1);
    assert_int_equal(get(&cache, "b.example", TYPE_A, 5000, NULL), -1);
    assert_int_equal(ttl_left(&cache, "a.example", 5000), 60);
    assert_int_equal(ttl_left(&cache, "a.example", 5001), 59);
    assert_int_equal(ttl_left(&cache, "a.example", 64999), 0);
    assert_int_equal(ttl_left(&cache, "a.example", 65000), UINT32_MAX);
    /* A clock that ran backwards finds nothing from its future. */
    assert_int_equal(ttl_left(&cache, "a.example", 4999), UINT32_MAX);
}

static void ttls_are_cut(void **state)
{
    static const struct {
        enum bj_outcome outcome;
        uint32_t ttl_s, kept_s;
    } rows[] = {
        {BJ_FOUND, 1, 1},
        {BJ_FOUND, 24 * HOUR, 24 * HOUR},
        {BJ_FOUND, 24 * HOUR + 1, 24 * HOUR},
        {BJ_FOUND, 0x7fffffff, 24 * HOUR},
        /* RFC 2181 section 8: the top bit means zero. */
        {BJ_FOUND, 0x80000000, 0},
        {BJ_FOUND, UINT32_MAX, 0},
        {BJ_FOUND, 0, 0},
        {BJ_NO_DATA, 3 * HOUR + 1, 3 * HOUR},
        {BJ_NO_NAME, 3 * HOUR + 1, 3 * HOUR},
        {BJ_NO_NAME, 0, 0},
        {BJ_SERVER_FAILED, 301, 300},
        {BJ_TIMED_OUT, 60, 0},
        {BJ_UNREACHABLE, 60, 0},
        {BJ_FAILED, 60, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bj_cache cache = start(4096);

        assert_int_equal(
            put(&cache, "a", TYPE_A, rows[i].outcome, rows[i].ttl_s, NULL, 0),
            rows[i].kept_s > 0);
        assert_int_equal(ttl_left(&cache, "a", 0),
                         rows[i].kept_s > 0 ? rows[i].kept_s : UINT32_MAX);
    }
}

static void the_end_of_time_is_not_passed(void **state)
{
    struct bj_cache cache = start(4096);

    (void)state;
    assert_true(put(&cache, "a", TYPE_A, BJ_FOUND, 60, "x", UINT64_MAX - 10));
    assert_int_equal(get(&cache, "a", TYPE_A, UINT64_MAX - 1, "x"), BJ_FOUND);
    assert_int_equal(get(&cache, "a", TYPE_A, 0, NULL), -1);
}

static void absence_of_the_name_is_absence_of_all_types(void **state)
{
    struct bj_cache cache = start(4096);

    (void)state;
    /* RFC 2308 section 5: no data is of one type, no name of all. */
    assert_true(put(&cache, "a", TYPE_A, BJ_FOUND, 60, "x", 0));
    assert_true(put(&cache, "a", TYPE_AAAA, BJ_NO_DATA, 60, NULL, 0));
    assert_int_equal(get(&cache, "a", TYPE_A, 1, "x"), BJ_FOUND);
    assert_int_equal(get(&cache, "a", TYPE_AAAA, 1, NULL), BJ_NO_DATA);
    assert_true(put(&cache, "A", TYPE_A, BJ_NO_NAME, 60, NULL, 2));
    for (uint16_t type = 0; type < 300; type++)
        assert_int_equal(get(&cache, "a", type, 3, NULL), BJ_NO_NAME);
    /* It came to be: then it has no absence, whatever the type. */
    assert_true(put(&cache, "a", TYPE_AAAA, BJ_FOUND, 60, "y", 4));
    assert_int_equal(get(&cache, "a", TYPE_AAAA, 5, "y"), BJ_FOUND);
    assert_int_equal(get(&cache, "a", TYPE_A, 5, NULL), -1);
}

static void what_may_not_be_kept_still_replaces(void **state)
{
    struct bj_cache cache = start(4096);

    (void)state;
    assert_true(put(&cache, "a", TYPE_A, BJ_FOUND, 60, "old", 0));
    assert_false(put(&cache, "a", TYPE_A, BJ_FOUND, 0, "new", 1));
    assert_int_equal(get(&cache, "a", TYPE_A, 1, NULL), -1);
    assert_true(put(&cache, "a", TYPE_A, BJ_FOUND, 60, "old", 2));
    assert_true(put(&cache, "a", TYPE_A, BJ_FOUND, 60, "newer", 3));
    assert_int_equal(get(&cache, "a", TYPE_A, 3, "newer"), BJ_FOUND);
}

static void names_of_every_length(void **state)
{
    char name[300];

    (void)state;
    memset(name, 'n', sizeof(name));
    for (size_t len = 0; len < 270; len++) {
        struct bj_cache cache = start(2048);
        struct bj_cache_key key = {(const uint8_t *)name, len, TYPE_A};
        struct bj_cache_entry entry = {BJ_FOUND, 60, (const uint8_t *)"v", 1};

        assert_int_equal(bj_cache_put(&cache, &key, &entry, 0),
                         len > 0 && len <= 255);
        assert_int_equal(bj_cache_get(&cache, &key, 0, &entry),
                         len > 0 && len <= 255);
        if (len > 1 && len <= 256) {
            key.name_len -= 1;
            assert_false(bj_cache_get(&cache, &key, 0, &entry));
        }
    }
}

/* Fills a cache over and over: the last ones are there, the count of records
 * is bounded by the memory, and what is found is never another's. */
static void R04_oldest_out(void **state)
{
    enum { MANY = 3000 };
    struct bj_cache cache = start(8192);
    size_t found = 0;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        char name[32];
        char value[64];

        snprintf(name, sizeof(name), "host%d.example", i);
        snprintf(value, sizeof(value), "value of %d%.*s", i, i % 40,
                 "........................................");
        assert_true(put(&cache, name, TYPE_A, BJ_FOUND, 60, value, 0));
        assert_int_equal(get(&cache, name, TYPE_A, 0, value), BJ_FOUND);
        assert_true(cache.record_count < 8192 / 56);
    }
    for (int i = 0; i < MANY; i++) {
        char name[32];
        char value[64];
        int outcome;

        snprintf(name, sizeof(name), "host%d.example", i);
        snprintf(value, sizeof(value), "value of %d%.*s", i, i % 40,
                 "........................................");
        outcome = get(&cache, name, TYPE_A, 0, value);
        /* Eight later ones can never fill its bucket or the ring. */
        assert_true(outcome == BJ_FOUND || i < MANY - 8);
        assert_true(outcome == -1 || i > MANY - 8192 / 56);
        found += outcome == BJ_FOUND;
    }
    /* Most of the ring is in use: 7168 octets of at most 130 each. */
    assert_true(found > 40);
}

static void a_full_bucket_loses_its_oldest(void **state)
{
    struct bj_cache cache = start(8192);

    (void)state;
    /* All types of a name share a bucket. */
    for (uint16_t type = 1; type <= BJ_CACHE_WAYS; type++)
        assert_true(put(&cache, "a", type, BJ_FOUND, 60, "x", type));
    assert_true(put(&cache, "a", 99, BJ_FOUND, 60, "x", 20));
    assert_int_equal(get(&cache, "a", 1, 20, NULL), -1);
    for (uint16_t type = 2; type <= BJ_CACHE_WAYS; type++)
        assert_int_equal(get(&cache, "a", type, 20, "x"), BJ_FOUND);
    /* One whose time is up goes before an older one. */
    assert_true(put(&cache, "a", 5, BJ_FOUND, 1, "x", 21));
    assert_true(put(&cache, "a", 100, BJ_FOUND, 60, "x", 2000));
    assert_int_equal(get(&cache, "a", 2, 2000, "x"), BJ_FOUND);
    assert_int_equal(get(&cache, "a", 5, 2000, NULL), -1);
    assert_int_equal(get(&cache, "a", 100, 2000, "x"), BJ_FOUND);
}

static void values_of_every_size(void **state)
{
    static uint8_t value[BJ_CACHE_VALUE_MAX + 1];
    size_t size = sizeof(memory);
    struct bj_cache cache = start(size);
    struct bj_cache_key key = ask("a", TYPE_A);
    struct bj_cache_entry entry = {BJ_FOUND, 60, value, 0};
    struct bj_cache_entry got;

    (void)state;
    for (size_t i = 0; i < sizeof(value); i++)
        value[i] = (uint8_t)(i * 7);
    for (size_t len = 0; len < sizeof(value); len += len < 100 ? 1 : 97) {
        entry.value_len = len;
        assert_int_equal(bj_cache_put(&cache, &key, &entry, 0),
                         bj_cache_cost(1, len) <= cache.ring_cap);
        if (bj_cache_cost(1, len) > cache.ring_cap)
            continue;
        assert_true(bj_cache_get(&cache, &key, 0, &got));
        assert_int_equal(got.value_len, len);
        if (len > 0)
            assert_memory_equal(got.value, value, len);
    }
    /* Absence has no value, whatever is given. */
    entry.outcome = BJ_NO_DATA;
    entry.value_len = 5;
    assert_true(bj_cache_put(&cache, &key, &entry, 0));
    assert_true(bj_cache_get(&cache, &key, 0, &got));
    assert_int_equal(got.value_len, 0);
}

static void too_large_a_value_is_not_kept(void **state)
{
    size_t size = 4 * BJ_CACHE_VALUE_MAX;
    uint8_t *big = malloc(size);
    struct bj_cache cache;
    struct bj_cache_key key = ask("a", TYPE_A);
    struct bj_cache_entry entry = {BJ_FOUND, 60, big, BJ_CACHE_VALUE_MAX};

    (void)state;
    assert_non_null(big);
    memset(big, 7, size);
    entry.value = memory;
    assert_int_equal(bj_cache_init(&cache, big, size, &hash_key), BJ_OK);
    assert_true(bj_cache_put(&cache, &key, &entry, 0));
    entry.value_len += 1;
    assert_false(bj_cache_put(&cache, &key, &entry, 0));
    assert_false(bj_cache_get(&cache, &key, 0, &entry));
    free(big);
}

static void R02_every_size_and_misalignment_of_the_memory(void **state)
{
    (void)state;
    for (size_t size = 0; size < 1200; size += size < 1000 ? 50 : 1) {
        struct bj_guard g = bj_guard_end(size);
        struct bj_cache cache;
        enum bj_status status = bj_cache_init(&cache, g.bytes, size, &hash_key);

        assert_int_equal(status, size < BJ_CACHE_MEMORY_MIN ? BJ_SPACE : BJ_OK);
        for (int i = 0; i < 60; i++) {
            char name[16];

            snprintf(name, sizeof(name), "n%d", i);
            assert_int_equal(put(&cache, name, TYPE_A, BJ_FOUND, 60, name, 0),
                             status == BJ_OK);
            assert_int_equal(get(&cache, name, TYPE_A, 0, name),
                             status == BJ_OK ? BJ_FOUND : -1);
        }
        bj_guard_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_until_its_time_is_up),
        cmocka_unit_test(ttls_are_cut),
        cmocka_unit_test(the_end_of_time_is_not_passed),
        cmocka_unit_test(absence_of_the_name_is_absence_of_all_types),
        cmocka_unit_test(what_may_not_be_kept_still_replaces),
        cmocka_unit_test(names_of_every_length),
        cmocka_unit_test(R04_oldest_out),
        cmocka_unit_test(a_full_bucket_loses_its_oldest),
        cmocka_unit_test(values_of_every_size),
        cmocka_unit_test(too_large_a_value_is_not_kept),
        cmocka_unit_test(R02_every_size_and_misalignment_of_the_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
