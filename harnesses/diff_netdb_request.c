/*
 * All of getaddrinfo that needs no lookup, beside the C library's: literals,
 * NULLs, numeric services, every family, socket type, protocol and flag, and
 * every code for what is wrong with them. The chain that we build must be
 * the chain that it builds, node for node, or the code the same.
 *
 * AI_NUMERICHOST is always set and AI_ADDRCONFIG never, so that nobody opens
 * anything; with no node and any family it is asked for one family at a
 * time, so that it does not ask the kernel for an order. Permitted
 * differences are the rows of `permitted`.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/netdb/addrinfo.h"
#include "core/netdb/error.h"
#include "core/netdb/request.h"
#include "harnesses/harness.h"
#include "harnesses/support/gai_arguments.h"

static const char *service_of(const struct bj_gai_arguments *a)
{
    return a->service_or_null == NULL ? "" : a->service_or_null;
}

/* A service by name: a lookup in services(5). */
static bool is_named_service(const struct bj_gai_arguments *a)
{
    const char *s = service_of(a);

    return s[strspn(s, "0123456789")] != '\0' && strcmp(s, "*") != 0 &&
           (a->hints.ai_flags & AI_NUMERICSERV) == 0;
}

/* strtoul takes white space and a sign before the digits, and glibc then
 * keeps 16 bits of any number: "65616" is port 80. Ours are digits only, at
 * most 65535. */
static bool is_odd_port(const struct bj_gai_arguments *a)
{
    const char *s = service_of(a);

    return strspn(s, " \t\n\v\f\r+-") > 0 || strlen(s) > 5 ||
           strtoul(s, NULL, 10) > 65535;
}

/* On a link-local address the C library asks the kernel whether the zone is
 * an interface, and elsewhere reads what strtoul reads. */
static bool has_zone(const struct bj_gai_arguments *a)
{
    return a->node_or_null != NULL && strchr(a->node_or_null, '%') != NULL;
}

/* libidn2, if it is there, turns it into something else. */
static bool is_international(const struct bj_gai_arguments *a)
{
    const char *node = a->node_or_null == NULL ? "" : a->node_or_null;

    if ((a->hints.ai_flags & (AI_IDN | AI_CANONIDN)) == 0)
        return false;
    for (; *node != '\0'; node++)
        if ((*node & 0x80) != 0 || strncasecmp(node, "xn--", 4) == 0)
            return true;
    return false;
}

static const struct permitted {
    const char *what;
    bool (*applies)(const struct bj_gai_arguments *a);
} permitted[] = {
    {"a service by name", is_named_service},
    {"a port with a sign, white space, or over 65535", is_odd_port},
    {"a zone", has_zone},
    {"an international name", is_international},
};

static bool is_permitted(const struct bj_gai_arguments *a)
{
    for (size_t i = 0; i < sizeof(permitted) / sizeof(permitted[0]); i++)
        if (permitted[i].applies(a))
            return true;
    return false;
}

/* Ours: the outcome, and the chain in a block of its own. */
static enum bj_outcome ask_us(const struct bj_gai_arguments *a,
                              struct addrinfo **list)
{
    struct bj_request r;
    struct bj_numeric numeric;
    struct bj_answer answer;
    struct bj_arena arena;
    enum bj_outcome outcome;
    void *block;

    *list = NULL;
    outcome = bj_request_read(a->node_or_null, a->service_or_null, &a->hints,
                              a->configured, &r);
    if (outcome != BJ_FOUND)
        return outcome;
    BJ_CHECK(bj_request_numeric(&r, &numeric), "needs-no-lookup");
    if (numeric.outcome != BJ_FOUND)
        return numeric.outcome;
    memset(&answer, 0, sizeof(answer));
    answer.addresses = numeric.addresses;
    answer.address_count = numeric.count;
    bj_arena_init(&arena, NULL, 0);
    BJ_CHECK(bj_addrinfo_build(&r, &answer, &arena, list) == BJ_SPACE,
             "measures");
    block = malloc(arena.len);
    if (block == NULL)
        abort();
    bj_arena_init(&arena, block, arena.len);
    BJ_CHECK(bj_addrinfo_build(&r, &answer, &arena, list) == BJ_OK, "builds");
    return BJ_FOUND;
}

static bool is_local(const struct bj_gai_arguments *a)
{
    return a->node_or_null == NULL || strcmp(a->node_or_null, "*") == 0;
}

/* Theirs. */
static int ask_libc(const struct bj_gai_arguments *a, struct addrinfo **list)
{
    struct addrinfo hints = a->hints;
    struct addrinfo *tail;
    int code;

    *list = NULL;
    if (!is_local(a) || hints.ai_family != AF_UNSPEC)
        return getaddrinfo(a->node_or_null, a->service_or_null, &hints, list);
    hints.ai_family = AF_INET6;
    code = getaddrinfo(a->node_or_null, a->service_or_null, &hints, list);
    if (code != 0)
        return code;
    hints.ai_family = AF_INET;
    tail = *list;
    while (tail->ai_next != NULL)
        tail = tail->ai_next;
    return getaddrinfo(a->node_or_null, a->service_or_null, &hints,
                       &tail->ai_next);
}

static void compare(const struct addrinfo *ours, const struct addrinfo *theirs)
{
    for (; ours != NULL && theirs != NULL;
         ours = ours->ai_next, theirs = theirs->ai_next) {
        BJ_CHECK(ours->ai_flags == theirs->ai_flags, "flags");
        BJ_CHECK(ours->ai_family == theirs->ai_family, "family");
        BJ_CHECK(ours->ai_socktype == theirs->ai_socktype, "socktype");
        BJ_CHECK(ours->ai_protocol == theirs->ai_protocol, "protocol");
        BJ_CHECK(ours->ai_addrlen == theirs->ai_addrlen, "length");
        BJ_CHECK(memcmp(ours->ai_addr, theirs->ai_addr, ours->ai_addrlen) == 0,
                 "address");
        BJ_CHECK((ours->ai_canonname == NULL) == (theirs->ai_canonname == NULL),
                 "has-name");
        if (ours->ai_canonname != NULL)
            BJ_CHECK(strcmp(ours->ai_canonname, theirs->ai_canonname) == 0,
                     "name");
    }
    BJ_CHECK(ours == NULL && theirs == NULL, "as-many");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bj_gai_arguments a;
    struct addrinfo *ours;
    struct addrinfo *theirs;
    int our_code;
    int their_code;

    bj_gai_arguments_read(data, size, &a);
    a.hints.ai_flags |= AI_NUMERICHOST;
    a.hints.ai_flags &= ~AI_ADDRCONFIG;
    if (is_permitted(&a))
        return 0;
    our_code = bj_outcome_eai(ask_us(&a, &ours));
    their_code = ask_libc(&a, &theirs);
    BJ_CHECK(our_code == their_code, "code");
    compare(ours, theirs);
    bj_digest(&our_code, sizeof(our_code));
    if (theirs != NULL)
        freeaddrinfo(theirs);
    while (ours != NULL)
        free(bj_addrinfo_drop(&ours));
    return 0;
}
