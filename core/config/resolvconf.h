#ifndef BJ_CORE_CONFIG_RESOLVCONF_H
#define BJ_CORE_CONFIG_RESOLVCONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/endpoint.h"
#include "core/bytes/limits.h"
#include "core/config/line.h"

/*
 * resolv.conf(5) and the two variables that override it, read as glibc reads
 * them; the differences are in core/README.md.
 */

/*
 * The option words that are flags, all that resolv.conf(5) has. Those from
 * "debug" on nobody heeds, here as in glibc: they are known so that a file
 * with them is not called wrong. Where one word begins with another the
 * longer comes first.
 */
#define BJ_RESOLV_FLAGS(X)                              \
    X(BJ_RESOLV_ROTATE, "rotate")                       \
    X(BJ_RESOLV_NO_AAAA, "no-aaaa")                     \
    X(BJ_RESOLV_EDNS0, "edns0")                         \
    X(BJ_RESOLV_SINGLE_REOPEN, "single-request-reopen") \
    X(BJ_RESOLV_SINGLE, "single-request")               \
    X(BJ_RESOLV_USE_VC, "use-vc")                       \
    X(BJ_RESOLV_TRUST_AD, "trust-ad")                   \
    X(BJ_RESOLV_NO_TLD, "no-tld-query")                 \
    X(BJ_RESOLV_NO_RELOAD, "no-reload")                 \
    X(BJ_RESOLV_STRICT_ERROR, "strict-error")           \
    X(BJ_RESOLV_DEBUG, "debug")                         \
    X(BJ_RESOLV_INET6, "inet6")                         \
    X(BJ_RESOLV_IP6_BYTESTRING, "ip6-bytestring")       \
    X(BJ_RESOLV_IP6_DOTINT, "ip6-dotint")               \
    X(BJ_RESOLV_NO_IP6_DOTINT, "no-ip6-dotint")         \
    X(BJ_RESOLV_NO_CHECK_NAMES, "no-check-names")       \
    X(BJ_RESOLV_INSECURE1, "insecure1")                 \
    X(BJ_RESOLV_INSECURE2, "insecure2")

enum bj_resolv_flag {
#define BJ_RESOLV_FLAG(name, word) name,
    BJ_RESOLV_FLAGS(BJ_RESOLV_FLAG)
#undef BJ_RESOLV_FLAG
        BJ_RESOLV_FLAG_COUNT
};

/* A server: port 53 unless the file says another (ours: "192.0.2.1:5353",
 * "[2001:db8::1]:5353"). A named zone is left to whoever may ask the kernel. */
struct bj_nameserver {
    struct bj_endpoint endpoint;
    struct bj_zone zone;
};

/* Addresses whose bits under the mask are these come first. IPv4 only. */
struct bj_sortlist_entry {
    uint8_t address[4];
    uint8_t mask[4];
};

/*
 * What is read; all but the text may be absent. LOCALDOMAIN and RES_OPTIONS
 * are absent (text NULL) when unset, which differs from set and empty. The
 * host name is what gethostname says: without a search list the part behind
 * its first dot is searched.
 */
struct bj_resolvconf_input {
    const uint8_t *text;
    size_t len;
    struct bj_field local_domain;
    struct bj_field res_options;
    struct bj_field host_name;
};

struct bj_resolvconf {
    struct bj_nameserver servers[BJ_NAMESERVERS_MAX];
    size_t server_count;
    /* In place in the input, names that bj_name_parse accepts, without
     * final dot; len 0 is the root, the name as it is. */
    struct bj_field search[BJ_SEARCH_MAX];
    size_t search_count;
    struct bj_sortlist_entry sortlist[BJ_SORTLIST_MAX];
    size_t sortlist_count;
    unsigned ndots;
    unsigned timeout_s;
    unsigned attempts;
    /* One for each flag, in the order of the table. */
    bool flags[BJ_RESOLV_FLAG_COUNT];
    /* Values that were passed over: no address, no domain, no known option,
     * or more than there is room for. */
    size_t ignored;
};

/*
 * Reads all of it. Never fails: what does not parse is passed over, and
 * there is always a server (127.0.0.1 if none is named) and values within
 * glibc's clamps: ndots 0 to 15, timeout 1 to 30 s, attempts 1 to 5.
 */
void bj_resolvconf_parse(const struct bj_resolvconf_input *in,
                         struct bj_resolvconf *out);

/* Reads a server as the file has it; *out is anything if it is none. */
BJ_MUST_CHECK enum bj_status
bj_nameserver_parse(const uint8_t *text, size_t len, struct bj_nameserver *out);

/* The word of a flag, a static string; NULL if it is none. */
const char *bj_resolv_flag_word(enum bj_resolv_flag flag);

#endif
