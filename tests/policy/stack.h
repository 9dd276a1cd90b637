#ifndef BJ_TESTS_POLICY_STACK_H
#define BJ_TESTS_POLICY_STACK_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/policy/lockdown.h"
#include "tests/policy/decision.h"

/*
 * A role as it is in life: under the filters of the roles it is started from,
 * the keeper's first. Prepared and entered by the product's own code.
 */
#define STACK_MAX 3
#define STACK_BELOW 6

struct stack {
    enum bj_role role;
    size_t count;
    struct bj_lockdown layer[STACK_MAX]; /* the oldest first */
    const struct sock_fprog *program[STACK_MAX];
    struct bj_lockdown below[STACK_BELOW]; /* the keeper's, when it is last */
    size_t below_count;
};

/* Prepares; fails the test if it cannot. `without`: BJ_LAYER_*. A keeper that
 * is the last layer has all its roles below it. */
void stack_prepare(enum bj_role role, enum bj_mode mode, unsigned without,
                   struct stack *stack);

/* Enters all layers in this process; what the last one keeps stays open. */
void stack_enter(const struct stack *stack);

void stack_free(struct stack *stack);

/* The reviewed table of the role, with what a sanitizer build adds, bound to
 * this machine and to the filters below the stack's last layer. */
void stack_decisions(const struct stack *stack, struct decisions *out);

/* The table of a role by its name, sanitizer lines included. */
void stack_table(enum bj_role role, struct decision_table *table);

/*
 * Forks, enters the stack, calls `body` in it and waits: the wait status. The
 * child is killed after 20 s. One child at a time is alive.
 */
int stack_run(const struct stack *stack, int (*body)(void *context),
              void *context);

/* Ends the process with `code` by a call that the role has: exit_group, or
 * exit for a worker's only thread. */
_Noreturn void stack_exit(enum bj_role role, int code);

#endif
