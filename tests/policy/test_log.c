/*
 * Log mode: a role goes on doing what its policy forbids, and every such call
 * is named by its tracer with role, arguments and address.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/policy/trace.h"
#include "tests/policy/stack.h"

#define SEEN_MAX 64

struct seen {
    size_t count;
    struct bj_violation violation[SEEN_MAX];
    int status; /* of the role */
};

/* Runs `body` in the role's stack in log mode, traced. */
static void watch(enum bj_role role, int (*body)(void *context),
                  struct seen *seen)
{
    struct bj_violation violation;
    struct stack stack;
    int status;
    pid_t role_pid;
    pid_t pid;

    memset(seen, 0, sizeof(*seen));
    stack_prepare(role, BJ_MODE_LOG, 0, &stack);
    role_pid = fork();
    assert_true(role_pid >= 0);
    if (role_pid == 0) {
        alarm(20);
        bj_trace_await();
        stack_enter(&stack);
        stack_exit(role, body(&stack));
    }
    assert_int_equal(bj_trace_seize(role_pid), 0);
    for (;;) {
        pid = waitpid(-1, &status, __WALL);
        assert_true(pid > 0);
        switch (bj_trace_step(pid, status, &violation)) {
        case BJ_TRACE_VIOLATION:
            if (seen->count < SEEN_MAX)
                seen->violation[seen->count] = violation;
            seen->count += 1;
            break;
        case BJ_TRACE_HANDLED:
            break;
        case BJ_TRACE_ENDED:
            if (pid != role_pid)
                break;
            seen->status = status;
            stack_free(&stack);
            return;
        }
    }
}

static const struct bj_violation *find(const struct seen *seen, long number)
{
    size_t i;

    for (i = 0; i < seen->count && i < SEEN_MAX; i += 1) {
        if (seen->violation[i].number == (uint64_t)number)
            return &seen->violation[i];
    }
    return NULL;
}

static int opens_and_asks(void *context)
{
    int fd = (int)syscall(SYS_openat, (long)AT_FDCWD, "/dev/null",
                          (long)O_RDONLY, 0L);

    (void)context;
    return syscall(SYS_getpgid, 0L) >= 0 && fd >= 0 ? 17 : 1;
}

static void named_and_goes_on(enum bj_role role)
{
    size_t sanitizer;
    const struct bj_violation *violation;
    struct seen seen;

    (void)bj_role_sanitizer_rows(&sanitizer);
    watch(role, opens_and_asks, &seen);
    violation = find(&seen, SYS_getpgid);
    assert_non_null(violation);
    assert_int_equal(violation->role, role);
    assert_int_equal(violation->args[0], 0);
    assert_true(violation->address != 0);
    if (sanitizer == 0) { /* else openat answers ENOENT */
        assert_true(WIFEXITED(seen.status));
        assert_int_equal(WEXITSTATUS(seen.status), 17);
        violation = find(&seen, SYS_openat);
        assert_non_null(violation);
        assert_int_equal(violation->args[2], O_RDONLY);
    }
}

static void R46_every_role_is_named_and_goes_on(void **state)
{
    unsigned role;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        if (role != BJ_ROLE_KEEPER) /* its own go to the kernel's log */
            named_and_goes_on((enum bj_role)role);
    }
}

/* What a role's row allows is not named: a complete list, and nothing more. */
static int only_allowed(void *context)
{
    (void)context;
    (void)!syscall(SYS_read, (long)BJ_FD_CONNECTION, NULL, 0L);
    (void)!syscall(SYS_write, (long)BJ_FD_CONNECTION, NULL, 0L);
    return 3;
}

static void what_is_allowed_is_not_named(void **state)
{
    struct seen seen;

    (void)state;
    watch(BJ_ROLE_SERVE_PROCESS_CHILD, only_allowed, &seen);
    assert_int_equal(seen.count, 0);
    assert_int_equal(seen.status, 3 << 8);
}

/* An allowed call with a forbidden argument is a violation too, and a child
 * that the role forks is watched as well. */
static int forks_a_reader(void *context)
{
    pid_t pid = fork();
    int status = 0;

    (void)context;
    if (pid == 0) {
        (void)!syscall(SYS_read, 9L, NULL, 0L);
        syscall(SYS_exit_group, 5L);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WEXITSTATUS(status);
}

static void descendants_are_watched(void **state)
{
    const struct bj_violation *violation;
    struct seen seen;

    (void)state;
    watch(BJ_ROLE_DECODE, forks_a_reader, &seen);
    assert_int_equal(seen.status, 5 << 8);
    violation = find(&seen, SYS_read);
    assert_non_null(violation);
    assert_int_equal(violation->args[0], 9);
    assert_non_null(find(&seen, SYS_wait4));
    assert_int_not_equal(violation->pid, find(&seen, SYS_wait4)->pid);
}

/* Signals pass through the tracer: the role is stopped, woken and killed. */
static int raises(void *context)
{
    (void)context;
    raise(SIGUSR1);
    return 1;
}

static void signals_reach_the_role(void **state)
{
    struct seen seen;

    (void)state;
    watch(BJ_ROLE_DECODE, raises, &seen);
    assert_true(WIFSIGNALED(seen.status));
    assert_int_equal(WTERMSIG(seen.status), SIGUSR1);
}

static void a_line_names_all_of_it(void **state)
{
    static const char expected[] =
        "role=decode pid=7 call=openat number=257 "
        "args=0xffffff9c,0x1,0x2,0x3,0x4,0xffffffffffffffff "
        "address=0x7f00 arch=0xc000003e";
    struct bj_violation violation = {
        .role = BJ_ROLE_DECODE,
        .pid = 7,
        .arch = 0xc000003e,
        .number = 257,
        .args = {0xffffff9c, 1, 2, 3, 4, UINT64_MAX},
        .address = 0x7f00};
    uint8_t line[400];
    struct bj_writer w;

    (void)state;
    bj_writer_init(&w, line, sizeof(line));
    bj_violation_write(&violation, &w);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    assert_string_equal((const char *)line, expected);
    violation.number = 9999;
    bj_writer_init(&w, line, sizeof(line));
    bj_violation_write(&violation, &w);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    assert_non_null(strstr((const char *)line, "call=? number=9999"));
}

/* bj_trace_fork: the violation on standard error, the exit status passed on. */
static void a_command_without_a_keeper(void **state)
{
    char text[1024] = "";
    struct stack stack;
    int ends[2];
    int status;
    pid_t pid;

    (void)state;
    stack_prepare(BJ_ROLE_DECODE, BJ_MODE_LOG, 0, &stack);
    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        if (bj_trace_fork() != 0)
            _exit(1);
        stack_enter(&stack);
        syscall(SYS_getpgid, 0L);
        stack_exit(BJ_ROLE_DECODE, 23);
    }
    close(ends[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 23 << 8);
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    assert_non_null(strstr(text, "belljar: violation role=decode pid="));
    assert_non_null(strstr(text, "call=getpgid"));
    close(ends[0]);
    stack_free(&stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R46_every_role_is_named_and_goes_on),
        cmocka_unit_test(what_is_allowed_is_not_named),
        cmocka_unit_test(descendants_are_watched),
        cmocka_unit_test(signals_reach_the_role),
        cmocka_unit_test(a_line_names_all_of_it),
        cmocka_unit_test(a_command_without_a_keeper),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
