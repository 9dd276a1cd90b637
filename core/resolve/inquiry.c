#include "core/resolve/inquiry.h"

#include <string.h>

#include "core/dns/types.h"
#include "core/netdb/local.h"

enum bj_status bj_inquiry_begin(struct bj_inquiry *inquiry,
                                const struct bj_inquiry_means *m,
                                const uint8_t *octets, size_t len)
{
    struct bj_lookup *lookup = &inquiry->lookup;
    struct bj_cursor c;
    enum bj_status status;

    if (len > sizeof(inquiry->octets))
        return BJ_BAD;
    if (len > 0)
        memcpy(inquiry->octets, octets, len);
    bj_cursor_init(&c, inquiry->octets, len);
    status = bj_lookup_read(&c, lookup);
    if (status != BJ_OK)
        return status;
    inquiry->asking = false;
    inquiry->special = BJ_SPECIAL_NONE;
    inquiry->dns_asked = false;
    inquiry->dns = BJ_NO_NAME;
    inquiry->source = BJ_INQUIRY_NOBODY;
    inquiry->fetch_count = 0;
    inquiry->searches = lookup->name.len > 0;
    inquiry->step = BJ_NSS_DONE;
    if (!inquiry->searches && lookup->address.family == BJ_FAMILY_ANY)
        return BJ_OK;
    if (inquiry->searches &&
        bj_search_init(&inquiry->search, lookup->name.text, lookup->name.len,
                       m->rules) == BJ_OK)
        inquiry->special = bj_special_of(&inquiry->search.name);
    inquiry->step =
        bj_nss_walk_begin(&inquiry->walk, &m->files->nsswitch.hosts);
    return BJ_OK;
}

/* ---- files ---- */

static enum bj_family family_of(const struct bj_lookup *lookup)
{
    if (lookup->ip4 && lookup->ip6)
        return BJ_FAMILY_ANY;
    return lookup->ip4 ? BJ_FAMILY_IP4 : BJ_FAMILY_IP6;
}

/* Whether the hosts file has a line for it; it is read at the end. */
static enum bj_nss_result ask_files(struct bj_inquiry *inquiry,
                                    const struct bj_inquiry_means *m)
{
    const struct bj_lookup *lookup = &inquiry->lookup;
    const struct bj_hosts *hosts = &m->files->hosts;
    struct bj_hosts_walk walk;
    struct bj_hosts_line line;

    if (inquiry->searches)
        bj_hosts_find_name(hosts, &m->files->key,
                           (const uint8_t *)lookup->name.text, lookup->name.len,
                           family_of(lookup), &walk);
    else
        bj_hosts_find_address(hosts, &m->files->key, &lookup->address, &walk);
    if (!bj_hosts_next(&walk, &line))
        return BJ_NSS_NOTFOUND;
    inquiry->source = BJ_INQUIRY_FILES;
    return BJ_NSS_SUCCESS;
}

/* ---- the DNS ---- */

/* glibc's nss_dns: no answer at all is UNAVAIL. */
static enum bj_nss_result result_of_dns(enum bj_outcome outcome)
{
    switch (outcome) {
    case BJ_FOUND:
        return BJ_NSS_SUCCESS;
    case BJ_NO_NAME:
    case BJ_NO_DATA:
        return BJ_NSS_NOTFOUND;
    case BJ_SERVER_FAILED:
        return BJ_NSS_TRYAGAIN;
    default:
        return BJ_NSS_UNAVAIL;
    }
}

static void add_fetch(struct bj_inquiry *inquiry, uint16_t type,
                      const struct bj_name *name, uint8_t *buffers)
{
    size_t i = inquiry->fetch_count;

    bj_fetch_set(&inquiry->fetches[i], name, type,
                 buffers + i * BJ_FETCH_BUFFER_LEN);
    inquiry->fetch_count += 1;
}

