/*
 * The functions of belljar.h with the worker as it is shipped, against a name
 * server on loopback and files of the test's own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/resolve/fixture.h"
#include "tests/resolve/server.h"

static struct bj_test_server server;
static struct bj_fixture fixture;
static struct bj_resolver *r;

static void answers_by_name(void **state)
{
    (void)state;
    assert_string_equal(bj_test_ip4(r, "filed.test"), "192.0.2.9");
    assert_string_equal(bj_test_ip4(r, "also"), "192.0.2.9");
    assert_string_equal(bj_test_ip4(r, "localhost"), "127.0.0.1");
    assert_string_equal(bj_test_ip4(r, "a.test.example"), "32.32.32.32");
    assert_string_equal(bj_test_ip4(r, "tcp.example"), "32.32.32.32");
    assert_string_equal(bj_test_ip4(r, "none.example"), "EAI_NONAME");
    assert_string_equal(bj_test_ip4(r, "x.invalid"), "EAI_NONAME");
    assert_string_equal(bj_test_ip4(r, "192.0.2.77"), "192.0.2.77");
    assert_string_equal(bj_test_ip4(r, "not a name"), "EAI_NONAME");
}

static void answers_in_both_families(void **state)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_CANONNAME};
    struct addrinfo *list;
    unsigned ip4 = 0;
    unsigned ip6 = 0;

    (void)state;
    assert_int_equal(
        bj_resolver_getaddrinfo(r, "both.example", "echo", &hints, &list), 0);
    assert_string_equal(list->ai_canonname, "both.example");
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        const void *address = a->ai_addr;

        ip4 += a->ai_family == AF_INET;
        ip6 += a->ai_family == AF_INET6;
        assert_int_equal(a->ai_socktype, SOCK_STREAM);
        if (a->ai_family == AF_INET)
            assert_int_equal(
                ntohs(((const struct sockaddr_in *)address)->sin_port), 7);
    }
    assert_int_equal(ip4, 1);
    assert_int_equal(ip6, 1);
    bj_freeaddrinfo(list);
    assert_int_equal(
        bj_resolver_getaddrinfo(r, "both.example", "nothing", &hints, &list),
        EAI_SERVICE);
    assert_null(list);
}

static unsigned packets;

static void count_packets(const struct bj_trace *event, void *arg)
{
    (void)arg;
    packets += event->kind == BJ_TRACE_PACKET_IN;
}

/* A socket serves more than one query; what is still in it is of the last. */
static void what_comes_late_is_not_read(void **state)
{
    enum { TIMES = 50 };
    struct bj_fixture traced;
    struct bj_resolver *watched;
    char name[32];

    (void)state;
    packets = 0;
    bj_fixture_real(&traced, "", server.endpoint);
    traced.options.trace = count_packets;
    watched = bj_fixture_open(&traced);
    for (int i = 0; i < TIMES; i++) {
        snprintf(name, sizeof(name), "twice.n%d.example", i);
        assert_string_equal(bj_test_ip4(watched, name), "32.32.32.32");
    }
    assert_int_equal(packets, TIMES);
    bj_fixture_close(&traced, watched);
}

/* R37: any sublist, in any order. */
static void R37_sublists_are_freed(void **state)
{
    struct addrinfo *list;
    struct addrinfo *second;

    (void)state;
    assert_int_equal(
        bj_resolver_getaddrinfo(r, "both.example", "7", NULL, &list), 0);
    second = list->ai_next;
    assert_non_null(second);
    list->ai_next = NULL;
    bj_freeaddrinfo(second);
    bj_freeaddrinfo(list);
    bj_freeaddrinfo(NULL);
}

static void names_addresses_and_ports(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(7)};
    char host[NI_MAXHOST];
    char service[NI_MAXSERV];

    (void)state;
    inet_pton(AF_INET, "192.0.2.9", &address.sin_addr);
    assert_int_equal(bj_resolver_getnameinfo(
                         r, (struct sockaddr *)&address, sizeof(address), host,
                         sizeof(host), service, sizeof(service), 0),
                     0);
    assert_string_equal(host, "filed.test");
    assert_string_equal(service, "echo");
    assert_int_equal(bj_resolver_getnameinfo(r, (struct sockaddr *)&address,
                                             sizeof(address), host, 5, NULL, 0,
                                             0),
                     EAI_OVERFLOW);
    assert_int_equal(
        bj_resolver_getnameinfo(r, (struct sockaddr *)&address, sizeof(address),
                                host, sizeof(host), NULL, 0, NI_NUMERICHOST),
        0);
    assert_string_equal(host, "192.0.2.9");
}

