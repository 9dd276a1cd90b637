#include "core/bytes/hexdump.h"

#include "core/bytes/ascii.h"

/* Digits that an offset has: at least as many, so that octets written two or
 * three digits a word are not taken for one; at most what 64 bits hold. */
enum { OFFSET_DIGITS_MIN = 4, OFFSET_DIGITS_MAX = 16 };

/*@ assigns \nothing; ensures \result ==> ch >= 0; */
static bool is_blank(int ch)
{
    return ch == ' ' || ch == '\t' || ch == '\r';
}

/*@
  requires valid_cursor(line);
  assigns line->pos, line->status;
  ensures valid_cursor(line) && line->status == \old(line->status);
  ensures line->pos == \old(line->pos) + \result;
*/
static size_t skip_blanks(struct bj_cursor *line)
{
    size_t count = 0;

    /*@
      loop invariant valid_cursor(line);
      loop invariant line->status == \at(line->status, Pre);
      loop invariant line->pos == \at(line->pos, Pre) + count;
      loop assigns count, line->pos, line->status;
      loop variant line->len - line->pos;
    */
    while (is_blank(bj_cursor_peek(line))) {
        bj_cursor_skip(line, 1);
        count += 1;
    }
    return count;
}

/*@
  predicate hex_digits(uint8_t *at, integer len) =
    \forall integer i; 0 <= i < len ==> is_hex_digit(at[i]);

  predicate valid_word(struct bj_cursor *w) =
    valid_cursor(w) && w->pos == 0 && hex_digits(w->base, w->len);
*/

/* The digits of a word as a cursor over them, behind an optional 0x. */
/*@
  requires valid_cursor(line) && \valid(word);
  requires \separated(word, line, line->base + (0 .. line->len - 1));
  assigns line->pos, line->status, *word;
  ensures valid_cursor(line) && line->status == \old(line->status);
  ensures valid_word(word);
  ensures line->pos >= \old(line->pos) + word->len;
  ensures word->len > 0 ==>
    word->base == line->base + (line->pos - word->len);
*/
static void read_word(struct bj_cursor *line, struct bj_cursor *word)
{
    struct bj_cursor ahead = *line;
    size_t count = 0;

    if (bj_cursor_u8(&ahead) == '0' && (bj_cursor_u8(&ahead) | 32) == 'x' &&
        bj_cursor_ok(&ahead))
        bj_cursor_skip(line, 2);
    ahead = *line;
    /*@
      loop invariant valid_cursor(&ahead);
      loop invariant ahead.status == line->status;
      loop invariant ahead.pos == line->pos + count;
      loop invariant hex_digits(line->base + line->pos, count);
      loop assigns count, ahead.pos, ahead.status;
      loop variant ahead.len - ahead.pos;
    */
    while (bj_ascii_hex_value(bj_cursor_peek(&ahead)) >= 0) {
        bj_cursor_skip(&ahead, 1);
        count += 1;
    }
    bj_cursor_narrow(line, count, word);
}

/* Whether the digits are the number `octets`. */
/*@
  requires valid_word(word);
  assigns word->pos, word->status;
*/
static bool counts(struct bj_cursor *word, uint64_t octets)
{
    uint64_t value = 0;

    /*@
      loop invariant valid_cursor(word);
      loop assigns value, word->pos, word->status;
      loop variant word->len - word->pos;
    */
    while (bj_cursor_left(word) > 0) {
        if (value > octets / 16U)
            return false;
        value = value * 16U + (uint64_t)bj_ascii_hex_value(bj_cursor_u8(word));
    }
    return value == octets;
}

/*
 * Passes over an offset if the line begins with one. Returns how many blanks
 * end the octets of the line, 0 if it has no offset. `seen`: whether a line
 * before had one.
 */
/*@
  requires valid_cursor(line);
  assigns line->pos, line->status;
  ensures valid_cursor(line) && line->status == \old(line->status);
  ensures line->pos >= \old(line->pos);
*/
static size_t skip_offset(struct bj_cursor *line, size_t octets, bool seen)
{
    struct bj_cursor ahead = *line;
    struct bj_cursor word;

    read_word(&ahead, &word);
    if (word.len > 0 && bj_cursor_peek(&ahead) == ':') {
        bj_cursor_skip(&ahead, 1);
        line->pos = ahead.pos;
        return 2;
    }
    if (word.len < OFFSET_DIGITS_MIN || word.len > OFFSET_DIGITS_MAX ||
        !counts(&word, octets))
        return 0;
    if (skip_blanks(&ahead) < 2 && (bj_cursor_left(&ahead) > 0 || !seen))
        return 0;
    line->pos = ahead.pos;
    return 3;
}

