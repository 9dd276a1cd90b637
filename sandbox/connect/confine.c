#include "sandbox/connect/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/connect/say.h"
#include "sandbox/policy/trace.h"

/* Standard input, output and error, and one descriptor of the caller's. */
#define OTHERS 4

bool bj_confine_ready(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    }
    return signal(SIGPIPE, SIG_IGN) != SIG_ERR;
}

bool bj_confine_prepare(struct bj_confine *c, enum bj_mode mode,
                        unsigned without, size_t sockets)
{
    const struct bj_lockdown *below[] = {&c->relay};
    struct bj_lockdown_setup setup = {.mode = mode,
                                      .without = without,
                                      .first = true,
                                      .nofile = OTHERS + sockets};
    struct bj_trouble trouble;

    memset(c, 0, sizeof(*c));
    c->mode = mode;
    c->without = without;
    if (bj_lockdown_prepare(BJ_ROLE_CONNECT_RELAY, &setup, &c->relay,
                            &trouble)) {
        setup.below = below;
        setup.below_count = 1;
        if (bj_lockdown_prepare(BJ_ROLE_CONNECT, &setup, &c->connect, &trouble))
            return true;
        bj_lockdown_free(&c->relay);
    }
    fprintf(stderr, "belljar: %s\n", trouble.text);
    return false;
}

/* In the child: ends well if reading the clock is no system call. */
_Noreturn static void try_clock(const struct bj_program *program)
{
    struct timespec now;

    /* Not dumpable first: a core would be a strange thing to leave behind. */
    if (prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) == 0 &&
        prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0 &&
        bj_filter_install(program) == 0 &&
        clock_gettime(CLOCK_MONOTONIC, &now) == 0)
        syscall(SYS_exit_group, 0L);
    for (;;)
        syscall(SYS_exit_group, 1L);
}

bool bj_confine_has_clock(const struct bj_confine *c)
{
    int status = 0;
    pid_t pid;

    if (c->mode != BJ_MODE_ENFORCE || c->relay.program.fprog == NULL)
        return true;
    pid = fork();
    if (pid == 0)
        try_clock(&c->relay.program);
    while (pid > 0 && waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return false;
    }
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool bj_confine_enter(const struct bj_confine *c, int keep)
{
    int error;

    /* So that its message table is at hand: a role could not load one. */
    (void)strerror(ECONNREFUSED);
    if (c->mode == BJ_MODE_OFF)
        fputs("belljar: sandbox=off: no filter, no Landlock, no limits\n",
              stderr);
    if (c->mode == BJ_MODE_LOG) {
        error = bj_trace_fork();
        if (error != 0) {
            bj_say_trouble("cannot trace the role", error);
            return false;
        }
    }
    bj_lockdown_enter(&c->connect, &keep, keep < 0 ? 0 : 1);
    return true;
}

void bj_confine_tighten(const struct bj_confine *c)
{
    bj_lockdown_tighten(&c->relay);
}
