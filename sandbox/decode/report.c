#include "sandbox/decode/report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/addr/ip4.h"
#include "core/addr/ip6.h"
#include "core/bytes/encode.h"
#include "core/records/json.h"
#include "core/records/print.h"
#include "core/records/review.h"

/* Room for a piece, for what was written since the last flush, and for a
 * heading with a path of 4096 octets, each written as six. */
enum { FLUSH_AT = 32768, HEADING_MAX = 32768 };
enum { OUTPUT_CAP = BJ_PRINT_PIECE_MAX + FLUSH_AT + HEADING_MAX };

static uint8_t output[OUTPUT_CAP];

void bj_report_init(struct bj_report *report, const char *name, bool json)
{
    memset(report, 0, sizeof(*report));
    report->name = name;
    report->json = json;
    bj_writer_init(&report->out, output, sizeof(output));
}

void bj_report_flush(struct bj_report *report)
{
    size_t at = 0;

    /* Ends: each turn writes an octet at least, or fails. */
    while (at < report->out.len && !report->failed) {
        ssize_t n = write(STDOUT_FILENO, output + at, report->out.len - at);

        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || errno != EINTR)
            report->failed = true;
    }
    bj_writer_init(&report->out, output, sizeof(output));
}

/* After each piece: keeps room for the next. */
static void piece(struct bj_report *report)
{
    if (report->out.len >= FLUSH_AT)
        bj_report_flush(report);
}

static void text_name(struct bj_report *report)
{
    bj_writer_text(&report->out, ";; ");
    bj_encode_escaped(&report->out, (const uint8_t *)report->name,
                      strlen(report->name));
}

static void json_name(struct bj_report *report)
{
    bj_writer_text(&report->out, "{\"file\":");
    bj_json_string(&report->out, (const uint8_t *)report->name,
                   strlen(report->name));
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

static void text_origin(struct bj_report *report, const struct bj_origin *from)
{
    struct bj_writer *w = &report->out;
    const struct bj_packet *p = from->packet;

    bj_writer_text(w, ", packet ");
    bj_writer_dec(w, report->packets);
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

static void json_origin(struct bj_report *report, const struct bj_origin *from)
{
    struct bj_writer *w = &report->out;
    const struct bj_packet *p = from->packet;

    bj_writer_text(w, ",\"packet\":");
    bj_writer_dec(w, report->packets);
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

static void heading(struct bj_report *report, const struct bj_origin *from,
                    size_t len)
{
    if (report->json) {
        json_name(report);
        if (from != NULL)
            json_origin(report, from);
        bj_writer_text(&report->out, ",\"octets\":");
        bj_writer_dec(&report->out, len);
        return;
    }
    text_name(report);
    if (from != NULL)
        text_origin(report, from);
    bj_writer_text(&report->out, ", ");
    bj_writer_dec(&report->out, len);
    bj_writer_text(&report->out, " octets\n");
}

static void show_message(struct bj_report *report, const uint8_t *bytes,
                         size_t len, const struct bj_review *review)
{
    struct bj_print print;

    if (report->json)
        bj_writer_text(&report->out, ",\"message\":");
    bj_print_init(&print, report->json ? BJ_PRINT_JSON : BJ_PRINT_TEXT, bytes,
                  len, review);
    while (bj_print_next(&print, &report->out) == BJ_OK)
        piece(report);
    bj_writer_text(&report->out, report->json ? "}\n" : "\n");
}

/* One message, from wherever it comes. */
void bj_report_message(struct bj_report *report, const struct bj_origin *from,
                       const uint8_t *bytes, size_t len)
{
    struct bj_review review;
    enum bj_status status = bj_review_message(bytes, len, &review);

    heading(report, from, len);
    report->messages += 1;
    if (status == BJ_OK) {
        show_message(report, bytes, len, &review);
    } else {
        report->rejected += 1;
        if (report->json)
            bj_writer_text(&report->out, ",\"rejected\":");
        bj_print_fault(&report->out,
                       report->json ? BJ_PRINT_JSON : BJ_PRINT_TEXT, &review);
        bj_writer_text(&report->out, report->json ? "}\n" : "\n");
    }
    piece(report);
}

/* A remark is a refusal, or with `rule` NULL something passed over. */
static void text_remark(struct bj_report *report, const struct bj_origin *from,
                        const struct bj_refusal *r)
{
    struct bj_writer *w = &report->out;

    text_name(report);
    if (from != NULL)
        text_origin(report, from);
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

static void json_remark(struct bj_report *report, const struct bj_origin *from,
                        const struct bj_refusal *r)
{
    struct bj_writer *w = &report->out;

    json_name(report);
    if (from != NULL)
        json_origin(report, from);
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

void bj_report_refusal(struct bj_report *report, const struct bj_origin *from,
                       const struct bj_refusal *r)
{
    if (report->json)
        json_remark(report, from, r);
    else
        text_remark(report, from, r);
    report->rejected += 1;
    piece(report);
}

void bj_report_pass_over(struct bj_report *report, const struct bj_origin *from,
                         const char *reason)
{
    const struct bj_refusal r = {reason, 0, NULL};

    if (report->json)
        json_remark(report, from, &r);
    else
        text_remark(report, from, &r);
    piece(report);
}

void bj_report_summary(struct bj_report *report)
{
    const struct {
        const char *text;
        const char *key;
        uint64_t count;
    } rows[] = {
        {" packets: ", "packets", report->packets},
        {" messages, ", "messages", report->messages},
        {" rejected; passed over: ", "rejected", report->rejected},
        {" without DNS, ", "without_dns", report->other},
        {" IP fragments, ", "fragments", report->fragments},
        {" parts of TCP messages, ", "parts", report->parts},
        {" cut by the capture\n\n", "cut", report->cut},
    };

    if (report->json) {
        json_name(report);
    } else {
        text_name(report);
        bj_writer_text(&report->out, ", ");
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (report->json) {
            bj_writer_text(&report->out, ",\"");
            bj_writer_text(&report->out, rows[i].key);
            bj_writer_text(&report->out, "\":");
        }
        bj_writer_dec(&report->out, rows[i].count);
        if (!report->json)
            bj_writer_text(&report->out, rows[i].text);
    }
    if (report->json)
        bj_writer_text(&report->out, "}\n");
}
