/*
 * Reads a socket address of any length and alignment, flags, and what was
 * looked up, out of the input, and writes host and service into exact blocks
 * of the capacity that the last byte chooses. Oracles: the arguments are
 * refused for the reason that the rules name; the text is the name, cut at a
 * domain that is its own, or what inet_ntop says and a scope; a name that is
 * none is never handed out (R07); it succeeds exactly when the capacity
 * suffices, is empty when it fails, and nothing outside is written.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>

#include "core/bytes/cursor.h"
#include "core/netdb/hostname.h"
#include "core/netdb/nameinfo.h"
#include "harnesses/harness.h"

struct arguments {
    const uint8_t *sockaddr;
    size_t len;
    int flags;
    unsigned wants;
};

static struct bj_text read_text(struct bj_cursor *c)
{
    size_t len = bj_cursor_u8(c);
    struct bj_text text = {"", 0};

    if (len > bj_cursor_left(c))
        len = bj_cursor_left(c);
    if (len > 0) {
        text.text = (const char *)bj_cursor_bytes(c, len);
        text.len = len;
    }
    return text;
}

static int family_of(const struct arguments *a)
{
    sa_family_t family;

    if (a->sockaddr == NULL || a->len < sizeof(family))
        return -1;
    memcpy(&family, a->sockaddr, sizeof(family));
    return family;
}

static enum bj_outcome verdict(const struct arguments *a)
{
    if ((a->flags & ~0xff) != 0)
        return BJ_BAD_FLAGS;
    if (family_of(a) < 0)
        return BJ_BAD_FAMILY;
    if ((a->flags & NI_NAMEREQD) != 0 && a->wants == 0)
        return BJ_NO_NAME;
    if (family_of(a) == AF_INET && a->len >= sizeof(struct sockaddr_in))
        return BJ_FOUND;
    if (family_of(a) == AF_INET6 && a->len >= sizeof(struct sockaddr_in6))
        return BJ_FOUND;
    return BJ_BAD_FAMILY;
}

/* The address and scope as libc writes them, and the port. */
static unsigned numeric(const struct arguments *a, struct bj_text zone,
                        bool named, char out[96])
{
    struct sockaddr_in6 ip6;
    struct sockaddr_in ip4;
    size_t len;

    if (family_of(a) == AF_INET) {
        memcpy(&ip4, a->sockaddr, sizeof(ip4));
        inet_ntop(AF_INET, &ip4.sin_addr, out, 96);
        return ntohs(ip4.sin_port);
    }
    memcpy(&ip6, a->sockaddr, sizeof(ip6));
    inet_ntop(AF_INET6, &ip6.sin6_addr, out, 96);
    len = strlen(out);
    named = named && zone.len > 0 &&
            (IN6_IS_ADDR_LINKLOCAL(&ip6.sin6_addr) ||
             IN6_IS_ADDR_MC_LINKLOCAL(&ip6.sin6_addr));
    if (ip6.sin6_scope_id != 0 && named)
        snprintf(out + len, 96 - len, "%%%.*s", (int)zone.len, zone.text);
    else if (ip6.sin6_scope_id != 0)
        snprintf(out + len, 96 - len, "%%%u", (unsigned)ip6.sin6_scope_id);
    return ntohs(ip6.sin6_port);
}

/* The name as a string, less the domain if it ends in that. */
static void named(const struct bj_nameinfo_names *names, int flags,
                  char out[300])
{
    char suffix[300];
    size_t cut;

    snprintf(out, 300, "%.*s", (int)names->name.len, names->name.text);
    if ((flags & NI_NOFQDN) == 0 || names->domain.len == 0)
        return;
    /* An octet that ends a string is in no valid name: no suffix then. */
    if (memchr(names->domain.text, '\0', names->domain.len) != NULL)
        return;
    snprintf(suffix, sizeof(suffix), ".%.*s", (int)names->domain.len,
             names->domain.text);
    if (strlen(out) <= strlen(suffix))
        return;
    cut = strlen(out) - strlen(suffix);
    if (strcasecmp(out + cut, suffix) == 0)
        out[cut] = '\0';
}

