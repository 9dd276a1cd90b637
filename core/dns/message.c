#include "core/dns/message.h"

/* Type and class (RFC 1035 section 4.1.2). */
enum { QUESTION_FIXED_LEN = 4 };

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
    struct bj_cursor header;

    *m = (struct bj_message){.section = BJ_SECTION_QUESTION};
    bj_cursor_init(&m->at, bytes, len);
    if (len > BJ_MESSAGE_MAX)
        return refuse(m, BJ_FAULT_TOO_LONG, BJ_MESSAGE_MAX);
    if (len < BJ_HEADER_LEN)
        return refuse(m, BJ_FAULT_CUT, 0);
    /* A cursor whose length is known: checked once. */
    bj_cursor_init(&header, bj_cursor_bytes(&m->at, BJ_HEADER_LEN),
                   BJ_HEADER_LEN);
    m->id = bj_cursor_u16(&header);
    m->flags = bj_cursor_u16(&header);
    m->counts[BJ_SECTION_QUESTION] = bj_cursor_u16(&header);
    m->counts[BJ_SECTION_ANSWER] = bj_cursor_u16(&header);
    m->counts[BJ_SECTION_AUTHORITY] = bj_cursor_u16(&header);
    m->counts[BJ_SECTION_ADDITIONAL] = bj_cursor_u16(&header);
    m->left = m->counts[BJ_SECTION_QUESTION];
    return BJ_OK;
}

/* Whether a question comes next. */
static enum bj_status begin_question(const struct bj_message *m,
                                     struct bj_question *question)
{
    *question = (struct bj_question){0};
    if (!bj_cursor_ok(&m->at))
        return m->at.status;
    return m->section == BJ_SECTION_QUESTION && m->left > 0 ? BJ_OK : BJ_NONE;
}

/* What follows the question's name, which begins at `start`. */
static enum bj_status end_question(struct bj_message *m, size_t start,
                                   struct bj_question *question)
{
    if (bj_cursor_left(&m->at) < QUESTION_FIXED_LEN)
        return refuse(m, BJ_FAULT_CUT, start);
    question->name_at = (uint16_t)start;
    question->type = bj_cursor_u16(&m->at);
    question->class_number = bj_cursor_u16(&m->at);
    m->left -= 1;
    return BJ_OK;
}

enum bj_status bj_message_question(struct bj_message *m,
                                   struct bj_question *question)
{
    size_t start = m->at.pos;
    enum bj_status status = begin_question(m, question);

    if (status == BJ_OK && bj_name_skip(&m->at, &m->fault) != BJ_OK)
        status = refuse(m, m->fault.kind, m->fault.at);
    return status == BJ_OK ? end_question(m, start, question) : status;
}

enum bj_status bj_message_host_question(struct bj_message *m,
                                        struct bj_question *question,
                                        char *text, size_t *len)
{
    size_t start = m->at.pos;
    enum bj_status status = begin_question(m, question);

    *len = status == BJ_OK ? bj_name_read_host(&m->at, text) : 0;
    return *len > 0 ? end_question(m, start, question)
                    : bj_message_question(m, question);
}

static void next_section(struct bj_message *m)
{
    m->section += 1;
    m->left = m->counts[m->section];
}

/* Seldom to be done: apart, so that its stack frame is. */
__attribute__((noinline)) static void pass_questions(struct bj_message *m)
{
    struct bj_question question;

    /* Ends: `left` falls with each question. */
    while (m->left > 0 && bj_message_question(m, &question) == BJ_OK)
        continue;
}

enum bj_status bj_message_skip_questions(struct bj_message *m)
{
    if (m->section != BJ_SECTION_QUESTION)
        return m->at.status;
    if (m->left > 0)
        pass_questions(m);
    if (bj_cursor_ok(&m->at))
        next_section(m);
    return m->at.status;
}

