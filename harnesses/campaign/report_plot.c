#include "harnesses/campaign/report.h"
#include "harnesses/campaign/screen.h"

/* The plot's own units; the page scales it. */
#define WIDTH 260
#define HEIGHT 96
#define LEFT 4
#define TOP 14
#define BOTTOM 14
#define INNER_WIDTH (WIDTH - 2 * LEFT)
#define INNER_HEIGHT (HEIGHT - TOP - BOTTOM)

static double share(uint64_t value, uint64_t max)
{
    return max == 0 ? 0 : (double)value / (double)max;
}

/* Each curve on a scale of its own, from 0 to its greatest value. */
static void curve(FILE *out, const struct bj_target *target, const char *name,
                  uint64_t (*value)(const struct bj_sample *), uint64_t span)
{
    uint64_t max = 0;

    for (size_t i = 0; i < target->sample_count; i += 1) {
        if (value(&target->sample[i]) > max)
            max = value(&target->sample[i]);
    }
    fprintf(out, "<polyline class=\"curve %s\" points=\"", name);
    for (size_t i = 0; i < target->sample_count; i += 1) {
        const struct bj_sample *s = &target->sample[i];

        fprintf(out, "%s%.1f,%.1f", i == 0 ? "" : " ",
                LEFT + INNER_WIDTH * share(s->at_ms, span),
                TOP + INNER_HEIGHT * (1 - share(value(s), max)));
    }
    fputs("\"/>", out);
}

static uint64_t edges_of(const struct bj_sample *sample)
{
    return sample->edges;
}

static uint64_t runs_of(const struct bj_sample *sample)
{
    return sample->runs;
}

void bj_plot_target(FILE *out, const struct bj_target *target)
{
    uint64_t span = target->sample_count == 0
                        ? 0
                        : target->sample[target->sample_count - 1].at_ms;

    fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>", WIDTH,
            HEIGHT);
    bj_html_text(out, target->name);
    fprintf(out, ": %llu edges and %llu executions after %s</title>",
            (unsigned long long)target->edges, (unsigned long long)target->runs,
            bj_figure_time(span).text);
    fprintf(out,
            "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
            LEFT, HEIGHT - BOTTOM, WIDTH - LEFT, HEIGHT - BOTTOM);
    fprintf(out,
            "<text x=\"%d\" y=\"10\">%llu edges</text>"
            "<text x=\"%d\" y=\"10\" text-anchor=\"end\">%s executions</text>"
            "<text x=\"%d\" y=\"%d\">0</text>"
            "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
            LEFT, (unsigned long long)target->edges, WIDTH - LEFT,
            bj_figure_count(target->runs).text, LEFT, HEIGHT - 3, WIDTH - LEFT,
            HEIGHT - 3, bj_figure_time(span).text);
    if (target->sample_count > 1) {
        curve(out, target, "runs", runs_of, span);
        curve(out, target, "edges", edges_of, span);
    }
    fputs("</svg>\n", out);
}
