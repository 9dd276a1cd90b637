/*
 * A lookup under one of several configurations; the rest of the input says
 * what each question to the DNS comes to. Oracles: the questions and the
 * outcome are those of a model that walks the same list of sources by hand;
 * special names are never asked for; it ends; the result can be written, and
 * has the addresses of whoever had them, of the families asked for.
 */
#include "core/bytes/cursor.h"
#include "core/resolve/inquiry.h"
#include "harnesses/harness.h"

enum { FILES_LEN = 512, MEMORY_LEN = 262144 };

/* Sources as letters: f files, d dns, o another; behind it the results after
 * which the lookup returns: s success, n not found, u unavailable, t try
 * again. */
static const struct {
    const char *text;
    const char *sources[4];
} lists[] = {
    {"hosts: files dns\n", {"fs", "ds"}},
    {"hosts: dns files\n", {"ds", "fs"}},
    {"hosts: files\n", {"fs"}},
    {"hosts: dns\n", {"ds"}},
    {"hosts: dns [!UNAVAIL=return] files\n", {"dsnt", "fs"}},
    {"hosts: files [SUCCESS=continue] dns\n", {"f", "ds"}},
    {"hosts: files [NOTFOUND=return] dns\n", {"fsn", "ds"}},
    {"hosts: mdns4 [UNAVAIL=return] files\n", {"ou", "fs"}},
    {"hosts: mdns4 dns dns\n", {"o", "ds", "ds"}},
    {"hosts: mdns4\n", {"o"}},
    {"hosts: dns [NOTFOUND=return] files\n", {"dsn", "fs"}},
};
#define LISTS (sizeof(lists) / sizeof(lists[0]))

static const char hosts_text[] = "192.0.2.1 four.test both.test localhost\n"
                                 "2001:db8::1 six.test both.test\n"
                                 "192.0.2.9 known.invalid\n";

static const struct {
    const char *name;
    bool four; /* the hosts file has it */
    bool six;
    enum bj_special special;
} names[] = {
    {"four.test", true, false, BJ_SPECIAL_NONE},
    {"six.test", false, true, BJ_SPECIAL_NONE},
    {"both.test.", true, true, BJ_SPECIAL_NONE},
    {"localhost", true, false, BJ_SPECIAL_LOOPBACK},
    {"a.localhost", false, false, BJ_SPECIAL_LOOPBACK},
    {"known.invalid", true, false, BJ_SPECIAL_ABSENT},
    {"x.onion", false, false, BJ_SPECIAL_ABSENT},
    {"nowhere", false, false, BJ_SPECIAL_NONE},
};
#define NAMES (sizeof(names) / sizeof(names[0]))

static const char *const resolvers[] = {
    "",
    "search a.test onion b.test\n",
    "search a.test\noptions no-aaaa\n",
    "search localhost a.test\noptions strict-error\nsortlist 192.0.2.0/24\n",
};

struct world {
    struct bj_files files;
    struct bj_search_rules rules;
    struct bj_fetch_desk desk;
    struct bj_inquiry inquiry;
    struct bj_inquiry_means means;
    uint8_t *buffers;
    size_t list;
    size_t name;
    size_t resolver;
    bool four;
    bool six;
    bool reverse;
    const uint8_t *outcomes;
    size_t outcome_count;
};

static enum bj_outcome outcome_at(const struct world *w, size_t i)
{
    static const enum bj_outcome all[] = {
        BJ_NO_NAME, BJ_NO_DATA,     BJ_SERVER_FAILED, BJ_TIMED_OUT,
        BJ_FAILED,  BJ_UNREACHABLE, BJ_FOUND,         BJ_NO_NAME};

    return i < w->outcome_count ? all[w->outcomes[i] % 8U] : BJ_NO_NAME;
}

/* ---- the model ---- */

struct model {
    size_t asked; /* questions so far */
    bool dns_asked;
    enum bj_outcome dns;
    char source; /* f, d, l, or 0 for nobody */
};

static bool fails(enum bj_outcome outcome)
{
    return outcome != BJ_FOUND && outcome != BJ_NO_DATA &&
           outcome != BJ_NO_NAME;
}

/* A name's one or two questions; AAAA is not asked with no-aaaa. */
static enum bj_outcome model_name(const struct world *w, struct model *m)
{
    enum bj_outcome four = BJ_NO_DATA;
    enum bj_outcome six = BJ_NO_DATA;

    if (w->four)
        four = outcome_at(w, m->asked++);
    if (w->six && w->resolver != 2)
        six = outcome_at(w, m->asked++);
    if (!w->four)
        return six;
    if (!w->six)
        return four;
    if (w->resolver == 3 && (fails(four) || fails(six)))
        return fails(four) ? four : six;
    if (four == BJ_FOUND || six == BJ_FOUND)
        return BJ_FOUND;
    return four == BJ_NO_DATA ? six : four;
}

