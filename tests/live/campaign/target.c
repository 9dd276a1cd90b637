/*
 * Targets that misbehave, for the campaign runner to name: compiled once for
 * each BEHAVIOUR.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The test has it open, and lets it be inherited. */
#define INHERITED 50

#define CLEAN 0
#define CRASH 1
#define HANG 2
#define MEMORY 3
#define EXIT 4
#define ESCAPE 5
#define SLEEPER 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Something for coverage to grow with. */
static unsigned branches(const uint8_t *data, size_t size)
{
    unsigned sum = 0;

    for (size_t i = 0; i < size; i += 1) {
        if (data[i] > 'a')
            sum += 1;
        else if (data[i] == '\n')
            sum += 2;
    }
    return sum;
}

static void oracle(int holds, const char *id)
{
    if (!holds) {
        fprintf(stderr, "ORACLE %s violated at %s:%d: x\n", id, __FILE__,
                __LINE__);
        abort();
    }
}

/* Not one that the compiler could do without. */
__attribute__((noinline)) static void overflow(const uint8_t *data, size_t size)
{
    volatile char *copy = malloc(4);

    if (copy != NULL && size > 4 && data[0] == 'F')
        copy[size] = (char)data[1];
    free((void *)copy);
}

/* A captured target's wishes; each must be refused. */
static void escape(void)
{
    char environment[64];
    pid_t child;
    int seed;
    int status = 0;

    snprintf(environment, sizeof(environment), "/proc/%d/environ",
             (int)getppid());
    oracle(open(environment, O_RDONLY) < 0, "no-looking-at-the-runner");
    oracle(fcntl(INHERITED, F_GETFD) < 0, "nothing-inherited");
    oracle(socket(AF_INET, SOCK_STREAM, 0) < 0, "no-socket");
    oracle(socket(AF_UNIX, SOCK_STREAM, 0) < 0, "no-unix-socket");
    oracle(open("/etc/passwd", O_RDONLY) < 0, "no-reading-elsewhere");
    oracle(open("/tmp/escaped", O_WRONLY | O_CREAT, 0600) < 0,
           "no-writing-elsewhere");
    seed = open(SEED, O_RDONLY);
    oracle(seed >= 0 && close(seed) == 0, "seeds-are-read");
    oracle(open(SEED, O_WRONLY) < 0, "no-writing-to-seeds");
    oracle(unlink(SEED) < 0, "no-removing-seeds");
    oracle(kill(getppid(), SIGTERM) < 0 && errno == EPERM, "no-signals");
    child = fork();
    if (child == 0) {
        execl("/bin/true", "true", (char *)NULL);
        execl("/usr/bin/true", "true", (char *)NULL);
        _exit(9);
    }
    /* The engine's alarm may interrupt the wait. */
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    oracle(WIFEXITED(status) && WEXITSTATUS(status) == 9, "no-other-program");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char *kept[4096];
    static size_t count;
    volatile unsigned sum = branches(data, size);

    switch (BEHAVIOUR) {
    case CRASH:
        overflow(data, size);
        break;
    case HANG:
        for (;;)
            sum += 1;
    case MEMORY:
        usleep(1000);
        kept[count % 4096] = malloc(8 << 20);
        memset(kept[count % 4096], 1, 8 << 20);
        count += 1;
        break;
    case EXIT:
        _exit(0);
    case ESCAPE:
        escape();
        break;
    case CLEAN:
        break;
    case SLEEPER:
        usleep(500);
        break;
    }
    return 0;
}
