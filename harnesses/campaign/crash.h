#ifndef BJ_HARNESSES_CAMPAIGN_CRASH_H
#define BJ_HARNESSES_CAMPAIGN_CRASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A report in a log: AddressSanitizer's, UndefinedBehaviorSanitizer's,
 * MemorySanitizer's, LeakSanitizer's, the engine's own, or that of an oracle
 * (BJ_CHECK). Stacks come without symbols: a confined target can start no
 * symbolizer, so frames are offsets in a module until symbols.h gives them
 * names.
 *
 * The kind is in the words of whoever reported it, joined by dashes:
 * heap-buffer-overflow, signed-integer-overflow, leak, timeout,
 * out-of-memory, deadly-signal, exit; or "oracle NAME".
 */
#define BJ_FRAMES_MAX 32

struct bj_frame {
    char module[256];
    uint64_t offset;
    char function[128]; /* empty until symbolised */
    char file[256];
    uint32_t line;
};

struct bj_crash {
    char kind[80];  /* empty: no report was seen */
    char text[256]; /* the line that says it, as it was */
    struct bj_frame frame[BJ_FRAMES_MAX];
    size_t frame_count;
    /* Which stack is being read: the first of a report is the one that
     * counts, for those behind it say who allocated or freed. */
    enum { BJ_STACK_NONE, BJ_STACK_READING, BJ_STACK_DONE } stack;
};

/* Takes one line of the log, without its newline. */
void bj_crash_line(struct bj_crash *crash, const char *line);

/* Whether a kind says that a limit of time or memory was passed: where in the
 * program that was seen is chance. */
bool bj_crash_of_limit(const char *kind);

/* Whether two kinds are the same but for dashes and blanks. */
bool bj_crash_same_kind(const char *a, const char *b);

#endif
