/*
 * nsswitch.conf; the last byte holds the results that services give, two
 * bits each. Oracles: the lists, against a reader of C strings written for
 * this file from nsswitch.conf(5) and asked line by line; the walk, against
 * a loop over the list; what was read, written out in full and read again.
 */
#include "core/bytes/limits.h"
#include "core/bytes/writer.h"
#include "core/config/nsswitch.h"
#include "harnesses/harness.h"

#include <strings.h>

BJ_UNTRACED_BEGIN

static const char white[] = " \t\n\v\f\r";
static const char *const results[] = {"success", "notfound", "unavail",
                                      "tryagain"};
static const char *const services[] = {"files", "dns", "other"};

/* "[!]status = action" at *at, moved behind it; false if it is none. */
static bool model_criterion(char **at, struct bj_nss_source *source)
{
    bool not = **at == '!';
    char *equals, *status = *at + not ;
    size_t len, which = 0;
    bool action;

    equals = strchr(status, '=');
    if (equals == NULL)
        return false;
    len = (size_t)(equals - status);
    while (len > 0 && strchr(white, status[len - 1]) != NULL)
        len--;
    while (which < 4 && (strlen(results[which]) != len ||
                         strncasecmp(results[which], status, len) != 0))
        which++;
    status = equals + 1 + strspn(equals + 1, white);
    len = strcspn(status, " \t\n\v\f\r[]=");
    action = len == 6;
    if (which == 4 || (len != 6 && len != 8) ||
        strncasecmp(status, action ? "return" : "continue", len) != 0)
        return false;
    for (size_t i = 0; i < 4; i++)
        source->returns[i] = (i == which) == not ? source->returns[i] : action;
    *at = status + len + strspn(status + len, white);
    return true;
}

/* What stands behind "hosts:"; false if it breaks the grammar. */
static bool model_list(char *at, struct bj_nss_list *list)
{
    memset(list, 0, sizeof(*list));
    for (at += strspn(at, white); *at != '\0'; at += strspn(at, white)) {
        size_t len = strcspn(at, " \t\n\v\f\r[]=");
        struct bj_nss_source *source;

        if (*at == '[' && list->count > 0) {
            at += 1 + strspn(at + 1, white);
            do {
                if (!model_criterion(&at, &list->sources[list->count - 1]))
                    return false;
            } while (*at != ']' && *at != '\0');
            if (*at++ != ']')
                return false;
            continue;
        }
        if (len == 0 || list->count == BJ_NSS_SERVICES_MAX)
            return false;
        source = &list->sources[list->count++];
        source->service = BJ_NSS_OTHER;
        if (len == 5 && strncmp(at, "files", 5) == 0)
            source->service = BJ_NSS_FILES;
        if (len == 3 && strncmp(at, "dns", 3) == 0)
            source->service = BJ_NSS_DNS;
        source->returns[BJ_NSS_SUCCESS] = true;
        at += len;
    }
    return true;
}

static bool same_list(const struct bj_nss_list *a, const struct bj_nss_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->sources[i].service != b->sources[i].service)
            return false;
        for (int r = 0; r < BJ_NSS_RESULTS; r++)
            if (a->sources[i].returns[r] != b->sources[i].returns[r])
                return false;
    }
    return true;
}

/* Whether the line is about the database; *line is moved behind its name and
 * colon, which may be missing if there is a blank. */
static bool model_named(char **line, const char *name)
{
    size_t len = strcspn(*line, " \t\n\v\f\r:");
    bool white_behind = (*line)[len] != '\0' && (*line)[len] != ':';

    if (len != strlen(name) || strncmp(*line, name, len) != 0 ||
        (*line)[len] == '\0')
        return false;
    *line += len;
    if (white_behind)
        *line += strspn(*line, white);
    *line += **line == ':';
    return true;
}

