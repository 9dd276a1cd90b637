#include <unistd.h>

#include "sandbox/cli/client.h"
#include "sandbox/cli/commands.h"

static const struct bj_option rows[] = {BJ_CLIENT_ROWS};

static const char about[] =
    "Tries every address of HOST, of both families in turn, a new one each\n"
    "quarter of a second or as soon as one fails (RFC 8305), and takes the\n"
    "first that answers. Each failure is reported with its cause. Then\n"
    "standard input goes to the peer and what it sends to standard output;\n"
    "the end of the input is passed on, and the peer may still answer.\n"
    "With --udp each read of standard input is one datagram.\n"
    "\n"
    "The name is resolved first; from then on the program may open sockets\n"
    "and connect them, and after the connection only read, write and wait.\n"
    "\n"
    "Exit status: 0 done, 1 nothing answered or the connection broke, 2\n"
    "misused, 71 could not be confined.\n"
    "\n"
    "  echo hello | belljar connect localhost 7007\n"
    "  belljar connect -6 --timeout 3 www.example.org http\n";

static int run(struct bj_options *o)
{
    struct bj_client_options client;
    int row;

    bj_client_defaults(&client);
    while ((row = bj_options_next(o)) >= 0) {
        if (!bj_client_take(&client, row, o))
            return BJ_EXIT_USAGE;
    }
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    client.host = o->operands[0];
    client.service = o->operands[1];
    /* Not by exit(3), whose handlers could want calls that are gone. */
    _exit(bj_connect_run(&client));
}

const struct bj_command bj_command_connect = {
    .name = "connect",
    .operands = "HOST SERVICE",
    .summary = "Connect to the first address of a host that answers.",
    .about = about,
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .operands_min = 2,
    .operands_max = 2,
    .run = run,
};
