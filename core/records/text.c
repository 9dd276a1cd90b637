#include "core/records/text.h"

#include <stddef.h>

#include "core/addr/ip4.h"
#include "core/addr/ip6.h"
#include "core/bytes/encode.h"
#include "core/records/layout.h"

/* The octets of a cursor in one of bytes/encode's forms. */
static void base16(struct bj_writer *w, struct bj_cursor c)
{
    size_t n = bj_cursor_left(&c);

    bj_encode_base16(w, bj_cursor_bytes(&c, n), n);
}

static void base64(struct bj_writer *w, struct bj_cursor c)
{
    size_t n = bj_cursor_left(&c);

    bj_encode_base64(w, bj_cursor_bytes(&c, n), n);
}

static void escaped(struct bj_writer *w, struct bj_cursor c)
{
    size_t n = bj_cursor_left(&c);

    bj_encode_escaped(w, bj_cursor_bytes(&c, n), n);
}

static void quoted(struct bj_writer *w, struct bj_cursor c)
{
    bj_writer_char(w, '"');
    escaped(w, c);
    bj_writer_char(w, '"');
}

/* A mnemonic, or `prefix` and the number (RFC 3597 section 5). */
static void mnemonic(struct bj_writer *w, const char *text, const char *prefix,
                     unsigned number)
{
    bj_writer_text(w, text != NULL ? text : prefix);
    if (text == NULL)
        bj_writer_dec(w, number);
}

void bj_text_type(struct bj_writer *w, unsigned type)
{
    mnemonic(w, bj_type_text(type), "TYPE", type);
}

void bj_text_class(struct bj_writer *w, unsigned class_number)
{
    mnemonic(w, bj_class_text(class_number), "CLASS", class_number);
}

void bj_text_rcode(struct bj_writer *w, unsigned rcode)
{
    mnemonic(w, bj_rcode_text(rcode), "RCODE", rcode);
}

void bj_text_opcode(struct bj_writer *w, unsigned opcode)
{
    mnemonic(w, bj_opcode_text(opcode), "OPCODE", opcode);
}

/* At least `digits` decimal digits, at most 9. */
static void padded(struct bj_writer *w, uint32_t value, unsigned digits)
{
    uint32_t power = 1;

    for (unsigned i = 1; i < digits; i++)
        power *= 10U;
    for (; power > 1 && value < power; power /= 10U)
        bj_writer_char(w, '0');
    bj_writer_dec(w, value);
}

/*
 * The Gregorian calendar repeats after 400 years of 146097 days. Counted
 * from the first of March 1600 leap days come last, in a year, in four and
 * in four hundred, so that division finds year and month.
 */
void bj_text_time(struct bj_writer *w, uint32_t seconds)
{
    uint32_t days = seconds / 86400U + 135080U; /* since 1600-03-01 */
    uint32_t era = days / 146097U;              /* 400 years */
    uint32_t day = days % 146097U;
    uint32_t year = (day - day / 1460U + day / 36524U - day / 146096U) / 365U;
    uint32_t of_year = day - (365U * year + year / 4U - year / 100U);
    uint32_t month = (5U * of_year + 2U) / 153U; /* from March */
    uint32_t rest = seconds % 86400U;

    year += era * 400U + 1600U + (month >= 10 ? 1U : 0U);
    padded(w, year, 4);
    padded(w, month < 10 ? month + 3U : month - 9U, 2);
    padded(w, of_year - (153U * month + 2U) / 5U + 1U, 2);
    padded(w, rest / 3600U, 2);
    padded(w, rest / 60U % 60U, 2);
    padded(w, rest % 60U, 2);
}

static void eui(struct bj_writer *w, struct bj_cursor c)
{
    /* Ends: each turn consumes an octet. */
    while (bj_cursor_left(&c) > 0) {
        bj_writer_hex(w, bj_cursor_u8(&c), 2);
        if (bj_cursor_left(&c) > 0)
            bj_writer_char(w, '-');
    }
}

static void strings(struct bj_writer *w, struct bj_cursor c)
{
    struct bj_cursor one;
    const char *between = "";

    /* Ends: each turn consumes a length octet at least. */
    while (bj_fields_string(&c, &one) == BJ_OK) {
        bj_writer_text(w, between);
        quoted(w, one);
        between = " ";
    }
}

