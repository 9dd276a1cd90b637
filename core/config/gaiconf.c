#include "core/config/gaiconf.h"

#include <string.h>

#include "core/bytes/ascii.h"
#include "core/config/line.h"

/* glibc's INT_MAX. */
#define VALUE_MAX UINT32_C(2147483647)

/* PREFIX VALUE, both there and well formed. */
static bool read_row(struct bj_cursor *line, struct bj_policy_row *row)
{
    struct bj_field prefix, value;
    struct bj_cursor c;

    memset(row, 0, sizeof(*row));
    if (!bj_line_field(line, &prefix) || !bj_line_field(line, &value) ||
        bj_prefix_parse(prefix.text, prefix.len, &row->prefix) != BJ_OK)
        return false;
    bj_field_cursor(&value, &c);
    row->value = (uint32_t)bj_ascii_read_dec(&c, VALUE_MAX);
    return bj_cursor_end(&c) == BJ_OK;
}

/* A prefix within ::ffff:0:0/96 as the IPv4 prefix that it maps. */
static bool unmap(struct bj_prefix *prefix)
{
    struct bj_address address = {.family = BJ_FAMILY_IP6};

    if (prefix->family == BJ_FAMILY_IP4)
        return true;
    memcpy(address.octets, prefix->octets, sizeof(address.octets));
    if (prefix->bits < 96 || !bj_address_is_mapped(&address))
        return false;
    memset(prefix->octets, 0, sizeof(prefix->octets));
    memcpy(prefix->octets, address.octets + 12, 4);
    prefix->family = BJ_FAMILY_IP4;
    prefix->bits -= 96;
    return true;
}

static bool add_row(const struct bj_policy_row *row, struct bj_policy_row *rows,
                    size_t *count)
{
    if (*count == BJ_GAI_ROWS_MAX)
        return false;
    rows[*count] = *row;
    *count += 1;
    return true;
}

static bool read_reload(struct bj_cursor *line, struct bj_gaiconf *out)
{
    struct bj_field value;

    if (!bj_line_field(line, &value))
        return false;
    out->reload = bj_field_is(&value, "yes");
    return true;
}

/* False if the line is of a kind we know but says nothing. */
static bool read_line(struct bj_cursor *line, struct bj_gaiconf *out)
{
    struct bj_policy_row row;
    struct bj_field keyword;

    (void)bj_line_field(line, &keyword);
    if (bj_field_is(&keyword, "reload"))
        return read_reload(line, out);
    if (bj_field_is(&keyword, "label"))
        return read_row(line, &row) && row.prefix.family == BJ_FAMILY_IP6 &&
               add_row(&row, out->labels, &out->label_count);
    if (bj_field_is(&keyword, "precedence"))
        return read_row(line, &row) && row.prefix.family == BJ_FAMILY_IP6 &&
               add_row(&row, out->precedences, &out->precedence_count);
    if (bj_field_is(&keyword, "scopev4"))
        return read_row(line, &row) && unmap(&row.prefix) &&
               add_row(&row, out->scopes, &out->scope_count);
    return true;
}

void bj_gaiconf_parse(const uint8_t *text, size_t len, struct bj_gaiconf *out)
{
    struct bj_lines lines;
    struct bj_cursor line;

    memset(out, 0, sizeof(*out));
    bj_lines_init(&lines, text, len, 0);
    while (bj_lines_next(&lines, &line)) {
        bj_line_cut(&line, '#');
        if (!read_line(&line, out))
            out->ignored += 1;
    }
    out->ignored += lines.skipped;
}

void bj_gaiconf_policy(const struct bj_gaiconf *conf, struct bj_policy *out)
{
    out->labels = conf->labels;
    out->label_count = conf->label_count;
    out->precedences = conf->precedences;
    out->precedence_count = conf->precedence_count;
    out->scopes = conf->scopes;
    out->scope_count = conf->scope_count;
}
