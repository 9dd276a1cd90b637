#ifndef BJ_CORE_RECORDS_LAYOUT_H
#define BJ_CORE_RECORDS_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What RDATA of each type consists of, as a table: reading, checking and
 * both ways of printing go by it, so that none can disagree.
 */

enum bj_field_kind {
    BJ_FIELD_END,
    BJ_FIELD_U8,
    BJ_FIELD_U16,
    BJ_FIELD_U32,
    BJ_FIELD_U48,
    BJ_FIELD_TYPE,  /* 16 bits, a record type */
    BJ_FIELD_RCODE, /* 16 bits, an extended rcode */
    BJ_FIELD_TIME,  /* 32 bits, seconds since 1970 */
    BJ_FIELD_NAME,  /* compression is accepted: RFC 3597 section 4 */
    BJ_FIELD_PLAIN, /* a name that must not be compressed */
    BJ_FIELD_IP4,
    BJ_FIELD_IP6,
    BJ_FIELD_EUI,     /* `min` octets, shown between dashes */
    BJ_FIELD_STRING,  /* a character-string: RFC 1035 section 3.3 */
    BJ_FIELD_STRINGS, /* one or more of them, to the end */
    BJ_FIELD_TAG,     /* a length and letters and digits: RFC 8659 */
    BJ_FIELD_TEXT,    /* octets to the end, shown quoted */
    BJ_FIELD_BASE16,  /* octets to the end */
    BJ_FIELD_BASE64,  /* likewise */
    BJ_FIELD_BLOCK,   /* 16 bits of length and octets, in base 64 */
    BJ_FIELD_SALT,    /* a length octet and octets, in base 16 */
    BJ_FIELD_HASH,    /* a length octet and octets, in base 32 */
    BJ_FIELD_TYPES,   /* a type bitmap: RFC 4034 section 4.1.2 */
    BJ_FIELD_OPTIONS, /* EDNS options: RFC 6891 section 6.1.2 */
    BJ_FIELD_PARAMS,  /* SvcParams: RFC 9460 section 2.2 */
    BJ_FIELD_LOC,     /* all of a LOC of version 0: RFC 1876 section 2 */
    BJ_FIELD_UNKNOWN, /* all of RDATA that we do not know: RFC 3597 */
};

/* A field, its name in JSON, and for the kinds that run to the end the
 * fewest octets that they may have. */
struct bj_field_rule {
    enum bj_field_kind kind;
    const char *name;
    uint8_t min;
};

/* TSIG has seven fields, RRSIG nine, and the end is one too. */
#define BJ_LAYOUT_FIELDS_MAX 10

struct bj_layout {
    uint16_t type;
    bool internet; /* the layout is that of class IN only */
    const char *clause;
    struct bj_field_rule fields[BJ_LAYOUT_FIELDS_MAX];
};

/* The layout of a type: of RFC 3597's generic form for those we do not know.
 * A static table; any thread, any time. */
const struct bj_layout *bj_layout_find(uint16_t type);

/* The generic form itself, and RDATA without any field. */
extern const struct bj_layout bj_layout_unknown;
extern const struct bj_layout bj_layout_empty;

#endif
