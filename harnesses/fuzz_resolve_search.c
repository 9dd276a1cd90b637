/*
 * A name, a search list, ndots and what each question comes to, out of the
 * input. Oracles: the names asked for and the outcome are those of a naive
 * reading of glibc's res_search on strings; the count is bounded; a name
 * that was asked for is valid, and none is asked for twice running.
 */
#include "core/bytes/cursor.h"
#include "core/resolve/search.h"
#include "harnesses/harness.h"

enum { DOMAINS = 6, ASKED = DOMAINS + 2 };

struct script {
    struct bj_search_rules rules;
    struct bj_field domains[DOMAINS];
    struct bj_field name;
    const uint8_t *outcomes;
    size_t outcome_count;
};

struct wire {
    uint8_t octets[BJ_NAME_MAX];
    size_t len;
};

static enum bj_outcome outcome_at(const struct script *s, size_t i)
{
    static const enum bj_outcome all[] = {
        BJ_NO_NAME, BJ_NO_DATA,     BJ_SERVER_FAILED, BJ_TIMED_OUT,
        BJ_FAILED,  BJ_UNREACHABLE, BJ_FOUND,         BJ_NO_NAME};

    return i < s->outcome_count ? all[s->outcomes[i] % 8U] : BJ_NO_NAME;
}

static struct bj_field read_field(struct bj_cursor *c)
{
    size_t len = bj_cursor_u8(c);
    struct bj_field field = {(const uint8_t *)"", 0};

    if (len > bj_cursor_left(c))
        len = bj_cursor_left(c);
    if (len > 0) {
        field.text = bj_cursor_bytes(c, len);
        field.len = len;
    }
    return field;
}

static void read_script(struct script *s, struct bj_cursor *c)
{
    uint8_t shape = bj_cursor_u8(c);

    memset(s, 0, sizeof(*s));
    s->rules.domains = s->domains;
    s->rules.ndots = shape % 16U;
    s->rules.no_tld = (shape & 16) != 0;
    s->rules.domain_count = shape / 32U % (DOMAINS + 1U);
    for (size_t i = 0; i < s->rules.domain_count; i++) {
        s->domains[i] = read_field(c);
        /* resolv.conf's reader gives the root as empty text. */
        if (s->domains[i].len == 1 && s->domains[i].text[0] == '.')
            s->domains[i].len = 0;
    }
    s->name = read_field(c);
    s->outcome_count = bj_cursor_left(c);
    s->outcomes = bj_cursor_bytes(c, s->outcome_count);
}

/* A text of plain labels to wire form; false for one that is no name. */
static bool to_wire(const char *text, size_t len, struct wire *out)
{
    size_t start = 0;

    memset(out, 0, sizeof(*out));
    if (len > 0 && text[len - 1] == '.')
        len -= 1;
    for (size_t i = 0; i <= len; i++) {
        size_t label = i - start;

        if (i < len && text[i] != '.')
            continue;
        if (label < 1 || label > 63 || out->len + label + 2 > BJ_NAME_MAX)
            return false;
        out->octets[out->len] = (uint8_t)label;
        memcpy(out->octets + out->len + 1, text + start, label);
        out->len += label + 1;
        start = i + 1;
    }
    out->len += 1;
    return true;
}

/* The model: what is asked for, and how it comes out. */
struct naive {
    struct wire asked[ASKED];
    size_t count;
    enum bj_outcome outcome;
};

/* Asks for the name with a domain, or without if that is NULL. False if
 * there is no such name; the outcome goes to *got. */
static bool naive_ask(const struct script *s, struct naive *n,
                      const struct bj_field *domain, enum bj_outcome *got)
{
    char text[600];
    size_t len = s->name.len;

    memcpy(text, s->name.text, len);
    if (domain != NULL && domain->len > 0) {
        text[len] = '.';
        memcpy(text + len + 1, domain->text, domain->len);
        len += 1 + domain->len;
    }
    if (!to_wire(text, len, &n->asked[n->count]))
        return false;
    *got = outcome_at(s, n->count);
    n->count += 1;
    return true;
}

