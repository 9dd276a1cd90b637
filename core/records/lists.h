#ifndef BJ_CORE_RECORDS_LISTS_H
#define BJ_CORE_RECORDS_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"
#include "core/bytes/status.h"

/*
 * The lists in RDATA, an element a call: type bitmaps, EDNS options,
 * SvcParams. Each runs over a cursor that ends where the list does; `at` is
 * that cursor's position of the element looked at last, good or bad, so
 * that over a message it is an offset in the message. BJ_NONE follows the
 * last element, BJ_BAD stays.
 */

/*
 * Types in a bitmap (RFC 4034 section 4.1.2): windows ascend, have 1 to 32
 * octets, and the last octet is not zero. Bits of pseudo-types are given out
 * like others: a consumer must ignore them, a printer shows what is there.
 */
struct bj_type_list {
    struct bj_cursor blocks;
    struct bj_cursor bits; /* of the current window */
    int window;            /* its number, -1 before the first */
    unsigned octet;        /* the current one, bits taken so far cleared */
    unsigned next;         /* type number of its first bit */
    size_t at;
    enum bj_status status;
};

void bj_type_list_init(struct bj_type_list *list, struct bj_cursor blocks);
BJ_MUST_CHECK enum bj_status bj_type_list_next(struct bj_type_list *list,
                                               uint16_t *type);

/* What the value of an option or parameter consists of. */
enum bj_item_kind {
    BJ_ITEM_OPAQUE,  /* any octets */
    BJ_ITEM_EMPTY,   /* none */
    BJ_ITEM_U16,     /* a number */
    BJ_ITEM_U16_ANY, /* a number or nothing */
    BJ_ITEM_U32_ANY,
    BJ_ITEM_U8S,  /* any number of numbers */
    BJ_ITEM_U16S, /* one or more */
    BJ_ITEM_KEYS, /* SvcParam keys, ascending: RFC 9460 section 8 */
    BJ_ITEM_IDS,  /* length-prefixed octets, none empty: section 7.1.1 */
    BJ_ITEM_IP4S, /* one or more: section 7.3 */
    BJ_ITEM_IP6S,
    BJ_ITEM_BASE64, /* one or more octets */
    BJ_ITEM_TEXT,   /* UTF-8, which we do not check */
    BJ_ITEM_SUBNET, /* RFC 7871 section 6 */
    BJ_ITEM_COOKIE, /* RFC 7873 section 4 */
    BJ_ITEM_ERROR,  /* a code and text: RFC 8914 section 2 */
    BJ_ITEM_NAME,   /* uncompressed: RFC 7901 section 4 */
};

struct bj_item {
    uint16_t code;
    enum bj_item_kind kind;
    const char *name;   /* static, NULL for a code we do not know */
    const char *clause; /* where the value is defined */
    struct bj_cursor value;
};

/* EDNS options (RFC 6891 section 6.1.2). The values are checked too, but for
 * one that is `passes_end`, which is the fault if the option does not fit. */
struct bj_option_list {
    struct bj_cursor c;
    size_t at;
    bool passes_end;
    enum bj_status status;
};

void bj_option_list_init(struct bj_option_list *list, struct bj_cursor c);

/* On BJ_BAD item->clause says whose rule was broken. */
BJ_MUST_CHECK enum bj_status bj_option_list_next(struct bj_option_list *list,
                                                 struct bj_item *item);

/* SvcParams (RFC 9460 section 2.2): keys ascend, none stands twice; those
 * that `mandatory` names are there (section 8), and alpn is where
 * no-default-alpn is (section 7.1.1). */
struct bj_param_list {
    struct bj_cursor c;
    struct bj_cursor whole;
    int last; /* key, -1 before the first */
    size_t at;
    enum bj_status status;
};

void bj_param_list_init(struct bj_param_list *list, struct bj_cursor c);
BJ_MUST_CHECK enum bj_status bj_param_list_next(struct bj_param_list *list,
                                                struct bj_item *item);

/* The name of a SvcParam key, or NULL: "key667" is then written. */
const char *bj_param_text(uint16_t key);

/* The next `n` octets of `c` as a cursor of their own that keeps c's base
 * and positions. If fewer are left both fail with BJ_MORE. */
struct bj_cursor bj_list_take(struct bj_cursor *c, size_t n);

#endif
