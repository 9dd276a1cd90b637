#ifndef BJ_HARNESSES_CAMPAIGN_SCREEN_H
#define BJ_HARNESSES_CAMPAIGN_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * What the person or the log at standard output sees: on a terminal a table
 * that is drawn anew, with events scrolling above it; otherwise one plain
 * line for each event. NO_COLOR and TERM=dumb are honoured.
 */
struct bj_screen {
    bool live;
    bool color;
    unsigned drawn; /* lines of the table that stand there now */
    FILE *events;   /* events.log, or NULL */
};

enum bj_tone { BJ_TONE_PLAIN, BJ_TONE_GOOD, BJ_TONE_BAD, BJ_TONE_DIM };

/* One line of the table. */
struct bj_view {
    const char *name;
    const char *state; /* "fuzzing" */
    uint64_t runs;
    uint64_t rate; /* a second */
    uint64_t edges;
    uint64_t corpus;
    uint64_t rss_mb;
    uint64_t since_new_ms; /* UINT64_MAX: nothing new yet */
    unsigned finds;
    const char *warning; /* or NULL */
    bool running;        /* these are shown first */
};

/* `events`: a path that events are appended to, or NULL. */
void bj_screen_open(struct bj_screen *screen, const char *events);
void bj_screen_close(struct bj_screen *screen);

/* Says one thing: "00:12  text". */
void bj_screen_event(struct bj_screen *screen, uint64_t clock_ms,
                     enum bj_tone tone, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Draws the table on a terminal: `head` above it, as many rows as fit. */
void bj_screen_draw(struct bj_screen *screen, const char *head,
                    const struct bj_view *views, size_t count);

/* A whole table, once, for a file or a terminal alike. */
void bj_screen_table(FILE *out, const struct bj_view *views, size_t count);

/* Texts of at most seven characters: 999, 12.3k, 4.56M; and 59s, 12m, 3h. */
struct bj_figure {
    char text[16];
};
struct bj_figure bj_figure_count(uint64_t count);
struct bj_figure bj_figure_time(uint64_t ms);

#endif
