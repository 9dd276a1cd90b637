#include "sandbox/policy/role.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* Sanitizers, as gcc and as clang announce them. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BJ_WITH_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define BJ_WITH_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(BJ_WITH_ASAN)
#define BJ_WITH_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__) && !defined(BJ_WITH_TSAN)
#define BJ_WITH_TSAN 1
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROWS(array) .rows = (array), .row_count = COUNT(array)

/* Argument n is exactly v, in all 64 bits. */
#define ARG(n, v, words)                                             \
    {                                                                \
        .text = (words), .mask = UINT64_MAX, .value = (uint64_t)(v), \
        .arg = (n)                                                   \
    }
/* Of argument n the bits of the mask are v. */
#define MASKED(n, bits, v, words)                                 \
    {                                                             \
        .text = (words), .mask = (bits), .value = (v), .arg = (n) \
    }
/* Argument n is the address of a program prepared for a role below. */
#define PROGRAM(n)                                                          \
    {                                                                       \
        .text = "args = a prepared filter", .mask = UINT64_MAX, .arg = (n), \
        .source = BJ_PROGRAM                                                \
    }

#define ALLOW(name, reason, ...)                                 \
    {                                                            \
        .call = (name), .why = (reason), .when = { __VA_ARGS__ } \
    }
#define ANSWER(error, name, reason)                        \
    {                                                      \
        .call = (name), .why = (reason), .answer = (error) \
    }

#define ON_LISTENER ARG(0, BJ_FD_LISTENER, "fd = 3, the listener")
#define ON_SOCKET ARG(0, BJ_FD_LISTENER, "fd = 3, the socket")
#define ON_TIMER ARG(0, BJ_FD_TIMER, "fd = 0, the timer")
#define ON_CONNECTION ARG(0, BJ_FD_CONNECTION, "fd = 4, the connection")
#define CLOEXEC_ONLY ARG(3, SOCK_CLOEXEC, "flags = CLOEXEC")
#define NO_FLAGS(n) ARG(n, 0, "flags = 0")
#define LINGER_ONLY                                                           \
    ARG(1, SOL_SOCKET, "level = SOCKET"), ARG(2, SO_LINGER, "name = LINGER"), \
        ARG(4, sizeof(struct linger), "len = 8")
#define INSTALL \
    ARG(0, SECCOMP_SET_MODE_FILTER, "operation = SET_MODE_FILTER"), NO_FLAGS(1)

/* pthread_create's, on which the libcs agree. */
#define SHARED_FLAGS                                                    \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
     CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |               \
     CLONE_CHILD_CLEARTID)

#define WHY_EXIT "the orderly end, and the only way out"
#define WHY_CLONE3 \
    "its flags lie in memory, where no filter looks: libc falls back to clone"

/* A worker's start, which is under its spawner's filter. */
#define WORKER "worker: "
#define ITSELF ARG(0, 0, "pid = 0, itself")
#define NOBODY 65534
#define OPTION(value, words) ARG(0, value, "option = " words)
#define LEAST_ROWS                                      \
    ALLOW("arch_prctl", WORKER "thread-local storage"), \
        ALLOW("set_tid_address", WORKER "libc")

/*
 * Where libcs differ: how each forks, what it does as a thread begins and ends,
 * and how a static program starts. A build has the rows of its own libc and no
 * others; one that is neither glibc nor musl gets musl's, and says in log mode
 * what it lacks.
 */
#ifdef __GLIBC__
#define FORK_ROWS                                                     \
    ALLOW("clone", "starts a role",                                   \
          ARG(0, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, \
              "flags = CHILD_SETTID, CHILD_CLEARTID, SIGCHLD")),      \
        ANSWER(ENOSYS, "clone3", WHY_CLONE3),                         \
        ALLOW("set_robust_list", "glibc's fork, in the child")
#define THREAD_FLAGS SHARED_FLAGS
#define THREAD_ROWS                                                    \
    ANSWER(ENOSYS, "clone3", WHY_CLONE3),                              \
        ALLOW("futex", "joins a thread; locks under contention"),      \
        ALLOW("rseq", "a new thread registers; glibc aborts without"), \
        ALLOW("set_robust_list", "a new thread registers")
#define WORKER_ROWS \
    ALLOW("rt_sigprocmask", "glibc blocks signals as a thread ends")
#define START_ROWS                                                             \
    LEAST_ROWS, ALLOW("brk", WORKER "libc's first memory"),                    \
        ALLOW("set_robust_list", WORKER "libc"), ALLOW("rseq", WORKER "libc"), \
        ALLOW("prlimit64", WORKER "libc asks how much stack there is", ITSELF, \
              ARG(1, RLIMIT_STACK, "resource = STACK"),                        \
              ARG(2, 0, "new = NULL")),                                        \
        ALLOW("readlink", WORKER "a static program looks where it lies"),      \
        ALLOW("mprotect", WORKER "relocations become read-only",               \
              ARG(2, PROT_READ, "prot = READ"))
#else
#define MUSL_FORKED                               \
    ALLOW("gettid", "musl's fork, in the child"), \
        ALLOW("set_tid_address", "likewise, since musl 1.2.5")
#ifdef SYS_fork
#define FORK_ROWS                                                        \
    ALLOW("fork", "starts a role; it has no flags that could be wrong"), \
        MUSL_FORKED
