/*
 * Many at once: threads, event loops, both; and what they do to each other
 * when something ends in the middle.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/resolve/fixture.h"
#include "tests/resolve/server.h"

enum { THREADS = 100, FEW = 8, LOOPS_MAX = 100000 };

static struct bj_test_server server;
static struct bj_fixture fixture;

static struct bj_resolver *open_honest(void)
{
    return bj_fixture_open_honest(&fixture, server.endpoint);
}

static void close_honest(struct bj_resolver *r)
{
    bj_fixture_close(&fixture, r);
}

/* ---- threads ---- */

struct task {
    struct bj_resolver *r;
    const char *name;
    unsigned count;
    const char *expected;
    const char *accepted; /* too; or NULL */
    unsigned wrong;
};

static void *work(void *arg)
{
    struct task *task = arg;

    for (unsigned i = 0; i < task->count; i++) {
        const char *answer = bj_test_ip4(task->r, task->name);

        if (strcmp(answer, task->expected) != 0 &&
            (task->accepted == NULL || strcmp(answer, task->accepted) != 0)) {
            print_message("%s: %s\n", task->name, answer);
            task->wrong += 1;
        }
    }
    return NULL;
}

static void run(struct task *task, size_t count)
{
    pthread_t threads[THREADS];
    struct task tasks[THREADS];
    unsigned wrong = 0;

    for (size_t i = 0; i < count; i++) {
        tasks[i] = *task;
        assert_int_equal(pthread_create(&threads[i], NULL, work, &tasks[i]), 0);
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        wrong += tasks[i].wrong;
    }
    assert_int_equal(wrong, 0);
}

/* After one timeout, not a hundred. */
static void a_hundred_threads_on_a_silent_server(void **state)
{
    struct bj_resolver *r = open_honest();
    struct task task = {r, "silent.test", 1, "EAI_AGAIN", NULL, 0};
    uint64_t start = bj_test_now();

    (void)state;
    run(&task, THREADS);
    assert_true(bj_test_now() - start < 9000); /* the worker's own: 3000 */
    close_honest(r);
}

static void a_hundred_threads_at_work(void **state)
{
    struct bj_resolver *r = open_honest();
    struct task task = {r, "a.test", 20, "32.32.32.32", NULL, 0};

    (void)state;
    run(&task, THREADS);
    close_honest(r);
}

/* More than there are slots, so that some must wait for one. */
static void *crowd(void *arg)
{
    (void)bj_test_ip4(arg, "slow.test");
    return NULL;
}

static void more_threads_than_slots(void **state)
{
    enum { CROWD = 300 };
    struct bj_resolver *r = open_honest();
    pthread_t threads[CROWD];
    pthread_attr_t attributes;

    (void)state;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    for (size_t i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&threads[i], &attributes, crowd, r), 0);
    for (size_t i = 0; i < CROWD; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    pthread_attr_destroy(&attributes);
    assert_string_equal(bj_test_ip4(r, "a.test"), "32.32.32.32");
    close_honest(r);
}

static void isolated_threads(void **state)
{
    struct bj_resolver *r;
    struct task task = {NULL, "a.test", 5, "32.32.32.32", NULL, 0};

    (void)state;
    bj_fixture_captured(&fixture, "", server.endpoint);
    fixture.options.isolate = BJ_ISOLATE_LOOKUP;
    r = task.r = bj_fixture_open(&fixture);
    run(&task, FEW);
    close_honest(r);
}

/* Every lookup has a worker of its own. */
static void isolated_lookups_share_no_worker(void **state)
{
    struct bj_resolver *r;
    pid_t spawner;
    pid_t last = 0;

    (void)state;
    bj_fixture_captured(&fixture, "", server.endpoint);
    fixture.options.isolate = BJ_ISOLATE_LOOKUP;
    r = bj_fixture_open(&fixture);
    spawner = bj_test_spawner();
    for (int i = 0; i < 5; i++) {
        pid_t worker = bj_test_worker(spawner);

        assert_true(worker > 0);
        assert_int_not_equal(worker, last);
        assert_string_equal(bj_test_ip4(r, "a.test"), "32.32.32.32");
        /* The one that was ready has served; the next is there, or will be. */
        for (int tries = 0; tries < 2000; tries++) {
            pid_t next = bj_test_worker(spawner);

            if (next > 0 && next != worker)
                break;
            usleep(1000);
        }
        last = worker;
    }
    close_honest(r);
}

