#include "harnesses/campaign/state.h"

#include <stdio.h>
#include <string.h>

#include "core/bytes/ascii.h"

bool bj_state_name_ok(const char *name)
{
    size_t i;

    for (i = 0; name[i] != '\0'; i += 1) {
        if (i + 1 >= BJ_NAME_MAX)
            return false;
        if (!bj_ascii_is_alnum((uint8_t)name[i]) && name[i] != '_' &&
            (name[i] != '-' || i == 0))
            return false;
    }
    return i > 0;
}

void bj_state_sample(struct bj_target *target, uint64_t at_ms)
{
    size_t kept = 0;
    size_t i;

    if (target->sample_count == BJ_SAMPLES_MAX) {
        for (i = 0; i < target->sample_count; i += 1) {
            if (i >= BJ_SAMPLES_MAX / 2 || i % 2 == 0) {
                target->sample[kept] = target->sample[i];
                kept += 1;
            }
        }
        target->sample_count = kept;
    }
    target->sample[target->sample_count] = (struct bj_sample){
        .at_ms = at_ms,
        .runs = target->runs,
        .edges = target->edges,
        .corpus = target->corpus,
    };
    target->sample_count += 1;
}

struct bj_target *bj_state_target(struct bj_campaign *c, const char *name)
{
    size_t i;

    for (i = 0; i < c->target_count; i += 1) {
        if (strcmp(c->target[i].name, name) == 0)
            return &c->target[i];
    }
    return NULL;
}

struct bj_finding *bj_state_finding(struct bj_campaign *c, const char *id)
{
    size_t i;

    for (i = 0; i < c->finding_count; i += 1) {
        if (strcmp(c->finding[i].id, id) == 0)
            return &c->finding[i];
    }
    return NULL;
}

const char *bj_state_function(const struct bj_finding *finding)
{
    return finding->frame[0][0] == '\0' ? "?" : finding->frame[0];
}

uint64_t bj_state_octets(const struct bj_finding *finding)
{
    return finding->minimized_len > 0 ? finding->minimized_len
                                      : finding->input_len;
}

const char *bj_state_warning(const struct bj_target *target)
{
    if (target->phase == BJ_PHASE_UNFIT)
        return bj_verdict_words(target->verdict);
    if (target->ended_early >= 2 && target->used_ms * 2 < target->granted_ms)
        return "loses its runs to a crash: mend that first";
    if (target->timeouts > 0)
        return "an input took too long once, but not again: is the machine "
               "busy?";
    if (target->phase == BJ_PHASE_FUZZING && target->slices > 0 &&
        target->used_ms >= 10000 && target->runs * 1000 / target->used_ms < 100)
        return "runs fewer than a hundred inputs a second";
    return NULL;
}
