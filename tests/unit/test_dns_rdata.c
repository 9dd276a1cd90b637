#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/dns/rdata.h"
#include "tests/support/dns.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/vectors.h"

enum { SAID = 2 * BJ_NAME_TEXT_MAX + 64 };

static unsigned type_of(const char *text)
{
    for (unsigned type = 1; type < 300; type++)
        if (bj_type_text(type) != NULL && strcmp(bj_type_text(type), text) == 0)
            return type;
    fail_msg("no type %s", text);
    return 0;
}

/* A message with one record; OPT's TTL says BADVERS (1), version 0, DO. */
static size_t make_message(uint8_t *out, unsigned type, const uint8_t *rdata,
                           size_t rdata_len)
{
    bool opt = type == BJ_TYPE_OPT;
    struct bj_writer w;

    bj_writer_init(&w, out, BJ_VECTOR_LINE);
    bj_writer_u16(&w, 0);
    bj_writer_u16(&w, BJ_FLAG_QR | BJ_RCODE_FORMERR);
    bj_writer_u16(&w, 0);
    bj_writer_u16(&w, !opt);
    bj_writer_u16(&w, 0);
    bj_writer_u16(&w, opt);
    bj_writer_text(&w, opt ? "" : "\1a");
    bj_writer_u8(&w, 0);
    bj_writer_u16(&w, (uint16_t)type);
    bj_writer_u16(&w, opt ? BJ_EDNS_UDP_SIZE : BJ_CLASS_IN);
    bj_writer_u32(&w, opt ? 0x01008000 : 60);
    bj_writer_u16(&w, (uint16_t)rdata_len);
    bj_writer_bytes(&w, rdata, rdata_len);
    assert_int_equal(bj_writer_end(&w), BJ_OK);
    return w.len;
}

static enum bj_status say_address(struct bj_message *m,
                                  const struct bj_record *r, char *said)
{
    uint8_t address[16];
    size_t len = r->type == BJ_TYPE_A ? 4 : 16;
    enum bj_status status =
        len == 4 ? bj_rdata_a(m, r, address) : bj_rdata_aaaa(m, r, address);

    for (size_t i = 0; i < len; i++) {
        (void)snprintf(said + 2 * i, 3, "%02x", address[i]);
        assert_true(status == BJ_OK || address[i] == 0);
    }
    return status;
}

static enum bj_status say_soa(struct bj_message *m, const struct bj_record *r,
                              char *said)
{
    char primary[BJ_NAME_TEXT_MAX];
    char mailbox[BJ_NAME_TEXT_MAX];
    struct bj_soa soa;
    enum bj_status status = bj_rdata_soa(m, r, &soa);

    if (status != BJ_OK) {
        assert_int_equal(soa.primary.len + soa.mailbox.len, 0);
        return status;
    }
    (void)snprintf(said, SAID, "%s %s %u %u %u %u %u",
                   bj_test_name(&soa.primary, primary),
                   bj_test_name(&soa.mailbox, mailbox), soa.serial, soa.refresh,
                   soa.retry, soa.expire, soa.minimum);
    return status;
}

static enum bj_status say_opt(struct bj_message *m, const struct bj_record *r,
                              char *said)
{
    struct bj_opt opt;
    struct bj_edns_option option;
    enum bj_status status = bj_rdata_opt(m, r, &opt);
    size_t count = 0;

    while (status == BJ_OK && bj_rdata_option(&opt.options, &option) == BJ_OK)
        count++;
    assert_int_equal(count, opt.option_count);
    (void)snprintf(said, SAID, "%u %u %u %u %zu", opt.udp_size, opt.rcode,
                   opt.version, opt.dnssec_ok, count);
    return status;
}

static enum bj_status say(struct bj_message *m, const struct bj_record *r,
                          char *said)
{
    struct bj_name name;
    enum bj_status status;

    switch (r->type) {
    case BJ_TYPE_A:
    case BJ_TYPE_AAAA:
        return say_address(m, r, said);
    case BJ_TYPE_SOA:
        return say_soa(m, r, said);
    case BJ_TYPE_OPT:
        return say_opt(m, r, said);
    default:
        status = bj_rdata_name(m, r, &name);
        if (status == BJ_OK)
            (void)bj_test_name(&name, said);
        else
            assert_int_equal(name.len, 0);
        return status;
    }
}

