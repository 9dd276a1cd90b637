#ifndef BJ_CORE_RECORDS_FIELDS_H
#define BJ_CORE_RECORDS_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"
#include "core/dns/message.h"
#include "core/dns/name.h"
#include "core/records/layout.h"

/*
 * The fields of a record's RDATA, one a call, by the table in layout.h. A
 * field is handed out only once it is checked, lists to their last element.
 */

struct bj_field {
    enum bj_field_kind kind;
    const char *label;       /* its name in the table */
    uint64_t number;         /* of the kinds that are a number */
    struct bj_name name;     /* of BJ_FIELD_NAME and BJ_FIELD_PLAIN */
    struct bj_cursor octets; /* of the others: over the message, to the
                                field's end */
};

struct bj_fields {
    struct bj_message *message;
    const struct bj_layout *layout;
    size_t index;
    struct bj_cursor c;
    const char *clause; /* the rule that is asked about, for a fault */
};

/*
 * Starts on a record that bj_message_record gave. The layout is that of its
 * type; the generic one for addresses outside class IN, and for a LOC of
 * another version (RFC 1876 section 2 wants nothing assumed of those); none
 * for what an UPDATE deletes (RFC 2136 section 2.5).
 */
void bj_fields_init(struct bj_fields *fields, struct bj_message *message,
                    const struct bj_record *record);

/*
 * BJ_NONE behind the last field if RDATA ends there. On failure `field` is
 * zero, the message's fault says what and where, fields->clause by which
 * rule, and every later call fails alike.
 */
BJ_MUST_CHECK enum bj_status bj_fields_next(struct bj_fields *fields,
                                            struct bj_field *field);

/* The next of the character-strings in the octets of a BJ_FIELD_STRINGS or
 * BJ_ITEM_IDS, as a cursor that keeps the positions; BJ_NONE at the end. */
BJ_MUST_CHECK enum bj_status bj_fields_string(struct bj_cursor *octets,
                                              struct bj_cursor *string);

#endif
