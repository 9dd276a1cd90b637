#ifndef BJ_TESTS_SUPPORT_GUARD_H
#define BJ_TESTS_SUPPORT_GUARD_H

#include <stddef.h>
#include <stdint.h>

/*
 * Memory that ends flush against a page nobody may touch (or begins flush
 * behind one): an access one byte outside is a fault in every build, also in
 * those without AddressSanitizer and in code that it does not see.
 */
struct bj_guard {
    uint8_t *bytes; /* `len` writable bytes, unaligned as len asks */
    size_t len;
    void *map;
    size_t map_len;
};

/* len bytes, zero-filled, whose end touches a PROT_NONE page; aborts if the
 * system has no memory. bj_guard_free gives it back. */
struct bj_guard bj_guard_end(size_t len);

/* The same with the forbidden page before the first byte. */
struct bj_guard bj_guard_start(size_t len);

/* bj_guard_end filled with a copy of `bytes`. */
struct bj_guard bj_guard_copy(const void *bytes, size_t len);

void bj_guard_free(struct bj_guard *guard);

#endif
