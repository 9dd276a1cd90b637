#ifndef BJ_HARNESSES_CAMPAIGN_COMMANDS_H
#define BJ_HARNESSES_CAMPAIGN_COMMANDS_H

#include "harnesses/campaign/run.h"
#include "harnesses/campaign/target.h"
#include "sandbox/cli/options.h"

/*
 * The subcommands of belljar-fuzz, one file each. A new one is a declaration
 * here and a row of the table in main.c.
 */
extern const struct bj_command bj_fuzz_run;
extern const struct bj_command bj_fuzz_resume;
extern const struct bj_command bj_fuzz_status;
extern const struct bj_command bj_fuzz_repro;
extern const struct bj_command bj_fuzz_minimize;
extern const struct bj_command bj_fuzz_coverage;
extern const struct bj_command bj_fuzz_report;
extern const struct bj_command bj_fuzz_merge;
extern const struct bj_command bj_fuzz_mutants;
extern const struct bj_command bj_fuzz_doctor;

#define BJ_FUZZ "belljar-fuzz"

/* Where a campaign is kept when --out does not say: below the sources. */
#define BJ_FUZZ_OUT "build/fuzz/campaign"

/* The row that every subcommand has. */
#define BJ_FUZZ_OPTION_OUT                                               \
    {                                                                    \
        .name = "out", .letter = 'o', .kind = BJ_OPTION_TEXT,            \
        .argument = "DIR",                                               \
        .help = "The campaign's folder. The default is " BJ_FUZZ_OUT "." \
    }

/* The row of those that take a time, which bj_fuzz_duration reads. */
#define BJ_FUZZ_OPTION_TIME(words)                             \
    {                                                          \
        .name = "time", .letter = 't', .kind = BJ_OPTION_TEXT, \
        .argument = "TIME", .help = (words)                    \
    }

/*
 * What the subcommands about one campaign share. Opens --out and loads the
 * campaign (static storage: one a process). `lock`: nobody else may run it
 * meanwhile. On failure the reason has been printed, and the exit status
 * returned; 0 otherwise.
 */
struct bj_opened {
    struct bj_folder folder;
    struct bj_campaign *c;
    struct bj_confine confine;
    struct bj_runner runner; /* with `lock`: confined as the campaign was */
};
int bj_fuzz_open(const char *out, bool lock, struct bj_opened *opened);

/* The same for a subcommand that has no option but --out: reads the command
 * line first. BJ_FUZZ_GO_ON, or the exit status. */
#define BJ_FUZZ_GO_ON (-1)
int bj_fuzz_open_only(struct bj_options *o, bool lock,
                      struct bj_opened *opened);

/*
 * The end of a campaign: coverage, if it is finished and was asked for, the
 * report, and the last lines. `result` is the campaign's, and what is returned
 * with coverage's gate in it.
 */
enum bj_exit bj_fuzz_finish(const struct bj_folder *folder,
                            struct bj_campaign *c, struct bj_screen *screen,
                            enum bj_exit result);

/* The finding of that id with its target, or NULL with what there is said. */
struct bj_finding *bj_fuzz_finding(struct bj_opened *opened, const char *id,
                                   struct bj_target **target);

/* The argument of --time, "90", "90s", "10m" or "2h", as milliseconds; false
 * after explaining that it is none of them. */
bool bj_fuzz_duration(const struct bj_options *o, uint64_t *ms);

/* The path as it really is, into BJ_PATH_MAX octets; false after saying why
 * not. */
bool bj_fuzz_path(char *out, const char *path);

#endif
