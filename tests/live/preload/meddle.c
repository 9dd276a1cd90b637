/*
 * Stands in for a libc that we have never seen (RISKS R46): preloaded under
 * the server, it makes one harmless call that no role is allowed, getuid(2),
 * before each call of the kind that BELLJAR_MEDDLE names.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *kind = "";
static long (*libc_syscall)(long number, ...);

__attribute__((constructor)) static void choose(void)
{
    const char *named = getenv("BELLJAR_MEDDLE");

    *(void **)&libc_syscall = dlsym(RTLD_NEXT, "syscall");
    if (named != NULL)
        kind = strdup(named);
}

static void meddle(const char *call)
{
    if (kind != NULL && strcmp(kind, call) == 0)
        libc_syscall(SYS_getuid);
}

ssize_t read(int fd, void *buf, size_t len)
{
    meddle("read");
    return libc_syscall(SYS_read, fd, buf, len);
}

/* Roles accept by the bare call. */
long syscall(long number, ...)
{
    va_list list;
    long a[6];

    va_start(list, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_accept4)
        meddle("accept4");
    return libc_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

ssize_t recvfrom(int fd, void *buf, size_t len, int flags,
                 struct sockaddr *address, socklen_t *address_len)
{
    meddle("recvfrom");
    return libc_syscall(SYS_recvfrom, fd, buf, len, flags, address,
                        address_len);
}
