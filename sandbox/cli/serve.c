#include <unistd.h>

#include "sandbox/cli/commands.h"
#include "sandbox/serve/log.h"
#include "sandbox/serve/serve.h"

/* More would need more mappings than vm.max_map_count allows by default, as
 * each thread has a stack and a guard. */
#define CONNECTIONS_MAX 16384

#define DAY_MS (UINT64_C(86400) * 1000)

static const char *const modes[] = {"process", "iterative", "thread", NULL};
static const char *const sandboxes[] = {"enforce", "log", "off", NULL};
static const char *const layers[] = {"ids", "landlock", "limits", "seccomp",
                                     NULL};

enum {
    MODE,
    UDP,
    UDP_RATE,
    LISTEN,
    USER,
    IDLE_TIMEOUT,
    MAX_TIME,
    MAX_CONNECTIONS,
    MAX_PER_SOURCE,
    SANDBOX,
    WITHOUT,
    INETD,
    QUIET,
    VERBOSE,
};

static const struct bj_option rows[] = {
    [MODE] = {.name = "mode",
              .letter = 'm',
              .kind = BJ_OPTION_CHOICE,
              .choices = modes,
              .help = "A process for each connection (the default: each "
                      "behind walls of its own), one connection at a time, or "
                      "a thread for each. Threads share one address space: "
                      "the filter of each narrows what it may ask of the "
                      "kernel, but is no wall between connections."},
    [UDP] = {.name = "udp",
             .letter = 'u',
             .help = "Answer datagrams too, on the same addresses and ports."},
    [UDP_RATE] = {.name = "udp-rate",
                  .kind = BJ_OPTION_NUMBER,
                  .argument = "N",
                  .max = 1000000,
                  .help = "At most N datagrams a second to one IPv4 /24 or "
                          "IPv6 /56, whose addresses anybody can forge. 0: no "
                          "limit. Default: 1000."},
    [LISTEN] = {.name = "listen",
                .letter = 'l',
                .kind = BJ_OPTION_TEXT,
                .argument = "ENDPOINT",
                .help = "Where to listen: 192.0.2.1:7, [2001:db8::1]:7, "
                        "[::]:7 for both families, or a name and a port. May "
                        "be repeated. Port 0 lets the kernel choose. Default: "
                        "every address of localhost, port 7007; or the "
                        "sockets that systemd passes."},
    [USER] = {.name = "user",
              .kind = BJ_OPTION_TEXT,
              .argument = "NAME",
              .help = "Whom to become when started as root. Default: nobody."},
    [IDLE_TIMEOUT] = {.name = "idle-timeout",
                      .kind = BJ_OPTION_SECONDS,
                      .argument = "SECONDS",
                      .max = DAY_MS,
                      .help = "Close a connection that has neither sent nor "
                              "taken anything for so long. 0: never. Default: "
                              "60."},
    [MAX_TIME] = {.name = "max-time",
                  .kind = BJ_OPTION_SECONDS,
                  .argument = "SECONDS",
                  .max = DAY_MS,
                  .help = "Close any connection after so long, busy or not. "
                          "0, the default: never."},
    [MAX_CONNECTIONS] = {.name = "max-connections",
                         .kind = BJ_OPTION_NUMBER,
                         .argument = "N",
                         .min = 1,
                         .max = CONNECTIONS_MAX,
                         .help = "At most N at once for each listening "
                                 "socket; more are reset. Default: 1024."},
    [MAX_PER_SOURCE] = {.name = "max-per-source",
                        .kind = BJ_OPTION_NUMBER,
                        .argument = "N",
                        .max = CONNECTIONS_MAX,
                        .help = "At most N at once from one IPv4 address or "
                                "IPv6 /64. 0, the default: no such limit."},
    [SANDBOX] = {.name = "sandbox",
                 .kind = BJ_OPTION_CHOICE,
                 .choices = sandboxes,
                 .help = "Kill what calls something forbidden (the default); "
                         "only name each such call; or no sandbox at all."},
    [WITHOUT] = {.name = "without",
                 .kind = BJ_OPTION_CHOICE,
                 .choices = layers,
                 .help = "Accept going without one layer, where a kernel "
                         "lacks it. May be repeated."},
    [INETD] = {.name = "inetd",
               .help = "Serve the one connection that is standard input, for "
                       "xinetd, tcpserver or systemd's Accept=yes."},
    [QUIET] = {.name = "quiet", .letter = 'q', .help = "Log only problems."},
    [VERBOSE] = {.name = "verbose",
                 .letter = 'v',
                 .help = "Log traffic once a second, too."},
};

