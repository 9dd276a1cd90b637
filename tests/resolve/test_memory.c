/*
 * R24: the n-th allocation fails, for every n there is. The library is compiled
 * into this test with its own malloc and calloc (tests.cmake). Whatever is
 * asked ends with its answer or says that there is no memory, the next lookup
 * is answered, and nothing is left behind (the sanitizer sees to that).
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/resolve/fixture.h"

enum { ADDRESSES = 120, MOST = 200 };

static unsigned left; /* allocations until one fails; 0: none does */
static unsigned failed;

void *bj_test_malloc(size_t size);
void *bj_test_calloc(size_t count, size_t size);

static bool fails_now(void)
{
    if (left == 0)
        return false;
    left -= 1;
    failed += left == 0;
    return left == 0;
}

void *bj_test_malloc(size_t size)
{
    return fails_now() ? NULL : malloc(size);
}

void *bj_test_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : calloc(count, size);
}

static struct bj_fixture fixture;

/* A name with so many addresses that nothing is small enough to do without
 * allocations. */
static void make_fixture(void)
{
    static char hosts[ADDRESSES * 64];
    size_t len = 0;

    bj_fixture_real(&fixture, "", NULL);
    for (unsigned i = 0; i < ADDRESSES; i++)
        len += (size_t)snprintf(hosts + len, sizeof(hosts) - len,
                                "192.0.2.%u many.test alias%u.many.test\n",
                                i + 1, i);
    bj_fixture_write(fixture.hosts, hosts);
}

/* One try of something, with allocation `n` failing; true if it was answered,
 * false if it said that there is no memory. */
typedef bool try_something(struct bj_resolver *r);

static bool try_addrinfo(struct bj_resolver *r)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_CANONNAME};
    struct addrinfo *list;
    unsigned count = 0;
    int error = bj_resolver_getaddrinfo(r, "many.test", "echo", &hints, &list);

    if (error == EAI_MEMORY) {
        assert_null(list);
        return false;
    }
    assert_int_equal(error, 0);
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        count += 1;
    assert_int_equal(count, ADDRESSES);
    bj_freeaddrinfo(list);
    return true;
}

static bool try_hostent(struct bj_resolver *r)
{
    struct hostent host;
    struct hostent *result;
    static char buf[65536];
    int error;
    int status = bj_resolver_gethostbyname2_r(
        r, "many.test", AF_INET, &host, buf, sizeof(buf), &result, &error);

    if (status == ENOMEM) {
        assert_null(result);
        assert_int_equal(error, NETDB_INTERNAL);
        return false;
    }
    assert_int_equal(status, 0);
    assert_string_equal(host.h_name, "many.test");
    return true;
}

static bool try_nameinfo(struct bj_resolver *r)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char host[NI_MAXHOST];
    int error;

    memcpy(&address.sin_addr, "\xc0\0\2\1", 4);
    error =
        bj_resolver_getnameinfo(r, (struct sockaddr *)&address, sizeof(address),
                                host, sizeof(host), NULL, 0, NI_NAMEREQD);
    assert_int_equal(error, 0);
    assert_string_equal(host, "many.test");
    return true;
}

static bool try_call(struct bj_resolver *r)
{
    struct bj_call *call;
    struct addrinfo *list;
    int error =
        bj_call_getaddrinfo(r, "many.test", "7", NULL, NULL, NULL, &call);

    if (error == EAI_MEMORY) {
        assert_null(call);
        return false;
    }
    assert_int_equal(error, 0);
    while ((error = bj_call_addrinfo(call, &list)) == EAI_INPROGRESS) {
        struct pollfd fds[64];
        int timeout;
        size_t count = bj_resolver_pollfds(r, fds, 64, &timeout);

        poll(fds, count, timeout);
        bj_resolver_advance(r);
    }
    bj_call_end(call);
    if (error == EAI_MEMORY)
        return false;
    assert_int_equal(error, 0);
    bj_freeaddrinfo(list);
    return true;
}

/* Until an attempt comes to its end without meeting the failure. */
static void exhaust(try_something *attempt)
{
    struct bj_resolver *r = bj_fixture_open(&fixture);
    unsigned refused = 0;
    unsigned n;

    for (n = 1; n < MOST; n++) {
        bool answered;

        left = n;
        failed = 0;
        answered = attempt(r);
        left = 0;
        assert_true(answered || failed > 0);
        refused += !answered;
        assert_true(attempt(r));
        if (failed == 0)
            break;
    }
    assert_true(n > 1 && n < MOST);
    assert_true(refused > 0);
    bj_resolver_close(r);
}

static void R24_getaddrinfo(void **state)
{
    (void)state;
    exhaust(try_addrinfo);
}

static void R24_gethostbyname2_r(void **state)
{
    (void)state;
    exhaust(try_hostent);
}

/* What has no list to hand out allocates nothing. */
static void R24_getnameinfo(void **state)
{
    struct bj_resolver *r = bj_fixture_open(&fixture);

    (void)state;
    left = 1;
    failed = 0;
    assert_true(try_nameinfo(r));
    left = 0;
    assert_int_equal(failed, 0);
    bj_resolver_close(r);
}

static void R24_calls(void **state)
{
    (void)state;
    exhaust(try_call);
}

static void R24_opening(void **state)
{
    unsigned n;

    (void)state;
    for (n = 1; n < MOST; n++) {
        struct bj_resolver *r;
        int error;

        left = n;
        failed = 0;
        error = bj_resolver_open(&fixture.options, &r);
        left = 0;
        assert_int_equal(error, failed > 0 ? ENOMEM : 0);
        assert_int_equal(r == NULL, failed > 0);
        bj_resolver_close(r);
        if (failed == 0)
            break;
    }
    assert_true(n > 1 && n < MOST);
}

/* The forms with a result of the thread's own, on the default resolver. */
static void R24_static_results(void **state)
{
    unsigned n;

    (void)state;
    for (n = 1; n < MOST; n++) {
        const struct hostent *host;

        left = n;
        failed = 0;
        host = bj_gethostbyname("127.0.0.1");
        left = 0;
        if (host == NULL) {
            assert_true(failed > 0);
            assert_int_equal(errno, ENOMEM);
            assert_int_equal(h_errno, NETDB_INTERNAL);
        } else {
            assert_string_equal(host->h_name, "127.0.0.1");
            break;
        }
    }
    assert_true(n > 1 && n < MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R24_getaddrinfo),
        cmocka_unit_test(R24_gethostbyname2_r),
        cmocka_unit_test(R24_getnameinfo),
        cmocka_unit_test(R24_calls),
        cmocka_unit_test(R24_opening),
        cmocka_unit_test(R24_static_results),
    };
    int result;

    if (access(BJ_REAL_WORKER, X_OK) != 0) {
        printf("skipped: there is no belljar-worker in this build\n");
        return 77;
    }
    make_fixture();
    result = cmocka_run_group_tests(tests, NULL, NULL);
    bj_fixture_remove(&fixture);
    return result;
}
