/*
 * A services file. Oracles: every line, name and port, against a reader of C
 * strings that keeps all lines in a table and searches it from the front;
 * everything handed out lies in the text; too little memory is refused.
 */
#include "core/config/services.h"
#include "harnesses/harness.h"
#include "harnesses/support/text_lines.h"

BJ_UNTRACED_BEGIN

#define LINES_MAX 64

struct model_line {
    unsigned long port;
    char *protocol;
    struct bj_model_names names;
};

struct model {
    char *copy;
    struct model_line lines[LINES_MAX];
    size_t count;
    bool full; /* more than the model keeps: nothing is compared */
};

static bool visible(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 33 || (unsigned char)*text > 126)
            return false;
    return true;
}

/* "80/tcp" cut in two where the slash is. */
static bool model_port(char *token, struct model_line *line)
{
    size_t digits = strspn(token, "0123456789");

    if (digits == 0 || token[digits] != '/' || token[digits + 1] == '\0')
        return false;
    line->port = strtoul(token, NULL, 10);
    line->protocol = token + digits + 1;
    return line->port <= 65535 && visible(line->protocol);
}

static bool model_line(void *context, char *text)
{
    struct model *m = context;
    struct model_line *line = m->lines + m->count;
    char *state;
    char *token = bj_model_first_field(text, &state);

    if (m->count == LINES_MAX)
        return false;
    line->names.count = 0;
    if (token == NULL || !visible(token))
        return true;
    (void)bj_model_add(&line->names, token);
    token = strtok_r(NULL, BJ_MODEL_WHITE, &state);
    if (token == NULL || !model_port(token, line))
        return true;
    if (!bj_model_add_rest(&line->names, &state, visible))
        return false;
    m->count++;
    return true;
}

static void model_read(struct model *m, const uint8_t *text, size_t len)
{
    m->count = 0;
    m->copy = bj_model_lines(text, len, model_line, m, &m->full);
}

static void check_line(const struct model *m, const struct model_line *line,
                       struct bj_service *got, const uint8_t *text)
{
    struct bj_field alias;

    BJ_CHECK(bj_model_is(&got->name, line->names.names[0]), "name");
    BJ_CHECK(got->name.text == text + (size_t)(line->names.names[0] - m->copy),
             "name-in-place");
    BJ_CHECK(bj_model_is(&got->protocol, line->protocol), "protocol");
    BJ_CHECK(got->port == line->port, "port");
    for (size_t i = 1; i < line->names.count; i++)
        BJ_CHECK(bj_service_alias(got, &alias) &&
                     bj_model_is(&alias, line->names.names[i]),
                 "alias");
    BJ_CHECK(!bj_service_alias(got, &alias) && alias.len == 0, "last-alias");
    bj_digest(got->name.text, got->name.len);
}

/* Every line with the name, or with the port if there is none, in order. */
static void check_walk(const struct model *m, struct bj_services_walk *walk,
                       const char *name, unsigned long port,
                       const char *protocol)
{
    const uint8_t *text = walk->services->text;
    struct bj_service got;

    for (size_t i = 0; i < m->count; i++) {
        const struct model_line *line = &m->lines[i];

        if (protocol != NULL && strcmp(protocol, line->protocol) != 0)
            continue;
        if (name != NULL ? !bj_model_has(&line->names, name, strcmp)
                         : line->port != port)
            continue;
        BJ_CHECK(bj_services_next(walk, &got), "line-found");
        check_line(m, line, &got, text);
    }
    BJ_CHECK(!bj_services_next(walk, &got), "no-line-made-up");
}

/* A question for each line, or for every other if there is an odd number of
 * octets; another kind for each of four. */
static void check_model(const struct model *m,
                        const struct bj_services *services,
                        const struct bj_hash_key *key)
{
    for (size_t i = 0; i < m->count; i += 1 + key->words[0] % 2) {
        const struct model_line *line = &m->lines[i];
        struct bj_services_walk walk;
        struct bj_field protocol = {(const uint8_t *)line->protocol,
                                    strlen(line->protocol)};
        const char *last = line->names.names[line->names.count - 1];
        struct bj_field name = {(const uint8_t *)last, strlen(last)};
        uint16_t port = (uint16_t)(line->port ^ (i % 8 == 3));

        if (i % 4 < 2) {
            bj_services_find_name(services, key, &name,
                                  i % 4 == 0 ? NULL : &protocol, &walk);
            check_walk(m, &walk, last, 0, i % 4 == 0 ? NULL : line->protocol);
        } else {
            bj_services_find_port(services, key, port,
                                  i % 4 == 2 ? NULL : &protocol, &walk);
            check_walk(m, &walk, NULL, port,
                       i % 4 == 2 ? NULL : line->protocol);
        }
    }
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bj_hash_key key = {{size, UINT64_C(0x5bd1e995)}};
    uint8_t *text = bj_exact_copy(data, size);
    /* A name is two octets with the blank behind it, and a port four: no
     * text asks for more words. */
    size_t bound = 1 + (size / 2 + 1) * 9 / 2;
    struct bj_services services;
    uint32_t *words;
    struct model m;
    size_t needed = bound, again;
    /* Measured first or not: by an octet in the middle, for of text nothing is
     * taken off, and its ends are often the same. */
    bool measured = size == 0 || data[size / 2] % 4 == 0;

    if (measured) {
        BJ_CHECK(bj_services_build(&services, text, size, &key, NULL, 0,
                                   &needed) == (needed > 0 ? BJ_SPACE : BJ_OK),
                 "measure");
        BJ_CHECK(needed == 0 ||
                     (services.text == NULL && services.index.cap == 0),
                 "refused-is-empty");
    }
    words = malloc(4 * needed + 1);
    if (words == NULL)
        abort();
    BJ_CHECK(bj_services_build(&services, text, size, &key, words, needed,
                               &again) == BJ_OK,
             "build");
    BJ_CHECK(again == needed || (!measured && again < bound), "needed-again");
    model_read(&m, text, size);
    if (!m.full)
        check_model(&m, &services, &key);
    BJ_CHECK(m.full || services.index.count == 0 || m.count > 0,
             "lines-that-are-none");
    free(m.copy);
    free(words);
    free(text);
    return 0;
}
