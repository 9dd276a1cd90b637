#include "core/records/print.h"

#include "core/records/json.h"
#include "core/records/text.h"

/* RFC 1035 section 4.1.1, RFC 4035 section 3.1.6; Z is reserved. */
static const struct {
    uint16_t mask;
    const char *text;
} flags[] = {
    {BJ_FLAG_QR, "qr"}, {BJ_FLAG_AA, "aa"}, {BJ_FLAG_TC, "tc"},
    {BJ_FLAG_RD, "rd"}, {BJ_FLAG_RA, "ra"}, {BJ_FLAG_Z, "z"},
    {BJ_FLAG_AD, "ad"}, {BJ_FLAG_CD, "cd"},
};

enum { FLAG_COUNT = sizeof(flags) / sizeof(flags[0]) };

void bj_print_init(struct bj_print *print, enum bj_print_style style,
                   const uint8_t *bytes, size_t len,
                   const struct bj_review *review)
{
    enum bj_status status = bj_message_init(&print->message, bytes, len);

    print->style = style;
    print->stage = status == BJ_OK && review->fault.kind == BJ_FAULT_NONE
                       ? BJ_PRINT_HEADER
                       : BJ_PRINT_DONE;
    print->rcode = review->rcode;
    print->section = -1;
    print->first = true;
}

static void text_header(struct bj_writer *w, const struct bj_print *print)
{
    const struct bj_message *m = &print->message;
    static const char *const labels[] = {
        "QUERY: ", ", ANSWER: ", ", AUTHORITY: ", ", ADDITIONAL: "};

    bj_writer_text(w, ";; ->>HEADER<<- opcode: ");
    bj_text_opcode(w, bj_message_opcode(m));
    bj_writer_text(w, ", status: ");
    bj_text_rcode(w, print->rcode);
    bj_writer_text(w, ", id: ");
    bj_writer_dec(w, m->id);
    bj_writer_text(w, "\n;; flags:");
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        if ((m->flags & flags[i].mask) == 0)
            continue;
        bj_writer_char(w, ' ');
        bj_writer_text(w, flags[i].text);
    }
    bj_writer_text(w, "; ");
    for (size_t i = 0; i < 4; i++) {
        bj_writer_text(w, labels[i]);
        bj_writer_dec(w, m->counts[i]);
    }
    bj_writer_char(w, '\n');
}

static void json_header(struct bj_writer *w, const struct bj_print *print)
{
    const struct bj_message *m = &print->message;

    bj_writer_text(w, "{\"id\":");
    bj_writer_dec(w, m->id);
    bj_writer_text(w, ",\"opcode\":\"");
    bj_text_opcode(w, bj_message_opcode(m));
    bj_writer_text(w, "\",\"rcode\":\"");
    bj_text_rcode(w, print->rcode);
    bj_writer_char(w, '"');
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        bj_writer_text(w, ",\"");
        bj_writer_text(w, flags[i].text);
        bj_writer_text(w, (m->flags & flags[i].mask) != 0 ? "\":true"
                                                          : "\":false");
    }
}

/* JSON has every section, empty ones too: closes what is open and opens up
 * to `section`. Text has a heading before the first item of one. */
static void enter(struct bj_writer *w, struct bj_print *print, int section)
{
    static const char *const headings[] = {"QUESTION", "ANSWER", "AUTHORITY",
                                           "ADDITIONAL"};

    if (print->style == BJ_PRINT_TEXT && section != print->section) {
        bj_writer_text(w, "\n;; ");
        bj_writer_text(w, headings[section]);
        bj_writer_text(w, " SECTION:\n");
        print->section = section;
    }
    /* Ends: there are four sections. */
    while (print->section < section) {
        bj_writer_text(w, print->section < 0 ? ",\"" : "],\"");
        print->section += 1;
        bj_writer_text(w, bj_section_text((enum bj_section)print->section));
        bj_writer_text(w, "\":[");
        print->first = true;
    }
    if (print->style == BJ_PRINT_JSON && !print->first)
        bj_writer_char(w, ',');
    print->first = false;
}

static enum bj_status next_question(struct bj_writer *w, struct bj_print *print)
{
    struct bj_question question;
    enum bj_status status = bj_message_question(&print->message, &question);

    if (status == BJ_NONE) {
        print->stage = BJ_PRINT_RECORDS;
        return BJ_OK;
    }
    if (status != BJ_OK)
        return BJ_BAD;
    enter(w, print, BJ_SECTION_QUESTION);
    if (print->style == BJ_PRINT_TEXT)
        bj_text_question(w, &print->message, &question);
    else
        bj_json_question(w, &print->message, &question);
    return BJ_OK;
}

