#include "core/dns/name.h"

#include <string.h>

#include "core/bytes/ascii.h"
#include "core/dns/block.h"
#include "core/dns/walk.h"

/* Puts `n` octets of labels behind those that take `total`. */
/*@
  requires total + n <= BJ_NAME_MAX;
  requires \valid(octets + (0 .. BJ_NAME_MAX - 1));
  requires n > 0 ==> \valid_read(labels + (0 .. n - 1));
  requires \separated(octets + (0 .. BJ_NAME_MAX - 1), labels + (0 .. n - 1));
  requires whole_labels(octets, 0, total);
  assigns octets[total .. total + n - 1];
  ensures \old(whole_labels(labels, 0, n)) ==>
    whole_labels(octets, 0, total + n);
  ensures n > 0 && \old(whole_labels(labels, 0, n - 1)) ==>
    whole_labels(octets, 0, total + n - 1);
*/
static inline void put_labels(uint8_t *octets, size_t total,
                              const uint8_t *labels, size_t n)
{
    if (n > 0)
        memcpy(octets + total, labels, n);
    /*@ assert whole_labels(octets, 0, total); */
    /*@ assert \at(whole_labels(labels, 0, n), Pre) ==>
      whole_labels(octets, total, total + n); */
    /*@ assert n > 0 && \at(whole_labels(labels, 0, n - 1), Pre) ==>
      whole_labels(octets, total, total + n - 1); */
}

/* Puts the root behind labels that take `total` octets. */
/*@
  requires \valid(name) && total < BJ_NAME_MAX;
  requires labels <= BJ_NAME_LABELS_MAX;
  requires whole_labels(&name->octets[0], 0, total);
  assigns name->len, name->label_count, name->octets[total];
  ensures valid_name(name) && name->len == total + 1;
*/
static inline void put_root(struct bj_name *name, size_t total, unsigned labels)
{
    name->octets[total] = 0;
    name->len = (uint8_t)(total + 1);
    name->label_count = (uint8_t)labels;
    /*@ assert whole_labels(&name->octets[0], 0, total); */
}

/* All runs, one behind the other into `octets`; false at a fault. */
/*@
  requires valid_walk(w) && walk_goes_on(w);
  requires w->total == 0 && w->after == 0;
  requires \valid(octets + (0 .. BJ_NAME_MAX - 1));
  requires \separated(w, octets + (0 .. BJ_NAME_MAX - 1),
                      w->c.base + (0 .. w->c.len - 1));
  assigns w->c.pos, w->c.status, w->run, w->total, w->after, w->labels,
    w->pointers, w->fault, octets[0 .. BJ_NAME_MAX - 1];
  ensures valid_walk(w);
  ensures !\result ==> w->fault.kind != BJ_FAULT_NONE;
  ensures \result ==> 0 < w->total <= BJ_NAME_MAX &&
    2 * w->labels < w->total && whole_labels(octets, 0, w->total - 1) &&
    walk_end(w) > \old(w->c.pos);
*/
BJ_INLINE bool read_runs(struct walk *w, uint8_t *octets)
{
    unsigned step;

    /*@
      loop invariant valid_walk(w) && walk_goes_on(w);
      loop invariant w->after == 0 ?
        w->c.pos == \at(w->c.pos, Pre) && w->total == 0 :
        w->after > \at(w->c.pos, Pre);
      loop invariant whole_labels(octets, 0, w->total);
      loop assigns step, w->c.pos, w->c.status, w->run, w->total, w->after,
        w->labels, w->pointers, w->fault, octets[0 .. BJ_NAME_MAX - 1];
      loop variant w->run;
    */
    do {
        size_t at = w->c.pos;
        size_t total = w->total;
        size_t n;

        step = walk_run(w);
        if (step == STEP_FAULT)
            return false;
        n = w->total - total;
        put_labels(octets, total, octets_at(w->c, at, n), n);
    } while (step != STEP_ROOT);
    return true;
}

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
static enum bj_status read_name(struct bj_cursor *c, struct bj_name *name,
                                struct bj_fault *why, bool plain)
{
    struct walk w;

