#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "sandbox/policy/trace.h"
#include "sandbox/serve/echo.h"
#include "sandbox/serve/listen.h"
#include "sandbox/serve/log.h"

/*
 * One connection for a super-server. There is no keeper: the process locks
 * itself down, serves and is gone. --max-time is an interval timer armed
 * beforehand, whose SIGALRM ends the process.
 */

static uint8_t buf[BJ_ECHO_BUF];

static int fail(const char *event, const char *why)
{
    struct bj_line line;

    bj_line_start(&line, event);
    bj_line_text(&line, "error", why);
    bj_line_end(&line, BJ_LOG_PROBLEM);
    return 1;
}

/* A stream that does not listen. Whether it has a peer is not asked: one that
 * has reset the connection by now leaves none, and is served like any other
 * that breaks. */
static bool is_connection(int fd)
{
    socklen_t len = sizeof(int);
    int listens = 1;
    int type = 0;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
           type == SOCK_STREAM &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 &&
           listens == 0;
}

/*
 * The connection moves to its fixed number, and /dev/null takes the place of
 * the standard streams that are the same socket: xinetd makes all three, and
 * the log must not go to the peer.
 */
static bool arrange(void)
{
    struct stat connection, other;
    bool good = true;
    int low = open("/dev/null", O_RDWR | O_CLOEXEC);
    /* Clear of the connection's number, which it could be: systemd passes the
     * connection as 3, too. */
    int null = fcntl(low, F_DUPFD_CLOEXEC, BJ_FD_CONNECTION + 1);

    if (null < 0 || fstat(STDIN_FILENO, &connection) != 0 ||
        dup2(STDIN_FILENO, BJ_FD_CONNECTION) != BJ_FD_CONNECTION)
        return false;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fstat(fd, &other) == 0 && (other.st_ino != connection.st_ino ||
                                       other.st_dev != connection.st_dev))
            continue;
        good = good && dup2(null, fd) == fd;
    }
    return good;
}

/* It waits for its peer, even if who passed the connection would not have. In
 * one piece: no --mode slices the time of a process that has an alarm. */
static bool tune(const struct bj_serve_options *options)
{
    struct bj_serve_options own = *options;

    own.mode = BJ_SERVE_PROCESS;
    return fcntl(BJ_FD_CONNECTION, F_SETFL, 0) == 0 &&
           bj_listen_tune(BJ_FD_CONNECTION, &own);
}

static bool arm(const struct bj_serve_options *options)
{
    struct itimerval once = {
        .it_value = {.tv_sec = options->max_ms / 1000,
                     .tv_usec = (suseconds_t)(options->max_ms % 1000) * 1000}};

    return options->max_ms == 0 || setitimer(ITIMER_REAL, &once, NULL) == 0;
}

int bj_serve_inetd(const struct bj_serve_options *options)
{
    struct bj_lockdown_setup setup = {.mode = options->sandbox,
                                      .without = options->without,
                                      .user = options->user,
                                      .first = true};
    struct bj_shared *shared = bj_shared_map(1);
    enum bj_relay_outcome outcome;
    struct bj_lockdown lockdown;
    struct bj_trouble trouble;

    if (!is_connection(STDIN_FILENO))
        return fail("cannot-serve",
                    "--inetd serves a connection that xinetd, tcpserver or "
                    "systemd passes as standard input, which this is not");
    signal(SIGPIPE, SIG_IGN);
    if (shared == NULL || !arrange() || chdir("/") != 0 || !tune(options))
        return fail("cannot-serve", strerror(errno));
    bj_serve_warn(options);
    if (!bj_lockdown_prepare(BJ_ROLE_SERVE_INETD, &setup, &lockdown,
                             &trouble)) {
        fail("cannot-confine", trouble.text);
        return BJ_EXIT_LOCKDOWN;
    }
    errno = options->sandbox == BJ_MODE_LOG ? bj_trace_fork() : 0;
    if (errno != 0 || !arm(options))
        return fail("cannot-serve", strerror(errno));
    bj_lockdown_enter(&lockdown, NULL, 0);
    outcome =
        bj_serve_echo(BJ_FD_CONNECTION, buf, 1, shared, &shared->slots[0]);
    return outcome == BJ_RELAY_OK ? 0 : 1;
}
