#include "core/records/lists.h"

#include <stdbool.h>

#include "core/dns/name.h"
#include "core/dns/types.h"

/* RFC 4034 section 4.1.2: octets of one window's bitmap. */
enum { WINDOW_OCTETS_MAX = 32 };

/* RFC 9460 section 14.3.2, RFC 9461, RFC 9540. */
enum {
    KEY_MANDATORY = 0,
    KEY_ALPN = 1,
    KEY_NO_DEFAULT_ALPN = 2,
};

struct item_rule {
    uint16_t code;
    enum bj_item_kind kind;
    const char *name;
    const char *clause;
};

static const struct item_rule params[] = {
    {KEY_MANDATORY, BJ_ITEM_KEYS, "mandatory", "RFC 9460 section 8"},
    {KEY_ALPN, BJ_ITEM_IDS, "alpn", "RFC 9460 section 7.1.1"},
    {KEY_NO_DEFAULT_ALPN, BJ_ITEM_EMPTY, "no-default-alpn",
     "RFC 9460 section 7.1.1"},
    {3, BJ_ITEM_U16, "port", "RFC 9460 section 7.2"},
    {4, BJ_ITEM_IP4S, "ipv4hint", "RFC 9460 section 7.3"},
    {5, BJ_ITEM_BASE64, "ech", "RFC 9460 section 14.3.2"},
    {6, BJ_ITEM_IP6S, "ipv6hint", "RFC 9460 section 7.3"},
    {7, BJ_ITEM_TEXT, "dohpath", "RFC 9461 section 5"},
    {8, BJ_ITEM_EMPTY, "ohttp", "RFC 9540 section 4"},
};

static const struct item_rule options[] = {
    {BJ_OPTION_NSID, BJ_ITEM_OPAQUE, "NSID", "RFC 5001 section 2.3"},
    {BJ_OPTION_DAU, BJ_ITEM_U8S, "DAU", "RFC 6975 section 3"},
    {BJ_OPTION_DHU, BJ_ITEM_U8S, "DHU", "RFC 6975 section 3"},
    {BJ_OPTION_N3U, BJ_ITEM_U8S, "N3U", "RFC 6975 section 3"},
    {BJ_OPTION_ECS, BJ_ITEM_SUBNET, "CLIENT-SUBNET", "RFC 7871 section 6"},
    {BJ_OPTION_EXPIRE, BJ_ITEM_U32_ANY, "EXPIRE", "RFC 7314 section 2"},
    {BJ_OPTION_COOKIE, BJ_ITEM_COOKIE, "COOKIE", "RFC 7873 section 4"},
    {BJ_OPTION_KEEPALIVE, BJ_ITEM_U16_ANY, "TCP-KEEPALIVE",
     "RFC 7828 section 3.1"},
    {BJ_OPTION_PADDING, BJ_ITEM_OPAQUE, "PADDING", "RFC 7830 section 3"},
    {BJ_OPTION_CHAIN, BJ_ITEM_NAME, "CHAIN", "RFC 7901 section 4"},
    {BJ_OPTION_KEYTAG, BJ_ITEM_U16S, "KEY-TAG", "RFC 8145 section 4.1"},
    {BJ_OPTION_EDE, BJ_ITEM_ERROR, "EDE", "RFC 8914 section 2"},
};

struct bj_cursor bj_list_take(struct bj_cursor *c, size_t n)
{
    struct bj_cursor part = *c;

    bj_cursor_skip(c, n);
    if (!bj_cursor_ok(c))
        bj_cursor_fail(&part, c->status);
    else
        part.len = c->pos;
    return part;
}

void bj_type_list_init(struct bj_type_list *list, struct bj_cursor blocks)
{
    list->blocks = blocks;
    bj_cursor_init(&list->bits, NULL, 0);
    list->window = -1;
    list->octet = 0;
    list->next = 0;
    list->at = blocks.pos;
    list->status = BJ_OK;
}

/* RFC 4034 section 4.1.2: windows in increasing order; trailing octets of
 * zero, and so whole windows of them, must be left out. */
static bool window_is_good(const struct bj_type_list *list, int window,
                           size_t octets)
{
    struct bj_cursor end = list->bits;

    if (!bj_cursor_ok(&list->blocks) || window <= list->window || octets < 1 ||
        octets > WINDOW_OCTETS_MAX)
        return false;
    bj_cursor_skip(&end, octets - 1);
    return bj_cursor_u8(&end) != 0;
}

static enum bj_status next_window(struct bj_type_list *list)
{
    int window;
    size_t octets;

