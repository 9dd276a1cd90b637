#include "sandbox/resolve/spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/resolve/spawner_state.h"

enum {
    SIGNALS = 64,
    SIGSET_LEN = 8,
    /* Where inotify does not see: how long a change may go unseen. */
    LOOK_MS = 2000,
    /* Between two tries to start a worker, and after deaths in a row. */
    BACKOFF_LEAST_MS = 10,
    TRIES = 2,
    FIXED_POLLS = 4
};

uint64_t bj_spawner_now(void)
{
    struct timespec now = {0, 0};

    syscall(SYS_clock_gettime, (long)CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

_Noreturn void bj_spawner_finish(struct bj_spawner *s)
{
    for (size_t i = 0; i < BJ_SPAWNED_MAX; i++)
        bj_spawner_end_worker(&s->workers[i]);
    for (size_t i = 0; i < BJ_SPAWNED_MAX; i++)
        if (s->workers[i].pid != 0)
            syscall(SYS_wait4, (long)s->workers[i].pid, NULL, 0L, NULL);
    for (;;)
        syscall(SYS_exit_group, 0L);
}

static long wait_for(struct pollfd *fds, size_t count, uint64_t deadline_ms)
{
    uint64_t now = bj_spawner_now();
    uint64_t left = deadline_ms > now ? deadline_ms - now : 0;
    struct timespec timeout = {(time_t)(left / 1000),
                               (long)(left % 1000) * 1000000};

    return syscall(SYS_ppoll, fds, count,
                   deadline_ms == UINT64_MAX ? NULL : &timeout, NULL, 0L);
}

bool bj_spawner_await(struct bj_spawner *s, int fd, short events,
                      uint64_t deadline_ms)
{
    /* A pipe that has been written to its end says HUP alone; and one that is
     * full says nothing of its reader, since the driver is to be another. */
    short ends = (events & POLLIN) != 0 ? POLLHUP : 0;
    struct pollfd fds[3] = {
        {fd, events, 0}, {s->caller, POLLIN, 0}, {s->loading, 0, 0}};

    /* Ends: at the deadline at the latest. Signals are blocked. */
    while (wait_for(fds, 3, deadline_ms) > 0) {
        if (fds[1].revents != 0)
            bj_spawner_finish(s);
        if (fds[0].revents != 0)
            return (fds[0].revents & (events | ends)) != 0;
        if (fds[2].revents != 0)
            return false;
    }
    return false;
}

/* ---- what the driver asks ---- */

/* Sends a message, with the ends of a worker's pipes if there is one. A driver that does
 * not take it is one that has ended, or soon will. */
static void tell(struct bj_spawner *s, const struct bj_control *control,
                 const struct bj_ends *ends)
{
    union {
        struct cmsghdr header;
        char octets[CMSG_SPACE(sizeof(*ends))];
    } ancillary;
    struct bj_writer w;
    struct iovec part;
    struct msghdr message;

    bj_writer_init(&w, s->buffer, sizeof(s->buffer));
    if (bj_control_write(&w, control) != BJ_OK)
        return;
    memset(&message, 0, sizeof(message));
    part.iov_base = s->buffer;
    part.iov_len = w.len;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (ends->to >= 0) {
        memset(&ancillary, 0, sizeof(ancillary));
        message.msg_control = &ancillary;
        message.msg_controllen = sizeof(ancillary);
        ancillary.header.cmsg_level = SOL_SOCKET;
        ancillary.header.cmsg_type = SCM_RIGHTS;
        ancillary.header.cmsg_len = CMSG_LEN(sizeof(*ends));
        memcpy(CMSG_DATA(&ancillary.header), ends, sizeof(*ends));
    }
    while (syscall(SYS_sendmsg, (long)s->control, &message,
                   (long)(MSG_NOSIGNAL | MSG_DONTWAIT)) < 0) {
        if (errno != EAGAIN ||
            !bj_spawner_await(s, s->control, POLLOUT, UINT64_MAX))
            bj_spawner_finish(s);
    }
}

static struct bj_spawned *find(struct bj_spawner *s, uint32_t number)
{
    for (size_t i = 0; i < BJ_SPAWNED_MAX; i++)
        if (s->workers[i].pid != 0 && s->workers[i].number == number)
            return &s->workers[i];
    return NULL;
}

static void hear(struct bj_spawner *s)
{
    long len = syscall(SYS_recvfrom, (long)s->control, s->buffer,
                       sizeof(s->buffer), (long)MSG_DONTWAIT, NULL, NULL);
    struct bj_control control;
    struct bj_spawned *worker;
    struct bj_cursor c;

    if (len < 0 && errno == EAGAIN)
        return;
    if (len <= 0)
        bj_spawner_finish(s); /* the driver has closed, or execed */
    bj_cursor_init(&c, s->buffer, (size_t)len);
    if (bj_control_read(&c, &control) != BJ_OK)
        return;
    if (control.kind == BJ_CONTROL_WANT)
        s->wants += 1;
    worker = find(s, control.number);
    if (control.kind == BJ_CONTROL_END && worker != NULL)
        bj_spawner_end_worker(worker);
}

static struct bj_spawned *vacancy(struct bj_spawner *s)
{
    for (size_t i = 0; i < BJ_SPAWNED_MAX; i++)
        if (s->workers[i].pid == 0)
            return &s->workers[i];
    return NULL;
}

/* Says that what comes next may take until then. */
static void be_busy(struct bj_spawner *s, uint64_t until_ms)
{
    __atomic_store_n(&s->shared->busy_until_ms, until_ms, __ATOMIC_RELEASE);
}

/* Answers the oldest WANT, unless it is to be tried again later. */
static void serve(struct bj_spawner *s)
{
    struct bj_control control = {.kind = BJ_CONTROL_FAILED};
    struct bj_spawned *worker = vacancy(s);
    struct bj_ends ends = BJ_ENDS_NONE;
    bool started = false;

    s->failure = EAGAIN;
    control.generation =
        __atomic_load_n(&s->shared->generation, __ATOMIC_RELAXED);
    if (worker != NULL) {
        be_busy(s, bj_spawner_now() + BJ_SPAWNER_READY_MS);
        bj_spawner_read_files(s);
        started = bj_spawner_start_worker(s, worker, &ends);
        be_busy(s, 0);
    }
    if (!started) {
        s->failures += 1;
        if (s->failures < TRIES) {
            s->not_before_ms = bj_spawner_now() + BACKOFF_LEAST_MS;
            be_busy(s, s->not_before_ms);
            return;
        }
        control.number = (uint32_t)s->failure;
    } else {
        control.kind = BJ_CONTROL_WORKER;
        control.number = worker->number;
        control.resolv_conf = s->texts[BJ_FILE_RESOLV_CONF].bytes;
        control.resolv_conf_len = s->texts[BJ_FILE_RESOLV_CONF].len;
        control.gai_conf = s->texts[BJ_FILE_GAI_CONF].bytes;
        control.gai_conf_len = s->texts[BJ_FILE_GAI_CONF].len;
    }
    s->failures = 0;
    s->wants -= 1;
    tell(s, &control, &ends);
    bj_spawner_close_ends(&ends);
}

/* ---- the process ---- */

static uint64_t next_deadline(const struct bj_spawner *s)
{
    uint64_t deadline = UINT64_MAX;

    if (s->inotify < 0 || s->blind)
        deadline = bj_spawner_now() + LOOK_MS;
    if (s->wants > 0 && s->not_before_ms < deadline)
        deadline = s->not_before_ms;
    return deadline;
}

static void turn(struct bj_spawner *s)
{
    struct pollfd fds[FIXED_POLLS + BJ_SPAWNED_MAX] = {
        {s->caller, POLLIN, 0},
        {s->control, POLLIN, 0},
        {s->inotify, POLLIN, 0},
        {s->netlink, POLLIN, 0},
    };

    for (size_t i = 0; i < BJ_SPAWNED_MAX; i++) {
        fds[FIXED_POLLS + i].fd =
            s->workers[i].pid != 0 ? s->workers[i].process : -1;
        fds[FIXED_POLLS + i].events = POLLIN;
        fds[FIXED_POLLS + i].revents = 0;
    }
    if (wait_for(fds, FIXED_POLLS + BJ_SPAWNED_MAX, next_deadline(s)) < 0 &&
        errno != EINTR)
        bj_spawner_finish(s);
    if (fds[0].revents != 0)
        bj_spawner_finish(s);
    for (size_t i = 0; i < BJ_SPAWNED_MAX; i++)
        if (fds[FIXED_POLLS + i].revents != 0)
            bj_spawner_reap(s, &s->workers[i]);
    if ((fds[2].revents != 0 || s->inotify < 0 || s->blind) &&
        bj_spawner_changed(s)) {
        s->stale = true;
        __atomic_add_fetch(&s->shared->generation, 1, __ATOMIC_RELEASE);
    }
    if (fds[3].revents != 0)
        bj_spawner_read_addresses(s);
    if (fds[1].revents != 0)
        hear(s);
    if (s->wants == 0)
        return;
    if (bj_spawner_now() >= s->not_before_ms)
        serve(s);
    else
        be_busy(s, s->not_before_ms);
}

/* Closes all but what the spawner keeps, and puts something harmless where a
 * worker, or a stray write, expects the standard streams. */
static void settle_descriptors(const struct bj_spawner *s)
{
    int kept[3] = {s->control, s->caller, s->program};
    long from = 3;
    long null;

    for (int turns = 0; turns < 3; turns++) {
        long next = INT32_MAX;

        for (int i = 0; i < 3; i++)
            if (kept[i] >= from && kept[i] < next)
                next = kept[i];
        if (next > from)
            syscall(SYS_close_range, from, next - 1, 0L);
        from = next + 1;
    }
    syscall(SYS_close_range, from, (long)UINT32_MAX, 0L);
    for (long fd = 0; fd < 3; fd++)
        syscall(SYS_close, fd);
    null = syscall(SYS_openat, (long)AT_FDCWD, "/dev/null",
                   (long)(O_RDWR | O_CLOEXEC), 0L);
    if (null != 0)
        syscall(SYS_dup3, (long)s->program, 0L, (long)O_CLOEXEC);
    syscall(SYS_dup3, 0L, 1L, (long)O_CLOEXEC);
    syscall(SYS_dup3, 0L, 2L, (long)O_CLOEXEC);
}

static void reset_signals(void)
{
    /* The kernel's own structure: handler, flags, restorer, mask. */
    unsigned long none[4] = {0, 0, 0, 0};

    for (long number = 1; number <= SIGNALS; number++)
        syscall(SYS_rt_sigaction, number, none, NULL, (long)SIGSET_LEN);
}

/* As many descriptors as it may have: the caller may keep itself short. */
static void raise_limit(void)
{
    uint64_t limit[2]; /* the kernel's rlimit64: soft, hard */

    if (syscall(SYS_prlimit64, 0L, (long)RLIMIT_NOFILE, NULL, limit) != 0)
        return;
    limit[0] = limit[1];
    syscall(SYS_prlimit64, 0L, (long)RLIMIT_NOFILE, limit, NULL);
}

/* From here on, it and all that it starts are under its filter. Without, there
 * is no spawner: a worker could not be confined, either. */
static void confine(const struct bj_spawner *s)
{
    if (s->settings->unfiltered)
        return;
    if (syscall(SYS_seccomp, (long)SECCOMP_SET_MODE_FILTER, 0L,
                bj_spawner_filter()) == 0)
        return;
    s->shared->confine_error = errno;
    for (;;)
        syscall(SYS_exit_group, 1L);
}

_Noreturn void bj_spawner_run(const struct bj_spawner_birth *start)
{
    long memory = syscall(SYS_mmap, NULL, sizeof(struct bj_spawner),
                          (long)(PROT_READ | PROT_WRITE),
                          (long)(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L);
    struct bj_spawner *s = (struct bj_spawner *)memory;

    reset_signals();
    syscall(SYS_setsid);
    if (memory < 0 && memory > -4096)
        syscall(SYS_exit_group, 1L);
    s->settings = start->settings;
    s->shared = start->shared;
    s->control = start->control;
    s->caller = start->caller;
    s->program = start->program;
    s->stale = true;
    s->loading = -1;
    syscall(SYS_prctl, (long)PR_SET_NAME, "belljar-spawner", 0L, 0L, 0L);
    /* It has the caller's memory: nobody is to look at it by way of us. */
    syscall(SYS_prctl, (long)PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
    syscall(SYS_prctl, (long)PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
    settle_descriptors(s);
    raise_limit();
    if (!s->settings->relative)
        syscall(SYS_chdir, "/");
    bj_spawner_watch(s);
    bj_spawner_open_netlink(s);
    bj_spawner_read_addresses(s);
    confine(s);
    for (;;)
        turn(s);
}
