#ifndef BJ_HARNESSES_CAMPAIGN_STATE_H
#define BJ_HARNESSES_CAMPAIGN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harnesses/campaign/bucket.h"
#include "harnesses/campaign/verdict.h"

/*
 * What a campaign knows, and what of it outlives the runner: campaign.json in
 * its folder, replaced atomically after each event. Times are milliseconds of
 * the campaign's own clock, which stands still while no runner is alive.
 */
#define BJ_NAME_MAX 64 /* of a target or finding, with its NUL */
#define BJ_PATH_MAX 1024
#define BJ_TARGETS_MAX 128
#define BJ_FINDINGS_MAX 256
#define BJ_SAMPLES_MAX 240

/* The limits of one target where nobody names others. */
#define BJ_TIMEOUT_S 10
#define BJ_RSS_MB 2048

/* As a campaign's coverage: nobody has measured it. */
#define BJ_COVERAGE_UNKNOWN 10001

/* One point of a target's plots. */
struct bj_sample {
    uint64_t at_ms;
    uint64_t runs;
    uint64_t edges;
    uint64_t corpus;
};

enum bj_phase {
    BJ_PHASE_WAITING, /* its seeds are still to be replayed */
    BJ_PHASE_FUZZING, /* its seeds hold; it gets slices */
    BJ_PHASE_UNFIT,   /* it cannot be fuzzed: `verdict` says why */
    BJ_PHASE_COUNT
};

struct bj_target {
    char name[BJ_NAME_MAX]; /* as corpus/ names it: dns_name */
    enum bj_phase phase;
    enum bj_verdict verdict; /* of the last process */
    char detail[256];        /* what was seen, where a verdict needs it */
    uint32_t slices;      /* processes that have ended: the last log's number */
    uint32_t ended_early; /* slices that ended in a finding */
    uint32_t timeouts;    /* that did not reproduce: a slow machine */
    uint64_t granted_ms;  /* sum of the slices' lengths */
    uint64_t used_ms;     /* sum of the time they took */
    uint64_t runs;
    uint64_t edges;
    uint64_t features;
    uint64_t corpus; /* inputs in use, seeds included */
    uint64_t peak_rss_mb;
    uint64_t last_new_ms;
    bool grows;
    struct bj_sample sample[BJ_SAMPLES_MAX];
    size_t sample_count;
};

struct bj_finding {
    char id[BJ_NAME_MAX]; /* the bucket's */
    char target[BJ_NAME_MAX];
    char kind[80];
    char text[256]; /* the line that reports it */
    char frame[BJ_BUCKET_FRAMES][128];
    char file[256]; /* of the first frame, below the sources; or "" */
    uint32_t line;
    char input[BJ_NAME_MAX]; /* file name of the first input, a digest */
    uint64_t input_len;
    uint64_t minimized_len; /* 0: not minimised */
    uint32_t count;         /* inputs that fell into the bucket */
    uint32_t reproduced;    /* of three replays */
    uint64_t first_ms;
    bool by_seed; /* the committed seeds show it */
    bool known;   /* the baseline lists it */
};

struct bj_campaign {
    /* What it was started with; resume goes on with the same. */
    char bin[BJ_PATH_MAX];    /* folder of the targets */
    char source[BJ_PATH_MAX]; /* folder that holds corpus/ and harnesses/ */
    char baseline[BJ_PATH_MAX];
    char coverage_bin[BJ_PATH_MAX]; /* targets with counters; "": none */
    uint64_t budget_ms;             /* of fuzzing, on the clock */
    uint32_t jobs;
    uint32_t timeout_s; /* for one input */
    uint32_t rss_mb;
    uint32_t minimize_s;  /* budget for each finding */
    uint64_t min_runs;    /* gate: executions per target */
    uint32_t min_percent; /* gate: line coverage of core, 0: none */
    uint32_t coverage;    /* lines of core in hundredths of a per cent */
    bool confined;

    uint64_t started; /* Unix time of the first start */
    uint64_t clock_ms;
    bool finished;
    struct bj_target target[BJ_TARGETS_MAX];
    size_t target_count;
    struct bj_finding finding[BJ_FINDINGS_MAX];
    size_t finding_count;
};

/* Whether a name may become part of a path: letters, digits, _ and -, not
 * empty and shorter than BJ_NAME_MAX. */
bool bj_state_name_ok(const char *name);

/* Adds a point, thinning out the older half when there is no more room. */
void bj_state_sample(struct bj_target *target, uint64_t at_ms);

/* NULL if there is none. */
struct bj_target *bj_state_target(struct bj_campaign *c, const char *name);
struct bj_finding *bj_state_finding(struct bj_campaign *c, const char *id);

/* The function that a finding is in, or "?"; the octets of its shortest input.
 */
const char *bj_state_function(const struct bj_finding *finding);
uint64_t bj_state_octets(const struct bj_finding *finding);

/* A warning about a target for the table and the report, or NULL. */
const char *bj_state_warning(const struct bj_target *target);

/* The campaign as JSON text to free(), or NULL if memory ran out. */
char *bj_state_print(const struct bj_campaign *c);

/*
 * Reads such a text. It may be torn or hostile: every number is bounded, every
 * name fit for a path. False with the reason in `why`, and *c all zero.
 */
bool bj_state_read(const char *text, size_t len, struct bj_campaign *c,
                   char *why, size_t why_cap);

#endif
