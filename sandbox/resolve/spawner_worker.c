#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/resolve/spawner_state.h"

enum {
    /* A worker that dies of itself so soon after its start makes the next one
     * wait, twice as long each time. */
    YOUNG_MS = 1000,
    BACKOFF_FIRST_MS = 10,
    BACKOFF_MOST_MS = 1000,
    DECIMAL_MAX = 21
};

/* Which text goes to a worker under which name; gai.conf is the driver's. */
static const struct {
    enum bj_frame_config config;
    enum bj_file file;
} sent_files[] = {
    {BJ_CONFIG_RESOLV_CONF, BJ_FILE_RESOLV_CONF},
    {BJ_CONFIG_HOSTS, BJ_FILE_HOSTS},
    {BJ_CONFIG_SERVICES, BJ_FILE_SERVICES},
    {BJ_CONFIG_NSSWITCH, BJ_FILE_NSSWITCH},
};

enum { SENT_FILES = sizeof(sent_files) / sizeof(sent_files[0]) };

/* What of the configuration is no file. */
struct words {
    enum bj_frame_config config;
    const char *text;
};

enum { WORDS = 3 };

static void words_of(const struct bj_settings *settings,
                     struct words words[WORDS])
{
    words[0].config = BJ_CONFIG_HOST_NAME;
    words[0].text = settings->host_name;
    words[1].config = BJ_CONFIG_LOCALDOMAIN;
    words[1].text = settings->local_domain;
    words[2].config = BJ_CONFIG_RES_OPTIONS;
    words[2].text = settings->res_options;
}

static size_t total_len(const struct bj_spawner *s)
{
    struct words words[WORDS];
    size_t total = 0;

    words_of(s->settings, words);
    for (size_t i = 0; i < SENT_FILES; i++)
        if (s->texts[sent_files[i].file].there)
            total += s->texts[sent_files[i].file].len;
    for (size_t i = 0; i < WORDS; i++)
        total += words[i].text != NULL ? strlen(words[i].text) : 0;
    return total;
}

/* ---- the child ---- */

_Noreturn static void become_worker(struct bj_spawner *s, int in, int out,
                                    const char *total)
{
    const char *arguments[] = {"belljar-worker", total, NULL};
    const char *environment[] = {NULL};

    syscall(SYS_dup3, (long)in, 0L, 0L);
    syscall(SYS_dup3, (long)out, 1L, 0L);
    syscall(SYS_fcntl, 2L, (long)F_SETFD, 0L);
    syscall(SYS_close_range, 3L, (long)UINT32_MAX, (long)CLOSE_RANGE_CLOEXEC);
    syscall(SYS_execveat, (long)s->program, "", arguments, environment,
            (long)AT_EMPTY_PATH);
    s->shared->exec_error = errno;
    for (;;)
        syscall(SYS_exit_group, 127L);
}

/* ---- loading ---- */

/* Too late, or its end. */
static int failure_by(uint64_t deadline_ms)
{
    return bj_spawner_now() >= deadline_ms ? ETIMEDOUT : EPROTO;
}

/* To 1, which is the worker's pipe as long as it is loaded: nothing but 1 may be
 * written to. */
static bool put(struct bj_spawner *s, const uint8_t *bytes, size_t len,
                uint64_t deadline_ms)
{
    while (len > 0) {
        long sent = syscall(SYS_write, 1L, bytes, len);

        if (sent > 0) {
            bytes += sent;
            len -= (size_t)sent;
        } else if (errno != EAGAIN ||
                   !bj_spawner_await(s, 1, POLLOUT, deadline_ms)) {
            s->failure = failure_by(deadline_ms);
            return false;
        }
    }
    return true;
}

static bool put_frame(struct bj_spawner *s, const struct bj_frame *frame,
                      uint64_t deadline_ms)
{
    struct bj_writer w;

    bj_writer_init(&w, s->buffer, sizeof(s->buffer));
    s->failure = EPROTO;
    return bj_frame_write(&w, frame) == BJ_OK &&
           put(s, s->buffer, w.len, deadline_ms);
}

