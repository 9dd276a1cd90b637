#include "tests/resolve/fixture.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/scratch.h"

enum { GONE_MS = 10000 };

/* Before a test forks or starts a thread. */
__attribute__((constructor)) static void make_scratch(void)
{
    (void)bj_scratch();
}

static void fail(const char *what)
{
    perror(what);
    exit(99);
}

void bj_fixture_write(const char *path, const char *text)
{
    char temporary[160];
    int fd;
    size_t len = strlen(text);

    snprintf(temporary, sizeof(temporary), "%s.new", path);
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0 ||
        rename(temporary, path) != 0)
        fail(path);
}

/* A spawner that its own filter kills is replaced, so that nothing else would
 * show it. */
static void tell_violation(const struct bj_trace *event, void *arg)
{
    (void)arg;
    if (event->kind == BJ_TRACE_STATE &&
        strcmp(event->what, "spawner-violation") == 0)
        fail("the spawner's filter killed it");
}

static void make(struct bj_fixture *f, const char *resolv_conf,
                 const char *server, const char *worker)
{
    struct {
        char *path;
        const char *name;
        const char *text;
    } files[] = {
        {f->resolv_conf, "resolv.conf", resolv_conf},
        {f->hosts, "hosts", "127.0.0.1 localhost\n192.0.2.9 filed.test also\n"},
        {f->services, "services", "echo 7/tcp\necho 7/udp\n"},
        {f->nsswitch, "nsswitch.conf", "hosts: files dns\n"},
        {f->gai_conf, "gai.conf", ""},
    };

    memset(f, 0, sizeof(*f));
    snprintf(f->folder, sizeof(f->folder), "%s/XXXXXX", bj_scratch());
    if (mkdtemp(f->folder) == NULL)
        fail("mkdtemp");
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(files[i].path, 96, "%s/%s", f->folder, files[i].name);
        bj_fixture_write(files[i].path, files[i].text);
    }
    f->options.size = sizeof(f->options);
    f->options.resolv_conf = f->resolv_conf;
    f->options.hosts = f->hosts;
    f->options.services = f->services;
    f->options.nsswitch = f->nsswitch;
    f->options.gai_conf = f->gai_conf;
    f->options.worker = worker;
    f->servers[0] = server;
    f->options.servers = f->servers;
    f->options.server_count = server != NULL;
    f->options.trace = tell_violation;
}

void bj_fixture_captured(struct bj_fixture *f, const char *mode,
                         const char *server)
{
    char text[256];

    snprintf(text, sizeof(text), "#captured %s\noptions timeout:1 attempts:1\n",
             mode);
    make(f, text, server, BJ_CAPTURED_WORKER);
}

void bj_fixture_real(struct bj_fixture *f, const char *resolv_conf,
                     const char *server)
{
    make(f, resolv_conf, server, BJ_REAL_WORKER);
}

void bj_fixture_remove(struct bj_fixture *f)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf %s", f->folder);
    if (system(command) != 0)
        fail(command);
}

struct bj_resolver *bj_fixture_open(struct bj_fixture *f)
{
    struct bj_resolver *r;
    int error = bj_resolver_open(&f->options, &r);

    if (error != 0) {
        fprintf(stderr, "bj_resolver_open: %s\n", strerror(error));
        exit(99);
    }
    return r;
}

struct bj_resolver *bj_fixture_open_honest(struct bj_fixture *f,
                                           const char *server)
{
    bj_fixture_captured(f, "", server);
    return bj_fixture_open(f);
}

void bj_fixture_close(struct bj_fixture *f, struct bj_resolver *r)
{
    bj_resolver_close(r);
    bj_fixture_remove(f);
}

static const char *eai_name(int error)
{
    switch (error) {
    case EAI_AGAIN:
        return "EAI_AGAIN";
    case EAI_FAIL:
        return "EAI_FAIL";
    case EAI_SYSTEM:
        return "EAI_SYSTEM";
    case EAI_NONAME:
        return "EAI_NONAME";
    case EAI_NODATA:
        return "EAI_NODATA";
    case EAI_MEMORY:
        return "EAI_MEMORY";
    default:
        return gai_strerror(error);
    }
}

const char *bj_test_ip4(struct bj_resolver *r, const char *name)
{
    static _Thread_local char text[INET_ADDRSTRLEN];
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    const struct sockaddr_in *address;
    int error = bj_resolver_getaddrinfo(r, name, NULL, &hints, &list);

    if (error != 0)
        return eai_name(error);
    address = (const struct sockaddr_in *)(const void *)list->ai_addr;
    inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text));
    bj_freeaddrinfo(list);
    return text;
}

uint64_t bj_test_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void bj_test_until_gone(pid_t pid)
{
    uint64_t end = bj_test_now() + GONE_MS;

    while (kill(pid, 0) == 0 || errno != ESRCH) {
        if (bj_test_now() >= end)
            fail("a process that does not end");
        usleep(1000);
    }
}

size_t bj_test_entries(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    size_t count = 0;

    if (dir == NULL)
        return 0;
    while ((entry = readdir(dir)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

size_t bj_test_descriptors(void)
{
    size_t count = bj_test_entries("/proc/self/fd");

    if (count == 0)
        fail("/proc/self/fd");
    return count;
}

size_t bj_test_children(pid_t pid, pid_t *out, size_t cap)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    size_t count = 0;

    if (dir == NULL)
        fail("/proc");
    while ((entry = readdir(dir)) != NULL) {
        char path[280];
        char line[512];
        const char *behind;
        int parent = 0;
        char state = '?';
        FILE *file;

        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        file = fopen(path, "re");
        if (file == NULL)
            continue;
        behind =
            fgets(line, sizeof(line), file) != NULL ? strrchr(line, ')') : NULL;
        fclose(file);
        if (behind == NULL || sscanf(behind, ") %c %d", &state, &parent) != 2 ||
            parent != pid)
            continue;
        if (count < cap)
            out[count] = (pid_t)atol(entry->d_name);
        count += 1;
    }
    closedir(dir);
    return count;
}

/* The process of that name below `pid`, the one with the greatest number. */
static pid_t child_named(pid_t pid, const char *name)
{
    pid_t pids[512];
    size_t count = bj_test_children(pid, pids, 512);
    pid_t found = 0;

    for (size_t i = 0; i < count && i < 512; i++) {
        char path[64];
        char comm[64] = "";
        FILE *file;

        snprintf(path, sizeof(path), "/proc/%d/comm", pids[i]);
        file = fopen(path, "re");
        if (file == NULL)
            continue;
        if (fgets(comm, sizeof(comm), file) != NULL &&
            strncmp(comm, name, strlen(name)) == 0 && pids[i] > found)
            found = pids[i];
        fclose(file);
    }
    return found;
}

pid_t bj_test_spawner_of(pid_t pid)
{
    return child_named(pid, "belljar-spawner");
}

pid_t bj_test_spawner(void)
{
    return bj_test_spawner_of(getpid());
}

pid_t bj_test_worker(pid_t spawner)
{
    pid_t pids[8];

    return bj_test_children(spawner, pids, 8) > 0 ? pids[0] : 0;
}
