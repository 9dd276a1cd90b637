#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/records/print.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/records.h"
#include "tests/support/vectors.h"

/* All pieces of a message, each at most as large as is promised. */
static enum bj_status print(enum bj_print_style style, const uint8_t *bytes,
                            size_t len, uint8_t *out, size_t cap,
                            size_t *needed)
{
    struct bj_review review;
    struct bj_print p;
    struct bj_writer w;
    enum bj_status status = bj_review_message(bytes, len, &review);

    bj_writer_init(&w, out, cap);
    if (status != BJ_OK) {
        bj_print_fault(&w, style, &review);
        *needed = w.len;
        return bj_writer_end(&w);
    }
    bj_print_init(&p, style, bytes, len, &review);
    do {
        size_t before = w.len;

        status = bj_print_next(&p, &w);
        assert_true(w.len - before <= BJ_PRINT_PIECE_MAX);
    } while (status == BJ_OK);
    *needed = w.len;
    return status == BJ_NONE ? BJ_OK : status;
}

static void gives(enum bj_print_style style, const char *octets_text,
                  const char *expected)
{
    uint8_t octets[1024];
    size_t len = bj_vector_octets(octets_text, octets, sizeof(octets));
    struct bj_guard g = bj_guard_copy(octets, len);
    uint8_t out[4096];
    size_t needed = 0;

    assert_int_equal(print(style, g.bytes, len, out, sizeof(out) - 1, &needed),
                     BJ_OK);
    out[needed] = 0;
    assert_string_equal((char *)out, expected);
    bj_guard_free(&g);
}

/* A question, two sections and an OPT between two additional records. */
static const char reply[] =
    "12 34 85 80 00 01 00 01 00 00 00 03 01 'a' 00 00 01 00 01 "
    "c0 0c 00 01 00 01 00 00 01 2c 00 04 c0 00 02 07 "
    "00 00 10 00 01 00*4 00 02 01 'x' "
    "00 00 29 04 d0 01 00 80 00 00 04 00 03 00 00 "
    "00 00 10 00 01 00*4 00 02 01 'y'";

static void as_dig_shows_it(void **state)
{
    (void)state;
    gives(BJ_PRINT_TEXT, reply,
          ";; ->>HEADER<<- opcode: QUERY, status: BADVERS, id: 4660\n"
          ";; flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, "
          "ADDITIONAL: 3\n"
          "\n;; QUESTION SECTION:\n;a.\tIN\tA\n"
          "\n;; ANSWER SECTION:\na.\t300\tIN\tA\t192.0.2.7\n"
          "\n;; ADDITIONAL SECTION:\n.\t0\tIN\tTXT\t\"x\"\n"
          "\n;; OPT PSEUDOSECTION:\n"
          "; EDNS: version: 0, flags: do; udp: 1232\n; NSID:\n"
          "\n;; ADDITIONAL SECTION:\n.\t0\tIN\tTXT\t\"y\"\n");
    gives(BJ_PRINT_TEXT, "00 01 79 7f 00*8",
          ";; ->>HEADER<<- opcode: OPCODE15, status: RCODE15, id: 1\n"
          ";; flags: rd z ad cd; QUERY: 0, ANSWER: 0, AUTHORITY: 0, "
          "ADDITIONAL: 0\n");
}

static void as_json(void **state)
{
    (void)state;
    gives(BJ_PRINT_JSON, reply,
          "{\"id\":4660,\"opcode\":\"QUERY\",\"rcode\":\"BADVERS\","
          "\"qr\":true,\"aa\":true,\"tc\":false,\"rd\":true,\"ra\":true,"
          "\"z\":false,\"ad\":false,\"cd\":false,"
          "\"question\":[{\"name\":\"a.\",\"type\":\"A\",\"class\":\"IN\"}],"
          "\"answer\":[{\"name\":\"a.\",\"type\":\"A\",\"class\":\"IN\","
          "\"ttl\":300,\"rdata\":{\"address\":\"192.0.2.7\"}}],"
          "\"authority\":[],\"additional\":["
          "{\"name\":\".\",\"type\":\"TXT\",\"class\":\"IN\",\"ttl\":0,"
          "\"rdata\":{\"strings\":[\"x\"]}},"
          "{\"name\":\".\",\"type\":\"OPT\",\"udp\":1232,\"version\":0,"
          "\"flags\":32768,\"options\":[{\"code\":3,\"name\":\"NSID\","
          "\"value\":\"\"}]},"
          "{\"name\":\".\",\"type\":\"TXT\",\"class\":\"IN\",\"ttl\":0,"
          "\"rdata\":{\"strings\":[\"y\"]}}]}");
    gives(BJ_PRINT_JSON, "00*12",
          "{\"id\":0,\"opcode\":\"QUERY\",\"rcode\":\"NOERROR\",\"qr\":false,"
          "\"aa\":false,\"tc\":false,\"rd\":false,\"ra\":false,\"z\":false,"
          "\"ad\":false,\"cd\":false,\"question\":[],\"answer\":[],"
          "\"authority\":[],\"additional\":[]}");
}

static void a_fault_says_what_where_and_why(void **state)
{
    static const char bad[] = "00*7 01 00*4 00 00 2f 00 01 00*4 00 03 00*3";

    (void)state;
    gives(BJ_PRINT_TEXT, bad,
          ";; rejected at octet 24, in answer record 1 (NSEC), field types: "
          "a field of RDATA has no valid value (RFC 4034 section 4.1.2)\n");
    gives(BJ_PRINT_JSON, bad,
          "{\"octet\":24,\"place\":\"answer record 1 (NSEC), field types\","
          "\"reason\":\"a field of RDATA has no valid value\","
          "\"rule\":\"RFC 4034 section 4.1.2\"}");
    gives(BJ_PRINT_TEXT, "00*3",
          ";; rejected at octet 0, in header: the message ends inside an "
          "announced item (RFC 1035 section 4.1)\n");
    gives(BJ_PRINT_TEXT, "00*13",
          ";; rejected at octet 12, in end: octets follow the last record "
          "(RFC 1035 section 4.1)\n");
    gives(BJ_PRINT_TEXT, "00*5 01 00*6",
          ";; rejected at octet 12, in question 1: the message ends inside "
          "an announced item (RFC 1035 section 4.1)\n");
}

