#include <unistd.h>

#include "sandbox/serve/echo.h"
#include "sandbox/serve/role.h"

static uint8_t buf[BJ_ECHO_BUF];

static void serve(const struct bj_serve_role *role, int fd)
{
    struct bj_shared *shared = role->shared;
    struct bj_slot *slot = &shared->slots[0];
    enum bj_relay_outcome outcome;

    bj_count(shared, BJ_COUNT_CONNECTIONS, 1);
    atomic_store(&shared->live, 1);
    bj_slot_begin(slot, 0);
    outcome = bj_serve_echo(fd, buf, role->waits, shared, slot);
    bj_slot_end(slot);
    atomic_store(&shared->live, 0);
    bj_serve_echo_count(shared, outcome);
    close(fd);
}

/* One connection at a time; the others wait in the kernel's queue. */
void bj_serve_iterative(const struct bj_serve_role *role)
{
    size_t place;
    int fd;

    bj_lockdown_enter(role->outer, NULL, 0);
    bj_role_ready(role);
    while ((fd = bj_role_accept(role, NULL, &place)) >= 0)
        serve(role, fd);
    _exit(0);
}