    name->len = 0;
    name->label_count = 0;
    if (!bj_cursor_ok(c))
        return c->status;
    walk_init(&w, c, plain);
    if (!read_runs(&w, name->octets))
        return bj_fault_note(why, w.fault.kind, w.fault.at);
    put_root(name, w.total - 1, w.labels);
    c->pos = walk_after(&w);
    return BJ_OK;
}

enum bj_status bj_name_read(struct bj_cursor *c, struct bj_name *name,
                            struct bj_fault *why)
{
    return read_name(c, name, why, false);
}

enum bj_status bj_name_read_plain(struct bj_cursor *c, struct bj_name *name,
                                  struct bj_fault *why)
{
    return read_name(c, name, why, true);
}

enum bj_status bj_name_skip_labels(struct bj_cursor *c, struct bj_fault *why)
{
    struct walk w;

    if (!bj_cursor_ok(c))
        return c->status;
    walk_init(&w, c, false);
    if (walk_run(&w) == STEP_FAULT)
        return bj_fault_note(why, w.fault.kind, w.fault.at);
    c->pos = walk_after(&w);
    return BJ_OK;
}

void bj_name_write(struct bj_writer *w, const struct bj_name *name)
{
    bj_writer_bytes(w, name->octets, name->len);
}

/* The offset of a known suffix equal to `name` from `at` on, or 0. */
/*@
  requires valid_suffixes(known) && \valid_read(name) && at < name->len;
  assigns \nothing;
  ensures \result < BJ_NAME_OFFSETS;
*/
static uint16_t find_suffix(const struct bj_name_suffixes *known,
                            const struct bj_name *name, size_t at)
{
    size_t len = name->len - at;

    /*@
      loop invariant i <= known->count;
      loop assigns i;
      loop variant known->count - i;
    */
    for (size_t i = 0; i < known->count; i++) {
        const struct bj_name *other = known->known[i].name;
        size_t other_at = known->known[i].at;

        if (other_at + len == other->len &&
            memcmp(other->octets + other_at, name->octets + at, len) == 0)
            return known->known[i].offset;
    }
    return 0;
}

/* The suffix of `name` from `at` on stands in the message as far behind
 * `start`; where no pointer leads it is not worth knowing. */
/*@
  requires valid_suffixes(known) && \valid_read(name) && at < name->len;
  assigns known->count, known->known[0 .. BJ_NAME_SUFFIXES_MAX - 1];
  ensures valid_suffixes(known);
*/
static void remember_suffix(struct bj_name_suffixes *known,
                            const struct bj_name *name, size_t at, size_t start)
{
    if (known->count == BJ_NAME_SUFFIXES_MAX || start >= BJ_NAME_OFFSETS - at)
        return;
    known->known[known->count].name = name;
    known->known[known->count].offset = (uint16_t)(start + at);
    known->known[known->count].at = (uint8_t)at;
    known->count += 1;
}

void bj_name_write_compressed(struct bj_writer *w, const struct bj_name *name,
                              struct bj_name_suffixes *known)
{
    size_t start = w->len;
    size_t at = 0;

    /* The root alone is not worth two octets. */
    /*@
      loop invariant at <= 512 && valid_suffixes(known);
      loop assigns at, known->count,
        known->known[0 .. BJ_NAME_SUFFIXES_MAX - 1];
      loop variant name->len - at;
    */
    while (at + 1 < name->len) {
        uint16_t offset = find_suffix(known, name, at);

        if (offset != 0) {
            bj_writer_bytes(w, name->octets, at);
            bj_writer_u16(w, (uint16_t)(BJ_POINTER_BITS * 256U + offset));
            return;
        }
        remember_suffix(known, name, at, start);
        at += name->octets[at] + 1U;
    }
    bj_writer_bytes(w, name->octets, name->len);
}

