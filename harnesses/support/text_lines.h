#ifndef BJ_HARNESSES_SUPPORT_TEXT_LINES_H
#define BJ_HARNESSES_SUPPORT_TEXT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config/line.h"

/*
 * A text of lines and fields read a second time, with C strings: the oracle
 * of the harnesses of hosts and services.
 */

/* What isspace finds white within a line. */
#define BJ_MODEL_WHITE " \t\v\f\r"

/* Names kept of a line; with more of them nothing is compared. */
#define BJ_MODEL_NAMES 16

struct bj_model_names {
    char *names[BJ_MODEL_NAMES];
    size_t count;
};

/*
 * A copy of the text, free() it, of which each line is cut off in turn and
 * given to `line`, until that returns false: then there is more than the model
 * keeps, which *full says. Lines over BJ_CONFIG_LINE_MAX octets are passed
 * over.
 */
char *bj_model_lines(const uint8_t *text, size_t len,
                     bool (*line)(void *context, char *text), void *context,
                     bool *full);

/* Cuts a comment off and the first field out of the rest; NULL if there is
 * none. The next are strtok_r(NULL, BJ_MODEL_WHITE, state). */
char *bj_model_first_field(char *line, char **state);

/* False if there are too many. */
bool bj_model_add(struct bj_model_names *names, char *name);

/* Adds each of the fields left that `fits`; false if they are too many. */
bool bj_model_add_rest(struct bj_model_names *names, char **state,
                       bool (*fits)(char *name));

/* Whether one of the names is `name` by `compare` (strcmp or strcasecmp). */
bool bj_model_has(const struct bj_model_names *names, const char *name,
                  int (*compare)(const char *, const char *));

/* Whether a field of ours is this string. */
bool bj_model_is(const struct bj_field *field, const char *text);

#endif