/* The questions that a name comes to, answered as far as is known. */
static void set_fetches(struct bj_inquiry *inquiry,
                        const struct bj_inquiry_means *m,
                        const struct bj_name *name, uint64_t now_ms,
                        uint8_t *buffers)
{
    bool no_aaaa = m->files->resolvconf.flags[BJ_RESOLV_NO_AAAA];

    inquiry->fetch_count = 0;
    if (!inquiry->searches)
        add_fetch(inquiry, BJ_TYPE_PTR, name, buffers);
    if (inquiry->lookup.ip4)
        add_fetch(inquiry, BJ_TYPE_A, name, buffers);
    if (inquiry->lookup.ip6)
        add_fetch(inquiry, BJ_TYPE_AAAA, name, buffers);
    for (size_t i = 0; i < inquiry->fetch_count; i++) {
        struct bj_fetch *q = &inquiry->fetches[i];

        if (no_aaaa && q->type == BJ_TYPE_AAAA)
            bj_fetch_settle(q, BJ_NO_DATA);
        else
            (void)bj_fetch_recall(q, m->desk, now_ms);
    }
}

/* The next name to ask for; false if there is none. A search domain may make
 * a special name of an ordinary one: that is not asked for. */
static bool next_name(struct bj_inquiry *inquiry, struct bj_name *name)
{
    if (!inquiry->searches)
        return !inquiry->dns_asked &&
               bj_special_reverse(&inquiry->lookup.address, name);
    /* Ends: each turn takes a name of the search. */
    while (bj_search_next(&inquiry->search, name)) {
        if (bj_special_of(name) == BJ_SPECIAL_NONE)
            return true;
        bj_search_report(&inquiry->search, BJ_NO_NAME);
    }
    return false;
}

static bool all_over(const struct bj_inquiry *inquiry)
{
    for (size_t i = 0; i < inquiry->fetch_count; i++)
        if (inquiry->fetches[i].state != BJ_FETCH_OVER)
            return false;
    return true;
}

static bool is_failure(enum bj_outcome outcome)
{
    return outcome != BJ_FOUND && outcome != BJ_NO_DATA &&
           outcome != BJ_NO_NAME;
}

/* What the questions of a name came to, all being over. */
static enum bj_outcome join_fetches(const struct bj_inquiry *inquiry,
                                    const struct bj_inquiry_means *m)
{
    const struct bj_fetch *q = inquiry->fetches;

    if (inquiry->fetch_count == 1)
        return q[0].outcome;
    /* "strict-error": half an answer is none if the other half failed. */
    if (m->files->resolvconf.flags[BJ_RESOLV_STRICT_ERROR])
        for (size_t i = 0; i < inquiry->fetch_count; i++)
            if (is_failure(q[i].outcome))
                return q[i].outcome;
    return bj_outcome_join(q[0].outcome, q[1].outcome);
}

/* All questions of a name are over: what it says about the whole. */
static void report_name(struct bj_inquiry *inquiry,
                        const struct bj_inquiry_means *m)
{
    enum bj_outcome outcome = join_fetches(inquiry, m);

    inquiry->dns_asked = true;
    if (inquiry->searches)
        bj_search_report(&inquiry->search, outcome);
    inquiry->dns = outcome;
}

/* True while there is something to be asked; else inquiry->dns is how it
 * ended. Ends: each turn is one more name of the search. */
static bool ask_dns(struct bj_inquiry *inquiry,
                    const struct bj_inquiry_means *m, uint64_t now_ms,
                    uint8_t *buffers)
{
    for (;;) {
        struct bj_name name;

        if (inquiry->asking) {
            if (!all_over(inquiry))
                return true;
            report_name(inquiry, m);
            inquiry->asking = false;
            if (inquiry->dns == BJ_FOUND)
                return false;
        }
        if (!next_name(inquiry, &name))
            break;
        set_fetches(inquiry, m, &name, now_ms, buffers);
        inquiry->asking = true;
    }
    if (inquiry->searches)
        inquiry->dns = bj_search_outcome(&inquiry->search);
    return false;
}

/* The DNS once in each walk, however often a line names it: the second time
 * would say the same. True while it goes on. */
