#ifndef BJ_TESTS_RESOLVE_FIXTURE_H
#define BJ_TESTS_RESOLVE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/resolve/belljar.h"

/*
 * A configuration of a test's own, in a folder that goes with it, and what
 * tests ask of a resolver.
 */
struct bj_fixture {
    char folder[64];
    char resolv_conf[96];
    char hosts[96];
    char services[96];
    char nsswitch[96];
    char gai_conf[96];
    const char *server; /* an endpoint, or NULL */
    const char *servers[1];
    struct bj_resolver_options options;
};

/* The captured worker (main_captured.c), in that mode. */
void bj_fixture_captured(struct bj_fixture *f, const char *mode,
                         const char *server);
/* The worker as it is shipped. */
void bj_fixture_real(struct bj_fixture *f, const char *resolv_conf,
                     const char *server);
/* Replaces a file as an editor does, by a new one of the same name. */
void bj_fixture_write(const char *path, const char *text);
void bj_fixture_remove(struct bj_fixture *f);

/* Opens with the fixture's options, or ends the test. */
struct bj_resolver *bj_fixture_open(struct bj_fixture *f);

/* The captured worker as one that is not, and its end. */
struct bj_resolver *bj_fixture_open_honest(struct bj_fixture *f,
                                           const char *server);
void bj_fixture_close(struct bj_fixture *f, struct bj_resolver *r);

/* The first IPv4 address of a name, as text, or the name of the EAI_* value;
 * a static string of the thread's. */
const char *bj_test_ip4(struct bj_resolver *r, const char *name);

uint64_t bj_test_now(void); /* CLOCK_MONOTONIC in ms */

/* Waits for the end of a process that is not this one's to reap. */
void bj_test_until_gone(pid_t pid);

/* How many entries a folder has; 0 if it may not be looked into. */
size_t bj_test_entries(const char *path);

/* How many descriptors this process has open. */
size_t bj_test_descriptors(void);

/* Processes below `pid`, by the kernel's account: how many, and the first few
 * of them. */
size_t bj_test_children(pid_t pid, pid_t *out, size_t cap);

/* The spawner of this process that came last, and its first worker; 0 if there
 * is none. */
pid_t bj_test_spawner(void);
pid_t bj_test_spawner_of(pid_t pid);
pid_t bj_test_worker(pid_t spawner);

#endif
