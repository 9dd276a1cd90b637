#include "sandbox/policy/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/policy/role.h"

/* The numbers are the same on every architecture (the generic table's). */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
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

/* The bits of the file rights, in the kernel's order. */
#define FS_EXECUTE UINT64_C(1)
#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_REMOVE (UINT64_C(3) << 4)   /* folders, files */
#define FS_MAKE_DIR (UINT64_C(1) << 7) /* 6 is a device, which nobody makes */
#define FS_MAKE_REG (UINT64_C(1) << 8)
#define FS_REFER (UINT64_C(1) << 13)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)

#define RULE_PATH_BENEATH 1

struct path_beneath_attr {
    uint64_t allowed_access;
    int32_t parent_fd;
} __attribute__((packed));

static uint64_t fs_rights(unsigned rights)
{
    uint64_t fs = 0;

    if (rights & BJ_PATH_READ)
        fs |= FS_READ_FILE | FS_READ_DIR;
    if (rights & BJ_PATH_EXECUTE)
        fs |= FS_EXECUTE;
    if (rights & BJ_PATH_WRITE)
        fs |= FS_WRITE_FILE | FS_REMOVE | FS_MAKE_DIR | FS_MAKE_REG | FS_REFER |
              FS_TRUNCATE;
    return fs;
}

bool bj_landlock_allow(int ruleset, int abi, const char *path, unsigned rights,
                       struct bj_trouble *trouble)
{
    struct path_beneath_attr attr = {.allowed_access =
                                         fs_rights(rights) & abis[abi].fs};
    struct stat info;
    long result = -1;

    attr.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (attr.parent_fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (attr.parent_fd >= 0 && fstat(attr.parent_fd, &info) == 0) {
        /* The kernel refuses rights of a folder on what is none. */
        if (!S_ISDIR(info.st_mode))
            attr.allowed_access &= FS_OF_FILES;
        result = syscall(SYS_landlock_add_rule, (long)ruleset,
                         (long)RULE_PATH_BENEATH, &attr, 0UL);
    }
    if (result != 0)
        snprintf(trouble->text, sizeof(trouble->text),
                 "cannot grant %s in a Landlock ruleset: %s", path,
                 strerror(errno));
    if (attr.parent_fd >= 0)
        close(attr.parent_fd);
    return result == 0;
}

int bj_landlock_enter(int ruleset)
{
    if (syscall(SYS_landlock_restrict_self, (long)ruleset, 0UL) != 0)
        return errno;
    return 0;
}
