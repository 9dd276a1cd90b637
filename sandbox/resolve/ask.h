#ifndef BJ_SANDBOX_RESOLVE_ASK_H
#define BJ_SANDBOX_RESOLVE_ASK_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "core/netdb/nameinfo.h"
#include "core/netdb/request.h"
#include "core/resolve/lookup.h"
#include "sandbox/resolve/engine.h"

/*
 * What a caller asks, in each of the ways there are, as a lookup; and what came
 * of it, in the form that the caller wants it. Between the two may lie a lookup
 * or none.
 */

enum bj_ask_kind {
    BJ_ASK_ADDRINFO,
    BJ_ASK_NAMEINFO,
    BJ_ASK_HOST,
    BJ_ASK_ADDRESS
};

struct bj_ask {
    enum bj_ask_kind kind;
    /* Of the arguments; if it is not BJ_FOUND there is nothing to look up. */
    enum bj_outcome outcome;
    int error; /* errno value of BJ_SYSTEM */
    bool asks; /* a worker: there is something to look up */
    struct bj_lookup lookup;
    /* ADDRINFO and HOST */
    struct bj_request request;
    bool is_numeric;
    struct bj_numeric numeric;
    /* NAMEINFO */
    struct bj_nameinfo nameinfo;
    /* ADDRESS */
    struct bj_address address;
};

/* Texts point into the arguments, which must stay. `r`, NULL being the default
 * one, knows which families there are, if AI_ADDRCONFIG asks for that. */
void bj_ask_addrinfo(struct bj_ask *q, const char *node, const char *service,
                     const struct addrinfo *hints, struct bj_resolver *r);
void bj_ask_nameinfo(struct bj_ask *q, const void *address, socklen_t len,
                     int flags, unsigned wants);
void bj_ask_host(struct bj_ask *q, const char *name, int family);
void bj_ask_address(struct bj_ask *q, const void *address, socklen_t len,
                    int family);

/*
 * Make the result. `reply` is that of the lookup, or one that was only
 * initialised if there was none. On failure they leave behind what the
 * function does that they are the result of. *error is the errno value of
 * BJ_SYSTEM. `r` may be NULL: sources are then not known.
 */
enum bj_outcome bj_ask_list(struct bj_ask *q, struct bj_resolver *r,
                            const struct bj_reply *reply,
                            struct addrinfo **list, int *error);
enum bj_outcome bj_ask_names(const struct bj_ask *q,
                             const struct bj_reply *reply, char *host,
                             size_t host_len, char *service, size_t service_len,
                             int *error);
enum bj_outcome bj_ask_hostent(const struct bj_ask *q,
                               const struct bj_reply *reply,
                               struct hostent *host, char *buf, size_t buf_len,
                               int *error);

/* Puts addresses in the order of RFC 6724, by the sources that the kernel would
 * take. Without memory they stay as they are. */
void bj_sources_sort(struct bj_resolver *r, struct bj_address *addresses,
                     size_t count);

#endif
