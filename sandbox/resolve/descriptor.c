#include "sandbox/resolve/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Past the standard streams. */
enum { LEAST = 3 };

/* Not libc's wrapper, which is one of three calls, by version, nor that of
 * fcntl, which in musl is two: programs pin what a lookup calls. */
static bool identify(int fd, struct stat *st)
{
    return syscall(SYS_fstat, (long)fd, st) == 0;
}

/* Takes over `fd` and moves it, without its identity. */
static int take(struct bj_descriptor *out, int fd)
{
    int error = 0;
    int moved = fd;

    out->fd = -1;
    out->seen = 0;
    out->device = 0;
    out->inode = 0;
    if (fd < 0)
        return errno;
    if (fd < LEAST) {
        moved = (int)syscall(SYS_fcntl, (long)fd, (long)F_DUPFD_CLOEXEC,
                             (long)LEAST);
        error = moved < 0 ? errno : 0;
        close(fd);
    }
    if (error == 0)
        out->fd = moved;
    return error;
}

int bj_descriptor_adopt(struct bj_descriptor *out, int fd)
{
    struct stat st;
    int error = take(out, fd);

    if (error != 0)
        return error;
    if (!identify(out->fd, &st)) {
        error = errno;
        close(out->fd);
        out->fd = -1;
        return error;
    }
    out->device = st.st_dev;
    out->inode = st.st_ino;
    return 0;
}

bool bj_descriptor_holds(const struct bj_descriptor *d)
{
    struct stat st;

    return d->fd >= LEAST && identify(d->fd, &st) && st.st_dev == d->device &&
           st.st_ino == d->inode;
}

bool bj_descriptor_holds_on(struct bj_descriptor *d, uint32_t visit)
{
    if (visit != 0 && d->seen == visit)
        return d->fd >= LEAST;
    if (!bj_descriptor_holds(d))
        return false;
    d->seen = visit;
    return true;
}

void bj_descriptor_close(struct bj_descriptor *d)
{
    int fd = d->fd;
    bool ours = bj_descriptor_holds(d);

    d->fd = -1;
    if (ours)
        close(fd);
}
