#ifndef BJ_CORE_RECORDS_PRINT_H
#define BJ_CORE_RECORDS_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/writer.h"
#include "core/dns/message.h"
#include "core/records/review.h"

/*
 * A whole message for people (as dig shows it) or for programs (one JSON
 * object), in pieces: a header, each item, the end. A piece is at most
 * BJ_PRINT_PIECE_MAX octets however the message is built, so that one buffer
 * of that size prints any message. Only ASCII is written.
 */

/*
 * The largest piece is a bitmap with all 65536 types, 256 * 34 octets. As
 * "TYPE65535", with a comma each takes 12 characters, 786432; owner, mnemonic
 * and keys take under 2 KiB. All else grows less: an octet of a string that
 * is written as \u0001 takes six, a SvcParam without value takes four octets
 * and is written in 31, and 65535 * 8 is less than the above.
 */
#define BJ_PRINT_PIECE_MAX 790528

enum bj_print_style { BJ_PRINT_TEXT, BJ_PRINT_JSON };

enum bj_print_stage {
    BJ_PRINT_HEADER,
    BJ_PRINT_QUESTIONS,
    BJ_PRINT_RECORDS,
    BJ_PRINT_DONE,
};

struct bj_print {
    struct bj_message message;
    enum bj_print_style style;
    enum bj_print_stage stage;
    uint16_t rcode;
    int section; /* whose heading was written last, -1 for none */
    bool first;  /* no item of that section was written yet */
};

/* Starts on a message that bj_review_message has accepted, and its review.
 * The octets must stay. */
void bj_print_init(struct bj_print *print, enum bj_print_style style,
                   const uint8_t *bytes, size_t len,
                   const struct bj_review *review);

/* Appends the next piece. BJ_NONE when there is none, BJ_SPACE if it did not
 * fit, BJ_BAD if the message is not what was reviewed; both stay. */
BJ_MUST_CHECK enum bj_status bj_print_next(struct bj_print *print,
                                           struct bj_writer *w);

/* Why a message was refused: a line of text, or a JSON object. */
void bj_print_fault(struct bj_writer *w, enum bj_print_style style,
                    const struct bj_review *review);

#endif
