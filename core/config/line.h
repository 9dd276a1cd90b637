#ifndef BJ_CORE_CONFIG_LINE_H
#define BJ_CORE_CONFIG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"

/*
 * Configuration files as lines, lines as fields: the one walker that hosts,
 * services, resolv.conf, nsswitch.conf and gai.conf are read with. The text
 * is the caller's and everything handed out lies in it.
 */

/* A run of octets in place in the text; len 0 if there was none. */
struct bj_field {
    const uint8_t *text;
    size_t len;
};

struct bj_lines {
    struct bj_cursor rest;
    /* Where the line handed out last begins in the text. */
    size_t at;
    /* Lines passed over because they exceed BJ_CONFIG_LINE_MAX. */
    size_t skipped;
};

/* Starts at offset `at` of the text (at the end if it lies beyond), which
 * should be where a line begins. */
void bj_lines_init(struct bj_lines *lines, const uint8_t *text, size_t len,
                   size_t at);

/*
 * The next line without its newline, which the last one need not have; false
 * at the end. A line ends at its first NUL too, as it does for every libc,
 * and the octets between that and the newline are never looked at. A line
 * over BJ_CONFIG_LINE_MAX is passed over whole and counted in `skipped`.
 */
bool bj_lines_next(struct bj_lines *lines, struct bj_cursor *line);

/* Cuts the line off before the first `mark` that is left in it: comments. */
void bj_line_cut(struct bj_cursor *line, uint8_t mark);

/*
 * The next run of octets that are not white space; false, and an empty
 * field, if there is none. CR is white space, so CRLF files read alike.
 */
bool bj_line_field(struct bj_cursor *line, struct bj_field *field);

/* Whether a field is exactly the NUL-terminated `text`, case and all. */
bool bj_field_is(const struct bj_field *field, const char *text);

/* A cursor over the field. */
void bj_field_cursor(const struct bj_field *field, struct bj_cursor *c);

/*
 * Splits a field at the first `mark`: `field` keeps what is before it, and
 * `rest` gets what is behind. False, `rest` empty, if there is no mark.
 */
bool bj_field_split(struct bj_field *field, uint8_t mark,
                    struct bj_field *rest);

#endif
