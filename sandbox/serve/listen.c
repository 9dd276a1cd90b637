#include "sandbox/serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/bytes/ascii.h"
#include "sandbox/serve/log.h"

#define DEFAULT_HOST "localhost"
#define DEFAULT_PORT "7007"

/* Addresses that one name may have; a host with more is cut off. */
#define ADDRESSES_MAX 16

/* With port 0 the kernel chooses for TCP, and UDP takes the same number; so
 * many times the pair is tried before somebody else's socket is blamed. */
#define PAIR_TRIES 16

/* A thread that waits looks so often whether its whole time is over. */
#define SLICE_MS 1000U

uint32_t bj_listen_slice(const struct bj_serve_options *options)
{
    if (options->mode != BJ_SERVE_THREAD || options->max_ms == 0)
        return options->idle_ms;
    if (options->idle_ms != 0 && options->idle_ms < SLICE_MS)
        return options->idle_ms;
    return SLICE_MS;
}

static bool set(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

static bool set_wait(int fd, uint32_t ms)
{
    struct timeval tv = {.tv_sec = ms / 1000,
                         .tv_usec = (suseconds_t)(ms % 1000) * 1000};

    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) == 0;
}

bool bj_listen_tune(int fd, const struct bj_serve_options *options)
{
    int domain = 0;
    socklen_t len = sizeof(domain);

    if (!set_wait(fd, bj_listen_slice(options)) ||
        getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) != 0)
        return false;
    /* A super-server may hand over a pair of local sockets. */
    if (domain != AF_INET && domain != AF_INET6)
        return true;
    /* TCP_USER_TIMEOUT bounds what the kernel still holds for a peer with a
     * closed window after the role has closed the connection. */
    return set(fd, IPPROTO_TCP, TCP_NODELAY, 1) &&
           set(fd, SOL_SOCKET, SO_KEEPALIVE, 1) &&
           set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)options->idle_ms);
}

static void complain(const char *listen, const char *why)
{
    struct bj_line line;

    bj_line_start(&line, "cannot-listen");
    bj_line_text(&line, "listen", listen);
    bj_line_text(&line, "error", why);
    bj_line_end(&line, BJ_LOG_PROBLEM);
}

/* Moves a descriptor out of the roles' fixed numbers. */
static int move_up(int fd)
{
    int up;

    if (fd < 0 || fd >= BJ_LISTEN_FD_MIN)
        return fd;
    up = fcntl(fd, F_DUPFD_CLOEXEC, BJ_LISTEN_FD_MIN);
    close(fd);
    if (up < 0 && errno == EINVAL) /* RLIMIT_NOFILE is not above the number */
        errno = EMFILE;
    return up;
}

/* Binds and, for a stream, listens. The descriptor, or -1 with errno set. */
static int open_one(const struct bj_endpoint *endpoint, bool datagram,
                    const struct bj_serve_options *options)
{
    struct sockaddr_storage address;
    socklen_t len = bj_endpoint_to_sockaddr(endpoint, &address);
    static const uint8_t any[16];
    bool wildcard = memcmp(endpoint->address.octets, any, sizeof(any)) == 0;
    int type = datagram ? SOCK_DGRAM : SOCK_STREAM;
    bool good;
    int error;
    int fd;

    fd = move_up(socket(address.ss_family, type | SOCK_CLOEXEC, 0));
    if (fd < 0)
        return -1;
    good = datagram || (set(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
                        bj_listen_tune(fd, options));
    /* [::] serves IPv4 too; any other IPv6 address cannot. */
    if (address.ss_family == AF_INET6)
        good = good && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, !wildcard);
    good = good && bind(fd, (struct sockaddr *)&address, len) == 0 &&
           (datagram || listen(fd, SOMAXCONN) == 0);
    if (good)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Appends the socket; its endpoint is asked of the kernel. */
static bool add(struct bj_listeners *out, int fd, bool datagram, bool passed)
{
    struct bj_listener *listener = &out->list[out->count];
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
        bj_endpoint_from_sockaddr(&address, len, &listener->endpoint) != BJ_OK)
        return false;
    listener->fd = fd;
    listener->datagram = datagram;
    listener->passed = passed;
    bj_endpoint_format(&listener->endpoint, listener->text);
    out->count += 1;
    return true;
}

