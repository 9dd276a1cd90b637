#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sandbox/serve/echo.h"
#include "sandbox/serve/role.h"

/*
 * A thread for each connection. Stacks are made before confinement and given
 * to pthread_create, so that no thread maps, protects or unmaps memory; each
 * lies between guard pages, its relay buffer beside it.
 *
 * A filter of its own narrows what a worker may ask of the kernel. It is no
 * wall between connections: threads share their memory.
 */

/* What the relay, glibc and a sanitizer put on it is well under half. */
#define STACK_SIZE ((size_t)256 * 1024)
#define GUARD_SIZE ((size_t)65536) /* the largest page of any architecture */
#define WORKER_SIZE (GUARD_SIZE + STACK_SIZE + BJ_ECHO_BUF)

/* From the heap of the acceptor: each thread's table of thread-local storage,
 * under 300 bytes in glibc 2.36, under a sanitizer more. */
#define HEAP_PER_THREAD 1024

/* The finished workers as a list through `next`; its end. */
#define NONE (-1)

struct worker {
    const struct bj_serve_role *role;
    uint8_t *memory;
    pthread_t thread;
    int fd;
    int next;
};

static struct {
    struct bj_role_guests guests;
    struct worker *workers;
    size_t count;
    _Atomic int finished;
} own;

static void *nothing(void *argument)
{
    return argument;
}

static int create(struct worker *worker, void *(*run)(void *))
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);

    if (error != 0)
        return error;
    error = pthread_attr_setstack(&attributes, worker->memory + GUARD_SIZE,
                                  STACK_SIZE);
    if (error == 0)
        error = pthread_create(&worker->thread, &attributes, run, worker);
    pthread_attr_destroy(&attributes);
    return error;
}

/* Grows the heap once, for good, and starts a first thread: what libc does
 * only then (handlers of its own signals) is done before confinement. */
static bool warm_up(void)
{
    void *heap;

    mallopt(M_MMAP_THRESHOLD, INT32_MAX);
    mallopt(M_TRIM_THRESHOLD, INT32_MAX);
    heap = malloc(own.count * HEAP_PER_THREAD);
    if (heap == NULL)
        return false;
    free(heap);
    errno = create(&own.workers[0], nothing);
    if (errno == 0)
        errno = pthread_join(own.workers[0].thread, NULL);
    return errno == 0;
}

bool bj_serve_thread_prepare(const struct bj_serve_options *options)
{
    uint8_t *memory;
    void *places;

    own.count = options->max_connections;
    own.finished = NONE;
    own.workers = calloc(own.count, sizeof(*own.workers));
    places = malloc(bj_places_size(own.count));
    if (own.workers == NULL || places == NULL)
        return false;
    bj_places_empty(&own.guests.places, own.count, places);
    memory =
        mmap(NULL, own.count * WORKER_SIZE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    for (size_t i = 0; i < own.count; i++) {
        own.workers[i].memory = memory + i * WORKER_SIZE;
        if (mprotect(own.workers[i].memory, GUARD_SIZE, PROT_NONE) != 0)
            return false;
    }
    return warm_up();
}

static void *serve(void *argument)
{
    struct worker *worker = argument;
    const struct bj_serve_role *role = worker->role;
    struct bj_shared *shared = role->shared;
    int place = (int)(worker - own.workers);
    enum bj_relay_outcome outcome;
    sigset_t all;

    /* The keeper's signals are for the acceptor; a handler's return would not
     * be allowed here any more. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    bj_lockdown_tighten(role->inner);
    outcome =
        bj_serve_echo(worker->fd, worker->memory + GUARD_SIZE + STACK_SIZE,
                      role->waits, shared, &shared->slots[place]);
    close(worker->fd);
    bj_serve_echo_count(shared, outcome);
    bj_slot_end(&shared->slots[place]);
    atomic_fetch_sub(&shared->live, 1);
    worker->next = atomic_load(&own.finished);
    while (!atomic_compare_exchange_weak(&own.finished, &worker->next, place))
        continue;
    return NULL;
}

/* Joins those that have finished: their stacks can be used again. */
static void join_finished(void)
{
    int place = atomic_exchange(&own.finished, NONE);

    while (place != NONE) {
        int next = own.workers[place].next;

        pthread_join(own.workers[place].thread, NULL);
        bj_places_give(&own.guests.places, (size_t)place);
        place = next;
    }
}

static void start(const struct bj_serve_role *role, int fd, size_t place)
{
    struct worker *worker = &own.workers[place];
    struct bj_shared *shared = role->shared;
    int error;

    worker->role = role;
    worker->fd = fd;
    atomic_fetch_add(&shared->live, 1);
    bj_slot_begin(&shared->slots[place], 0);
    error = create(worker, serve);
    if (error == 0) {
        bj_count(shared, BJ_COUNT_CONNECTIONS, 1);
        return;
    }
    atomic_fetch_sub(&shared->live, 1);
    bj_slot_end(&shared->slots[place]);
    bj_role_give_up(role, &own.guests, fd, place, error);
}

void bj_serve_thread(const struct bj_serve_role *role)
{
    size_t place;
    int fd;

    own.guests.collect = join_finished;
    bj_lockdown_enter(role->outer, NULL, 0);
    bj_role_ready(role);
    while ((fd = bj_role_accept(role, &own.guests, &place)) >= 0)
        start(role, fd, place);
    bj_role_drain(&own.guests);
}
