#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/addr/ip4.h"
#include "core/addr/ip6.h"
#include "core/bytes/encode.h"
#include "core/bytes/hexdump.h"
#include "core/pcap/file.h"
#include "core/pcap/packet.h"
#include "core/records/json.h"
#include "core/records/print.h"
#include "core/records/review.h"
#include "sandbox/decode/decode.h"

/* Room for a piece, for what was written since the last flush, and for a
 * heading with a path of 4096 octets, each written as six. */
enum { FLUSH_AT = 32768, HEADING_MAX = 32768 };
enum { OUTPUT_CAP = BJ_PRINT_PIECE_MAX + FLUSH_AT + HEADING_MAX };

/* A window holds any block of a capture, any message and any dump. */
enum { WINDOW_CAP = BJ_DECODE_DUMP_MAX + 1 };
_Static_assert(WINDOW_CAP >= BJ_PCAP_BLOCK_MAX, "a block fits the window");

/* Octets that tell a capture from a message. */
enum { MAGIC_LEN = 4 };

static uint8_t window[WINDOW_CAP];
static uint8_t octets[BJ_MESSAGE_MAX + 1];
static uint8_t output[OUTPUT_CAP];
static struct bj_pcap_file capture;

struct job {
    const struct bj_decode *decode;
    const char *name;
    struct bj_writer out;
    size_t len; /* of the window */
    bool at_end;
    bool read_failed;
    bool write_failed;
    /* Of a capture. */
    uint64_t packets;
    uint64_t messages;
    uint64_t rejected;
    uint64_t other;     /* packets that carry no DNS */
    uint64_t fragments; /* pieces of IP datagrams */
    uint64_t parts;     /* segments that end inside a message */
    uint64_t cut;       /* not kept whole by the capture */
};

/* The packet that a message came in; NULL where it came in a file. */
struct origin {
    const struct bj_pcap_record *record;
    const struct bj_packet *packet;
};

static bool is_json(const struct job *job)
{
    return job->decode->json;
}

static enum bj_print_style style(const struct job *job)
{
    return is_json(job) ? BJ_PRINT_JSON : BJ_PRINT_TEXT;
}

static void flush(struct job *job)
{
    size_t at = 0;

    /* Ends: each turn writes an octet at least, or fails. */
    while (at < job->out.len && !job->write_failed) {
        ssize_t n = write(STDOUT_FILENO, output + at, job->out.len - at);

        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || errno != EINTR)
            job->write_failed = true;
    }
    bj_writer_init(&job->out, output, sizeof(output));
}

/* After each piece: keeps room for the next. */
static void piece(struct job *job)
{
    if (job->out.len >= FLUSH_AT)
        flush(job);
}

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

static void text_name(struct job *job)
{
    bj_writer_text(&job->out, ";; ");
    bj_encode_escaped(&job->out, (const uint8_t *)job->name, strlen(job->name));
}

static void json_name(struct job *job)
{
    bj_writer_text(&job->out, "{\"file\":");
    bj_json_string(&job->out, (const uint8_t *)job->name, strlen(job->name));
}

static void address(struct bj_writer *w, const struct bj_packet *packet,
                    const uint8_t *at, bool brackets)
{
    if (packet->version == 4) {
        bj_ip4_write(w, at);
        return;
    }
    if (brackets)
        bj_writer_char(w, '[');
    bj_ip6_write(w, at);
    if (brackets)
        bj_writer_char(w, ']');
}

static void when(struct bj_writer *w, const struct bj_pcap_record *record)
{
    bj_writer_dec(w, record->seconds);
    bj_writer_char(w, '.');
    for (uint32_t power = 100000000; power > 1 && record->nanoseconds < power;
         power /= 10)
        bj_writer_char(w, '0');
    bj_writer_dec(w, record->nanoseconds);
}

static void text_origin(struct job *job, const struct origin *from)
{
    struct bj_writer *w = &job->out;
    const struct bj_packet *p = from->packet;

    bj_writer_text(w, ", packet ");
    bj_writer_dec(w, job->packets);
    bj_writer_text(w, " at ");
    when(w, from->record);
    if (p == NULL || p->version == 0)
        return;
    bj_writer_text(w, p->kind == BJ_PACKET_TCP ? ", TCP " : ", UDP ");
    address(w, p, p->source, true);
    bj_writer_char(w, ':');
    bj_writer_dec(w, p->source_port);
    bj_writer_text(w, " > ");
    address(w, p, p->destination, true);
    bj_writer_char(w, ':');
    bj_writer_dec(w, p->destination_port);
}

