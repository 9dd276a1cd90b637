/*
 * A hosts file. Oracles: every line, name and address, against a reader of C
 * strings that asks libc's inet_pton and keeps all lines in a table searched
 * from the front; every name handed out is a host name by a rule written
 * here a second time; all of it lies in the text; the index is no larger
 * than promised.
 */
#include "core/config/hosts.h"
#include "harnesses/harness.h"
#include "harnesses/support/text_address.h"
#include "harnesses/support/text_lines.h"

#include <ctype.h>
#include <netinet/in.h>
#include <strings.h>

BJ_UNTRACED_BEGIN

#define LINES_MAX 64

struct model_line {
    struct bj_address address;
    char *zone; /* named, else NULL */
    struct bj_model_names names;
};

struct model {
    char *copy;
    struct model_line lines[LINES_MAX];
    size_t count;
    bool full; /* more than the model keeps: nothing is compared */
};

/* Cuts the labels apart one by one; a final dot is cut off for good. */
static bool model_name(char *name)
{
    size_t len = strlen(name);
    char *label = name;

    if (len > 0 && name[len - 1] == '.')
        name[--len] = '\0';
    if (len == 0 || len > 253)
        return false;
    for (;;) {
        size_t n = strcspn(label, ".");

        if (n < 1 || n > 63 || label[0] == '-')
            return false;
        for (size_t i = 0; i < n; i++)
            if (!isascii(label[i]) || (!isalnum((unsigned char)label[i]) &&
                                       label[i] != '-' && label[i] != '_'))
                return false;
        if (label[n] == '\0')
            return strspn(label, "0123456789") != n;
        label += n + 1;
    }
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
    if (token == NULL || !bj_model_address(token, &line->address, &line->zone))
        return true;
    if (!bj_model_add_rest(&line->names, &state, model_name))
        return false;
    m->count += line->names.count > 0;
    return true;
}

static void model_read(struct model *m, const uint8_t *text, size_t len)
{
    m->count = 0;
    m->copy = bj_model_lines(text, len, model_line, m, &m->full);
}

/* Whether the line has an address of the family, and which. */
static bool model_fits(const struct model_line *line, enum bj_family family,
                       struct bj_address *out)
{
    struct in6_addr octets;

    memcpy(&octets, line->address.octets, sizeof(octets));
    if (family == BJ_FAMILY_IP4 && line->address.family == BJ_FAMILY_IP6 &&
        IN6_IS_ADDR_V4MAPPED(&octets)) {
        memset(out, 0, sizeof(*out));
        out->family = BJ_FAMILY_IP4;
        memcpy(out->octets, octets.s6_addr + 12, 4);
        return true;
    }
    *out = line->address;
    return family == BJ_FAMILY_ANY || family == out->family;
}

static void check_line(const struct model *m, const struct model_line *line,
                       struct bj_hosts_line *got, const uint8_t *text)
{
    struct bj_field name;

    BJ_CHECK(got->zone.len == (line->zone == NULL ? 0 : strlen(line->zone)),
             "zone-length");
    BJ_CHECK(line->zone == NULL ||
                 memcmp(got->zone.text, line->zone, got->zone.len) == 0,
             "zone");
    for (size_t i = 0; i < line->names.count; i++) {
        BJ_CHECK(bj_hosts_name(got, &name), "name-lost");
        BJ_CHECK(name.text == text + (size_t)(line->names.names[i] - m->copy),
                 "name-in-place");
        BJ_CHECK(name.len == strlen(line->names.names[i]), "name-whole");
        bj_digest(name.text, name.len);
    }
    BJ_CHECK(!bj_hosts_name(got, &name) && name.len == 0, "no-name-made-up");
}

/* The name with its case turned and perhaps a final dot: the same name. */
static struct bj_field disguise(const char *name, char *out, bool dot)
{
    struct bj_field field = {(const uint8_t *)out, strlen(name)};

    for (size_t i = 0; i < field.len; i++)
        out[i] =
            (char)(isalpha((unsigned char)name[i]) ? name[i] ^ 32 : name[i]);
    if (dot)
        out[field.len++] = '.';
    return field;
}

static void check_name(const struct model *m, const struct bj_hosts *hosts,
                       const struct bj_hash_key *key, const char *name,
                       enum bj_family family)
{
    char disguised[260];
    struct bj_field field = disguise(name, disguised, family != BJ_FAMILY_ANY);
    struct bj_hosts_walk walk;
    struct bj_hosts_line got;
    struct bj_address address;

