#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/pcap/packet.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

/* Ethernet, IPv4, UDP to port 53, "abcd"; 46 octets, no padding. */
static const uint8_t frame4[] = {
    2,    0,    0, 0,  0,   2,  2, 0,  0,   0,   0,   1,   8, 0, /**/
    0x45, 0,    0, 32, 0,   7,  0, 0,  64,  17,  0,   0,         /**/
    192,  0,    2, 1,  192, 0,  2, 53,                           /**/
    0x9c, 0x40, 0, 53, 0,   12, 0, 0,  'a', 'b', 'c', 'd',
};

/* IPv6, hop-by-hop header, TCP from port 53 with a message of two octets
 * and the first of another. */
static const uint8_t raw6[] = {
    0x60, 0,  0,    0,    0, 33, 0,   64,                                /**/
    0x20, 1,  0x0d, 0xb8, 0, 0,  0,   0,   0, 0, 0, 0, 0,    0,    0, 1, /**/
    0x20, 1,  0x0d, 0xb8, 0, 0,  0,   0,   0, 0, 0, 0, 0,    0,    0, 2, /**/
    6,    0,  1,    4,    0, 0,  0,   0,                                 /**/
    0,    53, 0x9c, 0x40, 0, 0,  0,   1,   0, 0, 0, 1, 0x50, 0x18, 4, 0,
    0,    0,  0,    0,    0, 2,  'h', 'i', 0,
};

static enum bj_status read(uint32_t link, const void *bytes, size_t len,
                           struct bj_packet *out)
{
    struct bj_guard g = bj_guard_copy(bytes, len);
    enum bj_status status = bj_packet_read(link, g.bytes, len, out);

    if (out->payload != NULL) {
        assert_true(out->payload >= g.bytes);
        out->payload = (const uint8_t *)bytes + (out->payload - g.bytes);
    }
    bj_guard_free(&g);
    return status;
}

static enum bj_status changed(uint32_t link, const uint8_t *bytes, size_t len,
                              size_t at, uint8_t value, struct bj_packet *out)
{
    static uint8_t copy[256];

    memcpy(copy, bytes, len);
    copy[at] = value;
    return read(link, copy, len, out);
}

static void udp_over_ethernet(void **state)
{
    struct bj_packet p;

    (void)state;
    assert_int_equal(read(1, frame4, sizeof(frame4), &p), BJ_OK);
    assert_int_equal(p.kind, BJ_PACKET_UDP);
    assert_int_equal(p.version, 4);
    assert_int_equal(p.source[3], 1);
    assert_int_equal(p.destination[3], 53);
    assert_int_equal(p.source_port, 40000);
    assert_int_equal(p.payload_len, 4);
    assert_memory_equal(p.payload, "abcd", 4);
    assert_false(p.cut);
    assert_true(bj_packet_is_dns(&p));
}

static void tcp_over_ip6_with_an_extension(void **state)
{
    struct bj_packet p;
    struct bj_cursor c;
    struct bj_cursor message;

    (void)state;
    assert_int_equal(read(101, raw6, sizeof(raw6), &p), BJ_OK);
    assert_int_equal(p.kind, BJ_PACKET_TCP);
    assert_int_equal(p.version, 6);
    assert_int_equal(p.destination[15], 2);
    assert_true(bj_packet_is_dns(&p));
    bj_cursor_init(&c, p.payload, p.payload_len);
    assert_int_equal(bj_packet_next_message(&c, &message), BJ_OK);
    assert_int_equal(message.len, 2);
    assert_memory_equal(message.base, "hi", 2);
    assert_int_equal(bj_packet_next_message(&c, &message), BJ_MORE);
    assert_int_equal(bj_cursor_left(&c), 1);
    bj_cursor_skip(&c, 1);
    assert_int_equal(bj_packet_next_message(&c, &message), BJ_NONE);
}

static enum bj_status reparse4(const uint8_t *bytes, size_t len, uint8_t *out,
                               size_t cap, size_t *out_len)
{
    struct bj_packet p;
    enum bj_status status = bj_packet_read(1, bytes, len, &p);

    if (status == BJ_OK && p.payload_len <= cap) {
        memcpy(out, p.payload, p.payload_len);
        *out_len = p.payload_len;
        return p.cut ? BJ_MORE : BJ_OK;
    }
    return status;
}

static void every_prefix_says_that_it_is_one(void **state)
{
    struct bj_packet p;

    (void)state;
    bj_property_prefixes(reparse4, frame4, sizeof(frame4), 0);
    for (size_t n = 0; n < sizeof(frame4); n++) {
        enum bj_status status = read(1, frame4, n, &p);

        if (n < 14 + 20 + 8)
            assert_int_equal(status, BJ_MORE);
        else
            assert_true(status == BJ_OK && p.cut && p.payload_len == n - 42);
    }
    for (size_t n = 0; n < sizeof(raw6); n++)
        assert_true(read(101, raw6, n, &p) == BJ_MORE || p.cut);
}