/*@
  requires valid_word(word) && valid_writer(out);
  requires \separated(word, out, word->base + (0 .. word->len - 1),
                      out->base + (0 .. out->cap - 1));
  assigns word->pos, word->status, out->len, out->status,
    out->base[0 .. out->cap - 1];
  ensures valid_writer(out) && same_buffer{Pre,Post}(out);
  ensures \result == BJ_OK ==> word->len > 0;
*/
static enum bj_status append_word(struct bj_cursor *word, struct bj_writer *out)
{
    if (word->len == 0 || word->len % 2 != 0)
        return BJ_BAD;
    /*@
      loop invariant valid_cursor(word) && hex_digits(word->base, word->len);
      loop invariant valid_writer(out) && same_buffer{Pre,Here}(out);
      loop assigns word->pos, word->status, out->len, out->status,
        out->base[0 .. out->cap - 1];
      loop variant word->len - word->pos;
    */
    while (bj_cursor_left(word) >= 2) {
        unsigned high = (unsigned)bj_ascii_hex_value(bj_cursor_u8(word));
        unsigned low = (unsigned)bj_ascii_hex_value(bj_cursor_u8(word));

        bj_writer_u8(out, (uint8_t)(high * 16U + low));
    }
    return bj_writer_end(out);
}

/*@ assigns \nothing; ensures \result ==> ch >= 0; */
static bool is_comment(int ch)
{
    return ch == '#' || ch == ';';
}

/* Whether the octets of a line are over, behind an offset also by a |. */
/*@
  requires valid_cursor(line);
  assigns \nothing;
  ensures !\result ==> line->pos < line->len;
*/
static bool are_over(const struct bj_cursor *line, size_t ends_at)
{
    int ch = bj_cursor_peek(line);

    return ch == -1 || is_comment(ch) || (ch == '|' && ends_at > 0);
}

/* Whether a word may end here, with so many blanks behind it. */
/*@ requires valid_cursor(line); assigns \nothing; */
static bool is_word_end(const struct bj_cursor *line, size_t blanks)
{
    int ch = bj_cursor_peek(line);

    return blanks > 0 || ch == -1 || is_comment(ch);
}

/* The words of a line; so many blanks end them, if not 0. */
/*@
  requires valid_cursor(line) && valid_writer(out);
  requires \separated(line, out, line->base + (0 .. line->len - 1),
                      out->base + (0 .. out->cap - 1));
  assigns line->pos, line->status, out->len, out->status,
    out->base[0 .. out->cap - 1];
  ensures valid_cursor(line);
  ensures valid_writer(out) && same_buffer{Pre,Post}(out);
*/
static enum bj_status read_octets(struct bj_cursor *line, struct bj_writer *out,
                                  size_t ends_at)
{
    /*@
      loop invariant valid_cursor(line);
      loop invariant valid_writer(out) && same_buffer{Pre,Here}(out);
      loop assigns line->pos, line->status, out->len, out->status,
        out->base[0 .. out->cap - 1];
      loop variant line->len - line->pos;
    */
    while (!are_over(line, ends_at)) {
        struct bj_cursor word;
        size_t blanks;
        enum bj_status status;

        read_word(line, &word);
        status = append_word(&word, out);
        if (status != BJ_OK)
            return status;
        blanks = skip_blanks(line);
        if (!is_word_end(line, blanks))
            return BJ_BAD;
        if (ends_at > 0 && blanks >= ends_at)
            break;
    }
    return BJ_OK;
}

/*@
  requires valid_cursor(line) && valid_writer(out) && \valid(seen);
  requires \separated(line, out, seen, line->base + (0 .. line->len - 1),
                      out->base + (0 .. out->cap - 1));
  assigns line->pos, line->status, *seen, out->len, out->status,
    out->base[0 .. out->cap - 1];
  ensures valid_writer(out) && same_buffer{Pre,Post}(out);
*/
static enum bj_status read_line(struct bj_cursor *line, struct bj_writer *out,
                                bool *seen)
{
    size_t ends_at;

    skip_blanks(line);
    ends_at = skip_offset(line, out->len, *seen);
    *seen = *seen || ends_at > 0;
    skip_blanks(line);
    return read_octets(line, out, ends_at);
}

enum bj_status bj_hexdump_read(struct bj_cursor *text, struct bj_writer *out,
                               size_t *line)
{
    size_t number = 0;
    bool seen = false;

    /*@
      loop invariant valid_cursor(text);
      loop invariant valid_writer(out) && same_buffer{Pre,Here}(out);
      loop invariant number <= text->pos - \at(text->pos, Pre);
      loop assigns text->pos, text->status, *line, number, seen, out->len,
        out->status, out->base[0 .. out->cap - 1];
      loop variant text->len - text->pos;
    */
    while (bj_cursor_left(text) > 0) {
        struct bj_cursor one;
        enum bj_status status;

        number += 1;
        if (line != NULL)
            *line = number;
        bj_cursor_narrow(text, bj_cursor_until(text, '\n'), &one);
        if (bj_cursor_left(text) > 0)
            bj_cursor_skip(text, 1);
        status = read_line(&one, out, &seen);
        if (status != BJ_OK)
            return status;
    }
    return BJ_OK;
}