static void types(struct bj_writer *w, struct bj_cursor c)
{
    struct bj_type_list list;
    const char *between = "";
    uint16_t type;

    bj_type_list_init(&list, c);
    /* Ends: each turn gives another of 65536 types. */
    while (bj_type_list_next(&list, &type) == BJ_OK) {
        bj_writer_text(w, between);
        bj_text_type(w, type);
        between = " ";
    }
}

/* RFC 1876 section 3: degrees, minutes, seconds with thousandths. */
static void angle(struct bj_writer *w, uint32_t raw, const char *signs)
{
    bool above = raw >= UINT32_C(2147483648);
    uint32_t value =
        above ? raw - UINT32_C(2147483648) : UINT32_C(2147483648) - raw;

    bj_writer_dec(w, value / 3600000U);
    bj_writer_char(w, ' ');
    bj_writer_dec(w, value / 60000U % 60U);
    bj_writer_char(w, ' ');
    bj_writer_dec(w, value / 1000U % 60U);
    bj_writer_char(w, '.');
    padded(w, value % 1000U, 3);
    bj_writer_char(w, ' ');
    bj_writer_char(w, above ? signs[0] : signs[1]);
    bj_writer_char(w, ' ');
}

static void metres(struct bj_writer *w, uint64_t centimetres)
{
    bj_writer_dec(w, centimetres / 100U);
    bj_writer_char(w, '.');
    padded(w, (uint32_t)(centimetres % 100U), 2);
    bj_writer_char(w, 'm');
}

static void power(struct bj_writer *w, unsigned octet)
{
    uint64_t value = octet / 16U;

    /* Ends: at most 15 turns. */
    for (unsigned i = 0; i < octet % 16U; i++)
        value *= 10U;
    bj_writer_char(w, ' ');
    metres(w, value);
}

static void loc(struct bj_writer *w, struct bj_cursor c)
{
    const uint32_t base = 10000000; /* 100 km below the reference spheroid */
    unsigned size, horizontal, vertical;
    uint32_t altitude;

    bj_cursor_skip(&c, 1);
    size = bj_cursor_u8(&c);
    horizontal = bj_cursor_u8(&c);
    vertical = bj_cursor_u8(&c);
    angle(w, bj_cursor_u32(&c), "NS");
    angle(w, bj_cursor_u32(&c), "EW");
    altitude = bj_cursor_u32(&c);
    if (altitude < base)
        bj_writer_char(w, '-');
    metres(w, altitude < base ? base - altitude : altitude - base);
    power(w, size);
    power(w, horizontal);
    power(w, vertical);
}

static void unknown(struct bj_writer *w, struct bj_cursor c)
{
    bj_writer_text(w, "\\# ");
    bj_writer_dec(w, bj_cursor_left(&c));
    if (bj_cursor_left(&c) > 0)
        bj_writer_char(w, ' ');
    base16(w, c);
}

/* A length, and the octets if there are any: RFC 8945 names no text form,
 * this is BIND's. */
static void block(struct bj_writer *w, struct bj_cursor c)
{
    bj_writer_dec(w, bj_cursor_left(&c));
    if (bj_cursor_left(&c) > 0)
        bj_writer_char(w, ' ');
    base64(w, c);
}

static void ip4s(struct bj_writer *w, struct bj_cursor c)
{
    uint8_t octets[4];

    /* Ends: each turn consumes four octets. */
    while (bj_cursor_left(&c) > 0) {
        bj_cursor_copy(&c, octets, sizeof(octets));
        bj_ip4_write(w, octets);
        if (bj_cursor_left(&c) > 0)
            bj_writer_char(w, ',');
    }
}

static void ip6s(struct bj_writer *w, struct bj_cursor c)
{
    uint8_t octets[16];

    /* Ends: each turn consumes 16 octets. */
    while (bj_cursor_left(&c) > 0) {
        bj_cursor_copy(&c, octets, sizeof(octets));
        bj_ip6_write(w, octets);
        if (bj_cursor_left(&c) > 0)
            bj_writer_char(w, ',');
    }
}

static void param_key(struct bj_writer *w, uint16_t key)
{
    const char *text = bj_param_text(key);

    mnemonic(w, text, "key", key);
}

static void keys(struct bj_writer *w, struct bj_cursor c)
{
    /* Ends: each turn consumes two octets. */
    while (bj_cursor_left(&c) > 0) {
        param_key(w, bj_cursor_u16(&c));
        if (bj_cursor_left(&c) > 0)
            bj_writer_char(w, ',');
    }
}

/* RFC 9460 appendix A.1: commas and backslashes of an item are escaped for
 * the list, and the backslash that does it again for the string. */
