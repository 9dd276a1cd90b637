#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/resolve/spawner_state.h"

/*
 * This host's own addresses, from the kernel: all of them, asked for anew
 * whenever it says that one has changed.
 */

/* How often a list is asked for again because something changed meanwhile. */
enum { TRIES = 3 };

void bj_spawner_open_netlink(struct bj_spawner *s)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                  .nl_groups =
                                      RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
    long fd = syscall(SYS_socket, (long)AF_NETLINK,
                      (long)(SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK),
                      (long)NETLINK_ROUTE);

    s->netlink = (int)fd;
    if (fd >= 0 &&
        syscall(SYS_bind, fd, &address, (long)sizeof(address)) != 0) {
        syscall(SYS_close, fd);
        s->netlink = -1;
    }
}

static bool ask(const struct bj_spawner *s)
{
    struct {
        struct nlmsghdr header;
        struct ifaddrmsg body;
    } request;

    memset(&request, 0, sizeof(request));
    request.header.nlmsg_len = sizeof(request);
    request.header.nlmsg_type = RTM_GETADDR;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.header.nlmsg_seq = 1;
    request.body.ifa_family = AF_UNSPEC;
    return syscall(SYS_sendto, (long)s->netlink, &request, sizeof(request),
                   (long)MSG_NOSIGNAL, NULL, 0L) == (long)sizeof(request);
}

/* Of a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL, where
 * there is one, is always ours. */
static bool find_address(const uint8_t *at, size_t left, size_t len,
                         uint8_t octets[static 16])
{
    struct rtattr attribute;
    bool local = false;
    bool any = false;

    /* Ends: an attribute has at least its own header. */
    while (left >= sizeof(attribute)) {
        size_t whole;

        memcpy(&attribute, at, sizeof(attribute));
        whole = attribute.rta_len;
        if (whole < sizeof(attribute) || whole > left)
            break;
        if (whole == RTA_LENGTH(len) &&
            (attribute.rta_type == IFA_LOCAL ||
             (attribute.rta_type == IFA_ADDRESS && !local))) {
            local = attribute.rta_type == IFA_LOCAL;
            memcpy(octets, at + RTA_LENGTH(0), len);
            any = true;
        }
        whole = RTA_ALIGN(whole) < left ? RTA_ALIGN(whole) : left;
        at += whole;
        left -= whole;
    }
    return any;
}

static void add(struct bj_own *own, const struct nlmsghdr *header)
{
    const struct ifaddrmsg *body = NLMSG_DATA(header);
    const size_t start = NLMSG_LENGTH(NLMSG_ALIGN(sizeof(*body)));
    bool ip4 = body->ifa_family == AF_INET;
    struct bj_own_address *out = &own->addresses[own->count];

    if (own->count == BJ_OWN_ADDRESSES_MAX || header->nlmsg_len < start ||
        (!ip4 && body->ifa_family != AF_INET6))
        return;
    memset(out, 0, sizeof(*out));
    out->address.family = ip4 ? BJ_FAMILY_IP4 : BJ_FAMILY_IP6;
    out->prefix_bits = body->ifa_prefixlen;
    out->deprecated = (body->ifa_flags & IFA_F_DEPRECATED) != 0;
    own->count +=
        find_address((const uint8_t *)header + start, header->nlmsg_len - start,
                     ip4 ? 4 : 16, out->address.octets);
}

/* Reads one buffer of messages; true once the list is at its end. */
static bool take(struct bj_spawner *s, size_t len, bool *changed)
{
    const struct nlmsghdr *header = (const struct nlmsghdr *)s->buffer;

    for (; NLMSG_OK(header, len); header = NLMSG_NEXT(header, len)) {
        if (header->nlmsg_seq != 1) {
            *changed = true;
            continue;
        }
        if (header->nlmsg_type == NLMSG_DONE ||
            header->nlmsg_type == NLMSG_ERROR)
            return true;
        if (header->nlmsg_type == RTM_NEWADDR)
            add(&s->own, header);
    }
    return false;
}

/* Throws away what is there: the list that is asked for next says it all. */
static void drain(struct bj_spawner *s)
{
    /* ENOBUFS: some were lost, which is as good as a change. */
    while (syscall(SYS_recvfrom, (long)s->netlink, s->buffer, sizeof(s->buffer),
                   (long)MSG_DONTWAIT, NULL, NULL) > 0 ||
           errno == ENOBUFS)
        ;
}

/* One list, whole or unknown; true if it was out of date before its end. */
static bool read_list(struct bj_spawner *s)
{
    bool changed = false;
    bool done = false;

    s->own.count = 0;
    s->own.known = false;
    drain(s);
    if (!ask(s))
        return false;
    /* The kernel makes the list while it is read: there is no waiting. */
    while (!done) {
        long len = syscall(SYS_recvfrom, (long)s->netlink, s->buffer,
                           sizeof(s->buffer), (long)MSG_DONTWAIT, NULL, NULL);

        /* ENOBUFS: some were lost, of the list or of what changed. */
        if (len < 0 && errno == ENOBUFS)
            changed = true;
        if (len <= 0)
            break;
        done = take(s, (size_t)len, &changed);
    }
    s->own.known = done;
    return changed;
}

void bj_spawner_read_addresses(struct bj_spawner *s)
{
    unsigned tries = 0;

    while (s->netlink >= 0 && read_list(s) && tries < TRIES)
        tries += 1;
    bj_shared_publish(s->shared, &s->own);
}
