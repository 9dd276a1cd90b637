#include "core/netdb/answer.h"

#include <string.h>

#include "core/dns/rdata.h"

/* One call of bj_answer_read under way. */
struct reading {
    const struct bj_message *start; /* before the question */
    struct bj_message m;            /* wherever reading has come to */
    uint16_t type;
    uint16_t rdata_len; /* of an address */
    size_t cname_count;
    uint32_t used; /* CNAME records that are links of the chain, a bit each */
    size_t links;  /* of the chain: its last name is chain[links] */
    bool wanted_seen; /* the matcher has been started */
    bool in_order;    /* no record has come before one it depends on */
    size_t found_count;
    size_t found_max;
    uint32_t ttl;
    struct bj_answer_scratch *scratch;
};

/* RFC 2181 section 8: with its top bit set a TTL means zero. */
static inline void lower_ttl(struct reading *r, uint32_t ttl)
{
    if (ttl > INT32_MAX)
        ttl = 0;
    if (ttl < r->ttl)
        r->ttl = ttl;
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
    r->used |= UINT32_C(1) << i;
    r->links += 1;
    s->chain_at[r->links] = s->cnames[i].rdata_at;
    lower_ttl(r, s->cnames[i].ttl);
    return BJ_OK;
}

/* The first unused CNAME at the chain's last name, or BJ_NONE. */
static enum bj_status find_link(struct reading *r, size_t *i)
{
    for (*i = 0; *i < r->cname_count; *i += 1) {
        enum bj_status status;
        bool same;

        if ((r->used >> *i & 1U) != 0)
            continue;
        status = owner_is(r, *i, r->links, &same);
        if (status != BJ_OK || same)
            return status;
    }
    return BJ_NONE;
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

/* From the name asked for to the one that has the records. */
static enum bj_status follow(struct reading *r)
{
    enum bj_status status;
    size_t i;

    /* Ends: each turn uses one of at most BJ_CNAME_MAX records. */
    do {
        status = find_link(r, &i);
        if (status == BJ_OK)
            status = add_link(r, i);
    } while (status == BJ_OK);
    for (i = 0; status == BJ_NONE && i < r->cname_count; i++)
        if ((r->used >> i & 1U) == 0 && check_unused(r, i) != BJ_OK)
            status = BJ_BAD;
    return status == BJ_NONE ? BJ_OK : status;
}

/* Keeps a CNAME record, and uses it at once if it continues the chain and
 * nothing was taken yet. */
static enum bj_status keep_cname(struct reading *r,
                                 const struct bj_record *record)
{
    struct bj_answer_scratch *s = r->scratch;
    size_t i = r->cname_count;
    bool next = false;

    if (i == BJ_CNAME_MAX)
        return BJ_LIMIT;
    s->cnames[i] = *record;
    s->owners[i].len = 0;
    r->cname_count += 1;
    if (r->in_order && !r->wanted_seen &&
        owner_is(r, i, r->links, &next) == BJ_OK && next &&
        add_link(r, i) == BJ_OK)
        return BJ_OK;
    r->in_order = false;
    return BJ_OK;
}

/* Takes a record of the type asked for if its owner is the chain's last
 * name. */
static enum bj_status keep_wanted(struct reading *r,
                                  const struct bj_record *record)
{
    struct bj_answer_scratch *s = r->scratch;
    struct bj_cursor c = bj_message_cursor(&r->m, record->name_at);

    if (!r->wanted_seen)
        bj_name_matcher_init(&s->matcher, r->m.at.len, &s->chain[r->links],
                             s->chain_at[r->links]);
    r->wanted_seen = true;
    if (!bj_name_points_to(&c, s->matcher.same_at)) {
        bool same;
        enum bj_status status = bj_name_match(&s->matcher, &c, &same, NULL);

        if (status != BJ_OK || !same)
            return status;
    }
    if (r->rdata_len != 0 && record->rdata_len != r->rdata_len)
        return BJ_BAD;
    if (r->found_count == r->found_max)
        return BJ_LIMIT;
    s->found_at[r->found_count] = record->rdata_at;
    r->found_count += 1;
    lower_ttl(r, record->ttl);
    return BJ_OK;
}

/* The next record of the answer section and class IN that is of the type
 * asked for or of `or_type`; or BJ_NONE. */
static enum bj_status next_answer(struct reading *r, unsigned or_type,
                                  struct bj_record *record)
{
    enum bj_status status;

