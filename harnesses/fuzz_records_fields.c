/*
 * Walks the RDATA of every record of a message. Oracles: RDATA is written
 * back from its fields and compared octet by octet, pointers followed by a
 * naive reader; fields follow one another and stay inside; a naive predicate
 * of length and content says what types are accepted; faults name an octet
 * inside the message.
 */
#include "core/records/fields.h"
#include "core/records/lists.h"
#include "harnesses/harness.h"
#include "harnesses/support/dns_input.h"
#include "harnesses/support/naive_dns.h"

struct rdata {
    const uint8_t *message;
    size_t end; /* of RDATA */
    size_t at;  /* what is written back so far */
};

static void same_octets(struct rdata *r, const uint8_t *octets, size_t n)
{
    BJ_CHECK(n <= r->end - r->at && memcmp(r->message + r->at, octets, n) == 0,
             "octets-written-back");
    r->at += n;
}

static void same_number(struct rdata *r, uint64_t number, size_t n)
{
    for (size_t i = n; i > 0; i--) {
        uint8_t octet = (uint8_t)(number >> (i - 1) * 8);

        same_octets(r, &octet, 1);
    }
    BJ_CHECK(number >> (n * 8) == 0, "number-fits");
}

static void same_cursor(struct rdata *r, struct bj_cursor c)
{
    size_t n = bj_cursor_left(&c);
    const uint8_t *octets = bj_cursor_bytes(&c, n);

    if (n > 0)
        same_octets(r, octets, n);
}

static void same_name(struct rdata *r, const struct bj_field *field)
{
    struct naive_name name;

    BJ_CHECK(naive_name_read(r->message, r->end, r->at,
                             field->kind == BJ_FIELD_NAME, &name),
             "name-read-naively");
    BJ_CHECK(name.len == field->name.len &&
                 memcmp(name.octets, field->name.octets, name.len) == 0,
             "name-is-the-same");
    r->at = name.after;
}

static void same_field(struct rdata *r, const struct bj_field *field)
{
    size_t n = bj_cursor_left(&field->octets);

    switch (field->kind) {
    case BJ_FIELD_U8:
        same_number(r, field->number, 1);
        break;
    case BJ_FIELD_U16:
    case BJ_FIELD_TYPE:
    case BJ_FIELD_RCODE:
        same_number(r, field->number, 2);
        break;
    case BJ_FIELD_U32:
    case BJ_FIELD_TIME:
        same_number(r, field->number, 4);
        break;
    case BJ_FIELD_U48:
        same_number(r, field->number, 6);
        break;
    case BJ_FIELD_NAME:
    case BJ_FIELD_PLAIN:
        same_name(r, field);
        break;
    case BJ_FIELD_BLOCK:
        same_number(r, n, 2);
        same_cursor(r, field->octets);
        break;
    case BJ_FIELD_STRING:
    case BJ_FIELD_TAG:
    case BJ_FIELD_SALT:
    case BJ_FIELD_HASH:
        same_number(r, n, 1);
        same_cursor(r, field->octets);
        break;
    default:
        same_cursor(r, field->octets);
    }
}

/* Types whose validity a few lines can say: 1 yes, 0 no, -1 not asked. */
static int naive_accepts(const uint8_t *message, const struct bj_record *record)
{
    const uint8_t *d = message + record->rdata_at;
    size_t n = record->rdata_len;
    size_t at = 0;

    switch (record->type) {
    case BJ_TYPE_AAAA:
        return record->class_number == BJ_CLASS_IN ? n == 16 : -1;
    case BJ_TYPE_TXT:
    case BJ_TYPE_SPF:
        while (at < n)
            at += d[at] + 1U;
        return n > 0 && at == n;
    case BJ_TYPE_DS:
    case BJ_TYPE_DNSKEY:
    case BJ_TYPE_CDS:
    case BJ_TYPE_CDNSKEY:
        return n >= 5;
    case BJ_TYPE_SSHFP:
        return n >= 3;
    case BJ_TYPE_TLSA:
        return n >= 4;
    case BJ_TYPE_ZONEMD:
        return n >= 18;
    case BJ_TYPE_URI:
        return n >= 5;
    case BJ_TYPE_EUI48:
        return n == 6;
    case BJ_TYPE_EUI64:
        return n == 8;
    case BJ_TYPE_NSEC3PARAM:
        return n >= 5 && n == 5U + d[4];
    case BJ_TYPE_HINFO:
        return n >= 2 && n - 2 >= d[0] && n == 2U + d[0] + d[1 + d[0]];
    case BJ_TYPE_KEY:
    case BJ_TYPE_DHCID:
        return n >= 4;
    case BJ_TYPE_NULL:
        return 1;
    default:
        return -1;
    }
}

static void check_record(struct bj_message *m, const uint8_t *message,
                         size_t len, const struct bj_record *record)
{
    struct bj_fields fields;
    struct bj_field field;
    struct rdata r = {message, record->rdata_at + (size_t)record->rdata_len,
                      record->rdata_at};
    int wanted = naive_accepts(message, record);
    enum bj_status status;

    if (bj_message_opcode(m) == BJ_OPCODE_UPDATE)
        wanted = -1;
    bj_fields_init(&fields, m, record);
    while ((status = bj_fields_next(&fields, &field)) == BJ_OK) {
        same_field(&r, &field);
        BJ_CHECK(fields.c.pos == r.at && field.label != NULL, "field-place");
    }
    BJ_CHECK(wanted < 0 || wanted == (status == BJ_NONE), "accepted");
    if (status == BJ_NONE) {
        BJ_CHECK(r.at == r.end, "all-of-rdata");
    } else {
        BJ_CHECK(m->fault.kind != BJ_FAULT_NONE && m->fault.at <= len &&
                     status == bj_fault_status(m->fault.kind),
                 "fault-inside");
        BJ_CHECK(fields.clause != NULL && field.kind == BJ_FIELD_END &&
                     bj_fields_next(&fields, &field) == status,
                 "failure-stays");
        m->fault = (struct bj_fault){0};
    }
}

BJ_DNS_INPUT(0);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *message = bj_exact_copy(data, size);
    struct bj_message m;
    struct bj_record record;
    enum bj_status status = bj_message_init(&m, message, size);

    while (status == BJ_OK && bj_message_record(&m, &record) == BJ_OK) {
        check_record(&m, message, size, &record);
        bj_digest(&record.ttl, sizeof(record.ttl));
        bj_digest(&record.rdata_at, sizeof(record.rdata_at));
    }
    free(message);
    return 0;
}