static bool visit_dns(struct bj_inquiry *inquiry,
                      const struct bj_inquiry_means *m, uint64_t now_ms,
                      uint8_t *buffers)
{
    if (inquiry->special != BJ_SPECIAL_NONE) {
        inquiry->dns_asked = true;
        if (inquiry->special == BJ_SPECIAL_LOOPBACK) {
            inquiry->dns = BJ_FOUND;
            inquiry->source = BJ_INQUIRY_LOOPBACK;
        }
        return false;
    }
    if (inquiry->dns_asked && !inquiry->asking && inquiry->dns == BJ_FOUND)
        return false;
    if (ask_dns(inquiry, m, now_ms, buffers))
        return true;
    inquiry->dns_asked = true;
    if (inquiry->dns == BJ_FOUND)
        inquiry->source = BJ_INQUIRY_DNS;
    return false;
}

bool bj_inquiry_advance(struct bj_inquiry *inquiry,
                        const struct bj_inquiry_means *m, uint64_t now_ms,
                        uint8_t *buffers)
{
    /* Ends: each turn passes over a source. */
    while (inquiry->step != BJ_NSS_DONE) {
        enum bj_nss_result result;

        if (inquiry->step == BJ_NSS_ASK_FILES) {
            result = ask_files(inquiry, m);
        } else {
            if (visit_dns(inquiry, m, now_ms, buffers))
                return true;
            result = result_of_dns(inquiry->dns);
        }
        inquiry->step = bj_nss_walk_step(&inquiry->walk, result);
    }
    if (inquiry->source == BJ_INQUIRY_NOBODY &&
        inquiry->special == BJ_SPECIAL_LOOPBACK)
        inquiry->source = BJ_INQUIRY_LOOPBACK;
    return false;
}

/* ---- the end ---- */

static enum bj_outcome read_files(const struct bj_inquiry *inquiry,
                                  const struct bj_inquiry_means *m,
                                  struct bj_answer *answer)
{
    const struct bj_lookup *lookup = &inquiry->lookup;
    const struct bj_hosts *hosts = &m->files->hosts;
    struct bj_arena arena;
    enum bj_status status;

    bj_arena_init(&arena, m->memory, m->memory_len);
    if (inquiry->searches)
        status = bj_local_by_name(hosts, &m->files->key, &lookup->name,
                                  family_of(lookup), &arena, answer);
    else
        status = bj_local_by_address(hosts, &m->files->key, &lookup->address,
                                     &arena, answer);
    /* Of an address the names are asked for. */
    if (!inquiry->searches) {
        answer->addresses = NULL;
        answer->address_count = 0;
    }
    return status == BJ_OK ? BJ_FOUND : BJ_FAILED;
}

/* The place of an address in the sort list; behind it if it has none, or is
 * no IPv4 address. */
static size_t rank(const struct bj_resolvconf *conf,
                   const struct bj_address *address)
{
    size_t i = 0;

    if (address->family != BJ_FAMILY_IP4)
        return conf->sortlist_count;
    for (; i < conf->sortlist_count; i++) {
        const struct bj_sortlist_entry *entry = &conf->sortlist[i];
        bool within = true;

        for (size_t k = 0; k < 4; k++)
            within = within &&
                     (address->octets[k] & entry->mask[k]) == entry->address[k];
        if (within)
            break;
    }
    return i;
}

/* Appends the addresses by their ranks, equal ones as they come. */
static void append_sorted(const struct bj_resolvconf *conf,
                          const struct bj_answer *from, struct bj_address *to,
                          size_t *count)
{
    for (size_t r = 0; r <= conf->sortlist_count; r++)
        for (size_t i = 0; i < from->address_count; i++)
            if (rank(conf, &from->addresses[i]) == r) {
                to[*count] = from->addresses[i];
                *count += 1;
            }
}

/*
 * The answers of both questions as one: the names of the first, and the
 * addresses of the first and then of the second, by the sort list.
 */
static enum bj_outcome join_answers(const struct bj_resolvconf *conf,
                                    const struct bj_answer *second,
                                    struct bj_arena *arena,
                                    struct bj_answer *first)
{
    size_t room = first->address_count + second->address_count;
    struct bj_address *addresses;
    size_t count = 0;

