#include "sandbox/serve/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static enum bj_log_level shown = BJ_LOG_NOTE;

/* Lines left out since the reader fell behind; whether one ends in its midst. */
static uint64_t lost;
static bool cut;

void bj_log_show(enum bj_log_level up_to)
{
    shown = up_to;
}

bool bj_log_shows(enum bj_log_level level)
{
    return level <= shown;
}

void bj_line_start(struct bj_line *line, const char *event)
{
    /* One octet stays free for the end of the line. */
    bj_writer_init(&line->w, line->buf, sizeof(line->buf) - 1);
    bj_writer_text(&line->w, "belljar: ");
    bj_writer_text(&line->w, event);
}

static void key(struct bj_line *line, const char *name)
{
    bj_writer_char(&line->w, ' ');
    bj_writer_text(&line->w, name);
    bj_writer_char(&line->w, '=');
}

void bj_line_text(struct bj_line *line, const char *name, const char *value)
{
    bool quoted = value[0] == '\0' || strchr(value, ' ') != NULL;

    key(line, name);
    if (quoted)
        bj_writer_char(&line->w, '"');
    bj_writer_text(&line->w, value);
    if (quoted)
        bj_writer_char(&line->w, '"');
}

void bj_line_number(struct bj_line *line, const char *name, uint64_t value)
{
    key(line, name);
    bj_writer_dec(&line->w, value);
}

void bj_line_hex(struct bj_line *line, const char *name, uint64_t value)
{
    key(line, name);
    bj_writer_text(&line->w, "0x");
    bj_writer_hex(&line->w, value, 1);
}

void bj_line_end(struct bj_line *line, enum bj_log_level level)
{
    size_t len = line->w.len < line->w.cap ? line->w.len : line->w.cap;

    line->buf[len] = '\n';
    bj_log_line(line->buf, len + 1, level);
}

/* Whether PIPE_BUF octets can be written at once: so says poll of a pipe. An
 * error is for write to find. */
static bool has_room(void)
{
    struct timespec patience = {.tv_sec = lost > 0 ? 0 : BJ_LOG_PATIENCE_S};
    struct pollfd log = {.fd = STDERR_FILENO, .events = POLLOUT};
    int n;

    do
        n = ppoll(&log, 1, &patience, NULL);
    while (n < 0 && errno == EINTR);
    return n != 0;
}

/* False if the reader is behind. */
static bool put(const uint8_t *octets, size_t len)
{
    size_t done = 0;

    while (done < len) {
        size_t part = len - done < PIPE_BUF ? len - done : PIPE_BUF;
        ssize_t n;

        if (!has_room()) {
            cut = cut || done > 0;
            return false;
        }
        n = write(STDERR_FILENO, octets + done, part);
        if (n < 0 && errno == EINTR)
            continue;
        /* A log that cannot be written has nowhere to complain to. */
        if (n <= 0)
            return true;
        done += (size_t)n;
    }
    return true;
}

/* How many lines were left out; false if the reader still is behind. One
 * write, since there may be room for no more. */
static bool tell_lost(void)
{
    struct bj_writer w;
    uint8_t buf[64];

    bj_writer_init(&w, buf, sizeof(buf));
    bj_writer_text(&w, cut ? "\nbelljar: log-lost lines="
                           : "belljar: log-lost lines=");
    bj_writer_dec(&w, lost);
    bj_writer_char(&w, '\n');
    if (!put(buf, w.len))
        return false;
    cut = false;
    lost = 0;
    return true;
}

void bj_log_line(const uint8_t *octets, size_t len, enum bj_log_level level)
{
    if (!bj_log_shows(level))
        return;
    if ((lost > 0 && !tell_lost()) || !put(octets, len))
        lost += 1;
}

void bj_log_error(const char *event, const char *what, int error)
{
    struct bj_line line;

    bj_line_start(&line, event);
    bj_line_text(&line, "what", what);
    bj_line_text(&line, "error", strerror(error));
    bj_line_end(&line, BJ_LOG_PROBLEM);
}

void bj_log_limit_init(struct bj_log_limit *limit, uint64_t now_ms)
{
    limit->tokens_ms = BJ_LOG_BURST * BJ_LOG_REFILL_MS;
    limit->since_ms = now_ms;
    limit->held_back = 0;
}

bool bj_log_limit_pass(struct bj_log_limit *limit, uint64_t now_ms)
{
    const uint64_t full = BJ_LOG_BURST * BJ_LOG_REFILL_MS;
    uint64_t passed = now_ms - limit->since_ms;

    limit->since_ms = now_ms;
    limit->tokens_ms =
        passed > full - limit->tokens_ms ? full : limit->tokens_ms + passed;
    if (limit->tokens_ms < BJ_LOG_REFILL_MS) {
        limit->held_back += 1;
        return false;
    }
    limit->tokens_ms -= BJ_LOG_REFILL_MS;
    return true;
}
