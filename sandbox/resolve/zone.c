#include "sandbox/resolve/zone.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not if_nametoindex: which calls it makes is its own business, and a
 * program's filter has to know ours. Nor ioctl, whose second argument is of
 * another type in each libc. */
static bool ask(unsigned long what, struct ifreq *request)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
    bool found = fd >= 0 && syscall(SYS_ioctl, (long)fd, what, request) == 0;

    if (fd >= 0)
        close(fd);
    return found;
}

uint32_t bj_zone_index(const struct bj_zone *zone)
{
    struct ifreq request;

    memset(&request, 0, sizeof(request));
    if (zone->len == 0 || zone->len >= sizeof(request.ifr_name))
        return 0;
    memcpy(request.ifr_name, zone->text, zone->len);
    return ask(SIOCGIFINDEX, &request) ? (uint32_t)request.ifr_ifindex : 0;
}

void bj_zone_name(uint32_t index, char name[static IF_NAMESIZE])
{
    struct ifreq request;

    memset(&request, 0, sizeof(request));
    request.ifr_ifindex = (int)index;
    if (!ask(SIOCGIFNAME, &request))
        request.ifr_name[0] = '\0';
    memcpy(name, request.ifr_name, IF_NAMESIZE - 1);
    name[IF_NAMESIZE - 1] = '\0';
}
