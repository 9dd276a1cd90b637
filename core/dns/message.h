#ifndef BJ_CORE_DNS_MESSAGE_H
#define BJ_CORE_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"
#include "core/bytes/limits.h"
#include "core/bytes/status.h"
#include "core/dns/fault.h"
#include "core/dns/name.h"
#include "core/dns/types.h"

/*
 * Reads a message front to back: header, questions, records, each asked for
 * in turn. Positions count from the first octet of the header. The octets
 * stay the caller's; nothing is copied. Nothing is believed about counts but
 * that no more items come than they say; each item must be there.
 */

/* The bits of bj_message.flags (RFC 1035 section 4.1.1, RFC 4035 3.1.6). */
#define BJ_FLAG_QR 0x8000U
#define BJ_FLAG_AA 0x0400U
#define BJ_FLAG_TC 0x0200U
#define BJ_FLAG_RD 0x0100U
#define BJ_FLAG_RA 0x0080U
#define BJ_FLAG_Z 0x0040U
#define BJ_FLAG_AD 0x0020U
#define BJ_FLAG_CD 0x0010U

struct bj_message {
    struct bj_cursor at; /* over the whole message, before the next item */
    uint16_t id;
    uint16_t flags;
    uint16_t counts[4];      /* by enum bj_section, as the header says */
    enum bj_section section; /* that the next item would belong to */
    uint16_t left;           /* items of that section not read yet */
    bool opt_seen;
    struct bj_fault fault; /* the first that any reader of it found */
};

struct bj_question {
    uint16_t name_at;
    uint16_t type;
    uint16_t class_number;
};

/* For OPT, class_number and ttl have meanings of their own (bj_rdata_opt). */
struct bj_record {
    enum bj_section section;
    uint16_t name_at; /* where the owner stands */
    /* Where the pointer leads that is all that stands there, or 0. */
    uint16_t owner_at;
    uint16_t type;
    uint16_t class_number;
    uint32_t ttl; /* as it stands; RFC 2181 section 8 has it below 2^31 */
    uint16_t rdata_at;
    uint16_t rdata_len;
};

/*@
  requires \valid_read(m);
  assigns \nothing;
  ensures \result <= 15;
*/
static inline unsigned bj_message_opcode(const struct bj_message *m)
{
    return m->flags >> 11 & 15U;
}

/* The low four bits; bj_opt has the upper eight. */
/*@
  requires \valid_read(m);
  assigns \nothing;
  ensures \result <= 15;
*/
static inline unsigned bj_message_rcode(const struct bj_message *m)
{
    return m->flags & 15U;
}

/*
 * The contracts below, proved by tests/proofs/run, say that a message ends:
 * the position only goes forward and stays within the octets, and each record
 * that is found is one less of those that the header has announced.
 *
 * valid_message: m may be written and is apart from its octets, the position
 * lies within them and behind the header, and there are no more than a message
 * may have, unless that was refused.
 */
/*@
  predicate behind_header(struct bj_message *m) =
    BJ_HEADER_LEN <= m->at.pos && m->at.len <= BJ_MESSAGE_MAX;

  predicate whole_message(struct bj_message *m) =
    \valid(m) && valid_cursor(&m->at) &&
    \separated(m, m->at.base + (0 .. m->at.len - 1)) &&
    m->at.status != BJ_NONE && m->section <= BJ_SECTION_ADDITIONAL &&
    (m->left > 0 ==> behind_header(m));

  predicate valid_message(struct bj_message *m) = whole_message(m) &&
    (m->at.status == BJ_OK ==> behind_header(m));

  predicate goes_forward{A,B}(struct bj_message *m) =
    \at(m->at.base, A) == \at(m->at.base, B) &&
    \at(m->at.len, A) == \at(m->at.len, B) &&
    \at(m->at.pos, A) <= \at(m->at.pos, B);

  logic integer questions_left(struct bj_message *m) =
    m->section == BJ_SECTION_QUESTION ? m->left : 0;

  logic integer records_left(struct bj_message *m) =
    (m->section == BJ_SECTION_QUESTION ? 0 : m->left) +
    (m->section < BJ_SECTION_ANSWER ? m->counts[BJ_SECTION_ANSWER] : 0) +
    (m->section < BJ_SECTION_AUTHORITY ? m->counts[BJ_SECTION_AUTHORITY] : 0) +
    (m->section < BJ_SECTION_ADDITIONAL ?
       m->counts[BJ_SECTION_ADDITIONAL] : 0);

  predicate ends_record(struct bj_record *r, integer at) =
    r->rdata_at + r->rdata_len == at;

  logic integer number_at(uint8_t *octets) = octets[0] * 256 + octets[1];
*/

