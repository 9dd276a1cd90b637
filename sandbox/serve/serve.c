#include "sandbox/serve/serve.h"
#include "sandbox/serve/shed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "sandbox/serve/keeper.h"
#include "sandbox/serve/listen.h"

/* Descriptors of a role beside its connections: 0 to 3, and one to spare for
 * the connection that is accepted in order to be refused. */
#define OWN_FDS 5

/* All that lives as long as the server does. */
static struct {
    struct bj_listeners listeners;
    struct bj_lockdown outer[BJ_SERVE_UDP + 1], inner[BJ_SERVE_UDP + 1];
    struct bj_lockdown lockdown; /* the keeper's own */
    struct bj_keeper keeper;
} server;

static bool broken(const char *what)
{
    bj_log_error("cannot-serve", what, errno);
    return false;
}

/* Standard streams that the program was started without, so that nothing
 * opened later is taken for one. */
static bool fill_standard_streams(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    return fd >= 0 && close(fd) == 0;
}

/* The roles' timer replaces standard input, which nobody reads. */
static bool open_timer(void)
{
    struct itimerspec every = {
        .it_interval = {.tv_nsec = BJ_TIMER_MS * 1000000},
        .it_value = {.tv_nsec = BJ_TIMER_MS * 1000000}};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    bool good = fd >= 0 && timerfd_settime(fd, 0, &every, NULL) == 0 &&
                dup2(fd, BJ_FD_TIMER) == BJ_FD_TIMER;

    if (fd >= 0)
        close(fd);
    return good;
}

static bool uses(enum bj_serve_mode mode)
{
    for (size_t i = 0; i < server.listeners.count; i++) {
        bool udp = server.listeners.list[i].datagram;

        if (mode == (udp ? BJ_SERVE_UDP : server.keeper.options->mode))
            return true;
    }
    return false;
}

/* A slot for each connection that a role may have at once. */
static size_t slots_of(enum bj_serve_mode mode,
                       const struct bj_serve_options *options)
{
    if (mode == BJ_SERVE_UDP)
        return 0;
    return mode == BJ_SERVE_ITERATIVE ? 1 : options->max_connections;
}

static unsigned waits_of(const struct bj_serve_options *options)
{
    uint32_t slice = bj_listen_slice(options);

    if (options->idle_ms == 0)
        return UINT32_MAX; /* slices that do not count */
    return (options->idle_ms + slice - 1) / slice;
}

static bool make_ward(struct bj_ward *ward, const struct bj_listener *listener)
{
    const struct bj_serve_options *options = server.keeper.options;
    enum bj_serve_mode mode = listener->datagram ? BJ_SERVE_UDP : options->mode;
    size_t slots = slots_of(mode, options);

    ward->role = (struct bj_serve_role){
        .keeper = getpid(),
        .mode = mode,
        .options = options,
        .listener = listener,
        .shared = bj_shared_map(slots),
        .outer = &server.outer[mode],
        .inner = &server.inner[mode],
        .waits = waits_of(options),
    };
    ward->orphan_cap = mode == BJ_SERVE_PROCESS ? slots : 0;
    ward->seen = calloc(slots + 1, sizeof(*ward->seen));
    ward->orphans = calloc(ward->orphan_cap + 1, sizeof(*ward->orphans));
    return ward->role.shared != NULL && ward->seen != NULL &&
           ward->orphans != NULL;
}

static bool make_wards(void)
{
    struct bj_keeper *keeper = &server.keeper;

    for (size_t i = 0; i < server.listeners.count; i++) {
        if (!make_ward(&keeper->wards[i], &server.listeners.list[i]))
            return broken("memory");
        keeper->count += 1;
    }
    if (uses(BJ_SERVE_PROCESS) && !bj_serve_process_prepare(keeper->options))
        return broken("memory");
    if (uses(BJ_SERVE_THREAD) && !bj_serve_thread_prepare(keeper->options))
        return broken("memory for --max-connections stacks");
    if (uses(BJ_SERVE_UDP) &&
        !bj_serve_udp_prepare(keeper->options, &server.listeners))
        return broken("getrandom");
    return true;
}

