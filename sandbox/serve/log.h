#ifndef BJ_SANDBOX_SERVE_LOG_H
#define BJ_SANDBOX_SERVE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bytes/writer.h"

/*
 * The keeper's log: one line an event on standard error, `belljar: EVENT
 * key=value ...`, a value with blanks in double quotes. A line is one
 * write(2), so that lines of several processes do not mix. Nothing in it
 * comes from a client but numeric addresses. Whoever reads it may be
 * BJ_LOG_PATIENCE_S behind, once: then lines are left out, so that the server
 * can be stopped and its roles started again, until there is room; the next
 * line is preceded by `belljar: log-lost lines=N`.
 */
#define BJ_LOG_PATIENCE_S 2

enum bj_log_level {
    BJ_LOG_PROBLEM, /* shown always */
    BJ_LOG_NOTE,    /* not with --quiet */
    BJ_LOG_DETAIL,  /* only with --verbose */
};

/* Lines up to this level are written; BJ_LOG_NOTE at the start. */
void bj_log_show(enum bj_log_level up_to);
bool bj_log_shows(enum bj_log_level level);

/* A line being made; what does not fit is cut off. */
struct bj_line {
    struct bj_writer w;
    uint8_t buf[2048];
};

void bj_line_start(struct bj_line *line, const char *event);
void bj_line_text(struct bj_line *line, const char *key, const char *value);
void bj_line_number(struct bj_line *line, const char *key, uint64_t value);
void bj_line_hex(struct bj_line *line, const char *key, uint64_t value);
void bj_line_end(struct bj_line *line, enum bj_log_level level);

/* A line that is whole, with its end, and may be longer. */
void bj_log_line(const uint8_t *octets, size_t len, enum bj_log_level level);

/* `belljar: EVENT error="..."` of an errno, at BJ_LOG_PROBLEM. */
void bj_log_error(const char *event, const char *what, int error);

/*
 * Whether a line that a peer can provoke may be written now: at most
 * BJ_LOG_BURST at once and one every BJ_LOG_REFILL_MS in the long run. How
 * many were held back since is told with the next one that may pass.
 */
#define BJ_LOG_BURST 20
#define BJ_LOG_REFILL_MS 500

struct bj_log_limit {
    uint64_t tokens_ms; /* what has been saved up, in refill time */
    uint64_t since_ms;
    uint64_t held_back;
};

void bj_log_limit_init(struct bj_log_limit *limit, uint64_t now_ms);
bool bj_log_limit_pass(struct bj_log_limit *limit, uint64_t now_ms);

#endif
