#include "core/config/nsswitch.h"

#include <string.h>

#include "core/bytes/ascii.h"
#include "core/config/line.h"

/* glibc's actions where a line gives none: return on success, else go on. */
static void add_source(struct bj_nss_list *list, enum bj_nss_service service)
{
    struct bj_nss_source *source = &list->sources[list->count];

    memset(source, 0, sizeof(*source));
    source->service = service;
    source->returns[BJ_NSS_SUCCESS] = true;
    list->count += 1;
}

/* A word ends at white space or at what the grammar of criteria is made of. */
static bool ends_word(int ch)
{
    return ch < 0 || bj_ascii_is_space(ch) || ch == '[' || ch == ']' ||
           ch == '=';
}

static void read_word(struct bj_cursor *c, struct bj_field *word)
{
    struct bj_cursor ahead = *c;

    /* Ends: each turn consumes an octet, and the end ends a word. */
    while (!ends_word(bj_cursor_peek(&ahead)))
        bj_cursor_skip(&ahead, 1);
    word->len = ahead.pos - c->pos;
    word->text = bj_cursor_bytes(c, word->len);
}

/* The word's place in a table of words that may be in either case, or -1. */
static int find_word(const struct bj_field *word, const char *const *table,
                     int count)
{
    for (int i = 0; i < count; i++)
        if (bj_ascii_equal_nocase(word->text, word->len,
                                  (const uint8_t *)table[i], strlen(table[i])))
            return i;
    return -1;
}

/* "!"? STATUS "=" ACTION, blanks allowed around "=" and behind. */
static enum bj_status read_criterion(struct bj_cursor *c,
                                     struct bj_nss_source *source)
{
    static const char *const results[BJ_NSS_RESULTS] = {
        [BJ_NSS_SUCCESS] = "SUCCESS",
        [BJ_NSS_NOTFOUND] = "NOTFOUND",
        [BJ_NSS_UNAVAIL] = "UNAVAIL",
        [BJ_NSS_TRYAGAIN] = "TRYAGAIN",
    };
    /* No "merge": glibc has it for groups only. */
    static const char *const actions[] = {"continue", "return"};
    bool negated = bj_cursor_peek(c) == '!';
    struct bj_field word;
    int result, action;

    if (negated)
        bj_cursor_skip(c, 1);
    read_word(c, &word);
    result = find_word(&word, results, BJ_NSS_RESULTS);
    bj_ascii_skip_space(c);
    if (result < 0 || bj_cursor_u8(c) != '=')
        return BJ_BAD;
    bj_ascii_skip_space(c);
    read_word(c, &word);
    action = find_word(&word, actions, 2);
    if (action < 0)
        return BJ_BAD;
    /* "!" means every other result. */
    for (int i = 0; i < BJ_NSS_RESULTS; i++)
        if ((i == result) != negated)
            source->returns[i] = action == 1;
    bj_ascii_skip_space(c);
    return BJ_OK;
}

/* The criteria between brackets, at least one; the cursor is at "[". */
static enum bj_status read_criteria(struct bj_cursor *c,
                                    struct bj_nss_source *source)
{
    bj_cursor_skip(c, 1);
    bj_ascii_skip_space(c);
    /* Ends: each turn consumes a "=" or fails. */
    do {
        if (read_criterion(c, source) != BJ_OK)
            return BJ_BAD;
    } while (bj_cursor_left(c) > 0 && bj_cursor_peek(c) != ']');
    return bj_cursor_u8(c) == ']' ? BJ_OK : BJ_BAD;
}

static enum bj_nss_service service_named(const struct bj_field *name)
{
    if (bj_field_is(name, "files"))
        return BJ_NSS_FILES;
    return bj_field_is(name, "dns") ? BJ_NSS_DNS : BJ_NSS_OTHER;
}

