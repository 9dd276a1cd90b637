#include "core/netdb/answer.h"

#include <string.h>

#include "core/dns/rdata.h"

/* One call of bj_answer_read under way. */
struct reading {
    struct bj_message m;     /* behind its question */
    struct bj_message first; /* before the first record of the type */
    bool any;                /* there is such a record */
    uint16_t type;
    size_t cname_count;
    size_t links; /* of the chain: its last name is chain[links] */
    uint32_t ttl;
    struct bj_answer_scratch *scratch;
    struct bj_arena *arena;
};

/* RFC 2181 section 8: with its top bit set a TTL means zero. */
static void lower_ttl(struct reading *r, uint32_t ttl)
{
    if (ttl > INT32_MAX)
        ttl = 0;
    if (ttl < r->ttl)
        r->ttl = ttl;
}

/* The next record of the answer section and class IN, or BJ_NONE. */
static enum bj_status next_answer(struct bj_message *m,
                                  struct bj_record *record)
{
    enum bj_status status;

    /* Ends: each turn reads a record. */
    do {
        status = bj_message_record(m, record);
        if (status == BJ_OK && record->section != BJ_SECTION_ANSWER)
            return BJ_NONE;
    } while (status == BJ_OK && record->class_number != BJ_CLASS_IN);
    return status;
}

/* One pass over the answers: every CNAME, and where the rest begins. */
static enum bj_status collect(struct reading *r)
{
    struct bj_answer_scratch *s = r->scratch;
    struct bj_message m = r->m;
    struct bj_record record;
    enum bj_status status = next_answer(&m, &record);

    for (; status == BJ_OK; status = next_answer(&m, &record)) {
        if (record.type == r->type && !r->any) {
            r->any = true;
            r->first = m;
            r->first.at.pos = record.name_at;
            r->first.left += 1;
        }
        if (record.type != BJ_TYPE_CNAME)
            continue;
        if (r->cname_count == BJ_CNAME_MAX)
            return BJ_LIMIT;
        s->cnames[r->cname_count] = record;
        s->owners[r->cname_count].len = 0;
        r->cname_count += 1;
    }
    return status == BJ_NONE ? BJ_OK : status;
}

/* Whether the i-th CNAME's owner is the k-th name of the chain. */
static enum bj_status owner_is(struct reading *r, size_t i, size_t k,
                               bool *same)
{
    struct bj_answer_scratch *s = r->scratch;
    struct bj_cursor c = bj_message_cursor(&r->m, s->cnames[i].name_at);
    enum bj_status status;

    *same = bj_name_points_to(&c, s->chain_at[k]);
    if (*same)
        return BJ_OK;
    if (s->owners[i].len == 0) {
        status = bj_name_read(&c, &s->owners[i], NULL);
        if (status != BJ_OK)
            return status;
    }
    *same = bj_name_equal(&s->owners[i], &s->chain[k]);
    return BJ_OK;
}

/* Appends the target of the i-th CNAME, which must be a name not met yet:
 * else the chain would never end. */
static enum bj_status add_link(struct reading *r, size_t i)
{
    struct bj_answer_scratch *s = r->scratch;
    struct bj_name *target = &s->chain[r->links + 1];
    enum bj_status status = bj_rdata_name(&r->m, &s->cnames[i], target);

    if (status != BJ_OK)
        return status;
    for (size_t k = 0; k <= r->links; k++)
        if (bj_name_equal(target, &s->chain[k]))
            return BJ_BAD;
    r->links += 1;
    s->chain_at[r->links] = s->cnames[i].rdata_at;
    lower_ttl(r, s->cnames[i].ttl);
    return BJ_OK;
}

/*
 * A CNAME that the chain did not use must not stand at a name it passed
 * through, unless it says the same (RFC 2181 section 10.1: an alias has one
 * canonical name).
 */
static enum bj_status check_unused(struct reading *r, size_t i)
{
    struct bj_answer_scratch *s = r->scratch;

    for (size_t k = 0; k < r->links; k++) {
        struct bj_name target;
        enum bj_status status;
        bool same;

        status = owner_is(r, i, k, &same);
        if (status == BJ_OK && !same)
            continue;
        if (status == BJ_OK)
            status = bj_rdata_name(&r->m, &s->cnames[i], &target);
        if (status != BJ_OK)
            return status;
        lower_ttl(r, s->cnames[i].ttl);
        return bj_name_equal(&target, &s->chain[k + 1]) ? BJ_OK : BJ_BAD;
    }
    return BJ_OK;
}

/* The first unused CNAME at the chain's last name, from the i-th on and then
 * from the start: records mostly stand in order. */
