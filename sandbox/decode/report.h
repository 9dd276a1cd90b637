#ifndef BJ_SANDBOX_DECODE_REPORT_H
#define BJ_SANDBOX_DECODE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/writer.h"
#include "core/pcap/file.h"
#include "core/pcap/packet.h"

/*
 * What decode writes: headings, messages, refusals, a capture's summary, as
 * text or as a JSON object a line. All of it goes through one bounded writer
 * over static memory, and from there to descriptor 1 by write(2).
 */
struct bj_report {
    bool json;
    const char *name; /* of the file */
    struct bj_writer out;
    bool failed; /* descriptor 1 could not be written */
    /* What was seen, for the summary. */
    uint64_t packets;
    uint64_t messages;
    uint64_t rejected;
    uint64_t other;     /* packets that carry no DNS */
    uint64_t fragments; /* pieces of IP datagrams */
    uint64_t parts;     /* segments that end inside a message */
    uint64_t cut;       /* not kept whole by the capture */
};

/* The packet that a message came in; its header may be unread (NULL). */
struct bj_origin {
    const struct bj_pcap_record *record;
    const struct bj_packet *packet;
};

/* Something other than a message that is refused: at which octet of the
 * file, by which rule. Both texts are plain ASCII of ours. */
struct bj_refusal {
    const char *reason;
    uint64_t octet;
    const char *rule;
};

/* Once per process, for the memory is static. */
void bj_report_init(struct bj_report *report, const char *name, bool json);

/* Reviews a message and shows it, or why it is refused. `from` is NULL for
 * one that was not in a capture. */
void bj_report_message(struct bj_report *report, const struct bj_origin *from,
                       const uint8_t *bytes, size_t len);

/* Shows that something was refused, and counts it. */
void bj_report_refusal(struct bj_report *report, const struct bj_origin *from,
                       const struct bj_refusal *refusal);

/* Shows that a packet was passed over, and why. */
void bj_report_pass_over(struct bj_report *report, const struct bj_origin *from,
                         const char *reason);

/* What was counted, so that nothing is passed over in silence. */
void bj_report_summary(struct bj_report *report);

/* Writes out what is held back. */
void bj_report_flush(struct bj_report *report);

#endif
