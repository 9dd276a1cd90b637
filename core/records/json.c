#include "core/records/json.h"

#include "core/bytes/encode.h"
#include "core/records/lists.h"
#include "core/records/text.h"

void bj_json_string(struct bj_writer *w, const uint8_t *text, size_t len)
{
    bj_writer_char(w, '"');
    bj_encode_json(w, text, len);
    bj_writer_char(w, '"');
}

static void octets_string(struct bj_writer *w, struct bj_cursor c)
{
    size_t n = bj_cursor_left(&c);

    bj_json_string(w, bj_cursor_bytes(&c, n), n);
}

static void base16(struct bj_writer *w, struct bj_cursor c)
{
    size_t n = bj_cursor_left(&c);

    bj_writer_char(w, '"');
    bj_encode_base16(w, bj_cursor_bytes(&c, n), n);
    bj_writer_char(w, '"');
}

static void name_string(struct bj_writer *w, const struct bj_name *name)
{
    uint8_t text[BJ_NAME_TEXT_MAX];
    struct bj_writer inner;

    bj_writer_init(&inner, text, sizeof(text));
    bj_name_format(&inner, name);
    if (bj_writer_end(&inner) != BJ_OK)
        bj_writer_fail(w, BJ_BUG);
    else
        bj_json_string(w, text, inner.len);
}

static void key(struct bj_writer *w, const char *text)
{
    bj_writer_char(w, '"');
    bj_writer_text(w, text);
    bj_writer_text(w, "\":");
}

static void types(struct bj_writer *w, struct bj_cursor c)
{
    struct bj_type_list list;
    const char *between = "\"";
    uint16_t type;

    bj_type_list_init(&list, c);
    bj_writer_char(w, '[');
    /* Ends: each turn gives another of 65536 types. */
    while (bj_type_list_next(&list, &type) == BJ_OK) {
        bj_writer_text(w, between);
        bj_text_type(w, type);
        bj_writer_char(w, '"');
        between = ",\"";
    }
    bj_writer_char(w, ']');
}

static void strings(struct bj_writer *w, struct bj_cursor c)
{
    struct bj_cursor one;
    const char *between = "";

    bj_writer_char(w, '[');
    /* Ends: each turn consumes a length octet at least. */
    while (bj_fields_string(&c, &one) == BJ_OK) {
        bj_writer_text(w, between);
        octets_string(w, one);
        between = ",";
    }
    bj_writer_char(w, ']');
}

static void numbers(struct bj_writer *w, struct bj_cursor c, bool wide)
{
    bj_writer_char(w, '[');
    /* Ends: each turn consumes one octet or two. */
    while (bj_cursor_left(&c) > 0) {
        bj_writer_dec(w, wide ? bj_cursor_u16(&c) : bj_cursor_u8(&c));
        if (bj_cursor_left(&c) > 0)
            bj_writer_char(w, ',');
    }
    bj_writer_char(w, ']');
}

/* A list of keys or addresses: elements of `size` octets, each written as
 * the text form writes a list of one. */
static void elements(struct bj_writer *w, const struct bj_item *item,
                     size_t size)
{
    struct bj_cursor c = item->value;
    struct bj_item one = *item;

    bj_writer_char(w, '[');
    /* Ends: each turn consumes `size` octets, or all that are left. */
    while (bj_cursor_left(&c) > 0) {
        one.value = bj_list_take(&c, size);
        bj_writer_char(w, '"');
        bj_text_param(w, &one);
        bj_writer_char(w, '"');
        if (bj_cursor_left(&c) > 0)
            bj_writer_char(w, ',');
    }
    bj_writer_char(w, ']');
}

static void error_object(struct bj_writer *w, struct bj_cursor c)
{
    unsigned code = bj_cursor_u16(&c);

    bj_writer_text(w, "{\"code\":");
    bj_writer_dec(w, code);
    if (bj_text_error(code) != NULL) {
        bj_writer_text(w, ",\"meaning\":\"");
        bj_writer_text(w, bj_text_error(code));
        bj_writer_char(w, '"');
    }
    bj_writer_text(w, ",\"text\":");
    octets_string(w, c);
    bj_writer_char(w, '}');
}

