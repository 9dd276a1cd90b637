/*
 * Under a preloaded library: lists that libc has made are freed by the
 * function that the program sees, and its lists by libc's. Ends by a signal if
 * that does not go well.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

typedef int find_function(const char *, const char *, const struct addrinfo *,
                          struct addrinfo **);
typedef void free_function(struct addrinfo *);

struct family {
    find_function *find;
    free_function *free;
};

static const struct addrinfo hints = {.ai_flags =
                                          AI_NUMERICHOST | AI_CANONNAME};

/* Three elements, the first with a canonical name. */
static struct addrinfo *list_of(const struct family *family)
{
    struct addrinfo *list = NULL;

    if (family->find("192.0.2.1", "80", &hints, &list) != 0)
        return NULL;
    return list;
}

static int exchange(const struct family *maker, const struct family *other)
{
    struct addrinfo *list = list_of(maker), *rest;

    if (list == NULL || list->ai_next == NULL || list->ai_canonname == NULL)
        return 1;
    /* The rest first, then what was before it. */
    rest = list->ai_next;
    list->ai_next = NULL;
    other->free(rest);
    other->free(list);
    return 0;
}

int main(void)
{
    void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    struct family seen = {getaddrinfo, freeaddrinfo}, libcs;
    void *find = libc == NULL ? NULL : dlsym(libc, "getaddrinfo");
    void *release = libc == NULL ? NULL : dlsym(libc, "freeaddrinfo");

    if (find == NULL || release == NULL)
        return 2;
    memcpy(&libcs.find, &find, sizeof(find));
    memcpy(&libcs.free, &release, sizeof(release));
    if (libcs.find == seen.find) {
        fputs("live_mixed: nothing is preloaded\n", stderr);
        return 2;
    }
    seen.free(NULL);
    for (int i = 0; i < 100; i++)
        if (exchange(&libcs, &seen) != 0 || exchange(&seen, &libcs) != 0)
            return 1;
    return 0;
}
