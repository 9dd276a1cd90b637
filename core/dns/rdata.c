#include "core/dns/rdata.h"

#include <string.h>

/*
 * The status of an RDATA that was read to where `c` is: a name's fault is
 * known already; else it was too short for its fields or not used up.
 */
static enum bj_status finish(struct bj_message *m,
                             const struct bj_record *record,
                             const struct bj_cursor *c, enum bj_status status)
{
    if (status != BJ_OK)
        return status;
    if (!bj_cursor_ok(c))
        return bj_fault_note(&m->fault, BJ_FAULT_RDATA_SHORT, record->rdata_at);
    if (bj_cursor_left(c) > 0)
        return bj_fault_note(&m->fault, BJ_FAULT_RDATA_LONG, c->pos);
    return BJ_OK;
}

static enum bj_status read_octets(struct bj_message *m,
                                  const struct bj_record *record,
                                  uint8_t *address, size_t len)
{
    struct bj_cursor c = bj_message_rdata(m, record);
    enum bj_status status;

    bj_cursor_copy(&c, address, len);
    status = finish(m, record, &c, BJ_OK);
    if (status != BJ_OK)
        memset(address, 0, len);
    return status;
}

enum bj_status bj_rdata_a(struct bj_message *m, const struct bj_record *record,
                          uint8_t address[static 4])
{
    return read_octets(m, record, address, 4);
}

enum bj_status bj_rdata_aaaa(struct bj_message *m,
                             const struct bj_record *record,
                             uint8_t address[static 16])
{
    return read_octets(m, record, address, 16);
}

/*
 * A name in RDATA. Its end in place cannot pass RDLENGTH: a name that would
 * is RDATA too short for it, not a message cut off.
 */
static enum bj_status read_name(struct bj_message *m,
                                const struct bj_record *record,
                                struct bj_cursor *c, struct bj_name *name)
{
    struct bj_fault fault = {BJ_FAULT_NONE, 0};
    enum bj_status status = bj_name_read(c, name, &fault);

    if (status == BJ_OK)
        return BJ_OK;
    if (fault.kind == BJ_FAULT_CUT) {
        fault.kind = BJ_FAULT_RDATA_SHORT;
        fault.at = record->rdata_at;
    }
    return bj_fault_note(&m->fault, fault.kind, fault.at);
}

enum bj_status bj_rdata_name(struct bj_message *m,
                             const struct bj_record *record,
                             struct bj_name *name)
{
    struct bj_cursor c = bj_message_rdata(m, record);
    enum bj_status status = read_name(m, record, &c, name);

    status = finish(m, record, &c, status);
    if (status != BJ_OK)
        name->len = 0;
    return status;
}

enum bj_status bj_rdata_soa(struct bj_message *m,
                            const struct bj_record *record, struct bj_soa *soa)
{
    struct bj_cursor c = bj_message_rdata(m, record);
    enum bj_status status;

    memset(soa, 0, sizeof(*soa));
    status = read_name(m, record, &c, &soa->primary);
    if (status == BJ_OK)
        status = read_name(m, record, &c, &soa->mailbox);
    soa->serial = bj_cursor_u32(&c);
    soa->refresh = bj_cursor_u32(&c);
    soa->retry = bj_cursor_u32(&c);
    soa->expire = bj_cursor_u32(&c);
    soa->minimum = bj_cursor_u32(&c);
    status = finish(m, record, &c, status);
    if (status != BJ_OK)
        memset(soa, 0, sizeof(*soa));
    return status;
}

enum bj_status bj_rdata_option(struct bj_cursor *options,
                               struct bj_edns_option *option)
{
    *option = (struct bj_edns_option){0};
    if (!bj_cursor_ok(options))
        return BJ_BAD;
    if (bj_cursor_left(options) == 0)
        return BJ_NONE;
    option->code = bj_cursor_u16(options);
    option->len = bj_cursor_u16(options);
    option->data = bj_cursor_bytes(options, option->len);
    if (bj_cursor_ok(options))
        return BJ_OK;
    *option = (struct bj_edns_option){0};
    return BJ_BAD;
}

enum bj_status bj_rdata_opt(struct bj_message *m,
                            const struct bj_record *record, struct bj_opt *opt)
{
    struct bj_cursor options = bj_message_rdata(m, record);
    struct bj_edns_option option;
    enum bj_status status;

    *opt = (struct bj_opt){.options = options};
    /* Ends: an option consumes at least four octets. */
    do {
        size_t at = options.pos;

        status = bj_rdata_option(&options, &option);
        if (status == BJ_BAD) {
            *opt = (struct bj_opt){0};
            return bj_fault_note(&m->fault, BJ_FAULT_OPT_OPTION, at);
        }
        if (status == BJ_OK)
            opt->option_count += 1;
    } while (status == BJ_OK);
    opt->udp_size = record->class_number;
    opt->rcode =
        (uint16_t)(record->ttl / 16777216U * 16U + bj_message_rcode(m));
    opt->version = (uint8_t)(record->ttl / 65536U % 256U);
    opt->dnssec_ok = record->ttl / 32768U % 2U == 1U;
    return BJ_OK;
}
