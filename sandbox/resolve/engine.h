#ifndef BJ_SANDBOX_RESOLVE_ENGINE_H
#define BJ_SANDBOX_RESOLVE_ENGINE_H

#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes/limits.h"
#include "core/config/gaiconf.h"
#include "core/resolve/frame.h"
#include "core/resolve/lookup.h"
#include "sandbox/resolve/bell.h"
#include "sandbox/resolve/control.h"
#include "sandbox/resolve/descriptor.h"
#include "sandbox/resolve/reply.h"
#include "sandbox/resolve/settings.h"
#include "sandbox/resolve/shared.h"
#include "sandbox/resolve/spares.h"
#include "sandbox/resolve/spawner.h"

/*
 * What drives the lookups of one resolver: those of all threads at once, over
 * the pipes of its workers and the sockets of the lookups. One thread at a
 * time leads: it waits for all of them, while the others sleep until theirs is
 * done or the lead is theirs.
 *
 * The engine lies in memory that a fork leaves empty (MADV_WIPEONFORK), locks
 * and all: to a child it is a resolver that has not been opened. What must be
 * known there, too, is in struct bj_resolver: settings, and the descriptors,
 * so that they can be closed.
 */

/* Lookups at once: as many as a worker takes (core/resolve/stub.h). */
#define BJ_SLOTS 256

/* Workers at once: one for each of 64 isolated lookups and one to spare; else
 * the one that is asked and two that are older but not done. */
#define BJ_WORKERS 65
#define BJ_WORKERS_SHARED 3

/* Room for what a worker has sent: any frame at its longest. */
#define BJ_LINK_IN (BJ_FRAME_HEADER_LEN + BJ_RESULT_MAX)

/* Room for what it is to be sent: a datagram of the longest, as long as less
 * than half is used, and then still many frames without one. */
#define BJ_LINK_OUT (4U * BJ_FRAME_CHUNK_MAX)

/* Octets of a DATAGRAM or STREAM at most. */
#define BJ_EVENT_MAX \
    (BJ_FRAME_HEADER_LEN + 8 + BJ_FRAME_ENTROPY_LEN + BJ_FRAME_CHUNK_MAX)

/* The servers that a worker may name, and how long its lookups may take: of
 * the configuration that it was loaded with. */
struct bj_servers {
    size_t count;
    union {
        struct sockaddr any;
        struct sockaddr_in ip4;
        struct sockaddr_in6 ip6;
    } address[BJ_NAMESERVERS_MAX];
    socklen_t len[BJ_NAMESERVERS_MAX];
    char zone[BJ_NAMESERVERS_MAX][IF_NAMESIZE]; /* "": it has none */
    unsigned queries_max;
    uint64_t time_max_ms;
};

/* Where in the leader's last poll a descriptor stood. */
struct bj_polled {
    uint32_t epoch;
    uint32_t index;
};

struct bj_worker {
    bool alive;
    bool taken;      /* by an isolated lookup */
    uint32_t number; /* the spawner's */
    uint64_t generation;
    uint32_t turn;       /* the upper part of lookup numbers */
    size_t lookup_count; /* that are on it */
    /*
     * Since when every lookup on it has an event that it has not answered and
     * it has said nothing; 0: that is not so. A lookup that waits for another's
     * question keeps quiet, and so does one that waits for a server: only then
     * must it speak.
     */
    uint64_t owes_since_ms;
    uint64_t strays; /* frames that may yet come for cancelled ones */
    struct bj_servers servers;
    struct bj_polled polled;
    uint8_t *in;
    size_t in_len;
    uint8_t *out;
    size_t out_pos; /* sent so far */
    size_t out_len;
};

enum bj_wire_state {
    BJ_WIRE_NONE,
    BJ_WIRE_DATAGRAM,
    BJ_WIRE_CONNECTING,
    BJ_WIRE_STREAM,
    BJ_WIRE_OVER /* its end was reported: nothing more will come */
};

/* A socket to a name server. Its descriptor is in the ledger. */
struct bj_wire {
    enum bj_wire_state state;
    uint8_t server;
    int family;
    bool unanswered; /* the worker has been told something of it */
    bool failed;     /* and is to be told that it broke */
    bool written;    /* the one query of a stream */
    struct bj_polled polled;
    size_t unsent_len;
    uint8_t unsent[2 + BJ_QUERY_MAX];
};

