#include "tests/policy/decision.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *name;
    uint32_t verdict;
} verdicts[] = {
    {"allow", SECCOMP_RET_ALLOW},
    {"ENOSYS", SECCOMP_RET_ERRNO | ENOSYS},
    {"ENOTTY", SECCOMP_RET_ERRNO | ENOTTY},
    {"ENOENT", SECCOMP_RET_ERRNO | ENOENT},
};

static const uint32_t archs[] = {AUDIT_ARCH_X86_64,  AUDIT_ARCH_I386,
                                 AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM,
                                 AUDIT_ARCH_RISCV64, 0,
                                 UINT32_MAX};

/* a0=3   a3&0xff=0x2   a2=@0 */
static void read_condition(const char *text, struct decision_condition *out)
{
    char *end;

    assert_true(text[0] == 'a' && text[1] >= '0' && text[1] <= '5');
    out->arg = (unsigned)(text[1] - '0');
    out->mask = UINT64_MAX;
    out->program = -1;
    text += 2;
    if (*text == '&') {
        out->mask = strtoull(text + 1, &end, 0);
        text = end;
    }
    assert_int_equal(*text, '=');
    text += 1;
    if (*text == '@')
        out->program = (int)strtoul(text + 1, &end, 10);
    else
        out->value = strtoull(text, &end, 0);
    assert_true(end > text && *end == '\0');
}

static void read_line(char *text, struct decision_table *table)
{
    struct decision_line *line = &table->line[table->count];
    char *save = NULL;
    char *inner = NULL;
    const char *call = strtok_r(text, " \t\n", &save);
    char *when = strtok_r(NULL, " \t\n", &save);
    const char *verdict = strtok_r(NULL, " \t\n", &save);
    size_t i = 0;

    assert_true(table->count < DECISION_LINES);
    assert_non_null(verdict);
    assert_non_null(strtok_r(NULL, "\n", &save)); /* a reason is there */
    memset(line, 0, sizeof(*line));
    snprintf(line->call, sizeof(line->call), "%s", call);
    if (strcmp(when, "-") != 0) {
        for (when = strtok_r(when, ",", &inner); when != NULL;
             when = strtok_r(NULL, ",", &inner)) {
            assert_true(line->when_count < DECISION_CONDITIONS);
            read_condition(when, &line->when[line->when_count]);
            line->when_count += 1;
        }
    }
    while (i < sizeof(verdicts) / sizeof(verdicts[0]) &&
           strcmp(verdicts[i].name, verdict) != 0)
        i += 1;
    assert_true(i < sizeof(verdicts) / sizeof(verdicts[0]));
    line->verdict = verdicts[i].verdict;
    table->count += 1;
}

/* Tables include others only one level deep; `deep` says we are there. */
static void read_table(const char *name, struct decision_table *table,
                       bool deep)
{
    char path[512];
    char text[256];
    char other[64];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s.tbl", BJ_POLICY_TABLES, name);
    file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s: %s", path, strerror(errno));
    while (fgets(text, sizeof(text), file) != NULL) {
        if (sscanf(text, "include %63s", other) == 1) {
            assert_false(deep);
            read_table(other, table, true);
        } else if (text[0] != '#' && text[0] != '\n') {
            read_line(text, table);
        }
    }
    fclose(file);
}

void decision_read(const char *name, struct decision_table *table)
{
    read_table(name, table, false);
}

void decision_bind(const struct decision_table *table, uint32_t arch,
                   const uint64_t *programs, size_t program_count,
                   struct decisions *out)
{
    struct decision_line line;
    size_t i;
    size_t k;
    int number;

    memset(out, 0, sizeof(*out));
    out->arch = arch;
    out->values = programs;
    out->value_count = program_count;
    for (i = 0; i < table->count; i += 1) {
        line = table->line[i];
        number = seccomp_syscall_resolve_name_arch(arch, line.call);
        if (number == __NR_SCMP_ERROR)
            fail_msg("there is no call %s", line.call);
        for (k = 0; k < line.when_count; k += 1) {
            if (line.when[k].program < 0)
                continue;
            if ((size_t)line.when[k].program >= program_count)
                break;
            line.when[k].value = programs[line.when[k].program];
        }
        if (number < 0 || k < line.when_count)
            continue;
        out->number[out->count] = number;
        out->line[out->count] = line;
        out->count += 1;
    }
}

uint32_t decision_judge(const struct decisions *table,
                        const struct seccomp_data *data)
{
    const struct decision_condition *when;
    size_t i;
    size_t k;

    if (data->arch != table->arch)
        return SECCOMP_RET_KILL_PROCESS;
    for (i = 0; i < table->count; i += 1) {
        if (table->number[i] != data->nr)
            continue;
        for (k = 0; k < table->line[i].when_count; k += 1) {
            when = &table->line[i].when[k];
            if ((data->args[when->arg] & when->mask) != when->value)
                break;
        }
        if (k == table->line[i].when_count)
            return table->line[i].verdict;
    }
    return SECCOMP_RET_KILL_PROCESS;
}

/* ---- the questions ---- */

