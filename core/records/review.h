#ifndef BJ_CORE_RECORDS_REVIEW_H
#define BJ_CORE_RECORDS_REVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/status.h"
#include "core/dns/fault.h"
#include "core/dns/types.h"

/*
 * The verdict on a message: every name followed, every RDATA looked into.
 * What is accepted here can be printed to the end; of what is not, this says
 * which rule it breaks, at which octet, in which item and field.
 */

enum bj_review_place {
    BJ_REVIEW_HEADER,
    BJ_REVIEW_ITEM, /* a question or record; `section` and `item` say which */
    BJ_REVIEW_END,  /* behind the last record */
};

struct bj_review {
    struct bj_fault fault; /* kind BJ_FAULT_NONE: accepted */
    const char *clause;    /* where the broken rule is written */
    enum bj_review_place place;
    enum bj_section section;
    unsigned item; /* of its section, from 1 */
    bool has_type; /* the item's type is known */
    uint16_t type;
    const char *field; /* of RDATA, NULL if the fault is not in one */
    /* Of an accepted message: what OPT adds to the header. */
    bool has_opt;
    uint16_t rcode; /* all twelve bits */
};

/* Looks at all of a message. Returns the fault's status. */
BJ_MUST_CHECK enum bj_status bj_review_message(const uint8_t *bytes, size_t len,
                                               struct bj_review *review);

#endif
