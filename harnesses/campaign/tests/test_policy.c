/*
 * What a target may call: the filter against the table that was written by
 * hand, tests/policy/campaign-target.tbl. What no line names must be answered
 * with EPERM; to the comparison, which knows only killing, it is told as that.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "harnesses/campaign/confine.h"
#include "harnesses/campaign/policy.h"
#include "tests/policy/bpf.h"
#include "tests/policy/decision.h"

static uint32_t judge(const void *context, const struct seccomp_data *data)
{
    const struct bj_program *program = context;
    uint32_t verdict = bpf_run_stack(&program->fprog, 1, data);

    return verdict == (SECCOMP_RET_ERRNO | EPERM) ? SECCOMP_RET_KILL_PROCESS
                                                  : verdict;
}

static void compare(unsigned arch)
{
    struct decision_table table = {.count = 0};
    struct bj_program program;
    struct bj_trouble trouble;
    struct seccomp_data first = {.nr = 0};
    struct decisions decisions;
    size_t asked = 0;

    assert_true(bj_confine_compile(arch, &program, &trouble));
    assert_true(bpf_valid(program.fprog->filter, program.fprog->len));
    decision_read(BJ_TARGET_NAME, &table);
    decision_bind(&table, arch, NULL, 0, &decisions);
    if (decision_compare(&decisions, judge, &program, &asked, &first) != 0)
        fail_msg("number %d arch %#x args %#llx %#llx: the table says %#x, "
                 "not the filter",
                 first.nr, first.arch, (unsigned long long)first.args[0],
                 (unsigned long long)first.args[1],
                 decision_judge(&decisions, &first));
    assert_true(asked > 1000);
    bj_filter_free(&program);
}

static void as_reviewed(void **state)
{
    (void)state;
    compare(seccomp_arch_native());
}

static void as_reviewed_on_arm64(void **state)
{
    (void)state;
    compare(AUDIT_ARCH_AARCH64);
}

/* Nothing of the network, and no row without a reason. */
static void no_network(void **state)
{
    static const char *const calls[] = {
        "socket",   "socketpair",       "connect",
        "bind",     "listen",           "accept",
        "accept4",  "sendto",           "sendmsg",
        "recvfrom", "io_uring_setup",   "bpf",
        "mount",    "unshare",          "setns",
        "kill",     "process_vm_writev"};
    size_t count;
    const struct bj_row *rows = bj_target_rows(&count);

    (void)state;
    for (size_t i = 0; i < count; i += 1) {
        assert_true(rows[i].why != NULL && rows[i].why[0] != '\0');
        for (size_t k = 0; k < sizeof(calls) / sizeof(calls[0]); k += 1)
            assert_string_not_equal(rows[i].call, calls[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_reviewed),
        cmocka_unit_test(as_reviewed_on_arm64),
        cmocka_unit_test(no_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