/* One endpoint, as TCP and, where asked for, as UDP on the same port. 0 or
 * an errno. */
static int open_endpoint(const struct bj_endpoint *endpoint,
                         const struct bj_serve_options *options,
                         struct bj_listeners *out)
{
    size_t before = out->count;
    int error;
    int fd;

    if (out->count + 1U + options->udp > BJ_SERVE_SOCKETS_MAX)
        return EMFILE;
    for (int attempt = 0; attempt < PAIR_TRIES; attempt++) {
        fd = open_one(endpoint, false, options);
        if (fd < 0 || !add(out, fd, false, false))
            return errno;
        if (!options->udp)
            return 0;
        fd = open_one(&out->list[before].endpoint, true, options);
        if (fd >= 0 && add(out, fd, true, false))
            return 0;
        error = errno;
        close(out->list[before].fd);
        out->count = before;
        if (error != EADDRINUSE || endpoint->port != 0)
            return error;
    }
    return EADDRINUSE;
}

/* Numeric endpoints are read by core; a zone's name is looked up here. */
static bool parse_numeric(const char *text, struct bj_endpoint *endpoint)
{
    char name[BJ_ZONE_MAX + 1] = "";
    struct bj_zone zone;

    if (bj_endpoint_parse((const uint8_t *)text, strlen(text), endpoint,
                          &zone) != BJ_OK)
        return false;
    if (zone.len == 0)
        return true;
    memcpy(name, zone.text, zone.len);
    endpoint->address.scope = if_nametoindex(name);
    return endpoint->address.scope != 0;
}

/* Digits up to 65535, no leading zero: getaddrinfo takes 70000 for 4464. */
static bool is_port(const char *text)
{
    struct bj_cursor c;

    bj_cursor_init(&c, (const uint8_t *)text, strlen(text));
    if (bj_cursor_peek(&c) == '0')
        bj_cursor_skip(&c, 1);
    else
        bj_ascii_read_dec(&c, UINT16_MAX);
    return bj_cursor_end(&c) == BJ_OK;
}

/* The endpoints of `name:port` by the system's resolver. */
static const char *resolve(const char *text, struct bj_endpoint *out,
                           size_t *count)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICSERV};
    const char *colon = strrchr(text, ':');
    struct addrinfo *list;
    char host[256];
    int error;

    *count = 0;
    if (colon == NULL || colon == text || colon[1] == '\0' ||
        memchr(text, ':', (size_t)(colon - text)) != NULL ||
        (size_t)(colon - text) >= sizeof(host))
        return "not an endpoint: it takes HOST:PORT, [IPV6]:PORT or a name "
               "with a port, like localhost:7007";
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    if (!is_port(colon + 1))
        return "the port is not a number from 0 to 65535";
    error = getaddrinfo(host, colon + 1, &hints, &list);
    if (error != 0)
        return gai_strerror(error);
    for (struct addrinfo *a = list; a != NULL && *count < ADDRESSES_MAX;
         a = a->ai_next) {
        if (bj_endpoint_from_sockaddr(a->ai_addr, a->ai_addrlen,
                                      &out[*count]) == BJ_OK)
            *count += 1;
    }
    freeaddrinfo(list);
    return *count == 0 ? "the name has no address" : NULL;
}

/*
 * Every address of one --listen. An address of a name that this machine does
 * not have (EADDRNOTAVAIL; EAFNOSUPPORT without IPv6) is told and passed over
 * as long as one remains.
 */
