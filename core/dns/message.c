#include "core/dns/message.h"

/* Type to RDLENGTH (RFC 1035 section 3.2.1). */
enum { RECORD_FIXED_LEN = 10, QUESTION_FIXED_LEN = 4 };

/* Notes why and makes every later read fail too. */
static enum bj_status refuse(struct bj_message *m, enum bj_fault_kind kind,
                             size_t at)
{
    enum bj_status status = bj_fault_note(&m->fault, kind, at);

    bj_cursor_fail(&m->at, status);
    return m->at.status;
}

enum bj_status bj_message_init(struct bj_message *m, const uint8_t *bytes,
                               size_t len)
{
    *m = (struct bj_message){.section = BJ_SECTION_QUESTION};
    bj_cursor_init(&m->at, bytes, len);
    if (len > BJ_MESSAGE_MAX)
        return refuse(m, BJ_FAULT_TOO_LONG, BJ_MESSAGE_MAX);
    if (len < BJ_HEADER_LEN)
        return refuse(m, BJ_FAULT_CUT, 0);
    m->id = bj_cursor_u16(&m->at);
    m->flags = bj_cursor_u16(&m->at);
    for (size_t i = 0; i < 4; i++)
        m->counts[i] = bj_cursor_u16(&m->at);
    m->left = m->counts[BJ_SECTION_QUESTION];
    return BJ_OK;
}

/* `name` is NULL where nobody asks for it. */
static enum bj_status read_question(struct bj_message *m,
                                    struct bj_question *question,
                                    struct bj_name *name)
{
    struct bj_cursor *c = &m->at;
    size_t start = c->pos;
    enum bj_status status;

    *question = (struct bj_question){0};
    if (!bj_cursor_ok(c))
        return c->status;
    if (m->section != BJ_SECTION_QUESTION || m->left == 0)
        return BJ_NONE;
    status = name != NULL ? bj_name_read(c, name, &m->fault)
                          : bj_name_skip(c, &m->fault);
    if (status != BJ_OK)
        return refuse(m, m->fault.kind, m->fault.at);
    if (bj_cursor_left(c) < QUESTION_FIXED_LEN)
        return refuse(m, BJ_FAULT_CUT, start);
    question->name_at = (uint16_t)start;
    question->type = bj_cursor_u16(c);
    question->class_number = bj_cursor_u16(c);
    m->left -= 1;
    return BJ_OK;
}

enum bj_status bj_message_question(struct bj_message *m,
                                   struct bj_question *question)
{
    return read_question(m, question, NULL);
}

enum bj_status bj_message_named_question(struct bj_message *m,
                                         struct bj_question *question,
                                         struct bj_name *name)
{
    enum bj_status status = read_question(m, question, name);

    if (status != BJ_OK)
        name->len = 0;
    return status;
}

/* To the section that the next record belongs to, past the questions. */
static enum bj_status find_section(struct bj_message *m)
{
    /* Ends: sections only advance, and `left` falls with each question, of
     * which there are no more than octets in the message. */
    while (m->left == 0 || m->section == BJ_SECTION_QUESTION) {
        if (m->left > 0) {
            struct bj_question question;
            enum bj_status status = bj_message_question(m, &question);

            if (status != BJ_OK)
                return status;
        } else if (m->section == BJ_SECTION_ADDITIONAL) {
            return BJ_NONE;
        } else {
            m->section += 1;
            m->left = m->counts[m->section];
        }
    }
    return BJ_OK;
}

/* RFC 6891 section 6.1.1: once, in the additional section; 6.1.2: at the
 * root, whose owner is a single octet. */
static enum bj_fault_kind check_opt(struct bj_message *m,
                                    const struct bj_record *record)
{
    bool seen = m->opt_seen;

    m->opt_seen = true;
    if (record->section != BJ_SECTION_ADDITIONAL)
        return BJ_FAULT_OPT_SECTION;
    if (seen)
        return BJ_FAULT_OPT_TWICE;
    if (record->rdata_at != record->name_at + 1 + RECORD_FIXED_LEN)
        return BJ_FAULT_OPT_OWNER;
    return BJ_FAULT_NONE;
}

/* Nothing to be had: why, and a zero record. */
static enum bj_status no_record(struct bj_record *record, enum bj_status status)
{
    *record = (struct bj_record){0};
    return status;
}

/*
 * The fields of known size behind a name, as a cursor of their own: one check
 * for all of them. Over nothing if they are cut off.
 */
static inline struct bj_cursor fixed_part(struct bj_cursor *c, size_t len)
{
    struct bj_cursor fixed;
    const uint8_t *octets = bj_cursor_bytes(c, len);

    bj_cursor_init(&fixed, octets, octets != NULL ? len : 0);
    return fixed;
}

/* The section's next record, which must be there. Reads straight down: what
 * is cut off is zero, and seen at the end. */
static enum bj_status read_record(struct bj_message *m,
                                  struct bj_record *record)
{
    struct bj_cursor *c = &m->at;
    size_t start = c->pos;
    struct bj_cursor fixed;
    enum bj_fault_kind fault = BJ_FAULT_NONE;

    if (bj_name_skip(c, &m->fault) != BJ_OK)
        return refuse(m, m->fault.kind, m->fault.at);
    fixed = fixed_part(c, RECORD_FIXED_LEN);
    record->section = m->section;
    record->name_at = (uint16_t)start;
    record->type = bj_cursor_u16(&fixed);
    record->class_number = bj_cursor_u16(&fixed);
    record->ttl = bj_cursor_u32(&fixed);
    record->rdata_len = bj_cursor_u16(&fixed);
    record->rdata_at = (uint16_t)c->pos;
    bj_cursor_skip(c, record->rdata_len);
    if (!bj_cursor_ok(c))
        fault = BJ_FAULT_CUT;
    else if (record->type == BJ_TYPE_OPT)
        fault = check_opt(m, record);
    if (fault != BJ_FAULT_NONE)
        return refuse(m, fault, start);
    m->left -= 1;
    return BJ_OK;
}

enum bj_status bj_message_record(struct bj_message *m, struct bj_record *record)
{
    enum bj_status status = m->at.status;

    if (status == BJ_OK && (m->left == 0 || m->section == BJ_SECTION_QUESTION))
        status = find_section(m);
    if (status == BJ_NONE && bj_cursor_left(&m->at) > 0)
        status = refuse(m, BJ_FAULT_TRAILING, m->at.pos);
    if (status == BJ_OK)
        status = read_record(m, record);
    return status == BJ_OK ? BJ_OK : no_record(record, status);
}
