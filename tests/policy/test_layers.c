/*
 * The layers beside the filter, each seen to refuse by itself: every role
 * locked down with the filter left out, so that what says no is Landlock, a
 * limit, the dropped ids and capabilities or the closed descriptors.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/policy/landlock.h"
#include "tests/policy/stack.h"
#include "tests/support/scratch.h"

static pid_t parent;
static const char *folder;
static char inside[128];

/* Left out where Landlock is to be seen alone, and where it is not looked
 * at. */
#define ONLY_LANDLOCK (BJ_LAYER_SECCOMP | BJ_LAYER_LIMITS)
#define NO_FILTER BJ_LAYER_SECCOMP

/* Runs a body in every role and wants exit code 0; a body returns the number
 * of its first check that failed. */
static void in_every_role(int (*body)(void *context), unsigned without)
{
    struct stack stack;
    unsigned role;
    int status;

    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        if (bj_role_policy((enum bj_role)role)->lent)
            continue;
        stack_prepare((enum bj_role)role, BJ_MODE_ENFORCE, without, &stack);
        status = stack_run(&stack, body, &stack);
        if (status != 0)
            fail_msg("%s: check %d failed (status %#x)",
                     bj_role_policy((enum bj_role)role)->name,
                     WEXITSTATUS(status), status);
        stack_free(&stack);
    }
}

/* 0 if the call failed with this error, else the number of the check. */
static int want(long result, int error, int check)
{
    return result < 0 && errno == error ? 0 : check;
}

/* ---- Landlock ---- */

static int files(void *context)
{
    static const char *const none[] = {NULL};
    int bad = 0;

    (void)context;
    bad = bad ? bad : want(open("/etc/passwd", O_RDONLY), EACCES, 1);
    bad = bad ? bad : want(open("/", O_RDONLY | O_DIRECTORY), EACCES, 2);
    bad = bad ? bad : want(open(inside, O_WRONLY), EACCES, 3);
    bad =
        bad ? bad : want(open("/tmp/bj", O_CREAT | O_WRONLY, 0600), EACCES, 4);
    bad = bad ? bad : want(unlink(inside), EACCES, 5);
    bad = bad ? bad : want(mkdir("/tmp/bj", 0700), EACCES, 6);
    bad = bad ? bad : want(symlink("a", "/tmp/bj"), EACCES, 7);
    bad = bad ? bad : want(mkfifo("/tmp/bj", 0600), EACCES, 8);
    bad = bad ? bad
              : want(execve("/bin/true", (char *const *)(uintptr_t)none,
                            (char *const *)(uintptr_t)none),
                     EACCES, 9);
    if (bj_landlock_abi() >= 3)
        bad = bad ? bad : want(truncate(inside, 0), EACCES, 10);
    return bad;
}

static void no_role_reaches_a_file(void **state)
{
    (void)state;
    if (bj_landlock_abi() == 0)
        skip();
    in_every_role(files, ONLY_LANDLOCK);
}

static int tcp(void *context)
{
    const struct stack *stack = context;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(1)};
    struct sockaddr_in own = {.sin_family = AF_INET};
    unsigned rights = bj_role_policy(stack->role)->rights;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int bad;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    own.sin_port = htons(61234);
    if (fd < 0)
        return 1;
    bad = want(bind(fd, (struct sockaddr *)&own, sizeof(own)), EACCES, 2);
    if (bad != 0)
        return bad;
    return want(connect(fd, (struct sockaddr *)&to, sizeof(to)),
                rights & BJ_RIGHT_CONNECT_TCP ? ECONNREFUSED : EACCES, 3);
}

static void tcp_only_where_the_row_says_so(void **state)
{
    (void)state;
    if (bj_landlock_abi() < 4)
        skip();
    in_every_role(tcp, ONLY_LANDLOCK);
}

static int abstract_listener(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "belljar-%d", parent);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(fd, 5), 0);
    return fd;
}

static int outside(void *context)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int bad = want(kill(parent, 0), EPERM, 1);
    int fd;

    (void)context;
    bad = bad ? bad : want(ptrace(PTRACE_SEIZE, parent, 0, 0), EPERM, 2);
    snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "belljar-%d", parent);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return 4;
    if (bad == 0)
        bad = want(connect(fd, (struct sockaddr *)&at, sizeof(at)), EPERM, 3);
    return bad;
}

static void no_signal_and_no_abstract_socket_outside(void **state)
{
    int listener;

    (void)state;
    if (bj_landlock_abi() < 6)
        skip();
    listener = abstract_listener();
    in_every_role(outside, ONLY_LANDLOCK);
    close(listener);
}

