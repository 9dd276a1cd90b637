#ifndef BJ_HARNESSES_SUPPORT_DNS_INPUT_H
#define BJ_HARNESSES_SUPPORT_DNS_INPUT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Said once in a harness whose input is a DNS message and then `tail` octets
 * of options: engines then mutate it as one, by dns_mutator.h. Compiled with
 * BJ_PLAIN_MUTATOR it says nothing, for a target without (plain_<noun>).
 */
#ifdef BJ_PLAIN_MUTATOR
#define BJ_DNS_INPUT(tail) _Static_assert((tail) <= DNS_TAIL_MAX, "long tail")
#else
#define BJ_DNS_INPUT(tail)                                                     \
    size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,                 \
                                   size_t max_size, unsigned seed)             \
    {                                                                          \
        return dns_input_mutate(data, size, max_size, seed, (tail));           \
    }                                                                          \
    size_t LLVMFuzzerCustomCrossOver(                                          \
        const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,      \
        uint8_t *out, size_t max_size, unsigned seed)                          \
    {                                                                          \
        return dns_input_cross_over(a, a_size, b, b_size, out, max_size, seed, \
                                    (tail));                                   \
    }                                                                          \
    _Static_assert((tail) <= DNS_TAIL_MAX, "long tail")
#endif

enum { DNS_TAIL_MAX = 8 };

/* What engines call. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
                                 const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t max_size, unsigned seed);

/*
 * The message, or one time in eight an octet of the tail, is mutated; the
 * tail stays where it belongs. At most `max_size` octets come out.
 */
size_t dns_input_mutate(uint8_t *data, size_t size, size_t max_size,
                        unsigned seed, size_t tail);

/* Records of `b` among those of `a`; the tail is a's. */
size_t dns_input_cross_over(const uint8_t *a, size_t a_size, const uint8_t *b,
                            size_t b_size, uint8_t *out, size_t max_size,
                            unsigned seed, size_t tail);

#endif
