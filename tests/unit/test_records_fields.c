#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/records/fields.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/records.h"
#include "tests/support/vectors.h"

/* Walks the only record of a message; fields follow one another and lie in
 * RDATA. The message's fault is copied out. */
static enum bj_status walk(const uint8_t *bytes, size_t len,
                           struct bj_fault *fault, const char **clause)
{
    struct bj_message m;
    struct bj_record record;
    struct bj_fields fields;
    struct bj_field field;
    enum bj_status status;
    size_t at;

    assert_int_equal(bj_message_init(&m, bytes, len), BJ_OK);
    assert_int_equal(bj_message_record(&m, &record), BJ_OK);
    bj_fields_init(&fields, &m, &record);
    at = fields.c.pos;
    while ((status = bj_fields_next(&fields, &field)) == BJ_OK) {
        assert_non_null(field.label);
        assert_true(fields.c.pos >= at && fields.c.pos <= len);
        if (field.octets.base != NULL)
            assert_true(field.octets.pos >= at &&
                        field.octets.len <= fields.c.pos);
        at = fields.c.pos;
    }
    assert_int_equal(field.kind, BJ_FIELD_END);
    if (status != BJ_NONE) /* and it stays so */
        assert_int_equal(bj_fields_next(&fields, &field), status);
    *fault = m.fault;
    *clause = fields.clause;
    return status;
}

static void check(struct bj_vectors *v)
{
    uint8_t rdata[BJ_VECTOR_LINE];
    uint8_t message[BJ_ONE_RECORD_CAP];
    size_t len = bj_one_record(
        v->fields[1], rdata,
        bj_vector_octets(v->fields[2], rdata, sizeof(rdata)), message);
    struct bj_guard g = bj_guard_copy(message, len);
    struct bj_fault fault;
    const char *clause;
    enum bj_status status = walk(g.bytes, len, &fault, &clause);
    char got[64];

    if (v->fields[3][0] != '!') {
        if (status != BJ_NONE)
            fail_msg("records.txt:%zu: refused", v->line_number);
        assert_int_equal(fault.kind, BJ_FAULT_NONE);
        bj_guard_free(&g);
        return;
    }
    assert_int_equal(status, bj_fault_status(fault.kind));
    assert_true(strncmp(clause, "RFC ", 4) == 0);
    snprintf(got, sizeof(got), "!%s %zu", bj_fault_name(fault.kind),
             fault.at - BJ_ONE_RECORD_RDATA);
    if (strcmp(got, v->fields[3]) != 0)
        fail_msg("records.txt:%zu: %s", v->line_number, got);
    bj_guard_free(&g);
}

static void R14_R15_R17_faults_and_their_places(void **state)
{
    (void)state;
    bj_vectors_each("records.txt", 4, check);
}

static void R16_faults_of_options(void **state)
{
    struct bj_vectors v;

    (void)state;
    bj_vectors_open(&v, "records_options.txt");
    while (bj_vectors_next(&v, 3)) {
        uint8_t rdata[BJ_VECTOR_LINE];
        uint8_t message[BJ_ONE_RECORD_CAP];
        size_t len = bj_one_record(
            "OPT", rdata, bj_vector_octets(v.fields[1], rdata, sizeof(rdata)),
            message);
        struct bj_fault fault;
        const char *clause;
        enum bj_status status = walk(message, len, &fault, &clause);
        char got[64];

        snprintf(got, sizeof(got), "!%s %zu", bj_fault_name(fault.kind),
                 fault.at - BJ_ONE_OPT_RDATA);
        if (v.fields[2][0] != '!')
            assert_int_equal(status, BJ_NONE);
        else if (strcmp(got, v.fields[2]) != 0)
            fail_msg("records_options.txt:%zu: %s", v.line_number, got);
    }
}

/* R14 without exception: RDATA of every accepted vector, cut at every place
 * with RDLENGTH to match, is refused or accepted without reading past it. */
static void R14_every_shorter_rdata(void **state)
{
    struct bj_vectors v;

    (void)state;
    bj_vectors_open(&v, "records.txt");
    while (bj_vectors_next(&v, 4)) {
        uint8_t rdata[BJ_VECTOR_LINE];
        size_t rdata_len = bj_vector_octets(v.fields[2], rdata, sizeof(rdata));

        for (size_t n = 0; n < rdata_len; n++) {
            uint8_t message[BJ_ONE_RECORD_CAP];
            size_t len = bj_one_record(v.fields[1], rdata, n, message);
            struct bj_guard g = bj_guard_copy(message, len);
            struct bj_fault fault;
            const char *clause;
            enum bj_status status = walk(g.bytes, len, &fault, &clause);

            assert_true(status == BJ_NONE || status == BJ_BAD);
            assert_true(fault.at <= len);
            bj_guard_free(&g);
        }
    }
}

static void clauses_name_the_rule(void **state)
{
    static const struct {
        const char *type, *rdata, *clause;
    } rows[] = {
        {"A", "00", "RFC 1035 section 3.4.1"},
        {"NSEC", "00 00 00", "RFC 4034 section 4.1.2"},
        {"CSYNC", "00*6 00 00", "RFC 4034 section 4.1.2"},
        {"DNAME", "c0 0c", "RFC 3597 section 4"},
        {"HTTPS", "00 01 00 00 03 00 01 00", "RFC 9460 section 7.2"},
        {"HTTPS", "00 01 00 00", "RFC 9460 section 2.2"},
        {"OPT", "00 0a 00 01 00", "RFC 7873 section 4"},
        {"OPT", "00 0a 00 01", "RFC 6891 section 6.1.2"},
        {"CAA", "00 00", "RFC 8659 section 4.1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t rdata[64];
        uint8_t message[BJ_ONE_RECORD_CAP];
        size_t len = bj_one_record(
            rows[i].type, rdata,
            bj_vector_octets(rows[i].rdata, rdata, sizeof(rdata)), message);
        struct bj_fault fault;
        const char *clause;

        assert_int_equal(walk(message, len, &fault, &clause), BJ_BAD);
        assert_string_equal(clause, rows[i].clause);
    }
}

/* Every row of the table is for a type that has a mnemonic, once, and its
 * fields have names. */
static void the_table_is_sound(void **state)
{
    size_t known = 0;

    (void)state;
    for (unsigned type = 0; type < 65536; type++) {
        const struct bj_layout *l = bj_layout_find((uint16_t)type);
        size_t n = 0;

        if (l == &bj_layout_unknown)
            continue;
        known += 1;
        assert_int_equal(l->type, type);
        assert_non_null(bj_type_text(type));
        for (; l->fields[n].kind != BJ_FIELD_END; n++)
            assert_non_null(l->fields[n].name);
        assert_in_range(n, 1, BJ_LAYOUT_FIELDS_MAX - 1);
    }
    assert_int_equal(known, 48);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R14_R15_R17_faults_and_their_places),
        cmocka_unit_test(R16_faults_of_options),
        cmocka_unit_test(R14_every_shorter_rdata),
        cmocka_unit_test(clauses_name_the_rule),
        cmocka_unit_test(the_table_is_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