/* R02, R36: a buffer of any size gives ERANGE or the whole of it. */
static void R36_hostents_fit_their_buffer(void **state)
{
    struct hostent host;
    struct hostent *result;
    int error;
    int status = ERANGE;
    char *buf = NULL;

    (void)state;
    for (size_t len = 0; status == ERANGE; len++) {
        free(buf);
        buf = malloc(len + 1);
        assert_non_null(buf);
        assert_true(len < 400);
        status = bj_resolver_gethostbyname2_r(r, "also", AF_INET, &host, buf,
                                              len, &result, &error);
        if (status == ERANGE) {
            assert_int_equal(error, NETDB_INTERNAL);
            assert_null(result);
        }
    }
    assert_int_equal(status, 0);
    assert_ptr_equal(result, &host);
    assert_string_equal(host.h_name, "filed.test");
    assert_string_equal(host.h_aliases[0], "also");
    assert_int_equal(host.h_length, 4);
    assert_memory_equal(host.h_addr_list[0], "\xc0\0\2\x09", 4);
    free(buf);
}

static void hostents_by_address(void **state)
{
    struct hostent host;
    struct hostent *result;
    char buf[512];
    int error;

    (void)state;
    assert_int_equal(bj_resolver_gethostbyaddr_r(r, "\xc0\0\2\x09", 4, AF_INET,
                                                 &host, buf, sizeof(buf),
                                                 &result, &error),
                     0);
    assert_string_equal(host.h_name, "filed.test");
    assert_memory_equal(host.h_addr_list[0], "\xc0\0\2\x09", 4);
    assert_int_equal(bj_resolver_gethostbyaddr_r(r, "\xc0\0\2\x09", 5, AF_INET,
                                                 &host, buf, sizeof(buf),
                                                 &result, &error),
                     EINVAL);
    assert_int_equal(bj_resolver_gethostbyaddr_r(r, "\xc0\0\2\x09", 4, AF_UNIX,
                                                 &host, buf, sizeof(buf),
                                                 &result, &error),
                     EAFNOSUPPORT);
    assert_int_equal(error, NETDB_INTERNAL);
    assert_int_equal(bj_resolver_gethostbyname2_r(r, "none.example", AF_INET,
                                                  &host, buf, sizeof(buf),
                                                  &result, &error),
                     0);
    assert_null(result);
    assert_int_equal(error, HOST_NOT_FOUND);
}

/* R38: every combination of what may be NULL. */
static void R38_arguments_that_are_null(void **state)
{
    struct addrinfo hints = {.ai_family = AF_INET};
    struct addrinfo *list;

    (void)state;
    assert_int_equal(bj_resolver_getaddrinfo(r, NULL, NULL, NULL, &list),
                     EAI_NONAME);
    assert_int_equal(bj_resolver_getaddrinfo(r, NULL, NULL, &hints, &list),
                     EAI_NONAME);
    assert_int_equal(bj_resolver_getaddrinfo(r, NULL, "7", NULL, &list), 0);
    bj_freeaddrinfo(list);
    assert_int_equal(bj_resolver_getaddrinfo(r, NULL, "echo", &hints, &list),
                     0);
    bj_freeaddrinfo(list);
    assert_int_equal(
        bj_resolver_getaddrinfo(r, "filed.test", NULL, NULL, &list), 0);
    bj_freeaddrinfo(list);
    assert_int_equal(
        bj_resolver_getaddrinfo(r, "filed.test", NULL, &hints, &list), 0);
    bj_freeaddrinfo(list);
    assert_int_equal(bj_resolver_getnameinfo(r, NULL, 0, NULL, 0, NULL, 0, 0),
                     EAI_FAMILY);
}

static void changed_files_are_read_again(void **state)
{
    uint64_t end = bj_test_now() + 20000;

    (void)state;
    assert_string_equal(bj_test_ip4(r, "filed.test"), "192.0.2.9");
    bj_fixture_write(fixture.hosts, "192.0.2.10 filed.test\n");
    while (strcmp(bj_test_ip4(r, "filed.test"), "192.0.2.10") != 0) {
        assert_true(bj_test_now() < end);
        usleep(1000);
    }
    bj_fixture_write(fixture.hosts, "192.0.2.9 filed.test also\n");
    while (strcmp(bj_test_ip4(r, "filed.test"), "192.0.2.9") != 0) {
        assert_true(bj_test_now() < end);
        usleep(1000);
    }
}

static void a_silent_server_is_left(void **state)
{
    uint64_t start = bj_test_now();

    (void)state;
    assert_string_equal(bj_test_ip4(r, "silent.example"), "EAI_AGAIN");
    assert_true(bj_test_now() - start >= 900);
    assert_true(bj_test_now() - start < 10000);
}

/* Such as of a link into /run, early in the start of a machine. */
static void folders_may_come_later(void **state)
{
    struct bj_fixture late;
    struct bj_resolver *early;
    char folder[128];
    char hosts[160];
    uint64_t end;

    (void)state;
    bj_fixture_real(&late, "", server.endpoint);
    snprintf(folder, sizeof(folder), "%s/late", late.folder);
    snprintf(hosts, sizeof(hosts), "%s/hosts", folder);
    assert_int_equal(unlink(late.hosts), 0);
    assert_int_equal(symlink(hosts, late.hosts), 0);
    early = bj_fixture_open(&late);
    assert_string_equal(bj_test_ip4(early, "late.test"), "32.32.32.32");
    assert_int_equal(mkdir(folder, 0755), 0);
    bj_fixture_write(hosts, "192.0.2.10 late.test\n");
    end = bj_test_now() + 10000;
    while (strcmp(bj_test_ip4(early, "late.test"), "192.0.2.10") != 0) {
        assert_true(bj_test_now() < end);
        usleep(10000);
    }
    bj_fixture_close(&late, early);
}

