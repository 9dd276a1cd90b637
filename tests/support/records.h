#ifndef BJ_TESTS_SUPPORT_RECORDS_H
#define BJ_TESTS_SUPPORT_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "core/dns/fault.h"

/*
 * Messages of one record, as tests/vectors/records.txt describes them.
 */
enum {
    BJ_ONE_RECORD_RDATA = 35, /* where RDATA begins, behind www.example. */
    BJ_ONE_OPT_RDATA = 23,    /* where it does behind the root */
    BJ_ONE_RECORD_CAP = 4200,
};

/*
 * Writes a message whose only record is of the type (and class, and opcode)
 * that `what` names, "A", "TYPE731", "A/CH", "A/ANY/UPDATE", to `out`, of
 * BJ_ONE_RECORD_CAP octets. Returns its length; a name that is not known
 * fails the test.
 */
size_t bj_one_record(const char *what, const uint8_t *rdata, size_t rdata_len,
                     uint8_t *out);

/* The name of a fault as vectors write it: "RDATA_SHORT". */
const char *bj_fault_name(enum bj_fault_kind kind);

#endif
