/*
 * chaos: every role at once, and everything done to it that its user or its
 * kernel may do: processes are killed, stopped and interrupted, descriptors,
 * processes and memory taken away, buffers filled, connections reset, servers
 * ended. Each octet that comes back is compared with what was sent, each
 * connection, datagram and command that ends otherwise than well must have a
 * fault to explain it, and what each server counted must agree with what its
 * clients saw.
 *
 *   chaos BELLJAR [--seeds CORPUS] [--seed N] [--seconds N | --minutes N]
 *         [--plan] [--plant octet|cut|count]
 *
 * The plan of faults follows from the seed; --plan prints it. Exit status: 0
 * all is accounted for, 1 not so, 2 misused.
 *
 * At most 44 connections and 8 commands at once: kernels have been seen to
 * deadlock when a thousand filtered processes ended together.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/chaos/cgroup.h"
#include "tests/chaos/command.h"
#include "tests/chaos/datagram.h"
#include "tests/chaos/fault.h"
#include "tests/chaos/stream.h"
#include "tests/chaos/tool.h"

#define TURN_MS 10
#define DRAIN_MS 90000 /* for all to end once nothing is begun any more */

static struct {
    struct dice plan, traffic;
    struct fault next;
    uint64_t start_ms;
    bool only_plan;
} run;

static const char usage[] =
    "usage: chaos BELLJAR [--seeds CORPUS] [--seed N] [--seconds N | "
    "--minutes N]\n             [--plan] [--plant octet|cut|count]\n"
    "\n"
    "Every role of BELLJAR at once, and meanwhile all that can fail does.\n"
    "  --seeds CORPUS  decode is given messages and captures of this folder\n"
    "  --seed N        the plan of faults follows from it; the default is 1\n"
    "  --seconds N     how long; the default is 20\n"
    "  --plan          prints the plan and ends\n"
    "  --plant WHAT    changes an octet, kills children (cut) or makes\n"
    "                  connections (count) that nobody writes down: to fail\n"
    "Exit status: 0 all is accounted for, 1 not so, 2 misused.\n";

static _Noreturn void misused(void)
{
    fputs(usage, stderr);
    exit(2);
}

static uint64_t number_of(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0')
        misused();
    return value;
}

static enum chaos_plant plant_of(const char *name)
{
    static const char *const names[] = {
        [CHAOS_PLANT_OCTET] = "octet",
        [CHAOS_PLANT_CUT] = "cut",
        [CHAOS_PLANT_COUNT] = "count",
    };

    for (unsigned i = CHAOS_PLANT_OCTET; i <= CHAOS_PLANT_COUNT; i++) {
        if (strcmp(name, names[i]) == 0)
            return (enum chaos_plant)i;
    }
    misused();
}

static void read_options(int argc, char **argv)
{
    if (argc == 2 &&
        (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        exit(0);
    }
    if (argc < 2 || argv[1][0] == '-')
        misused();
    chaos.program = argv[1];
    chaos.seed = 1;
    chaos.run_ms = 20000;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--plan") == 0) {
            run.only_plan = true;
            continue;
        }
        if (i + 1 == argc)
            misused();
        i += 1;
        if (strcmp(argv[i - 1], "--seeds") == 0)
            chaos.seeds = argv[i];
        else if (strcmp(argv[i - 1], "--seed") == 0)
            chaos.seed = number_of(argv[i]);
        else if (strcmp(argv[i - 1], "--seconds") == 0)
            chaos.run_ms = number_of(argv[i]) * 1000;
        else if (strcmp(argv[i - 1], "--minutes") == 0)
            chaos.run_ms = number_of(argv[i]) * 60000;
        else if (strcmp(argv[i - 1], "--plant") == 0)
            chaos.plant = plant_of(argv[i]);
        else
            misused();
    }
}

static void print_plan(void)
{
    for (fault_draw(&run.plan, &run.next); run.next.at_ms < chaos.run_ms;
         fault_draw(&run.plan, &run.next))
        printf("%8.3f s  %-16s %-10s pick %-10u lasts %" PRIu64 " ms\n",
               (double)run.next.at_ms / 1000, fault_totals[run.next.kind].name,
               run.next.server->name, run.next.pick, run.next.lasts_ms);
}

/* Children of ours, and those of keepers that were killed. */
static void reap(void)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (servers_reaped(pid, status) || tools_reaped(pid, status))
            continue;
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
            unaccounted("an orphan died of its filter");
    }
}

