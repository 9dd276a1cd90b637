#ifndef BJ_CORE_RECORDS_TEXT_H
#define BJ_CORE_RECORDS_TEXT_H

#include <stdint.h>

#include "core/bytes/writer.h"
#include "core/dns/message.h"
#include "core/records/fields.h"
#include "core/records/lists.h"

/*
 * Records as presentation text, as in zone files (RFC 1035 section 5.1, RFC
 * 3597 section 5) and as dig prints them. Nothing but visible ASCII, blanks,
 * tabs and newlines is written, whatever the message holds. A record whose
 * name or RDATA cannot be read latches BJ_BAD in the writer; bj_review_message
 * tells that, and why, beforehand.
 */

/* A mnemonic, or TYPE731, CLASS32, RCODE3841, OPCODE9. */
void bj_text_type(struct bj_writer *w, unsigned type);
void bj_text_class(struct bj_writer *w, unsigned class_number);
void bj_text_rcode(struct bj_writer *w, unsigned rcode);
void bj_text_opcode(struct bj_writer *w, unsigned opcode);

/* One field of RDATA, as it stands between blanks in a zone file. */
void bj_text_field(struct bj_writer *w, const struct bj_field *field);

/* RDATA, its fields between blanks; "\# 0" if it is empty. */
void bj_text_rdata(struct bj_writer *w, struct bj_message *m,
                   const struct bj_record *record);

/* Owner, TTL, class, type and RDATA with tabs between, and a newline. */
void bj_text_record(struct bj_writer *w, struct bj_message *m,
                    const struct bj_record *record);

/* What an OPT record says, in lines that begin with a semicolon. */
void bj_text_opt(struct bj_writer *w, struct bj_message *m,
                 const struct bj_record *record);

/* A question as a comment: ";name.\tIN\tA\n". */
void bj_text_question(struct bj_writer *w, struct bj_message *m,
                      const struct bj_question *question);

/* The value of a SvcParam or an EDNS option; nothing if it is empty. */
void bj_text_param(struct bj_writer *w, const struct bj_item *item);
void bj_text_option(struct bj_writer *w, const struct bj_item *item);

/* YYYYMMDDHHMMSS of seconds since 1970 (RFC 4034 section 3.2). */
void bj_text_time(struct bj_writer *w, uint32_t seconds);

/* The text of an extended error (RFC 8914 section 5.2), or NULL. */
const char *bj_text_error(unsigned code);

#endif
