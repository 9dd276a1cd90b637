#include "tests/policy/stack.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* libseccomp 2.5 loses nodes of its tree when a rule covers earlier ones, as
 * those of a sanitizer build do. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libseccomp.so";
}

/* From which role a role is entered; BJ_ROLE_COUNT: from none. */
static const enum bj_role above[BJ_ROLE_COUNT] = {
    [BJ_ROLE_KEEPER] = BJ_ROLE_COUNT,
    [BJ_ROLE_SERVE_ITERATIVE] = BJ_ROLE_KEEPER,
    [BJ_ROLE_SERVE_PROCESS] = BJ_ROLE_KEEPER,
    [BJ_ROLE_SERVE_PROCESS_CHILD] = BJ_ROLE_SERVE_PROCESS,
    [BJ_ROLE_SERVE_INETD] = BJ_ROLE_COUNT,
    [BJ_ROLE_SERVE_THREAD] = BJ_ROLE_KEEPER,
    [BJ_ROLE_SERVE_THREAD_WORKER] = BJ_ROLE_SERVE_THREAD,
    [BJ_ROLE_SERVE_UDP] = BJ_ROLE_KEEPER,
    [BJ_ROLE_CONNECT] = BJ_ROLE_COUNT,
    [BJ_ROLE_CONNECT_RELAY] = BJ_ROLE_CONNECT,
    [BJ_ROLE_DECODE] = BJ_ROLE_COUNT,
    [BJ_ROLE_RESOLVER_WORKER] = BJ_ROLE_COUNT,
    [BJ_ROLE_DRIVER] = BJ_ROLE_COUNT,
    [BJ_ROLE_SPAWNER] = BJ_ROLE_COUNT,
};

static void prepare(enum bj_role role, struct bj_lockdown_setup *setup,
                    struct bj_lockdown *out)
{
    struct bj_trouble trouble;

    setup->first = above[role] == BJ_ROLE_COUNT;
    setup->nofile = 64;
    if (!bj_lockdown_prepare(role, setup, out, &trouble))
        fail_msg("%s: %s", bj_role_policy(role)->name, trouble.text);
}

/* All six roles below a keeper, the inner ones first; returns in `direct`
 * the four that it starts itself. */
static void prepare_below(const struct bj_lockdown_setup *like,
                          struct stack *stack,
                          const struct bj_lockdown *direct[static 4])
{
    static const struct {
        enum bj_role role;
        int inner; /* index of the one below it, or -1 */
        int direct;
    } plan[STACK_BELOW] = {
        {BJ_ROLE_SERVE_ITERATIVE, -1, 0},      {BJ_ROLE_SERVE_UDP, -1, 1},
        {BJ_ROLE_SERVE_PROCESS_CHILD, -1, -1}, {BJ_ROLE_SERVE_PROCESS, 2, 2},
        {BJ_ROLE_SERVE_THREAD_WORKER, -1, -1}, {BJ_ROLE_SERVE_THREAD, 4, 3},
    };
    struct bj_lockdown_setup setup = *like;
    const struct bj_lockdown *inner[1];
    size_t i;

    for (i = 0; i < STACK_BELOW; i += 1) {
        setup.below = inner;
        setup.below_count = 0;
        if (plan[i].inner >= 0) {
            inner[0] = &stack->below[plan[i].inner];
            setup.below_count = 1;
        }
        prepare(plan[i].role, &setup, &stack->below[i]);
        stack->below_count += 1;
        if (plan[i].direct >= 0)
            direct[plan[i].direct] = &stack->below[i];
    }
}

void stack_prepare(enum bj_role role, enum bj_mode mode, unsigned without,
                   struct stack *stack)
{
    struct bj_lockdown_setup setup = {.mode = mode, .without = without};
    const struct bj_lockdown *below[4];
    enum bj_role at = role;
    size_t i;

