#ifndef BJ_HARNESSES_CAMPAIGN_REPORT_H
#define BJ_HARNESSES_CAMPAIGN_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "harnesses/campaign/folder.h"

/*
 * What a campaign came to, for people (one HTML file that needs no network
 * and no script), for programs (JSON), and for code scanning (SARIF 2.1.0, a
 * result per bucket).
 */
struct bj_report {
    const struct bj_folder *folder;
    const struct bj_campaign *c;
    json_t *coverage; /* coverage.json and mutants.json, NULL: not measured */
    json_t *mutants;
    const char *verdict; /* in words, with its exit status */
    int status;
};

/* Reads coverage.json and mutants.json, if they are there. */
void bj_report_open(const struct bj_folder *folder, const struct bj_campaign *c,
                    struct bj_report *out);
void bj_report_close(struct bj_report *report);

/* Writes report/index.html, report.json and report.sarif in the campaign's
 * folder; false with errno. */
bool bj_report_write(const struct bj_report *report);

void bj_report_html(const struct bj_report *report, FILE *out);
json_t *bj_report_json(const struct bj_report *report);
json_t *bj_report_sarif(const struct bj_report *report);

/* Text into HTML: markup escaped, other than printable ASCII as "?". */
void bj_html_text(FILE *out, const char *text);

/* One target's edges and executions over time, as inline SVG. */
void bj_plot_target(FILE *out, const struct bj_target *target);

/* The style sheet of the page. */
extern const char bj_report_style[];

#endif
