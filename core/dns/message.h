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
    uint16_t type;
    uint16_t class_number;
    uint32_t ttl; /* as it stands; RFC 2181 section 8 has it below 2^31 */
    uint16_t rdata_at;
    uint16_t rdata_len;
};

static inline unsigned bj_message_opcode(const struct bj_message *m)
{
    return m->flags >> 11 & 15U;
}

/* The low four bits; bj_opt has the upper eight. */
static inline unsigned bj_message_rcode(const struct bj_message *m)
{
    return m->flags & 15U;
}

/*
 * Starts on `len` octets and reads the header. Anything but BJ_OK leaves a
 * message in which no item is found: BJ_MORE under 12 octets, BJ_LIMIT over
 * BJ_MESSAGE_MAX.
 */
BJ_MUST_CHECK enum bj_status bj_message_init(struct bj_message *m,
                                             const uint8_t *bytes, size_t len);

/*
 * The next question; BJ_NONE when the section is read. A question's name is
 * checked as bj_name_skip does. On failure `question` is zero, m->fault says
 * why, and every later call fails alike.
 */
BJ_MUST_CHECK enum bj_status bj_message_question(struct bj_message *m,
                                                 struct bj_question *question);

/* The same, and its name, in one walk: the name is checked as bj_name_read
 * does, and empty on failure. */
BJ_MUST_CHECK enum bj_status
bj_message_named_question(struct bj_message *m, struct bj_question *question,
                          struct bj_name *name);

/*
 * The next record of whatever section, the questions passed over first if
 * they were not read. BJ_NONE behind the last one, if the message ends there
 * (octets behind it are a fault). The owner is checked as bj_name_skip does;
 * OPT must stand in the additional section, once, at the root (RFC 6891
 * section 6.1.1). RDATA lies within the message but is not looked into. On
 * failure `record` is zero, m->fault says why, and every later call fails
 * alike.
 */
BJ_MUST_CHECK enum bj_status bj_message_record(struct bj_message *m,
                                               struct bj_record *record);

/*
 * A cursor on a name at `at`, or on a record's RDATA, over the whole message
 * so that pointers can be followed (bj_name_read); the RDATA one ends where
 * RDLENGTH says: ask bj_cursor_end for exact consumption.
 */
static inline struct bj_cursor bj_message_cursor(const struct bj_message *m,
                                                 size_t at)
{
    struct bj_cursor c;

    bj_cursor_init(&c, m->at.base, m->at.len);
    bj_cursor_skip(&c, at);
    return c;
}

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

#endif