enum bj_slot_state {
    BJ_SLOT_FREE,
    BJ_SLOT_QUEUED, /* there is no worker for it yet */
    BJ_SLOT_ASKED,  /* its worker works on it */
    BJ_SLOT_DONE    /* its reply is there; a call's may be taken from it */
};

/* Whom an event that the worker has not answered came from. */
enum { BJ_EVENT_OF_LOOKUP = BJ_FRAME_SOCKETS, BJ_EVENTS_MAX = 4 };

struct bj_call;

struct bj_slot {
    enum bj_slot_state state;
    uint32_t id;
    unsigned worker;
    struct bj_reply *reply; /* the owner's */
    struct bj_call *call;   /* NULL: a thread waits */
    pthread_cond_t done;    /* all zero, as a fork leaves it, is a new one */
    uint64_t ticket;        /* of those that queue: the least comes first */
    uint64_t deadline_ms;
    uint64_t until_ms; /* as the last WAIT says */
    uint8_t events[BJ_EVENTS_MAX];
    unsigned event_count;
    unsigned actions; /* since the last event was answered */
    unsigned queries_left;
    unsigned timers_left;
    bool retried;
    unsigned restarts;
    struct bj_wire wires[BJ_FRAME_SOCKETS];
    size_t request_len;
    uint8_t request[BJ_LOOKUP_MAX];
};

enum { BJ_POLLS = 3 + 2 * BJ_WORKERS + BJ_SLOTS * BJ_FRAME_SOCKETS };

struct bj_engine {
    pthread_mutex_t lock;
    pthread_cond_t room; /* a slot has become free, or the lead is */
    unsigned room_waiters;
    bool alive;             /* this very process has opened it */
    bool broken;            /* it is to be opened anew */
    pthread_cond_t *leader; /* what its thread would wait on if another led;
                               NULL: there is none */
    bool asleep;            /* it waits, without the lock */
    bool woken;             /* it has been told not to */

    struct bj_worker workers[BJ_WORKERS];
    unsigned wants;             /* of the spawner, that it has not answered */
    uint64_t answered_ms;       /* when it last did, or the first was asked */
    uint64_t generation_failed; /* of a configuration without a worker */
    int failure;                /* why: an errno value */

    uint64_t used[BJ_SLOTS / 64]; /* a bit for each slot */
    unsigned queued_count;        /* of slots that are BJ_SLOT_QUEUED */
    uint64_t ticket;
    struct bj_slot slots[BJ_SLOTS];
    struct bj_call *waiting_head; /* calls without a slot */
    struct bj_call *waiting_tail;
    struct bj_call *done_head; /* calls whose completion is due */
    struct bj_call *done_tail;
    struct bj_call *calls; /* all of them */
    uint64_t life;  /* which of the processes of this resolver it is in */
    uint32_t visit; /* descriptor.h; of who has the lock */
    uint32_t visits;
    uint64_t heard_ms; /* when the spawner was last listened to */

    uint32_t epoch;
    struct pollfd polls[2][BJ_POLLS]; /* the leader's, and an event loop's */

    size_t entropy_left;
    uint8_t entropy[16 * BJ_FRAME_ENTROPY_LEN];
    uint8_t packet[BJ_FRAME_CHUNK_MAX];
    uint8_t message[BJ_CONTROL_MAX];
};

/* Every descriptor of a resolver. In a child they are the parent's, to be
 * closed; an entry that was being changed while it forked is harmless, since
 * identities are looked at. */
struct bj_ledger {
    struct bj_spawner_handle spawner;
    struct bj_bell wake;  /* the leader is to look again */
    struct bj_bell ready; /* the event loop is: completions are due, or the
                             lead is */
    struct bj_descriptor to[BJ_WORKERS]; /* control.h: struct bj_ends */
    struct bj_descriptor from[BJ_WORKERS];
    struct bj_descriptor readers[BJ_WORKERS];
    struct bj_descriptor wires[BJ_SLOTS][BJ_FRAME_SOCKETS];
    struct bj_spares spares;
};

