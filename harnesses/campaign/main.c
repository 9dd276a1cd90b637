#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harnesses/campaign/commands.h"

/* In the order in which --help teaches them. */
static const struct bj_command *const commands[] = {&bj_fuzz_run,
                                                    &bj_fuzz_status,
                                                    &bj_fuzz_resume,
                                                    &bj_fuzz_repro,
                                                    &bj_fuzz_minimize,
                                                    &bj_fuzz_merge,
                                                    &bj_fuzz_coverage,
                                                    &bj_fuzz_report,
                                                    &bj_fuzz_mutants,
                                                    &bj_fuzz_doctor,
                                                    NULL};

static void help(FILE *out)
{
    fputs("belljar-fuzz: fuzz campaigns over the project's harnesses\n"
          "\n"
          "Usage: belljar-fuzz COMMAND [OPTION]... [OPERAND]...\n"
          "       belljar-fuzz COMMAND --help\n"
          "\n"
          "Commands:\n",
          out);
    for (size_t i = 0; commands[i] != NULL; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n"
          "Exit status: 0 clean and gates met, 1 a new finding, 2 misused,\n"
          "3 a target or a tool is unfit, 4 a gate was missed, 5 interrupted\n"
          "(resume goes on).\n",
          out);
}

int main(int argc, char **argv)
{
    struct bj_options options;

    /* Whoever ignores this signal passes that on, and children would vanish
     * unreaped. */
    signal(SIGCHLD, SIG_DFL);
    if (argc < 2) {
        help(stderr);
        return BJ_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("belljar-fuzz " BJ_VERSION);
        return fflush(stdout) == 0 ? 0 : BJ_EXIT_UNFIT;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return fflush(stdout) == 0 ? 0 : BJ_EXIT_UNFIT;
    }
    for (size_t i = 0; commands[i] != NULL; i++) {
        if (strcmp(commands[i]->name, argv[1]) == 0) {
            bj_options_init(&options, commands[i], argc - 2, argv + 2);
            return commands[i]->run(&options);
        }
    }
    fprintf(stderr,
            "belljar-fuzz: there is no command \"%s\"\n"
            "Try 'belljar-fuzz --help' for those there are.\n",
            argv[1]);
    return BJ_EXIT_USAGE;
}