static void json_origin(struct job *job, const struct origin *from)
{
    struct bj_writer *w = &job->out;
    const struct bj_packet *p = from->packet;

    bj_writer_text(w, ",\"packet\":");
    bj_writer_dec(w, job->packets);
    bj_writer_text(w, ",\"time\":\"");
    when(w, from->record);
    bj_writer_char(w, '"');
    if (p == NULL || p->version == 0)
        return;
    bj_writer_text(w, p->kind == BJ_PACKET_TCP ? ",\"transport\":\"tcp\""
                                               : ",\"transport\":\"udp\"");
    bj_writer_text(w, ",\"source\":\"");
    address(w, p, p->source, false);
    bj_writer_text(w, "\",\"source_port\":");
    bj_writer_dec(w, p->source_port);
    bj_writer_text(w, ",\"destination\":\"");
    address(w, p, p->destination, false);
    bj_writer_text(w, "\",\"destination_port\":");
    bj_writer_dec(w, p->destination_port);
}

static void heading(struct job *job, const struct origin *from, size_t len)
{
    if (is_json(job)) {
        json_name(job);
        if (from != NULL)
            json_origin(job, from);
        bj_writer_text(&job->out, ",\"octets\":");
        bj_writer_dec(&job->out, len);
        return;
    }
    text_name(job);
    if (from != NULL)
        text_origin(job, from);
    bj_writer_text(&job->out, ", ");
    bj_writer_dec(&job->out, len);
    bj_writer_text(&job->out, " octets\n");
}

static void show_message(struct job *job, const uint8_t *bytes, size_t len,
                         const struct bj_review *review)
{
    struct bj_print print;

    if (is_json(job))
        bj_writer_text(&job->out, ",\"message\":");
    bj_print_init(&print, style(job), bytes, len, review);
    while (bj_print_next(&print, &job->out) == BJ_OK)
        piece(job);
    bj_writer_text(&job->out, is_json(job) ? "}\n" : "\n");
}

/* One message, from wherever it comes. */
static void message(struct job *job, const struct origin *from,
                    const uint8_t *bytes, size_t len)
{
    struct bj_review review;
    enum bj_status status = bj_review_message(bytes, len, &review);

    heading(job, from, len);
    job->messages += 1;
    if (status == BJ_OK) {
        show_message(job, bytes, len, &review);
    } else {
        job->rejected += 1;
        if (is_json(job))
            bj_writer_text(&job->out, ",\"rejected\":");
        bj_print_fault(&job->out, style(job), &review);
        bj_writer_text(&job->out, is_json(job) ? "}\n" : "\n");
    }
    piece(job);
}

/* Something other than a message: refused at an octet of the file by a rule,
 * or passed over, `rule` NULL. */
struct remark {
    const char *reason;
    uint64_t octet;
    const char *rule;
};

static void text_remark(struct job *job, const struct origin *from,
                        const struct remark *r)
{
    struct bj_writer *w = &job->out;

    text_name(job);
    if (from != NULL)
        text_origin(job, from);
    bj_writer_char(w, '\n');
    if (r->rule == NULL) {
        bj_writer_text(w, ";; passed over: ");
        bj_writer_text(w, r->reason);
    } else {
        bj_writer_text(w, ";; rejected at octet ");
        bj_writer_dec(w, r->octet);
        bj_writer_text(w, ": ");
        bj_writer_text(w, r->reason);
        bj_writer_text(w, " (");
        bj_writer_text(w, r->rule);
        bj_writer_char(w, ')');
    }
    bj_writer_text(w, "\n\n");
}

static void json_remark(struct job *job, const struct origin *from,
                        const struct remark *r)
{
    struct bj_writer *w = &job->out;

    json_name(job);
    if (from != NULL)
        json_origin(job, from);
    if (r->rule == NULL) {
        bj_writer_text(w, ",\"passed_over\":\"");
        bj_writer_text(w, r->reason);
        bj_writer_text(w, "\"}\n");
        return;
    }
    bj_writer_text(w, ",\"rejected\":{\"octet\":");
    bj_writer_dec(w, r->octet);
    bj_writer_text(w, ",\"reason\":\"");
    bj_writer_text(w, r->reason);
    bj_writer_text(w, "\",\"rule\":\"");
    bj_writer_text(w, r->rule);
    bj_writer_text(w, "\"}}\n");
}

static void reject(struct job *job, const struct origin *from,
                   const struct remark *r)
{
    if (is_json(job))
        json_remark(job, from, r);
    else
        text_remark(job, from, r);
    job->rejected += 1;
    piece(job);
}

static void pass_over(struct job *job, const struct origin *from,
                      const char *reason)
{
    const struct remark r = {reason, 0, NULL};

    if (is_json(job))
        json_remark(job, from, &r);
    else
        text_remark(job, from, &r);
    piece(job);
}

static void segment(struct job *job, const struct origin *from)
{
    struct bj_cursor payload, one;
    enum bj_status status;

    bj_cursor_init(&payload, from->packet->payload, from->packet->payload_len);
    /* Ends: each turn consumes two octets at least. */
    while ((status = bj_packet_next_message(&payload, &one)) == BJ_OK)
        message(job, from, one.base, one.len);
    if (status == BJ_NONE)
        return;
    job->parts += 1;
    pass_over(job, from,
              "the segment ends inside a message; streams are not put "
              "together");
}

