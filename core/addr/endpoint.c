#include "core/addr/endpoint.h"

#include <string.h>

#include "core/addr/ip4.h"
#include "core/addr/ip6.h"
#include "core/bytes/ascii.h"
#include "core/bytes/cursor.h"

/* "[", an IPv6 address with or without zone, "]". */
static void read_bracketed(struct bj_cursor *c, struct bj_address *out,
                           struct bj_zone *zone)
{
    size_t len;
    enum bj_status status;

    bj_cursor_skip(c, 1);
    len = bj_cursor_until(c, ']');
    if (len == bj_cursor_left(c)) {
        bj_cursor_fail(c, BJ_BAD);
        return;
    }
    status = bj_ip6_parse_zone(bj_cursor_bytes(c, len), len, out, zone);
    if (status != BJ_OK)
        bj_cursor_fail(c, status);
    bj_cursor_skip(c, 1);
}

/* ":" and the port. */
static uint16_t read_port(struct bj_cursor *c)
{
    struct bj_cursor digits;
    uint16_t port;

    if (bj_cursor_peek(c) != ':') {
        bj_cursor_fail(c, BJ_BAD);
        return 0;
    }
    bj_cursor_skip(c, 1);
    digits = *c;
    port = (uint16_t)bj_ascii_read_dec(c, UINT16_MAX);
    /* "0" is the port that asks the kernel for one; "07" is nothing. */
    if (bj_cursor_u8(&digits) == '0' &&
        bj_ascii_is_digit(bj_cursor_peek(&digits)))
        bj_cursor_fail(c, BJ_BAD);
    return port;
}

enum bj_status bj_endpoint_parse(const uint8_t *text, size_t len,
                                 struct bj_endpoint *out, struct bj_zone *zone)
{
    struct bj_cursor c;
    enum bj_status status;

    memset(out, 0, sizeof(*out));
    memset(zone, 0, sizeof(*zone));
    bj_cursor_init(&c, text, len);
    if (bj_cursor_peek(&c) == '[') {
        read_bracketed(&c, &out->address, zone);
    } else {
        bj_ip4_read(&c, out->address.octets);
        out->address.family = BJ_FAMILY_IP4;
    }
    out->port = read_port(&c);
    status = bj_cursor_end(&c);
    if (status != BJ_OK) {
        memset(out, 0, sizeof(*out));
        memset(zone, 0, sizeof(*zone));
    }
    return status;
}

void bj_endpoint_write(struct bj_writer *w, const struct bj_endpoint *endpoint)
{
    bool bracketed = endpoint->address.family == BJ_FAMILY_IP6;

    if (bracketed)
        bj_writer_char(w, '[');
    bj_address_write(w, &endpoint->address);
    if (bracketed)
        bj_writer_char(w, ']');
    bj_writer_char(w, ':');
    bj_writer_dec(w, endpoint->port);
}

size_t bj_endpoint_format(const struct bj_endpoint *endpoint,
                          char out[static BJ_ENDPOINT_TEXT_MAX])
{
    struct bj_writer w;

    bj_writer_init(&w, (uint8_t *)out, BJ_ENDPOINT_TEXT_MAX);
    bj_endpoint_write(&w, endpoint);
    return bj_writer_end_text(&w) == BJ_OK ? w.len : 0;
}

socklen_t bj_endpoint_to_sockaddr(const struct bj_endpoint *endpoint,
                                  struct sockaddr_storage *out)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    uint8_t port[2];

    port[0] = (uint8_t)(endpoint->port / 256U);
    port[1] = (uint8_t)(endpoint->port % 256U);
    memset(out, 0, sizeof(*out));
    memset(&in, 0, sizeof(in));
    memset(&in6, 0, sizeof(in6));
    switch (endpoint->address.family) {
    case BJ_FAMILY_IP4:
        in.sin_family = AF_INET;
        memcpy(&in.sin_port, port, sizeof(port));
        memcpy(&in.sin_addr, endpoint->address.octets, 4);
        memcpy(out, &in, sizeof(in));
        return sizeof(in);
    case BJ_FAMILY_IP6:
        in6.sin6_family = AF_INET6;
        memcpy(&in6.sin6_port, port, sizeof(port));
        memcpy(&in6.sin6_addr, endpoint->address.octets, 16);
        in6.sin6_scope_id = endpoint->address.scope;
        memcpy(out, &in6, sizeof(in6));
        return sizeof(in6);
    case BJ_FAMILY_ANY:
        break;
    }
    return 0;
}

/* Two octets of network order, however the field is typed. */
static uint16_t port_from(const void *field)
{
    uint8_t port[2];

    memcpy(port, field, sizeof(port));
    return (uint16_t)(port[0] * 256U + port[1]);
}

static void from_in(struct bj_cursor *c, struct bj_endpoint *out)
{
    struct sockaddr_in in;

    bj_cursor_copy(c, (uint8_t *)&in, sizeof(in));
    out->address.family = BJ_FAMILY_IP4;
    memcpy(out->address.octets, &in.sin_addr, 4);
    out->port = port_from(&in.sin_port);
}

static void from_in6(struct bj_cursor *c, struct bj_endpoint *out)
{
    struct sockaddr_in6 in6;

    bj_cursor_copy(c, (uint8_t *)&in6, sizeof(in6));
    out->address.family = BJ_FAMILY_IP6;
    memcpy(out->address.octets, &in6.sin6_addr, 16);
    out->address.scope = in6.sin6_scope_id;
    out->port = port_from(&in6.sin6_port);
}

enum bj_status bj_endpoint_from_sockaddr(const void *sockaddr, size_t len,
                                         struct bj_endpoint *out)
{
    struct bj_cursor c;
    struct bj_cursor peek;
    sa_family_t family;

    memset(out, 0, sizeof(*out));
    bj_cursor_init(&c, sockaddr, len);
    peek = c;
    /* On Linux the family is the first field of every socket address. */
    bj_cursor_copy(&peek, (uint8_t *)&family, sizeof(family));
    if (!bj_cursor_ok(&peek))
        return peek.status;
    if (family == AF_INET)
        from_in(&c, out);
    else if (family == AF_INET6)
        from_in6(&c, out);
    else
        return BJ_UNSUPPORTED;
    if (!bj_cursor_ok(&c))
        memset(out, 0, sizeof(*out));
    return c.status;
}
