#ifndef BJ_CORE_PCAP_FILE_H
#define BJ_CORE_PCAP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"
#include "core/bytes/limits.h"

/*
 * The packets of a capture file, one a call: classic pcap in both byte
 * orders with microseconds or nanoseconds (draft-ietf-opsawg-pcap), and
 * pcapng (draft-ietf-opsawg-pcapng) with its section and interface blocks
 * and all three kinds of packet block; blocks of other types are passed over,
 * whatever their size. Options other than a time's unit and offset are not
 * looked at.
 *
 * The reader keeps no bytes. It is stepped over a window that the caller
 * refills, so that a capture of any size is read in the room of one block.
 */

struct bj_pcap_interface {
    uint32_t link;   /* LINKTYPE_ number */
    uint32_t snap;   /* octets kept of each packet, 0 for all */
    uint8_t unit;    /* if_tsresol: 10^-unit, or with bit 7 2^-(unit-128) */
    uint64_t offset; /* if_tsoffset: seconds, two's complement */
};

enum bj_pcap_format { BJ_PCAP_UNKNOWN, BJ_PCAP_CLASSIC, BJ_PCAP_NG };

struct bj_pcap_file {
    enum bj_pcap_format format; /* unknown until the first octets are read */
    bool little;                /* the section's byte order */
    enum bj_status status;      /* a failure, which stays */
    uint32_t interface_count;
    struct bj_pcap_interface interfaces[BJ_PCAP_INTERFACES_MAX];
    /* Inside a block that is passed over: octets until its second length,
     * and that length; 0 outside. */
    uint32_t skip;
    uint32_t skip_total;
    uint64_t offset; /* of the window's first unread octet in the file */
};

struct bj_pcap_record {
    uint32_t link;        /* LINKTYPE_ number of the interface */
    uint64_t seconds;     /* since 1970, 0 where the format has no time */
    uint32_t nanoseconds; /* under 10^9 */
    const uint8_t *bytes; /* in the caller's window */
    size_t len;
    uint32_t sent_len; /* octets on the wire, of which len were kept */
    uint64_t offset;   /* of `bytes` in the file */
};

/* Ready for the first octet of a file. */
void bj_pcap_file_init(struct bj_pcap_file *file);

/* Whether four or more octets begin with the magic of a capture. */
bool bj_pcap_file_is(const uint8_t *bytes, size_t len);

/*
 * Reads on from `in`'s position to the end of the next packet and describes
 * it in *out. BJ_MORE: the window ends first; `in` stands at the first octet
 * still needed (call again with those and at least one more; a window of
 * BJ_PCAP_BLOCK_MAX octets suffices). BJ_BAD, BJ_LIMIT (a packet, block or
 * list of interfaces beyond bytes/limits.h) and BJ_UNSUPPORTED (another
 * version) stay for good; file->offset then says where. On every
 * result but BJ_OK *out is zero.
 */
BJ_MUST_CHECK enum bj_status bj_pcap_file_next(struct bj_pcap_file *file,
                                               struct bj_cursor *in,
                                               struct bj_pcap_record *out);

/* Whether a file may end here: after whole records, `left` octets unread. */
bool bj_pcap_file_may_end(const struct bj_pcap_file *file, size_t left);

#endif
