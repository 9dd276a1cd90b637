#include "harnesses/campaign/policy.h"

#include <errno.h>
#include <sched.h>

#define ALLOW(name, reason)              \
    {                                    \
        .call = (name), .why = (reason), \
    }
#define ANSWER(error, name, reason)                        \
    {                                                      \
        .call = (name), .why = (reason), .answer = (error) \
    }

/* Every flag of clone(2) that makes a namespace. CLONE_NEWTIME shares its bit
 * with the exit signal and is for clone3 and unshare alone. */
#define NAMESPACES                                                 \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

#define WHY_MEMORY "memory, the engine's and the sanitizer's"
#define WHY_FILES "corpus, artifacts, maps; Landlock says which"
#define WHY_INPUT_FOLDERS "the corpus is listed, reduced and replaced"
#define WHY_CHILD "merge and minimise start the target again, through sh"
#define WHY_SIGNALS "the engine turns signals into reports"
#define WHY_THREADS "the engine watches memory from a thread of its own"
#define WHY_SELF "who and how large am I: reports and limits"
#define WHY_TIME "time limits and rates"

static const struct bj_row rows[] = {
    ALLOW("brk", WHY_MEMORY),
    ALLOW("mmap", WHY_MEMORY),
    ALLOW("munmap", WHY_MEMORY),
    ALLOW("mremap", WHY_MEMORY),
    ALLOW("mprotect", WHY_MEMORY),
    ALLOW("madvise", WHY_MEMORY),

    ALLOW("open", WHY_FILES),
    ALLOW("openat", WHY_FILES),
    ALLOW("read", WHY_FILES),
    ALLOW("pread64", WHY_FILES),
    ALLOW("readv", WHY_FILES),
    ALLOW("write", WHY_FILES),
    ALLOW("pwrite64", WHY_FILES),
    ALLOW("writev", WHY_FILES),
    ALLOW("lseek", WHY_FILES),
    ALLOW("close", WHY_FILES),
    ALLOW("fstat", WHY_FILES),
    ALLOW("stat", WHY_FILES),
    ALLOW("lstat", WHY_FILES),
    ALLOW("newfstatat", WHY_FILES),
    ALLOW("statx", WHY_FILES),
    ALLOW("access", WHY_FILES),
    ALLOW("faccessat", WHY_FILES),
    ALLOW("faccessat2", WHY_FILES),
    ALLOW("readlink", WHY_FILES),
    ALLOW("readlinkat", WHY_FILES),
    ALLOW("ftruncate", WHY_FILES),
    ALLOW("fcntl", WHY_FILES),
    ANSWER(ENOTTY, "ioctl", "asks whether there is a terminal"),

    ALLOW("getdents64", WHY_INPUT_FOLDERS),
    ALLOW("getdents", "the leak check lists its own threads"),
    ALLOW("getcwd", WHY_INPUT_FOLDERS),
    ALLOW("unlink", WHY_INPUT_FOLDERS),
    ALLOW("unlinkat", WHY_INPUT_FOLDERS),
    ALLOW("rename", WHY_INPUT_FOLDERS),
    ALLOW("renameat", WHY_INPUT_FOLDERS),
    ALLOW("renameat2", WHY_INPUT_FOLDERS),
    ALLOW("mkdir", WHY_INPUT_FOLDERS),
    ALLOW("mkdirat", WHY_INPUT_FOLDERS),
    ALLOW("rmdir", WHY_INPUT_FOLDERS),

    {
        .call = "clone",
        .why = WHY_THREADS ", and " WHY_CHILD,
        .when = {{.text = "flags make no namespace",
                  .mask = NAMESPACES,
                  .value = 0,
                  .arg = 0}},
    },
    ANSWER(ENOSYS, "clone3",
           "its flags lie in memory, where no filter looks: libc falls back "
           "to clone"),
    ALLOW("vfork", WHY_CHILD),
    ALLOW("fork", WHY_CHILD),
    ALLOW("execve", WHY_CHILD "; Landlock says what"),
    ALLOW("wait4", WHY_CHILD),
    ALLOW("waitid", WHY_CHILD),
    ALLOW("pipe", WHY_CHILD),
    ALLOW("pipe2", WHY_CHILD),
    ALLOW("dup", WHY_CHILD),
    ALLOW("dup2", WHY_CHILD),
    ALLOW("dup3", WHY_CHILD),
    ALLOW("poll", WHY_CHILD),
    ALLOW("ppoll", WHY_CHILD),
    ALLOW("umask", WHY_CHILD),

    ALLOW("rt_sigaction", WHY_SIGNALS),
    ALLOW("rt_sigprocmask", WHY_SIGNALS),
    ALLOW("rt_sigreturn", WHY_SIGNALS),
    ALLOW("sigaltstack", WHY_SIGNALS),
    ALLOW("tgkill", "abort(3); before Landlock 6 others of the same user, too"),

    ALLOW("futex", WHY_THREADS),
    ALLOW("set_robust_list", WHY_THREADS),
    ALLOW("set_tid_address", WHY_THREADS),
    ALLOW("rseq", WHY_THREADS),
    ALLOW("arch_prctl", WHY_THREADS),
    ALLOW("sched_yield", WHY_THREADS),
    ALLOW("sched_getaffinity", WHY_THREADS),
    ALLOW("exit", WHY_THREADS),

    ALLOW("getpid", WHY_SELF),
    ALLOW("getppid", WHY_SELF),
    ALLOW("gettid", WHY_SELF),
    ALLOW("getuid", WHY_SELF),
    ALLOW("geteuid", WHY_SELF),
    ALLOW("getgid", WHY_SELF),
    ALLOW("getegid", WHY_SELF),
    ALLOW("getrusage", WHY_SELF),
    ALLOW("getrlimit", WHY_SELF),
    ALLOW("setrlimit", "the sanitizer wants no core of its huge mappings"),
    ALLOW("prlimit64", WHY_SELF),
    ALLOW("sysinfo", WHY_SELF),
    ALLOW("uname", WHY_SELF),
    ALLOW("personality", "newer sanitizers turn address randomisation off"),
    ALLOW("prctl", "names of threads and mappings; the leak check"),
    ALLOW("ptrace", "the leak check stops its own threads; Landlock keeps it "
                    "from all others"),

    ALLOW("clock_gettime", WHY_TIME),
    ALLOW("gettimeofday", WHY_TIME),
    ALLOW("time", WHY_TIME),
    ALLOW("clock_nanosleep", WHY_TIME),
    ALLOW("nanosleep", WHY_TIME),
    ALLOW("setitimer", WHY_TIME),
    ALLOW("restart_syscall", "a sleep that a signal interrupted"),
    ALLOW("getrandom", "the seed of a campaign, and of the heap"),
    ALLOW("exit_group", "the end"),
};

const struct bj_row *bj_target_rows(size_t *count)
{
    *count = sizeof(rows) / sizeof(rows[0]);
    return rows;
}
