/*
 * The input is a reply as a resolver would have matched it; the last octet
 * chooses how much room there is for the answer, and its last two bits, both
 * set, that it is read as a reply to its question, too. Oracles: a naive second
 * reading of chain, addresses, names and TTL says the same; every pointer
 * lies in the caller's block; too little room says how much would do; every
 * name is a host name; as a reply it says the same.
 */
#include "core/dns/match.h"
#include "core/netdb/answer.h"
#include "harnesses/harness.h"
#include "harnesses/support/answers.h"
#include "harnesses/support/dns_input.h"
#include "harnesses/support/naive_dns.h"

enum { NAMES = 18, ROOM = 262144 };
enum outcome { FOUND, NOTHING, REFUSED, NOT_ASKED };

static struct naive_message naive;

/* What the naive reading found. */
static struct expected {
    struct naive_name chain[NAMES];
    size_t chain_at[NAMES];
    size_t links;
    uint32_t ttl;
    const struct naive_record *records[NAIVE_RECORDS];
    size_t record_count;
} e;

BJ_UNTRACED_BEGIN

/* RFC 2181 section 8. */
static void lower_ttl(uint32_t ttl)
{
    if (ttl >= UINT32_C(1) << 31)
        ttl = 0;
    if (ttl < e.ttl)
        e.ttl = ttl;
}

static bool is_answer(const struct naive_record *r, unsigned type)
{
    return r->section == 1 && r->class_number == 1 && r->type == type;
}

/* 1 if the record's owner is the k-th name of the chain, 0 if not, -1 if it
 * is no name. A bare pointer to where that name stands needs no reading. */
static int owner_is(const uint8_t *data, size_t size,
                    const struct naive_record *r, size_t k)
{
    struct naive_name owner;

    if (data[r->name_at] >= 0xc0 && e.chain_at[k] < 16384 &&
        naive_number(data + r->name_at, 2) == 0xc000U + e.chain_at[k] &&
        e.chain_at[k] < r->name_at)
        return 1;
    if (!naive_name_read(data, size, r->name_at, true, &owner))
        return -1;
    return naive_name_equal(&owner, &e.chain[k]);
}

static bool read_target(const uint8_t *data, const struct naive_record *r,
                        struct naive_name *name)
{
    return naive_rdata_valid(data, r) &&
           naive_name_read(data, r->rdata_at + r->rdata_len, r->rdata_at, true,
                           name);
}

/* RFC 1034 section 3.6.2: restart at the canonical name. Returns 1 if a link
 * was added, 0 at the end, -1 if the records contradict each other. */
static int add_link(const uint8_t *data, size_t size)
{
    struct naive_name target;
    bool found = false;

    for (size_t i = 0; i < naive.record_count; i++) {
        const struct naive_record *r = &naive.records[i];
        int same = is_answer(r, 5) ? owner_is(data, size, r, e.links) : 0;

        if (same < 0)
            return -1;
        if (same == 0)
            continue;
        if (!read_target(data, r, &target))
            return -1;
        lower_ttl(r->ttl);
        if (found && !naive_name_equal(&target, &e.chain[e.links + 1]))
            return -1;
        if (!found) {
            e.chain[e.links + 1] = target;
            e.chain_at[e.links + 1] = r->rdata_at;
        }
        found = true;
    }
    if (!found)
        return 0;
    for (size_t k = 0; k <= e.links; k++)
        if (naive_name_equal(&e.chain[k], &e.chain[e.links + 1]))
            return -1;
    e.links++;
    return 1;
}

static enum outcome collect(const uint8_t *data, size_t size, unsigned type)
{
    for (size_t i = 0; i < naive.record_count; i++) {
        const struct naive_record *r = &naive.records[i];
        int same = is_answer(r, type) ? owner_is(data, size, r, e.links) : 0;
        struct naive_name name;
        char text[256];

        if (same < 0 || (same == 1 && !naive_rdata_valid(data, r)))
            return REFUSED;
        if (same == 0)
            continue;
        if (type == 12 &&
            (!read_target(data, r, &name) || !naive_host(&name, text)))
            return REFUSED;
        lower_ttl(r->ttl);
        e.records[e.record_count++] = r;
    }
    if (e.record_count == 0)
        return NOTHING;
    if (type == 12)
        return e.record_count <= BJ_PTR_MAX ? FOUND : REFUSED;
    for (size_t k = 0; k <= e.links; k++) {
        char text[256];

        if (!naive_host(&e.chain[k], text))
            return REFUSED;
    }
    return FOUND;
}

static enum outcome expect(const uint8_t *data, size_t size)
{
    const struct naive_record *q = &naive.records[0];
    size_t cnames = 0;
    int more = 1;

