#ifndef BJ_SANDBOX_POLICY_EXPORT_H
#define BJ_SANDBOX_POLICY_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "sandbox/policy/filter.h"
#include "sandbox/policy/role.h"
#include "sandbox/policy/trouble.h"

/*
 * The table of roles in the forms that people and other programs read. Each
 * is made from the rows that the filter is made from. A role that takes the
 * union is shown with all the roles that may be started under it.
 *
 * The address of a prepared filter is known only once a program runs: pfc and
 * bpf show it as 0.
 */

/* For people: call, condition, reason; then what the other layers leave. */
void bj_export_table(enum bj_role role, FILE *out);

/* One line per role: how many calls, rows and instructions. False with the
 * reason in `trouble` if a filter does not compile. */
bool bj_export_totals(FILE *out, struct bj_trouble *trouble);

/* For programs: the roles from `first` up to before `end`. Numbers of 64 bits
 * are strings in hexadecimal. False if memory ran out. */
bool bj_export_json(unsigned first, unsigned end, FILE *out);

/* The enforcing filter as libseccomp's pseudo filter code. */
bool bj_export_pfc(enum bj_role role, FILE *out, struct bj_trouble *trouble);

/* The enforcing filter as the bytes that seccomp(2) takes. */
bool bj_export_bpf(enum bj_role role, FILE *out, struct bj_trouble *trouble);

/*
 * The forms that take hold before the program is executed, with the rows of
 * its start (startup.h): the "seccomp" object of an OCI runtime's linux
 * configuration, and lines for the [Service] section of a systemd unit, which
 * has no conditions on arguments. Only for roles that a program enters by
 * itself; false with the reason otherwise.
 */
bool bj_export_oci(enum bj_role role, FILE *out, struct bj_trouble *trouble);
bool bj_export_systemd(enum bj_role role, FILE *out,
                       struct bj_trouble *trouble);

/* What a role's enforcing filter is compiled from: rows with the whole union
 * and, for each row that pins one, the address 0. */
bool bj_export_source(enum bj_role role, struct bj_filter_source *out,
                      struct bj_trouble *trouble);

#endif
