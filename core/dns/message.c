#include "core/dns/message.h"

/* Type and class (RFC 1035 section 4.1.2). */
enum { QUESTION_FIXED_LEN = 4 };

/* Notes why and makes every later read fail too. */
/*@
  requires whole_message(m) && kind != BJ_FAULT_NONE;
  assigns m->fault, m->at.pos, m->at.status;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures \result == m->at.status && \result != BJ_OK;
*/
static enum bj_status refuse(struct bj_message *m, enum bj_fault_kind kind,
                             size_t at)
{
    enum bj_status status = bj_fault_note(&m->fault, kind, at);

    bj_cursor_fail(&m->at, status);
    return m->at.status;
}

/*@
  requires whole_message(m) && m->at.status == BJ_OK && m->at.pos == 0;
  requires BJ_HEADER_LEN <= m->at.len <= BJ_MESSAGE_MAX;
  requires m->section == BJ_SECTION_QUESTION;
  assigns m->at.pos, m->at.status, m->id, m->flags, m->counts[0 .. 3], m->left;
  ensures valid_message(m) && m->at.pos == BJ_HEADER_LEN;
  ensures m->at.status == BJ_OK;
  ensures questions_left(m) == number_at(m->at.base + 4);
  ensures records_left(m) ==
    number_at(m->at.base + 6) + number_at(m->at.base + 8) +
    number_at(m->at.base + 10);
*/
BJ_INLINE void read_header(struct bj_message *m)
{
    struct bj_cursor header;

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
}

enum bj_status bj_message_init(struct bj_message *m, const uint8_t *bytes,
                               size_t len)
{
    *m = (struct bj_message){.section = BJ_SECTION_QUESTION};
    bj_cursor_init(&m->at, bytes, len);
    /*@ assert whole_message(m) && m->left == 0; */
    if (len > BJ_MESSAGE_MAX)
        return refuse(m, BJ_FAULT_TOO_LONG, BJ_MESSAGE_MAX);
    if (len < BJ_HEADER_LEN)
        return refuse(m, BJ_FAULT_CUT, 0);
    read_header(m);
    return BJ_OK;
}

/* Whether a question comes next. */
/*@
  requires valid_message(m) && \valid(question) && \separated(question, m);
  assigns *question;
  ensures \result == BJ_OK <==>
    m->at.status == BJ_OK && questions_left(m) > 0;
  ensures \result == BJ_NONE ==> questions_left(m) == 0;
  ensures \result != BJ_NONE ==> \result == m->at.status;
*/
static enum bj_status begin_question(const struct bj_message *m,
                                     struct bj_question *question)
{
    *question = (struct bj_question){0};
    if (!bj_cursor_ok(&m->at))
        return m->at.status;
    return m->section == BJ_SECTION_QUESTION && m->left > 0 ? BJ_OK : BJ_NONE;
}

/* What follows the question's name, which begins at `start`. */
/*@
  requires valid_message(m) && \valid(question);
  requires \separated(question, m, m->at.base + (0 .. m->at.len - 1));
  requires m->at.status == BJ_OK && questions_left(m) > 0;
  assigns m->at.pos, m->at.status, m->left, m->fault, *question;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures \result == m->at.status;
  ensures \result == BJ_OK ==>
    questions_left(m) == \old(questions_left(m)) - 1;
  ensures \result != BJ_OK ==> m->left == \old(m->left);
*/
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

/*@
  requires valid_message(m) && m->at.status == BJ_OK;
  requires m->section < BJ_SECTION_ADDITIONAL;
  requires m->section == BJ_SECTION_QUESTION || m->left == 0;
  assigns m->section, m->left;
  ensures valid_message(m) && m->section == \old(m->section) + 1;
  ensures records_left(m) == \old(records_left(m));
*/
static void next_section(struct bj_message *m)
{
    m->section += 1;
    m->left = m->counts[m->section];
}