/* What is not what was reviewed is not printed. */
static void another_message_is_refused(void **state)
{
    static const uint8_t bytes[12] = {[7] = 1};
    static const struct bj_review accepted = {.clause = ""};
    struct bj_print p;
    struct bj_writer w;
    uint8_t out[256];

    (void)state;
    bj_writer_init(&w, out, sizeof(out));
    bj_print_init(&p, BJ_PRINT_TEXT, bytes, sizeof(bytes), &accepted);
    assert_int_equal(bj_print_next(&p, &w), BJ_OK);
    assert_int_equal(bj_print_next(&p, &w), BJ_BAD);
    assert_int_equal(bj_print_next(&p, &w), BJ_NONE);
    bj_print_init(&p, BJ_PRINT_TEXT, bytes, 3, &accepted);
    assert_int_equal(bj_print_next(&p, &w), BJ_NONE);
}

/* The largest pieces that one record can become, by what fills 64 KiB. */
static void no_piece_is_larger_than_promised(void **state)
{
    enum { RDATA_MAX = 65535 - 23, ROOM = 4 << 20 };
    static uint8_t message[65535];
    static uint8_t rdata[RDATA_MAX];
    uint8_t *out = malloc(ROOM);
    size_t largest = 0;

    (void)state;
    assert_non_null(out);
    for (int fill = 0; fill < 7; fill++) {
        static const uint8_t types[] = {47, 16, 64, 41, 64, 41, 64};
        size_t n = RDATA_MAX, needed = 0;
        struct bj_writer w;

        bj_writer_init(&w, rdata, sizeof(rdata));
        if (fill == 0) { /* every type there is */
            bj_writer_u8(&w, 0);
            for (unsigned window = 0; window < 256; window++) {
                bj_writer_u8(&w, (uint8_t)window);
                bj_writer_u8(&w, 32);
                memset(rdata + w.len, 255, 32);
                w.len += 32;
            }
        }
        for (; fill == 1 && w.len + 256 <= n; w.len += 255) {
            bj_writer_u8(&w, 255);
            memset(rdata + w.len, 1, 255);
        }
        if (fill == 2 || fill == 4 || fill == 6) {
            bj_writer_u16(&w, 1);
            bj_writer_u8(&w, 0);
        }
        if (fill == 6) { /* a list of one-octet ids */
            bj_writer_u16(&w, 1);
            bj_writer_u16(&w, 65000);
            for (int i = 0; i < 32500; i++)
                bj_writer_u16(&w, 0x0101);
        }
        /* As many empty values, or values of one octet, as fit. */
        for (unsigned key = 10000; (fill == 2 || fill == 3) && w.len + 4 <= n;
             key++) {
            bj_writer_u16(&w, (uint16_t)key);
            bj_writer_u16(&w, 0);
        }
        for (unsigned key = 10000; (fill == 4 || fill == 5) && w.len + 5 <= n;
             key++) {
            bj_writer_u16(&w, (uint16_t)key);
            bj_writer_u16(&w, 1);
            bj_writer_u8(&w, 1);
        }
        assert_int_equal(bj_writer_end(&w), BJ_OK);
        memset(message, 0, 23);
        message[types[fill] == 41 ? 11 : 7] = 1;
        message[14] = types[fill];
        message[16] = 1;
        message[21] = (uint8_t)(w.len / 256);
        message[22] = (uint8_t)w.len;
        memcpy(message + 23, rdata, w.len);
        for (int style = 0; style < 2; style++) {
            assert_int_equal(print((enum bj_print_style)style, message,
                                   23 + w.len, out, ROOM, &needed),
                             BJ_OK);
            assert_true(needed > 100000); /* it was not refused */
            if (needed > largest)
                largest = needed;
        }
    }
    assert_true(largest > BJ_PRINT_PIECE_MAX / 2);
    free(out);
}

static void a_piece_that_does_not_fit_ends_it(void **state)
{
    uint8_t octets[1024];
    size_t len = bj_vector_octets(reply, octets, sizeof(octets));
    size_t whole = 0;

    (void)state;
    assert_int_equal(print(BJ_PRINT_TEXT, octets, len, NULL, 0, &whole),
                     BJ_SPACE);
    assert_int_equal(whole, 129); /* the first piece alone */
    whole = 0;
    for (size_t cap = 0; whole == 0; cap++) {
        struct bj_guard g = bj_guard_end(cap);
        size_t needed = 0;
        enum bj_status status =
            print(BJ_PRINT_TEXT, octets, len, g.bytes, cap, &needed);

        assert_true(status == BJ_OK || status == BJ_SPACE);
        assert_true((status == BJ_OK) == (needed <= cap));
        if (status == BJ_OK)
            whole = cap;
        bj_guard_free(&g);
    }
    assert_true(whole > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_dig_shows_it),
        cmocka_unit_test(as_json),
        cmocka_unit_test(a_fault_says_what_where_and_why),
        cmocka_unit_test(another_message_is_refused),
        cmocka_unit_test(no_piece_is_larger_than_promised),
        cmocka_unit_test(a_piece_that_does_not_fit_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
