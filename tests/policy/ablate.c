/*
 * The program with a hole in one of its policies, so that minimality can be
 * shown. A few of the product's functions are compiled under the names
 * bj_real_* for this program, and ours stand before them. The
 * environment says what to take away:
 *
 *     BJ_ABLATE=role:N      row N of that role's own rows is not in its filter
 *     BJ_ABLATE=lockdown:N  the keeper's filter lacks row N of the lockdown
 *     BJ_ABLATE=*           no filter allows anything, the keeper's traces
 *                           too, and nobody but count.c is the tracer (log
 *                           mode): every call that a role makes is counted.
 *                           Answers such as ENOSYS stay, for they steer libc
 *
 * This program exists in the tests only.
 */
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/policy/filter.h"
#include "sandbox/policy/role.h"
#include "sandbox/policy/trace.h"

bool bj_real_role_collect(enum bj_role role, uint32_t under,
                          struct bj_role_rows *out);
uint32_t bj_real_filter_action(enum bj_role role, enum bj_mode mode);
void bj_real_trace_await(void);
int bj_real_trace_seize(pid_t pid);
int bj_real_trace_fork(void);

static bool bare(void)
{
    const char *what = getenv("BJ_ABLATE");

    return what != NULL && strcmp(what, "*") == 0;
}

/* Row N of `rows` if the environment says "name:N", or NULL. */
static const struct bj_row *named(const char *name, const struct bj_row *rows,
                                  size_t count)
{
    const char *what = getenv("BJ_ABLATE");
    size_t len = strlen(name);
    size_t row;

    if (what == NULL || strncmp(what, name, len) != 0 || what[len] != ':')
        return NULL;
    row = strtoul(what + len + 1, NULL, 10);
    return row < count ? &rows[row] : NULL;
}

static bool taken(enum bj_role role, const struct bj_row *row)
{
    const struct bj_role_policy *policy = bj_role_policy(role);
    const struct bj_row *lockdown;
    size_t count;

    if (bare())
        return row->answer == 0;
    lockdown = bj_role_lockdown_rows(&count);
    return row == named(policy->name, policy->rows, policy->row_count) ||
           row == named("lockdown", lockdown, count);
}

bool bj_role_collect(enum bj_role role, uint32_t under,
                     struct bj_role_rows *out)
{
    size_t kept = 0;
    size_t i;

    if (!bj_real_role_collect(role, under, out))
        return false;
    for (i = 0; i < out->count; i += 1) {
        if (taken(role, out->row[i]))
            continue;
        out->row[kept] = out->row[i];
        out->owner[kept] = out->owner[i];
        kept += 1;
    }
    out->count = kept;
    return true;
}

uint32_t bj_filter_action(enum bj_role role, enum bj_mode mode)
{
    if (bare())
        return SECCOMP_RET_TRACE | (uint32_t)role;
    return bj_real_filter_action(role, mode);
}

void bj_trace_await(void)
{
    if (!bare())
        bj_real_trace_await();
}

int bj_trace_seize(pid_t pid)
{
    return bare() ? 0 : bj_real_trace_seize(pid);
}

int bj_trace_fork(void)
{
    return bare() ? 0 : bj_real_trace_fork();
}