    /* Ends: each turn reads a record. */
    do {
        status = bj_message_record(&r->m, record);
        if (status == BJ_OK && record->section != BJ_SECTION_ANSWER)
            return BJ_NONE;
    } while (status == BJ_OK &&
             (record->class_number != BJ_CLASS_IN ||
              (record->type != r->type && record->type != or_type)));
    return status;
}

/*
 * The pass that suffices for most replies: aliases from the name asked for
 * on, each before what it leads to, then the records. All CNAMEs are kept; if
 * something is not so, or wrong, r->in_order says that the rest is not to be
 * believed and must be read again.
 */
static enum bj_status read_in_order(struct reading *r)
{
    struct bj_record record;
    enum bj_status status = next_answer(r, BJ_TYPE_CNAME, &record);

    for (; status == BJ_OK; status = next_answer(r, BJ_TYPE_CNAME, &record)) {
        if (record.type == BJ_TYPE_CNAME) {
            status = keep_cname(r, &record);
            if (status != BJ_OK)
                return status;
        } else if (r->in_order) {
            r->in_order = keep_wanted(r, &record) == BJ_OK;
        }
    }
    return status == BJ_NONE ? BJ_OK : status;
}

/* All CNAMEs are known: follows them in whatever order they stand, and then
 * takes the records. */
static enum bj_status read_again(struct reading *r)
{
    struct bj_record record;
    enum bj_status status;

    r->m = *r->start;
    r->ttl = UINT32_MAX;
    r->used = 0;
    r->links = 0;
    r->wanted_seen = false;
    r->found_count = 0;
    status = follow(r);
    while (status == BJ_OK) {
        status = next_answer(r, r->type, &record);
        if (status == BJ_OK)
            status = keep_wanted(r, &record);
    }
    return status == BJ_NONE ? BJ_OK : status;
}

/* RDATA whose length was seen to be right, into an address. */
static void fill_address(const struct reading *r, size_t at,
                         struct bj_address *address)
{
    struct bj_cursor c = bj_message_cursor(&r->m, at);
    const uint8_t *octets = bj_cursor_bytes(&c, r->rdata_len);

    *address = (struct bj_address){.scope = 0};
    if (octets == NULL)
        return;
    if (r->type == BJ_TYPE_A) {
        address->family = BJ_FAMILY_IP4;
        memcpy(address->octets, octets, 4);
    } else {
        address->family = BJ_FAMILY_IP6;
        memcpy(address->octets, octets, 16);
    }
}

/*
 * Spells a name at *next, which then lies behind it, or checks it only if
 * there was no room (*next is NULL).
 */
static enum bj_status spell(const struct bj_name *name, char **next,
                            struct bj_text *text)
{
    char discarded[BJ_HOST_TEXT_MAX];
    char *at = *next != NULL ? *next : discarded;

    if (!bj_name_spell_host(name, at))
        return BJ_BAD;
    if (*next == NULL)
        return BJ_OK;
    text->text = at;
    text->len = name->len - 2U;
    *next = at + text->len + 1;
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

/* The chain's last name is canonical, those before it are aliases. */
static enum bj_status name_chain(struct reading *r, struct bj_arena *arena,
                                 struct bj_answer *answer)
{
    const struct bj_name *chain = r->scratch->chain;
    struct bj_text *aliases = take_aliases(arena, r->links, answer);
    struct bj_text unused;
    enum bj_status status;
    size_t total = 0;
    char *next;

    for (size_t k = 0; k <= r->links; k++)
        total += chain[k].len - 1U;
    next = bj_arena_take(arena, total, 1);
    status = spell(&chain[r->links], &next, &answer->canonical);
    for (size_t k = 0; status == BJ_OK && k < r->links; k++)
        status =
            spell(&chain[k], &next, aliases != NULL ? &aliases[k] : &unused);
    return status;
}

static enum bj_status build_addresses(struct reading *r, struct bj_arena *arena,
                                      struct bj_answer *answer)
{
    struct bj_address *addresses = bj_arena_take_array(
        arena, r->found_count, sizeof(*addresses), _Alignof(struct bj_address));

