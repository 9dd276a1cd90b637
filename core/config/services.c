#include "core/config/services.h"

#include <string.h>

#include "core/bytes/ascii.h"
#include "core/bytes/limits.h"

static bool is_visible(const struct bj_field *field)
{
    struct bj_cursor c;

    bj_field_cursor(field, &c);
    /* Ends: each turn consumes an octet. */
    while (bj_cursor_left(&c) > 0)
        if (!bj_ascii_is_graph(bj_cursor_u8(&c)))
            return false;
    return true;
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

/* A port's hash; no name is looked for in the table of ports. */
static uint64_t hash_port(const struct bj_hash_key *key, uint16_t port)
{
    const uint8_t octets[2] = {(uint8_t)(port / 256U), (uint8_t)(port % 256U)};

    return bj_hash(key, octets, sizeof(octets));
}

/* How many entries the text asks of each index. */
static void count_entries(const uint8_t *text, size_t len, size_t *names,
                          size_t *ports)
{
    struct bj_lines lines;
    struct bj_cursor line;

    *names = 0;
    *ports = 0;
    bj_lines_init(&lines, text, len, 0);
    while (bj_lines_next(&lines, &line)) {
        struct bj_service service;
        struct bj_field alias;

        if (!read_line(&line, &service))
            continue;
        *ports += 1;
        *names += 1;
        while (bj_service_alias(&service, &alias))
            *names += 1;
    }
}

static enum bj_status put_line(struct bj_services *services,
                               const struct bj_hash_key *key,
                               struct bj_service *service, uint32_t offset)
{
    enum bj_status status =
        bj_index_put(&services->ports, hash_port(key, service->port), offset);
    struct bj_field name = service->name;

    do {
        if (status == BJ_OK)
            status = bj_index_put(&services->names,
                                  bj_hash(key, name.text, name.len), offset);
    } while (bj_service_alias(service, &name));
    return status;
}

static enum bj_status put_all(struct bj_services *services,
                              const struct bj_hash_key *key)
{
    enum bj_status status = BJ_OK;
    struct bj_lines lines;
    struct bj_cursor line;

    bj_lines_init(&lines, services->text, services->len, 0);
    while (status == BJ_OK && bj_lines_next(&lines, &line)) {
        struct bj_service service;

        if (read_line(&line, &service))
            status = put_line(services, key, &service, (uint32_t)lines.at);
    }
    return status;
}

enum bj_status bj_services_build(struct bj_services *services,
                                 const uint8_t *text, size_t len,
                                 const struct bj_hash_key *key, uint32_t *words,
                                 size_t word_count, size_t *needed)
{
    size_t names, ports;

    memset(services, 0, sizeof(*services));
    *needed = 0;
    if (len > BJ_CONFIG_TEXT_MAX)
        return BJ_LIMIT;
    count_entries(text, len, &names, &ports);
    *needed = bj_index_words(names) + bj_index_words(ports);
    if (word_count < *needed)
        return BJ_SPACE;
    if (*needed == 0)
        return BJ_OK;
    services->text = text;
    services->len = len;
    bj_index_init(&services->names, words, names);
    bj_index_init(&services->ports, words + bj_index_words(names), ports);
    /* The same walk counted: there is room. */
    return put_all(services, key) == BJ_OK ? BJ_OK : BJ_BUG;
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
    bj_index_find(&services->names, bj_hash(key, name->text, name->len),
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
    bj_index_find(&services->ports, hash_port(key, port), &walk->lines);
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
