#ifndef BJ_SANDBOX_LOOKUP_TRIED_H
#define BJ_SANDBOX_LOOKUP_TRIED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr/endpoint.h"
#include "core/bytes/limits.h"
#include "sandbox/resolve/belljar.h"

/*
 * What a lookup tried, as its trace tells: which question went to which
 * server and what came of it, for whoever wonders why it failed. Of packets
 * only the question of our own queries is read.
 */
enum { BJ_TRIED_MAX = 64 };

struct bj_try {
    char name[BJ_NAME_TEXT_MAX + 1];
    unsigned type;
    struct bj_endpoint server;
    bool tcp;
    unsigned lookup;
    unsigned question;
    unsigned sent;
    unsigned received; /* packets, whatever they were */
    int error;         /* errno, if sending or receiving failed */
};

struct bj_tried {
    bool print; /* every event, on standard error */
    uint64_t start_ms;
    struct bj_try tries[BJ_TRIED_MAX];
    size_t count;
    size_t left_out;
};

/* For bj_resolver_options.trace, with a struct bj_tried as its argument. */
void bj_tried_trace(const struct bj_trace *event, void *tried);

/* "www.example A at 192.0.2.1:53: no reply", with a NUL, cut to `cap`. */
void bj_try_format(const struct bj_try *try, char *out, size_t cap);

#endif