static void number_or_null(struct bj_writer *w, struct bj_cursor c)
{
    size_t n = bj_cursor_left(&c);

    if (n == 0)
        bj_writer_text(w, "null");
    else
        bj_writer_dec(w, n == 2 ? bj_cursor_u16(&c) : bj_cursor_u32(&c));
}

static void plain_name(struct bj_writer *w, struct bj_cursor c)
{
    struct bj_name name;

    if (bj_name_read_plain(&c, &name, NULL) == BJ_OK)
        name_string(w, &name);
    else
        bj_writer_fail(w, BJ_BAD);
}

static void item_value(struct bj_writer *w, const struct bj_item *item)
{
    struct bj_cursor c = item->value;

    switch (item->kind) {
    case BJ_ITEM_EMPTY:
        bj_writer_text(w, "null");
        break;
    case BJ_ITEM_U16:
    case BJ_ITEM_U16_ANY:
    case BJ_ITEM_U32_ANY:
        number_or_null(w, c);
        break;
    case BJ_ITEM_U8S:
    case BJ_ITEM_U16S:
        numbers(w, c, item->kind == BJ_ITEM_U16S);
        break;
    case BJ_ITEM_KEYS:
        elements(w, item, 2);
        break;
    case BJ_ITEM_IP4S:
        elements(w, item, 4);
        break;
    case BJ_ITEM_IP6S:
        elements(w, item, 16);
        break;
    case BJ_ITEM_IDS:
        strings(w, c);
        break;
    case BJ_ITEM_TEXT:
        octets_string(w, c);
        break;
    case BJ_ITEM_ERROR:
        error_object(w, c);
        break;
    case BJ_ITEM_NAME:
        plain_name(w, c);
        break;
    case BJ_ITEM_BASE64:
    case BJ_ITEM_SUBNET:
        bj_writer_char(w, '"');
        bj_text_option(w, item);
        bj_writer_char(w, '"');
        break;
    case BJ_ITEM_COOKIE:
    case BJ_ITEM_OPAQUE:
        base16(w, c);
        break;
    }
}

static void params(struct bj_writer *w, struct bj_cursor c)
{
    struct bj_param_list list;
    struct bj_item item;
    const char *between = "{\"key\":\"";

    bj_param_list_init(&list, c);
    bj_writer_char(w, '[');
    /* Ends: each turn consumes four octets at least. */
    while (bj_param_list_next(&list, &item) == BJ_OK) {
        bj_writer_text(w, between);
        bj_writer_text(w, item.name != NULL ? item.name : "key");
        if (item.name == NULL)
            bj_writer_dec(w, item.code);
        bj_writer_text(w, "\",\"value\":");
        item_value(w, &item);
        bj_writer_char(w, '}');
        between = ",{\"key\":\"";
    }
    bj_writer_char(w, ']');
}

static void options(struct bj_writer *w, struct bj_cursor c)
{
    struct bj_option_list list;
    struct bj_item item;
    enum bj_status status;
    const char *between = "{\"code\":";

    bj_option_list_init(&list, c);
    bj_writer_char(w, '[');
    /* Ends: each turn consumes four octets at least. */
    while ((status = bj_option_list_next(&list, &item)) == BJ_OK) {
        bj_writer_text(w, between);
        bj_writer_dec(w, item.code);
        if (item.name != NULL) {
            bj_writer_text(w, ",\"name\":\"");
            bj_writer_text(w, item.name);
            bj_writer_char(w, '"');
        }
        bj_writer_text(w, ",\"value\":");
        item_value(w, &item);
        bj_writer_char(w, '}');
        between = ",{\"code\":";
    }
    bj_writer_char(w, ']');
    if (status != BJ_NONE)
        bj_writer_fail(w, BJ_BAD);
}

/* A field whose text form needs no escapes in JSON. */
static void as_text(struct bj_writer *w, const struct bj_field *field)
{
    bj_writer_char(w, '"');
    bj_text_field(w, field);
    bj_writer_char(w, '"');
}