bool bj_name_equal(const struct bj_name *a, const struct bj_name *b)
{
    return a->len == b->len && same_octets(a->octets, b->octets, a->len);
}

bool bj_name_is_within(const struct bj_name *name,
                       const struct bj_name *ancestor)
{
    size_t at = 0;

    if (ancestor->len == 0 || name->len < ancestor->len)
        return false;
    /* To the label where as many octets are left. */
    /*@
      loop invariant at <= name->len - ancestor->len + 255;
      loop assigns at;
      loop variant name->len - at;
    */
    while (at + ancestor->len < name->len)
        at += name->octets[at] + 1U;
    return at + ancestor->len == name->len &&
           same_octets(name->octets + at, ancestor->octets, ancestor->len);
}

/* The octet that the escape behind a backslash stands for. */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c) && c->pos >= \old(c->pos);
*/
static uint8_t parse_escape(struct bj_cursor *c)
{
    unsigned value = 0;

    if (!bj_ascii_is_digit(bj_cursor_peek(c)))
        return bj_cursor_u8(c);
    /*@
      loop invariant 0 <= i <= 3 && valid_cursor(c);
      loop invariant c->pos >= \at(c->pos, Pre);
      loop invariant (i == 0 ==> value == 0) && (i == 1 ==> value <= 9) &&
        (i == 2 ==> value <= 99) && value <= 999;
      loop assigns i, value, c->pos, c->status;
      loop variant 3 - i;
    */
    for (int i = 0; i < 3; i++) {
        uint8_t digit = bj_cursor_u8(c);

        if (!bj_ascii_is_digit(digit)) {
            bj_cursor_fail(c, BJ_BAD);
            return 0;
        }
        value = value * 10U + (digit - '0');
    }
    if (value > 255)
        bj_cursor_fail(c, BJ_BAD);
    return (uint8_t)(value % 256U);
}

/*
 * One label, up to a dot (which stays) or the end of the text, behind the
 * `total` octets that `name` has; 0 if it is empty, too long, or does not fit
 * with the root behind it.
 */
/*@
  requires valid_cursor(c) && \valid(name) && total < BJ_NAME_MAX;
  requires \separated(c, name, c->base + (0 .. c->len - 1));
  requires whole_labels(&name->octets[0], 0, total);
  assigns c->pos, c->status, name->octets[total .. BJ_NAME_MAX - 1];
  ensures valid_cursor(c);
  ensures \result > 0 ==> \result <= BJ_LABEL_MAX &&
    total + \result + 1 < BJ_NAME_MAX && c->pos > \old(c->pos) &&
    whole_labels(&name->octets[0], 0, total + \result + 1);
*/
static size_t parse_label(struct bj_cursor *c, struct bj_name *name,
                          size_t total)
{
    size_t room = BJ_NAME_MAX - 1 - total;
    size_t len = 0;

    /*@
      loop invariant valid_cursor(c) && c->pos >= \at(c->pos, Pre) + len;
      loop invariant len <= BJ_LABEL_MAX && (len == 0 || len < room);
      loop invariant -1 <= next <= 255;
      loop invariant c->pos == c->len ==> next == -1;
      loop assigns len, next, c->pos, c->status,
        name->octets[total + 1 .. BJ_NAME_MAX - 1];
      loop variant c->len - c->pos;
    */
    for (int next = bj_cursor_peek(c); next != -1 && next != '.';
         next = bj_cursor_peek(c)) {
        uint8_t octet = bj_cursor_u8(c);

        if (octet == '\\')
            octet = parse_escape(c);
        len += 1;
        if (len > BJ_LABEL_MAX || len >= room)
            return 0;
        name->octets[total + len] = octet;
    }
    if (!bj_cursor_ok(c))
        return 0;
    if (len > 0)
        name->octets[total] = (uint8_t)len;
    /*@ assert whole_labels(&name->octets[0], 0, total); */
    /*@ assert len > 0 ==>
      whole_labels(&name->octets[0], total, total + len + 1); */
    return len;
}

