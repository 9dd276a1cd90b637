#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/writer.h"
#include "core/records/lists.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

/* A bitmap back from its types, by RFC 4034 section 4.1.2. */
static enum bj_status reparse_types(const uint8_t *bytes, size_t len,
                                    uint8_t *out, size_t cap, size_t *out_len)
{
    static uint8_t bits[256][32];
    struct bj_type_list list;
    struct bj_cursor c;
    struct bj_writer w;
    uint16_t type;
    enum bj_status status;

    memset(bits, 0, sizeof(bits));
    bj_cursor_init(&c, bytes, len);
    bj_type_list_init(&list, c);
    while ((status = bj_type_list_next(&list, &type)) == BJ_OK)
        bits[type / 256][type % 256 / 8] |= (uint8_t)(0x80 >> type % 8);
    if (status != BJ_NONE)
        return status;
    bj_writer_init(&w, out, cap);
    for (unsigned window = 0; window < 256; window++) {
        size_t n = 32;

        while (n > 0 && bits[window][n - 1] == 0)
            n -= 1;
        if (n == 0)
            continue;
        bj_writer_u8(&w, (uint8_t)window);
        bj_writer_u8(&w, (uint8_t)n);
        bj_writer_bytes(&w, bits[window], n);
    }
    *out_len = w.len;
    return bj_writer_end(&w);
}

static void R15_bitmaps(void **state)
{
    static const uint8_t bitmap[] = {
        0, 6, 0x40, 1, 0, 0, 0, 3, 4, 27, 0, 0, 0, 0, 0, 0, 0,    0,   0, 0,
        0, 0, 0,    0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0x20, 255, 1, 1};
    uint8_t all[256 * 34];
    struct bj_type_list list;
    struct bj_cursor c;
    uint16_t type;
    unsigned next = 0;

    (void)state;
    bj_property_prefixes(reparse_types, bitmap, sizeof(bitmap), 1);
    bj_property_canonical(reparse_types, bitmap, sizeof(bitmap), bitmap,
                          sizeof(bitmap));
    memset(all, 0xff, sizeof(all));
    for (unsigned window = 0; window < 256; window++) {
        all[window * 34] = (uint8_t)window;
        all[window * 34 + 1] = 32;
    }
    bj_cursor_init(&c, all, sizeof(all));
    bj_type_list_init(&list, c);
    for (; bj_type_list_next(&list, &type) == BJ_OK; next++)
        assert_int_equal(type, next);
    assert_int_equal(list.status, BJ_NONE);
    assert_int_equal(next, 65536);
    assert_int_equal(bj_type_list_next(&list, &type), BJ_NONE);
}

/* Options and parameters are code, length, value; back from the items. */
static enum bj_status reparse_options(const uint8_t *bytes, size_t len,
                                      uint8_t *out, size_t cap, size_t *out_len)
{
    struct bj_option_list list;
    struct bj_item item;
    struct bj_cursor c;
    struct bj_writer w;
    enum bj_status status;

    bj_cursor_init(&c, bytes, len);
    bj_option_list_init(&list, c);
    bj_writer_init(&w, out, cap);
    while ((status = bj_option_list_next(&list, &item)) == BJ_OK) {
        size_t n = bj_cursor_left(&item.value);

        bj_writer_u16(&w, item.code);
        bj_writer_u16(&w, (uint16_t)n);
        bj_writer_bytes(&w, bj_cursor_bytes(&item.value, n), n);
    }
    *out_len = w.len;
    return status == BJ_NONE ? bj_writer_end(&w) : status;
}

static enum bj_status reparse_params(const uint8_t *bytes, size_t len,
                                     uint8_t *out, size_t cap, size_t *out_len)
{
    struct bj_param_list list;
    struct bj_item item;
    struct bj_cursor c;
    struct bj_writer w;
    enum bj_status status;

    bj_cursor_init(&c, bytes, len);
    bj_param_list_init(&list, c);
    bj_writer_init(&w, out, cap);
    while ((status = bj_param_list_next(&list, &item)) == BJ_OK) {
        size_t n = bj_cursor_left(&item.value);

        bj_writer_u16(&w, item.code);
        bj_writer_u16(&w, (uint16_t)n);
        bj_writer_bytes(&w, bj_cursor_bytes(&item.value, n), n);
    }
    *out_len = w.len;
    return status == BJ_NONE ? bj_writer_end(&w) : status;
}

