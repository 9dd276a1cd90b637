/*
 * The spawner with a hole in its filter: the function that hands it out stands
 * here before the library's, and gives what ablate.c leaves of the table. Made
 * before main, since a spawner cannot allocate. This program exists in the tests
 * only.
 */
#include <unistd.h>

#include "sandbox/policy/lockdown.h"
#include "sandbox/resolve/spawner_state.h"

static struct bj_lockdown lockdown;

__attribute__((constructor)) static void compile(void)
{
    static const struct bj_lockdown_setup setup = {.mode = BJ_MODE_ENFORCE};
    struct bj_trouble trouble;

    if (!bj_lockdown_prepare(BJ_ROLE_SPAWNER, &setup, &lockdown, &trouble))
        _exit(BJ_EXIT_LOCKDOWN);
}

const struct sock_fprog *bj_spawner_filter(void)
{
    return lockdown.program.fprog;
}
