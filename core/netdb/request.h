#ifndef BJ_CORE_NETDB_REQUEST_H
#define BJ_CORE_NETDB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/address.h"
#include "core/netdb/answer.h"
#include "core/netdb/error.h"

struct addrinfo; /* <netdb.h> */

/* One kind of socket that a caller may want, and the port of the service. */
struct bj_socket_kind {
    int socktype;
    int protocol;
    /* What services(5) lists the service under: "tcp". */
    const char *service_protocol;
    uint16_t port;
    bool port_known;
};

/* Stream over TCP and SCTP, datagram over UDP and UDP-Lite, DCCP, and
 * sequenced packets over SCTP: the kinds that a named service may have. */
enum { BJ_SOCKET_KINDS = 6 };

/*
 * What the arguments of getaddrinfo come to once they are seen to make
 * sense. The texts point into the caller's strings.
 */
struct bj_request {
    int flags;
    enum bj_family family;
    /* The name asked for; text NULL for none, which means this host. */
    struct bj_text node;
    /* A service to look up by name; len 0 if every port is known. */
    struct bj_text service;
    struct bj_socket_kind kinds[BJ_SOCKET_KINDS];
    size_t kind_count;
};

/* Whether the host has an address of either family besides the loopback:
 * what AI_ADDRCONFIG asks about. */
struct bj_configured {
    bool ip4;
    bool ip6;
};

/*
 * Reads the arguments as glibc's getaddrinfo does (each may be NULL, "*" is
 * NULL) and reports what is wrong with them in its order. BJ_FOUND: *out is
 * the request. Otherwise *out is zero. Services are stricter than glibc's:
 * a port is digits only and at most 65535, a name visible ASCII of at most 255
 * octets.
 */
enum bj_outcome bj_request_read(const char *node, const char *service,
                                const struct addrinfo *hints,
                                struct bj_configured configured,
                                struct bj_request *out);

/*
 * For a request with a service by name, after its port was looked up for
 * each kind: drops the kinds whose port is not known. BJ_NO_SERVICE if none
 * is left, else BJ_FOUND.
 */
enum bj_outcome bj_request_settle(struct bj_request *request);

/* Whether addresses of this family (IP4 or IP6) can be of use to it. */
bool bj_request_asks(const struct bj_request *request, enum bj_family family);

/* An answer that no lookup is needed for. */
struct bj_numeric {
    enum bj_outcome outcome;
    struct bj_address addresses[2];
    size_t count;
    /* The zone of a link-local address given by name: its index goes to
     * addresses[0].scope; a zone that has none is BJ_NO_NAME. */
    struct bj_zone zone;
};

/*
 * Whether the request is answered, or refused, without a lookup: no node at
 * all, an address literal, a text that is no host name, or AI_NUMERICHOST.
 * Fills *out if so; else it is zero.
 */
bool bj_request_numeric(const struct bj_request *request,
                        struct bj_numeric *out);

#endif