enum bj_status bj_name_parse(const char *text, size_t len, struct bj_name *name,
                             bool *absolute)
{
    struct bj_cursor c;
    size_t total = 0;
    unsigned labels = 0;
    bool dot;

    name->len = 0;
    name->label_count = 0;
    if (absolute != NULL)
        *absolute = false;
    bj_cursor_init(&c, (const uint8_t *)text, len);
    dot = len == 1 && bj_cursor_peek(&c) == '.';
    if (dot)
        bj_cursor_skip(&c, 1);
    /*@
      loop invariant valid_cursor(&c) && total < BJ_NAME_MAX;
      loop invariant 2 * labels <= total;
      loop invariant whole_labels(&name->octets[0], 0, total);
      loop assigns c.pos, c.status, total, labels, dot,
        name->octets[0 .. BJ_NAME_MAX - 1];
      loop variant c.len - c.pos;
    */
    while (bj_cursor_left(&c) > 0) {
        size_t label_len = parse_label(&c, name, total);

        if (label_len == 0)
            return BJ_BAD;
        total += label_len + 1;
        labels += 1;
        dot = bj_cursor_left(&c) > 0;
        if (dot)
            bj_cursor_skip(&c, 1);
    }
    if (len == 0)
        return BJ_BAD;
    put_root(name, total, labels);
    if (absolute != NULL)
        *absolute = dot;
    return BJ_OK;
}

/* Characters that mean something in a master file (RFC 1035 section 5.1). */
static const char special[] = {'.', '\\', '"', '(', ')', ';', '@', '$'};

/*@
  requires valid_writer(w);
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
static void format_octet(struct bj_writer *w, uint8_t octet)
{
    if (!bj_ascii_is_graph(octet)) {
        bj_writer_char(w, '\\');
        bj_writer_char(w, (char)('0' + octet / 100));
        bj_writer_char(w, (char)('0' + octet / 10 % 10));
        bj_writer_char(w, (char)('0' + octet % 10));
        return;
    }
    if (memchr(special, octet, sizeof(special)) != NULL)
        bj_writer_char(w, '\\');
    bj_writer_u8(w, octet);
}

/* The octets of a label and a dot. */
/*@
  requires valid_writer(w) && len <= BJ_LABEL_MAX;
  requires len > 0 ==> \valid_read(label + (0 .. len - 1));
  requires \separated(label + (0 .. len - 1), w, w->base + (0 .. w->cap - 1));
  assigns w->len, w->status, w->base[0 .. w->cap - 1];
  ensures valid_writer(w) && same_buffer{Pre,Post}(w);
*/
static void format_label(struct bj_writer *w, const uint8_t *label, size_t len)
{
    /*@
      loop invariant i <= len && valid_writer(w) && same_buffer{Pre,Here}(w);
      loop assigns i, w->len, w->status, w->base[0 .. w->cap - 1];
      loop variant len - i;
    */
    for (size_t i = 0; i < len; i++)
        format_octet(w, label[i]);
    bj_writer_char(w, '.');
}

void bj_name_format(struct bj_writer *w, const struct bj_name *name)
{
    size_t at = 0;

    if (name->len == 1)
        bj_writer_char(w, '.');
    /*@
      loop invariant name->len == \at(name->len, Pre) && at <= name->len;
      loop invariant name->len > 0 ==> at < name->len &&
        whole_labels{Pre}(&name->octets[0], at, name->len - 1);
      loop invariant valid_writer(w) && same_buffer{Pre,Here}(w);
      loop assigns at, w->len, w->status, w->base[0 .. w->cap - 1];
      loop variant name->len - at;
    */
    while (at + 1 < name->len) {
        size_t len = name->octets[at];

        format_label(w, name->octets + at + 1, len);
        at += len + 1;
    }
}

/* What an octet of a host name is in lower case, with a mark; 0 for all that
 * may not stand in one. */