static void datagram(struct job *job, const struct origin *from)
{
    if (from->packet->kind == BJ_PACKET_TCP && from->packet->payload_len == 0) {
        job->other += 1;
    } else if (from->packet->cut) {
        job->cut += 1;
        pass_over(job, from, "the capture did not keep the packet whole");
    } else if (from->packet->kind == BJ_PACKET_TCP) {
        segment(job, from);
    } else {
        message(job, from, from->packet->payload, from->packet->payload_len);
    }
}

static void packet(struct job *job, const struct bj_pcap_record *record)
{
    struct bj_packet p;
    struct origin from = {record, &p};
    enum bj_status status =
        bj_packet_read(record->link, record->bytes, record->len, &p);

    job->packets += 1;
    if (status == BJ_BAD || status == BJ_LIMIT) {
        const struct remark r = {
            status == BJ_BAD ? "the lengths in the packet's headers "
                               "contradict each other"
                             : "more headers than we follow",
            record->offset, "RFC 791, RFC 8200, RFC 768, RFC 9293"};

        reject(job, &from, &r);
    } else if (status == BJ_MORE) {
        job->cut += 1;
    } else if (status == BJ_OK && p.kind == BJ_PACKET_FRAGMENT) {
        job->fragments += 1;
    } else if (status == BJ_OK && bj_packet_is_dns(&p)) {
        datagram(job, &from);
    } else {
        job->other += 1;
    }
}

/* What was counted, so that nothing is passed over in silence. */
static void summary(struct job *job)
{
    const struct {
        const char *text;
        const char *key;
        uint64_t count;
    } rows[] = {
        {" packets: ", "packets", job->packets},
        {" messages, ", "messages", job->messages},
        {" rejected; passed over: ", "rejected", job->rejected},
        {" without DNS, ", "without_dns", job->other},
        {" IP fragments, ", "fragments", job->fragments},
        {" parts of TCP messages, ", "parts", job->parts},
        {" cut by the capture\n\n", "cut", job->cut},
    };

    if (is_json(job)) {
        json_name(job);
    } else {
        text_name(job);
        bj_writer_text(&job->out, ", ");
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (is_json(job)) {
            bj_writer_text(&job->out, ",\"");
            bj_writer_text(&job->out, rows[i].key);
            bj_writer_text(&job->out, "\":");
        }
        bj_writer_dec(&job->out, rows[i].count);
        if (!is_json(job))
            bj_writer_text(&job->out, rows[i].text);
    }
    if (is_json(job))
        bj_writer_text(&job->out, "}\n");
}

static void capture_fault(struct job *job, enum bj_status status)
{
    struct remark r = {"a block or record of the capture is malformed",
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
    reject(job, NULL, &r);
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
    while (more && !job->write_failed) {
        status = bj_pcap_file_next(&capture, &in, &record);
        if (status == BJ_OK) {
            packet(job, &record);
        } else if (status == BJ_MORE && !job->at_end) {
            flush(job);
            read_on(job, in.pos);
            bj_cursor_init(&in, window, job->len);
        } else {
            more = false;
        }
    }
    if (!bj_pcap_file_may_end(&capture, bj_cursor_left(&in)))
        capture_fault(job, status);
    summary(job);
}

static void hex_input(struct job *job)
{
    const struct remark long_dump = {"a dump has at most 1048576 characters",
                                     BJ_DECODE_DUMP_MAX, "a limit of belljar"};
    struct bj_cursor text;
    struct bj_writer w;

    if (job->len > BJ_DECODE_DUMP_MAX) {
        reject(job, NULL, &long_dump);
        return;
    }
    bj_cursor_init(&text, window, job->len);
    /* One octet more than a message may have: the review names the rule. */
    bj_writer_init(&w, octets, sizeof(octets));
    if (bj_hexdump_read(&text, &w, NULL) == BJ_BAD) {
        const struct remark r = {
            "the line that ends here is no hexadecimal dump", text.pos,
            "belljar decode --help"};

        reject(job, NULL, &r);
        return;
    }
    message(job, NULL, octets, w.len < sizeof(octets) ? w.len : sizeof(octets));
}

enum bj_decode_result bj_decode_input(const struct bj_decode *decode,
                                      const char *name)
{
    struct job job = {.decode = decode, .name = name};

    bj_writer_init(&job.out, output, sizeof(output));
    fill(&job, MAGIC_LEN);
    if (decode->hex || !bj_pcap_file_is(window, job.len))
        fill(&job, sizeof(window));
    if (decode->hex)
        hex_input(&job);
    else if (bj_pcap_file_is(window, job.len))
        capture_input(&job);
    else
        message(&job, NULL, window,
                job.len > BJ_MESSAGE_MAX ? BJ_MESSAGE_MAX + 1 : job.len);
    flush(&job);
    if (job.write_failed)
        return BJ_DECODE_OUTPUT;
    if (job.read_failed)
        return BJ_DECODE_IO;
    return job.rejected > 0 ? BJ_DECODE_REJECTED : BJ_DECODE_GOOD;
}
