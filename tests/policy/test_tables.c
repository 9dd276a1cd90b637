/*
 * The program in the kernel against the reviewed table: for every role, alone
 * and stacked as in life, on this machine and built for arm64, the exported
 * filter says what tests/policy/<role>.tbl says, wherever we ask. That the
 * comparison sees a fault is shown by planting some.
 */
#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/policy/evidence.h"
#include "sandbox/policy/export.h"
#include "sandbox/policy/filter.h"
#include "tests/policy/bpf.h"
#include "tests/policy/decision.h"
#include "tests/policy/stack.h"

/* Addresses that share their low or their high words. */
static const uint64_t addresses[] = {0x7f1234567000, 0x7f1234568000,
                                     0x7e1234567000, 0x1234567000,
                                     0x7f1200001000, 0x7f1234569000};
#define ADDRESSES (sizeof(addresses) / sizeof(addresses[0]))

/* How many calls a role may have: the prototypes' counts, and what the
 * orderly end and handlers of signals need on top. */
static const size_t counts[BJ_ROLE_COUNT] = {
    [BJ_ROLE_SERVE_ITERATIVE] = 4 + 2, /* exit_group, rt_sigreturn */
    /* rt_sigreturn and setsockopt; its bare clone needs no set_robust_list */
    [BJ_ROLE_SERVE_PROCESS] = 9 + 2 - 1,
    [BJ_ROLE_SERVE_PROCESS_CHILD] = 3,
    [BJ_ROLE_SERVE_INETD] = 3,
    [BJ_ROLE_SERVE_THREAD] = 11 + 3, /* exit_group, rt_sigreturn, setsockopt */
    [BJ_ROLE_SERVE_THREAD_WORKER] = 5,
    [BJ_ROLE_SERVE_UDP] = 2 + 2, /* exit_group, rt_sigreturn */
    [BJ_ROLE_CONNECT] = 10,
    [BJ_ROLE_CONNECT_RELAY] = 5,
    [BJ_ROLE_DECODE] = 3,
    [BJ_ROLE_RESOLVER_WORKER] = 3,
    [BJ_ROLE_DRIVER] = 25,
};

struct programs {
    const struct sock_fprog *const *program;
    size_t count;
};

static uint32_t judge(const void *context, const struct seccomp_data *data)
{
    const struct programs *programs = context;

    return bpf_run_stack(programs->program, programs->count, data);
}

/* The disagreements between a table and a stack of programs. */
static size_t compare(const struct decisions *table,
                      const struct sock_fprog *const *program, size_t count,
                      size_t *asked, struct seccomp_data *first)
{
    struct programs programs = {program, count};

    return decision_compare(table, judge, &programs, asked, first);
}

static void agree(const char *what, const struct decisions *table,
                  const struct sock_fprog *const *program, size_t count,
                  size_t *asked)
{
    struct seccomp_data at = {0};
    size_t i;

    for (i = 0; i < count; i += 1)
        assert_true(bpf_valid(program[i]->filter, program[i]->len));
    if (compare(table, program, count, asked, &at) == 0)
        return;
    fail_msg("%s: number %d arch %#x args %#llx %#llx %#llx %#llx: the table "
             "says %#x, not the filter",
             what, at.nr, at.arch, (unsigned long long)at.args[0],
             (unsigned long long)at.args[1], (unsigned long long)at.args[2],
             (unsigned long long)at.args[3], decision_judge(table, &at));
}

/* A role's rows, with our addresses, for an architecture. */
static void source_of(enum bj_role role, uint32_t arch,
                      struct bj_filter_source *source)
{
    struct bj_trouble trouble;

    if (!bj_export_source(role, source, &trouble))
        fail_msg("%s", trouble.text);
    memcpy(source->programs, addresses, sizeof(addresses));
    source->program_count = ADDRESSES;
    source->arch = arch;
}

static void compile(const struct bj_filter_source *source,
                    struct bj_program *program)
{
    struct bj_trouble trouble;

    if (!bj_filter_compile(source, program, &trouble))
        fail_msg("%s", trouble.text);
}

/* The reviewed table with every address allowed where one is: the tables of
 * single roles name @0 only. */
static void table_of(enum bj_role role, uint32_t arch, size_t programs,
                     struct decisions *out)
{
    struct decision_table table;

    stack_table(role, &table);
    decision_bind(&table, arch, addresses, programs, out);
}