/* The outcome expected, and the text of it. */
static enum bj_outcome expect(const struct arguments *a,
                              const struct bj_nameinfo_names *names,
                              char out[300])
{
    bool ask =
        (a->wants & BJ_WANT_HOST) != 0 && (a->flags & NI_NUMERICHOST) == 0;

    if (ask && bj_outcome_eai(names->found) == EAI_AGAIN)
        return names->found;
    if (ask && (names->found == BJ_SYSTEM || names->found == BJ_NO_MEMORY))
        return names->found;
    if (ask && names->found == BJ_FOUND &&
        bj_hostname_valid(names->name.text, names->name.len)) {
        named(names, a->flags, out);
        return BJ_FOUND;
    }
    if ((a->flags & NI_NAMEREQD) != 0)
        return BJ_NO_NAME;
    (void)numeric(a, names->zone, (a->wants & BJ_WANT_HOST) != 0, out);
    return BJ_FOUND;
}

static void check_text(enum bj_outcome outcome, enum bj_outcome expected,
                       const char *got, size_t cap, const char *want)
{
    if (expected != BJ_FOUND) {
        BJ_CHECK(outcome == expected, "refused");
    } else {
        BJ_CHECK(outcome == (strlen(want) < cap ? BJ_FOUND : BJ_NO_ROOM),
                 "room-iff");
    }
    if (outcome == BJ_FOUND)
        BJ_CHECK(strcmp(got, want) == 0, "same-text");
    else
        BJ_CHECK(cap == 0 || got[0] == '\0', "empty-on-failure");
}

static void check_service(const struct bj_nameinfo *info,
                          const struct arguments *a, struct bj_text name,
                          char *out, size_t cap)
{
    char scratch[96];
    char want[300];
    bool usable = name.len > 0;
    struct bj_text none = {"", 0};

    for (size_t i = 0; i < name.len; i++)
        if (name.text[i] <= ' ' || name.text[i] > '~')
            usable = false;
    if (usable && (a->wants & BJ_WANT_SERVICE) != 0 &&
        (a->flags & NI_NUMERICSERV) == 0)
        snprintf(want, sizeof(want), "%.*s", (int)name.len, name.text);
    else
        snprintf(want, sizeof(want), "%u", numeric(a, none, false, scratch));
    check_text(bj_nameinfo_service(info, name, out, cap), BJ_FOUND, out, cap,
               want);
    BJ_CHECK(strcmp(bj_nameinfo_protocol(info),
                    (a->flags & NI_DGRAM) != 0 ? "udp" : "tcp") == 0,
             "protocol");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cap = bj_take_tail(data, &size);
    struct arguments a;
    struct bj_nameinfo info;
    struct bj_nameinfo_names names;
    struct bj_text service;
    struct bj_cursor c;
    enum bj_outcome outcome;
    char want[300] = "";
    const uint8_t *octets;
    uint8_t *block;
    char *out;

    bj_cursor_init(&c, data, size);
    a.flags = bj_cursor_u16(&c) % 512;
    a.wants = bj_cursor_u8(&c) % 4U;
    a.len = bj_cursor_u8(&c) % 40U;
    octets = bj_cursor_bytes(&c, a.len);
    if (octets == NULL)
        a.len = 0;
    block = octets == NULL ? NULL : bj_sockaddr_copy(octets, a.len);
    a.sockaddr = block;
    names.found = (enum bj_outcome)(bj_cursor_u8(&c) % BJ_OUTCOME_COUNT);
    names.name = read_text(&c);
    names.domain = read_text(&c);
    names.zone = read_text(&c);
    /* An interface name, as the kernel gives them. */
    if (names.zone.len > 15 ||
        memchr(names.zone.text, 0, names.zone.len) != NULL)
        names.zone.len = 0;
    service = read_text(&c);
    outcome = bj_nameinfo_read(block, a.len, a.flags, a.wants, &info);
    BJ_CHECK(outcome == verdict(&a), "verdict");
    bj_digest(&outcome, sizeof(outcome));
    if (outcome != BJ_FOUND) {
        BJ_CHECK(info.endpoint.port == 0 && info.flags == 0 &&
                     !info.asks_host && !info.asks_service,
                 "zero-on-failure");
        free(block);
        return 0;
    }
    out = malloc(cap > 0 ? cap : 1);
    if (out == NULL)
        abort();
    memset(out, 0xa5, cap > 0 ? cap : 1);
    outcome = expect(&a, &names, want);
    check_text(bj_nameinfo_host(&info, &names, out, cap), outcome, out, cap,
               want);
    check_service(&info, &a, service, out, cap);
    free(out);
    free(block);
    return 0;
}
