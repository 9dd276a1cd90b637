/*
 * belljar-worker: the confined process that reads what name servers send. It
 * is started by the resolver with an empty environment, a pipe each as 0 and
 * 1, and the number of octets of configuration that will come as its argument.
 * It takes the memory it needs, gives up everything but read, write and
 * exit_group, and only then reads the first frame. What it makes of frames is
 * core/resolve/stub.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/bytes/ascii.h"
#include "core/bytes/cursor.h"
#include "core/bytes/writer.h"
#include "core/resolve/stub.h"
#include "sandbox/policy/landlock.h"
#include "sandbox/policy/lockdown.h"

/* Exit statuses beside BJ_EXIT_LOCKDOWN, as sysexits.h has them. */
enum {
    EXIT_MISUSED = 64, /* not started as above */
    EXIT_BREACH = 65,  /* a frame broke the format, or the order */
    EXIT_LOAD = 66,    /* more configuration than was announced, or we take */
    EXIT_MEMORY = 69,
    EXIT_IO = 74,
};

/* Nobody's id, as the kernel has it (/proc/sys/kernel/overflowuid): a static
 * program has no getpwnam. */
#define NOBODY 65534

enum {
    /* A read brings frames of several lookups; the longest is 64 KiB of a
     * stream and its header. */
    INPUT_LEN = 262144,
    /* Room for the longest action, and for many others before it. */
    OUTPUT_LEN = 2 * BJ_RESULT_MAX
};

static const struct sock_filter filter[] = {
#include "sandbox/resolve/worker_filter.inc"
};

static struct bj_stub stub;
static uint8_t input[INPUT_LEN];
static size_t input_len;
static uint8_t output[OUTPUT_LEN];
static struct bj_writer writer;

/* As in cli/main.c: nothing may be started or looked for from inside. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "symbolize=0:detect_leaks=0";
}

/* The number that the argument is, at most `max`; false if it is none. */
static bool read_number(const char *text, uint32_t max, size_t *number)
{
    struct bj_cursor c;

    bj_cursor_init(&c, (const uint8_t *)text, strlen(text));
    *number = bj_ascii_read_dec(&c, max);
    return bj_cursor_end(&c) == BJ_OK;
}

/* ---- confinement ---- */

/* What a file of /proc says, which may not be there: 0 octets. By the bare
 * call, which is the same in every libc: the spawner's filter knows it. */
static size_t read_proc(const char *path, uint8_t *text, size_t cap)
{
    long fd = syscall(SYS_openat, (long)AT_FDCWD, path,
                      (long)(O_RDONLY | O_CLOEXEC), 0L);
    ssize_t got;

    if (fd < 0)
        return 0;
    got = read((int)fd, text, cap);
    close((int)fd);
    return got < 0 ? 0 : (size_t)got;
}

/* A user namespace may forbid it: "deny" (user_namespaces(7)). */
static bool may_set_groups(void)
{
    uint8_t text[16];

    return read_proc("/proc/self/setgroups", text, sizeof(text)) == 0 ||
           text[0] != 'd';
}

/* Whether the map of a user namespace has NOBODY: lines of three numbers, the
 * first id inside, outside, and how many. */
static bool is_mapped(const char *path)
{
    uint8_t text[4096];
    size_t len = read_proc(path, text, sizeof(text));
    struct bj_cursor c;

    bj_cursor_init(&c, text, len);
    while (bj_cursor_left(&c) > 0) {
        uint64_t numbers[3];

        for (size_t i = 0; i < 3; i++) {
            bj_ascii_skip_space(&c);
            numbers[i] = bj_ascii_read_dec(&c, UINT32_MAX);
        }
        bj_cursor_skip(&c, 1); /* the newline */
        if (bj_cursor_ok(&c) && NOBODY >= numbers[0] &&
            NOBODY - numbers[0] < numbers[2])
            return true;
    }
    return len == 0;
}

static bool may_change_ids(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    uint32_t needed = UINT32_C(1) << CAP_SETUID | UINT32_C(1) << CAP_SETGID;

    memset(data, 0, sizeof(data));
    return syscall(SYS_capget, &header, data) == 0 &&
           (data[0].effective & needed) == needed;
}

