#include "harnesses/support/dns_mutator.h"

#include <string.h>

#include "harnesses/harness.h"
#include "harnesses/support/dns_job.h"

BJ_UNTRACED_BEGIN

/* Without an engine: an octet changed, put in or taken out. */
static size_t plain_raw(struct dns_job *j, uint8_t *octets, size_t len,
                        size_t cap)
{
    struct dns_buffer part = {octets, len, cap};
    uint8_t octet = (uint8_t)dns_job_below(j, 256);
    size_t at = len > 0 ? dns_job_below(j, len) : 0;

    switch (dns_job_below(j, 4)) {
    case 0:
        (void)dns_buffer_splice(&part, at, 0, &octet, 1);
        break;
    case 1:
        (void)dns_buffer_splice(&part, at, 1, NULL, 0);
        break;
    case 2:
        if (len > 0)
            octets[at] ^= (uint8_t)(1U << dns_job_below(j, 8));
        break;
    default:
        if (len > 0)
            octets[at] = octet;
        break;
    }
    return part.len;
}

static size_t mutate_octets(struct dns_job *j, uint8_t *octets, size_t len,
                            size_t cap)
{
    if (cap == 0)
        return 0;
    return j->raw != NULL ? j->raw(octets, len, cap)
                          : plain_raw(j, octets, len, cap);
}

static bool mutate_raw(struct dns_job *j)
{
    j->b.len = mutate_octets(j, j->b.octets, j->b.len, j->b.cap);
    return true;
}

static bool mutate_rdata(struct dns_job *j)
{
    const struct dns_item *item = dns_job_pick(j, true);
    size_t at, len, room;

    if (item == NULL)
        return false;
    at = dns_item_rdata_at(item);
    len = item->end - at;
    room = len + (j->b.cap - j->b.len);
    if (room > sizeof(j->scratch) - 1)
        room = sizeof(j->scratch) - 1;
    memcpy(j->scratch, j->b.octets + at, len);
    return dns_job_set_rdata(j, item, mutate_octets(j, j->scratch, len, room));
}

static bool mutate_duplicate(struct dns_job *j)
{
    const struct dns_item *item = dns_job_pick(j, false);
    unsigned section;

    if (item == NULL || item->end - item->at > sizeof(j->scratch))
        return false;
    section = item->section;
    if (dns_item_is_record(item) && dns_job_seldom(j))
        section = 1 + (unsigned)dns_job_below(j, DNS_SECTIONS - 1);
    memcpy(j->scratch, j->b.octets + item->at, item->end - item->at);
    return dns_job_insert(j, section, item->end - item->at);
}

static bool mutate_drop(struct dns_job *j)
{
    const struct dns_item *item = dns_job_pick(j, !dns_job_seldom(j));

    if (item == NULL)
        return false;
    if (!dns_job_replace(j, item->at, item->end - item->at, 0))
        return false;
    if (!dns_job_seldom(j))
        dns_buffer_count(&j->b, item->section, -1);
    return true;
}

/* An item changes places with its successor in the section. */
static bool mutate_swap(struct dns_job *j)
{
    const struct dns_item *item = dns_job_pick(j, false);
    size_t first, second;

    if (item == NULL || item == &j->table.items[j->table.count - 1] ||
        item[1].section != item->section)
        return false;
    first = item->end - item->at;
    second = item[1].end - item[1].at;
    if (first > sizeof(j->scratch))
        return false;
    memcpy(j->scratch, j->b.octets + item->at, first);
    memmove(j->b.octets + item->at, j->b.octets + item[1].at, second);
    memcpy(j->b.octets + item->at + second, j->scratch, first);
    return true;
}

static bool mutate_header(struct dns_job *j)
{
    if (j->b.len < 4)
        return false;
    if (dns_job_seldom(j))
        j->b.octets[dns_job_below(j, 2)] ^=
            (uint8_t)(1U << dns_job_below(j, 8));
    else if (dns_job_below(j, 2) == 0) /* a flag or the opcode */
        j->b.octets[2] ^= (uint8_t)(1U << dns_job_below(j, 8));
    else
        j->b.octets[3] ^= (uint8_t)(1U << dns_job_below(j, 8));
    return true;
}

static bool mutate_ttl(struct dns_job *j)
{
    static const uint32_t edges[] = {
        0,         1, 59, 3600, 86400, 604800, INT32_MAX, UINT32_C(1) << 31,
        UINT32_MAX};
    const struct dns_item *item = dns_job_pick(j, true);
    uint32_t ttl;

    if (item == NULL)
        return false;
    ttl = edges[dns_job_below(j, sizeof(edges) / sizeof(edges[0]))];
    dns_put16(j->b.octets + item->type_at + 4, ttl / 65536U);
    dns_put16(j->b.octets + item->type_at + 6, ttl % 65536U);
    return true;
}

