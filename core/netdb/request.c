#define _GNU_SOURCE /* AI_IDN and AI_CANONIDN */

#include "core/netdb/request.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "core/addr/ip4.h"
#include "core/addr/ip6.h"
#include "core/bytes/ascii.h"
#include "core/config/services.h"
#include "core/netdb/hostname.h"

/* AI_IDN_ALLOW_UNASSIGNED and AI_IDN_USE_STD3_ASCII_RULES, deprecated with a
 * warning where they are named; ignored, as in glibc. */
enum { OLD_IDN_FLAGS = 0x300 };

enum {
    KNOWN_FLAGS = AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_V4MAPPED |
                  AI_ALL | AI_ADDRCONFIG | AI_IDN | AI_CANONIDN |
                  OLD_IDN_FLAGS | AI_NUMERICSERV,
    /* What glibc takes for hints that are NULL, and POSIX for none. */
    DEFAULT_FLAGS = AI_V4MAPPED | AI_ADDRCONFIG
};

/* A row of glibc's table of what sockets there are, in its order. */
struct kind_row {
    int socktype;
    int protocol;
    const char *name;
    /* Given when neither type nor protocol is asked for. */
    bool by_default;
    /* Takes any protocol, and has no services: SOCK_RAW. */
    bool raw;
};

static const struct kind_row kind_rows[] = {
    {SOCK_STREAM, IPPROTO_TCP, "tcp", true, false},
    {SOCK_DGRAM, IPPROTO_UDP, "udp", true, false},
    {SOCK_DCCP, IPPROTO_DCCP, "dccp", false, false},
    {SOCK_DGRAM, IPPROTO_UDPLITE, "udplite", false, false},
    {SOCK_STREAM, IPPROTO_SCTP, "sctp", false, false},
    {SOCK_SEQPACKET, IPPROTO_SCTP, "sctp", false, false},
    {SOCK_RAW, 0, "raw", true, true},
};

enum { KIND_ROWS = sizeof(kind_rows) / sizeof(kind_rows[0]) };

/* The service as a number (by_name false) or as a name. */
struct port {
    bool by_name;
    uint16_t number;
};

static void add_kind(struct bj_request *r, const struct kind_row *row,
                     int protocol, const struct port *port)
{
    struct bj_socket_kind *kind = &r->kinds[r->kind_count];

    kind->socktype = row->socktype;
    kind->protocol = protocol;
    kind->service_protocol = row->name;
    kind->port = port->number;
    kind->port_known = !port->by_name;
    r->kind_count += 1;
}

static bool row_matches(const struct kind_row *row, int socktype, int protocol)
{
    return (socktype == 0 || socktype == row->socktype) &&
           (protocol == 0 || row->raw || protocol == row->protocol);
}

/* A type or a protocol is asked for: the first row that fits, alone. */
static enum bj_outcome choose_kind(struct bj_request *r, int socktype,
                                   int protocol, const struct port *port,
                                   bool has_service)
{
    for (size_t i = 0; i < KIND_ROWS; i++) {
        const struct kind_row *row = &kind_rows[i];

        if (!row_matches(row, socktype, protocol))
            continue;
        if (row->raw && has_service)
            return BJ_NO_SERVICE;
        add_kind(r, row, row->raw ? protocol : row->protocol, port);
        return BJ_FOUND;
    }
    return BJ_BAD_SOCKTYPE;
}

/* Nothing is asked for: with a port the usual kinds; by name, every kind
 * that may be listed. */
static void add_all_kinds(struct bj_request *r, const struct port *port)
{
    for (size_t i = 0; i < KIND_ROWS; i++) {
        const struct kind_row *row = &kind_rows[i];

        if (port->by_name ? !row->raw : row->by_default)
            add_kind(r, row, row->protocol, port);
    }
}

static enum bj_outcome read_service(const char *service, int flags,
                                    struct port *port)
{
    size_t len = strlen(service);
    struct bj_cursor c;
    uint64_t number;

