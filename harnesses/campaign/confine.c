#include "harnesses/campaign/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harnesses/campaign/policy.h"
#include "sandbox/policy/landlock.h"

/* What a program needs to be loaded, and a sanitizer to look at itself. Of
 * another's /proc only what any stranger may read remains: Landlock refuses
 * memory, environment and descriptors of processes outside the domain. */
static const struct {
    const char *path;
    unsigned rights;
} common[] = {
    {"/lib", BJ_PATH_READ},
    {"/lib64", BJ_PATH_READ},
    {"/usr/lib", BJ_PATH_READ},
    {"/usr/lib64", BJ_PATH_READ},
    {"/usr/local/lib", BJ_PATH_READ},
    {"/etc/ld.so.cache", BJ_PATH_READ},
    {"/lib64/ld-linux-x86-64.so.2", BJ_PATH_READ | BJ_PATH_EXECUTE},
    {"/lib/ld-linux-aarch64.so.1", BJ_PATH_READ | BJ_PATH_EXECUTE},
    {"/bin/sh", BJ_PATH_READ | BJ_PATH_EXECUTE},
    {"/proc", BJ_PATH_READ},
    {"/dev/null", BJ_PATH_READ | BJ_PATH_WRITE},
    {"/dev/urandom", BJ_PATH_READ},
};

bool bj_confine_compile(unsigned arch, struct bj_program *out,
                        struct bj_trouble *trouble)
{
    struct bj_filter_source source;
    const struct bj_row *rows;
    size_t count;

    memset(&source, 0, sizeof(source));
    rows = bj_target_rows(&count);
    if (!bj_role_rows_add(&source.rows, rows, count, BJ_ROLE_COUNT)) {
        snprintf(trouble->text, sizeof(trouble->text),
                 "the rows of " BJ_TARGET_NAME " are too many");
        return false;
    }
    source.action = SECCOMP_RET_ERRNO | BJ_TARGET_ANSWER;
    source.arch = arch;
    return bj_filter_compile(&source, out, trouble);
}

bool bj_confine_prepare(struct bj_confine *out, struct bj_trouble *trouble)
{
    memset(out, 0, sizeof(*out));
    out->abi = bj_landlock_abi();
    if (out->abi == 0) {
        snprintf(trouble->text, sizeof(trouble->text),
                 "this kernel has no Landlock");
        return false;
    }
    return bj_confine_compile(0, &out->program, trouble);
}

void bj_confine_free(struct bj_confine *confine)
{
    bj_filter_free(&confine->program);
    memset(confine, 0, sizeof(*confine));
}

static bool grant(int ruleset, int abi, const struct bj_reach *reach,
                  struct bj_trouble *trouble)
{
    size_t i;

    for (i = 0; i < sizeof(common) / sizeof(common[0]); i += 1) {
        if (!bj_landlock_allow(ruleset, abi, common[i].path, common[i].rights,
                               trouble))
            return false;
    }
    for (i = 0; reach->read[i] != NULL; i += 1) {
        if (!bj_landlock_allow(ruleset, abi, reach->read[i], BJ_PATH_READ,
                               trouble))
            return false;
    }
    return bj_landlock_allow(ruleset, abi, reach->program,
                             BJ_PATH_READ | BJ_PATH_EXECUTE, trouble) &&
           bj_landlock_allow(ruleset, abi, reach->work,
                             BJ_PATH_READ | BJ_PATH_WRITE, trouble);
}

int bj_confine_ruleset(const struct bj_confine *confine,
                       const struct bj_reach *reach, struct bj_trouble *trouble)
{
    int ruleset = bj_landlock_open(confine->abi, 0, trouble);

    if (ruleset >= 0 && !grant(ruleset, confine->abi, reach, trouble)) {
        close(ruleset);
        return -1;
    }
    return ruleset;
}

/* With no_new_privs an execve as root gives back no more than is permitted
 * now: nothing. */
static bool drop_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};

    return syscall(SYS_prctl, (long)PR_CAP_AMBIENT,
                   (long)PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L) == 0 &&
           syscall(SYS_capset, &header, none) == 0;
}

const char *bj_confine_enter(const struct bj_confine *confine, int ruleset)
{
    if (!drop_capabilities())
        return "dropping capabilities";
    if (syscall(SYS_prctl, (long)PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
        return "no_new_privs";
    errno = bj_landlock_enter(ruleset);
    if (errno != 0)
        return "Landlock";
    errno = bj_filter_install(&confine->program);
    if (errno != 0)
        return "seccomp";
    return NULL;
}
