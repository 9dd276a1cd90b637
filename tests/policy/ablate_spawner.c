/*
 * The spawner with a hole in its filter: the function that hands it out stands
 * here before the library's, and gives what ablate.c leaves of the table. Made
 * before main, since a spawner cannot allocate. This program exists in the tests
 * only.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/policy/filter.h"
#include "sandbox/policy/lockdown.h"
#include "sandbox/resolve/spawner_state.h"

static struct bj_program program;

__attribute__((constructor)) static void compile(void)
{
    struct bj_filter_source source;
    struct bj_trouble trouble;

    memset(&source, 0, sizeof(source));
    source.action = bj_filter_action(BJ_ROLE_SPAWNER, BJ_MODE_ENFORCE);
    if (!bj_role_collect(BJ_ROLE_SPAWNER, 0, &source.rows) ||
        !bj_filter_compile(&source, &program, &trouble))
        _exit(BJ_EXIT_LOCKDOWN);
}

const struct sock_fprog *bj_spawner_filter(void)
{
    return program.fprog;
}
