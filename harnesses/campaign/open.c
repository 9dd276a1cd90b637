#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes/ascii.h"
#include "core/bytes/cursor.h"
#include "harnesses/campaign/commands.h"
#include "harnesses/campaign/coverage.h"
#include "harnesses/campaign/report.h"

int bj_fuzz_open(const char *out, bool lock, struct bj_opened *opened)
{
    static struct bj_campaign campaign;
    struct bj_trouble trouble;
    bool good;

    memset(opened, 0, sizeof(*opened));
    opened->c = &campaign;
    /* What is not there is not to be made here. */
    good = bj_folder_look(out, &opened->folder, &trouble) &&
           (!lock || bj_folder_open(out, &opened->folder, &trouble)) &&
           bj_folder_load(&opened->folder, &campaign, &trouble);
    if (good && lock && campaign.confined)
        good = bj_confine_prepare(&opened->confine, &trouble);
    if (!good) {
        fprintf(stderr, BJ_FUZZ ": %s\n", trouble.text);
        return BJ_EXIT_UNFIT;
    }
    opened->runner = (struct bj_runner){
        .c = &campaign,
        .folder = &opened->folder,
        .confine = campaign.confined ? &opened->confine : NULL,
    };
    return 0;
}

int bj_fuzz_open_only(struct bj_options *o, bool lock, struct bj_opened *opened)
{
    const char *out = BJ_FUZZ_OUT;
    int status;
    int row;

    while ((row = bj_options_next(o)) >= 0)
        out = o->text;
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    status = bj_fuzz_open(out, lock, opened);
    return status == 0 ? BJ_FUZZ_GO_ON : status;
}

static bool measure(const struct bj_folder *folder, struct bj_campaign *c,
                    struct bj_screen *screen)
{
    struct bj_confine confine = {.abi = 0};
    struct bj_runner runner = {
        .c = c, .folder = folder, .stop = bj_run_stop_asked()};
    struct bj_trouble trouble;
    json_t *made = NULL;

    bj_screen_event(screen, c->clock_ms, BJ_TONE_PLAIN, "measuring coverage");
    if (c->confined)
        runner.confine = &confine;
    if (!c->confined || bj_confine_prepare(&confine, &trouble))
        made = bj_coverage_measure(&runner, c->coverage_bin, &trouble);
    if (made == NULL)
        bj_screen_event(screen, c->clock_ms, BJ_TONE_BAD, "no coverage: %s",
                        trouble.text);
    else
        bj_screen_event(screen, c->clock_ms, BJ_TONE_PLAIN,
                        "%u.%02u per cent of core's lines", c->coverage / 100,
                        c->coverage % 100);
    bj_confine_free(&confine);
    json_decref(made);
    return made != NULL;
}

enum bj_exit bj_fuzz_finish(const struct bj_folder *folder,
                            struct bj_campaign *c, struct bj_screen *screen,
                            enum bj_exit result)
{
    bool measured = true;
    struct bj_report report;

    if (c->finished && c->coverage_bin[0] != '\0')
        measured = measure(folder, c, screen);
    if (!measured && *bj_run_stop_asked() != 0) {
        c->finished = false; /* resume measures */
        (void)bj_folder_save(folder, c);
        measured = true;
    }
    if (result == BJ_EXIT_CLEAN)
        result = measured ? bj_run_judge(c) : BJ_EXIT_UNFIT;
    bj_report_open(folder, c, &report);
    if (bj_report_write(&report))
        bj_screen_event(screen, c->clock_ms, BJ_TONE_PLAIN,
                        "report: %s/report/index.html", folder->path);
    else
        bj_screen_event(screen, c->clock_ms, BJ_TONE_BAD, "no report: %s",
                        strerror(errno));
    bj_report_close(&report);
    bj_run_summary(screen, c, result, false);
    return result;
}

bool bj_fuzz_path(char *out, const char *path)
{
    const char *why = bj_path_real(out, path);

    if (why != NULL)
        fprintf(stderr, BJ_FUZZ ": %s: %s\n", path, why);
    return why == NULL;
}

struct bj_finding *bj_fuzz_finding(struct bj_opened *opened, const char *id,
                                   struct bj_target **target)
{
    struct bj_campaign *c = opened->c;
    struct bj_finding *finding = bj_state_finding(c, id);

    if (finding != NULL)
        *target = bj_state_target(c, finding->target);
    if (finding != NULL && *target != NULL)
        return finding;
    fprintf(stderr, BJ_FUZZ ": there is no finding \"%s\"; there are %zu:\n",
            id, c->finding_count);
    for (size_t i = 0; i < c->finding_count; i += 1)
        fprintf(stderr, "  %s  %s\n", c->finding[i].id, c->finding[i].kind);
    return NULL;
}

bool bj_fuzz_duration(const struct bj_options *o, uint64_t *ms)
{
    struct bj_cursor c;
    uint64_t unit = 1000;
    int last;

    bj_cursor_init(&c, (const uint8_t *)o->text, strlen(o->text));
    *ms = bj_ascii_read_dec(&c, 999999);
    last = bj_cursor_peek(&c);
    if (last == 's' || last == 'm' || last == 'h')
        bj_cursor_skip(&c, 1);
    if (last == 'm')
        unit *= 60;
    if (last == 'h')
        unit *= 3600;
    *ms *= unit;
    if (bj_cursor_end(&c) == BJ_OK && *ms > 0)
        return true;
    (void)bj_options_usage(o, "--time takes 90, 90s, 10m or 2h, not \"%s\"",
                           o->text);
    return false;
}
