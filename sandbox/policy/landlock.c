#include "sandbox/policy/landlock.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/policy/role.h"

/* The numbers are the same on every architecture (the generic table's). */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

/* include/uapi/linux/landlock.h as of ABI 7; the kernel takes a shorter
 * structure from older programs and we pass the length of the ABI's. */
struct ruleset_attr {
    uint64_t handled_access_fs;
    uint64_t handled_access_net; /* ABI 4 */
    uint64_t scoped;             /* ABI 6 */
};

#define CREATE_VERSION 1U

#define NET_BIND_TCP UINT64_C(1)
#define NET_CONNECT_TCP UINT64_C(2)
#define SCOPE_ABSTRACT_UNIX UINT64_C(1)
#define SCOPE_SIGNAL UINT64_C(2)

/*
 * What a kernel of each ABI can take away. The file rights are the first n
 * bits: 13 in ABI 1 (execute to make symlink), then refer in 2, truncate in 3
 * and ioctl on devices in 5. ABI 7 added only audit flags.
 */
struct abi {
    size_t size;
    uint64_t fs;
    uint64_t net;
    uint64_t scoped;
};

#define FS_BITS(n) ((UINT64_C(1) << (n)) - 1)
#define SIZE_FS offsetof(struct ruleset_attr, handled_access_net)
#define SIZE_NET offsetof(struct ruleset_attr, scoped)
#define SIZE_ALL sizeof(struct ruleset_attr)
#define TCP (NET_BIND_TCP | NET_CONNECT_TCP)
#define SCOPES (SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL)

static const struct abi abis[] = {
    [1] = {SIZE_FS, FS_BITS(13), 0, 0},
    [2] = {SIZE_FS, FS_BITS(14), 0, 0},
    [3] = {SIZE_FS, FS_BITS(15), 0, 0},
    [4] = {SIZE_NET, FS_BITS(15), TCP, 0},
    [5] = {SIZE_NET, FS_BITS(16), TCP, 0},
    [6] = {SIZE_ALL, FS_BITS(16), TCP, SCOPES},
    [7] = {SIZE_ALL, FS_BITS(16), TCP, SCOPES},
};

static const struct {
    unsigned right;
    uint64_t net;
} kept[] = {
    {BJ_RIGHT_CONNECT_TCP, NET_CONNECT_TCP},
    {BJ_RIGHT_BIND_TCP, NET_BIND_TCP},
};

int bj_landlock_newest(void)
{
    return (int)(sizeof(abis) / sizeof(abis[0])) - 1;
}

int bj_landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0UL,
                       (unsigned long)CREATE_VERSION);

    if (abi < 1)
        return 0;
    return abi > bj_landlock_newest() ? bj_landlock_newest() : (int)abi;
}

int bj_landlock_open(int abi, unsigned rights, struct bj_trouble *trouble)
{
    struct ruleset_attr attr = {.handled_access_fs = abis[abi].fs,
                                .handled_access_net = abis[abi].net,
                                .scoped = abis[abi].scoped};
    size_t i;
    long fd;

    for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i += 1) {
        if (rights & kept[i].right)
            attr.handled_access_net &= ~kept[i].net;
    }
    fd = syscall(SYS_landlock_create_ruleset, &attr, abis[abi].size, 0UL);
    if (fd < 0)
        snprintf(trouble->text, sizeof(trouble->text),
                 "cannot make a Landlock ruleset: %s (--without landlock "
                 "accepts going without)",
                 strerror(errno));
    return (int)fd;
}

int bj_landlock_enter(int ruleset)
{
    if (syscall(SYS_landlock_restrict_self, (long)ruleset, 0UL) != 0)
        return errno;
    return 0;
}
