#include "core/dns/name.h"

#include <string.h>

#include "core/bytes/ascii.h"

enum {
    STEP_ROOT = 0, /* 1 to 63: a label of that many octets */
    STEP_POINTER = 0x100,
    STEP_FAULT = 0x101,
};

/*
 * The one walk over the labels of a name on the wire, which reading, skipping
 * and matching drive. `run` is where the current run of labels starts;
 * `total` counts the octets of the name so far; `after` is where what stands
 * in place ends, 0 before the first pointer.
 */
struct walk {
    struct bj_cursor c;
    size_t run;
    size_t total;
    size_t after;
    unsigned labels;
    unsigned pointers;
    bool plain;
    struct bj_fault fault;
};

/* The run starts where the walk has been; no bound is passed yet. */
/*@
  predicate valid_walk(struct walk *w) =
    \valid(w) && valid_cursor(&w->c) && w->after <= w->c.len &&
    \separated(w, w->c.base + (0 .. w->c.len - 1)) &&
    w->pointers <= BJ_NAME_POINTERS_MAX && 2 * w->labels <= w->total;

  predicate walk_goes_on(struct walk *w) =
    w->c.status == BJ_OK && w->run <= w->c.pos && w->total < BJ_NAME_MAX;

  predicate same_input{A,B}(struct walk *w) =
    \at(w->c.base, A) == \at(w->c.base, B) &&
    \at(w->c.len, A) == \at(w->c.len, B);
*/

/*@
  requires \valid(w) && valid_cursor(c) && c->status == BJ_OK;
  requires \separated(w, c, c->base + (0 .. c->len - 1));
  assigns *w;
  ensures valid_walk(w) && walk_goes_on(w);
  ensures w->c.base == c->base && w->c.len == c->len && w->c.pos == c->pos;
  ensures w->total == 0 && w->after == 0 && w->plain == plain;
*/
BJ_INLINE void walk_init(struct walk *w, const struct bj_cursor *c, bool plain)
{
    bj_cursor_init(&w->c, c->base, c->len);
    w->c.pos = c->pos;
    w->run = c->pos;
    w->total = 0;
    w->after = 0;
    w->labels = 0;
    w->pointers = 0;
    w->plain = plain;
    w->fault.kind = BJ_FAULT_NONE;
    w->fault.at = 0;
}

/*@
  requires \valid(w) && kind != BJ_FAULT_NONE;
  assigns w->fault;
  ensures \result == STEP_FAULT && w->fault.kind != BJ_FAULT_NONE;
*/
static inline unsigned walk_fault(struct walk *w, enum bj_fault_kind kind,
                                  size_t at)
{
    (void)bj_fault_note(&w->fault, kind, at);
    return STEP_FAULT;
}

/*
 * Goes where the pointer whose first octet was read leads: strictly before
 * the run it ends, so that runs only descend and the walk has an end, and
 * behind the header, where no name is (RFC 1035 section 4.1.4: "a prior
 * occurance of the same name").
 */
/*@
  requires valid_walk(w) && walk_goes_on(w) && at < w->c.pos;
  requires BJ_POINTER_BITS <= octet <= 255;
  assigns w->c.pos, w->c.status, w->run, w->after, w->pointers, w->fault;
  ensures valid_walk(w);
  ensures \result == STEP_POINTER || \result == STEP_FAULT;
  ensures \result == STEP_FAULT ==> w->fault.kind != BJ_FAULT_NONE;
  ensures \result == STEP_POINTER ==>
    walk_goes_on(w) && w->run < \old(w->run) && !w->plain &&
    w->after > 0 && (\old(w->after) == 0 ==> w->after > \old(w->c.pos)) &&
    (\old(w->after) > 0 ==> w->after == \old(w->after));
*/
BJ_INLINE unsigned walk_pointer(struct walk *w, unsigned octet, size_t at)
{
    size_t target = (octet - BJ_POINTER_BITS) * 256U + bj_cursor_u8(&w->c);

    if (!bj_cursor_ok(&w->c))
        return walk_fault(w, BJ_FAULT_CUT, at);
    if (w->plain)
        return walk_fault(w, BJ_FAULT_POINTER_FORBIDDEN, at);
    if (target < BJ_HEADER_LEN)
        return walk_fault(w, BJ_FAULT_POINTER_HEADER, at);
    if (target >= w->run)
        return walk_fault(w, BJ_FAULT_POINTER_FORWARD, at);
    if (w->pointers == BJ_NAME_POINTERS_MAX)
        return walk_fault(w, BJ_FAULT_POINTER_CHAIN, at);
    w->pointers += 1;
    if (w->after == 0)
        w->after = w->c.pos;
    w->run = target;
    w->c.pos = target;
    return STEP_POINTER;
}

