#include "sandbox/resolve/spares.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
    /* Datagrams and errors that a socket's buffer may hold: 208 KiB, of which
     * each takes 768 octets at least. */
    DRAIN_MAX = 512
};

static int make(int family, struct bj_descriptor *out)
{
    static const struct timeval most = {0, BJ_SPARES_WAIT_MS * 1000};
    int error = bj_descriptor_adopt(
        out, socket(family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP));

    if (error == 0 && setsockopt(out->fd, SOL_SOCKET, SO_RCVTIMEO, &most,
                                 sizeof(most)) != 0) {
        error = errno;
        bj_descriptor_close(out);
    }
    return error;
}

int bj_spares_take(struct bj_spares *spares, int family,
                   struct bj_descriptor *out, uint32_t visit)
{
    for (unsigned i = 0; i < BJ_SPARES_MAX; i++) {
        struct bj_descriptor *spare = &spares->sockets[i];

        if (spare->fd <= 0 || spares->families[i] != family)
            continue;
        *out = *spare;
        *spare = (struct bj_descriptor){.fd = -1};
        if (bj_descriptor_holds_on(out, visit))
            return 0;
    }
    return make(family, out);
}

/* Takes its peer and its port from it. */
static bool dissolve(struct bj_descriptor *d, uint32_t visit)
{
    static const struct sockaddr none = {.sa_family = AF_UNSPEC};

    return bj_descriptor_holds_on(d, visit) &&
           connect(d->fd, &none, sizeof(none)) == 0;
}

void bj_spares_give(struct bj_spares *spares, int family,
                    struct bj_descriptor *d, uint32_t visit)
{
    for (unsigned i = 0; i < BJ_SPARES_MAX; i++) {
        if (spares->sockets[i].fd > 0)
            continue;
        if (!dissolve(d, visit))
            break;
        spares->sockets[i] = *d;
        spares->families[i] = family;
        *d = (struct bj_descriptor){.fd = -1};
        return;
    }
    bj_descriptor_close(d);
}

void bj_spares_close(struct bj_spares *spares)
{
    for (unsigned i = 0; i < BJ_SPARES_MAX; i++)
        bj_descriptor_close(&spares->sockets[i]);
}

bool bj_spares_drain(const struct bj_descriptor *d)
{
    uint8_t octet;

    for (unsigned i = 0; i < DRAIN_MAX; i++)
        if (recv(d->fd, &octet, sizeof(octet), MSG_DONTWAIT) < 0 &&
            errno == EAGAIN)
            return true;
    return false;
}
