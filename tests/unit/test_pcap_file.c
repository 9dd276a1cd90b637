#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/writer.h"
#include "core/pcap/file.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

/* Two packets, of three octets and of none, and microseconds, big-endian. */
static const uint8_t classic[] = {
    0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, /**/
    0,    4,    0,    0,    0, 0, 0, 1,                         /**/
    0,    0,    0,    7,    0, 0, 0, 9, 0, 0, 0, 3, 0, 0, 0, 5, /**/
    'a',  'b',  'c',                                            /**/
    0,    0,    0,    8,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};

/* Section, unknown block of four octets, interface, enhanced packet of two
 * octets padded to four, simple packet of one: little-endian. */
static const uint8_t ng[] = {
    0x0a, 0x0d, 0x0d, 0x0a, 28,  0,    0,    0,    /**/
    0x4d, 0x3c, 0x2b, 0x1a, 1,   0,    0,    0,    /**/
    0xff, 0xff, 0xff, 0xff, 255, 0xff, 0xff, 0xff, /**/
    28,   0,    0,    0,                           /**/
    0xad, 0x0b, 0,    0,    16,  0,    0,    0,    1,    2,    3,    4,
    16,   0,    0,    0,                                                /**/
    1,    0,    0,    0,    20,  0,    0,    0,                         /**/
    101,  0,    0,    0,    0,   0,    0,    0,    20,   0,    0,    0, /**/
    6,    0,    0,    0,    36,  0,    0,    0,                         /**/
    0,    0,    0,    0,    0,   0,    0,    0,    0x40, 0x42, 0x0f, 0, /**/
    2,    0,    0,    0,    9,   0,    0,    0,    'x',  'y',  0,    0, /**/
    36,   0,    0,    0,                                                /**/
    3,    0,    0,    0,    20,  0,    0,    0,                         /**/
    1,    0,    0,    0,    'z', 0,    0,    0,    20,   0,    0,    0, /**/
};

/* Writes each packet as a line, then how it ended. */
static void push(const uint8_t *bytes, size_t len, const size_t *cuts,
                 size_t cut_count, uint8_t *out, size_t cap, size_t *out_len)
{
    struct bj_pcap_file file;
    struct bj_pcap_record r;
    struct bj_writer w;
    size_t from = 0;
    size_t next = 0;
    enum bj_status status = BJ_MORE;

    bj_pcap_file_init(&file);
    bj_writer_init(&w, out, cap);
    while (next <= cut_count && (status == BJ_MORE || status == BJ_OK)) {
        struct bj_cursor in;
        size_t to = next < cut_count ? cuts[next] : len;

        bj_cursor_init(&in, bytes + from, to - from);
        status = bj_pcap_file_next(&file, &in, &r);
        from += in.pos;
        if (status == BJ_MORE)
            next += 1;
        if (status != BJ_OK)
            continue;
        bj_writer_dec(&w, r.link);
        bj_writer_char(&w, ' ');
        bj_writer_dec(&w, r.seconds);
        bj_writer_char(&w, '.');
        bj_writer_dec(&w, r.nanoseconds);
        bj_writer_char(&w, ' ');
        bj_writer_dec(&w, r.offset);
        bj_writer_char(&w, '/');
        bj_writer_dec(&w, r.sent_len);
        bj_writer_char(&w, '=');
        bj_writer_bytes(&w, r.bytes, r.len);
        bj_writer_char(&w, '\n');
    }
    bj_writer_text(&w,
                   status == BJ_MORE && bj_pcap_file_may_end(&file, len - from)
                       ? "end"
                       : bj_status_text(status));
    assert_int_equal(bj_writer_end(&w), BJ_OK);
    *out_len = w.len;
}

static void gives(const uint8_t *bytes, size_t len, const char *expected)
{
    struct bj_guard g = bj_guard_copy(bytes, len);
    uint8_t out[2048];
    size_t out_len = 0;

    push(g.bytes, len, NULL, 0, out, sizeof(out) - 1, &out_len);
    out[out_len] = 0;
    assert_string_equal((char *)out, expected);
    bj_guard_free(&g);
}

static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    push(bytes, len, NULL, 0, out, cap, out_len);
    return *out_len >= 3 && memcmp(out + *out_len - 3, "end", 3) == 0 ? BJ_OK
                                                                      : BJ_BAD;
}

static void classic_big_endian(void **state)
{
    (void)state;
    gives(classic, sizeof(classic), "1 7.9000 40/5=abc\n1 8.0 59/0=\nend");
}

static void next_generation(void **state)
{
    (void)state;
    gives(ng, sizeof(ng), "101 1.0 92/9=xy\n101 0.0 112/1=z\nend");
}

/* The packet block that the enhanced one replaced, in place of it: the
 * interface is 16 bits wide, drops stand behind it. */
static void the_old_packet_block(void **state)
{
    uint8_t old[sizeof(ng)];

    (void)state;
    memcpy(old, ng, sizeof(ng));
    old[64] = 2;
    old[74] = 9; /* drops */
    gives(old, sizeof(old), "101 1.0 92/9=xy\n101 0.0 112/1=z\nend");
    old[72] = 1; /* there is no interface 1 */
    gives(old, sizeof(old), "the input breaks its format");
}

static void properties(void **state)
{
    (void)state;
    bj_property_prefixes(reparse, classic, sizeof(classic), 1);
    bj_property_prefixes(reparse, ng, sizeof(ng), 1);
    bj_property_splits(push, classic, sizeof(classic));
    bj_property_splits(push, ng, sizeof(ng));
}