/* A folder on the way to a file, such as one that is made anew as a whole. */
struct way {
    struct bj_fixture fixture;
    char top[128]; /* top/folder/hosts */
    char folder[160];
    struct bj_resolver *r;
};

static void put_hosts(const char *folder, const char *address)
{
    char path[200];
    char line[64];

    snprintf(path, sizeof(path), "%s/hosts", folder);
    snprintf(line, sizeof(line), "%s way.test\n", address);
    bj_fixture_write(path, line);
}

static void until_it_has(const struct way *way, const char *address)
{
    uint64_t end = bj_test_now() + 10000;

    while (strcmp(bj_test_ip4(way->r, "way.test"), address) != 0) {
        assert_true(bj_test_now() < end);
        usleep(10000);
    }
}

static void set_out(struct way *way, const char *folder)
{
    static char hosts[200];

    bj_fixture_real(&way->fixture, "", server.endpoint);
    snprintf(way->top, sizeof(way->top), "%s/top", way->fixture.folder);
    snprintf(way->folder, sizeof(way->folder), "%s/%s", way->top, folder);
    snprintf(hosts, sizeof(hosts), "%s/hosts", way->folder);
    way->fixture.options.hosts = hosts;
    assert_int_equal(mkdir(way->top, 0755), 0);
}

static void arrive(struct way *way)
{
    way->r = bj_fixture_open(&way->fixture);
    assert_string_equal(bj_test_ip4(way->r, "way.test"), "192.0.2.1");
}

static void replace(const char *path)
{
    char old[200];

    snprintf(old, sizeof(old), "%s.old", path);
    assert_int_equal(rename(path, old), 0);
    assert_int_equal(mkdir(path, 0755), 0);
}

static void folders_may_be_replaced(void **state)
{
    struct way way;

    (void)state;
    set_out(&way, "folder");
    assert_int_equal(mkdir(way.folder, 0755), 0);
    put_hosts(way.folder, "192.0.2.1");
    arrive(&way);
    replace(way.folder);
    put_hosts(way.folder, "192.0.2.2");
    until_it_has(&way, "192.0.2.2");
    replace(way.top);
    assert_int_equal(mkdir(way.folder, 0755), 0);
    put_hosts(way.folder, "192.0.2.3");
    until_it_has(&way, "192.0.2.3");
    put_hosts(way.folder, "192.0.2.4");
    until_it_has(&way, "192.0.2.4");
    bj_fixture_close(&way.fixture, way.r);
}

/* Which is never missing, so that nobody need look for it every now and then. */
static void links_on_the_way_may_lead_elsewhere(void **state)
{
    struct way way;
    char path[200];
    char other[200];

    (void)state;
    set_out(&way, "link");
    for (unsigned i = 1; i <= 2; i++) {
        char address[16];

        snprintf(path, sizeof(path), "%s/%u", way.top, i);
        assert_int_equal(mkdir(path, 0755), 0);
        snprintf(address, sizeof(address), "192.0.2.%u", i);
        put_hosts(path, address);
    }
    assert_int_equal(symlink("1", way.folder), 0);
    arrive(&way);
    snprintf(other, sizeof(other), "%s.next", way.folder);
    assert_int_equal(symlink("2", other), 0);
    assert_int_equal(rename(other, way.folder), 0);
    until_it_has(&way, "192.0.2.2");
    put_hosts(path, "192.0.2.5");
    until_it_has(&way, "192.0.2.5");
    bj_fixture_close(&way.fixture, way.r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_by_name),
        cmocka_unit_test(answers_in_both_families),
        cmocka_unit_test(what_comes_late_is_not_read),
        cmocka_unit_test(R37_sublists_are_freed),
        cmocka_unit_test(names_addresses_and_ports),
        cmocka_unit_test(R36_hostents_fit_their_buffer),
        cmocka_unit_test(hostents_by_address),
        cmocka_unit_test(R38_arguments_that_are_null),
        cmocka_unit_test(changed_files_are_read_again),
        cmocka_unit_test(a_silent_server_is_left),
        cmocka_unit_test(folders_may_come_later),
        cmocka_unit_test(folders_may_be_replaced),
        cmocka_unit_test(links_on_the_way_may_lead_elsewhere),
    };
    int failed;

    if (access(BJ_REAL_WORKER, X_OK) != 0) {
        printf("skipped: there is no belljar-worker in this build\n");
        return 77;
    }
    bj_test_server_start(&server);
    bj_fixture_real(&fixture, "options timeout:1 attempts:1\n",
                    server.endpoint);
    r = bj_fixture_open(&fixture);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    bj_resolver_close(r);
    bj_fixture_remove(&fixture);
    bj_test_server_stop(&server);
    return failed;
}
