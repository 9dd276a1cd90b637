#include "harnesses/support/gai_arguments.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "core/bytes/cursor.h"

static const int socktypes[] = {0,         SOCK_STREAM,    SOCK_DGRAM, SOCK_RAW,
                                SOCK_DCCP, SOCK_SEQPACKET, SOCK_RDM,   77};
static const int protocols[] = {0,
                                IPPROTO_TCP,
                                IPPROTO_UDP,
                                IPPROTO_DCCP,
                                IPPROTO_UDPLITE,
                                IPPROTO_SCTP,
                                IPPROTO_ICMP,
                                -1};
static const int families[] = {AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX};

static const char *read_string(struct bj_cursor *c, char *buf, size_t cap)
{
    size_t len = 0;

    while (bj_cursor_left(c) > 0) {
        uint8_t ch = bj_cursor_u8(c);

        if (ch == 0xff && len == 0)
            return NULL;
        if (ch == 0 || ch == 0xff)
            break;
        if (len + 1 < cap)
            buf[len++] = (char)ch;
    }
    buf[len] = '\0';
    return buf;
}

void bj_gai_arguments_read(const uint8_t *data, size_t size,
                           struct bj_gai_arguments *a)
{
    struct bj_cursor c;
    unsigned kind;

    memset(a, 0, sizeof(*a));
    bj_cursor_init(&c, data, size);
    a->hints.ai_flags = bj_cursor_u16(&c);
    kind = bj_cursor_u8(&c);
    a->hints.ai_socktype = socktypes[kind % 8];
    a->hints.ai_protocol = protocols[kind / 8 % 8];
    a->hints.ai_family = families[kind / 64];
    kind = bj_cursor_u8(&c);
    a->has_hints = (kind & 1) == 0;
    a->configured.ip4 = (kind & 2) == 0;
    a->configured.ip6 = (kind & 4) == 0;
    a->node_or_null = read_string(&c, a->node, sizeof(a->node));
    a->service_or_null = read_string(&c, a->service, sizeof(a->service));
}