    if (second->address_count == 0 && conf->sortlist_count == 0)
        return BJ_FOUND;
    addresses = bj_arena_take_array(arena, room, sizeof(*addresses),
                                    _Alignof(struct bj_address));
    if (addresses == NULL)
        return room > 0 ? BJ_FAILED : BJ_FOUND;
    append_sorted(conf, first, addresses, &count);
    append_sorted(conf, second, addresses, &count);
    first->addresses = addresses;
    first->address_count = count;
    if (second->address_count > 0 && second->ttl < first->ttl)
        first->ttl = second->ttl;
    return BJ_FOUND;
}

static enum bj_outcome read_dns(const struct bj_inquiry *inquiry,
                                const struct bj_inquiry_means *m,
                                struct bj_answer *answer)
{
    struct bj_answer answers[BJ_INQUIRY_FETCHES];
    struct bj_arena arena;
    size_t count = 0;

    memset(answers, 0, sizeof(answers));
    bj_arena_init(&arena, m->memory, m->memory_len);
    for (size_t i = 0; i < inquiry->fetch_count; i++) {
        const struct bj_fetch *q = &inquiry->fetches[i];
        struct bj_cursor c;

        if (q->outcome != BJ_FOUND)
            continue;
        bj_cursor_init(&c, q->buffer, q->value_len);
        if (bj_result_read_answer(&c, &arena, &answers[count]) != BJ_OK)
            return BJ_FAILED;
        /* The value says how long it held when it came. */
        answers[count].ttl = q->ttl;
        count += 1;
    }
    *answer = answers[0];
    return join_answers(&m->files->resolvconf, &answers[1], &arena, answer);
}

static enum bj_outcome make_loopback(const struct bj_inquiry *inquiry,
                                     const struct bj_inquiry_means *m,
                                     struct bj_answer *answer)
{
    const struct bj_lookup *lookup = &inquiry->lookup;
    const struct bj_name *name = &inquiry->search.name;
    struct bj_address *addresses;
    struct bj_arena arena;
    char *text;

    bj_arena_init(&arena, m->memory, m->memory_len);
    addresses = bj_arena_take_array(&arena, 2, sizeof(*addresses),
                                    _Alignof(struct bj_address));
    text = bj_arena_take(&arena, name->len, 1);
    if (addresses == NULL || text == NULL)
        return BJ_FAILED;
    if (lookup->ip6)
        addresses[answer->address_count++] = bj_special_loopback(BJ_FAMILY_IP6);
    if (lookup->ip4)
        addresses[answer->address_count++] = bj_special_loopback(BJ_FAMILY_IP4);
    answer->addresses = addresses;
    answer->canonical.text = text;
    if (bj_name_spell_host(name, text))
        answer->canonical.len = name->len - 2U;
    return BJ_FOUND;
}

/* Nobody had it: the DNS, if it was asked, knows best why. */
static enum bj_outcome failure_of(const struct bj_inquiry *inquiry)
{
    if (inquiry->dns_asked)
        return inquiry->dns;
    return inquiry->walk.result == BJ_NSS_NOTFOUND ? BJ_NO_NAME : BJ_FAILED;
}

void bj_inquiry_result(const struct bj_inquiry *inquiry,
                       const struct bj_inquiry_means *m,
                       struct bj_result *result)
{
    const struct bj_lookup *lookup = &inquiry->lookup;

    memset(result, 0, sizeof(*result));
    result->outcome = BJ_FOUND;
    bj_files_service(m->files, lookup, result);
    if (lookup->address.family != BJ_FAMILY_ANY)
        result->domain = m->files->domain;
    if (!inquiry->searches && lookup->address.family == BJ_FAMILY_ANY)
        return;
    switch (inquiry->source) {
    case BJ_INQUIRY_FILES:
        result->outcome = read_files(inquiry, m, &result->answer);
        break;
    case BJ_INQUIRY_DNS:
        result->outcome = read_dns(inquiry, m, &result->answer);
        break;
    case BJ_INQUIRY_LOOPBACK:
        result->outcome = make_loopback(inquiry, m, &result->answer);
        break;
    case BJ_INQUIRY_NOBODY:
        result->outcome = failure_of(inquiry);
        break;
    }
    if (result->outcome != BJ_FOUND)
        memset(&result->answer, 0, sizeof(result->answer));
}
