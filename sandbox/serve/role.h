#ifndef BJ_SANDBOX_SERVE_ROLE_H
#define BJ_SANDBOX_SERVE_ROLE_H

#include <stdbool.h>
#include <stdnoreturn.h>

#include "core/addr/endpoint.h"
#include "sandbox/policy/lockdown.h"
#include "sandbox/serve/listen.h"
#include "sandbox/serve/serve.h"
#include "sandbox/serve/shared.h"
#include "sandbox/serve/source.h"

/*
 * A role process: born by a fork of the keeper, it takes its socket as
 * BJ_FD_LISTENER, enters its lockdown and serves until it is told to end.
 * BJ_FD_TIMER is a timer of BJ_TIMER_MS that the keeper has armed: to read it
 * is how a role that may not sleep waits. SIGUSR2 has an empty handler,
 * with which the keeper wakes a role; INT, TERM and HUP are ignored.
 */
#define BJ_TIMER_MS 100

struct bj_serve_role {
    pid_t keeper;
    enum bj_serve_mode mode;
    const struct bj_serve_options *options;
    const struct bj_listener *listener;
    struct bj_shared *shared;
    const struct bj_lockdown *outer;
    const struct bj_lockdown *inner; /* of a child or a worker; else NULL */
    unsigned waits; /* expired waits in a row that are too long a silence */
};

/* Becomes the role; in log mode not before the keeper has seized it. */
noreturn void bj_serve_role_run(const struct bj_serve_role *role);

/* The role, and the one below it or BJ_ROLE_COUNT, of a mode. */
enum bj_role bj_serve_outer_role(enum bj_serve_mode mode);
enum bj_role bj_serve_inner_role(enum bj_serve_mode mode);

/* The modes: each serves, confined, until its end, which is its exit. */
noreturn void bj_serve_process(const struct bj_serve_role *role);
noreturn void bj_serve_iterative(const struct bj_serve_role *role);
noreturn void bj_serve_thread(const struct bj_serve_role *role);
noreturn void bj_serve_udp(const struct bj_serve_role *role);

/*
 * What must be had before the keeper is confined, since no role maps memory
 * afterwards; each role gets its own copy by the fork. False with errno set.
 */
bool bj_serve_process_prepare(const struct bj_serve_options *options);
bool bj_serve_thread_prepare(const struct bj_serve_options *options);
bool bj_serve_udp_prepare(const struct bj_serve_options *options,
                          const struct bj_listeners *listeners);

/* Says that the role serves, or is about to. */
void bj_role_ready(const struct bj_serve_role *role);

/*
 * Whom a role serves at once: the places that its limits leave, and how it
 * gives back those of connections that have ended.
 */
struct bj_role_guests {
    struct bj_places places;
    void (*collect)(void);
};

/*
 * The next connection to serve, and in `*place` the place it has taken of the
 * guests'. Whatever is over a limit is refused and counted on the way; while
 * the system lacks something it pauses. `guests` is NULL for a role that serves
 * one connection at a time: its place is 0. -1 once the role is to end.
 */
int bj_role_accept(const struct bj_serve_role *role,
                   struct bj_role_guests *guests, size_t *place);

/* A connection in that place could not be served after all, for this errno:
 * it is refused, the place given back, and the role pauses. */
void bj_role_give_up(const struct bj_serve_role *role,
                     struct bj_role_guests *guests, int fd, size_t place,
                     int error);

/* No new ones come: waits until the last guest is gone, and exits. The keeper
 * ends the wait after its grace. */
noreturn void bj_role_drain(struct bj_role_guests *guests);

#endif
