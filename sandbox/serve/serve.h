#ifndef BJ_SANDBOX_SERVE_SERVE_H
#define BJ_SANDBOX_SERVE_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/policy/lockdown.h"

/*
 * `belljar serve`: RFC 862 echo under glass. The program binds, gives up its
 * identity and becomes the keeper (keeper.h), under which each listening
 * socket has a role process that serves it in one of the ways below.
 */

enum bj_serve_mode {
    BJ_SERVE_PROCESS,   /* a child for each connection */
    BJ_SERVE_ITERATIVE, /* one connection at a time, the others queue */
    BJ_SERVE_THREAD,    /* a thread for each connection */
    BJ_SERVE_UDP,       /* datagrams; not for --mode */
};

/* The name of a mode, as in `mode=process`. */
const char *bj_serve_mode_name(enum bj_serve_mode mode);

/* Listening sockets at most: each has a process. */
#define BJ_SERVE_SOCKETS_MAX 32

struct bj_serve_options {
    enum bj_serve_mode mode;
    bool udp;
    const char *listen[BJ_SERVE_SOCKETS_MAX];
    size_t listen_count; /* 0: every address of localhost, port 7007 */
    const char *user;    /* NULL: nobody */
    uint32_t idle_ms;    /* 0: for ever */
    uint32_t max_ms;     /* 0: for ever */
    uint32_t max_connections;
    uint32_t max_per_source; /* 0: no limit of its own */
    uint32_t udp_rate;       /* answers a second to one network; 0: no limit */
    enum bj_mode sandbox;
    unsigned without; /* BJ_LAYER_* */
};

/* Says so, loudly, if the sandbox enforces nothing or is off. */
void bj_serve_warn(const struct bj_serve_options *options);

/* Serves until it is told to stop; the exit status. */
int bj_serve_run(const struct bj_serve_options *options);

/* Serves the one connection that is descriptor 0 (inetd.c). */
int bj_serve_inetd(const struct bj_serve_options *options);

#endif
