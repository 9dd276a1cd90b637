/*
 * The input is a script: which policy tables to give and whether to sort
 * twice, the rows of the tables, then destinations with their sources.
 * Oracles: the sorted list is a permutation; every pair of it agrees with a
 * naive comparison, rule by rule in the words of RFC 6724 section 6; the order
 * is antisymmetric, and transitive on every triple; sorting again changes
 * nothing; scope, label and precedence are as the naive tables say.
 */
#include "core/bytes/cursor.h"
#include "core/order/rfc6724.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_addr.h"

enum { ITEMS = 8, ROWS = 5, TEMPLATES = 16 };

/* What addresses and prefixes are made from: everything that a rule, a row
 * or a scope tells apart. The last four octets vary. */
static const uint8_t templates[TEMPLATES][16] = {
    {[15] = 1},                                 /* ::1 */
    {0x20, 0x01, 0x0d, 0xb8},                   /* 2001:db8:: */
    {0x20, 0x01, 0x0d, 0xb8, 0x3f, 0x44},       /* 2001:db8:3f44:: */
    {0x20, 0x02, 0xc6, 0x33},                   /* 6to4 */
    {0x20, 0x01},                               /* Teredo */
    {0xfd, 0x11},                               /* unique local */
    {0xfe, 0x80},                               /* link-local */
    {0xfe, 0xc0},                               /* site-local */
    {0x3f, 0xfe},                               /* 6bone */
    {0xff, 0x05},                               /* multicast, site */
    {0},                                        /* IPv4-compatible */
    {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1},   /* mapped */
    {[10] = 0xff, [11] = 0xff, 127, 0, 0, 1},   /* mapped loopback */
    {[10] = 0xff, [11] = 0xff, 169, 254, 1, 1}, /* from here on IPv4 */
    {[10] = 0xff, [11] = 0xff, 10, 1, 2, 3},
    {[10] = 0xff, [11] = 0xff, 192, 0, 3, 1},
};

static struct bj_address take_address(struct bj_cursor *c)
{
    unsigned pick = bj_cursor_u8(c) % TEMPLATES;
    uint8_t low = bj_cursor_u8(c);
    struct bj_address address = {BJ_FAMILY_IP6, {0}, 0};

    memcpy(address.octets, templates[pick], 16);
    address.octets[15] = (uint8_t)(address.octets[15] ^ (low & 15));
    if (pick < 11)
        address.octets[7] = (uint8_t)(address.octets[7] ^ (low >> 4));
    if (pick >= 13) {
        address.family = BJ_FAMILY_IP4;
        memmove(address.octets, address.octets + 12, 4);
        memset(address.octets + 4, 0, 12);
    }
    return address;
}

static size_t take_rows(struct bj_cursor *c, struct bj_policy_row *rows,
                        bool of_ip4)
{
    size_t count = bj_cursor_u8(c) % (ROWS + 1);

    for (size_t i = 0; i < count; i++) {
        struct bj_address address = take_address(c);

        if (!of_ip4)
            address = bj_address_to_mapped(&address);
        rows[i].prefix = bj_prefix_of(&address, bj_cursor_u8(c));
        rows[i].value = bj_cursor_u8(c);
        if (rows[i].value >= 240) /* also values that need all 32 bits */
            rows[i].value = (rows[i].value - 240) * UINT32_C(0x11000000);
    }
    return count;
}

static size_t take_items(struct bj_cursor *c, struct bj_destination *items)
{
    size_t count = 0;

    memset(items, 0xa5, ITEMS * sizeof(items[0]));
    while (bj_cursor_left(c) > 0 && count < ITEMS) {
        struct bj_destination *d = &items[count++];
        uint8_t bits;

        d->address = take_address(c);
        d->source.address = take_address(c);
        bits = bj_cursor_u8(c);
        if (bits & 1)
            memset(&d->source.address, 0, sizeof(d->source.address));
        d->source.deprecated = (bits & 2) != 0;
        d->source.home = (bits & 4) != 0;
        d->source.encapsulated = (bits & 8) != 0;
        d->source.prefix_bits = (unsigned)(bits >> 4) * 8;
    }
    return count;
}

BJ_UNTRACED_BEGIN

/* Section 2.1, as it is printed there. */
static const struct {
    uint8_t octets[16];
    unsigned bits, precedence, label;
} table[] = {
    {{[15] = 1}, 128, 50, 0},
    {{0}, 0, 40, 1},
    {{[10] = 0xff, [11] = 0xff}, 96, 35, 4},
    {{0x20, 0x02}, 16, 30, 2},
    {{0x20, 0x01}, 32, 5, 5},
    {{0xfc}, 7, 3, 13},
    {{0}, 96, 1, 3},
    {{0xfe, 0xc0}, 10, 1, 11},
    {{0x3f, 0xfe}, 16, 1, 12},
};

