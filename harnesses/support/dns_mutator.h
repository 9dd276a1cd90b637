#ifndef BJ_HARNESSES_SUPPORT_DNS_MUTATOR_H
#define BJ_HARNESSES_SUPPORT_DNS_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/*
 * Mutations of DNS messages for fuzzing engines, so that what comes out is
 * mostly a message still. Each is a function of its input and the seed
 * alone; none leaves more than `cap` octets.
 */

/* What can be done to a message. */
/* clang-format off */
#define DNS_MUTATION_TABLE(X)                                          \
    X(RAW)       /* octets, whatever they mean */                      \
    X(RDATA)     /* of one record, RDLENGTH repaired */                \
    X(DUPLICATE) /* a record, perhaps in another section */            \
    X(DROP)      /* a record or question */                            \
    X(SWAP)      /* two items of one section */                        \
    X(POINTER)   /* a name, from some label on, leads somewhere else */ \
    X(EDNS)      /* an OPT, its fields or its options */               \
    X(HEADER)    /* flags, opcode, rcode, id */                        \
    X(TTL)       /* to the edges of its range */                       \
    X(TYPE)      /* or class, of a question or record */               \
    X(TRUNCATE)  /* at the boundary of a field */
/* clang-format on */

enum dns_mutation {
#define DNS_MUTATION_ENUM(name) DNS_MUTATE_##name,
    DNS_MUTATION_TABLE(DNS_MUTATION_ENUM)
#undef DNS_MUTATION_ENUM
        DNS_MUTATIONS /* how many there are */
};

/* An engine's own mutation of octets, LLVMFuzzerMutate; NULL for a plain
 * one made of the seed. */
typedef size_t dns_raw_mutation(uint8_t *octets, size_t len, size_t cap);

/*
 * Mutates a message of `len` octets, in a buffer of `cap`, in place. Returns
 * its new length, at most `cap`. `done`, if not NULL, is told what was done.
 *
 * After records were added or dropped the header's counts are put right; one
 * time in eight they are not, on purpose.
 */
size_t dns_mutate(uint8_t *message, size_t len, size_t cap, uint32_t seed,
                  dns_raw_mutation *raw, enum dns_mutation *done);

/*
 * Puts records of `b` among those of `a`, up to `cap` octets in `out`, which
 * overlaps neither. Counts are put right, with the same exception.
 */
size_t dns_cross_over(const uint8_t *a, size_t a_len, const uint8_t *b,
                      size_t b_len, uint8_t *out, size_t cap, uint32_t seed);

#endif