    port->by_name = false;
    port->number = 0;
    bj_cursor_init(&c, (const uint8_t *)service, len);
    number = bj_ascii_read_dec(&c, UINT16_MAX);
    if (bj_cursor_end(&c) == BJ_OK) {
        port->number = (uint16_t)number;
        return BJ_FOUND;
    }
    if (c.status == BJ_LIMIT)
        return BJ_NO_SERVICE;
    port->by_name = true;
    if ((flags & AI_NUMERICSERV) != 0)
        return BJ_NO_NAME;
    /* Of others services(5) lists none, and a lookup could not carry them. */
    return len <= UINT8_MAX && bj_service_is_visible(service, len)
               ? BJ_FOUND
               : BJ_NO_SERVICE;
}

static struct bj_text text_of(const char *string)
{
    struct bj_text text = {string, string == NULL ? 0 : strlen(string)};

    return text;
}

static bool is_star(const char *string)
{
    return string != NULL && string[0] == '*' && string[1] == '\0';
}

/* The families that AI_ADDRCONFIG leaves (RFC 3493 section 6.1): none of
 * both, on a host without addresses, means that it cannot be known. */
static enum bj_outcome narrow_family(struct bj_request *r,
                                     struct bj_configured configured)
{
    if ((r->flags & AI_ADDRCONFIG) == 0)
        return BJ_FOUND;
    if (r->family == BJ_FAMILY_ANY) {
        if (configured.ip4 && !configured.ip6)
            r->family = BJ_FAMILY_IP4;
        else if (configured.ip6 && !configured.ip4)
            r->family = BJ_FAMILY_IP6;
        return BJ_FOUND;
    }
    if (r->family == BJ_FAMILY_IP4 ? configured.ip4 : configured.ip6)
        return BJ_FOUND;
    return BJ_NO_NAME;
}

/* Flags and family, in the order in which glibc complains. */
static enum bj_outcome read_hints(const struct addrinfo *hints,
                                  struct bj_configured configured,
                                  struct bj_request *r)
{
    int family = hints == NULL ? AF_UNSPEC : hints->ai_family;

    r->flags = hints == NULL ? DEFAULT_FLAGS : hints->ai_flags;
    if ((r->flags & ~KNOWN_FLAGS) != 0)
        return BJ_BAD_FLAGS;
    if ((r->flags & AI_CANONNAME) != 0 && r->node.text == NULL)
        return BJ_BAD_FLAGS;
    switch (family) {
    case AF_UNSPEC:
        r->family = BJ_FAMILY_ANY;
        break;
    case AF_INET:
        r->family = BJ_FAMILY_IP4;
        break;
    case AF_INET6:
        r->family = BJ_FAMILY_IP6;
        break;
    default:
        return BJ_BAD_FAMILY;
    }
    return narrow_family(r, configured);
}

static enum bj_outcome read_kinds(const char *service,
                                  const struct addrinfo *hints,
                                  struct bj_request *r)
{
    int socktype = hints == NULL ? 0 : hints->ai_socktype;
    int protocol = hints == NULL ? 0 : hints->ai_protocol;
    /* The empty service is none, as in glibc. */
    bool has_service = service != NULL && service[0] != '\0';
    struct port port = {false, 0};

    if (has_service) {
        enum bj_outcome outcome = read_service(service, r->flags, &port);

        if (outcome != BJ_FOUND)
            return outcome;
        if (port.by_name)
            r->service = text_of(service);
    }
    if (socktype != 0 || protocol != 0)
        return choose_kind(r, socktype, protocol, &port, has_service);
    add_all_kinds(r, &port);
    return BJ_FOUND;
}

enum bj_outcome bj_request_read(const char *node, const char *service,
                                const struct addrinfo *hints,
                                struct bj_configured configured,
                                struct bj_request *out)
{
    enum bj_outcome outcome;

    memset(out, 0, sizeof(*out));
    if (is_star(node))
        node = NULL;
    if (is_star(service))
        service = NULL;
    if (node == NULL && service == NULL)
        return BJ_NO_NAME;
    out->node = text_of(node);
    outcome = read_hints(hints, configured, out);
    if (outcome == BJ_FOUND)
        outcome = read_kinds(service, hints, out);
    if (outcome != BJ_FOUND)
        memset(out, 0, sizeof(*out));
    return outcome;
}

enum bj_outcome bj_request_settle(struct bj_request *request)
{
    size_t kept = 0;

