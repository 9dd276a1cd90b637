#ifndef BJ_CORE_DNS_MATCH_H
#define BJ_CORE_DNS_MATCH_H

#include <stdint.h>

#include "core/dns/message.h"
#include "core/dns/query.h"

/*
 * What a datagram, or a message from a stream, is to a query. Foreign ones
 * must not end the wait for the reply (RFC 5452 section 9.1): anybody can
 * send them. The others repeat the id and the question; but to a query with
 * OPT a header alone that says FORMERR or NOTIMP is FAILED too, for that is
 * all that some servers older than EDNS send (RFC 6891 section 7).
 */
#define BJ_REPLY_TABLE(X)                                              \
    X(BJ_REPLY_FOREIGN, "not a reply to this query")                   \
    X(BJ_REPLY_BROKEN, "a reply that breaks the message format")       \
    X(BJ_REPLY_TRUNCATED, "truncated: to be asked for over TCP")       \
    X(BJ_REPLY_FAILED, "the server failed or refused; rcode says how") \
    X(BJ_REPLY_ANSWER, "an answer: records, or that there are none")

enum bj_reply {
#define BJ_REPLY_ENUM(name, text) name,
    BJ_REPLY_TABLE(BJ_REPLY_ENUM)
#undef BJ_REPLY_ENUM
};

static inline const char *bj_reply_text(enum bj_reply reply)
{
    switch (reply) {
#define BJ_REPLY_CASE(name, text) \
    case name:                    \
        return text;
        BJ_REPLY_TABLE(BJ_REPLY_CASE)
#undef BJ_REPLY_CASE
    }
    return "unknown";
}

struct bj_match {
    enum bj_reply reply;
    /* Whole, with the upper bits from OPT (RFC 6891 section 6.1.3); 0 unless
     * the reply is FAILED or ANSWER (then NOERROR or NXDOMAIN). */
    uint16_t rcode;
    bool has_opt;
    /* For ANSWER: behind the header, ready to be read again by
     * bj_answer_read_reply. For BROKEN: its fault says why. Else zero. */
    struct bj_message message;
};

/*
 * Decides in this order: id, QR and opcode, one question, the question
 * octet by octet with its case (folded if the query did not mix it), type
 * and class; TC; the format of every record to the last octet, with OPT's
 * rules; rcode. `bytes` are referred to by match->message and must stay.
 */
void bj_match_reply(struct bj_match *match, const struct bj_query *query,
                    const uint8_t *bytes, size_t len);

#endif
