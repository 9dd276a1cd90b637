#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/cli/commands.h"

/*
 * Sanitizer builds: a report from inside a role cannot start a symbolizer,
 * nor can the leak check at the end trace anybody. As options of the program,
 * since an environment may be empty.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "symbolize=0:detect_leaks=0";
}

/* In the order in which --help teaches them. */
static const struct bj_command *const commands[] = {
    &bj_command_serve,
    &bj_command_connect,
    &bj_command_ping,
    &bj_command_lookup,
    &bj_command_decode,
    &bj_command_policy,
    NULL,
};

static void help(FILE *out)
{
    fputs("belljar: an echo server and its clients, each sealed under glass\n"
          "\n"
          "Usage: belljar COMMAND [OPTION]... [OPERAND]...\n"
          "       belljar COMMAND --help\n"
          "       belljar --version\n"
          "\n"
          "Commands:\n",
          out);
    for (size_t i = 0; commands[i] != NULL; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs(
        "\n"
        "Exit status of every command: 0 done, 1 failed, 2 misused, 71 could\n"
        "not be confined.\n",
        out);
}

static const struct bj_command *find(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

/*
 * What an exec passes on: whoever started us may ignore or block the signals
 * that we count on. With CHLD ignored children vanish unreaped; with ALRM
 * ignored or blocked --max-time would end nothing.
 */
static void reset_signals(void)
{
    sigset_t needed;

    sigemptyset(&needed);
    sigaddset(&needed, SIGCHLD);
    sigaddset(&needed, SIGALRM);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &needed, NULL);
}

int main(int argc, char **argv)
{
    const struct bj_command *command;
    struct bj_options options;

    reset_signals();
    if (argc < 2) {
        help(stderr);
        return BJ_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("belljar " BJ_VERSION);
        return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
    }
    command = find(argv[1]);
    if (command == NULL) {
        fprintf(stderr,
                "belljar: there is no command \"%s\"\n"
                "Try 'belljar --help' for those there are.\n",
                argv[1]);
        return BJ_EXIT_USAGE;
    }
    bj_options_init(&options, command, argc - 2, argv + 2);
    return command->run(&options);
}
