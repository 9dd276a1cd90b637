#include "core/config/hosts.h"

#include <string.h>

#include "core/bytes/ascii.h"
#include "core/bytes/limits.h"

/* Octets of a host name as text without a final dot: BJ_HOST_TEXT_MAX counts
 * the NUL. */
#define HOST_LEN_MAX (BJ_HOST_TEXT_MAX - 1)

static void drop_final_dot(struct bj_field *name)
{
    struct bj_cursor c;

    bj_field_cursor(name, &c);
    if (name->len == 0)
        return;
    bj_cursor_skip(&c, name->len - 1);
    if (bj_cursor_peek(&c) == '.')
        name->len -= 1;
}

/*
 * One pass over the text of a name (RFC 952, RFC 1123 section 2.1): labels
 * of 1 to 63 letters, digits, "-" and "_" that do not begin with "-", the
 * last not all digits.
 */
static bool is_host_name(const struct bj_field *name)
{
    size_t label = 0;
    bool digits = true;
    struct bj_cursor c;

    if (name->len > HOST_LEN_MAX)
        return false;
    bj_field_cursor(name, &c);
    /* Ends: each turn consumes an octet. */
    while (bj_cursor_left(&c) > 0) {
        uint8_t octet = bj_cursor_u8(&c);

        if (octet == '.') {
            if (label == 0)
                return false;
            label = 0;
            digits = true;
            continue;
        }
        if (!bj_ascii_is_alnum(octet) && octet != '_' &&
            (octet != '-' || label == 0))
            return false;
        digits = digits && bj_ascii_is_digit(octet);
        label += 1;
        if (label > BJ_LABEL_MAX)
            return false;
    }
    return label > 0 && !digits;
}

bool bj_hosts_name(struct bj_hosts_line *line, struct bj_field *name)
{
    /* Ends: each turn consumes a field. */
    while (bj_line_field(&line->names, name)) {
        drop_final_dot(name);
        if (is_host_name(name))
            return true;
    }
    name->text = NULL;
    name->len = 0;
    return false;
}

/* Whether the line has an address; its names are not looked at yet. */
static bool read_line(struct bj_cursor *text, struct bj_hosts_line *line)
{
    struct bj_field address;

    memset(line, 0, sizeof(*line));
    bj_line_cut(text, '#');
    if (!bj_line_field(text, &address) ||
        bj_address_parse(address.text, address.len, &line->address,
                         &line->zone) != BJ_OK)
        return false;
    bj_cursor_narrow(text, bj_cursor_left(text), &line->names);
    return true;
}

/* The hash of an address, the same for both forms of an IPv4 address: which
 * are meant is looked at when the line is read. */
static uint64_t hash_address(const struct bj_hash_key *key,
                             const struct bj_address *address)
{
    struct bj_address mapped = bj_address_to_mapped(address);

    return bj_hash(key, mapped.octets, sizeof(mapped.octets));
}

/* Puts an entry if there is still room, and counts it either way. */
static void put(struct bj_hosts *hosts, uint64_t hash, size_t offset,
                size_t *count)
{
    (void)!bj_index_put(&hosts->index, hash, (uint32_t)offset);
    *count += 1;
}

/* A line is put under each of its names, and if it has any under its
 * address. */
static void put_line(struct bj_hosts *hosts, const struct bj_hash_key *key,
                     struct bj_hosts_line *line, size_t offset, size_t *count)
{
    size_t before = *count;
    struct bj_field name;

    while (bj_hosts_name(line, &name))
        put(hosts, bj_hash_nocase(key, name.text, name.len), offset, count);
    if (*count > before)
        put(hosts, hash_address(key, &line->address), offset, count);
}

