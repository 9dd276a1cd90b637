#ifndef BJ_SANDBOX_RESOLVE_DESCRIPTOR_H
#define BJ_SANDBOX_RESOLVE_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A descriptor in somebody else's process: the host program may close it, or
 * all of them (closefrom), and have its number for something of its own. So
 * it is known by the inode behind it, which is looked at before a write and
 * before it is closed. {.fd = -1}, or all zero, is none.
 */
struct bj_descriptor {
    int fd;        /* 0 is none, too: ours are never below 3 */
    uint32_t seen; /* on which visit it was looked at */
    dev_t device;
    ino_t inode;
};

/*
 * Takes over `fd`, moved to 3 or above if it is below, so that nobody's
 * printf ever reaches it. Returns 0, or an errno value with `fd` closed and
 * *out none. A negative `fd` is the failed call that it comes from: errno.
 */
int bj_descriptor_adopt(struct bj_descriptor *out, int fd);

/* Whether the number is still what it was adopted as. */
bool bj_descriptor_holds(const struct bj_descriptor *d);

/*
 * Likewise; but it is looked at once on each visit, which is a time in which
 * nobody but the library runs in this process. 0: no such time.
 */
bool bj_descriptor_holds_on(struct bj_descriptor *d, uint32_t visit);

/* Closes it if it holds, and makes it none. */
void bj_descriptor_close(struct bj_descriptor *d);

#endif