struct killer {
    pid_t spawner; /* 0: spawners */
    volatile bool stop;
};

static void *kill_them(void *arg)
{
    struct killer *killer = arg;

    while (!__atomic_load_n(&killer->stop, __ATOMIC_RELAXED)) {
        pid_t spawner = bj_test_spawner();
        pid_t worker = spawner > 0 ? bj_test_worker(spawner) : 0;
        pid_t victim = killer->spawner != 0 ? worker : spawner;

        if (victim > 0)
            kill(victim, SIGKILL);
        usleep(50000);
    }
    return NULL;
}

static void kill_under_load(bool workers)
{
    struct bj_resolver *r = open_honest();
    /* Killed twice in a row: that is a clean error. */
    struct task task = {r, "a.test", 100, "32.32.32.32", "EAI_AGAIN", 0};
    static struct killer killer;
    pthread_t thread;

    killer.spawner = workers ? 1 : 0;
    killer.stop = false;
    assert_int_equal(pthread_create(&thread, NULL, kill_them, &killer), 0);
    run(&task, FEW);
    __atomic_store_n(&killer.stop, true, __ATOMIC_RELAXED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(bj_test_ip4(r, "a.test"), "32.32.32.32");
    close_honest(r);
}

static void workers_are_killed_under_load(void **state)
{
    (void)state;
    kill_under_load(true);
}

static void spawners_are_killed_under_load(void **state)
{
    (void)state;
    kill_under_load(false);
}

/* ---- event loops ---- */

static unsigned completed;

static void count_it(struct bj_call *call, void *arg)
{
    (void)call;
    (void)arg;
    completed += 1;
}

/* Runs the loop until `wanted` are completed. */
static void loop(struct bj_resolver *r, unsigned wanted)
{
    for (unsigned i = 0; i < LOOPS_MAX && completed < wanted; i++) {
        struct pollfd fds[1024];
        int timeout;
        size_t count = bj_resolver_pollfds(r, fds, 1024, &timeout);

        assert_true(count <= 1024);
        assert_true(poll(fds, count, timeout < 5000 ? timeout : 5000) >= 0);
        bj_resolver_advance(r);
    }
    assert_int_equal(completed, wanted);
}

static struct bj_call *start(struct bj_resolver *r, const char *name,
                             bj_call_done *done, void *arg)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct bj_call *call;

    assert_int_equal(
        bj_call_getaddrinfo(r, name, NULL, &hints, done, arg, &call), 0);
    return call;
}

static void calls_are_answered(void **state)
{
    enum { CALLS = 300 };
    struct bj_resolver *r = open_honest();
    struct bj_call *calls[CALLS];
    struct addrinfo *list;

    (void)state;
    completed = 0;
    for (unsigned i = 0; i < CALLS; i++)
        calls[i] =
            start(r, i % 3 == 0 ? "127.0.0.1" : "a.test", count_it, NULL);
    assert_int_equal(completed, 0);
    assert_int_equal(bj_call_addrinfo(calls[1], &list), EAI_INPROGRESS);
    loop(r, CALLS);
    for (unsigned i = 0; i < CALLS; i++) {
        assert_int_equal(bj_call_addrinfo(calls[i], &list), 0);
        bj_freeaddrinfo(list);
        assert_int_equal(bj_call_addrinfo(calls[i], &list), EAI_FAIL);
        bj_call_end(calls[i]);
    }
    close_honest(r);
}

/* More calls than there are places, all of them done or in line before anybody
 * asks for their completion: a lookup in between has its place, as threads in
 * line have when they are done. */
static void done_calls_keep_no_place(void **state)
{
    enum { CALLS = 300 };
    struct bj_resolver *r = open_honest();
    struct bj_call *calls[CALLS];
    struct task task = {
        .r = r, .name = "a.test", .count = 50, .expected = "32.32.32.32"};

    (void)state;
    completed = 0;
    for (size_t i = 0; i < CALLS; i++)
        calls[i] = start(r, "local.test", count_it, NULL);
    for (unsigned i = 0; i < 3; i++)
        assert_string_equal(bj_test_ip4(r, "a.test"), "32.32.32.32");
    run(&task, FEW);
    assert_int_equal(completed, 0);
    loop(r, CALLS);
    for (size_t i = 0; i < CALLS; i++)
        bj_call_end(calls[i]);
    close_honest(r);
}

