#include "harnesses/campaign/verdict.h"

#include <string.h>

/* libFuzzer's own statuses, as measured with clang 14 and 19. */
#define STATUS_ENGINE_ERROR 1
#define STATUS_OUT_OF_MEMORY 71
#define STATUS_INTERRUPTED 72

static const struct {
    const char *name;
    const char *words;
    bool unfit;
} verdicts[BJ_VERDICT_COUNT] = {
    [BJ_VERDICT_CLEAN] = {"clean", "clean", false},
    [BJ_VERDICT_FOUND] = {"found", "found something", false},
    [BJ_VERDICT_INTERRUPTED] = {"interrupted", "interrupted", false},
    [BJ_VERDICT_HANGS] = {"hangs", "hangs: it did not end in time", true},
    [BJ_VERDICT_MEMORY] =
        {"memory", "eats memory: it passed its limit, whatever the input",
         true},
    [BJ_VERDICT_EXITS] = {"exits",
                          "ends itself without a report, as _exit(2) does",
                          true},
    [BJ_VERDICT_UNINSTRUMENTED] = {"uninstrumented",
                                   "is built without coverage instrumentation",
                                   true},
    [BJ_VERDICT_NO_ENGINE] = {"no-engine", "is no libFuzzer target", true},
    [BJ_VERDICT_DIES] = {"dies", "dies without an input to blame", true},
    [BJ_VERDICT_NO_START] = {"no-start",
                             "could not be started under its confinement",
                             true},
};

enum bj_verdict bj_verdict_of(const struct bj_engine *engine,
                              const struct bj_crash *crash,
                              const struct bj_end *end)
{
    if (end->signal == 0 && (end->status == BJ_EXIT_NOT_CONFINED ||
                             end->status == BJ_EXIT_NOT_EXECUTED))
        return BJ_VERDICT_NO_START;
    if (crash->kind[0] != '\0' && end->has_artifact)
        return BJ_VERDICT_FOUND;
    /* Even if it then hung over the account of its memory. */
    if (strcmp(crash->kind, "out-of-memory") == 0)
        return BJ_VERDICT_MEMORY;
    if (end->killed_late)
        return BJ_VERDICT_HANGS;
    if (end->interrupted || (end->signal == 0 && !engine->done &&
                             end->status == STATUS_INTERRUPTED))
        return BJ_VERDICT_INTERRUPTED;
    if (!engine->started)
        return BJ_VERDICT_NO_ENGINE;
    if (end->signal == 0 && end->status == STATUS_OUT_OF_MEMORY)
        return BJ_VERDICT_MEMORY;
    if (crash->kind[0] != '\0' || end->signal != 0)
        return BJ_VERDICT_DIES;
    if (!engine->instrumented || engine->uninteresting)
        return engine->done || engine->uninteresting ||
                       end->status == STATUS_ENGINE_ERROR
                   ? BJ_VERDICT_UNINSTRUMENTED
                   : BJ_VERDICT_EXITS;
    if (!engine->done)
        return end->status == 0 ? BJ_VERDICT_EXITS : BJ_VERDICT_DIES;
    return end->status == 0 ? BJ_VERDICT_CLEAN : BJ_VERDICT_DIES;
}

bool bj_verdict_unfit(enum bj_verdict verdict)
{
    return verdicts[verdict].unfit;
}

const char *bj_verdict_name(enum bj_verdict verdict)
{
    return verdicts[verdict].name;
}

const char *bj_verdict_words(enum bj_verdict verdict)
{
    return verdicts[verdict].words;
}

enum bj_verdict bj_verdict_find(const char *name)
{
    unsigned i;

    for (i = 0; i < BJ_VERDICT_COUNT; i += 1) {
        if (strcmp(verdicts[i].name, name) == 0)
            break;
    }
    return (enum bj_verdict)i;
}