static enum bj_status find_link(struct reading *r, uint32_t used, size_t *i)
{
    for (size_t tried = 0; tried < r->cname_count; tried++) {
        enum bj_status status;
        bool same;

        if ((used >> *i & 1U) == 0) {
            status = owner_is(r, *i, r->links, &same);
            if (status != BJ_OK || same)
                return status;
        }
        *i = *i + 1 < r->cname_count ? *i + 1 : 0;
    }
    return BJ_NONE;
}

/* From the name asked for to the one that has the records. */
static enum bj_status follow(struct reading *r)
{
    enum bj_status status = BJ_OK;
    uint32_t used = 0;
    size_t next = 0;

    /* Ends: each turn uses one of at most BJ_CNAME_MAX records. */
    while (status == BJ_OK) {
        status = find_link(r, used, &next);
        if (status == BJ_OK) {
            used |= UINT32_C(1) << next;
            status = add_link(r, next);
        }
    }
    for (size_t i = 0; status == BJ_NONE && i < r->cname_count; i++)
        if ((used >> i & 1U) == 0 && check_unused(r, i) != BJ_OK)
            status = BJ_BAD;
    return status == BJ_NONE ? BJ_OK : status;
}

/* The next record of the type whose owner is the chain's last name. */
static enum bj_status next_wanted(struct reading *r, struct bj_message *m,
                                  struct bj_record *record)
{
    enum bj_status status = next_answer(m, record);

    /* Ends: each turn reads a record. */
    for (; status == BJ_OK; status = next_answer(m, record)) {
        struct bj_cursor c;
        bool same;

        if (record->type != r->type)
            continue;
        c = bj_message_cursor(m, record->name_at);
        status = bj_name_match(&r->scratch->matcher, &c, &same, NULL);
        if (status != BJ_OK || same)
            return status;
    }
    return status;
}

static enum bj_status read_address(struct reading *r,
                                   const struct bj_record *record,
                                   struct bj_address *address)
{
    if (r->type == BJ_TYPE_A) {
        address->family = BJ_FAMILY_IP4;
        return bj_rdata_a(&r->m, record, address->octets);
    }
    address->family = BJ_FAMILY_IP6;
    return bj_rdata_aaaa(&r->m, record, address->octets);
}

/* Takes them one behind another, so that they become one array. */
static enum bj_status read_addresses(struct reading *r,
                                     struct bj_answer *answer)
{
    struct bj_message m = r->first;
    struct bj_record record;
    enum bj_status status = next_wanted(r, &m, &record);

    for (; status == BJ_OK; status = next_wanted(r, &m, &record)) {
        struct bj_address address = {.scope = 0};
        struct bj_address *kept = bj_arena_take(r->arena, sizeof(address),
                                                _Alignof(struct bj_address));

        status = read_address(r, &record, &address);
        if (status != BJ_OK)
            return status;
        if (kept != NULL)
            *kept = address;
        if (answer->address_count == 0)
            answer->addresses = kept;
        answer->address_count += 1;
        lower_ttl(r, record.ttl);
    }
    if (status == BJ_NONE && answer->address_count > 0)
        return BJ_OK;
    return status;
}

/* Puts a name's text into the arena, if it may be handed out (R07). */
static enum bj_status hand_out(struct bj_arena *arena,
                               const struct bj_name *name, struct bj_text *out)
{
    char text[BJ_HOST_TEXT_MAX];
    struct bj_writer w;

    bj_writer_init(&w, (uint8_t *)text, sizeof(text));
    bj_name_format_host(&w, name);
    if (bj_writer_end(&w) != BJ_OK)
        return bj_writer_end(&w);
    out->text = bj_arena_text(arena, text, w.len);
    out->len = w.len;
    return BJ_OK;
}

/* Room for `count` aliases, which are then filled in one by one. */
static struct bj_text *take_aliases(struct bj_arena *arena, size_t count,
                                    struct bj_answer *answer)
{
    struct bj_text *aliases = NULL;

    if (count > 0)
        aliases = bj_arena_take_array(arena, count, sizeof(*aliases),
                                      _Alignof(struct bj_text));
    answer->aliases = aliases;
    answer->alias_count = count;
    return aliases;
}

static enum bj_status name_chain(struct reading *r, struct bj_answer *answer)
{
    struct bj_text *aliases = take_aliases(r->arena, r->links, answer);
    struct bj_text text;
    enum bj_status status =
        hand_out(r->arena, &r->scratch->chain[r->links], &answer->canonical);

    for (size_t k = 0; status == BJ_OK && k < r->links; k++) {
        status = hand_out(r->arena, &r->scratch->chain[k], &text);
        if (aliases != NULL)
            aliases[k] = text;
    }
    return status;
}

static enum bj_status count_names(struct reading *r, size_t *count)
{
    struct bj_message m = r->first;
    struct bj_record record;
    enum bj_status status = next_wanted(r, &m, &record);

