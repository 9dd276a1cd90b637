/*
 * The last byte says which list the rest is: a bitmap, options, parameters.
 * Oracles: acceptance and elements are what naive walks by indexes find;
 * refusal names an element inside; after the end comes the end.
 */
#include "core/records/lists.h"
#include "harnesses/harness.h"

static unsigned pair(const uint8_t *p)
{
    return p[0] * 256U + p[1];
}

/* RFC 4034 section 4.1.2, into a set of types. */
static bool naive_bitmap(const uint8_t *b, size_t len, uint8_t set[8192])
{
    int last = -1;
    size_t at = 0;

    memset(set, 0, 8192);
    while (at < len) {
        size_t n;

        if (len - at < 2)
            return false;
        n = b[at + 1];
        if (b[at] <= last || n == 0 || n > 32 || n > len - at - 2 ||
            b[at + 1 + n] == 0)
            return false;
        memcpy(set + b[at] * 32, b + at + 2, n);
        last = b[at];
        at += 2 + n;
    }
    return true;
}

static void check_types(const uint8_t *b, size_t len)
{
    static uint8_t set[8192];
    bool good = naive_bitmap(b, len, set);
    struct bj_type_list list;
    struct bj_cursor c;
    uint16_t type = 0;
    int last = -1;
    size_t count = 0, bits = 0;
    enum bj_status status;

    bj_cursor_init(&c, b, len);
    bj_type_list_init(&list, c);
    while ((status = bj_type_list_next(&list, &type)) == BJ_OK) {
        BJ_CHECK(type > last, "types-ascend");
        last = type;
        BJ_CHECK(!good || (set[type / 8] & 0x80 >> type % 8) != 0,
                 "type-is-in-the-bitmap");
        count += 1;
    }
    BJ_CHECK((status == BJ_NONE) == good, "bitmap-accepted");
    BJ_CHECK(list.at <= len, "bitmap-at");
    BJ_CHECK(bj_type_list_next(&list, &type) == status, "bitmap-stays");
    for (size_t i = 0; i < sizeof(set); i++)
        bits += (size_t)__builtin_popcount(set[i]);
    BJ_CHECK(!good || bits == count, "all-types");
    bj_digest(&count, sizeof(count));
}

/* Values of options, by their own RFCs. */
static bool naive_option(unsigned code, const uint8_t *v, size_t n)
{
    switch (code) {
    case 8: {
        unsigned family, width, bits;

        if (n < 4)
            return false;
        family = pair(v);
        width = family == 1 ? 32 : family == 2 ? 128 : 0;
        bits = v[2];
        if (family == 0)
            return n == 4 && bits == 0;
        if (width == 0 || bits > width || v[3] > width ||
            n - 4 != bits / 8 + (bits % 8 != 0))
            return false;
        for (unsigned bit = bits; bit < (n - 4) * 8; bit++)
            if ((v[4 + bit / 8] & 0x80 >> bit % 8) != 0)
                return false;
        return true;
    }
    case 9:
        return n == 0 || n == 4;
    case 10:
        return n == 8 || (n >= 16 && n <= 40);
    case 11:
        return n == 0 || n == 2;
    case 14:
        return n >= 2 && n % 2 == 0;
    case 15:
        return n >= 2;
    case 13: {
        size_t at = 0;

        while (at < n && v[at] != 0 && v[at] < 64)
            at += v[at] + 1U;
        return at < n && v[at] == 0 && at + 1 == n && n <= 255;
    }
    default:
        return true;
    }
}

