#include "tests/chaos/datagram.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/fill.h"

#define ON_THEIR_WAY 8
#define SIZE_MAX_OCTETS 1400
#define NUMBER_OCTETS 4
/* Longer than a role is ever stopped or away, its back-off included. */
#define LOST_MS 15000

struct datagram_totals datagram_totals;

static struct {
    int fd; /* -1: none */
    uint32_t next;
    struct {
        uint32_t number;
        size_t size; /* 0: free */
        uint64_t sent_ms;
    } way[ON_THEIR_WAY];
} own = {.fd = -1};

static struct server *server(void)
{
    return &servers[SERVER_ITERATIVE];
}

size_t datagrams_open(void)
{
    size_t count = 0;

    for (size_t i = 0; i < ON_THEIR_WAY; i++)
        count += own.way[i].size != 0;
    return count;
}

static void lose(size_t i)
{
    own.way[i].size = 0;
    server()->books.lost += 1;
    server()->live -= 1;
    datagram_totals.lost += 1;
}

static void fill(uint8_t *out, size_t size, uint32_t number)
{
    bj_test_fill(out, size, number, 0);
    memcpy(out, &number, NUMBER_OCTETS);
}

static void receive(void *context, short events)
{
    uint8_t got[2048], expected[2048];
    ssize_t n = recv(own.fd, got, sizeof(got), MSG_DONTWAIT);
    uint32_t number;

    (void)context;
    (void)events;
    if (n < 0)
        return; /* nobody listens while the server is away */
    if (n >= NUMBER_OCTETS)
        memcpy(&number, got, sizeof(number));
    for (size_t i = 0; n >= NUMBER_OCTETS && i < ON_THEIR_WAY; i++) {
        if (own.way[i].size != (size_t)n || own.way[i].number != number)
            continue;
        fill(expected, (size_t)n, number);
        if (memcmp(got, expected, (size_t)n) != 0)
            unaccounted("datagram %u: what came back is not what was sent",
                        number);
        own.way[i].size = 0;
        server()->live -= 1;
        server()->books.answered_least += 1;
        datagram_totals.answered += 1;
        return;
    }
    unaccounted("a datagram of %zd octets came back that is not on its way", n);
}

static void open_socket(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(server()->udp_port)};

    own.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (connect(own.fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        unaccounted("a datagram socket cannot be connected");
}

static void send_one(size_t i, size_t size)
{
    uint8_t octets[SIZE_MAX_OCTETS];

    fill(octets, size, own.next);
    if (send(own.fd, octets, size, MSG_DONTWAIT) != (ssize_t)size)
        return;
    own.way[i].number = own.next;
    own.way[i].size = size;
    own.way[i].sent_ms = chaos_now();
    own.next += 1;
    server()->live += 1;
    server()->books.asked_most += 1;
    datagram_totals.sent += 1;
}

void datagrams_look(struct dice *dice, bool more)
{
    bool gone = server()->state != SERVER_SERVING;

    /* What it still answers while it ends, nobody waits for. */
    if (gone && own.fd >= 0) {
        close(own.fd);
        own.fd = -1;
    }
    for (size_t i = 0; i < ON_THEIR_WAY; i++) {
        if (own.way[i].size != 0 &&
            (gone || chaos_now() - own.way[i].sent_ms > LOST_MS))
            lose(i);
        if (gone || !more || own.way[i].size != 0)
            continue;
        if (own.fd < 0)
            open_socket();
        send_one(i, NUMBER_OCTETS +
                        dice_below(dice, SIZE_MAX_OCTETS - NUMBER_OCTETS));
    }
}

void datagrams_enlist(void)
{
    if (own.fd >= 0)
        loop_add(own.fd, POLLIN, receive, NULL);
}
