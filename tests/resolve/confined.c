/*
 * A program that confines itself to exactly the calls of the role `driver`
 * after it has opened a resolver, and then resolves names in every way there
 * is: over UDP and TCP, of both families, from files that have changed, with a
 * worker that was killed, from two threads. At last without a spawner, when
 * there is nobody to ask any more; and resolvers are closed.
 *
 * Exit status 0 if all went well. tests/policy builds it a second time, with
 * rows of the table taken away (BJ_ABLATE) or counted (BJ_DRIVER_MODE=log).
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/policy/lockdown.h"
#include "tests/resolve/fixture.h"
#include "tests/resolve/server.h"

enum { PATIENCE_MS = 8000, MANY = 3000 };

/* What is done outside of the filter, by a process that was made before, when
 * the program asks for it. */
enum deed { NOTHING, CHANGE_HOSTS, KILL_WORKER, KILL_SPAWNER };

static struct {
    unsigned deed;
    unsigned done;
    unsigned go;    /* the second thread may start */
    unsigned ended; /* and has come to its end */
} * shared;

static struct bj_test_server server;
static struct bj_fixture fixture;
static struct bj_lockdown filter;
static struct bj_resolver *r;
static struct bj_resolver *unused;

/* ---- outside ---- */

/* 0 is no process, and to kill(2) everybody in this group. */
static void end_it(pid_t pid)
{
    if (pid > 0)
        kill(pid, SIGKILL);
}

static void meddle(pid_t program, pid_t spawner)
{
    char many[MANY * 40];
    size_t len = 0;

    while (getppid() == program) {
        unsigned deed = __atomic_load_n(&shared->deed, __ATOMIC_ACQUIRE);

        if (deed == __atomic_load_n(&shared->done, __ATOMIC_ACQUIRE)) {
            usleep(500);
            continue;
        }
        if (deed == CHANGE_HOSTS) {
            len = (size_t)snprintf(many, sizeof(many),
                                   "192.0.2.10 filed.test\n"
                                   "fe80::7%%lo zoned.test\n");
            for (unsigned i = 0; i < MANY; i++)
                len += (size_t)snprintf(many + len, sizeof(many) - len,
                                        "10.0.%u.%u many.test\n", i / 250,
                                        i % 250);
            bj_fixture_write(fixture.hosts, many);
        }
        if (deed == KILL_WORKER)
            end_it(bj_test_worker(spawner));
        if (deed == KILL_SPAWNER)
            end_it(spawner);
        __atomic_store_n(&shared->done, deed, __ATOMIC_RELEASE);
    }
    _exit(0);
}

/* ---- inside: nothing but what the role may ---- */

static void sleep_a_little(void)
{
    struct timespec time = {0, 500000};

    ppoll(NULL, 0, &time, NULL);
}

_Noreturn static void end(int status)
{
    for (;;)
        syscall(SYS_exit_group, (long)status);
}

static void have_done(enum deed deed)
{
    __atomic_store_n(&shared->deed, deed, __ATOMIC_RELEASE);
    while (__atomic_load_n(&shared->done, __ATOMIC_ACQUIRE) != deed)
        sleep_a_little();
}

/* Ends with `status` if the name has not that many addresses. */
static void expect(const char *name, int family, unsigned wanted, int status)
{
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    unsigned count = 0;

    if (bj_resolver_getaddrinfo(r, name, "echo", &hints, &list) != 0)
        end(status);
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        count += 1;
    bj_freeaddrinfo(list);
    if (count != wanted)
        end(status);
}

/* Until the name of the hosts file is answered so: by an address, or an error,
 * not by a call that the list has not. */
static void until_says(const char *answer, int status)
{
    for (unsigned i = 0; i < PATIENCE_MS * 2; i++) {
        if (strcmp(bj_test_ip4(r, "filed.test"), answer) == 0)
            return;
        sleep_a_little();
    }
    end(status);
}

static void by_address(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_scope_id = 1};
    char host[NI_MAXHOST];

    inet_pton(AF_INET6, "fe80::1", &address.sin6_addr);
    if (bj_resolver_getnameinfo(r, (struct sockaddr *)&address, sizeof(address),
                                host, sizeof(host), NULL, 0,
                                NI_NUMERICHOST) != 0 ||
        strcmp(host, "fe80::1%lo") != 0)
        end(21);
}

static void *second(void *arg)
{
    bj_lockdown_tighten(&filter);
    while (__atomic_load_n(&shared->go, __ATOMIC_ACQUIRE) == 0)
        sleep_a_little();
    for (unsigned i = 0; i < 100; i++)
        expect("a.example", AF_UNSPEC, 2, 30);
    __atomic_store_n(&shared->ended, 1, __ATOMIC_RELEASE);
    for (;;)
        sleep_a_little();
    return arg;
}

static void resolve(void)
{
    expect("filed.test", AF_INET, 1, 10);
    expect("a.example", AF_INET, 1, 11);
    expect("b.example", AF_UNSPEC, 2, 12);
    expect("tcp.example", AF_UNSPEC, 2, 13);
    expect("fe80::1%lo", AF_UNSPEC, 1, 14);
    by_address();
    have_done(CHANGE_HOSTS);
    until_says("192.0.2.10", 20);
    expect("many.test", AF_INET, MANY, 15);
    have_done(KILL_WORKER);
    expect("c.example", AF_UNSPEC, 2, 16);
    __atomic_store_n(&shared->go, 1, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < 100; i++)
        expect("d.example", AF_UNSPEC, 2, 17);
    while (__atomic_load_n(&shared->ended, __ATOMIC_ACQUIRE) == 0)
        sleep_a_little();
    bj_resolver_close(unused);
    have_done(KILL_SPAWNER);
    until_says("EAI_SYSTEM", 22);
    bj_resolver_close(r);
}

/* ---- the start ---- */

static void prepare(void)
{
    const char *mode = getenv("BJ_DRIVER_MODE");
    struct bj_lockdown_setup setup = {.mode = BJ_MODE_ENFORCE};
    struct bj_trouble trouble;

    if (mode != NULL && !bj_lockdown_mode(mode, &setup.mode))
        exit(2);
    if (!bj_lockdown_prepare(BJ_ROLE_DRIVER, &setup, &filter, &trouble)) {
        fprintf(stderr, "%s\n", trouble.text);
        exit(71);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        exit(71);
}

int main(void)
{
    pthread_t thread;
    pid_t program = getpid();

    if (access(BJ_REAL_WORKER, X_OK) != 0) {
        printf("skipped: there is no belljar-worker in this build\n");
        return 77;
    }
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bj_test_server_start(&server);
    bj_fixture_real(&fixture, "options timeout:1 attempts:2\n",
                    server.endpoint);
    unused = bj_fixture_open(&fixture);
    r = bj_fixture_open(&fixture);
    if (fork() == 0)
        meddle(program, bj_test_spawner_of(program));
    prepare();
    if (pthread_create(&thread, NULL, second, NULL) != 0)
        return 2;
    close(0); /* so that a socket gets its number, and must not keep it */
    bj_lockdown_tighten(&filter);
    resolve();
    end(0);
}