static void lengths_that_contradict(void **state)
{
    const size_t n4 = sizeof(frame4);
    struct bj_packet p;

    (void)state;
    assert_int_equal(changed(1, frame4, n4, 14, 0x44, &p), BJ_BAD);
    assert_int_equal(changed(1, frame4, n4, 14, 0x55, &p), BJ_BAD);
    assert_int_equal(changed(1, frame4, n4, 17, 19, &p), BJ_BAD);
    assert_int_equal(changed(1, frame4, n4, 17, 27, &p), BJ_BAD);
    assert_int_equal(changed(1, frame4, n4, 39, 7, &p), BJ_BAD);
    assert_int_equal(changed(1, frame4, n4, 39, 13, &p), BJ_BAD);
    assert_int_equal(changed(101, raw6, sizeof(raw6), 41, 9, &p), BJ_BAD);
    assert_int_equal(changed(101, raw6, sizeof(raw6), 60, 0x40, &p), BJ_BAD);
    assert_int_equal(changed(101, raw6, sizeof(raw6), 60, 0x70, &p), BJ_BAD);
    assert_int_equal(changed(229, raw6, sizeof(raw6), 0, 0x50, &p), BJ_BAD);
    assert_null(p.payload);
}

static void lengths_that_are_not_filled_in(void **state)
{
    struct bj_packet p;

    (void)state;
    assert_int_equal(changed(1, frame4, sizeof(frame4), 17, 0, &p), BJ_OK);
    assert_int_equal(p.payload_len, 4);
    assert_int_equal(changed(101, raw6, sizeof(raw6), 5, 0, &p), BJ_OK);
    assert_int_equal(p.payload_len, 5);
    assert_int_equal(changed(1, frame4, sizeof(frame4), 39, 8, &p), BJ_OK);
    assert_int_equal(p.payload_len, 0);
}

static void fragments_are_recognised(void **state)
{
    struct bj_packet p;

    (void)state;
    assert_int_equal(changed(1, frame4, sizeof(frame4), 20, 0x20, &p), BJ_OK);
    assert_int_equal(p.kind, BJ_PACKET_FRAGMENT);
    assert_int_equal(changed(1, frame4, sizeof(frame4), 21, 1, &p), BJ_OK);
    assert_int_equal(p.kind, BJ_PACKET_FRAGMENT);
    assert_false(bj_packet_is_dns(&p));
    assert_int_equal(changed(1, frame4, sizeof(frame4), 20, 0x40, &p), BJ_OK);
    assert_int_equal(p.kind, BJ_PACKET_UDP);
    assert_int_equal(changed(101, raw6, sizeof(raw6), 6, 44, &p), BJ_OK);
    assert_int_equal(p.kind, BJ_PACKET_FRAGMENT);
}

static void what_is_not_for_us(void **state)
{
    struct bj_packet p;

    (void)state;
    assert_int_equal(changed(1, frame4, sizeof(frame4), 23, 1, &p), BJ_OK);
    assert_int_equal(p.kind, BJ_PACKET_OTHER);
    assert_int_equal(changed(1, frame4, sizeof(frame4), 13, 6, &p), BJ_OK);
    assert_int_equal(p.kind, BJ_PACKET_OTHER);
    assert_int_equal(changed(1, frame4, sizeof(frame4), 37, 54, &p), BJ_OK);
    assert_false(bj_packet_is_dns(&p));
    assert_int_equal(read(147, frame4, sizeof(frame4), &p), BJ_UNSUPPORTED);
}

/* Each link type in front of the same datagram; lengths in octets. */
static void link_types(void **state)
{
    static const struct {
        uint32_t link;
        size_t header;
        uint8_t octets[26];
    } rows[] = {
        {1, 18, {[12] = 0x81, 0, 0, 5, 8, 0}},
        {1, 22, {[12] = 0x88, 0xa8, 0, 5, 0x81, 0, 0, 5, 8, 0}},
        {101, 0, {0}},
        {12, 0, {0}},
        {14, 0, {0}},
        {228, 0, {0}},
        {113, 16, {[14] = 8, 0}},
        {276, 20, {8, 0}},
        {0, 4, {2, 0, 0, 0}},
        {0, 4, {0, 0, 0, 2}},
        {108, 4, {0, 0, 0, 2}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t frame[64];
        size_t len = rows[i].header + sizeof(frame4) - 14;
        struct bj_packet p;

        memcpy(frame, rows[i].octets, rows[i].header);
        memcpy(frame + rows[i].header, frame4 + 14, sizeof(frame4) - 14);
        assert_int_equal(read(rows[i].link, frame, len, &p), BJ_OK);
        assert_int_equal(p.kind, BJ_PACKET_UDP);
        assert_memory_equal(p.payload, "abcd", 4);
        for (size_t n = 0; n < rows[i].header; n++)
            assert_int_equal(read(rows[i].link, frame, n, &p), BJ_MORE);
    }
}

static void nesting_is_bounded(void **state)
{
    uint8_t tags[14 + 4 * 5] = {0};
    uint8_t chain[40 + 9 * 8 + 8] = {0x60, [5] = 80, 60, 64};
    struct bj_packet p;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        tags[12 + 4 * i] = 0x81;
    assert_int_equal(read(1, tags, sizeof(tags), &p), BJ_LIMIT);
    for (size_t i = 0; i < 9; i++)
        chain[40 + 8 * i] = i < 8 ? 60 : 17;
    chain[40 + 72 + 5] = 8;
    assert_int_equal(read(229, chain, sizeof(chain), &p), BJ_LIMIT);
    chain[6] = 17;
    chain[45] = 8;
    assert_int_equal(read(229, chain, sizeof(chain), &p), BJ_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(udp_over_ethernet),
        cmocka_unit_test(tcp_over_ip6_with_an_extension),
        cmocka_unit_test(every_prefix_says_that_it_is_one),
        cmocka_unit_test(lengths_that_contradict),
        cmocka_unit_test(lengths_that_are_not_filled_in),
        cmocka_unit_test(fragments_are_recognised),
        cmocka_unit_test(what_is_not_for_us),
        cmocka_unit_test(link_types),
        cmocka_unit_test(nesting_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