    for (size_t i = 0; addresses != NULL && i < r->found_count; i++)
        fill_address(r, r->scratch->found_at[i], &addresses[i]);
    answer->addresses = addresses;
    answer->address_count = r->found_count;
    return name_chain(r, arena, answer);
}

/* The target of the i-th PTR record that was found. */
static enum bj_status read_pointer(struct reading *r, size_t i,
                                   struct bj_name *name)
{
    struct bj_record record = {.rdata_at = r->scratch->found_at[i]};
    /* RDLENGTH is the two octets before RDATA. */
    struct bj_cursor c = bj_message_cursor(&r->m, record.rdata_at - 2U);

    record.rdata_len = bj_cursor_u16(&c);
    return bj_rdata_name(&r->m, &record, name);
}

/* PTR: the first target is canonical, the others are aliases. */
static enum bj_status build_names(struct reading *r, struct bj_arena *arena,
                                  struct bj_answer *answer)
{
    struct bj_text *aliases = take_aliases(arena, r->found_count - 1, answer);
    enum bj_status status = BJ_OK;

    for (size_t i = 0; status == BJ_OK && i < r->found_count; i++) {
        struct bj_text text = {NULL, 0};
        struct bj_name name;
        char *next;

        status = read_pointer(r, i, &name);
        if (status != BJ_OK)
            return status;
        next = bj_arena_take(arena, name.len - 1U, 1);
        status = spell(&name, &next, &text);
        if (i == 0)
            answer->canonical = text;
        else if (aliases != NULL)
            aliases[i - 1] = text;
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
    struct bj_record record;
    struct bj_name owner;
    struct bj_soa soa;
    struct bj_cursor c;

    r->m = *r->start;
    /* Ends: each turn reads a record. */
    do {
        if (bj_message_record(&r->m, &record) != BJ_OK)
            return 0;
    } while (record.section != BJ_SECTION_AUTHORITY ||
             record.type != BJ_TYPE_SOA || record.class_number != BJ_CLASS_IN);
    c = bj_message_cursor(&r->m, record.name_at);
    if (bj_name_read(&c, &owner, NULL) != BJ_OK ||
        !bj_name_is_within(&r->scratch->chain[r->links], &owner) ||
        bj_rdata_soa(&r->m, &record, &soa) != BJ_OK)
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
    enum bj_status status =
        bj_message_named_question(&r->m, &question, &s->chain[0]);

    if (status != BJ_OK)
        return status == BJ_NONE ? BJ_UNSUPPORTED : status;
    if (question.class_number != BJ_CLASS_IN ||
        (question.type != BJ_TYPE_A && question.type != BJ_TYPE_AAAA &&
         question.type != BJ_TYPE_PTR))
        return BJ_UNSUPPORTED;
    r->type = question.type;
    r->rdata_len = question.type == BJ_TYPE_A      ? 4
                   : question.type == BJ_TYPE_AAAA ? 16
                                                   : 0;
    r->found_max =
        question.type == BJ_TYPE_PTR ? BJ_PTR_MAX : BJ_ANSWER_ADDRESSES_MAX;
    s->chain_at[0] = question.name_at;
    return BJ_OK;
}

static enum bj_status read_and_build(struct reading *r, struct bj_arena *arena,
                                     struct bj_answer *answer)
{
    enum bj_status status = read_question(r);

    if (status == BJ_OK)
        status = read_in_order(r);
    if (status == BJ_OK && !r->in_order)
        status = read_again(r);
    if (status != BJ_OK)
        return status;
    if (r->found_count == 0)
        return BJ_NONE;
    answer->ttl = r->ttl;
    status = r->type == BJ_TYPE_PTR ? build_names(r, arena, answer)
                                    : build_addresses(r, arena, answer);
    return status == BJ_OK ? bj_arena_end(arena) : status;
}

enum bj_status bj_answer_read(const struct bj_message *m,
                              struct bj_answer_scratch *scratch,
                              struct bj_arena *arena, struct bj_answer *answer)
{
    struct reading r = {.start = m,
                        .m = *m,
                        .in_order = true,
                        .ttl = UINT32_MAX,
                        .scratch = scratch};
    enum bj_status status;

    *answer = (struct bj_answer){.ttl = 0};
    status = read_and_build(&r, arena, answer);
    if (status == BJ_OK)
        return BJ_OK;
    *answer = (struct bj_answer){.ttl = 0};
    if (status == BJ_NONE)
        answer->ttl = negative_ttl(&r);
    return status;
}
