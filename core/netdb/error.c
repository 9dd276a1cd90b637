#define _GNU_SOURCE /* EAI_NODATA, EAI_ADDRFAMILY, EAI_IDN_ENCODE */

#include "core/netdb/error.h"

#include <netdb.h>

struct row {
    const char *name;
    int eai;
    int h_errno_value;
    const char *text;
};

static const struct row rows[BJ_OUTCOME_COUNT] = {
#define BJ_OUTCOME_ROW(name, eai, herrno, text) \
    [name] = {#name, eai, herrno, text},
    BJ_OUTCOME_TABLE(BJ_OUTCOME_ROW)
#undef BJ_OUTCOME_ROW
};

static const struct row stranger = {"unknown outcome", EAI_FAIL, NO_RECOVERY,
                                    "unknown outcome"};

static const struct row *row_of(enum bj_outcome outcome)
{
    unsigned index = (unsigned)outcome;

    return index < BJ_OUTCOME_COUNT ? &rows[index] : &stranger;
}

const char *bj_outcome_name(enum bj_outcome outcome)
{
    return row_of(outcome)->name;
}

const char *bj_outcome_text(enum bj_outcome outcome)
{
    return row_of(outcome)->text;
}

int bj_outcome_eai(enum bj_outcome outcome)
{
    return row_of(outcome)->eai;
}

int bj_outcome_h_errno(enum bj_outcome outcome)
{
    return row_of(outcome)->h_errno_value;
}

enum bj_outcome bj_outcome_of_status(enum bj_status status)
{
    switch (status) {
    case BJ_OK:
        return BJ_FOUND;
    case BJ_NONE:
        return BJ_NO_DATA;
    case BJ_SPACE:
        return BJ_NO_ROOM;
    default:
        return BJ_FAILED;
    }
}

enum bj_outcome bj_outcome_of_reply(unsigned rcode, size_t records)
{
    switch (rcode) {
    case 0: /* NOERROR */
        return records > 0 ? BJ_FOUND : BJ_NO_DATA;
    case 2: /* SERVFAIL, and what servers that do not want to serve say */
    case 4: /* NOTIMP */
    case 5: /* REFUSED */
        return BJ_SERVER_FAILED;
    case 3: /* NXDOMAIN */
        return BJ_NO_NAME;
    default:
        return BJ_FAILED;
    }
}

enum bj_outcome bj_outcome_join(enum bj_outcome first, enum bj_outcome second)
{
    if (first == BJ_FOUND || second == BJ_FOUND)
        return BJ_FOUND;
    return first != BJ_NO_DATA ? first : second;
}
