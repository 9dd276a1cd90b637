#ifndef BJ_SANDBOX_LOOKUP_PRINT_H
#define BJ_SANDBOX_LOOKUP_PRINT_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

#include "sandbox/lookup/tried.h"

/*
 * What the C structures hold, on standard output: as getent(1) prints it,
 * member by member, or as one JSON object a line. Names in them are host
 * names (the library hands out no others), and nothing needs escaping but
 * what the user wrote.
 */

/* One line an address, as getent ahosts does; with ports behind the
 * addresses if `ports`. */
void bj_print_lines(const struct addrinfo *list, bool ports);

/* Member by member. */
void bj_print_addrinfo(const struct addrinfo *list);
void bj_print_hostent(const struct hostent *host);

/* An address and its names on one line, as getent hosts does. */
void bj_print_names(const struct hostent *host);

/* What was asked for, for JSON: `service` is NULL if none was. */
struct bj_asked {
    const char *name;
    const char *service;
};

/* As JSON; false if memory or standard output fails. */
bool bj_json_addrinfo(const struct bj_asked *asked,
                      const struct addrinfo *list);
bool bj_json_hostent(const struct bj_asked *asked, const struct hostent *host);
bool bj_json_host(const struct bj_asked *asked, const char *host);
bool bj_json_error(const struct bj_asked *asked, const char *error,
                   const char *text, const struct bj_tried *tried);

/* "SOCK_STREAM", "IPPROTO_TCP", "AF_INET" or NULL. */
const char *bj_print_socktype(int socktype);
const char *bj_print_protocol(int protocol);
const char *bj_print_family(int family);

/* The address of a socket address, or with its port, with a NUL; empty if it
 * has neither. */
struct bj_printed {
    char text[BJ_ENDPOINT_TEXT_MAX];
};
struct bj_printed bj_print_address(const struct addrinfo *ai, bool port);

#endif
