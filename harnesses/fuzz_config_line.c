/*
 * A text of lines; the last byte is the comment mark. Oracles: the fields,
 * against a splitter written the other way round (one pass over the octets
 * with a state, no cursor); everything lies in the text; a line begun again
 * at its offset is the same line.
 */
#include "core/bytes/limits.h"
#include "core/config/line.h"
#include "harnesses/harness.h"

BJ_UNTRACED_BEGIN

/* The next field that the text has from *at on, the naive way; *line counts
 * newlines passed, *quiet says that the line's rest does not count. */
struct model {
    const uint8_t *text;
    size_t len;
    size_t at;
    size_t line;
    bool quiet;
};

static bool white(uint8_t octet)
{
    return octet == 32 || (octet >= 9 && octet <= 13);
}

/* Whether the line that begins at `from` is too long to be read. */
static bool too_long(const struct model *m, size_t from)
{
    size_t n = 0;

    while (from + n < m->len && m->text[from + n] != '\n')
        n++;
    return n > BJ_CONFIG_LINE_MAX;
}

static bool model_field(struct model *m, uint8_t mark, size_t *from, size_t *to)
{
    *from = m->len;
    for (; m->at < m->len; m->at++) {
        uint8_t octet = m->text[m->at];
        bool starts = m->at == 0 || m->text[m->at - 1] == '\n';

        if (starts)
            m->quiet = too_long(m, m->at);
        if (octet == '\n' ||
            (!m->quiet && (octet == 0 || octet == mark || white(octet)))) {
            bool had = *from < m->at;

            *to = m->at;
            if (octet == 0 || octet == mark)
                m->quiet = true;
            if (had)
                return true;
            if (octet == '\n')
                m->line++;
            continue;
        }
        if (!m->quiet && *from == m->len)
            *from = m->at;
    }
    *to = m->len;
    return *from < m->len;
}

static void check_again(const uint8_t *text, size_t len, size_t at,
                        const struct bj_cursor *line)
{
    struct bj_lines lines;
    struct bj_cursor same;

    bj_lines_init(&lines, text, len, at);
    BJ_CHECK(bj_lines_next(&lines, &same), "again");
    BJ_CHECK(same.len == line->len &&
                 (line->len == 0 || same.base == line->base),
             "again-same");
    BJ_CHECK(lines.at == at, "again-at");
}

static void check_split(struct bj_field field, uint8_t mark)
{
    struct bj_field rest, whole = field;
    const void *hit = memchr(field.text, mark, field.len);

    BJ_CHECK(bj_field_split(&field, mark, &rest) == (hit != NULL),
             "split-found");
    if (hit == NULL)
        return;
    BJ_CHECK(field.text + field.len == hit, "split-before");
    BJ_CHECK(field.len + 1 + rest.len == whole.len, "split-behind");
    BJ_CHECK(rest.len == 0 || rest.text == (const uint8_t *)hit + 1,
             "split-rest");
}

BJ_UNTRACED_END

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t mark = bj_take_tail(data, &size);
    uint8_t *text = bj_exact_copy(data, size);
    struct model m = {.text = text, .len = size};
    struct bj_lines lines;
    struct bj_cursor line;
    size_t from, to, last = 0;

    /* White marks would be cut before they are seen as white. */
    if (white(mark) || mark == 0)
        mark = '#';
    bj_lines_init(&lines, text, size, 0);
    while (bj_lines_next(&lines, &line)) {
        struct bj_field field;

        BJ_CHECK(lines.at == 0 || lines.at > last, "ascending");
        BJ_CHECK(lines.at == 0 || text[lines.at - 1] == '\n', "at-start");
        check_again(text, size, lines.at, &line);
        last = lines.at;
        bj_line_cut(&line, mark);
        while (bj_line_field(&line, &field)) {
            BJ_CHECK(model_field(&m, mark, &from, &to), "no-field-made-up");
            BJ_CHECK(field.text == text + from, "field-in-place");
            BJ_CHECK(field.len == to - from, "field-whole");
            check_split(field, '/');
            bj_digest(field.text, field.len);
        }
        BJ_CHECK(field.len == 0 && field.text == NULL, "no-field-is-empty");
    }
    BJ_CHECK(!model_field(&m, mark, &from, &to), "no-field-lost");
    free(text);
    return 0;
}
