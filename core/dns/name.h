#ifndef BJ_CORE_DNS_NAME_H
#define BJ_CORE_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"
#include "core/bytes/limits.h"
#include "core/bytes/status.h"
#include "core/bytes/writer.h"
#include "core/dns/fault.h"

/* The first two bits of a compression pointer (RFC 1035 section 4.1.4). */
#define BJ_POINTER_BITS 0xc0

/*
 * A domain name: `len` octets of labels as they stand on the wire without
 * compression, the final zero included, so that the root is one octet and
 * len 0 is no name at all. Octets past len are not specified. Labels hold
 * any octets (RFC 2181 section 11); comparisons fold A to Z (RFC 4343).
 */
struct bj_name {
    uint8_t len;
    uint8_t label_count; /* without the root */
    uint8_t octets[BJ_NAME_MAX];
};

/*
 * whole_labels: from `at` to `end` stand whole labels of 1 to 63 octets, each
 * behind its length. valid_name: they fill the name up to the root's octet,
 * or there is no name at all. Every name that was read or parsed is valid.
 */
/*@
  predicate whole_labels(uint8_t *o, integer at, integer end) =
    at == end || (at < end && 1 <= o[at] <= BJ_LABEL_MAX &&
      whole_labels(o, at + o[at] + 1, end));

  predicate valid_name(struct bj_name *n) =
    \valid_read(n) && n->label_count <= BJ_NAME_LABELS_MAX &&
    (n->len == 0 || (n->octets[n->len - 1] == 0 &&
      whole_labels(&n->octets[0], 0, n->len - 1)));
*/

/*
 * Reads the name at the cursor, which stands in a whole message (its base is
 * the first octet of the header) though its end may lie earlier, at the end
 * of an RDATA. Follows compression pointers, each of which must lead to an
 * octet behind the header and strictly before the run of labels in which it
 * stands: so there is an end (RFC 1035 section 4.1.4). The cursor moves
 * behind what stands in place. On failure the name is empty, the cursor has
 * not moved, and `why`, unless NULL, says where. At most 127 labels and
 * BJ_NAME_POINTERS_MAX pointers are looked at.
 */
/*@
  requires valid_cursor(c) && \valid(name) && (why == \null || \valid(why));
  requires \separated(c, name, why, c->base + (0 .. c->len - 1));
  assigns c->pos, *name, *why;
  ensures valid_cursor(c) && valid_name(name);
  ensures \result == BJ_OK ==> name->len > 0 && c->pos > \old(c->pos);
  ensures \result != BJ_OK ==> name->len == 0 && c->pos == \old(c->pos);
  ensures \result != BJ_OK && c->status == BJ_OK && why != \null ==>
    why->kind != BJ_FAULT_NONE;
*/
BJ_MUST_CHECK enum bj_status
bj_name_read(struct bj_cursor *c, struct bj_name *name, struct bj_fault *why);

/* The same where no compression may stand (RFC 3597 section 4), and for
 * names outside messages: a pointer is a fault. */
/*@
  requires valid_cursor(c) && \valid(name) && (why == \null || \valid(why));
  requires \separated(c, name, why, c->base + (0 .. c->len - 1));
  assigns c->pos, *name, *why;
  ensures valid_cursor(c) && valid_name(name);
  ensures \result == BJ_OK ==> name->len > 0 && c->pos > \old(c->pos);
  ensures \result != BJ_OK ==> name->len == 0 && c->pos == \old(c->pos);
  ensures \result != BJ_OK && c->status == BJ_OK && why != \null ==>
    why->kind != BJ_FAULT_NONE;
*/
BJ_MUST_CHECK enum bj_status bj_name_read_plain(struct bj_cursor *c,
                                                struct bj_name *name,
                                                struct bj_fault *why);

/* bj_name_skip for what is more than a lone pointer. */
/*@
  requires valid_cursor(c) && (why == \null || \valid(why));
  requires \separated(c, why, c->base + (0 .. c->len - 1));
  assigns c->pos, *why;
  ensures valid_cursor(c);
  ensures \result == BJ_OK ==> c->pos > \old(c->pos);
  ensures \result != BJ_OK ==> c->pos == \old(c->pos);
  ensures c->status == BJ_OK ==> \result != BJ_NONE;
  ensures \result != BJ_OK && c->status == BJ_OK && why != \null ==>
    why->kind != BJ_FAULT_NONE;
*/
BJ_MUST_CHECK enum bj_status bj_name_skip_labels(struct bj_cursor *c,
                                                 struct bj_fault *why);

/*
 * Whether nothing but a pointer stands at the cursor, one that leads behind
 * the header and before itself: how most records name their owner. Then the
 * cursor moves behind it and `target` is where it leads; else `target` is 0.
 */
