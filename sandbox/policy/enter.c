/*
 * The half of a lockdown that enters: raw system calls and our own memory
 * only, and no library but libc, so that the resolver's worker can have it
 * without libseccomp.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/bytes/writer.h"
#include "sandbox/policy/landlock.h"
#include "sandbox/policy/lockdown.h"

/* Highest descriptor a role's policy can name: the bits of `keeps`. */
#define KEEPS_BITS 64

/* One line on standard error, without stdio, and out. `layer` is the one that
 * can be gone without, or NULL. */
_Noreturn static void refuse(const struct bj_lockdown *lockdown,
                             const char *step, long error, const char *layer)
{
    uint8_t line[240];
    struct bj_writer w;

    bj_writer_init(&w, line, sizeof(line));
    bj_writer_text(&w, "belljar: role ");
    bj_writer_text(&w, bj_role_policy(lockdown->role)->name);
    bj_writer_text(&w, " cannot be confined: ");
    bj_writer_text(&w, step);
    bj_writer_text(&w, ": errno ");
    bj_writer_dec(&w, (uint64_t)error);
    if (layer != NULL) {
        bj_writer_text(&w, " (--without ");
        bj_writer_text(&w, layer);
        bj_writer_text(&w, " accepts going without)");
    }
    bj_writer_text(&w, "\n");
    (void)!write(STDERR_FILENO, line, w.len < sizeof(line) ? w.len : 0);
    for (;;)
        syscall(SYS_exit_group, (long)BJ_EXIT_LOCKDOWN);
}

static bool keeps(const struct bj_lockdown *lockdown, const int *keep,
                  size_t keep_count, int fd)
{
    size_t i;

    if (fd < KEEPS_BITS &&
        (bj_role_policy(lockdown->role)->keeps >> fd & 1) != 0)
        return true;
    if (fd == lockdown->ruleset)
        return true;
    for (i = 0; i < keep_count; i += 1) {
        if (keep[i] == fd)
            return true;
    }
    return false;
}

/* Closes all but the kept, gap by gap up to the highest that is kept. */
static void close_others(const struct bj_lockdown *lockdown, const int *keep,
                         size_t keep_count)
{
    int highest = KEEPS_BITS - 1;
    int from = 0;
    int fd;
    size_t i;

    if (lockdown->ruleset > highest)
        highest = lockdown->ruleset;
    for (i = 0; i < keep_count; i += 1) {
        if (keep[i] > highest)
            highest = keep[i];
    }
    for (fd = 0; fd <= highest; fd += 1) {
        if (!keeps(lockdown, keep, keep_count, fd))
            continue;
        if (fd > from &&
            syscall(SYS_close_range, (long)from, (long)fd - 1, 0UL) != 0)
            refuse(lockdown, "close_range", errno, NULL);
        from = fd + 1;
    }
    if (syscall(SYS_close_range, (long)from, (long)UINT32_MAX, 0UL) != 0)
        refuse(lockdown, "close_range", errno, NULL);
}

/* The capability calls as the kernel defines them; libcap would be one more
 * library for two calls. */
struct capabilities {
    struct __user_cap_header_struct header;
    struct __user_cap_data_struct data[2];
};

static void drop_bounding(const struct bj_lockdown *lockdown)
{
    long capability;
    long result = 0;

    for (capability = 0; capability < 64 && result == 0; capability += 1)
        result =
            syscall(SYS_prctl, (long)PR_CAPBSET_DROP, capability, 0L, 0L, 0L);
    /* EINVAL: past the kernel's last capability. */
    if (result != 0 && errno != EINVAL)
        refuse(lockdown, "dropping the bounding set", errno, "ids");
}

static void change_ids(const struct bj_lockdown *lockdown)
{
    long uid = (long)lockdown->uid;
    long gid = (long)lockdown->gid;

    if (syscall(SYS_setgroups, 0L, NULL) != 0)
        refuse(lockdown, "setgroups", errno, "ids");
    if (syscall(SYS_setresgid, gid, gid, gid) != 0)
        refuse(lockdown, "setresgid", errno, "ids");
    if (syscall(SYS_setresuid, uid, uid, uid) != 0)
        refuse(lockdown, "setresuid", errno, "ids");
}