/* In chunks; a text that is empty is one empty chunk. */
static bool put_text(struct bj_spawner *s, enum bj_frame_config config,
                     const uint8_t *text, size_t len, uint64_t deadline_ms)
{
    struct bj_frame frame = {.type = BJ_FRAME_CONFIG, .config = config};
    size_t at = 0;

    do {
        size_t left = len - at;

        frame.payload = text + at;
        frame.payload_len =
            left < BJ_FRAME_CHUNK_MAX ? left : BJ_FRAME_CHUNK_MAX;
        if (!put_frame(s, &frame, deadline_ms))
            return false;
        at += frame.payload_len;
    } while (at < len);
    return true;
}

static bool put_configuration(struct bj_spawner *s, uint64_t deadline_ms)
{
    struct words words[WORDS];

    words_of(s->settings, words);
    for (size_t i = 0; i < SENT_FILES; i++) {
        const struct bj_spawner_text *text = &s->texts[sent_files[i].file];

        if (text->there && !put_text(s, sent_files[i].config, text->bytes,
                                     text->len, deadline_ms))
            return false;
    }
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].text != NULL &&
            !put_text(s, words[i].config, (const uint8_t *)words[i].text,
                      strlen(words[i].text), deadline_ms))
            return false;
    return true;
}

static bool put_begin(struct bj_spawner *s, uint64_t deadline_ms)
{
    uint8_t key[BJ_FRAME_KEY_LEN];
    struct bj_frame frame = {.type = BJ_FRAME_BEGIN,
                             .time_ms = bj_spawner_now(),
                             .payload = key,
                             .payload_len = sizeof(key)};

    if (syscall(SYS_getrandom, key, sizeof(key), 0L) != sizeof(key)) {
        s->failure = errno;
        return false;
    }
    return put_frame(s, &frame, deadline_ms);
}

static bool get_ready(struct bj_spawner *s, int fd, uint64_t deadline_ms)
{
    uint8_t octets[BJ_FRAME_HEADER_LEN];
    size_t len = 0;
    struct bj_frame frame;
    struct bj_cursor c;

    while (len < sizeof(octets)) {
        long got =
            syscall(SYS_read, (long)fd, octets + len, sizeof(octets) - len);

        if (got > 0) {
            len += (size_t)got;
        } else if (got == 0 || errno != EAGAIN ||
                   !bj_spawner_await(s, fd, POLLIN, deadline_ms)) {
            s->failure = failure_by(deadline_ms);
            return false;
        }
    }
    bj_cursor_init(&c, octets, len);
    s->failure = EPROTO;
    return bj_frame_read(&c, BJ_FRAME_STARTING, &frame) == BJ_OK;
}

/* ---- its life ---- */

void bj_spawner_end_worker(struct bj_spawned *worker)
{
    if (worker->pid == 0)
        return;
    worker->ended = true;
    syscall(SYS_pidfd_send_signal, (long)worker->process, (long)SIGKILL, NULL,
            0L);
}

