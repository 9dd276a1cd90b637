#include "harnesses/support/naive_json.h"

#include <string.h>

struct json {
    const uint8_t *text;
    size_t len;
    size_t at;
};

static int peek(const struct json *j)
{
    return j->at < j->len ? j->text[j->at] : -1;
}

static bool eat(struct json *j, const char *word)
{
    size_t n = strlen(word);

    if (n > j->len - j->at || memcmp(j->text + j->at, word, n) != 0)
        return false;
    j->at += n;
    return true;
}

static bool is_hex(int ch)
{
    return ch > 0 && strchr("0123456789abcdefABCDEF", ch) != NULL;
}

/* Section 7. */
static bool string(struct json *j)
{
    if (!eat(j, "\""))
        return false;
    while (peek(j) >= 32 && peek(j) < 127 && peek(j) != '"') {
        if (!eat(j, "\\")) {
            j->at += 1;
        } else if (eat(j, "u")) {
            for (int i = 0; i < 4; i++, j->at++)
                if (!is_hex(peek(j)))
                    return false;
        } else if (peek(j) <= 0 || strchr("\"\\/bfnrt", peek(j)) == NULL) {
            return false;
        } else {
            j->at += 1;
        }
    }
    return eat(j, "\"");
}

/* Section 6, of which we write only whole numbers. */
static bool number(struct json *j)
{
    size_t start = j->at;

    if (eat(j, "0"))
        return true;
    while (peek(j) >= '0' && peek(j) <= '9')
        j->at += 1;
    return j->at > start;
}

static bool value(struct json *j, int depth);

/* Sections 4 and 5. */
static bool list(struct json *j, bool named, const char *end, int depth)
{
    if (eat(j, end))
        return true;
    do {
        if (named && (!string(j) || !eat(j, ":")))
            return false;
        if (!value(j, depth + 1))
            return false;
    } while (eat(j, ","));
    return eat(j, end);
}

static bool value(struct json *j, int depth)
{
    if (depth > 32)
        return false;
    if (peek(j) == '"')
        return string(j);
    if (eat(j, "{"))
        return list(j, true, "}", depth);
    if (eat(j, "["))
        return list(j, false, "]", depth);
    return eat(j, "true") || eat(j, "false") || eat(j, "null") || number(j);
}

bool naive_json_is_value(const uint8_t *text, size_t len)
{
    struct json j = {text, len, 0};

    return value(&j, 0) && j.at == len;
}
