#include "core/addr/ip6.h"

#include <string.h>

#include "core/addr/ip4.h"
#include "core/bytes/ascii.h"

/* Where "::" stood, as an offset into the octets; NO_GAP if nowhere. */
enum { OCTETS = 16, NO_GAP = OCTETS + 1 };

/* One group of one to four digits; fails the cursor on none. A fifth digit
 * is left for the caller, to whom it is neither colon nor end. */
/*@
  requires valid_cursor(c);
  assigns c->pos, c->status;
  ensures valid_cursor(c) && \result <= 0xffff;
  ensures
    (c->status == \old(c->status) &&
      \old(c->pos) + 1 <= c->pos <= \old(c->pos) + 4) ||
    (c->status != BJ_OK && c->pos == c->len);
*/
static unsigned read_group(struct bj_cursor *c)
{
    unsigned value = 0;

    /*@
      loop invariant 0 <= i <= 4 && valid_cursor(c);
      loop invariant c->status == \at(c->status, Pre);
      loop invariant c->pos == \at(c->pos, Pre) + i;
      loop invariant (i == 0 ==> value == 0) && (i == 1 ==> value <= 0xf) &&
        (i == 2 ==> value <= 0xff) && (i == 3 ==> value <= 0xfff) &&
        value <= 0xffff;
      loop assigns i, value, c->pos, c->status;
      loop variant 4 - i;
    */
    for (int i = 0; i < 4; i++) {
        int digit = bj_ascii_hex_value(bj_cursor_peek(c));

        if (digit < 0) {
            if (i == 0)
                bj_cursor_fail(c, BJ_BAD);
            break;
        }
        value = value * 16U + (unsigned)digit;
        bj_cursor_skip(c, 1);
    }
    return value;
}

/*
 * Reads the dotted quad that began at `start`, its first digits behind us as
 * if they were a group. By a cursor of its own: so c's address never leaves
 * this file, and c can live in registers.
 */
/*@
  requires valid_cursor(c) && start <= c->pos <= start + 4;
  requires \valid(out + (0 .. 3));
  requires \separated(out + (0 .. 3), c, c->base + (0 .. c->len - 1));
  assigns c->pos, c->status, out[0 .. 3];
  ensures valid_cursor(c);
  ensures
    (c->status == \old(c->status) && start + 7 <= c->pos <= start + 15) ||
    (c->status != BJ_OK && c->pos == c->len);
*/
static void read_tail(struct bj_cursor *c, size_t start, uint8_t *out)
{
    struct bj_cursor tail;

    bj_cursor_init(&tail, c->base, c->len);
    bj_cursor_skip(&tail, start);
    bj_ip4_read(&tail, out);
    if (bj_cursor_ok(&tail))
        bj_cursor_skip(c, tail.pos - c->pos);
    else
        bj_cursor_fail(c, tail.status);
}

/*
 * Reads the groups up to the end of the address into out[0..], without
 * making room for "::" yet. Returns the octets filled; *gap says where the
 * "::" stood.
 */
/*@
  requires valid_cursor(c) && \valid(out + (0 .. OCTETS - 1)) && \valid(gap);
  requires \separated(out + (0 .. OCTETS - 1), gap, c,
                      c->base + (0 .. c->len - 1));
  requires *gap == NO_GAP;
  assigns c->pos, c->status, *gap, out[0 .. OCTETS - 1];
  ensures valid_cursor(c) && \result <= OCTETS;
  ensures c->pos > \old(c->pos) || c->status != BJ_OK;
  ensures c->pos >= \old(c->pos);
  ensures c->status == BJ_OK ==> \old(c->status) == BJ_OK;
  ensures *gap == NO_GAP || *gap <= \result;
*/
static size_t read_groups(struct bj_cursor *c, uint8_t *out, size_t *gap)
{
    size_t used = 0;

    /*@
      loop invariant valid_cursor(c) && used <= OCTETS - 2 && used % 2 == 0;
      loop invariant *gap == NO_GAP || *gap <= used;
      loop invariant c->pos >= \at(c->pos, Pre);
      loop invariant c->status == BJ_OK ==> \at(c->status, Pre) == BJ_OK;
      loop assigns used, *gap, c->pos, c->status, out[0 .. OCTETS - 1];
      loop variant c->len - c->pos;
    */
    for (;;) {
        size_t start;
        unsigned group;

        if (bj_cursor_peek(c) == ':' && *gap == NO_GAP) {
            *gap = used;
            bj_cursor_skip(c, 1);
            if (bj_ascii_hex_value(bj_cursor_peek(c)) < 0)
                return used;
        }
        start = c->pos;
        group = read_group(c);
        if (bj_cursor_peek(c) == '.' && used <= OCTETS - 4) {
            read_tail(c, start, out + used);
            return used + 4;
        }
        out[used] = (uint8_t)(group / 256U);
        out[used + 1] = (uint8_t)(group % 256U);
        used += 2;
        if (used == OCTETS || bj_cursor_peek(c) != ':')
            return used;
        bj_cursor_skip(c, 1);
    }
}

