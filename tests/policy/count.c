/*
 * policy_count OUT PROGRAM ARGUMENT...
 *
 * Runs policy_ablated with no row in any filter and is the tracer of all its
 * processes: every call that a role makes is matched with the rows of its
 * policy, and at the end it adds to OUT, a line each, how often a row was used
 * and with which arguments first:
 *
 *     role row count a0,a1,a2,a3,a4,a5
 *
 * policy_count --rows prints "role row call" for every row there is.
 *
 * A call that no row lists has the row "-" and its name behind. Signals for
 * the program are passed on; the exit status is the program's.
 */
#include <errno.h>
#include <inttypes.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/policy/role.h"
#include "sandbox/policy/trace.h"

#define OWNERS (BJ_ROLE_COUNT + 1) /* the last: the lockdown */

static struct {
    uint64_t count;
    uint64_t args[6];
} used[OWNERS][BJ_ROWS_MAX];

#define UNLISTED 256
static struct bj_violation unlisted[UNLISTED];
static size_t unlisted_count;

static pid_t program;

static void pass_on(int number)
{
    if (program > 0)
        kill(program, number);
}

static bool matches(const struct bj_row *row, const struct bj_violation *call)
{
    const struct bj_condition *when;
    unsigned i;

    if (seccomp_syscall_resolve_name(row->call) != (int)call->number)
        return false;
    for (i = 0; i < BJ_CONDITIONS_MAX && row->when[i].text != NULL; i += 1) {
        when = &row->when[i];
        if (when->source == BJ_VALUE &&
            (call->args[when->arg] & when->mask) != when->value)
            return false;
    }
    return true;
}

static bool count_in(unsigned owner, const struct bj_row *rows, size_t count,
                     const struct bj_violation *call)
{
    size_t i;

    for (i = 0; i < count && i < BJ_ROWS_MAX; i += 1) {
        if (!matches(&rows[i], call))
            continue;
        if (used[owner][i].count == 0)
            memcpy(used[owner][i].args, call->args, sizeof(call->args));
        used[owner][i].count += 1;
        return true;
    }
    return false;
}

static void count(const struct bj_violation *call)
{
    const struct bj_role_policy *policy = bj_role_policy(call->role);
    size_t lockdown_count;
    const struct bj_row *lockdown = bj_role_lockdown_rows(&lockdown_count);

    if (count_in(call->role, policy->rows, policy->row_count, call))
        return;
    if (policy->takes_union &&
        count_in(BJ_ROLE_COUNT, lockdown, lockdown_count, call))
        return;
    if (unlisted_count < UNLISTED) {
        unlisted[unlisted_count] = *call;
        unlisted_count += 1;
    }
}

static void write_args(FILE *out, const uint64_t args[static 6])
{
    size_t i;

    for (i = 0; i < 6; i += 1)
        fprintf(out, "%s%#" PRIx64, i == 0 ? " " : ",", args[i]);
}

static void write_counts(FILE *out)
{
    unsigned owner;
    size_t i;

    for (owner = 0; owner < OWNERS; owner += 1) {
        for (i = 0; i < BJ_ROWS_MAX; i += 1) {
            if (used[owner][i].count == 0)
                continue;
            fprintf(out, "%s %zu %" PRIu64,
                    owner == BJ_ROLE_COUNT
                        ? "lockdown"
                        : bj_role_policy((enum bj_role)owner)->name,
                    i, used[owner][i].count);
            write_args(out, used[owner][i].args);
            fputc('\n', out);
        }
    }
    for (i = 0; i < unlisted_count; i += 1) {
        char *name = seccomp_syscall_resolve_num_arch(unlisted[i].arch,
                                                      (int)unlisted[i].number);

        fprintf(out, "%s - 1", bj_role_policy(unlisted[i].role)->name);
        write_args(out, unlisted[i].args);
        fprintf(out, " %s\n", name != NULL ? name : "?");
        free(name);
    }
}

static int watch(const char *path)
{
    struct bj_violation call;
    int status = 0;
    FILE *out;
    pid_t pid;

    for (;;) {
        pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            return 98;
        switch (bj_trace_step(pid, status, &call)) {
        case BJ_TRACE_VIOLATION:
            count(&call);
            break;
        case BJ_TRACE_HANDLED:
            break;
        case BJ_TRACE_ENDED:
            if (pid != program)
                break;
            out = fopen(path, "a");
            if (out == NULL)
                return 98;
            write_counts(out);
            if (fclose(out) != 0)
                return 98;
            return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
        }
    }
}

static void list(const char *name, const struct bj_row *rows, size_t count)
{
    size_t i;

    for (i = 0; i < count; i += 1)
        printf("%s %zu %s\n", name, i, rows[i].call);
}

static int list_all(void)
{
    const struct bj_row *lockdown;
    size_t count;
    unsigned role;

    for (role = 0; role < BJ_ROLE_COUNT; role += 1)
        list(bj_role_policy((enum bj_role)role)->name,
             bj_role_policy((enum bj_role)role)->rows,
             bj_role_policy((enum bj_role)role)->row_count);
    lockdown = bj_role_lockdown_rows(&count);
    list("lockdown", lockdown, count);
    return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = pass_on};

    if (argc == 2 && strcmp(argv[1], "--rows") == 0)
        return list_all();
    if (argc < 3)
        return 2;
    program = fork();
    if (program == 0) {
        setenv("BJ_ABLATE", "*", 1);
        bj_trace_await();
        execv(argv[2], argv + 2);
        _exit(99);
    }
    if (program < 0 || bj_trace_seize(program) != 0)
        return 98;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    return watch(argv[1]);
}
