#include <stdio.h>

#include "harnesses/campaign/commands.h"
#include "harnesses/campaign/report.h"

static const struct bj_option rows[] = {BJ_FUZZ_OPTION_OUT};

static int run(struct bj_options *o)
{
    struct bj_opened opened;
    struct bj_report report;
    bool good;
    int status;

    status = bj_fuzz_open_only(o, false, &opened);
    if (status != BJ_FUZZ_GO_ON)
        return status;
    bj_report_open(&opened.folder, opened.c, &report);
    good = bj_report_write(&report);
    bj_report_close(&report);
    if (!good) {
        perror(BJ_FUZZ ": report");
        return BJ_EXIT_UNFIT;
    }
    printf("%s/report/index.html\n", opened.folder.path);
    return BJ_EXIT_CLEAN;
}

const struct bj_command bj_fuzz_report = {
    .program = BJ_FUZZ,
    .name = "report",
    .summary = "Write the report: a page, JSON, and SARIF 2.1.0.",
    .about =
        "Into report/ of the campaign's folder: index.html, which needs no\n"
        "network, report.json and report.sarif. What coverage and mutants\n"
        "measured is part of it.\n",
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .run = run,
};