#else
#define FORK_ROWS                                                        \
    ALLOW("clone", "starts a role", ARG(0, SIGCHLD, "flags = SIGCHLD")), \
        MUSL_FORKED
#endif
/* musl still asks for a flag that the kernel has ignored since 2.6.2. */
#define THREAD_FLAGS (SHARED_FLAGS | CLONE_DETACHED)
#define THREAD_ROWS ALLOW("futex", "joins a thread; locks under contention")
#define WORKER_ROWS                                                  \
    ALLOW("rt_sigprocmask", "musl blocks signals as a thread ends"), \
        ALLOW("futex", "musl wakes who joins as a thread ends")
#define START_ROWS LEAST_ROWS
#endif

static const struct bj_row keeper_rows[] = {
    ALLOW("rt_sigtimedwait", "waits for signals and for the next deadline"),
    ALLOW("wait4", "reaps roles and learns how they ended"),
    ALLOW("kill", "stops a role's process group, wakes a role"),
    ALLOW("getpgid", "whether a child that has stayed too long is a role's"),
    ALLOW("getppid", "a role asks whether its keeper still lives"),
    FORK_ROWS,
    ALLOW("setpgid", "a role starts its own process group",
          ARG(0, 0, "pid = 0, itself"), ARG(1, 0, "pgid = 0, its own")),
    ALLOW("prctl", "a role dies with its keeper",
          ARG(0, PR_SET_PDEATHSIG, "option = SET_PDEATHSIG"),
          ARG(1, SIGKILL, "signal = KILL")),
    ALLOW("rt_sigaction", "a role ignores INT and TERM, or handles CHLD"),
    ALLOW("rt_sigprocmask", "a role unblocks what the keeper waits for"),
    ALLOW("dup3", "a role's socket gets its fixed number",
          ARG(1, BJ_FD_LISTENER, "newfd = 3"),
          ARG(2, O_CLOEXEC, "flags = CLOEXEC")),
    ALLOW("madvise", "a role keeps its memory from its children",
          ARG(2, MADV_DONTFORK, "advice = DONTFORK")),
    ALLOW("shutdown", "wakes a role out of accept or recvfrom, to end it"),
    ALLOW("write", "log lines"),
    ALLOW("ppoll", "whether the log's reader keeps up"),
    ALLOW("clock_gettime", "the vDSO's way out when it cannot read the clock"),
    ALLOW("exit_group", WHY_EXIT),
};

/* What bj_lockdown_enter needs of the filter that a role is born under. */
static const struct bj_row lockdown_rows[] = {
    ALLOW("close_range",
          "lockdown: every descriptor that the role does not keep",
          NO_FLAGS(2)),
    ALLOW("prctl", "lockdown",
          ARG(0, PR_SET_NO_NEW_PRIVS, "option = SET_NO_NEW_PRIVS"),
          ARG(1, 1, "value = 1")),
    ALLOW("landlock_restrict_self", "lockdown: a domain of its own",
          NO_FLAGS(1)),
    ALLOW("prlimit64", "lockdown: limits, which only ever shrink",
          ARG(0, 0, "pid = 0, itself"), ARG(3, 0, "old = NULL")),
    ALLOW("seccomp", "lockdown: one of the prepared filters and no other",
          INSTALL, PROGRAM(2)),
    ALLOW("write", "lockdown: says what failed",
          ARG(0, 2, "fd = 2, standard error")),
    ALLOW("exit_group", "lockdown: fails closed"),
};

static const struct bj_row iterative_rows[] = {
    ALLOW("accept4", "the next connection", ON_LISTENER, CLOEXEC_ONLY),
    ALLOW("read", "what the peer sends", ON_CONNECTION),
    ALLOW("write", "the echo", ON_CONNECTION),
    ALLOW("close", "the end of a connection", ON_CONNECTION),
    ALLOW("read", "a pause while the system lacks something", ON_TIMER),
    ALLOW("rt_sigreturn", "the keeper ends an overlong stay with a signal, "
                          "whose handler returns"),
    ALLOW("exit_group", WHY_EXIT),
};

static const struct bj_row process_rows[] = {
    ALLOW("accept4", "the next connection", ON_LISTENER, CLOEXEC_ONLY),
    ALLOW("clone", "a child for the connection, sharing nothing",
          ARG(0, BJ_PROCESS_CLONE_FLAGS, "flags = PARENT_SETTID, SIGCHLD")),
    ALLOW("seccomp", "the child tightens itself, with its one filter", INSTALL,
          PROGRAM(2)),
    ALLOW("close", "its own copy of the connection", ON_CONNECTION),
    ALLOW("wait4", "reaps children, in the SIGCHLD handler",
          ARG(2, WNOHANG, "options = WNOHANG"), ARG(3, 0, "rusage = NULL")),
    ALLOW("rt_sigreturn", "the end of the SIGCHLD handler"),
    ALLOW("read",
          "a pause while the system lacks something, or until the "
          "last child is gone",
          ON_TIMER),
    ALLOW("setsockopt", "a connection over a limit is reset, not ended",
          ON_CONNECTION, LINGER_ONLY),
    ALLOW("read", "for the child, which is born under this filter",
          ON_CONNECTION),
    ALLOW("write", "likewise", ON_CONNECTION),
    ALLOW("exit_group", WHY_EXIT),
};