/*
 * Root becomes nobody where there is somebody to become. In a user namespace
 * that maps no other id, or without the capability to change, root stays root
 * in name, and has no capability left.
 */
static void prepare_ids(struct bj_lockdown *lockdown)
{
    lockdown->change_ids = (geteuid() == 0 || getuid() == 0) &&
                           may_change_ids() && may_set_groups() &&
                           is_mapped("/proc/self/uid_map") &&
                           is_mapped("/proc/self/gid_map");
    lockdown->uid = NOBODY;
    lockdown->gid = NOBODY;
}

static void confine(void)
{
    static struct sock_fprog program;
    struct bj_lockdown lockdown;
    struct bj_trouble trouble;

    program.len = sizeof(filter) / sizeof(filter[0]);
    program.filter = (struct sock_filter *)(uintptr_t)filter;
    memset(&lockdown, 0, sizeof(lockdown));
    lockdown.role = BJ_ROLE_RESOLVER_WORKER;
    lockdown.mode = BJ_MODE_ENFORCE;
    lockdown.first = true;
    lockdown.limits = bj_role_policy(BJ_ROLE_RESOLVER_WORKER)->limits;
    lockdown.program.fprog = &program;
    lockdown.landlock = bj_landlock_abi();
    lockdown.ruleset = -1;
    if (lockdown.landlock > 0)
        lockdown.ruleset = bj_landlock_open(lockdown.landlock, 0, &trouble);
    if (lockdown.ruleset < 0)
        _exit(BJ_EXIT_LOCKDOWN);
    prepare_ids(&lockdown);
    bj_lockdown_enter(&lockdown, NULL, 0);
}

/* ---- frames: from here on there are three calls ---- */

/* All that is in the writer. */
static void flush(void)
{
    size_t sent = 0;

    while (sent < writer.len) {
        ssize_t n = write(1, output + sent, writer.len - sent);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(EXIT_IO);
        sent += (size_t)n;
    }
    bj_writer_init(&writer, output, sizeof(output));
}

static void put(const struct bj_frame *action)
{
    if (sizeof(output) - writer.len < bj_frame_max(action->type))
        flush();
    if (bj_frame_write(&writer, action) != BJ_OK)
        _exit(EXIT_BREACH);
}

/* One frame, and all that is to be done about it. */
static void handle(const struct bj_frame *event)
{
    struct bj_frame action;
    enum bj_status status = bj_stub_step(&stub, event, &action);

    while (status == BJ_OK) {
        put(&action);
        status = bj_stub_step(&stub, NULL, &action);
    }
    if (status == BJ_SPACE || status == BJ_LIMIT)
        _exit(EXIT_LOAD);
    if (status != BJ_NONE)
        _exit(EXIT_BREACH);
}

/* Every frame that is whole; the octets of one that is not go to the front. */
static void handle_input(void)
{
    struct bj_frame event;
    struct bj_cursor c;
    enum bj_status status;

    bj_cursor_init(&c, input, input_len);
    status = bj_frame_read(&c, stub.phase, &event);
    while (status == BJ_OK) {
        handle(&event);
        status = bj_frame_read(&c, stub.phase, &event);
    }
    if (status != BJ_MORE)
        _exit(EXIT_BREACH);
    input_len = bj_cursor_left(&c);
    memmove(input, input + c.pos, input_len);
}

int main(int argc, char **argv)
{
    size_t config_len;
    size_t size;
    void *memory;

    if (argc != 2 || !read_number(argv[1], BJ_FILES_TEXTS_MAX, &config_len))
        _exit(EXIT_MISUSED);
    size = bj_stub_memory(config_len);
    /* Most of it is never touched: no room is set aside for it. */
    memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        _exit(EXIT_MEMORY);
    bj_stub_init(&stub, memory, config_len);
    bj_writer_init(&writer, output, sizeof(output));
    confine();
    for (;;) {
        ssize_t n = read(0, input + input_len, sizeof(input) - input_len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(n == 0 ? 0 : EXIT_IO);
        input_len += (size_t)n;
        handle_input();
        flush();
    }
}
