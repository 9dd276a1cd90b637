#include "core/resolve/lookup.h"

#include <string.h>

#include "core/bytes/ascii.h"
#include "core/config/services.h"
#include "core/netdb/hostname.h"

enum {
    ALL_PROTOCOLS = (1 << BJ_PROTOCOL_COUNT) - 1,
    /* Flags of a lookup, in this order; then what of hosts is asked. */
    FLAG_IP4 = 1,
    FLAG_IP6 = 2,
    FLAG_PORT = 4,
    ALL_FLAGS = 7,
    /* Families on the wire, as in IP itself. */
    WIRE_NONE = 0,
    WIRE_IP4 = 4,
    WIRE_IP6 = 6,
    /* The least octets of an alias and of an address. */
    ALIAS_MIN = 2,
    ADDRESS_MIN = 5
};

static const char *const protocol_texts[BJ_PROTOCOL_COUNT] = {
#define BJ_PROTOCOL_TEXT(name, text) [name] = text,
    BJ_PROTOCOL_TABLE(BJ_PROTOCOL_TEXT)
#undef BJ_PROTOCOL_TEXT
};

const char *bj_protocol_text(enum bj_protocol protocol)
{
    unsigned index = (unsigned)protocol;

    return index < BJ_PROTOCOL_COUNT ? protocol_texts[index] : NULL;
}

static bool is_service(const struct bj_text *text)
{
    return text->len <= UINT8_MAX &&
           bj_service_is_visible(text->text, text->len);
}

static bool is_name(const struct bj_text *text)
{
    return bj_hostname_valid(text->text, text->len);
}

/* The rules that both reading and writing obey. */
static bool is_lookup(const struct bj_lookup *l)
{
    bool named = l->name.len > 0;
    bool reverse = l->address.family != BJ_FAMILY_ANY;
    uint8_t one = l->protocols & (uint8_t)(l->protocols - 1);

    if ((named && reverse) || named != (l->ip4 || l->ip6))
        return false;
    if (named && !is_name(&l->name))
        return false;
    if (!is_service(&l->service) || l->protocols > ALL_PROTOCOLS)
        return false;
    if (l->asks_port)
        return l->service.len == 0 && l->protocols != 0 && one == 0;
    return l->port == 0 && (l->service.len > 0) == (l->protocols != 0);
}

/* What a worker may say: the rest is the driver's own to find out. */
static bool is_outcome(unsigned outcome)
{
    switch (outcome) {
    case BJ_FOUND:
    case BJ_NO_NAME:
    case BJ_NO_DATA:
    case BJ_SERVER_FAILED:
    case BJ_TIMED_OUT:
    case BJ_UNREACHABLE:
    case BJ_FAILED:
        return true;
    default:
        return false;
    }
}

static bool is_result(const struct bj_result *r)
{
    return is_outcome(r->outcome) && r->ports_known <= ALL_PROTOCOLS &&
           is_service(&r->service) &&
           (r->domain.len == 0 || is_name(&r->domain));
}

static bool is_answer(const struct bj_answer *a)
{
    if (a->canonical.len > 0 && !is_name(&a->canonical))
        return false;
    for (size_t i = 0; i < a->alias_count; i++)
        if (!is_name(&a->aliases[i]))
            return false;
    for (size_t i = 0; i < a->address_count; i++)
        if (a->addresses[i].family == BJ_FAMILY_ANY)
            return false;
    return true;
}

static void write_text(struct bj_writer *w, const struct bj_text *text)
{
    bj_writer_u8(w, (uint8_t)text->len);
    bj_writer_bytes(w, (const uint8_t *)text->text, text->len);
}

static struct bj_text read_text(struct bj_cursor *c)
{
    struct bj_text text = {NULL, 0};
    size_t len = bj_cursor_u8(c);

    text.text = (const char *)bj_cursor_bytes(c, len);
    text.len = bj_cursor_ok(c) ? len : 0;
    return text;
}

static void write_address(struct bj_writer *w, const struct bj_address *a)
{
    switch (a->family) {
    case BJ_FAMILY_IP4:
        bj_writer_u8(w, WIRE_IP4);
        bj_writer_bytes(w, a->octets, 4);
        break;
    case BJ_FAMILY_IP6:
        bj_writer_u8(w, WIRE_IP6);
        bj_writer_bytes(w, a->octets, 16);
        bj_writer_u32(w, a->scope);
        break;
    default:
        bj_writer_u8(w, WIRE_NONE);
        break;
    }
}

