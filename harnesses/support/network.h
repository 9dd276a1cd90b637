#ifndef BJ_HARNESSES_SUPPORT_NETWORK_H
#define BJ_HARNESSES_SUPPORT_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A name server for harnesses and tests, as good or as bad as asked. It works
 * on the octets of a query by their offsets in RFC 1035 section 4.1, and
 * shares no code with core.
 */

enum bj_network_reply {
    BJ_NETWORK_HONEST,    /* one A or AAAA record at the name asked for, whose
                             TTL is a minute and `detail` times five */
    BJ_NETWORK_NO_NAME,   /* NXDOMAIN without records */
    BJ_NETWORK_TRUNCATED, /* the question alone, with TC */
    BJ_NETWORK_RCODE,     /* the question alone, with rcode `detail` % 16; with
                             16 in `detail` the header alone */
    /* Forgeries: an honest reply but for one thing. */
    BJ_NETWORK_WRONG_ID,
    BJ_NETWORK_WRONG_CASE, /* the first letter's case is the other one */
    BJ_NETWORK_WRONG_TYPE,
    BJ_NETWORK_WRONG_CLASS,
    BJ_NETWORK_WRONG_COUNT, /* QDCOUNT is `detail`, or 2 if that is 1 */
    BJ_NETWORK_QUERY,       /* QR is not set: our own query sent back */
    BJ_NETWORK_SHORT,       /* cut to the first `detail` % len octets */
    BJ_NETWORK_REPLY_COUNT
};

/* The longest that bj_network_reply writes for a query of 512 octets. */
#define BJ_NETWORK_MAX 600

/* Writes the reply to `query` and returns its length. */
size_t bj_network_reply(enum bj_network_reply kind, unsigned detail,
                        const uint8_t *query, size_t len,
                        uint8_t out[BJ_NETWORK_MAX]);

/* Whether `reply` repeats the query's id and question, and is a reply: what
 * any message must do before it may be believed. */
bool bj_network_is_reply(const uint8_t *query, size_t query_len,
                         const uint8_t *reply, size_t reply_len);

#endif
