#include "tests/chaos/fault.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/policy/role.h"
#include "tests/chaos/cgroup.h"
#include "tests/chaos/stream.h"
#include "tests/chaos/tool.h"

#define LASTING_MAX 64
#define GAP_MS 240 /* at most, from one fault to the next */
#define WHILE_MS 1500
#define INTERRUPTS 40
#define RESETS 12
#define BELOW_MAX 64

struct fault_totals fault_totals[FAULT_KINDS] = {
    [FAULT_KILL_CHILD] = {.name = "kill-child"},
    [FAULT_KILL_ROLE] = {.name = "kill-role"},
    [FAULT_KILL_UDP] = {.name = "kill-udp-role"},
    [FAULT_KILL_KEEPER] = {.name = "kill-keeper"},
    [FAULT_KILL_TOOL] = {.name = "kill-command"},
    [FAULT_STOP] = {.name = "stop"},
    [FAULT_STOP_TOOL] = {.name = "stop-command"},
    [FAULT_INTERRUPT] = {.name = "interrupt"},
    [FAULT_ASK] = {.name = "ask-counters"},
    [FAULT_NO_DESCRIPTORS] = {.name = "no-descriptors"},
    [FAULT_NO_PROCESSES] = {.name = "no-processes"},
    [FAULT_NO_MEMORY] = {.name = "no-memory"},
    [FAULT_RESETS] = {.name = "resets"},
    [FAULT_HOARD] = {.name = "full-buffers"},
    [FAULT_END] = {.name = "end-and-start"},
};

/* In hundredths. Roles that die in a row are started later each time, so
 * that few deaths of them fit into a run. */
static const uint8_t weights[FAULT_KINDS] = {
    [FAULT_KILL_CHILD] = 16,    [FAULT_KILL_ROLE] = 3,    [FAULT_KILL_UDP] = 2,
    [FAULT_KILL_KEEPER] = 1,    [FAULT_KILL_TOOL] = 8,    [FAULT_STOP] = 18,
    [FAULT_STOP_TOOL] = 7,      [FAULT_INTERRUPT] = 8,    [FAULT_ASK] = 6,
    [FAULT_NO_DESCRIPTORS] = 8, [FAULT_NO_PROCESSES] = 5, [FAULT_NO_MEMORY] = 3,
    [FAULT_RESETS] = 8,         [FAULT_HOARD] = 5,        [FAULT_END] = 2,
};

/* What lasts a while, and how it ends. */
struct lasting {
    enum fault_kind kind;
    uint64_t until_ms; /* 0: free */
    pid_t pid;
    struct server *server;
};

static struct lasting lasting[LASTING_MAX];

void fault_draw(struct dice *plan, struct fault *next)
{
    next->kind = (enum fault_kind)dice_choose(plan, weights);
    next->at_ms += 1 + dice_below(plan, GAP_MS);
    next->server = &servers[dice_below(plan, SERVER_COUNT)];
    next->pick = (uint32_t)dice_next(plan);
    next->lasts_ms = 50 + dice_below(plan, WHILE_MS);
}

static void last(const struct fault *fault, pid_t pid)
{
    for (size_t i = 0; i < LASTING_MAX; i++) {
        if (lasting[i].until_ms != 0)
            continue;
        lasting[i] = (struct lasting){
            .kind = fault->kind,
            .until_ms = chaos_now() + fault->lasts_ms,
            .pid = pid,
            .server = fault->server,
        };
        return;
    }
    abort(); /* more than can begin in the while that they last */
}

/* ---- limits of another process ---- */

enum limit { LIMIT_FILES, LIMIT_PROCESSES };

/* The libcs do not agree on the type of a resource's number, only on the
 * names. */
static bool exchange(pid_t pid, enum limit which, const struct rlimit *set,
                     struct rlimit *get)
{
    if (which == LIMIT_FILES)
        return prlimit(pid, RLIMIT_NOFILE, set, get) == 0;
    return prlimit(pid, RLIMIT_NPROC, set, get) == 0;
}

static bool set_limit(pid_t pid, enum limit which, uint64_t soft)
{
    struct rlimit limit;

    if (!exchange(pid, which, NULL, &limit))
        return false;
    limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
    return exchange(pid, which, &limit, NULL);
}

