#include <stdio.h>

#include "harnesses/campaign/commands.h"

enum { OUT, TIME };

static const struct bj_option rows[] = {
    [OUT] = BJ_FUZZ_OPTION_OUT,
    [TIME] = BJ_FUZZ_OPTION_TIME(
        "Go on until so much has been fuzzed in all, instead of what the "
        "campaign was started with."),
};

static int run(struct bj_options *o)
{
    const char *out = BJ_FUZZ_OUT;
    struct bj_opened opened;
    struct bj_screen screen;
    uint64_t budget_ms = 0;
    int status;
    int row;

    while ((row = bj_options_next(o)) >= 0) {
        if (row == OUT)
            out = o->text;
        else if (!bj_fuzz_duration(o, &budget_ms))
            return BJ_EXIT_USAGE;
    }
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    status = bj_fuzz_open(out, true, &opened);
    if (status != 0)
        return status;
    if (budget_ms > 0)
        opened.c->budget_ms = budget_ms;
    bj_screen_open(&screen,
                   bj_path_of("%s/events.log", opened.folder.path).text);
    status = (int)bj_run_campaign(&opened.folder, opened.c, &screen);
    status = (int)bj_fuzz_finish(&opened.folder, opened.c, &screen,
                                 (enum bj_exit)status);
    bj_screen_close(&screen);
    return status;
}

const struct bj_command bj_fuzz_resume = {
    .program = BJ_FUZZ,
    .name = "resume",
    .summary = "Go on with a campaign that was interrupted or killed.",
    .about = "Inputs that nobody had sorted yet are sorted first.\n",
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .run = run,
};
