#include "tests/support/properties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/guard.h"

enum { OUT_CAP = 1 << 18 };

static uint8_t *scratch(void)
{
    uint8_t *out = malloc(OUT_CAP);

    if (out == NULL)
        abort();
    return out;
}

void bj_property_prefixes(bj_property_reparse *reparse, const void *bytes,
                          size_t len, int prefix_ok)
{
    uint8_t *out = scratch();

    for (size_t n = 0; n < len; n++) {
        struct bj_guard input = bj_guard_copy(bytes, n);
        size_t out_len = 0;
        enum bj_status status = reparse(input.bytes, n, out, OUT_CAP, &out_len);

        if (status == BJ_BUG || (status == BJ_OK && !prefix_ok))
            fail_msg("prefix of %zu of %zu octets: %s", n, len,
                     bj_status_text(status));
        bj_guard_free(&input);
    }
    free(out);
}

void bj_property_canonical(bj_property_reparse *reparse, const void *bytes,
                           size_t len, const void *canonical,
                           size_t canonical_len)
{
    uint8_t *out = scratch();
    const void *inputs[2] = {bytes, canonical};
    size_t lens[2] = {len, canonical_len};

    for (int i = 0; i < 2; i++) {
        struct bj_guard input = bj_guard_copy(inputs[i], lens[i]);
        size_t out_len = 0;

        assert_int_equal(reparse(input.bytes, lens[i], out, OUT_CAP, &out_len),
                         BJ_OK);
        assert_int_equal(out_len, canonical_len);
        if (canonical_len > 0)
            assert_memory_equal(out, canonical, canonical_len);
        bj_guard_free(&input);
    }
    free(out);
}

static void build_within(bj_property_build *build, const void *context,
                         size_t cap, const uint8_t *expected, size_t needed)
{
    struct bj_guard end = bj_guard_end(cap);
    struct bj_guard start = bj_guard_start(cap);
    size_t said = 0;
    enum bj_status wanted = cap < needed ? BJ_SPACE : BJ_OK;

    if (build(context, cap > 0 ? end.bytes : NULL, cap, &said) != wanted ||
        said != needed)
        fail_msg("capacity %zu of %zu: said %zu", cap, needed, said);
    if (build(context, cap > 0 ? start.bytes : NULL, cap, &said) != wanted)
        fail_msg("capacity %zu of %zu, fence before", cap, needed);
    if (wanted == BJ_OK && needed > 0) {
        assert_memory_equal(end.bytes, expected, needed);
        assert_memory_equal(start.bytes, expected, needed);
    }
    bj_guard_free(&end);
    bj_guard_free(&start);
}

void bj_property_capacities(bj_property_build *build, const void *context)
{
    uint8_t *expected = scratch();
    size_t needed = 0;

    assert_int_equal(build(context, expected, OUT_CAP, &needed), BJ_OK);
    assert_true(needed <= OUT_CAP - 8);
    for (size_t cap = 0; cap <= needed + 8; cap++)
        build_within(build, context, cap, expected, needed);
    free(expected);
}

void bj_property_splits(bj_property_push *push, const void *bytes, size_t len)
{
    uint8_t *whole = scratch();
    uint8_t *cut = scratch();
    size_t *all = calloc(len + 1, sizeof(*all));
    struct bj_guard input = bj_guard_copy(bytes, len);
    size_t whole_len = 0;

    if (all == NULL)
        abort();
    push(input.bytes, len, NULL, 0, whole, OUT_CAP, &whole_len);
    for (size_t at = 0; at <= len; at++) {
        size_t cut_len = 0;

        push(input.bytes, len, &at, 1, cut, OUT_CAP, &cut_len);
        if (cut_len != whole_len || memcmp(cut, whole, cut_len) != 0)
            fail_msg("cut at %zu of %zu: events differ", at, len);
        all[at] = at;
    }
    if (len > 1) {
        size_t cut_len = 0;

        push(input.bytes, len, all + 1, len - 1, cut, OUT_CAP, &cut_len);
        assert_int_equal(cut_len, whole_len);
        assert_memory_equal(cut, whole, whole_len);
    }
    bj_guard_free(&input);
    free(all);
    free(cut);
    free(whole);
}
