/*
 * libbelljar-preload.so: the resolver functions of <netdb.h> by libbelljar,
 * for a program that cannot be changed (LD_PRELOAD). All of the family, so
 * that no two of them ever disagree.
 *
 * A list that getaddrinfo makes here has the shape of glibc's own: each
 * element one block of the heap with its address in it, the canonical name
 * another. So freeaddrinfo frees what libc has made (getaddrinfo_a, a library
 * that has libc's functions by dlsym), and libc's frees what we have.
 */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/resolve/belljar.h"

struct element {
    struct addrinfo info;
    struct sockaddr_storage address;
};

/* A copy of one element, alone; NULL if there is no memory. */
static struct addrinfo *copy(const struct addrinfo *from)
{
    struct element *element = malloc(sizeof(*element));

    if (element == NULL)
        return NULL;
    element->info = *from;
    element->info.ai_next = NULL;
    element->info.ai_addr = (struct sockaddr *)&element->address;
    memcpy(&element->address, from->ai_addr, from->ai_addrlen);
    if (from->ai_canonname == NULL)
        return &element->info;
    element->info.ai_canonname = strdup(from->ai_canonname);
    if (element->info.ai_canonname != NULL)
        return &element->info;
    free(element);
    return NULL;
}

void freeaddrinfo(struct addrinfo *list)
{
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;

        free(list->ai_canonname);
        free(list);
        list = next;
    }
}

int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **list)
{
    struct addrinfo *ours, *first = NULL, **next = &first;
    int error = bj_getaddrinfo(node, service, hints, &ours);

    if (error != 0)
        return error;
    for (const struct addrinfo *ai = ours; ai != NULL; ai = ai->ai_next) {
        *next = copy(ai);
        if (*next == NULL) {
            error = EAI_MEMORY;
            break;
        }
        next = &(*next)->ai_next;
    }
    bj_freeaddrinfo(ours);
    if (error != 0) {
        freeaddrinfo(first);
        first = NULL;
    }
    *list = first;
    return error;
}

int getnameinfo(const struct sockaddr *address, socklen_t address_len,
                char *host, socklen_t host_len, char *service,
                socklen_t service_len, int flags)
{
    return bj_getnameinfo(address, address_len, host, host_len, service,
                          service_len, flags);
}

struct hostent *gethostbyname(const char *name)
{
    return bj_gethostbyname(name);
}

struct hostent *gethostbyname2(const char *name, int family)
{
    return bj_gethostbyname2(name, family);
}

struct hostent *gethostbyaddr(const void *address, socklen_t address_len,
                              int family)
{
    return bj_gethostbyaddr(address, address_len, family);
}

int gethostbyname2_r(const char *name, int family, struct hostent *host,
                     char *buf, size_t buf_len, struct hostent **result,
                     int *h_errnop)
{
    return bj_gethostbyname2_r(name, family, host, buf, buf_len, result,
                               h_errnop);
}

int gethostbyname_r(const char *name, struct hostent *host, char *buf,
                    size_t buf_len, struct hostent **result, int *h_errnop)
{
    return bj_gethostbyname2_r(name, AF_INET, host, buf, buf_len, result,
                               h_errnop);
}

int gethostbyaddr_r(const void *address, socklen_t address_len, int family,
                    struct hostent *host, char *buf, size_t buf_len,
                    struct hostent **result, int *h_errnop)
{
    return bj_gethostbyaddr_r(address, address_len, family, host, buf, buf_len,
                              result, h_errnop);
}
