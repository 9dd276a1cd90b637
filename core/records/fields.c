#include "core/records/fields.h"

#include "core/bytes/ascii.h"
#include "core/records/lists.h"

/* RFC 1876 section 2: octets of version 0, and the greatest latitude and
 * longitude in thousandths of a second of arc. */
enum { LOC_OCTETS = 16 };
#define LOC_EQUATOR UINT32_C(2147483648)
#define LOC_LATITUDE_MAX UINT32_C(324000000)
#define LOC_LONGITUDE_MAX UINT32_C(648000000)

static const struct bj_layout *choose(const struct bj_message *message,
                                      const struct bj_record *record,
                                      struct bj_cursor rdata)
{
    const struct bj_layout *layout = bj_layout_find(record->type);
    bool pseudo = record->class_number == BJ_CLASS_ANY ||
                  record->class_number == BJ_CLASS_NONE;

    if (pseudo && record->rdata_len == 0 &&
        bj_message_opcode(message) == BJ_OPCODE_UPDATE)
        return &bj_layout_empty;
    if (layout->internet && !pseudo && record->class_number != BJ_CLASS_IN)
        return &bj_layout_unknown;
    if (record->type == BJ_TYPE_LOC && bj_cursor_peek(&rdata) > 0)
        return &bj_layout_unknown;
    return layout;
}

void bj_fields_init(struct bj_fields *fields, struct bj_message *message,
                    const struct bj_record *record)
{
    fields->message = message;
    fields->c = bj_message_rdata(message, record);
    fields->layout = choose(message, record, fields->c);
    fields->index = 0;
    fields->clause = fields->layout->clause;
}

static enum bj_fault_kind read_number(struct bj_cursor *c, size_t octets,
                                      struct bj_field *field)
{
    /* Ends: octets are at most six. */
    for (size_t i = 0; i < octets; i++)
        field->number = field->number * 256U + bj_cursor_u8(c);
    return bj_cursor_ok(c) ? BJ_FAULT_NONE : BJ_FAULT_RDATA_SHORT;
}

/* A name's own faults stand as they are, at their own place; one that the
 * end of RDATA cuts is what RDLENGTH is too small for. */
static enum bj_fault_kind read_name(struct bj_fields *fields, bool plain,
                                    struct bj_field *field)
{
    struct bj_fault why = {0};
    enum bj_status status =
        plain ? bj_name_read_plain(&fields->c, &field->name, &why)
              : bj_name_read(&fields->c, &field->name, &why);

    if (status == BJ_OK)
        return BJ_FAULT_NONE;
    if (why.kind == BJ_FAULT_CUT)
        return BJ_FAULT_RDATA_SHORT;
    if (why.kind == BJ_FAULT_POINTER_FORBIDDEN)
        fields->clause = bj_fault_clause(why.kind);
    (void)bj_fault_note(&fields->message->fault, why.kind, why.at);
    return why.kind;
}

static enum bj_fault_kind take(struct bj_cursor *c, size_t octets, size_t min,
                               struct bj_field *field)
{
    if (octets < min)
        return BJ_FAULT_RDATA_SHORT;
    field->octets = bj_list_take(c, octets);
    return bj_cursor_ok(c) ? BJ_FAULT_NONE : BJ_FAULT_RDATA_SHORT;
}

/* RFC 8659 section 4.1: the tag has at least one character, all of them
 * letters and digits. */
static enum bj_fault_kind read_tag(struct bj_cursor *c, struct bj_field *field)
{
    size_t len = bj_cursor_u8(c);
    enum bj_fault_kind fault = take(c, len, 0, field);
    struct bj_cursor tag = field->octets;

    if (fault != BJ_FAULT_NONE)
        return fault;
    /* Ends: each turn consumes an octet. */
    while (bj_ascii_is_alnum(bj_cursor_peek(&tag)))
        bj_cursor_skip(&tag, 1);
    return len > 0 && bj_cursor_end(&tag) == BJ_OK ? BJ_FAULT_NONE
                                                   : BJ_FAULT_RDATA_VALUE;
}