    list->at = list->blocks.pos;
    if (bj_cursor_left(&list->blocks) == 0)
        return BJ_NONE;
    window = bj_cursor_u8(&list->blocks);
    octets = bj_cursor_u8(&list->blocks);
    list->bits = bj_list_take(&list->blocks, octets);
    if (!window_is_good(list, window, octets))
        return BJ_BAD;
    list->window = window;
    list->next = (unsigned)window * 256U;
    list->octet = bj_cursor_u8(&list->bits);
    return BJ_OK;
}

enum bj_status bj_type_list_next(struct bj_type_list *list, uint16_t *type)
{
    unsigned bit = 0;

    *type = 0;
    /* Ends: each turn consumes an octet of a window or a window's head. */
    while (list->octet == 0 && list->status == BJ_OK) {
        if (list->window >= 0 && bj_cursor_left(&list->bits) > 0) {
            list->octet = bj_cursor_u8(&list->bits);
            list->next += 8;
        } else {
            list->status = next_window(list);
        }
    }
    if (list->status != BJ_OK)
        return list->status;
    /* Ends: the octet has a bit that is set. */
    while ((list->octet & (0x80U >> bit)) == 0)
        bit += 1;
    list->octet &= ~(0x80U >> bit);
    *type = (uint16_t)(list->next + bit);
    return BJ_OK;
}

/* The row of a code; one without name or rule for others. */
static void find_rule(const struct item_rule *rows, size_t count,
                      const char *clause, struct bj_item *item)
{
    item->kind = BJ_ITEM_OPAQUE;
    item->name = NULL;
    item->clause = clause;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].code == item->code) {
            item->kind = rows[i].kind;
            item->name = rows[i].name;
            item->clause = rows[i].clause;
        }
    }
}

/*
 * RFC 7871 section 6: the address is cut to the octets that its prefix
 * needs, and bits behind the prefix are zero.
 */
static bool subnet_is_good(struct bj_cursor c)
{
    unsigned family = bj_cursor_u16(&c);
    unsigned source = bj_cursor_u8(&c);
    unsigned scope = bj_cursor_u8(&c);
    unsigned width = family == 1 ? 32 : 128;
    size_t octets = (source + 7U) / 8U;
    unsigned last;

    if (!bj_cursor_ok(&c))
        return false;
    if (family == 0) /* a query may decline: both zero, nothing follows */
        return source == 0 && bj_cursor_left(&c) == 0;
    if (family > 2 || source > width || scope > width ||
        bj_cursor_left(&c) != octets)
        return false;
    if (source % 8U == 0)
        return true;
    bj_cursor_skip(&c, octets - 1);
    last = bj_cursor_u8(&c);
    return last % (1U << (8U - source % 8U)) == 0;
}

/* RFC 9460 section 8: ascending, one at least, and not itself. */
static bool keys_are_good(struct bj_cursor c)
{
    unsigned last = KEY_MANDATORY;

    if (bj_cursor_left(&c) == 0)
        return false;
    /* Ends: each turn consumes two octets. */
    while (bj_cursor_left(&c) > 0) {
        unsigned key = bj_cursor_u16(&c);

        if (key <= last)
            return false;
        last = key;
    }
    return bj_cursor_ok(&c);
}

static bool ids_are_good(struct bj_cursor c)
{
    if (bj_cursor_left(&c) == 0)
        return false;
    /* Ends: each turn consumes the length octet at least. */
    while (bj_cursor_left(&c) > 0) {
        unsigned len = bj_cursor_u8(&c);

        if (len == 0)
            return false;
        bj_cursor_skip(&c, len);
    }
    return bj_cursor_ok(&c);
}

static bool name_is_good(struct bj_cursor c)
{
    struct bj_name name;

    return bj_name_read_plain(&c, &name, NULL) == BJ_OK &&
           bj_cursor_end(&c) == BJ_OK;
}

