#include "core/netdb/answer.h"

#include <string.h>

#include "core/dns/rdata.h"

/* One call of bj_answer_read under way. */
struct reading {
    struct bj_message *m; /* at the answers, until all have been read */
    uint16_t type;
    uint16_t rdata_len; /* of an address */
    size_t cname_count;
    uint32_t used; /* CNAME records that are links of the chain, a bit each */
    size_t links;  /* of the chain: its last name is chain[links] */
    bool wanted_seen; /* a record of the type asked for has come */
    bool in_order;    /* no record has come before one it depends on */
    bool matching;    /* the matcher has been started */
    bool collected;   /* the CNAMEs are known */
    uint16_t same_at; /* where the chain's last name is known to stand */
    size_t found_count;
    size_t found_max;
    uint32_t ttl;
    size_t texts_len; /* of the chain's names as text, each with its NUL */
    struct bj_answer_scratch *scratch;
};

/* RFC 2181 section 8: with its top bit set a TTL means zero. */
static inline uint32_t lesser_ttl(uint32_t least, uint32_t ttl)
{
    if (ttl > INT32_MAX)
        ttl = 0;
    return ttl < least ? ttl : least;
}

static inline void lower_ttl(struct reading *r, uint32_t ttl)
{
    r->ttl = lesser_ttl(r->ttl, ttl);
}

