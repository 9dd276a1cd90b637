#ifndef BJ_TESTS_CHAOS_STREAM_H
#define BJ_TESTS_CHAOS_STREAM_H

#include "tests/chaos/server.h"

/* Connections of our own: each octet that comes back is compared with what
 * was sent, and each end with its kind and with what was done to the server. */
#define STREAMS_MAX 44

enum stream_kind {
    STREAM_WHOLE, /* sends all, half-closes, reads all up to the end */
    STREAM_TALK,  /* sends and awaits a few octets, many times */
    STREAM_SLOW,  /* reads late and little at a time */
    STREAM_HOARD, /* fills every buffer on the way, then reads all */
    STREAM_EMPTY, /* half-closes at once */
    STREAM_RESET, /* sends, then resets without reading */
    STREAM_LEAVE, /* sends, then closes without reading */
    STREAM_KINDS
};

extern const char *const stream_kind_names[STREAM_KINDS];

struct stream_totals {
    uint64_t made, not_made, cut, octets;
    uint64_t done[STREAM_KINDS];
};

extern struct stream_totals stream_totals[SERVER_COUNT];

/* Begins the next connection of the seed, if there is room; `kind` is its own
 * (STREAM_KINDS) or the one that is asked for. */
void stream_begin(struct dice *dice, enum stream_kind kind,
                  struct server *server);
void streams_enlist(void);
void streams_look(void); /* notices those that are stuck */
size_t streams_open(void);

#endif
