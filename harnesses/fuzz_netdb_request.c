/*
 * Reads the arguments of getaddrinfo out of the input: node and service as
 * strings (or NULL), hints (or NULL), what is configured. Oracles: it is
 * refused for the reason, and only for the reason, that the rules name; a
 * request has sockets that the hints allow and that exist; a node is taken
 * for a literal exactly when inet_pton or inet_aton takes it, and is then
 * the same address; a failure leaves zeroes (R27, R28, R38).
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include "core/netdb/hostname.h"
#include "core/netdb/request.h"
#include "harnesses/harness.h"
#include "harnesses/support/gai_arguments.h"

static bool starred(const char *s)
{
    return s == NULL || strcmp(s, "*") == 0;
}

/* Empty is no service; digits are a port; the rest is a name, or cannot be. */
enum service { NO_SERVICE, PORT, BIG_PORT, NAME, NO_SUCH_NAME };

static enum service classify(const char *s)
{
    unsigned long value = 0;
    const char *name = s;

    if (starred(s) || s[0] == '\0')
        return NO_SERVICE;
    for (; *s >= '0' && *s <= '9'; s++)
        value = value > 65535 ? value : value * 10 + (unsigned long)(*s - '0');
    if (value > 65535)
        return BIG_PORT;
    if (*s == '\0')
        return PORT;
    for (s = name; *s > ' ' && *s <= '~';)
        s++;
    return *s == '\0' && s - name < 256 ? NAME : NO_SUCH_NAME;
}

/* The first rule that the arguments break; of what sockets exist the rule is
 * checked by check_kinds. */
static enum bj_outcome verdict(const struct bj_gai_arguments *a)
{
    int flags = a->has_hints ? a->hints.ai_flags : AI_ADDRCONFIG;
    int family = a->has_hints ? a->hints.ai_family : AF_UNSPEC;
    enum service service = classify(a->service_or_null);

    if (starred(a->node_or_null) && starred(a->service_or_null))
        return BJ_NO_NAME;
    if ((flags & ~0x7ff) != 0)
        return BJ_BAD_FLAGS;
    if ((flags & AI_CANONNAME) != 0 && starred(a->node_or_null))
        return BJ_BAD_FLAGS;
    if (family == AF_UNIX)
        return BJ_BAD_FAMILY;
    if ((flags & AI_ADDRCONFIG) != 0 &&
        ((family == AF_INET && !a->configured.ip4) ||
         (family == AF_INET6 && !a->configured.ip6)))
        return BJ_NO_NAME;
    if (service == BIG_PORT)
        return BJ_NO_SERVICE;
    if (service >= NAME && (flags & AI_NUMERICSERV) != 0)
        return BJ_NO_NAME;
    return service == NO_SUCH_NAME ? BJ_NO_SERVICE : BJ_FOUND;
}

/* Every socket that there is, apart from raw ones. */
static bool exists(int socktype, int protocol)
{
    switch (protocol) {
    case IPPROTO_TCP:
        return socktype == SOCK_STREAM;
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
        return socktype == SOCK_DGRAM;
    case IPPROTO_DCCP:
        return socktype == SOCK_DCCP;
    case IPPROTO_SCTP:
        return socktype == SOCK_STREAM || socktype == SOCK_SEQPACKET;
    default:
        return false;
    }
}

static void check_kinds(const struct bj_gai_arguments *a,
                        const struct bj_request *r)
{
    int socktype = a->has_hints ? a->hints.ai_socktype : 0;
    int protocol = a->has_hints ? a->hints.ai_protocol : 0;
    enum service service = classify(a->service_or_null);
    bool open = socktype == 0 && protocol == 0;
    size_t wanted = !open ? 1 : service == NAME ? 6 : 3;

    BJ_CHECK(r->kind_count == wanted, "count-of-kinds");
    for (size_t i = 0; i < r->kind_count; i++) {
        const struct bj_socket_kind *kind = &r->kinds[i];

        BJ_CHECK(socktype == 0 || kind->socktype == socktype, "socktype");
        BJ_CHECK(protocol == 0 || kind->protocol == protocol, "protocol");
        BJ_CHECK(kind->socktype == SOCK_RAW
                     ? service == NO_SERVICE || open
                     : exists(kind->socktype, kind->protocol),
                 "kind-exists");
        BJ_CHECK(kind->port_known == (service != NAME), "port-known");
        BJ_CHECK(
            kind->port ==
                (service == PORT ? strtoul(a->service_or_null, NULL, 10) : 0),
            "port");
    }
    BJ_CHECK((r->service.len > 0) == (service == NAME), "service-by-name");
}

