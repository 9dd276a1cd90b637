#ifndef BJ_HARNESSES_CAMPAIGN_BUCKET_H
#define BJ_HARNESSES_CAMPAIGN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "harnesses/campaign/crash.h"

/*
 * Which reports are one cause: same target, same kind, same top three frames
 * of our own code (by function, so that an edit elsewhere in a file changes
 * nothing). Where an alarm hit a slow input, or which allocation was one too
 * many, is chance: timeouts and out-of-memory are one bucket per target.
 */
#define BJ_BUCKET_FRAMES 3

struct bj_bucket {
    char id[32]; /* "dns_name-1a2b3c4d": letters, digits, dashes, underscores */
    char frame[BJ_BUCKET_FRAMES][128]; /* "" where there are fewer */
    char file[256]; /* of the first of them; "" if it is not known */
    uint32_t line;
};

/* Whether a frame is of our own code: neither the engine, an interceptor, a
 * sanitizer nor libc. `program` is the path of the target. */
bool bj_bucket_own(const struct bj_frame *frame, const char *program);

void bj_bucket_of(const char *target, const char *program,
                  const struct bj_crash *crash, struct bj_bucket *out);

#endif
