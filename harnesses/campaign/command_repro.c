#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harnesses/campaign/commands.h"
#include "harnesses/campaign/triage.h"

/* For each of two steps: fewer octets, then duller ones. */
#define MINIMIZE_MS 60000

static const struct bj_option out_only[] = {BJ_FUZZ_OPTION_OUT};

static void print_file(const char *path)
{
    size_t len;
    char *text = bj_files_read(path, (size_t)1 << 20, &len);

    if (text != NULL)
        fwrite(text, 1, len, stdout);
    free(text);
}

/* Prints the replay's log, and the first report, which has its symbols. */
static int repro(struct bj_opened *opened, struct bj_finding *finding,
                 struct bj_target *target)
{
    struct bj_path input = bj_folder_shortest(&opened->folder, finding);
    struct bj_path log =
        bj_folder_finding(&opened->folder, finding, "repro.log");
    struct bj_path program = bj_target_program(opened->c, target->name);
    struct bj_crash crash;

    unlink(log.text);
    (void)bj_triage_replay(&opened->runner, target, input.text, log.text,
                           &crash);
    print_file(log.text);
    printf("\n");
    if (crash.kind[0] != '\0') {
        print_file(
            bj_folder_finding(&opened->folder, finding, "report.txt").text);
        printf("\n");
    }
    printf("%s: %s (%s before)\ninput: %s\nagain, without the runner: %s %s\n",
           finding->id,
           crash.kind[0] == '\0' ? "does not reproduce" : crash.kind,
           finding->kind, input.text, program.text, input.text);
    if (crash.kind[0] == '\0')
        return BJ_EXIT_CLEAN;
    return BJ_EXIT_FOUND;
}

static int minimize(struct bj_opened *opened, struct bj_finding *finding,
                    struct bj_target *target)
{
    uint64_t before = bj_state_octets(finding);
    bool shorter = bj_triage_reduce(&opened->runner, target, finding,
                                    BJ_JOB_MINIMIZE, MINIMIZE_MS);
    bool duller = bj_triage_reduce(&opened->runner, target, finding,
                                   BJ_JOB_CLEANSE, MINIMIZE_MS);

    if (!shorter && !duller) {
        printf("%s: %llu octets, no better input found\n", finding->id,
               (unsigned long long)before);
        return BJ_EXIT_CLEAN;
    }
    if (!bj_folder_save(&opened->folder, opened->c)) {
        perror(BJ_FUZZ ": campaign.json");
        return BJ_EXIT_UNFIT;
    }
    printf("%s: %llu octets of %llu%s: %s\n", finding->id,
           (unsigned long long)finding->minimized_len,
           (unsigned long long)before,
           duller ? ", what does not matter made dull" : "",
           bj_folder_shortest(&opened->folder, finding).text);
    return BJ_EXIT_CLEAN;
}

static int with_finding(struct bj_options *o,
                        int (*act)(struct bj_opened *, struct bj_finding *,
                                   struct bj_target *))
{
    struct bj_opened opened;
    struct bj_finding *finding;
    struct bj_target *target = NULL;
    int status;

    status = bj_fuzz_open_only(o, true, &opened);
    if (status != BJ_FUZZ_GO_ON)
        return status;
    finding = bj_fuzz_finding(&opened, o->operands[0], &target);
    if (finding == NULL)
        return BJ_EXIT_MISUSED;
    return act(&opened, finding, target);
}

static int run_repro(struct bj_options *o)
{
    return with_finding(o, repro);
}

static int run_minimize(struct bj_options *o)
{
    return with_finding(o, minimize);
}

const struct bj_command bj_fuzz_repro = {
    .program = BJ_FUZZ,
    .name = "repro",
    .operands = "ID",
    .summary = "Run the input of a finding again and show its report.",
    .about = "The shortest input that is known, under the same confinement.\n"
             "Exit status: 1 it reproduces, 0 it does not.\n",
    .options = out_only,
    .option_count = 1,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_repro,
};

const struct bj_command bj_fuzz_minimize = {
    .program = BJ_FUZZ,
    .name = "minimize",
    .operands = "ID",
    .summary = "Spend up to two minutes more on a finding's input.",
    .about = "Makes it shorter, then replaces octets that do not matter. What\n"
             "comes of it counts only if it is of the same cause.\n",
    .options = out_only,
    .option_count = 1,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_minimize,
};