    for (size_t i = 0; i < request->kind_count; i++) {
        if (!request->kinds[i].port_known)
            continue;
        request->kinds[kept] = request->kinds[i];
        kept += 1;
    }
    request->kind_count = kept;
    return kept > 0 ? BJ_FOUND : BJ_NO_SERVICE;
}

bool bj_request_asks(const struct bj_request *request, enum bj_family family)
{
    return request->family == BJ_FAMILY_ANY || request->family == family ||
           (request->family == BJ_FAMILY_IP6 && family == BJ_FAMILY_IP4 &&
            (request->flags & AI_V4MAPPED) != 0);
}

/* No node: the wildcard to bind to, or this host to connect to. */
static void answer_local(const struct bj_request *r, struct bj_numeric *out)
{
    bool passive = (r->flags & AI_PASSIVE) != 0;

    if (r->family != BJ_FAMILY_IP4) {
        out->addresses[out->count].family = BJ_FAMILY_IP6;
        out->addresses[out->count].octets[15] = passive ? 0 : 1;
        out->count += 1;
    }
    if (r->family != BJ_FAMILY_IP6) {
        out->addresses[out->count].family = BJ_FAMILY_IP4;
        out->addresses[out->count].octets[0] = passive ? 0 : 127;
        out->addresses[out->count].octets[3] = passive ? 0 : 1;
        out->count += 1;
    }
    out->outcome = BJ_FOUND;
}

static void answer_ip4(const struct bj_request *r, struct bj_numeric *out)
{
    out->outcome = BJ_FOUND;
    out->count = 1;
    out->addresses[0].family = BJ_FAMILY_IP4;
    if (r->family != BJ_FAMILY_IP6)
        return;
    if ((r->flags & AI_V4MAPPED) != 0)
        out->addresses[0] = bj_address_to_mapped(&out->addresses[0]);
    else
        out->outcome = BJ_WRONG_FAMILY;
}

static void answer_ip6(const struct bj_request *r, struct bj_numeric *out)
{
    struct bj_address *address = &out->addresses[0];

    out->outcome = BJ_FOUND;
    out->count = 1;
    if (r->family == BJ_FAMILY_IP4) {
        if (!bj_address_is_mapped(address)) {
            out->outcome = BJ_WRONG_FAMILY;
            return;
        }
        address->family = BJ_FAMILY_IP4;
        address->scope = 0;
        memmove(address->octets, address->octets + 12, 4);
        memset(address->octets + 4, 0, 12);
    }
    /* Elsewhere a zone has no names (RFC 4007 section 11.2). */
    if (out->zone.len > 0 && !bj_address_is_link_local(address))
        out->outcome = BJ_NO_NAME;
}

static bool is_ascii(const struct bj_text *text)
{
    struct bj_cursor c;

    bj_cursor_init(&c, (const uint8_t *)text->text, text->len);
    while (bj_cursor_left(&c) > 0)
        if (bj_cursor_u8(&c) >= 0x80)
            return false;
    return true;
}

/* On any failure nothing but the outcome. */
static void clear_failure(struct bj_numeric *out)
{
    enum bj_outcome outcome = out->outcome;

    if (outcome == BJ_FOUND)
        return;
    memset(out, 0, sizeof(*out));
    out->outcome = outcome;
}

bool bj_request_numeric(const struct bj_request *request,
                        struct bj_numeric *out)
{
    const uint8_t *text = (const uint8_t *)request->node.text;
    size_t len = request->node.len;

    memset(out, 0, sizeof(*out));
    if (text == NULL)
        answer_local(request, out);
    else if ((request->flags & AI_IDN) != 0 && !is_ascii(&request->node))
        out->outcome = BJ_BAD_IDN;
    else if (len > 0 && memchr(text, ':', len) == NULL &&
             bj_ip4_parse_legacy(text, len, out->addresses[0].octets) == BJ_OK)
        answer_ip4(request, out);
    else if (bj_ip6_parse_zone(text, len, &out->addresses[0], &out->zone) ==
             BJ_OK)
        answer_ip6(request, out);
    else if ((request->flags & AI_NUMERICHOST) != 0 ||
             !bj_hostname_valid(request->node.text, len))
        out->outcome = BJ_NO_NAME;
    else
        return false;
    clear_failure(out);
    return true;
}
