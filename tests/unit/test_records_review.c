#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/records/review.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/records.h"
#include "tests/support/vectors.h"

static enum bj_status review(const void *bytes, size_t len,
                             struct bj_review *out)
{
    struct bj_guard g = bj_guard_copy(bytes, len);
    enum bj_status status = bj_review_message(g.bytes, len, out);

    assert_int_equal(status, bj_fault_status(out->fault.kind));
    assert_true(out->fault.at <= len || out->fault.kind == BJ_FAULT_TOO_LONG);
    bj_guard_free(&g);
    return status;
}

/* Whole messages. Reason | octets | "ok", or fault, octet, place. */
static void messages(void **state)
{
    struct bj_vectors v;

    (void)state;
    bj_vectors_open(&v, "records_messages.txt");
    while (bj_vectors_next(&v, 3)) {
        uint8_t octets[BJ_VECTOR_LINE];
        size_t len = bj_vector_octets(v.fields[1], octets, sizeof(octets));
        struct bj_review r;
        char got[128];

        if (review(octets, len, &r) == BJ_OK)
            snprintf(got, sizeof(got), "ok");
        else if (r.place == BJ_REVIEW_ITEM)
            snprintf(got, sizeof(got), "!%s %zu %s %u",
                     bj_fault_name(r.fault.kind), r.fault.at,
                     bj_section_text(r.section), r.item);
        else
            snprintf(got, sizeof(got), "!%s %zu %s",
                     bj_fault_name(r.fault.kind), r.fault.at,
                     r.place == BJ_REVIEW_END ? "end" : "header");
        if (strcmp(got, v.fields[2]) != 0)
            fail_msg("records_messages.txt:%zu: %s", v.line_number, got);
    }
}

static void a_fault_in_rdata_names_its_field(void **state)
{
    uint8_t message[BJ_ONE_RECORD_CAP];
    struct bj_review r;
    size_t len = bj_one_record("NSEC", (const uint8_t *)"\0\0\0", 3, message);

    (void)state;
    assert_int_equal(review(message, len, &r), BJ_BAD);
    assert_int_equal(r.place, BJ_REVIEW_ITEM);
    assert_int_equal(r.section, BJ_SECTION_ANSWER);
    assert_int_equal(r.item, 1);
    assert_true(r.has_type);
    assert_int_equal(r.type, BJ_TYPE_NSEC);
    assert_string_equal(r.field, "types");
    assert_string_equal(r.clause, "RFC 4034 section 4.1.2");
    assert_int_equal(r.fault.at, BJ_ONE_RECORD_RDATA + 1);
}

static void opt_completes_the_rcode(void **state)
{
    uint8_t message[BJ_ONE_RECORD_CAP];
    struct bj_review r;
    size_t len = bj_one_record("OPT", NULL, 0, message);

    (void)state;
    message[3] = 7;
    message[17] = 1;
    assert_int_equal(review(message, len, &r), BJ_OK);
    assert_true(r.has_opt);
    assert_int_equal(r.rcode, 0x17);
    assert_int_equal(r.place, BJ_REVIEW_END);
}

static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_review r;

    (void)out;
    (void)cap;
    *out_len = 0;
    return bj_review_message(bytes, len, &r);
}

static void no_prefix_is_a_message(void **state)
{
    uint8_t message[BJ_ONE_RECORD_CAP];
    size_t len =
        bj_one_record("MX", (const uint8_t *)"\0\12\300\14", 4, message);

    (void)state;
    bj_property_prefixes(reparse, message, len, 0);
    len = bj_one_record("OPT", (const uint8_t *)"\0\3\0\2ns", 6, message);
    bj_property_prefixes(reparse, message, len, 0);
}

/* R04: counts as high as 64 KiB allow; nothing is kept per record. */
static void R04_as_many_records_as_fit(void **state)
{
    static uint8_t message[65535];
    struct bj_review r;
    size_t count = (sizeof(message) - 12) / 11;

    (void)state;
    memset(message, 0, sizeof(message));
    message[6] = (uint8_t)(count / 256);
    message[7] = (uint8_t)count;
    for (size_t i = 0; i < count; i++)
        message[12 + 11 * i + 1] = 255; /* TYPE65280, empty */
    assert_int_equal(review(message, 12 + 11 * count, &r), BJ_OK);
    assert_int_equal(review(message, sizeof(message), &r), BJ_BAD);
    assert_int_equal(r.fault.kind, BJ_FAULT_TRAILING);
    assert_int_equal(r.fault.at, 12 + 11 * count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages),
        cmocka_unit_test(a_fault_in_rdata_names_its_field),
        cmocka_unit_test(opt_completes_the_rcode),
        cmocka_unit_test(no_prefix_is_a_message),
        cmocka_unit_test(R04_as_many_records_as_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