static void R09_R14_R16_vectors(void **state)
{
    static uint8_t rdata[BJ_VECTOR_LINE];
    static uint8_t bytes[BJ_VECTOR_LINE];
    struct bj_vectors v;

    (void)state;
    bj_vectors_open(&v, "dns_rdata.txt");
    while (bj_vectors_next(&v, 4)) {
        size_t rdata_len = bj_vector_octets(v.fields[2], rdata, sizeof(rdata));
        size_t len =
            make_message(bytes, type_of(v.fields[1]), rdata, rdata_len);
        struct bj_guard g = bj_guard_copy(bytes, len);
        struct bj_message m;
        struct bj_record r;
        char said[SAID];
        enum bj_status status;

        print_message("%s\n", v.fields[0]);
        assert_int_equal(bj_message_init(&m, g.bytes, g.len), BJ_OK);
        assert_int_equal(bj_message_record(&m, &r), BJ_OK);
        status = say(&m, &r, said);
        assert_int_equal(status, bj_fault_status(m.fault.kind));
        if (status != BJ_OK)
            (void)snprintf(said, sizeof(said), "!%s %zu",
                           bj_test_rule(m.fault.kind), m.fault.at - r.rdata_at);
        assert_string_equal(said, v.fields[3]);
        bj_guard_free(&g);
    }
}

/* SOA, the RDATA with every kind of field: written back uncompressed. */
static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    static uint8_t message[BJ_VECTOR_LINE];
    struct bj_message m;
    struct bj_record r;
    struct bj_soa soa;
    struct bj_writer w;
    enum bj_status status;
    struct bj_guard g =
        bj_guard_copy(message, make_message(message, BJ_TYPE_SOA, bytes, len));

    status = bj_message_init(&m, g.bytes, g.len);
    if (status == BJ_OK)
        status = bj_message_record(&m, &r);
    if (status == BJ_OK)
        status = bj_rdata_soa(&m, &r, &soa);
    bj_writer_init(&w, out, cap);
    if (status == BJ_OK) {
        bj_name_write(&w, &soa.primary);
        bj_name_write(&w, &soa.mailbox);
        bj_writer_u32(&w, soa.serial);
        bj_writer_u32(&w, soa.refresh);
        bj_writer_u32(&w, soa.retry);
        bj_writer_u32(&w, soa.expire);
        bj_writer_u32(&w, soa.minimum);
    }
    *out_len = w.len;
    bj_guard_free(&g);
    return status;
}

static void properties(void **state)
{
    uint8_t bytes[64];
    uint8_t canonical[64];
    size_t len = bj_vector_octets("01 'm' c0 0c c0 19 00*16 00 00 01 00", bytes,
                                  sizeof(bytes));
    size_t canonical_len = bj_vector_octets(
        "01 'm' 01 'a' 00 01 'm' 01 'a' 00 00*16 00 00 01 00", canonical, 64);

    (void)state;
    bj_property_prefixes(reparse, bytes, len, 0);
    bj_property_canonical(reparse, bytes, len, canonical, canonical_len);
}

static void R10_a_very_long_option_list(void **state)
{
    /* 16 377 options of four octets each fill what one message can hold. */
    static uint8_t bytes[BJ_MESSAGE_MAX];
    struct bj_message m;
    struct bj_record r;
    struct bj_opt opt;
    size_t options = (sizeof(bytes) - 23) / 4;

    (void)state;
    (void)make_message(bytes, BJ_TYPE_OPT, NULL, 0);
    bytes[21] = (uint8_t)(options * 4 / 256);
    bytes[22] = (uint8_t)(options * 4 % 256);
    assert_int_equal(bj_message_init(&m, bytes, 23 + options * 4), BJ_OK);
    assert_int_equal(bj_message_record(&m, &r), BJ_OK);
    assert_int_equal(bj_rdata_opt(&m, &r, &opt), BJ_OK);
    assert_int_equal(opt.option_count, options);
    assert_int_equal(bj_message_record(&m, &r), BJ_NONE);
}

static void options_that_failed_stay_failed(void **state)
{
    static const uint8_t bytes[] = {0, 10, 0, 9, 1};
    struct bj_edns_option option;
    struct bj_cursor c;

    (void)state;
    bj_cursor_init(&c, bytes, sizeof(bytes));
    assert_int_equal(bj_rdata_option(&c, &option), BJ_BAD);
    assert_int_equal(option.code, 0);
    assert_int_equal(bj_rdata_option(&c, &option), BJ_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R09_R14_R16_vectors),
        cmocka_unit_test(properties),
        cmocka_unit_test(R10_a_very_long_option_list),
        cmocka_unit_test(options_that_failed_stay_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