/* A capture may end after any record and nowhere else. */
static void ends_only_after_whole_records(void **state)
{
    size_t ends = 0;

    (void)state;
    for (size_t n = 0; n <= sizeof(ng); n++) {
        uint8_t out[2048];
        size_t out_len = 0;

        if (reparse(ng, n, out, sizeof(out), &out_len) == BJ_OK)
            ends += 1;
    }
    assert_int_equal(ends, 5);
}

static void changed(const uint8_t *bytes, size_t len, size_t at, uint8_t value,
                    const char *expected)
{
    uint8_t copy[256];

    memcpy(copy, bytes, len);
    copy[at] = value;
    gives(copy, len, expected);
}

static void each_length_is_checked(void **state)
{
    const char *bad = "the input breaks its format";

    (void)state;
    changed(classic, sizeof(classic), 5, 3,
            "well formed, but of a kind we do not handle");
    changed(classic, sizeof(classic), 7, 3,
            "well formed, but of a kind we do not handle");
    changed(classic, sizeof(classic), 29, 0x10, bad); /* 0x100009 us */
    changed(classic, sizeof(classic), 33, 4,
            "the input is larger than we accept");
    changed(ng, sizeof(ng), 4, 24, bad);  /* section length */
    changed(ng, sizeof(ng), 24, 24, bad); /* its repetition */
    changed(ng, sizeof(ng), 12, 2,        /* major version */
            "well formed, but of a kind we do not handle");
    changed(ng, sizeof(ng), 8, 0, bad);   /* order mark */
    changed(ng, sizeof(ng), 32, 15, bad); /* no multiple of four */
    changed(ng, sizeof(ng), 40, 20, bad); /* after the unknown block */
    changed(ng, sizeof(ng), 72, 1, bad);  /* no interface 1 */
    changed(ng, sizeof(ng), 84, 5, bad);  /* more kept than the block has */
    changed(ng, sizeof(ng), 86, 5, "the input is larger than we accept");
}

static void magic(void **state)
{
    (void)state;
    assert_true(bj_pcap_file_is(classic, 4));
    assert_true(bj_pcap_file_is(ng, sizeof(ng)));
    assert_false(bj_pcap_file_is(classic, 3));
    assert_false(bj_pcap_file_is(classic + 1, 4));
    assert_false(bj_pcap_file_is(NULL, 0));
    gives((const uint8_t *)"hello", 5, "the input breaks its format");
    gives(NULL, 0, "more input is needed");
}

/* Units of time, as (if_tsresol, ticks, expected seconds, nanoseconds). */
static void units_of_time(void **state)
{
    static const struct {
        uint8_t unit;
        uint8_t ticks_high, ticks_low; /* octets 7 and 0 of the 64 bits */
        uint64_t seconds;
        uint32_t nanoseconds;
    } rows[] = {
        {0, 0, 9, 9, 0},
        {3, 0, 9, 0, 9000000},
        {9, 0, 9, 0, 9},
        {10, 0, 19, 0, 1},
        {19, 0x80, 0, 0, 922337203},
        {128, 0, 9, 9, 0},
        {128 + 3, 0, 9, 1, 125000000},
        {128 + 32, 0x80, 0, UINT64_C(1) << 31, 0},
        {128 + 63, 0x80, 0, 1, 0},
        {128 + 63, 0x40, 0, 0, 500000000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t file[28 + 28 + 32] = {0};
        struct bj_pcap_file reader;
        struct bj_pcap_record r;
        struct bj_cursor in;

        memcpy(file, ng, 28);
        memcpy(file + 28, "\1\0\0\0\x1c\0\0\0\1\0\0\0\0\0\0\0\x09\0\1\0", 20);
        file[48] = rows[i].unit;
        file[52] = 28;
        memcpy(file + 56, "\6\0\0\0\x20", 5);
        file[56 + 15] = rows[i].ticks_high;
        file[56 + 16] = rows[i].ticks_low;
        file[56 + 28] = 32;
        bj_pcap_file_init(&reader);
        bj_cursor_init(&in, file, sizeof(file));
        assert_int_equal(bj_pcap_file_next(&reader, &in, &r), BJ_OK);
        assert_true(r.seconds == rows[i].seconds);
        assert_int_equal(r.nanoseconds, rows[i].nanoseconds);
        file[48] = rows[i].unit < 128 ? 20 : 128 + 64;
        bj_pcap_file_init(&reader);
        bj_cursor_init(&in, file, sizeof(file));
        assert_int_equal(bj_pcap_file_next(&reader, &in, &r), BJ_BAD);
    }
}

/* An unknown block of nearly 4 GiB costs no memory: it is passed over. */
static void unknown_blocks_may_be_huge(void **state)
{
    uint8_t chunk[4096] = {0xad, 0x0b, 0, 0, 0xfc, 0xff, 0xff, 0xff};
    struct bj_pcap_file file;
    struct bj_pcap_record r;
    struct bj_cursor in;

    (void)state;
    bj_pcap_file_init(&file);
    bj_cursor_init(&in, ng, 28);
    assert_int_equal(bj_pcap_file_next(&file, &in, &r), BJ_MORE);
    for (int i = 0; i < 3; i++) {
        bj_cursor_init(&in, chunk, sizeof(chunk));
        assert_int_equal(bj_pcap_file_next(&file, &in, &r), BJ_MORE);
        assert_int_equal(bj_cursor_left(&in), 0);
        assert_false(bj_pcap_file_may_end(&file, 0));
    }
    assert_true(file.offset == 28 + 3 * sizeof(chunk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classic_big_endian),
        cmocka_unit_test(next_generation),
        cmocka_unit_test(the_old_packet_block),
        cmocka_unit_test(properties),
        cmocka_unit_test(ends_only_after_whole_records),
        cmocka_unit_test(each_length_is_checked),
        cmocka_unit_test(magic),
        cmocka_unit_test(units_of_time),
        cmocka_unit_test(unknown_blocks_may_be_huge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
