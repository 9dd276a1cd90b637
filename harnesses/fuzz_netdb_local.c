/*
 * A hosts file whose last line is the question, a name or an address; the
 * last byte chooses family and capacity. Oracles: names and addresses
 * against a list made line by line; every pointer lies in the arena; one
 * octet less than needed is refused with the same number, and nothing is
 * left in the answer.
 */
#include "core/bytes/limits.h"
#include "core/netdb/local.h"
#include "harnesses/harness.h"

BJ_UNTRACED_BEGIN

enum { NAMES_MAX = 256, LINES_MAX = 64 };

/* Names in order, the canonical one first; addresses in order. */
struct model {
    struct bj_field names[NAMES_MAX];
    struct bj_address addresses[LINES_MAX];
    size_t name_count;
    size_t line_count;
    bool full; /* more than the model keeps: nothing is compared */
};

static void model_line(struct model *m, struct bj_hosts_line *line)
{
    struct bj_field name;
    bool first = true;

    m->full = m->full || m->line_count == LINES_MAX;
    while (!m->full && bj_hosts_name(line, &name)) {
        bool again = first && m->line_count > 0 &&
                     name.len == m->names[0].len &&
                     memcmp(name.text, m->names[0].text, name.len) == 0;

        first = false;
        m->full = m->name_count == NAMES_MAX;
        if (!m->full && !again)
            m->names[m->name_count++] = name;
    }
    if (!m->full)
        m->addresses[m->line_count++] = line->address;
}

static bool inside(const struct bj_arena *arena, const void *from, size_t len)
{
    const uint8_t *at = from;

    return at >= arena->base && at + len <= arena->base + arena->len;
}

static void check_text(const struct bj_arena *arena, const struct bj_text *got,
                       const struct bj_field *wanted)
{
    BJ_CHECK(inside(arena, got->text, got->len + 1), "text-in-arena");
    BJ_CHECK(got->len == wanted->len &&
                 memcmp(got->text, wanted->text, got->len) == 0,
             "name");
    BJ_CHECK(got->text[got->len] == '\0', "terminated");
    bj_digest(got->text, got->len);
}

static void check_answer(const struct bj_arena *arena,
                         const struct bj_answer *got, const struct model *m)
{
    BJ_CHECK(got->alias_count + 1 == m->name_count, "alias-count");
    BJ_CHECK(got->address_count == m->line_count, "address-count");
    check_text(arena, &got->canonical, &m->names[0]);
    for (size_t i = 0; i < got->alias_count; i++)
        check_text(arena, &got->aliases[i], &m->names[i + 1]);
    BJ_CHECK(inside(arena, got->addresses,
                    got->address_count * sizeof(got->addresses[0])),
             "addresses-in-arena");
    for (size_t i = 0; i < got->address_count; i++)
        BJ_CHECK(bj_address_equal(&got->addresses[i], &m->addresses[i]),
                 "address");
    BJ_CHECK(got->ttl == 0, "ttl");
}

/* What is asked: an address if it is one. */
struct question {
    struct bj_text name;
    struct bj_address address;
    enum bj_family family;
    bool by_address;
};

static enum bj_status ask(const struct bj_hosts *hosts,
                          const struct bj_hash_key *key,
                          const struct question *q, struct bj_arena *arena,
                          struct bj_answer *answer)
{
    return q->by_address
               ? bj_local_by_address(hosts, key, &q->address, arena, answer)
               : bj_local_by_name(hosts, key, &q->name, q->family, arena,
                                  answer);
}

static void model_read(struct model *m, const struct bj_hosts *hosts,
                       const struct bj_hash_key *key, const struct question *q)
{
    struct bj_hosts_walk walk;
    struct bj_hosts_line line;

    memset(m, 0, sizeof(*m));
    if (q->by_address)
        bj_hosts_find_address(hosts, key, &q->address, &walk);
    else
        bj_hosts_find_name(hosts, key, (const uint8_t *)q->name.text,
                           q->name.len, q->family, &walk);
    while (bj_hosts_next(&walk, &line)) {
        model_line(m, &line);
        if (q->by_address)
            break;
    }
}

/* Measures, then gives exactly that, one octet less, and `cap`. */
static void check_question(const struct bj_hosts *hosts,
                           const struct bj_hash_key *key,
                           const struct question *q, size_t cap)
{
    static const struct bj_answer zero;
    struct bj_answer answer;
    struct bj_arena arena;
    struct model m;
    enum bj_status status;
    size_t needed;
    void *memory;

    model_read(&m, hosts, key, q);
    bj_arena_init(&arena, NULL, 0);
    status = ask(hosts, key, q, &arena, &answer);
    BJ_CHECK(memcmp(&answer, &zero, sizeof(zero)) == 0, "zero-on-failure");
    BJ_CHECK(status == (m.line_count > 0 || m.full ? BJ_SPACE : BJ_NONE),
             "found");
    if (status == BJ_NONE)
        return;
    needed = arena.len;
    cap = cap < needed ? cap : needed - 1;
    memory = malloc(needed);
    if (memory == NULL)
        abort();
    bj_arena_init(&arena, memory, cap);
    BJ_CHECK(ask(hosts, key, q, &arena, &answer) == BJ_SPACE &&
                 arena.len == needed,
             "too-small");
    BJ_CHECK(memcmp(&answer, &zero, sizeof(zero)) == 0, "zero-when-too-small");
    bj_arena_init(&arena, memory, needed);
    BJ_CHECK(ask(hosts, key, q, &arena, &answer) == BJ_OK, "exact");
    if (!m.full)
        check_answer(&arena, &answer, &m);
    free(memory);
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bj_hash_key key = {{size, 1}};
    uint8_t options = bj_take_tail(data, &size);
    struct question q = {.family = (enum bj_family)(options % 3)};
    struct bj_hosts hosts;
    struct bj_zone zone;
    uint32_t *words;
    uint8_t *text;
    size_t needed, at = size;

    while (at > 0 && data[at - 1] != '\n')
        at--;
    text = bj_exact_copy(data, at);
    q.name.text = (const char *)data + at;
    q.name.len = size - at;
    q.by_address =
        bj_address_parse(data + at, size - at, &q.address, &zone) == BJ_OK;
    (void)!bj_hosts_build(&hosts, text, at, &key, NULL, 0, &needed);
    words = malloc(4 * needed + 1);
    if (words == NULL)
        abort();
    if (bj_hosts_build(&hosts, text, at, &key, words, needed, &needed) != BJ_OK)
        abort();
    check_question(&hosts, &key, &q, options / 3U * 8U);
    free(words);
    free(text);
    return 0;
}
