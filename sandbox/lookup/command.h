#ifndef BJ_SANDBOX_LOOKUP_COMMAND_H
#define BJ_SANDBOX_LOOKUP_COMMAND_H

#include <stdbool.h>

#include "core/addr/address.h"
#include "sandbox/lookup/tried.h"
#include "sandbox/resolve/belljar.h"

/*
 * One question of `belljar lookup`: asked of libbelljar's resolver, and its
 * answer printed as the C structures have it, or as getent does.
 */
enum bj_lookup_form {
    BJ_LOOKUP_LINES,    /* as getent ahosts, or getent hosts for an address */
    BJ_LOOKUP_ADDRINFO, /* struct addrinfo, or what getnameinfo says */
    BJ_LOOKUP_HOSTENT,  /* struct hostent */
};

struct bj_lookup_command {
    const char *name;
    const char *service; /* NULL for none */
    bool reverse;        /* `name` is an address whose name is wanted */
    enum bj_family family;
    enum bj_lookup_form form;
    bool json;
    struct bj_resolver_options options; /* but for what belongs to a trace */
    struct bj_tried tried;
};

/*
 * Asks, prints the answer on standard output and what went wrong on standard
 * error, with what was tried. Once the resolver is open the program is under the
 * filter of the role `driver`, and stays so. Returns the exit status of the
 * command: 0, 1, or BJ_EXIT_LOCKDOWN.
 */
int bj_lookup_command_run(struct bj_lookup_command *ask);

#endif
