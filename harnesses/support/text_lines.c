#include "harnesses/support/text_lines.h"

#include <stdlib.h>
#include <string.h>

#include "core/bytes/limits.h"
#include "harnesses/harness.h"

BJ_UNTRACED_BEGIN

char *bj_model_lines(const uint8_t *text, size_t len,
                     bool (*line)(void *context, char *text), void *context,
                     bool *full)
{
    char *copy = malloc(len + 1);
    bool more = true;

    if (copy == NULL)
        abort();
    memcpy(copy, text, len);
    copy[len] = '\0';
    for (size_t from = 0, to; from < len && more; from = to + 1) {
        const char *end = memchr(copy + from, '\n', len - from);

        to = end == NULL ? len : (size_t)(end - copy);
        copy[to] = '\0';
        if (to - from <= BJ_CONFIG_LINE_MAX)
            more = line(context, copy + from);
    }
    *full = !more;
    return copy;
}

char *bj_model_first_field(char *line, char **state)
{
    line[strcspn(line, "#")] = '\0';
    *state = NULL;
    return strtok_r(line, BJ_MODEL_WHITE, state);
}

bool bj_model_add(struct bj_model_names *names, char *name)
{
    if (names->count == BJ_MODEL_NAMES)
        return false;
    names->names[names->count++] = name;
    return true;
}

bool bj_model_add_rest(struct bj_model_names *names, char **state,
                       bool (*fits)(char *name))
{
    char *name;

    while ((name = strtok_r(NULL, BJ_MODEL_WHITE, state)) != NULL)
        if (fits(name) && !bj_model_add(names, name))
            return false;
    return true;
}

bool bj_model_has(const struct bj_model_names *names, const char *name,
                  int (*compare)(const char *, const char *))
{
    for (size_t i = 0; i < names->count; i++)
        if (compare(names->names[i], name) == 0)
            return true;
    return false;
}

bool bj_model_is(const struct bj_field *field, const char *text)
{
    return field->len == strlen(text) &&
           memcmp(field->text, text, field->len) == 0;
}

BJ_UNTRACED_END