static const struct bj_row process_child_rows[] = {
    ALLOW("read", "what the peer sends", ON_CONNECTION),
    ALLOW("write", "the echo", ON_CONNECTION),
    ALLOW("exit_group", WHY_EXIT),
};

static const struct bj_row thread_rows[] = {
    ALLOW("accept4", "the next connection", ON_LISTENER, CLOEXEC_ONLY),
    ALLOW("rt_sigprocmask", "pthread_create blocks signals around clone"),
    ALLOW("rt_sigreturn", "the end of the handler that wakes the acceptor"),
    ALLOW("setsockopt", "a connection over a limit is reset, not ended",
          LINGER_ONLY),
    ALLOW("clone", "a thread for the connection, on a stack made beforehand",
          ARG(0, THREAD_FLAGS, "flags = pthread_create's, exactly")),
    THREAD_ROWS,
    ALLOW("seccomp", "the worker tightens itself, with its one filter", INSTALL,
          PROGRAM(2)),
    ALLOW("read", "a pause; for the workers, which are born under this filter"),
    ALLOW("write", "likewise"),
    ALLOW("close", "likewise, and of a connection no thread could be had for"),
    ALLOW("exit", "the end of a worker"),
    ALLOW("exit_group", WHY_EXIT),
};

static const struct bj_row thread_worker_rows[] = {
    ALLOW("read", "what the peer sends"),        ALLOW("write", "the echo"),
    ALLOW("close", "the end of its connection"), WORKER_ROWS,
    ALLOW("exit", "the end of the thread"),
};

static const struct bj_row udp_rows[] = {
    ALLOW("recvfrom", "the next datagram", ON_SOCKET, NO_FLAGS(3)),
    ALLOW("sendto", "the echo", ON_SOCKET, NO_FLAGS(3)),
    ALLOW("rt_sigreturn", "a socket of systemd's is not shut down: a signal "
                          "wakes the role to its end"),
    ALLOW("exit_group", WHY_EXIT),
};

/* A socket of one of the two families; the protocol is named, since 0 or
 * MPTCP's number would be something that Landlock does not see. */