/*
 * Moves the octets from `gap` to the end, leaving zeros: from the last to
 * the first, for the places may overlap. By hand, since they are few (two,
 * more often than not) and a call to memmove costs more than all of them.
 */
/*@
  requires gap <= used <= OCTETS && \valid(out + (0 .. OCTETS - 1));
  assigns out[0 .. OCTETS - 1];
*/
static void open_gap(uint8_t out[static OCTETS], size_t gap, size_t used)
{
    /*@
      loop invariant 1 <= i <= used - gap + 1;
      loop assigns i, out[0 .. OCTETS - 1];
      loop variant used - gap - i;
    */
    for (size_t i = 1; i <= used - gap; i++) {
        out[OCTETS - i] = out[used - i];
        out[used - i] = 0;
    }
}

/* By a cursor of its own, for the reason that bj_ip4_read has. */
void bj_ip6_read(struct bj_cursor *c, uint8_t out[static 16])
{
    struct bj_cursor own;
    size_t gap = NO_GAP;
    size_t used;

    memset(out, 0, OCTETS);
    bj_cursor_init(&own, c->base, c->len);
    bj_cursor_skip(&own, c->pos);
    if (bj_cursor_peek(&own) == ':') {
        /* Only as the first half of "::"; the second is read as the gap. */
        bj_cursor_skip(&own, 1);
        if (bj_cursor_peek(&own) != ':')
            bj_cursor_fail(&own, BJ_BAD);
    }
    used = read_groups(&own, out, &gap);
    /* RFC 4291 section 2.2: "::" is one or more groups, and without it
     * there are eight. */
    if (!bj_cursor_ok(&own) || (gap == NO_GAP) != (used == OCTETS)) {
        bj_cursor_fail(c, BJ_BAD);
        memset(out, 0, OCTETS);
        return;
    }
    bj_cursor_skip(c, own.pos - c->pos);
    if (gap != NO_GAP)
        open_gap(out, gap, used);
}

enum bj_status bj_ip6_parse(const uint8_t *text, size_t len,
                            uint8_t out[static 16])
{
    struct bj_cursor c;

    bj_cursor_init(&c, text, len);
    bj_ip6_read(&c, out);
    if (bj_cursor_end(&c) != BJ_OK)
        memset(out, 0, OCTETS);
    return bj_cursor_end(&c);
}

/*@ assigns \nothing; */
static bool is_zone_char(uint8_t ch)
{
    return bj_ascii_is_graph(ch) && ch != '/' && ch != ':' && ch != '%' &&
           ch != '[' && ch != ']';
}

/* Checks that the rest is a zone and says whether it is a number. */
/*@
  requires c.pos <= c.len;
  requires c.len > 0 ==> \valid_read(c.base + (0 .. c.len - 1));
  requires \valid(status);
  assigns *status;
  ensures *status == BJ_OK ==> 0 < c.len - c.pos <= BJ_ZONE_MAX;
*/
static bool check_zone(struct bj_cursor c, enum bj_status *status)
{
    size_t len = bj_cursor_left(&c);
    bool number = true;

    *status = len == 0 ? BJ_BAD : len > BJ_ZONE_MAX ? BJ_LIMIT : BJ_OK;
    /*@
      loop invariant c.pos <= c.len;
      loop invariant *status == BJ_OK ==> 0 < len <= BJ_ZONE_MAX;
      loop assigns c.pos, c.status, *status, number;
      loop variant c.len - c.pos;
    */
    while (*status == BJ_OK && bj_cursor_left(&c) > 0) {
        uint8_t ch = bj_cursor_u8(&c);

        if (!is_zone_char(ch))
            *status = BJ_BAD;
        number = number && bj_ascii_is_digit(ch);
    }
    return number;
}

/* The zone behind "%", all that is left of c, into scope or zone. */
/*@
  requires valid_cursor(c) && \valid(scope) && \valid(zone);
  requires \separated(c, scope, zone, c->base + (0 .. c->len - 1));
  requires zone->len == 0;
  assigns c->pos, c->status, *scope, *zone;
  ensures valid_cursor(c);
  ensures zone->len == 0 || (zone->len <= BJ_ZONE_MAX &&
    zone->len == \old(c->len - c->pos) &&
    zone->text == c->base + \old(c->pos));
*/
static void read_zone(struct bj_cursor *c, uint32_t *scope,
                      struct bj_zone *zone)
{
    enum bj_status status;
    bool number = check_zone(*c, &status);

    if (status != BJ_OK) {
        bj_cursor_fail(c, status);
    } else if (number) {
        *scope = (uint32_t)bj_ascii_read_dec(c, UINT32_MAX);
    } else {
        zone->len = bj_cursor_left(c);
        zone->text = bj_cursor_bytes(c, zone->len);
    }
}

enum bj_status bj_ip6_parse_zone(const uint8_t *text, size_t len,
                                 struct bj_address *out, struct bj_zone *zone)
{
    struct bj_cursor c;
    enum bj_status status;