static void list_octets(struct bj_writer *w, struct bj_cursor one)
{
    /* Ends: each turn consumes an octet. */
    while (bj_cursor_left(&one) > 0) {
        struct bj_cursor octet;

        if (bj_cursor_peek(&one) == ',' || bj_cursor_peek(&one) == '\\')
            bj_writer_text(w, "\\\\");
        octet = bj_list_take(&one, 1);
        escaped(w, octet);
    }
}

static void ids(struct bj_writer *w, struct bj_cursor c)
{
    struct bj_cursor one;

    bj_writer_char(w, '"');
    /* Ends: each turn consumes a length octet at least. */
    while (bj_fields_string(&c, &one) == BJ_OK) {
        list_octets(w, one);
        if (bj_cursor_left(&c) > 0)
            bj_writer_char(w, ',');
    }
    bj_writer_char(w, '"');
}

static void numbers(struct bj_writer *w, struct bj_cursor c, bool wide)
{
    /* Ends: each turn consumes one octet or two. */
    while (bj_cursor_left(&c) > 0) {
        bj_writer_dec(w, wide ? bj_cursor_u16(&c) : bj_cursor_u8(&c));
        if (bj_cursor_left(&c) > 0)
            bj_writer_char(w, ' ');
    }
}

static void subnet(struct bj_writer *w, struct bj_cursor c)
{
    uint8_t octets[16] = {0};
    unsigned family = bj_cursor_u16(&c);
    unsigned source = bj_cursor_u8(&c);
    unsigned scope = bj_cursor_u8(&c);
    size_t n = bj_cursor_left(&c);

    if (n <= sizeof(octets))
        bj_cursor_copy(&c, octets, n);
    if (family == 1)
        bj_ip4_write(w, octets);
    else if (family == 2)
        bj_ip6_write(w, octets);
    else
        bj_writer_char(w, '0');
    bj_writer_char(w, '/');
    bj_writer_dec(w, source);
    bj_writer_char(w, '/');
    bj_writer_dec(w, scope);
}

const char *bj_text_error(unsigned code)
{
    static const char *const texts[] = {
        "Other Error",
        "Unsupported DNSKEY Algorithm",
        "Unsupported DS Digest Type",
        "Stale Answer",
        "Forged Answer",
        "DNSSEC Indeterminate",
        "DNSSEC Bogus",
        "Signature Expired",
        "Signature Not Yet Valid",
        "DNSKEY Missing",
        "RRSIGs Missing",
        "No Zone Key Bit Set",
        "NSEC Missing",
        "Cached Error",
        "Not Ready",
        "Blocked",
        "Censored",
        "Filtered",
        "Prohibited",
        "Stale NXDomain Answer",
        "Not Authoritative",
        "Not Supported",
        "No Reachable Authority",
        "Network Error",
        "Invalid Data",
    };

    return code < sizeof(texts) / sizeof(texts[0]) ? texts[code] : NULL;
}

static void extended_error(struct bj_writer *w, struct bj_cursor c)
{
    unsigned code = bj_cursor_u16(&c);

    bj_writer_dec(w, code);
    if (bj_text_error(code) != NULL) {
        bj_writer_text(w, " (");
        bj_writer_text(w, bj_text_error(code));
        bj_writer_char(w, ')');
    }
    if (bj_cursor_left(&c) > 0) {
        bj_writer_text(w, ": ");
        quoted(w, c);
    }
}

static void plain_name(struct bj_writer *w, struct bj_cursor c)
{
    struct bj_name name;

    if (bj_name_read_plain(&c, &name, NULL) == BJ_OK)
        bj_name_format(w, &name);
    else
        bj_writer_fail(w, BJ_BAD);
}

/* Values that both kinds of item may have; false for the others. */
static bool common_item(struct bj_writer *w, const struct bj_item *item)
{
    struct bj_cursor c = item->value;

    switch (item->kind) {
    case BJ_ITEM_EMPTY:
        return true;
    case BJ_ITEM_U16:
    case BJ_ITEM_U16_ANY:
    case BJ_ITEM_U16S:
        numbers(w, c, true);
        return true;
    case BJ_ITEM_U8S:
        numbers(w, c, false);
        return true;
    case BJ_ITEM_BASE64:
        base64(w, c);
        return true;
    case BJ_ITEM_TEXT:
        quoted(w, c);
        return true;
    default:
        return false;
    }
}

