#ifndef BJ_TESTS_POLICY_BPF_H
#define BJ_TESTS_POLICY_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A small interpreter of classic BPF as seccomp(2) uses it: what the kernel
 * would say to a call, without the kernel. It knows every instruction that
 * seccomp_check_filter() of kernel/seccomp.c lets through, so that a program
 * it takes is one that the kernel takes.
 */

/* Is every instruction known, every jump forward and inside, every load of an
 * aligned word inside struct seccomp_data, and the last one a return? */
bool bpf_valid(const struct sock_filter *code, size_t count);

/* The 32-bit SECCOMP_RET_* of a valid program. */
uint32_t bpf_run(const struct sock_filter *code, size_t count,
                 const struct seccomp_data *data);

/*
 * The verdict of several filters on one thread, the oldest first: the
 * strictest action wins, of equal ones the newest filter's.
 */
uint32_t bpf_run_stack(const struct sock_fprog *const *programs, size_t count,
                       const struct seccomp_data *data);

#endif
