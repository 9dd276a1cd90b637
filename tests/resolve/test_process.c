/*
 * The resolver's processes and descriptors, as the program that they are in
 * sees them, or rather does not.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/resolve/fixture.h"
#include "tests/resolve/server.h"

enum { PATIENCE_MS = 10000 };

static struct bj_test_server server;
static struct bj_fixture fixture;
static volatile sig_atomic_t signalled;

static void note(int number)
{
    (void)number;
    signalled += 1;
}

static struct bj_resolver *open_honest(void)
{
    return bj_fixture_open_honest(&fixture, server.endpoint);
}

static void close_honest(struct bj_resolver *r)
{
    bj_fixture_close(&fixture, r);
}

static void assert_works(struct bj_resolver *r)
{
    assert_string_equal(bj_test_ip4(r, "local.test"), "127.0.0.7");
    assert_string_equal(bj_test_ip4(r, "a.test"), "32.32.32.32");
}

/* Neither wait nor SIGCHLD shows a process of ours, whatever becomes of a
 * worker. */
static void nothing_shows(struct bj_resolver *r)
{
    struct sigaction action = {.sa_handler = note};
    pid_t worker = bj_test_worker(bj_test_spawner());

    signalled = 0;
    assert_int_equal(sigaction(SIGCHLD, &action, NULL), 0);
    assert_works(r);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_true(worker > 0);
    assert_int_equal(kill(worker, SIGKILL), 0);
    bj_test_until_gone(worker);
    assert_works(r);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(signalled, 0);
    signal(SIGCHLD, SIG_DFL);
}

