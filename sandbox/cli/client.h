#ifndef BJ_SANDBOX_CLI_CLIENT_H
#define BJ_SANDBOX_CLI_CLIENT_H

#include "sandbox/cli/options.h"
#include "sandbox/connect/connect.h"

/*
 * The options that every client has: the first rows of its table, in this
 * order, so that one function takes them all.
 */
enum bj_client_row {
    BJ_CLIENT_IP4,
    BJ_CLIENT_IP6,
    BJ_CLIENT_TIMEOUT,
    BJ_CLIENT_UDP,
    BJ_CLIENT_VERBOSE,
    BJ_CLIENT_SANDBOX,
    BJ_CLIENT_WITHOUT,
    BJ_CLIENT_ROW_COUNT
};

extern const char *const bj_client_sandboxes[];
extern const char *const bj_client_layers[];

#define BJ_CLIENT_DAY_MS (UINT64_C(86400) * 1000)

#define BJ_CLIENT_ROWS                                                        \
    [BJ_CLIENT_IP4] = {.name = "ipv4",                                        \
                       .letter = '4',                                         \
                       .help = "Only IPv4 addresses."},                       \
    [BJ_CLIENT_IP6] = {.name = "ipv6",                                        \
                       .letter = '6',                                         \
                       .help = "Only IPv6 addresses."},                       \
    [BJ_CLIENT_TIMEOUT] = {.name = "timeout",                                 \
                           .letter = 't',                                     \
                           .kind = BJ_OPTION_SECONDS,                         \
                           .argument = "SECONDS",                             \
                           .min = 1,                                          \
                           .max = BJ_CLIENT_DAY_MS,                           \
                           .help = "Give up when no address has answered "    \
                                   "for so long. Default: 30."},              \
    [BJ_CLIENT_UDP] = {.name = "udp",                                         \
                       .letter = 'u',                                         \
                       .help = "Datagrams instead of a connection."},         \
    [BJ_CLIENT_VERBOSE] = {.name = "verbose",                                 \
                           .letter = 'v',                                     \
                           .help = "Tell successes, too."},                   \
    [BJ_CLIENT_SANDBOX] = {.name = "sandbox",                                 \
                           .kind = BJ_OPTION_CHOICE,                          \
                           .choices = bj_client_sandboxes,                    \
                           .help = "Die of calling something forbidden (the " \
                                   "default); only name each such call; or "  \
                                   "no sandbox at all."},                     \
    [BJ_CLIENT_WITHOUT] = {                                                   \
        .name = "without",                                                    \
        .kind = BJ_OPTION_CHOICE,                                             \
        .choices = bj_client_layers,                                          \
        .help = "Accept going without one layer, where a kernel lacks it. "   \
                "May be repeated."}

/* A client with nothing given but host and service. */
void bj_client_defaults(struct bj_client_options *client);

/* Takes -4 or -6 into *taken; false if it is the other one's already, which
 * is explained. */
bool bj_client_take_family(enum bj_family *taken, enum bj_family family,
                           const struct bj_options *o);

/* Takes the option of a row below BJ_CLIENT_ROW_COUNT that bj_options_next
 * has returned; false if it does not go with another, which is explained. */
bool bj_client_take(struct bj_client_options *client, int row,
                    const struct bj_options *o);

#endif
