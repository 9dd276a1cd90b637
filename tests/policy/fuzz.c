/*
 * policy_filter: libFuzzer looks for a call about which a role's filter and
 * its reviewed table disagree. An input is a role, then struct seccomp_data
 * as it lies in memory. The comparisons of the interpreter and of the table
 * are instrumented, so that numbers and values are found, not guessed.
 *
 * With BJ_PLANT=mask in the environment every condition is 32 bits wide: a
 * run must then end in a crash.
 */
#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/policy/export.h"
#include "sandbox/policy/filter.h"
#include "tests/policy/bpf.h"
#include "tests/policy/decision.h"
#include "tests/policy/stack.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint64_t address[] = {0x7f1234567000};
static struct bj_program programs[BJ_ROLE_COUNT];
static struct decisions tables[BJ_ROLE_COUNT];

/* The rows with conditions that see the low half only. */
static void narrow(struct bj_filter_source *source)
{
    static struct bj_row rows[BJ_ROWS_MAX];
    size_t i;
    unsigned k;

    for (i = 0; i < source->rows.count; i += 1) {
        rows[i] = *source->rows.row[i];
        for (k = 0; k < BJ_CONDITIONS_MAX && rows[i].when[k].text != NULL;
             k += 1) {
            if (rows[i].when[k].source == BJ_VALUE)
                rows[i].when[k].mask = UINT32_MAX;
        }
        source->rows.row[i] = &rows[i];
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *plant = getenv("BJ_PLANT");
    struct bj_filter_source source;
    struct decision_table table;
    struct bj_trouble trouble;
    unsigned role;

    (void)argc;
    (void)argv;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        if (!bj_export_source((enum bj_role)role, &source, &trouble))
            abort();
        source.programs[0] = address[0];
        source.program_count = 1;
        if (plant != NULL && strcmp(plant, "mask") == 0)
            narrow(&source);
        if (!bj_filter_compile(&source, &programs[role], &trouble))
            abort();
        stack_table((enum bj_role)role, &table);
        decision_bind(&table, seccomp_arch_native(), address, 1, &tables[role]);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seccomp_data call;
    const struct sock_fprog *program;
    unsigned role;

    if (size < 1 + sizeof(call))
        return 0;
    role = data[0] % BJ_ROLE_COUNT;
    memcpy(&call, data + 1, sizeof(call));
    program = programs[role].fprog;
    if (bpf_run(program->filter, program->len, &call) !=
        decision_judge(&tables[role], &call)) {
        fprintf(stderr,
                "ORACLE filter-as-table violated at %s:%d: %s, number %d, "
                "arch %#x\n",
                __FILE__, __LINE__, bj_role_policy((enum bj_role)role)->name,
                call.nr, call.arch);
        abort();
    }
    return 0;
}