struct inquiry {
    const struct decisions *table;
    uint32_t (*judge)(const void *context, const struct seccomp_data *data);
    const void *context;
    size_t *asked;
    struct seccomp_data *first;
    size_t wrong;
};

static void ask(struct inquiry *q, const struct seccomp_data *data)
{
    if (q->table->quick && q->wrong > 0)
        return;
    *q->asked += 1;
    if (q->judge(q->context, data) == decision_judge(q->table, data))
        return;
    if (q->wrong == 0)
        *q->first = *data;
    q->wrong += 1;
}

/* Values around one that a filter compares with, and such as sign extension,
 * truncation and a swap of the words would make of it. */
#define NEIGHBOURS 15
static void neighbours(uint64_t value, uint64_t out[static NEIGHBOURS])
{
    const uint64_t list[NEIGHBOURS] = {
        value,
        value + 1,
        value - 1,
        ~value,
        0,
        UINT64_MAX,
        UINT32_MAX,
        value << 32,
        value << 32 | value >> 32,
        value | UINT64_C(1) << 32,
        value | UINT64_C(0xffffffff00000000),
        value | UINT64_C(1) << 63,
        value & UINT32_MAX,
        value ^ 0x80000000,
        INT32_MAX,
    };

    memcpy(out, list, sizeof(list));
}

/* One argument at a time: neighbours, and each bit turned over. */
static void ask_about_argument(struct inquiry *q, struct seccomp_data data,
                               unsigned arg)
{
    uint64_t list[NEIGHBOURS];
    uint64_t value = data.args[arg];
    unsigned i;

    neighbours(value, list);
    for (i = 0; i < NEIGHBOURS; i += 1) {
        data.args[arg] = list[i];
        ask(q, &data);
    }
    for (i = 0; i < q->table->value_count; i += 1) {
        data.args[arg] = q->table->values[i];
        ask(q, &data);
    }
    for (i = 0; i < 64; i += 1) {
        data.args[arg] = value ^ UINT64_C(1) << i;
        ask(q, &data);
    }
}

static void ask_about_pair(struct inquiry *q, struct seccomp_data data,
                           unsigned one, unsigned other)
{
    uint64_t ones[NEIGHBOURS];
    uint64_t others[NEIGHBOURS];
    unsigned i;
    unsigned k;

    neighbours(data.args[one], ones);
    neighbours(data.args[other], others);
    for (i = 0; i < NEIGHBOURS; i += 1) {
        for (k = 0; k < NEIGHBOURS; k += 1) {
            data.args[one] = ones[i];
            data.args[other] = others[k];
            ask(q, &data);
        }
    }
}

/* Around a call that the line allows. */
static void ask_about_line(struct inquiry *q, size_t line, uint64_t fill)
{
    const struct decision_line *at = &q->table->line[line];
    struct seccomp_data data = {.nr = q->table->number[line],
                                .arch = q->table->arch};
    unsigned one;
    unsigned other;
    size_t i;

    for (i = 0; i < 6; i += 1)
        data.args[i] = fill;
    for (i = 0; i < at->when_count; i += 1)
        data.args[at->when[i].arg] =
            at->when[i].value | (fill & ~at->when[i].mask);
    for (i = 0; i < sizeof(archs) / sizeof(archs[0]); i += 1) {
        data.arch = archs[i];
        ask(q, &data);
    }
    data.arch = q->table->arch;
    for (one = 0; one < 6; one += 1) {
        ask_about_argument(q, data, one);
        for (other = one + 1; other < 6; other += 1)
            ask_about_pair(q, data, one, other);
    }
}

static void ask_about_number(struct inquiry *q, uint32_t number)
{
    static const uint64_t fills[] = {0, 1, 2, 3, 4, UINT32_MAX, UINT64_MAX};
    struct seccomp_data data = {.nr = (int)number, .arch = q->table->arch};
    size_t i;
    size_t k;

    for (i = 0; i < sizeof(fills) / sizeof(fills[0]); i += 1) {
        for (k = 0; k < 6; k += 1)
            data.args[k] = fills[i];
        ask(q, &data);
    }
    for (i = 0; i < sizeof(archs) / sizeof(archs[0]); i += 1) {
        data.arch = archs[i];
        ask(q, &data);
    }
}

size_t decision_compare(const struct decisions *table,
                        uint32_t (*judge)(const void *context,
                                          const struct seccomp_data *data),
                        const void *context, size_t *asked,
                        struct seccomp_data *first)
{
    struct inquiry q = {table, judge, context, asked, first, 0};
    uint32_t number;
    unsigned bit;
    size_t line;

    for (number = 0; number < 512; number += 1) {
        ask_about_number(&q, number);
        ask_about_number(&q, number | 0x40000000); /* x32 */
        ask_about_number(&q, 0U - 1 - number);
        for (bit = 9; bit < 32; bit += 1)
            ask_about_number(&q, number | UINT32_C(1) << bit);
    }
    for (line = 0; line < table->count; line += 1) {
        ask_about_line(&q, line, 0);
        ask_about_line(&q, line, UINT64_MAX);
    }
    return q.wrong;
}