enum bj_status bj_fields_string(struct bj_cursor *octets,
                                struct bj_cursor *string)
{
    size_t len;

    if (bj_cursor_left(octets) == 0)
        return BJ_NONE;
    len = bj_cursor_u8(octets);
    *string = bj_list_take(octets, len);
    return bj_cursor_ok(octets) ? BJ_OK : BJ_BAD;
}

/* RFC 1035 section 3.3.14: one or more. */
static enum bj_fault_kind read_strings(struct bj_cursor *c,
                                       struct bj_field *field)
{
    enum bj_fault_kind fault = take(c, bj_cursor_left(c), 1, field);
    struct bj_cursor all = field->octets;
    struct bj_cursor one;
    enum bj_status status = BJ_OK;

    /* Ends: each turn consumes a length octet at least. */
    while (fault == BJ_FAULT_NONE && status == BJ_OK)
        status = bj_fields_string(&all, &one);
    return status == BJ_BAD ? BJ_FAULT_RDATA_SHORT : fault;
}

/* Notes a fault in a list at its own place. */
static enum bj_fault_kind list_fault(struct bj_fields *fields,
                                     enum bj_fault_kind kind, size_t at,
                                     const char *clause)
{
    if (clause != NULL)
        fields->clause = clause;
    (void)bj_fault_note(&fields->message->fault, kind, at);
    return kind;
}

static enum bj_fault_kind read_types(struct bj_fields *fields,
                                     struct bj_field *field)
{
    struct bj_type_list list;
    uint16_t type;
    enum bj_status status = BJ_OK;

    field->octets = bj_list_take(&fields->c, bj_cursor_left(&fields->c));
    bj_type_list_init(&list, field->octets);
    /* Ends: each turn gives another of 65536 types. */
    while (status == BJ_OK)
        status = bj_type_list_next(&list, &type);
    return status == BJ_NONE ? BJ_FAULT_NONE
                             : list_fault(fields, BJ_FAULT_RDATA_VALUE, list.at,
                                          "RFC 4034 section 4.1.2");
}

static enum bj_fault_kind read_options(struct bj_fields *fields,
                                       struct bj_field *field)
{
    struct bj_option_list list;
    struct bj_item item;
    enum bj_status status = BJ_OK;

    field->octets = bj_list_take(&fields->c, bj_cursor_left(&fields->c));
    bj_option_list_init(&list, field->octets);
    /* Ends: each turn consumes four octets at least. */
    while (status == BJ_OK)
        status = bj_option_list_next(&list, &item);
    return status == BJ_NONE
               ? BJ_FAULT_NONE
               : list_fault(fields,
                            list.passes_end ? BJ_FAULT_OPT_OPTION
                                            : BJ_FAULT_RDATA_VALUE,
                            list.at, item.clause);
}

static enum bj_fault_kind read_params(struct bj_fields *fields,
                                      struct bj_field *field)
{
    struct bj_param_list list;
    struct bj_item item;
    enum bj_status status = BJ_OK;

    field->octets = bj_list_take(&fields->c, bj_cursor_left(&fields->c));
    bj_param_list_init(&list, field->octets);
    /* Ends: each turn consumes four octets at least. */
    while (status == BJ_OK)
        status = bj_param_list_next(&list, &item);
    return status == BJ_NONE
               ? BJ_FAULT_NONE
               : list_fault(fields, BJ_FAULT_RDATA_VALUE, list.at, item.clause);
}

static bool within(uint32_t value, uint32_t most)
{
    return value >= LOC_EQUATOR - most && value <= LOC_EQUATOR + most;
}

/* RFC 1876 section 2: sizes are a digit times a power of ten, each four
 * bits, 0 to 9. */
static bool is_power(unsigned octet)
{
    return octet / 16U <= 9 && octet % 16U <= 9;
}

static enum bj_fault_kind read_loc(struct bj_cursor *c, struct bj_field *field)
{
    enum bj_fault_kind fault = take(c, LOC_OCTETS, 0, field);
    struct bj_cursor loc = field->octets;
    bool good = true;

