#ifndef BJ_HARNESSES_SUPPORT_PERMITTED_H
#define BJ_HARNESSES_SUPPORT_PERMITTED_H

#include <stdbool.h>
#include <stddef.h>

#include "core/dns/fault.h"

/*
 * Where another DNS library may differ from us, and why: the rows that the
 * differential harnesses accept, and no others. core/README.md has them for
 * people.
 */
enum bj_peer {
    BJ_PEER_LIBRESOLV = 1,
    BJ_PEER_CARES = 2,
    BJ_PEER_LDNS = 4,
};

struct bj_permitted {
    enum bj_fault_kind fault; /* for which we refuse */
    unsigned peers;           /* that may accept it all the same */
    const char *clause;
};

/* Whether the table has a row that lets `peer` accept what we refused. */
static inline bool bj_is_permitted(const struct bj_permitted *rows,
                                   size_t count, enum bj_peer peer,
                                   enum bj_fault_kind fault)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].fault == fault && (rows[i].peers & peer) != 0)
            return true;
    return false;
}

#endif
