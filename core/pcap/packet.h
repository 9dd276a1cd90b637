#ifndef BJ_CORE_PCAP_PACKET_H
#define BJ_CORE_PCAP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"

/*
 * From a captured frame to the UDP or TCP payload in it. Link types:
 * Ethernet with VLAN tags, raw IP, Linux cooked v1 and v2, BSD loopback.
 * Fragments of a datagram and segments of a stream are recognised but not
 * put together; checksums are not looked at, for captures of sent packets
 * often hold them unfilled.
 */

enum bj_packet_kind {
    BJ_PACKET_OTHER,    /* well formed as far as we look, not UDP or TCP */
    BJ_PACKET_FRAGMENT, /* a piece of an IP datagram, of any protocol */
    BJ_PACKET_UDP,
    BJ_PACKET_TCP,
};

struct bj_packet {
    enum bj_packet_kind kind;
    uint8_t version;         /* 4 or 6, 0 if it is not IP */
    uint8_t source[16];      /* network order; IPv4 uses the first four */
    uint8_t destination[16]; /* likewise */
    uint16_t source_port;    /* of UDP and TCP, else 0 */
    uint16_t destination_port;
    const uint8_t *payload; /* of UDP and TCP, inside the frame */
    size_t payload_len;
    bool cut; /* the capture kept less than the headers say was sent */
};

/*
 * Reads one frame of `len` octets captured on an interface of LINKTYPE_
 * number `link`. BJ_MORE if it was cut off inside the headers, BJ_BAD if
 * their lengths contradict each other, BJ_LIMIT for more VLAN tags or
 * extension headers than bytes/limits.h allows, BJ_UNSUPPORTED for a link
 * type we do not know; *out is then zero.
 */
BJ_MUST_CHECK enum bj_status bj_packet_read(uint32_t link, const uint8_t *bytes,
                                            size_t len, struct bj_packet *out);

/* Whether it is UDP or TCP from or to port 53. */
bool bj_packet_is_dns(const struct bj_packet *packet);

/*
 * The next DNS message in a TCP segment's payload, by the two-octet length
 * before it (RFC 1035 section 4.2.2), as a cursor over exactly its octets.
 * BJ_NONE after the last; BJ_MORE if the segment ends first: the rest
 * travelled in another, or the segment began inside a message.
 */
BJ_MUST_CHECK enum bj_status bj_packet_next_message(struct bj_cursor *payload,
                                                    struct bj_cursor *message);

#endif
