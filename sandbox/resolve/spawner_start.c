#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/resolve/spawner.h"
#include "sandbox/resolve/spawner_state.h"

/*
 * The caller's side of the spawner: its birth and its end.
 */

enum {
    SIGSET_LEN = 8, /* of the kernel's set of signals */
    /* A spawner ends of itself, and its workers before it; so much is for one
     * that is stopped. */
    PATIENCE_MS = 1000
};

/* With all signals blocked, libc's own too: none of the caller's handlers may
 * run in the child. */
static long clone_blocked(const struct bj_spawner_birth *start, int *process)
{
    uint64_t all = UINT64_MAX;
    uint64_t before;
    long pid;

    syscall(SYS_rt_sigprocmask, (long)SIG_SETMASK, &all, &before,
            (long)SIGSET_LEN);
    pid = syscall(SYS_clone, (long)CLONE_PIDFD, NULL, process, NULL, NULL);
    if (pid == 0)
        bj_spawner_run(start);
    if (pid < 0)
        pid = -errno;
    syscall(SYS_rt_sigprocmask, (long)SIG_SETMASK, &before, NULL,
            (long)SIGSET_LEN);
    return pid;
}

static int launch(const struct bj_spawner_birth *start,
                  struct bj_spawner_handle *out)
{
    int process = -1;
    long pid = clone_blocked(start, &process);
    int error;

    if (pid < 0)
        return (int)-pid;
    error = bj_descriptor_adopt(&out->process, process);
    if (error != 0) {
        /* Nothing but the pid is left to name it by, which nobody can have
         * reaped: it has been alive all the time. */
        syscall(SYS_kill, pid, (long)SIGKILL);
        syscall(SYS_wait4, pid, NULL, (long)__WALL, NULL);
    }
    return error;
}

static int open_program(const char *path)
{
    int fd = open(path, O_PATH | O_CLOEXEC);

    if (fd >= 0 && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0) {
        int error = errno;

        close(fd);
        errno = error;
        fd = -1;
    }
    return fd;
}

int bj_spawner_start(const struct bj_settings *settings,
                     struct bj_shared *shared, struct bj_spawner_handle *out)
{
    struct bj_descriptor program = {.fd = -1};
    struct bj_descriptor caller = {.fd = -1};
    struct bj_descriptor theirs = {.fd = -1};
    int pair[2] = {-1, -1};
    int error;

    memset(out, 0, sizeof(*out));
    error = bj_descriptor_adopt(&program, open_program(settings->worker));
    if (error == 0)
        error = bj_descriptor_adopt(
            &caller, (int)syscall(SYS_pidfd_open, (long)getpid(), 0L));
    if (error == 0 &&
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        error = errno;
    if (error == 0) {
        int second = bj_descriptor_adopt(&theirs, pair[1]);

        error = bj_descriptor_adopt(&out->control, pair[0]);
        error = error != 0 ? error : second;
    }
    if (error == 0) {
        struct bj_spawner_birth start = {
            .settings = settings,
            .shared = shared,
            .control = theirs.fd,
            .caller = caller.fd,
            .program = program.fd,
        };

        error = launch(&start, out);
    }
    bj_descriptor_close(&theirs);
    bj_descriptor_close(&caller);
    bj_descriptor_close(&program);
    if (error != 0)
        bj_descriptor_close(&out->control);
    return error;
}

/* Whether it has ended, or does so soon enough; however many signals come
 * meanwhile. */
static bool ends_of_itself(int process)
{
    uint64_t end = bj_spawner_now() + PATIENCE_MS;
    uint64_t now;

    while ((now = bj_spawner_now()) < end) {
        struct pollfd ended = {process, POLLIN, 0};
        struct timespec left = {(time_t)((end - now) / 1000),
                                (long)((end - now) % 1000) * 1000000};

        if (ppoll(&ended, 1, &left, NULL) > 0)
            return true;
    }
    return false;
}

bool bj_spawner_stop(struct bj_spawner_handle *spawner, bool reaps)
{
    bool violated = false;
    siginfo_t info;

    memset(&info, 0, sizeof(info));
    bj_descriptor_close(&spawner->control);
    if (bj_descriptor_holds(&spawner->process)) {
        long fd = spawner->process.fd;
        bool ends = ends_of_itself(spawner->process.fd);

        if (reaps && !ends)
            ends = syscall(SYS_pidfd_send_signal, fd, (long)SIGKILL, NULL,
                           0L) == 0;
        /* A caller that has given up root may not kill what it started as root:
         * that ends when it goes on. */
        while (reaps && ends &&
               syscall(SYS_waitid, (long)P_PIDFD, fd, &info,
                       (long)(WEXITED | __WALL), NULL) != 0 &&
               errno == EINTR)
            ;
        violated = (info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED) &&
                   info.si_status == SIGSYS;
    }
    bj_descriptor_close(&spawner->process);
    return violated;
}