/*
 * Starts on `len` octets and reads the header. Anything but BJ_OK leaves a
 * message in which no item is found: BJ_MORE under 12 octets, BJ_LIMIT over
 * BJ_MESSAGE_MAX.
 */
/*@
  requires len > 0 ==> \valid_read(bytes + (0 .. len - 1));
  requires \valid(m) && \separated(m, bytes + (0 .. len - 1));
  assigns *m;
  ensures valid_message(m) && m->at.base == bytes && m->at.len == len;
  ensures \result == m->at.status;
  ensures \result == BJ_OK <==> BJ_HEADER_LEN <= len <= BJ_MESSAGE_MAX;
  ensures \result == BJ_OK ==> m->at.pos == BJ_HEADER_LEN &&
    questions_left(m) == number_at(bytes + 4) &&
    records_left(m) == number_at(bytes + 6) + number_at(bytes + 8) +
                         number_at(bytes + 10);
  ensures \result != BJ_OK ==> m->left == 0;
*/
BJ_MUST_CHECK enum bj_status bj_message_init(struct bj_message *m,
                                             const uint8_t *bytes, size_t len);

/* Back behind the header, of a message that was read to its end. */
/*@
  requires valid_message(m) && BJ_HEADER_LEN <= m->at.len <= BJ_MESSAGE_MAX;
  assigns m->at.pos, m->section, m->left, m->opt_seen;
  ensures valid_message(m) && m->at.pos == BJ_HEADER_LEN;
*/
static inline void bj_message_rewind(struct bj_message *m)
{
    m->at.pos = BJ_HEADER_LEN;
    m->section = BJ_SECTION_QUESTION;
    m->left = m->counts[BJ_SECTION_QUESTION];
    m->opt_seen = false;
}

/*
 * The next question; BJ_NONE when the section is read. A question's name is
 * checked as bj_name_skip does. On failure `question` is zero, m->fault says
 * why, and every later call fails alike.
 */
/*@
  requires valid_message(m) && \valid(question);
  requires \separated(question, m, m->at.base + (0 .. m->at.len - 1));
  assigns m->at.pos, m->at.status, m->left, m->fault, *question;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures \result == BJ_OK ==> m->at.status == BJ_OK &&
    questions_left(m) == \old(questions_left(m)) - 1 &&
    m->at.pos > \old(m->at.pos);
  ensures \result != BJ_OK ==> m->left == \old(m->left) &&
    (\result == BJ_NONE ? questions_left(m) == 0 : \result == m->at.status);
  ensures records_left(m) == \old(records_left(m));
*/
BJ_MUST_CHECK enum bj_status bj_message_question(struct bj_message *m,
                                                 struct bj_question *question);

/* Passes over the next question, for a caller that has compared its octets,
 * all `len` of them, with what it expects there. */
/*@
  requires valid_message(m) && questions_left(m) > 0;
  requires len <= m->at.len - m->at.pos;
  assigns m->at.pos, m->at.status, m->left;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures questions_left(m) == \old(questions_left(m)) - 1;
  ensures records_left(m) == \old(records_left(m));
*/
static inline void bj_message_pass_question(struct bj_message *m, size_t len)
{
    m->at.pos += len;
    m->left -= 1;
}

/*
 * The next record of whatever section, the questions passed over first if
 * they were not read. BJ_NONE behind the last one, if the message ends there
 * (octets behind it are a fault). The owner is checked as bj_name_skip does;
 * OPT must stand in the additional section, once, at the root (RFC 6891
 * section 6.1.1). RDATA lies within the message but is not looked into. On
 * failure `record` is zero, m->fault says why, and every later call fails
 * alike.
 */
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
BJ_MUST_CHECK enum bj_status bj_message_record(struct bj_message *m,
                                               struct bj_record *record);

