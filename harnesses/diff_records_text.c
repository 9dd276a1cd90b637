/*
 * ldns reads the text that we write. Each record of a message that we
 * accept is written as a line of a zone file; ldns reads the line and writes
 * its own wire form, which must be the RDATA, names uncompressed. What ldns
 * 1.8.3 does not read is left out, with the reason beside it; names and
 * strings with octets to escape are compared in fuzz_records_text instead,
 * since ldns splits a line at some of them before it looks at escapes.
 */
#include <ldns/ldns.h>

#include "core/records/fields.h"
#include "core/records/text.h"
#include "harnesses/harness.h"
#include "harnesses/support/dns_input.h"

enum { ROOM = 1 << 18 };

/* Below this number ldns has layouts of its own for types we print in the
 * generic form: MD, KEY, WKS, ATMA... */
enum { LDNS_KNOWS_UP_TO = 300 };

static bool is_left_out(const struct bj_record *record)
{
    switch (record->type) {
    case BJ_TYPE_OPT:  /* not in zone files */
    case BJ_TYPE_TSIG: /* likewise */
    case BJ_TYPE_TKEY: /* likewise */
    case BJ_TYPE_CERT: /* ldns refuses certificates of type 0 */
        return true;
    default:
        return record->class_number != BJ_CLASS_IN;
    }
}

/* ldns knows the SvcParam keys of RFC 9460, not those that came later. */
static bool has_later_key(struct bj_cursor c)
{
    struct bj_param_list list;
    struct bj_item item;

    bj_param_list_init(&list, c);
    while (bj_param_list_next(&list, &item) == BJ_OK)
        if (item.code > 6 && item.name != NULL)
            return true;
    return false;
}

/* A size of nought can be written with ten powers of ten. */
static bool has_odd_nought(struct bj_cursor loc)
{
    bool odd = false;

    bj_cursor_skip(&loc, 1);
    for (int i = 0; i < 3; i++) {
        unsigned octet = bj_cursor_u8(&loc);

        odd = odd || (octet > 0 && octet < 16);
    }
    return odd;
}

/* ldns reads base 32 only where it needs no padding, as that of a SHA-1 hash
 * does not; and the generic form only of types that it has no layout for. */
static bool is_left_out_field(const struct bj_record *record,
                              const struct bj_field *field)
{
    if (field->kind == BJ_FIELD_HASH)
        return bj_cursor_left(&field->octets) % 5 != 0;
    if (field->kind == BJ_FIELD_BASE64) /* ldns wants a key in a KEY */
        return bj_cursor_left(&field->octets) == 0;
    if (field->kind == BJ_FIELD_TYPES && record->type == BJ_TYPE_CSYNC)
        return bj_cursor_left(&field->octets) == 0; /* and types in a CSYNC */
    if (field->kind == BJ_FIELD_LOC)
        return has_odd_nought(field->octets);
    if (field->kind == BJ_FIELD_PARAMS)
        return has_later_key(field->octets);
    return field->kind == BJ_FIELD_UNKNOWN && record->type < LDNS_KNOWS_UP_TO;
}

static bool is_plain(const uint8_t *octets, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (octets[i] != '-' && octets[i] != '_' &&
            !(octets[i] >= '0' && octets[i] <= '9') &&
            !((octets[i] | 32) >= 'a' && (octets[i] | 32) <= 'z'))
            return false;
    return true;
}

static bool name_is_plain(const struct bj_name *name)
{
    for (size_t at = 0; at + 1U < name->len; at += name->octets[at] + 1U)
        if (!is_plain(name->octets + at + 1, name->octets[at]))
            return false;
    return true;
}

/* RDATA without compression; false where the comparison is not asked. */
static bool rebuild(struct bj_writer *w, struct bj_message *m,
                    const struct bj_record *record)
{
    struct bj_fields fields;
    struct bj_field field;
    size_t from;

    bj_fields_init(&fields, m, record);
    from = fields.c.pos;
    while (bj_fields_next(&fields, &field) == BJ_OK) {
        size_t n = fields.c.pos - from;

        if (is_left_out_field(record, &field))
            return false;
        if (field.kind == BJ_FIELD_NAME || field.kind == BJ_FIELD_PLAIN) {
            if (!name_is_plain(&field.name))
                return false;
            bj_name_write(w, &field.name);
        } else {
            bj_writer_bytes(w, m->at.base + from, n);
        }
        if ((field.kind == BJ_FIELD_STRING || field.kind == BJ_FIELD_STRINGS ||
             field.kind == BJ_FIELD_TEXT) &&
            memchr(m->at.base + from, '\\', n) != NULL)
            return false;
        from = fields.c.pos;
    }
    if (m->fault.kind == BJ_FAULT_NONE)
        return true;
    m->fault = (struct bj_fault){0};
    return false;
}

static void compare(const char *line, const uint8_t *rdata, size_t len)
{
    ldns_rr *rr = NULL;
    ldns_status status = ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL);
    ldns_buffer *buffer = ldns_buffer_new(65536);

    BJ_CHECK(status == LDNS_STATUS_OK, "ldns-reads-it");
    if (buffer == NULL)
        abort();
    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
        if (ldns_rdf2buffer_wire(buffer, ldns_rr_rdf(rr, i)) != LDNS_STATUS_OK)
            abort();
    BJ_CHECK(ldns_buffer_position(buffer) == len &&
                 memcmp(ldns_buffer_begin(buffer), rdata, len) == 0,
             "ldns-writes-the-same-octets");
    ldns_buffer_free(buffer);
    ldns_rr_free(rr);
}

static void check_record(struct bj_message *m, const struct bj_record *record)
{
    static uint8_t line[ROOM];
    static uint8_t rdata[ROOM];
    struct bj_writer text, wire;

    bj_writer_init(&wire, rdata, sizeof(rdata));
    if (is_left_out(record) || !rebuild(&wire, m, record))
        return;
    bj_writer_init(&text, line, sizeof(line));
    bj_writer_text(&text, "x. 60 IN ");
    bj_text_type(&text, record->type);
    bj_writer_char(&text, ' ');
    bj_text_rdata(&text, m, record);
    if (bj_writer_end_text(&text) != BJ_OK || bj_writer_end(&wire) != BJ_OK)
        abort();
    /* ldns ends the values of SvcParams at an escaped zero. */
    if ((record->type == BJ_TYPE_SVCB || record->type == BJ_TYPE_HTTPS) &&
        memchr(line, '\\', text.len) != NULL)
        return;
    compare((const char *)line, rdata, wire.len);
}

BJ_DNS_INPUT(0);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *message = bj_exact_copy(data, size);
    struct bj_message m;
    struct bj_record record;
    enum bj_status status = bj_message_init(&m, message, size);

    while (status == BJ_OK && bj_message_record(&m, &record) == BJ_OK)
        check_record(&m, &record);
    free(message);
    return 0;
}