static void properties(void **state)
{
    static const uint8_t options[] = {0, 3, 0, 2, 'n', 's', 0, 10, 0,
                                      8, 1, 2, 3, 4,   5,   6, 7,  8,
                                      0, 8, 0, 5, 0,   1,   8, 0,  127};
    static const uint8_t params[] = {0, 0, 0,    2,    0,   3, 0, 1,
                                     0, 3, 2,    'h',  '2', 0, 3, 0,
                                     2, 1, 0xbb, 0x7f, 0,   0, 0};

    (void)state;
    bj_property_prefixes(reparse_options, options, sizeof(options), 1);
    bj_property_canonical(reparse_options, options, sizeof(options), options,
                          sizeof(options));
    bj_property_prefixes(reparse_params, params, sizeof(params), 1);
    bj_property_canonical(reparse_params, params, sizeof(params), params,
                          sizeof(params));
}

/* R10: as many options as 64 KiB hold cost a step each. */
static void R10_an_endless_option_list(void **state)
{
    static uint8_t octets[65532];
    struct bj_option_list list;
    struct bj_item item;
    struct bj_cursor c;
    size_t count = 0;

    (void)state;
    memset(octets, 0, sizeof(octets));
    bj_cursor_init(&c, octets, sizeof(octets));
    bj_option_list_init(&list, c);
    while (bj_option_list_next(&list, &item) == BJ_OK)
        count += 1;
    assert_int_equal(list.status, BJ_NONE);
    assert_int_equal(count, sizeof(octets) / 4);
}

/* `mandatory` with thousands of keys looks for them in one pass. */
static void R10_many_mandatory_keys(void **state)
{
    enum { KEYS = 9000 };
    static uint8_t octets[4 + 2 * KEYS + 4 * KEYS];
    struct bj_param_list list;
    struct bj_item item;
    struct bj_writer w;
    struct bj_cursor c;
    size_t count = 0;

    (void)state;
    bj_writer_init(&w, octets, sizeof(octets));
    bj_writer_u16(&w, 0);
    bj_writer_u16(&w, 2 * KEYS);
    for (unsigned key = 100; key < 100 + KEYS; key++)
        bj_writer_u16(&w, (uint16_t)key);
    for (unsigned key = 100; key < 100 + KEYS; key++) {
        bj_writer_u16(&w, (uint16_t)key);
        bj_writer_u16(&w, 0);
    }
    assert_int_equal(bj_writer_end(&w), BJ_OK);
    bj_cursor_init(&c, octets, sizeof(octets));
    bj_param_list_init(&list, c);
    while (bj_param_list_next(&list, &item) == BJ_OK)
        count += 1;
    assert_int_equal(list.status, BJ_NONE);
    assert_int_equal(count, KEYS + 1);
    octets[sizeof(octets) - 3] ^= 1; /* the last key is another now */
    bj_param_list_init(&list, c);
    assert_int_equal(bj_param_list_next(&list, &item), BJ_BAD);
    assert_int_equal(list.at, 0);
}

static void names_of_keys(void **state)
{
    (void)state;
    assert_string_equal(bj_param_text(0), "mandatory");
    assert_string_equal(bj_param_text(8), "ohttp");
    assert_null(bj_param_text(9));
}

static void a_part_keeps_its_place(void **state)
{
    static const uint8_t octets[] = {1, 2, 3, 4};
    struct bj_cursor c;
    struct bj_cursor part;

    (void)state;
    bj_cursor_init(&c, octets, sizeof(octets));
    bj_cursor_skip(&c, 1);
    part = bj_list_take(&c, 2);
    assert_int_equal(part.pos, 1);
    assert_int_equal(bj_cursor_u16(&part), 0x0203);
    assert_int_equal(bj_cursor_end(&part), BJ_OK);
    part = bj_list_take(&c, 2);
    assert_int_equal(part.status, BJ_MORE);
    assert_int_equal(bj_cursor_left(&part), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R15_bitmaps),
        cmocka_unit_test(properties),
        cmocka_unit_test(R10_an_endless_option_list),
        cmocka_unit_test(R10_many_mandatory_keys),
        cmocka_unit_test(names_of_keys),
        cmocka_unit_test(a_part_keeps_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
