#ifndef BJ_SANDBOX_CLI_OPTIONS_H
#define BJ_SANDBOX_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Command lines as tables. A subcommand is one `struct bj_command`: its
 * options are rows, from which both the parser and `--help` are made, so
 * that neither can drift from the other. Long names, one-letter names, `=`,
 * bundled letters and `--` work as GNU's getopt_long has taught everyone;
 * options and operands may be mixed.
 */

enum bj_option_kind {
    BJ_OPTION_FLAG,    /* takes no argument */
    BJ_OPTION_NUMBER,  /* digits only, min to max */
    BJ_OPTION_SECONDS, /* digits, and up to three after a point; the value,
                          min and max are milliseconds */
    BJ_OPTION_TEXT,    /* anything but the empty string */
    BJ_OPTION_CHOICE,  /* one word of `choices`, NULL-terminated */
};

struct bj_option {
    const char *name; /* without the two dashes */
    char letter;      /* 0 for none */
    enum bj_option_kind kind;
    const char *argument; /* its name in --help: "SECONDS" */
    const char *help;     /* one sentence or two; wrapped by --help */
    uint64_t min, max;
    const char *const *choices;
};

struct bj_options;

struct bj_command {
    const char *program; /* in messages and --help; NULL: "belljar" */
    const char *name;
    const char *operands; /* as shown: "HOST SERVICE"; NULL for none */
    const char *summary;  /* one line, for the list of commands */
    const char *about;    /* paragraphs and examples, printed as they are */
    const struct bj_option *options;
    size_t option_count;
    int operands_min, operands_max;
    int (*run)(struct bj_options *options); /* the exit status */
};

/*
 * One command line being read. `number` holds what a NUMBER or SECONDS
 * option was given, or the index of the word that a CHOICE was given;
 * `text` the argument as written. Operands are complete once
 * bj_options_next has returned BJ_OPTIONS_END; they are argv's own strings.
 */
struct bj_options {
    const struct bj_command *command;
    char **argv;
    int argc, next;
    const char *bundle; /* the rest of a run of one-letter flags */
    bool only_operands; /* after -- */
    uint64_t number;
    const char *text;
    char **operands;
    int operand_count;
};

enum {
    BJ_OPTIONS_END = -1,
    BJ_OPTIONS_HELP = -2,  /* --help was asked for and has been printed */
    BJ_OPTIONS_USAGE = -3, /* an error, which has been explained on stderr */
};

/* Exit status of every command after a usage error. */
#define BJ_EXIT_USAGE 2

/* Starts on argv[0 .. argc), the words after the command's own name. */
void bj_options_init(struct bj_options *o, const struct bj_command *command,
                     int argc, char **argv);

/*
 * The row of the next option given, or one of the negative values above.
 * The usual caller loops while the result is not negative, then returns
 * bj_options_exit(result) unless it is BJ_OPTIONS_END.
 */
int bj_options_next(struct bj_options *o);

/* The exit status for BJ_OPTIONS_HELP (0) or BJ_OPTIONS_USAGE (2). */
int bj_options_exit(int result);

/*
 * Explains a usage error that only the command can see, as
 * "PROGRAM NAME: <message>" and where help is, and returns BJ_EXIT_USAGE.
 */
int bj_options_usage(const struct bj_options *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What --help prints. */
void bj_command_help(const struct bj_command *command, FILE *out);

#endif