/*
 * One label, the root or a pointer. Within a run each step moves forward and
 * a pointer lowers `run`, so a walk ends; `total` bounds the labels.
 */
/*@
  requires valid_walk(w) && walk_goes_on(w);
  assigns w->c.pos, w->c.status, w->run, w->total, w->after, w->labels,
    w->pointers, w->fault;
  ensures valid_walk(w);
  ensures \result <= BJ_LABEL_MAX || \result == STEP_POINTER ||
    \result == STEP_FAULT;
  ensures \result == STEP_FAULT ==> w->fault.kind != BJ_FAULT_NONE;
  ensures \result <= BJ_LABEL_MAX ==>
    w->total == \old(w->total) + \result + 1 &&
    w->c.pos == \old(w->c.pos) + \result + 1 && w->c.status == BJ_OK &&
    w->run == \old(w->run) && w->after == \old(w->after);
  ensures 1 <= \result <= BJ_LABEL_MAX ==> walk_goes_on(w);
  ensures \result == STEP_ROOT ==>
    w->total <= BJ_NAME_MAX && 2 * w->labels < w->total;
  ensures \result == STEP_POINTER ==>
    walk_goes_on(w) && w->run < \old(w->run) && !w->plain &&
    w->total == \old(w->total) &&
    w->after > 0 && (\old(w->after) == 0 ==> w->after > \old(w->c.pos)) &&
    (\old(w->after) > 0 ==> w->after == \old(w->after));
*/
BJ_INLINE unsigned walk_step(struct walk *w)
{
    size_t at = w->c.pos;
    unsigned octet = bj_cursor_u8(&w->c);

    if (octet > BJ_LABEL_MAX) {
        if (octet < BJ_POINTER_BITS)
            return walk_fault(w, BJ_FAULT_LABEL_TYPE, at);
        return walk_pointer(w, octet, at);
    }
    bj_cursor_skip(&w->c, octet);
    if (!bj_cursor_ok(&w->c))
        return walk_fault(w, BJ_FAULT_CUT, at);
    w->total += octet + 1;
    if (octet == 0)
        return STEP_ROOT;
    /* The root's octet must still fit (RFC 1035 section 3.1). */
    if (w->total > BJ_NAME_MAX - 1)
        return walk_fault(w, BJ_FAULT_NAME_LENGTH, at);
    w->labels += 1;
    return octet;
}

/* To the end of the run: STEP_ROOT, STEP_POINTER or STEP_FAULT. */
/*@
  requires valid_walk(w) && walk_goes_on(w);
  assigns w->c.pos, w->c.status, w->run, w->total, w->after, w->labels,
    w->pointers, w->fault;
  ensures valid_walk(w);
  ensures \result == STEP_ROOT || \result == STEP_POINTER ||
    \result == STEP_FAULT;
  ensures \result == STEP_FAULT ==> w->fault.kind != BJ_FAULT_NONE;
  ensures \result == STEP_ROOT ==>
    w->total <= BJ_NAME_MAX && 2 * w->labels < w->total &&
    w->c.pos - \old(w->c.pos) == w->total - \old(w->total) > 0 &&
    w->c.status == BJ_OK && w->after == \old(w->after);
  ensures \result == STEP_POINTER ==>
    walk_goes_on(w) && w->run < \old(w->run) && !w->plain &&
    \old(w->total) <= w->total &&
    w->total - \old(w->total) <= w->c.len - \old(w->c.pos) &&
    w->after > 0 && (\old(w->after) == 0 ==> w->after > \old(w->c.pos)) &&
    (\old(w->after) > 0 ==> w->after == \old(w->after));
*/
BJ_INLINE unsigned walk_run(struct walk *w)
{
    unsigned step;

    /*@
      loop invariant valid_walk(w) && walk_goes_on(w);
      loop invariant w->run == \at(w->run, Pre);
      loop invariant w->after == \at(w->after, Pre);
      loop invariant \at(w->c.pos, Pre) <= w->c.pos;
      loop invariant \at(w->total, Pre) <= w->total;
      loop invariant
        w->c.pos - \at(w->c.pos, Pre) == w->total - \at(w->total, Pre);
      loop assigns step, w->c.pos, w->c.status, w->run, w->total, w->after,
        w->labels, w->pointers, w->fault;
      loop variant w->c.len - w->c.pos;
    */
    do
        step = walk_step(w);
    while (step != STEP_ROOT && step <= BJ_LABEL_MAX);
    return step;
}

