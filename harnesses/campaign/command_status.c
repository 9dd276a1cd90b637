#include <stdio.h>

#include "harnesses/campaign/commands.h"

static const struct bj_option rows[] = {BJ_FUZZ_OPTION_OUT};

static int run(struct bj_options *o)
{
    static struct bj_view views[BJ_TARGETS_MAX];
    struct bj_opened opened;
    struct bj_screen screen;
    int status;

    status = bj_fuzz_open_only(o, false, &opened);
    if (status != BJ_FUZZ_GO_ON)
        return status;
    for (size_t i = 0; i < opened.c->target_count; i += 1)
        bj_run_view(opened.c, &opened.c->target[i], &views[i]);
    bj_screen_table(stdout, views, opened.c->target_count);
    status = (int)bj_run_judge(opened.c);
    bj_screen_open(&screen, NULL);
    bj_run_summary(&screen, opened.c, (enum bj_exit)status,
                   bj_folder_busy(&opened.folder));
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
