#ifndef BJ_SANDBOX_CLI_COMMANDS_H
#define BJ_SANDBOX_CLI_COMMANDS_H

#include "sandbox/cli/options.h"

/*
 * The subcommands, one file of sandbox/cli each. A new one is a declaration
 * here and a row of the table in main.c.
 */

extern const struct bj_command bj_command_serve;
extern const struct bj_command bj_command_connect;
extern const struct bj_command bj_command_ping;
extern const struct bj_command bj_command_lookup;
extern const struct bj_command bj_command_decode;
extern const struct bj_command bj_command_policy;

#endif
