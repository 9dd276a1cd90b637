#ifndef BJ_TESTS_SUPPORT_FILL_H
#define BJ_TESTS_SUPPORT_FILL_H

#include <stddef.h>
#include <stdint.h>

/* The octets of a conversation from `from` on: a function of its number and
 * the position, so that each that comes back can be checked. */
static inline void bj_test_fill(uint8_t *out, size_t len, uint32_t number,
                                uint64_t from)
{
    for (size_t i = 0; i < len; i++) {
        uint64_t at = from + i;

        out[i] =
            (uint8_t)(number * 31U + at * 7U + (at >> 8) * 13U + (at >> 16));
    }
}

#endif