#define SOCKET_ROW(family, type, protocol, reason)               \
    ALLOW("socket", reason, ARG(0, family, "domain = " #family), \
          ARG(1, SOCK_##type | SOCK_CLOEXEC | SOCK_NONBLOCK,     \
              "type = " #type " CLOEXEC NONBLOCK"),              \
          ARG(2, protocol, "protocol = " #protocol))

#define WHY_ATTEMPT "an attempt at one address"
#define SO_ERROR_ONLY \
    ARG(1, SOL_SOCKET, "level = SOCKET"), ARG(2, SO_ERROR, "name = ERROR")

static const struct bj_row connect_rows[] = {
    SOCKET_ROW(AF_INET, STREAM, IPPROTO_TCP, WHY_ATTEMPT),
    SOCKET_ROW(AF_INET6, STREAM, IPPROTO_TCP, WHY_ATTEMPT),
    SOCKET_ROW(AF_INET, DGRAM, IPPROTO_UDP, WHY_ATTEMPT),
    SOCKET_ROW(AF_INET6, DGRAM, IPPROTO_UDP, WHY_ATTEMPT),
    ALLOW("connect", "the attempt"),
    ALLOW("ppoll", "waits for an answer, or for the time to try the next"),
    ALLOW("getsockopt", "how the attempt ended", SO_ERROR_ONLY),
    ALLOW("close", "an attempt that failed or lost"),
    ALLOW("seccomp", "tightens to connect-relay once an address has answered",
          INSTALL, PROGRAM(2)),
    ALLOW("read", "for connect-relay, which is entered under this filter"),
    ALLOW("write", "likewise, and each attempt's failure on standard error"),
    ALLOW("shutdown", "for connect-relay", ARG(1, SHUT_WR, "how = WR")),
    ALLOW("exit_group", WHY_EXIT),
};

static const struct bj_row connect_relay_rows[] = {
    ALLOW("ppoll", "waits for either side"),
    ALLOW("read", "standard input and the socket"),
    ALLOW("write", "the socket, standard output and standard error"),
    ALLOW("shutdown", "tells the peer that our input has ended",
          ARG(1, SHUT_WR, "how = WR")),
    ALLOW("exit_group", WHY_EXIT),
};

static const struct bj_row decode_rows[] = {
    ALLOW("read", "the message or capture", ARG(0, 0, "fd = 0, the file")),
    ALLOW("write", "the text", ARG(0, 1, "fd = 1, standard output")),
    ALLOW("exit_group", WHY_EXIT),
};

static const struct bj_row resolver_worker_rows[] = {
    ALLOW("read", "frames: configuration, lookups, what the network brought",
          ARG(0, 0, "fd = 0, the pipe")),
    ALLOW("write", "frames: what to send, results",
          ARG(0, 1, "fd = 1, the pipe")),
    ALLOW("exit_group", WHY_EXIT),
};

#define WHY_DATAGRAM \
    "a query; and for ordering: from which address would it go there?"
#define WHY_STREAM "a query whose answer is too long for a datagram"
#define DATAGRAM_ROW(family)                                           \
    ALLOW("socket", WHY_DATAGRAM, ARG(0, family, "domain = " #family), \
          ARG(1, SOCK_DGRAM | SOCK_CLOEXEC, "type = DGRAM CLOEXEC"),   \
          ARG(2, IPPROTO_UDP, "protocol = IPPROTO_UDP"))
#define NO_ADDRESS ARG(4, 0, "address = NULL")
#define NOT_EXECUTABLE MASKED(2, ~UINT64_C(3), 0, "prot = READ, WRITE at most")

/* Of whichever program has opened a resolver: what a lookup takes of it. */
static const struct bj_row driver_rows[] = {
    DATAGRAM_ROW(AF_INET),
    DATAGRAM_ROW(AF_INET6),
    SOCKET_ROW(AF_INET, STREAM, IPPROTO_TCP, WHY_STREAM),
    SOCKET_ROW(AF_INET6, STREAM, IPPROTO_TCP, WHY_STREAM),
    ALLOW("setsockopt", "how long a datagram is waited for",
          ARG(1, SOL_SOCKET, "level = SOCKET"),
          ARG(2, SO_RCVTIMEO, "name = RCVTIMEO")),
    ALLOW("connect", "to a name server; and for ordering, which sends nothing"),
    ALLOW("sendto", "to a name server, the spawner",
          ARG(3, MSG_NOSIGNAL | MSG_DONTWAIT, "flags = NOSIGNAL, DONTWAIT"),
          NO_ADDRESS),
    ALLOW("recvfrom", "from a name server",
          MASKED(3, ~(uint64_t)MSG_DONTWAIT, 0, "flags = DONTWAIT at most"),
          NO_ADDRESS),
    ALLOW("recvmsg", "from the spawner: the pipes of a new worker",
          ARG(2, MSG_DONTWAIT | MSG_CMSG_CLOEXEC,
              "flags = DONTWAIT, CMSG_CLOEXEC")),
    ALLOW("ppoll", "waits for any of them, and the time"),
    ALLOW("fstat", "whether a descriptor is still the one it was"),
    ALLOW("close", "a query's socket, a worker's pipes"),
    ALLOW("getsockopt", "how a connection came out", SO_ERROR_ONLY),
    ALLOW("getsockname", "ordering: the source address"),
    ALLOW("ioctl", "the zone of a link-local address, by name",
          ARG(1, SIOCGIFINDEX, "request = SIOCGIFINDEX")),
    ALLOW("ioctl", "the name of a zone",
          ARG(1, SIOCGIFNAME, "request = SIOCGIFNAME")),
    ALLOW("fcntl", "moves a descriptor away from the standard streams",
          ARG(1, F_DUPFD_CLOEXEC, "command = DUPFD_CLOEXEC"),
          ARG(2, 3, "least = 3")),
    ALLOW("getrandom", "ids, case bits", NO_FLAGS(2)),
    ALLOW("prctl", "whether it may be opened anew, if its processes are gone",
          ARG(0, PR_GET_SECCOMP, "option = GET_SECCOMP")),
    ALLOW("futex", "threads that wait for each other"),
    ALLOW("write", "to a worker; wakes the thread that waits for all"),
    ALLOW("read", "from a worker; it has woken"),
    ALLOW("brk", "memory for a result"),
    ALLOW("mmap", "memory for a long result", NOT_EXECUTABLE,
          MASKED(3, MAP_ANONYMOUS, MAP_ANONYMOUS, "flags with ANONYMOUS")),
    ALLOW("munmap", "likewise"),
    ALLOW("mprotect", "malloc in a thread that is not the first",
          NOT_EXECUTABLE),
    ALLOW("madvise", "likewise, when it gives memory back"),
    ALLOW("clock_gettime", "the vDSO's way out when it cannot read the clock"),
    ALLOW("exit_group", "the program's own end"),
};

/*
 * The spawner's own calls, all of them raw, and those of a worker from its
 * birth to its own filter: the end of the spawner's copy, the start of a static
 * program, the lockdown. Descriptors have no fixed numbers here. A worker's own
 * filter cannot be pinned: it lies at an address that each start chooses anew.
 */
static const struct bj_row spawner_rows[] = {
    ALLOW("ppoll", "waits for requests, changes, deaths, the caller's end",
          ARG(3, 0, "sigmask = NULL")),
    ALLOW("clock_gettime", "deadlines", ARG(0, CLOCK_BOOTTIME, "BOOTTIME")),
    ALLOW("recvfrom", "requests; addresses",
          ARG(3, MSG_DONTWAIT, "flags = DONTWAIT"), NO_ADDRESS),
    ALLOW("sendto", "asks the kernel for this host's addresses",
          ARG(3, MSG_NOSIGNAL, "flags = NOSIGNAL"), NO_ADDRESS),
    ALLOW("sendmsg", "hands the pipes of a worker to the driver",
          ARG(2, MSG_NOSIGNAL | MSG_DONTWAIT, "flags = NOSIGNAL, DONTWAIT")),
    ALLOW("read", "what inotify says, configuration; that a worker is ready; "
                  "for the worker"),
    ALLOW("openat", "a configuration file: nothing is created or written",
          ARG(2, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
              "flags = RDONLY, CLOEXEC, NONBLOCK, NOCTTY")),
    ALLOW("fstat", "whether that is a regular file, and how long"),
    ALLOW("close", "files; a worker's pipes, its pidfd"),
    ALLOW("mmap", "room for a longer file",
          ARG(2, PROT_READ | PROT_WRITE, "prot = READ, WRITE"),
          ARG(3, MAP_PRIVATE | MAP_ANONYMOUS, "flags = PRIVATE, ANONYMOUS")),
    ALLOW("munmap", "the room there was"),
    ALLOW("inotify_add_watch", "watches anew what has been replaced"),
    ALLOW("readlinkat", "where a configuration file that is a link lies; newer "
                        "glibc: where a static program does"),
    ALLOW("statx", "whether a file has changed, where there is no inotify",
          NO_FLAGS(2)),
    ALLOW("pipe2", "between a worker and the driver",
          ARG(1, O_CLOEXEC, "flags = CLOEXEC")),
    ALLOW("fcntl", "the driver's ends do not block",
          ARG(1, F_SETFL, "command = SETFL"),
          ARG(2, O_NONBLOCK, "flags = NONBLOCK")),
    ALLOW("clone", "a worker, sharing nothing",
          ARG(0, CLONE_PIDFD | SIGCHLD, "flags = PIDFD, SIGCHLD"),
          ARG(1, 0, "stack = NULL")),
    ALLOW("pidfd_send_signal", "ends a worker",
          ARG(1, SIGKILL, "signal = KILL"), ARG(2, 0, "info = NULL"),
          NO_FLAGS(3)),
    ALLOW("wait4", "reaps a worker", ARG(2, 0, "options = 0"),
          ARG(3, 0, "rusage = NULL")),
    ALLOW("getrandom", "the key of a worker's tables; for its libc"),
    ALLOW("exit_group", WHY_EXIT),

    ALLOW("dup3", WORKER "its pipes, as 0 and 1; the spawner's 1, to load it",
          NO_FLAGS(2)),
    ALLOW("fcntl", WORKER "/dev/null stays", ARG(0, 2, "fd = 2"),
          ARG(1, F_SETFD, "command = SETFD"), ARG(2, 0, "flags = 0")),
    ALLOW("close_range", WORKER "nothing else does", ARG(0, 3, "first = 3"),
          ARG(1, UINT32_MAX, "last = all"),
          ARG(2, CLOSE_RANGE_CLOEXEC, "flags = CLOEXEC")),
    ALLOW("execveat", WORKER "the program, opened before by its path",
          ARG(4, AT_EMPTY_PATH, "flags = EMPTY_PATH")),

    START_ROWS,
    ALLOW("mmap", WORKER "all the memory that it will have",
          ARG(2, PROT_READ | PROT_WRITE, "prot = READ, WRITE"),
          ARG(3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
              "flags = PRIVATE, ANONYMOUS, NORESERVE")),

    ALLOW("geteuid", WORKER "is it root?"),
    ALLOW("getuid", WORKER "likewise"),
    ALLOW("openat", WORKER "as root: which ids its namespace has, in /proc",
          ARG(2, O_RDONLY | O_CLOEXEC, "flags = RDONLY, CLOEXEC")),
    ALLOW("landlock_create_ruleset", WORKER "lockdown: which there can be, "
                                            "and one"),
    ALLOW("landlock_restrict_self", WORKER "lockdown: a domain of its own",
          NO_FLAGS(1)),
    ALLOW("close_range", WORKER "lockdown: its ruleset, and whatever is open",
          NO_FLAGS(2)),
    ALLOW("capget", WORKER "lockdown: has it any capability?"),
    ALLOW("capset", WORKER "lockdown: then it gives them up"),
    ALLOW("prctl", WORKER "lockdown: the bounding set",
          OPTION(PR_CAPBSET_DROP, "CAPBSET_DROP")),
    ALLOW("prctl", WORKER "lockdown: ambient capabilities",
          OPTION(PR_CAP_AMBIENT, "CAP_AMBIENT"),
          ARG(1, PR_CAP_AMBIENT_CLEAR_ALL, "CLEAR_ALL")),
    ALLOW("prctl", WORKER "lockdown",
          OPTION(PR_SET_NO_NEW_PRIVS, "SET_NO_NEW_PRIVS"),
          ARG(1, 1, "value = 1")),
    ALLOW("prctl", WORKER "lockdown", OPTION(PR_SET_DUMPABLE, "SET_DUMPABLE"),
          ARG(1, 0, "value = 0")),
    ALLOW("setgroups", WORKER "lockdown, as root", ARG(0, 0, "count = 0")),
    ALLOW("setresgid", WORKER "lockdown, as root: nobody",
          ARG(0, NOBODY, "nobody"), ARG(1, NOBODY, "nobody"),
          ARG(2, NOBODY, "nobody")),
    ALLOW("setresuid", WORKER "lockdown, as root: nobody",
          ARG(0, NOBODY, "nobody"), ARG(1, NOBODY, "nobody"),
          ARG(2, NOBODY, "nobody")),
    ALLOW("setresuid", WORKER "lockdown: that it cannot be root again",
          ARG(0, 0, "root"), ARG(1, 0, "root"), ARG(2, 0, "root")),
    ALLOW("prlimit64", WORKER "lockdown: limits, which only ever shrink",
          ITSELF, ARG(3, 0, "old = NULL")),
    ALLOW("seccomp", WORKER "lockdown: its own filter", INSTALL),
    ALLOW("write", "the configuration, to a new worker; for that, frames",
          ARG(0, 1, "fd = 1, a pipe")),
    ALLOW("write", WORKER "lockdown: says what failed",
          ARG(0, 2, "fd = 2, /dev/null")),
};

/*
 * A worker that is linked dynamically: the loader maps its libraries, and in
 * a sanitizer build the run-time library its shadow, before there is a filter
 * of its own. Such a worker is one of a build for tests, or of a system without
 * a static libc, of which the build warns.
 */
#ifdef BJ_WORKER_DYNAMIC
static const struct bj_row loader_rows[] = {
    ALLOW("mmap", "loader: libraries"),
    ALLOW("mprotect", "loader: libraries"),
    ALLOW("pread64", "loader: libraries"),
    ALLOW("newfstatat", "loader: libraries"),
    ALLOW("access", "loader: is there a preload file?"),
    ALLOW("faccessat", "loader: likewise, where there is no access"),
    ALLOW("lseek", "loader: libraries, in some libcs"),
    ALLOW("open", "sanitizer: /proc/self/maps", ARG(1, O_RDONLY, "RDONLY")),
    ALLOW("openat", "sanitizer: likewise, in clang 19",
          ARG(2, O_RDONLY, "RDONLY")),
    ALLOW("clock_gettime", "sanitizer: the time"),
    ALLOW("getpid", "sanitizer: who it is"),
    ALLOW("gettid", "sanitizer: likewise"),
    ALLOW("madvise", "sanitizer: its shadow"),
    ALLOW("prlimit64", "sanitizer: no core of a shadow", ITSELF),
    ALLOW("personality", "sanitizer: how addresses are chosen"),
    ALLOW("rt_sigaction", "sanitizer: reports of faults"),
    ALLOW("rt_sigprocmask", "sanitizer: likewise"),
    ALLOW("sigaltstack", "sanitizer: likewise"),
    ALLOW("futex", "sanitizer: locks"),
    ALLOW("sched_getaffinity", "sanitizer: how many processors there are"),
    {.call = "open",
     .why = "sanitizer: a file to copy constants to, and it goes without",
     .answer = ENOENT,
     .when = {ARG(1, O_RDWR | O_CREAT | O_EXCL, "flags = RDWR, CREAT, EXCL")}},
    {.call = "openat",
     .why = "sanitizer: likewise, in clang 19",
     .answer = ENOENT,
     .when = {ARG(2, O_RDWR | O_CREAT | O_EXCL, "flags = RDWR, CREAT, EXCL")}},
    ANSWER(ENOENT, "unlink",
           "sanitizer: a file that its shadow has no name in"),
};
#define LOADER_ROWS loader_rows
#define LOADER_ROW_COUNT COUNT(loader_rows)
#else
#define LOADER_ROWS NULL
#define LOADER_ROW_COUNT 0
#endif

/*
 * What the sanitizers' run-time libraries do beside the program: a column of
 * the table that a release build does not have. The refusals keep them from
 * looking for symbols, so that a report is short but comes.
 */
#if defined(BJ_WITH_ASAN) || defined(BJ_WITH_TSAN)
static const struct bj_row sanitizer_rows[] = {
    ALLOW("mmap", "sanitizer: its own memory"),
    ALLOW("munmap", "sanitizer: its own memory"),
    ALLOW("madvise", "sanitizer: its own memory"),
    ALLOW("getpid", "sanitizer: reports"),
    ALLOW("gettid", "sanitizer: threads"),
    ALLOW("futex", "sanitizer: its locks"),
    ALLOW("sched_yield", "sanitizer: its locks"),
    ALLOW("sched_getaffinity", "sanitizer: threads"),
    ALLOW("sigaltstack", "sanitizer: threads"),
    ALLOW("rt_sigprocmask", "sanitizer: fork and threads"),
    ALLOW("clock_gettime", "sanitizer: time stamps"),
    ALLOW("write", "sanitizer: reports", ARG(0, 2, "fd = 2, standard error")),
    ALLOW("exit_group", "sanitizer: ends after a report"),
    ANSWER(ENOTTY, "ioctl", "sanitizer: asks whether there is a terminal"),
    ANSWER(ENOENT, "openat", "sanitizer: looks for maps and symbols"),
    ANSWER(ENOENT, "readlink", "sanitizer: looks for symbols"),
    ANSWER(ENOENT, "readlinkat", "sanitizer: looks for symbols"),
};
#define SANITIZER_ROWS sanitizer_rows
#define SANITIZER_ROW_COUNT COUNT(sanitizer_rows)
#else
#define SANITIZER_ROWS NULL
#define SANITIZER_ROW_COUNT 0
#endif

#define BELOW(role) (UINT32_C(1) << (role))
#define STANDARD_STREAMS UINT64_C(7)
#define KEEPS(fd) (STANDARD_STREAMS | UINT64_C(1) << (fd))

static const struct bj_role_policy roles[BJ_ROLE_COUNT] = {
    [BJ_ROLE_KEEPER] =
        {
            .name = "keeper",
            .entered = "after bind, before the first role is started",
            ROWS(keeper_rows),
            .limits = {0, BJ_LIMIT_KEEP, BJ_LIMIT_CALLER, BJ_LIMIT_KEEP},
            .keeps = STANDARD_STREAMS,
            .below =
                BELOW(BJ_ROLE_SERVE_ITERATIVE) | BELOW(BJ_ROLE_SERVE_PROCESS) |
                BELOW(BJ_ROLE_SERVE_PROCESS_CHILD) |
                BELOW(BJ_ROLE_SERVE_THREAD) |
                BELOW(BJ_ROLE_SERVE_THREAD_WORKER) | BELOW(BJ_ROLE_SERVE_UDP),
            .takes_union = true,
        },
    [BJ_ROLE_SERVE_ITERATIVE] =
        {
            .name = "serve-iterative",
            .entered = "after bind, before the first accept",
            ROWS(iterative_rows),
            .limits = {0, 0, BJ_FD_CONNECTION + 1, 0},
            .keeps = KEEPS(BJ_FD_LISTENER),
        },
    [BJ_ROLE_SERVE_PROCESS] =
        {
            .name = "serve-process",
            .entered = "after bind, before the first accept",
            ROWS(process_rows),
            .limits = {0, 0, BJ_FD_CONNECTION + 1, BJ_LIMIT_KEEP},
            .keeps = KEEPS(BJ_FD_LISTENER),
            .below = BELOW(BJ_ROLE_SERVE_PROCESS_CHILD),
        },
    [BJ_ROLE_SERVE_PROCESS_CHILD] =
        {
            .name = "serve-process-child",
            .entered = "after fork, before the first byte",
            ROWS(process_child_rows),
            .limits = {0, 0, BJ_FD_CONNECTION + 1, BJ_LIMIT_KEEP},
            .keeps = KEEPS(BJ_FD_LISTENER) | KEEPS(BJ_FD_CONNECTION),
            .tightens = true,
        },
    [BJ_ROLE_SERVE_INETD] =
        {
            .name = "serve-inetd",
            .entered = "before the first byte, with no keeper and no parent",
            ROWS(process_child_rows),
            .limits = {0, BJ_LIMIT_KEEP, BJ_FD_CONNECTION + 1, 0},
            .keeps = KEEPS(BJ_FD_CONNECTION),
        },
    [BJ_ROLE_SERVE_THREAD] =
        {
            .name = "serve-thread",
            .entered = "after bind, before the first accept",
            ROWS(thread_rows),
            .limits = {0, 0, BJ_LIMIT_CALLER, BJ_LIMIT_KEEP},
            .keeps = KEEPS(BJ_FD_LISTENER),
            .below = BELOW(BJ_ROLE_SERVE_THREAD_WORKER),
        },
    [BJ_ROLE_SERVE_THREAD_WORKER] =
        {
            .name = "serve-thread-worker",
            .entered = "first thing in the thread",
            ROWS(thread_worker_rows),
            .limits = {0, 0, BJ_LIMIT_CALLER, BJ_LIMIT_KEEP},
            .keeps = KEEPS(BJ_FD_LISTENER),
            .tightens = true,
        },
    [BJ_ROLE_SERVE_UDP] =
        {
            .name = "serve-udp",
            .entered = "after bind, before the first datagram",
            ROWS(udp_rows),
            .limits = {0, 0, BJ_FD_LISTENER + 1, 0},
            .keeps = KEEPS(BJ_FD_LISTENER),
        },
    [BJ_ROLE_CONNECT] =
        {
            .name = "connect",
            .entered = "after the name is resolved, before the first attempt",
            ROWS(connect_rows),
            .limits = {0, BJ_LIMIT_KEEP, BJ_LIMIT_CALLER, 0},
            .rights = BJ_RIGHT_CONNECT_TCP,
            .keeps = STANDARD_STREAMS,
            .below = BELOW(BJ_ROLE_CONNECT_RELAY),
        },
    [BJ_ROLE_CONNECT_RELAY] =
        {
            .name = "connect-relay",
            .entered = "after one address has answered, before its first byte",
            ROWS(connect_relay_rows),
            .limits = {0, BJ_LIMIT_KEEP, BJ_LIMIT_CALLER, 0},
            .rights = BJ_RIGHT_CONNECT_TCP,
            .keeps = STANDARD_STREAMS,
            .tightens = true,
        },
    [BJ_ROLE_DECODE] =
        {
            .name = "decode",
            .entered = "before the first byte of the message",
            ROWS(decode_rows),
            .limits = {0, BJ_LIMIT_KEEP, 3, 0},
            .keeps = STANDARD_STREAMS,
        },
    [BJ_ROLE_RESOLVER_WORKER] =
        {
            .name = "resolver-worker",
            .entered = "after exec, before the first frame",
            ROWS(resolver_worker_rows),
            .limits = {0, 0, 3, 0},
            .keeps = STANDARD_STREAMS,
        },
    [BJ_ROLE_DRIVER] =
        {
            .name = "driver",
            .entered = "by a program of somebody's, after bj_resolver_open",
            ROWS(driver_rows),
            .limits = {BJ_LIMIT_KEEP, BJ_LIMIT_KEEP, BJ_LIMIT_KEEP,
                       BJ_LIMIT_KEEP},
            .rights = BJ_RIGHT_CONNECT_TCP,
            .keeps = STANDARD_STREAMS,
            .tightens = true,
            .lent = true,
        },
    [BJ_ROLE_SPAWNER] =
        {
            .name = "spawner",
            .entered = "after clone, before the first worker",
            ROWS(spawner_rows),
            .limits = {BJ_LIMIT_KEEP, BJ_LIMIT_KEEP, BJ_LIMIT_KEEP,
                       BJ_LIMIT_KEEP},
            .keeps = STANDARD_STREAMS,
            .tightens = true,
            .lent = true,
            .layers = "none, but that it is not dumpable and cannot gain "
                      "privileges. No Landlock: configuration\n  files may be "
                      "anywhere, and a rule would name the folder that was "
                      "there when it was made; one that\n  is a link is led "
                      "elsewhere, and a folder under /run is made anew, and "
                      "then would be seen no more",
        },
};

const struct bj_role_policy *bj_role_policy(enum bj_role role)
{
    return &roles[role];
}

enum bj_role bj_role_find(const char *name)
{
    unsigned role;

    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        if (strcmp(roles[role].name, name) == 0)
            break;
    }
    return (enum bj_role)role;
}

const struct bj_row *bj_role_lockdown_rows(size_t *count)
{
    *count = COUNT(lockdown_rows);
    return lockdown_rows;
}

const struct bj_row *bj_role_sanitizer_rows(size_t *count)
{
    *count = SANITIZER_ROW_COUNT;
    return SANITIZER_ROWS;
}

const struct bj_row *bj_role_loader_rows(size_t *count)
{
    *count = LOADER_ROW_COUNT;
    return LOADER_ROWS;
}

static bool same_condition(const struct bj_condition *a,
                           const struct bj_condition *b)
{
    return a->arg == b->arg && a->mask == b->mask && a->value == b->value &&
           a->source == b->source;
}

/* Same effect; the reason may differ. The order of conditions is the
 * table's, which writes them by argument. */
static bool same_row(const struct bj_row *a, const struct bj_row *b)
{
    size_t i;

    if (strcmp(a->call, b->call) != 0 || a->answer != b->answer)
        return false;
    for (i = 0; i < BJ_CONDITIONS_MAX; i += 1) {
        if ((a->when[i].text == NULL) != (b->when[i].text == NULL))
            return false;
        if (a->when[i].text == NULL)
            break;
        if (!same_condition(&a->when[i], &b->when[i]))
            return false;
    }
    return true;
}

bool bj_role_rows_add(struct bj_role_rows *out, const struct bj_row *rows,
                      size_t count, unsigned owner)
{
    size_t i;
    size_t k;

    for (i = 0; i < count; i += 1) {
        for (k = 0; k < out->count; k += 1) {
            if (same_row(out->row[k], &rows[i]))
                break;
        }
        if (k < out->count)
            continue;
        if (out->count == BJ_ROWS_MAX)
            return false;
        out->row[out->count] = &rows[i];
        out->owner[out->count] = owner;
        out->count += 1;
    }
    return true;
}

static bool has_call(const struct bj_role_rows *rows, const char *call)
{
    size_t i;

    for (i = 0; i < rows->count; i += 1) {
        if (strcmp(rows->row[i]->call, call) == 0)
            return true;
    }
    return false;
}

/* A sanitizer's refusals are for roles that have no use for the call. */
static bool add_sanitizer_rows(struct bj_role_rows *out)
{
    bool fits = true;
    size_t count;
    const struct bj_row *rows = bj_role_sanitizer_rows(&count);
    size_t i;

    for (i = 0; i < count; i += 1) {
        if (rows[i].answer == 0 || !has_call(out, rows[i].call))
            fits =
                fits && bj_role_rows_add(out, &rows[i], 1, BJ_ROW_OF_SANITIZER);
    }
    return fits;
}

bool bj_role_collect(enum bj_role role, uint32_t under,
                     struct bj_role_rows *out)
{
    const struct bj_role_policy *policy = &roles[role];
    bool fits;
    unsigned i;

    out->count = 0;
    fits = bj_role_rows_add(out, policy->rows, policy->row_count, role);
    if (policy->takes_union) {
        fits =
            fits && bj_role_rows_add(out, lockdown_rows, COUNT(lockdown_rows),
                                     BJ_ROW_OF_LOCKDOWN);
        for (i = 0; i < BJ_ROLE_COUNT; i += 1) {
            if (under & BELOW(i))
                fits = fits && bj_role_rows_add(out, roles[i].rows,
                                                roles[i].row_count, i);
        }
    }
    if (role == BJ_ROLE_SPAWNER)
        fits = fits && bj_role_rows_add(out, LOADER_ROWS, LOADER_ROW_COUNT,
                                        BJ_ROW_OF_LOADER);
    return fits && add_sanitizer_rows(out);
}

size_t bj_role_count_calls(const struct bj_role_rows *rows)
{
    size_t calls = 0;
    size_t i;
    size_t k;

    for (i = 0; i < rows->count; i += 1) {
        if (rows->row[i]->answer != 0)
            continue;
        for (k = 0; k < i; k += 1) {
            if (rows->row[k]->answer == 0 &&
                strcmp(rows->row[k]->call, rows->row[i]->call) == 0)
                break;
        }
        calls += k == i;
    }
    return calls;
}
