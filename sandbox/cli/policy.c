#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "sandbox/cli/commands.h"
#include "sandbox/policy/evidence.h"
#include "sandbox/policy/export.h"

enum format { TABLE, JSON, PFC, BPF, OCI, SYSTEMD };

static const char *const format_names[] = {"table", "json",    "pfc", "bpf",
                                           "oci",   "systemd", NULL};

enum { OPTION_FORMAT, OPTION_EVIDENCE };

static const struct bj_option options[] = {
    [OPTION_FORMAT] = {.name = "format",
                       .letter = 'f',
                       .kind = BJ_OPTION_CHOICE,
                       .argument = "FORMAT",
                       .help = "table (the default), json, pfc (libseccomp's "
                               "pseudo filter code), bpf (the bytes that "
                               "seccomp(2) takes), oci (a container's seccomp "
                               "profile) or systemd (lines of a unit). The "
                               "last four need a ROLE; oci and systemd hold "
                               "from before the program starts, so they take "
                               "a role that a program enters by itself and "
                               "add what its start needs.",
                       .choices = format_names},
    [OPTION_EVIDENCE] = {.name = "evidence",
                         .letter = 'e',
                         .kind = BJ_OPTION_FLAG,
                         .help = "For each row, how often it was seen in use, "
                                 "with which arguments, and what broke "
                                 "without it."},
};

static int explain(const struct bj_trouble *trouble)
{
    fprintf(stderr, "belljar policy: %s\n", trouble->text);
    return 1;
}

/* Whether all of it was written. */
static int finish(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    fputs("belljar policy: standard output cannot be written\n", stderr);
    return 1;
}

/* The roles from `first` up to before `end`. */
static int show(enum format format, unsigned first, unsigned end)
{
    struct bj_trouble trouble = {"out of memory"};
    bool good = true;
    unsigned role;

    switch (format) {
    case TABLE:
        for (role = first; role < end; role += 1)
            bj_export_table((enum bj_role)role, stdout);
        if (end - first > 1)
            good = bj_export_totals(stdout, &trouble);
        break;
    case JSON:
        good = bj_export_json(first, end, stdout);
        break;
    case PFC:
        good = bj_export_pfc((enum bj_role)first, stdout, &trouble);
        break;
    case BPF:
        good = bj_export_bpf((enum bj_role)first, stdout, &trouble);
        break;
    case OCI:
        good = bj_export_oci((enum bj_role)first, stdout, &trouble);
        break;
    case SYSTEMD:
        good = bj_export_systemd((enum bj_role)first, stdout, &trouble);
        break;
    }
    if (!good && !ferror(stdout))
        return explain(&trouble);
    return finish();
}

static int show_evidence(unsigned first, unsigned end)
{
    unsigned role;

    for (role = first; role < end; role += 1)
        bj_evidence_table((enum bj_role)role, stdout);
    return finish();
}

static int run(struct bj_options *o)
{
    enum format format = TABLE;
    bool evidence = false;
    unsigned first = 0;
    unsigned end = BJ_ROLE_COUNT;
    int result = bj_options_next(o);

    for (; result >= 0; result = bj_options_next(o)) {
        if (result == OPTION_FORMAT)
            format = (enum format)o->number;
        else
            evidence = true;
    }
    if (result != BJ_OPTIONS_END)
        return bj_options_exit(result);
    if (o->operand_count == 1) {
        first = bj_role_find(o->operands[0]);
        end = first + 1;
        if (first == BJ_ROLE_COUNT)
            return bj_options_usage(o, "there is no role \"%s\"",
                                    o->operands[0]);
    }
    if (evidence && format != TABLE)
        return bj_options_usage(o, "--evidence comes as a table only");
    if (evidence)
        return show_evidence(first, end);
    if (end - first > 1 && format != TABLE && format != JSON)
        return bj_options_usage(o, "%s is for one role: name it",
                                format_names[format]);
    if (format == BPF && isatty(STDOUT_FILENO))
        return bj_options_usage(o, "bpf is binary: redirect it");
    return show(format, first, end);
}

const struct bj_command bj_command_policy = {
    .name = "policy",
    .operands = "[ROLE]",
    .summary = "Print what each role may call, and why.",
    .about = "Prints the policy of a role, or of all of them with totals, "
             "from the table\nthat the filters are made from.\n"
             "\n"
             "  belljar policy serve-process-child\n"
             "  belljar policy connect --format json\n"
             "  belljar policy serve-thread --evidence\n"
             "  belljar policy keeper --format oci\n"
             "  belljar policy --format json | jq -r '.[].role'\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = 1,
    .run = run,
};
