#include "core/dns/message.h"

#include "core/dns/name.h"

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

/* The name in front of an item, and room for the fixed fields behind it. */
static enum bj_status pass_owner(struct bj_message *m, size_t fixed_len)
{
    size_t start = m->at.pos;

    if (!bj_cursor_ok(&m->at))
        return m->at.status;
    if (bj_name_skip(&m->at, &m->fault) != BJ_OK)
        return refuse(m, m->fault.kind, m->fault.at);
    if (bj_cursor_left(&m->at) < fixed_len)
        return refuse(m, BJ_FAULT_CUT, start);
    return BJ_OK;
}

enum bj_status bj_message_question(struct bj_message *m,
                                   struct bj_question *question)
{
    size_t start = m->at.pos;
    enum bj_status status;

    *question = (struct bj_question){0};
    if (!bj_cursor_ok(&m->at))
        return m->at.status;
    if (m->section != BJ_SECTION_QUESTION || m->left == 0)
        return BJ_NONE;
    status = pass_owner(m, QUESTION_FIXED_LEN);
    if (status != BJ_OK)
        return status;
    m->left -= 1;
    question->name_at = (uint16_t)start;
    question->type = bj_cursor_u16(&m->at);
    question->class_number = bj_cursor_u16(&m->at);
    return BJ_OK;
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

enum bj_status bj_message_record(struct bj_message *m, struct bj_record *record)
{
    enum bj_fault_kind fault = BJ_FAULT_NONE;
    enum bj_status status;
    size_t start;

    *record = (struct bj_record){0};
    if (!bj_cursor_ok(&m->at))
        return m->at.status;
    status = find_section(m);
    start = m->at.pos;
    if (status == BJ_NONE && bj_cursor_left(&m->at) > 0)
        return refuse(m, BJ_FAULT_TRAILING, start);
    if (status == BJ_OK)
        status = pass_owner(m, RECORD_FIXED_LEN);
    if (status != BJ_OK)
        return status;
    record->section = m->section;
    record->name_at = (uint16_t)start;
    record->type = bj_cursor_u16(&m->at);
    record->class_number = bj_cursor_u16(&m->at);
    record->ttl = bj_cursor_u32(&m->at);
    record->rdata_len = bj_cursor_u16(&m->at);
    record->rdata_at = (uint16_t)m->at.pos;
    if (record->rdata_len > bj_cursor_left(&m->at))
        fault = BJ_FAULT_CUT;
    else if (record->type == BJ_TYPE_OPT)
        fault = check_opt(m, record);
    if (fault != BJ_FAULT_NONE) {
        *record = (struct bj_record){0};
        return refuse(m, fault, start);
    }
    bj_cursor_skip(&m->at, record->rdata_len);
    m->left -= 1;
    return BJ_OK;
}

struct bj_cursor bj_message_cursor(const struct bj_message *m, size_t at)
{
    struct bj_cursor c;

    bj_cursor_init(&c, m->at.base, m->at.len);
    bj_cursor_skip(&c, at);
    return c;
}

struct bj_cursor bj_message_rdata(const struct bj_message *m,
                                  const struct bj_record *record)
{
    struct bj_cursor c = bj_message_cursor(m, record->rdata_at);

    if (record->rdata_len > bj_cursor_left(&c))
        bj_cursor_fail(&c, BJ_MORE);
    else
        c.len = c.pos + record->rdata_len;
    return c;
}
