#ifndef BJ_HARNESSES_CAMPAIGN_PLANT_H
#define BJ_HARNESSES_CAMPAIGN_PLANT_H

#include <stdint.h>

#include "harnesses/campaign/mutant.h"
#include "sandbox/policy/trouble.h"

/*
 * Where bugs are planted: a copy of the sources, and builds of it, one for
 * each kind of sanitizer. The sources themselves are only read.
 */
struct bj_plant {
    char source[BJ_PATH_MAX]; /* absolute */
    char work[BJ_PATH_MAX];   /* absolute; all is written below it */
    uint64_t ms;              /* for each mutant */
};

/* Copies the sources; the builds of an earlier time are gone on with. */
bool bj_plant_open(struct bj_plant *plant, struct bj_trouble *trouble);

struct bj_planted {
    enum bj_mutant_result result;
    uint64_t took_ms; /* until it was killed */
    char detail[160]; /* another report, or what failed */
};

/* Plants one bug, builds the one harness, runs it from the committed seeds
 * with a fixed seed, and takes the bug out again. */
void bj_plant_try(const struct bj_plant *plant, const struct bj_mutant *mutant,
                  struct bj_planted *out);

#endif
