#ifndef BJ_TESTS_CHAOS_SERVER_H
#define BJ_TESTS_CHAOS_SERVER_H

#include "tests/chaos/books.h"
#include "tests/chaos/chaos.h"

/*
 * The servers, one for each way to serve, and their books. A server lives
 * several times: the run ends and kills it. At the end of each life what it
 * counted is laid beside what its clients saw.
 */
enum server_kind {
    SERVER_PROCESS,
    SERVER_THREAD,
    SERVER_ITERATIVE, /* and datagrams */
    SERVER_INETD,     /* chaos listens; a process for each connection */
    SERVER_COUNT
};

enum server_state {
    SERVER_DOWN,
    SERVER_STARTING,
    SERVER_SERVING,
    SERVER_ENDING
};

struct server {
    enum server_kind kind;
    const char *name;
    enum server_state state;
    pid_t keeper, role, udp_role; /* 0: none */
    uint16_t port, udp_port;
    uint32_t live;       /* conversations that our clients have with it */
    uint64_t excused_ms; /* when last something was done that cuts */
    unsigned excusing;   /* how much of it goes on */
    uint64_t since_ms;   /* of the state */
    bool keeper_killed;
    json_t *totals; /* what it said at its end, until the books are closed */
    struct books books;
    uint64_t handled;              /* as it said last */
    uint64_t lives, lives_counted; /* all; those whose totals were compared */
    int log;
    char line[4096];
    size_t line_len;
};

extern struct server servers[SERVER_COUNT];

void servers_start(void);
void servers_enlist(void); /* for the next turn of the loop */

/* A child of ours has ended: true if it was a server's. */
bool servers_reaped(pid_t pid, int status);

/* Starts those that are down, if `again`; notices those that are stuck. */
void servers_look(bool again);

/* Whether it has handled all connections that were made, as it says itself
 * when asked: asks anew each time. Those that we have left count no more. */
bool server_caught_up(struct server *server);

/* Ends it in order: its totals are compared when it is gone. */
void server_end(struct server *server);

/* Kills its keeper, and so its roles: nothing is left to compare. */
void server_kill(struct server *server);

/* The processes below it that serve one connection each. */
size_t server_children(const struct server *server, pid_t *out, size_t cap);

/* Something cuts connections now; or from now on, until server_calm. */
void server_excuse(struct server *server);
void server_trouble(struct server *server);
void server_calm(struct server *server);

/* Whether a conversation that began then may have been cut. */
bool server_excuses(const struct server *server, uint64_t since_ms);

bool servers_down(void);

#endif
