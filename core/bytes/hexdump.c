#include "core/bytes/hexdump.h"

#include "core/bytes/ascii.h"

/* Digits that an offset has: at least as many, so that octets written two or
 * three digits a word are not taken for one; at most what 64 bits hold. */
enum { OFFSET_DIGITS_MIN = 4, OFFSET_DIGITS_MAX = 16 };

static bool is_blank(int ch)
{
    return ch == ' ' || ch == '\t' || ch == '\r';
}

static size_t skip_blanks(struct bj_cursor *line)
{
    size_t count = 0;

    while (is_blank(bj_cursor_peek(line))) {
        bj_cursor_skip(line, 1);
        count += 1;
    }
    return count;
}

/* The digits of a word as a cursor over them, behind an optional 0x. */
static void read_word(struct bj_cursor *line, struct bj_cursor *word)
{
    struct bj_cursor ahead = *line;
    size_t count = 0;

    if (bj_cursor_u8(&ahead) == '0' && (bj_cursor_u8(&ahead) | 32) == 'x' &&
        bj_cursor_ok(&ahead))
        *line = ahead;
    ahead = *line;
    /* Ends: each turn consumes an octet of the line. */
    while (bj_ascii_hex_value(bj_cursor_peek(&ahead)) >= 0) {
        bj_cursor_skip(&ahead, 1);
        count += 1;
    }
    bj_cursor_narrow(line, count, word);
}

static uint64_t word_value(struct bj_cursor word)
{
    uint64_t value = 0;

    while (bj_cursor_left(&word) > 0)
        value = value * 16U + (uint64_t)bj_ascii_hex_value(bj_cursor_u8(&word));
    return value;
}

/*
 * Passes over an offset if the line begins with one. Returns how many blanks
 * end the octets of the line, 0 if it has no offset. `seen`: whether a line
 * before had one.
 */
static size_t skip_offset(struct bj_cursor *line, size_t octets, bool seen)
{
    struct bj_cursor ahead = *line;
    struct bj_cursor word;

    read_word(&ahead, &word);
    if (word.len > 0 && bj_cursor_peek(&ahead) == ':') {
        bj_cursor_skip(&ahead, 1);
        *line = ahead;
        return 2;
    }
    if (word.len < OFFSET_DIGITS_MIN || word.len > OFFSET_DIGITS_MAX ||
        word_value(word) != octets)
        return 0;
    if (skip_blanks(&ahead) < 2 && (bj_cursor_left(&ahead) > 0 || !seen))
        return 0;
    *line = ahead;
    return 3;
}

static enum bj_status append_word(struct bj_cursor *word, struct bj_writer *out)
{
    if (word->len == 0 || word->len % 2 != 0)
        return BJ_BAD;
    /* Ends: each turn consumes two octets of the word. */
    while (bj_cursor_left(word) > 0) {
        unsigned high = (unsigned)bj_ascii_hex_value(bj_cursor_u8(word));
        unsigned low = (unsigned)bj_ascii_hex_value(bj_cursor_u8(word));

        bj_writer_u8(out, (uint8_t)(high * 16U + low));
    }
    return bj_writer_end(out);
}

static enum bj_status read_line(struct bj_cursor *line, struct bj_writer *out,
                                bool *seen)
{
    size_t ends_at;
    size_t octets = out->len;

    skip_blanks(line);
    ends_at = skip_offset(line, octets, *seen);
    *seen = *seen || ends_at > 0;
    skip_blanks(line);
    /* Ends: each turn consumes a word of the line. */
    while (bj_cursor_left(line) > 0) {
        struct bj_cursor word;
        int ch = bj_cursor_peek(line);
        size_t blanks;
        enum bj_status status;

        if (ch == '#' || ch == ';' || (ch == '|' && ends_at > 0))
            return BJ_OK;
        read_word(line, &word);
        status = append_word(&word, out);
        if (status != BJ_OK)
            return status;
        blanks = skip_blanks(line);
        if (ends_at > 0 && blanks >= ends_at)
            return BJ_OK;
        ch = bj_cursor_peek(line);
        if (blanks == 0 && ch != -1 && ch != '#' && ch != ';')
            return BJ_BAD;
    }
    return BJ_OK;
}

enum bj_status bj_hexdump_read(struct bj_cursor *text, struct bj_writer *out,
                               size_t *line)
{
    size_t number = 0;
    bool seen = false;

    /* Ends: each turn consumes a line, its end included. */
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