/* Whether the i-th CNAME's owner is the k-th name of the chain. */
static enum bj_status owner_is(struct reading *r, size_t i, size_t k,
                               bool *same)
{
    struct bj_answer_scratch *s = r->scratch;
    struct bj_cursor c = bj_message_cursor(r->m, s->cnames[i].name_at);
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
    enum bj_status status = bj_rdata_name(r->m, &s->cnames[i], target);

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
            status = bj_rdata_name(r->m, &s->cnames[i], &target);
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

/* Whether the k-th name of the chain is spelled like that. */
static bool is_spelled(const struct bj_answer_scratch *s, size_t k,
                       const char *text, size_t len)
{
    return len == s->places[k].len &&
           memcmp(text, s->texts + s->places[k].at, len) == 0;
}

/* Whether a name of the chain is spelled like that. */
static bool is_met(const struct reading *r, const char *text, size_t len)
{
    for (size_t k = 0; k <= r->links; k++)
        if (is_spelled(r->scratch, k, text, len))
            return true;
    return false;
}

/* The chain's last name stands at `name_at` in the message, and its spelling,
 * `len` long, behind the others. */
static void note_spelling(struct reading *r, size_t len, size_t name_at)
{
    struct bj_answer_scratch *s = r->scratch;

    s->places[r->links].at = (uint16_t)r->texts_len;
    s->places[r->links].len = (uint16_t)len;
    s->chain_at[r->links] = (uint16_t)name_at;
    r->same_at = (uint16_t)name_at;
    r->texts_len += len + 1;
}

/* Spells the name at the cursor as the next of the chain; false if it is none,
 * or no host name, or one met before. */
static bool spell_next(struct reading *r, struct bj_cursor *c)
{
    char *text = r->scratch->texts + r->texts_len;
    size_t name_at = c->pos;
    size_t len = bj_name_read_host(c, text);

    if (len == 0 || is_met(r, text, len))
        return false;
    r->links += 1;
    note_spelling(r, len, name_at);
    return true;
}

/* Whether the owner at `name_at`, if it is no pointer to where the chain's last
 * name stands, is spelled like it. */
static bool owner_is_spelled(struct reading *r, size_t name_at)
{
    struct bj_cursor c = bj_message_cursor(r->m, name_at);
    char text[BJ_HOST_TEXT_MAX];
    size_t len = bj_name_read_host(&c, text);

    return len > 0 && is_spelled(r->scratch, r->links, text, len);
}

/* Continues the chain with a CNAME; false if it does not follow. */
static bool link_in_order(struct reading *r, const struct bj_record *record)
{
    /* Over all octets, for a name is read faster if others follow it. */
    struct bj_cursor c = bj_message_cursor(r->m, record->rdata_at);

    if (r->wanted_seen || r->links == BJ_CNAME_MAX ||
        (record->owner_at != r->same_at &&
         !owner_is_spelled(r, record->name_at)) ||
        !spell_next(r, &c) ||
        c.pos != (size_t)record->rdata_at + record->rdata_len)
        return false;
    lower_ttl(r, record->ttl);
    return true;
}

/* The chain's last name as octets; it was read before, as text or as these. */
static enum bj_status read_last(struct reading *r)
{
    struct bj_answer_scratch *s = r->scratch;
    struct bj_cursor c = bj_message_cursor(r->m, s->chain_at[r->links]);

    return bj_name_read(&c, &s->chain[r->links], NULL);
}

/* All CNAMEs, in the order they stand, unless that has been done. */
static enum bj_status collect_cnames(struct reading *r)
{
    struct bj_answer_scratch *s = r->scratch;
    struct bj_message answers = *r->m;
    struct bj_record record;
    enum bj_status status;

    if (r->collected)
        return BJ_OK;
    r->cname_count = 0;
    /* Ends: each turn reads a record. */
    for (;;) {
        bj_message_pass_others(&answers, BJ_TYPE_CNAME);
        if (answers.left == 0)
            break;
        status = bj_message_record_at(&answers, &answers.at.pos, &record, NULL);
        if (status != BJ_OK)
            return status;
        answers.left -= 1;
        if (record.class_number != BJ_CLASS_IN || record.type != BJ_TYPE_CNAME)
            continue;
        if (r->cname_count == BJ_CNAME_MAX)
            return BJ_LIMIT;
        s->cnames[r->cname_count] = record;
        s->owners[r->cname_count].len = 0;
        r->cname_count += 1;
    }
    r->collected = true;
    return BJ_OK;
}

/* The matcher for the chain's last name. BJ_NONE if that is not the last: a
 * CNAME is still to come, and to match twice would be twice the work. */
static enum bj_status start_matching(struct reading *r)
{
    struct bj_answer_scratch *s = r->scratch;
    enum bj_status status = collect_cnames(r);

    if (status == BJ_OK && r->in_order && r->cname_count > r->links)
        status = BJ_NONE;
    if (status == BJ_OK)
        status = read_last(r);
    if (status != BJ_OK)
        return status;
    bj_matcher_init(&s->matcher, r->m->at.len, &s->chain[r->links]);
    r->matching = true;
    return BJ_OK;
}

/* Whether any owner is the chain's last name, or why it is no name. Apart: few
 * owners are no pointers. */
__attribute__((noinline)) static enum bj_status
match_owner(struct reading *r, size_t name_at, bool *same)
{
    struct bj_cursor c = bj_message_cursor(r->m, name_at);

    return bj_matcher_match(&r->scratch->matcher, &c, same, NULL);
}

/* Whether the owner is the chain's last name. */
BJ_INLINE enum bj_status
owner_is_last(struct reading *r, const struct bj_record *record, bool *same)
{
    struct bj_matcher *matcher = &r->scratch->matcher;
    enum bj_status status = r->matching ? BJ_OK : start_matching(r);

    if (status != BJ_OK)
        return status;
    if (record->owner_at == 0 ||
        !bj_matcher_match_pointer(matcher, &r->m->at, record->owner_at, same))
        return match_owner(r, record->name_at, same);
    if (*same)
        r->same_at = record->owner_at;
    return BJ_OK;
}

static void take(struct reading *r, const struct bj_record *record)
{
    r->scratch->found_at[r->found_count] = record->rdata_at;
    r->found_count += 1;
    lower_ttl(r, record->ttl);
}

/* Takes a record of the type asked for if its owner is the chain's last
 * name. */
BJ_INLINE enum bj_status keep_wanted(struct reading *r,
                                     const struct bj_record *record)
{
    bool same = record->owner_at == r->same_at;
    enum bj_status status = BJ_OK;

    r->wanted_seen = true;
    if (!same)
        status = owner_is_last(r, record, &same);
    if (status != BJ_OK || !same)
        return status;
    if (r->rdata_len != 0 && record->rdata_len != r->rdata_len)
        return BJ_BAD;
    if (r->found_count == r->found_max)
        return BJ_LIMIT;
    take(r, record);
    return BJ_OK;
}

/*
 * Takes the addresses behind one that was taken, as long as they begin with
 * the same octets: a pointer to the chain's last name, type and class. So all
 * have one length, and *at then lies behind the last. Returns how many there
 * were; it may leave any to keep_wanted.
 */
static size_t keep_more(struct reading *r, const struct bj_record *first,
                        size_t *at, size_t left)
{
    enum { SAME_LEN = 2 + 2 + 2, FRONT_LEN = 2 + BJ_RECORD_FIXED_LEN };
    const size_t len = FRONT_LEN + r->rdata_len;
    struct bj_cursor same = bj_message_cursor(r->m, first->name_at);
    struct bj_cursor c = bj_message_cursor(r->m, *at);
    const uint8_t *octets = bj_cursor_bytes(&same, SAME_LEN);
    uint16_t *found_at = r->scratch->found_at + r->found_count;
    uint32_t ttl = r->ttl;
    size_t count = 0;

    if (first->owner_at != r->same_at || octets == NULL)
        return 0;
    if (left > r->found_max - r->found_count)
        left = r->found_max - r->found_count;
    /* Ends: each turn counts a record. */
    while (count < left && bj_cursor_left(&c) >= len) {
        struct bj_cursor front;
        uint32_t its_ttl;

        bj_cursor_init(&front, bj_cursor_bytes(&c, len), FRONT_LEN);
        if (memcmp(bj_cursor_bytes(&front, SAME_LEN), octets, SAME_LEN) != 0)
            break;
        its_ttl = bj_cursor_u32(&front);
        if (bj_cursor_u16(&front) != r->rdata_len)
            break;
        ttl = lesser_ttl(ttl, its_ttl);
        found_at[count] = (uint16_t)(c.pos - r->rdata_len);
        count += 1;
    }
    r->ttl = ttl;
    r->found_count += count;
    *at += count * len;
    return count;
}

/* To the authority section, for whoever looks for a SOA record. */
static void end_answers(struct reading *r, size_t at)
{
    r->m->at.pos = at;
    r->m->left = 0;
}

/*
 * The pass that suffices for most replies: aliases from the name asked for
 * on, each before what it leads to, then the records, and every name a host
 * name. If something is not so, or wrong, it ends, and r->in_order says that
 * nothing of it is to be believed: all must be read again.
 */
static enum bj_status read_in_order(struct reading *r)
{
    size_t at = r->m->at.pos;

    /* Ends: each turn counts a record. */
    for (size_t left = r->m->left; r->in_order && left > 0; left--) {
        struct bj_record record;
        enum bj_status status = bj_message_record_at(r->m, &at, &record, NULL);

        if (status != BJ_OK)
            return status;
        if (record.class_number != BJ_CLASS_IN)
            continue;
        if (record.type == BJ_TYPE_CNAME) {
            r->in_order = link_in_order(r, &record);
        } else if (record.type == r->type) {
            size_t before = r->found_count;

            r->in_order = keep_wanted(r, &record) == BJ_OK;
            if (r->found_count > before)
                left -= keep_more(r, &record, &at, left - 1);
        }
    }
    if (r->in_order)
        end_answers(r, at);
    return BJ_OK;
}

/* Follows the CNAMEs in whatever order they stand, and then takes the
 * records. */
static enum bj_status read_again(struct reading *r)
{
    size_t at = r->m->at.pos;
    struct bj_record record;
    enum bj_status status;

    r->ttl = UINT32_MAX;
    r->links = 0;
    r->matching = false;
    r->found_count = 0;
    status = collect_cnames(r);
    if (status == BJ_OK)
        status = read_last(r);
    if (status == BJ_OK)
        status = follow(r);
    r->same_at = r->scratch->chain_at[r->links];
    /* Ends: each turn counts a record. */
    for (size_t left = r->m->left; status == BJ_OK && left > 0; left--) {
        status = bj_message_record_at(r->m, &at, &record, NULL);
        if (status == BJ_OK && record.class_number == BJ_CLASS_IN &&
            record.type == r->type)
            status = keep_wanted(r, &record);
    }
    end_answers(r, at);
    return status;
}

/* RDATA whose length was seen to be right, into addresses, which are zero. */
BJ_INLINE void fill_addresses(const struct reading *r, enum bj_family family,
                              size_t len, struct bj_address *addresses)
{
    for (size_t i = 0; i < r->found_count; i++) {
        struct bj_cursor c = bj_message_cursor(r->m, r->scratch->found_at[i]);
        const uint8_t *octets = bj_cursor_bytes(&c, len);

        if (octets == NULL)
            return;
        addresses[i].family = family;
        memcpy(addresses[i].octets, octets, len);
    }
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

static struct bj_text text_at(const char *room,
                              const struct bj_text_place *place)
{
    struct bj_text text = {room + place->at, place->len};

    return text;
}

/* The chain's last name is canonical, those before it are aliases. */
static void name_chain(const struct reading *r, struct bj_arena *arena,
                       struct bj_answer *answer)
{
    const struct bj_answer_scratch *s = r->scratch;
    struct bj_text *aliases = take_aliases(arena, r->links, answer);
    const char *room = bj_arena_text(arena, s->texts, r->texts_len - 1);

    if (room == NULL)
        return;
    answer->canonical = text_at(room, &s->places[r->links]);
    for (size_t k = 0; k < r->links; k++)
        aliases[k] = text_at(room, &s->places[k]);
}

/* Spells the names that were read as octets. */
static enum bj_status spell_chain(struct reading *r)
{
    struct bj_answer_scratch *s = r->scratch;
    size_t at = 0;

    for (size_t k = 0; k <= r->links; k++) {
        if (!bj_name_spell_host(&s->chain[k], s->texts + at))
            return BJ_BAD;
        s->places[k].at = (uint16_t)at;
        s->places[k].len = (uint16_t)(s->chain[k].len - 2U);
        at += s->chain[k].len - 1U;
    }
    r->texts_len = at;
    return BJ_OK;
}

static enum bj_status build_addresses(struct reading *r, struct bj_arena *arena,
                                      struct bj_answer *answer)
{
    struct bj_address *addresses = bj_arena_take_array(
        arena, r->found_count, sizeof(*addresses), _Alignof(struct bj_address));

    /* Apart, so that in each the length is known. */
    if (addresses != NULL && r->type == BJ_TYPE_A)
        fill_addresses(r, BJ_FAMILY_IP4, 4, addresses);
    else if (addresses != NULL)
        fill_addresses(r, BJ_FAMILY_IP6, 16, addresses);
    answer->addresses = addresses;
    answer->address_count = r->found_count;
    if (!r->in_order && spell_chain(r) != BJ_OK)
        return BJ_BAD;
    name_chain(r, arena, answer);
    return BJ_OK;
}

/* Spells the target of the i-th PTR record that was found; its length, or 0 if
 * it is no host name or does not fill the record. */
static size_t read_pointer(const struct reading *r, size_t i, char *text)
{
    struct bj_record record = {.rdata_at = r->scratch->found_at[i]};
    /* RDLENGTH is the two octets before RDATA. */
    struct bj_cursor c = bj_message_cursor(r->m, record.rdata_at - 2U);
    size_t len;

    record.rdata_len = bj_cursor_u16(&c);
    c = bj_message_rdata(r->m, &record);
    len = bj_name_read_host(&c, text);
    return bj_cursor_left(&c) == 0 ? len : 0;
}

/* PTR: the first target is canonical, the others are aliases. */
static enum bj_status build_names(const struct reading *r,
                                  struct bj_arena *arena,
                                  struct bj_answer *answer)
{
    struct bj_text *aliases = take_aliases(arena, r->found_count - 1, answer);

    for (size_t i = 0; i < r->found_count; i++) {
        char text[BJ_HOST_TEXT_MAX];
        struct bj_text name = {.len = read_pointer(r, i, text)};

        if (name.len == 0)
            return BJ_BAD;
        name.text = bj_arena_text(arena, text, name.len);
        if (i == 0)
            answer->canonical = name;
        else if (aliases != NULL)
            aliases[i - 1] = name;
    }
    return BJ_OK;
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

    /* Ends: each turn reads a record. */
    do {
        if (bj_message_find(r->m, BJ_TYPE_SOA, &record) != BJ_OK)
            return 0;
    } while (record.section != BJ_SECTION_AUTHORITY ||
             record.class_number != BJ_CLASS_IN);
    c = bj_message_cursor(r->m, record.name_at);
    if (bj_name_read(&c, &owner, NULL) != BJ_OK || read_last(r) != BJ_OK ||
        !bj_name_is_within(&r->scratch->chain[r->links], &owner) ||
        bj_rdata_soa(r->m, &record, &soa) != BJ_OK)
        return 0;
    lower_ttl(r, record.ttl);
    lower_ttl(r, soa.minimum);
    return r->ttl;
}

/* Starts at the chain's first name, the one asked for, at `name_at`; its
 * spelling is `len` long, 0 if it is no host name. */
BJ_INLINE enum bj_status start_chain(struct reading *r, unsigned type,
                                     size_t name_at, size_t len)
{
    if (type != BJ_TYPE_A && type != BJ_TYPE_AAAA && type != BJ_TYPE_PTR)
        return BJ_UNSUPPORTED;
    r->type = (uint16_t)type;
    r->rdata_len = type == BJ_TYPE_A ? 4 : type == BJ_TYPE_AAAA ? 16 : 0;
    r->found_max = type == BJ_TYPE_PTR ? BJ_PTR_MAX : BJ_ANSWER_ADDRESSES_MAX;
    r->in_order = len > 0;
    note_spelling(r, len, name_at);
    return bj_message_skip_questions(r->m);
}

static enum bj_status read_question(struct reading *r)
{
    struct bj_question question;
    struct bj_cursor c;
    enum bj_status status = bj_message_question(r->m, &question);

    if (status != BJ_OK || question.class_number != BJ_CLASS_IN)
        return status == BJ_OK || status == BJ_NONE ? BJ_UNSUPPORTED : status;
    c = bj_message_cursor(r->m, question.name_at);
    return start_chain(r, question.type, question.name_at,
                       bj_name_read_host(&c, r->scratch->texts));
}

/* The same where it is known to be the query's. */
static enum bj_status take_question(struct reading *r,
                                    const struct bj_query *query)
{
    memcpy(r->scratch->texts, query->host, query->host_len + 1U);
    bj_message_pass_question(r->m, query->question_len);
    return start_chain(r, query->type, BJ_HEADER_LEN, query->host_len);
}

/* All behind the question. */
static enum bj_status read_and_build(struct reading *r, struct bj_arena *arena,
                                     struct bj_answer *answer)
{
    enum bj_status status = read_in_order(r);

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

BJ_INLINE enum bj_status read_answer(struct bj_message *m,
                                     const struct bj_query *query,
                                     struct bj_answer_scratch *scratch,
                                     struct bj_arena *arena,
                                     struct bj_answer *answer)
{
    struct reading r = {.m = m, .ttl = UINT32_MAX, .scratch = scratch};
    enum bj_status status;

    *answer = (struct bj_answer){.ttl = 0};
    status = query != NULL ? take_question(&r, query) : read_question(&r);
    if (status == BJ_OK)
        status = read_and_build(&r, arena, answer);
    if (status == BJ_OK)
        return BJ_OK;
    *answer = (struct bj_answer){.ttl = 0};
    if (status == BJ_NONE)
        answer->ttl = negative_ttl(&r);
    return status;
}

enum bj_status bj_answer_read(struct bj_message *m,
                              struct bj_answer_scratch *scratch,
                              struct bj_arena *arena, struct bj_answer *answer)
{
    return read_answer(m, NULL, scratch, arena, answer);
}

enum bj_status bj_answer_read_reply(struct bj_message *m,
                                    const struct bj_query *query,
                                    struct bj_answer_scratch *scratch,
                                    struct bj_arena *arena,
                                    struct bj_answer *answer)
{
    return read_answer(m, query, scratch, arena, answer);
}
