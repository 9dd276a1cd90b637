#ifndef BJ_HARNESSES_CAMPAIGN_TOOL_H
#define BJ_HARNESSES_CAMPAIGN_TOOL_H

#include <stdbool.h>
#include <stddef.h>

/* Other people's programs: llvm-symbolizer, llvm-cov, cmake, patch. */

/*
 * Runs one to its end and returns what it wrote to standard output (errors
 * too, with `errors`), NUL-terminated, to free(); at most `max` octets, the
 * rest is read and dropped. NULL if it could not be run. *status is its exit
 * status, 128 and more for a signal.
 */
char *bj_tool_output(const char *const *argv, const char *folder, bool errors,
                     size_t max, int *status);

/* The path of an LLVM tool: of the version of clang, else of any; to free().
 * NULL if there is none. */
char *bj_tool_llvm(const char *name);

/* The first of that name in PATH, to free(), or NULL. */
char *bj_tool_find(const char *name);

#endif