/*@
  requires \valid_read(w);
  assigns \nothing;
  ensures \result == (w->after != 0 ? w->after : w->c.pos);
*/
static inline size_t walk_after(const struct walk *w)
{
    return w->after != 0 ? w->after : w->c.pos;
}

static enum bj_status read_name(struct bj_cursor *c, struct bj_name *name,
                                struct bj_fault *why, bool plain)
{
    struct walk w;
    unsigned step;

    name->len = 0;
    name->label_count = 0;
    if (!bj_cursor_ok(c))
        return c->status;
    walk_init(&w, c, plain);
    /* Ends: see walk_step. */
    do {
        struct bj_cursor from = w.c;
        size_t total = w.total;

        step = walk_run(&w);
        if (step == STEP_FAULT)
            return bj_fault_note(why, w.fault.kind, w.fault.at);
        if (w.total > total)
            memcpy(name->octets + total,
                   bj_cursor_bytes(&from, w.total - total), w.total - total);
    } while (step != STEP_ROOT);
    name->len = (uint8_t)w.total;
    name->label_count = (uint8_t)w.labels;
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

/* Folding the length octets too is harmless: they are below 'A'. */
static bool same_octets(const uint8_t *a, const uint8_t *b, size_t len)
{
    return memcmp(a, b, len) == 0 || bj_ascii_equal_nocase(a, len, b, len);
}

/* The offset of a known suffix equal to `name` from `at` on, or 0. */
static uint16_t find_suffix(const struct bj_name_suffixes *known,
                            const struct bj_name *name, size_t at)
{
    size_t len = name->len - at;

    for (size_t i = 0; i < known->count; i++) {
        const struct bj_name *other = known->known[i].name;
        size_t other_at = known->known[i].at;

        if (other->len - other_at == len &&
            memcmp(other->octets + other_at, name->octets + at, len) == 0)
            return known->known[i].offset;
    }
    return 0;
}

static void remember_suffix(struct bj_name_suffixes *known,
                            const struct bj_name *name, size_t at,
                            size_t offset)
{
    if (known->count == BJ_NAME_SUFFIXES_MAX || offset >= BJ_NAME_OFFSETS)
        return;
    known->known[known->count].name = name;
    known->known[known->count].offset = (uint16_t)offset;
    known->known[known->count].at = (uint8_t)at;
    known->count += 1;
}

void bj_name_write_compressed(struct bj_writer *w, const struct bj_name *name,
                              struct bj_name_suffixes *known)
{
    size_t start = w->len;
    size_t at = 0;

