#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* musl 1.2.3 has no struct statx; 1.2.5 has, and bears no second. */
#ifndef STATX_BASIC_STATS
#include <linux/stat.h>
#endif

#include "core/bytes/limits.h"
#include "sandbox/resolve/spawner_state.h"

/*
 * The files of the configuration. Each is watched itself, for it may be
 * written in place or be a mount of its own, and by its directory, for it may
 * be replaced; by each directory above that, for one on the way may be
 * replaced, or be a link; and so is whatever it is a link to.
 */

enum {
    LINKS_MAX = 6,
    PATH_LEN = 4096,
    WAY_EVENTS = IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM |
                 IN_MOVE_SELF | IN_DELETE_SELF,
    DIRECTORY_EVENTS = WAY_EVENTS | IN_CLOSE_WRITE | IN_MODIFY,
    FILE_EVENTS =
        IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF,
    ROUND_TO = 4096
};

static const char keyword[] = "nameserver";

/* ---- watching ---- */

static size_t directory_len(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

/* A name that is too long for this is no file's. What there is no room for is
 * looked at every now and then. */
static void remember(struct bj_spawner *s, const char *name, size_t len)
{
    if (len >= sizeof(s->watched[0]))
        return;
    for (size_t i = 0; i < s->watched_count; i++)
        if (memcmp(s->watched[i], name, len) == 0 && s->watched[i][len] == '\0')
            return;
    if (s->watched_count == BJ_WATCHED_MAX) {
        s->blind = true;
        return;
    }
    memcpy(s->watched[s->watched_count], name, len);
    s->watched[s->watched_count][len] = '\0';
    s->watched_count += 1;
}

/* Adds events to what is watched for there: one directory may be of a file, and
 * on the way to another. */
static bool watch(struct bj_spawner *s, const char *path, uint32_t events)
{
    return syscall(SYS_inotify_add_watch, (long)s->inotify, path,
                   (long)(events | IN_MASK_ADD)) >= 0;
}

/* The directory that the first `len` octets of a path are, "" being ".", in
 * which it goes on with a name. */
static void watch_directory(struct bj_spawner *s, char path[PATH_LEN],
                            size_t len, uint32_t events)
{
    const char *name = path + len;
    char first = path[len];

    remember(s, name, strcspn(name, "/"));
    path[len] = '\0';
    if (!watch(s, len > 0 ? path : ".", events))
        s->blind = true;
    path[len] = first;
}

/* The directories on the way, from the root or the working directory, then the
 * file; adding one twice changes nothing. */
static void watch_path(struct bj_spawner *s, char path[PATH_LEN])
{
    size_t file = directory_len(path);

    if (path[0] != '/' && file > 0)
        watch_directory(s, path, 0, WAY_EVENTS);
    for (size_t i = 0; i + 1 < file; i++)
        if (path[i] == '/' && path[i + 1] != '/')
            watch_directory(s, path, i + 1, WAY_EVENTS);
    watch_directory(s, path, file, DIRECTORY_EVENTS);
    (void)watch(s, path, FILE_EVENTS);
}

/* Makes the path of a link the path that it points to; false if it is none. */
static bool follow(char path[PATH_LEN])
{
    char target[PATH_LEN];
    size_t directory = directory_len(path);
    long len = syscall(SYS_readlinkat, (long)AT_FDCWD, path, target,
                       sizeof(target) - 1);

    if (len <= 0)
        return false;
    target[len] = '\0';
    if (target[0] == '/')
        directory = 0;
    if (directory + (size_t)len >= PATH_LEN)
        return false;
    memcpy(path + directory, target, (size_t)len + 1);
    return true;
}

/* A number that is another one when a file has changed. */
static uint64_t fingerprint(const struct bj_spawner *s)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < BJ_FILE_COUNT; i++) {
        struct statx st;

        memset(&st, 0, sizeof(st));
        syscall(SYS_statx, (long)AT_FDCWD, s->settings->files[i], 0L,
                (long)STATX_BASIC_STATS, &st);
        sum = sum * 31 + st.stx_ino + st.stx_size;
        sum = sum * 31 + (uint64_t)st.stx_mtime.tv_sec;
        sum = sum * 31 + st.stx_mtime.tv_nsec;
        sum = sum * 31 + (uint64_t)st.stx_ctime.tv_sec;
        sum = sum * 31 + st.stx_ctime.tv_nsec;
    }
    return sum;
}

static void watch_all(struct bj_spawner *s)
{
    char path[PATH_LEN];

    s->watched_count = 0;
    s->blind = false;
    for (size_t i = 0; i < BJ_FILE_COUNT; i++) {
        size_t len = strlen(s->settings->files[i]);

        if (len >= sizeof(path))
            continue;
        memcpy(path, s->settings->files[i], len + 1);
        for (unsigned links = 0; links < LINKS_MAX; links++) {
            watch_path(s, path);
            if (!follow(path))
                break;
        }
    }
    if (s->blind)
        s->fingerprint = fingerprint(s);
}

void bj_spawner_watch(struct bj_spawner *s)
{
    s->inotify =
        (int)syscall(SYS_inotify_init1, (long)(IN_CLOEXEC | IN_NONBLOCK));
    if (s->inotify >= 0)
        watch_all(s);
    else
        s->fingerprint = fingerprint(s);
}