static void every_kind_of_call(void **state)
{
    struct bj_resolver *r = open_honest();
    struct bj_call *by_name;
    struct bj_call *by_address;
    struct bj_call *names;
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct hostent host;
    struct hostent *result;
    char buf[512];
    char text[64];
    char service[32];
    int error;

    (void)state;
    completed = 0;
    assert_int_equal(bj_call_gethostbyname2(r, "local.test", AF_INET, count_it,
                                            NULL, &by_name),
                     0);
    assert_int_equal(bj_call_gethostbyaddr(r, "\x7f\0\0\1", 4, AF_INET,
                                           count_it, NULL, &by_address),
                     0);
    assert_int_equal(bj_call_getnameinfo(r, (struct sockaddr *)&address,
                                         sizeof(address),
                                         NI_NUMERICHOST | NI_NUMERICSERV,
                                         count_it, NULL, &names),
                     0);
    assert_int_equal(
        bj_call_hostent(by_name, &host, buf, sizeof(buf), &result, &error),
        EINPROGRESS);
    loop(r, 3);
    assert_int_equal(bj_call_hostent(by_name, &host, buf, 3, &result, &error),
                     ERANGE);
    assert_int_equal(
        bj_call_hostent(by_name, &host, buf, sizeof(buf), &result, &error), 0);
    assert_string_equal(host.h_name, "local.test");
    assert_int_equal(
        bj_call_hostent(by_address, &host, buf, sizeof(buf), &result, &error),
        0);
    assert_null(result);
    assert_int_equal(error, HOST_NOT_FOUND);
    assert_int_equal(
        bj_call_nameinfo(names, text, sizeof(text), service, sizeof(service)),
        0);
    assert_string_equal(text, "0.0.0.0");
    assert_string_equal(service, "0");
    assert_int_equal(bj_call_nameinfo(by_name, text, sizeof(text), NULL, 0),
                     EAI_FAIL);
    bj_call_end(by_name);
    bj_call_end(by_address);
    bj_call_end(names);
    close_honest(r);
}

/* R21: what a completion may do. */
struct meddler {
    struct bj_resolver *r;
    struct bj_call *others[3];
    struct bj_call *started;
    bool close;
};

static void meddle(struct bj_call *call, void *arg)
{
    struct meddler *m = arg;

    completed += 1;
    bj_call_end(call);
    for (int i = 0; i < 3; i++) {
        bj_call_end(m->others[i]);
        m->others[i] = NULL;
    }
    if (m->close)
        bj_resolver_close(m->r);
    else
        m->started = start(m->r, "127.0.0.2", count_it, NULL);
}

static void R21_completions_may_do_anything(void **state)
{
    const char *const names[] = {"127.0.0.1", "local.test", "a.test",
                                 "silent.test"};

    (void)state;
    /* By whichever path it ends: at once, from the worker, a server, a
     * timeout. */
    for (unsigned i = 0; i < 8; i++) {
        struct meddler m = {.r = open_honest(), .close = i >= 4};

        completed = 0;
        m.others[0] = start(m.r, "silent.test", count_it, NULL);
        m.others[1] = start(m.r, "slow.test", count_it, NULL);
        (void)start(m.r, names[i % 4], meddle, &m);
        m.others[2] = start(m.r, "127.0.0.3", NULL, NULL);
        if (i % 4 == 3) {
            /* Everything else is over by then. */
            bj_call_end(m.others[0]);
            bj_call_end(m.others[1]);
            m.others[0] = m.others[1] = NULL;
        }
        if (m.close) {
            loop(m.r, 1);
            bj_fixture_remove(&fixture);
            continue;
        }
        loop(m.r, 2);
        bj_call_end(m.started);
        close_honest(m.r);
    }
}

