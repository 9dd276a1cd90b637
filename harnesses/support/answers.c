#include "harnesses/support/answers.h"

#include <string.h>

#include "harnesses/harness.h"

static struct bj_text read_text(struct bj_cursor *c)
{
    size_t len = bj_cursor_u8(c);
    struct bj_text text = {NULL, 0};

    if (len > bj_cursor_left(c))
        len = bj_cursor_left(c);
    text.text = (const char *)bj_cursor_bytes(c, len);
    text.len = text.text == NULL ? 0 : len;
    if (text.text == NULL)
        text.text = "";
    return text;
}

static struct bj_address read_address(struct bj_cursor *c)
{
    uint8_t kind = bj_cursor_u8(c);
    struct bj_address address = {.family = BJ_FAMILY_IP4};

    if ((kind & 1) != 0) {
        address.family = BJ_FAMILY_IP6;
        bj_cursor_copy(c, address.octets, 16);
        if ((kind & 2) != 0)
            address.scope = bj_cursor_u32(c);
    } else {
        bj_cursor_copy(c, address.octets, 4);
    }
    return address;
}

void bj_answer_input_read(struct bj_cursor *c, struct bj_answer_input *in)
{
    size_t n;

    memset(in, 0, sizeof(*in));
    in->answer.canonical = read_text(c);
    n = bj_cursor_u8(c) % (BJ_ANSWER_ALIASES + 1U);
    for (size_t i = 0; i < n; i++)
        in->aliases[i] = read_text(c);
    in->answer.aliases = in->aliases;
    in->answer.alias_count = n;
    n = bj_cursor_u8(c) % (BJ_ANSWER_ADDRESSES + 1U);
    for (size_t i = 0; i < n; i++)
        in->addresses[i] = read_address(c);
    in->answer.addresses = in->addresses;
    in->answer.address_count = n;
    in->answer.ttl = bj_cursor_u32(c);
}

BJ_UNTRACED_BEGIN

static bool all_in(const char *text, size_t len, const char *allowed)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\0' || strchr(allowed, text[i]) == NULL)
            return false;
    return len > 0;
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool naive_host(const char *text, size_t len)
{
    size_t run = 0;

    if (len > 1 && text[len - 1] == '.')
        len -= 1;
    if (len > 253 || !all_in(text, len, DIGITS LETTERS "-_.") || text[0] == '-')
        return false;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != '.') {
            run += 1;
            continue;
        }
        if (run < 1 || run > 63)
            return false;
        run = 0;
    }
    return true;
}

bool bj_naive_presentable(const char *text, size_t len)
{
    const char *zone = len > 0 ? memchr(text, '%', len) : NULL;
    size_t head = zone == NULL ? len : (size_t)(zone - text);
    size_t colons = 0;

    if (naive_host(text, len))
        return true;
    for (size_t i = 0; i < head; i++)
        colons += text[i] == ':';
    if (colons < 2 || head > 45 || !all_in(text, head, DIGITS "abcdefABCDEF:."))
        return false;
    return zone == NULL ||
           (len - head - 1 <= 15 &&
            all_in(zone + 1, len - head - 1, DIGITS LETTERS "-_."));
}

bool bj_inside(const void *p, size_t n, const void *block, size_t len)
{
    uintptr_t at = (uintptr_t)p;
    uintptr_t from = (uintptr_t)block;

    return p != NULL && at >= from && at - from <= len &&
           n <= len - (at - from);
}

BJ_UNTRACED_END
