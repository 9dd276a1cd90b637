#ifndef BJ_TESTS_SUPPORT_PROPERTIES_H
#define BJ_TESTS_SUPPORT_PROPERTIES_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes/status.h"

/*
 * The four properties that every parser and builder owes, from one place.
 * Each takes adapters of the noun under test; inputs and outputs lie flush
 * against a forbidden page. A violation fails the running cmocka test and
 * says at which prefix, split or capacity.
 */

/*
 * An adapter of a parser: reads `len` octets and, if it accepts them, writes
 * what it understood back in canonical form to `out` (cap octets), setting
 * *out_len. Returns the parser's status.
 */
typedef enum bj_status bj_property_reparse(const uint8_t *bytes, size_t len,
                                           uint8_t *out, size_t cap,
                                           size_t *out_len);

/*
 * 1. Every prefix of a valid input is refused or accepted cleanly, and never
 * read past its end. `prefix_ok` 0 says that no proper prefix may be
 * accepted (formats that know their length).
 */
void bj_property_prefixes(bj_property_reparse *reparse, const void *bytes,
                          size_t len, int prefix_ok);

/*
 * 2. write(read(x)) is canonical x, and canonical x is a fixed point.
 * `canonical` may equal `bytes`.
 */
void bj_property_canonical(bj_property_reparse *reparse, const void *bytes,
                           size_t len, const void *canonical,
                           size_t canonical_len);

/*
 * An adapter of a builder: builds something fixed into `out` of `cap` octets
 * (NULL when cap is 0) and sets *needed to the size that suffices, also when
 * it returns BJ_SPACE.
 */
typedef enum bj_status bj_property_build(const void *context, uint8_t *out,
                                         size_t cap, size_t *needed);

/*
 * 3. With every capacity from 0 to what is needed plus 8: BJ_SPACE and the
 * same `needed` below it, BJ_OK and the same octets from there on, and
 * never a write outside (both ends guarded).
 */
void bj_property_capacities(bj_property_build *build, const void *context);

/*
 * An adapter of a push parser or machine: consumes `len` octets given as
 * chunks cut at the offsets in `cuts` (ascending), and appends its events to
 * `out` as octets, setting *out_len.
 */
typedef void bj_property_push(const uint8_t *bytes, size_t len,
                              const size_t *cuts, size_t cut_count,
                              uint8_t *out, size_t cap, size_t *out_len);

/*
 * 4. Any chunking gives the same events: whole, cut in two at every point,
 * and octet by octet.
 */
void bj_property_splits(bj_property_push *push, const void *bytes, size_t len);

#endif