/* The next record of this type: bj_message_record for each until then. */
/*@
  requires valid_message(m) && \valid(record);
  requires \separated(record, m, m->at.base + (0 .. m->at.len - 1));
  assigns m->at.pos, m->at.status, m->section, m->left, m->opt_seen, m->fault,
    *record;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures records_left(m) <= \old(records_left(m));
  ensures \result == BJ_OK ==> m->at.status == BJ_OK &&
    records_left(m) < \old(records_left(m)) && record->type == type &&
    ends_record(record, m->at.pos) && m->at.pos > \old(m->at.pos);
  ensures \result == BJ_NONE ==>
    records_left(m) == 0 && m->at.pos == m->at.len;
*/
BJ_MUST_CHECK enum bj_status
bj_message_find(struct bj_message *m, unsigned type, struct bj_record *record);

/*
 * Passes over the next records of the section at hand, as long as they are
 * neither OPT nor of `type` and their owners are lone pointers. Whatever else
 * comes, faults too, is left for bj_message_record.
 */
/*@
  requires valid_message(m);
  assigns m->at.pos, m->left;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures records_left(m) <= \old(records_left(m));
*/
void bj_message_pass_others(struct bj_message *m, unsigned type);

/*
 * Passes over the questions that were not read, to where the first record of
 * the answer section stands if m->left is not 0. Failure as in
 * bj_message_question.
 */
/*@
  requires valid_message(m);
  assigns m->at.pos, m->at.status, m->section, m->left, m->fault;
  ensures valid_message(m) && goes_forward{Pre,Post}(m);
  ensures \result == m->at.status;
  ensures \result == BJ_OK ==> m->section > BJ_SECTION_QUESTION;
  ensures records_left(m) == \old(records_left(m));
*/
BJ_MUST_CHECK enum bj_status bj_message_skip_questions(struct bj_message *m);

/*
 * A cursor on a name at `at`, or on a record's RDATA, over the whole message
 * so that pointers can be followed (bj_name_read); the RDATA one ends where
 * RDLENGTH says: ask bj_cursor_end for exact consumption.
 */
/*@
  requires valid_message(m);
  assigns \nothing;
  ensures \result.base == m->at.base && \result.len == m->at.len;
  ensures \result.pos == (at <= m->at.len ? at : m->at.len);
  ensures \result.status == BJ_OK <==> at <= m->at.len;
*/
static inline struct bj_cursor bj_message_cursor(const struct bj_message *m,
                                                 size_t at)
{
    struct bj_cursor c;

    bj_cursor_init(&c, m->at.base, m->at.len);
    bj_cursor_skip(&c, at);
    return c;
}

/*@
  requires valid_message(m) && \valid_read(record);
  assigns \nothing;
  ensures \result.base == m->at.base;
  ensures \result.pos <= \result.len <= m->at.len;
  ensures \result.status == BJ_OK ==> \result.pos == record->rdata_at &&
    \result.len == record->rdata_at + record->rdata_len;
*/
static inline struct bj_cursor bj_message_rdata(const struct bj_message *m,
                                                const struct bj_record *record)
{
    struct bj_cursor c = bj_message_cursor(m, record->rdata_at);

    if (record->rdata_len > bj_cursor_left(&c))
        bj_cursor_fail(&c, BJ_MORE);
    else
        c.len = c.pos + record->rdata_len;
    return c;
}

/* Type to RDLENGTH (RFC 1035 section 3.2.1). */
#define BJ_RECORD_FIXED_LEN 10

/* The fields of known size, from a cursor over just these. */
/*@
  requires valid_cursor(fixed) && \valid(record);
  requires \separated(record, fixed, fixed->base + (0 .. fixed->len - 1));
  assigns fixed->pos, fixed->status, record->type, record->class_number,
    record->ttl, record->rdata_len;
  ensures valid_cursor(fixed);
*/
BJ_INLINE void bj_record_fields(struct bj_cursor *fixed,
                                struct bj_record *record)
{
    record->type = bj_cursor_u16(fixed);
    record->class_number = bj_cursor_u16(fixed);
    record->ttl = bj_cursor_u32(fixed);
    record->rdata_len = bj_cursor_u16(fixed);
}