/* What is behind the colon: services, each with criteria or without. */
static enum bj_status read_list(struct bj_cursor *c, struct bj_nss_list *list)
{
    bj_ascii_skip_space(c);
    /* Ends: each turn consumes a word of at least one octet or fails. */
    while (bj_cursor_left(c) > 0) {
        struct bj_field name;

        read_word(c, &name);
        if (name.len == 0)
            return BJ_BAD;
        if (list->count == BJ_NSS_SERVICES_MAX)
            return BJ_LIMIT;
        add_source(list, service_named(&name));
        bj_ascii_skip_space(c);
        while (bj_cursor_peek(c) == '[') {
            if (read_criteria(c, &list->sources[list->count - 1]) != BJ_OK)
                return BJ_BAD;
            bj_ascii_skip_space(c);
        }
    }
    return BJ_OK;
}

/*
 * The list that a line is about, or NULL: "name:", and as in glibc blanks
 * may stand before and behind the name, and then the colon may be missing.
 */
static struct bj_nss_list *read_database(struct bj_cursor *line,
                                         struct bj_nsswitch *out)
{
    struct bj_field name;
    bool parted;

    bj_ascii_skip_space(line);
    name.len = bj_ascii_until_space(line);
    parted = name.len < bj_cursor_left(line);
    if (bj_cursor_until(line, ':') < name.len)
        name.len = bj_cursor_until(line, ':');
    name.text = bj_cursor_bytes(line, name.len);
    bj_ascii_skip_space(line);
    if (bj_cursor_peek(line) == ':')
        bj_cursor_skip(line, 1);
    else if (!parted)
        return NULL;
    if (bj_field_is(&name, "hosts"))
        return &out->hosts;
    return bj_field_is(&name, "services") ? &out->services : NULL;
}

void bj_nsswitch_parse(const uint8_t *text, size_t len, struct bj_nsswitch *out)
{
    struct bj_lines lines;
    struct bj_cursor line;

    memset(out, 0, sizeof(*out));
    add_source(&out->hosts, BJ_NSS_FILES);
    add_source(&out->hosts, BJ_NSS_DNS);
    add_source(&out->services, BJ_NSS_FILES);
    bj_lines_init(&lines, text, len, 0);
    while (bj_lines_next(&lines, &line)) {
        struct bj_nss_list read = {.count = 0};
        struct bj_nss_list *list;

        bj_line_cut(&line, '#');
        list = read_database(&line, out);
        if (list == NULL)
            continue;
        if (read_list(&line, &read) == BJ_OK)
            memcpy(list, &read, sizeof(read));
        else
            out->ignored += 1;
    }
}

/* The better known of two results: see the header. */
static enum bj_nss_result combine(enum bj_nss_result a, enum bj_nss_result b)
{
    static const int weight[BJ_NSS_RESULTS] = {
        [BJ_NSS_UNAVAIL] = 0,
        [BJ_NSS_NOTFOUND] = 1,
        [BJ_NSS_TRYAGAIN] = 2,
        [BJ_NSS_SUCCESS] = 3,
    };

    return weight[b] > weight[a] ? b : a;
}

/* From the source at hand on: the first that we have, or the end. */
static enum bj_nss_step advance(struct bj_nss_walk *walk)
{
    /* Ends: each turn passes over a source. */
    while (walk->at < walk->list->count) {
        const struct bj_nss_source *source = &walk->list->sources[walk->at];

        if (source->service == BJ_NSS_FILES)
            return BJ_NSS_ASK_FILES;
        if (source->service == BJ_NSS_DNS)
            return BJ_NSS_ASK_DNS;
        if (source->returns[BJ_NSS_UNAVAIL])
            walk->at = walk->list->count;
        else
            walk->at += 1;
    }
    return BJ_NSS_DONE;
}

enum bj_nss_step bj_nss_walk_begin(struct bj_nss_walk *walk,
                                   const struct bj_nss_list *list)
{
    walk->list = list;
    walk->at = 0;
    walk->result = BJ_NSS_UNAVAIL;
    return advance(walk);
}

enum bj_nss_step bj_nss_walk_step(struct bj_nss_walk *walk,
                                  enum bj_nss_result result)
{
    if (walk->at >= walk->list->count)
        return BJ_NSS_DONE;
    /* A value outside the enum is a service that broke: it is unavailable. */
    if (result >= BJ_NSS_RESULTS)
        result = BJ_NSS_UNAVAIL;
    walk->result = combine(walk->result, result);
    if (walk->list->sources[walk->at].returns[result])
        walk->at = walk->list->count;
    else
        walk->at += 1;
    return advance(walk);
}