enum bj_status bj_hosts_build(struct bj_hosts *hosts, const uint8_t *text,
                              size_t len, const struct bj_hash_key *key,
                              uint32_t *words, size_t word_count,
                              size_t *needed)
{
    struct bj_lines lines;
    struct bj_cursor cursor;
    size_t count = 0;

    memset(hosts, 0, sizeof(*hosts));
    *needed = 0;
    if (len > BJ_CONFIG_TEXT_MAX)
        return BJ_LIMIT;
    hosts->text = text;
    hosts->len = len;
    bj_index_init(&hosts->index, words, word_count);
    bj_lines_init(&lines, text, len, 0);
    while (bj_lines_next(&lines, &cursor)) {
        struct bj_hosts_line line;

        if (read_line(&cursor, &line))
            put_line(hosts, key, &line, lines.at, &count);
    }
    *needed = bj_index_words(count);
    if (word_count < *needed) {
        memset(hosts, 0, sizeof(*hosts));
        return BJ_SPACE;
    }
    hosts->skipped = lines.skipped;
    bj_index_fit(&hosts->index);
    bj_index_link(&hosts->index);
    return BJ_OK;
}

void bj_hosts_find_name(const struct bj_hosts *hosts,
                        const struct bj_hash_key *key, const uint8_t *name,
                        size_t len, enum bj_family family,
                        struct bj_hosts_walk *walk)
{
    memset(walk, 0, sizeof(*walk));
    walk->hosts = hosts;
    walk->family = family;
    walk->name.text = name;
    walk->name.len = len;
    drop_final_dot(&walk->name);
    bj_index_find(&hosts->index,
                  bj_hash_nocase(key, walk->name.text, walk->name.len),
                  &walk->lines);
    /* No line has an empty name, and len 0 says "by address". */
    walk->lines.ended = walk->lines.ended || walk->name.len == 0;
}

void bj_hosts_find_address(const struct bj_hosts *hosts,
                           const struct bj_hash_key *key,
                           const struct bj_address *address,
                           struct bj_hosts_walk *walk)
{
    memset(walk, 0, sizeof(*walk));
    walk->hosts = hosts;
    walk->family = address->family;
    walk->address = *address;
    bj_index_find(&hosts->index, hash_address(key, address), &walk->lines);
}

/* Puts the line's address into the family asked for, if it is of it. */
static bool fits_family(enum bj_family family, struct bj_address *address)
{
    if (family == BJ_FAMILY_IP4)
        *address = bj_address_unmap(address);
    return family == BJ_FAMILY_ANY || family == address->family;
}

static bool has_address(const struct bj_hosts_walk *walk,
                        const struct bj_address *address)
{
    return address->family == walk->address.family &&
           memcmp(address->octets, walk->address.octets,
                  sizeof(address->octets)) == 0 &&
           (address->scope == 0 || walk->address.scope == 0 ||
            address->scope == walk->address.scope);
}

/* The names of the line are left to be read again. */
static bool has_name(const struct bj_hosts_walk *walk,
                     const struct bj_hosts_line *line)
{
    struct bj_hosts_line reread = *line;
    struct bj_field name;

    /* Ends: each turn consumes a name. */
    while (bj_hosts_name(&reread, &name))
        if (bj_ascii_equal_nocase(name.text, name.len, walk->name.text,
                                  walk->name.len))
            return true;
    return false;
}

bool bj_hosts_next(struct bj_hosts_walk *walk, struct bj_hosts_line *line)
{
    uint32_t offset;

    /* Ends: each turn takes an entry of the index. */
    while (bj_index_next(&walk->lines, &offset)) {
        struct bj_lines lines;
        struct bj_cursor cursor;

        bj_lines_init(&lines, walk->hosts->text, walk->hosts->len, offset);
        if (bj_lines_next(&lines, &cursor) && read_line(&cursor, line) &&
            fits_family(walk->family, &line->address) &&
            (walk->name.len > 0 ? has_name(walk, line)
                                : has_address(walk, &line->address)))
            return true;
    }
    memset(line, 0, sizeof(*line));
    return false;
}
