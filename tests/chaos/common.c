#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tests/chaos/chaos.h"

#define WAITING_MAX 256
#define COMPLAINTS_SHOWN 20

struct chaos_settings chaos;

static struct {
    struct pollfd fds[WAITING_MAX];
    struct {
        void (*ready)(void *context, short events);
        void *context;
    } who[WAITING_MAX];
    size_t count;
} waiting;

static size_t complaints;

uint64_t chaos_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t dice_next(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t dice_below(struct dice *dice, uint32_t n)
{
    return (uint32_t)((dice_next(dice) >> 32) * n >> 32);
}

unsigned dice_choose(struct dice *dice, const uint8_t *chances)
{
    uint32_t roll = dice_below(dice, 100);
    unsigned which = 0;

    for (; roll >= chances[which]; which++)
        roll -= chances[which];
    return which;
}

void unaccounted(const char *format, ...)
{
    va_list arguments;

    complaints += 1;
    if (complaints > COMPLAINTS_SHOWN)
        return;
    fputs("not accounted for: ", stdout);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

size_t unaccounted_count(void)
{
    return complaints;
}

void loop_add(int fd, short events, void (*ready)(void *context, short events),
              void *context)
{
    if (waiting.count == WAITING_MAX)
        abort(); /* more than all parts together may have open */
    waiting.fds[waiting.count] = (struct pollfd){.fd = fd, .events = events};
    waiting.who[waiting.count].ready = ready;
    waiting.who[waiting.count].context = context;
    waiting.count += 1;
}

void loop_turn(int timeout_ms)
{
    size_t count = waiting.count;

    waiting.count = 0;
    if (poll(waiting.fds, count, timeout_ms) <= 0)
        return;
    for (size_t i = 0; i < count; i++) {
        if (waiting.fds[i].revents != 0)
            waiting.who[i].ready(waiting.who[i].context,
                                 waiting.fds[i].revents);
    }
}

/* Moves the three to 0, 1 and 2 whatever numbers they have. */
static void take(const int fds[static 3])
{
    int high[3];

    for (int i = 0; i < 3; i++) {
        int fd = fds[i] >= 0 ? fds[i] : open("/dev/null", O_RDWR);

        high[i] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (high[i] < 0)
            _exit(126);
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(high[i], i) < 0)
            _exit(126);
    }
}

pid_t chaos_spawn(const char *const *arguments, const int fds[static 3],
                  const struct chaos_limits *limits)
{
    pid_t pid = fork();

    if (pid < 0) {
        perror("chaos: fork");
        exit(2);
    }
    if (pid > 0)
        return pid;
    take(fds);
    signal(SIGPIPE, SIG_DFL);
    if (limits->memory != 0 &&
        setrlimit(RLIMIT_AS,
                  &(struct rlimit){limits->memory, limits->memory}) != 0)
        _exit(126);
    if (limits->files != 0 &&
        setrlimit(RLIMIT_NOFILE,
                  &(struct rlimit){limits->files, limits->files}) != 0)
        _exit(126);
    execv(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(126);
}

size_t chaos_children(pid_t pid, pid_t *out, size_t cap)
{
    char path[64];
    size_t count = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    while (count < cap && fscanf(file, "%d", &out[count]) == 1)
        count += 1;
    fclose(file);
    return count;
}
