#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/serve/echo.h"
#include "sandbox/serve/role.h"
#include "sandbox/serve/shed.h"

/*
 * A child for each connection, reaped in the handler of SIGCHLD. The handler
 * interrupts the loop anywhere, so the two share no more than a ring: the
 * handler puts in the pids it has reaped, the loop takes them out and frees
 * their places. A place is only taken again once its pid was taken out, so
 * that there are never more pids than places and the ring cannot overflow.
 *
 * All of it lies in a mapping that no child has: none can read who else is
 * connected, and no fork makes the parent copy its pages afterwards.
 */
struct own {
    struct bj_role_guests guests;
    pid_t *pids; /* of each place; 0 for none */
    pid_t *ring;
    size_t size, mapped;
    volatile sig_atomic_t in, out; /* places of the ring */
    struct bj_shared *shared;
};

static struct own *own;

/* A child has nothing to reap; ThreadSanitizer, which puts signals off, may
 * hand it one that was its parent's. */
static struct {
    volatile sig_atomic_t is_child;
    uint8_t buf[BJ_ECHO_BUF];
} child_own;

bool bj_serve_process_prepare(const struct bj_serve_options *options)
{
    size_t size = options->max_connections;
    size_t pids = size + size + 1;
    size_t mapped = sizeof(*own) + pids * sizeof(pid_t) + bj_places_size(size);

    own = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (own == MAP_FAILED)
        return false;
    own->size = size;
    own->mapped = mapped;
    own->pids = (pid_t *)(own + 1);
    /* One more than can be in it: full and empty stay distinct. */
    own->ring = own->pids + size;
    bj_places_empty(&own->guests.places, size, own->pids + pids);
    return true;
}

static size_t after(size_t place)
{
    return place == own->size ? 0 : place + 1;
}

/* SIGCHLD is one signal for any number of children: it reaps all. */
static void reap(int number)
{
    int saved = errno;
    int status;
    pid_t pid;

    (void)number;
    if (child_own.is_child)
        return;
    while ((pid = wait4(-1, &status, WNOHANG, NULL)) > 0) {
        bj_shared_child_ended(own->shared, status);
        own->ring[own->in] = pid;
        own->in = (sig_atomic_t)after((size_t)own->in);
    }
    errno = saved;
}

/* The place of a child, which has one unless the fork has yet to return:
 * then the loop is not here. */
static void free_places(void)
{
    while (own->out != own->in) {
        pid_t pid = own->ring[own->out];

        for (size_t i = 0; i < own->size; i++) {
            if (own->pids[i] != pid)
                continue;
            own->pids[i] = 0;
            bj_slot_end(&own->shared->slots[i]);
            bj_places_give(&own->guests.places, i);
            break;
        }
        own->out = (sig_atomic_t)after((size_t)own->out);
    }
}

/* By the bare call, like the fork: libc has both in one page, and its _exit in
 * another, which the child would have to fault in for the sake of its end. */
static noreturn void end(long status)
{
    for (;;)
        syscall(SYS_exit_group, status);
}

static noreturn void child(const struct bj_serve_role *role,
                           struct bj_slot *slot)
{
    enum bj_relay_outcome outcome;

    child_own.is_child = 1;
    bj_lockdown_tighten(role->inner);
    outcome = bj_serve_echo(BJ_FD_CONNECTION, child_own.buf, role->waits,
                            role->shared, slot);
    if (outcome == BJ_RELAY_OK)
        end(BJ_CHILD_ENDED);
    end(outcome == BJ_RELAY_TIMED_OUT ? BJ_CHILD_TIMED_OUT : BJ_CHILD_BROKEN);
}

/*
 * Forks, the child's pid written into its slot before it runs: whenever this
 * process dies, the keeper knows whom to adopt. By the bare call, which libc
 * does not offer with this flag; with it nothing of libc's runs in the child,
 * which goes on to read, write and _exit and asks libc for nothing.
 */
static pid_t fork_into(struct bj_slot *slot)
{
    return (pid_t)syscall(SYS_clone, (long)BJ_PROCESS_CLONE_FLAGS, NULL,
                          &slot->pid, NULL, NULL);
}

static void serve(const struct bj_serve_role *role, int fd, size_t place)
{
    struct bj_shared *shared = role->shared;
    struct bj_slot *slot = &shared->slots[place];
    pid_t pid;
    int error;

    /* Before the fork: the handler may take them back before it returns. */
    atomic_fetch_add(&shared->live, 1);
    bj_slot_begin(slot, 0);
    pid = fork_into(slot);
    if (pid == 0)
        child(role, slot);
    error = errno;
    if (pid < 0) {
        atomic_fetch_sub(&shared->live, 1);
        bj_slot_end(slot);
        bj_role_give_up(role, &own->guests, fd, place, error);
        return;
    }
    bj_count(shared, BJ_COUNT_CONNECTIONS, 1);
    own->pids[place] = pid;
    close(fd);
}

void bj_serve_process(const struct bj_serve_role *role)
{
    struct sigaction action = {.sa_handler = reap, .sa_flags = SA_NOCLDSTOP};
    size_t place;
    int fd;

    own->shared = role->shared;
    own->guests.collect = free_places;
    bj_serve_shed_for_children();
    if (madvise(own, own->mapped, MADV_DONTFORK) != 0 ||
        sigaction(SIGCHLD, &action, NULL) != 0)
        _exit(BJ_EXIT_LOCKDOWN);
    bj_lockdown_enter(role->outer, NULL, 0);
    bj_role_ready(role);
    while ((fd = bj_role_accept(role, &own->guests, &place)) >= 0)
        serve(role, fd, place);
    bj_role_drain(&own->guests);
}
