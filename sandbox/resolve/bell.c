#include "sandbox/resolve/bell.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

int bj_bell_open(struct bj_bell *bell)
{
    int pair[2];
    int error;
    int second;

    if (bj_descriptor_holds(&bell->heard) && bj_descriptor_holds(&bell->rung))
        return 0;
    bj_bell_close(bell);
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   pair) != 0)
        return errno;
    error = bj_descriptor_adopt(&bell->heard, pair[0]);
    second = bj_descriptor_adopt(&bell->rung, pair[1]);
    error = error != 0 ? error : second;
    if (error != 0)
        bj_bell_close(bell);
    return error;
}

void bj_bell_close(struct bj_bell *bell)
{
    bj_descriptor_close(&bell->heard);
    bj_descriptor_close(&bell->rung);
}

void bj_bell_ring(const struct bj_bell *bell)
{
    uint64_t one = 1;

    /* EAGAIN: it rings already. */
    if (bj_descriptor_holds(&bell->rung))
        (void)!write(bell->rung.fd, &one, sizeof(one));
}

void bj_bell_still(const struct bj_bell *bell)
{
    uint64_t one;

    if (!bj_descriptor_holds(&bell->heard))
        return;
    /* Ends: whoever rings has the engine's lock, as we do. */
    while (read(bell->heard.fd, &one, sizeof(one)) > 0)
        ;
}
