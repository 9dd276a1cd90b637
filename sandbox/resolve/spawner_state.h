#ifndef BJ_SANDBOX_RESOLVE_SPAWNER_STATE_H
#define BJ_SANDBOX_RESOLVE_SPAWNER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/resolve/frame.h"
#include "sandbox/resolve/control.h"
#include "sandbox/resolve/settings.h"
#include "sandbox/resolve/shared.h"

/*
 * The spawner's own, for its three files: processes (spawner_worker.c), the
 * configuration (spawner_files.c), addresses (spawner_addresses.c). In memory
 * that it mapped itself. Functions here make raw system calls only.
 */

/* Workers alive at once: one for each of 64 lookups that are isolated, one
 * that is ready for the next, and those that are about to end. */
#define BJ_SPAWNED_MAX 72

/* For a worker to read its configuration and say so. A hosts file of 100 000
 * lines takes a tenth of a second; a machine may be loaded. */
#define BJ_SPAWNER_READY_MS 10000U

/* Names of files, of the directories on the way to each, and of links. */
#define BJ_WATCHED_MAX 64

struct bj_spawned {
    pid_t pid; /* 0: none */
    int process;
    uint32_t number;
    uint64_t since_ms;
    bool ended; /* at our wish */
};

/* A text of the configuration; `there` is false where there is no file. */
struct bj_spawner_text {
    uint8_t *bytes;
    size_t len;
    size_t cap;
    bool there;
};

struct bj_spawner {
    const struct bj_settings *settings;
    struct bj_shared *shared;
    int control;
    int caller;  /* its pidfd */
    int program; /* the worker's, O_PATH */
    int inotify; /* -1: files are looked at every now and then */
    int netlink; /* -1: addresses are not known */

    struct bj_spawned workers[BJ_SPAWNED_MAX];
    uint32_t last_number;
    int loading; /* what a worker that is being loaded writes to, or -1 */
    unsigned wants;
    unsigned failures; /* of the want at hand */
    int failure;       /* the last one's errno value */
    uint64_t not_before_ms;
    uint64_t backoff_ms;

    bool stale; /* the texts are to be read again */
    struct bj_spawner_text texts[BJ_FILE_COUNT];
    char watched[BJ_WATCHED_MAX][256]; /* names within their directories */
    size_t watched_count;
    bool blind; /* a folder cannot be watched: it is not there yet, perhaps */
    uint64_t fingerprint; /* of the files, where there is no inotify or it is
                             blind */

    struct bj_own own;
    uint8_t buffer[BJ_CONTROL_MAX + BJ_FRAME_CHUNK_MAX];
};

/* What a spawner is born with. */
struct bj_spawner_birth {
    const struct bj_settings *settings;
    struct bj_shared *shared;
    int control;
    int caller;
    int program;
};

/* What the child of the clone does; it has the parent's stack, copied. */
_Noreturn void bj_spawner_run(const struct bj_spawner_birth *start);

/* CLOCK_BOOTTIME in ms. */
uint64_t bj_spawner_now(void);

/* Kills all, reaps them and ends. */
_Noreturn void bj_spawner_finish(struct bj_spawner *s);

/* Waits until `fd` has one of `events` (true; to read, its end is one) or the
 * deadline has come, or it or the worker that is being loaded broke (false). Ends
 * the spawner if the caller has ended meanwhile. */
bool bj_spawner_await(struct bj_spawner *s, int fd, short events,
                      uint64_t deadline_ms);

/* ---- spawner_filter.c ---- */
struct sock_fprog;
/* What the spawner, and all that it starts, may call (sandbox/policy/role.c).
 * Alone in its file, so that a test can put another in its place. */
const struct sock_fprog *bj_spawner_filter(void);

/* ---- spawner_files.c ---- */
void bj_spawner_watch(struct bj_spawner *s);
/* Takes in what inotify says, or looks for itself; true if a file has
 * changed. */
bool bj_spawner_changed(struct bj_spawner *s);
/* Reads the texts again if they are stale. */
void bj_spawner_read_files(struct bj_spawner *s);

/* ---- spawner_addresses.c ---- */
void bj_spawner_open_netlink(struct bj_spawner *s);
/* Takes in what netlink says and publishes the addresses. */
void bj_spawner_read_addresses(struct bj_spawner *s);

/* ---- spawner_worker.c ---- */
/* Starts and loads a worker. False, with s->failure set and no ends, if it is
 * gone. */
bool bj_spawner_start_worker(struct bj_spawner *s, struct bj_spawned *worker,
                             struct bj_ends *ends);
void bj_spawner_close_ends(const struct bj_ends *ends);
/* Kills it; it is reaped when its pidfd says so. */
void bj_spawner_end_worker(struct bj_spawned *worker);
/* Reaps it, and remembers if it died of itself. True if a filter killed it. */
bool bj_spawner_reap(struct bj_spawner *s, struct bj_spawned *worker);

#endif