/* In a process that has no children of its own: the test server is one. */
static int status_of_child(void (*body)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        body();
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void body_of_plain(void)
{
    struct bj_resolver *r = open_honest();

    nothing_shows(r);
    close_honest(r);
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    assert_int_equal(errno, ECHILD);
}

static void wait_does_not_show_it(void **state)
{
    (void)state;
    assert_int_equal(status_of_child(body_of_plain), 0);
}

static void body_of_subreaper(void)
{
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    body_of_plain();
}

static void nor_does_a_subreaper_see_it(void **state)
{
    (void)state;
    assert_int_equal(status_of_child(body_of_subreaper), 0);
}

static void nor_does_pid_1(void **state)
{
    int status = 0;
    pid_t pid = (pid_t)syscall(SYS_clone, (long)(CLONE_NEWPID | SIGCHLD), NULL,
                               NULL, NULL, NULL);

    (void)state;
    if (pid < 0) {
        print_message("no namespaces here: %s\n", strerror(errno));
        skip();
    }
    if (pid == 0) {
        /* /proc is of the outer namespace: nothing is found by its pid. */
        struct bj_resolver *r = open_honest();

        for (int i = 0; i < 3; i++)
            assert_works(r);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        close_honest(r);
        assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void body_of_interrupted(void)
{
    struct sigaction action = {.sa_handler = note};
    struct itimerval often = {{0, 200}, {0, 200}};
    struct itimerval never = {{0, 0}, {0, 0}};

    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    for (int i = 0; i < 10; i++) {
        struct bj_resolver *r = open_honest();

        assert_works(r);
        assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
        bj_resolver_close(r);
        assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
        assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
        assert_int_equal(errno, ECHILD);
        bj_fixture_remove(&fixture);
    }
}

/* A profiler's or an alarm's signals during the close: the spawner still has
 * its time to take its workers with it. */
static void signals_leave_nothing_behind(void **state)
{
    (void)state;
    assert_int_equal(status_of_child(body_of_interrupted), 0);
}

enum { NOBODY = 65534, HALTED = 3 };

/* What may not be killed is not waited for. */
static void a_spawner_of_roots_may_be_stopped(void **state)
{
    int pipes[2];
    pid_t spawner = 0;
    int status = 0;
    pid_t pid;

    (void)state;
    if (geteuid() != 0) {
        print_message("not root\n");
        skip();
    }
    assert_int_equal(pipe(pipes), 0);
    pid = fork();
    if (pid == 0) {
        struct bj_resolver *r = open_honest();

        assert_works(r);
        spawner = bj_test_spawner();
        (void)!write(pipes[1], &spawner, sizeof(spawner));
        bj_fixture_remove(&fixture);
        if (kill(spawner, SIGSTOP) != 0 ||
            setresuid(NOBODY, NOBODY, NOBODY) != 0)
            _exit(HALTED);
        alarm(PATIENCE_MS / 1000);
        bj_resolver_close(r);
        _exit(0);
    }
    assert_int_equal(read(pipes[0], &spawner, sizeof(spawner)),
                     sizeof(spawner));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    kill(spawner, SIGCONT);
    bj_test_until_gone(spawner);
    assert_int_equal(status, 0);
    close(pipes[0]);
    close(pipes[1]);
}

static void a_killed_worker_costs_nothing(void **state)
{
    struct bj_resolver *r = open_honest();
    pid_t spawner = bj_test_spawner();

    (void)state;
    for (int i = 0; i < 5; i++) {
        pid_t worker;

        /* The next is started when there is a lookup for it. */
        assert_works(r);
        worker = bj_test_worker(spawner);
        assert_true(worker > 0);
        kill(worker, SIGKILL);
        bj_test_until_gone(worker);
    }
    assert_works(r);
    close_honest(r);
}

/* Who waits for a server and has nothing else to do hears of it all the same,
 * before the server's time is up. */
static void a_worker_may_die_while_a_server_is_silent(void **state)
{
    struct bj_resolver *r;
    unsigned before;
    pid_t worker;
    pid_t pid;

    (void)state;
    bj_fixture_captured(&fixture, "", server.endpoint);
    fixture.options.trace = NULL;
    fixture.options.lookup_timeout_ms = 900;
    r = bj_fixture_open(&fixture);
    assert_works(r);
    worker = bj_test_worker(bj_test_spawner());
    assert_true(worker > 0);
    before = *server.queries;
    pid = fork();
    if (pid == 0) {
        usleep(100000);
        _exit(kill(worker, SIGKILL));
    }
    assert_string_equal(bj_test_ip4(r, "silent.test"), "EAI_AGAIN");
    assert_int_equal(*server.queries - before, 2);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close_honest(r);
}

static void a_killed_spawner_is_replaced(void **state)
{
    struct bj_resolver *r = open_honest();
    uint64_t end = bj_test_now() + PATIENCE_MS;

    (void)state;
    for (int i = 0; i < 3; i++) {
        pid_t spawner = bj_test_spawner();

        assert_true(spawner > 0);
        assert_works(r);
        kill(spawner, SIGKILL);
        /* Its workers serve until its end is noticed. */
        while (bj_test_spawner() == spawner) {
            assert_true(bj_test_now() < end);
            assert_works(r);
        }
        assert_works(r);
    }
    close_honest(r);
    assert_int_equal(bj_test_spawner(), 0);
}

/* Nobody is left to start a worker, and nobody who says so. */
static void stop_spawner_without_worker(pid_t spawner)
{
    pid_t worker = bj_test_worker(spawner);

    assert_true(worker > 0);
    assert_int_equal(kill(spawner, SIGSTOP), 0);
    assert_int_equal(kill(worker, SIGKILL), 0);
}

static void a_stopped_spawner_is_replaced(void **state)
{
    struct bj_resolver *r = open_honest();
    pid_t spawner = bj_test_spawner();
    uint64_t start;

    (void)state;
    assert_works(r);
    stop_spawner_without_worker(spawner);
    start = bj_test_now();
    assert_works(r);
    assert_true(bj_test_now() - start < PATIENCE_MS);
    assert_int_not_equal(bj_test_spawner(), spawner);
    close_honest(r);
}

static void one_that_may_not_be_replaced_is_not_waited_for(void **state)
{
    struct bj_resolver *r;
    uint64_t start;

    (void)state;
    bj_fixture_captured(&fixture, "", server.endpoint);
    fixture.options.once = 1;
    r = bj_fixture_open(&fixture);
    assert_works(r);
    stop_spawner_without_worker(bj_test_spawner());
    start = bj_test_now();
    assert_string_equal(bj_test_ip4(r, "local.test"), "EAI_AGAIN");
    assert_true(bj_test_now() - start < PATIENCE_MS);
    assert_int_equal(kill(bj_test_spawner(), SIGCONT), 0);
    while (strcmp(bj_test_ip4(r, "local.test"), "127.0.0.7") != 0)
        assert_true(bj_test_now() - start < 2 * PATIENCE_MS);
    close_honest(r);
}

static void a_stopped_worker_is_replaced(void **state)
{
    struct bj_resolver *r;
    pid_t worker;

    (void)state;
    bj_fixture_captured(&fixture, "", server.endpoint);
    fixture.options.worker_timeout_ms = 200;
    r = bj_fixture_open(&fixture);
    worker = bj_test_worker(bj_test_spawner());
    assert_true(worker > 0);
    kill(worker, SIGSTOP);
    assert_works(r);
    bj_test_until_gone(worker);
    close_honest(r);
}

static void once_means_once(void **state)
{
    struct bj_resolver *r;

    (void)state;
    bj_fixture_captured(&fixture, "", server.endpoint);
    fixture.options.once = 1;
    r = bj_fixture_open(&fixture);
    assert_works(r);
    kill(bj_test_spawner(), SIGKILL);
    /* Until the kernel has ended it its worker may still answer. */
    for (int i = 0; i < 100; i++) {
        usleep(50000);
        if (strcmp(bj_test_ip4(r, "local.test"), "EAI_SYSTEM") == 0)
            break;
    }
    assert_string_equal(bj_test_ip4(r, "local.test"), "EAI_SYSTEM");
    assert_int_equal(errno, EPERM);
    close_honest(r);
}

static bool has_line(pid_t pid, const char *line)
{
    char path[64];
    char text[256];
    bool found = false;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    file = fopen(path, "re");
    assert_non_null(file);
    while (!found && fgets(text, sizeof(text), file) != NULL)
        found = strcmp(text, line) == 0;
    fclose(file);
    return found;
}

/* Of all that the caller has open it keeps nothing but what it needs. */
static void the_spawner_is_no_second_caller(void **state)
{
    enum { OPEN = 100, NEEDED = 9 };
    struct bj_resolver *r;
    int fds[OPEN];
    char path[64];
    pid_t spawner;
    size_t kept;

    (void)state;
    for (int i = 0; i < OPEN; i++)
        fds[i] = open("/dev/null", O_RDONLY);
    r = open_honest();
    spawner = bj_test_spawner();
    assert_true(spawner > 0);
    /* Signals 1 to 64, so that no handler of the caller's ever runs there. */
    assert_true(has_line(spawner, "SigBlk:\tfffffffffffbfeff\n") ||
                has_line(spawner, "SigBlk:\tffffffffffffffff\n"));
    assert_true(has_line(spawner, "SigCgt:\t0000000000000000\n"));
    assert_true(has_line(spawner, "NoNewPrivs:\t1\n"));
    assert_true(has_line(spawner, "Seccomp:\t2\n"));
    assert_int_not_equal(getsid(spawner), getsid(0));
    /* The standard streams are /dev/null; control, the caller, the program,
     * inotify, netlink, a worker. */
    snprintf(path, sizeof(path), "/proc/%d/fd", spawner);
    kept = bj_test_entries(path);
    /* It may not yet have closed what it has passed on. */
    for (int i = 0; i < 100 && kept > NEEDED; i++) {
        usleep(50000);
        kept = bj_test_entries(path);
    }
    if (kept > 0)
        assert_true(kept <= NEEDED);
    else
        assert_int_not_equal(geteuid(), 0);
    for (int i = 0; i < OPEN; i++)
        close(fds[i]);
    close_honest(r);
}

/* A caller's own filter, or a container's, that refuses seccomp(2). */
static int open_without_seccomp(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    struct bj_fixture f;
    struct bj_resolver *r;
    int error;

    bj_fixture_captured(&f, "", server.endpoint);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_seccomp, (long)SECCOMP_SET_MODE_FILTER, 0L, &program) != 0)
        return 90;
    error = bj_resolver_open(&f.options, &r);
    bj_fixture_remove(&f);
    return error;
}

static void without_seccomp_nothing_is_opened(void **state)
{
    int status = 0;
    pid_t pid = fork();

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(open_without_seccomp());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EACCES);
}

