#include "core/netdb/hostname.h"

#include <stdint.h>

#include "core/bytes/ascii.h"
#include "core/bytes/cursor.h"
#include "core/bytes/limits.h"

/* Without its final dot; BJ_HOST_TEXT_MAX counts the NUL. */
enum { TEXT_MAX = BJ_HOST_TEXT_MAX - 1 };

static bool is_label_octet(int ch)
{
    return bj_ascii_is_alnum(ch) || ch == '-' || ch == '_';
}

/* The length of the run of label octets, which is consumed. */
static size_t read_label(struct bj_cursor *c)
{
    size_t start = c->pos;

    while (is_label_octet(bj_cursor_peek(c)))
        bj_cursor_skip(c, 1);
    return c->pos - start;
}

bool bj_hostname_valid(const char *text, size_t len)
{
    struct bj_cursor c;

    bj_cursor_init(&c, (const uint8_t *)text, len);
    if (bj_cursor_peek(&c) == '-')
        return false;
    /* Each round consumes at least one octet or returns. */
    for (;;) {
        size_t label_len = read_label(&c);

        if (label_len == 0 || label_len > BJ_LABEL_MAX || c.pos > TEXT_MAX)
            return false;
        if (bj_cursor_left(&c) == 0)
            return true;
        if (bj_cursor_u8(&c) != '.')
            return false;
        if (bj_cursor_left(&c) == 0)
            return true;
    }
}

/* Interface names may hold nearly anything; of those we hand out the ones
 * that a host name could be made of. */
static bool is_zone(struct bj_cursor *c)
{
    size_t len = bj_cursor_left(c);

    if (len == 0 || len > BJ_ZONE_MAX)
        return false;
    while (bj_cursor_left(c) > 0) {
        uint8_t ch = bj_cursor_u8(c);

        if (!bj_ascii_is_alnum(ch) && ch != '-' && ch != '_' && ch != '.')
            return false;
    }
    return true;
}

static bool is_literal(const char *text, size_t len)
{
    struct bj_cursor c;
    size_t colons = 0;

    bj_cursor_init(&c, (const uint8_t *)text, len);
    while (bj_cursor_left(&c) > 0) {
        uint8_t ch = bj_cursor_u8(&c);

        if (ch == '%')
            return colons >= 2 && c.pos <= BJ_IP6_TEXT_MAX && is_zone(&c);
        if (ch == ':')
            colons += 1;
        else if (ch != '.' && bj_ascii_hex_value(ch) < 0)
            return false;
    }
    return colons >= 2 && len < BJ_IP6_TEXT_MAX;
}

bool bj_hostname_presentable(const char *text, size_t len)
{
    return bj_hostname_valid(text, len) || is_literal(text, len);
}
