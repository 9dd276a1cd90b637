#ifndef BJ_SANDBOX_MUSL_MISSING_H
#define BJ_SANDBOX_MUSL_MISSING_H

/*
 * What glibc's headers have and musl's have not, included before every source
 * of a build with musl: constants of the resolver's interface, with glibc's
 * values, and functions, which shim.c has.
 */
#define NETDB_INTERNAL (-1)
#define NETDB_SUCCESS 0
#define AI_IDN 0x0040
#define AI_CANONIDN 0x0080
#define NI_IDN 32

/* musl's heap has no thresholds to set; a thread's table of thread-local
 * storage lies on the stack that it is given. */
#define M_TRIM_THRESHOLD (-1)
#define M_MMAP_THRESHOLD (-3)
int mallopt(int parameter, int value);

const char *strerrorname_np(int error);
const char *sigabbrev_np(int number);

#endif