    memset(stack, 0, sizeof(*stack));
    stack->role = role;
    setup.below = below;
    if (role == BJ_ROLE_KEEPER) {
        prepare_below(&setup, stack, below);
        setup.below_count = 4;
    }
    for (; at != BJ_ROLE_COUNT; at = above[at])
        stack->count += 1;
    for (at = role, i = stack->count; i > 0; i -= 1, at = above[at]) {
        prepare(at, &setup, &stack->layer[i - 1]);
        stack->program[i - 1] = stack->layer[i - 1].program.fprog;
        below[0] = &stack->layer[i - 1];
        setup.below_count = 1;
    }
}

/* What later layers need: their rulesets and what their roles keep. */
static size_t for_later(const struct stack *stack, size_t layer,
                        int keep[static 64 + STACK_MAX])
{
    uint64_t keeps = 0;
    size_t count = 0;
    int fd;

    for (layer += 1; layer < stack->count; layer += 1) {
        keep[count] = stack->layer[layer].ruleset;
        count += 1;
        keeps |= bj_role_policy(stack->layer[layer].role)->keeps;
    }
    for (fd = 0; fd < 64; fd += 1) {
        if (keeps >> fd & 1) {
            keep[count] = fd;
            count += 1;
        }
    }
    return count;
}

void stack_enter(const struct stack *stack)
{
    int keep[64 + STACK_MAX];
    size_t count;
    size_t i;

    for (i = 0; i < stack->count; i += 1) {
        count = for_later(stack, i, keep);
        if (bj_role_policy(stack->layer[i].role)->tightens)
            bj_lockdown_tighten(&stack->layer[i]);
        else
            bj_lockdown_enter(&stack->layer[i], keep, count);
    }
}

void stack_free(struct stack *stack)
{
    size_t i;

    for (i = 0; i < stack->count; i += 1)
        bj_lockdown_free(&stack->layer[i]);
    for (i = 0; i < stack->below_count; i += 1)
        bj_lockdown_free(&stack->below[i]);
}

/* What a sanitizer is refused (from line `own` on) is not refused to a role
 * that has a line of its own for the call. */
static void drop_refusals(struct decision_table *table, size_t own)
{
    size_t kept = own;
    size_t i;
    size_t k;

    for (i = own; i < table->count; i += 1) {
        for (k = 0; k < own; k += 1) {
            if (table->line[i].verdict != SECCOMP_RET_ALLOW &&
                strcmp(table->line[k].call, table->line[i].call) == 0)
                break;
        }
        if (k < own)
            continue;
        table->line[kept] = table->line[i];
        kept += 1;
    }
    table->count = kept;
}

void stack_table(enum bj_role role, struct decision_table *table)
{
    size_t sanitizer;
    size_t loader;
    size_t own;

    memset(table, 0, sizeof(*table));
    decision_read(bj_role_policy(role)->name, table);
    (void)bj_role_loader_rows(&loader);
    if (role == BJ_ROLE_SPAWNER && loader > 0)
        decision_read("spawner-loader", table);
    own = table->count;
    (void)bj_role_sanitizer_rows(&sanitizer);
    if (sanitizer == 0)
        return;
    decision_read("sanitizer", table);
    drop_refusals(table, own);
}

void stack_decisions(const struct stack *stack, struct decisions *out)
{
    const struct bj_lockdown *last = &stack->layer[stack->count - 1];
    struct decision_table table;

    stack_table(stack->role, &table);
    decision_bind(&table, seccomp_arch_native(), last->programs,
                  last->program_count, out);
}

int stack_run(const struct stack *stack, int (*body)(void *context),
              void *context)
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(20);
        stack_enter(stack);
        stack_exit(stack->role, body(context));
    }
    while (waitpid(pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return status;
}

void stack_exit(enum bj_role role, int code)
{
    size_t sanitizer;
    long call = SYS_exit_group;

    /* A sanitizer's own thread would outlive the one that exits; in such a
     * build the worker has exit_group too. */
    (void)bj_role_sanitizer_rows(&sanitizer);
    if (role == BJ_ROLE_SERVE_THREAD_WORKER && sanitizer == 0)
        call = SYS_exit;
    for (;;)
        syscall(call, (long)code);
}