    bj_cursor_skip(&loc, 1);
    /* Ends: three turns. */
    for (int i = 0; i < 3; i++)
        good = is_power(bj_cursor_u8(&loc)) && good;
    good = within(bj_cursor_u32(&loc), LOC_LATITUDE_MAX) && good;
    good = within(bj_cursor_u32(&loc), LOC_LONGITUDE_MAX) && good;
    if (fault == BJ_FAULT_NONE && !good)
        return BJ_FAULT_RDATA_VALUE;
    return fault;
}

/* RFC 5155 section 3.2: unlike the salt the hash has an octet at least. */
static enum bj_fault_kind read_counted(struct bj_cursor *c, size_t len,
                                       size_t min, struct bj_field *field)
{
    if (bj_cursor_ok(c) && len < min)
        return BJ_FAULT_RDATA_VALUE;
    return take(c, len, 0, field);
}

static enum bj_fault_kind read_field(struct bj_fields *fields,
                                     const struct bj_field_rule *rule,
                                     struct bj_field *field)
{
    struct bj_cursor *c = &fields->c;

    switch (rule->kind) {
    case BJ_FIELD_END:
        return BJ_FAULT_RDATA_LONG;
    case BJ_FIELD_U8:
        return read_number(c, 1, field);
    case BJ_FIELD_U16:
    case BJ_FIELD_TYPE:
    case BJ_FIELD_RCODE:
        return read_number(c, 2, field);
    case BJ_FIELD_U32:
    case BJ_FIELD_TIME:
        return read_number(c, 4, field);
    case BJ_FIELD_U48:
        return read_number(c, 6, field);
    case BJ_FIELD_NAME:
        return read_name(fields, false, field);
    case BJ_FIELD_PLAIN:
        return read_name(fields, true, field);
    case BJ_FIELD_IP4:
        return take(c, 4, 0, field);
    case BJ_FIELD_IP6:
        return take(c, 16, 0, field);
    case BJ_FIELD_EUI:
        return take(c, rule->min, 0, field);
    case BJ_FIELD_STRING:
    case BJ_FIELD_SALT:
        return read_counted(c, bj_cursor_u8(c), 0, field);
    case BJ_FIELD_HASH:
        return read_counted(c, bj_cursor_u8(c), 1, field);
    case BJ_FIELD_BLOCK:
        return read_counted(c, bj_cursor_u16(c), 0, field);
    case BJ_FIELD_STRINGS:
        return read_strings(c, field);
    case BJ_FIELD_TAG:
        return read_tag(c, field);
    case BJ_FIELD_TEXT:
    case BJ_FIELD_BASE16:
    case BJ_FIELD_BASE64:
    case BJ_FIELD_UNKNOWN:
        return take(c, bj_cursor_left(c), rule->min, field);
    case BJ_FIELD_TYPES:
        return read_types(fields, field);
    case BJ_FIELD_OPTIONS:
        return read_options(fields, field);
    case BJ_FIELD_PARAMS:
        return read_params(fields, field);
    case BJ_FIELD_LOC:
        return read_loc(c, field);
    }
    return BJ_FAULT_RDATA_VALUE;
}

enum bj_status bj_fields_next(struct bj_fields *fields, struct bj_field *field)
{
    const struct bj_field_rule *rule = &fields->layout->fields[fields->index];
    size_t at = fields->c.pos;
    enum bj_fault_kind fault;

    *field = (struct bj_field){.kind = rule->kind, .label = rule->name};
    if (!bj_cursor_ok(&fields->c)) {
        *field = (struct bj_field){.kind = BJ_FIELD_END};
        return fields->c.status;
    }
    if (rule->kind == BJ_FIELD_END && bj_cursor_left(&fields->c) == 0)
        return BJ_NONE;
    fault = read_field(fields, rule, field);
    if (fault == BJ_FAULT_NONE) {
        fields->index += 1;
        return BJ_OK;
    }
    *field = (struct bj_field){.kind = BJ_FIELD_END};
    fields->c.status = bj_fault_note(&fields->message->fault, fault, at);
    fields->c.pos = fields->c.len;
    return fields->c.status;
}
