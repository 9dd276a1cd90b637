#ifndef BJ_HARNESSES_CAMPAIGN_COVERAGE_H
#define BJ_HARNESSES_CAMPAIGN_COVERAGE_H

#include <jansson.h>

#include "harnesses/campaign/target.h"

/*
 * Which lines of core the campaign's inputs reach: every target's corpus and
 * seeds run once through its program of the fuzz-coverage build, the profiles
 * merged and read with LLVM's tools.
 *
 * The result, kept as coverage.json, is an object: "lines", "covered",
 * "branches", "branches_covered", and "files", a list of the same with "name"
 * (below the sources) and "missed", pairs of first and last line of what no
 * target reached.
 */

/* Runs the targets and the tools, and keeps the result with the campaign and
 * in its state. NULL with the reason in `trouble`. */
json_t *bj_coverage_measure(const struct bj_runner *runner, const char *bin,
                            struct bj_trouble *trouble);

/* The result from what `llvm-cov export -skip-functions` writes; files outside
 * of `source`/core are passed over. NULL if it is no such thing. */
json_t *bj_coverage_of(const json_t *exported, const char *source);

/* Lines reached in hundredths of a per cent, 0 to 10000, of the result or of
 * one of its files; 10000 if there are no lines. */
unsigned bj_coverage_rate(const json_t *of);

#endif
