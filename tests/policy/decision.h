#ifndef BJ_TESTS_POLICY_DECISION_H
#define BJ_TESTS_POLICY_DECISION_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A reviewed decision table: what a role may call, written down by hand and
 * apart from the product's table, in tests/policy/<role>.tbl. A line is
 *
 *     call  conditions  verdict  why
 *
 * where conditions is `-` or a list such as `a0=3,a3&0xff=0x80000,a2=@0`
 * (argument, mask if not all 64 bits, value; @N is the address of the N-th
 * filter prepared below), and the verdict is `allow` or an errno's name.
 * `include NAME` takes in another table. What no line names is killed.
 */

#define DECISION_CONDITIONS 4
#define DECISION_LINES 200

struct decision_condition {
    unsigned arg;
    uint64_t mask;
    uint64_t value;
    int program; /* N of @N, or -1 */
};

struct decision_line {
    char call[32];
    struct decision_condition when[DECISION_CONDITIONS];
    size_t when_count;
    uint32_t verdict; /* SECCOMP_RET_* */
};

struct decision_table {
    size_t count;
    struct decision_line line[DECISION_LINES];
};

/* Reads tests/policy/<name>.tbl, appending; fails the test on a mistake. */
void decision_read(const char *name, struct decision_table *table);

/*
 * Gives the lines the numbers of an architecture and the addresses of the
 * programs, which are also tried as arguments. Lines whose call the
 * architecture does not have, or whose program does not exist, are left out.
 */
struct decisions {
    uint32_t arch;
    size_t count;
    int number[DECISION_LINES];
    struct decision_line line[DECISION_LINES];
    const uint64_t *values; /* more values to try for every argument */
    size_t value_count;
    bool quick; /* stop at the first disagreement */
};
void decision_bind(const struct decision_table *table, uint32_t arch,
                   const uint64_t *programs, size_t program_count,
                   struct decisions *out);

/* What the table says to a call: SECCOMP_RET_KILL_PROCESS if nothing. */
uint32_t decision_judge(const struct decisions *table,
                        const struct seccomp_data *data);

/*
 * Asks `judge` about every number from 0 to 511, about x32, negative and huge
 * ones, about foreign architectures, and for each line of the table about the
 * boundaries of each argument, low and high word, every single bit, and every
 * pair of arguments; compares with the table. The number of questions is
 * added to *asked, the first disagreement stored in *first; the number of
 * disagreements is returned.
 */
size_t decision_compare(const struct decisions *table,
                        uint32_t (*judge)(const void *context,
                                          const struct seccomp_data *data),
                        const void *context, size_t *asked,
                        struct seccomp_data *first);

#endif
