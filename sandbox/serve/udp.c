#include <errno.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/echo/datagram.h"
#include "sandbox/serve/role.h"

/*
 * RFC 862 over UDP: each datagram that core/echo/datagram lets us answer goes
 * back as it came. The time is the keeper's, since a role has no clock: a
 * bucket is refilled a quarter of a second's worth at a time, of which it
 * holds four.
 */

/* 2^15 networks at once get a bucket of their own before the first two have
 * to share one, about; 512 KiB, touched as networks come. */
#define BUCKETS 65536

/* The largest UDP payload is 65507 octets, so nothing is cut off. */
#define DATAGRAM_MAX 65536

static struct {
    struct bj_datagram judge;
    uint16_t ports[BJ_SERVE_SOCKETS_MAX];
    uint64_t buckets[BUCKETS];
    uint8_t buf[DATAGRAM_MAX];
} own;

bool bj_serve_udp_prepare(const struct bj_serve_options *options,
                          const struct bj_listeners *listeners)
{
    struct bj_datagram_settings settings = {
        .own_ports = own.ports,
        .own_port_count = listeners->count,
        .interval_us = options->udp_rate == 0 ? 0 : 1000000 / options->udp_rate,
        .burst = options->udp_rate,
    };

    for (size_t i = 0; i < listeners->count; i++)
        own.ports[i] = listeners->list[i].endpoint.port;
    if (getrandom(&settings.key, sizeof(settings.key), 0) !=
        (ssize_t)sizeof(settings.key))
        return false;
    bj_datagram_init(&own.judge, &settings, own.buckets, BUCKETS);
    return true;
}

static void answer(const struct bj_serve_role *role, size_t len,
                   const struct sockaddr_storage *from, socklen_t from_len)
{
    struct bj_shared *shared = role->shared;
    uint64_t now_us = atomic_load(&shared->now_ms) * 1000;
    struct bj_endpoint source;
    ssize_t n;

    bj_count(shared, BJ_COUNT_BYTES_IN, len);
    if (bj_endpoint_from_sockaddr(from, from_len, &source) != BJ_OK ||
        bj_datagram_judge(&own.judge, &source, now_us) != BJ_DATAGRAM_ANSWER) {
        bj_count(shared, BJ_COUNT_DROPPED, 1);
        return;
    }
    do {
        n = sendto(BJ_FD_LISTENER, own.buf, len, 0,
                   (const struct sockaddr *)from, from_len);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        bj_count(shared, BJ_COUNT_BROKEN, 1);
        return;
    }
    bj_count(shared, BJ_COUNT_DATAGRAMS, 1);
    bj_count(shared, BJ_COUNT_BYTES_OUT, (uint64_t)n);
}

void bj_serve_udp(const struct bj_serve_role *role)
{
    struct sockaddr_storage from;
    socklen_t from_len;
    ssize_t n;

    bj_lockdown_enter(role->outer, NULL, 0);
    bj_role_ready(role);
    for (;;) {
        from_len = sizeof(from);
        n = recvfrom(BJ_FD_LISTENER, own.buf, sizeof(own.buf), 0,
                     (struct sockaddr *)&from, &from_len);
        /* A socket that is shut down gives 0, as an empty datagram does, and
         * a signal EINTR: the flag tells. */
        if (n <= 0 && atomic_load(&role->shared->stop) != 0)
            _exit(0);
        if (n >= 0)
            answer(role, (size_t)n, &from, from_len);
    }
}