/*
 * record_place: *at lies in a message that is not too long, and there is room
 * for a record. `at` may be the message's own position.
 */
/*@
  predicate record_place(struct bj_message *m, size_t *at,
                         struct bj_record *record) =
    valid_message(m) && m->at.len <= BJ_MESSAGE_MAX && \valid(at) &&
    *at <= m->at.len && \valid(record) && \separated(record, m) &&
    \separated(at, record, m->at.base + (0 .. m->at.len - 1)) &&
    \separated(at, &m->at.base, &m->at.len);
*/

/* bj_message_record_at for any record. */
/*@
  requires record_place(m, at, record) && (why == \null || \valid(why));
  requires \separated(why, at, record, m->at.base + (0 .. m->at.len - 1));
  requires \separated(why, &m->at.base, &m->at.len);
  assigns *at, *record, *why;
  ensures \result == BJ_OK ==> \old(*at) < *at <= m->at.len &&
    ends_record(record, *at);
  ensures \result != BJ_OK ==> *at == \old(*at) && \result != BJ_NONE;
*/
BJ_MUST_CHECK enum bj_status
bj_message_any_record_at(const struct bj_message *m, size_t *at,
                         struct bj_record *record, struct bj_fault *why);

/* The same for one whose owner is a lone pointer, as most are; false, and
 * *record means nothing, if it is not, or if anything is wrong. */
/*@
  requires record_place(m, at, record);
  assigns *at, *record;
  ensures \result ==> \old(*at) < *at <= m->at.len &&
    ends_record(record, *at);
  ensures !\result ==> *at == \old(*at);
*/
BJ_INLINE bool bj_message_plain_record_at(const struct bj_message *m,
                                          size_t *at, struct bj_record *record)
{
    const size_t bits = BJ_POINTER_BITS * 256U;
    const size_t front_len = 2 + BJ_RECORD_FIXED_LEN;
    struct bj_cursor c;
    struct bj_cursor front;
    size_t owner;

    bj_cursor_init(&c, m->at.base, m->at.len);
    c.pos = *at;
    /* One check for all octets: the cursor over them has a known length. */
    if (bj_cursor_left(&c) < front_len)
        return false;
    bj_cursor_init(&front, bj_cursor_bytes(&c, front_len), front_len);
    owner = bj_cursor_u16(&front);
    if (owner < bits + BJ_HEADER_LEN || owner - bits >= *at)
        return false;
    bj_record_fields(&front, record);
    if (record->rdata_len > bj_cursor_left(&c))
        return false;
    record->name_at = (uint16_t)*at;
    record->owner_at = (uint16_t)(owner - bits);
    record->rdata_at = (uint16_t)c.pos;
    *at = c.pos + record->rdata_len;
    return true;
}

/*
 * The record at offset *at, by itself: bj_message_record without the section
 * and without OPT's rules, for loops over what was read before. *at then lies
 * behind it. On failure it has not moved, *record means nothing and `why`,
 * unless NULL, says what is wrong.
 */
/*@
  requires record_place(m, at, record) && (why == \null || \valid(why));
  requires \separated(why, at, record, m->at.base + (0 .. m->at.len - 1));
  requires \separated(why, &m->at.base, &m->at.len);
  assigns *at, *record, *why;
  ensures \result == BJ_OK ==> \old(*at) < *at <= m->at.len &&
    ends_record(record, *at);
  ensures \result != BJ_OK ==> *at == \old(*at) && \result != BJ_NONE;
*/
BJ_MUST_CHECK BJ_INLINE enum bj_status
bj_message_record_at(const struct bj_message *m, size_t *at,
                     struct bj_record *record, struct bj_fault *why)
{
    struct bj_record other;
    size_t behind = *at;
    enum bj_status status;

    if (bj_message_plain_record_at(m, at, record))
        return BJ_OK;
    /* In variables of its own: so the caller's can stay in registers. */
    status = bj_message_any_record_at(m, &behind, &other, why);
    *record = other;
    *at = behind;
    return status;
}

#endif
