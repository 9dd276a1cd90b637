#include "tests/support/vectors.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void bj_vectors_open(struct bj_vectors *v, const char *name)
{
    char path[1024];

    memset(v, 0, sizeof(*v));
    (void)snprintf(path, sizeof(path), "%s/%s", BJ_VECTORS, name);
    v->file = fopen(path, "r");
    if (v->file == NULL)
        fail_msg("%s is not there", path);
}

static char *trim(char *text)
{
    size_t len;

    while (*text == ' ')
        text++;
    len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\n'))
        len--;
    text[len] = '\0';
    return text;
}

bool bj_vectors_next(struct bj_vectors *v, size_t fields)
{
    char *rest;

    do {
        if (fgets(v->line, sizeof(v->line), v->file) == NULL) {
            fclose(v->file);
            v->file = NULL;
            return false;
        }
        v->line_number++;
    } while (v->line[0] == '#' || v->line[0] == '\n');
    rest = v->line;
    v->field_count = 0;
    while (rest != NULL && v->field_count < BJ_VECTOR_FIELDS) {
        char *field = strsep(&rest, "|");

        v->fields[v->field_count++] = trim(field);
    }
    if (v->field_count != fields || rest != NULL)
        fail_msg("line %zu has not %zu fields", v->line_number, fields);
    return true;
}

void bj_vectors_each(const char *name, size_t fields,
                     void (*check)(struct bj_vectors *v))
{
    struct bj_vectors v;
    size_t count = 0;

    bj_vectors_open(&v, name);
    for (; bj_vectors_next(&v, fields); count++) {
        print_message("%s\n", v.fields[0]);
        check(&v);
    }
    assert_true(count > 0);
}

/* One item without its repetition; returns what follows it. */
static const char *read_item(const char *text, uint8_t *item, size_t *len)
{
    *len = 0;
    if (*text == '\'') {
        for (text++; *text != '\'' && *text != '\0'; text++)
            item[(*len)++] = (uint8_t)*text;
        return *text == '\'' ? text + 1 : NULL;
    }
    if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
        return NULL;
    char digits[3] = {text[0], text[1], '\0'};

    item[(*len)++] = (uint8_t)strtoul(digits, NULL, 16);
    return text + 2;
}

size_t bj_vector_octets(const char *text, uint8_t *out, size_t cap)
{
    static uint8_t item[BJ_VECTOR_LINE];
    size_t total = 0;

    while (*text != '\0') {
        size_t len;
        unsigned long times = 1;
        const char *next;

        if (*text == ' ') {
            text++;
            continue;
        }
        next = read_item(text, item, &len);
        if (next == NULL)
            fail_msg("no octets: %s", text);
        if (*next == '*') {
            char *end;

            times = strtoul(next + 1, &end, 10);
            next = end;
        }
        for (; times > 0; times--) {
            if (len > cap - total)
                fail_msg("over %zu octets", cap);
            memcpy(out + total, item, len);
            total += len;
        }
        text = next;
    }
    return total;
}

/* The character behind a backslash; returns what follows it. */
static const char *read_escape(const char *text, uint8_t *octet)
{
    static const char names[] = "nrt0\\";
    static const char values[] = "\n\r\t\0\\";
    const char *at = *text == '\0' ? NULL : strchr(names, *text);

    if (at != NULL) {
        *octet = (uint8_t)values[at - names];
        return text + 1;
    }
    if (text[0] != 'x' || !isxdigit((unsigned char)text[1]) ||
        !isxdigit((unsigned char)text[2]))
        fail_msg("no escape: %s", text);
    char digits[3] = {text[1], text[2], '\0'};

    *octet = (uint8_t)strtoul(digits, NULL, 16);
    return text + 3;
}

size_t bj_vector_text(const char *text, uint8_t *out, size_t cap)
{
    size_t total = 0;

    while (*text != '\0') {
        const char *item = text;
        size_t len = 1;
        unsigned long times = 1;
        uint8_t octet;

        if (strncmp(text, "\\{", 2) == 0) {
            char *colon;

            times = strtoul(text + 2, &colon, 10);
            item = colon + 1;
            len = strcspn(item, "}");
            if (*colon != ':' || item[len] != '}')
                fail_msg("no repetition: %s", text);
            text = item + len + 1;
        } else if (*text == '\\') {
            text = read_escape(text + 1, &octet);
            item = (const char *)&octet;
        } else {
            text++;
        }
        for (; times > 0; times--) {
            if (len > cap - total)
                fail_msg("over %zu octets", cap);
            memcpy(out + total, item, len);
            total += len;
        }
    }
    return total;
}

void bj_vectors_readings(const char *name, size_t least,
                         void (*read)(char *const *fields,
                                      char got[BJ_READING_MAX]))
{
    struct bj_vectors v;
    size_t count = 0;

    bj_vectors_open(&v, name);
    for (; bj_vectors_next(&v, 6); count++) {
        bool same = strcmp(v.fields[4], "=") == 0;
        const char *wanted = v.fields[same ? 3 : 4];
        char got[BJ_READING_MAX];

        read(v.fields, got);
        if (strcmp(got, wanted) != 0)
            fail_msg("%s, line %zu: %s\n  table: %s\n  we:    %s", name,
                     v.line_number, v.fields[0], wanted, got);
        assert_int_equal(same, strlen(v.fields[5]) == 0);
    }
    assert_true(count >= least);
}