    e.links = 0;
    e.record_count = 0;
    e.ttl = UINT32_MAX;
    if (naive.counts[0] == 0 || q->class_number != 1 ||
        (q->type != 1 && q->type != 28 && q->type != 12))
        return NOT_ASKED;
    for (size_t i = 0; i < naive.record_count; i++)
        cnames += is_answer(&naive.records[i], 5);
    e.chain_at[0] = q->name_at;
    if (!naive_name_read(data, size, q->name_at, true, &e.chain[0]) ||
        cnames > BJ_CNAME_MAX)
        return REFUSED;
    while (more == 1)
        more = add_link(data, size);
    return more < 0 ? REFUSED : collect(data, size, q->type);
}

static bool ends_with(const struct naive_name *name,
                      const struct naive_name *end)
{
    struct naive_name rest = *name;

    while (!naive_name_equal(&rest, end)) {
        size_t label = rest.octets[0] + 1U;

        if (rest.len == 1)
            return false;
        rest.len -= label;
        memmove(rest.octets, rest.octets + label, rest.len);
    }
    return true;
}

/* RFC 2308 section 5, from the first SOA of class IN in authority. */
static uint32_t negative_ttl(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < naive.record_count; i++) {
        const struct naive_record *r = &naive.records[i];
        struct naive_name owner;

        if (r->section != 2 || r->type != 6 || r->class_number != 1)
            continue;
        if (!naive_name_read(data, size, r->name_at, true, &owner) ||
            !ends_with(&e.chain[e.links], &owner) ||
            !naive_rdata_valid(data, r))
            return 0;
        lower_ttl(r->ttl);
        lower_ttl(naive_number(data + r->rdata_at + r->rdata_len - 4, 4));
        return e.ttl;
    }
    return 0;
}

static void check_text(const struct bj_text *text,
                       const struct naive_name *name, const uint8_t *block,
                       size_t cap)
{
    char expected[256];

    BJ_CHECK(bj_inside(text->text, text->len + 1, block, cap), "text-inside");
    BJ_CHECK(naive_host(name, expected) && strlen(expected) == text->len &&
                 strcmp(text->text, expected) == 0,
             "text");
    BJ_CHECK(bj_naive_presentable(text->text, text->len), "host-name");
    bj_digest(text->text, text->len);
}

static void check_names(const uint8_t *data, const struct bj_answer *answer,
                        const uint8_t *block, size_t cap)
{
    BJ_CHECK(answer->address_count == 0 &&
                 answer->alias_count == e.record_count - 1,
             "as-many-names");
    for (size_t i = 0; i < e.record_count; i++) {
        struct naive_name name;

        (void)read_target(data, e.records[i], &name);
        check_text(i == 0 ? &answer->canonical : &answer->aliases[i - 1], &name,
                   block, cap);
    }
}

static void check_addresses(const uint8_t *data, const struct bj_answer *answer,
                            const uint8_t *block, size_t cap)
{
    BJ_CHECK(answer->address_count == e.record_count &&
                 answer->alias_count == e.links,
             "as-many-addresses");
    BJ_CHECK(bj_inside(answer->addresses,
                       e.record_count * sizeof(*answer->addresses), block, cap),
             "addresses-inside");
    for (size_t i = 0; i < e.record_count; i++) {
        const struct bj_address *a = &answer->addresses[i];
        const struct naive_record *r = e.records[i];

        BJ_CHECK(memcmp(a->octets, data + r->rdata_at, r->rdata_len) == 0 &&
                     a->scope == 0 &&
                     a->family ==
                         (r->type == 1 ? BJ_FAMILY_IP4 : BJ_FAMILY_IP6),
                 "address");
        if (r->type == 1)
            BJ_CHECK(memcmp(a->octets + 4, "\0\0\0\0\0\0\0\0\0\0\0", 12) == 0,
                     "address-rest-zero");
    }
    check_text(&answer->canonical, &e.chain[e.links], block, cap);
    for (size_t k = 0; k < e.links; k++)
        check_text(&answer->aliases[k], &e.chain[k], block, cap);
}

static void check_empty(const struct bj_answer *answer)
{
    BJ_CHECK(answer->canonical.text == NULL && answer->canonical.len == 0 &&
                 answer->aliases == NULL && answer->alias_count == 0 &&
                 answer->addresses == NULL && answer->address_count == 0,
             "empty");
}

static void check(const uint8_t *data, size_t size, enum bj_status status,
                  const struct bj_answer *answer, const uint8_t *block,
                  size_t cap)
{
    enum outcome expected = expect(data, size);

    if (status != BJ_OK)
        check_empty(answer);
    switch (expected) {
    case FOUND:
        BJ_CHECK(status == BJ_OK, "found");
        BJ_CHECK(answer->ttl == e.ttl, "ttl");
        if (naive.records[0].type == 12)
            check_names(data, answer, block, cap);
        else
            check_addresses(data, answer, block, cap);
        break;
    case NOTHING:
        BJ_CHECK(status == BJ_NONE, "nothing");
        BJ_CHECK(answer->ttl == negative_ttl(data, size), "negative-ttl");
        break;
    case REFUSED:
        BJ_CHECK(status == BJ_BAD || status == BJ_MORE || status == BJ_LIMIT,
                 "refused");
        break;
    case NOT_ASKED:
        BJ_CHECK(status == BJ_UNSUPPORTED, "not-asked");
    }
}