static void alone(uint32_t arch, const char *what)
{
    struct bj_filter_source source;
    struct bj_program program;
    struct decisions table;
    size_t asked = 0;
    unsigned role;

    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        source_of((enum bj_role)role, arch, &source);
        source.program_count = role == BJ_ROLE_KEEPER ? ADDRESSES : 1;
        compile(&source, &program);
        table_of((enum bj_role)role, arch, source.program_count, &table);
        agree(bj_role_policy((enum bj_role)role)->name, &table, &program.fprog,
              1, &asked);
        bj_filter_free(&program);
    }
    print_message("%s: %zu questions, no disagreement\n", what, asked);
}

static void every_role_alone(void **state)
{
    (void)state;
    alone(seccomp_arch_native(), "alone");
}

static void every_role_on_arm64(void **state)
{
    (void)state;
    alone(AUDIT_ARCH_AARCH64, "arm64");
}

static void every_role_on_x86_64(void **state)
{
    (void)state;
    alone(AUDIT_ARCH_X86_64, "x86-64");
}

/* With the addresses and the stack of a real start. */
static void every_role_stacked(void **state)
{
    struct decisions table;
    struct stack stack;
    size_t asked = 0;
    unsigned role;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        stack_prepare((enum bj_role)role, BJ_MODE_ENFORCE, 0, &stack);
        stack_decisions(&stack, &table);
        agree(bj_role_policy((enum bj_role)role)->name, &table, stack.program,
              stack.count, &asked);
        stack_free(&stack);
    }
    print_message("stacked: %zu questions, no disagreement\n", asked);
}

static void no_more_calls_than_the_prototypes(void **state)
{
    const struct bj_role_policy *policy;
    struct bj_role_rows rows;
    unsigned role;
    size_t i;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        if (counts[role] == 0)
            continue;
        policy = bj_role_policy((enum bj_role)role);
        rows.count = policy->row_count;
        for (i = 0; i < policy->row_count; i += 1)
            rows.row[i] = &policy->rows[i];
        if (bj_role_count_calls(&rows) > counts[role])
            fail_msg("%s has %zu calls, more than %zu", policy->name,
                     bj_role_count_calls(&rows), counts[role]);
    }
}

/* A row that was added or moved needs its evidence measured anew:
 * tests/policy/evidence.py --write. */
static void every_row_has_evidence(void **state)
{
    const struct bj_role_policy *policy;
    unsigned role;
    size_t i;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        policy = bj_role_policy((enum bj_role)role);
        for (i = 0; i < policy->row_count; i += 1) {
            if (bj_evidence_find(policy->name, i, policy->rows[i].call) == NULL)
                fail_msg("%s: row %zu, %s: not measured", policy->name, i,
                         policy->rows[i].call);
        }
    }
}

/* ---- planted faults: the comparison must see each ---- */

static bool seen(enum bj_role role, const struct sock_fprog *program)
{
    struct seccomp_data at;
    struct decisions table;
    size_t asked = 0;

    table_of(role, seccomp_arch_native(),
             role == BJ_ROLE_KEEPER ? ADDRESSES : 1, &table);
    table.values = addresses;
    table.value_count = ADDRESSES;
    table.quick = true;
    return compare(&table, &program, 1, &asked, &at) > 0;
}

static bool source_seen(enum bj_role role,
                        const struct bj_filter_source *source)
{
    struct bj_program program;
    bool found;

    compile(source, &program);
    found = seen(role, program.fprog);
    bj_filter_free(&program);
    return found;
}

static void fault_one_call_too_many(void **state)
{
    static const struct bj_row extra = {.call = "getpriority",
                                        .why = "planted"};
    struct bj_filter_source source;
    unsigned role;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        source_of((enum bj_role)role, 0, &source);
        source.program_count = role == BJ_ROLE_KEEPER ? ADDRESSES : 1;
        assert_false(source_seen((enum bj_role)role, &source));
        source.rows.row[source.rows.count] = &extra;
        source.rows.count += 1;
        assert_true(source_seen((enum bj_role)role, &source));
    }
}

static void fault_one_program_too_many(void **state)
{
    struct bj_filter_source source;

    (void)state;
    source_of(BJ_ROLE_SERVE_PROCESS, 0, &source);
    source.program_count = 2;
    assert_true(source_seen(BJ_ROLE_SERVE_PROCESS, &source));
}

