#include "sandbox/serve/echo.h"

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

/* Whether the keeper has said that this connection has been here too long.
 * A child may be here before its parent has begun the slot; the serial is
 * even then, and the keeper only ever marks odd ones. */
static bool expired(struct bj_slot *slot)
{
    uint32_t mark = atomic_load_explicit(&slot->expired, memory_order_relaxed);

    return mark != 0 &&
           mark == atomic_load_explicit(&slot->serial, memory_order_relaxed);
}

/* What a read or write that returned -1 means to the relay. */
static enum bj_relay_event failure(unsigned *waited, unsigned waits)
{
    if (errno == EINTR)
        return BJ_RELAY_AGAIN;
    /* The kernel's own clock for what the peer does not acknowledge or does
     * not let us send (TCP_USER_TIMEOUT, keep-alive). */
    if (errno == ETIMEDOUT)
        return BJ_RELAY_TIMEOUT;
    if (errno != EAGAIN)
        return BJ_RELAY_FAILED;
    *waited += 1;
    return *waited >= waits ? BJ_RELAY_TIMEOUT : BJ_RELAY_AGAIN;
}

enum bj_relay_outcome bj_serve_echo(int fd, uint8_t *buf, unsigned waits,
                                    struct bj_shared *shared,
                                    struct bj_slot *slot)
{
    struct bj_relay_action action;
    struct bj_relay relay;
    enum bj_relay_event event = BJ_RELAY_START;
    unsigned waited = 0;
    ssize_t n = 0;

    bj_relay_init(&relay, buf, BJ_ECHO_BUF, 0);
    for (;;) {
        action = bj_relay_step(&relay, event, n > 0 ? (size_t)n : 0);
        if (action.kind == BJ_RELAY_READ)
            n = read(fd, action.at, action.n);
        else if (action.kind == BJ_RELAY_WRITE)
            n = write(fd, action.at, action.n);
        else
            return relay.outcome;
        if (n > 0) {
            bool in = action.kind == BJ_RELAY_READ;

            event = in ? BJ_RELAY_GOT : BJ_RELAY_PUT;
            bj_count(shared, in ? BJ_COUNT_BYTES_IN : BJ_COUNT_BYTES_OUT,
                     (uint64_t)n);
            waited = 0;
        } else if (n == 0) {
            /* A write of at least one octet never returns 0. */
            event = BJ_RELAY_EOF;
        } else {
            event = failure(&waited, waits);
        }
        if (expired(slot))
            event = BJ_RELAY_TIMEOUT;
    }
}

void bj_serve_echo_count(struct bj_shared *shared,
                         enum bj_relay_outcome outcome)
{
    if (outcome == BJ_RELAY_TIMED_OUT)
        bj_count(shared, BJ_COUNT_TIMED_OUT, 1);
    else if (outcome != BJ_RELAY_OK)
        bj_count(shared, BJ_COUNT_BROKEN, 1);
}
