/*
 * Reads the input, less two octets that are the link type, as one captured
 * frame. Oracles: a naive reading that knows only where IP starts and how
 * its headers chain finds the same ports at the same place; the payload lies
 * in the frame; what the capture cut off later never changes what was read
 * before; padding after a whole datagram changes nothing; the messages of a
 * segment are what their lengths say.
 */
#include "core/pcap/packet.h"
#include "harnesses/harness.h"

static unsigned pair(const uint8_t *p)
{
    return p[0] * 256U + p[1];
}

/* Where IP starts, or SIZE_MAX: tcpdump.org/linktypes.html, by offsets. */
static size_t naive_ip(unsigned link, const uint8_t *b, size_t len)
{
    size_t at = 0;

    switch (link) {
    case 1:
        at = 14;
        while (at <= len && pair(b + at - 2) != 0x0800 &&
               pair(b + at - 2) != 0x86dd)
            at += 4;
        return at <= len ? at : SIZE_MAX;
    case 113:
    case 276:
        at = link == 113 ? 14 : 0;
        while (at + 2 <= len && at <= 30 && pair(b + at) != 0x0800 &&
               pair(b + at) != 0x86dd)
            at += at == 0 ? 22 : 4;
        return link == 276 && at == 0 ? 20 : at + 2;
    case 0:
    case 108:
        return 4;
    default:
        return 0;
    }
}

/* Where the transport header starts: RFC 791, RFC 8200 section 4. */
static size_t naive_transport(const uint8_t *ip)
{
    size_t at = 40;
    unsigned next = ip[6];

    if (ip[0] / 16 == 4)
        return (ip[0] & 15) * 4U;
    while (next != 6 && next != 17) {
        unsigned units = ip[at + 1];

        at += next == 44 ? 8 : next == 51 ? units * 4U + 8 : units * 8U + 8;
        next = ip[at - (next == 44   ? 8
                        : next == 51 ? units * 4U + 8
                                     : units * 8U + 8)];
    }
    return at;
}

static void check_place(unsigned link, const uint8_t *b, size_t len,
                        const struct bj_packet *p)
{
    const uint8_t *ip = b + naive_ip(link, b, len);
    const uint8_t *transport = ip + naive_transport(ip);
    size_t header = p->kind == BJ_PACKET_UDP ? 8 : (transport[12] / 16U) * 4U;
    bool is4 = ip[0] / 16 == 4;

    BJ_CHECK(p->payload >= b && p->payload_len <= len &&
                 p->payload + p->payload_len <= b + len,
             "payload-inside");
    BJ_CHECK(p->version == (is4 ? 4 : 6), "version");
    BJ_CHECK(memcmp(p->source, ip + (is4 ? 12 : 8), is4 ? 4 : 16) == 0 &&
                 memcmp(p->destination, ip + (is4 ? 16 : 24), is4 ? 4 : 16) ==
                     0,
             "addresses");
    BJ_CHECK(p->source_port == pair(transport) &&
                 p->destination_port == pair(transport + 2),
             "ports");
    BJ_CHECK(p->payload == transport + header, "payload-start");
    if (p->kind == BJ_PACKET_UDP)
        BJ_CHECK(p->cut ? p->payload_len <= pair(transport + 4) - 8U
                        : p->payload_len == pair(transport + 4) - 8U,
                 "udp-length");
    else if (is4 && pair(ip + 2) != 0 && !p->cut)
        BJ_CHECK(p->payload + p->payload_len == ip + pair(ip + 2),
                 "tcp-length");
}

/* The same frame cut short, and with padding after it. */
static void check_neighbours(unsigned link, const uint8_t *b, size_t len,
                             size_t kept, const struct bj_packet *p)
{
    uint8_t *copy = calloc(len + 8, 1);
    struct bj_packet q;
    enum bj_status status;

    if (copy == NULL)
        abort();
    memcpy(copy, b, len);
    status = bj_packet_read(link, copy, kept, &q);
    BJ_CHECK(status == BJ_OK || status == BJ_MORE || status == BJ_BAD,
             "cut-status");
    if (status == BJ_OK && q.kind == p->kind)
        BJ_CHECK(q.source_port == p->source_port &&
                     q.payload_len <= p->payload_len &&
                     q.payload - copy == p->payload - b,
                 "cut-changes-nothing");
    status = bj_packet_read(link, copy, len + 8, &q);
    if (p->kind == BJ_PACKET_UDP && !p->cut)
        BJ_CHECK(status == BJ_OK && q.payload_len == p->payload_len,
                 "padding-changes-nothing");
    free(copy);
}

static void check_messages(const struct bj_packet *p)
{
    struct bj_cursor c;
    struct bj_cursor message;
    size_t at = 0;
    enum bj_status status;

    bj_cursor_init(&c, p->payload, p->payload_len);
    while ((status = bj_packet_next_message(&c, &message)) == BJ_OK) {
        BJ_CHECK(message.len == pair(p->payload + at) &&
                     (message.len == 0 || message.base == p->payload + at + 2),
                 "message-by-length");
        at += 2 + message.len;
        BJ_CHECK(at <= p->payload_len && c.pos == at, "message-inside");
    }
    if (status == BJ_NONE)
        BJ_CHECK(at == p->payload_len, "none-at-the-end");
    else
        BJ_CHECK(status == BJ_MORE && p->payload_len - at < 2
                     ? at < p->payload_len
                     : pair(p->payload + at) > p->payload_len - at - 2,
                 "more-when-cut");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned link = bj_take_tail(data, &size);
    struct bj_packet p;
    enum bj_status status;
    uint8_t *frame;

    link += bj_take_tail(data, &size) * 256U;
    frame = bj_exact_copy(data, size);
    status = bj_packet_read(link, frame, size, &p);
    if (status != BJ_OK) {
        static const struct bj_packet zero;

        BJ_CHECK(memcmp(&p, &zero, sizeof(p)) == 0, "zero-on-failure");
    } else if (p.kind == BJ_PACKET_UDP || p.kind == BJ_PACKET_TCP) {
        check_place(link, frame, size, &p);
        check_neighbours(link, frame, size, size / 2 + size / 4, &p);
        check_messages(&p);
    } else {
        BJ_CHECK(p.payload == NULL && p.payload_len == 0 &&
                     !bj_packet_is_dns(&p),
                 "no-payload");
    }
    bj_digest(&p.payload_len, sizeof(p.payload_len));
    free(frame);
    return 0;
}