/* R21: ended while in flight, in every order; nothing is called any more. */
static void R21_ended_calls_are_silent(void **state)
{
    struct bj_resolver *r = open_honest();

    (void)state;
    completed = 0;
    for (unsigned round = 0; round < 20; round++) {
        struct bj_call *calls[16];

        for (unsigned i = 0; i < 16; i++)
            calls[i] =
                start(r, i % 2 == 0 ? "a.test" : "slow.test", count_it, NULL);
        for (unsigned i = 0; i < round; i++)
            bj_resolver_advance(r);
        completed = 0;
        for (unsigned i = 0; i < 16; i++)
            bj_call_end(calls[(i * 7 + round) % 16]);
        for (unsigned i = 0; i < 5; i++)
            bj_resolver_advance(r);
        assert_int_equal(completed, 0);
    }
    assert_string_equal(bj_test_ip4(r, "a.test"), "32.32.32.32");
    close_honest(r);
}

static void closing_ends_all_calls(void **state)
{
    struct bj_resolver *r = open_honest();

    (void)state;
    completed = 0;
    for (unsigned i = 0; i < 300; i++)
        (void)start(r, "silent.test", count_it, NULL);
    bj_resolver_advance(r);
    close_honest(r);
    assert_int_equal(completed, 0);
}

