#include "sandbox/serve/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static enum bj_log_level shown = BJ_LOG_NOTE;

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

void bj_log_line(const uint8_t *octets, size_t len, enum bj_log_level level)
{
    size_t done = 0;
    ssize_t n;

    if (!bj_log_shows(level))
        return;
    while (done < len) {
        n = write(STDERR_FILENO, octets + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        /* A log that cannot be written has nowhere to complain to. */
        if (n <= 0)
            return;
        done += (size_t)n;
    }
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