/* Seldom to be done: apart, so that its stack frame is. */
/*@
  requires valid_message(m) && m->section == BJ_SECTION_QUESTION;
  assigns m->at.pos, m->at.status, m->left, m->fault;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures records_left(m) == \old(records_left(m));
*/
__attribute__((noinline)) static void pass_questions(struct bj_message *m)
{
    struct bj_question question;

    /*@
      loop invariant valid_message(m) && goes_forward{Pre,Here}(m);
      loop invariant records_left(m) == \at(records_left(m), Pre);
      loop assigns m->at.pos, m->at.status, m->left, m->fault, question;
      loop variant m->left;
    */
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
/*@
  requires valid_message(m);
  assigns m->at.pos, m->at.status, m->section, m->left, m->fault;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures \result == BJ_OK ==> m->at.status == BJ_OK && m->left > 0 &&
    m->section > BJ_SECTION_QUESTION;
  ensures \result == BJ_NONE ==> m->at.status == BJ_OK && records_left(m) == 0;
  ensures records_left(m) == \old(records_left(m));
*/
static enum bj_status find_section(struct bj_message *m)
{
    enum bj_status status = m->section == BJ_SECTION_QUESTION
                                ? bj_message_skip_questions(m)
                                : m->at.status;

    /*@
      loop invariant valid_message(m) && goes_forward{Pre,Here}(m);
      loop invariant records_left(m) == \at(records_left(m), Pre);
      loop invariant status == m->at.status;
      loop invariant status == BJ_OK ==> m->section > BJ_SECTION_QUESTION;
      loop assigns m->section, m->left;
      loop variant BJ_SECTION_ADDITIONAL - m->section;
    */
    while (status == BJ_OK && m->left == 0) {
        if (m->section == BJ_SECTION_ADDITIONAL)
            return BJ_NONE;
        next_section(m);
    }
    return status;
}

/* RFC 6891 section 6.1.1: once, in the additional section; 6.1.2: at the
 * root, whose owner is a single octet. */
/*@
  requires \valid(m) && \valid_read(record) && \separated(m, record);
  assigns m->opt_seen;
*/
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
/*@
  requires \valid(record);
  assigns *record;
  ensures \result == status;
*/
static enum bj_status no_record(struct bj_record *record, enum bj_status status)
{
    *record = (struct bj_record){0};
    return status;
}

/* What follows the owner; whether it is there. */
/*@
  requires valid_cursor(c) && c->status == BJ_OK && c->len <= BJ_MESSAGE_MAX;
  requires \valid(record);
  requires \separated(record, c, c->base + (0 .. c->len - 1));
  assigns c->pos, c->status, record->type, record->class_number, record->ttl,
    record->rdata_at, record->rdata_len;
  ensures valid_cursor(c) && c->pos >= \old(c->pos);
  ensures \result ==> ends_record(record, c->pos);
*/
static bool end_record(struct bj_cursor *c, struct bj_record *record)
{
    struct bj_cursor fixed;
    const uint8_t *octets = bj_cursor_bytes(c, BJ_RECORD_FIXED_LEN);

    if (octets == NULL)
        return false;
    bj_cursor_init(&fixed, octets, BJ_RECORD_FIXED_LEN);
    bj_record_fields(&fixed, record);
    record->rdata_at = (uint16_t)c->pos;
    if (record->rdata_len > bj_cursor_left(c))
        return false;
    bj_cursor_skip(c, record->rdata_len);
    return true;
}

enum bj_status bj_message_any_record_at(const struct bj_message *m, size_t *at,
                                        struct bj_record *record,
                                        struct bj_fault *why)
{
    struct bj_cursor c = bj_message_cursor(m, *at);
    size_t target;
    enum bj_status status;

    /*@ assert c.len == m->at.len && c.pos == *at && valid_cursor(&c); */
    *record = (struct bj_record){.name_at = (uint16_t)*at};
    status = bj_name_skip_to(&c, &target, why);
    if (status != BJ_OK)
        return status;
    /*@ assert *at == \at(*at, Pre) && *at < c.pos; */
    /*@ assert c.base == \at(m->at.base, Pre); */
    /*@ assert c.len == \at(m->at.len, Pre); */
    record->owner_at = (uint16_t)target;
    if (!end_record(&c, record))
        return bj_fault_note(why, BJ_FAULT_CUT, *at);
    *at = c.pos;
    return BJ_OK;
}

/* The section's next record, which must be there. */
/*@
  requires valid_message(m) && \valid(record);
  requires \separated(record, m, m->at.base + (0 .. m->at.len - 1));
  requires m->at.status == BJ_OK && m->left > 0;
  requires m->section > BJ_SECTION_QUESTION;
  assigns m->at.pos, m->at.status, m->left, m->opt_seen, m->fault, *record;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures \result == BJ_OK ==> m->at.status == BJ_OK &&
    records_left(m) == \old(records_left(m)) - 1 &&
    ends_record(record, m->at.pos) && m->at.pos > \old(m->at.pos);
  ensures \result != BJ_OK ==>
    records_left(m) == \old(records_left(m)) && \result != BJ_NONE;
*/
static enum bj_status read_record(struct bj_message *m,
                                  struct bj_record *record)
{
    enum bj_fault_kind fault = BJ_FAULT_NONE;
    enum bj_status status = BJ_OK;

    /* bj_message_record_at without its copies: here all is in memory. */
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

/*@
  requires valid_message(m) && \valid(record);
  requires \separated(record, m, m->at.base + (0 .. m->at.len - 1));
  assigns m->at.pos, m->at.status, m->section, m->left, m->opt_seen, m->fault,
    *record;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures \result == BJ_OK ==> m->at.status == BJ_OK &&
    records_left(m) == \old(records_left(m)) - 1 &&
    ends_record(record, m->at.pos) && m->at.pos > \old(m->at.pos);
  ensures \result != BJ_OK ==> records_left(m) == \old(records_left(m));
  ensures \result == BJ_NONE ==>
    records_left(m) == 0 && m->at.pos == m->at.len;
*/
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
 * Passes over the next record if it is one that bj_message_pass_others speaks
 * of. In sums and few comparisons, since this is done for each record of each
 * reply: no message is so long that a sum could wrap.
 */
/*@
  requires valid_cursor(c);
  requires BJ_HEADER_LEN <= c->pos && c->len <= BJ_MESSAGE_MAX;
  assigns c->pos;
  ensures valid_cursor(c);
  ensures \result ==> c->pos > \old(c->pos);
  ensures !\result ==> c->pos == \old(c->pos);
*/
BJ_INLINE bool pass_other(struct bj_cursor *c, unsigned type)
{
    enum {
        FRONT_LEN = 2 + BJ_RECORD_FIXED_LEN,
        FIRST = BJ_POINTER_BITS * 256 + BJ_HEADER_LEN
    };
    struct bj_cursor front;
    uint32_t owner_and_type;
    unsigned its_type;
    size_t behind;
    size_t target;

    if (c->pos > c->len - FRONT_LEN)
        return false;
    /* Of a known length, which is checked once. */
    bj_cursor_init(&front, c->base + c->pos, FRONT_LEN);
    owner_and_type = bj_cursor_u32(&front);
    bj_cursor_skip(&front, 2 + 4);
    behind = c->pos + FRONT_LEN + bj_cursor_u16(&front);
    its_type = owner_and_type % 65536;
    /* Too large if it is no pointer, or one into the header. */
    target = (size_t)((ptrdiff_t)(owner_and_type / 65536) - FIRST);
    if (behind > c->len || target >= c->pos - BJ_HEADER_LEN ||
        its_type == type || its_type == BJ_TYPE_OPT)
        return false;
    c->pos = behind;
    return true;
}

/* bj_message_pass_others behind the questions. */
/*@
  requires valid_message(m) && m->section > BJ_SECTION_QUESTION;
  assigns m->at.pos, m->left;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures records_left(m) <= \old(records_left(m));
*/
BJ_INLINE void pass_records(struct bj_message *m, unsigned type)
{
    /* Both can be kept in registers, and are stored once. */
    struct bj_cursor c = m->at;
    uint16_t left = m->left;

    /*@
      loop invariant valid_cursor(&c) && left <= \at(m->left, Pre);
      loop invariant c.base == m->at.base && c.len == m->at.len;
      loop invariant c.pos >= m->at.pos;
      loop assigns c.pos, left;
      loop variant left;
    */
    while (left > 0 && pass_other(&c, type))
        left -= 1;
    m->at.pos = c.pos;
    m->left = left;
}

/* bj_message_pass_others. */
/*@
  requires valid_message(m);
  assigns m->at.pos, m->left;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures records_left(m) <= \old(records_left(m));
*/
BJ_INLINE void pass_others(struct bj_message *m, unsigned type)
{
    if (m->section == BJ_SECTION_QUESTION)
        return;
    /* A loop of its own, for each reply: it compares with one type, not two. */
    if (type == BJ_TYPE_OPT)
        pass_records(m, BJ_TYPE_OPT);
    else
        pass_records(m, type);
}

enum bj_status bj_message_find(struct bj_message *m, unsigned type,
                               struct bj_record *record)
{
    enum bj_status status;

    /*@
      loop invariant valid_message(m) && goes_forward{Pre,Here}(m);
      loop invariant records_left(m) <= \at(records_left(m), Pre);
      loop assigns status, m->at.pos, m->at.status, m->section, m->left,
        m->opt_seen, m->fault, *record;
      loop variant m->at.len - m->at.pos;
    */
    do {
        pass_others(m, type);
        status = next_record(m, record);
    } while (status == BJ_OK && record->type != type);
    return status;
}

void bj_message_pass_others(struct bj_message *m, unsigned type)
{
    pass_others(m, type);
}
