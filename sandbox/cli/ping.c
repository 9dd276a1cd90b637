#include <unistd.h>

#include "core/echo/probe.h"
#include "sandbox/cli/client.h"
#include "sandbox/cli/commands.h"
#include "sandbox/connect/ping.h"

enum {
    COUNT = BJ_CLIENT_ROW_COUNT,
    SIZE,
    INTERVAL,
    WAIT,
    JSON,
};

static const struct bj_option rows[] = {
    BJ_CLIENT_ROWS,
    [COUNT] = {.name = "count",
               .letter = 'c',
               .kind = BJ_OPTION_NUMBER,
               .argument = "N",
               .min = 1,
               .max = BJ_PING_COUNT_MAX,
               .help = "How many messages to send. Default: 10."},
    [SIZE] = {.name = "size",
              .letter = 's',
              .kind = BJ_OPTION_NUMBER,
              .argument = "OCTETS",
              .min = 1,
              .max = BJ_PING_SIZE_MAX,
              .help = "How large a message is; with --udp 4 to 65507. "
                      "Default: 64."},
    [INTERVAL] = {.name = "interval",
                  .letter = 'i',
                  .kind = BJ_OPTION_SECONDS,
                  .argument = "SECONDS",
                  .max = BJ_CLIENT_DAY_MS,
                  .help = "Time from one message to the next. 0: as soon as "
                          "the one before is answered. Default: 1."},
    [WAIT] = {.name = "wait",
              .letter = 'W',
              .kind = BJ_OPTION_SECONDS,
              .argument = "SECONDS",
              .min = 1,
              .max = BJ_CLIENT_DAY_MS,
              .help = "How long an answer is awaited before it is lost. "
                      "Default: 2."},
    [JSON] = {.name = "json",
              .letter = 'j',
              .help = "Print the summary as one JSON object."},
};

static const char about[] =
    "Connects as `belljar connect` does, sends messages that no other run\n"
    "sends and checks every octet that comes back. Each round trip is told on\n"
    "a terminal, or with --verbose; the summary always. Corrupt is an answer\n"
    "with other octets than were sent, or one that nobody asked for. Messages\n"
    "go out on time, answered or not: with an interval below the round trip\n"
    "several are on their way at once.\n"
    "\n"
    "INT and TERM stop the sending and print the summary once the answers on\n"
    "their way have come; a second one does not wait for them.\n"
    "\n"
    "Exit status: 0 every message came back as it was sent, 1 not so, or\n"
    "nothing answered, 2 misused, 71 could not be confined.\n"
    "\n"
    "  belljar ping localhost 7007\n"
    "  belljar ping --udp -c 1000 -i 0 --json 192.0.2.1 echo\n";

static bool take(struct bj_ping_options *ping, int row,
                 const struct bj_options *o)
{
    switch (row) {
    case COUNT:
        ping->count = (uint32_t)o->number;
        return true;
    case SIZE:
        ping->size = (size_t)o->number;
        return true;
    case INTERVAL:
        ping->interval_ms = o->number;
        return true;
    case WAIT:
        ping->wait_ms = o->number;
        return true;
    case JSON:
        ping->json = true;
        return true;
    default:
        return bj_client_take(&ping->client, row, o);
    }
}

static int run(struct bj_options *o)
{
    struct bj_ping_options ping = {
        .count = 10, .size = 64, .interval_ms = 1000, .wait_ms = 2000};
    int row;

    bj_client_defaults(&ping.client);
    while ((row = bj_options_next(o)) >= 0) {
        if (!take(&ping, row, o))
            return BJ_EXIT_USAGE;
    }
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    if (ping.client.datagram &&
        (ping.size < BJ_PROBE_HEADER || ping.size > BJ_PING_DATAGRAM_MAX))
        return bj_options_usage(o, "with --udp a message has %d to %d octets",
                                BJ_PROBE_HEADER, BJ_PING_DATAGRAM_MAX);
    ping.client.host = o->operands[0];
    ping.client.service = o->operands[1];
    /* Not by exit(3), whose handlers could want calls that are gone. */
    _exit(bj_ping_run(&ping));
}

const struct bj_command bj_command_ping = {
    .name = "ping",
    .operands = "HOST SERVICE",
    .summary = "Measure an echo server, and check what it says.",
    .about = about,
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .operands_min = 2,
    .operands_max = 2,
    .run = run,
};
