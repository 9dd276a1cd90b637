#include "sandbox/connect/names.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "core/bytes/ascii.h"

static const int families[] = {
    [BJ_FAMILY_ANY] = AF_UNSPEC,
    [BJ_FAMILY_IP4] = AF_INET,
    [BJ_FAMILY_IP6] = AF_INET6,
};

static void collect(struct bj_names *names, const struct addrinfo *list)
{
    for (; list != NULL; list = list->ai_next) {
        struct bj_endpoint endpoint;

        if (bj_endpoint_from_sockaddr(list->ai_addr, list->ai_addrlen,
                                      &endpoint) != BJ_OK)
            continue; /* a family that no role may open a socket of */
        if (names->count == BJ_RACE_MAX) {
            names->left_out += 1;
            continue;
        }
        names->endpoints[names->count] = endpoint;
        names->count += 1;
    }
}

/* A number that is no port: getaddrinfo would take 70000 for 4464. */
static bool is_beyond_ports(const char *service)
{
    struct bj_cursor c;

    if (service[0] == '\0' || service[strspn(service, "0123456789")] != '\0')
        return false;
    bj_cursor_init(&c, (const uint8_t *)service, strlen(service));
    while (bj_cursor_peek(&c) == '0')
        bj_cursor_skip(&c, 1);
    if (bj_cursor_left(&c) > 0)
        bj_ascii_read_dec(&c, UINT16_MAX);
    return bj_cursor_end(&c) != BJ_OK;
}

bool bj_names_find(struct bj_names *names, const char *host,
                   const char *service, enum bj_family family, bool datagram,
                   const char **why)
{
    /* Not AI_ADDRCONFIG: every address is tried, and one of a family that
     * this machine lacks fails at once and says so. */
    struct addrinfo hints = {.ai_family = families[family],
                             .ai_socktype =
                                 datagram ? SOCK_DGRAM : SOCK_STREAM};
    struct addrinfo *list = NULL;
    int error = EAI_NONAME;

    memset(names, 0, sizeof(*names));
    if (is_beyond_ports(service)) {
        *why = "the port is not a number from 0 to 65535";
        return false;
    }
    if (service[0] == '\0')
        error = EAI_SERVICE;
    else if (host[0] != '\0')
        error = getaddrinfo(host, service, &hints, &list);
    if (error != 0) {
        *why = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
        return false;
    }
    collect(names, list);
    freeaddrinfo(list);
    *why = gai_strerror(EAI_ADDRFAMILY);
    return names->count > 0;
}