void bj_text_param(struct bj_writer *w, const struct bj_item *item)
{
    if (common_item(w, item))
        return;
    switch (item->kind) {
    case BJ_ITEM_KEYS:
        keys(w, item->value);
        break;
    case BJ_ITEM_IDS:
        ids(w, item->value);
        break;
    case BJ_ITEM_IP4S:
        ip4s(w, item->value);
        break;
    case BJ_ITEM_IP6S:
        ip6s(w, item->value);
        break;
    default:
        quoted(w, item->value);
    }
}

void bj_text_option(struct bj_writer *w, const struct bj_item *item)
{
    struct bj_cursor c = item->value;

    if (common_item(w, item))
        return;
    switch (item->kind) {
    case BJ_ITEM_U32_ANY:
        if (bj_cursor_left(&c) > 0)
            bj_writer_dec(w, bj_cursor_u32(&c));
        break;
    case BJ_ITEM_SUBNET:
        subnet(w, c);
        break;
    case BJ_ITEM_COOKIE:
        base16(w, c);
        break;
    case BJ_ITEM_ERROR:
        extended_error(w, c);
        break;
    case BJ_ITEM_NAME:
        plain_name(w, c);
        break;
    default:
        base16(w, c);
        if (bj_cursor_left(&c) == 0 || item->code == BJ_OPTION_PADDING)
            break;
        bj_writer_text(w, " (");
        quoted(w, c);
        bj_writer_char(w, ')');
    }
}

static void params(struct bj_writer *w, struct bj_cursor c)
{
    struct bj_param_list list;
    struct bj_item item;
    const char *between = "";

    bj_param_list_init(&list, c);
    /* Ends: each turn consumes four octets at least. */
    while (bj_param_list_next(&list, &item) == BJ_OK) {
        bj_writer_text(w, between);
        param_key(w, item.code);
        if (bj_cursor_left(&item.value) > 0) {
            bj_writer_char(w, '=');
            bj_text_param(w, &item);
        }
        between = " ";
    }
}

static void address(struct bj_writer *w, const struct bj_field *field)
{
    struct bj_cursor c = field->octets;

    if (field->kind == BJ_FIELD_IP4)
        ip4s(w, c);
    else
        ip6s(w, c);
}

static void counted(struct bj_writer *w, const struct bj_field *field)
{
    struct bj_cursor c = field->octets;
    size_t n = bj_cursor_left(&c);

    if (field->kind == BJ_FIELD_HASH)
        bj_encode_base32hex(w, bj_cursor_bytes(&c, n), n);
    else if (n == 0)
        bj_writer_char(w, '-'); /* RFC 5155 section 3.3: no salt */
    else
        base16(w, c);
}

static void number(struct bj_writer *w, const struct bj_field *field)
{
    unsigned value = (unsigned)field->number;

    switch (field->kind) {
    case BJ_FIELD_TYPE:
        bj_text_type(w, value);
        break;
    case BJ_FIELD_TIME:
        bj_text_time(w, (uint32_t)field->number);
        break;
    case BJ_FIELD_RCODE:
        /* In TSIG and TKEY 16 means something else: RFC 8945 section 3. */
        if (value == BJ_RCODE_BADVERS)
            bj_writer_text(w, "BADSIG");
        else
            bj_text_rcode(w, value);
        break;
    default:
        bj_writer_dec(w, field->number);
    }
}

void bj_text_field(struct bj_writer *w, const struct bj_field *field)
{
    switch (field->kind) {
    case BJ_FIELD_U8:
    case BJ_FIELD_U16:
    case BJ_FIELD_U32:
    case BJ_FIELD_U48:
    case BJ_FIELD_TYPE:
    case BJ_FIELD_RCODE:
    case BJ_FIELD_TIME:
        number(w, field);
        break;
    case BJ_FIELD_NAME:
    case BJ_FIELD_PLAIN:
        bj_name_format(w, &field->name);
        break;
    case BJ_FIELD_IP4:
    case BJ_FIELD_IP6:
        address(w, field);
        break;
    case BJ_FIELD_EUI:
        eui(w, field->octets);
        break;
    case BJ_FIELD_STRING:
    case BJ_FIELD_TEXT:
        quoted(w, field->octets);
        break;
    case BJ_FIELD_STRINGS:
        strings(w, field->octets);
        break;
    case BJ_FIELD_TAG:
        escaped(w, field->octets);
        break;
    case BJ_FIELD_BASE16:
        base16(w, field->octets);
        break;
    case BJ_FIELD_BASE64:
        base64(w, field->octets);
        break;
    case BJ_FIELD_BLOCK:
        block(w, field->octets);
        break;
    case BJ_FIELD_SALT:
    case BJ_FIELD_HASH:
        counted(w, field);
        break;
    case BJ_FIELD_TYPES:
        types(w, field->octets);
        break;
    case BJ_FIELD_PARAMS:
        params(w, field->octets);
        break;
    case BJ_FIELD_LOC:
        loc(w, field->octets);
        break;
    case BJ_FIELD_OPTIONS:
    case BJ_FIELD_UNKNOWN:
        unknown(w, field->octets);
        break;
    case BJ_FIELD_END:
        break;
    }
}