static bool all_zero(const void *p, size_t n)
{
    const uint8_t *bytes = p;

    for (size_t i = 0; i < n; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* What libc takes the node for, zones aside: AF_INET, AF_INET6 or 0. */
static int libc_reading(const char *node, uint8_t octets[16])
{
    char head[512];
    const char *percent = strchr(node, '%');
    struct in_addr ip4;

    /* inet_aton takes white space for an end. */
    if (strpbrk(node, " \t\n\v\f\r") == NULL && inet_aton(node, &ip4) != 0) {
        memcpy(octets, &ip4, 4);
        return AF_INET;
    }
    snprintf(head, sizeof(head), "%.*s",
             percent == NULL ? 511 : (int)(percent - node), node);
    return inet_pton(AF_INET6, head, octets) == 1 ? AF_INET6 : 0;
}

static void check_literal(const struct bj_request *r,
                          const struct bj_numeric *numeric, int reading,
                          const uint8_t octets[16])
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    const struct bj_address *got = &numeric->addresses[0];
    struct in6_addr ip6;
    bool as_ip4 = got->family == BJ_FAMILY_IP4;

    memcpy(&ip6, octets, sizeof(ip6));
    BJ_CHECK(numeric->count == 1, "one-address");
    BJ_CHECK(r->family == BJ_FAMILY_ANY || got->family == r->family,
             "family-asked-for");
    if (reading == AF_INET) {
        BJ_CHECK(memcmp(got->octets + (as_ip4 ? 0 : 12), octets, 4) == 0,
                 "ip4-same");
        BJ_CHECK(as_ip4 || memcmp(got->octets, prefix, 12) == 0, "mapped");
        BJ_CHECK(as_ip4 || (r->flags & AI_V4MAPPED) != 0, "mapping-asked-for");
    } else {
        BJ_CHECK(memcmp(got->octets, octets + (as_ip4 ? 12 : 0),
                        as_ip4 ? 4 : 16) == 0,
                 "ip6-same");
        BJ_CHECK(!as_ip4 || memcmp(octets, prefix, 12) == 0, "unmapped");
        BJ_CHECK(numeric->zone.len == 0 ||
                     (!as_ip4 && (IN6_IS_ADDR_LINKLOCAL(&ip6) ||
                                  IN6_IS_ADDR_MC_LINKLOCAL(&ip6))),
                 "zone-on-a-link");
    }
}

static void check_numeric(const struct bj_request *r)
{
    struct bj_numeric numeric;
    bool is_numeric = bj_request_numeric(r, &numeric);
    uint8_t octets[16] = {0};
    int reading;

    if (!is_numeric || numeric.outcome != BJ_FOUND)
        BJ_CHECK(all_zero(numeric.addresses, sizeof(numeric.addresses)) &&
                     numeric.count == 0 && numeric.zone.len == 0,
                 "zero-on-failure");
    if (r->node.text == NULL) {
        BJ_CHECK(is_numeric &&
                     numeric.count == (r->family == BJ_FAMILY_ANY ? 2U : 1U),
                 "local");
        return;
    }
    reading = libc_reading(r->node.text, octets);
    if (!is_numeric) {
        BJ_CHECK(reading == 0, "missed-literal");
        BJ_CHECK(bj_hostname_valid(r->node.text, r->node.len),
                 "only-host-names-are-looked-up");
    } else if (numeric.outcome == BJ_FOUND) {
        BJ_CHECK(reading != 0, "invented-literal");
        check_literal(r, &numeric, reading, octets);
    } else if (reading == AF_INET || strchr(r->node.text, '%') == NULL) {
        BJ_CHECK((numeric.outcome == BJ_WRONG_FAMILY) == (reading != 0) ||
                     numeric.outcome == BJ_BAD_IDN,
                 "refused-literal");
    }
}

/* RFC 3493 section 6.1: AI_ALL says something only beside AI_V4MAPPED, and
 * both only of IPv6. */
static void check_families(const struct bj_request *r)
{
    bool mapped = (r->flags & AI_V4MAPPED) != 0;

    BJ_CHECK(bj_request_asks(r, BJ_FAMILY_IP6) == (r->family != BJ_FAMILY_IP4),
             "asks-ip6");
    BJ_CHECK(bj_request_asks(r, BJ_FAMILY_IP4) ==
                 (r->family != BJ_FAMILY_IP6 || mapped),
             "asks-ip4");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bj_gai_arguments a;
    struct bj_request r;
    enum bj_outcome outcome;
    enum bj_outcome expected;

    bj_gai_arguments_read(data, size, &a);
    memset(&r, 0xa5, sizeof(r));
    outcome = bj_request_read(a.node_or_null, a.service_or_null,
                              a.has_hints ? &a.hints : NULL, a.configured, &r);
    expected = verdict(&a);
    if (expected != BJ_FOUND)
        BJ_CHECK(outcome == expected, "refused-for-its-reason");
    else
        BJ_CHECK(outcome == BJ_FOUND || outcome == BJ_BAD_SOCKTYPE ||
                     outcome == BJ_NO_SERVICE,
                 "refused-for-its-kind");
    bj_digest(&outcome, sizeof(outcome));
    if (outcome != BJ_FOUND) {
        BJ_CHECK(all_zero(&r, sizeof(r)), "request-zero-on-failure");
        return 0;
    }
    check_kinds(&a, &r);
    check_numeric(&r);
    check_families(&r);
    for (size_t i = 0; i < r.kind_count; i++)
        r.kinds[i].port_known = (size >> i & 1) != 0;
    outcome = bj_request_settle(&r);
    BJ_CHECK((outcome == BJ_FOUND) == (r.kind_count > 0), "settle");
    for (size_t i = 0; i < r.kind_count; i++)
        BJ_CHECK(r.kinds[i].port_known, "settled-ports-known");
    return 0;
}