static bool is_watched(const struct bj_spawner *s, const char *name)
{
    for (size_t i = 0; i < s->watched_count; i++)
        if (strcmp(s->watched[i], name) == 0)
            return true;
    return false;
}

/* Whether one of these events, of the kernel, is of a file of ours. */
static bool concerns(const struct bj_spawner *s, const char *at, size_t len)
{
    struct inotify_event event;

    while (len >= sizeof(event)) {
        memcpy(&event, at, sizeof(event));
        if (event.len > len - sizeof(event))
            break;
        if ((event.mask & IN_IGNORED) == 0 &&
            (event.len == 0 || is_watched(s, at + sizeof(event))))
            return true;
        at += sizeof(event) + event.len;
        len -= sizeof(event) + event.len;
    }
    return false;
}

bool bj_spawner_changed(struct bj_spawner *s)
{
    bool changed = false;
    uint64_t sum;
    long len;

    if (s->inotify < 0 || s->blind) {
        sum = fingerprint(s);
        changed = sum != s->fingerprint;
        s->fingerprint = sum;
    }
    if (s->inotify < 0)
        return changed;
    /* Ends: what has happened by now is finite, and events of the same kind
     * are merged. */
    while ((len = syscall(SYS_read, (long)s->inotify, s->buffer,
                          sizeof(s->buffer))) > 0)
        changed = concerns(s, (const char *)s->buffer, (size_t)len) || changed;
    if (changed)
        watch_all(s);
    return changed;
}

/* ---- reading ---- */

/* Makes room for `cap` octets, of which the first `len` are kept. */
static bool reserve(struct bj_spawner_text *text, size_t cap)
{
    long memory;

    if (cap <= text->cap)
        return true;
    cap = (cap / ROUND_TO + 1) * ROUND_TO;
    memory = syscall(SYS_mmap, NULL, cap, (long)(PROT_READ | PROT_WRITE),
                     (long)(MAP_PRIVATE | MAP_ANONYMOUS), -1L, 0L);
    if (memory < 0 && memory > -ROUND_TO)
        return false;
    if (text->cap > 0) {
        memcpy((void *)memory, text->bytes, text->len);
        syscall(SYS_munmap, text->bytes, text->cap);
    }
    text->bytes = (uint8_t *)memory;
    text->cap = cap;
    return true;
}

static void append(struct bj_spawner_text *text, const char *more)
{
    size_t len = strlen(more);

    if (!reserve(text, text->len + len))
        return;
    memcpy(text->bytes + text->len, more, len);
    text->len += len;
}

/* All of the file behind what the text has; what is no regular file would
 * perhaps never end. False if it is too long, and counts as none. */
static bool read_file(struct bj_spawner_text *text, const char *path)
{
    bool fits = true;
    struct stat st;
    long fd = syscall(SYS_openat, (long)AT_FDCWD, path,
                      (long)(O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), 0L);
    long got = 1;

    if (fd < 0)
        return true;
    if (syscall(SYS_fstat, fd, &st) == 0 && S_ISREG(st.st_mode)) {
        fits = st.st_size <= BJ_CONFIG_TEXT_MAX;
        text->there = fits;
        /* Ends: at the end of the file, or at the limit while it grows. */
        while (fits && got > 0 && text->len < BJ_CONFIG_TEXT_MAX &&
               reserve(text, text->len + (size_t)st.st_size + ROUND_TO)) {
            got = syscall(SYS_read, fd, text->bytes + text->len,
                          text->cap - text->len);
            text->len += got > 0 ? (size_t)got : 0;
        }
    }
    syscall(SYS_close, fd);
    return fits;
}

/* What the driver has room for, in whole lines. */
static void shorten(struct bj_spawner_text *text)
{
    size_t len = text->len;

    if (len <= BJ_CONTROL_TEXT_MAX)
        return;
    len = BJ_CONTROL_TEXT_MAX;
    while (len > 0 && text->bytes[len - 1] != '\n')
        len -= 1;
    text->len = len;
}

/* Makes comments of the file's own servers, which others stand in for. */
static void silence_servers(struct bj_spawner_text *text, size_t from)
{
    const size_t word = sizeof(keyword) - 1;

    for (size_t i = from; i < text->len; i++)
        if ((i == from || text->bytes[i - 1] == '\n') && text->len - i > word &&
            memcmp(text->bytes + i, keyword, word) == 0)
            text->bytes[i] = '#';
}

void bj_spawner_read_files(struct bj_spawner *s)
{
    const char *servers = s->settings->server_lines;
    uint32_t too_long = 0;

    if (!s->stale)
        return;
    s->stale = false;
    for (size_t i = 0; i < BJ_FILE_COUNT; i++) {
        struct bj_spawner_text *text = &s->texts[i];
        size_t prefix = 0;

        text->len = 0;
        text->there = false;
        if (i == BJ_FILE_RESOLV_CONF && servers != NULL) {
            append(text, servers);
            prefix = text->len;
        }
        if (!read_file(text, s->settings->files[i]))
            too_long |= UINT32_C(1) << i;
        text->there = text->there || prefix > 0;
        if (i == BJ_FILE_RESOLV_CONF || i == BJ_FILE_GAI_CONF)
            shorten(text);
        if (prefix > 0)
            silence_servers(text, prefix);
    }
    __atomic_store_n(&s->shared->too_long, too_long, __ATOMIC_RELEASE);
}
