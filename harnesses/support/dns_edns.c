#include <string.h>

#include "harnesses/harness.h"
#include "harnesses/support/dns_job.h"

enum { TYPE_OPT = 41 };

BJ_UNTRACED_BEGIN

/* The OPT, or NULL. */
static const struct dns_item *find_opt(const struct dns_job *j)
{
    const struct dns_table *t = &j->table;

    for (size_t i = 0; i < t->count; i++)
        if (dns_item_is_record(&t->items[i]) &&
            dns_get16(j->b.octets + t->items[i].type_at) == TYPE_OPT)
            return &t->items[i];
    return NULL;
}

/* A value of CLIENT-SUBNET (RFC 7871 section 6) at `at` of the scratch: the
 * octets that its prefix needs. Returns its length. */
static size_t put_subnet(struct dns_job *j, size_t at)
{
    size_t family = 1 + dns_job_below(j, 2);
    size_t octets = dns_job_below(j, family == 1 ? 5 : 17);

    dns_put16(j->scratch + at, family);
    j->scratch[at + 2] = (uint8_t)(8 * octets);
    j->scratch[at + 3] = (uint8_t)dns_job_below(j, 33);
    for (size_t i = 0; i < octets; i++)
        j->scratch[at + 4 + i] = (uint8_t)dns_job_below(j, 256);
    return 4 + octets;
}

/* A few octets of anything. */
static size_t put_anything(struct dns_job *j, size_t at)
{
    size_t len = dns_job_below(j, 24);

    for (size_t i = 0; i < len; i++)
        j->scratch[at + i] = (uint8_t)dns_job_below(j, 256);
    return len;
}

/* An option behind the others, of a length that is mostly right. */
static bool add_option(struct dns_job *j, const struct dns_item *opt)
{
    enum { OPTION_MAX = 4 + 24, SUBNET = 8 };
    static const uint8_t codes[] = {3, 5, SUBNET, 9, 10, 11, 12, 13, 14, 15};
    uint8_t code = codes[dns_job_below(j, sizeof(codes))];
    size_t at = dns_item_rdata_at(opt);
    size_t len = opt->end - at;
    size_t value;

    if (len > sizeof(j->scratch) - OPTION_MAX)
        return false;
    memcpy(j->scratch, j->b.octets + at, len);
    value = code == SUBNET && !dns_job_seldom(j) ? put_subnet(j, len + 4)
                                                 : put_anything(j, len + 4);
    dns_put16(j->scratch + len, code);
    dns_put16(j->scratch + len + 2,
              dns_job_seldom(j) ? dns_job_below(j, 65536) : value);
    return dns_job_set_rdata(j, opt, len + 4 + value);
}

bool dns_job_edns(struct dns_job *j)
{
    static const uint8_t empty_opt[] = {0, 0, TYPE_OPT, 0x04, 0xd0, 0,
                                        0, 0, 0,        0,    0};
    static const uint16_t sizes[] = {0, 1, 511, 512, 1232, 4096, 65535};
    const struct dns_item *opt = find_opt(j);
    uint8_t *fields;

    if (j->b.len < DNS_HEADER)
        return false;
    if (opt == NULL) {
        memcpy(j->scratch, empty_opt, sizeof(empty_opt));
        return dns_job_insert(j, dns_job_seldom(j) ? 1 : 3, sizeof(empty_opt));
    }
    fields = j->b.octets + opt->type_at;
    switch (dns_job_below(j, 4)) {
    case 0:
        dns_put16(fields + 2,
                  sizes[dns_job_below(j, sizeof(sizes) / sizeof(sizes[0]))]);
        return true;
    case 1: /* extended rcode, version or flags */
        fields[4 + dns_job_below(j, 4)] = (uint8_t)dns_job_below(j, 256);
        return true;
    default:
        return add_option(j, opt);
    }
}

BJ_UNTRACED_END
