#include "sandbox/serve/role.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/policy/trace.h"

static void wake(int number)
{
    (void)number;
}

/* A step of the start that the kernel refused: the keeper sees the status
 * and tries again later, as with any other death of a role. */
static void need(bool done)
{
    if (!done)
        _exit(BJ_EXIT_LOCKDOWN);
}

static void set_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE};
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigset_t none;

    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        need(sigaction(ignored[i], &action, NULL) == 0);
    action.sa_handler = wake;
    need(sigaction(SIGUSR2, &action, NULL) == 0);
    sigemptyset(&none);
    need(sigprocmask(SIG_SETMASK, &none, NULL) == 0);
}

static const struct {
    const char *name;
    enum bj_role outer, inner;
} modes[] = {
    [BJ_SERVE_PROCESS] = {"process", BJ_ROLE_SERVE_PROCESS,
                          BJ_ROLE_SERVE_PROCESS_CHILD},
    [BJ_SERVE_ITERATIVE] = {"iterative", BJ_ROLE_SERVE_ITERATIVE,
                            BJ_ROLE_COUNT},
    [BJ_SERVE_THREAD] = {"thread", BJ_ROLE_SERVE_THREAD,
                         BJ_ROLE_SERVE_THREAD_WORKER},
    [BJ_SERVE_UDP] = {"udp", BJ_ROLE_SERVE_UDP, BJ_ROLE_COUNT},
};

const char *bj_serve_mode_name(enum bj_serve_mode mode)
{
    return modes[mode].name;
}

enum bj_role bj_serve_outer_role(enum bj_serve_mode mode)
{
    return modes[mode].outer;
}

enum bj_role bj_serve_inner_role(enum bj_serve_mode mode)
{
    return modes[mode].inner;
}

void bj_serve_role_run(const struct bj_serve_role *role)
{
    need(setpgid(0, 0) == 0);
    need(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0);
    /* The keeper may have died before that; its own parent took us over. */
    need(getppid() == role->keeper);
    if (role->options->sandbox == BJ_MODE_LOG)
        bj_trace_await();
    need(dup3(role->listener->fd, BJ_FD_LISTENER, O_CLOEXEC) == BJ_FD_LISTENER);
    set_signals();
    switch (role->mode) {
    case BJ_SERVE_PROCESS:
        bj_serve_process(role);
    case BJ_SERVE_ITERATIVE:
        bj_serve_iterative(role);
    case BJ_SERVE_THREAD:
        bj_serve_thread(role);
    case BJ_SERVE_UDP:
        bj_serve_udp(role);
    }
    _exit(BJ_EXIT_LOCKDOWN);
}

void bj_role_ready(const struct bj_serve_role *role)
{
    atomic_store(&role->shared->ready, 1);
}

/* How an accept that failed goes on. */
enum next {
    AGAIN, /* nothing lost: accept again */
    PAUSE, /* the system lacks something: wait first */
    END,   /* the listener is shut down, or we were told to stop */
};

static enum next after_accept(const struct bj_serve_role *role, int error)
{
    if (atomic_load(&role->shared->stop) != 0)
        return END;
    switch (error) {
    case EINVAL:
        return END;
    /* A signal; the idle time that accept inherits too; a peer that was gone
     * before it was accepted, for which accept(2) has many names. */
    case EINTR:
    case EAGAIN:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case EPERM:
        return AGAIN;
    default:
        return PAUSE;
    }
}

/* Waits for the timer, up to BJ_TIMER_MS. It may have run out meanwhile: the
 * next wait then lasts the whole time. */
static void wait_for_timer(void)
{
    uint64_t expirations;

    /* Any result will do: what counts is the time, and a signal may end it. */
    if (read(BJ_FD_TIMER, &expirations, sizeof(expirations)) < 0)
        return;
}

static void pause_for(const struct bj_serve_role *role, int error)
{
    atomic_store(&role->shared->last_error, error);
    bj_count(role->shared, BJ_COUNT_PAUSES, 1);
    wait_for_timer();
}

/* With a reset, not an orderly end. */
static void refuse(const struct bj_serve_role *role, int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    /* If the option cannot be set the peer gets an orderly end instead. */
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
    bj_count(role->shared, BJ_COUNT_REFUSED, 1);
}

int bj_role_accept(const struct bj_serve_role *role,
                   struct bj_role_guests *guests, size_t *place)
{
    struct sockaddr_storage peer;
    socklen_t len;
    int taken;
    int error;
    int fd;

    for (;;) {
        len = sizeof(peer);
        fd = accept4(BJ_FD_LISTENER, (struct sockaddr *)&peer, &len,
                     SOCK_CLOEXEC);
        error = errno;
        if (guests != NULL)
            guests->collect();
        if (fd < 0) {
            enum next next = after_accept(role, error);

            if (next == END)
                return -1;
            if (next == PAUSE)
                pause_for(role, error);
            continue;
        }
        taken = guests == NULL ? 0
                               : bj_places_take(&guests->places, &peer, len,
                                                role->options->max_per_source);
        if (taken >= 0) {
            *place = (size_t)taken;
            return fd;
        }
        refuse(role, fd);
    }
}

void bj_role_give_up(const struct bj_serve_role *role,
                     struct bj_role_guests *guests, int fd, size_t place,
                     int error)
{
    bj_places_give(&guests->places, place);
    refuse(role, fd);
    pause_for(role, error);
}

void bj_role_drain(struct bj_role_guests *guests)
{
    while (guests->places.free_count < guests->places.count) {
        wait_for_timer();
        guests->collect();
    }
    _exit(0);
}
