/* The half of a lockdown that prepares: anything may still be called. The
 * other half is enter.c. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/policy/landlock.h"
#include "sandbox/policy/lockdown.h"

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
