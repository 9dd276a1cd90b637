#ifndef BJ_HARNESSES_SUPPORT_DNS_JOB_H
#define BJ_HARNESSES_SUPPORT_DNS_JOB_H

#include "harnesses/support/dns_mutator.h"
#include "harnesses/support/dns_table.h"

/* One mutation under way: what the kinds of it have in common. */
struct dns_job {
    struct dns_buffer b;
    uint64_t state; /* of the generator */
    dns_raw_mutation *raw;
    struct dns_table table; /* of the message as it was at the start */
    uint8_t scratch[65536]; /* what is moved from one place to another */
};

/* 0 to n - 1; n is not 0. */
size_t dns_job_below(struct dns_job *j, size_t n);

/* One time in eight. */
bool dns_job_seldom(struct dns_job *j);

/* Any item, or any record; NULL if there is none. */
const struct dns_item *dns_job_pick(struct dns_job *j, bool record);

/* Where a name begins in the item's RDATA, or 0 if its type has none. */
size_t dns_job_rdata_name(const struct dns_job *j, const struct dns_item *item);

/* A record's RDATA becomes the first n octets of the scratch; false, and
 * nothing is changed, if they do not fit. */
bool dns_job_set_rdata(struct dns_job *j, const struct dns_item *item,
                       size_t n);

/*
 * Items are put in or taken out: the first n octets of the scratch for the
 * `drop` at `at`. Pointers lead where they led; those into what is gone to
 * the question. False, and nothing is changed, if they do not fit.
 */
bool dns_job_replace(struct dns_job *j, size_t at, size_t drop, size_t n);

/* Puts the first n octets of the scratch, an item, somewhere into a section,
 * and counts it, most of the time. */
bool dns_job_insert(struct dns_job *j, unsigned section, size_t n);

/* Two kinds of mutation; false if the message has nothing for them. A name,
 * from some label on, becomes a pointer: */
bool dns_job_point(struct dns_job *j);

/* An OPT is put in, or its fields or options are changed: */
bool dns_job_edns(struct dns_job *j);

#endif