static bool begins(const uint8_t *octets, const uint8_t *prefix, unsigned bits)
{
    unsigned mask = 0xff00U >> bits % 8 & 0xff;

    for (unsigned i = 0; i < bits / 8; i++)
        if (octets[i] != prefix[i])
            return false;
    return bits % 8 == 0 || ((octets[bits / 8] ^ prefix[bits / 8]) & mask) == 0;
}

/* The value of the row with the longest match. From the last to the first,
 * so that of equals the first is what remains. */
static uint32_t naive_rows(const struct bj_policy_row *rows, size_t count,
                           const uint8_t *octets, enum bj_family family,
                           uint32_t otherwise)
{
    unsigned longest = 0;

    for (size_t i = count; i-- > 0;)
        if (rows[i].prefix.family == family && rows[i].prefix.bits >= longest &&
            begins(octets, rows[i].prefix.octets, rows[i].prefix.bits)) {
            longest = rows[i].prefix.bits;
            otherwise = rows[i].value;
        }
    return otherwise;
}

static size_t naive_row(const uint8_t octets[16])
{
    size_t best = 1;

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].bits > table[best].bits &&
            begins(octets, table[i].octets, table[i].bits))
            best = i;
    return best;
}

static uint32_t naive_label(const struct bj_policy *p,
                            const struct bj_address *a)
{
    struct bj_address m = bj_address_to_mapped(a);

    return p->label_count > 0 ? naive_rows(p->labels, p->label_count, m.octets,
                                           BJ_FAMILY_IP6, 1)
                              : table[naive_row(m.octets)].label;
}

static uint32_t naive_precedence(const struct bj_policy *p,
                                 const struct bj_address *a)
{
    struct bj_address m = bj_address_to_mapped(a);

    return p->precedence_count > 0
               ? naive_rows(p->precedences, p->precedence_count, m.octets,
                            BJ_FAMILY_IP6, 40)
               : table[naive_row(m.octets)].precedence;
}

static bool is_ip4(const struct bj_address *a)
{
    return a->family == BJ_FAMILY_IP4 || bj_address_is_mapped(a);
}

static unsigned naive_scope(const struct bj_policy *p,
                            const struct bj_address *a)
{
    const uint8_t *o = a->octets;
    uint8_t four[16] = {0};
    uint32_t scope;

    if (!is_ip4(a)) {
        if (o[0] == 0xff)
            return o[1] & 15;
        if (o[0] == 0xfe && o[1] >= 0x80)
            return o[1] < 0xc0 ? 2 : 5;
        return memcmp(o, templates[0], 16) == 0 ? 2 : 14;
    }
    memcpy(four, a->family == BJ_FAMILY_IP4 ? o : o + 12, 4);
    if (p->scope_count > 0) {
        scope = naive_rows(p->scopes, p->scope_count, four, BJ_FAMILY_IP4, 14);
        return scope > 15 ? 15 : (unsigned)scope;
    }
    return four[0] == 127 || (four[0] == 169 && four[1] == 254) ? 2 : 14;
}

static unsigned naive_prefix(const struct bj_destination *d)
{
    struct bj_address to = bj_address_to_mapped(&d->address);
    struct bj_address from = bj_address_to_mapped(&d->source.address);
    unsigned known = d->source.prefix_bits;
    unsigned bits = naive_common_bits(to.octets, from.octets, 128);

    if (is_ip4(&d->address)) {
        if (!is_ip4(&d->source.address) || known == 0 || bits < 96 + known)
            return 0;
        return bits - 96;
    }
    if (is_ip4(&d->source.address))
        return 0;
    return known > 0 && bits > known ? known : bits;
}

/* Which a rule prefers: the sign of x - y, where more is better. */
static int more(uint64_t x, uint64_t y)
{
    return x > y ? -1 : x < y ? 1 : 0;
}

/* What the rules look at, found out once for each destination. */
struct naive {
    bool usable, same_scope, deprecated, home, same_label, encapsulated, ip4;
    uint32_t precedence;
    unsigned scope, prefix;
};

static struct naive naive_look(const struct bj_policy *p,
                               const struct bj_destination *d)
{
    const struct bj_source *s = &d->source;
    struct naive n = {.ip4 = is_ip4(&d->address),
                      .precedence = naive_precedence(p, &d->address),
                      .scope = naive_scope(p, &d->address)};

    if (s->address.family == BJ_FAMILY_ANY)
        return n;
    n.usable = true;
    n.same_scope = n.scope == naive_scope(p, &s->address);
    n.deprecated = s->deprecated;
    n.home = s->home;
    n.same_label = naive_label(p, &d->address) == naive_label(p, &s->address);
    n.encapsulated = s->encapsulated;
    n.prefix = naive_prefix(d);
    return n;
}

