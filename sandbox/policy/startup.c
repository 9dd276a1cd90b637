#include "sandbox/policy/startup.h"

#include <fcntl.h>
#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALLOW(name, reason)              \
    {                                    \
        .call = (name), .why = (reason), \
    }

static const struct bj_row common[] = {
    ALLOW("execve", "the program itself"),
    ALLOW("brk", "memory"),
    ALLOW("mmap", "memory, libraries, the pages of filters"),
    ALLOW("mprotect", "the loader's relocations; seals filters"),
    ALLOW("munmap", "memory"),
    {.call = "openat",
     .why = "libraries, configuration, /dev/null: nothing is created",
     .when = {{.text = "flags without CREAT and TRUNC",
               .mask = O_CREAT | O_TRUNC,
               .value = 0,
               .arg = 2}}},
    ALLOW("read", "libraries, configuration"),
    ALLOW("pread64", "libraries; a filter out of its memory file"),
    ALLOW("lseek", "configuration"),
    ALLOW("fstat", "libraries, configuration"),
    ALLOW("newfstatat", "libraries, configuration"),
    ALLOW("statx", "likewise, in newer libcs"),
    ALLOW("access", "the loader looks for a preload file"),
    ALLOW("faccessat", "likewise, where there is no access"),
    ALLOW("close", "what was opened"),
    ALLOW("arch_prctl", "thread-local storage"),
    ALLOW("set_tid_address", "libc"),
    ALLOW("set_robust_list", "libc"),
    ALLOW("rseq", "libc"),
    ALLOW("getrandom", "malloc's seed"),
    ALLOW("futex", "libc's once and locks"),
    ALLOW("rt_sigaction", "signals"),
    ALLOW("rt_sigprocmask", "signals"),
    ALLOW("getuid", "started as root?"),
    ALLOW("geteuid", "started as root?"),
    ALLOW("socket", "as root: libc asks nscd whom to become"),
    ALLOW("connect", "likewise"),
    ALLOW("fcntl", "checks and moves descriptors"),
    ALLOW("memfd_create", "libseccomp's way into memory"),
    ALLOW("write", "what is wrong, and that it is ready"),
    ALLOW("seccomp", "lockdown: asks what there is, installs"),
    ALLOW("prctl", "lockdown: capabilities, no_new_privs, dumpable"),
    ALLOW("landlock_create_ruleset", "lockdown"),
    ALLOW("landlock_restrict_self", "lockdown"),
    ALLOW("close_range", "lockdown"),
    ALLOW("prlimit64", "libc asks for the stack; lockdown"),
    ALLOW("capget", "lockdown"),
    ALLOW("capset", "lockdown"),
    ALLOW("setgroups", "lockdown, as root"),
    ALLOW("setresgid", "lockdown, as root"),
    ALLOW("setresuid", "lockdown, as root"),
    ALLOW("exit_group", "the end, if it does not come to a role"),
};

/* getaddrinfo: files, DNS, and netlink for the addresses there are. */
static const struct bj_row names[] = {
    ALLOW("socket", "names"),
    ALLOW("connect", "names; which source address would be taken"),
    ALLOW("bind", "names: netlink"),
    ALLOW("getsockname", "names: netlink, source addresses"),
    ALLOW("setsockopt", "names: errors of datagrams"),
    ALLOW("poll", "names: waits for a server"),
    ALLOW("ppoll", "names: likewise, where there is no poll"),
    ALLOW("sendto", "names: netlink, a question"),
    ALLOW("sendmmsg", "names: both questions"),
    ALLOW("recvfrom", "names: an answer"),
    ALLOW("recvmsg", "names: netlink"),
    ALLOW("ioctl", "names: how long an answer is"),
    ALLOW("uname", "names: our own"),
};

/* libbelljar: the spawner and the worker that it starts, which are born under
 * the filter, and the lookup. */
