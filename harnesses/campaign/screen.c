#include "harnesses/campaign/screen.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Where the terminal does not say. */
#define WIDTH 100
#define HEIGHT 40
#define LINE_MAX 320

static const char *const tones[] = {
    [BJ_TONE_PLAIN] = "",
    [BJ_TONE_GOOD] = "\033[32m",
    [BJ_TONE_BAD] = "\033[1;31m",
    [BJ_TONE_DIM] = "\033[2m",
};

struct bj_figure bj_figure_count(uint64_t count)
{
    static const char units[] = "kMGTPE";
    struct bj_figure f;
    uint64_t scale = 1000;
    size_t unit = 0;

    if (count < 1000) {
        snprintf(f.text, sizeof(f.text), "%u", (unsigned)count);
        return f;
    }
    while (unit + 1 < sizeof(units) - 1 && count / scale >= 1000) {
        scale *= 1000;
        unit += 1;
    }
    /* Cut, never rounded up: 999 999 is 999k. */
    if (count / scale >= 100)
        snprintf(f.text, sizeof(f.text), "%u%c", (unsigned)(count / scale),
                 units[unit]);
    else
        snprintf(f.text, sizeof(f.text), "%u.%u%c", (unsigned)(count / scale),
                 (unsigned)(count % scale / (scale / 10)), units[unit]);
    return f;
}

struct bj_figure bj_figure_time(uint64_t ms)
{
    struct bj_figure f;
    uint64_t s = ms / 1000;

    if (s < 60)
        snprintf(f.text, sizeof(f.text), "%us", (unsigned)s);
    else if (s < 3600)
        snprintf(f.text, sizeof(f.text), "%um%02u", (unsigned)(s / 60),
                 (unsigned)(s % 60));
    else
        snprintf(f.text, sizeof(f.text), "%lluh%02u",
                 (unsigned long long)(s / 3600 % 1000000),
                 (unsigned)(s / 60 % 60));
    return f;
}

void bj_screen_open(struct bj_screen *screen, const char *events)
{
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;

    memset(screen, 0, sizeof(*screen));
    screen->live = isatty(STDOUT_FILENO) && !dumb;
    screen->color = screen->live && (no_color == NULL || no_color[0] == '\0');
    screen->events = events == NULL ? NULL : fopen(events, "ae");
}

void bj_screen_close(struct bj_screen *screen)
{
    screen->drawn = 0; /* the last table stays */
    if (screen->events != NULL)
        fclose(screen->events);
    screen->events = NULL;
    fflush(stdout);
}

/* Takes the table away, so that a line can stand in its place. */
static void clear(struct bj_screen *screen)
{
    if (screen->drawn > 0)
        printf("\033[%uA\033[J", screen->drawn);
    screen->drawn = 0;
}

void bj_screen_event(struct bj_screen *screen, uint64_t clock_ms,
                     enum bj_tone tone, const char *format, ...)
{
    char text[LINE_MAX];
    va_list list;
    size_t i;

    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    /* Much of it comes from targets; none of it steers a terminal. */
    for (i = 0; text[i] != '\0'; i += 1) {
        if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] >= 0x7f)
            text[i] = '?';
    }
    clear(screen);
    printf("%6s  %s%s%s\n", bj_figure_time(clock_ms).text,
           screen->color ? tones[tone] : "", text,
           screen->color && tone != BJ_TONE_PLAIN ? "\033[0m" : "");
    fflush(stdout);
    if (screen->events != NULL) {
        fprintf(screen->events, "%6s  %s\n", bj_figure_time(clock_ms).text,
                text);
        fflush(screen->events);
    }
}

static const char heading[] = "target                   state         runs "
                              "runs/s  edges corpus mem MB    new finds";

static void format_row(char *out, size_t cap, const struct bj_view *v)
{
    snprintf(out, cap, "%-24.24s %-10.10s %7s %6s %6s %6s %6s %6s %5u%s%s",
             v->name, v->state, bj_figure_count(v->runs).text,
             bj_figure_count(v->rate).text, bj_figure_count(v->edges).text,
             bj_figure_count(v->corpus).text, bj_figure_count(v->rss_mb).text,
             v->since_new_ms == UINT64_MAX
                 ? "-"
                 : bj_figure_time(v->since_new_ms).text,
             v->finds, v->warning == NULL ? "" : "  ",
             v->warning == NULL ? "" : v->warning);
}

static void print_row(const struct bj_screen *screen, const struct bj_view *v,
                      unsigned width)
{
    enum bj_tone tone = v->finds > 0 || v->warning != NULL ? BJ_TONE_BAD
                        : v->running                       ? BJ_TONE_GOOD
                                                           : BJ_TONE_DIM;
    char line[LINE_MAX];

    format_row(line, sizeof(line), v);
    printf("%s%.*s%s\n", screen->color ? tones[tone] : "", (int)width, line,
           screen->color ? "\033[0m" : "");
}

/* In what order rows are shown when not all fit: running, then troubled. */
static unsigned rank(const struct bj_view *v)
{
    if (v->running)
        return 0;
    return v->finds > 0 || v->warning != NULL ? 1 : 2;
}

void bj_screen_draw(struct bj_screen *screen, const char *head,
                    const struct bj_view *views, size_t count)
{
    struct winsize size = {.ws_row = 0};
    unsigned shown = 0;
    unsigned room;

    if (!screen->live)
        return;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
        size = (struct winsize){.ws_row = HEIGHT, .ws_col = WIDTH};
    if (size.ws_row < 8 || size.ws_col < 40)
        return;
    clear(screen);
    room = size.ws_row - 4U;
    printf("%.*s\n%.*s\n", size.ws_col - 1, head, size.ws_col - 1, heading);
    for (unsigned level = 0; level <= 2; level += 1) {
        for (size_t i = 0; i < count && shown < room; i += 1) {
            if (rank(&views[i]) != level)
                continue;
            print_row(screen, &views[i], size.ws_col - 1U);
            shown += 1;
        }
    }
    screen->drawn = shown + 2;
    if (shown < count) {
        printf("and %zu more\n", count - shown);
        screen->drawn += 1;
    }
    fflush(stdout);
}

void bj_screen_table(FILE *out, const struct bj_view *views, size_t count)
{
    char line[LINE_MAX];

    fprintf(out, "%s\n", heading);
    for (size_t i = 0; i < count; i += 1) {
        format_row(line, sizeof(line), &views[i]);
        fprintf(out, "%s\n", line);
    }
}
