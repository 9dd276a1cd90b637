#include "tests/chaos/cgroup.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Enough for a few children, not for a few dozen. */
#define LIMIT "524288"
#define COUNT 8

/* The two versions: where, and which file has the limit and what lifts it. */
static const struct {
    const char *folder, *file, *none;
} versions[] = {
    {"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "-1"},
    {"/sys/fs/cgroup", "memory.max", "max"},
};

static struct {
    bool made;
    size_t version;
} groups[COUNT];

static void name(char out[static 160], unsigned index, const char *file)
{
    snprintf(out, 160, "%s/belljar-chaos-%d-%u/%s",
             versions[groups[index].version].folder, getpid(), index, file);
}

static bool put(unsigned index, const char *file, const char *text)
{
    char path[160];
    FILE *out;
    bool good;

    name(path, index, file);
    out = fopen(path, "we");
    if (out == NULL)
        return false;
    good = fputs(text, out) >= 0;
    return fclose(out) == 0 && good;
}

static bool make(unsigned index)
{
    char path[160];

    for (size_t v = 0; v < sizeof(versions) / sizeof(versions[0]); v++) {
        groups[index].version = v;
        name(path, index, "");
        if (mkdir(path, 0755) != 0)
            continue;
        if (put(index, versions[v].file, versions[v].none)) {
            groups[index].made = true;
            return true;
        }
        rmdir(path);
    }
    return false;
}

bool cgroup_squeeze(unsigned index, pid_t pid)
{
    char text[16];

    if (!groups[index].made && !make(index))
        return false;
    snprintf(text, sizeof(text), "%d", pid);
    return put(index, "cgroup.procs", text) &&
           put(index, versions[groups[index].version].file, LIMIT);
}

void cgroup_relax(unsigned index)
{
    put(index, versions[groups[index].version].file,
        versions[groups[index].version].none);
}

void cgroup_clear(void)
{
    char path[160];

    for (unsigned i = 0; i < COUNT; i++) {
        if (!groups[i].made)
            continue;
        name(path, i, "");
        if (rmdir(path) != 0)
            perror(path);
    }
}
