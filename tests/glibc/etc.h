#ifndef BJ_TESTS_GLIBC_ETC_H
#define BJ_TESTS_GLIBC_ETC_H

#include <stddef.h>

/*
 * Files of the test's own in place of files in /etc, for this process and its
 * children only, so that glibc can be asked what it makes of them.
 */

/*
 * Moves the process into mount, host name and network namespaces of its own
 * (as an ordinary user into a user namespace too), sets the host name to
 * "bell", and binds an empty file over /etc/NAME for each of the `count`
 * names, which must stay readable. Returns NULL, or why it could not be done,
 * with errno. Namespaces and files end with the process.
 */
const char *bj_etc_enter(const char *const *names, size_t count);

/* Replaces the contents of one of them. */
void bj_etc_put(const char *name, const void *bytes, size_t len);

#endif