static void model_search(const struct world *w, struct model *m)
{
    const char *text = names[w->name].name;
    struct bj_search search;
    struct bj_name name;

    BJ_CHECK(bj_search_init(&search, text, strlen(text), &w->rules) == BJ_OK,
             "model-name");
    while (bj_search_next(&search, &name))
        bj_search_report(&search, bj_special_of(&name) == BJ_SPECIAL_NONE
                                      ? model_name(w, m)
                                      : BJ_NO_NAME);
    m->dns = bj_search_outcome(&search);
}

/* What the DNS says in nsswitch.conf's letters. */
static char model_dns(const struct world *w, struct model *m)
{
    enum bj_special special =
        w->reverse ? BJ_SPECIAL_NONE : names[w->name].special;

    if (special == BJ_SPECIAL_LOOPBACK) {
        m->source = 'l';
        return 's';
    }
    if (special == BJ_SPECIAL_ABSENT)
        m->dns = BJ_NO_NAME;
    else if (!m->dns_asked && w->reverse)
        m->dns = outcome_at(w, m->asked++);
    else if (!m->dns_asked)
        model_search(w, m);
    m->dns_asked = true;
    if (m->dns == BJ_FOUND)
        m->source = 'd';
    switch (m->dns) {
    case BJ_FOUND:
        return 's';
    case BJ_NO_NAME:
    case BJ_NO_DATA:
        return 'n';
    case BJ_SERVER_FAILED:
        return 't';
    default:
        return 'u';
    }
}

static char model_files(const struct world *w, struct model *m)
{
    bool has = w->reverse || (w->four && names[w->name].four) ||
               (w->six && names[w->name].six);

    if (has)
        m->source = 'f';
    return has ? 's' : 'n';
}

static enum bj_outcome model_walk(const struct world *w, struct model *m)
{
    bool absent = false;

    for (size_t i = 0; i < 4 && lists[w->list].sources[i] != NULL; i++) {
        const char *source = lists[w->list].sources[i];
        char result = 'u';

        if (source[0] == 'f')
            result = model_files(w, m);
        else if (source[0] == 'd')
            result = model_dns(w, m);
        absent |= result == 'n';
        if (strchr(source + 1, result) != NULL)
            break;
    }
    if (m->source == 0 && !w->reverse &&
        names[w->name].special == BJ_SPECIAL_LOOPBACK)
        m->source = 'l';
    if (m->source != 0)
        return BJ_FOUND;
    if (m->dns_asked)
        return m->dns;
    return absent ? BJ_NO_NAME : BJ_FAILED;
}

/* ---- the run ---- */

/* An answer of one record of the type, or one name. */
static void answer_fetch(struct bj_fetch *fetch, enum bj_outcome outcome)
{
    struct bj_address address = {.family = fetch->type == 28 ? BJ_FAMILY_IP6
                                                             : BJ_FAMILY_IP4,
                                 .octets = {7}};
    struct bj_answer answer = {.canonical = {"found.test", 10},
                               .addresses = &address,
                               .address_count = fetch->type == 12 ? 0 : 1,
                               .ttl = 9};
    uint8_t value[128];
    struct bj_fetch from;
    struct bj_writer w;

    bj_writer_init(&w, value, sizeof(value));
    BJ_CHECK(bj_result_write_answer(&w, &answer) == BJ_OK, "value");
    bj_fetch_set(&from, &fetch->name, fetch->type, value);
    bj_fetch_settle(&from, outcome);
    if (outcome == BJ_FOUND)
        from.value_len = w.len;
    bj_fetch_share(fetch, &from);
}

static size_t run(struct world *w)
{
    size_t asked = 0;
    size_t budget = 2 * (BJ_SEARCH_MAX + 2);

    while (bj_inquiry_advance(&w->inquiry, &w->means, 1000, w->buffers)) {
        bool pending = false;

        BJ_CHECK(budget-- > 0, "ends");
        for (size_t i = 0; i < w->inquiry.fetch_count; i++) {
            struct bj_fetch *fetch = &w->inquiry.fetches[i];

            if (fetch->state != BJ_FETCH_PENDING)
                continue;
            pending = true;
            BJ_CHECK(bj_special_of(&fetch->name) == BJ_SPECIAL_NONE,
                     "special-is-not-asked");
            answer_fetch(fetch, outcome_at(w, asked++));
        }
        BJ_CHECK(pending, "something-to-ask");
    }
    return asked;
}

static void check_answer(const struct world *w, const struct model *m,
                         const struct bj_result *result)
{
    const struct bj_answer *answer = &result->answer;

    if (w->reverse) {
        BJ_CHECK(answer->address_count == 0 && answer->canonical.len > 0,
                 "names-only");
        return;
    }
    BJ_CHECK(answer->address_count > 0, "has-addresses");
    for (size_t i = 0; i < answer->address_count; i++) {
        bool six = answer->addresses[i].family == BJ_FAMILY_IP6;

        BJ_CHECK(six ? w->six : w->four, "family-asked-for");
        BJ_CHECK((answer->addresses[i].octets[0] == 7) == (m->source == 'd'),
                 "from-whom");
    }
}

