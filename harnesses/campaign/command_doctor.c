#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harnesses/campaign/commands.h"
#include "harnesses/campaign/tool.h"

/* What a campaign wants to have on its disk. */
#define SPACE_WANTED (UINT64_C(256) << 20)

/* Above this the sanitizers of clang 14 to 17 now and then find their shadow
 * memory taken and crash at the start. */
#define RANDOM_BITS_MAX 28

enum { OUT, BIN };

static const struct bj_option rows[] = {
    [OUT] = BJ_FUZZ_OPTION_OUT,
    [BIN] = {.name = "bin",
             .kind = BJ_OPTION_TEXT,
             .argument = "DIR",
             .help = "Where the targets are. The default is build/fuzz/bin."},
};

static bool say(bool good, const char *what, const char *detail)
{
    printf("%-7s %s%s%s\n", good ? "ok" : "FAILED", what,
           detail[0] == '\0' ? "" : ": ", detail);
    fflush(stdout);
    return good;
}

static void warn(const char *what, const char *detail)
{
    printf("%-7s %s%s%s\n", "warning", what, detail[0] == '\0' ? "" : ": ",
           detail);
}

/* In a child under the confinement: 0 if all that is forbidden is refused. */
static int try_to_escape(const struct bj_confine *confine, int ruleset)
{
    if (bj_confine_enter(confine, ruleset) != NULL)
        return 1;
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
        return 2;
    if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES)
        return 3;
    if (open("/tmp/belljar-fuzz-doctor", O_WRONLY | O_CREAT, 0600) >= 0)
        return 4;
    execl("/bin/true", "true", (char *)NULL);
    return errno == EACCES ? 0 : 5;
}

static bool check_confinement(void)
{
    static const char *const nothing[] = {NULL};
    struct bj_reach reach = {"/bin/sh", "/nowhere", nothing};
    struct bj_confine confine = {.abi = 0};
    struct bj_trouble trouble = {.text = ""};
    int status = 0;
    int ruleset = -1;
    pid_t child = -1;
    char text[64];

    if (bj_confine_prepare(&confine, &trouble))
        ruleset = bj_confine_ruleset(&confine, &reach, &trouble);
    if (ruleset >= 0)
        child = fork();
    if (child == 0)
        _exit(try_to_escape(&confine, ruleset));
    if (ruleset >= 0)
        close(ruleset);
    snprintf(text, sizeof(text), "landlock=%d", confine.abi);
    bj_confine_free(&confine);
    if (child < 0)
        return say(false, "targets are confined", trouble.text);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        snprintf(text, sizeof(text), "attempt %d was not refused",
                 WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return say(WIFEXITED(status) && WEXITSTATUS(status) == 0,
               "no network, no file and no program of others", text);
}

/* A tool and what is not had without it. */
static void check_tool(const char *name, bool llvm, const char *without)
{
    char *path = llvm ? bj_tool_llvm(name) : bj_tool_find(name);
    char text[200];

    snprintf(text, sizeof(text), "%s is missing: %s", name, without);
    if (path != NULL)
        say(true, name, path);
    else
        warn(text, "");
    free(path);
}

static void check_machine(void)
{
    FILE *file = fopen("/proc/sys/vm/mmap_rnd_bits", "r");
    uint64_t space = bj_files_space(".");
    int bits = 0;
    char text[64];

    if (file != NULL) {
        if (fscanf(file, "%d", &bits) == 1 && bits > RANDOM_BITS_MAX)
            warn("vm.mmap_rnd_bits is over 28: sanitizers of clang 14 to 17 "
                 "may crash at their start",
                 "sysctl vm.mmap_rnd_bits=28");
        fclose(file);
    }
    if (space == UINT64_MAX)
        return;
    snprintf(text, sizeof(text), "%llu MiB are left",
             (unsigned long long)(space >> 20));
    if (space < SPACE_WANTED)
        warn("there is little space for a campaign", text);
    else
        say(true, "space for a campaign", text);
}

/* Each runs its seeds, in a folder that is then removed. */
static bool check_targets(const char *bin, const char *out)
{
    static struct bj_campaign c = {.timeout_s = BJ_TIMEOUT_S,
                                   .rss_mb = BJ_RSS_MB};
    static char names[BJ_TARGETS_MAX][BJ_NAME_MAX];
    struct bj_path where = bj_path_of("%s-doctor", out);
    struct bj_folder folder = {.lock = -1};
    struct bj_confine confine;
    struct bj_trouble trouble;
    struct bj_runner runner = {.c = &c, .folder = &folder, .confine = &confine};
    size_t count;
    size_t fit = 0;
    char text[64];

    snprintf(c.bin, sizeof(c.bin), "%s", bin);
    if (getcwd(c.source, sizeof(c.source)) == NULL ||
        !bj_folder_open(where.text, &folder, &trouble) ||
        !bj_confine_prepare(&confine, &trouble))
        return say(false, "a folder for the targets", strerror(errno));
    count = bj_target_list(bin, names, BJ_TARGETS_MAX);
    for (size_t i = 0; i < count; i += 1) {
        struct bj_target target = {.phase = BJ_PHASE_WAITING};
        struct bj_task task = {.job = BJ_JOB_REPLAY, .ms = 40000};
        struct bj_process process;
        enum bj_verdict verdict;

        snprintf(target.name, sizeof(target.name), "%s", names[i]);
        bj_target_folders(&folder, target.name);
        verdict = bj_target_run(&runner, &target, &task, &process);
        fit += verdict == BJ_VERDICT_CLEAN;
        if (verdict != BJ_VERDICT_CLEAN)
            say(false, names[i], bj_verdict_words(verdict));
    }
    bj_confine_free(&confine);
    bj_folder_close(&folder);
    bj_files_remove(folder.path);
    snprintf(text, sizeof(text), "%zu of %zu", fit, count);
    return say(fit == count && count > 0, "targets that run their seeds", text);
}

static int run(struct bj_options *o)
{
    const char *out = BJ_FUZZ_OUT;
    const char *bin = "build/fuzz/bin";
    char real[BJ_PATH_MAX];
    const char *why;
    bool good;
    int row;

    while ((row = bj_options_next(o)) >= 0) {
        if (row == OUT)
            out = o->text;
        else
            bin = o->text;
    }
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    good = check_confinement();
    check_tool("clang", false, "no target can be built");
    check_tool("llvm-symbolizer", true,
               "stacks have no names, and causes are "
               "told apart by offsets");
    check_tool("llvm-profdata", true, "no coverage");
    check_tool("llvm-cov", true, "no coverage");
    check_tool("patch", false, "no mutants");
    check_tool("cmake", false, "no mutants");
    check_machine();
    why = bj_path_real(real, bin);
    if (why != NULL)
        good = say(false, bin, why) && good;
    else
        good = check_targets(real, out) && good;
    return good ? BJ_EXIT_CLEAN : BJ_EXIT_UNFIT;
}

const struct bj_command bj_fuzz_doctor = {
    .program = BJ_FUZZ,
    .name = "doctor",
    .summary = "See whether this machine and these targets are fit.",
    .about =
        "Tries the confinement, looks for the tools, and has every target\n"
        "run its seeds. Exit status: 0 fit, 3 not.\n",
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .run = run,
};
