/*
 * The same programs in the live kernel. Each verdict is relabelled as an errno
 * of its own, so that whatever is asked, nothing is executed and nobody dies;
 * then the kernel is asked all that the interpreter is asked, and must say
 * what the reviewed table says.
 */
#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/policy/export.h"
#include "sandbox/policy/filter.h"
#include "tests/policy/bpf.h"
#include "tests/policy/decision.h"
#include "tests/policy/raw.h"
#include "tests/policy/stack.h"

/* Numbers that no call returns as an error (the last errno is 133). */
#define AS_KILL 1000
#define AS_ALLOW 1001
#define AS_ERRNO 2000 /* and the errno on top */

static const uint64_t addresses[] = {0x7f1234567000, 0x7f1234568000,
                                     0x7e1234567000, 0x1234567000,
                                     0x7f1200001000, 0x7f1234569000};
#define ADDRESSES (sizeof(addresses) / sizeof(addresses[0]))

static void relabel(struct sock_filter *code, size_t count)
{
    size_t i;
    uint32_t label;

    for (i = 0; i < count; i += 1) {
        if (BPF_CLASS(code[i].code) != BPF_RET)
            continue;
        label = code[i].k == SECCOMP_RET_ALLOW ? AS_ALLOW
                : code[i].k == SECCOMP_RET_KILL_PROCESS
                    ? AS_KILL
                    : AS_ERRNO + (code[i].k & SECCOMP_RET_DATA);
        code[i].k = SECCOMP_RET_ERRNO | label;
    }
}

static uint32_t verdict_of(long result)
{
    if (result == -AS_KILL)
        return SECCOMP_RET_KILL_PROCESS;
    if (result == -AS_ALLOW)
        return SECCOMP_RET_ALLOW;
    if (result < -AS_ERRNO)
        return SECCOMP_RET_ERRNO | (uint32_t)(-result - AS_ERRNO);
    return SECCOMP_RET_TRAP; /* it was not our filter that answered */
}

/* Cannot be asked: another architecture, and the two numbers that the kernel
 * keeps from seccomp. The answer is then the table's own. */
static uint32_t ask_kernel(const void *context, const struct seccomp_data *data)
{
    const struct decisions *table = context;
    uint64_t args[6];
    size_t i;

    if (data->arch != table->arch || data->nr == 335 || data->nr == 336)
        return decision_judge(table, data);
    for (i = 0; i < 6; i += 1)
        args[i] = data->args[i];
    return verdict_of(raw_call((uint64_t)(int64_t)data->nr, args));
}

/* What the child, which can make no call any more, leaves for its parent. */
struct outcome {
    atomic_int done;
    size_t asked;
    size_t wrong;
    struct seccomp_data first;
};

_Noreturn static void ask_all(const struct sock_fprog *fprog,
                              const struct decisions *table,
                              struct outcome *outcome)
{
    struct bj_program program = {fprog, 0};

    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (bj_filter_install(&program) == 0) {
        outcome->wrong = decision_compare(table, ask_kernel, table,
                                          &outcome->asked, &outcome->first);
        atomic_store(&outcome->done, 1);
    } else {
        atomic_store(&outcome->done, 2);
    }
    for (;;)
        continue; /* until killed: there is no way to wait */
}

static void in_the_kernel(const struct sock_fprog *fprog,
                          const struct decisions *table,
                          struct outcome *outcome)
{
    unsigned waited_ms = 0;
    pid_t pid;

    memset(outcome, 0, sizeof(*outcome));
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        ask_all(fprog, table, outcome);
    while (atomic_load(&outcome->done) == 0 && waited_ms < 60000) {
        usleep(2000);
        waited_ms += 2;
    }
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(atomic_load(&outcome->done), 1);
}

static void program_of(enum bj_role role, struct bj_program *program,
                       struct decisions *table)
{
    struct decision_table text;
    struct bj_filter_source source;
    struct bj_trouble trouble;
    size_t count = role == BJ_ROLE_KEEPER ? ADDRESSES : 1;

    if (!bj_export_source(role, &source, &trouble))
        fail_msg("%s", trouble.text);
    memcpy(source.programs, addresses, sizeof(addresses));
    source.program_count = count;
    if (!bj_filter_compile(&source, program, &trouble))
        fail_msg("%s", trouble.text);
    stack_table(role, &text);
    decision_bind(&text, seccomp_arch_native(), addresses, count, table);
}

/* A writable copy of the program, relabelled. */
static void relabelled(const struct bj_program *program,
                       struct sock_filter *code, struct sock_fprog *fprog)
{
    fprog->len = program->fprog->len;
    fprog->filter = code;
    memcpy(code, program->fprog->filter, fprog->len * sizeof(code[0]));
    relabel(code, fprog->len);
}

/* ThreadSanitizer's run-time library cannot live where no call succeeds. */
#if defined(__has_feature)
#define CLANG_SANITIZES(what) __has_feature(what)
#else
#define CLANG_SANITIZES(what) 0
#endif
#if defined(__SANITIZE_THREAD__) || CLANG_SANITIZES(thread_sanitizer)
#define WITH_TSAN true
#else
#define WITH_TSAN false
#endif

static void the_kernel_agrees(void **state)
{
    static struct sock_filter code[BPF_MAXINSNS];
    struct outcome *outcome = *state;
    struct sock_fprog fprog;
    struct bj_program program;
    struct decisions table;
    size_t asked = 0;
    unsigned role;

    if (WITH_TSAN)
        skip();
    for (role = 0; role < BJ_ROLE_COUNT; role += 1) {
        program_of((enum bj_role)role, &program, &table);
        relabelled(&program, code, &fprog);
        in_the_kernel(&fprog, &table, outcome);
        if (outcome->wrong != 0)
            fail_msg("%s: number %d args %#llx %#llx %#llx: the table says "
                     "%#x, not the kernel",
                     bj_role_policy((enum bj_role)role)->name,
                     outcome->first.nr,
                     (unsigned long long)outcome->first.args[0],
                     (unsigned long long)outcome->first.args[1],
                     (unsigned long long)outcome->first.args[2],
                     decision_judge(&table, &outcome->first));
        asked += outcome->asked;
        bj_filter_free(&program);
    }
    assert_true(asked > 1000000);
    print_message("%zu calls, no mismatch\n", asked);
}

/* A single constant off by one, and the kernel shows it. */
static void a_planted_fault_shows_in_the_kernel(void **state)
{
    static struct sock_filter code[BPF_MAXINSNS];
    struct outcome *outcome = *state;
    struct sock_fprog fprog;
    struct bj_program program;
    struct decisions table;
    size_t i;

    if (WITH_TSAN)
        skip();
    program_of(BJ_ROLE_SERVE_PROCESS_CHILD, &program, &table);
    relabelled(&program, code, &fprog);
    for (i = 0; i < fprog.len; i += 1) {
        if (code[i].code == (BPF_JMP | BPF_JEQ | BPF_K) &&
            code[i].k == BJ_FD_CONNECTION)
            code[i].k += 1;
    }
    in_the_kernel(&fprog, &table, outcome);
    assert_true(outcome->wrong > 0);
    bj_filter_free(&program);
}

static int share(void **state)
{
    *state = mmap(NULL, sizeof(struct outcome), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return *state == MAP_FAILED;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_agrees),
        cmocka_unit_test(a_planted_fault_shows_in_the_kernel),
    };

    return cmocka_run_group_tests(tests, share, NULL);
}
