#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>

#include "sandbox/resolve/belljar.h"

/*
 * The forms without a buffer: the result is the thread's own, and grows as it
 * must.
 */

enum { FIRST_LEN = 1024 };

struct holder {
    struct hostent host;
    size_t len;
    char *buf;
};

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int key_error;

static void drop(void *memory)
{
    struct holder *holder = memory;

    free(holder->buf);
    free(holder);
}

static void make_key(void)
{
    key_error = pthread_key_create(&key, drop);
}

/* The thread's holder, or NULL. */
static struct holder *hold(void)
{
    struct holder *holder;

    if (pthread_once(&once, make_key) != 0 || key_error != 0)
        return NULL;
    holder = pthread_getspecific(key);
    if (holder != NULL)
        return holder;
    holder = calloc(1, sizeof(*holder));
    if (holder != NULL && pthread_setspecific(key, holder) != 0) {
        free(holder);
        return NULL;
    }
    return holder;
}

/* Twice as much room, or at least some; false if there is no memory. */
static int grow(struct holder *holder)
{
    size_t len = holder->len > 0 ? 2 * holder->len : FIRST_LEN;
    char *buf = malloc(len);

    if (buf == NULL)
        return 0;
    free(holder->buf);
    holder->buf = buf;
    holder->len = len;
    return 1;
}

/* What is asked, either by name or by address. */
struct query {
    const char *name;
    const void *address;
    socklen_t address_len;
    int family;
};

static int ask(const struct query *query, struct holder *holder,
               struct hostent **result, int *error)
{
    if (query->address != NULL || query->name == NULL)
        return bj_gethostbyaddr_r(query->address, query->address_len,
                                  query->family, &holder->host, holder->buf,
                                  holder->len, result, error);
    return bj_gethostbyname2_r(query->name, query->family, &holder->host,
                               holder->buf, holder->len, result, error);
}

static struct hostent *answer(const struct query *query)
{
    struct holder *holder = hold();
    struct hostent *result = NULL;
    int error = NETDB_INTERNAL;
    int status = ERANGE;

    if (holder == NULL || (holder->len == 0 && !grow(holder)))
        status = ENOMEM;
    /* Ends: a result has an end, and so has memory. */
    while (status == ERANGE) {
        status = ask(query, holder, &result, &error);
        if (status == ERANGE && !grow(holder))
            status = ENOMEM;
    }
    if (status == ENOMEM)
        errno = ENOMEM;
    h_errno = result != NULL ? NETDB_SUCCESS : error;
    return result;
}

struct hostent *bj_gethostbyname2(const char *name, int family)
{
    struct query query = {.name = name != NULL ? name : "", .family = family};

    return answer(&query);
}

struct hostent *bj_gethostbyname(const char *name)
{
    return bj_gethostbyname2(name, AF_INET);
}

struct hostent *bj_gethostbyaddr(const void *address, socklen_t address_len,
                                 int family)
{
    struct query query = {
        .address = address, .address_len = address_len, .family = family};

    return answer(&query);
}
