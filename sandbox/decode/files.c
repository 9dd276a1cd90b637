#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/decode/decode.h"
#include "sandbox/policy/trace.h"

static int explain(const char *name, const char *what, int error)
{
    fprintf(stderr, "belljar decode: %s: %s%s%s\n", name, what,
            error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
    return 1;
}

/* A descriptor to read, or -1, explained. */
static int open_input(const char *name)
{
    struct stat info;
    int fd = strcmp(name, "-") == 0
                 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                 : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0) {
        explain(name, "cannot be opened", errno);
    } else if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        close(fd);
        fd = -1;
        explain(name, "is a directory", 0);
    }
    return fd;
}

/* The process of one file: from here to the role, then to the end. */
static void decode_in_child(const struct bj_decode *decode,
                            const struct bj_lockdown *lockdown,
                            const char *name, int fd)
{
    int error = 0;

    if (dup2(fd, STDIN_FILENO) < 0)
        error = errno;
    if (error == 0 && decode->mode == BJ_MODE_LOG)
        error = bj_trace_fork();
    if (error != 0) {
        explain(name, "the decoder cannot be started", error);
        _exit(BJ_EXIT_LOCKDOWN);
    }
    bj_lockdown_enter(lockdown, NULL, 0);
    _exit((int)bj_decode_input(decode, name));
}

/* What became of the process, as the command's exit status. */
static int judge(const char *name, int status)
{
    if (WIFSIGNALED(status)) {
        if (WTERMSIG(status) == SIGPIPE)
            return 1; /* nobody reads on: no need to tell */
        fprintf(stderr, "belljar decode: %s: the decoder died of %s%s\n", name,
                strsignal(WTERMSIG(status)),
                WTERMSIG(status) == SIGSYS
                    ? ": it made a call that its role forbids"
                    : "");
        return 1;
    }
    switch (WEXITSTATUS(status)) {
    case BJ_DECODE_IO:
        return explain(name, "cannot be read", 0);
    case BJ_DECODE_OUTPUT:
        return explain(name, "standard output cannot be written", 0);
    default:
        return WEXITSTATUS(status);
    }
}

static int decode_file(const struct bj_decode *decode,
                       const struct bj_lockdown *lockdown, const char *name)
{
    int fd = open_input(name);
    int status = 0;
    pid_t pid;

    if (fd < 0)
        return 1;
    pid = fork();
    if (pid == 0)
        decode_in_child(decode, lockdown, name, fd);
    close(fd);
    if (pid < 0)
        return explain(name, "the decoder cannot be started", errno);
    /* Ends: only a signal handler could make it fail, and there is none. */
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return explain(name, "the decoder is lost", errno);
    return judge(name, status);
}

/* Descriptors 0 to 2 must be taken, or a file would become one of them. */
static bool standard_streams(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    return true;
}

int bj_decode_files(const struct bj_decode *decode, char *const *names,
                    int count)
{
    struct bj_lockdown_setup setup = {
        .mode = decode->mode, .without = decode->without, .first = true};
    struct bj_lockdown lockdown;
    struct bj_trouble trouble;
    int result = 0;

    if (!standard_streams())
        return explain("standard streams", "cannot be opened", errno);
    if (!bj_lockdown_prepare(BJ_ROLE_DECODE, &setup, &lockdown, &trouble)) {
        fprintf(stderr, "belljar decode: %s\n", trouble.text);
        return BJ_EXIT_LOCKDOWN;
    }
    if (decode->mode == BJ_MODE_OFF)
        fputs(
            "belljar decode: sandbox=off: no filter, no Landlock, no limits\n",
            stderr);
    for (int i = 0; i < count && result != BJ_EXIT_LOCKDOWN; i++) {
        int one = decode_file(decode, &lockdown, names[i]);

        if (one > result)
            result = one;
    }
    bj_lockdown_free(&lockdown);
    return result;
}
