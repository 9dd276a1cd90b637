#include "sandbox/serve/keeper.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/policy/trace.h"

/* While a role is starting or all are stopping, the keeper looks this often;
 * neither lasts. Datagrams are metered by the keeper's clock (role.h). */
#define STARTING_TICK_MS 5
#define STOPPING_TICK_MS 50
#define UDP_TICK_MS 250

uint64_t bj_keeper_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static bool is_tracing(const struct bj_keeper *keeper)
{
    return keeper->options->sandbox == BJ_MODE_LOG;
}

/* Puts off the next start of a role, longer each time. */
static void back_off(struct bj_ward *ward, uint64_t now_ms)
{
    if (now_ms - ward->started_ms >= BJ_KEEPER_GOOD_LIFE_MS ||
        ward->backoff_ms == 0)
        ward->backoff_ms = BJ_KEEPER_BACKOFF_MS;
    ward->restart_ms = now_ms + ward->backoff_ms;
    ward->backoff_ms *= 2;
    if (ward->backoff_ms > BJ_KEEPER_BACKOFF_MAX_MS)
        ward->backoff_ms = BJ_KEEPER_BACKOFF_MAX_MS;
}

static void start(struct bj_keeper *keeper, struct bj_ward *ward,
                  uint64_t now_ms)
{
    pid_t pid;
    int error;

    atomic_store(&ward->role.shared->ready, 0);
    pid = _Fork(); /* no handlers, ours or a sanitizer's, in between */
    if (pid == 0)
        bj_serve_role_run(&ward->role);
    error = pid < 0 ? errno : 0;
    if (pid > 0 && is_tracing(keeper))
        error = bj_trace_seize(pid);
    ward->started_ms = now_ms;
    ward->announced = false;
    /* One that has ended before it could be seized has been reaped, too. */
    if (pid > 0 && error != ECHILD)
        ward->pid = pid;
    if (error == 0)
        return;
    bj_log_error("cannot-start-role", pid < 0 ? "fork" : "ptrace", error);
    if (ward->pid == 0)
        back_off(ward, now_ms);
    keeper->failed = keeper->failed || !keeper->serving;
}

static void stop(struct bj_keeper *keeper, uint64_t now_ms)
{
    /* Asked twice: no more grace. */
    if (keeper->stopping) {
        keeper->stop_ms = now_ms;
        keeper->grace_over = true;
        bj_watch_kill_all(keeper);
        return;
    }
    keeper->stopping = true;
    keeper->stop_ms = now_ms + BJ_KEEPER_GRACE_MS;
    bj_notify_say(&keeper->notify, "STOPPING=1");
    for (size_t i = 0; i < keeper->count; i++) {
        struct bj_ward *ward = &keeper->wards[i];

        atomic_store(&ward->role.shared->stop, 1);
        /* A blocked accept returns EINVAL, a blocked recvfrom 0, though for
         * an unconnected datagram socket shutdown says ENOTCONN. */
        if (!ward->role.listener->passed)
            shutdown(ward->role.listener->fd, SHUT_RDWR);
    }
}

/* Sockets that systemd goes on owning are not shut down: their roles are
 * woken until they have seen the flag. Then the grace runs out. */
static void stop_further(struct bj_keeper *keeper, uint64_t now_ms)
{
    for (size_t i = 0; i < keeper->count; i++) {
        const struct bj_ward *ward = &keeper->wards[i];

        if (ward->pid != 0 && ward->role.listener->passed)
            kill(ward->pid, SIGUSR2);
    }
    if (now_ms < keeper->stop_ms)
        return;
    if (!keeper->grace_over && bj_log_shows(BJ_LOG_NOTE)) {
        struct bj_line line;

        bj_line_start(&line, "grace-over");
        bj_line_text(&line, "hint",
                     "connections that were still open are closed");
        bj_line_end(&line, BJ_LOG_NOTE);
    }
    keeper->grace_over = true;
    bj_watch_kill_all(keeper);
}

static void role_ended(struct bj_keeper *keeper, struct bj_ward *ward,
                       int wait_status, uint64_t now_ms)
{
    pid_t pid = ward->pid;

    if (keeper->stopping) {
        ward->pid = 0;
    } else if (!keeper->serving &&
               atomic_load(&ward->role.shared->ready) == 0) {
        keeper->failed = true;
        keeper->unconfined = WIFEXITED(wait_status) &&
                             WEXITSTATUS(wait_status) == BJ_EXIT_LOCKDOWN;
        bj_report_death(ward, wait_status, 0);
        ward->pid = 0;
    } else {
        back_off(ward, now_ms);
        bj_count(ward->role.shared, BJ_COUNT_RESTARTS, 1);
        bj_report_death(ward, wait_status,
                        (uint32_t)(ward->restart_ms - now_ms));
        ward->pid = 0;
    }
    if (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGSYS) {
        bj_count(ward->role.shared, BJ_COUNT_VIOLATIONS, 1);
        /* bj_report_death has said so. */
        ward->told[BJ_COUNT_VIOLATIONS] += 1;
    }
    bj_watch_adopt(ward, pid, now_ms);
}

static void ended(struct bj_keeper *keeper, pid_t pid, int wait_status,
                  uint64_t now_ms)
{
    for (size_t i = 0; i < keeper->count; i++) {
        if (keeper->wards[i].pid == pid) {
            role_ended(keeper, &keeper->wards[i], wait_status, now_ms);
            return;
        }
    }
    bj_watch_reaped(keeper, pid, wait_status);
}

