#ifndef BJ_CORE_RESOLVE_STUB_H
#define BJ_CORE_RESOLVE_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/status.h"
#include "core/config/nsswitch.h"
#include "core/resolve/files.h"
#include "core/resolve/frame.h"
#include "core/resolve/lookup.h"
#include "core/resolve/places.h"
#include "core/resolve/fetch.h"
#include "core/resolve/search.h"

/*
 * A stub resolver (RFC 1035 section 5.3.1) without sockets: what a worker
 * makes of the frames that it gets. First configuration, then lookups, many at
 * once: nsswitch.conf says whether files or the DNS are asked, and in what
 * order; special names never leave (special.h); names go along the search
 * list; A and AAAA are asked for at once, and what is known or being asked is
 * not asked again (R35).
 *
 *     status = bj_stub_step(stub, &event, &action);
 *     while (status == BJ_OK)
 *         ... send the action; status = bj_stub_step(stub, NULL, &action);
 *
 * Every event of a live lookup (LOOKUP, DATAGRAM, CONNECTED, STREAM, FAILED,
 * TIMER) is answered, in the order they came, by SEND, CONNECT, WRITE and
 * CLOSE, any number of them, and then by one WAIT or RESULT. While a lookup
 * waits for what another has asked, its event stays unanswered; it has no
 * socket then. CANCEL is not answered, nor is what comes for a lookup that is
 * over. Only of BEGIN comes READY.
 *
 * Nothing is allocated: all lies in memory that the caller brings. A step
 * takes time in proportion to its event and its answer, and to how many
 * lookups there are; a lookup of hosts or services a probe and the lines it
 * finds.
 */

/* Lookups at once: BJ_PLACES_MAX. One more is answered as if no server were
 * reachable; the driver lets it wait its turn instead. */
#define BJ_STUB_LOOKUPS BJ_PLACES_MAX

/* Octets of cache: some 14000 records of 130 octets beside their slots. Pages
 * are touched as it fills. */
#define BJ_STUB_CACHE_LEN (2U * 1024U * 1024U)

/* Where answers of hosts are read into, and both of a lookup are made one: the
 * longest that a result can say (BJ_RESULT_MAX octets) has 65535 aliases of
 * 16 octets with their texts, and 4368 addresses of 24. */
#define BJ_STUB_ANSWER_LEN (2U * 1024U * 1024U)

struct bj_stub_lookup; /* in the memory */

struct bj_stub {
    enum bj_frame_phase phase; /* LOADING or SERVING */
    struct bj_files files;
    struct bj_search_rules rules;
    struct bj_exchange_options options;
    struct bj_fetch_desk desk;
    size_t rotation;
    uint64_t now_ms; /* of the latest event that says */
    struct bj_places places;
    struct bj_stub_lookup *lookups; /* by place */
    uint32_t refused;               /* a lookup there was no place for */
    bool refusing;
    bool starting;    /* READY is due */
    uint8_t *cache;   /* BJ_STUB_CACHE_LEN */
    uint8_t *buffers; /* of questions, two for each lookup */
    uint8_t *answers; /* BJ_STUB_ANSWER_LEN */
    uint8_t *result;  /* BJ_RESULT_MAX: the payload of the latest RESULT */
};

/*
 * The memory for a stub with so many octets of configuration (the payloads of
 * all CONFIG frames), 0 if that is too many (BJ_FILES_TEXTS_MAX). Most of it,
 * some 36 MiB, is never touched by most; pages that the kernel gives when they
 * are first used cost nothing until then.
 */
size_t bj_stub_memory(size_t config_len);

/*
 * Starts, LOADING. `memory`, of the size that bj_stub_memory says and aligned
 * as malloc's is, is the stub's from then on and stays where it is, as the
 * stub does.
 */
void bj_stub_init(struct bj_stub *stub, void *memory, size_t config_len);

/*
 * Takes an event, or NULL for none, and gives the next action, whose payload
 * stands until the next step. All actions are due before the next event (else
 * BJ_BUG), whose payload is not needed after the step. BJ_OK: *action is one.
 * BJ_NONE: there is none, and *action is zero. Else the event breaks the
 * order above or its payload the format of lookup.h (BJ_BAD), or there is
 * more configuration than was announced (BJ_SPACE) or than we take
 * (BJ_LIMIT): the caller hears no more from whoever sent it.
 */
BJ_MUST_CHECK enum bj_status bj_stub_step(struct bj_stub *stub,
                                          const struct bj_frame *event,
                                          struct bj_frame *action);

#endif
