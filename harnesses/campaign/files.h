#ifndef BJ_HARNESSES_CAMPAIGN_FILES_H
#define BJ_HARNESSES_CAMPAIGN_FILES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harnesses/campaign/state.h"

/* Paths and whole files. Failures leave errno as the system set it. */

/* A path in a buffer of its own, so that it can be passed on in a call. */
struct bj_path {
    char text[BJ_PATH_MAX];
};

/* printf into a path. Empty if it does not fit, which opens as ENOENT. */
struct bj_path bj_path_of(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The path without "." and "x/..", as compilers write paths down; by its text
 * alone, links are not looked at. */
struct bj_path bj_path_plain(const char *path);

/* The path as it really is, short enough for what is put below it. NULL, or
 * in words why there is none. */
const char *bj_path_real(char out[static BJ_PATH_MAX], const char *path);

/* Makes the folder and those above it. */
bool bj_files_folder(const char *path);

/* The whole file, NUL-terminated, to free(); NULL on failure or past `max`. */
char *bj_files_read(const char *path, size_t max, size_t *len);

/* Writes beside the file, syncs, renames: the old content or the new. */
bool bj_files_replace(const char *path, const void *bytes, size_t len);

/* The same with a value as JSON text; NULL fails as memory that ran out. */
bool bj_files_replace_json(const char *path, const json_t *value);

bool bj_files_copy(const char *from, const char *to);

bool bj_files_exists(const char *path);

/* Octets of a regular file; 0 if there is none. */
uint64_t bj_files_size(const char *path);

/* Names in a folder that begin with no dot, sorted; NULL-terminated, to be
 * freed with bj_files_names_free. NULL if the folder cannot be read. */
char **bj_files_names(const char *path, size_t *count);
void bj_files_names_free(char **names);

/* Removes a folder with all below it, following no links. */
bool bj_files_remove(const char *path);

/* Octets that may still be written there; UINT64_MAX if it cannot be told. */
uint64_t bj_files_space(const char *path);

#endif
