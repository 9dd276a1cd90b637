#ifndef BJ_SANDBOX_DECODE_DECODE_H
#define BJ_SANDBOX_DECODE_DECODE_H

#include <stdbool.h>

#include "sandbox/policy/lockdown.h"

/*
 * What `belljar decode` does to one file: a message, its hexadecimal dump, or
 * a capture. Each file is decoded by a process of its own that enters the
 * role `decode` before the file's first octet: it can read descriptor 0,
 * write descriptor 1 and end. So what one file holds cannot touch how the
 * next is shown. The process has no heap: its memory is static.
 *
 * A message has at most 65535 octets, a dump BJ_DECODE_DUMP_MAX characters; a
 * capture any size, since only a window of it is held.
 */
#define BJ_DECODE_DUMP_MAX 1048576

struct bj_decode {
    bool json;
    bool hex;
    enum bj_mode mode;
    unsigned without; /* BJ_LAYER_* */
};

/* Results of a file, which are exit statuses of its process too. */
enum bj_decode_result {
    BJ_DECODE_GOOD,     /* everything in it was shown */
    BJ_DECODE_REJECTED, /* it, or something in it, was not */
    BJ_DECODE_IO = 3,   /* it could not be read */
    BJ_DECODE_OUTPUT,   /* standard output could not be written */
};

/*
 * Decodes what descriptor 0 gives, under that name, onto descriptor 1. Makes
 * no system call but read and write. Once per process.
 */
enum bj_decode_result bj_decode_input(const struct bj_decode *decode,
                                      const char *name);

/*
 * Decodes each of `count` files in turn, "-" being standard input, and
 * explains on standard error what could not be opened, read or confined.
 * Returns the exit status of the command: 0, 1, or BJ_EXIT_LOCKDOWN.
 */
int bj_decode_files(const struct bj_decode *decode, char *const *names,
                    int count);

#endif
