#ifndef BJ_CORE_ADDR_ENDPOINT_H
#define BJ_CORE_ADDR_ENDPOINT_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/address.h"
#include "core/bytes/limits.h"
#include "core/bytes/status.h"
#include "core/bytes/writer.h"

/*
 * An address and a port: as text (`192.0.2.1:7`, `[2001:db8::1]:7`,
 * `[fe80::1%eth0]:7`) and as the socket address that the kernel takes and
 * gives. Numeric only: names of hosts and services are not for this file.
 */
struct bj_endpoint {
    struct bj_address address;
    uint16_t port;
};

/*
 * Reads all of `text`: an IPv4 address or an IPv6 address in brackets, with
 * or without zone, then ":" and the port in decimal without leading zeros.
 * Fails with BJ_BAD, or BJ_LIMIT for a port over 65535 and as
 * bj_ip6_parse_zone does; *out and *zone are then zero.
 */
BJ_MUST_CHECK enum bj_status bj_endpoint_parse(const uint8_t *text, size_t len,
                                               struct bj_endpoint *out,
                                               struct bj_zone *zone);

/* Appends that text, a scope as its number. BJ_BUG is latched if the address
 * has no family. */
void bj_endpoint_write(struct bj_writer *w, const struct bj_endpoint *endpoint);

/* Writes it with a NUL; returns the length without the NUL. An endpoint
 * without family gives the empty string. */
size_t bj_endpoint_format(const struct bj_endpoint *endpoint,
                          char out[static BJ_ENDPOINT_TEXT_MAX]);

/*
 * Fills *out, the whole of it, with the socket address, and returns the
 * length to give the kernel; 0, with *out zero, if there is no family.
 * Flow information is 0.
 */
socklen_t bj_endpoint_to_sockaddr(const struct bj_endpoint *endpoint,
                                  struct sockaddr_storage *out);

/*
 * Reads `len` octets as a socket address: from the kernel, or from a caller
 * of ours, at any alignment. BJ_MORE if they are fewer than its family's
 * structure has, BJ_UNSUPPORTED for a family other than AF_INET and AF_INET6;
 * *out is then zero. Flow information and padding are dropped, octets behind
 * the structure are not looked at.
 */
BJ_MUST_CHECK enum bj_status bj_endpoint_from_sockaddr(const void *sockaddr,
                                                       size_t len,
                                                       struct bj_endpoint *out);

#endif
