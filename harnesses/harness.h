#ifndef BJ_HARNESSES_HARNESS_H
#define BJ_HARNESSES_HARNESS_H

/*
 * What every harness is made of. A harness is one function,
 * LLVMFuzzerTestOneInput, in one file, fuzz_<noun>.c: linked with libFuzzer
 * (or AFL++'s driver) it is a fuzz target, with replay_main.c a regression
 * test. It returns 0 always, opens nothing, asks no clock, keeps no state
 * from one input to the next, and frees what it allocates.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * One oracle: a named check that the replay driver counts, so that one which
 * never runs on the committed seeds is seen (and fails the replay test).
 */
struct bj_oracle {
    const char *id;
    const char *file;
    int line;
    unsigned long long count;
};

/* Checks an oracle; a violation names it and aborts, in every build. The id
 * is a short string literal, unique in its harness. */
#define BJ_CHECK(cond, oracle_id)                                           \
    do {                                                                    \
        static struct bj_oracle bj_oracle_                                  \
            __attribute__((section("bj_oracles"), used)) = {                \
                oracle_id, __FILE__, __LINE__, 0};                          \
        bj_oracle_.count += 1;                                              \
        if (!(cond)) {                                                      \
            fprintf(stderr, "ORACLE %s violated at %s:%d: %s\n", oracle_id, \
                    __FILE__, __LINE__, #cond);                             \
            abort();                                                        \
        }                                                                   \
    } while (0)

/*
 * Tells the replay driver what the code under test produced. It runs every
 * input twice and compares: a difference is state that leaked between runs
 * (or an uninitialised byte). Does nothing under a fuzzing engine.
 */
void bj_digest(const void *bytes, size_t len);

/*
 * A copy of `len` bytes in a heap block of exactly that size, so that
 * AddressSanitizer sees the first byte read past it; free() it. Never NULL.
 */
static inline uint8_t *bj_exact_copy(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = calloc(1, len);

    if (copy == NULL)
        abort();
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

/* The same of a socket address. In inputs the family stands with its low octet
 * first, so that they mean one thing on every machine. */
static inline uint8_t *bj_sockaddr_copy(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = bj_exact_copy(bytes, len);
    uint16_t family;

    if (len >= sizeof(family)) {
        family = (uint16_t)(bytes[0] + bytes[1] * 256U);
        memcpy(copy, &family, sizeof(family));
    }
    return copy;
}

/*
 * Options for a run (a chunk size, a capacity) come from the tail, so that
 * wire-format corpora stay plain. Takes the last byte off, 0 if none.
 */
static inline uint8_t bj_take_tail(const uint8_t *data, size_t *size)
{
    if (*size == 0)
        return 0;
    *size -= 1;
    return data[*size];
}

/*
 * What stands between these is not traced by a fuzzing engine. The branches
 * of a model are not what inputs are to be selected for, and tracing them
 * takes most of the time of a run. Put into a function that is traced, they
 * would be traced there: hence noinline.
 */
#ifdef __clang__
/* A pragma is one string. */
/* clang-format off */
#define BJ_UNTRACED_BEGIN \
_Pragma("clang attribute push(__attribute__((noinline)), apply_to = function)")\
_Pragma("clang attribute push(__attribute__((no_sanitize(\"coverage\"))),\
 apply_to = function)")
#define BJ_UNTRACED_END \
_Pragma("clang attribute pop") _Pragma("clang attribute pop")
/* clang-format on */
#else
#define BJ_UNTRACED_BEGIN
#define BJ_UNTRACED_END
#endif

#endif
