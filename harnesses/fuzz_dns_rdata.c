/*
 * The input is a message; every record of it is read as what its type says,
 * and once more as if it were of the type that the last octet chooses.
 * Oracles: accepted exactly if a naive second reading accepts; the values
 * are those that stand there; failure leaves zero and a reason behind.
 */
#include "core/dns/rdata.h"
#include "harnesses/harness.h"
#include "harnesses/support/dns_input.h"
#include "harnesses/support/naive_dns.h"

static void check_address(struct bj_message *m, const struct bj_record *r,
                          const uint8_t *data, bool valid)
{
    uint8_t address[16];
    uint8_t zero[16] = {0};
    size_t len = r->type == BJ_TYPE_A ? 4 : 16;
    enum bj_status status;

    memset(address, 0xa5, sizeof(address));
    status =
        len == 4 ? bj_rdata_a(m, r, address) : bj_rdata_aaaa(m, r, address);
    BJ_CHECK((status == BJ_OK) == valid, "address-iff");
    BJ_CHECK(memcmp(address, valid ? data + r->rdata_at : zero, len) == 0,
             "address");
}

static void check_name(struct bj_message *m, const struct bj_record *r,
                       const uint8_t *data, bool valid)
{
    struct naive_name expected;
    struct bj_name name;

    BJ_CHECK((bj_rdata_name(m, r, &name) == BJ_OK) == valid, "name-iff");
    if (!valid) {
        BJ_CHECK(name.len == 0, "no-name");
        return;
    }
    (void)naive_name_read(data, r->rdata_at + r->rdata_len, r->rdata_at, true,
                          &expected);
    BJ_CHECK(name.len == expected.len &&
                 memcmp(name.octets, expected.octets, name.len) == 0,
             "name");
}

static void check_soa(struct bj_message *m, const struct bj_record *r,
                      const uint8_t *data, bool valid)
{
    const uint8_t *end = data + r->rdata_at + r->rdata_len;
    struct bj_soa soa;

    memset(&soa, 0xa5, sizeof(soa));
    BJ_CHECK((bj_rdata_soa(m, r, &soa) == BJ_OK) == valid, "soa-iff");
    if (valid)
        BJ_CHECK(soa.serial == naive_number(end - 20, 4) &&
                     soa.refresh == naive_number(end - 16, 4) &&
                     soa.retry == naive_number(end - 12, 4) &&
                     soa.expire == naive_number(end - 8, 4) &&
                     soa.minimum == naive_number(end - 4, 4) &&
                     soa.primary.len > 0 && soa.mailbox.len > 0,
                 "soa");
    else
        BJ_CHECK(soa.primary.len == 0 && soa.mailbox.len == 0 &&
                     soa.serial == 0 && soa.minimum == 0,
                 "no-soa");
}

static void check_opt(struct bj_message *m, const struct bj_record *r,
                      const uint8_t *data, bool valid)
{
    struct bj_opt opt;
    struct bj_edns_option option;
    size_t at = r->rdata_at;
    size_t count = 0;

    memset(&opt, 0xa5, sizeof(opt));
    BJ_CHECK((bj_rdata_opt(m, r, &opt) == BJ_OK) == valid, "opt-iff");
    if (!valid) {
        BJ_CHECK(opt.udp_size == 0 && opt.option_count == 0, "no-opt");
        return;
    }
    BJ_CHECK(opt.udp_size == r->class_number &&
                 opt.rcode == (r->ttl >> 24 << 4 | (m->flags & 15)) &&
                 opt.version == (r->ttl >> 16 & 255) &&
                 opt.dnssec_ok == (r->ttl >> 15 & 1),
             "opt");
    while (bj_rdata_option(&opt.options, &option) == BJ_OK) {
        BJ_CHECK(option.code == naive_number(data + at, 2) &&
                     option.len == naive_number(data + at + 2, 2) &&
                     option.data == data + at + 4,
                 "option");
        at += 4U + option.len;
        count++;
    }
    BJ_CHECK(count == opt.option_count &&
                 at == (size_t)r->rdata_at + r->rdata_len,
             "options");
}

static void check_as(const struct bj_message *start, struct bj_record r,
                     const uint8_t *data, unsigned type)
{
    struct bj_message m = *start;
    struct naive_record n = {
        .type = type, .rdata_at = r.rdata_at, .rdata_len = r.rdata_len};
    bool valid = naive_rdata_valid(data, &n);

    r.type = (uint16_t)type;
    switch (type) {
    case BJ_TYPE_A:
    case BJ_TYPE_AAAA:
        check_address(&m, &r, data, valid);
        break;
    case BJ_TYPE_NS:
    case BJ_TYPE_CNAME:
    case BJ_TYPE_PTR:
        check_name(&m, &r, data, valid);
        break;
    case BJ_TYPE_SOA:
        check_soa(&m, &r, data, valid);
        break;
    case BJ_TYPE_OPT:
        check_opt(&m, &r, data, valid);
        break;
    default:
        return;
    }
    BJ_CHECK((m.fault.kind == BJ_FAULT_NONE) == valid, "fault-iff");
    BJ_CHECK(m.fault.at <= start->at.len, "fault-within");
}

BJ_DNS_INPUT(1);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned types[] = {1, 28, 2, 5, 12, 6, 41};
    unsigned other = bj_take_tail(data, &size) % 7;
    struct bj_message m;
    struct bj_record record;

    if (bj_message_init(&m, data, size) != BJ_OK)
        return 0;
    while (bj_message_record(&m, &record) == BJ_OK) {
        check_as(&m, record, data, record.type);
        check_as(&m, record, data, types[other]);
    }
    return 0;
}
