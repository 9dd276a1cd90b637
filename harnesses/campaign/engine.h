#ifndef BJ_HARNESSES_CAMPAIGN_ENGINE_H
#define BJ_HARNESSES_CAMPAIGN_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What libFuzzer says of itself, line by line. Its log is the only source of
 * these figures, and its author is the target, so nothing in it is trusted:
 * lines are cut, numbers saturate, what does not match is passed over.
 *
 * libFuzzer pulses at powers of two and when it finds something: `runs` of a
 * process that still runs is what it last said, not what it has done.
 */
struct bj_engine {
    bool started;       /* it named its seed, so it is libFuzzer */
    bool instrumented;  /* it has coverage counters */
    bool uninteresting; /* it gave up: no input covered anything */
    bool done;          /* "Done N runs": it ended of its own accord */
    bool merged;        /* MERGE-OUTER: it has written a merged corpus */
    uint64_t runs;
    uint64_t edges;
    uint64_t features;
    uint64_t corpus;      /* inputs */
    uint64_t peak_rss_mb; /* from the final figures */
    uint64_t new_units;   /* NEW lines so far, then the final figure */
    char artifact[256];   /* file name of the last input written, no folder */
};

/* A log being read: bytes go in as they come, whole lines are taken out. */
struct bj_lines {
    char text[2048]; /* the line so far; what is longer is cut */
    size_t len;
};

/* Takes bytes up to and with the next newline. How many were taken, and in
 * *line the line (NUL-terminated, valid until the next call) if one ended. */
size_t bj_lines_take(struct bj_lines *lines, const char *bytes, size_t len,
                     const char **line);

/* Takes one line, without its newline. */
void bj_engine_line(struct bj_engine *engine, const char *line);

#endif