    for (*count = 0; status == BJ_OK; status = next_wanted(r, &m, &record))
        *count += 1;
    if (status != BJ_NONE)
        return status;
    if (*count > BJ_PTR_MAX)
        return BJ_LIMIT;
    return *count > 0 ? BJ_OK : BJ_NONE;
}

/* PTR: the first target is canonical, the others are aliases. */
static enum bj_status read_names(struct reading *r, struct bj_answer *answer)
{
    struct bj_message m = r->first;
    struct bj_record record;
    struct bj_text *aliases = NULL;
    size_t count;
    enum bj_status status = count_names(r, &count);

    if (status == BJ_OK)
        aliases = take_aliases(r->arena, count - 1, answer);
    for (size_t i = 0; status == BJ_OK && i < count; i++) {
        struct bj_text text = {NULL, 0};
        struct bj_name name;

        status = next_wanted(r, &m, &record);
        if (status == BJ_OK)
            status = bj_rdata_name(&r->m, &record, &name);
        if (status == BJ_OK)
            status = hand_out(r->arena, &name, &text);
        if (i == 0)
            answer->canonical = text;
        else if (aliases != NULL)
            aliases[i - 1] = text;
        lower_ttl(r, record.ttl);
    }
    return status;
}

/*
 * How long "there is none" holds: the lesser of a SOA's TTL and its MINIMUM
 * (RFC 2308 section 5), and of the CNAMEs on the way. Only the first SOA of
 * the authority section is looked at, and it must be of a zone that the name
 * can lie in.
 */
static uint32_t negative_ttl(struct reading *r)
{
    struct bj_message m = r->m;
    struct bj_record record;
    struct bj_name owner;
    struct bj_soa soa;
    struct bj_cursor c;

    /* Ends: each turn reads a record. */
    do {
        if (bj_message_record(&m, &record) != BJ_OK)
            return 0;
    } while (record.section != BJ_SECTION_AUTHORITY ||
             record.type != BJ_TYPE_SOA || record.class_number != BJ_CLASS_IN);
    c = bj_message_cursor(&m, record.name_at);
    if (bj_name_read(&c, &owner, NULL) != BJ_OK ||
        !bj_name_is_within(&r->scratch->chain[r->links], &owner) ||
        bj_rdata_soa(&m, &record, &soa) != BJ_OK)
        return 0;
    lower_ttl(r, record.ttl);
    lower_ttl(r, soa.minimum);
    return r->ttl;
}

/* The question, which is the chain's first name. */
static enum bj_status read_question(struct reading *r)
{
    struct bj_answer_scratch *s = r->scratch;
    struct bj_question question;
    struct bj_cursor c;
    enum bj_status status = bj_message_question(&r->m, &question);

    if (status != BJ_OK)
        return status == BJ_NONE ? BJ_UNSUPPORTED : status;
    if (question.class_number != BJ_CLASS_IN ||
        (question.type != BJ_TYPE_A && question.type != BJ_TYPE_AAAA &&
         question.type != BJ_TYPE_PTR))
        return BJ_UNSUPPORTED;
    r->type = question.type;
    s->chain_at[0] = question.name_at;
    c = bj_message_cursor(&r->m, question.name_at);
    return bj_name_read(&c, &s->chain[0], NULL);
}

static enum bj_status read_records(struct reading *r, struct bj_answer *answer)
{
    struct bj_answer_scratch *s = r->scratch;
    enum bj_status status;

    if (!r->any)
        return BJ_NONE;
    bj_name_matcher_init(&s->matcher, r->m.at.len, &s->chain[r->links],
                         s->chain_at[r->links]);
    if (r->type == BJ_TYPE_PTR)
        return read_names(r, answer);
    status = read_addresses(r, answer);
    return status == BJ_OK ? name_chain(r, answer) : status;
}

enum bj_status bj_answer_read(const struct bj_message *m,
                              struct bj_answer_scratch *scratch,
                              struct bj_arena *arena, struct bj_answer *answer)
{
    struct reading r = {
        .m = *m, .ttl = UINT32_MAX, .scratch = scratch, .arena = arena};
    enum bj_status status = read_question(&r);

    *answer = (struct bj_answer){.ttl = 0};
    if (status == BJ_OK)
        status = collect(&r);
    if (status == BJ_OK)
        status = follow(&r);
    if (status == BJ_OK)
        status = read_records(&r, answer);
    if (status == BJ_OK)
        status = bj_arena_end(arena);
    answer->ttl = r.ttl;
    if (status == BJ_OK)
        return BJ_OK;
    *answer = (struct bj_answer){.ttl = 0};
    if (status == BJ_NONE)
        answer->ttl = negative_ttl(&r);
    return status;
}
