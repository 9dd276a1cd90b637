#include "harnesses/support/dns_input.h"

#include <string.h>

#include "harnesses/harness.h"
#include "harnesses/support/dns_mutator.h"

/* The engine's own mutation, where there is an engine that has one. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
    __attribute__((weak));

BJ_UNTRACED_BEGIN

size_t dns_input_mutate(uint8_t *data, size_t size, size_t max_size,
                        unsigned seed, size_t tail)
{
    uint8_t kept[DNS_TAIL_MAX];
    size_t len = size - tail;

    if (size < tail || size > max_size)
        return dns_mutate(data, size, max_size, seed, LLVMFuzzerMutate, NULL);
    memcpy(kept, data + len, tail);
    /* The low bits choose; the mutator makes its own of all of them. */
    if (tail > 0 && seed % 8 == 0)
        kept[seed / 8 % tail] = (uint8_t)(seed / 64);
    else
        len = dns_mutate(data, len, max_size - tail, seed, LLVMFuzzerMutate,
                         NULL);
    memcpy(data + len, kept, tail);
    return len + tail;
}

size_t dns_input_cross_over(const uint8_t *a, size_t a_size, const uint8_t *b,
                            size_t b_size, uint8_t *out, size_t max_size,
                            unsigned seed, size_t tail)
{
    size_t len;

    if (a_size < tail || b_size < tail || max_size < tail)
        return dns_cross_over(a, a_size, b, b_size, out, max_size, seed);
    len = dns_cross_over(a, a_size - tail, b, b_size - tail, out,
                         max_size - tail, seed);
    if (tail > 0)
        memcpy(out + len, a + (a_size - tail), tail);
    return len + tail;
}

BJ_UNTRACED_END
