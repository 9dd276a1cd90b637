#include "harnesses/support/dns_job.h"

#include <string.h>

#include "harnesses/harness.h"

enum { TYPE_NS = 2, TYPE_CNAME = 5, TYPE_PTR = 12, TYPE_MX = 15 };

BJ_UNTRACED_BEGIN

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static uint64_t dns_job_random(struct dns_job *j)
{
    uint64_t z = j->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

size_t dns_job_below(struct dns_job *j, size_t n)
{
    return (size_t)(dns_job_random(j) % n);
}

bool dns_job_seldom(struct dns_job *j)
{
    return dns_job_below(j, 8) == 0;
}

const struct dns_item *dns_job_pick(struct dns_job *j, bool record)
{
    const struct dns_table *t = &j->table;
    size_t first = 0;

    while (record && first < t->count && !dns_item_is_record(&t->items[first]))
        first += 1;
    if (first == t->count)
        return NULL;
    return &t->items[first + dns_job_below(j, t->count - first)];
}

size_t dns_job_rdata_name(const struct dns_job *j, const struct dns_item *item)
{
    size_t at = dns_item_rdata_at(item);

    if (!dns_item_is_record(item))
        return 0;
    switch (dns_get16(j->b.octets + item->type_at)) {
    case TYPE_NS:
    case TYPE_CNAME:
    case TYPE_PTR:
        return at;
    case TYPE_MX:
        return at + 2;
    default:
        return 0;
    }
}

bool dns_job_set_rdata(struct dns_job *j, const struct dns_item *item, size_t n)
{
    size_t at = dns_item_rdata_at(item);

    if (n > 65535 ||
        !dns_buffer_splice(&j->b, at, item->end - at, j->scratch, n))
        return false;
    dns_put16(j->b.octets + at - 2, n);
    return true;
}

/* The `drop` octets at `at` become n. */
struct change {
    size_t at;
    size_t drop;
    size_t n;
};

/* The pointer that ends the name at `at`, if it ends before `limit`, will lead
 * where it led, or to the question if that is gone. */
static void follow(struct dns_job *j, size_t at, size_t limit,
                   const struct change *change)
{
    size_t end = dns_name_end(j->b.octets, limit, at);
    size_t target;

    if (end < at + 2 || j->b.octets[end - 2] < 0xc0)
        return;
    target = dns_get16(j->b.octets + end - 2) - 0xc000U;
    if (target < change->at)
        return;
    target = target - change->at < change->drop
                 ? DNS_HEADER
                 : target - change->drop + change->n;
    if (target < 0x4000)
        dns_put16(j->b.octets + end - 2, 0xc000U + target);
}

bool dns_job_replace(struct dns_job *j, size_t at, size_t drop, size_t n)
{
    const struct dns_table *t = &j->table;
    const struct change change = {at, drop, n};

    if (n > j->b.cap - (j->b.len - drop))
        return false;
    for (size_t i = 0; i < t->count; i++) {
        size_t in_rdata = dns_job_rdata_name(j, &t->items[i]);

        follow(j, t->items[i].at, t->items[i].end, &change);
        if (in_rdata != 0)
            follow(j, in_rdata, t->items[i].end, &change);
    }
    return dns_buffer_splice(&j->b, at, drop, j->scratch, n);
}

bool dns_job_insert(struct dns_job *j, unsigned section, size_t n)
{
    const struct dns_table *t = &j->table;
    size_t first = 0, last, at;

    while (first < t->count && t->items[first].section < section)
        first += 1;
    last = first;
    while (last < t->count && t->items[last].section == section)
        last += 1;
    first += dns_job_below(j, last - first + 1);
    if (first < t->count)
        at = t->items[first].at;
    else
        at = t->count > 0 ? t->items[t->count - 1].end : DNS_HEADER;
    if (!dns_job_replace(j, at, 0, n))
        return false;
    if (!dns_job_seldom(j))
        dns_buffer_count(&j->b, section, 1);
    return true;
}

BJ_UNTRACED_END