static const struct bj_row resolving[] = {
    ALLOW("clone", "names: the spawner, and workers under it"),
    ALLOW("execveat", "names: a worker"),
    ALLOW("faccessat2", "names: whether the worker may be executed"),
    ALLOW("readlink", "names: a static program looks where it lies"),
    ALLOW("readlinkat", "names: where configuration files that are links lie"),
    ALLOW("inotify_init1", "names: configuration files that change"),
    ALLOW("inotify_add_watch", "names: likewise"),
    ALLOW("socketpair", "names: between caller and spawner; threads"),
    ALLOW("pipe2", "names: between caller and worker"),
    ALLOW("sendmsg", "names: a worker's pipes are passed on"),
    ALLOW("recvmsg", "names: likewise; netlink"),
    ALLOW("sendto", "names: requests, questions, netlink"),
    ALLOW("recvfrom", "names: requests, answers, netlink"),
    ALLOW("bind", "names: netlink"),
    ALLOW("getsockname", "names: source addresses"),
    ALLOW("setsockopt", "names: how long a datagram is waited for"),
    ALLOW("ppoll", "names: waits for all of them"),
    ALLOW("pidfd_open", "names: the spawner sees its caller end"),
    ALLOW("pidfd_send_signal", "names: ends a worker"),
    ALLOW("wait4", "names: learns how a worker ended"),
    ALLOW("waitid", "names: learns that the spawner has ended"),
    ALLOW("setsid", "names: the spawner, out of reach of a terminal"),
    ALLOW("chdir", "names: the spawner, out of the way of unmounting"),
    ALLOW("dup3", "names: the descriptors of a worker"),
    ALLOW("madvise", "names: memory that a fork is to find empty"),
    ALLOW("getpid", "names: whether it is a child now"),
    ALLOW("uname", "names: our own"),
    ALLOW("clock_gettime", "names: the vDSO's way out"),
};

static const struct bj_row serving[] = {
    ALLOW("listen", "listeners"),
    ALLOW("getpid", "whether what systemd passes is for us; the roles' keeper"),
    ALLOW("setitimer", "--inetd: --max-time"),
    ALLOW("getsockopt", "what kind of socket was passed"),
    ALLOW("setsockopt", "time limits of a socket that was passed"),
    ALLOW("timerfd_create", "the timer that a role pauses on"),
    ALLOW("timerfd_settime", "arms it"),
    ALLOW("dup2", "/dev/null and the timer get their numbers"),
    ALLOW("dup3", "likewise, where there is no dup2"),
    ALLOW("chdir", "out of the way of unmounting"),
    ALLOW("madvise", "libraries that no role calls stay out of its memory"),
};

/* One process for each file. */
static const struct bj_row forking[] = {
    ALLOW("clone", "a process for each file"),
    ALLOW("wait4", "learns how it ended"),
    ALLOW("dup2", "the file becomes standard input"),
    ALLOW("dup3", "likewise, where there is no dup2"),
};

#define NAMES 1U
#define SERVING 2U
#define FORKING 4U
#define RESOLVING 8U

/* Roles that are entered from an exec, and what their start takes. */
static const struct {
    bool is;
    unsigned parts;
} starts[BJ_ROLE_COUNT] = {
    [BJ_ROLE_KEEPER] = {true, NAMES | SERVING},
    [BJ_ROLE_SERVE_INETD] = {true, SERVING},
    [BJ_ROLE_CONNECT] = {true, RESOLVING},
    [BJ_ROLE_DECODE] = {true, FORKING},
};

bool bj_startup_has(enum bj_role role)
{
    return starts[role].is;
}

bool bj_startup_collect(enum bj_role role, struct bj_role_rows *out)
{
    unsigned parts = starts[role].parts;

    return bj_role_collect(role, bj_role_policy(role)->below, out) &&
           bj_role_rows_add(out, common, COUNT(common), BJ_ROW_OF_STARTUP) &&
           (!(parts & NAMES) ||
            bj_role_rows_add(out, names, COUNT(names), BJ_ROW_OF_STARTUP)) &&
           (!(parts & RESOLVING) ||
            bj_role_rows_add(out, resolving, COUNT(resolving),
                             BJ_ROW_OF_STARTUP)) &&
           (!(parts & SERVING) || bj_role_rows_add(out, serving, COUNT(serving),
                                                   BJ_ROW_OF_STARTUP)) &&
           (!(parts & FORKING) ||
            bj_role_rows_add(out, forking, COUNT(forking), BJ_ROW_OF_STARTUP));
}
