/*
 * Functions that musl has not, or has otherwise. Debian's libseccomp.a and
 * libjansson.a were compiled against glibc with _FORTIFY_SOURCE and call its
 * checked functions. These check nothing: the sizes were known at compile time
 * or are given anyway. Debian 13's jansson calls C23's strtoll, in base 10, where
 * it is no other than C17's. The others are glibc's own.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/musl/missing.h"

int __fprintf_chk(FILE *file, int flag, const char *format, ...);
int __snprintf_chk(char *out, size_t cap, int flag, size_t size,
                   const char *format, ...);
int __vsnprintf_chk(char *out, size_t cap, int flag, size_t size,
                    const char *format, va_list arguments);
char *__strncpy_chk(char *out, const char *in, size_t n, size_t size);
long long __isoc23_strtoll(const char *text, char **end, int base);

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
    va_list arguments;
    int n;

    (void)flag;
    va_start(arguments, format);
    n = vfprintf(file, format, arguments);
    va_end(arguments);
    return n;
}

int __vsnprintf_chk(char *out, size_t cap, int flag, size_t size,
                    const char *format, va_list arguments)
{
    (void)flag;
    return vsnprintf(out, cap < size ? cap : size, format, arguments);
}

int __snprintf_chk(char *out, size_t cap, int flag, size_t size,
                   const char *format, ...)
{
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = __vsnprintf_chk(out, cap, flag, size, format, arguments);
    va_end(arguments);
    return n;
}

char *__strncpy_chk(char *out, const char *in, size_t n, size_t size)
{
    return strncpy(out, in, n < size ? n : size);
}

long long __isoc23_strtoll(const char *text, char **end, int base)
{
    return strtoll(text, end, base);
}

int mallopt(int parameter, int value)
{
    (void)parameter;
    (void)value;
    return 1;
}

/* In place of musl's own, which asks accept, too, where this has said EINVAL:
 * a call that no role may make, as the end of each would bring it. */
int accept4(int fd, struct sockaddr *peer, socklen_t *len, int flags)
{
    return (int)syscall(SYS_accept4, fd, peer, len, flags);
}

/* Those that the policy answers. */
const char *strerrorname_np(int error)
{
    switch (error) {
    case ENOSYS:
        return "ENOSYS";
    case ENOTTY:
        return "ENOTTY";
    case ENOENT:
        return "ENOENT";
    default:
        return NULL;
    }
}

/* Those that end a role. */
const char *sigabbrev_np(int number)
{
    static const char *const names[] = {
        [SIGHUP] = "HUP",   [SIGINT] = "INT",   [SIGQUIT] = "QUIT",
        [SIGILL] = "ILL",   [SIGTRAP] = "TRAP", [SIGABRT] = "ABRT",
        [SIGBUS] = "BUS",   [SIGFPE] = "FPE",   [SIGKILL] = "KILL",
        [SIGUSR1] = "USR1", [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
        [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM", [SIGTERM] = "TERM",
        [SIGXCPU] = "XCPU", [SIGSYS] = "SYS",
    };

    if (number < 0 || (size_t)number >= sizeof(names) / sizeof(names[0]))
        return NULL;
    return names[number];
}