/* Whether every condition of `wide` is one of `narrow`. */
static bool implies(const struct bj_row *narrow, const struct bj_row *wide)
{
    unsigned i;
    unsigned k;

    for (i = 0; i < BJ_CONDITIONS_MAX && wide->when[i].text != NULL; i += 1) {
        for (k = 0; k < BJ_CONDITIONS_MAX; k += 1) {
            if (narrow->when[k].text != NULL &&
                narrow->when[k].arg == wide->when[i].arg &&
                narrow->when[k].value == wide->when[i].value &&
                narrow->when[k].source == wide->when[i].source)
                break;
        }
        if (k == BJ_CONDITIONS_MAX)
            return false;
    }
    return true;
}

/* Whether another row covers for this one, as one without its condition on
 * the descriptor does: a fault in it is then none. */
static bool covered(const struct bj_role_rows *rows, size_t row)
{
    size_t i;

    for (i = 0; i < rows->count; i += 1) {
        if (i != row && strcmp(rows->row[i]->call, rows->row[row]->call) == 0 &&
            implies(rows->row[row], rows->row[i]))
            return true;
    }
    return false;
}

static void with_row(enum bj_role role, struct bj_filter_source *source,
                     size_t at, const struct bj_row *row)
{
    const struct bj_row *old = source->rows.row[at];

    source->rows.row[at] = row;
    if (!source_seen(role, source))
        fail_msg("%s: a fault in row %zu (%s) was not seen",
                 bj_role_policy(role)->name, at, old->call);
    source->rows.row[at] = old;
}

static size_t faults_in_row(enum bj_role role, struct bj_filter_source *source,
                            size_t at)
{
    struct bj_row row = *source->rows.row[at];
    struct bj_condition *when;
    size_t planted = 0;
    unsigned i;

    for (i = 0; i < BJ_CONDITIONS_MAX && row.when[i].text != NULL; i += 1) {
        when = &row.when[i];
        when->mask = UINT32_MAX;
        if (when->source == BJ_VALUE) { /* an address does not fit */
            with_row(role, source, at, &row);
            planted += 1;
        }
        when->mask = UINT64_MAX - 1; /* one bit unseen */
        if (when->source == BJ_VALUE) {
            when->value &= ~UINT64_C(1);
            with_row(role, source, at, &row);
            planted += 1;
        }
        row = *source->rows.row[at];
    }
    return planted;
}

/* Every condition narrowed to 32 bits, or blind to one. */
static void fault_masks(void **state)
{
    struct bj_filter_source source;
    size_t planted = 0;
    unsigned role;
    size_t i;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        source_of((enum bj_role)role, 0, &source);
        source.program_count = role == BJ_ROLE_KEEPER ? ADDRESSES : 1;
        for (i = 0; i < source.rows.count; i += 1) {
            if (!covered(&source.rows, i))
                planted += faults_in_row((enum bj_role)role, &source, i);
        }
    }
    assert_true(planted > 40);
    print_message("%zu masks too narrow, each seen\n", planted);
}

static void fault_row_left_out(void **state)
{
    struct bj_filter_source source;
    const struct bj_row *last;
    const struct bj_row *out;
    unsigned role;
    size_t i;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        source_of((enum bj_role)role, 0, &source);
        source.program_count = role == BJ_ROLE_KEEPER ? ADDRESSES : 1;
        last = source.rows.row[source.rows.count - 1];
        for (i = 0; i < source.rows.count; i += 1) {
            out = source.rows.row[i];
            if (covered(&source.rows, i))
                continue;
            source.rows.row[i] = last;
            source.rows.count -= 1;
            if (!source_seen((enum bj_role)role, &source))
                fail_msg("%s: %s left out, not seen",
                         bj_role_policy((enum bj_role)role)->name, out->call);
            source.rows.count += 1;
            source.rows.row[i] = out;
        }
    }
}

/* A copy of a compiled program that can be spoiled. */
struct copy {
    struct sock_filter code[BPF_MAXINSNS];
    struct sock_fprog fprog;
};

static void copy_program(enum bj_role role, struct copy *copy)
{
    struct bj_filter_source source;
    struct bj_program program;

    source_of(role, 0, &source);
    source.program_count = role == BJ_ROLE_KEEPER ? ADDRESSES : 1;
    compile(&source, &program);
    memcpy(copy->code, program.fprog->filter,
           program.fprog->len * sizeof(copy->code[0]));
    copy->fprog.filter = copy->code;
    copy->fprog.len = program.fprog->len;
    bj_filter_free(&program);
}

