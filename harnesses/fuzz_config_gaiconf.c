/*
 * gai.conf. Oracles: every row of the three tables, against a reader of C
 * strings written for this file with strtok and inet_pton; bits behind a
 * prefix are clear; the policy points at what was read.
 */
#include "core/config/gaiconf.h"
#include "harnesses/harness.h"

#include <arpa/inet.h>
#include <errno.h>

BJ_UNTRACED_BEGIN

static const char white[] = " \t\v\f\r";

/* A decimal number without sign, at most max; no leading zeros if strict. */
static bool model_number(const char *text, unsigned long max, bool strict,
                         unsigned long *out)
{
    size_t digits = strspn(text, "0123456789");

    errno = 0;
    *out = strtoul(text, NULL, 10);
    return digits > 0 && text[digits] == '\0' && errno == 0 && *out <= max &&
           !(strict && digits > 1 && text[0] == '0');
}

/* Address and length of either family; whether it is one. */
static bool model_prefix(char *text, struct bj_prefix *out)
{
    char *slash = strchr(text, '/');
    unsigned long bits, width;

    memset(out, 0, sizeof(*out));
    if (slash != NULL)
        *slash++ = '\0';
    out->family = strchr(text, ':') != NULL ? BJ_FAMILY_IP6 : BJ_FAMILY_IP4;
    width = out->family == BJ_FAMILY_IP6 ? 128 : 32;
    bits = width;
    if (inet_pton(width == 128 ? AF_INET6 : AF_INET, text, out->octets) != 1 ||
        (slash != NULL && !model_number(slash, width, true, &bits)))
        return false;
    out->bits = (unsigned)bits;
    for (unsigned i = out->bits; i < width; i++)
        out->octets[i / 8] &= (uint8_t) ~(128U >> i % 8);
    return true;
}

/* The mapped form of IPv4, so that one test covers both ways to write it. */
static bool model_unmap(struct bj_prefix *prefix)
{
    static const uint8_t mapped[12] = {[10] = 255, [11] = 255};

    if (prefix->family == BJ_FAMILY_IP4)
        return true;
    if (prefix->bits < 96 || memcmp(prefix->octets, mapped, 12) != 0)
        return false;
    memmove(prefix->octets, prefix->octets + 12, 4);
    memset(prefix->octets + 4, 0, 12);
    prefix->bits -= 96;
    prefix->family = BJ_FAMILY_IP4;
    return true;
}

/* The keyword's table, NULL if it has none. */
static struct bj_policy_row *model_table(struct bj_gaiconf *m,
                                         const char *keyword, size_t **count)
{
    if (strcmp(keyword, "label") == 0)
        return *count = &m->label_count, m->labels;
    if (strcmp(keyword, "precedence") == 0)
        return *count = &m->precedence_count, m->precedences;
    if (strcmp(keyword, "scopev4") == 0)
        return *count = &m->scope_count, m->scopes;
    return NULL;
}

static void model_line(char *line, struct bj_gaiconf *m)
{
    char *state = NULL;
    char *keyword, *first, *second;
    struct bj_policy_row *rows, row;
    unsigned long value;
    size_t *count = NULL;

    line[strcspn(line, "#")] = '\0';
    keyword = strtok_r(line, white, &state);
    if (keyword == NULL)
        return;
    first = strtok_r(NULL, white, &state);
    second = first == NULL ? NULL : strtok_r(NULL, white, &state);
    if (strcmp(keyword, "reload") == 0) {
        if (first != NULL)
            m->reload = strcmp(first, "yes") == 0;
        else
            m->ignored++;
    }
    rows = model_table(m, keyword, &count);
    if (rows == NULL)
        return;
    if (second == NULL || !model_prefix(first, &row.prefix) ||
        !model_number(second, 2147483647, false, &value) ||
        (rows == m->scopes ? !model_unmap(&row.prefix)
                           : row.prefix.family != BJ_FAMILY_IP6) ||
        *count == BJ_GAI_ROWS_MAX) {
        m->ignored++;
        return;
    }
    row.value = (uint32_t)value;
    rows[(*count)++] = row;
}

static void model_read(const uint8_t *text, size_t len, struct bj_gaiconf *m)
{
    char *line = malloc(len + 1);

    if (line == NULL)
        abort();
    memset(m, 0, sizeof(*m));
    for (size_t from = 0, to; from < len; from = to + 1) {
        for (to = from; to < len && text[to] != '\n'; to++)
            line[to - from] = (char)text[to];
        line[to - from] = '\0';
        if (to - from <= BJ_CONFIG_LINE_MAX)
            model_line(line, m);
        else
            m->ignored++;
    }
    free(line);
}

static void check_rows(const struct bj_policy_row *got, size_t got_count,
                       const struct bj_policy_row *wanted, size_t wanted_count)
{
    BJ_CHECK(got_count == wanted_count, "row-count");
    for (size_t i = 0; i < got_count; i++) {
        BJ_CHECK(got[i].prefix.family == wanted[i].prefix.family, "family");
        BJ_CHECK(got[i].prefix.bits == wanted[i].prefix.bits, "bits");
        BJ_CHECK(memcmp(got[i].prefix.octets, wanted[i].prefix.octets, 16) == 0,
                 "octets");
        BJ_CHECK(got[i].value == wanted[i].value, "value");
        bj_digest(got[i].prefix.octets, 16);
    }
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *text = bj_exact_copy(data, size);
    struct bj_gaiconf got, wanted;
    struct bj_policy policy;

    bj_gaiconf_parse(text, size, &got);
    free(text);
    model_read(data, size, &wanted);
    bj_gaiconf_policy(&got, &policy);
    check_rows(policy.labels, policy.label_count, wanted.labels,
               wanted.label_count);
    check_rows(policy.precedences, policy.precedence_count, wanted.precedences,
               wanted.precedence_count);
    check_rows(policy.scopes, policy.scope_count, wanted.scopes,
               wanted.scope_count);
    BJ_CHECK(got.reload == wanted.reload, "reload");
    BJ_CHECK(got.ignored == wanted.ignored, "ignored");
    return 0;
}
