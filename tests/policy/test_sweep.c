/*
 * The sweep: for every role, in a process locked down by the product's own
 * code as in life, every number from 0 to 511 whose call with these arguments
 * the reviewed table does not list dies by SIGSYS; and so do x32, negative and
 * huge numbers and i386's way in. One process at a time.
 */
#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/policy/bpf.h"
#include "tests/policy/decision.h"
#include "tests/policy/raw.h"
#include "tests/policy/stack.h"

/* The kernel lets these two past seccomp (__secure_computing() of newer
 * kernels): they do nothing but trap or fail outside a uprobe's trampoline. */
#define NR_URETPROBE 335
#define NR_UPROBE 336

/* In the order of the kernel's registers. */
struct attempt {
    uint64_t number;
    long arg; /* all six */
};

/* What came of a call, as exit codes, for those that did not die. */
#define CAME_BACK 40
#define CAME_BACK_WITH(error) (CAME_BACK + (error)) /* errno up to ENOSYS */

static int make_call(void *context)
{
    const struct attempt *attempt = context;
    uint64_t arg = (uint64_t)attempt->arg;
    const uint64_t args[6] = {arg, arg, arg, arg, arg, arg};
    long result = raw_call(attempt->number, args);

    return result < 0 && result >= -ENOSYS ? CAME_BACK_WITH((int)-result)
                                           : CAME_BACK;
}

static uint32_t verdict_of(const struct decisions *table, uint64_t number,
                           long arg)
{
    struct seccomp_data data = {.nr = (int)(uint32_t)number,
                                .arch = table->arch};
    size_t i;

    for (i = 0; i < 6; i += 1)
        data.args[i] = (uint64_t)arg;
    return decision_judge(table, &data);
}

static void must_die(const struct stack *stack, struct attempt attempt)
{
    int status = stack_run(stack, make_call, &attempt);

    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
        fail_msg("%s: number %#llx: status %#x, not killed by SIGSYS",
                 bj_role_policy(stack->role)->name,
                 (unsigned long long)attempt.number, status);
}

static void must_answer(const struct stack *stack, struct attempt attempt,
                        int error)
{
    int status = stack_run(stack, make_call, &attempt);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), CAME_BACK_WITH(error));
}

/* True if it died; what is allowed is not tried: it would do something. */
static bool try_one(const struct stack *stack, const struct decisions *table,
                    uint64_t number, long arg)
{
    uint32_t verdict = verdict_of(table, number, arg);
    struct attempt attempt = {number, arg};

    if (verdict == SECCOMP_RET_ALLOW)
        return false;
    if ((verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO) {
        must_answer(stack, attempt, (int)(verdict & SECCOMP_RET_DATA));
        return false;
    }
    must_die(stack, attempt);
    return true;
}

static bool exempt(uint64_t number)
{
    return seccomp_arch_native() == AUDIT_ARCH_X86_64 &&
           (number == NR_URETPROBE || number == NR_UPROBE);
}

static void sweep(enum bj_role role)
{
    struct decisions table;
    struct stack stack;
    unsigned died = 0;
    uint64_t number;

    stack_prepare(role, BJ_MODE_ENFORCE, 0, &stack);
    stack_decisions(&stack, &table);
    for (number = 0; number < 512; number += 1) {
        if (!exempt(number))
            died += try_one(&stack, &table, number, -1);
    }
    print_message("%s: %u of 512 numbers died by SIGSYS\n",
                  bj_role_policy(role)->name, died);
    stack_free(&stack);
}

static void R45_every_number_of_every_role(void **state)
{
    unsigned role;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1)
        sweep((enum bj_role)role);
}

/* Calls newer than the filter, x32's, negative and huge ones. A number's high
 * half the kernel does not see: it is judged by the low one. */
static void R45_numbers_from_elsewhere(void **state)
{
    static const uint64_t numbers[] = {
        512,        1023,       0x3fffffff,         0x40000000 + SYS_read,
        0x40000208, 0x4000003b, 0x7fffffff,         0x80000000,
        0xffffffff, 0xfffffffe, UINT64_MAX,         0x100000000 + SYS_getpid,
        0xffffff00, 0x10000,    0xffffffff00000200,
    };
    struct decisions table;
    struct stack stack;
    unsigned role;
    size_t i;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        stack_prepare((enum bj_role)role, BJ_MODE_ENFORCE, 0, &stack);
        stack_decisions(&stack, &table);
        for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i += 1)
            (void)try_one(&stack, &table, numbers[i], -1);
        stack_free(&stack);
    }
}

/* The two that seccomp does not see: nothing comes of them. */
static void R45_two_numbers_the_kernel_exempts(void **state)
{
    static const uint64_t numbers[] = {NR_URETPROBE, NR_UPROBE};
    struct attempt attempt = {0, -1};
    struct stack stack;
    int status;
    size_t i;

    (void)state;
    if (seccomp_arch_native() != AUDIT_ARCH_X86_64)
        skip();
    stack_prepare(BJ_ROLE_DECODE, BJ_MODE_ENFORCE, 0, &stack);
    for (i = 0; i < 2; i += 1) {
        attempt.number = numbers[i];
        status = stack_run(&stack, make_call, &attempt);
        print_message("number %d: status %#x\n", (int)numbers[i], status);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) > CAME_BACK);
    }
    stack_free(&stack);
}

#if defined(__x86_64__)
/* i386's getpid is 20, its write 4: numbers of another table. */
static int old_call(void *context)
{
    const struct attempt *attempt = context;
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(attempt->number), "b"(4L), "c"(0L), "d"(0L)
                     : "r8", "r9", "r10", "r11", "memory");
    return CAME_BACK;
}

static void R45_int_0x80(void **state)
{
    static const uint64_t numbers[] = {1, 3, 4, 20, 252};
    struct attempt attempt = {0, 0};
    struct stack stack;
    unsigned role;
    size_t i;
    int status;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        stack_prepare((enum bj_role)role, BJ_MODE_ENFORCE, 0, &stack);
        for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i += 1) {
            attempt.number = numbers[i];
            status = stack_run(&stack, old_call, &attempt);
            /* SIGSEGV: a kernel without the gate */
            assert_true(WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS ||
                                                WTERMSIG(status) == SIGSEGV));
        }
        stack_free(&stack);
    }
}
#else
static void R45_int_0x80(void **state)
{
    (void)state;
    skip();
}
#endif

/* clone3's flags lie behind a pointer: where a role starts others it answers
 * ENOSYS, and libc takes clone; elsewhere it kills. */
static void R45_clone3(void **state)
{
    static const bool starts[BJ_ROLE_COUNT] = {
        [BJ_ROLE_KEEPER] = true,
        [BJ_ROLE_SERVE_THREAD] = true,
    };
    struct stack stack;
    unsigned role;

    (void)state;
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        stack_prepare((enum bj_role)role, BJ_MODE_ENFORCE, 0, &stack);
        if (starts[role])
            must_answer(&stack, (struct attempt){SYS_clone3, 0}, ENOSYS);
        else
            must_die(&stack, (struct attempt){SYS_clone3, 0});
        stack_free(&stack);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R45_every_number_of_every_role),
        cmocka_unit_test(R45_numbers_from_elsewhere),
        cmocka_unit_test(R45_two_numbers_the_kernel_exempts),
        cmocka_unit_test(R45_int_0x80),
        cmocka_unit_test(R45_clone3),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