static bool mutate_type(struct dns_job *j)
{
    /* Those that have a layout of their own, and some that have none. */
    static const uint16_t types[] = {
        1,  2,  5,  6,  10, 12, 13,  15,  16,  17,  18,  24,  25,  28,  29,  33,
        35, 37, 39, 41, 43, 44, 46,  47,  48,  49,  50,  51,  52,  55,  59,  60,
        61, 62, 63, 64, 65, 99, 108, 109, 249, 250, 251, 252, 255, 256, 257, 0};
    static const uint16_t classes[] = {1, 1, 3, 4, 254, 255, 0, 65535};
    const struct dns_item *item = dns_job_pick(j, false);

    if (item == NULL)
        return false;
    if (dns_job_seldom(j))
        dns_put16(
            j->b.octets + item->type_at + 2,
            classes[dns_job_below(j, sizeof(classes) / sizeof(classes[0]))]);
    else
        dns_put16(j->b.octets + item->type_at,
                  types[dns_job_below(j, sizeof(types) / sizeof(types[0]))]);
    return true;
}

static bool mutate_truncate(struct dns_job *j)
{
    const struct dns_item *item = dns_job_pick(j, false);
    static const uint8_t behind[] = {0, 2, 4, 8, 10}; /* the owner */
    size_t at;

    if (item == NULL)
        return false;
    at = item->type_at + behind[dns_job_below(j, sizeof(behind))];
    if (dns_job_seldom(j))
        at = item->at;
    if (at >= j->b.len)
        return false;
    j->b.len = at;
    return true;
}

static bool apply(struct dns_job *j, enum dns_mutation kind)
{
    switch (kind) {
    case DNS_MUTATE_RAW:
        return mutate_raw(j);
    case DNS_MUTATE_RDATA:
        return mutate_rdata(j);
    case DNS_MUTATE_DUPLICATE:
        return mutate_duplicate(j);
    case DNS_MUTATE_DROP:
        return mutate_drop(j);
    case DNS_MUTATE_SWAP:
        return mutate_swap(j);
    case DNS_MUTATE_POINTER:
        return dns_job_point(j);
    case DNS_MUTATE_EDNS:
        return dns_job_edns(j);
    case DNS_MUTATE_HEADER:
        return mutate_header(j);
    case DNS_MUTATE_TTL:
        return mutate_ttl(j);
    case DNS_MUTATE_TYPE:
        return mutate_type(j);
    case DNS_MUTATE_TRUNCATE:
        return mutate_truncate(j);
    case DNS_MUTATIONS:
        break;
    }
    return false;
}

/* The table of what there is now. */
static void begin(struct dns_job *j, uint8_t *octets, size_t len, size_t cap,
                  uint32_t seed)
{
    j->b = (struct dns_buffer){octets, len, cap};
    j->state = seed;
    dns_table_read(&j->table, octets, len);
}

size_t dns_mutate(uint8_t *message, size_t len, size_t cap, uint32_t seed,
                  dns_raw_mutation *engine, enum dns_mutation *done)
{
    static struct dns_job j;
    enum dns_mutation kind = DNS_MUTATE_RAW;

    begin(&j, message, len < cap ? len : cap, cap, seed);
    j.raw = engine;
    if (!dns_job_seldom(&j))
        kind = (enum dns_mutation)(1 + dns_job_below(&j, DNS_MUTATIONS - 1));
    /* What cannot be done to this message, or does not fit, changes nothing;
     * octets can always be mutated. */
    if (!apply(&j, kind)) {
        kind = DNS_MUTATE_RAW;
        (void)apply(&j, kind);
    }
    if (done != NULL)
        *done = kind;
    return j.b.len;
}

size_t dns_cross_over(const uint8_t *a, size_t a_len, const uint8_t *b,
                      size_t b_len, uint8_t *out, size_t cap, uint32_t seed)
{
    static struct dns_job j;
    static struct dns_table theirs;
    size_t len = a_len < cap ? a_len : cap;
    size_t count;

    if (len > 0)
        memcpy(out, a, len);
    begin(&j, out, len, cap, seed);
    dns_table_read(&theirs, b, b_len);
    if (len < DNS_HEADER || theirs.count == 0)
        return len;
    /* A few that follow one another. */
    count = 1 + dns_job_below(&j, 4);
    for (size_t i = dns_job_below(&j, theirs.count);
         i < theirs.count && count > 0; i++, count--) {
        const struct dns_item *item = &theirs.items[i];
        size_t n = item->end - item->at;

        if (n > sizeof(j.scratch))
            continue;
        memcpy(j.scratch, b + item->at, n);
        if (dns_job_insert(&j, item->section, n))
            dns_table_read(&j.table, j.b.octets, j.b.len);
    }
    return j.b.len;
}

BJ_UNTRACED_END
