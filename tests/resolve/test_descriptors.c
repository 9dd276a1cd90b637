/*
 * The resolver's descriptors, which are the host program's to close, to reuse
 * and to run out of. All of it once where nobody but the library can do that
 * between two waits, so that it looks less often what they are (engine.h), and
 * once where others can: what traces is the program's code.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/resolve/fixture.h"
#include "tests/resolve/server.h"

static struct bj_test_server server;
static struct bj_fixture fixture;
static bool alone;

static void prepare(void)
{
    bj_fixture_captured(&fixture, "", server.endpoint);
    if (alone)
        fixture.options.trace = NULL;
}

static struct bj_resolver *open_honest(void)
{
    prepare();
    return bj_fixture_open(&fixture);
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

static void closefrom_is_survived(void **state)
{
    struct bj_resolver *r = open_honest();
    size_t before;

    (void)state;
    assert_works(r);
    before = bj_test_descriptors();
    for (int i = 0; i < 3; i++) {
        assert_works(r);
        assert_int_equal(syscall(SYS_close_range, 3U, ~0U, 0U), 0);
        assert_works(r);
    }
    assert_true(bj_test_descriptors() <= before);
    close_honest(r);
}

/* R23: what has the number of one of ours now gets nothing and stays open. */
static void R23_reused_descriptors_are_let_alone(void **state)
{
    struct bj_resolver *r = open_honest();
    int pair[2];

    (void)state;
    assert_works(r);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    for (int fd = 3; fd < 64; fd++)
        if (fd != pair[0] && fd != pair[1])
            dup2(pair[0], fd);
    assert_works(r);
    bj_resolver_close(r);
    for (int fd = 3; fd < 64; fd++)
        if (fd != pair[1])
            assert_true(fcntl(fd, F_GETFD) >= 0);
    assert_int_equal(recv(pair[1], &pair[0], 1, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(syscall(SYS_close_range, 3U, 63U, 0U), 0);
    bj_fixture_remove(&fixture);
}

/* Eventfds, epolls, timers: whatever has no inode of its own looks like every
 * other of its kind to fstat. */
static void R23_so_are_those_without_an_inode(void **state)
{
    struct bj_resolver *r = open_honest();
    int theirs = eventfd(0, EFD_NONBLOCK);
    uint64_t count;

    (void)state;
    assert_works(r);
    for (int fd = 3; fd < 64; fd++)
        if (fd != theirs)
            dup2(theirs, fd);
    assert_works(r);
    bj_resolver_close(r);
    for (int fd = 3; fd < 64; fd++)
        assert_true(fcntl(fd, F_GETFD) >= 0);
    assert_int_equal(read(theirs, &count, sizeof(count)), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(syscall(SYS_close_range, 3U, 63U, 0U), 0);
    bj_fixture_remove(&fixture);
}

/* The end of a pipe to the worker that is only there so that it has a reader;
 * -1 if there is none. */
static int find_reader(void)
{
    for (int fd = 3; fd < 64; fd++) {
        int flags = fcntl(fd, F_GETFL);
        struct stat st;

        if (flags >= 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
            (flags & (O_ACCMODE | O_NONBLOCK)) == O_RDONLY)
            return fd;
    }
    return -1;
}

/* R39: a worker that has ended, and a pipe that the caller took the other
 * reader from. */
static void R39_no_write_raises_sigpipe(void **state)
{
    struct bj_resolver *r = open_honest();
    pid_t worker;
    int reader;

    (void)state;
    assert_works(r);
    worker = bj_test_worker(bj_test_spawner());
    assert_true(worker > 0);
    reader = find_reader();
    assert_true(reader >= 3);
    assert_int_equal(dup2(2, reader), reader);
    assert_int_equal(kill(worker, SIGKILL), 0);
    bj_test_until_gone(worker);
    assert_works(r);
    close_honest(r);
    assert_true(fcntl(reader, F_GETFD) >= 0);
    close(reader);
}

static int theirs;

/* All that was ours is theirs now. */
static void take_all(int number)
{
    (void)number;
    for (int fd = 3; fd < 64; fd++)
        if (fd != theirs)
            dup2(theirs, fd);
}

/* R23: a signal's handler may do that while a name server is waited for. */
static void R23_a_handler_may_take_them(void **state)
{
    struct bj_resolver *r = open_honest();
    struct sigaction action = {.sa_handler = take_all, .sa_flags = SA_RESTART};
    struct itimerval soon = {.it_value = {0, 100000}};
    int pair[2];
    int far;

    (void)state;
    assert_works(r);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    far = fcntl(pair[1], F_DUPFD_CLOEXEC, 100);
    theirs = pair[0];
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    assert_string_equal(bj_test_ip4(r, "slow.test"), "32.32.32.32");
    signal(SIGALRM, SIG_DFL);
    assert_works(r);
    bj_resolver_close(r);
    assert_int_equal(recv(far, &pair[0], 1, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(syscall(SYS_close_range, 3U, 127U, 0U), 0);
    bj_fixture_remove(&fixture);
}

static void standard_streams_stay_free(void **state)
{
    int saved[3];
    struct bj_resolver *r;
    bool taken = false;

    (void)state;
    for (int fd = 0; fd < 3; fd++) {
        saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
        close(fd);
    }
    r = open_honest();
    (void)bj_test_ip4(r, "a.test");
    for (int fd = 0; fd < 3; fd++) {
        taken = taken || fcntl(fd, F_GETFD) >= 0;
        dup2(saved[fd], fd);
        close(saved[fd]);
    }
    assert_false(taken);
    assert_works(r);
    close_honest(r);
}

/* R23: at each step there is no descriptor left. */
static void R23_too_many_open_files(void **state)
{
    struct rlimit before;
    unsigned opened = 0;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    prepare();
    for (rlim_t most = 3; most < 40; most++) {
        struct rlimit limit = {most, before.rlim_max};
        struct bj_resolver *r = NULL;
        const char *answer = "";
        int error;

        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        error = bj_resolver_open(&fixture.options, &r);
        if (r != NULL)
            answer = bj_test_ip4(r, "a.test");
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_int_equal(error != 0, r == NULL);
        if (r == NULL) {
            assert_int_equal(error, EMFILE);
            continue;
        }
        opened += 1;
        /* Without a socket there is no way to a server. */
        if (strcmp(answer, "EAI_AGAIN") != 0)
            assert_string_equal(answer, "32.32.32.32");
        assert_works(r);
        bj_resolver_close(r);
    }
    assert_true(opened > 20);
    bj_fixture_remove(&fixture);
}

static void R23_ten_thousand_lookups_leak_nothing(void **state)
{
    struct bj_resolver *r = open_honest();
    struct rusage start;
    struct rusage end;
    size_t descriptors;

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_works(r);
    descriptors = bj_test_descriptors();
    getrusage(RUSAGE_SELF, &start);
    for (int i = 0; i < 5000; i++)
        assert_works(r);
    getrusage(RUSAGE_SELF, &end);
    assert_int_equal(bj_test_descriptors(), descriptors);
    /* In KiB; a sanitizer keeps aside what is freed. */
    if (BJ_TEST_PLAIN)
        assert_true(end.ru_maxrss - start.ru_maxrss < 256);
    close_honest(r);
}

static int be_alone(void **state)
{
    (void)state;
    alone = true;
    return 0;
}

static int be_traced(void **state)
{
    (void)state;
    alone = false;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closefrom_is_survived),
        cmocka_unit_test(R23_reused_descriptors_are_let_alone),
        cmocka_unit_test(R23_so_are_those_without_an_inode),
        cmocka_unit_test(R39_no_write_raises_sigpipe),
        cmocka_unit_test(R23_a_handler_may_take_them),
        cmocka_unit_test(standard_streams_stay_free),
        cmocka_unit_test(R23_too_many_open_files),
        cmocka_unit_test(R23_ten_thousand_lookups_leak_nothing),
    };
    int failed;

    bj_test_server_start(&server);
    failed = cmocka_run_group_tests_name("alone", tests, be_alone, NULL) +
             cmocka_run_group_tests_name("traced", tests, be_traced, NULL);
    bj_test_server_stop(&server);
    return failed;
}
