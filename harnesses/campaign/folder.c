#include "harnesses/campaign/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* 128 targets of 240 samples are about 2 MiB; more is not a state of ours. */
#define STATE_MAX ((size_t)16 << 20)

bool bj_folder_look(const char *path, struct bj_folder *out,
                    struct bj_trouble *trouble)
{
    const char *why = bj_path_real(out->path, path);

    out->lock = -1;
    if (why != NULL)
        snprintf(trouble->text, sizeof(trouble->text), "%.150s: %s", path, why);
    return why == NULL;
}

bool bj_folder_open(const char *path, struct bj_folder *out,
                    struct bj_trouble *trouble)
{
    struct bj_path lock;

    if (!bj_files_folder(path)) {
        snprintf(trouble->text, sizeof(trouble->text), "%.150s: %s", path,
                 strerror(errno));
        return false;
    }
    if (!bj_folder_look(path, out, trouble))
        return false;
    lock = bj_path_of("%s/lock", out->path);
    out->lock = open(lock.text, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (out->lock >= 0 && flock(out->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    snprintf(trouble->text, sizeof(trouble->text), "%.150s: %s", path,
             errno == EWOULDBLOCK ? "another campaign is running there"
                                  : strerror(errno));
    bj_folder_close(out);
    return false;
}

void bj_folder_close(struct bj_folder *folder)
{
    if (folder->lock >= 0)
        close(folder->lock);
    folder->lock = -1;
}

bool bj_folder_busy(const struct bj_folder *folder)
{
    struct bj_path path = bj_path_of("%s/lock", folder->path);
    bool busy;
    int lock;

    if (folder->lock >= 0)
        return false; /* it is us */
    lock = open(path.text, O_RDONLY | O_CLOEXEC);
    if (lock < 0)
        return false;
    busy = flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(lock);
    return busy;
}

bool bj_folder_load(const struct bj_folder *folder, struct bj_campaign *c,
                    struct bj_trouble *trouble)
{
    struct bj_path path = bj_path_of("%s/campaign.json", folder->path);
    char why[160];
    size_t len;
    char *text = bj_files_read(path.text, STATE_MAX, &len);
    bool good;

    if (text == NULL) {
        snprintf(trouble->text, sizeof(trouble->text),
                 "no campaign in %.120s (%s)", folder->path, strerror(errno));
        return false;
    }
    good = bj_state_read(text, len, c, why, sizeof(why));
    free(text);
    if (!good)
        snprintf(trouble->text, sizeof(trouble->text),
                 "campaign.json is damaged: %.100s; what was found lies in "
                 "*/findings and */work/artifacts",
                 why);
    return good;
}

bool bj_folder_save(const struct bj_folder *folder, const struct bj_campaign *c)
{
    struct bj_path path = bj_path_of("%s/campaign.json", folder->path);
    char *text = bj_state_print(c);
    bool good;

    if (text == NULL) {
        errno = ENOMEM;
        return false;
    }
    good = bj_files_replace(path.text, text, strlen(text));
    free(text);
    return good;
}

struct bj_path bj_folder_of(const struct bj_folder *folder, const char *target,
                            const char *what)
{
    return bj_path_of("%s/%s/%s", folder->path, target, what);
}

struct bj_path bj_folder_log(const struct bj_folder *folder, const char *target,
                             uint32_t number)
{
    return bj_path_of("%s/%s/logs/%06u.log", folder->path, target, number);
}

struct bj_path bj_folder_artifact(const struct bj_folder *folder,
                                  const char *target, const char *name)
{
    return bj_path_of("%s/%s/work/artifacts/%s", folder->path, target, name);
}

struct bj_path bj_folder_shortest(const struct bj_folder *folder,
                                  const struct bj_finding *finding)
{
    struct bj_path path = bj_folder_finding(folder, finding, "minimized");

    return bj_files_exists(path.text)
               ? path
               : bj_folder_finding(folder, finding, "input");
}

struct bj_path bj_folder_finding(const struct bj_folder *folder,
                                 const struct bj_finding *finding,
                                 const char *what)
{
    return bj_path_of("%s/%s/findings/%s/%s", folder->path, finding->target,
                      finding->id, what);
}
