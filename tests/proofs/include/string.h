/*
 * What the prover is told about the few functions of libc that core calls:
 * taken for granted, not proved (tests/proofs/README.md). Octets are
 * `unsigned char *` here, as they are in core; Frama-C's own header has `char`
 * and `void *`, which WP's typed memory model keeps apart.
 */
#ifndef BJ_TESTS_PROOFS_STRING_H
#define BJ_TESTS_PROOFS_STRING_H

#include <stddef.h>

#include "core/bytes/status.h"

/*@
  requires n > 0 ==> \valid(to + (0 .. n - 1));
  requires n > 0 ==> \valid_read(from + (0 .. n - 1));
  requires \separated(to + (0 .. n - 1),
                      from + (0 .. n - 1));
  assigns to[0 .. n - 1] \from from[0 .. n - 1];
  assigns \result \from to;
  ensures \result == to;
  ensures \forall integer i; 0 <= i < n ==>
    to[i] == \old(from[i]);
*/
unsigned char *memcpy(unsigned char *to, const unsigned char *from, size_t n);

/*@
  requires n > 0 ==> \valid(to + (0 .. n - 1));
  requires n > 0 ==> \valid_read(from + (0 .. n - 1));
  assigns to[0 .. n - 1] \from from[0 .. n - 1];
  assigns \result \from to;
  ensures \result == to;
  ensures \forall integer i; 0 <= i < n ==>
    to[i] == \old(from[i]);
*/
unsigned char *memmove(unsigned char *to, const unsigned char *from, size_t n);

/*@
  requires n > 0 ==> \valid(to + (0 .. n - 1));
  assigns to[0 .. n - 1] \from value;
  assigns \result \from to;
  ensures \result == to;
  ensures 0 <= value <= 255 ==> \forall integer i; 0 <= i < n ==>
    to[i] == value;
*/
unsigned char *memset(unsigned char *to, int value, size_t n);

/*@
  requires n > 0 ==> \valid_read(a + (0 .. n - 1));
  requires n > 0 ==> \valid_read(b + (0 .. n - 1));
  assigns \result \from a[0 .. n - 1],
    b[0 .. n - 1];
  ensures \result == 0 <==> \forall integer i; 0 <= i < n ==>
    a[i] == b[i];
*/
int memcmp(const unsigned char *a, const unsigned char *b, size_t n);

/*@
  requires n > 0 ==> \valid_read(in + (0 .. n - 1));
  assigns \result \from in, value, in[0 .. n - 1];
  ensures \result == \null ||
    (\exists integer i; 0 <= i < n && \result == in + i);
*/
unsigned char *memchr(const unsigned char *in, int value, size_t n);

/*@
  requires \exists integer len; is_string(s, len);
  assigns \result \from s[0 ..];
  ensures is_string(s, \result);
*/
size_t strlen(const char *s);

#endif