#define MARK 0x100
#define X(octet, lower) [octet] = MARK + (lower)
static const uint16_t host_octet[256] = {
    X('-', '-'), X('_', '_'), X('0', '0'), X('1', '1'), X('2', '2'),
    X('3', '3'), X('4', '4'), X('5', '5'), X('6', '6'), X('7', '7'),
    X('8', '8'), X('9', '9'), X('a', 'a'), X('b', 'b'), X('c', 'c'),
    X('d', 'd'), X('e', 'e'), X('f', 'f'), X('g', 'g'), X('h', 'h'),
    X('i', 'i'), X('j', 'j'), X('k', 'k'), X('l', 'l'), X('m', 'm'),
    X('n', 'n'), X('o', 'o'), X('p', 'p'), X('q', 'q'), X('r', 'r'),
    X('s', 's'), X('t', 't'), X('u', 'u'), X('v', 'v'), X('w', 'w'),
    X('x', 'x'), X('y', 'y'), X('z', 'z'), X('A', 'a'), X('B', 'b'),
    X('C', 'c'), X('D', 'd'), X('E', 'e'), X('F', 'f'), X('G', 'g'),
    X('H', 'h'), X('I', 'i'), X('J', 'j'), X('K', 'k'), X('L', 'l'),
    X('M', 'm'), X('N', 'n'), X('O', 'o'), X('P', 'p'), X('Q', 'q'),
    X('R', 'r'), X('S', 's'), X('T', 't'), X('U', 'u'), X('V', 'v'),
    X('W', 'w'), X('X', 'x'), X('Y', 'y'), X('Z', 'z')};
#undef X

/* The octets of a label in lower case, and a dot. MARK if all may stand in a
 * host name, and so the first; else 0. */
/*@
  requires 0 < len <= BJ_LABEL_MAX && \valid_read(label + (0 .. len - 1));
  requires \valid(text + (0 .. len));
  requires \separated(text + (0 .. len), label + (0 .. len - 1));
  assigns text[0 .. len];
*/
static inline unsigned spell_label(const uint8_t *label, size_t len, char *text)
{
    unsigned all = MARK;

    /*@
      loop invariant i <= len;
      loop assigns i, all, text[0 .. len - 1];
      loop variant len - i;
    */
    for (size_t i = 0; i < len; i++) {
        unsigned octet = host_octet[label[i]];

        all &= octet;
        text[i] = (char)octet;
    }
    text[len] = '.';
    return label[0] == '-' ? 0 : all & MARK;
}

/* Puts the NUL in place of the last dot. False if there is no label before it,
 * or that is all digits. */
/*@
  requires len > 0 ==> \valid(text + (0 .. len - 1));
  assigns text[0 .. len - 1];
  ensures \result ==> len >= 2 && text[len - 1] == 0;
*/
static bool end_spelling(char *text, size_t len)
{
    size_t at = len;

    if (len == 0)
        return false;
    text[--at] = '\0';
    /*@
      loop invariant at < len;
      loop assigns at;
      loop variant at;
    */
    while (at > 0 && bj_ascii_is_digit(text[at - 1]))
        at -= 1;
    return at > 0 && text[at - 1] != '.';
}

bool bj_name_spell_host(const struct bj_name *name, char *text)
{
    unsigned all = MARK;
    size_t at = 0;

    /* Each label, less its length, and a dot behind it. */
    /*@
      loop invariant at <= name->len;
      loop invariant name->len > 0 ==> at < name->len &&
        whole_labels(&name->octets[0], at, name->len - 1);
      loop assigns at, all, text[0 .. name->len - 2];
      loop variant name->len - at;
    */
    while (at + 1 < name->len) {
        size_t len = name->octets[at];

        all &= spell_label(name->octets + at + 1, len, text + at);
        at += len + 1;
    }
    return all == MARK && end_spelling(text, at);
}

