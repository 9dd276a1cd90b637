/*
 * getnameinfo in numbers, beside the C library's: any octets as a socket
 * address of any length, every flag, both results wanted or not, buffers of
 * the size that the last byte chooses. Text and code must be the same.
 *
 * NI_NUMERICHOST and NI_NUMERICSERV are always set, so that nobody looks
 * anything up. Permitted differences are the rows of `permitted`.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/bytes/cursor.h"
#include "core/netdb/nameinfo.h"
#include "harnesses/harness.h"

struct arguments {
    const uint8_t *sockaddr; /* an exact block, or NULL */
    size_t len;
    int flags;
    unsigned wants;
    size_t cap;
};

static int family_of(const struct arguments *a)
{
    sa_family_t family = AF_UNSPEC;

    if (a->sockaddr != NULL && a->len >= sizeof(family))
        memcpy(&family, a->sockaddr, sizeof(family));
    return family;
}

/* It gives this host's name and a path; we know addresses only. */
static bool is_unix(const struct arguments *a)
{
    return family_of(a) == AF_UNIX;
}

/* It asks the kernel for the interface; with us the caller does. */
static bool has_zone(const struct arguments *a)
{
    struct sockaddr_in6 ip6;

    if (family_of(a) != AF_INET6 || a->len < sizeof(ip6))
        return false;
    memcpy(&ip6, a->sockaddr, sizeof(ip6));
    return ip6.sin6_scope_id != 0 && (IN6_IS_ADDR_LINKLOCAL(&ip6.sin6_addr) ||
                                      IN6_IS_ADDR_MC_LINKLOCAL(&ip6.sin6_addr));
}

/* It takes a buffer of no octets for a result that is not wanted. */
static bool is_empty(const struct arguments *a)
{
    return a->wants != 0 && a->cap == 0;
}

static const struct permitted {
    const char *what;
    bool (*applies)(const struct arguments *a);
} permitted[] = {
    {"an address of AF_UNIX", is_unix},
    {"a zone of a link-local address", has_zone},
    {"a buffer of no octets", is_empty},
};

static bool is_permitted(const struct arguments *a)
{
    for (size_t i = 0; i < sizeof(permitted) / sizeof(permitted[0]); i++)
        if (permitted[i].applies(a))
            return true;
    return false;
}

static enum bj_outcome ask_us(const struct arguments *a, char *host,
                              char *service)
{
    static const struct bj_text none = {"", 0};
    struct bj_nameinfo_names names = {BJ_NO_NAME, {"", 0}, {"", 0}, {"", 0}};
    struct bj_nameinfo info;
    enum bj_outcome outcome =
        bj_nameinfo_read(a->sockaddr, a->len, a->flags, a->wants, &info);

    if (outcome == BJ_FOUND && (a->wants & BJ_WANT_HOST) != 0)
        outcome = bj_nameinfo_host(&info, &names, host, a->cap);
    if (outcome == BJ_FOUND && (a->wants & BJ_WANT_SERVICE) != 0)
        outcome = bj_nameinfo_service(&info, none, service, a->cap);
    return outcome;
}

static int ask_libc(const struct arguments *a, char *host, char *service)
{
    bool wants_host = (a->wants & BJ_WANT_HOST) != 0;
    bool wants_service = (a->wants & BJ_WANT_SERVICE) != 0;

    return getnameinfo((const struct sockaddr *)(const void *)a->sockaddr,
                       (socklen_t)a->len, wants_host ? host : NULL,
                       wants_host ? (socklen_t)a->cap : 0,
                       wants_service ? service : NULL,
                       wants_service ? (socklen_t)a->cap : 0, a->flags);
}

static void compare(const struct arguments *a)
{
    char texts[4][256];
    int ours;
    int theirs;

    memset(texts, 0, sizeof(texts));
    ours = bj_outcome_eai(ask_us(a, texts[0], texts[1]));
    theirs = ask_libc(a, texts[2], texts[3]);
    BJ_CHECK(ours == theirs, "code");
    bj_digest(&ours, sizeof(ours));
    if (ours != 0)
        return;
    BJ_CHECK(strcmp(texts[0], texts[2]) == 0, "host");
    BJ_CHECK(strcmp(texts[1], texts[3]) == 0, "service");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arguments a = {.cap = bj_take_tail(data, &size)};
    const uint8_t *octets;
    uint8_t *block = NULL;
    struct bj_cursor c;

    bj_cursor_init(&c, data, size);
    a.flags = bj_cursor_u16(&c) % 512 | NI_NUMERICHOST | NI_NUMERICSERV;
    a.wants = bj_cursor_u8(&c) % 4U;
    a.len = bj_cursor_u8(&c) % 40U;
    octets = bj_cursor_bytes(&c, a.len);
    if (octets != NULL)
        block = bj_sockaddr_copy(octets, a.len);
    else
        a.len = 0;
    a.sockaddr = block;
    if (!is_permitted(&a))
        compare(&a);
    free(block);
    return 0;
}
