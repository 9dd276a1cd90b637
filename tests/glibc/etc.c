#include "tests/glibc/etc.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/support/scratch.h"

static void path_of(char *out, size_t cap, const char *name)
{
    (void)snprintf(out, cap, "%s/%s", bj_scratch(), name);
}

/* In place: the file is bound. */
void bj_etc_put(const char *name, const void *bytes, size_t len)
{
    char path[100];
    int fd;

    path_of(path, sizeof(path), name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
        abort();
    close(fd);
}

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

    if (fd >= 0)
        close(fd);
    return n == (ssize_t)strlen(text);
}

/* Namespaces of our own; as an ordinary user with a user namespace. */
static int unshare_all(void)
{
    char map[40];
    unsigned uid = getuid();

    if (unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET) == 0)
        return 1;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET) != 0)
        return 0;
    (void)snprintf(map, sizeof(map), "0 %u 1", uid);
    return write_file("/proc/self/uid_map", map);
}

const char *bj_etc_enter(const char *const *names, size_t count)
{
    char path[100], target[100];

    for (size_t i = 0; i < count; i++)
        bj_etc_put(names[i], "", 0);
    if (!unshare_all())
        return "no namespaces";
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return "mounts cannot be made private";
    for (size_t i = 0; i < count; i++) {
        path_of(path, sizeof(path), names[i]);
        (void)snprintf(target, sizeof(target), "/etc/%s", names[i]);
        if (access(target, F_OK) != 0)
            return "a file in /etc is not there to be bound over";
        if (mount(path, target, NULL, MS_BIND, NULL) != 0)
            return "no bind mounts";
    }
    return sethostname("bell", 4) == 0 ? NULL : "no host name";
}
