#include "harnesses/support/naive_addr.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harnesses/harness.h"

BJ_UNTRACED_BEGIN

/* The text as a C string, which the caller frees; NULL if it holds a NUL. */
static char *c_string(const uint8_t *text, size_t len)
{
    char *copy;

    if (len > 0 && memchr(text, 0, len) != NULL)
        return NULL;
    copy = malloc(len + 1);
    if (copy == NULL)
        abort();
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = 0;
    return copy;
}

bool naive_ip4(const uint8_t *text, size_t len, uint8_t out[4])
{
    char *copy = c_string(text, len);
    char printed[16];
    unsigned v[4];
    bool ok = copy != NULL && len < sizeof(printed) &&
              sscanf(copy, "%3u.%3u.%3u.%3u", &v[0], &v[1], &v[2], &v[3]) == 4;

    for (size_t i = 0; ok && i < 4; i++) {
        ok = v[i] <= 255;
        out[i] = (uint8_t)v[i];
    }
    if (ok) {
        snprintf(printed, sizeof(printed), "%u.%u.%u.%u", out[0], out[1],
                 out[2], out[3]);
        ok = strcmp(printed, copy) == 0;
    }
    free(copy);
    return ok;
}

/* One part in the base that C17 gives it; strtoull would take more than we:
 * signs, white space, and in base 0 the binary numbers of C23. */
static bool legacy_part(const char *part, uint64_t max, uint64_t *value)
{
    char *end;
    int base = 10;

    if (!isxdigit((unsigned char)part[0]))
        return false;
    if (part[0] == '0')
        base = part[1] == 'x' || part[1] == 'X' ? 16 : 8;
    errno = 0;
    *value = strtoull(part, &end, base);
    return errno == 0 && *end == 0 && *value <= max;
}

bool naive_ip4_legacy(const uint8_t *text, size_t len, uint8_t out[4])
{
    static const uint64_t max_last[4] = {0xffffffff, 0xffffff, 0xffff, 0xff};
    char *copy = c_string(text, len);
    char *rest = copy;
    uint64_t value = 0;
    uint64_t address = 0;
    bool ok = copy != NULL;
    size_t parts = 0;

    while (ok && rest != NULL && parts < 4) {
        char *part = strsep(&rest, ".");

        ok = legacy_part(part, rest != NULL ? 255 : max_last[parts], &value);
        if (rest != NULL)
            address |= value << (24 - 8 * parts);
        else
            address |= value;
        parts++;
    }
    ok = ok && rest == NULL;
    for (size_t i = 0; i < 4; i++)
        out[i] = (uint8_t)(ok ? address >> (24 - 8 * i) : 0);
    free(copy);
    return ok;
}

/* Appends the groups of one side of "::" (all of them without one). */
static bool side(char *text, uint8_t *out, size_t *used)
{
    char *rest = text;

    *used = 0;
    if (*text == 0)
        return true;
    while (rest != NULL) {
        char *group = strsep(&rest, ":");
        size_t len = strlen(group);

        if (rest == NULL && strchr(group, '.') != NULL) {
            if (*used > 12 ||
                !naive_ip4((const uint8_t *)group, len, out + *used))
                return false;
            *used += 4;
            return true;
        }
        if (*used > 14 || len < 1 || len > 4 ||
            strspn(group, "0123456789abcdefABCDEF") != len)
            return false;
        out[*used] = (uint8_t)(strtoul(group, NULL, 16) >> 8);
        out[*used + 1] = (uint8_t)strtoul(group, NULL, 16);
        *used += 2;
    }
    return true;
}

bool naive_ip6(const uint8_t *text, size_t len, uint8_t out[16])
{
    char *copy = c_string(text, len);
    char *gap = copy == NULL ? NULL : strstr(copy, "::");
    uint8_t left[16] = {0}, right[16] = {0};
    size_t left_len = 0, right_len = 0;
    bool ok = copy != NULL && len > 0;

    memset(out, 0, 16);
    if (ok && gap != NULL) {
        *gap = 0;
        /* A dotted quad ends the whole address, not its left half. */
        ok = strchr(copy, '.') == NULL && side(copy, left, &left_len) &&
             side(gap + 2, right, &right_len) && left_len + right_len <= 14;
    } else if (ok) {
        ok = side(copy, left, &left_len) && left_len == 16;
    }
    if (ok) {
        memcpy(out, left, left_len);
        memcpy(out + 16 - right_len, right, right_len);
    }
    free(copy);
    return ok;
}

enum naive_zone naive_zone(const uint8_t *text, size_t len, uint32_t *scope)
{
    char *copy = c_string(text, len);
    enum naive_zone kind = NAIVE_ZONE_NAME;

    *scope = 0;
    if (len == 0 || len > 15) {
        kind = len == 0 ? NAIVE_ZONE_BAD : NAIVE_ZONE_LIMIT;
    } else if (copy == NULL) {
        kind = NAIVE_ZONE_BAD;
    } else if (strspn(copy, "0123456789") == len) {
        unsigned long long value = strtoull(copy, NULL, 10);

        kind = value > 0xffffffff ? NAIVE_ZONE_LIMIT : NAIVE_ZONE_NUMBER;
        *scope = kind == NAIVE_ZONE_NUMBER ? (uint32_t)value : 0;
    } else {
        for (size_t i = 0; i < len; i++)
            if (text[i] <= ' ' || text[i] > '~' ||
                strchr("/:%[]", text[i]) != NULL)
                kind = NAIVE_ZONE_BAD;
    }
    free(copy);
    return kind;
}

/* The groups as text, those from `at` for `len` as "::" (len 0: none). */
static void compressed(const unsigned groups[8], size_t at, size_t len,
                       char out[64])
{
    char *end = out;

    for (size_t i = 0; i < 8; i++) {
        if (len > 0 && i == at)
            end += sprintf(end, "::");
        if (i >= at && i < at + len)
            continue;
        end +=
            sprintf(end, "%s%x", i == 0 || i == at + len ? "" : ":", groups[i]);
    }
}

void naive_ip6_text(const uint8_t octets[16], char out[64])
{
    unsigned groups[8];
    size_t best = 0, best_len = 0;

    for (size_t i = 0; i < 8; i++)
        groups[i] = (unsigned)octets[2 * i] << 8 | octets[2 * i + 1];
    for (size_t at = 0; at < 8; at++) {
        size_t len = 0;

        while (at + len < 8 && groups[at + len] == 0)
            len++;
        if (len >= 2 && len > best_len) {
            best = at;
            best_len = len;
        }
    }
    if (best_len == 0)
        best = 8; /* so that no group stands behind a gap */
    if (best == 0 && best_len == 6)
        snprintf(out, 64, "::%u.%u.%u.%u", octets[12], octets[13], octets[14],
                 octets[15]);
    else if (best == 0 && best_len == 5 && groups[5] == 0xffff)
        snprintf(out, 64, "::ffff:%u.%u.%u.%u", octets[12], octets[13],
                 octets[14], octets[15]);
    else
        compressed(groups, best, best_len, out);
}

unsigned naive_common_bits(const uint8_t *a, const uint8_t *b, unsigned width)
{
    unsigned bits = 0;

    while (bits < width &&
           ((a[bits / 8] ^ b[bits / 8]) >> (7 - bits % 8) & 1) == 0)
        bits++;
    return bits;
}

BJ_UNTRACED_END
