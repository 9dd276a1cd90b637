#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/bytes/hexdump.h"
#include "core/pcap/file.h"
#include "core/pcap/packet.h"
#include "sandbox/decode/decode.h"
#include "sandbox/decode/report.h"

/* A window holds any block of a capture, any message and any dump. */
enum { WINDOW_CAP = BJ_DECODE_DUMP_MAX + 1 };
_Static_assert(WINDOW_CAP >= BJ_PCAP_BLOCK_MAX, "a block fits the window");

/* Octets that tell a capture from a message. */
enum { MAGIC_LEN = 4 };

static uint8_t window[WINDOW_CAP];
/* One octet more than a message may have, so that the review names the rule;
 * and two that stay unused, since gcc 12 at link time believes that a full
 * writer goes on. */
enum { OCTETS_CAP = BJ_MESSAGE_MAX + 1 };
static uint8_t octets[OCTETS_CAP + 2];
static struct bj_pcap_file capture;

struct job {
    struct bj_report report;
    size_t len; /* of the window */
    bool at_end;
    bool read_failed;
};

/* Moves the octets of the window from `at` on to its front, and reads once
 * behind them. */
static void read_on(struct job *job, size_t at)
{
    ssize_t n;

    memmove(window, window + at, job->len - at);
    job->len -= at;
    do { /* Ends: once no signal interrupts. */
        n = read(STDIN_FILENO, window + job->len, sizeof(window) - job->len);
    } while (n < 0 && errno == EINTR);
    if (n > 0)
        job->len += (size_t)n;
    else
        job->at_end = true;
    job->read_failed = n < 0;
}

/* Reads until the window holds `enough` octets or the input ends. */
static void fill(struct job *job, size_t enough)
{
    /* Ends: each turn reads an octet at least, or is the last. */
    while (!job->at_end && job->len < enough)
        read_on(job, 0);
}

static void segment(struct job *job, const struct bj_origin *from)
{
    struct bj_cursor payload, one;
    enum bj_status status;

    bj_cursor_init(&payload, from->packet->payload, from->packet->payload_len);
    /* Ends: each turn consumes two octets at least. */
    while ((status = bj_packet_next_message(&payload, &one)) == BJ_OK)
        bj_report_message(&job->report, from, one.base, one.len);
    if (status == BJ_NONE)
        return;
    job->report.parts += 1;
    bj_report_pass_over(
        &job->report, from,
        "the segment ends inside a message; streams are not put "
        "together");
}

static void datagram(struct job *job, const struct bj_origin *from)
{
    if (from->packet->kind == BJ_PACKET_TCP && from->packet->payload_len == 0) {
        job->report.other += 1;
    } else if (from->packet->cut) {
        job->report.cut += 1;
        bj_report_pass_over(&job->report, from,
                            "the capture did not keep the packet whole");
    } else if (from->packet->kind == BJ_PACKET_TCP) {
        segment(job, from);
    } else {
        bj_report_message(&job->report, from, from->packet->payload,
                          from->packet->payload_len);
    }
}

static void packet(struct job *job, const struct bj_pcap_record *record)
{
    struct bj_packet p;
    struct bj_origin from = {record, &p};
    enum bj_status status =
        bj_packet_read(record->link, record->bytes, record->len, &p);

    job->report.packets += 1;
    if (status == BJ_BAD || status == BJ_LIMIT) {
        const struct bj_refusal r = {
            status == BJ_BAD ? "the lengths in the packet's headers "
                               "contradict each other"
                             : "more headers than we follow",
            record->offset, "RFC 791, RFC 8200, RFC 768, RFC 9293"};

        bj_report_refusal(&job->report, &from, &r);
    } else if (status == BJ_MORE) {
        job->report.cut += 1;
    } else if (status == BJ_OK && p.kind == BJ_PACKET_FRAGMENT) {
        job->report.fragments += 1;
    } else if (status == BJ_OK && bj_packet_is_dns(&p)) {
        datagram(job, &from);
    } else {
        job->report.other += 1;
    }
}

