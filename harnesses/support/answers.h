#ifndef BJ_HARNESSES_SUPPORT_ANSWERS_H
#define BJ_HARNESSES_SUPPORT_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/cursor.h"
#include "core/netdb/answer.h"

/*
 * Answers out of a fuzzer's bytes, for the harnesses of everything that
 * takes one. The layout: a canonical name, a count of aliases, the aliases,
 * a count of addresses, the addresses, four octets of TTL. A name is a
 * length octet and its characters; an address is a family octet (even: four
 * octets follow, odd: sixteen, and if 2 is set four of scope). What is
 * missing at the end is empty.
 */
enum { BJ_ANSWER_ALIASES = 8, BJ_ANSWER_ADDRESSES = 16 };

struct bj_answer_input {
    struct bj_text aliases[BJ_ANSWER_ALIASES];
    struct bj_address addresses[BJ_ANSWER_ADDRESSES];
    struct bj_answer answer;
};

/* Reads one; its texts lie in the cursor's input, *in must stay in place. */
void bj_answer_input_read(struct bj_cursor *c, struct bj_answer_input *in);

/* The naive reading of what may be handed out as a name (R07), from a table
 * of what is allowed; written apart from core's. */
bool bj_naive_presentable(const char *text, size_t len);

/* Whether [p, p + n) lies inside [block, block + len). */
bool bj_inside(const void *p, size_t n, const void *block, size_t len);

#endif