/* bj_name_read_host for every name. */
/*@
  requires valid_cursor(c) && \valid(text + (0 .. BJ_HOST_TEXT_MAX - 1));
  requires \separated(c, text + (0 .. BJ_HOST_TEXT_MAX - 1),
                      c->base + (0 .. c->len - 1));
  requires c->status == BJ_OK;
  assigns c->pos, text[0 .. BJ_HOST_TEXT_MAX - 1];
  ensures valid_cursor(c) && \result < BJ_HOST_TEXT_MAX;
  ensures \result > 0 ==> text[\result] == 0 && c->pos > \old(c->pos);
  ensures \result == 0 ==> c->pos == \old(c->pos);
*/
__attribute__((noinline)) static size_t read_any_host(struct bj_cursor *c,
                                                      char *text)
{
    struct walk w;
    unsigned all = MARK;
    size_t len;

    walk_init(&w, c, false);
    /*@
      loop invariant valid_walk(&w) && walk_goes_on(&w);
      loop invariant w.c.base == c->base && w.c.len == c->len;
      loop invariant w.after == 0 ? w.c.pos >= c->pos : w.after > c->pos;
      loop assigns w.c.pos, w.c.status, w.run, w.total, w.after, w.labels,
        w.pointers, w.fault, all, text[0 .. BJ_HOST_TEXT_MAX - 1];
      loop variant BJ_NAME_POINTERS_MAX - w.pointers + BJ_NAME_MAX - w.total;
    */
    for (;;) {
        size_t at = w.c.pos;
        size_t total = w.total;
        unsigned step = walk_step(&w);

        if (step == STEP_FAULT)
            return 0;
        if (step == STEP_ROOT)
            break;
        if (step == STEP_POINTER)
            continue;
        all &= spell_label(octets_at(w.c, at + 1, step), step, text + total);
    }
    len = w.total - 1;
    if (all != MARK || !end_spelling(text, len))
        return 0;
    c->pos = walk_after(&w);
    return len - 1;
}

/* Whether an octet is the length of a label, and too low to be one of its
 * characters. */
/*@
  assigns \nothing;
  ensures \result <==> 1 <= octet < '-';
*/
BJ_INLINE bool is_short(size_t octet)
{
    return octet > 0 && octet < '-';
}

/*
 * Spells the labels at `run` into `out`, a dot behind each, up to an octet that
 * is no short label's length, and returns where that stands. 0 if there is no
 * label or blocks cannot tell: then out means nothing. No block begins behind
 * `limit`; from there a block and two octets more can be read, and a block can
 * be written.
 */
/*@
  requires run <= limit <= BJ_MESSAGE_MAX;
  requires \valid_read(octets + (0 .. limit + BLOCK_LEN + 1));
  requires \valid(tally);
  requires \valid(out + (0 .. limit - run + BLOCK_LEN - 1));
  requires \separated(tally, octets + (0 .. limit + BLOCK_LEN + 1),
                      out + (0 .. limit - run + BLOCK_LEN - 1));
  assigns *tally, out[0 .. limit - run + BLOCK_LEN - 1];
  ensures \result != 0 ==>
    run < \result < limit + BLOCK_LEN && !(1 <= octets[\result] < '-');
*/
BJ_INLINE size_t spell_run(const uint8_t *octets, size_t run, size_t limit,
                           struct block_tally *tally, char *out)
{
    size_t edge = run + octets[run] + 1U; /* the next that there must be */

