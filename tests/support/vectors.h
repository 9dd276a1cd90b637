#ifndef BJ_TESTS_SUPPORT_VECTORS_H
#define BJ_TESTS_SUPPORT_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Vectors are text that people review: a line is fields between '|', spaces
 * around them trimmed; lines that are empty or begin with '#' are passed
 * over. Octets are written as they are reviewed best, one item after
 * another: two hexadecimal digits, 'text' in quotes, and *N behind either to
 * repeat it: 03 'www' 3f 61*63 00.
 */
enum { BJ_VECTOR_FIELDS = 8, BJ_VECTOR_LINE = 4096 };

struct bj_vectors {
    FILE *file;
    size_t line_number;
    char line[BJ_VECTOR_LINE];
    char *fields[BJ_VECTOR_FIELDS];
    size_t field_count;
};

/* Opens tests/vectors/<name>; a file that is not there fails the test. */
void bj_vectors_open(struct bj_vectors *v, const char *name);

/* The next line in v->fields; false at the end, which closes the file. A
 * line without exactly `fields` fields fails the test. */
bool bj_vectors_next(struct bj_vectors *v, size_t fields);

/* Checks each line of tests/vectors/<name>, whose first field, printed before,
 * says what it is about. No line at all fails the test. */
void bj_vectors_each(const char *name, size_t fields,
                     void (*check)(struct bj_vectors *v));

/* The octets that `text` writes, at most `cap`; their number. What is not
 * understood or does not fit fails the test. */
size_t bj_vector_octets(const char *text, uint8_t *out, size_t cap);

/*
 * The octets of a text file written on one line: characters stand for
 * themselves but for \n, \r, \t, \0, \\, \xHH and \{N:text}, which is the
 * text N times over. At most `cap`; their number. What is not understood or
 * does not fit fails the test.
 */
size_t bj_vector_text(const char *text, uint8_t *out, size_t cap);

/*
 * A table with glibc's reading of texts beside ours: what a row is about, two
 * columns of input, glibc's reading, ours or "=", and why they differ. `read`
 * writes what we make of the row's input into `got`. A reading that is not the
 * table's, a difference without its reason (or a reason without one), or
 * fewer than `least` rows fail the test.
 */
enum { BJ_READING_MAX = 4096 };
void bj_vectors_readings(const char *name, size_t least,
                         void (*read)(char *const *fields,
                                      char got[BJ_READING_MAX]));

#endif
