#ifndef BJ_CORE_RESOLVE_EXCHANGE_H
#define BJ_CORE_RESOLVE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/limits.h"
#include "core/dns/match.h"
#include "core/dns/query.h"
#include "core/netdb/error.h"

/*
 * One question to a list of servers, until one answers: retries, rotation,
 * EDNS fallback, truncation to TCP, forgeries passed over. It never touches
 * a socket: it says what to do next, the caller does it and says what came
 * of it.
 *
 *     action = bj_exchange_step(&x, START);
 *     while (action.kind is not DONE or FAIL)
 *         ... do what it says; then step with NEXT if that is all, with
 *         FAILED if it could not be done, or, after WAIT, with what came
 *
 * There is at most one socket at a time, and each UDP query has a fresh port,
 * a fresh id and fresh case bits (RFC 5452). Every server gets its time as in
 * glibc's res_send; what a stranger sends never ends the wait before that.
 */

enum bj_exchange_event_kind {
    BJ_EXCHANGE_START,     /* the first step */
    BJ_EXCHANGE_NEXT,      /* the action before is done */
    BJ_EXCHANGE_FAILED,    /* it could not be done, or the socket broke */
    BJ_EXCHANGE_DATAGRAM,  /* the UDP socket received `bytes` */
    BJ_EXCHANGE_CONNECTED, /* the TCP socket is connected */
    BJ_EXCHANGE_STREAM,    /* it received `bytes`; len 0 is its end */
    BJ_EXCHANGE_TIMER,     /* the time that WAIT named has come */
};

/* `now_ms` is any clock that does not run backwards. `entropy` is fresh in
 * every event and used for one query at most. */
struct bj_exchange_event {
    enum bj_exchange_event_kind kind;
    uint64_t now_ms;
    const uint8_t *bytes;
    size_t len;
    const struct bj_query_entropy *entropy;
};

enum bj_exchange_action_kind {
    BJ_EXCHANGE_SEND,    /* `bytes` from a new UDP socket to `server` */
    BJ_EXCHANGE_CONNECT, /* a new TCP socket to `server`, without waiting */
    BJ_EXCHANGE_WRITE,   /* all of `bytes` to the TCP socket */
    BJ_EXCHANGE_CLOSE,   /* the socket; no report of it is wanted any more */
    BJ_EXCHANGE_WAIT,    /* for the socket, or until `until_ms` */
    BJ_EXCHANGE_DONE,    /* x->match is the answer. Its bytes are those of
                            the DATAGRAM before the last CLOSE, or of the
                            stream buffer */
    BJ_EXCHANGE_FAIL,    /* no server answered: x->outcome and x->rcode */
};

struct bj_exchange_action {
    enum bj_exchange_action_kind kind;
    size_t server;
    const uint8_t *bytes; /* in the machine, until the next step */
    size_t len;
    uint64_t until_ms;
};

/* How to ask; resolv.conf's words, in glibc's units and clamps. */
struct bj_exchange_options {
    size_t server_count; /* 1 to BJ_NAMESERVERS_MAX */
    size_t first_server; /* where rotation has come to; below server_count */
    unsigned timeout_s;  /* 1 to BJ_TIMEOUT_MAX */
    unsigned attempts;   /* 1 to BJ_ATTEMPTS_MAX: rounds over all servers */
    bool use_vc;         /* TCP from the start */
    bool edns;           /* an OPT record, unless the server rejects it */
};

enum bj_exchange_state {
    BJ_EXCHANGE_IDLE,
    BJ_EXCHANGE_OPENING,    /* the next step begins a try */
    BJ_EXCHANGE_ASKED,      /* a UDP query is out */
    BJ_EXCHANGE_CONNECTING, /* a TCP connection is being made */
    BJ_EXCHANGE_READING,    /* its query is written */
    BJ_EXCHANGE_LEAVING,    /* closed with an answer: the next step is DONE */
    BJ_EXCHANGE_OVER,
};

struct bj_exchange {
    struct bj_exchange_options options;
    struct bj_name name;
    uint16_t type;
    struct bj_query query;
    uint8_t framed[2 + BJ_QUERY_MAX]; /* the query with its length, for TCP */
    struct bj_match match;
    /* Of a failure: the most telling that was met, and its rcode. */
    enum bj_outcome outcome;
    unsigned rcode;
    enum bj_exchange_state state;
    size_t turn; /* servers asked or given up so far, over all rounds */
    bool edns;   /* for the try at hand */
    bool tcp;
    uint64_t deadline_ms;
    unsigned foreign; /* what is not the reply, since the query went out */
    unsigned queries; /* of all tries: bounded by BJ_EXCHANGE_QUERIES_MAX */
    uint8_t *stream;
    size_t stream_len;
};

/*
 * Starts on one question. `stream` is BJ_EXCHANGE_STREAM_LEN octets of the
 * caller's, for a reply over TCP; it must outlive the exchange. Options out of
 * their range are brought into it. BJ_BAD if `name` is no name.
 */
BJ_MUST_CHECK enum bj_status
bj_exchange_init(struct bj_exchange *x,
                 const struct bj_exchange_options *options,
                 const struct bj_name *name, uint16_t type, uint8_t *stream);

/*
 * Takes what happened and returns the next action, in constant time but for
 * reading one message. An event that does not fit the state is passed over.
 * After DONE or FAIL every step returns that again. It ends: every server is
 * given up after its time and at most BJ_EXCHANGE_FOREIGN_MAX foreign
 * messages, and asked at most three times a round (with EDNS, without, over
 * TCP).
 */
struct bj_exchange_action
bj_exchange_step(struct bj_exchange *x, const struct bj_exchange_event *event);

#endif