/* As its own user, for root may lack the capability to do it as root. */
static bool limit_other(pid_t pid, enum limit which, uint64_t soft)
{
    char path[64];
    char line[128];
    unsigned uid = 0;
    unsigned gid = 0;
    int status = 1;
    FILE *file;
    pid_t helper;

    if (set_limit(pid, which, soft))
        return true;
    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    while (fgets(line, sizeof(line), file) != NULL) {
        sscanf(line, "Uid: %u", &uid);
        sscanf(line, "Gid: %u", &gid);
    }
    fclose(file);
    helper = fork();
    if (helper == 0) {
        if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
            setresuid(uid, uid, uid) != 0)
            _exit(1);
        _exit(set_limit(pid, which, soft) ? 0 : 1);
    }
    waitpid(helper, &status, 0);
    return status == 0;
}

/* ---- the faults ---- */

static bool kill_child(const struct fault *fault)
{
    struct books *books = &fault->server->books;
    pid_t below[BELOW_MAX];
    size_t count;

    if (fault->server->kind != SERVER_PROCESS &&
        fault->server->kind != SERVER_INETD)
        return false;
    count = server_children(fault->server, below, BELOW_MAX);
    if (count == 0 || kill(below[fault->pick % count], SIGKILL) != 0)
        return false;
    if (chaos.plant == CHAOS_PLANT_CUT)
        return true;
    server_excuse(fault->server);
    books->killed += 1;
    books->cut_excused += 1;
    return true;
}

/* A role of processes, or of one connection at a time, takes at most one with
 * it: that which it serves or has just accepted. Threads all go with theirs, and
 * so does one that it accepts when it has been killed already: the kernel
 * finishes the call first. */
static uint64_t lost_with_role(const struct server *server)
{
    return server->kind == SERVER_THREAD ? server->live + 1 : 1;
}

static bool kill_role(const struct fault *fault)
{
    struct server *server = fault->server;

    if (server->state != SERVER_SERVING || server->role == 0 ||
        kill(server->role, SIGKILL) != 0)
        return false;
    server_excuse(server);
    server->role = 0; /* until it says that another is ready */
    server->books.role_kills += 1;
    server->books.killed += 1;
    server->books.cut_excused += lost_with_role(server);
    return true;
}

static bool kill_udp(void)
{
    struct server *server = &servers[SERVER_ITERATIVE];

    if (server->state != SERVER_SERVING || server->udp_role == 0 ||
        kill(server->udp_role, SIGKILL) != 0)
        return false;
    server_excuse(server);
    server->udp_role = 0;
    server->books.lost_excused += 1;
    return true;
}

static bool kill_tool(const struct fault *fault)
{
    pid_t pid = tool_pid(fault->pick);

    if (pid == 0)
        return false;
    tool_kill(pid);
    return true;
}

static bool stop(const struct fault *fault, pid_t pid)
{
    if (pid == 0 || kill(pid, SIGSTOP) != 0)
        return false;
    last(fault, pid);
    return true;
}

/* The keeper, a role, or a process of one connection. */
static bool stop_server(const struct fault *fault)
{
    const struct server *server = fault->server;
    pid_t below[BELOW_MAX];
    size_t count = server_children(server, below, BELOW_MAX - 3);

    if (server->state != SERVER_SERVING)
        return false;
    if (server->keeper != 0)
        below[count++] = server->keeper;
    if (server->role != 0)
        below[count++] = server->role;
    if (server->udp_role != 0)
        below[count++] = server->udp_role;
    return count > 0 && stop(fault, below[fault->pick % count]);
}

static bool interrupt(const struct server *server)
{
    pid_t pid = server->role;

    for (int i = 0; pid != 0 && i < INTERRUPTS; i++)
        kill(pid, SIGUSR2);
    return pid != 0;
}

/* Without descriptors nothing is lost: connections wait to be accepted. */
static bool starve_descriptors(const struct fault *fault)
{
    const struct server *server = fault->server;

    if (server->state != SERVER_SERVING || server->role == 0 ||
        !limit_other(server->role, LIMIT_FILES, BJ_FD_CONNECTION))
        return false;
    last(fault, server->role);
    return true;
}

