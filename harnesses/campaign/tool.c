#include "harnesses/campaign/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harnesses/campaign/files.h"

_Noreturn static void become(const char *const *argv, const char *folder,
                             bool errors, int out)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(null, 0);
    dup2(out, 1);
    dup2(errors ? out : null, 2);
    if (folder == NULL || chdir(folder) == 0)
        execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static char *read_pipe(int fd, size_t max)
{
    char *out = malloc(max + 1);
    char rest[4096];
    size_t len = 0;
    ssize_t got;

    while (out != NULL) {
        got = len < max ? read(fd, out + len, max - len)
                        : read(fd, rest, sizeof(rest));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        if (len < max)
            len += (size_t)got;
    }
    if (out != NULL)
        out[len] = '\0';
    return out;
}

char *bj_tool_output(const char *const *argv, const char *folder, bool errors,
                     size_t max, int *status)
{
    int ends[2];
    int wait_status = 0;
    char *out;
    pid_t pid;

    *status = 127;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return NULL;
    pid = fork();
    if (pid == 0)
        become(argv, folder, errors, ends[1]);
    close(ends[1]);
    out = pid < 0 ? NULL : read_pipe(ends[0], max);
    close(ends[0]);
    if (pid < 0)
        return NULL;
    while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
        continue;
    *status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
                                       : WEXITSTATUS(wait_status);
    if (*status == 127) {
        free(out);
        return NULL;
    }
    return out;
}

char *bj_tool_find(const char *name)
{
    const char *list = getenv("PATH");
    struct bj_path path;
    size_t len;

    for (; list != NULL && *list != '\0'; list += len + (list[len] == ':')) {
        len = strcspn(list, ":");
        path = bj_path_of("%.*s/%s", (int)len, list, name);
        if (access(path.text, X_OK) == 0)
            return strdup(path.text);
    }
    return NULL;
}

char *bj_tool_llvm(const char *name)
{
    static const char *const ask[] = {"clang", "-dumpversion", NULL};
    struct bj_path versioned;
    char *found = NULL;
    int status;
    char *version = bj_tool_output(ask, NULL, false, 64, &status);

    if (version != NULL && status == 0) {
        version[strcspn(version, ".\n")] = '\0';
        versioned = bj_path_of("%s-%s", name, version);
        found = bj_tool_find(versioned.text);
    }
    free(version);
    return found != NULL ? found : bj_tool_find(name);
}
