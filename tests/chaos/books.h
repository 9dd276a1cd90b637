#ifndef BJ_TESTS_CHAOS_BOOKS_H
#define BJ_TESTS_CHAOS_BOOKS_H

#include <jansson.h>
#include <stdint.h>

/* What clients saw of one life. Where a program of ours was killed, nobody
 * knows whether it had connected or how much it had sent: least and most. */
struct books {
    uint64_t made_least, made_most; /* connections */
    uint64_t sent_most;             /* octets */
    uint64_t received_least;
    uint64_t cut;         /* connections that ended early */
    uint64_t cut_excused; /* how many of them our kills explain */
    uint64_t killed;      /* processes that we killed below it */
    uint64_t role_kills;
    uint64_t left;        /* connections that we left; it may not know yet */
    uint64_t open_at_end; /* connections when it was told to end */
    uint64_t served;      /* by inetd's processes */
    uint64_t asked_most, answered_least, lost, lost_excused; /* datagrams */
};

/* A number of what belljar tells as JSON; 0 if it is not there. */
uint64_t books_counter(const json_t *totals, const char *name);

/* Lays the totals of one of its sockets beside the books; what does not agree
 * is not accounted for. */
void books_compare(const struct books *books, const char *server,
                   const json_t *total);
void books_compare_datagrams(const struct books *books, const char *server,
                             const json_t *total);

#endif
