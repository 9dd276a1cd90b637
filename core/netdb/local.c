#include "core/netdb/local.h"

#include <string.h>

#include "core/bytes/limits.h"

/* How much there is to be handed out. */
struct tally {
    size_t lines;
    size_t aliases;
};

/* Where the next alias and address go; NULL where there was no room. */
struct lists {
    struct bj_text *aliases;
    struct bj_address *addresses;
    size_t alias_count;
    size_t address_count;
};

static bool same(const struct bj_field *a, const struct bj_field *b)
{
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* Whether a name is an alias: all but the canonical one, which is the first
 * of the first line and may be the first of others again. */
static bool is_alias(const struct bj_field *canonical,
                     const struct bj_field *name, size_t line, size_t place)
{
    return place > 0 || (line > 0 && !same(canonical, name));
}

static struct tally count(const struct bj_hosts_walk *from, bool one_line)
{
    struct bj_hosts_walk walk = *from;
    struct tally tally = {0, 0};
    struct bj_hosts_line line;
    struct bj_field canonical = {NULL, 0}, name;

    /* Ends: each turn takes a line of the walk. */
    while ((tally.lines == 0 || !one_line) && bj_hosts_next(&walk, &line)) {
        for (size_t place = 0; bj_hosts_name(&line, &name); place++) {
            if (tally.lines == 0 && place == 0)
                canonical = name;
            tally.aliases += is_alias(&canonical, &name, tally.lines, place);
        }
        tally.lines += 1;
    }
    return tally;
}

static struct bj_text put_text(struct bj_arena *arena,
                               const struct bj_field *name)
{
    struct bj_text text;

    text.text = bj_arena_text(arena, (const char *)name->text, name->len);
    text.len = name->len;
    return text;
}

/* One line's names and address behind what is there already. */
static void put_line(struct bj_hosts_line *line, size_t number,
                     struct bj_field *canonical, struct lists *lists,
                     struct bj_arena *arena, struct bj_answer *answer)
{
    struct bj_field name;

    for (size_t place = 0; bj_hosts_name(line, &name); place++) {
        struct bj_text text;

        if (number == 0 && place == 0) {
            *canonical = name;
            answer->canonical = put_text(arena, &name);
        }
        if (!is_alias(canonical, &name, number, place))
            continue;
        text = put_text(arena, &name);
        if (lists->aliases != NULL)
            lists->aliases[lists->alias_count] = text;
        lists->alias_count += 1;
    }
    if (lists->addresses != NULL)
        lists->addresses[lists->address_count] = line->address;
    lists->address_count += 1;
}

/* Counts, takes the lists, fills them: both walks see the same lines. */
static enum bj_status build(struct bj_hosts_walk *walk, bool one_line,
                            struct bj_arena *arena, struct bj_answer *answer)
{
    struct tally tally = count(walk, one_line);
    struct lists lists = {.alias_count = 0};
    struct bj_field canonical = {NULL, 0};
    struct bj_hosts_line line;
    enum bj_status status;

    memset(answer, 0, sizeof(*answer));
    if (tally.lines == 0)
        return BJ_NONE;
    if (tally.lines > BJ_ANSWER_ADDRESSES_MAX)
        return BJ_LIMIT;
    lists.addresses =
        bj_arena_take_array(arena, tally.lines, sizeof(*lists.addresses),
                            _Alignof(struct bj_address));
    if (tally.aliases > 0)
        lists.aliases =
            bj_arena_take_array(arena, tally.aliases, sizeof(*lists.aliases),
                                _Alignof(struct bj_text));
    for (size_t i = 0; i < tally.lines && bj_hosts_next(walk, &line); i++)
        put_line(&line, i, &canonical, &lists, arena, answer);
    status = bj_arena_end(arena);
    if (status != BJ_OK) {
        memset(answer, 0, sizeof(*answer));
        return status;
    }
    answer->aliases = lists.aliases;
    answer->alias_count = lists.alias_count;
    answer->addresses = lists.addresses;
    answer->address_count = lists.address_count;
    return BJ_OK;
}

enum bj_status bj_local_by_name(const struct bj_hosts *hosts,
                                const struct bj_hash_key *key,
                                const struct bj_text *name,
                                enum bj_family family, struct bj_arena *arena,
                                struct bj_answer *answer)
{
    struct bj_hosts_walk walk;

    bj_hosts_find_name(hosts, key, (const uint8_t *)name->text, name->len,
                       family, &walk);
    return build(&walk, false, arena, answer);
}

enum bj_status bj_local_by_address(const struct bj_hosts *hosts,
                                   const struct bj_hash_key *key,
                                   const struct bj_address *address,
                                   struct bj_arena *arena,
                                   struct bj_answer *answer)
{
    struct bj_hosts_walk walk;

    bj_hosts_find_address(hosts, key, address, &walk);
    return build(&walk, true, arena, answer);
}