static void loops_and_threads_share_a_resolver(void **state)
{
    enum { CALLS = 200 };
    struct bj_resolver *r = open_honest();
    struct task task = {r, "a.test", 200, "32.32.32.32", NULL, 0};
    struct bj_call *calls[CALLS];
    pthread_t threads[2];
    struct task tasks[2];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        tasks[i] = task;
        assert_int_equal(pthread_create(&threads[i], NULL, work, &tasks[i]), 0);
    }
    for (unsigned round = 0; round < 3; round++) {
        completed = 0;
        for (unsigned i = 0; i < CALLS; i++)
            calls[i] = start(r, "a.test", count_it, NULL);
        loop(r, CALLS);
        for (unsigned i = 0; i < CALLS; i++)
            bj_call_end(calls[i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(tasks[i].wrong, 0);
    }
    close_honest(r);
}

static void *look_up_local(void *arg)
{
    assert_string_equal(bj_test_ip4(arg, "local.test"), "127.0.0.7");
    return NULL;
}

/* Whoever blocks deals with what the worker wants for calls, too, and then goes
 * away: the loop, which polls what was there before, must hear of it. */
static void a_leader_who_leaves_tells_the_loop(void **state)
{
    struct bj_resolver *r = open_honest();
    struct bj_call *call;
    struct pollfd fds[16];
    pthread_t thread;
    size_t count;

    (void)state;
    completed = 0;
    call = start(r, "silent.test", count_it, NULL);
    count = bj_resolver_pollfds(r, fds, 16, NULL);
    assert_int_equal(pthread_create(&thread, NULL, look_up_local, r), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(poll(fds, count, 0) > 0);
    loop(r, 1);
    bj_call_end(call);
    close_honest(r);
}

struct one {
    struct bj_resolver *r;
    const char *name;
    bool answered;
};

static void *look_up_one(void *arg)
{
    struct one *one = arg;

    assert_string_equal(bj_test_ip4(one->r, one->name), "32.32.32.32");
    __atomic_store_n(&one->answered, true, __ATOMIC_RELEASE);
    return NULL;
}

static struct one latecomer;
static pthread_t latecomers_thread;

/* Its slot is free by now, and somebody else is quick to want it. */
static void let_another_in(struct bj_call *call, void *arg)
{
    count_it(call, arg);
    assert_int_equal(
        pthread_create(&latecomers_thread, NULL, look_up_one, &latecomer), 0);
    usleep(100000);
}

/* Whoever leads may be waiting for a slot itself, and hears that there is one;
 * so does who sleeps meanwhile. */
static void a_leader_without_a_slot_gets_the_first(void **state)
{
    enum { SLOTS = 256 };
    struct bj_resolver *r;
    struct one first = {NULL, "a.test", false};
    struct bj_call *calls[SLOTS];
    pthread_t thread;
    uint64_t end;

    (void)state;
    if (access(BJ_REAL_WORKER, X_OK) != 0)
        skip();
    /* Long after the end of all this the server that says nothing is asked
     * again: it is not that which wakes anybody. */
    bj_fixture_real(&fixture, "options timeout:30\n", server.endpoint);
    r = first.r = bj_fixture_open(&fixture);
    completed = 0;
    latecomer = (struct one){r, "slow.test", false};
    calls[0] = start(r, "filed.test", let_another_in, NULL);
    for (unsigned i = 1; i < SLOTS; i++)
        calls[i] = start(r, "silent.test", NULL, NULL);
    assert_int_equal(pthread_create(&thread, NULL, look_up_one, &first), 0);
    usleep(100000); /* it leads: nobody else does */
    loop(r, 1);
    end = bj_test_now() + 10000;
    while (bj_test_now() < end &&
           (!__atomic_load_n(&first.answered, __ATOMIC_ACQUIRE) ||
            !__atomic_load_n(&latecomer.answered, __ATOMIC_ACQUIRE)))
        usleep(1000);
    assert_true(__atomic_load_n(&first.answered, __ATOMIC_ACQUIRE));
    assert_true(__atomic_load_n(&latecomer.answered, __ATOMIC_ACQUIRE));
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pthread_join(latecomers_thread, NULL), 0);
    for (unsigned i = 0; i < SLOTS; i++)
        bj_call_end(calls[i]);
    close_honest(r);
}

static struct bj_call *doomed;

static void start_another(struct bj_call *call, void *arg)
{
    completed += 1;
    bj_call_end(call);
    bj_call_end(doomed);
    doomed = NULL;
    if (completed < LOOPS_MAX)
        (void)start(arg, "127.0.0.1", start_another, arg);
}

/* Even if what was due last has been ended by one that was due before. */
static void what_completions_start_is_for_the_next_time(void **state)
{
    struct bj_resolver *r = open_honest();

    (void)state;
    completed = 0;
    (void)start(r, "127.0.0.1", start_another, r);
    doomed = start(r, "127.0.0.2", count_it, NULL);
    bj_resolver_advance(r);
    assert_in_range(completed, 1, 2);
    close_honest(r);
}

static int gate[2];

static void wait_at_gate(struct bj_call *call, void *arg)
{
    char octet = 0;

    (void)call;
    (void)arg;
    completed += 1;
    assert_int_equal(write(gate[1], &octet, 1), 1);
    assert_int_equal(read(gate[0], &octet, 1), 1);
}

static void *loop_one(void *arg)
{
    loop(arg, 1);
    return NULL;
}

/* The loop of a child is not held to be inside of its parent's completion. */
static void a_fork_during_a_completion(void **state)
{
    struct bj_resolver *r = open_honest();
    struct bj_call *call;
    pthread_t thread;
    int status = 0;
    char octet = 0;
    int other[2];
    pid_t pid;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
    gate[0] = gate[1] = other[0];
    completed = 0;
    call = start(r, "127.0.0.1", wait_at_gate, NULL);
    assert_int_equal(pthread_create(&thread, NULL, loop_one, r), 0);
    assert_int_equal(read(other[1], &octet, 1), 1);
    pid = fork();
    if (pid == 0) {
        completed = 0;
        (void)start(r, "local.test", count_it, NULL);
        loop(r, 1);
        /* Past a sanitizer that misses the parent's threads. */
        syscall(SYS_exit_group, 0L);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(write(other[1], &octet, 1), 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(status, 0);
    bj_call_end(call);
    close(other[0]);
    close(other[1]);
    close_honest(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_threads_on_a_silent_server),
        cmocka_unit_test(a_hundred_threads_at_work),
        cmocka_unit_test(more_threads_than_slots),
        cmocka_unit_test(isolated_threads),
        cmocka_unit_test(isolated_lookups_share_no_worker),
        cmocka_unit_test(workers_are_killed_under_load),
        cmocka_unit_test(spawners_are_killed_under_load),
        cmocka_unit_test(calls_are_answered),
        cmocka_unit_test(done_calls_keep_no_place),
        cmocka_unit_test(every_kind_of_call),
        cmocka_unit_test(R21_completions_may_do_anything),
        cmocka_unit_test(R21_ended_calls_are_silent),
        cmocka_unit_test(closing_ends_all_calls),
        cmocka_unit_test(loops_and_threads_share_a_resolver),
        cmocka_unit_test(a_leader_who_leaves_tells_the_loop),
        cmocka_unit_test(a_leader_without_a_slot_gets_the_first),
        cmocka_unit_test(a_fork_during_a_completion),
        cmocka_unit_test(what_completions_start_is_for_the_next_time),
    };
    int failed;

    bj_test_server_start(&server);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    bj_test_server_stop(&server);
    return failed;
}