/* Whether it is written at all: lists and keys of no octets take no blank
 * either. */
static bool is_shown(const struct bj_field *field)
{
    return (field->kind != BJ_FIELD_TYPES && field->kind != BJ_FIELD_PARAMS &&
            field->kind != BJ_FIELD_BASE64) ||
           bj_cursor_left(&field->octets) > 0;
}

void bj_text_rdata(struct bj_writer *w, struct bj_message *m,
                   const struct bj_record *record)
{
    struct bj_fields fields;
    struct bj_field field;
    enum bj_status status;
    const char *between = "";

    bj_fields_init(&fields, m, record);
    /* Ends: a layout has at most BJ_LAYOUT_FIELDS_MAX fields. */
    while ((status = bj_fields_next(&fields, &field)) == BJ_OK) {
        if (!is_shown(&field))
            continue;
        bj_writer_text(w, between);
        bj_text_field(w, &field);
        between = " ";
    }
    if (status != BJ_NONE)
        bj_writer_fail(w, BJ_BAD);
    else if (fields.index == 0)
        bj_writer_text(w, "\\# 0");
}

static void owner(struct bj_writer *w, struct bj_message *m, size_t at)
{
    struct bj_cursor c = bj_message_cursor(m, at);
    struct bj_name name;

    if (bj_name_read(&c, &name, &m->fault) == BJ_OK)
        bj_name_format(w, &name);
    else
        bj_writer_fail(w, BJ_BAD);
}

void bj_text_record(struct bj_writer *w, struct bj_message *m,
                    const struct bj_record *record)
{
    owner(w, m, record->name_at);
    bj_writer_char(w, '\t');
    bj_writer_dec(w, record->ttl);
    bj_writer_char(w, '\t');
    bj_text_class(w, record->class_number);
    bj_writer_char(w, '\t');
    bj_text_type(w, record->type);
    bj_writer_char(w, '\t');
    bj_text_rdata(w, m, record);
    bj_writer_char(w, '\n');
}

void bj_text_question(struct bj_writer *w, struct bj_message *m,
                      const struct bj_question *question)
{
    bj_writer_char(w, ';');
    owner(w, m, question->name_at);
    bj_writer_char(w, '\t');
    bj_text_class(w, question->class_number);
    bj_writer_char(w, '\t');
    bj_text_type(w, question->type);
    bj_writer_char(w, '\n');
}

static void opt_head(struct bj_writer *w, const struct bj_record *record)
{
    uint32_t flags = record->ttl % 65536U;

    bj_writer_text(w, "; EDNS: version: ");
    bj_writer_dec(w, record->ttl / 65536U % 256U);
    bj_writer_text(w, ", flags:");
    if (flags >= 0x8000U)
        bj_writer_text(w, " do");
    if (flags % 0x8000U != 0) { /* RFC 6891 section 6.1.4: to be zero */
        bj_writer_text(w, " z=0x");
        bj_writer_hex(w, flags % 0x8000U, 4);
    }
    bj_writer_text(w, "; udp: ");
    bj_writer_dec(w, record->class_number);
    bj_writer_char(w, '\n');
}

void bj_text_opt(struct bj_writer *w, struct bj_message *m,
                 const struct bj_record *record)
{
    struct bj_option_list list;
    struct bj_item item;
    enum bj_status status;

    opt_head(w, record);
    bj_option_list_init(&list, bj_message_rdata(m, record));
    /* Ends: each turn consumes four octets at least. */
    while ((status = bj_option_list_next(&list, &item)) == BJ_OK) {
        bj_writer_text(w, "; ");
        mnemonic(w, item.name, "OPT=", item.code);
        bj_writer_char(w, ':');
        if (bj_cursor_left(&item.value) > 0)
            bj_writer_char(w, ' ');
        bj_text_option(w, &item);
        bj_writer_char(w, '\n');
    }
    if (status != BJ_NONE)
        bj_writer_fail(w, BJ_BAD);
}
