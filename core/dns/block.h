#ifndef BJ_CORE_DNS_BLOCK_H
#define BJ_CORE_DNS_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/bytes/lanes.h"
#include "core/bytes/status.h"

/*
 * Labels of host names by blocks of sixteen octets. Nothing but name.c includes
 * it.
 *
 * Each octet of a block is seen as one of these: of a host name's letters,
 * digits and '-'; an edge, which ends a label (the length of the next, the
 * root, or a pointer's first octet); or foreign. An edge is what lies below
 * '-' or above 127, so a length over 44 is none, and '_', which host names
 * may have, is foreign: such names are read otherwise.
 *
 * Provers know no vectors. To them these functions are their contracts, which
 * say no more than what is read and written and that numbers are in range;
 * that each octet is seen for what it is, at each place in a block, is tested
 * (R07_blocks_see_every_octet_as_names_do in test_dns_name.c).
 */
enum { BLOCK_LEN = BJ_LANES, BLOCK_EDGES_MAX = 0xffff };

#ifdef __FRAMAC__

struct block_tally {
    uint8_t octets[2 * BLOCK_LEN];
};

/*@
  requires \valid(tally);
  assigns *tally;
*/
void block_tally_init(struct block_tally *tally);

/*@
  requires \valid(tally) && \valid_read(in + (0 .. BLOCK_LEN - 1));
  requires \valid(out + (0 .. BLOCK_LEN - 1));
  requires \separated(out + (0 .. BLOCK_LEN - 1), tally,
                      in + (0 .. BLOCK_LEN - 1));
  assigns *tally, out[0 .. BLOCK_LEN - 1];
  ensures 0 <= \result <= BLOCK_EDGES_MAX;
*/
unsigned block_spell(struct block_tally *tally, const uint8_t *in, char *out);

/*@
  requires \valid(tally) && n <= BLOCK_LEN;
  assigns *tally;
*/
void block_keep(struct block_tally *tally, size_t n);

/*@
  requires \valid_read(tally);
  assigns \nothing;
*/
bool block_none_foreign(const struct block_tally *tally);

/*@
  requires 0 < edges <= BLOCK_EDGES_MAX;
  assigns \nothing;
  ensures \result < BLOCK_LEN;
*/
unsigned block_first_edge(unsigned edges);

/*@
  requires 0 < edges;
  assigns \nothing;
  ensures \result < edges;
*/
unsigned block_other_edges(unsigned edges);

#else

/* What blocks have held so far: -1 in each lane without a foreign octet. */
struct block_tally {
    bj_lanes well; /* in those that were kept */
    bj_lanes last; /* in the last */
};

BJ_INLINE void block_tally_init(struct block_tally *tally)
{
    const bj_lanes zero = {0};

    tally->well = ~zero;
    tally->last = ~zero;
}

/* A bit for each lane that is -1 and not 0, the first lane's lowest. */
static inline unsigned block_mask(bj_lanes block)
{
#ifdef __SSE2__
    typedef char plain_lanes __attribute__((vector_size(BLOCK_LEN)));

    return (unsigned)__builtin_ia32_pmovmskb128((plain_lanes)block);
#else
    const bj_lanes bits = {1, 2, 4, 8, 16, 32, 64, -128,
                           1, 2, 4, 8, 16, 32, 64, -128};
    const uint64_t sum = UINT64_C(0x0101010101010101);
    const bj_lanes marked = block & bits;
    uint64_t half[2];

    /* The product's highest octet is the sum of all. */
    memcpy(half, &marked, BLOCK_LEN);
    return (unsigned)(half[0] * sum >> 56 | half[1] * sum >> 56 << 8);
#endif
}

/*
 * Spells a block as text: lower case, and a dot for each edge; what it makes
 * of foreign octets means nothing. Returns where edges are, a bit for each
 * octet. The block is not kept yet.
 */
BJ_INLINE unsigned block_spell(struct block_tally *tally, const uint8_t *in,
                               char *out)
{
    const bj_lanes octets = bj_lanes_load(in);
    const bj_lanes lower = octets | 0x20;
    const bj_lanes inner = octets > '-' - 1;
    /* As letters are found: what lies behind '9' is negative. */
    const bj_lanes digit = bj_lanes_add(octets, 127 - '9') > 127 - 10;
    const bj_lanes text = (lower & inner) | (~inner & '.');

    tally->last = bj_lanes_letters(octets) | digit | (octets <= '-');
    memcpy(out, &text, BLOCK_LEN);
    return BLOCK_EDGES_MAX ^ block_mask(inner);
}

/* Keeps what the first `n` octets of the last block were seen as. */
BJ_INLINE void block_keep(struct block_tally *tally, size_t n)
{
    static const char others[] =
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377";

    tally->well &= tally->last | bj_lanes_load(others + BLOCK_LEN - n);
}

/* Whether no foreign octet was kept. */
BJ_INLINE bool block_none_foreign(const struct block_tally *tally)
{
    return bj_lanes_are_zero(~tally->well);
}

BJ_INLINE unsigned block_first_edge(unsigned edges)
{
    return (unsigned)__builtin_ctz(edges);
}

BJ_INLINE unsigned block_other_edges(unsigned edges)
{
    return edges & (edges - 1);
}

#endif

#endif
