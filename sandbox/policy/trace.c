#include "sandbox/policy/trace.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/policy/lockdown.h"

/* A line with the longest name (about 30), six arguments and an address of
 * 18 characters each, and the words. */
#define LINE_MAX_LEN 320

#define OPTIONS                                                       \
    (PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | \
     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE)

void bj_trace_await(void)
{
    raise(SIGSTOP);
}

int bj_trace_seize(pid_t pid)
{
    int status = 0;
    int error = 0;

    while (waitpid(pid, &status, WUNTRACED) < 0 && errno == EINTR)
        continue;
    if (!WIFSTOPPED(status))
        return ECHILD;
    if (ptrace(PTRACE_SEIZE, pid, NULL, OPTIONS) != 0) {
        error = errno;
        kill(pid, SIGKILL);
        return error;
    }
    kill(pid, SIGCONT);
    return 0;
}

/* What the kernel tells of a seccomp stop; false if the tracee is gone. */
static bool describe(pid_t pid, struct bj_violation *out)
{
    struct __ptrace_syscall_info info;
    size_t i;
    long got = ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info);

    if (got <= 0 || info.op != PTRACE_SYSCALL_INFO_SECCOMP)
        return false;
    out->role = (enum bj_role)info.seccomp.ret_data;
    out->pid = pid;
    out->arch = info.arch;
    out->number = info.seccomp.nr;
    for (i = 0; i < 6; i += 1)
        out->args[i] = info.seccomp.args[i];
    out->address = info.instruction_pointer;
    return true;
}

static void go_on(pid_t pid, int signal_number)
{
    (void)ptrace(PTRACE_CONT, pid, NULL, (long)signal_number);
}

enum bj_trace_event bj_trace_step(pid_t pid, int status,
                                  struct bj_violation *out)
{
    int event = status >> 16;
    bool told;

    if (!WIFSTOPPED(status))
        return BJ_TRACE_ENDED;
    switch (event) {
    case PTRACE_EVENT_SECCOMP:
        told = describe(pid, out);
        go_on(pid, 0);
        return told ? BJ_TRACE_VIOLATION : BJ_TRACE_HANDLED;
    case PTRACE_EVENT_STOP:
        /* SIGTRAP: a new tracee, or one that SIGCONT has woken. Otherwise it
         * is stopped by job control, and must stay so until it is woken. */
        if (WSTOPSIG(status) == SIGTRAP)
            go_on(pid, 0);
        else
            (void)ptrace(PTRACE_LISTEN, pid, NULL, NULL);
        return BJ_TRACE_HANDLED;
    case 0: /* a signal on its way to the tracee */
        go_on(pid, WSTOPSIG(status));
        return BJ_TRACE_HANDLED;
    default: /* fork, vfork, clone: the new tracee reports by itself */
        go_on(pid, 0);
        return BJ_TRACE_HANDLED;
    }
}

void bj_violation_write(const struct bj_violation *violation,
                        struct bj_writer *w)
{
    char *name = seccomp_syscall_resolve_num_arch(violation->arch,
                                                  (int)violation->number);
    size_t i;

    bj_writer_text(w, "role=");
    bj_writer_text(w, violation->role < BJ_ROLE_COUNT
                          ? bj_role_policy(violation->role)->name
                          : "?");
    bj_writer_text(w, " pid=");
    bj_writer_dec(w, (uint64_t)violation->pid);
    bj_writer_text(w, " call=");
    bj_writer_text(w, name != NULL ? name : "?");
    free(name);
    bj_writer_text(w, " number=");
    bj_writer_dec(w, violation->number);
    for (i = 0; i < 6; i += 1) {
        bj_writer_text(w, i == 0 ? " args=0x" : ",0x");
        bj_writer_hex(w, violation->args[i], 1);
    }
    bj_writer_text(w, " address=0x");
    bj_writer_hex(w, violation->address, 1);
    bj_writer_text(w, " arch=0x");
    bj_writer_hex(w, violation->arch, 8);
}

static void report(const struct bj_violation *violation)
{
    uint8_t line[LINE_MAX_LEN];
    struct bj_writer w;

    bj_writer_init(&w, line, sizeof(line));
    bj_writer_text(&w, "belljar: violation ");
    bj_violation_write(violation, &w);
    bj_writer_char(&w, '\n');
    if (bj_writer_end(&w) == BJ_OK)
        (void)!write(STDERR_FILENO, line, w.len);
}

/* The tracer's life: until the first tracee ends, then as that one did. */
_Noreturn static void watch(pid_t first)
{
    struct bj_violation violation;
    int status = 0;
    pid_t pid;

    for (;;) {
        pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            _exit(BJ_EXIT_LOCKDOWN);
        switch (bj_trace_step(pid, status, &violation)) {
        case BJ_TRACE_VIOLATION:
            report(&violation);
            break;
        case BJ_TRACE_HANDLED:
            break;
        case BJ_TRACE_ENDED:
            if (pid != first)
                break;
            if (WIFSIGNALED(status)) {
                signal(WTERMSIG(status), SIG_DFL);
                raise(WTERMSIG(status));
            }
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : BJ_EXIT_LOCKDOWN);
        }
    }
}

int bj_trace_fork(void)
{
    pid_t pid = fork();
    int error;

    if (pid < 0)
        return errno;
    if (pid == 0) {
        bj_trace_await();
        return 0;
    }
    error = bj_trace_seize(pid);
    if (error != 0)
        return error;
    watch(pid);
}
