#ifndef BJ_HARNESSES_CAMPAIGN_MUTANT_H
#define BJ_HARNESSES_CAMPAIGN_MUTANT_H

#include <stdbool.h>
#include <stddef.h>

#include "harnesses/campaign/crash.h"
#include "harnesses/campaign/state.h"

/*
 * A planted bug: harnesses/mutants/NAME.patch, whose first line says which
 * harness must find it and as what:
 *
 *     # harness: fuzz_dns_name; report: heap-buffer-overflow
 *     # harness: fuzz_dns_name; report: oracle text|host
 *
 * Of several oracles any may be asked first. undefined-behavior stands for
 * every report of UndefinedBehaviorSanitizer.
 */
#define BJ_MUTANT_HUNKS_MAX 16

struct bj_mutant {
    char name[BJ_NAME_MAX];
    char harness[BJ_NAME_MAX]; /* the program: fuzz_dns_name */
    char report[128];
    struct {
        char file[128]; /* below the sources */
        unsigned line;  /* of the old file, where the hunk begins */
    } hunk[BJ_MUTANT_HUNKS_MAX];
    size_t hunk_count;
};

enum bj_mutant_result {
    BJ_MUTANT_KILLED,      /* by the report that was announced */
    BJ_MUTANT_REPLAYED,    /* the seeds alone show it: no find */
    BJ_MUTANT_MISTAKEN,    /* the harness stops with another report */
    BJ_MUTANT_ALWAYS,      /* it stops on that input without the bug, too */
    BJ_MUTANT_SURVIVED,    /* no report: an oracle or a seed is missing */
    BJ_MUTANT_NOT_REACHED, /* likewise, and its function was never entered */
    BJ_MUTANT_UNFIT,       /* does not apply, build or run */
    BJ_MUTANT_RESULTS
};

const char *bj_mutant_word(enum bj_mutant_result result);

/* Reads a patch. False if its first line is not as above, a file would lie
 * outside of the sources, or there is no hunk. */
bool bj_mutant_read(const char *name, const char *patch, struct bj_mutant *out);

/* Whether a report is the one that was announced. */
bool bj_mutant_announced(const struct bj_mutant *mutant,
                         const struct bj_crash *crash);

/*
 * Whether a function that the patch changes was entered, by what libFuzzer
 * prints with -print_coverage=1 ("COVERED_FUNC: ... NAME FILE:LINE", the line
 * where it begins): one of the same file begins before a hunk. Not sharp: of
 * functions that were inlined everywhere the engine does not know.
 */
bool bj_mutant_entered(const struct bj_mutant *mutant, const char *log);

#endif
