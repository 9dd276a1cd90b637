/*
 * What a captured role would try. Live children of every role, locked down as
 * in life, each make one forbidden call with arguments that would work, and
 * die of it or are refused. One process at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/policy/landlock.h"
#include "tests/policy/stack.h"

#define DONE 40 /* the attempt succeeded */
#define REFUSED 41

static pid_t parent;
static char page[4096] __attribute__((aligned(4096)));

/* A filter that allows everything: what an attacker would want installed. */
static struct sock_filter allow_all[] = {
    {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
static struct sock_fprog foreign = {1, allow_all};

static long try_open(void)
{
    return syscall(SYS_openat, (long)AT_FDCWD, "/etc/passwd", (long)O_RDONLY,
                   0L);
}

static long try_create(void)
{
    return syscall(SYS_openat, (long)AT_FDCWD, "/tmp/belljar-attempt",
                   (long)(O_WRONLY | O_CREAT), 0600L);
}

static long try_unix_socket(void)
{
    return syscall(SYS_socket, (long)AF_UNIX, (long)SOCK_STREAM, 0L);
}

static long try_raw_socket(void)
{
    return syscall(SYS_socket, (long)AF_INET, (long)SOCK_RAW, 1L);
}

static long try_mptcp_socket(void)
{
    return syscall(SYS_socket, (long)AF_INET, (long)SOCK_STREAM, 262L);
}

static long try_netlink_socket(void)
{
    return syscall(SYS_socket, (long)AF_NETLINK, (long)SOCK_RAW, 0L);
}

static long try_bind(void)
{
    return syscall(SYS_bind, 3L, page, 16L);
}

static long try_listen(void)
{
    return syscall(SYS_listen, 3L, 1L);
}

static long try_sendmsg(void)
{
    return syscall(SYS_sendmsg, 3L, page, 0L);
}

static long try_execve(void)
{
    static const char *const none[] = {NULL};

    return syscall(SYS_execve, "/bin/true", none, none);
}

static long try_ptrace_parent(void)
{
    return syscall(SYS_ptrace, (long)PTRACE_SEIZE, (long)parent, 0L, 0L);
}

static long try_ptrace_me(void)
{
    return syscall(SYS_ptrace, (long)PTRACE_TRACEME, 0L, 0L, 0L);
}

static long try_read_parent(void)
{
    struct iovec io = {page, 1};

    return syscall(SYS_process_vm_readv, (long)parent, &io, 1L, &io, 1L, 0L);
}

static long try_kill_parent(void)
{
    return syscall(SYS_kill, (long)parent, (long)SIGCONT);
}

static long try_tgkill_parent(void)
{
    return syscall(SYS_tgkill, (long)parent, (long)parent, (long)SIGCONT);
}

static long try_parents_limit(void)
{
    return syscall(SYS_prlimit64, (long)parent, (long)RLIMIT_CORE, NULL, page);
}

static long try_pidfd(void)
{
    return syscall(SYS_pidfd_open, (long)parent, 0L);
}

static long try_executable(void)
{
    return syscall(SYS_mprotect, page, sizeof(page),
                   (long)(PROT_READ | PROT_EXEC));
}

static long try_writable_filter(void)
{
    return syscall(SYS_mprotect, (uintptr_t)page, sizeof(page),
                   (long)(PROT_READ | PROT_WRITE));
}

static long try_executable_map(void)
{
    return syscall(SYS_mmap, 0L, 4096L, (long)(PROT_READ | PROT_EXEC),
                   (long)(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L);
}

static long try_dumpable(void)
{
    return syscall(SYS_prctl, (long)PR_SET_DUMPABLE, 1L, 0L, 0L, 0L);
}

static long try_prctl_seccomp(void)
{
    return syscall(SYS_prctl, (long)PR_SET_SECCOMP, (long)SECCOMP_MODE_FILTER,
                   &foreign, 0L, 0L);
}

static long try_foreign_filter(void)
{
    return syscall(SYS_seccomp, (long)SECCOMP_SET_MODE_FILTER, 0L, &foreign);
}

static long try_user_namespace(void)
{
    return syscall(SYS_unshare, (long)CLONE_NEWUSER);
}

static long try_clone_namespace(void)
{
    long pid =
        syscall(SYS_clone, (long)(CLONE_NEWUSER | SIGCHLD), 0L, 0L, 0L, 0L);

    if (pid == 0)
        stack_exit(BJ_ROLE_DECODE, 0);
    return pid;
}

static long try_network_namespace(void)
{
    return syscall(SYS_unshare, (long)CLONE_NEWNET);
}

static long try_root(void)
{
    return syscall(SYS_setuid, 0L);
}

static long try_chroot(void)
{
    return syscall(SYS_chroot, "/");
}

static long try_mount(void)
{
    return syscall(SYS_mount, "none", "/tmp", "tmpfs", 0L, NULL);
}

static long try_bpf(void)
{
    return syscall(SYS_bpf, (long)BPF_PROG_LOAD, page, 48L);
}

static long try_io_uring(void)
{
    return syscall(SYS_io_uring_setup, 1L, page);
}

static long try_userfaultfd(void)
{
    return syscall(SYS_userfaultfd, 0L);
}

static long try_perf(void)
{
    return syscall(SYS_perf_event_open, page, 0L, -1L, -1L, 0L);
}

static long try_memfd(void)
{
    return syscall(SYS_memfd_create, "x", 0L);
}

static long try_module(void)
{
    return syscall(SYS_finit_module, 0L, "", 0L);
}

static long try_keyring(void)
{
    return syscall(SYS_add_key, "user", "x", "y", 1L, -3L);
}

static long try_core_limit(void)
{
    return syscall(SYS_setrlimit, (long)RLIMIT_CORE, page);
}

static long try_write_elsewhere(void)
{
    return syscall(SYS_write, 9L, page, 1L);
}

#define KEEPER (1U << BJ_ROLE_KEEPER)
#define THREADS (1U << BJ_ROLE_SERVE_THREAD | 1U << BJ_ROLE_SERVE_THREAD_WORKER)
#define CONNECTS (1U << BJ_ROLE_CONNECT | 1U << BJ_ROLE_CONNECT_RELAY)
/* It writes to workers, whose pipes have any number. */
#define DRIVER (1U << BJ_ROLE_DRIVER)

/*
 * `refused`: roles whose filter lets the call through, with these arguments
 * too, and for which another layer, or the kernel's ordinary rules, must say
 * no. All others must die.
 */
static const struct {
    const char *name;
    long (*call)(void);
    unsigned refused;
    bool sanitizer_differs; /* not tried in a sanitizer build */
} attempts[] = {
    {"open", try_open, 0, true},
    {"create", try_create, 0, true},
    {"unix socket", try_unix_socket, 0, false},
    {"raw socket", try_raw_socket, 0, false},
    {"mptcp socket", try_mptcp_socket, 0, false},
    {"netlink socket", try_netlink_socket, 0, false},
    {"bind", try_bind, 0, false},
    {"listen", try_listen, 0, false},
    {"sendmsg", try_sendmsg, 0, false},
    {"execve", try_execve, 0, false},
    {"ptrace of its parent", try_ptrace_parent, 0, false},
    {"ptrace of itself", try_ptrace_me, 0, false},
    {"its parent's memory", try_read_parent, 0, false},
    {"kill of its parent", try_kill_parent, KEEPER, false},
    {"tgkill of its parent", try_tgkill_parent, 0, false},
    {"its parent's limits", try_parents_limit, 0, false},
    {"pidfd of its parent", try_pidfd, 0, false},
    {"executable mprotect", try_executable, 0, false},
    {"writable mprotect", try_writable_filter, 0, false},
    {"executable mmap", try_executable_map, 0, true},
    {"prctl dumpable", try_dumpable, 0, false},
    {"prctl seccomp", try_prctl_seccomp, 0, false},
    {"a filter of its own", try_foreign_filter, 0, false},
    {"user namespace", try_user_namespace, 0, false},
    {"clone into a namespace", try_clone_namespace, 0, false},
    {"network namespace", try_network_namespace, 0, false},
    {"setuid root", try_root, 0, false},
    {"chroot", try_chroot, 0, false},
    {"mount", try_mount, 0, false},
    {"bpf", try_bpf, 0, false},
    {"io_uring", try_io_uring, 0, false},
    {"userfaultfd", try_userfaultfd, 0, false},
    {"perf", try_perf, 0, false},
    {"memfd", try_memfd, 0, false},
    {"kernel module", try_module, 0, false},
    {"keyring", try_keyring, 0, false},
    {"core limit", try_core_limit, 0, false},
    {"write to another descriptor", try_write_elsewhere,
     KEEPER | THREADS | CONNECTS | DRIVER, false},
};
#define ATTEMPTS (sizeof(attempts) / sizeof(attempts[0]))

static int attempt(void *context)
{
    const size_t *which = context;

    return attempts[*which].call() < 0 ? REFUSED : DONE;
}

static bool in_sanitizer_build(void)
{
    size_t count;

    (void)bj_role_sanitizer_rows(&count);
    return count != 0;
}

/* A keeper may signal its roles. That it cannot signal others is Landlock's
 * doing from ABI 6 on; before, only that it has become another user. */
static bool needs_newer_kernel(const struct stack *stack, size_t which)
{
    return stack->role == BJ_ROLE_KEEPER &&
           attempts[which].call == try_kill_parent && bj_landlock_abi() < 6 &&
           geteuid() != 0;
}

/*
 * A program's malloc makes memory writable, and a list that is lent has no
 * prepared filters that could be changed so. A worker installs its filter under
 * its spawner's, at an address that nobody knows beforehand: another could only
 * take more away. And a worker that is linked dynamically has a loader.
 */
static bool is_its_own(const struct stack *stack, size_t which)
{
    long (*call)(void) = attempts[which].call;
    size_t loader;

    (void)bj_role_loader_rows(&loader);
    if (stack->role == BJ_ROLE_SPAWNER)
        return call == try_foreign_filter ||
               (loader > 0 &&
                (call == try_writable_filter || call == try_executable ||
                 call == try_executable_map));
    return stack->role == BJ_ROLE_DRIVER && call == try_writable_filter;
}

static void check(const struct stack *stack, size_t which, unsigned *died)
{
    int status = stack_run(stack, attempt, &which);
    bool dead = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
    bool refused = WIFEXITED(status) && WEXITSTATUS(status) == REFUSED;

    if (attempts[which].refused & 1U << stack->role ? !refused : !dead)
        fail_msg("%s: %s: status %#x", bj_role_policy(stack->role)->name,
                 attempts[which].name, status);
    *died += dead;
}

static void every_attempt_of_every_role(void **state)
{
    struct stack stack;
    unsigned tried;
    unsigned died;
    unsigned role;
    size_t i;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        died = 0;
        tried = 0;
        stack_prepare((enum bj_role)role, BJ_MODE_ENFORCE, 0, &stack);
        for (i = 0; i < ATTEMPTS; i += 1) {
            if ((attempts[i].sanitizer_differs && in_sanitizer_build()) ||
                needs_newer_kernel(&stack, i) || is_its_own(&stack, i))
                continue;
            check(&stack, i, &died);
            tried += 1;
        }
        print_message("%s: %u attempts, %u died\n",
                      bj_role_policy((enum bj_role)role)->name, tried, died);
        stack_free(&stack);
    }
}

/* In a sanitizer build openat answers ENOENT, so that its run-time library
 * goes without symbols. */
static void open_is_refused_to_sanitizers(void **state)
{
    size_t which = 0;
    struct stack stack;
    unsigned role;

    (void)state;
    if (!in_sanitizer_build())
        skip();
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        if (role == BJ_ROLE_SPAWNER) /* it has an openat, of other flags */
            continue;
        stack_prepare((enum bj_role)role, BJ_MODE_ENFORCE, 0, &stack);
        assert_int_equal(stack_run(&stack, attempt, &which), REFUSED << 8);
        stack_free(&stack);
    }
}

/* Asked of the compiler anew, apart from role.c. */
#if defined(__has_feature)
#define CLANG_SANITIZES(what) __has_feature(what)
#else
#define CLANG_SANITIZES(what) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    CLANG_SANITIZES(address_sanitizer) || CLANG_SANITIZES(thread_sanitizer)
#define COMPILED_WITH_SANITIZER true
#else
#define COMPILED_WITH_SANITIZER false
#endif

/* Linked dynamically, says the build. */
#ifdef BJ_WORKER_DYNAMIC
#define WORKER_HAS_LOADER true
#else
#define WORKER_HAS_LOADER false
#endif

static void no_sanitizer_rows_without_a_sanitizer(void **state)
{
    size_t loader;

    (void)state;
    assert_int_equal(in_sanitizer_build(), COMPILED_WITH_SANITIZER);
    (void)bj_role_loader_rows(&loader);
    assert_int_equal(loader > 0, WORKER_HAS_LOADER);
}

/* The child's own filter lies in pages that nobody can write. */
static int write_to_filter(void *context)
{
    const struct stack *stack = context;
    const struct sock_fprog *fprog = stack->layer[2].program.fprog;

    ((struct sock_fprog *)(uintptr_t)fprog)->len = 0;
    return DONE;
}

static void a_prepared_filter_cannot_be_changed(void **state)
{
    struct stack stack;
    int status;

    (void)state;
    stack_prepare(BJ_ROLE_SERVE_PROCESS_CHILD, BJ_MODE_ENFORCE, 0, &stack);
    status = stack_run(&stack, write_to_filter, &stack);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == DONE);
    stack_free(&stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attempt_of_every_role),
        cmocka_unit_test(open_is_refused_to_sanitizers),
        cmocka_unit_test(no_sanitizer_rows_without_a_sanitizer),
        cmocka_unit_test(a_prepared_filter_cannot_be_changed),
    };

    parent = getpid();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
