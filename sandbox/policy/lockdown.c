#include "sandbox/policy/lockdown.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/bytes/writer.h"
#include "sandbox/policy/landlock.h"

/* Highest descriptor a role's policy can name: the bits of `keeps`. */
#define KEEPS_BITS 64

/* Rulesets stay clear of the numbers that roles give to their sockets. */
#define RULESET_FD_MIN 16

static const struct {
    const char *name;
    unsigned layer;
} layers[] = {
    {"ids", BJ_LAYER_IDS},
    {"landlock", BJ_LAYER_LANDLOCK},
    {"limits", BJ_LAYER_LIMITS},
    {"seccomp", BJ_LAYER_SECCOMP},
};

static const char *const mode_names[] = {
    [BJ_MODE_ENFORCE] = "enforce",
    [BJ_MODE_LOG] = "log",
    [BJ_MODE_OFF] = "off",
};

bool bj_lockdown_without(const char *name, unsigned *without)
{
    size_t i;

    for (i = 0; i < sizeof(layers) / sizeof(layers[0]); i += 1) {
        if (strcmp(layers[i].name, name) == 0) {
            *without |= layers[i].layer;
            return true;
        }
    }
    return false;
}

bool bj_lockdown_mode(const char *name, enum bj_mode *mode)
{
    size_t i;

    for (i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i += 1) {
        if (strcmp(mode_names[i], name) == 0) {
            *mode = (enum bj_mode)i;
            return true;
        }
    }
    return false;
}

const char *bj_lockdown_mode_name(enum bj_mode mode)
{
    return mode_names[mode];
}

/* ---- preparing: anything may still be called ---- */

static bool fail(struct bj_trouble *trouble, const char *what, int error,
                 const char *layer)
{
    snprintf(trouble->text, sizeof(trouble->text),
             "%s: %s (--without %s accepts going without)", what,
             strerror(error), layer);
    return false;
}

/* Whom root becomes. Nobody else can change ids, nor needs to. */
static bool prepare_ids(const struct bj_lockdown_setup *setup,
                        struct bj_lockdown *out, struct bj_trouble *trouble)
{
    const char *name = setup->user != NULL ? setup->user : "nobody";
    const struct passwd *user;

    if (!out->first || (out->without & BJ_LAYER_IDS) != 0)
        return true;
    if (geteuid() != 0 && getuid() != 0)
        return true;
    errno = 0;
    user = getpwnam(name);
    if (user == NULL) {
        snprintf(trouble->text, sizeof(trouble->text),
                 "started as root, and there is no user %s to become (--user "
                 "NAME names another, --without ids accepts staying root)",
                 name);
        return false;
    }
    if (user->pw_uid == 0) {
        snprintf(trouble->text, sizeof(trouble->text),
                 "user %s is root (--without ids accepts staying root)", name);
        return false;
    }
    out->change_ids = true;
    out->uid = user->pw_uid;
    out->gid = user->pw_gid;
    return true;
}

static bool prepare_landlock(const struct bj_role_policy *policy,
                             struct bj_lockdown *out,
                             struct bj_trouble *trouble)
{
    int fd;

    if (out->mode != BJ_MODE_ENFORCE || policy->tightens ||
        (out->without & BJ_LAYER_LANDLOCK) != 0)
        return true;
    out->landlock = bj_landlock_abi();
    if (out->landlock == 0)
        return fail(trouble, "this kernel has no Landlock", EOPNOTSUPP,
                    "landlock");
    fd = bj_landlock_open(out->landlock, policy->rights, trouble);
    if (fd < 0)
        return false;
    out->ruleset = fcntl(fd, F_DUPFD_CLOEXEC, RULESET_FD_MIN);
    close(fd);
    if (out->ruleset >= 0)
        return true;
    snprintf(trouble->text, sizeof(trouble->text),
             "cannot move the Landlock ruleset to descriptor %d or above: "
             "ulimit -n is too low",
             RULESET_FD_MIN);
    return false;
}