struct bj_resolver {
    struct bj_settings *settings;
    struct bj_shared *shared;
    struct bj_engine *engine;
    struct bj_ledger ledger;
    unsigned worker_count; /* places for workers */
    bool opened;           /* once, be it by an ancestor */
    uint64_t lives;        /* of engines, here and in ancestors */
    int seccomp;           /* the mode that it was opened in */
    bool closing;          /* by a completion */
    bool completing;       /* inside of one, which `completer` calls: */
    pthread_t completer;   /* in a child another's never comes to its end */
    /* Under the engine's lock, but for a child that is about to open it. */
    uint64_t gai_generation;
    struct bj_gaiconf gai;
};

/* CLOCK_BOOTTIME in ms. */
uint64_t bj_engine_now(void);

/* ---- engine_open.c ---- */

/* Maps what the resolver needs; 0 or an errno value. It is not opened yet. */
int bj_engine_make(struct bj_resolver *r);
void bj_engine_unmake(struct bj_resolver *r);

/* Opens it, if it is not, or not by this process: 0 or an errno value. With
 * the lock held, as all that follow. */
int bj_engine_open(struct bj_resolver *r);
/* Gives up all that is open; the lookups queue again. */
void bj_engine_break(struct bj_resolver *r);
/* Ends the processes, for good. */
void bj_engine_shut(struct bj_resolver *r);

/* Asks the spawner for a worker, or tells it that one is of no more use. */
void bj_engine_want(struct bj_resolver *r);
void bj_engine_dismiss(struct bj_resolver *r, uint32_t number);
/* Takes what the spawner has said. */
void bj_engine_hear(struct bj_resolver *r);
/* When a spawner that has said nothing counts as one that will not: stopped, by
 * a debugger perhaps. UINT64_MAX: it owes nothing. */
uint64_t bj_engine_patience(const struct bj_resolver *r);
/* Gives it up if that time has come, or those who wait for it. */
void bj_engine_urge(struct bj_resolver *r, uint64_t now_ms);

/* ---- engine_config.c ---- */

/* Reads resolv.conf, for the servers of the worker that has read it, too, and
 * gai.conf. */
void bj_engine_configure(struct bj_resolver *r,
                         const struct bj_control *control,
                         struct bj_servers *out);

/* Looks a server's zone up again, whose interface may have come, or been made
 * anew. False if that changes nothing. */
bool bj_servers_renew(struct bj_servers *servers, unsigned server);

/* ---- engine_worker.c ---- */

/* Why a worker is given up. */
enum bj_verdict {
    BJ_WORKER_IDLE, /* it is not needed any more */
    BJ_WORKER_DEAD,
    BJ_WORKER_HUNG,
    BJ_WORKER_LIED,
    BJ_WORKER_LOST /* not its fault: everything was given up */
};

void bj_worker_drop(struct bj_resolver *r, unsigned worker,
                    enum bj_verdict verdict);
/* Gives the worker the lookup. */
void bj_worker_ask(struct bj_resolver *r, unsigned worker, unsigned slot);
/* Tells it an event; `frame` has type, socket and payload. False if there is
 * no room now. */
bool bj_worker_tell(struct bj_resolver *r, unsigned slot,
                    struct bj_frame *frame, uint64_t now_ms);
void bj_worker_cancel(struct bj_resolver *r, unsigned slot);
/* Whether the longest of events could be told now. */
bool bj_worker_has_room(const struct bj_worker *w);
/* Sends what is to be sent, as far as it goes. */
void bj_worker_flush(struct bj_resolver *r, unsigned worker);
/* Reads what it says, and does it. */
void bj_worker_read(struct bj_resolver *r, unsigned worker, uint64_t now_ms);

/* ---- engine_wire.c ---- */

void bj_wire_close(struct bj_resolver *r, unsigned slot, unsigned k);
/* Both of a lookup that is no longer on its worker. */
void bj_wire_close_all(struct bj_resolver *r, unsigned slot);
/* What the worker wants done. What fails is noted in the wire. */
void bj_wire_send(struct bj_resolver *r, unsigned slot,
                  const struct bj_frame *frame);
void bj_wire_connect(struct bj_resolver *r, unsigned slot,
                     const struct bj_frame *frame);
void bj_wire_write(struct bj_resolver *r, unsigned slot,
                   const struct bj_frame *frame);