static void read_address(struct bj_cursor *c, struct bj_address *a)
{
    memset(a, 0, sizeof(*a));
    switch (bj_cursor_u8(c)) {
    case WIRE_IP4:
        a->family = BJ_FAMILY_IP4;
        bj_cursor_copy(c, a->octets, 4);
        break;
    case WIRE_IP6:
        a->family = BJ_FAMILY_IP6;
        bj_cursor_copy(c, a->octets, 16);
        a->scope = bj_cursor_u32(c);
        break;
    case WIRE_NONE:
        break;
    default:
        bj_cursor_fail(c, BJ_BAD);
        break;
    }
}

enum bj_status bj_lookup_write(struct bj_writer *w,
                               const struct bj_lookup *lookup)
{
    unsigned flags = 0;

    if (!is_lookup(lookup))
        return BJ_BAD;
    flags += lookup->ip4 ? FLAG_IP4 : 0;
    flags += lookup->ip6 ? FLAG_IP6 : 0;
    flags += lookup->asks_port ? FLAG_PORT : 0;
    bj_writer_u8(w, (uint8_t)flags);
    write_text(w, &lookup->name);
    write_address(w, &lookup->address);
    write_text(w, &lookup->service);
    bj_writer_u16(w, lookup->port);
    bj_writer_u8(w, lookup->protocols);
    return bj_writer_end(w);
}

/* The cursor's status once everything must have been read and be `sane`. */
static enum bj_status conclude(struct bj_cursor *c, bool sane)
{
    if (bj_cursor_ok(c) && !sane)
        bj_cursor_fail(c, BJ_BAD);
    return bj_cursor_end(c);
}

enum bj_status bj_lookup_read(struct bj_cursor *c, struct bj_lookup *lookup)
{
    unsigned flags;
    enum bj_status status;

    memset(lookup, 0, sizeof(*lookup));
    flags = bj_cursor_u8(c);
    lookup->ip4 = (flags & FLAG_IP4) != 0;
    lookup->ip6 = (flags & FLAG_IP6) != 0;
    lookup->asks_port = (flags & FLAG_PORT) != 0;
    lookup->name = read_text(c);
    read_address(c, &lookup->address);
    lookup->service = read_text(c);
    lookup->port = bj_cursor_u16(c);
    lookup->protocols = bj_cursor_u8(c);
    status = conclude(c, flags <= ALL_FLAGS && is_lookup(lookup));
    if (status != BJ_OK)
        memset(lookup, 0, sizeof(*lookup));
    return status;
}

enum bj_status bj_result_write_answer(struct bj_writer *w,
                                      const struct bj_answer *answer)
{
    if (answer->alias_count > UINT16_MAX || answer->address_count > UINT16_MAX)
        return BJ_LIMIT;
    if (!is_answer(answer))
        return BJ_BAD;
    bj_writer_u32(w, answer->ttl);
    write_text(w, &answer->canonical);
    bj_writer_u16(w, (uint16_t)answer->alias_count);
    for (size_t i = 0; i < answer->alias_count; i++)
        write_text(w, &answer->aliases[i]);
    bj_writer_u16(w, (uint16_t)answer->address_count);
    for (size_t i = 0; i < answer->address_count; i++)
        write_address(w, &answer->addresses[i]);
    return bj_writer_end(w);
}

/* How many follow; BJ_BAD if they cannot all be there, so that a few octets
 * never ask for much memory. */
static size_t read_count(struct bj_cursor *c, size_t least)
{
    size_t count = bj_cursor_u16(c);

    if (count > bj_cursor_left(c) / least) {
        bj_cursor_fail(c, BJ_BAD);
        return 0;
    }
    return count;
}

static void read_aliases(struct bj_cursor *c, struct bj_arena *arena,
                         struct bj_answer *answer)
{
    size_t count = read_count(c, ALIAS_MIN);
    struct bj_text *aliases = bj_arena_take_array(
        arena, count, sizeof(*aliases), _Alignof(struct bj_text));

    for (size_t i = 0; i < count; i++) {
        struct bj_text alias = read_text(c);

        if (aliases != NULL)
            aliases[i] = alias;
    }
    answer->aliases = aliases;
    answer->alias_count = count;
}

static void read_addresses(struct bj_cursor *c, struct bj_arena *arena,
                           struct bj_answer *answer)
{
    size_t count = read_count(c, ADDRESS_MIN);
    struct bj_address *addresses = bj_arena_take_array(
        arena, count, sizeof(*addresses), _Alignof(struct bj_address));

