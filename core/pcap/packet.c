#include "core/pcap/packet.h"

#include <string.h>

#include "core/bytes/limits.h"

/* https://www.tcpdump.org/linktypes.html; 12 and 14 are what some systems
 * wrote for raw IP before it had a number. */
enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_RAW_BSD = 12,
    LINK_RAW_OPENBSD = 14,
    LINK_RAW = 101,
    LINK_LOOP = 108,
    LINK_COOKED = 113,
    LINK_IP4 = 228,
    LINK_IP6 = 229,
    LINK_COOKED2 = 276,
};

enum {
    ETHER_IP4 = 0x0800,
    ETHER_IP6 = 0x86dd,
    ETHER_VLAN = 0x8100,
    ETHER_VLAN_OUTER = 0x88a8,
    ETHER_VLAN_OLD = 0x9100,
};

enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

/* RFC 8200 section 4 and the IANA list of IPv6 extension header types. */
enum {
    NEXT_HOP_BY_HOP = 0,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AUTHENTICATION = 51,
    NEXT_DESTINATION = 60,
    NEXT_MOBILITY = 135,
    NEXT_HIP = 139,
    NEXT_SHIM6 = 140,
};

/*
 * Restricts `c` to its next `said` octets, or to what the capture kept of
 * them, which is noted. 0 stands for all that is there: large segments are
 * captured before the network card has cut them and filled in the length.
 */
static void limit_to(struct bj_cursor *c, size_t said, struct bj_packet *out)
{
    struct bj_cursor inner;
    size_t left = bj_cursor_left(c);

    if (said > left)
        out->cut = true;
    bj_cursor_narrow(c, said == 0 || said > left ? left : said, &inner);
    *c = inner;
}

static enum bj_status read_udp(struct bj_cursor *c, struct bj_packet *out)
{
    size_t len;

    out->source_port = bj_cursor_u16(c);
    out->destination_port = bj_cursor_u16(c);
    len = bj_cursor_u16(c);
    bj_cursor_skip(c, 2); /* checksum */
    if (!bj_cursor_ok(c))
        return c->status;
    /* RFC 768: the length counts its own header. What IP carries beyond it
     * is padding; what it lacks, if the capture did not cut it, a lie. */
    if (len < 8 || (len - 8 > bj_cursor_left(c) && !out->cut))
        return BJ_BAD;
    if (len > 8)
        limit_to(c, len - 8, out);
    out->payload_len = len > 8 ? bj_cursor_left(c) : 0;
    out->payload = bj_cursor_bytes(c, out->payload_len);
    out->kind = BJ_PACKET_UDP;
    return BJ_OK;
}

static enum bj_status read_tcp(struct bj_cursor *c, struct bj_packet *out)
{
    size_t header;

    out->source_port = bj_cursor_u16(c);
    out->destination_port = bj_cursor_u16(c);
    bj_cursor_skip(c, 4 + 4); /* sequence, acknowledgement */
    header = bj_cursor_u8(c) / 16U * 4U;
    bj_cursor_skip(c, 1 + 2 + 2 + 2); /* flags, window, checksum, urgent */
    if (!bj_cursor_ok(c))
        return c->status;
    if (header < 20) /* RFC 9293 section 3.1: at least five words */
        return BJ_BAD;
    if (header - 20 > bj_cursor_left(c))
        return out->cut ? BJ_MORE : BJ_BAD;
    bj_cursor_skip(c, header - 20);
    out->payload_len = bj_cursor_left(c);
    out->payload = bj_cursor_bytes(c, out->payload_len);
    out->kind = BJ_PACKET_TCP;
    return BJ_OK;
}

/* A header that its own datagram is too short for contradicts it; one that
 * the capture cut off needs more. */
static enum bj_status read_transport(struct bj_cursor *c, unsigned protocol,
                                     struct bj_packet *out)
{
    enum bj_status status = BJ_OK;

    if (protocol == PROTOCOL_UDP)
        status = read_udp(c, out);
    else if (protocol == PROTOCOL_TCP)
        status = read_tcp(c, out);
    return status == BJ_MORE && !out->cut ? BJ_BAD : status;
}

/* RFC 791 section 3.1. */
static enum bj_status read_ip4(struct bj_cursor *c, struct bj_packet *out)
{
    size_t captured = bj_cursor_left(c);
    unsigned first = bj_cursor_u8(c);
    size_t header = first % 16U * 4U;
    size_t total;
    unsigned fragment;
    unsigned protocol;