/* What to wait for; 0: nothing now. */
short bj_wire_wants(const struct bj_resolver *r, unsigned slot, unsigned k);
/* Something of it has come: does it, and tells the worker. */
void bj_wire_ready(struct bj_resolver *r, unsigned slot, unsigned k,
                   uint64_t now_ms);
/* Whether there is nothing to wait for but one datagram, and where. */
bool bj_wire_only(struct bj_resolver *r, unsigned *slot, unsigned *k);
/* It was waited for: as recv(2) has it, into the engine's packet. */
void bj_wire_heard(struct bj_resolver *r, unsigned slot, unsigned k,
                   ssize_t got, int error, uint64_t now_ms);
/* Tells the worker of wires that broke meanwhile. */
void bj_wire_report(struct bj_resolver *r, unsigned slot, uint64_t now_ms);

/* ---- engine.c ---- */

void bj_engine_lock(struct bj_resolver *r);
void bj_engine_unlock(struct bj_resolver *r);

/* Answers a lookup for its owner; blocks. Without the lock. */
void bj_engine_ask(struct bj_resolver *r, const struct bj_lookup *lookup,
                   struct bj_reply *reply);

/* Puts a lookup in a slot and gets it going. False if there is no room. */
bool bj_engine_begin(struct bj_resolver *r, const struct bj_lookup *lookup,
                     struct bj_reply *reply, struct bj_call *call,
                     unsigned *slot);
/* Its owner has the reply, or does not want it any more. */
void bj_engine_release(struct bj_resolver *r, unsigned slot);
/* The reply is there. */
void bj_engine_finish(struct bj_resolver *r, unsigned slot);
/* Hands the lead on, if somebody waits for it; else to the event loop, which
 * may be polling what was there before. */
void bj_engine_pass(struct bj_resolver *r);
/* Makes the leader, if there is one, look again. */
void bj_engine_wake(struct bj_resolver *r);

/* The one way in which a slot changes its state. */
void bj_slot_become(struct bj_resolver *r, unsigned slot,
                    enum bj_slot_state state);

/* The next slot in use from `from` on; BJ_SLOTS if there is none. */
unsigned bj_engine_next(const struct bj_engine *e, unsigned from);

/* Whether nobody but the library runs in this process until it waits. */
bool bj_engine_alone(const struct bj_resolver *r);
/* Somebody else may have run: a new visit (descriptor.h). */
void bj_engine_visit(struct bj_resolver *r);

/* ---- engine_turn.c ---- */

/* Waits for whatever comes first and deals with it; with `block` false, with
 * what has come. Nothing may be left to settle. */
void bj_engine_turn(struct bj_resolver *r, bool block);
/* Finds out which workers owe an answer. Before the next. */
void bj_engine_judge(struct bj_resolver *r, uint64_t now_ms);
/* Until when to wait at most; for what is the event loop's own list, as far as
 * it goes, and how long it is. */
uint64_t bj_engine_until(const struct bj_resolver *r);
size_t bj_engine_polls(struct bj_resolver *r, struct pollfd *fds, size_t cap);

/* ---- engine_assign.c ---- */

/* There is no worker for those that queue, and will be none. */
void bj_engine_fail_queued(struct bj_resolver *r, int error);
/* Finds workers for those that queue, until there is nothing more to do. */
void bj_engine_settle(struct bj_resolver *r);

/* ---- calls.c ---- */

/* The reply of a call is there: its completion is due. */
void bj_call_finish(struct bj_resolver *r, struct bj_call *call);
/* There is a slot: the call that has waited longest has it. */
void bj_call_place(struct bj_resolver *r);
/* Gives up its slot, if it has one. */
void bj_call_leave(struct bj_resolver *r, struct bj_call *call);
/* Whether this thread is inside of a completion. */
bool bj_call_completes(const struct bj_resolver *r);
/* The resolver ends: so do all of its calls. */
void bj_call_abandon(struct bj_resolver *r);

/* ---- engine_trace.c ---- */
void bj_trace_state(const struct bj_resolver *r, uint32_t lookup,
                    const char *what, int error);
void bj_trace_frame(const struct bj_resolver *r, bool to_worker,
                    const struct bj_frame *frame);
void bj_trace_packet(const struct bj_resolver *r, bool out, unsigned slot,
                     unsigned k, const uint8_t *bytes, size_t len, int error);

#endif