    for (size_t i = 0; i < count; i++) {
        struct bj_address address;

        read_address(c, &address);
        if (addresses != NULL)
            addresses[i] = address;
    }
    answer->addresses = addresses;
    answer->address_count = count;
}

enum bj_status bj_result_read_answer(struct bj_cursor *c,
                                     struct bj_arena *arena,
                                     struct bj_answer *answer)
{
    enum bj_status status;

    memset(answer, 0, sizeof(*answer));
    answer->ttl = bj_cursor_u32(c);
    answer->canonical = read_text(c);
    read_aliases(c, arena, answer);
    read_addresses(c, arena, answer);
    status = bj_cursor_end(c);
    if (status == BJ_OK)
        status = bj_arena_end(arena);
    if (status == BJ_OK)
        status = conclude(c, is_answer(answer));
    if (status != BJ_OK)
        memset(answer, 0, sizeof(*answer));
    return status;
}

enum bj_status bj_result_write(struct bj_writer *w,
                               const struct bj_result *result)
{
    size_t start = w->len;
    enum bj_status status;

    if (!is_result(result))
        return BJ_BAD;
    bj_writer_u8(w, (uint8_t)result->outcome);
    bj_writer_u8(w, result->ports_known);
    for (size_t i = 0; i < BJ_PROTOCOL_COUNT; i++)
        if ((result->ports_known & 1U << i) != 0)
            bj_writer_u16(w, result->ports[i]);
    write_text(w, &result->service);
    write_text(w, &result->domain);
    status = bj_writer_end(w);
    if (result->outcome == BJ_FOUND)
        status = bj_result_write_answer(w, &result->answer);
    return w->len - start > BJ_RESULT_MAX ? BJ_LIMIT : status;
}

enum bj_status bj_result_read(struct bj_cursor *c, struct bj_arena *arena,
                              struct bj_result *result)
{
    unsigned outcome;
    enum bj_status status;

    memset(result, 0, sizeof(*result));
    outcome = bj_cursor_u8(c);
    result->ports_known = bj_cursor_u8(c);
    for (size_t i = 0; i < BJ_PROTOCOL_COUNT; i++)
        if ((result->ports_known & 1U << i) != 0)
            result->ports[i] = bj_cursor_u16(c);
    result->service = read_text(c);
    result->domain = read_text(c);
    if (bj_cursor_ok(c) && !is_outcome(outcome))
        bj_cursor_fail(c, BJ_BAD);
    else
        result->outcome = (enum bj_outcome)outcome;
    if (bj_cursor_ok(c) && !is_result(result))
        bj_cursor_fail(c, BJ_BAD);
    if (outcome == BJ_FOUND)
        status = bj_result_read_answer(c, arena, &result->answer);
    else
        status = bj_cursor_end(c);
    if (status != BJ_OK)
        memset(result, 0, sizeof(*result));
    return status;
}

/* The protocol whose services a kind of socket has. */
static unsigned protocol_of(const struct bj_socket_kind *kind)
{
    unsigned i = 0;

    while (i < BJ_PROTOCOL_COUNT &&
           !bj_ascii_equal_text((const uint8_t *)kind->service_protocol,
                                strlen(kind->service_protocol),
                                protocol_texts[i]))
        i += 1;
    return i;
}

void bj_lookup_of_request(const struct bj_request *request, bool hosts,
                          struct bj_lookup *lookup)
{
    memset(lookup, 0, sizeof(*lookup));
    if (hosts) {
        lookup->name = request->node;
        lookup->ip4 = bj_request_asks(request, BJ_FAMILY_IP4);
        lookup->ip6 = bj_request_asks(request, BJ_FAMILY_IP6);
    }
    if (request->service.len == 0)
        return;
    lookup->service = request->service;
    for (size_t i = 0; i < request->kind_count; i++) {
        unsigned protocol = protocol_of(&request->kinds[i]);

        if (protocol < BJ_PROTOCOL_COUNT)
            lookup->protocols |= (uint8_t)(1U << protocol);
    }
}

enum bj_outcome bj_result_settle(const struct bj_result *result,
                                 struct bj_request *request)
{
    if (request->service.len == 0)
        return BJ_FOUND;
    for (size_t i = 0; i < request->kind_count; i++) {
        struct bj_socket_kind *kind = &request->kinds[i];
        unsigned protocol = protocol_of(kind);

        if (protocol >= BJ_PROTOCOL_COUNT ||
            (result->ports_known & 1U << protocol) == 0)
            continue;
        kind->port = result->ports[protocol];
        kind->port_known = true;
    }
    return bj_request_settle(request);
}