static void check_options(const uint8_t *b, size_t len)
{
    struct bj_option_list list;
    struct bj_item item;
    struct bj_cursor c;
    size_t at = 0;
    enum bj_status status;

    bj_cursor_init(&c, b, len);
    bj_option_list_init(&list, c);
    while ((status = bj_option_list_next(&list, &item)) == BJ_OK) {
        BJ_CHECK(list.at == at && item.code == pair(b + at), "option-code");
        BJ_CHECK(item.value.pos == at + 4 &&
                     item.value.len == at + 4 + pair(b + at + 2) &&
                     item.value.len <= len,
                 "option-value");
        BJ_CHECK(naive_option(item.code, b + at + 4, pair(b + at + 2)),
                 "option-is-good");
        at = item.value.len;
    }
    BJ_CHECK(list.at == at, "option-at");
    if (status == BJ_NONE)
        BJ_CHECK(at == len, "options-to-the-end");
    else if (list.passes_end)
        BJ_CHECK(len - at < 4 || pair(b + at + 2) > len - at - 4,
                 "option-passes-end");
    else
        BJ_CHECK(!naive_option(pair(b + at), b + at + 4, pair(b + at + 2)),
                 "option-is-bad");
    bj_digest(&at, sizeof(at));
}

/* Where a key's parameter begins, or SIZE_MAX; keys behind a greater one are
 * out of order. */
static size_t naive_find(const uint8_t *b, size_t len, unsigned key)
{
    for (size_t at = 0; len - at >= 4; at += 4 + pair(b + at + 2)) {
        if (pair(b + at + 2) > len - at - 4)
            break;
        if (pair(b + at) >= key)
            return pair(b + at) == key ? at : SIZE_MAX;
    }
    return SIZE_MAX;
}

/* RFC 9460 sections 2.2, 7 and 8. */
static bool naive_param(const uint8_t *b, size_t len, size_t at)
{
    unsigned key = pair(b + at);
    size_t n = pair(b + at + 2);
    const uint8_t *v = b + at + 4;

    switch (key) {
    case 0:
        if (n == 0 || n % 2 != 0)
            return false;
        for (size_t i = 0; i < n; i += 2)
            if (pair(v + i) == 0 || (i > 0 && pair(v + i) <= pair(v + i - 2)) ||
                naive_find(b, len, pair(v + i)) == SIZE_MAX)
                return false;
        return true;
    case 1: {
        size_t i = 0;

        while (i < n && v[i] != 0)
            i += v[i] + 1U;
        return n > 0 && i == n;
    }
    case 2:
        return n == 0 && naive_find(b, len, 1) != SIZE_MAX;
    case 3:
        return n == 2;
    case 4:
        return n > 0 && n % 4 == 0;
    case 5:
        return n > 0;
    case 6:
        return n > 0 && n % 16 == 0;
    case 8:
        return n == 0;
    default:
        return true;
    }
}

static void check_params(const uint8_t *b, size_t len)
{
    struct bj_param_list list;
    struct bj_item item;
    struct bj_cursor c;
    size_t at = 0;
    int last = -1;
    enum bj_status status;

    bj_cursor_init(&c, b, len);
    bj_param_list_init(&list, c);
    while ((status = bj_param_list_next(&list, &item)) == BJ_OK) {
        BJ_CHECK(list.at == at && item.code == pair(b + at) &&
                     item.value.pos == at + 4 && item.value.len <= len,
                 "param-place");
        BJ_CHECK((int)item.code > last, "params-ascend");
        BJ_CHECK(naive_param(b, len, at), "param-is-good");
        last = item.code;
        at = item.value.len;
    }
    BJ_CHECK(list.at == at, "param-at");
    if (status == BJ_NONE)
        BJ_CHECK(at == len, "params-to-the-end");
    else
        BJ_CHECK(len - at < 4 || pair(b + at + 2) > len - at - 4 ||
                     (int)pair(b + at) <= last || !naive_param(b, len, at),
                 "param-is-bad");
    bj_digest(&at, sizeof(at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t which = bj_take_tail(data, &size);
    uint8_t *bytes = bj_exact_copy(data, size);

    if (which % 3 == 0)
        check_types(bytes, size);
    else if (which % 3 == 1)
        check_options(bytes, size);
    else
        check_params(bytes, size);
    free(bytes);
    return 0;
}
