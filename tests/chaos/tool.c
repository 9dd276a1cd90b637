#include "tests/chaos/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/chaos/command.h"
#include "tests/support/fill.h"

#define OUTPUT_MAX ((size_t)1 << 20)

/* belljar's own status, and what chaos_spawn and the loader end with where
 * there is too little of something. */
#define STATUS_UNCONFINED 71
#define STATUS_NO_START 126
#define STATUS_NO_LIBRARY 127

static struct tool tools[TOOLS_MAX];
static uint32_t numbers;

/* One in ten lacks memory or descriptors from the start. */
static struct chaos_limits starve(struct tool *tool, struct dice *dice)
{
    uint32_t roll = dice_below(dice, 20);
    uint64_t much = dice_below(dice, 32);
    struct chaos_limits limits = {0};

    if (roll == 0 && !chaos.sanitized)
        limits.memory = (8 + much) << 20;
    if (roll == 1)
        limits.files = 4 + much;
    tool->starved = limits.memory != 0 || limits.files != 0;
    return limits;
}

void tool_begin(struct dice *dice)
{
    size_t row = dice_below(dice, (uint32_t)command_count);
    struct chaos_limits limits;
    struct tool *tool = NULL;
    int in[2], out[2];

    for (size_t i = 0; i < TOOLS_MAX && tool == NULL; i++)
        tool = tools[i].running ? NULL : &tools[i];
    if (tool == NULL)
        return;
    memset(tool, 0, sizeof(*tool));
    tool->command = &commands[row];
    tool->number = numbers++;
    if (!tool->command->call(tool, dice))
        return;
    limits = starve(tool, dice);
    tool->output = malloc(OUTPUT_MAX);
    if (tool->output == NULL || pipe2(in, O_CLOEXEC) != 0 ||
        pipe2(out, O_CLOEXEC) != 0) {
        perror("chaos: a tool");
        exit(2);
    }
    tool->pid =
        chaos_spawn(tool->arguments, (int[3]){in[0], out[1], -1}, &limits);
    close(in[0]);
    close(out[1]);
    tool->in = in[1];
    tool->out = out[0];
    fcntl(tool->in, F_SETFL, O_NONBLOCK);
    fcntl(tool->out, F_SETFL, O_NONBLOCK);
    tool->running = true;
    tool->since_ms = chaos_now();
    tool->command->running += 1;
    tool->command->runs += 1;
    tool->command->starved += tool->starved;
    if (tool->server != NULL)
        tool->server->live += 1;
}

static void feed(void *context, short events)
{
    struct tool *tool = context;
    uint8_t chunk[4096];
    uint64_t left = tool->size - tool->sent;
    size_t len = left < sizeof(chunk) ? (size_t)left : sizeof(chunk);
    ssize_t n = 0;

    (void)events;
    bj_test_fill(chunk, len, tool->number, tool->sent);
    if (len > 0)
        n = write(tool->in, chunk, len);
    if (n > 0)
        tool->sent += (uint64_t)n;
    if (tool->sent == tool->size || (n < 0 && errno != EAGAIN)) {
        close(tool->in);
        tool->in = -1;
    }
}

static void hear(void *context, short events)
{
    struct tool *tool = context;
    ssize_t n = read(tool->out, tool->output + tool->output_len,
                     OUTPUT_MAX - tool->output_len);

    (void)events;
    if (n > 0) {
        tool->output_len += (size_t)n;
        return;
    }
    if (n < 0 && errno == EAGAIN)
        return;
    close(tool->out);
    tool->out = -1;
}

void tools_enlist(void)
{
    for (size_t i = 0; i < TOOLS_MAX; i++) {
        if (!tools[i].running)
            continue;
        if (tools[i].in >= 0)
            loop_add(tools[i].in, POLLOUT, feed, &tools[i]);
        if (tools[i].out >= 0)
            loop_add(tools[i].out, POLLIN, hear, &tools[i]);
    }
}

bool tools_reaped(pid_t pid, int status)
{
    for (size_t i = 0; i < TOOLS_MAX; i++) {
        if (!tools[i].running || tools[i].pid != pid)
            continue;
        tools[i].pid = 0;
        tools[i].status = status;
        return true;
    }
    return false;
}

/* Whether it failed for lack of what it was not given: an orderly end. */
static bool failed_for_lack(const struct tool *tool)
{
    int status = WEXITSTATUS(tool->status);

    return tool->starved && WIFEXITED(tool->status) &&
           (status == COMMAND_FAILED || status == STATUS_UNCONFINED ||
            status == STATUS_NO_START || status == STATUS_NO_LIBRARY);
}

static void finish(struct tool *tool)
{
    bool was_killed = tool->killed && WIFSIGNALED(tool->status) &&
                      WTERMSIG(tool->status) == SIGKILL;

    if (was_killed || failed_for_lack(tool)) {
        /* Whatever it did is between nothing and all. */
        tool->command->killed += was_killed;
        tool->command->excused += !was_killed;
        if (tool->server != NULL) {
            tool->server->books.made_most += 1;
            tool->server->books.asked_most += PINGS;
            tool->server->books.sent_most += INPUT_MAX;
        }
    } else {
        tool->command->judge(tool);
    }
    if (tool->server != NULL)
        tool->server->live -= 1;
    if (tool->in >= 0)
        close(tool->in);
    free(tool->output);
    tool->command->running -= 1;
    tool->running = false;
}

void tools_look(void)
{
    for (size_t i = 0; i < TOOLS_MAX; i++) {
        struct tool *tool = &tools[i];

        if (!tool->running)
            continue;
        if (tool->pid == 0 && tool->out < 0)
            finish(tool);
        else if (tool->pid != 0 &&
                 chaos_now() - tool->since_ms > CHAOS_PATIENCE_MS) {
            unaccounted("%s is stuck", tool->command->name);
            tool_kill(tool->pid);
            tool->since_ms = chaos_now();
        }
    }
}

size_t tools_open(void)
{
    size_t count = 0;

    for (size_t i = 0; i < TOOLS_MAX; i++)
        count += tools[i].running;
    return count;
}

pid_t tool_pid(uint32_t pick)
{
    for (size_t i = 0; i < TOOLS_MAX; i++) {
        const struct tool *tool = &tools[(pick + i) % TOOLS_MAX];

        if (tool->running && tool->pid != 0)
            return tool->pid;
    }
    return 0;
}

void tool_kill(pid_t pid)
{
    for (size_t i = 0; i < TOOLS_MAX; i++) {
        if (!tools[i].running || tools[i].pid != pid)
            continue;
        tools[i].killed = true;
        kill(pid, SIGKILL);
    }
}
