#include "core/records/review.h"

#include "core/dns/message.h"
#include "core/dns/name.h"
#include "core/records/fields.h"

/* The name of an item, with all that its pointers lead to. */
static enum bj_status read_owner(struct bj_message *m, size_t at)
{
    struct bj_cursor c = bj_message_cursor(m, at);
    struct bj_name name;

    return bj_name_read(&c, &name, &m->fault);
}

static enum bj_status review_question(struct bj_message *m,
                                      struct bj_review *review)
{
    struct bj_question question;
    enum bj_status status = bj_message_question(m, &question);

    if (status == BJ_NONE)
        return BJ_NONE;
    review->place = BJ_REVIEW_ITEM;
    review->section = BJ_SECTION_QUESTION;
    review->item += 1;
    review->has_type = status == BJ_OK;
    review->type = question.type;
    return status == BJ_OK ? read_owner(m, question.name_at) : status;
}

static enum bj_status review_rdata(struct bj_message *m,
                                   const struct bj_record *record,
                                   struct bj_review *review)
{
    struct bj_fields fields;
    struct bj_field field;
    enum bj_status status;

    bj_fields_init(&fields, m, record);
    do { /* Ends: a layout has at most BJ_LAYOUT_FIELDS_MAX fields. */
        review->field = fields.layout->fields[fields.index].name;
        status = bj_fields_next(&fields, &field);
    } while (status == BJ_OK);
    if (status == BJ_NONE) {
        review->field = NULL;
        return BJ_OK;
    }
    review->clause = fields.clause;
    return status;
}

/* An item that cannot be read at all belongs to the section that the reader
 * has come to, and is the one after those it has taken from it. */
static void place_fault(const struct bj_message *m, struct bj_review *review)
{
    review->place =
        m->fault.kind == BJ_FAULT_TRAILING ? BJ_REVIEW_END : BJ_REVIEW_ITEM;
    review->section = m->section;
    review->item = m->counts[m->section] - m->left + 1U;
    review->has_type = false;
}

static enum bj_status review_record(struct bj_message *m,
                                    struct bj_review *review)
{
    struct bj_record record;
    enum bj_status status = bj_message_record(m, &record);

    if (status == BJ_NONE)
        return BJ_NONE;
    if (status != BJ_OK) {
        place_fault(m, review);
        return status;
    }
    review->place = BJ_REVIEW_ITEM;
    review->section = record.section;
    review->item = m->counts[m->section] - m->left;
    review->has_type = true;
    review->type = record.type;
    if (record.type == BJ_TYPE_OPT) {
        review->has_opt = true;
        review->rcode =
            (uint16_t)(record.ttl / 16777216U * 16U + bj_message_rcode(m));
    }
    status = read_owner(m, record.name_at);
    return status == BJ_OK ? review_rdata(m, &record, review) : status;
}

/* The clause of a fault that no layout claims; RDATA's own say which RFC. */
static void finish(const struct bj_message *m, struct bj_review *review)
{
    bool in_rdata = m->fault.kind == BJ_FAULT_RDATA_SHORT ||
                    m->fault.kind == BJ_FAULT_RDATA_LONG ||
                    m->fault.kind == BJ_FAULT_RDATA_VALUE;

    review->fault = m->fault;
    if (!in_rdata || review->clause == NULL)
        review->clause = bj_fault_clause(m->fault.kind);
}

enum bj_status bj_review_message(const uint8_t *bytes, size_t len,
                                 struct bj_review *review)
{
    struct bj_message m;
    enum bj_status status;

    *review = (struct bj_review){.place = BJ_REVIEW_HEADER};
    status = bj_message_init(&m, bytes, len);
    review->rcode = (uint16_t)bj_message_rcode(&m);
    /* Both end: each turn consumes an item of the message. */
    while (status == BJ_OK)
        status = review_question(&m, review);
    if (status == BJ_NONE)
        status = BJ_OK;
    while (status == BJ_OK)
        status = review_record(&m, review);
    if (status == BJ_NONE) {
        bool has_opt = review->has_opt;
        uint16_t rcode = review->rcode;

        *review = (struct bj_review){.place = BJ_REVIEW_END,
                                     .clause = "",
                                     .has_opt = has_opt,
                                     .rcode = rcode};
        return BJ_OK;
    }
    finish(&m, review);
    return status;
}
