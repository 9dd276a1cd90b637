#include <limits.h>
#include <stdio.h>

#include "sandbox/cli/commands.h"
#include "sandbox/decode/decode.h"

static const char *const sandboxes[] = {"enforce", "log", "off", NULL};
static const char *const layers[] = {"ids", "landlock", "limits", "seccomp",
                                     NULL};

enum { HEX, JSON, SANDBOX, WITHOUT };

static const struct bj_option rows[] = {
    [HEX] = {.name = "hex",
             .letter = 'x',
             .help = "The input is a message written down in hexadecimal: "
                     "plain digits, or what xxd, hexdump -C, tcpdump -X and "
                     "Wireshark print. # and ; begin a comment."},
    [JSON] = {.name = "json",
              .letter = 'j',
              .help = "One JSON object a line: for each message, and for "
                      "each capture a summary."},
    [SANDBOX] = {.name = "sandbox",
                 .kind = BJ_OPTION_CHOICE,
                 .choices = sandboxes,
                 .help = "Die of calling something forbidden (the default); "
                         "only name each such call; or no sandbox at all."},
    [WITHOUT] = {.name = "without",
                 .kind = BJ_OPTION_CHOICE,
                 .choices = layers,
                 .help = "Accept going without one layer, where a kernel "
                         "lacks it. May be repeated."},
};

static const char about[] =
    "Prints DNS messages record by record, as dig does, or says why one is\n"
    "rejected: which rule it breaks, at which octet, in which record and\n"
    "field, and where the rule is written. FILE holds one message as it is on\n"
    "the wire (at most 65535 octets), or is a pcap or pcapng capture of any\n"
    "size, of which the messages from and to port 53 are shown; - is standard\n"
    "input. IP fragments and TCP messages in several segments are counted,\n"
    "but not put together.\n"
    "\n"
    "Each file is decoded by a process that can read it, write its output\n"
    "and end, and cannot do anything else. Nothing that a message holds\n"
    "reaches the terminal but as visible ASCII.\n"
    "\n"
    "Exit status: 0 everything was decoded, 1 something was rejected or could\n"
    "not be read, 2 misused, 71 could not be confined.\n"
    "\n"
    "  belljar decode reply.bin\n"
    "  tcpdump -w - port 53 | belljar decode --json - | jq .message.rcode\n"
    "  echo 123401000001000000000000 00 0001 0001 | belljar decode --hex -\n";

static int run(struct bj_options *o)
{
    struct bj_decode decode = {.hex = false};
    int row;

    while ((row = bj_options_next(o)) >= 0) {
        if (row == HEX)
            decode.hex = true;
        else if (row == JSON)
            decode.json = true;
        else if (row == SANDBOX)
            (void)bj_lockdown_mode(sandboxes[o->number], &decode.mode);
        else
            (void)bj_lockdown_without(layers[o->number], &decode.without);
    }
    if (row != BJ_OPTIONS_END)
        return bj_options_exit(row);
    return bj_decode_files(&decode, o->operands, o->operand_count);
}

const struct bj_command bj_command_decode = {
    .name = "decode",
    .operands = "FILE...",
    .summary = "Print DNS messages, or why and where they are rejected.",
    .about = about,
    .options = rows,
    .option_count = sizeof(rows) / sizeof(rows[0]),
    .operands_min = 1,
    .operands_max = INT_MAX,
    .run = run,
};