/* A ruleset for each ABI that this kernel can still speak takes files away;
 * older ones just know fewer rights. */
static void every_older_abi_works(void **state)
{
    struct bj_trouble trouble;
    int status;
    int abi;
    int fd;
    pid_t pid;

    (void)state;
    if (bj_landlock_abi() == 0)
        skip();
    for (abi = 1; abi <= bj_landlock_abi(); abi += 1) {
        fd = bj_landlock_open(abi, 0, &trouble);
        assert_true(fd >= 0);
        pid = fork();
        if (pid == 0) {
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            if (bj_landlock_enter(fd) != 0)
                _exit(2);
            _exit(want(open("/etc/passwd", O_RDONLY), EACCES, 1));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        close(fd);
    }
}

/* ---- limits ---- */

static int limit_is(__rlimit_resource_t resource, uint64_t value)
{
    struct rlimit now;

    if (value == BJ_LIMIT_KEEP)
        return 0;
    if (value == BJ_LIMIT_CALLER)
        value = 64; /* stack_prepare's */
    if (getrlimit(resource, &now) != 0 || now.rlim_cur != value ||
        now.rlim_max != value)
        return -1;
    now.rlim_cur = now.rlim_max = value + 1;
    return geteuid() == 0 || setrlimit(resource, &now) != 0 ? 0 : -1;
}

static int limits(void *context)
{
    const struct stack *stack = context;
    const struct bj_limits *is = &bj_role_policy(stack->role)->limits;

    if (limit_is(RLIMIT_CORE, is->core) != 0)
        return 1;
    if (limit_is(RLIMIT_FSIZE, is->fsize) != 0)
        return 2;
    if (limit_is(RLIMIT_NOFILE, is->nofile) != 0)
        return 3;
    if (limit_is(RLIMIT_NPROC, is->nproc) != 0)
        return 4;
    return 0;
}

static void limits_are_the_tables_and_stay(void **state)
{
    (void)state;
    in_every_role(limits, NO_FILTER);
}

static int fork_and_open(void *context)
{
    const struct stack *stack = context;
    const struct bj_limits *is = &bj_role_policy(stack->role)->limits;
    uint64_t below =
        is->nofile == BJ_LIMIT_CALLER ? 64 : is->nofile; /* stack_prepare's */
    pid_t pid;
    int fd;

    if (is->nproc == 0 && geteuid() != 0) {
        pid = fork();
        if (pid == 0)
            stack_exit(stack->role, 0);
        if (pid > 0 || errno != EAGAIN)
            return 1;
    }
    for (fd = 0; fd >= 0;)
        fd = fcntl(1, F_DUPFD, 0);
    if (errno != EMFILE)
        return 2;
    for (fd = 0; (uint64_t)fd < below; fd += 1) {
        if (fcntl(fd, F_GETFD) < 0)
            return 3;
    }
    return fcntl(fd, F_GETFD) < 0 ? 0 : 4;
}

static void no_fork_and_no_descriptor_beyond_the_limit(void **state)
{
    (void)state;
    in_every_role(fork_and_open, NO_FILTER);
}

static int write_to_file(void *context)
{
    (void)context;
    return write(BJ_FD_LISTENER, "x", 1) == 1 ? 1 : 2;
}

/* A regular file where the listener should be: not one byte goes in. */
static void no_byte_into_a_file(void **state)
{
    struct stack stack;
    int status;
    int fd;
    int old;

    (void)state;
    stack_prepare(BJ_ROLE_SERVE_ITERATIVE, BJ_MODE_ENFORCE, BJ_LAYER_SECCOMP,
                  &stack);
    old = fcntl(BJ_FD_LISTENER, F_DUPFD_CLOEXEC, 40);
    fd = open(inside, O_WRONLY);
    if (fd != BJ_FD_LISTENER) {
        assert_int_equal(dup2(fd, BJ_FD_LISTENER), BJ_FD_LISTENER);
        close(fd);
    }
    status = stack_run(&stack, write_to_file, NULL);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
    close(BJ_FD_LISTENER);
    if (old >= 0) {
        dup2(old, BJ_FD_LISTENER);
        close(old);
    }
    stack_free(&stack);
}

static int die(void *context)
{
    (void)context;
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
    return 1;
}

static void no_core(void **state)
{
    struct stack stack;
    unsigned role;
    int status;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        if (bj_role_policy((enum bj_role)role)->lent)
            continue;
        stack_prepare((enum bj_role)role, BJ_MODE_ENFORCE, BJ_LAYER_SECCOMP,
                      &stack);
        status = stack_run(&stack, die, NULL);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        assert_false(WCOREDUMP(status));
        stack_free(&stack);
    }
}