/* One that is linked dynamically, with a loader that the filter of a release
 * does not know, and which is no worker. */
static void a_strange_start_is_told_apart(void **state)
{
    struct bj_fixture f;
    struct bj_resolver *r;

    (void)state;
    bj_fixture_captured(&f, "", server.endpoint);
    f.options.worker = "/bin/true";
    if (BJ_TEST_STATIC_WORKER)
        assert_int_equal(bj_resolver_open(&f.options, &r), EPERM);
    f.options.unfiltered = 1;
    assert_int_equal(bj_resolver_open(&f.options, &r), EPROTO);
    bj_fixture_remove(&f);
}

/* ---- the end of the caller ---- */

static void it_is_gone_with_the_caller(void **state)
{
    int pipes[2];
    pid_t pids[2] = {0, 0};
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    pid = fork();
    if (pid == 0) {
        struct bj_resolver *r = open_honest();

        assert_works(r);
        pids[0] = bj_test_spawner();
        pids[1] = bj_test_worker(pids[0]);
        (void)!write(pipes[1], pids, sizeof(pids));
        pause();
    }
    assert_int_equal(read(pipes[0], pids, sizeof(pids)), sizeof(pids));
    close(pipes[0]);
    close(pipes[1]);
    assert_true(pids[0] > 0 && pids[1] > 0);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    bj_test_until_gone(pids[0]);
    bj_test_until_gone(pids[1]);
}

