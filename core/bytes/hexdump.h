#ifndef BJ_CORE_BYTES_HEXDUMP_H
#define BJ_CORE_BYTES_HEXDUMP_H

#include <stddef.h>

#include "core/bytes/cursor.h"
#include "core/bytes/writer.h"

/*
 * Reads octets that somebody wrote down in hexadecimal: plain digits in any
 * grouping, with or without 0x; or a dump with an offset at the start of
 * each line and characters at its end, as xxd, hexdump -C, tcpdump -X and
 * Wireshark write it. A # or ; and what follows on the line is a comment.
 *
 * A line's first word is an offset if it ends in a colon, or if it has at
 * least four digits, its value is the number of octets so far, and two blanks
 * follow it; or the line ends, and a line before it had an offset. On a line
 * with an offset the characters begin at a |, or where after an octet come
 * two blanks (three, if the offset had no colon: hexdump and Wireshark put
 * two in the middle of a line).
 *
 * Octets are appended to `out`, whose capacity is the limit. Returns BJ_OK,
 * BJ_BAD for anything else in the text or a word with an odd number of
 * digits, or the writer's BJ_SPACE; *line, unless NULL, is then the line.
 */
/*@
  requires valid_cursor(text) && valid_writer(out);
  requires line == \null || \valid(line);
  requires \separated(text, out, line, text->base + (0 .. text->len - 1),
                      out->base + (0 .. out->cap - 1));
  assigns text->pos, text->status, *line, out->len, out->status,
    out->base[0 .. out->cap - 1];
  ensures valid_cursor(text) && valid_writer(out) && same_buffer{Pre,Post}(out);
  ensures \result == BJ_OK ==> text->pos == text->len;
*/
BJ_MUST_CHECK enum bj_status
bj_hexdump_read(struct bj_cursor *text, struct bj_writer *out, size_t *line);

#endif
