#ifndef BJ_CORE_RESOLVE_FETCH_H
#define BJ_CORE_RESOLVE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/dns/name.h"
#include "core/netdb/answer.h"
#include "core/netdb/error.h"
#include "core/resolve/cache.h"
#include "core/resolve/exchange.h"

/*
 * One name and one type, from being asked to what is known of it: out of the
 * cache, from name servers (exchange.h), or from another question that is
 * the same.
 *
 *     bj_fetch_set; bj_fetch_recall, or bj_fetch_ask and then
 *     while (bj_fetch_act(...)) ... do what it says;
 *     until it is over: bj_fetch_take what came of it, and act again.
 */
enum bj_fetch_state {
    BJ_FETCH_NONE,
    BJ_FETCH_PENDING, /* nothing is known and nothing was asked yet */
    BJ_FETCH_ASKING,  /* its exchange goes on */
    BJ_FETCH_OVER,    /* outcome, value and ttl stand */
};

/* Octets of its buffer: a message over TCP and, when that has been read, the
 * answer as bj_result_write_answer has it. That is never longer: an address
 * takes 5 or 21 octets where its record took 16 or 28 at least; 17 names of
 * a chain have 254 with their length where a long reply has room for them;
 * BJ_PTR_MAX names and the fixed fields are 256 * 254 + 8 = 65032. */
#define BJ_FETCH_BUFFER_LEN BJ_EXCHANGE_STREAM_LEN

struct bj_fetch {
    enum bj_fetch_state state;
    uint16_t type;
    struct bj_name name;
    struct bj_exchange exchange;
    struct bj_exchange_action action; /* the latest, */
    bool fresh;                       /* if not carried out yet */
    enum bj_outcome outcome;
    uint32_t ttl; /* seconds that the outcome may be kept */
    uint8_t *buffer;
    size_t value_len; /* of the answer, 0 unless BJ_FOUND */
};

/* What every question of a worker works with. */
struct bj_fetch_desk {
    struct bj_cache cache;
    struct bj_answer_scratch *scratch;
    uint8_t *memory; /* for an answer while it is read */
    size_t memory_len;
};

/* The `memory` that suffices for what one message yields: 4368 addresses of
 * 24 octets, or 256 names of 254 octets and as many texts of 16. */
#define BJ_FETCH_MEMORY_LEN 131072

/* Begins, PENDING. The buffer of BJ_FETCH_BUFFER_LEN octets is the
 * caller's and must stay. */
void bj_fetch_set(struct bj_fetch *q, const struct bj_name *name, uint16_t type,
                  uint8_t *buffer);

/* Whether two ask the same. */
bool bj_fetch_same(const struct bj_fetch *a, const struct bj_fetch *b);

/* True, and it is OVER, if the cache knows. */
bool bj_fetch_recall(struct bj_fetch *q, const struct bj_fetch_desk *desk,
                     uint64_t now_ms);

/* OVER, with this outcome and no value. */
void bj_fetch_settle(struct bj_fetch *q, enum bj_outcome outcome);

/* OVER, with all that another, which is OVER, came to. */
void bj_fetch_share(struct bj_fetch *q, const struct bj_fetch *from);

/* Asks the servers. `entropy` as in exchange.h. */
void bj_fetch_ask(struct bj_fetch *q, const struct bj_exchange_options *options,
                  uint64_t now_ms, const struct bj_query_entropy *entropy);

/* Takes what came of an action; only while it is ASKING and not in the
 * middle of acting. Bytes are not needed afterwards. */
void bj_fetch_take(struct bj_fetch *q, const struct bj_exchange_event *event,
                   struct bj_fetch_desk *desk);

/*
 * The next SEND, CONNECT, WRITE or CLOSE to carry out; its bytes stay until
 * the next call. False if there is none: it is OVER, and what it came to is
 * in the cache, or it waits until q->action.until_ms.
 */
bool bj_fetch_act(struct bj_fetch *q, struct bj_fetch_desk *desk,
                  uint64_t now_ms, const struct bj_query_entropy *entropy,
                  struct bj_exchange_action *action);

#endif