bool bj_spawner_reap(struct bj_spawner *s, struct bj_spawned *worker)
{
    int status = 0;
    uint64_t now = bj_spawner_now();

    if (syscall(SYS_wait4, (long)worker->pid, &status, 0L, NULL) != worker->pid)
        return false;
    syscall(SYS_close, (long)worker->process);
    /* It ends with status 0 when the driver has closed its pipe. */
    if (!worker->ended && status != 0) {
        s->backoff_ms =
            now - worker->since_ms < YOUNG_MS ? s->backoff_ms * 2 : 0;
        if (s->backoff_ms < BACKOFF_FIRST_MS)
            s->backoff_ms = BACKOFF_FIRST_MS;
        if (s->backoff_ms > BACKOFF_MOST_MS)
            s->backoff_ms = BACKOFF_MOST_MS;
        s->not_before_ms = now + s->backoff_ms;
    }
    memset(worker, 0, sizeof(*worker));
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

void bj_spawner_close_ends(const struct bj_ends *ends)
{
    const int fds[] = {ends->to, ends->from, ends->reader};

    for (unsigned i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
        if (fds[i] >= 0)
            syscall(SYS_close, (long)fds[i]);
}

/* A new pipe, whose end that is ours does not block. */
static bool make_pipe(struct bj_spawner *s, int ends[2], unsigned ours)
{
    if (syscall(SYS_pipe2, ends, (long)O_CLOEXEC) != 0) {
        s->failure = errno;
        return false;
    }
    if (syscall(SYS_fcntl, (long)ends[ours], (long)F_SETFL, (long)O_NONBLOCK) ==
        0)
        return true;
    s->failure = errno;
    syscall(SYS_close, (long)ends[0]);
    syscall(SYS_close, (long)ends[1]);
    return false;
}

/* The driver's ends, and the one which is only the worker's. */
static bool make_ends(struct bj_spawner *s, struct bj_ends *ends, int *theirs)
{
    int to[2];
    int from[2];

    if (!make_pipe(s, to, 1))
        return false;
    *ends = (struct bj_ends){.to = to[1], .from = -1, .reader = to[0]};
    if (!make_pipe(s, from, 0)) {
        bj_spawner_close_ends(ends);
        return false;
    }
    ends->from = from[0];
    *theirs = from[1];
    return true;
}

/* Clones and execs; *ends are the driver's. */
static bool start(struct bj_spawner *s, struct bj_spawned *worker,
                  struct bj_ends *ends)
{
    char digits[DECIMAL_MAX + 1];
    struct bj_writer w;
    int theirs = -1;
    long pid;

    s->shared->exec_error = 0;
    bj_writer_init(&w, (uint8_t *)digits, sizeof(digits));
    bj_writer_dec(&w, total_len(s));
    if (bj_writer_end_text(&w) != BJ_OK || !make_ends(s, ends, &theirs))
        return false;
    pid = syscall(SYS_clone, (long)(CLONE_PIDFD | SIGCHLD), NULL,
                  &worker->process, NULL, NULL);
    if (pid == 0)
        become_worker(s, ends->reader, theirs, digits);
    s->failure = errno;
    syscall(SYS_close, (long)theirs);
    if (pid < 0) {
        bj_spawner_close_ends(ends);
        return false;
    }
    worker->pid = (pid_t)pid;
    worker->ended = false;
    worker->since_ms = bj_spawner_now();
    worker->number = ++s->last_number;
    return true;
}

/* Gives it all that it must know, and hears that it is ready. */
static bool load(struct bj_spawner *s, const struct bj_ends *ends,
                 uint64_t deadline_ms)
{
    bool loaded;

    if (syscall(SYS_dup3, (long)ends->to, 1L, 0L) != 1) {
        s->failure = errno;
        return false;
    }
    s->loading = ends->from;
    loaded = put_configuration(s, deadline_ms) && put_begin(s, deadline_ms) &&
             get_ready(s, ends->from, deadline_ms);
    s->loading = -1;
    syscall(SYS_dup3, 2L, 1L, 0L);
    return loaded;
}

bool bj_spawner_start_worker(struct bj_spawner *s, struct bj_spawned *worker,
                             struct bj_ends *ends)
{
    uint64_t deadline = bj_spawner_now() + BJ_SPAWNER_READY_MS;

    *ends = BJ_ENDS_NONE;
    if (!start(s, worker, ends)) {
        *ends = BJ_ENDS_NONE;
        return false;
    }
    if (load(s, ends, deadline))
        return true;
    bj_spawner_close_ends(ends);
    *ends = BJ_ENDS_NONE;
    bj_spawner_end_worker(worker);
    /* Its start made a call that the filter does not know. */
    if (bj_spawner_reap(s, worker))
        s->failure = EPERM;
    if (s->shared->exec_error != 0)
        s->failure = s->shared->exec_error;
    return false;
}