    *out = (struct bj_address){0};
    *zone = (struct bj_zone){0};
    bj_cursor_init(&c, text, len);
    bj_ip6_read(&c, out->octets);
    if (bj_cursor_peek(&c) == '%') {
        bj_cursor_skip(&c, 1);
        read_zone(&c, &out->scope, zone);
    }
    status = bj_cursor_end(&c);
    if (status != BJ_OK)
        *out = (struct bj_address){0};
    else
        out->family = BJ_FAMILY_IP6;
    return status;
}

/* Eight groups as numbers, and the run of zeros that "::" stands for. */
struct layout {
    unsigned groups[8];
    size_t run_at;
    size_t run_len;
};

/*@
  predicate valid_layout(struct layout *l) = \valid(l) &&
    ((l->run_at == 8 && l->run_len == 0) ||
      (l->run_len >= 2 && l->run_at + l->run_len <= 8)) &&
    (\forall integer k; 0 <= k < 8 ==> l->groups[k] <= 0xffff);
*/

/*
 * RFC 5952 section 4.2: the longest run of zero groups, the first of equals,
 * and never a single group.
 */
/*@
  requires \valid(l) && \valid_read(octets + (0 .. 15));
  requires \separated(l, octets + (0 .. 15));
  assigns *l;
  ensures valid_layout(l);
*/
static void find_run(struct layout *l, const uint8_t octets[static 16])
{
    size_t run = 0;

    l->run_at = 8;
    l->run_len = 1;
    /*@
      loop invariant i <= 8 && run <= i;
      loop invariant (l->run_at == 8 && l->run_len == 1) ||
        (l->run_len >= 2 && l->run_at + l->run_len <= i);
      loop invariant \forall integer k; 0 <= k < i ==> l->groups[k] <= 0xffff;
      loop assigns i, run, *l;
      loop variant 8 - i;
    */
    for (size_t i = 0; i < 8; i++) {
        l->groups[i] = octets[2 * i] * 256U + octets[2 * i + 1];
        run = l->groups[i] == 0 ? run + 1 : 0;
        if (run > l->run_len) {
            l->run_len = run;
            l->run_at = i + 1 - run;
        }
    }
    if (l->run_at == 8)
        l->run_len = 0;
}

/* Whether the last two groups are written as an IPv4 address. */
/*@
  requires valid_layout(l);
  assigns \nothing;
  ensures \result ==> l->run_at == 0 && 5 <= l->run_len <= 6;
*/
static bool has_ip4_tail(const struct layout *l)
{
    if (l->run_at != 0)
        return false;
    return l->run_len == 6 || (l->run_len == 5 && l->groups[5] == 0xffff);
}

/*
 * Puts the hexadecimal digits of one group at out[at] and returns how many.
 * All four are stored, leading zeros shifted out first, so that no loop runs
 * a number of times that nobody can predict. Up to three octets behind the
 * digits are clobbered.
 */
/*@
  requires value <= 0xffff && at <= BJ_IP6_TEXT_MAX - 4;
  requires \valid(out + (at .. at + 3));
  assigns out[at .. at + 3];
  ensures 1 <= \result <= 4;
*/
static size_t put_group(char *out, size_t at, unsigned value)
{
    static const char hex[16] = "0123456789abcdef";
    unsigned count = value >= 0x1000U  ? 4
                     : value >= 0x100U ? 3
                     : value >= 0x10U  ? 2
                                       : 1;
    unsigned left = value * 0x1000U >> 4U * (count - 1);

    out[at] = hex[left / 4096U % 16U];
    out[at + 1] = hex[left / 256U % 16U];
    out[at + 2] = hex[left / 16U % 16U];
    out[at + 3] = hex[left % 16U];
    return count;
}

size_t bj_ip6_format(const uint8_t octets[static 16],
                     char out[static BJ_IP6_TEXT_MAX])
{
    struct layout l;
    size_t at = 0;
    size_t groups;
    size_t i = 0;

    find_run(&l, octets);
    groups = has_ip4_tail(&l) ? 6 : 8;
    /* A group takes five characters with its colon, the run fewer. */
    /*@
      loop invariant i <= groups && at <= 5 * i - (i > 0 ? 1 : 0);
      loop invariant i > 0 ==> at > 0 && (i == 8 ==> at >= 2);
      loop assigns i, at, out[0 .. BJ_IP6_TEXT_MAX - 1];
      loop variant groups - i;
    */
    while (i < groups) {
        if (i == l.run_at) {
            out[at] = ':';
            at += 1;
            i += l.run_len;
            if (i == 8) {
                out[at] = ':';
                at += 1;
            }
            continue;
        }
        if (i > 0) {
            out[at] = ':';
            at += 1;
        }
        at += put_group(out, at, l.groups[i]);
        i += 1;
    }
    if (groups == 6) {
        out[at] = ':';
        at += 1;
        return at + bj_ip4_format(octets + 12, out + at);
    }
    out[at] = 0;
    return at;
}

void bj_ip6_write(struct bj_writer *w, const uint8_t octets[static 16])
{
    char text[BJ_IP6_TEXT_MAX];
    size_t len = bj_ip6_format(octets, text);

    bj_writer_bytes(w, (const uint8_t *)text, len);
}