/* ---- descriptors ---- */

static int descriptors(void *context)
{
    const struct stack *stack = context;
    uint64_t keeps = bj_role_policy(stack->layer[0].role)->keeps;
    size_t i;
    int fd;

    for (i = 0; i < stack->count; i += 1)
        keeps |= bj_role_policy(stack->layer[i].role)->keeps;
    for (fd = 0; fd < 1000; fd += 1) {
        if (fcntl(fd, F_GETFD) >= 0 && (fd > 63 || !(keeps >> fd & 1)))
            return 1;
    }
    return 0;
}

static void every_other_descriptor_is_closed(void **state)
{
    int extra[40];
    size_t i;

    (void)state;
    for (i = 0; i < 40; i += 1)
        extra[i] = fcntl(0, F_DUPFD, 20 + 13 * (int)i);
    in_every_role(descriptors, NO_FILTER);
    for (i = 0; i < 40; i += 1)
        close(extra[i]);
}

/* What the caller lists stays, at any number and in any order. */
static int kept(void *context)
{
    const int *fds = context;

    return fcntl(fds[0], F_GETFD) < 0 || fcntl(fds[1], F_GETFD) < 0 ||
           fcntl(fds[1] + 1, F_GETFD) >= 0 || fcntl(fds[1] - 1, F_GETFD) >= 0;
}

static void the_callers_descriptors_stay(void **state)
{
    struct bj_lockdown_setup setup = {
        .first = true, .nofile = 64, .without = BJ_LAYER_SECCOMP};
    struct bj_lockdown lockdown;
    struct bj_trouble trouble;
    int fds[2];
    int status;
    pid_t pid;

    (void)state;
    assert_true(
        bj_lockdown_prepare(BJ_ROLE_CONNECT, &setup, &lockdown, &trouble));
    fds[0] = fcntl(0, F_DUPFD, 300);
    fds[1] = fcntl(0, F_DUPFD, 100);
    fcntl(0, F_DUPFD, 99);
    fcntl(0, F_DUPFD, 101);
    pid = fork();
    if (pid == 0) {
        bj_lockdown_enter(&lockdown, fds, 2);
        _exit(kept(fds));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(fds[0]);
    close(fds[1]);
    close(99);
    close(101);
    bj_lockdown_free(&lockdown);
}

/* ---- ids, capabilities, gains ---- */

static int ids(void *context)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct caps[2];
    uid_t uid[3];
    gid_t gid[3];
    int cap;

    (void)context;
    if (getresuid(uid, uid + 1, uid + 2) != 0 ||
        getresgid(gid, gid + 1, gid + 2) != 0)
        return 1;
    if (uid[0] == 0 || uid[1] == 0 || uid[2] == 0)
        return 2;
    if (gid[0] == 0 || gid[1] == 0 || gid[2] == 0 || getgroups(0, NULL) > 0)
        return 3;
    if (syscall(SYS_capget, &header, caps) != 0 ||
        (caps[0].permitted | caps[0].effective | caps[0].inheritable |
         caps[1].permitted | caps[1].effective | caps[1].inheritable) != 0)
        return 4;
    for (cap = 0; cap < 64; cap += 1) {
        if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) > 0)
            return 5;
    }
    return want(syscall(SYS_setuid, 0L), EPERM, 6);
}

static void root_is_gone(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    in_every_role(ids, NO_FILTER);
}

static int gains(void *context)
{
    (void)context;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return 1;
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 2;
}

static void nothing_to_gain_and_not_dumpable(void **state)
{
    (void)state;
    in_every_role(gains, NO_FILTER);
}

/* ---- failing closed ---- */

/* A kernel without the call: what the product sees under such a filter. */
static void pretend_missing(const char *call)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);

    if (context == NULL ||
        seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS),
                         seccomp_syscall_resolve_name(call), 0) != 0 ||
        seccomp_load(context) != 0)
        _exit(99);
    seccomp_release(context);
}

enum { PREPARED = 50, NOT_PREPARED, NOT_NAMED };

