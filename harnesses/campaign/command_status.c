#include <stdio.h>

#include "harnesses/campaign/commands.h"

static const struct bj_option rows[] = {BJ_FUZZ_OPTION_OUT};

static int run(struct bj_options *o)
{
    static struct bj_view views[BJ_TARGETS_MAX];
    const char *out = BJ_FUZZ_OUT;
    struct bj_opened opened;
    struct bj_screen screen;
    int status;
    int row;

    while ((row = bj_options_next(o)) >= 0)
        out = o->text;
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    status = bj_fuzz_open(out, false, &opened);
    if (status != 0)
        return status;
    for (size_t i = 0; i < opened.c->target_count; i += 1)
        bj_run_view(opened.c, &opened.c->target[i], &views[i]);
    bj_screen_table(stdout, views, opened.c->target_count);
    status = (int)bj_run_judge(opened.c);
    bj_screen_open(&screen, NULL);
    bj_run_summary(&screen, opened.c, (enum bj_exit)status);
    return fflush(stdout) == 0 ? status : BJ_EXIT_UNFIT;
}

const struct bj_command bj_fuzz_status = {
    .program = BJ_FUZZ,
    .name = "status",
    .summary = "Show how far a campaign is, running or not.",
    .about = "The exit status is the campaign's so far.\n",
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .run = run,
};
