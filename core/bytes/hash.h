#ifndef BJ_CORE_BYTES_HASH_H
#define BJ_CORE_BYTES_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for tables whose
 * keys a stranger chooses. Without the key nobody can make many of them
 * meet in one slot, so a table over a hostile hosts file stays linear. The
 * key is an argument (entropy enters core no other way); whoever makes the
 * table draws a fresh one. Both functions are pure.
 */
struct bj_hash_key {
    uint64_t words[2];
};

/* The key made of 16 octets, as the reference code reads them. */
/*@
  requires \valid_read(octets + (0 .. 15));
  assigns \nothing;
*/
struct bj_hash_key bj_hash_key_make(const uint8_t octets[static 16]);

/* The hash of `len` octets; `bytes` may be NULL if len is 0. */
/*@
  requires \valid_read(key);
  requires len > 0 ==> \valid_read(bytes + (0 .. len - 1));
  assigns \nothing;
*/
uint64_t bj_hash(const struct bj_hash_key *key, const uint8_t *bytes,
                 size_t len);

/* The hash of the octets with A to Z folded to lower case (RFC 4343). */
/*@
  requires \valid_read(key);
  requires len > 0 ==> \valid_read(bytes + (0 .. len - 1));
  assigns \nothing;
*/
uint64_t bj_hash_nocase(const struct bj_hash_key *key, const uint8_t *bytes,
                        size_t len);

#endif