/* Negative if DA comes first: rules 1 to 9 of section 6 in their order. */
static int naive_compare(const struct naive *a, const struct naive *b)
{
    bool both = a->usable && b->usable;
    int r = more(a->usable, b->usable); /* 1: avoid unusable destinations */

    if (r == 0 && both) /* 2: prefer matching scope */
        r = more(a->same_scope, b->same_scope);
    if (r == 0 && both) /* 3: avoid deprecated addresses */
        r = more(!a->deprecated, !b->deprecated);
    if (r == 0 && both) /* 4: prefer home addresses */
        r = more(a->home, b->home);
    if (r == 0 && both) /* 5: prefer matching label */
        r = more(a->same_label, b->same_label);
    if (r == 0) /* 6: prefer higher precedence */
        r = more(a->precedence, b->precedence);
    if (r == 0 && both) /* 7: prefer native transport */
        r = more(!a->encapsulated, !b->encapsulated);
    if (r == 0) /* 8: prefer smaller scope */
        r = more(b->scope, a->scope);
    if (r == 0) /* ours: families do not mix */
        r = more(!a->ip4, !b->ip4);
    if (r == 0 && both) /* 9: use longest matching prefix */
        r = more(a->prefix, b->prefix);
    return r;
}

static void check_order(const struct bj_policy *p,
                        const struct bj_destination *items, size_t count)
{
    struct naive looks[ITEMS];

    for (size_t i = 0; i < count; i++)
        looks[i] = naive_look(p, &items[i]);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            int r = naive_compare(&looks[i], &looks[j]);

            BJ_CHECK(r <= 0, "rules-1-to-9");
            if (r == 0)
                BJ_CHECK(items[i].index < items[j].index, "rule-10");
        }
    }
}

static void check_total(const struct bj_destination *items, size_t count)
{
    bool before[ITEMS][ITEMS];

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            before[i][j] = bj_rfc6724_before(&items[i], &items[j]);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            BJ_CHECK(before[i][j] + before[j][i] == (i != j), "antisymmetric");
            for (size_t k = 0; before[i][j] && k < count; k++)
                BJ_CHECK(!before[j][k] || before[i][k], "transitive");
        }
}

static void check_permutation(const struct bj_destination *given,
                              const struct bj_destination *items, size_t count)
{
    bool seen[ITEMS] = {false};

    for (size_t i = 0; i < count; i++) {
        size_t from = items[i].index;

        BJ_CHECK(from < count && !seen[from], "permutation");
        seen[from] = true;
        BJ_CHECK(bj_address_equal(&items[i].address, &given[from].address) &&
                     bj_address_equal(&items[i].source.address,
                                      &given[from].source.address),
                 "unchanged");
        bj_digest(&from, sizeof(from));
    }
}

static void check_again(const struct bj_policy *p,
                        const struct bj_destination *items, size_t count)
{
    struct bj_destination again[ITEMS];

    memcpy(again, items, count * sizeof(items[0]));
    bj_rfc6724_sort(p, again, count);
    for (size_t i = 0; i < count; i++)
        BJ_CHECK(again[i].index == i, "idempotent");
}

static void check_tables(const struct bj_policy *p, const struct bj_address *a)
{
    BJ_CHECK(bj_rfc6724_label(p, a) == naive_label(p, a), "label");
    BJ_CHECK(bj_rfc6724_precedence(p, a) == naive_precedence(p, a),
             "precedence");
    BJ_CHECK(bj_rfc6724_scope(p, a) == naive_scope(p, a), "scope");
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bj_policy_row labels[ROWS], precedences[ROWS], scopes[ROWS];
    struct bj_destination given[ITEMS];
    struct bj_policy policy = {labels, 0, precedences, 0, scopes, 0};
    struct bj_destination *items;
    struct bj_cursor c;
    uint8_t which;
    size_t count;

    bj_cursor_init(&c, data, size);
    which = bj_cursor_u8(&c);
    if (which & 1)
        policy.label_count = take_rows(&c, labels, false);
    if (which & 2)
        policy.precedence_count = take_rows(&c, precedences, false);
    if (which & 4)
        policy.scope_count = take_rows(&c, scopes, true);
    count = take_items(&c, given);
    items = (void *)bj_exact_copy((void *)given, count * sizeof(given[0]));
    bj_rfc6724_sort(&policy, items, count);
    check_permutation(given, items, count);
    check_order(&policy, items, count);
    check_total(items, count);
    if (which & 8)
        check_again(&policy, items, count);
    if (count > 0)
        check_tables(&policy, &given[0].address);
    free(items);
    return 0;
}
