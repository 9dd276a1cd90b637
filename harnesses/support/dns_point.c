#include "harnesses/harness.h"
#include "harnesses/support/dns_job.h"

BJ_UNTRACED_BEGIN

/* Where a pointer at `at` may lead. */
static size_t pointer_target(struct dns_job *j, size_t at)
{
    const struct dns_item *other = dns_job_pick(j, false);

    switch (dns_job_below(j, 8)) {
    case 0:
        return at; /* to itself */
    case 1:
        return at + 2 + dns_job_below(j, 64); /* forward */
    case 2:
        return j->b.len + dns_job_below(j, 4); /* past the end */
    case 3:
        return dns_job_below(j, DNS_HEADER); /* into the header */
    case 4:
        return other->at + 1; /* into a label */
    case 5:
        return dns_item_rdata_at(other);
    case 6:
        return other->at;
    default:
        return DNS_HEADER; /* the question's name, as servers do */
    }
}

bool dns_job_point(struct dns_job *j)
{
    const struct dns_item *item = dns_job_pick(j, false);
    size_t at, end, in_rdata;
    uint8_t pointer[2];

    if (item == NULL)
        return false;
    in_rdata = dns_job_rdata_name(j, item);
    at = in_rdata != 0 && dns_job_below(j, 2) == 0 ? in_rdata : item->at;
    end = dns_name_end(j->b.octets, at == in_rdata ? item->end : j->b.len, at);
    if (end == 0)
        return false;
    /* Ends: each turn passes over a label. */
    while (j->b.octets[at] > 0 && j->b.octets[at] < 64 &&
           dns_job_below(j, 2) == 0)
        at += j->b.octets[at] + 1U;
    dns_put16(pointer, 0xc000U | pointer_target(j, at));
    if (!dns_buffer_splice(&j->b, at, end - at, pointer, 2))
        return false;
    if (end <= item->type_at)
        return true;
    /* It stood in RDATA, which is now two octets in the place of others. */
    dns_put16(j->b.octets + item->type_at + 8,
              item->end - dns_item_rdata_at(item) + 2 - (end - at));
    return true;
}

BJ_UNTRACED_END