/* On such a kernel: can decode be prepared and entered? */
static int without_call(const char *call, unsigned without, const char *named)
{
    struct bj_lockdown_setup setup = {.first = true, .without = without};
    struct bj_lockdown lockdown;
    struct bj_trouble trouble;
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        close(STDERR_FILENO);
        pretend_missing(call);
        if (!bj_lockdown_prepare(BJ_ROLE_DECODE, &setup, &lockdown, &trouble))
            _exit(strstr(trouble.text, named) != NULL ? NOT_PREPARED
                                                      : NOT_NAMED);
        bj_lockdown_enter(&lockdown, NULL, 0);
        syscall(SYS_exit_group, (long)PREPARED);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void what_is_missing_stops_it(void **state)
{
    (void)state;
    assert_int_equal(
        without_call("landlock_create_ruleset", 0, "--without landlock"),
        NOT_PREPARED);
    assert_int_equal(without_call("seccomp", 0, "--without seccomp"),
                     NOT_PREPARED);
    assert_int_equal(without_call("landlock_restrict_self", 0, ""),
                     BJ_EXIT_LOCKDOWN);
    assert_int_equal(without_call("prlimit64", 0, ""), BJ_EXIT_LOCKDOWN);
    assert_int_equal(without_call("close_range", 0, ""), BJ_EXIT_LOCKDOWN);
    assert_int_equal(without_call("prctl", 0, ""), BJ_EXIT_LOCKDOWN);
    assert_int_equal(without_call("capset", 0, ""), BJ_EXIT_LOCKDOWN);
    if (geteuid() == 0)
        assert_int_equal(without_call("setresuid", 0, ""), BJ_EXIT_LOCKDOWN);
}

static void what_is_missing_can_be_accepted(void **state)
{
    (void)state;
    assert_int_equal(
        without_call("landlock_create_ruleset", BJ_LAYER_LANDLOCK, ""),
        PREPARED);
    assert_int_equal(without_call("seccomp", BJ_LAYER_SECCOMP, ""), PREPARED);
    assert_int_equal(without_call("prlimit64", BJ_LAYER_LIMITS, ""), PREPARED);
    assert_int_equal(without_call("capset", BJ_LAYER_IDS, ""), PREPARED);
}

static void nobody_to_become(void **state)
{
    struct bj_lockdown_setup setup = {.first = true, .user = "no such user"};
    struct bj_lockdown lockdown;
    struct bj_trouble trouble;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_false(
        bj_lockdown_prepare(BJ_ROLE_DECODE, &setup, &lockdown, &trouble));
    assert_non_null(strstr(trouble.text, "no such user"));
    assert_non_null(strstr(trouble.text, "--user"));
    assert_int_equal(lockdown.ruleset, -1);
    setup.user = "root";
    assert_false(
        bj_lockdown_prepare(BJ_ROLE_DECODE, &setup, &lockdown, &trouble));
    assert_non_null(strstr(trouble.text, "--without ids"));
}

static void names_of_layers_and_modes(void **state)
{
    enum bj_mode mode = BJ_MODE_OFF;
    unsigned without = 0;

    (void)state;
    assert_true(bj_lockdown_without("landlock", &without));
    assert_true(bj_lockdown_without("ids", &without));
    assert_int_equal(without, BJ_LAYER_LANDLOCK | BJ_LAYER_IDS);
    assert_false(bj_lockdown_without("everything", &without));
    assert_true(bj_lockdown_mode("log", &mode));
    assert_int_equal(mode, BJ_MODE_LOG);
    assert_false(bj_lockdown_mode("maybe", &mode));
    assert_string_equal(bj_lockdown_mode_name(BJ_MODE_ENFORCE), "enforce");
}

static int make_folder(void **state)
{
    int fd;

    (void)state;
    parent = getpid();
    folder = bj_scratch();
    if (chmod(folder, 0777) != 0)
        return -1;
    snprintf(inside, sizeof(inside), "%s/file", folder);
    fd = open(inside, O_CREAT | O_WRONLY, 0666);
    if (fd < 0 || fchmod(fd, 0666) != 0)
        return -1;
    return close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_role_reaches_a_file),
        cmocka_unit_test(tcp_only_where_the_row_says_so),
        cmocka_unit_test(no_signal_and_no_abstract_socket_outside),
        cmocka_unit_test(every_older_abi_works),
        cmocka_unit_test(limits_are_the_tables_and_stay),
        cmocka_unit_test(no_fork_and_no_descriptor_beyond_the_limit),
        cmocka_unit_test(no_byte_into_a_file),
        cmocka_unit_test(no_core),
        cmocka_unit_test(every_other_descriptor_is_closed),
        cmocka_unit_test(the_callers_descriptors_stay),
        cmocka_unit_test(root_is_gone),
        cmocka_unit_test(nothing_to_gain_and_not_dumpable),
        cmocka_unit_test(what_is_missing_stops_it),
        cmocka_unit_test(what_is_missing_can_be_accepted),
        cmocka_unit_test(nobody_to_become),
        cmocka_unit_test(names_of_layers_and_modes),
    };

    return cmocka_run_group_tests(tests, make_folder, NULL);
}