/*@
  requires valid_cursor(c) && \valid(target);
  requires \separated(c, target, c->base + (0 .. c->len - 1));
  assigns c->pos, c->status, *target;
  ensures valid_cursor(c) && c->status == \old(c->status);
  ensures \result ==> BJ_HEADER_LEN <= *target < \old(c->pos) &&
    *target < BJ_NAME_OFFSETS && c->pos == \old(c->pos) + 2;
  ensures !\result ==> *target == 0 && c->pos == \old(c->pos);
*/
static inline bool bj_name_is_pointer(struct bj_cursor *c, size_t *target)
{
    const size_t bits = BJ_POINTER_BITS * 256U;
    size_t at = c->pos;
    size_t octets = bj_cursor_left(c) < 2 ? 0 : bj_cursor_u16(c);

    *target = 0;
    if (octets >= bits + BJ_HEADER_LEN && octets - bits < at) {
        *target = octets - bits;
        return true;
    }
    c->pos = at;
    return false;
}

/*
 * Passes over what stands in place: checks labels and the direction of the
 * pointer at their end, but does not go there. `target` is where it leads if
 * it stands alone, else 0. Failure as in bj_name_read.
 */
/*@
  requires valid_cursor(c) && \valid(target) && (why == \null || \valid(why));
  requires \separated(c, target, why, c->base + (0 .. c->len - 1));
  assigns c->pos, c->status, *target, *why;
  ensures valid_cursor(c) && c->status == \old(c->status);
  ensures \result == BJ_OK ==> c->pos > \old(c->pos);
  ensures \result != BJ_OK ==> c->pos == \old(c->pos);
  ensures c->status == BJ_OK ==> \result != BJ_NONE;
  ensures \result != BJ_OK && c->status == BJ_OK && why != \null ==>
    why->kind != BJ_FAULT_NONE;
*/
BJ_MUST_CHECK static inline enum bj_status
bj_name_skip_to(struct bj_cursor *c, size_t *target, struct bj_fault *why)
{
    return bj_name_is_pointer(c, target) ? BJ_OK : bj_name_skip_labels(c, why);
}

/* The same where the target is of no interest. */
/*@
  requires valid_cursor(c) && (why == \null || \valid(why));
  requires \separated(c, why, c->base + (0 .. c->len - 1));
  assigns c->pos, c->status, *why;
  ensures valid_cursor(c) && c->status == \old(c->status);
  ensures \result == BJ_OK ==> c->pos > \old(c->pos);
  ensures \result != BJ_OK ==> c->pos == \old(c->pos);
  ensures c->status == BJ_OK ==> \result != BJ_NONE;
  ensures \result != BJ_OK && c->status == BJ_OK && why != \null ==>
    why->kind != BJ_FAULT_NONE;
*/
BJ_MUST_CHECK static inline enum bj_status bj_name_skip(struct bj_cursor *c,
                                                        struct bj_fault *why)
{
    size_t target;

    return bj_name_skip_to(c, &target, why);
}

/*
 * Whether nothing but a pointer to offset `at`, before it, stands at the
 * cursor, which then moves behind it. Nothing else is looked at.
 */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c) && c->status == \old(c->status);
  ensures \result ==> c->pos == \old(c->pos) + 2;
  ensures !\result ==> c->pos == \old(c->pos);
*/
static inline bool bj_name_points_to(struct bj_cursor *c, size_t at)
{
    size_t start = c->pos;
    size_t target;

    if (bj_name_is_pointer(c, &target) && target == at)
        return true;
    c->pos = start;
    return false;
}

/* Appends the name uncompressed. */
/*@
  requires valid_writer(w) && \valid_read(name);
  requires \separated(name, w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[w->len .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures w->len == sum_len(\old(w->len), name->len);
  ensures w->status == BJ_OK <==>
    \old(w->status) == BJ_OK && \old(w->len) + name->len <= w->cap;
  ensures w->status == BJ_OK ==> \forall integer i; 0 <= i < name->len ==>
    w->base[\old(w->len) + i] == name->octets[i];
*/
void bj_name_write(struct bj_writer *w, const struct bj_name *name);

/*
 * Where suffixes of names that were written stand in a message, for
 * compression. It refers to those names: they must stay as they are while it
 * is in use. Zero-initialise. When it is full, later names are still
 * compressed against those it knows.
 */
#define BJ_NAME_SUFFIXES_MAX 64
struct bj_name_suffixes {
    struct {
        const struct bj_name *name;
        uint16_t offset; /* in the message */
        uint8_t at;      /* in the name */
    } known[BJ_NAME_SUFFIXES_MAX];
    size_t count;
};

/*@
  predicate valid_suffixes(struct bj_name_suffixes *s) =
    \valid(s) && s->count <= BJ_NAME_SUFFIXES_MAX &&
    \forall integer i; 0 <= i < s->count ==>
      \valid_read(s->known[i].name) &&
      s->known[i].offset < BJ_NAME_OFFSETS;
*/

