#include "harnesses/campaign/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harnesses/campaign/files.h"

/* A log or an input over this is a target gone mad. */
#define FILE_MAX ((rlim_t)64 << 20)

#define POLL_MS 20

uint64_t bj_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- the child, up to its execve: system calls only ---- */

struct child {
    const struct bj_process_spec *spec;
    char *const *env;
    int log;
    int ruleset;
    pid_t parent;
};

_Noreturn static void give_up(const char *step, int status)
{
    char line[160];
    int len = snprintf(line, sizeof(line), "belljar-fuzz: %s: %s\n", step,
                       strerror(errno));

    (void)!write(STDERR_FILENO, line, (size_t)len);
    _exit(status);
}

/* Standard input is empty; output and errors are the log. */
static bool take_streams(int log)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    return null >= 0 && dup2(null, 0) == 0 && dup2(log, 1) == 1 &&
           dup2(log, 2) == 2;
}

static void limit(__rlimit_resource_t which, rlim_t value)
{
    struct rlimit both = {value, value};

    (void)setrlimit(which, &both);
}

_Noreturn static void become(const struct child *child)
{
    const struct bj_process_spec *spec = child->spec;
    const char *failed = NULL;
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != child->parent)
        _exit(BJ_EXIT_NOT_EXECUTED);
    if (!take_streams(child->log) || chdir(spec->work) != 0)
        give_up(spec->work, BJ_EXIT_NOT_EXECUTED);
    /* Nothing that whoever started us had open passes the execve. */
    if (syscall(SYS_close_range, 3UL, (unsigned long)UINT32_MAX,
                (unsigned long)CLOSE_RANGE_CLOEXEC) != 0 &&
        spec->confine != NULL)
        give_up("close_range", BJ_EXIT_NOT_CONFINED);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, FILE_MAX);
    if (spec->confine != NULL)
        failed = bj_confine_enter(spec->confine, child->ruleset);
    if (failed != NULL)
        give_up(failed, BJ_EXIT_NOT_CONFINED);
    execve(spec->argv[0], (char *const *)(uintptr_t)spec->argv, child->env);
    give_up(spec->argv[0], BJ_EXIT_NOT_EXECUTED);
}

/* ---- the parent ---- */

/*
 * exitcode=99: so that status 1 means the engine itself. No symbols in the
 * target: a confined process cannot start a symbolizer; they come afterwards.
 */
#define OPTIONS "exitcode=99:symbolize=0:"

static struct bj_path temporary(const struct bj_process_spec *spec)
{
    return bj_path_of("TMPDIR=%s/tmp", spec->work);
}

static bool fork_child(const struct bj_process_spec *spec, int log, int ruleset,
                       struct bj_process *out)
{
    struct bj_path tmp = temporary(spec);
    struct bj_path profile =
        bj_path_of("LLVM_PROFILE_FILE=%s",
                   spec->profile == NULL ? "/dev/null" : spec->profile);
    char asan[] = "ASAN_OPTIONS=" OPTIONS "allocator_may_return_null=1";
    char ubsan[] = "UBSAN_OPTIONS=" OPTIONS "print_stacktrace=1";
    char msan[] = "MSAN_OPTIONS=" OPTIONS;
    char lsan[] = "LSAN_OPTIONS=" OPTIONS;
    char path[] = "PATH=/usr/bin:/bin";
    char locale[] = "LC_ALL=C";
    char *const env[] = {asan,   ubsan,    msan,         lsan, path,
                         locale, tmp.text, profile.text, NULL};
    struct child child = {spec, env, log, ruleset, getpid()};

    out->pid = fork();
    if (out->pid == 0)
        become(&child);
    if (out->pid > 0)
        setpgid(out->pid, out->pid); /* whichever of us is first */
    return out->pid > 0;
}

bool bj_process_start(const struct bj_process_spec *spec,
                      struct bj_process *out, struct bj_trouble *trouble)
{
    struct bj_reach reach = {spec->argv[0], spec->work, spec->read};
    struct bj_path tmp = bj_path_of("%s/tmp", spec->work);
    int ruleset = -1;
    int log;

    memset(out, 0, sizeof(*out));
    out->log = -1;
    log = open(spec->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (log >= 0 && bj_files_folder(tmp.text))
        out->log = open(spec->log, O_RDONLY | O_CLOEXEC);
    if (out->log >= 0) /* what others wrote before is not of this process */
        (void)lseek(out->log, 0, SEEK_END);
    if (out->log < 0)
        snprintf(trouble->text, sizeof(trouble->text), "%.200s: %s", spec->log,
                 strerror(errno));
    else if (spec->confine != NULL)
        ruleset = bj_confine_ruleset(spec->confine, &reach, trouble);
    if (out->log >= 0 && (spec->confine == NULL || ruleset >= 0) &&
        !fork_child(spec, log, ruleset, out))
        snprintf(trouble->text, sizeof(trouble->text), "fork: %s",
                 strerror(errno));
    if (log >= 0)
        close(log);
    if (ruleset >= 0)
        close(ruleset);
    out->started_ms = bj_clock_ms();
    out->limit_ms = spec->limit_ms;
    if (out->pid > 0)
        return true;
    if (out->log >= 0)
        close(out->log);
    out->pid = 0;
    return false;
}

void bj_process_take(struct bj_process *process, const char *bytes, size_t len)
{
    const char *line;

    for (size_t at = 0; at < len;) {
        at += bj_lines_take(&process->lines, bytes + at, len - at, &line);
        if (line == NULL)
            continue;
        bj_engine_line(&process->engine, line);
        bj_crash_line(&process->crash, line);
    }
}

static void read_log(struct bj_process *process)
{
    char bytes[16384];
    ssize_t got;

    while ((got = read(process->log, bytes, sizeof(bytes))) > 0)
        bj_process_take(process, bytes, (size_t)got);
}

static void finish(struct bj_process *process, int status)
{
    read_log(process);
    close(process->log);
    /* What it started in its group must not outlive it. */
    kill(-process->pid, SIGKILL);
    process->took_ms = bj_clock_ms() - process->started_ms;
    process->pid = 0;
    if (WIFSIGNALED(status))
        process->end.signal = WTERMSIG(status);
    else
        process->end.status = WEXITSTATUS(status);
}

bool bj_process_step(struct bj_process *process)
{
    int status;

    if (process->pid == 0)
        return true;
    read_log(process);
    if (waitpid(process->pid, &status, WNOHANG) == process->pid) {
        finish(process, status);
        return true;
    }
    if (!process->end.killed_late &&
        bj_clock_ms() - process->started_ms > process->limit_ms) {
        process->end.killed_late = true;
        bj_process_kill(process);
    }
    return false;
}

void bj_process_wait(struct bj_process *process, void (*idle)(void *context),
                     void *context)
{
    static const struct timespec pause = {0, POLL_MS * 1000000L};

    while (!bj_process_step(process)) {
        if (idle != NULL)
            idle(context);
        nanosleep(&pause, NULL);
    }
}

void bj_process_interrupt(struct bj_process *process)
{
    process->end.interrupted = true;
    if (process->pid > 0)
        kill(-process->pid, SIGINT);
}

void bj_process_kill(struct bj_process *process)
{
    if (process->pid > 0)
        kill(-process->pid, SIGKILL);
}

uint64_t bj_process_rss_mb(const struct bj_process *process)
{
    struct bj_path path = bj_path_of("/proc/%d/statm", (int)process->pid);
    unsigned long long pages = 0;
    FILE *file = process->pid > 0 ? fopen(path.text, "r") : NULL;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %llu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE) >> 20;
}
