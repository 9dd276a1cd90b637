#ifndef BJ_SANDBOX_POLICY_EVIDENCE_H
#define BJ_SANDBOX_POLICY_EVIDENCE_H

#include <stddef.h>
#include <stdio.h>

#include "sandbox/policy/role.h"

/*
 * Why each row is there, as measured: how often it was used in one run of the
 * scenario of its role, with which arguments first, and what broke when the
 * row alone was taken away. Made by tests/policy/evidence.py, which is also
 * the test that repeats it; a row that was added since has no record yet.
 */
struct bj_evidence {
    const char *role; /* or "lockdown" */
    size_t row;
    const char *call;
    unsigned long seen;
    const char *args;
    const char *without;
};

/* The record of row `row` of the role of that name, or of the lockdown; NULL
 * if there is none for a row that calls `call`. */
const struct bj_evidence *bj_evidence_find(const char *role, size_t row,
                                           const char *call);

/* The records of a role's own rows, for people. */
void bj_evidence_table(enum bj_role role, FILE *out);

#endif
