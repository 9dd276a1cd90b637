#include "harnesses/campaign/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct bj_path bj_path_of(const char *format, ...)
{
    struct bj_path path;
    va_list list;
    int len;

    va_start(list, format);
    len = vsnprintf(path.text, sizeof(path.text), format, list);
    va_end(list);
    if (len < 0 || (size_t)len >= sizeof(path.text))
        path.text[0] = '\0';
    return path;
}

struct bj_path bj_path_plain(const char *path)
{
    struct bj_path out = {.text = ""};
    size_t len = 0;
    size_t part;

    for (; *path != '\0'; path += part + (path[part] == '/')) {
        part = strcspn(path, "/");
        if (part == 0 && len > 0)
            continue; /* a second slash */
        if (part == 1 && path[0] == '.')
            continue;
        if (part == 2 && strncmp(path, "..", 2) == 0 && len > 0) {
            while (len > 0 && out.text[len - 1] != '/')
                len -= 1;
            while (len > 1 && out.text[len - 1] == '/')
                len -= 1;
            out.text[len] = '\0';
            continue;
        }
        if (len + part + 2 > sizeof(out.text))
            return (struct bj_path){.text = ""};
        if (part == 0 || (len > 0 && out.text[len - 1] != '/'))
            out.text[len++] = '/';
        memcpy(out.text + len, path, part);
        len += part;
        out.text[len] = '\0';
    }
    return out;
}

const char *bj_path_real(char out[static BJ_PATH_MAX], const char *path)
{
    char *real = realpath(path, NULL);
    const char *why = real == NULL ? strerror(errno) : NULL;

    if (real != NULL && strlen(real) >= BJ_PATH_MAX / 2)
        why = "the path is too long";
    if (why == NULL)
        snprintf(out, BJ_PATH_MAX, "%s", real);
    free(real);
    return why;
}

bool bj_files_folder(const char *path)
{
    struct bj_path part = bj_path_of("%s", path);
    char *slash = part.text;
    struct stat info;

    while ((slash = strchr(slash + 1, '/')) != NULL) {
        *slash = '\0';
        if (mkdir(part.text, 0777) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    if (mkdir(part.text, 0777) == 0)
        return true;
    return errno == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool read_all(int fd, char *out, size_t len)
{
    size_t have = 0;
    ssize_t got;

    while (have < len) {
        got = read(fd, out + have, len - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

char *bj_files_read(const char *path, size_t max, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    char *out = NULL;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        if ((uint64_t)info.st_size > max)
            errno = EFBIG;
        else
            out = malloc((size_t)info.st_size + 1);
    }
    if (out != NULL && !read_all(fd, out, (size_t)info.st_size)) {
        free(out);
        out = NULL;
    }
    if (out != NULL) {
        out[info.st_size] = '\0';
        *len = (size_t)info.st_size;
    }
    close(fd);
    return out;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    ssize_t put;

    while (len > 0) {
        put = write(fd, bytes, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes += put;
        len -= (size_t)put;
    }
    return true;
}

bool bj_files_replace(const char *path, const void *bytes, size_t len)
{
    struct bj_path beside = bj_path_of("%s.new", path);
    int fd = open(beside.text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool good;
    int error;

    if (fd < 0)
        return false;
    good = write_all(fd, bytes, len) && fsync(fd) == 0;
    error = errno;
    close(fd);
    if (good && rename(beside.text, path) == 0)
        return true;
    if (!good)
        errno = error;
    error = errno;
    unlink(beside.text);
    errno = error;
    return false;
}

bool bj_files_replace_json(const char *path, const json_t *value)
{
    char *text = value == NULL ? NULL : json_dumps(value, JSON_INDENT(1));
    bool good = text != NULL && bj_files_replace(path, text, strlen(text));

    if (text == NULL)
        errno = ENOMEM;
    free(text);
    return good;
}

/* Inputs and reports; nothing of a campaign is larger. */
#define COPY_MAX ((size_t)256 << 20)

bool bj_files_copy(const char *from, const char *to)
{
    size_t len;
    char *bytes = bj_files_read(from, COPY_MAX, &len);
    bool good = bytes != NULL && bj_files_replace(to, bytes, len);

    free(bytes);
    return good;
}

bool bj_files_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

uint64_t bj_files_size(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode)
               ? (uint64_t)info.st_size
               : 0;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

char **bj_files_names(const char *path, size_t *count)
{
    struct dirent **entries;
    int n = scandir(path, &entries, visible, alphasort);
    char **names;

    *count = 0;
    if (n < 0)
        return NULL;
    names = calloc((size_t)n + 1, sizeof(*names));
    for (int i = 0; i < n; i += 1) {
        if (names != NULL) {
            names[*count] = strdup(entries[i]->d_name);
            if (names[*count] != NULL)
                *count += 1;
        }
        free(entries[i]);
    }
    free(entries);
    return names;
}

void bj_files_names_free(char **names)
{
    if (names == NULL)
        return;
    for (size_t i = 0; names[i] != NULL; i += 1)
        free(names[i]);
    free(names);
}

static int remove_one(const char *path, const struct stat *info, int kind,
                      struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

bool bj_files_remove(const char *path)
{
    return !bj_files_exists(path) ||
           nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0;
}

uint64_t bj_files_space(const char *path)
{
    struct statvfs info;

    if (statvfs(path, &info) != 0 || info.f_blocks == 0)
        return UINT64_MAX;
    return (uint64_t)info.f_bavail * info.f_frsize;
}