    if (!is_short(octets[run]) || octets[run + 1] == '-')
        return 0;
    /*@
      loop invariant run < at <= limit + BLOCK_LEN && run < edge;
      loop invariant edge <= limit + BLOCK_LEN + '-';
      loop assigns at, edge, *tally, out[0 .. limit - run + BLOCK_LEN - 1];
      loop variant limit + BLOCK_LEN - at;
    */
    for (size_t at = run + 1; at <= limit; at += BLOCK_LEN) {
        unsigned edges = block_spell(tally, octets + at, out + (at - run - 1));

        /*@
          loop invariant 0 <= edges <= BLOCK_EDGES_MAX && run < edge;
          loop invariant edge <= limit + BLOCK_LEN + '-';
          loop assigns edges, edge, *tally;
          loop variant edges;
        */
        for (; edges != 0; edges = block_other_edges(edges)) {
            if (at + block_first_edge(edges) != edge)
                return 0;
            if (!is_short(octets[edge])) {
                block_keep(tally, edge - at);
                return edge;
            }
            if (octets[edge + 1] == '-')
                return 0;
            edge += octets[edge] + 1U;
        }
        if (edge < at + BLOCK_LEN)
            return 0;
        block_keep(tally, BLOCK_LEN);
    }
    return 0;
}

/*
 * bj_name_read_host for most names, by blocks. 0 does not say that it is none,
 * but that it has to be read in another way: because of a label over 44
 * octets, a '_', or because the message or the text's room ends too soon
 * behind it.
 */
/*@
  requires valid_cursor(c) && \valid(text + (0 .. BJ_HOST_TEXT_MAX - 1));
  requires \separated(c, text + (0 .. BJ_HOST_TEXT_MAX - 1),
                      c->base + (0 .. c->len - 1));
  requires c->status == BJ_OK;
  assigns c->pos, text[0 .. BJ_HOST_TEXT_MAX - 1];
  ensures valid_cursor(c) && \result < BJ_HOST_TEXT_MAX;
  ensures \result > 0 ==> text[\result] == 0 && c->pos > \old(c->pos);
  ensures \result == 0 ==> c->pos == \old(c->pos);
*/
static size_t read_usual_host(struct bj_cursor *c, char *text)
{
    enum { ROOM = BJ_HOST_TEXT_MAX - BLOCK_LEN };
    const uint8_t *octets = c->base;
    struct block_tally tally;
    size_t run = c->pos;
    size_t after = 0;
    size_t total = 0;
    size_t last;
    size_t at;

    if (c->len < BLOCK_LEN + 2 || c->len > BJ_MESSAGE_MAX)
        return 0;
    last = c->len - (BLOCK_LEN + 2);
    block_tally_init(&tally);
    /*@
      loop invariant after == 0 ? run == c->pos : c->pos < after <= c->len;
      loop invariant total <= BJ_HOST_TEXT_MAX;
      loop assigns run, after, total, at, tally,
        text[0 .. BJ_HOST_TEXT_MAX - 1];
      loop variant run;
    */
    for (;;) {
        size_t target;
        size_t limit;

        if (run > last || total > ROOM)
            return 0;
        limit = run + (ROOM - total);
        if (limit > last)
            limit = last;
        at = spell_run(octets, run, limit, &tally, text + total);
        if (at == 0)
            return 0;
        total += at - run;
        if (octets[at] < BJ_POINTER_BITS)
            break;
        target = (octets[at] - BJ_POINTER_BITS) * 256U + octets[at + 1];
        if (target < BJ_HEADER_LEN || target >= run)
            return 0;
        if (after == 0)
            after = at + 2;
        run = target;
    }
    if (octets[at] != 0 || !block_none_foreign(&tally) ||
        !end_spelling(text, total))
        return 0;
    c->pos = after != 0 ? after : at + 1;
    return total - 1;
}

size_t bj_name_read_host(struct bj_cursor *c, char *text)
{
    size_t len;

    if (!bj_cursor_ok(c))
        return 0;
    len = read_usual_host(c, text);
    return len > 0 ? len : read_any_host(c, text);
}

bool bj_name_is_host(const struct bj_name *name)
{
    char text[BJ_HOST_TEXT_MAX];

    return bj_name_spell_host(name, text);
}

void bj_name_format_host(struct bj_writer *w, const struct bj_name *name)
{
    char text[BJ_HOST_TEXT_MAX];

    if (!bj_name_spell_host(name, text))
        bj_writer_fail(w, BJ_BAD);
    else
        bj_writer_bytes(w, (const uint8_t *)text, name->len - 2U);
}