static bool open_text(const char *text, const struct bj_serve_options *options,
                      struct bj_listeners *out)
{
    struct bj_endpoint endpoints[ADDRESSES_MAX];
    char shown[BJ_ENDPOINT_TEXT_MAX];
    size_t before = out->count;
    size_t count = 1;
    bool is_name = !parse_numeric(text, &endpoints[0]);
    const char *why = NULL;
    int error;

    if (is_name)
        why = resolve(text, endpoints, &count);
    if (why != NULL) {
        complain(text, why);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        error = open_endpoint(&endpoints[i], options, out);
        if (error == 0)
            continue;
        bj_endpoint_format(&endpoints[i], shown);
        complain(shown, error == EMFILE
                            ? "too many sockets, or ulimit -n is too low"
                            : strerror(error));
        if (!is_name || (error != EADDRNOTAVAIL && error != EAFNOSUPPORT))
            return false;
    }
    if (out->count == before)
        complain(text, "none of its addresses can be had here");
    return out->count > before;
}

/* A descriptor that systemd passed: it must listen, or be a datagram socket,
 * of an internet family. */
static const char *check_passed(int fd, bool *datagram)
{
    int type = 0;
    int listens = 0;
    socklen_t len = sizeof(type);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
        return "what was passed is not a socket";
    len = sizeof(listens);
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) != 0)
        listens = 0;
    *datagram = type == SOCK_DGRAM;
    if (type == SOCK_STREAM && !listens)
        return "a connection was passed: for Accept=yes use --inetd and "
               "StandardInput=socket";
    return type == SOCK_STREAM || type == SOCK_DGRAM
               ? NULL
               : "what was passed is neither a stream nor datagrams";
}

static bool take_passed(int count, const struct bj_serve_options *options,
                        struct bj_listeners *out)
{
    for (int i = 0; i < count; i++) {
        bool datagram = false;
        const char *why = check_passed(3 + i, &datagram);
        int fd = why == NULL ? move_up(3 + i) : -1;

        if (why == NULL && fd >= 0 && !datagram && !bj_listen_tune(fd, options))
            why = strerror(errno);
        /* A role waits in accept and recvfrom, whatever was passed. */
        if (why == NULL && (fd < 0 || fcntl(fd, F_SETFL, 0) != 0))
            why = strerror(errno);
        if (why == NULL && !add(out, fd, datagram, true))
            why = "its address is not of IPv4 or IPv6";
        if (why != NULL) {
            complain("passed", why);
            return false;
        }
    }
    return true;
}

/* How many sockets systemd passes to this very process; sd_listen_fds(3). -1
 * if they are more than we take. */
static int passed_count(void)
{
    const char *pid = getenv("LISTEN_PID");
    const char *fds = getenv("LISTEN_FDS");
    struct bj_cursor c;
    uint64_t value;

    if (pid == NULL || fds == NULL)
        return 0;
    bj_cursor_init(&c, (const uint8_t *)pid, strlen(pid));
    value = bj_ascii_read_dec(&c, INT32_MAX);
    if (bj_cursor_end(&c) != BJ_OK || value != (uint64_t)getpid())
        return 0;
    bj_cursor_init(&c, (const uint8_t *)fds, strlen(fds));
    value = bj_ascii_read_dec(&c, BJ_SERVE_SOCKETS_MAX);
    return bj_cursor_end(&c) == BJ_OK ? (int)value : -1;
}

bool bj_listen_open(const struct bj_serve_options *options,
                    struct bj_listeners *out)
{
    int passed = passed_count();

    out->count = 0;
    if (options->listen_count == 0 && passed < 0) {
        complain("passed", "LISTEN_FDS is not a number of up to 32 sockets");
        return false;
    }
    if (options->listen_count == 0 && passed > 0)
        return take_passed(passed, options, out);
    if (options->listen_count == 0)
        return open_text(DEFAULT_HOST ":" DEFAULT_PORT, options, out);
    for (size_t i = 0; i < options->listen_count; i++) {
        if (!open_text(options->listen[i], options, out))
            return false;
    }
    return true;
}
