#ifndef BJ_TESTS_CHAOS_COMMAND_H
#define BJ_TESTS_CHAOS_COMMAND_H

#include "tests/chaos/server.h"

/*
 * The commands of belljar that end by themselves, as rows of a table: `call`
 * writes the arguments and what is to be fed, and is false if there is nothing
 * to do now; `judge` is asked once it has ended, with all its output there,
 * unless it was killed, or lacked what it needed and said so.
 */
struct tool;

struct command {
    const char *name;
    bool (*call)(struct tool *tool, struct dice *dice);
    void (*judge)(struct tool *tool);
    unsigned running;
    uint64_t runs, done, excused, killed, starved; /* for the verdict */
};

extern struct command commands[];
extern const size_t command_count;

#define COMMAND_FAILED 1 /* belljar's exit status */

#define ARGUMENTS_MAX 20
#define PATH_LEN 512

/* What one of them may at most ask for and send. */
#define PINGS CHAOS_DATAGRAMS_MAX
#define INPUT_MAX 300000

/* One run. */
struct tool {
    struct command *command;
    pid_t pid;             /* 0: it has ended */
    struct server *server; /* NULL: none */
    uint64_t since_ms;
    bool running, killed, starved;
    int status;  /* once pid is 0 */
    int in, out; /* -1: closed */
    uint32_t number;
    uint64_t size, sent; /* of its input */
    size_t file;
    size_t output_len;
    uint8_t *output;
    char words[ARGUMENTS_MAX][PATH_LEN];
    const char *arguments[ARGUMENTS_MAX + 1];
};

#endif
