#ifndef BJ_SANDBOX_SERVE_NOTIFY_H
#define BJ_SANDBOX_SERVE_NOTIFY_H

#include <stdint.h>

/*
 * What a service tells systemd (sd_notify(3)): ready, stopping, still alive.
 * The socket is connected before confinement, so that afterwards a message is
 * a write(2) like a line of the log. Without NOTIFY_SOCKET nothing is said.
 */
struct bj_notify {
    int fd;               /* -1: nobody listens */
    uint32_t watchdog_ms; /* say so at least twice as often; 0: not asked */
};

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. The descriptor is
 * BJ_LISTEN_FD_MIN or above. */
void bj_notify_open(struct bj_notify *notify);

void bj_notify_say(const struct bj_notify *notify, const char *message);

#endif
