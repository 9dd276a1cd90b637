#ifndef BJ_CORE_BYTES_LANES_H
#define BJ_CORE_BYTES_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Sixteen octets at a time, with the vectors that gcc and clang have for every
 * processor. A comparison gives -1 or 0 in each lane. Provers know no vectors:
 * whoever uses these hides them behind functions that are mere contracts to a
 * prover (__FRAMAC__).
 */
enum { BJ_LANES = 16 };

#ifndef __FRAMAC__

typedef signed char bj_lanes __attribute__((vector_size(BJ_LANES)));

static inline bj_lanes bj_lanes_load(const void *octets)
{
    bj_lanes lanes;

    memcpy(&lanes, octets, BJ_LANES);
    return lanes;
}

/* Adds to each lane, modulo 256: gcc takes it that signed lanes do not
 * overflow. */
static inline bj_lanes bj_lanes_add(bj_lanes octets, unsigned char number)
{
    typedef unsigned char unsigned_lanes __attribute__((vector_size(BJ_LANES)));

    return (bj_lanes)((unsigned_lanes)octets + number);
}

/* Where A to Z or a to z stand. One comparison for two: with what is added,
 * all that lies behind 'z' is negative. */
static inline bj_lanes bj_lanes_letters(bj_lanes octets)
{
    return bj_lanes_add(octets | 0x20, 127 - 'z') > 127 - 26;
}

/* Whether every lane is 0. */
static inline bool bj_lanes_are_zero(bj_lanes lanes)
{
    uint64_t half[2];

    memcpy(half, &lanes, BJ_LANES);
    return (half[0] | half[1]) == 0;
}

#endif

#endif