/* Follows glibc's res_search. Returns true when it is over. */
static bool naive_list(const struct script *s, struct naive *n, bool as_is,
                       bool *root)
{
    bool no_data = false;
    bool failed = false;

    for (size_t i = 0; i < s->rules.domain_count; i++) {
        enum bj_outcome got;

        if (s->domains[i].len == 0 && (as_is || *root))
            continue;
        if (s->domains[i].len == 0)
            *root = true;
        if (!naive_ask(s, n, &s->domains[i], &got))
            continue;
        if (got == BJ_FOUND || got == BJ_UNREACHABLE) {
            n->outcome = got;
            return true;
        }
        no_data |= got == BJ_NO_DATA;
        failed |= got == BJ_SERVER_FAILED;
        if (!as_is)
            n->outcome = no_data ? BJ_NO_DATA : failed ? BJ_SERVER_FAILED : got;
        if (got != BJ_NO_DATA && got != BJ_NO_NAME && got != BJ_SERVER_FAILED)
            break;
    }
    return false;
}

static void naive_search(const struct script *s, struct naive *n)
{
    size_t dots = 0;
    bool trailing = s->name.text[s->name.len - 1] == '.';
    bool as_is;
    bool root = false;
    enum bj_outcome got;

    for (size_t i = 0; i < s->name.len; i++)
        dots += s->name.text[i] == '.';
    as_is = trailing || dots >= s->rules.ndots;
    n->outcome = BJ_NO_NAME;
    if (as_is) {
        (void)naive_ask(s, n, NULL, &got);
        n->outcome = got;
        if (got == BJ_FOUND || got == BJ_UNREACHABLE || trailing)
            return;
    }
    if (naive_list(s, n, as_is, &root))
        return;
    if (as_is || root ||
        (dots == 0 && s->rules.domain_count > 0 && s->rules.no_tld))
        return;
    (void)naive_ask(s, n, NULL, &got);
    if (got == BJ_FOUND || got == BJ_UNREACHABLE ||
        (n->outcome != BJ_NO_DATA && n->outcome != BJ_SERVER_FAILED))
        n->outcome = got;
}

/* Plain text has no escapes, which the model does not know. */
static bool is_plain(const struct script *s)
{
    if (memchr(s->name.text, '\\', s->name.len) != NULL)
        return false;
    for (size_t i = 0; i < s->rules.domain_count; i++)
        if (memchr(s->domains[i].text, '\\', s->domains[i].len) != NULL)
            return false;
    return true;
}

static void check_model(const struct script *s, const struct bj_name *asked,
                        size_t count, enum bj_outcome outcome)
{
    struct naive n = {.count = 0};

    naive_search(s, &n);
    BJ_CHECK(count == n.count, "asked-as-many");
    for (size_t i = 0; i < count; i++)
        BJ_CHECK(asked[i].len == n.asked[i].len &&
                     memcmp(asked[i].octets, n.asked[i].octets, asked[i].len) ==
                         0,
                 "asked-the-same");
    BJ_CHECK(outcome == n.outcome, "outcome");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bj_name asked[ASKED];
    struct bj_name beyond;
    struct wire whole;
    struct script s;
    struct bj_search search;
    struct bj_cursor c;
    enum bj_status status;
    bool plain;
    size_t count = 0;

    bj_cursor_init(&c, data, size);
    read_script(&s, &c);
    status = bj_search_init(&search, (const char *)s.name.text, s.name.len,
                            &s.rules);
    plain = is_plain(&s) && !(s.name.len == 1 && s.name.text[0] == '.');
    if (plain)
        BJ_CHECK((status == BJ_OK) ==
                     to_wire((const char *)s.name.text, s.name.len, &whole),
                 "accepts");
    while (count < ASKED && bj_search_next(&search, &asked[count])) {
        BJ_CHECK(asked[count].len > 0 &&
                     asked[count].octets[asked[count].len - 1] == 0,
                 "a-name");
        bj_digest(asked[count].octets, asked[count].len);
        bj_search_report(&search, outcome_at(&s, count));
        count += 1;
    }
    BJ_CHECK(!bj_search_next(&search, &beyond) && beyond.len == 0, "ends");
    BJ_CHECK(count <= s.rules.domain_count + 1, "bounded");
    if (status != BJ_OK)
        BJ_CHECK(count == 0 && bj_search_outcome(&search) == BJ_NO_NAME,
                 "no-name-no-question");
    else if (plain)
        check_model(&s, asked, count, bj_search_outcome(&search));
    return 0;
}
