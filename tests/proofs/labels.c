/*
 * The axioms about labels in core/dns/walk.h, each as a function that walks
 * the labels, which proves it by induction. For tests/proofs/run, never
 * compiled.
 */
#include "core/dns/name.h"

/* labels_join. */
/*@
  requires at <= mid <= end <= BJ_MESSAGE_MAX;
  requires \valid_read(o + (at .. end));
  requires whole_labels(o, at, mid) && whole_labels(o, mid, end);
  assigns \nothing;
  ensures whole_labels(o, at, end);
*/
static void join(const uint8_t *o, size_t at, size_t mid, size_t end)
{
    size_t x = at;

    /*@
      loop invariant at <= x <= mid && whole_labels(o, x, mid);
      loop invariant whole_labels(o, x, end) ==> whole_labels(o, at, end);
      loop assigns x;
      loop variant mid - x;
    */
    while (x < mid)
        x += o[x] + 1U;
}

/* Some later state in which p holds from `to` on what o held from `at` on. */
/*@
  assigns p[0 .. 2 * BJ_MESSAGE_MAX];
  ensures \forall integer i; 0 <= i < n ==> p[to + i] == \old(o[at + i]);
*/
void pass_on(const uint8_t *o, size_t at, uint8_t *p, size_t to, size_t n);

/* labels_copy. */
/*@
  requires at <= end <= BJ_MESSAGE_MAX && to <= BJ_MESSAGE_MAX;
  requires \valid(p + (0 .. 2 * BJ_MESSAGE_MAX));
  requires whole_labels(o, at, end);
  assigns p[0 .. 2 * BJ_MESSAGE_MAX];
  ensures whole_labels(p, to, to + (end - at));
*/
static void copy(const uint8_t *o, size_t at, size_t end, uint8_t *p, size_t to)
{
    size_t n = end - at;
    size_t x = 0;

    pass_on(o, at, p, to, n);
    /*@
      loop invariant x <= n && whole_labels{Pre}(o, at + x, end);
      loop invariant whole_labels(p, to + x, to + n) ==>
        whole_labels(p, to, to + n);
      loop assigns x;
      loop variant n - x;
    */
    while (x < n)
        x += p[to + x] + 1U;
}