static void *open_and_end(void *out)
{
    *(struct bj_resolver **)out = bj_fixture_open(&fixture);
    return NULL;
}

/* What PDEATHSIG would get wrong. */
static void the_thread_that_opened_may_end(void **state)
{
    struct bj_resolver *r = NULL;
    pthread_t thread;

    (void)state;
    bj_fixture_captured(&fixture, "", server.endpoint);
    assert_int_equal(pthread_create(&thread, NULL, open_and_end, &r), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    usleep(50000);
    assert_true(bj_test_spawner() > 0);
    assert_works(r);
    close_honest(r);
}

/* ---- fork ---- */

static void a_child_opens_its_own(void **state)
{
    struct bj_resolver *r = open_honest();
    pid_t spawner = bj_test_spawner();
    int status = 0;
    pid_t pid;

    (void)state;
    assert_works(r);
    pid = fork();
    if (pid == 0) {
        assert_works(r);
        assert_int_not_equal(bj_test_spawner(), 0);
        assert_int_not_equal(bj_test_spawner(), spawner);
        bj_resolver_close(r);
        assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(bj_test_spawner(), spawner);
    assert_works(r);
    close_honest(r);
}

/* A child that does nothing with it keeps nothing alive, and one that closes
 * it ends nothing of its parent's. */
static void a_child_leaves_the_parents_alone(void **state)
{
    struct bj_resolver *r = open_honest();
    pid_t spawner = bj_test_spawner();
    pid_t closing = fork();
    pid_t idle;

    (void)state;
    if (closing == 0) {
        bj_resolver_close(r);
        _exit(0);
    }
    waitpid(closing, NULL, 0);
    assert_works(r);
    assert_int_equal(bj_test_spawner(), spawner);
    idle = fork();
    if (idle == 0) {
        pause();
        _exit(0);
    }
    close_honest(r);
    bj_test_until_gone(spawner);
    kill(idle, SIGKILL);
    waitpid(idle, NULL, 0);
}

static void *look_up_for_ever(void *arg)
{
    struct bj_resolver *r = arg;

    for (int i = 0; i < 400; i++)
        assert_string_equal(bj_test_ip4(r, "local.test"), "127.0.0.7");
    return NULL;
}

static void fork_in_the_middle(void **state)
{
    struct bj_resolver *r = open_honest();
    pthread_t threads[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, look_up_for_ever, r),
                         0);
    for (int i = 0; i < 10; i++) {
        int status = 0;
        pid_t pid = fork();

        /* Past a sanitizer that misses the parent's threads. */
        if (pid == 0)
            syscall(SYS_exit_group,
                    (long)strcmp(bj_test_ip4(r, "local.test"), "127.0.0.7"));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    close_honest(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wait_does_not_show_it),
        cmocka_unit_test(nor_does_a_subreaper_see_it),
        cmocka_unit_test(nor_does_pid_1),
        cmocka_unit_test(signals_leave_nothing_behind),
        cmocka_unit_test(a_spawner_of_roots_may_be_stopped),
        cmocka_unit_test(a_killed_worker_costs_nothing),
        cmocka_unit_test(a_worker_may_die_while_a_server_is_silent),
        cmocka_unit_test(a_killed_spawner_is_replaced),
        cmocka_unit_test(a_stopped_spawner_is_replaced),
        cmocka_unit_test(one_that_may_not_be_replaced_is_not_waited_for),
        cmocka_unit_test(a_stopped_worker_is_replaced),
        cmocka_unit_test(once_means_once),
        cmocka_unit_test(the_spawner_is_no_second_caller),
        cmocka_unit_test(without_seccomp_nothing_is_opened),
        cmocka_unit_test(a_strange_start_is_told_apart),
        cmocka_unit_test(it_is_gone_with_the_caller),
        cmocka_unit_test(the_thread_that_opened_may_end),
        cmocka_unit_test(a_child_opens_its_own),
        cmocka_unit_test(a_child_leaves_the_parents_alone),
        cmocka_unit_test(fork_in_the_middle),
    };
    int failed;

    bj_test_server_start(&server);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    bj_test_server_stop(&server);
    return failed;
}
