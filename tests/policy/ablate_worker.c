/*
 * belljar-worker with a hole in its filter: main_worker.c is compiled so that
 * it calls the function below, which takes the filter that ablate.c leaves of
 * the table in place of the one that was compiled by the build, and enters the
 * lockdown with that. BJ_WORKER_MODE is enforce or log. This program exists in
 * the tests only.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/policy/filter.h"
#include "sandbox/policy/lockdown.h"

void bj_ablated_enter(const struct bj_lockdown *lockdown, const int *keep,
                      size_t keep_count);
void bj_ablated_enter(const struct bj_lockdown *lockdown, const int *keep,
                      size_t keep_count)
{
    static const struct bj_limits none = {BJ_LIMIT_KEEP, BJ_LIMIT_KEEP,
                                          BJ_LIMIT_KEEP, BJ_LIMIT_KEEP};
    const char *mode = getenv("BJ_WORKER_MODE");
    struct bj_lockdown now = *lockdown;
    struct bj_filter_source source;
    struct bj_trouble trouble;

    if (mode == NULL || !bj_lockdown_mode(mode, &now.mode))
        _exit(BJ_EXIT_LOCKDOWN);
    if (now.mode == BJ_MODE_LOG) {
        now.limits = none;
        close(now.ruleset);
        now.ruleset = -1;
    }
    memset(&source, 0, sizeof(source));
    source.action = bj_filter_action(now.role, now.mode);
    if (!bj_role_collect(now.role, 0, &source.rows) ||
        !bj_filter_compile(&source, &now.program, &trouble))
        _exit(BJ_EXIT_LOCKDOWN);
    bj_lockdown_enter(&now, keep, keep_count);
}