    bj_hosts_find_name(hosts, key, field.text, field.len, family, &walk);
    for (size_t i = 0; i < m->count; i++) {
        if (!bj_model_has(&m->lines[i].names, name, strcasecmp) ||
            !model_fits(&m->lines[i], family, &address))
            continue;
        BJ_CHECK(bj_hosts_next(&walk, &got), "line-of-name");
        BJ_CHECK(bj_address_equal(&got.address, &address), "address");
        check_line(m, &m->lines[i], &got, hosts->text);
    }
    BJ_CHECK(!bj_hosts_next(&walk, &got), "no-line-of-name");
}

static void check_address(const struct model *m, const struct bj_hosts *hosts,
                          const struct bj_hash_key *key,
                          const struct bj_address *wanted)
{
    struct bj_hosts_walk walk;
    struct bj_hosts_line got;
    struct bj_address address;

    bj_hosts_find_address(hosts, key, wanted, &walk);
    for (size_t i = 0; i < m->count; i++) {
        if (!model_fits(&m->lines[i], wanted->family, &address) ||
            memcmp(address.octets, wanted->octets, 16) != 0 ||
            (address.scope != wanted->scope && address.scope != 0 &&
             wanted->scope != 0))
            continue;
        BJ_CHECK(bj_hosts_next(&walk, &got), "line-of-address");
        BJ_CHECK(bj_address_equal(&got.address, &address), "same-address");
        check_line(m, &m->lines[i], &got, hosts->text);
    }
    BJ_CHECK(!bj_hosts_next(&walk, &got), "no-line-of-address");
}

/* One for each name and each line. */
static size_t model_entries(const struct model *m)
{
    size_t count = m->count;

    for (size_t i = 0; i < m->count; i++)
        count += m->lines[i].names.count;
    return count;
}

/* A question for each line, another kind for each of six. */
static void check_model(const struct model *m, const struct bj_hosts *hosts,
                        const struct bj_hash_key *key)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct model_line *line = &m->lines[i];
        const char *first = line->names.names[0];
        const char *last = line->names.names[line->names.count - 1];
        size_t kind = (i + key->words[0]) % 6;
        struct bj_address address;

        if (kind == 0)
            check_name(m, hosts, key, last, BJ_FAMILY_ANY);
        else if (kind == 1)
            check_name(m, hosts, key, first, BJ_FAMILY_IP4);
        else if (kind == 2)
            check_name(m, hosts, key, last, BJ_FAMILY_IP6);
        else if (model_fits(line, kind == 3 ? BJ_FAMILY_IP4 : BJ_FAMILY_ANY,
                            &address))
            check_address(m, hosts, key, &address);
    }
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bj_hash_key key = {{size, UINT64_C(0x9e3779b97f4a7c15)}};
    uint8_t *text = bj_exact_copy(data, size);
    /* A name is two octets with the blank before it, and so is an address
     * with the newline: no text asks for more words. */
    size_t bound = 1 + (size / 2 + 1) * 9 / 2;
    struct bj_hosts hosts;
    uint32_t *words;
    struct model m;
    size_t needed = bound, again;
    /* Measured first or not: by an octet in the middle, for of text nothing is
     * taken off, and its ends are often the same. */
    bool measured = size == 0 || data[size / 2] % 4 == 0;

    if (measured) {
        BJ_CHECK(bj_hosts_build(&hosts, text, size, &key, NULL, 0, &needed) ==
                     (needed > 0 ? BJ_SPACE : BJ_OK),
                 "measure");
        BJ_CHECK(needed == 0 || (hosts.text == NULL && hosts.index.cap == 0),
                 "refused-is-empty");
    }
    words = malloc(4 * needed + 1);
    if (words == NULL)
        abort();
    BJ_CHECK(bj_hosts_build(&hosts, text, size, &key, words, needed, &again) ==
                 BJ_OK,
             "build");
    BJ_CHECK(again == needed || (!measured && again < bound), "needed-again");
    BJ_CHECK(again <= 1 + hosts.index.count * 9 / 2, "size-promised");
    model_read(&m, text, size);
    if (!m.full) {
        BJ_CHECK(hosts.index.count == model_entries(&m), "entries-counted");
        check_model(&m, &hosts, &key);
    }
    free(m.copy);
    free(words);
    free(text);
    return 0;
}