static void prepare_limits(const struct bj_role_policy *policy,
                           const struct bj_lockdown_setup *setup,
                           struct bj_lockdown *out)
{
    static const struct bj_limits none = {BJ_LIMIT_KEEP, BJ_LIMIT_KEEP,
                                          BJ_LIMIT_KEEP, BJ_LIMIT_KEEP};

    out->limits = none;
    if (out->mode != BJ_MODE_ENFORCE || policy->tightens ||
        (out->without & BJ_LAYER_LIMITS) != 0)
        return;
    out->limits = policy->limits;
    if (out->limits.nofile == BJ_LIMIT_CALLER)
        out->limits.nofile = setup->nofile;
}

static bool add_program(struct bj_lockdown *out, uint64_t address,
                        struct bj_trouble *trouble)
{
    if (out->program_count == BJ_PROGRAMS_MAX) {
        snprintf(trouble->text, sizeof(trouble->text),
                 "more than %d filters below one role", BJ_PROGRAMS_MAX);
        return false;
    }
    out->programs[out->program_count] = address;
    out->program_count += 1;
    return true;
}

/* Takes over the addresses of the programs below, all the way down. */
static bool gather_below(const struct bj_lockdown_setup *setup,
                         struct bj_lockdown *out, struct bj_trouble *trouble)
{
    const struct bj_lockdown *below;
    size_t i;
    size_t k;

    for (i = 0; i < setup->below_count; i += 1) {
        below = setup->below[i];
        out->under |= (UINT32_C(1) << below->role) | below->under;
        if (below->program.fprog != NULL &&
            !add_program(out, (uintptr_t)below->program.fprog, trouble))
            return false;
        for (k = 0; k < below->program_count; k += 1) {
            if (!add_program(out, below->programs[k], trouble))
                return false;
        }
    }
    return true;
}

static bool prepare_seccomp(struct bj_lockdown *out, struct bj_trouble *trouble)
{
    static const uint32_t kill = SECCOMP_RET_KILL_PROCESS;
    struct bj_filter_source source;

    if (out->mode == BJ_MODE_OFF || (out->without & BJ_LAYER_SECCOMP) != 0)
        return true;
    if (syscall(SYS_seccomp, (unsigned long)SECCOMP_GET_ACTION_AVAIL, 0UL,
                &kill) != 0)
        return fail(trouble, "this kernel's seccomp cannot kill a process",
                    errno, "seccomp");
    memset(&source, 0, sizeof(source));
    if (!bj_role_collect(out->role, out->under, &source.rows)) {
        snprintf(trouble->text, sizeof(trouble->text),
                 "the rows of %s are too many",
                 bj_role_policy(out->role)->name);
        return false;
    }
    memcpy(source.programs, out->programs, sizeof(source.programs));
    source.program_count = out->program_count;
    source.action = bj_filter_action(out->role, out->mode);
    return bj_filter_compile(&source, &out->program, trouble);
}

bool bj_lockdown_prepare(enum bj_role role,
                         const struct bj_lockdown_setup *setup,
                         struct bj_lockdown *out, struct bj_trouble *trouble)
{
    const struct bj_role_policy *policy = bj_role_policy(role);

    memset(out, 0, sizeof(*out));
    out->role = role;
    out->mode = setup->mode;
    out->without = setup->without;
    out->first = setup->first;
    out->ruleset = -1;
    prepare_limits(policy, setup, out);
    if (prepare_ids(setup, out, trouble) && gather_below(setup, out, trouble) &&
        prepare_seccomp(out, trouble) && prepare_landlock(policy, out, trouble))
        return true;
    bj_lockdown_free(out);
    return false;
}

void bj_lockdown_free(struct bj_lockdown *lockdown)
{
    bj_filter_free(&lockdown->program);
    if (lockdown->ruleset >= 0)
        close(lockdown->ruleset);
    memset(lockdown, 0, sizeof(*lockdown));
    lockdown->ruleset = -1;
}

/* ---- entering: raw system calls and our own memory only ---- */

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
    struct rlimit64 limit = {value, value};

    if (value == BJ_LIMIT_KEEP)
        return;
    if (syscall(SYS_prlimit64, 0L, (long)resource, &limit, NULL) != 0)
        refuse(lockdown, name, errno, "limits");
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