void bj_json_field(struct bj_writer *w, const struct bj_field *field)
{
    struct bj_cursor c = field->octets;

    switch (field->kind) {
    case BJ_FIELD_U8:
    case BJ_FIELD_U16:
    case BJ_FIELD_U32:
    case BJ_FIELD_U48:
        bj_writer_dec(w, field->number);
        break;
    case BJ_FIELD_NAME:
    case BJ_FIELD_PLAIN:
        name_string(w, &field->name);
        break;
    case BJ_FIELD_STRING:
    case BJ_FIELD_TEXT:
    case BJ_FIELD_TAG:
        octets_string(w, c);
        break;
    case BJ_FIELD_STRINGS:
        strings(w, c);
        break;
    case BJ_FIELD_TYPES:
        types(w, c);
        break;
    case BJ_FIELD_OPTIONS:
        options(w, c);
        break;
    case BJ_FIELD_PARAMS:
        params(w, c);
        break;
    case BJ_FIELD_SALT:
    case BJ_FIELD_UNKNOWN:
        base16(w, c);
        break;
    case BJ_FIELD_BLOCK:
        bj_writer_char(w, '"');
        bj_encode_base64(w, bj_cursor_bytes(&c, bj_cursor_left(&c)),
                         bj_cursor_left(&field->octets));
        bj_writer_char(w, '"');
        break;
    default:
        as_text(w, field);
    }
}

static void owner(struct bj_writer *w, struct bj_message *m, size_t at)
{
    struct bj_cursor c = bj_message_cursor(m, at);
    struct bj_name name;

    bj_writer_text(w, "{\"name\":");
    if (bj_name_read(&c, &name, &m->fault) == BJ_OK)
        name_string(w, &name);
    else
        bj_writer_fail(w, BJ_BAD);
}

static void type_and_class(struct bj_writer *w, unsigned type,
                           unsigned class_number)
{
    bj_writer_text(w, ",\"type\":\"");
    bj_text_type(w, type);
    bj_writer_text(w, "\",\"class\":\"");
    bj_text_class(w, class_number);
    bj_writer_char(w, '"');
}

/* RFC 6891 section 6.1.3: what OPT keeps in class and TTL. */
static void opt(struct bj_writer *w, struct bj_message *m,
                const struct bj_record *record)
{
    bj_writer_text(w, ",\"type\":\"OPT\",\"udp\":");
    bj_writer_dec(w, record->class_number);
    bj_writer_text(w, ",\"version\":");
    bj_writer_dec(w, record->ttl / 65536U % 256U);
    bj_writer_text(w, ",\"flags\":");
    bj_writer_dec(w, record->ttl % 65536U);
    bj_writer_text(w, ",\"options\":");
    options(w, bj_message_rdata(m, record));
    bj_writer_char(w, '}');
}

static void rdata(struct bj_writer *w, struct bj_message *m,
                  const struct bj_record *record)
{
    struct bj_fields fields;
    struct bj_field field;
    enum bj_status status;

    bj_fields_init(&fields, m, record);
    bj_writer_char(w, '{');
    /* Ends: a layout has at most BJ_LAYOUT_FIELDS_MAX fields. */
    while ((status = bj_fields_next(&fields, &field)) == BJ_OK) {
        if (fields.index > 1)
            bj_writer_char(w, ',');
        key(w, field.label);
        bj_json_field(w, &field);
    }
    bj_writer_char(w, '}');
    if (status != BJ_NONE)
        bj_writer_fail(w, BJ_BAD);
}

void bj_json_record(struct bj_writer *w, struct bj_message *m,
                    const struct bj_record *record)
{
    owner(w, m, record->name_at);
    if (record->type == BJ_TYPE_OPT) {
        opt(w, m, record);
        return;
    }
    type_and_class(w, record->type, record->class_number);
    bj_writer_text(w, ",\"ttl\":");
    bj_writer_dec(w, record->ttl);
    bj_writer_text(w, ",\"rdata\":");
    rdata(w, m, record);
    bj_writer_char(w, '}');
}

void bj_json_question(struct bj_writer *w, struct bj_message *m,
                      const struct bj_question *question)
{
    owner(w, m, question->name_at);
    type_and_class(w, question->type, question->class_number);
    bj_writer_char(w, '}');
}