static bool value_is_good(const struct bj_item *item)
{
    size_t len = bj_cursor_left(&item->value);

    switch (item->kind) {
    case BJ_ITEM_OPAQUE:
    case BJ_ITEM_U8S:
    case BJ_ITEM_TEXT:
        return true;
    case BJ_ITEM_EMPTY:
        return len == 0;
    case BJ_ITEM_U16:
        return len == 2;
    case BJ_ITEM_U16_ANY:
        return len == 0 || len == 2;
    case BJ_ITEM_U32_ANY:
        return len == 0 || len == 4;
    case BJ_ITEM_U16S:
        return len > 0 && len % 2 == 0;
    case BJ_ITEM_IP4S:
        return len > 0 && len % 4 == 0;
    case BJ_ITEM_IP6S:
        return len > 0 && len % 16 == 0;
    case BJ_ITEM_BASE64:
        return len > 0;
    case BJ_ITEM_COOKIE:
        return len == 8 || (len >= 16 && len <= 40);
    case BJ_ITEM_ERROR:
        return len >= 2;
    case BJ_ITEM_KEYS:
        return keys_are_good(item->value);
    case BJ_ITEM_IDS:
        return ids_are_good(item->value);
    case BJ_ITEM_SUBNET:
        return subnet_is_good(item->value);
    case BJ_ITEM_NAME:
        return name_is_good(item->value);
    }
    return false;
}

/* Code, length, value: both lists are made of these. */
static void read_item(struct bj_cursor *c, struct bj_item *item)
{
    size_t len;

    item->code = bj_cursor_u16(c);
    len = bj_cursor_u16(c);
    item->value = bj_list_take(c, len);
}

/* What both lists do first. BJ_OK: there is an item, though it may pass the
 * end, as `c` then says. Else *status, which is BJ_NONE behind the last. */
static enum bj_status next_item(struct bj_cursor *c, enum bj_status *status,
                                size_t *at, struct bj_item *item)
{
    if (*status != BJ_OK)
        return *status;
    *at = c->pos;
    if (bj_cursor_left(c) == 0)
        *status = BJ_NONE;
    else
        read_item(c, item);
    return *status;
}

void bj_option_list_init(struct bj_option_list *list, struct bj_cursor c)
{
    list->c = c;
    list->at = c.pos;
    list->passes_end = false;
    list->status = BJ_OK;
}

enum bj_status bj_option_list_next(struct bj_option_list *list,
                                   struct bj_item *item)
{
    *item = (struct bj_item){.clause = "RFC 6891 section 6.1.2"};
    if (next_item(&list->c, &list->status, &list->at, item) != BJ_OK)
        return list->status;
    list->passes_end = !bj_cursor_ok(&list->c);
    if (!list->passes_end)
        find_rule(options, sizeof(options) / sizeof(options[0]), item->clause,
                  item);
    if (list->passes_end || !value_is_good(item))
        list->status = BJ_BAD;
    return list->status;
}

void bj_param_list_init(struct bj_param_list *list, struct bj_cursor c)
{
    list->c = c;
    list->whole = c;
    list->last = -1;
    list->at = c.pos;
    list->status = BJ_OK;
}

/* Whether `key` stands in `c`, as far as its keys ascend: moves behind it, so
 * that ascending keys are looked for in one pass. */
static bool find_key(struct bj_cursor *c, unsigned key)
{
    struct bj_item item = {.code = 0};

    /* Ends: each turn consumes four octets at least. */
    while (bj_cursor_left(c) > 0) {
        read_item(c, &item);
        if (bj_cursor_ok(c) && item.code >= key)
            return item.code == key;
    }
    return false;
}

/* RFC 9460 sections 8 and 7.1.1: what a parameter demands of others. */
static bool companions_are_there(const struct bj_param_list *list,
                                 const struct bj_item *item)
{
    struct bj_cursor whole = list->whole;
    struct bj_cursor keys = item->value;

    if (item->code == KEY_NO_DEFAULT_ALPN)
        return find_key(&whole, KEY_ALPN);
    if (item->code != KEY_MANDATORY)
        return true;
    /* Ends: each turn consumes two octets. */
    while (bj_cursor_left(&keys) > 0)
        if (!find_key(&whole, bj_cursor_u16(&keys)))
            return false;
    return true;
}

enum bj_status bj_param_list_next(struct bj_param_list *list,
                                  struct bj_item *item)
{
    *item = (struct bj_item){.clause = "RFC 9460 section 2.2"};
    if (next_item(&list->c, &list->status, &list->at, item) != BJ_OK)
        return list->status;
    if (!bj_cursor_ok(&list->c) || (int)item->code <= list->last) {
        list->status = BJ_BAD;
        return BJ_BAD;
    }
    list->last = item->code;
    find_rule(params, sizeof(params) / sizeof(params[0]), item->clause, item);
    if (!value_is_good(item) || !companions_are_there(list, item))
        list->status = BJ_BAD;
    return list->status;
}

const char *bj_param_text(uint16_t key)
{
    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++)
        if (params[i].code == key)
            return params[i].name;
    return NULL;
}