/* Without processes each connection is refused, and counted. */
static bool starve_processes(const struct fault *fault)
{
    struct server *server = fault->server;

    if (server->state != SERVER_SERVING || server->role == 0 ||
        !limit_other(server->role, LIMIT_PROCESSES, 1))
        return false;
    server_trouble(server);
    last(fault, server->role);
    return true;
}

/* Without memory the kernel refuses to fork, or kills: children, the role, or
 * all of them one after the other, as it pleases. */
static bool starve_memory(const struct fault *fault)
{
    struct server *server = fault->server;

    if (server->state != SERVER_SERVING || server->role == 0 ||
        !cgroup_squeeze(server->kind, server->role))
        return false;
    server_trouble(server);
    server->books.role_kills += 1;
    server->books.killed += BELOW_MAX;
    server->books.cut_excused += lost_with_role(server);
    last(fault, server->role);
    return true;
}

static bool burst(const struct fault *fault, struct dice *traffic,
                  enum stream_kind kind, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        stream_begin(traffic, kind, fault->server);
    return fault->server->state == SERVER_SERVING;
}

static bool ask(const struct server *server)
{
    return server->state == SERVER_SERVING && server->keeper != 0 &&
           kill(server->keeper, SIGUSR1) == 0;
}

static bool end(struct server *server, void (*how)(struct server *server))
{
    if (server->state != SERVER_SERVING || server->kind == SERVER_INETD)
        return false;
    how(server);
    return true;
}

static bool commit(const struct fault *fault, struct dice *traffic)
{
    switch (fault->kind) {
    case FAULT_KILL_CHILD:
        return kill_child(fault);
    case FAULT_KILL_ROLE:
        return kill_role(fault);
    case FAULT_KILL_UDP:
        return kill_udp();
    case FAULT_KILL_KEEPER:
        return end(fault->server, server_kill);
    case FAULT_KILL_TOOL:
        return kill_tool(fault);
    case FAULT_STOP:
        return stop_server(fault);
    case FAULT_STOP_TOOL:
        return stop(fault, tool_pid(fault->pick));
    case FAULT_INTERRUPT:
        return interrupt(fault->server);
    case FAULT_ASK:
        return ask(fault->server);
    case FAULT_NO_DESCRIPTORS:
        return starve_descriptors(fault);
    case FAULT_NO_PROCESSES:
        return starve_processes(fault);
    case FAULT_NO_MEMORY:
        return starve_memory(fault);
    case FAULT_RESETS:
        return burst(fault, traffic, STREAM_RESET, RESETS);
    case FAULT_HOARD:
        return burst(fault, traffic, STREAM_HOARD, 1);
    case FAULT_END:
        return end(fault->server, server_end);
    case FAULT_KINDS:
        break;
    }
    return false;
}

void fault_do(const struct fault *fault, struct dice *traffic)
{
    if (commit(fault, traffic))
        fault_totals[fault->kind].done += 1;
    else
        fault_totals[fault->kind].missed += 1;
}

/* The process may be gone, and its number another's: none of this harms. */
static void relieve(struct lasting *done)
{
    switch (done->kind) {
    case FAULT_STOP:
    case FAULT_STOP_TOOL:
        kill(done->pid, SIGCONT);
        break;
    case FAULT_NO_DESCRIPTORS:
        limit_other(done->pid, LIMIT_FILES, RLIM_INFINITY);
        break;
    case FAULT_NO_PROCESSES:
        limit_other(done->pid, LIMIT_PROCESSES, RLIM_INFINITY);
        server_calm(done->server);
        break;
    case FAULT_NO_MEMORY:
        cgroup_relax(done->server->kind);
        server_calm(done->server);
        break;
    default:
        break;
    }
    done->until_ms = 0;
}

void faults_look(bool now)
{
    for (size_t i = 0; i < LASTING_MAX; i++) {
        if (lasting[i].until_ms != 0 &&
            (now || chaos_now() >= lasting[i].until_ms))
            relieve(&lasting[i]);
    }
}