static const char about[] =
    "The server is a small confined keeper, which logs and restarts, and one\n"
    "confined role process for each listening socket; `belljar policy` shows\n"
    "what each may do. Log lines are key=value on standard error, one that\n"
    "begins `belljar: ready` for each socket once it is served.\n"
    "\n"
    "Signals: TERM, INT and, but for nohup, HUP end it in order (open\n"
    "connections have five seconds; a second signal waits for none), USR1 "
    "logs\n"
    "counters as JSON.\n"
    "Exit status: 0 ended in order, 1 could not serve, 2 misused, 71 could "
    "not\n"
    "be confined.\n"
    "\n"
    "  belljar serve\n"
    "  belljar serve --listen '[::]:7' --udp --max-per-source 16\n";

static bool add_listen(struct bj_options *o, struct bj_serve_options *serve)
{
    if (serve->listen_count == BJ_SERVE_SOCKETS_MAX) {
        bj_options_usage(o, "--listen may be given %d times",
                         BJ_SERVE_SOCKETS_MAX);
        return false;
    }
    serve->listen[serve->listen_count] = o->text;
    serve->listen_count += 1;
    return true;
}

static void set_number(struct bj_serve_options *serve, int row, uint64_t number)
{
    uint32_t value = (uint32_t)number;

    if (row == IDLE_TIMEOUT)
        serve->idle_ms = value;
    else if (row == MAX_TIME)
        serve->max_ms = value;
    else if (row == MAX_CONNECTIONS)
        serve->max_connections = value;
    else if (row == MAX_PER_SOURCE)
        serve->max_per_source = value;
    else if (row == UDP_RATE)
        serve->udp_rate = value;
    else if (row == MODE)
        serve->mode = (enum bj_serve_mode)value;
    else if (row == SANDBOX)
        bj_lockdown_mode(sandboxes[value], &serve->sandbox);
    else if (row == WITHOUT)
        bj_lockdown_without(layers[value], &serve->without);
}

static int run(struct bj_options *o)
{
    static struct bj_serve_options serve = {
        .idle_ms = 60000, .max_connections = 1024, .udp_rate = 1000};
    bool inetd = false;
    int row;

    while ((row = bj_options_next(o)) >= 0) {
        if (row == UDP)
            serve.udp = true;
        else if (row == INETD)
            inetd = true;
        else if (row == QUIET)
            bj_log_show(BJ_LOG_PROBLEM);
        else if (row == VERBOSE)
            bj_log_show(BJ_LOG_DETAIL);
        else if (row == USER)
            serve.user = o->text;
        else if (row == LISTEN && !add_listen(o, &serve))
            return BJ_EXIT_USAGE;
        else
            set_number(&serve, row, o->number);
    }
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    if (inetd && (serve.listen_count > 0 || serve.udp))
        return bj_options_usage(o, "--inetd serves standard input: --listen "
                                   "and --udp do not go with it");
    /* Not by exit(3), whose handlers could want calls that are gone. */
    _exit(inetd ? bj_serve_inetd(&serve) : bj_serve_run(&serve));
}

const struct bj_command bj_command_serve = {
    .name = "serve",
    .summary = "Serve RFC 862 echo from inside a sandbox.",
    .about = about,
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .run = run,
};
