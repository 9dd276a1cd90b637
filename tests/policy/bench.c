/*
 * What a filter costs: for each role, stacked as in life, the time that one
 * allowed call takes on top of the same call in a process without filters,
 * and the time to install the role's last filter, which a child or a worker
 * pays for each connection. The best of many short rounds, since a machine
 * that does anything else only ever adds. One process at a time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/policy/stack.h"

#define CALLS 2000
#define ROUNDS 300
#define INSTALLS 64

/* Shared with the measured process, which may not be able to write. */
static double *result_ns;

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now); /* by the vDSO: no call */
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* A call that each role has, on a descriptor that is not open, so that the
 * kernel does nothing but find that out: write to the connection, sendto for
 * datagrams. Standard output, for decode, is open; nothing is written. */
static int calls(void *context)
{
    const enum bj_role *role = context;
    long call = *role == BJ_ROLE_SERVE_UDP ? SYS_sendto : SYS_write;
    long fd = *role == BJ_ROLE_SERVE_UDP ? BJ_FD_LISTENER
              : *role == BJ_ROLE_DECODE  ? 1
                                         : BJ_FD_CONNECTION;
    double best = 1e18;
    double begin;
    double took;
    int round;
    int i;

    for (round = 0; round < ROUNDS; round += 1) {
        begin = now_ns();
        for (i = 0; i < CALLS; i += 1)
            syscall(call, fd, NULL, 0L, 0L, NULL, 0L);
        took = (now_ns() - begin) / CALLS;
        best = took < best ? took : best;
    }
    *result_ns = best;
    return 0;
}

static double bare_ns(enum bj_role role)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(calls(&role));
    waitpid(pid, &status, 0);
    return *result_ns;
}

static int by_size(const void *a, const void *b)
{
    double one = *(const double *)a;
    double other = *(const double *)b;

    return (one > other) - (one < other);
}

/* The median over processes of their own: a process keeps its filters. */
static double install_us(const struct stack *stack)
{
    const struct bj_program *program = &stack->layer[stack->count - 1].program;
    double us[INSTALLS];
    double begin;
    int status;
    int i;
    pid_t pid;

    for (i = 0; i < INSTALLS; i += 1) {
        pid = fork();
        if (pid == 0) {
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            begin = now_ns();
            if (bj_filter_install(program) != 0)
                _exit(1);
            *result_ns = now_ns() - begin;
            stack_exit(stack->role, 0);
        }
        waitpid(pid, &status, 0);
        us[i] = *result_ns / 1000;
    }
    qsort(us, INSTALLS, sizeof(us[0]), by_size);
    return us[INSTALLS / 2];
}

int main(void)
{
    struct stack stack;
    double bare;
    double filtered;
    unsigned role;

    result_ns = mmap(NULL, sizeof(double), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    close(BJ_FD_LISTENER);
    close(BJ_FD_CONNECTION);
    if (result_ns == MAP_FAILED)
        return 1;
    printf("%-22s%9s%9s%10s%12s%14s\n", "role", "filters", "bare ns", "stacked",
           "difference", "install us");
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        stack_prepare((enum bj_role)role, BJ_MODE_ENFORCE, 0, &stack);
        bare = bare_ns((enum bj_role)role);
        if (stack_run(&stack, calls, &role) != 0)
            return 1;
        filtered = *result_ns;
        printf("%-22s%9zu%9.0f%10.0f%12.0f%14.1f\n",
               bj_role_policy((enum bj_role)role)->name, stack.count, bare,
               filtered, filtered - bare, install_us(&stack));
        fflush(stdout);
        stack_free(&stack);
    }
    return 0;
}