/* With less room: the same, or BJ_SPACE and the room that was needed. */
static void check_room(struct bj_message *m, size_t cap, size_t needed,
                       enum bj_status status)
{
    static struct bj_answer_scratch scratch;
    uint8_t *block = malloc(cap > 0 ? cap : 1);
    struct bj_arena arena;
    struct bj_answer answer;

    if (block == NULL)
        abort();
    bj_arena_init(&arena, block, cap);
    if (bj_answer_read(m, &scratch, &arena, &answer) == BJ_SPACE) {
        BJ_CHECK(status == BJ_OK && arena.len == needed && needed > cap,
                 "space");
        check_empty(&answer);
    } else {
        BJ_CHECK(status != BJ_OK || needed <= cap, "room-enough");
    }
    free(block);
}

static bool same_text(const struct bj_text *a, const struct bj_text *b)
{
    return a->len == b->len &&
           (a->len == 0 || memcmp(a->text, b->text, a->len + 1) == 0);
}

static bool same_answer(const struct bj_answer *a, const struct bj_answer *b)
{
    bool same = same_text(&a->canonical, &b->canonical) && a->ttl == b->ttl &&
                a->alias_count == b->alias_count &&
                a->address_count == b->address_count;

    for (size_t i = 0; same && i < a->alias_count; i++)
        same = same_text(&a->aliases[i], &b->aliases[i]);
    return same && (a->address_count == 0 ||
                    memcmp(a->addresses, b->addresses,
                           a->address_count * sizeof(*a->addresses)) == 0);
}

/* A query for what the message asks; false if there is none. */
static bool query_of(const uint8_t *data, size_t size, struct bj_query *query)
{
    struct bj_query_entropy entropy = {.id = 0};
    struct bj_question question;
    struct bj_message m;
    struct bj_name name;
    struct bj_cursor c;

    if (bj_message_init(&m, data, size) != BJ_OK ||
        bj_message_question(&m, &question) != BJ_OK)
        return false;
    c = bj_message_cursor(&m, question.name_at);
    entropy.id = m.id;
    return bj_name_read(&c, &name, NULL) == BJ_OK &&
           bj_query_build(query, &name, question.type, true, &entropy) == BJ_OK;
}

/* The same message, with a header that says so, as the reply to that query. */
static void check_reply(const uint8_t *data, size_t size, enum bj_status status,
                        const struct bj_answer *answer)
{
    static uint8_t reply[BJ_MESSAGE_MAX];
    static uint8_t room[ROOM] __attribute__((aligned(16)));
    static struct bj_answer_scratch scratch;
    struct bj_query query;
    struct bj_match match;
    struct bj_arena arena;
    struct bj_answer again;

    if (!query_of(data, size, &query))
        return;
    memcpy(reply, data, size);
    reply[2] = BJ_FLAG_QR / 256;
    reply[3] = BJ_RCODE_NOERROR;
    bj_match_reply(&match, &query, reply, size);
    bj_arena_init(&arena, room, sizeof(room));
    if (match.reply != BJ_REPLY_ANSWER)
        return;
    BJ_CHECK(bj_answer_read_reply(&match.message, &query, &scratch, &arena,
                                  &again) == status &&
                 same_answer(answer, &again),
             "reply-same");
}

BJ_UNTRACED_END

BJ_DNS_INPUT(1);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[ROOM] __attribute__((aligned(16)));
    static struct bj_answer_scratch scratch;
    uint8_t tail = bj_take_tail(data, &size);
    struct bj_message m;
    struct bj_arena arena;
    struct bj_answer answer;
    enum bj_status status;

    if (bj_message_init(&m, data, size) != BJ_OK)
        return 0;
    memset(&answer, 0xa5, sizeof(answer));
    bj_arena_init(&arena, room, sizeof(room));
    status = bj_answer_read(&m, &scratch, &arena, &answer);
    BJ_CHECK(status != BJ_BUG && status != BJ_SPACE, "no-bug");
    if (naive_message_read(data, size, &naive))
        check(data, size, status, &answer, room, sizeof(room));
    if (tail % 4 == 3)
        check_reply(data, size, status, &answer);
    if (bj_message_init(&m, data, size) == BJ_OK)
        check_room(&m, tail * 4U, arena.len, status);
    return 0;
}
