#ifndef BJ_TESTS_CHAOS_TOOL_H
#define BJ_TESTS_CHAOS_TOOL_H

#include "tests/chaos/server.h"

/*
 * Runs of the commands in command.h, beside each other: they are killed,
 * stopped and starved like the servers.
 */
#define TOOLS_MAX 8

void tool_begin(struct dice *dice);
void tools_enlist(void);
bool tools_reaped(pid_t pid, int status);
void tools_look(void);
size_t tools_open(void);

/* A running one, or 0; `pick` chooses among them. */
pid_t tool_pid(uint32_t pick);

/* Kills it: what it says by then is all that is asked of it. */
void tool_kill(pid_t pid);

#endif