/* To the section that the next record belongs to. */
static enum bj_status find_section(struct bj_message *m)
{
    enum bj_status status = m->section == BJ_SECTION_QUESTION
                                ? bj_message_skip_questions(m)
                                : m->at.status;

    /* Ends: sections only advance. */
    while (status == BJ_OK && m->left == 0) {
        if (m->section == BJ_SECTION_ADDITIONAL)
            return BJ_NONE;
        next_section(m);
    }
    return status;
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
    if (record->rdata_at != record->name_at + 1 + BJ_RECORD_FIXED_LEN)
        return BJ_FAULT_OPT_OWNER;
    return BJ_FAULT_NONE;
}

/* Nothing to be had: why, and a zero record. */
static enum bj_status no_record(struct bj_record *record, enum bj_status status)
{
    *record = (struct bj_record){0};
    return status;
}

enum bj_status bj_message_any_record_at(const struct bj_message *m, size_t *at,
                                        struct bj_record *record,
                                        struct bj_fault *why)
{
    struct bj_cursor c = bj_message_cursor(m, *at);
    struct bj_cursor fixed;
    size_t target;
    const uint8_t *octets;

    *record = (struct bj_record){.name_at = (uint16_t)*at};
    if (!bj_name_is_pointer(&c, &target)) {
        enum bj_status status = bj_name_skip_labels(&c, why);

        if (status != BJ_OK)
            return status;
    }
    octets = bj_cursor_bytes(&c, BJ_RECORD_FIXED_LEN);
    if (octets == NULL)
        return bj_fault_note(why, BJ_FAULT_CUT, *at);
    bj_cursor_init(&fixed, octets, BJ_RECORD_FIXED_LEN);
    bj_record_fields(&fixed, record);
    record->owner_at = (uint16_t)target;
    record->rdata_at = (uint16_t)c.pos;
    if (record->rdata_len > bj_cursor_left(&c))
        return bj_fault_note(why, BJ_FAULT_CUT, *at);
    *at = c.pos + record->rdata_len;
    return BJ_OK;
}

/* The section's next record, which must be there. */
static enum bj_status read_record(struct bj_message *m,
                                  struct bj_record *record)
{
    enum bj_fault_kind fault = BJ_FAULT_NONE;
    enum bj_status status = BJ_OK;

    if (!bj_message_plain_record_at(m, &m->at.pos, record))
        status = bj_message_any_record_at(m, &m->at.pos, record, &m->fault);
    if (status != BJ_OK) {
        bj_cursor_fail(&m->at, status);
        return status;
    }
    record->section = m->section;
    if (record->type == BJ_TYPE_OPT)
        fault = check_opt(m, record);
    if (fault != BJ_FAULT_NONE)
        return refuse(m, fault, record->name_at);
    m->left -= 1;
    return BJ_OK;
}

BJ_INLINE enum bj_status next_record(struct bj_message *m,
                                     struct bj_record *record)
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

enum bj_status bj_message_record(struct bj_message *m, struct bj_record *record)
{
    return next_record(m, record);
}

/*
 * Passes over records of the section at hand that are neither OPT nor of
 * `type`, in a loop that can be kept in registers. Whatever else comes, faults
 * too, is left for bj_message_record.
 */
static void pass_others(struct bj_message *m, unsigned type)
{
    struct bj_record record;
    size_t at = m->at.pos;

    if (m->section == BJ_SECTION_QUESTION)
        return;
    /* Ends: each turn counts a record. */
    while (m->left > 0 && bj_message_plain_record_at(m, &at, &record) &&
           record.type != type && record.type != BJ_TYPE_OPT) {
        m->at.pos = at;
        m->left -= 1;
    }
}

enum bj_status bj_message_find(struct bj_message *m, unsigned type,
                               struct bj_record *record)
{
    enum bj_status status;

    /* Ends: each turn reads a record. */
    do {
        pass_others(m, type);
        status = next_record(m, record);
    } while (status == BJ_OK && record->type != type);
    return status;
}
