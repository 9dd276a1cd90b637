#ifndef BJ_HARNESSES_CAMPAIGN_SYMBOLS_H
#define BJ_HARNESSES_CAMPAIGN_SYMBOLS_H

#include <stdbool.h>

#include "harnesses/campaign/crash.h"

/*
 * Gives frames their functions, files and lines with llvm-symbolizer. Calls
 * that the compiler inlined become frames of their own. False, and the frames
 * as they were, if there is no llvm-symbolizer or it fails.
 */
bool bj_symbols_add(struct bj_crash *crash);

/* Takes the text that llvm-symbolizer wrote about the frames of `from`, in
 * their order, into `out`. */
void bj_symbols_take(const char *text, const struct bj_crash *from,
                     struct bj_crash *out);

#endif
