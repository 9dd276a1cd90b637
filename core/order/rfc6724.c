#include "core/order/rfc6724.h"

#include "core/addr/prefix.h"

/* RFC 4291 section 2.7; rules 2 and 8 compare these. */
enum { SCOPE_LINK = 2, SCOPE_SITE = 5, SCOPE_GLOBAL = 14, SCOPE_MAX = 15 };

/* What an address gets that no row of a table matches: in the RFC's table the
 * row for ::/0, which one from gai.conf need not have. */
enum { LABEL_OTHER = 1, PRECEDENCE_OTHER = 40 };

#define V6(n, ...)                      \
    {                                   \
        BJ_FAMILY_IP6, {__VA_ARGS__}, n \
    }
#define V4(n, ...)                      \
    {                                   \
        BJ_FAMILY_IP4, {__VA_ARGS__}, n \
    }

/* RFC 6724 section 2.1, the default policy table. */
static const struct bj_policy_row default_precedences[] = {
    {V6(128, [15] = 1), 50},                /* ::1/128 */
    {V6(0, 0), 40},                         /* ::/0 */
    {V6(96, [10] = 0xff, [11] = 0xff), 35}, /* ::ffff:0:0/96 */
    {V6(16, 0x20, 0x02), 30},               /* 2002::/16 */
    {V6(32, 0x20, 0x01), 5},                /* 2001::/32 */
    {V6(7, 0xfc), 3},                       /* fc00::/7 */
    {V6(96, 0), 1},                         /* ::/96 */
    {V6(10, 0xfe, 0xc0), 1},                /* fec0::/10 */
    {V6(16, 0x3f, 0xfe), 1},                /* 3ffe::/16 */
};

static const struct bj_policy_row default_labels[] = {
    {V6(128, [15] = 1), 0},                /* ::1/128 */
    {V6(0, 0), 1},                         /* ::/0 */
    {V6(96, [10] = 0xff, [11] = 0xff), 4}, /* ::ffff:0:0/96 */
    {V6(16, 0x20, 0x02), 2},               /* 2002::/16 */
    {V6(32, 0x20, 0x01), 5},               /* 2001::/32 */
    {V6(7, 0xfc), 13},                     /* fc00::/7 */
    {V6(96, 0), 3},                        /* ::/96 */
    {V6(10, 0xfe, 0xc0), 11},              /* fec0::/10 */
    {V6(16, 0x3f, 0xfe), 12},              /* 3ffe::/16 */
};

/* RFC 6724 section 3.2: private addresses are global, unlike RFC 3484. */
static const struct bj_policy_row default_scopes[] = {
    {V4(16, 169, 254), SCOPE_LINK},
    {V4(8, 127), SCOPE_LINK},
    {V4(0, 0), SCOPE_GLOBAL},
};

static const struct bj_policy default_policy = {
    default_labels,
    sizeof(default_labels) / sizeof(default_labels[0]),
    default_precedences,
    sizeof(default_precedences) / sizeof(default_precedences[0]),
    default_scopes,
    sizeof(default_scopes) / sizeof(default_scopes[0]),
};

/* The value of the longest prefix that the address begins with, the first of
 * equals; `otherwise` if it begins with none. */
static uint32_t look_up(const struct bj_policy_row *rows, size_t count,
                        const struct bj_address *address, uint32_t otherwise)
{
    uint32_t value = otherwise;
    bool found = false;
    unsigned bits = 0;

    for (size_t i = 0; i < count; i++) {
        if (found && rows[i].prefix.bits <= bits)
            continue;
        if (!bj_prefix_contains(&rows[i].prefix, address))
            continue;
        found = true;
        bits = rows[i].prefix.bits;
        value = rows[i].value;
    }
    return value;
}

uint32_t bj_rfc6724_label(const struct bj_policy *policy,
                          const struct bj_address *address)
{
    struct bj_address mapped = bj_address_to_mapped(address);

    if (policy == NULL || policy->label_count == 0)
        policy = &default_policy;
    return look_up(policy->labels, policy->label_count, &mapped, LABEL_OTHER);
}

uint32_t bj_rfc6724_precedence(const struct bj_policy *policy,
                               const struct bj_address *address)
{
    struct bj_address mapped = bj_address_to_mapped(address);

    if (policy == NULL || policy->precedence_count == 0)
        policy = &default_policy;
    return look_up(policy->precedences, policy->precedence_count, &mapped,
                   PRECEDENCE_OTHER);
}

static unsigned scope_of_ip4(const struct bj_policy *policy,
                             const struct bj_address *address)
{
    uint32_t scope;

    if (policy == NULL || policy->scope_count == 0)
        policy = &default_policy;
    scope = look_up(policy->scopes, policy->scope_count, address, SCOPE_GLOBAL);
    return scope < SCOPE_MAX ? (unsigned)scope : SCOPE_MAX;
}

