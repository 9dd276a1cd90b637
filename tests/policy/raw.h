#ifndef BJ_TESTS_POLICY_RAW_H
#define BJ_TESTS_POLICY_RAW_H

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * A system call with nothing around it: the whole 64-bit number goes to the
 * kernel, where libc's syscall() would be free to cut it. The result or the
 * negative errno.
 */
#if defined(__x86_64__)
static inline long raw_call(uint64_t number, const uint64_t args[static 6])
{
    register uint64_t r10 __asm__("r10") = args[3];
    register uint64_t r8 __asm__("r8") = args[4];
    register uint64_t r9 __asm__("r9") = args[5];
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(args[0]), "S"(args[1]), "d"(args[2]),
                       "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
#else
static inline long raw_call(uint64_t number, const uint64_t args[static 6])
{
    long result = syscall((long)number, args[0], args[1], args[2], args[3],
                          args[4], args[5]);

    return result < 0 ? -errno : result;
}
#endif

#endif
