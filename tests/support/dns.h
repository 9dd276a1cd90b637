#ifndef BJ_TESTS_SUPPORT_DNS_H
#define BJ_TESTS_SUPPORT_DNS_H

#include "core/bytes/writer.h"
#include "core/dns/fault.h"
#include "core/dns/name.h"

/* What the tests of core/dns share. */

/* A rule's name without its prefix, as the vectors write it: "CUT". */
static inline const char *bj_test_rule(enum bj_fault_kind kind)
{
    switch (kind) {
#define BJ_TEST_RULE_CASE(name, status, text, clause) \
    case name:                                        \
        return &#name[sizeof("BJ_FAULT_") - 1];
        BJ_FAULT_TABLE(BJ_TEST_RULE_CASE)
#undef BJ_TEST_RULE_CASE
    }
    return "?";
}

/* A name as text in `text`, which is returned; "?" if it does not fit. */
static inline const char *bj_test_name(const struct bj_name *name,
                                       char text[BJ_NAME_TEXT_MAX])
{
    struct bj_writer w;

    bj_writer_init(&w, (uint8_t *)text, BJ_NAME_TEXT_MAX);
    bj_name_format(&w, name);
    return bj_writer_end_text(&w) == BJ_OK ? text : "?";
}

#endif