    bj_cursor_skip(c, 1);
    total = bj_cursor_u16(c);
    bj_cursor_skip(c, 2); /* identification */
    fragment = bj_cursor_u16(c);
    bj_cursor_skip(c, 1); /* time to live */
    protocol = bj_cursor_u8(c);
    bj_cursor_skip(c, 2); /* checksum */
    bj_cursor_copy(c, out->source, 4);
    bj_cursor_copy(c, out->destination, 4);
    if (!bj_cursor_ok(c))
        return c->status;
    if (first / 16U != 4 || header < 20 || (total != 0 && total < header))
        return BJ_BAD;
    bj_cursor_skip(c, header - 20); /* options */
    if (!bj_cursor_ok(c))
        return c->status;
    out->version = 4;
    if (total == header) {
        struct bj_cursor nothing;

        bj_cursor_narrow(c, 0, &nothing);
        *c = nothing;
    } else {
        limit_to(c, total == 0 ? captured - header : total - header, out);
    }
    if (fragment % 0x4000U != 0) { /* more to come, or an offset */
        out->kind = BJ_PACKET_FRAGMENT;
        return BJ_OK;
    }
    return read_transport(c, protocol, out);
}

/* The octets of an extension header after its first two, 0 if `next` is
 * none: RFC 8200 section 4.2, RFC 4302 section 2.2 counts other units. */
static size_t extension_len(unsigned next, unsigned units)
{
    switch (next) {
    case NEXT_HOP_BY_HOP:
    case NEXT_ROUTING:
    case NEXT_DESTINATION:
    case NEXT_MOBILITY:
    case NEXT_HIP:
    case NEXT_SHIM6:
        return units * 8U + 6U;
    case NEXT_AUTHENTICATION:
        return units * 4U + 6U;
    case NEXT_FRAGMENT:
        return 6U;
    default:
        return 0;
    }
}

/* Walks to the header that is no extension and stores its number. */
static enum bj_status read_extensions(struct bj_cursor *c, unsigned *next,
                                      struct bj_packet *out)
{
    /* Ends: at most BJ_PACKET_EXTENSIONS_MAX turns. */
    for (unsigned count = 0; extension_len(*next, 0) > 0; count++) {
        unsigned type = *next;
        size_t rest;

        if (count == BJ_PACKET_EXTENSIONS_MAX)
            return BJ_LIMIT;
        *next = bj_cursor_u8(c);
        rest = extension_len(type, bj_cursor_u8(c));
        if (type == NEXT_FRAGMENT) {
            /* RFC 6946: whole, though in a fragment's clothes, where offset
             * and the flag for more are zero. */
            if ((bj_cursor_u16(c) & 0xfff9U) != 0)
                out->kind = BJ_PACKET_FRAGMENT;
            rest -= 2;
        }
        bj_cursor_skip(c, rest);
        if (!bj_cursor_ok(c) || out->kind == BJ_PACKET_FRAGMENT)
            break;
    }
    if (!bj_cursor_ok(c))
        return out->cut ? BJ_MORE : BJ_BAD;
    return BJ_OK;
}

/* RFC 8200 section 3. */
static enum bj_status read_ip6(struct bj_cursor *c, struct bj_packet *out)
{
    unsigned first = bj_cursor_u8(c);
    unsigned next;
    size_t payload;
    enum bj_status status;

    bj_cursor_skip(c, 3); /* traffic class, flow label */
    payload = bj_cursor_u16(c);
    next = bj_cursor_u8(c);
    bj_cursor_skip(c, 1); /* hop limit */
    bj_cursor_copy(c, out->source, 16);
    bj_cursor_copy(c, out->destination, 16);
    if (!bj_cursor_ok(c))
        return c->status;
    if (first / 16U != 6)
        return BJ_BAD;
    out->version = 6;
    limit_to(c, payload, out);
    status = read_extensions(c, &next, out);
    if (status != BJ_OK || out->kind == BJ_PACKET_FRAGMENT)
        return status;
    return read_transport(c, next, out);
}

/* Raw IP: the version tells. */
static enum bj_status read_ip(struct bj_cursor *c, struct bj_packet *out)
{
    int first = bj_cursor_peek(c);

