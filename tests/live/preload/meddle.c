/*
 * Stands in for a libc that we have never seen (RISKS R46): preloaded under
 * the server, it makes one harmless call that no role is allowed, getuid(2),
 * before each call of the kind that BELLJAR_MEDDLE names.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *kind = "";

__attribute__((constructor)) static void choose(void)
{
    const char *named = getenv("BELLJAR_MEDDLE");

    if (named != NULL)
        kind = strdup(named);
}

static void meddle(const char *call)
{
    if (kind != NULL && strcmp(kind, call) == 0)
        syscall(SYS_getuid);
}

ssize_t read(int fd, void *buf, size_t len)
{
    meddle("read");
    return syscall(SYS_read, fd, buf, len);
}

int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
    meddle("accept4");
    return (int)syscall(SYS_accept4, fd, address, len, flags);
}

ssize_t recvfrom(int fd, void *buf, size_t len, int flags,
                 struct sockaddr *address, socklen_t *address_len)
{
    meddle("recvfrom");
    return syscall(SYS_recvfrom, fd, buf, len, flags, address, address_len);
}
