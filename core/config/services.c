#include "core/config/services.h"

#include <string.h>

#include "core/bytes/ascii.h"
#include "core/bytes/limits.h"

bool bj_service_is_visible(const char *text, size_t len)
{
    struct bj_cursor c;

    bj_cursor_init(&c, (const uint8_t *)text, len);
    /* Ends: each turn consumes an octet. */
    while (bj_cursor_left(&c) > 0)
        if (!bj_ascii_is_graph(bj_cursor_u8(&c)))
            return false;
    return true;
}

static bool is_visible(const struct bj_field *field)
{
    return bj_service_is_visible((const char *)field->text, field->len);
}

/* "80/tcp": the port is one run of digits, the protocol what is behind. */
static bool read_port(struct bj_field *field, struct bj_service *service)
{
    struct bj_cursor c;

    if (!bj_field_split(field, '/', &service->protocol))
        return false;
    bj_field_cursor(field, &c);
    service->port = (uint16_t)bj_ascii_read_dec(&c, UINT16_MAX);
    return bj_cursor_end(&c) == BJ_OK && service->protocol.len > 0 &&
           is_visible(&service->protocol);
}

static bool read_line(struct bj_cursor *line, struct bj_service *service)
{
    struct bj_field port;

    memset(service, 0, sizeof(*service));
    bj_line_cut(line, '#');
    if (bj_line_field(line, &service->name) && is_visible(&service->name) &&
        bj_line_field(line, &port) && read_port(&port, service)) {
        bj_cursor_narrow(line, bj_cursor_left(line), &service->aliases);
        return true;
    }
    memset(service, 0, sizeof(*service));
    return false;
}

bool bj_service_alias(struct bj_service *service, struct bj_field *alias)
{
    /* Ends: each turn consumes a field. */
    while (bj_line_field(&service->aliases, alias))
        if (is_visible(alias))
            return true;
    return false;
}

/* A port's hash. A name of these two octets would have the same, but whoever
 * finds its line looks at what it asked for. */
static uint64_t hash_port(const struct bj_hash_key *key, uint16_t port)
{
    const uint8_t octets[2] = {(uint8_t)(port / 256U), (uint8_t)(port % 256U)};

    return bj_hash(key, octets, sizeof(octets));
}

/* Puts an entry if there is still room, and counts it either way. */
static void put(struct bj_services *services, uint64_t hash, size_t offset,
                size_t *count)
{
    (void)!bj_index_put(&services->index, hash, (uint32_t)offset);
    *count += 1;
}

/* A line is put under its port and each of its names. */
static void put_line(struct bj_services *services,
                     const struct bj_hash_key *key, struct bj_service *service,
                     size_t offset, size_t *count)
{
    struct bj_field name = service->name;

    put(services, hash_port(key, service->port), offset, count);
    /* Ends: each turn consumes an alias. */
    do {
        put(services, bj_hash(key, name.text, name.len), offset, count);
    } while (bj_service_alias(service, &name));
}

enum bj_status bj_services_build(struct bj_services *services,
                                 const uint8_t *text, size_t len,
                                 const struct bj_hash_key *key, uint32_t *words,
                                 size_t word_count, size_t *needed)
{
    struct bj_lines lines;
    struct bj_cursor line;
    size_t count = 0;

    memset(services, 0, sizeof(*services));
    *needed = 0;
    if (len > BJ_CONFIG_TEXT_MAX)
        return BJ_LIMIT;
    services->text = text;
    services->len = len;
    bj_index_init(&services->index, words, word_count);
    bj_lines_init(&lines, text, len, 0);
    while (bj_lines_next(&lines, &line)) {
        struct bj_service service;

        if (read_line(&line, &service))
            put_line(services, key, &service, lines.at, &count);
    }
    *needed = bj_index_words(count);
    if (word_count < *needed) {
        memset(services, 0, sizeof(*services));
        return BJ_SPACE;
    }
    bj_index_fit(&services->index);
    bj_index_link(&services->index);
    return BJ_OK;
}

void bj_services_find_name(const struct bj_services *services,
                           const struct bj_hash_key *key,
                           const struct bj_field *name,
                           const struct bj_field *protocol,
                           struct bj_services_walk *walk)
{
    memset(walk, 0, sizeof(*walk));
    walk->services = services;
    walk->name = *name;
    if (protocol != NULL)
        walk->protocol = *protocol;
    bj_index_find(&services->index, bj_hash(key, name->text, name->len),
                  &walk->lines);
    /* No line has an empty name, and len 0 says "by port". */
    walk->lines.ended = walk->lines.ended || name->len == 0;
}

void bj_services_find_port(const struct bj_services *services,
                           const struct bj_hash_key *key, uint16_t port,
                           const struct bj_field *protocol,
                           struct bj_services_walk *walk)
{
    memset(walk, 0, sizeof(*walk));
    walk->services = services;
    walk->port = port;
    if (protocol != NULL)
        walk->protocol = *protocol;
    bj_index_find(&services->index, hash_port(key, port), &walk->lines);
}

static bool same(const struct bj_field *a, const struct bj_field *b)
{
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* Whether the line is what the walk looks for; its aliases are left to be
 * read again. */
static bool answers(const struct bj_services_walk *walk,
                    const struct bj_service *service)
{
    struct bj_service reread = *service;
    struct bj_field name = service->name;

    if (walk->protocol.len > 0 && !same(&walk->protocol, &service->protocol))
        return false;
    if (walk->name.len == 0)
        return walk->port == service->port;
    /* Ends: each turn consumes an alias. */
    do {
        if (same(&walk->name, &name))
            return true;
    } while (bj_service_alias(&reread, &name));
    return false;
}

bool bj_services_next(struct bj_services_walk *walk, struct bj_service *service)
{
    uint32_t offset;

    /* Ends: each turn takes an entry of the index. */
    while (bj_index_next(&walk->lines, &offset)) {
        struct bj_lines lines;
        struct bj_cursor line;

        bj_lines_init(&lines, walk->services->text, walk->services->len,
                      offset);
        if (bj_lines_next(&lines, &line) && read_line(&line, service) &&
            answers(walk, service))
            return true;
    }
    memset(service, 0, sizeof(*service));
    return false;
}