    /* Ends: each turn passes a label. The root alone is not worth two
     * octets. */
    while (at + 1 < name->len) {
        uint16_t offset = find_suffix(known, name, at);

        if (offset != 0) {
            bj_writer_bytes(w, name->octets, at);
            bj_writer_u16(w, (uint16_t)(BJ_POINTER_BITS * 256U + offset));
            return;
        }
        remember_suffix(known, name, at, start + at);
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
    /* To the label where as many octets are left; ends at the root's. */
    while ((size_t)name->len - at > ancestor->len)
        at += name->octets[at] + 1U;
    return (size_t)name->len - at == ancestor->len &&
           same_octets(name->octets + at, ancestor->octets, ancestor->len);
}

/* The octet that the escape behind a backslash stands for. */
static uint8_t parse_escape(struct bj_cursor *c)
{
    unsigned value = 0;

    if (!bj_ascii_is_digit(bj_cursor_peek(c)))
        return bj_cursor_u8(c);
    for (int i = 0; i < 3; i++) {
        uint8_t digit = bj_cursor_u8(c);

        if (!bj_ascii_is_digit(digit))
            bj_cursor_fail(c, BJ_BAD);
        value = value * 10U + digit - '0';
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
static size_t parse_label(struct bj_cursor *c, struct bj_name *name,
                          size_t total)
{
    size_t room = BJ_NAME_MAX - 1 - total;
    size_t len = 0;

    /* Ends: each turn consumes a character. */
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
    dot = bj_ascii_equal_text(c.base, len, ".");
    if (dot)
        bj_cursor_skip(&c, 1);
    /* Ends: a label consumes at least a character. */
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
    name->octets[total] = 0;
    name->len = (uint8_t)(total + 1);
    name->label_count = (uint8_t)labels;
    if (absolute != NULL)
        *absolute = dot;
    return BJ_OK;
}

/* Characters that mean something in a master file (RFC 1035 section 5.1). */
static const char special[] = {'.', '\\', '"', '(', ')', ';', '@', '$'};

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

void bj_name_format(struct bj_writer *w, const struct bj_name *name)
{
    size_t at = 0;

    if (name->len == 1)
        bj_writer_char(w, '.');
    /* Ends: each turn passes a label. */
    while (at + 1 < name->len) {
        size_t end = at + name->octets[at] + 1U;

        for (at += 1; at < end; at++)
            format_octet(w, name->octets[at]);
        bj_writer_char(w, '.');
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

/* The octets of a label in lower case; whether all may stand in a host name,
 * and so the first. */
static inline bool spell_label(const uint8_t *label, size_t len, char *text)
{
    unsigned all = MARK;

    for (size_t i = 0; i < len; i++) {
        unsigned octet = host_octet[label[i]];

        all &= octet;
        text[i] = (char)octet;
    }
    return all >= MARK && text[0] != '-';
}

/* Puts the NUL in place of the dot behind the last label, which begins at
 * `last`. False if that is all digits, or if there is none. */
static bool end_spelling(char *text, size_t len, size_t last)
{
    size_t at = last;

    if (len == 0)
        return false;
    text[len - 1] = '\0';
    while (bj_ascii_is_digit(text[at]))
        at += 1;
    return at + 1 < len;
}

bool bj_name_spell_host(const struct bj_name *name, char *text)
{
    size_t at = 0;
    size_t last = 0;

    /* Each label, less its length, and a dot behind it. Ends: each turn
     * passes a label. */
    while (at + 1 < name->len) {
        size_t len = name->octets[at];

        if (!spell_label(name->octets + at + 1, len, text + at))
            return false;
        text[at + len] = '.';
        last = at;
        at += len + 1;
    }
    return end_spelling(text, at, last);
}

size_t bj_name_read_host(struct bj_cursor *c, char *text)
{
    struct walk w;
    size_t len = 0;
    size_t last = 0;

    if (!bj_cursor_ok(c))
        return 0;
    walk_init(&w, c, false);
    /* Ends: see walk_step. */
    for (;;) {
        struct bj_cursor from = w.c;
        unsigned step = walk_step(&w);

        if (step == STEP_FAULT)
            return 0;
        if (step == STEP_ROOT)
            break;
        if (step == STEP_POINTER)
            continue;
        bj_cursor_skip(&from, 1);
        if (!spell_label(bj_cursor_bytes(&from, step), step, text + len))
            return 0;
        last = len;
        len += step + 1U;
        text[len - 1] = '.';
    }
    if (!end_spelling(text, len, last))
        return 0;
    c->pos = walk_after(&w);
    return len - 1;
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

void bj_name_matcher_init(struct bj_name_matcher *matcher, size_t len,
                          const struct bj_name *wanted, size_t same_at)
{
    matcher->wanted = wanted;
    matcher->len = len;
    matcher->same_at = same_at < BJ_NAME_OFFSETS ? (uint16_t)same_at : 0;
    matcher->in_use = false;
    matcher->steps = 0;
}

/* What is known of the name that starts at some offset. */
struct suffix {
    size_t len;
    unsigned pointers;
    bool same;
    uint16_t target; /* where the pointer that ends the run leads, or 0 */
};

/* A label (the root's too) or pointer that a walk met. */
struct met {
    uint16_t at;
    uint16_t target; /* of a pointer; 0 for a label */
    uint8_t len;     /* octets of a label with its length octet */
};

struct trail {
    struct met met[BJ_NAME_LABELS_MAX + 1 + BJ_NAME_POINTERS_MAX];
    size_t count;
};

static void trail_add(struct trail *trail, size_t at, size_t target, size_t len)
{
    struct met *met = &trail->met[trail->count];

    met->at = (uint16_t)at;
    met->target = (uint16_t)target;
    met->len = (uint8_t)len;
    trail->count += 1;
}

/* What an earlier walk found out about `at`. Only where a pointer led: what
 * stands in place must be passed over anyway. */
static bool recall(const struct bj_name_matcher *matcher, const struct walk *w,
                   struct suffix *suffix)
{
    size_t at = w->c.pos;

    if (w->after == 0 || at >= BJ_NAME_OFFSETS || matcher->suffix_len[at] == 0)
        return false;
    suffix->len = matcher->suffix_len[at];
    suffix->pointers = matcher->suffix_pointers[at];
    suffix->same = matcher->suffix_same[at] != 0;
    suffix->target = matcher->run_target[at];
    return true;
}

/*
 * Walks until the root or something known, noting what it meets. False if
 * the name is not to be accepted: the walk's own fault; or together with the
 * known rest it is too long, has too many pointers, or its run, longer than
 * the one known, is led back into itself.
 */
static bool walk_to_known(const struct bj_name_matcher *matcher, struct walk *w,
                          struct trail *trail, struct suffix *suffix)
{
    suffix->len = 0;
    suffix->pointers = 0;
    suffix->same = true;
    suffix->target = 0;
    trail->count = 0;
    /* Ends: see walk_step. */
    while (!recall(matcher, w, suffix)) {
        size_t at = w->c.pos;
        unsigned step = walk_step(w);

        if (step == STEP_FAULT)
            return false;
        if (step == STEP_POINTER)
            trail_add(trail, at, w->run, 0);
        else
            trail_add(trail, at, 0, step + 1U);
        if (step == STEP_ROOT)
            return true;
    }
    return w->total + suffix->len <= BJ_NAME_MAX &&
           w->pointers + suffix->pointers <= BJ_NAME_POINTERS_MAX &&
           suffix->target < w->run;
}

/* Puts a label in front of a suffix of which all is known. */
static void suffix_extend(struct suffix *suffix, const struct bj_name *wanted,
                          struct bj_cursor c, const struct met *met)
{
    const uint8_t *label;

    c.pos = met->at;
    label = bj_cursor_bytes(&c, met->len);
    suffix->len += met->len;
    suffix->same =
        suffix->same && suffix->len <= wanted->len &&
        same_octets(label, wanted->octets + (wanted->len - suffix->len),
                    met->len);
}

/* From the end of the trail to its start, so that each offset is decided by
 * the one behind it, and kept. */
static void unwind(struct bj_name_matcher *matcher, const struct walk *w,
                   const struct trail *trail, struct suffix *suffix)
{
    for (size_t i = trail->count; i > 0; i--) {
        const struct met *met = &trail->met[i - 1];

        if (met->target != 0) {
            suffix->pointers += 1;
            suffix->target = met->target;
        } else {
            suffix_extend(suffix, matcher->wanted, w->c, met);
        }
        if (met->at < BJ_NAME_OFFSETS) {
            matcher->suffix_len[met->at] = (uint8_t)suffix->len;
            matcher->suffix_pointers[met->at] = (uint8_t)suffix->pointers;
            matcher->suffix_same[met->at] = suffix->same;
            matcher->run_target[met->at] = suffix->target;
        }
    }
}

/* Clears what can be met in a message of this length: its octets and the one
 * behind them, where a label may end. */
static void matcher_start(struct bj_name_matcher *matcher)
{
    size_t len = matcher->len + 1;

    if (len > BJ_NAME_OFFSETS)
        len = BJ_NAME_OFFSETS;
    if (!matcher->in_use)
        memset(matcher->suffix_len, 0, len);
    matcher->in_use = true;
}

/* Whether a lone pointer to `target` is a name of which all is known. Where
 * its run leads is before it, for that was seen when it was found out. */
static bool knows(const struct bj_name_matcher *matcher, size_t target)
{
    return matcher->suffix_len[target] != 0 &&
           matcher->suffix_pointers[target] < BJ_NAME_POINTERS_MAX;
}

enum bj_status bj_name_match(struct bj_name_matcher *matcher,
                             struct bj_cursor *c, bool *same,
                             struct bj_fault *why)
{
    struct walk w;
    struct trail trail;
    struct suffix suffix;
    struct bj_cursor behind = *c;
    size_t target;

    *same = false;
    if (c->len != matcher->len || c->len > BJ_MESSAGE_MAX)
        return BJ_BUG;
    matcher_start(matcher);
    if (bj_name_is_pointer(&behind, &target) &&
        (target == matcher->same_at || knows(matcher, target))) {
        *same = target == matcher->same_at ||
                (matcher->suffix_same[target] != 0 &&
                 matcher->suffix_len[target] == matcher->wanted->len);
        c->pos = behind.pos;
        return BJ_OK;
    }
    walk_init(&w, c, false);
    if (!bj_cursor_ok(c) || !walk_to_known(matcher, &w, &trail, &suffix)) {
        struct bj_name name;
        enum bj_status status = bj_name_read(c, &name, why);

        /* Reading again says which rule is broken, and where. */
        return status == BJ_OK ? BJ_BUG : status;
    }
    unwind(matcher, &w, &trail, &suffix);
    matcher->steps += (uint32_t)trail.count;
    *same = suffix.same && suffix.len == matcher->wanted->len;
    if (*same && trail.met[0].target != 0)
        matcher->same_at = trail.met[0].target;
    c->pos = walk_after(&w);
    return BJ_OK;
}
