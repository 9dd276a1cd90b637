#include "core/config/line.h"

#include "core/bytes/ascii.h"
#include "core/bytes/limits.h"

/* Sets a field to nothing. */
static void clear(struct bj_field *field)
{
    field->text = NULL;
    field->len = 0;
}

void bj_lines_init(struct bj_lines *lines, const uint8_t *text, size_t len,
                   size_t at)
{
    bj_cursor_init(&lines->rest, text, len);
    bj_cursor_skip(&lines->rest, at < len ? at : len);
    lines->at = lines->rest.pos;
    lines->skipped = 0;
}

bool bj_lines_next(struct bj_lines *lines, struct bj_cursor *line)
{
    /* Ends: each turn consumes a line, and there is one while octets are
     * left. */
    while (bj_cursor_left(&lines->rest) > 0) {
        size_t len = bj_cursor_until(&lines->rest, '\n');

        lines->at = lines->rest.pos;
        bj_cursor_narrow(&lines->rest, len, line);
        if (bj_cursor_left(&lines->rest) > 0)
            bj_cursor_skip(&lines->rest, 1);
        if (len <= BJ_CONFIG_LINE_MAX) {
            bj_line_cut(line, '\0');
            return true;
        }
        lines->skipped += 1;
    }
    bj_cursor_init(line, NULL, 0);
    return false;
}

void bj_line_cut(struct bj_cursor *line, uint8_t mark)
{
    struct bj_cursor kept;
    size_t len = bj_cursor_until(line, mark);

    bj_cursor_narrow(line, len, &kept);
    bj_cursor_init(line, kept.base, kept.len);
}

bool bj_line_field(struct bj_cursor *line, struct bj_field *field)
{
    bj_ascii_skip_space(line);
    field->len = bj_ascii_until_space(line);
    if (field->len == 0) {
        clear(field);
        return false;
    }
    field->text = bj_cursor_bytes(line, field->len);
    return true;
}

bool bj_field_is(const struct bj_field *field, const char *text)
{
    return bj_ascii_equal_text(field->text, field->len, text);
}

void bj_field_cursor(const struct bj_field *field, struct bj_cursor *c)
{
    bj_cursor_init(c, field->text, field->len);
}

bool bj_field_split(struct bj_field *field, uint8_t mark, struct bj_field *rest)
{
    struct bj_cursor c;
    size_t before;

    clear(rest);
    bj_field_cursor(field, &c);
    before = bj_cursor_until(&c, mark);
    if (before == field->len)
        return false;
    bj_cursor_skip(&c, before + 1);
    field->len = before;
    rest->len = bj_cursor_left(&c);
    rest->text = bj_cursor_bytes(&c, rest->len);
    return true;
}
