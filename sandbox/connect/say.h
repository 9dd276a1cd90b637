#ifndef BJ_SANDBOX_CONNECT_SAY_H
#define BJ_SANDBOX_CONNECT_SAY_H

#include "core/addr/endpoint.h"
#include "core/bytes/writer.h"

/*
 * Lines from inside a role, which has write(2) and no stdio: stdio would ask
 * for memory and for the kind of its descriptor.
 */
#define BJ_SAY_MAX 512

/* Writes the octets of `w` to `fd`, or nothing if the writer has failed. 0, or
 * the errno of the write that failed. */
int bj_say(int fd, const struct bj_writer *w);

/* "<endpoint> <what>: <the error in words>" on standard error. */
void bj_say_failure(const struct bj_endpoint *endpoint, const char *what,
                    int error);

/* "<endpoint> <words>" on standard error. */
void bj_say_words(const struct bj_endpoint *endpoint, const char *words);

/* "belljar: <what>: <the error in words>" on standard error. */
void bj_say_trouble(const char *what, int error);

#endif
