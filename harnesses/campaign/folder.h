#ifndef BJ_HARNESSES_CAMPAIGN_FOLDER_H
#define BJ_HARNESSES_CAMPAIGN_FOLDER_H

#include <stdbool.h>

#include "harnesses/campaign/files.h"
#include "harnesses/campaign/state.h"
#include "sandbox/policy/trouble.h"

/*
 * The folder of a campaign:
 *
 *     campaign.json             the state, replaced whole
 *     events.log                a line per event
 *     TARGET/work/              what the target may write to:
 *         corpus/  artifacts/  tmp/
 *     TARGET/logs/000001.log    one per process, whole
 *     TARGET/findings/ID/       input, minimized, report.txt, more/
 *     TARGET/unreproduced/      inputs that stopped a target once only
 *     coverage.json mutants.json
 *     report/                   index.html, report.json, report.sarif
 *
 * An input in artifacts/ has not been sorted yet, whoever died meanwhile.
 */
struct bj_folder {
    char path[BJ_PATH_MAX]; /* absolute */
    int lock;               /* -1: only looked at */
};

/* Opens it for one runner, making it if need be. False if another has it, or
 * with the system's reason. */
bool bj_folder_open(const char *path, struct bj_folder *out,
                    struct bj_trouble *trouble);

/* For subcommands that only look: it must be there. */
bool bj_folder_look(const char *path, struct bj_folder *out,
                    struct bj_trouble *trouble);

void bj_folder_close(struct bj_folder *folder);

/* Whether another process runs the campaign now. */
bool bj_folder_busy(const struct bj_folder *folder);

/* False with the reason: no campaign there, or campaign.json is damaged. */
bool bj_folder_load(const struct bj_folder *folder, struct bj_campaign *c,
                    struct bj_trouble *trouble);

/* False with errno: the disk is full, most likely. */
bool bj_folder_save(const struct bj_folder *folder,
                    const struct bj_campaign *c);

/* FOLDER/TARGET/what; `what` may be "". */
struct bj_path bj_folder_of(const struct bj_folder *folder, const char *target,
                            const char *what);

/* FOLDER/TARGET/logs/NUMBER.log. */
struct bj_path bj_folder_log(const struct bj_folder *folder, const char *target,
                             uint32_t number);

/* FOLDER/TARGET/work/artifacts/name. */
struct bj_path bj_folder_artifact(const struct bj_folder *folder,
                                  const char *target, const char *name);

/* The shortest input of a finding that is known. */
struct bj_path bj_folder_shortest(const struct bj_folder *folder,
                                  const struct bj_finding *finding);

/* FOLDER/TARGET/findings/ID/what. */
struct bj_path bj_folder_finding(const struct bj_folder *folder,
                                 const struct bj_finding *finding,
                                 const char *what);

#endif