static void check_result(struct world *w, size_t asked)
{
    static uint8_t octets[BJ_RESULT_MAX];
    struct model m = {.asked = 0};
    enum bj_outcome expected = model_walk(w, &m);
    struct bj_result result;
    struct bj_writer writer;

    bj_inquiry_result(&w->inquiry, &w->means, &result);
    BJ_CHECK(asked == m.asked, "asked-as-many");
    BJ_CHECK(result.outcome == expected, "outcome");
    bj_writer_init(&writer, octets, sizeof(octets));
    BJ_CHECK(bj_result_write(&writer, &result) == BJ_OK, "can-be-written");
    bj_digest(octets, writer.len);
    if (expected == BJ_FOUND)
        check_answer(w, &m, &result);
}

/* ---- the set-up ---- */

static void add(struct world *w, enum bj_frame_config config, const char *text)
{
    BJ_CHECK(bj_files_add(&w->files, config, (const uint8_t *)text,
                          strlen(text)) == BJ_OK,
             "text");
}

static void configure(struct world *w, void *memory, uint8_t *block)
{
    static const uint8_t key_octets[16] = {5};
    static struct bj_answer_scratch scratch;
    struct bj_hash_key key = bj_hash_key_make(key_octets);

    bj_files_init(&w->files, memory, FILES_LEN);
    add(w, BJ_CONFIG_HOSTS, hosts_text);
    add(w, BJ_CONFIG_NSSWITCH, lists[w->list].text);
    add(w, BJ_CONFIG_RESOLV_CONF, resolvers[w->resolver]);
    BJ_CHECK(bj_files_read(&w->files, &key) == BJ_OK, "read");
    w->rules.domains = w->files.resolvconf.search;
    w->rules.domain_count = w->files.resolvconf.search_count;
    w->rules.ndots = w->files.resolvconf.ndots;
    w->desk.scratch = &scratch;
    w->means = (struct bj_inquiry_means){.files = &w->files,
                                         .rules = &w->rules,
                                         .desk = &w->desk,
                                         .memory = block,
                                         .memory_len = MEMORY_LEN};
}

static void begin(struct world *w)
{
    struct bj_lookup lookup = {.port = 0};
    uint8_t octets[BJ_LOOKUP_MAX];
    struct bj_writer writer;

    if (w->reverse) {
        lookup.address = (struct bj_address){.family = BJ_FAMILY_IP4,
                                             .octets = {192, 0, 2, 1}};
    } else {
        lookup.name.text = names[w->name].name;
        lookup.name.len = strlen(lookup.name.text);
        lookup.ip4 = w->four;
        lookup.ip6 = w->six;
    }
    bj_writer_init(&writer, octets, sizeof(octets));
    BJ_CHECK(bj_lookup_write(&writer, &lookup) == BJ_OK, "lookup");
    BJ_CHECK(bj_inquiry_begin(&w->inquiry, &w->means, octets, writer.len) ==
                 BJ_OK,
             "begins");
}

/* Octets that are no lookup are refused, those that are one are not. */
static void check_raw(struct world *w, const uint8_t *data, size_t size)
{
    uint8_t *exact = bj_exact_copy(data, size);
    struct bj_lookup lookup;
    struct bj_cursor c;

    bj_cursor_init(&c, exact, size);
    BJ_CHECK(
        (bj_lookup_read(&c, &lookup) == BJ_OK) ==
            (bj_inquiry_begin(&w->inquiry, &w->means, exact, size) == BJ_OK),
        "takes-lookups-only");
    free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t *memory = malloc(bj_files_memory(FILES_LEN) + 8);
    uint8_t *block = malloc(MEMORY_LEN);
    struct world w = {.list = 0};
    struct bj_cursor c;
    uint8_t shape;

    w.buffers = malloc((size_t)BJ_INQUIRY_FETCHES * BJ_FETCH_BUFFER_LEN);
    if (memory == NULL || block == NULL || w.buffers == NULL)
        abort();
    bj_cursor_init(&c, data, size);
    w.list = bj_cursor_u8(&c) % LISTS;
    w.name = bj_cursor_u8(&c) % NAMES;
    shape = bj_cursor_u8(&c);
    w.reverse = shape % 8U == 7;
    w.four = !w.reverse && shape % 3U != 1;
    w.six = !w.reverse && shape % 3U != 0;
    w.resolver = shape / 64U;
    w.outcome_count = bj_cursor_left(&c);
    w.outcomes = bj_cursor_bytes(&c, w.outcome_count);
    configure(&w, memory, block);
    check_raw(&w, data, size);
    begin(&w);
    check_result(&w, run(&w));
    free(w.buffers);
    free(memory);
    free(block);
    return 0;
}
