#ifndef BJ_CORE_DNS_FAULT_H
#define BJ_CORE_DNS_FAULT_H

#include <stddef.h>

#include "core/bytes/status.h"

/*
 * Why a message was refused, for people: beside the status that a program
 * acts on, a reader says which rule was broken, at which octet, and where
 * the rule is written. One row per rule; a status per row, so that the two
 * never disagree.
 */
#define BJ_FAULT_TABLE(X)                                                      \
    X(BJ_FAULT_NONE, BJ_OK, "nothing is wrong", "")                            \
    X(BJ_FAULT_CUT, BJ_MORE, "the message ends inside an announced item",      \
      "RFC 1035 section 4.1")                                                  \
    X(BJ_FAULT_TRAILING, BJ_BAD, "octets follow the last record",              \
      "RFC 1035 section 4.1")                                                  \
    X(BJ_FAULT_TOO_LONG, BJ_LIMIT, "a message has at most 65535 octets",       \
      "RFC 1035 section 4.2.2")                                                \
    X(BJ_FAULT_LABEL_TYPE, BJ_BAD,                                             \
      "a label's length octet begins with the bits 01 or 10",                  \
      "RFC 1035 section 4.1.4, RFC 6891 section 5")                            \
    X(BJ_FAULT_NAME_LENGTH, BJ_BAD, "a name exceeds 255 octets",               \
      "RFC 1035 section 3.1")                                                  \
    X(BJ_FAULT_POINTER_FORWARD, BJ_BAD,                                        \
      "a compression pointer does not lead to a prior name",                   \
      "RFC 1035 section 4.1.4")                                                \
    X(BJ_FAULT_POINTER_HEADER, BJ_BAD,                                         \
      "a compression pointer leads into the header", "RFC 1035 section 4.1.4") \
    X(BJ_FAULT_POINTER_CHAIN, BJ_LIMIT,                                        \
      "a name is strung over more pointers than labels can need",              \
      "RFC 1035 section 4.1.4")                                                \
    X(BJ_FAULT_POINTER_FORBIDDEN, BJ_BAD,                                      \
      "a name is compressed where that is forbidden", "RFC 3597 section 4")    \
    X(BJ_FAULT_RDATA_SHORT, BJ_BAD, "RDLENGTH is too small for the type",      \
      "RFC 1035 section 3.2.1")                                                \
    X(BJ_FAULT_RDATA_LONG, BJ_BAD, "RDLENGTH is too large for the type",       \
      "RFC 1035 section 3.2.1")                                                \
    X(BJ_FAULT_RDATA_VALUE, BJ_BAD, "a field of RDATA has no valid value",     \
      "the RFC that defines the type")                                         \
    X(BJ_FAULT_OPT_SECTION, BJ_BAD,                                            \
      "OPT stands outside the additional "                                     \
      "section",                                                               \
      "RFC 6891 section 6.1.1")                                                \
    X(BJ_FAULT_OPT_TWICE, BJ_BAD, "OPT stands in the message twice",           \
      "RFC 6891 section 6.1.1")                                                \
    X(BJ_FAULT_OPT_OWNER, BJ_BAD, "OPT has an owner other than the root",      \
      "RFC 6891 section 6.1.2")                                                \
    X(BJ_FAULT_OPT_OPTION, BJ_BAD, "an EDNS option passes RDLENGTH",           \
      "RFC 6891 section 6.1.2")

enum bj_fault_kind {
#define BJ_FAULT_ENUM(name, status, text, clause) name,
    BJ_FAULT_TABLE(BJ_FAULT_ENUM)
#undef BJ_FAULT_ENUM
};

/* Which rule, and the offset in the message of the octet that broke it (or
 * of the item in which it was broken). Zero: nothing is wrong. */
struct bj_fault {
    enum bj_fault_kind kind;
    size_t at;
};

struct bj_fault_row {
    enum bj_status status;
    const char *text;
    const char *clause;
};

/* The row of a fault, or one that says BJ_BUG for a number that is none. */
static inline const struct bj_fault_row *bj_fault_row(enum bj_fault_kind kind)
{
    static const struct bj_fault_row rows[] = {
#define BJ_FAULT_ROW(name, status, text, clause) \
    [name] = {status, text, clause},
        BJ_FAULT_TABLE(BJ_FAULT_ROW)
#undef BJ_FAULT_ROW
    };
    static const struct bj_fault_row unknown = {BJ_BUG, "unknown fault", ""};

    return (size_t)kind < sizeof(rows) / sizeof(*rows) ? &rows[kind] : &unknown;
}

/* The status of a fault, its text in lower case without a full stop, and
 * the clause it rests on. */
static inline enum bj_status bj_fault_status(enum bj_fault_kind kind)
{
    return bj_fault_row(kind)->status;
}

static inline const char *bj_fault_text(enum bj_fault_kind kind)
{
    return bj_fault_row(kind)->text;
}

static inline const char *bj_fault_clause(enum bj_fault_kind kind)
{
    return bj_fault_row(kind)->clause;
}

/* Notes the first fault; later ones are consequences. Returns the status of
 * `kind`, so that a reader can say `return bj_fault_note(...)`. `why` may be
 * NULL. */
/*@
  requires why == \null || \valid(why);
  requires kind != BJ_FAULT_NONE;
  assigns *why;
  ensures \result != BJ_OK && \result != BJ_NONE;
  ensures why != \null ==> why->kind != BJ_FAULT_NONE;
*/
static inline enum bj_status bj_fault_note(struct bj_fault *why,
                                           enum bj_fault_kind kind, size_t at)
{
    if (why != NULL && why->kind == BJ_FAULT_NONE) {
        why->kind = kind;
        why->at = at;
    }
    return bj_fault_status(kind);
}

#endif
