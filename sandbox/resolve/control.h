#ifndef BJ_SANDBOX_RESOLVE_CONTROL_H
#define BJ_SANDBOX_RESOLVE_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"
#include "core/bytes/status.h"
#include "core/bytes/writer.h"

/*
 * What crosses the socket between a driver and its spawner, a message a
 * packet. The driver asks, the spawner answers each WANT in order with one
 * WORKER, which brings the ends of the worker's pipes along, or one FAILED.
 *
 * On the wire, big-endian: kind 4, number 4, generation 8, and the lengths 4
 * and 4 of two texts, which follow.
 */

/* Octets of resolv.conf and of gai.conf that are read: a packet must hold both
 * (a socket's buffer is 208 KiB), and no such file is longer than a page. */
#define BJ_CONTROL_TEXT_MAX 32768

#define BJ_CONTROL_MAX (24 + 2 * BJ_CONTROL_TEXT_MAX)

/*
 * The driver's ends of a worker's two pipes, -1 for none: to its standard input
 * and from its standard output, neither of which blocks. Pipes, since a round
 * trip takes two thirds of what it takes through sockets.
 *
 * A pipe that nobody reads is a SIGPIPE for whoever writes, which no flag keeps
 * away as MSG_NOSIGNAL does. So the driver has the reading end of the first as
 * well, and never reads it: a worker that has ended is heard of on the second.
 */
struct bj_ends {
    int to;
    int from;
    int reader;
};

#define BJ_ENDS_NONE ((struct bj_ends){-1, -1, -1})

enum bj_control_kind {
    BJ_CONTROL_NONE,
    BJ_CONTROL_WANT,   /* to the spawner: a worker */
    BJ_CONTROL_END,    /* to the spawner: that worker is of no more use */
    BJ_CONTROL_WORKER, /* a new one, with the configuration that it has */
    BJ_CONTROL_FAILED, /* there is none; `number` is an errno value */
    BJ_CONTROL_COUNT
};

struct bj_control {
    enum bj_control_kind kind;
    uint32_t number; /* which worker: each has its own */
    uint64_t generation;
    const uint8_t *resolv_conf;
    size_t resolv_conf_len;
    const uint8_t *gai_conf;
    size_t gai_conf_len;
};

BJ_MUST_CHECK enum bj_status bj_control_write(struct bj_writer *w,
                                              const struct bj_control *control);

/* Reads all that the cursor has; texts lie in its input. On failure *control
 * is zero. */
BJ_MUST_CHECK enum bj_status bj_control_read(struct bj_cursor *c,
                                             struct bj_control *control);

#endif