/*
 * Appends the name with its longest known suffix replaced by a pointer, and
 * remembers its other suffixes. The writer's first octet is the header's.
 */
/*@
  requires valid_writer(w) && \valid_read(name) && valid_suffixes(known);
  requires \separated(name, w, known, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1], *known;
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
  ensures valid_suffixes(known);
*/
void bj_name_write_compressed(struct bj_writer *w, const struct bj_name *name,
                              struct bj_name_suffixes *known);

/* Whether two names are the same, case folded (RFC 4343 section 3). */
/*@
  requires \valid_read(a) && \valid_read(b);
  assigns \nothing;
  ensures \result ==> a->len == b->len;
*/
bool bj_name_equal(const struct bj_name *a, const struct bj_name *b);

/* Whether `name` is `ancestor` or lies below it. */
/*@
  requires \valid_read(name) && \valid_read(ancestor);
  assigns \nothing;
  ensures \result ==> 0 < ancestor->len <= name->len;
*/
bool bj_name_is_within(const struct bj_name *name,
                       const struct bj_name *ancestor);

/*
 * Reads `len` characters of text: labels between dots, \C for the character C
 * itself and \DDD for the octet with that decimal value (RFC 1035 section
 * 5.1, RFC 4343 section 2.1). One final dot is accepted; `absolute`, unless
 * NULL, says whether there was one. "." is the root; empty text, an empty
 * label, a label over 63 octets, a name over 255, \DDD over 255 and an
 * escape without its end are BJ_BAD. On failure the name is empty.
 */
/*@
  requires len > 0 ==> \valid_read(text + (0 .. len - 1));
  requires \valid(name) && (absolute == \null || \valid(absolute));
  requires \separated(name, absolute, text + (0 .. len - 1));
  assigns *name, *absolute;
  ensures valid_name(name);
  ensures \result == BJ_OK <==> name->len > 0;
*/
BJ_MUST_CHECK enum bj_status bj_name_parse(const char *text, size_t len,
                                           struct bj_name *name,
                                           bool *absolute);

/*
 * Appends the name as text with its final dot; "." for the root. The
 * characters . \ " ( ) ; @ $ are written \C, octets that are not visible
 * ASCII \DDD, so that no two names share a text and bj_name_parse gives the
 * name back. At most BJ_NAME_TEXT_MAX characters with a NUL.
 */
/*@
  requires valid_writer(w) && valid_name(name);
  requires \separated(name, w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_name_format(struct bj_writer *w, const struct bj_name *name);

/*
 * Whether it may be handed to a program as a host name: at least one label;
 * only letters, digits, '-' and '_'; no label begins with '-'; the last is
 * not all digits, so that it cannot be taken for an address (RFC 952,
 * RFC 1123 section 2.1; '_' and a final '-' because hosts in use have them).
 */
/*@
  requires valid_name(name);
  assigns \nothing;
  ensures \result ==> name->len >= 3;
*/
bool bj_name_is_host(const struct bj_name *name);

/*
 * Appends a host name as text: lower case, no final dot, at most 253
 * characters. Latches BJ_BAD if bj_name_is_host says no.
 */
/*@
  requires valid_writer(w) && valid_name(name);
  requires \separated(name, w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
void bj_name_format_host(struct bj_writer *w, const struct bj_name *name);

/*
 * The same into `text`, which has room for name->len - 1 characters: just
 * these and a NUL. False, and a text that means nothing, if it is no host.
 */
/*@
  requires valid_name(name);
  requires name->len > 1 ==> \valid(text + (0 .. name->len - 2));
  requires \separated(name, text + (0 .. name->len - 2));
  assigns text[0 .. name->len - 2];
  ensures \result ==> name->len >= 3 && text[name->len - 2] == 0;
*/
BJ_MUST_CHECK bool bj_name_spell_host(const struct bj_name *name, char *text);

/*
 * Reads the name at the cursor as bj_name_read does, and spells it as above,
 * in one go. `text` has room for BJ_HOST_TEXT_MAX characters; the result is
 * how many precede the NUL. If it is no name, or no host name, it is 0: the
 * text then means nothing, and the cursor has not moved.
 */
/*@
  requires valid_cursor(c) && \valid(text + (0 .. BJ_HOST_TEXT_MAX - 1));
  requires \separated(c, text + (0 .. BJ_HOST_TEXT_MAX - 1),
                      c->base + (0 .. c->len - 1));
  assigns c->pos, text[0 .. BJ_HOST_TEXT_MAX - 1];
  ensures valid_cursor(c) && \result < BJ_HOST_TEXT_MAX;
  ensures \result > 0 ==> text[\result] == 0 && c->status == BJ_OK &&
    c->pos > \old(c->pos);
  ensures \result == 0 ==> c->pos == \old(c->pos);
*/
BJ_MUST_CHECK size_t bj_name_read_host(struct bj_cursor *c, char *text);

#endif