static unsigned scope_of_ip6(const struct bj_address *address)
{
    static const struct bj_policy_row scopes[] = {
        {V6(10, 0xfe, 0x80), SCOPE_LINK},
        {V6(10, 0xfe, 0xc0), SCOPE_SITE},
        {V6(128, [15] = 1), SCOPE_LINK}, /* RFC 6724 section 3.4 */
    };

    /* Multicast carries its scope: ff0s:: or ff1s::. */
    if (address->octets[0] == 0xff)
        return address->octets[1] % 16U;
    return (unsigned)look_up(scopes, sizeof(scopes) / sizeof(scopes[0]),
                             address, SCOPE_GLOBAL);
}

unsigned bj_rfc6724_scope(const struct bj_policy *policy,
                          const struct bj_address *address)
{
    /* Section 3.2: a mapped address has the scope of the one it maps. */
    struct bj_address plain = bj_address_unmap(address);

    return plain.family == BJ_FAMILY_IP4 ? scope_of_ip4(policy, &plain)
                                         : scope_of_ip6(&plain);
}

/*
 * Rule 9: the bits that a destination shares with its source; of IPv6 as far
 * as the source's prefix goes, for behind it is an interface identifier
 * (section 2.2), of IPv4 only if it is in the source's network.
 */
static unsigned common_prefix(const struct bj_address *destination,
                              const struct bj_source *source)
{
    struct bj_address from = bj_address_unmap(&source->address);
    unsigned known = source->prefix_bits;
    unsigned common = bj_address_common_bits(destination, &from);

    if (destination->family == BJ_FAMILY_IP4)
        return known != 0 && common >= known ? common : 0;
    return known != 0 && common > known ? known : common;
}

/*
 * Rules 1 to 9 as the digits of one number, the first rule the highest: a
 * digit is 1 where the rule prefers the address. 1 + 1 + 1 + 1 + 1 + 32 + 1
 * + 4 + 1 + 8 bits are 51. What a rule says of a source is 0 for an address
 * that has none, like for every other such address.
 */
static uint64_t prefer(const struct bj_policy *policy,
                       const struct bj_destination *d)
{
    struct bj_address to = bj_address_unmap(&d->address);
    const struct bj_source *s = &d->source;
    bool usable = s->address.family != BJ_FAMILY_ANY;
    unsigned scope = bj_rfc6724_scope(policy, &to);
    bool same_scope = usable && bj_rfc6724_scope(policy, &s->address) == scope;
    bool same_label = usable && bj_rfc6724_label(policy, &s->address) ==
                                    bj_rfc6724_label(policy, &to);
    uint64_t p = usable ? 1 : 0; /* rule 1 */

    p = p * 2 + (same_scope ? 1 : 0);                         /* rule 2 */
    p = p * 2 + (usable && !s->deprecated ? 1 : 0);           /* rule 3 */
    p = p * 2 + (usable && s->home ? 1 : 0);                  /* rule 4 */
    p = p * 2 + (same_label ? 1 : 0);                         /* rule 5 */
    p = p * 4294967296U + bj_rfc6724_precedence(policy, &to); /* rule 6 */
    p = p * 2 + (usable && !s->encapsulated ? 1 : 0);         /* rule 7 */
    p = p * 16 + (SCOPE_MAX - scope);                         /* rule 8 */
    p = p * 2 + (to.family == BJ_FAMILY_IP6 ? 1 : 0);
    p = p * 256 + (usable ? common_prefix(&to, s) : 0); /* rule 9 */
    return p;
}

void bj_rfc6724_prepare(const struct bj_policy *policy,
                        struct bj_destination *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        items[i].index = i;
        items[i].preference = prefer(policy, &items[i]);
    }
}

bool bj_rfc6724_before(const struct bj_destination *a,
                       const struct bj_destination *b)
{
    if (a->preference != b->preference)
        return a->preference > b->preference;
    return a->index < b->index; /* rule 10 */
}

static void swap(struct bj_destination *a, struct bj_destination *b)
{
    struct bj_destination kept = *a;

    *a = *b;
    *b = kept;
}

/*
 * Lets the item at `at` sink in the heap items[0..count), whose every parent
 * comes after both its children.
 */
static void sink(struct bj_destination *items, size_t at, size_t count)
{
    /* Ends: `at` at least doubles. Compared so that nothing overflows. */
    while (at < count / 2) {
        size_t child = 2 * at + 1;

        if (child + 1 < count &&
            bj_rfc6724_before(&items[child], &items[child + 1]))
            child += 1;
        if (!bj_rfc6724_before(&items[at], &items[child]))
            return;
        swap(&items[at], &items[child]);
        at = child;
    }
}

/* Heapsort: in place, never quadratic whatever a name server sends, and as
 * stable as any, for the order is total. */
void bj_rfc6724_sort(const struct bj_policy *policy,
                     struct bj_destination *items, size_t count)
{
    bj_rfc6724_prepare(policy, items, count);
    for (size_t i = count / 2; i > 0; i--)
        sink(items, i - 1, count);
    for (size_t left = count; left > 1; left--) {
        swap(&items[0], &items[left - 1]);
        sink(items, 0, left - 1);
    }
}