static void capture_fault(struct job *job, enum bj_status status)
{
    struct bj_refusal r = {"a block or record of the capture is malformed",
                           capture.offset, "draft-ietf-opsawg-pcap"};

    if (status == BJ_MORE)
        r.reason = "the capture ends inside a block or record";
    else if (status == BJ_LIMIT)
        r.reason = "a packet, block or list of interfaces is larger than we "
                   "accept";
    else if (status == BJ_UNSUPPORTED)
        r.reason = "the capture is of a version that we do not know";
    if (capture.format == BJ_PCAP_NG)
        r.rule = "draft-ietf-opsawg-pcapng";
    bj_report_refusal(&job->report, NULL, &r);
}

/* What is there is shown before more is waited for: it may be a pipe from a
 * capture that goes on. */
static void capture_input(struct job *job)
{
    struct bj_pcap_record record;
    struct bj_cursor in;
    enum bj_status status = BJ_OK;
    bool more = true;

    bj_pcap_file_init(&capture);
    bj_cursor_init(&in, window, job->len);
    /* Ends: each turn consumes octets of the file, or is the last. */
    while (more && !job->report.failed) {
        status = bj_pcap_file_next(&capture, &in, &record);
        if (status == BJ_OK) {
            packet(job, &record);
        } else if (status == BJ_MORE && !job->at_end) {
            bj_report_flush(&job->report);
            read_on(job, in.pos);
            bj_cursor_init(&in, window, job->len);
        } else {
            more = false;
        }
    }
    if (!bj_pcap_file_may_end(&capture, bj_cursor_left(&in)))
        capture_fault(job, status);
    bj_report_summary(&job->report);
}

static void hex_input(struct job *job)
{
    const struct bj_refusal long_dump = {
        "a dump has at most 1048576 characters", BJ_DECODE_DUMP_MAX,
        "a limit of belljar"};
    struct bj_cursor text;
    struct bj_writer w;

    if (job->len > BJ_DECODE_DUMP_MAX) {
        bj_report_refusal(&job->report, NULL, &long_dump);
        return;
    }
    bj_cursor_init(&text, window, job->len);
    bj_writer_init(&w, octets, OCTETS_CAP);
    if (bj_hexdump_read(&text, &w, NULL) == BJ_BAD) {
        const struct bj_refusal r = {
            "the line that ends here is no hexadecimal dump", text.pos,
            "belljar decode --help"};

        bj_report_refusal(&job->report, NULL, &r);
        return;
    }
    bj_report_message(&job->report, NULL, octets,
                      w.len < OCTETS_CAP ? w.len : OCTETS_CAP);
}

enum bj_decode_result bj_decode_input(const struct bj_decode *decode,
                                      const char *name)
{
    struct job job = {.len = 0};

    bj_report_init(&job.report, name, decode->json);
    fill(&job, MAGIC_LEN);
    if (decode->hex || !bj_pcap_file_is(window, job.len))
        fill(&job, sizeof(window));
    /* Half a message would be rejected for what it is not; of a capture what
     * came is good. */
    if (job.read_failed)
        return BJ_DECODE_IO;
    if (decode->hex)
        hex_input(&job);
    else if (bj_pcap_file_is(window, job.len))
        capture_input(&job);
    else
        bj_report_message(&job.report, NULL, window,
                          job.len > BJ_MESSAGE_MAX ? BJ_MESSAGE_MAX + 1
                                                   : job.len);
    bj_report_flush(&job.report);
    if (job.report.failed)
        return BJ_DECODE_OUTPUT;
    if (job.read_failed)
        return BJ_DECODE_IO;
    return job.report.rejected > 0 ? BJ_DECODE_REJECTED : BJ_DECODE_GOOD;
}
