#ifndef BJ_TESTS_RESOLVE_SERVER_H
#define BJ_TESTS_RESOLVE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A name server on loopback, over UDP and TCP, in a process of its own, which
 * answers every question with one address of 0x20 octets, unless the name
 * begins so:
 *
 *     silent.   it says nothing
 *     slow.     it takes 300 ms
 *     twice.    it says so twice
 *     none.     no such name
 *     tcp.      truncated; the whole over TCP
 */
struct bj_test_server {
    int pid;
    uint16_t port;
    char endpoint[32]; /* 127.0.0.1:PORT */
    unsigned *queries; /* that came, over UDP; shared with the process */
};

/* Starts one, or ends the test. */
void bj_test_server_start(struct bj_test_server *server);
void bj_test_server_stop(struct bj_test_server *server);

#endif
