#define _GNU_SOURCE /* NI_IDN */

#include "core/netdb/nameinfo.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "core/bytes/ascii.h"
#include "core/bytes/writer.h"
#include "core/config/services.h"
#include "core/netdb/hostname.h"

/* NI_IDN_ALLOW_UNASSIGNED and NI_IDN_USE_STD3_ASCII_RULES, deprecated with a
 * warning where they are named; ignored, as in glibc. */
enum { OLD_IDN_FLAGS = 192 };

enum {
    KNOWN_FLAGS = NI_NUMERICHOST | NI_NUMERICSERV | NI_NOFQDN | NI_NAMEREQD |
                  NI_DGRAM | NI_IDN | OLD_IDN_FLAGS
};

enum bj_outcome bj_nameinfo_read(const void *sockaddr, size_t len, int flags,
                                 unsigned wants, struct bj_nameinfo *out)
{
    struct bj_endpoint endpoint;
    bool host = (wants & BJ_WANT_HOST) != 0;
    bool service = (wants & BJ_WANT_SERVICE) != 0;

    memset(out, 0, sizeof(*out));
    if ((flags & ~KNOWN_FLAGS) != 0)
        return BJ_BAD_FLAGS;
    if (sockaddr == NULL || len < sizeof(sa_family_t))
        return BJ_BAD_FAMILY;
    if ((flags & NI_NAMEREQD) != 0 && !host && !service)
        return BJ_NO_NAME;
    if (bj_endpoint_from_sockaddr(sockaddr, len, &endpoint) != BJ_OK)
        return BJ_BAD_FAMILY;
    out->endpoint = endpoint;
    out->flags = flags;
    out->asks_host = host && (flags & NI_NUMERICHOST) == 0;
    out->asks_service = service && (flags & NI_NUMERICSERV) == 0;
    out->asks_zone = host && endpoint.address.scope != 0 &&
                     bj_address_is_link_local(&endpoint.address);
    return BJ_FOUND;
}

const char *bj_nameinfo_protocol(const struct bj_nameinfo *info)
{
    return (info->flags & NI_DGRAM) != 0 ? "udp" : "tcp";
}

static void write_text(struct bj_writer *w, struct bj_text text)
{
    bj_writer_bytes(w, (const uint8_t *)text.text, text.len);
}

/* Ends the text; what does not fit leaves the empty string. */
static enum bj_outcome finish(struct bj_writer *w)
{
    return bj_outcome_of_status(bj_writer_end_text(w));
}

/* Nothing is handed out: as finish, for a failure of the lookup's own. */
static enum bj_outcome refuse(char *text, size_t cap, enum bj_outcome outcome)
{
    if (cap > 0)
        memset(text, 0, 1);
    return outcome;
}

/*
 * The name without this host's own domain, for NI_NOFQDN. Only a whole
 * domain at the end counts (glibc looks for it anywhere, so that another's
 * "a.example.com.evil.example" would show as "a").
 */
static struct bj_text without_domain(struct bj_text name, struct bj_text domain)
{
    struct bj_cursor c;
    size_t head;

    if (domain.len == 0 || name.len <= domain.len + 1)
        return name;
    head = name.len - domain.len - 1;
    bj_cursor_init(&c, (const uint8_t *)name.text, name.len);
    bj_cursor_skip(&c, head);
    if (bj_cursor_u8(&c) == '.' &&
        bj_ascii_equal_nocase(bj_cursor_bytes(&c, domain.len), domain.len,
                              (const uint8_t *)domain.text, domain.len))
        name.len = head;
    return name;
}

static void write_numeric(struct bj_writer *w, const struct bj_nameinfo *info,
                          struct bj_text zone)
{
    struct bj_address address = info->endpoint.address;

    if (!info->asks_zone || zone.len == 0) {
        bj_address_write(w, &address);
        return;
    }
    address.scope = 0;
    bj_address_write(w, &address);
    bj_writer_char(w, '%');
    write_text(w, zone);
}

/* Failures that say nothing about whether there is a name. */
static bool is_passing(enum bj_outcome found)
{
    switch (found) {
    case BJ_SERVER_FAILED:
    case BJ_TIMED_OUT:
    case BJ_UNREACHABLE:
    case BJ_NO_MEMORY:
    case BJ_SYSTEM:
        return true;
    default:
        return false;
    }
}

enum bj_outcome bj_nameinfo_host(const struct bj_nameinfo *info,
                                 const struct bj_nameinfo_names *names,
                                 char *host, size_t cap)
{
    struct bj_text name = names->name;
    struct bj_writer w;

    bj_writer_init(&w, (uint8_t *)host, cap);
    if (info->asks_host && is_passing(names->found))
        return refuse(host, cap, names->found);
    if (info->asks_host && names->found == BJ_FOUND &&
        bj_hostname_valid(name.text, name.len)) {
        if ((info->flags & NI_NOFQDN) != 0)
            name = without_domain(name, names->domain);
        write_text(&w, name);
        return finish(&w);
    }
    if ((info->flags & NI_NAMEREQD) != 0)
        return refuse(host, cap, BJ_NO_NAME);
    write_numeric(&w, info, names->zone);
    return finish(&w);
}

enum bj_outcome bj_nameinfo_service(const struct bj_nameinfo *info,
                                    struct bj_text name, char *service,
                                    size_t cap)
{
    struct bj_writer w;

    bj_writer_init(&w, (uint8_t *)service, cap);
    if (info->asks_service && name.len > 0 &&
        bj_service_is_visible(name.text, name.len))
        write_text(&w, name);
    else
        bj_writer_dec(&w, info->endpoint.port);
    return finish(&w);
}