static void drop_capabilities(const struct bj_lockdown *lockdown)
{
    struct capabilities now = {{_LINUX_CAPABILITY_VERSION_3, 0}, {{0}}};
    struct capabilities none = {{_LINUX_CAPABILITY_VERSION_3, 0}, {{0}}};

    if (syscall(SYS_capget, &now.header, now.data) != 0)
        refuse(lockdown, "capget", errno, "ids");
    /* Without CAP_SETPCAP the bounding set stays, and is moot: no_new_privs
     * and an empty permitted set leave nothing that it could bound. */
    if (now.data[0].effective >> CAP_SETPCAP & 1)
        drop_bounding(lockdown);
    if (syscall(SYS_prctl, (long)PR_CAP_AMBIENT, (long)PR_CAP_AMBIENT_CLEAR_ALL,
                0L, 0L, 0L) != 0)
        refuse(lockdown, "clearing ambient capabilities", errno, "ids");
    if (lockdown->change_ids)
        change_ids(lockdown);
    if (syscall(SYS_capset, &none.header, none.data) != 0)
        refuse(lockdown, "capset", errno, "ids");
    if (syscall(SYS_capget, &now.header, now.data) != 0 ||
        (now.data[0].permitted | now.data[1].permitted) != 0)
        refuse(lockdown, "capabilities remain", EPERM, "ids");
    if (lockdown->change_ids && syscall(SYS_setresuid, 0L, 0L, 0L) == 0)
        refuse(lockdown, "root could be had back", EPERM, "ids");
}

static void set_limit(const struct bj_lockdown *lockdown, int resource,
                      uint64_t value, const char *name)
{
    /* The kernel's rlimit64, soft and hard, which musl 1.2.5 has no name for. */
    uint64_t limit[2] = {value, value};

    if (value == BJ_LIMIT_KEEP)
        return;
    if (syscall(SYS_prlimit64, 0L, (long)resource, limit, NULL) != 0)
        refuse(lockdown, name, errno, "limits");
}

int bj_filter_install(const struct bj_program *program)
{
    if (syscall(SYS_seccomp, (unsigned long)SECCOMP_SET_MODE_FILTER, 0UL,
                program->fprog) != 0)
        return errno;
    return 0;
}

static void install(const struct bj_lockdown *lockdown)
{
    int error;

    if (lockdown->program.fprog == NULL)
        return;
    error = bj_filter_install(&lockdown->program);
    if (error != 0)
        refuse(lockdown, "seccomp", error, "seccomp");
}

/*
 * no_new_privs always, as the filter needs it and nothing can miss it. Not
 * dumpable, which is inherited below a keeper. In log mode a keeper and its
 * roles stay dumpable, so that it may seize them; a command without a keeper
 * has been seized before it comes here.
 */
static void forbid_gains(const struct bj_lockdown *lockdown)
{
    bool seized = lockdown->mode == BJ_MODE_LOG &&
                  !bj_role_policy(lockdown->role)->takes_union;
    long dumpable = lockdown->mode == BJ_MODE_ENFORCE || seized ? 0 : 1;

    if (syscall(SYS_prctl, (long)PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
        refuse(lockdown, "no_new_privs", errno, NULL);
    if (lockdown->first &&
        syscall(SYS_prctl, (long)PR_SET_DUMPABLE, dumpable, 0L, 0L, 0L) != 0)
        refuse(lockdown, "dumpable", errno, NULL);
}

void bj_lockdown_enter(const struct bj_lockdown *lockdown, const int *keep,
                       size_t keep_count)
{
    long ruleset = lockdown->ruleset;
    int error;

    close_others(lockdown, keep, keep_count);
    if (lockdown->first && (lockdown->without & BJ_LAYER_IDS) == 0)
        drop_capabilities(lockdown);
    forbid_gains(lockdown);
    if (ruleset >= 0) {
        error = bj_landlock_enter(lockdown->ruleset);
        if (error != 0)
            refuse(lockdown, "Landlock", error, "landlock");
        if (syscall(SYS_close_range, ruleset, ruleset, 0UL) != 0)
            refuse(lockdown, "close_range", errno, NULL);
    }
    set_limit(lockdown, RLIMIT_CORE, lockdown->limits.core, "RLIMIT_CORE");
    set_limit(lockdown, RLIMIT_FSIZE, lockdown->limits.fsize, "RLIMIT_FSIZE");
    set_limit(lockdown, RLIMIT_NPROC, lockdown->limits.nproc, "RLIMIT_NPROC");
    set_limit(lockdown, RLIMIT_NOFILE, lockdown->limits.nofile,
              "RLIMIT_NOFILE");
    install(lockdown);
}

void bj_lockdown_tighten(const struct bj_lockdown *lockdown)
{
    install(lockdown);
}
