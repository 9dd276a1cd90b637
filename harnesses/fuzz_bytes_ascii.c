/*
 * Oracles: decimal reading against a naive 128-bit reference with every
 * maximum that the tail chooses; case folding against a table made here;
 * white space against strspn and strcspn.
 */
#include "core/bytes/ascii.h"
#include "harnesses/harness.h"

static void check_decimal(const uint8_t *data, size_t size, uint64_t max)
{
    unsigned __int128 value = 0;
    size_t digits = 0;
    struct bj_cursor c;
    uint64_t got;

    while (digits < size && data[digits] >= 48 && data[digits] <= 57) {
        if (value <= (unsigned __int128)max)
            value = value * 10 + (data[digits] - 48);
        digits++;
    }
    bj_cursor_init(&c, data, size);
    got = bj_ascii_read_dec(&c, max);
    if (digits == 0)
        BJ_CHECK(c.status == BJ_BAD && got == 0, "no-digit");
    else if (value > max)
        BJ_CHECK(c.status == BJ_LIMIT && got == 0, "over-max");
    else
        BJ_CHECK(bj_cursor_ok(&c) && got == (uint64_t)value && c.pos == digits,
                 "value");
}

static void check_fold(const uint8_t *data, size_t size)
{
    size_t half = size / 2;
    bool same = true;

    for (size_t i = 0; i < half; i++) {
        uint8_t a = data[i];
        uint8_t b = data[half + i];
        bool letter = (a | 32) >= 97 && (a | 32) <= 122;

        if (a != b && !(letter && (a ^ b) == 32))
            same = false;
    }
    BJ_CHECK(bj_ascii_equal_nocase(data, half, data + half, half) == same,
             "fold");
    BJ_CHECK(!bj_ascii_equal_nocase(data, half, data, half + 1), "length");
}

/* Against strspn and strcspn over what the C locale calls white. */
static void check_space(const uint8_t *data, size_t size)
{
    static const char white[] = " \t\n\v\f\r";
    char *text = malloc(size + 1);
    struct bj_cursor c;
    size_t run;

    if (text == NULL)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    run = strcspn(text, white);
    bj_cursor_init(&c, data, size);
    /* strcspn stops at a NUL, which is no white space. */
    BJ_CHECK(bj_ascii_until_space(&c) >= run, "until-space");
    BJ_CHECK(text[run] == '\0' || bj_ascii_until_space(&c) == run,
             "until-space-exact");
    bj_ascii_skip_space(&c);
    BJ_CHECK(c.pos == strspn(text, white), "skip-space");
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t bits = bj_take_tail(data, &size) % 65;
    uint64_t max = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;

    check_decimal(data, size, max);
    if (size > 0)
        check_fold(data, size);
    check_space(data, size);
    return 0;
}
