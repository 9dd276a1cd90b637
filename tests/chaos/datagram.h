#ifndef BJ_TESTS_CHAOS_DATAGRAM_H
#define BJ_TESTS_CHAOS_DATAGRAM_H

#include "tests/chaos/server.h"

/*
 * Datagrams to the server that answers them, a few on their way at a time, so
 * that no buffer overflows and each must come back, once and as it was.
 */
struct datagram_totals {
    uint64_t sent, answered, lost;
};

extern struct datagram_totals datagram_totals;

/* Sends as many as may be on their way, if `more`. */
void datagrams_look(struct dice *dice, bool more);
void datagrams_enlist(void);
size_t datagrams_open(void);

#endif
