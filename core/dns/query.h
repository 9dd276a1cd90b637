#ifndef BJ_CORE_DNS_QUERY_H
#define BJ_CORE_DNS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/limits.h"
#include "core/bytes/status.h"
#include "core/dns/name.h"

/* What makes a query hard to guess (RFC 5452), from the caller's source of
 * randomness: the id, and a bit for the case of each octet of the name. */
struct bj_query_entropy {
    uint16_t id;
    bool mix_case;
    uint8_t case_bits[(BJ_NAME_MAX + 7) / 8];
};

/* A query ready to send: `len` octets, the rest of them zero. */
struct bj_query {
    uint8_t octets[BJ_QUERY_MAX];
    uint16_t len;
    uint16_t id;
    uint16_t type;
    uint16_t question_len; /* name, type and class, behind the header */
    bool edns;
    bool mix_case; /* a reply must repeat the name's case */
    /* The name as bj_name_spell_host spells it, once for all replies; empty
     * if it is no host name. */
    uint16_t host_len;
    char host[BJ_HOST_TEXT_MAX];
};

/*
 * Builds a standard query for the records of `type` and class IN at `name`,
 * recursion desired (RFC 1035 section 4.1), with an OPT record if `edns`
 * that accepts BJ_EDNS_UDP_SIZE octets (RFC 6891 section 6.1.2). With
 * mix_case every letter takes the case its bit says, whatever case it came
 * in; else the name goes out as it is. Fails with BJ_BAD, and a zero query,
 * only if `name` is no name. The entropy is not kept.
 */
BJ_MUST_CHECK enum bj_status
bj_query_build(struct bj_query *query, const struct bj_name *name,
               uint16_t type, bool edns,
               const struct bj_query_entropy *entropy);

#endif