static void text_record(struct bj_writer *w, struct bj_print *print,
                        const struct bj_record *record)
{
    if (record->type == BJ_TYPE_OPT) {
        bj_writer_text(w, "\n;; OPT PSEUDOSECTION:\n");
        bj_text_opt(w, &print->message, record);
        print->section = -1; /* the heading comes again behind it */
        return;
    }
    enter(w, print, (int)record->section);
    bj_text_record(w, &print->message, record);
}

static enum bj_status next_record(struct bj_writer *w, struct bj_print *print)
{
    struct bj_record record;
    enum bj_status status = bj_message_record(&print->message, &record);

    if (status == BJ_NONE) {
        print->stage = BJ_PRINT_DONE;
        if (print->style == BJ_PRINT_TEXT)
            return BJ_OK;
        print->first = true;
        enter(w, print, BJ_SECTION_ADDITIONAL);
        bj_writer_text(w, "]}");
        return BJ_OK;
    }
    if (status != BJ_OK)
        return BJ_BAD;
    if (print->style == BJ_PRINT_TEXT) {
        text_record(w, print, &record);
    } else {
        enter(w, print, (int)record.section);
        bj_json_record(w, &print->message, &record);
    }
    return BJ_OK;
}

static enum bj_status step(struct bj_writer *w, struct bj_print *print)
{
    switch (print->stage) {
    case BJ_PRINT_HEADER:
        if (print->style == BJ_PRINT_TEXT)
            text_header(w, print);
        else
            json_header(w, print);
        print->stage = BJ_PRINT_QUESTIONS;
        return BJ_OK;
    case BJ_PRINT_QUESTIONS:
        return next_question(w, print);
    case BJ_PRINT_RECORDS:
        return next_record(w, print);
    case BJ_PRINT_DONE:
        break;
    }
    return BJ_NONE;
}

enum bj_status bj_print_next(struct bj_print *print, struct bj_writer *w)
{
    size_t before = w->len;
    enum bj_status status = BJ_OK;

    /* Ends: a step that writes nothing enters a later stage. */
    while (status == BJ_OK && w->len == before)
        status = step(w, print);
    if (status == BJ_OK)
        status = bj_writer_end(w);
    if (status != BJ_OK && status != BJ_NONE)
        print->stage = BJ_PRINT_DONE;
    return status;
}

/* "answer record 3 (NSEC), field types". */
static void text_place(struct bj_writer *w, const struct bj_review *review)
{
    switch (review->place) {
    case BJ_REVIEW_HEADER:
        bj_writer_text(w, "header");
        return;
    case BJ_REVIEW_END:
        bj_writer_text(w, "end");
        return;
    case BJ_REVIEW_ITEM:
        break;
    }
    bj_writer_text(w, bj_section_text(review->section));
    bj_writer_text(w,
                   review->section == BJ_SECTION_QUESTION ? " " : " record ");
    bj_writer_dec(w, review->item);
    if (review->has_type) {
        bj_writer_text(w, " (");
        bj_text_type(w, review->type);
        bj_writer_char(w, ')');
    }
    if (review->field != NULL) {
        bj_writer_text(w, ", field ");
        bj_writer_text(w, review->field);
    }
}

static void text_fault(struct bj_writer *w, const struct bj_review *review)
{
    bj_writer_text(w, ";; rejected at octet ");
    bj_writer_dec(w, review->fault.at);
    bj_writer_text(w, ", in ");
    text_place(w, review);
    bj_writer_text(w, ": ");
    bj_writer_text(w, bj_fault_text(review->fault.kind));
    bj_writer_text(w, " (");
    bj_writer_text(w, review->clause);
    bj_writer_text(w, ")\n");
}

static void json_fault(struct bj_writer *w, const struct bj_review *review)
{
    bj_writer_text(w, "{\"octet\":");
    bj_writer_dec(w, review->fault.at);
    bj_writer_text(w, ",\"place\":\"");
    text_place(w, review);
    bj_writer_text(w, "\",\"reason\":\"");
    bj_writer_text(w, bj_fault_text(review->fault.kind));
    bj_writer_text(w, "\",\"rule\":\"");
    bj_writer_text(w, review->clause);
    bj_writer_text(w, "\"}");
}

void bj_print_fault(struct bj_writer *w, enum bj_print_style style,
                    const struct bj_review *review)
{
    if (style == BJ_PRINT_TEXT)
        text_fault(w, review);
    else
        json_fault(w, review);
}