static void fault_architecture_not_checked(void **state)
{
    static struct copy copy;
    unsigned role;
    size_t i;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        copy_program((enum bj_role)role, &copy);
        for (i = 0; i < copy.fprog.len; i += 1) {
            if (copy.code[i].code == (BPF_JMP | BPF_JEQ | BPF_K) &&
                copy.code[i].k == seccomp_arch_native())
                copy.code[i].jf = copy.code[i].jt;
        }
        assert_true(bpf_valid(copy.code, copy.fprog.len));
        assert_true(seen((enum bj_role)role, &copy.fprog));
    }
}

/* x32 shares the architecture and differs by a bit of the number. */
static void R45_fault_x32_not_checked(void **state)
{
    static struct copy copy;
    unsigned found = 0;
    unsigned role;
    size_t i;

    (void)state;
    if (seccomp_arch_native() != AUDIT_ARCH_X86_64)
        skip();
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        copy_program((enum bj_role)role, &copy);
        for (i = 0; i < copy.fprog.len; i += 1) {
            if (copy.code[i].code == (BPF_JMP | BPF_JGE | BPF_K) &&
                copy.code[i].k == 0x40000000) {
                /* as if the bit were masked off: jump over, and let x32's
                 * read be read */
                copy.code[i].code = BPF_ALU | BPF_AND | BPF_K;
                copy.code[i].k = 0x3fffffff;
                copy.code[i].jt = 0;
                copy.code[i].jf = 0;
                found += 1;
                break;
            }
        }
        if (bpf_valid(copy.code, copy.fprog.len))
            assert_true(seen((enum bj_role)role, &copy.fprog));
    }
    assert_int_equal(found, BJ_ROLE_COUNT);
}

/* Both ways lead to the same verdict: turning the jump round is no fault. So
 * it is where libseccomp sets number -1 apart from x32's numbers: neither is
 * equal to any that a list allows. */
static bool indifferent(const struct sock_filter *at)
{
    const struct sock_filter *one = at + 1 + at->jt;
    const struct sock_filter *other = at + 1 + at->jf;

    if (at->code == (BPF_JMP | BPF_JEQ | BPF_K) && at->k == UINT32_MAX)
        return true;
    return BPF_CLASS(one->code) == BPF_RET &&
           BPF_CLASS(other->code) == BPF_RET && one->k == other->k;
}

/* Every instruction of every program: a jump or a verdict turned round. */
static void fault_in_any_instruction(void **state)
{
    static struct copy copy;
    size_t planted = 0;
    struct sock_filter good;
    unsigned role;
    size_t i;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        copy_program((enum bj_role)role, &copy);
        for (i = 0; i < copy.fprog.len; i += 1) {
            good = copy.code[i];
            if (BPF_CLASS(good.code) == BPF_JMP &&
                BPF_OP(good.code) != BPF_JA && !indifferent(&copy.code[i])) {
                copy.code[i].jt = good.jf;
                copy.code[i].jf = good.jt;
            } else if (BPF_CLASS(good.code) == BPF_RET) {
                copy.code[i].k = good.k == SECCOMP_RET_ALLOW
                                     ? SECCOMP_RET_KILL_PROCESS
                                     : SECCOMP_RET_ALLOW;
            } else {
                continue;
            }
            if (!seen((enum bj_role)role, &copy.fprog))
                fail_msg("%s: instruction %zu turned round, not seen",
                         bj_role_policy((enum bj_role)role)->name, i);
            planted += 1;
            copy.code[i] = good;
        }
    }
    print_message("%zu instructions turned round, each seen\n", planted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_alone),
        cmocka_unit_test(every_role_stacked),
        cmocka_unit_test(every_role_on_arm64),
        cmocka_unit_test(every_role_on_x86_64),
        cmocka_unit_test(no_more_calls_than_the_prototypes),
        cmocka_unit_test(every_row_has_evidence),
        cmocka_unit_test(fault_one_call_too_many),
        cmocka_unit_test(fault_one_program_too_many),
        cmocka_unit_test(fault_masks),
        cmocka_unit_test(fault_row_left_out),
        cmocka_unit_test(fault_architecture_not_checked),
        cmocka_unit_test(R45_fault_x32_not_checked),
        cmocka_unit_test(fault_in_any_instruction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
