#ifndef BJ_SANDBOX_SERVE_LISTEN_H
#define BJ_SANDBOX_SERVE_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/endpoint.h"
#include "sandbox/serve/serve.h"

/*
 * The sockets of the server: opened and bound here, or passed in by systemd,
 * before anything is confined. What a connection needs it inherits from its
 * listener (time limits, TCP_NODELAY, keep-alive), so that no role has to
 * set an option.
 */

/* The server's own descriptors stand here and above: those below have fixed
 * meanings in a role (BJ_FD_LISTENER and its like). */
#define BJ_LISTEN_FD_MIN 10

struct bj_listener {
    int fd;
    bool datagram;
    bool passed; /* by systemd, which goes on owning it: never shut down */
    struct bj_endpoint endpoint;
    char text[BJ_ENDPOINT_TEXT_MAX];
};

struct bj_listeners {
    struct bj_listener list[BJ_SERVE_SOCKETS_MAX];
    size_t count;
};

/*
 * Opens what the options name; without any name, every address of localhost
 * that the machine has. Takes the sockets that systemd passes (LISTEN_FDS)
 * instead when there are some and no name is given. False with one log line
 * that says why.
 */
bool bj_listen_open(const struct bj_serve_options *options,
                    struct bj_listeners *out);

/* The options that an accepted or passed connection would have inherited;
 * false with errno set. */
bool bj_listen_tune(int fd, const struct bj_serve_options *options);

/* How long one wait of read, write or accept lasts at most, in milliseconds,
 * 0 for ever: the idle time, or in thread mode a part of it, after which a
 * worker looks whether its whole time is over. */
uint32_t bj_listen_slice(const struct bj_serve_options *options);

#endif