/* The last list that the text gives the database, line by line. */
static void check_database(const uint8_t *text, size_t len, const char *name,
                           const struct bj_nss_list *got,
                           const struct bj_nss_list *otherwise)
{
    struct bj_nss_list wanted = *otherwise, list;
    char *copy = malloc(len + 1);

    if (copy == NULL)
        abort();
    for (size_t from = 0, to; from < len; from = to + 1) {
        char *line = copy;

        for (to = from; to < len && text[to] != '\n'; to++)
            copy[to - from] = (char)text[to];
        copy[to - from] = '\0';
        line[strcspn(line, "#")] = '\0';
        line += strspn(line, white);
        if (to - from <= BJ_CONFIG_LINE_MAX && model_named(&line, name) &&
            model_list(line, &list))
            wanted = list;
    }
    BJ_CHECK(same_list(got, &wanted), "list");
    free(copy);
}

/* Each service in turn, by the definition. */
static void check_walk(const struct bj_nss_list *list, unsigned script)
{
    static const int known[] = {3, 1, 0, 2}; /* SUCCESS knows most */
    struct bj_nss_walk walk;
    enum bj_nss_step step = bj_nss_walk_begin(&walk, list);
    enum bj_nss_result best = BJ_NSS_UNAVAIL;
    size_t i;

    for (i = 0; i < list->count; i++) {
        const struct bj_nss_source *source = &list->sources[i];
        enum bj_nss_result result = BJ_NSS_UNAVAIL;

        if (source->service != BJ_NSS_OTHER) {
            result = (enum bj_nss_result)(script >> i % 4 * 2 & 3);
            BJ_CHECK((int)step == (int)source->service, "asked-in-turn");
            step = bj_nss_walk_step(&walk, result);
        }
        if (known[result] > known[best])
            best = result;
        if (source->returns[result])
            break;
    }
    BJ_CHECK(step == BJ_NSS_DONE, "walk-ends");
    BJ_CHECK(walk.result == best, "walk-result");
    BJ_CHECK(bj_nss_walk_step(&walk, BJ_NSS_SUCCESS) == BJ_NSS_DONE &&
                 walk.result == best,
             "done-is-done");
    bj_digest(&walk.result, sizeof(walk.result));
}

/* Every action written out, whatever is the default. */
static void write_list(struct bj_writer *w, const char *name,
                       const struct bj_nss_list *list)
{
    bj_writer_text(w, name);
    for (size_t i = 0; i < list->count; i++) {
        bj_writer_text(w, services[list->sources[i].service]);
        for (int r = 0; r < BJ_NSS_RESULTS; r++) {
            bj_writer_text(w, r == 0 ? "[" : " ");
            bj_writer_text(w, results[r]);
            bj_writer_text(w, list->sources[i].returns[r] ? "=Return"
                                                          : "= CONTINUE");
        }
        bj_writer_text(w, "]");
    }
    bj_writer_text(w, "\n");
}

static void check_written(const struct bj_nsswitch *parsed)
{
    uint8_t text[2 * (20 + 80 * BJ_NSS_SERVICES_MAX)];
    struct bj_nsswitch again;
    struct bj_writer w;

    bj_writer_init(&w, text, sizeof(text));
    write_list(&w, "services:", &parsed->services);
    write_list(&w, "hosts:", &parsed->hosts);
    BJ_CHECK(bj_writer_end(&w) == BJ_OK, "written-fits");
    bj_nsswitch_parse(text, w.len, &again);
    BJ_CHECK(again.ignored == 0, "written-is-well-formed");
    BJ_CHECK(same_list(&again.hosts, &parsed->hosts) &&
                 same_list(&again.services, &parsed->services),
             "written-reads-same");
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct bj_nss_list hosts = {
        .sources = {{BJ_NSS_FILES, {true}}, {BJ_NSS_DNS, {true}}}, .count = 2};
    static const struct bj_nss_list files = {
        .sources = {{BJ_NSS_FILES, {true}}}, .count = 1};
    unsigned script = bj_take_tail(data, &size);
    uint8_t *text = bj_exact_copy(data, size);
    struct bj_nsswitch parsed;

    bj_nsswitch_parse(text, size, &parsed);
    check_database(text, size, "hosts", &parsed.hosts, &hosts);
    check_database(text, size, "services", &parsed.services, &files);
    free(text);
    check_walk(&parsed.hosts, script);
    check_walk(&parsed.services, script);
    /* Costs as much as all the rest. */
    if (script % 4 == 0)
        check_written(&parsed);
    bj_digest(&parsed.ignored, sizeof(parsed.ignored));
    return 0;
}