/* Everything that has ended or, in log mode, stopped. False once there is no
 * child left at all. */
static bool reap(struct bj_keeper *keeper, uint64_t now_ms)
{
    int flags = WNOHANG | (is_tracing(keeper) ? __WALL : 0);
    struct bj_violation violation;
    int status;
    pid_t pid;

    while ((pid = wait4(-1, &status, flags, NULL)) > 0) {
        if (!is_tracing(keeper)) {
            ended(keeper, pid, status, now_ms);
            continue;
        }
        switch (bj_trace_step(pid, status, &violation)) {
        case BJ_TRACE_ENDED:
            ended(keeper, pid, status, now_ms);
            break;
        case BJ_TRACE_VIOLATION:
            bj_report_forbidden(keeper, &violation);
            break;
        case BJ_TRACE_HANDLED:
            break;
        }
    }
    return pid == 0;
}

/* Roles that have come to serve since the last look; the first time in the
 * order of their sockets. True while one has just been started and does not
 * serve yet. */
static bool announce(struct bj_keeper *keeper, uint64_t now_ms)
{
    bool starting = false;
    bool all = true;

    for (size_t i = 0; i < keeper->count; i++) {
        struct bj_ward *ward = &keeper->wards[i];

        if (ward->pid != 0 && !ward->announced && (all || keeper->serving) &&
            atomic_load(&ward->role.shared->ready) != 0) {
            ward->announced = true;
            bj_report_ready(keeper, ward);
        }
        if (ward->pid != 0 && !ward->announced &&
            now_ms - ward->started_ms < BJ_KEEPER_GOOD_LIFE_MS)
            starting = true;
        all = all && ward->pid != 0 && ward->announced;
    }
    if (all && !keeper->serving) {
        bj_notify_say(&keeper->notify, "READY=1");
        keeper->serving = true;
    }
    return starting;
}

/* Does what is due. How many milliseconds until something may be again. */
static uint64_t tick(struct bj_keeper *keeper, uint64_t now_ms)
{
    uint64_t wait_ms = BJ_KEEPER_TICK_MS;

    for (size_t i = 0; i < keeper->count; i++) {
        struct bj_ward *ward = &keeper->wards[i];

        atomic_store(&ward->role.shared->now_ms, now_ms);
        if (ward->role.mode == BJ_SERVE_UDP && wait_ms > UDP_TICK_MS)
            wait_ms = UDP_TICK_MS;
        if (!keeper->stopping && ward->pid == 0 && now_ms >= ward->restart_ms)
            start(keeper, ward, now_ms);
        if (!keeper->stopping && ward->pid == 0 &&
            ward->restart_ms - now_ms < wait_ms)
            wait_ms = ward->restart_ms - now_ms;
        bj_watch_stays(keeper, ward, now_ms);
        bj_report_changes(keeper, ward, now_ms);
    }
    if (keeper->options->max_ms != 0 && keeper->options->max_ms / 4 < wait_ms)
        wait_ms = keeper->options->max_ms / 4 + 1; /* not 0: no rest at all */
    if (announce(keeper, now_ms) && wait_ms > STARTING_TICK_MS)
        wait_ms = STARTING_TICK_MS;
    if (keeper->stopping) {
        stop_further(keeper, now_ms);
        wait_ms = STOPPING_TICK_MS;
    }
    if (keeper->notify.watchdog_ms == 0)
        return wait_ms;
    if (now_ms >= keeper->watchdog_ms) {
        bj_notify_say(&keeper->notify, "WATCHDOG=1");
        keeper->watchdog_ms = now_ms + keeper->notify.watchdog_ms / 2;
    }
    return keeper->watchdog_ms - now_ms < wait_ms ? keeper->watchdog_ms - now_ms
                                                  : wait_ms;
}

static int wait_for_signal(const sigset_t *set, uint64_t wait_ms)
{
    struct timespec timeout = {.tv_sec = (time_t)(wait_ms / 1000),
                               .tv_nsec = (long)(wait_ms % 1000) * 1000000};

    return sigtimedwait(set, NULL, &timeout);
}

int bj_keeper_run(struct bj_keeper *keeper)
{
    uint64_t now_ms = bj_keeper_now();
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (!keeper->ignores_hup)
        sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    bj_log_limit_init(&keeper->limit, now_ms);
    for (;;) {
        uint64_t wait_ms = tick(keeper, now_ms);
        int number = wait_for_signal(&set, wait_ms);
        bool children;

        now_ms = bj_keeper_now();
        if (number == SIGTERM || number == SIGINT || number == SIGHUP)
            stop(keeper, now_ms);
        else if (number == SIGUSR1)
            bj_report_counters(keeper, "counters");
        children = reap(keeper, now_ms);
        if (keeper->failed && !keeper->stopping)
            stop(keeper, now_ms);
        if (keeper->stopping && !children)
            break;
    }
    for (size_t i = 0; i < keeper->count; i++)
        bj_report_changes(keeper, &keeper->wards[i], now_ms);
    bj_report_forbidden_again(keeper);
    bj_report_counters(keeper, "totals");
    if (keeper->unconfined)
        return BJ_EXIT_LOCKDOWN;
    return keeper->failed ? 1 : 0;
}