static uint64_t nofile_of(const struct bj_serve_options *options)
{
    return options->mode == BJ_SERVE_THREAD ? options->max_connections + OWN_FDS
                                            : OWN_FDS;
}

/* Threads share one table of descriptors, which must hold them all. */
static bool raise_nofile(const struct bj_serve_options *options)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return broken("getrlimit");
    if (limit.rlim_cur >= nofile_of(options))
        return true;
    limit.rlim_cur = nofile_of(options);
    if (limit.rlim_max < limit.rlim_cur)
        limit.rlim_max = limit.rlim_cur;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return broken("RLIMIT_NOFILE is below --max-connections: raise it, or "
                      "lower that");
    return true;
}

static bool refused(const struct bj_trouble *trouble)
{
    struct bj_line line;

    bj_line_start(&line, "cannot-confine");
    bj_line_text(&line, "error", trouble->text);
    bj_line_end(&line, BJ_LOG_PROBLEM);
    return false;
}

/* From the innermost role outwards, the keeper last. */
static bool prepare_lockdowns(const struct bj_serve_options *options)
{
    const struct bj_lockdown *inner[1], *outer[BJ_SERVE_UDP + 1];
    struct bj_lockdown_setup setup = {.mode = options->sandbox,
                                      .without = options->without,
                                      .user = options->user,
                                      .nofile = nofile_of(options)};
    struct bj_lockdown_setup keeper = setup;
    struct bj_trouble trouble;

    for (unsigned i = 0; i <= BJ_SERVE_UDP; i++) {
        enum bj_serve_mode mode = (enum bj_serve_mode)i;
        enum bj_role below = bj_serve_inner_role(mode);

        if (!uses(mode))
            continue;
        setup.below_count = 0;
        if (below != BJ_ROLE_COUNT) {
            if (!bj_lockdown_prepare(below, &setup, &server.inner[i], &trouble))
                return refused(&trouble);
            inner[0] = &server.inner[i];
            setup.below = inner;
            setup.below_count = 1;
        }
        if (!bj_lockdown_prepare(bj_serve_outer_role(mode), &setup,
                                 &server.outer[i], &trouble))
            return refused(&trouble);
        outer[keeper.below_count] = &server.outer[i];
        keeper.below_count += 1;
    }
    keeper.below = outer;
    keeper.first = true;
    return bj_lockdown_prepare(BJ_ROLE_KEEPER, &keeper, &server.lockdown,
                               &trouble) ||
           refused(&trouble);
}

/* The keeper holds on to what its roles will be given. */
static void become_keeper(void)
{
    int keep[BJ_SERVE_SOCKETS_MAX + BJ_SERVE_UDP + 2];
    size_t count = 0;

    for (size_t i = 0; i < server.listeners.count; i++)
        keep[count++] = server.listeners.list[i].fd;
    for (unsigned i = 0; i <= BJ_SERVE_UDP; i++) {
        if (uses((enum bj_serve_mode)i) && server.outer[i].ruleset >= 0)
            keep[count++] = server.outer[i].ruleset;
    }
    if (server.keeper.notify.fd >= 0)
        keep[count++] = server.keeper.notify.fd;
    bj_lockdown_enter(&server.lockdown, keep, count);
}

/* nohup's way of saying that the end of a terminal is not ours. A blocked
 * signal is delivered to who waits for it even if it is ignored. */
static bool ignores(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 &&
           action.sa_handler == SIG_IGN;
}

int bj_serve_run(const struct bj_serve_options *options)
{
    server.keeper.options = options;
    server.keeper.ignores_hup = ignores(SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    if (!fill_standard_streams() || chdir("/") != 0 ||
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
        broken("starting");
        return 1;
    }
    bj_serve_warn(options);
    if (!bj_listen_open(options, &server.listeners) || !make_wards() ||
        !raise_nofile(options))
        return 1;
    if (!prepare_lockdowns(options))
        return BJ_EXIT_LOCKDOWN;
    if (!open_timer()) {
        broken("timerfd");
        return 1;
    }
    bj_notify_open(&server.keeper.notify);
    bj_serve_shed();
    become_keeper();
    server.keeper.landlock = server.lockdown.landlock;
    return bj_keeper_run(&server.keeper);
}