    if (first < 0)
        return BJ_MORE;
    return first / 16 == 6 ? read_ip6(c, out) : read_ip4(c, out);
}

/* What follows an Ethernet type; anything but IP is not for us. */
static enum bj_status read_ether_type(struct bj_cursor *c, unsigned type,
                                      struct bj_packet *out)
{
    /* Ends: at most BJ_PACKET_TAGS_MAX turns. */
    for (unsigned tags = 0; type == ETHER_VLAN || type == ETHER_VLAN_OUTER ||
                            type == ETHER_VLAN_OLD;
         tags++) {
        if (tags == BJ_PACKET_TAGS_MAX)
            return BJ_LIMIT;
        bj_cursor_skip(c, 2);
        type = bj_cursor_u16(c);
    }
    if (!bj_cursor_ok(c))
        return c->status;
    if (type == ETHER_IP4)
        return read_ip4(c, out);
    return type == ETHER_IP6 ? read_ip6(c, out) : BJ_OK;
}

static enum bj_status read_ethernet(struct bj_cursor *c, struct bj_packet *out)
{
    bj_cursor_skip(c, 6 + 6); /* destination, source */
    return read_ether_type(c, bj_cursor_u16(c), out);
}

static enum bj_status read_cooked(struct bj_cursor *c, struct bj_packet *out)
{
    bj_cursor_skip(c, 2 + 2 + 2 + 8); /* kind, device, address */
    return read_ether_type(c, bj_cursor_u16(c), out);
}

static enum bj_status read_cooked2(struct bj_cursor *c, struct bj_packet *out)
{
    unsigned type = bj_cursor_u16(c);

    bj_cursor_skip(c, 2 + 4 + 2 + 1 + 1 + 8); /* interface, device, address */
    return read_ether_type(c, type, out);
}

/* A four-octet address family in the byte order of the capturing machine:
 * 2 is IPv4 everywhere, IPv6 is 10 on Linux, 24, 28 or 30 on the BSDs. */
static enum bj_status read_loopback(struct bj_cursor *c, struct bj_packet *out)
{
    uint32_t high = bj_cursor_u16(c);
    uint32_t low = bj_cursor_u16(c);
    uint32_t family = low;

    if (!bj_cursor_ok(c))
        return c->status;
    if (low == 0)
        family = high % 256U * 256U + high / 256U;
    else if (high != 0)
        return BJ_OK;
    switch (family) {
    case 2:
        return read_ip4(c, out);
    case 10:
    case 24:
    case 28:
    case 30:
        return read_ip6(c, out);
    default:
        return BJ_OK;
    }
}

static enum bj_status read_link(uint32_t link, struct bj_cursor *c,
                                struct bj_packet *out)
{
    switch (link) {
    case LINK_ETHERNET:
        return read_ethernet(c, out);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
        return read_ip(c, out);
    case LINK_IP4:
        return read_ip4(c, out);
    case LINK_IP6:
        return read_ip6(c, out);
    case LINK_COOKED:
        return read_cooked(c, out);
    case LINK_COOKED2:
        return read_cooked2(c, out);
    case LINK_NULL:
    case LINK_LOOP:
        return read_loopback(c, out);
    default:
        return BJ_UNSUPPORTED;
    }
}

enum bj_status bj_packet_read(uint32_t link, const uint8_t *bytes, size_t len,
                              struct bj_packet *out)
{
    struct bj_cursor c;
    enum bj_status status;

    memset(out, 0, sizeof(*out));
    bj_cursor_init(&c, bytes, len);
    status = read_link(link, &c, out);
    if (status != BJ_OK)
        memset(out, 0, sizeof(*out));
    return status;
}

bool bj_packet_is_dns(const struct bj_packet *packet)
{
    return (packet->kind == BJ_PACKET_UDP || packet->kind == BJ_PACKET_TCP) &&
           (packet->source_port == 53 || packet->destination_port == 53);
}

enum bj_status bj_packet_next_message(struct bj_cursor *payload,
                                      struct bj_cursor *message)
{
    struct bj_cursor c = *payload;
    size_t len;

    bj_cursor_init(message, NULL, 0);
    if (bj_cursor_left(payload) == 0)
        return BJ_NONE;
    len = bj_cursor_u16(&c);
    bj_cursor_narrow(&c, len, message);
    if (bj_cursor_ok(&c))
        *payload = c;
    return c.status;
}