static void turn(bool more)
{
    servers_enlist();
    streams_enlist();
    datagrams_enlist();
    tools_enlist();
    loop_turn(TURN_MS);
    reap();
    servers_look(more);
    streams_look();
    tools_look();
    datagrams_look(&run.traffic, more);
    faults_look(false);
}

/* Some traffic in each turn, and the faults that are due. */
static void rage(void)
{
    while (chaos_now() - run.start_ms < chaos.run_ms) {
        turn(true);
        for (unsigned i = dice_below(&run.traffic, 4); i > 0; i--)
            stream_begin(&run.traffic, STREAM_KINDS,
                         &servers[dice_below(&run.traffic, SERVER_COUNT)]);
        if (dice_below(&run.traffic, 8) == 0)
            tool_begin(&run.traffic);
        while (chaos_now() - run.start_ms >= run.next.at_ms) {
            fault_do(&run.next, &run.traffic);
            fault_draw(&run.plan, &run.next);
        }
    }
}

static bool idle(void)
{
    return streams_open() == 0 && tools_open() == 0 && datagrams_open() == 0;
}

/* Everything that was begun ends by itself; then the servers are told to. */
static void settle(void)
{
    uint64_t begin_ms = chaos_now();

    faults_look(true);
    while (!idle() && chaos_now() - begin_ms < DRAIN_MS)
        turn(false);
    if (!idle())
        unaccounted("%zu connections, %zu commands, %zu datagrams do not end",
                    streams_open(), tools_open(), datagrams_open());
    for (int i = 0; i < SERVER_COUNT; i++) {
        begin_ms = chaos_now();
        while (!server_caught_up(&servers[i]) &&
               chaos_now() - begin_ms < DRAIN_MS)
            turn(false);
        servers[i].books.left = 0; /* it knows them all */
    }
    begin_ms = chaos_now();
    while (!servers_down() && chaos_now() - begin_ms < DRAIN_MS) {
        for (int i = 0; i < SERVER_COUNT; i++)
            server_end(&servers[i]);
        turn(false);
    }
    if (!servers_down())
        unaccounted("a server does not end");
    begin_ms = chaos_now();
    while (chaos_now() - begin_ms < DRAIN_MS) {
        reap();
        if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
            return;
        usleep(TURN_MS * 1000);
    }
    unaccounted("a process is left");
}

static void tell(void)
{
    for (int i = 0; i < SERVER_COUNT; i++) {
        const struct stream_totals *t = &stream_totals[i];

        printf("%-10s %6" PRIu64 " connections, %" PRIu64
               " octets back, %" PRIu64 " cut, %" PRIu64 " not made;",
               servers[i].name, t->made, t->octets, t->cut, t->not_made);
        for (unsigned k = 0; k < STREAM_KINDS; k++)
            printf(" %s %" PRIu64, stream_kind_names[k], t->done[k]);
        printf("; %" PRIu64 " lives, counters of %" PRIu64 " compared\n",
               servers[i].lives, servers[i].lives_counted);
    }
    printf("datagrams  %6" PRIu64 " sent, %" PRIu64 " back, %" PRIu64 " lost\n",
           datagram_totals.sent, datagram_totals.answered,
           datagram_totals.lost);
    for (size_t i = 0; i < command_count; i++) {
        const struct command *t = &commands[i];

        printf("%-10s %6" PRIu64 " runs, %" PRIu64 " well, %" PRIu64
               " cut short by a fault, %" PRIu64 " killed, %" PRIu64
               " starved\n",
               t->name, t->runs, t->done, t->excused, t->killed, t->starved);
    }
    fputs("faults    ", stdout);
    for (unsigned i = 0; i < FAULT_KINDS; i++)
        printf(" %s %" PRIu64, fault_totals[i].name, fault_totals[i].done);
    putchar('\n');
}

int main(int argc, char **argv)
{
    static char output[1 << 16];

    setvbuf(stdout, output, _IOLBF, sizeof(output));
    read_options(argc, argv);
    run.plan.state = chaos.seed;
    run.traffic.state = ~chaos.seed;
    if (run.only_plan) {
        print_plan();
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    chaos.sanitized = BJ_SANITIZED;
    printf("chaos: seed %" PRIu64 ", %" PRIu64 " s\n", chaos.seed,
           chaos.run_ms / 1000);
    servers_start();
    run.start_ms = chaos_now();
    fault_draw(&run.plan, &run.next);
    rage();
    settle();
    cgroup_clear();
    tell();
    if (unaccounted_count() != 0) {
        printf("chaos: FAILED: %zu not accounted for (seed %" PRIu64 ")\n",
               unaccounted_count(), chaos.seed);
        return 1;
    }
    puts("chaos: everything is accounted for");
    return 0;
}
