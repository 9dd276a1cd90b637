#ifndef BJ_CORE_RESOLVE_LOOKUP_H
#define BJ_CORE_RESOLVE_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/arena.h"
#include "core/bytes/cursor.h"
#include "core/bytes/status.h"
#include "core/bytes/writer.h"
#include "core/netdb/answer.h"
#include "core/netdb/error.h"
#include "core/netdb/request.h"

/*
 * What a program asks a worker and what the worker says in the end, as
 * values and as the octets of a frame (frame.h). Each side takes the other's
 * octets for hostile: there is one encoding of a value, anything else is
 * BJ_BAD, and no name passes that is no host name.
 */

/* The protocols of services(5) that sockets have (core/netdb/request.h). A
 * set of them is a sum of 1 << index. */
#define BJ_PROTOCOL_TABLE(X)          \
    X(BJ_PROTOCOL_TCP, "tcp")         \
    X(BJ_PROTOCOL_UDP, "udp")         \
    X(BJ_PROTOCOL_DCCP, "dccp")       \
    X(BJ_PROTOCOL_UDPLITE, "udplite") \
    X(BJ_PROTOCOL_SCTP, "sctp")

enum bj_protocol {
#define BJ_PROTOCOL_ENUM(name, text) name,
    BJ_PROTOCOL_TABLE(BJ_PROTOCOL_ENUM)
#undef BJ_PROTOCOL_ENUM
        BJ_PROTOCOL_COUNT
};

/* The text of a protocol, a static string; NULL if it is none. */
const char *bj_protocol_text(enum bj_protocol protocol);

/*
 * A question of two independent parts. Of hosts: the addresses of a name
 * (len 0: not asked), in the families that `ip4` and `ip6` say, or the name
 * of an address (BJ_FAMILY_ANY: not asked), never both. Of services: the
 * ports of a name (len 0: not asked) in a set of protocols, or the name of a
 * port in the one protocol of the set, if asks_port.
 */
struct bj_lookup {
    struct bj_text name;
    bool ip4;
    bool ip6;
    struct bj_address address;
    struct bj_text service;
    bool asks_port;
    uint16_t port;
    uint8_t protocols;
};

/*
 * How it ended. `outcome` is of hosts: BJ_FOUND where nothing was asked of
 * them. The answer is zero unless it is BJ_FOUND; for a name of an address
 * it has names and no addresses. Ports by protocol, those of the set
 * `ports_known`; the service's name, len 0 if unknown; this host's own
 * domain, len 0 if it has none.
 */
struct bj_result {
    enum bj_outcome outcome;
    struct bj_answer answer;
    uint8_t ports_known;
    uint16_t ports[BJ_PROTOCOL_COUNT];
    struct bj_text service;
    struct bj_text domain;
};

/* Octets of a lookup at most: flags 1, name 1 + 254, address 1 + 16 + 4,
 * service 1 + 255, port 2, protocols 1. */
#define BJ_LOOKUP_MAX 536

/* Octets of a result at most. A message yields less than itself, 65535, and
 * the lines of a hosts file that name one host not much more; four times
 * that is room enough, and a bound on what a captured worker can send. */
#define BJ_RESULT_MAX 262144

/* Append it. BJ_BAD, and nothing appended that may be sent, if it is not as
 * above or has names that are none; BJ_LIMIT if it is over the maximum;
 * BJ_SPACE if the writer is full. */
BJ_MUST_CHECK enum bj_status bj_lookup_write(struct bj_writer *w,
                                             const struct bj_lookup *lookup);
BJ_MUST_CHECK enum bj_status bj_result_write(struct bj_writer *w,
                                             const struct bj_result *result);

/*
 * Read all that the cursor has left, exactly. Texts lie in its input, the
 * result's lists in the arena (BJ_SPACE: arena->len would have been enough).
 * On failure *lookup or *result is zero.
 */
BJ_MUST_CHECK enum bj_status bj_lookup_read(struct bj_cursor *c,
                                            struct bj_lookup *lookup);
BJ_MUST_CHECK enum bj_status bj_result_read(struct bj_cursor *c,
                                            struct bj_arena *arena,
                                            struct bj_result *result);

/* The answer alone, as it stands at the end of a result: what a cache keeps.
 * Failure as above. */
BJ_MUST_CHECK enum bj_status
bj_result_write_answer(struct bj_writer *w, const struct bj_answer *answer);
BJ_MUST_CHECK enum bj_status bj_result_read_answer(struct bj_cursor *c,
                                                   struct bj_arena *arena,
                                                   struct bj_answer *answer);

/* What a request asks a worker: with `hosts` (bj_request_numeric said no)
 * its node, in the families that can be of use; the ports of its service. */
void bj_lookup_of_request(const struct bj_request *request, bool hosts,
                          struct bj_lookup *lookup);

/* Puts the ports that were found into the request, and settles it
 * (bj_request_settle) if it had a service by name. */
enum bj_outcome bj_result_settle(const struct bj_result *result,
                                 struct bj_request *request);

#endif
