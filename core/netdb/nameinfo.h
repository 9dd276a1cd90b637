#ifndef BJ_CORE_NETDB_NAMEINFO_H
#define BJ_CORE_NETDB_NAMEINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "core/addr/endpoint.h"
#include "core/netdb/answer.h"
#include "core/netdb/error.h"

/* Which of its two results a caller of getnameinfo wants. */
enum bj_nameinfo_want { BJ_WANT_HOST = 1, BJ_WANT_SERVICE = 2 };

/* What the arguments of getnameinfo come to once they are seen to make
 * sense. */
struct bj_nameinfo {
    struct bj_endpoint endpoint;
    /* A name is to be looked up for the address, the port, the scope. */
    bool asks_host;
    bool asks_service;
    bool asks_zone;
    int flags;
};

/*
 * Reads `len` octets of socket address, at any alignment, and the NI_*
 * flags; reports what is wrong in glibc's order. `wants` is a sum of
 * bj_nameinfo_want. BJ_FOUND: *out is filled in, else it is zero. NI_IDN is
 * accepted and changes nothing: names are shown as they are in the DNS.
 */
enum bj_outcome bj_nameinfo_read(const void *sockaddr, size_t len, int flags,
                                 unsigned wants, struct bj_nameinfo *out);

/* What was looked up for it. Each text may be empty. */
struct bj_nameinfo_names {
    /* How the lookup of the address ended, and its name if it was found. */
    enum bj_outcome found;
    struct bj_text name;
    /* This host's own domain, without a leading dot, for NI_NOFQDN. */
    struct bj_text domain;
    /* The interface that the scope stands for. */
    struct bj_text zone;
};

/*
 * Writes the host with its NUL to `host`, which has `cap` octets: the name
 * if one was asked for, found, and fit to be handed out
 * (bj_hostname_valid), else the address in numbers, or BJ_NO_NAME if the
 * caller demands a name. A lookup that may succeed later is the outcome.
 * BJ_NO_ROOM: `cap` is too small. On failure `host` is empty if it has room.
 */
enum bj_outcome bj_nameinfo_host(const struct bj_nameinfo *info,
                                 const struct bj_nameinfo_names *names,
                                 char *host, size_t cap);

/* The service likewise: its name, if that is not empty, or the port. */
enum bj_outcome bj_nameinfo_service(const struct bj_nameinfo *info,
                                    struct bj_text name, char *service,
                                    size_t cap);

/* The protocol whose services the port is looked up in: "udp" with NI_DGRAM,
 * else "tcp". A static string. */
const char *bj_nameinfo_protocol(const struct bj_nameinfo *info);

#endif
