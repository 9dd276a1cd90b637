/*
 * Orders destinations beside glibc. In a network namespace with one interface
 * and addresses of every kind, getaddrinfo is asked for names of a hosts file
 * that stand for shuffled lists of destinations; the same lists, with the
 * sources that the kernel gives, are sorted by core/order, and both must come
 * to the same order. gai.conf is read by both, and always has all tables,
 * for glibc's own are those of RFC 3484.
 *
 * Permitted difference: RFC 6724 section 2.2 lets a common prefix of IPv6
 * count no further than the source's own; in glibc it counts to the last bit.
 * So IPv6 sources are given without the length of theirs.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/addr/endpoint.h"
#include "core/config/gaiconf.h"
#include "core/order/rfc6724.h"
#include "tests/glibc/etc.h"

enum { SKIPPED = 77, MOST = 10, LISTS = 60 };

static const char *const bound[] = {"hosts", "nsswitch.conf", "gai.conf",
                                    "host.conf"};
enum { BOUND = sizeof(bound) / sizeof(bound[0]) };

/* One interface with a network of each kind. The site-local address is
 * deprecated: of its scope there is no other, so it is used all the same. */
static const char *const set_up[] = {
    "ip link set lo up",
    "ip link add bell0 type veth peer name bell1",
    "ip link set bell1 addrgenmode none up",
    "ip link set bell0 addrgenmode none up",
    "ip addr add 192.0.2.2/24 dev bell0",
    "ip addr add 10.1.2.4/8 dev bell0",
    "ip addr add 169.254.13.78/16 dev bell0 scope link",
    "ip addr add fe80::2/64 dev bell0 nodad",
    "ip addr add 2001:db8:1::2/64 dev bell0 nodad",
    "ip addr add 2001:db8:2::2/64 dev bell0 nodad",
    "ip addr add 2002:c633:6401::2/48 dev bell0 nodad",
    "ip addr add fd11::2/64 dev bell0 nodad",
    "ip addr add fec0::2/64 dev bell0 nodad preferred_lft 0",
    "ip route add 198.51.100.0/24 dev bell0",
    "ip route add 2001:db8:3::/48 dev bell0",
    "ip route add 2001:0::/32 dev bell0",
};

static const char deprecated[] = "fec0::2";

/* Some within the networks, some behind a route, some behind none. */
static const char *const pool[] = {
    "::1",
    "127.0.0.1",
    "192.0.2.9",
    "192.0.2.200",
    "10.1.2.3",
    "10.200.0.1",
    "169.254.1.1",
    "198.51.100.121",
    "198.51.100.7",
    "203.0.113.1",
    "fe80::1",
    "2001:db8:1::1",
    "2001:db8:1::ffff",
    "2001:db8:2::1",
    "2001:db8:3::1",
    "2001:db8:3:8000::1",
    "2001:db8:9::1",
    "2001:db8:ffff::1",
    "2001:0:1::1",
    "2002:c633:6401::1",
    "fd11::1",
    "fd22::1",
    "fec0::1",
    "3ffe::1",
};
enum { POOL = sizeof(pool) / sizeof(pool[0]) };

/* RFC 6724 section 2.1 as gai.conf writes it, for glibc, and variations. */
#define LABELS                                                  \
    "label ::1/128 0\nlabel ::/0 1\nlabel ::ffff:0:0/96 4\n"    \
    "label 2002::/16 2\nlabel 2001::/32 5\nlabel fc00::/7 13\n" \
    "label ::/96 3\nlabel fec0::/10 11\nlabel 3ffe::/16 12\n"
#define PRECEDENCES                                                       \
    "precedence ::1/128 50\nprecedence ::/0 40\n"                         \
    "precedence 2002::/16 30\nprecedence 2001::/32 5\n"                   \
    "precedence fc00::/7 3\nprecedence ::/96 1\nprecedence fec0::/10 1\n" \
    "precedence 3ffe::/16 1\n"
#define SCOPES                           \
    "scopev4 ::ffff:169.254.0.0/112 2\n" \
    "scopev4 ::ffff:127.0.0.0/104 2\nscopev4 ::ffff:0.0.0.0/96 14\n"

static const char *const confs[] = {
    LABELS PRECEDENCES "precedence ::ffff:0:0/96 35\n" SCOPES,
    LABELS PRECEDENCES "precedence ::ffff:0:0/96 100\n" SCOPES,
    LABELS PRECEDENCES "precedence ::ffff:10.0.0.0/104 45\n"
                       "precedence ::ffff:0:0/96 35\n"
                       "scopev4 ::ffff:10.0.0.0/104 5\n" SCOPES,
    "label 2001:db8:1::/48 7\nlabel 2001:db8:2::/48 8\n"
    "precedence 2001:db8:3::/48 90\nprecedence ::ffff:0:0/96 10\n" SCOPES,
};

struct list {
    size_t len;
    const char *text[MOST];
};

static struct bj_address address_from(const char *text)
{
    struct bj_address address;
    struct bj_zone zone;

    assert_int_equal(
        bj_address_parse((const uint8_t *)text, strlen(text), &address, &zone),
        BJ_OK);
    return address;
}

/* What the kernel would send from: family ANY if it would not. */
static struct bj_address ask_source(const struct bj_address *to)
{
    struct bj_endpoint endpoint = {*to, 7}, source = {{0}, 0};
    struct sockaddr_storage storage;
    socklen_t len = bj_endpoint_to_sockaddr(&endpoint, &storage);
    int fd = socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    if (connect(fd, (struct sockaddr *)&storage, len) == 0) {
        len = sizeof(storage);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&storage, &len), 0);
        assert_int_equal(bj_endpoint_from_sockaddr(&storage, len, &source),
                         BJ_OK);
    }
    close(fd);
    return source.address;
}

static unsigned netmask_of(const struct bj_address *source)
{
    if (source->family != BJ_FAMILY_IP4)
        return 0;
    return source->octets[0] == 192 ? 24 : source->octets[0] == 169 ? 16 : 8;
}

static void take(const char *text, struct bj_destination *out)
{
    struct bj_address avoid = address_from(deprecated);

    memset(out, 0, sizeof(*out));
    out->address = address_from(text);
    out->source.address = ask_source(&out->address);
    out->source.prefix_bits = netmask_of(&out->source.address);
    out->source.deprecated = bj_address_equal(&out->source.address, &avoid);
}

/* In a child, since glibc reads gai.conf once: the order as indexes. */
static size_t ask_glibc(const struct list *list, uint8_t order[static MOST])
{
    int ends[2];
    ssize_t n;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *all = NULL;
        uint8_t found[MOST];
        size_t count = 0;

        if (getaddrinfo("many.example", NULL, &hints, &all) != 0)
            _exit(1);
        for (struct addrinfo *a = all; a != NULL && count < MOST;
             a = a->ai_next) {
            char text[NI_MAXHOST];

            if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL,
                            0, NI_NUMERICHOST) != 0)
                _exit(2);
            for (size_t i = 0; i < list->len; i++)
                if (strcmp(text, list->text[i]) == 0)
                    found[count] = (uint8_t)i;
            count++;
        }
        _exit(write(ends[1], found, count) == (ssize_t)count ? 0 : 3);
    }
    close(ends[1]);
    n = read(ends[0], order, MOST);
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return n < 0 ? 0 : (size_t)n;
}

static uint64_t next(uint64_t *state)
{
    /* SplitMix64: the same lists every time. */
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Two to MOST of the pool, shuffled, none twice. */
static void make_list(uint64_t *state, struct list *list)
{
    const char *left[POOL];

    memcpy(left, pool, sizeof(pool));
    list->len = 2 + next(state) % (MOST - 1);
    for (size_t i = 0; i < list->len; i++) {
        size_t at = i + next(state) % (POOL - i);
        const char *text = left[at];

        left[at] = left[i];
        list->text[i] = text;
    }
}

static void put_hosts(const struct list *list)
{
    char text[MOST * 64] = "";

    for (size_t i = 0; i < list->len; i++) {
        strcat(text, list->text[i]);
        strcat(text, " many.example\n");
    }
    bj_etc_put("hosts", text, strlen(text));
}

static bool agree(const struct bj_policy *policy, const struct list *list)
{
    struct bj_destination items[MOST];
    uint8_t theirs[MOST];
    bool same;

    put_hosts(list);
    for (size_t i = 0; i < list->len; i++)
        take(list->text[i], &items[i]);
    bj_rfc6724_sort(policy, items, list->len);
    same = ask_glibc(list, theirs) == list->len;
    for (size_t i = 0; same && i < list->len; i++)
        same = items[i].index == theirs[i];
    for (size_t i = 0; !same && i < list->len; i++)
        printf("%-20s ours %-20s glibc %s\n", list->text[i],
               list->text[items[i].index], list->text[theirs[i] % MOST]);
    return same;
}

static void orders_agree(void **state)
{
    uint64_t random = 1;
    size_t wrong = 0;

    (void)state;
    for (size_t c = 0; c < sizeof(confs) / sizeof(confs[0]); c++) {
        struct bj_gaiconf conf;
        struct bj_policy policy;

        bj_etc_put("gai.conf", confs[c], strlen(confs[c]));
        bj_gaiconf_parse((const uint8_t *)confs[c], strlen(confs[c]), &conf);
        assert_int_equal(conf.ignored, 0);
        bj_gaiconf_policy(&conf, &policy);
        for (size_t i = 0; i < LISTS; i++) {
            struct list list;

            make_list(&random, &list);
            wrong += agree(&policy, &list) ? 0 : 1;
        }
    }
    printf("%zu lists under %zu policies, %zu ordered otherwise\n",
           LISTS * (sizeof(confs) / sizeof(confs[0])),
           sizeof(confs) / sizeof(confs[0]), wrong);
    assert_int_equal(wrong, 0);
}

/* The network works as the lists suppose: some destinations have a source,
 * some have none, one has a deprecated one. */
static void the_network_is_as_supposed(void **state)
{
    struct bj_destination d;

    (void)state;
    take("fec0::1", &d);
    assert_true(d.source.deprecated);
    take("2001:db8:1::1", &d);
    assert_int_equal(d.source.address.family, BJ_FAMILY_IP6);
    take("198.51.100.7", &d);
    assert_int_equal(d.source.address.family, BJ_FAMILY_IP4);
    take("203.0.113.1", &d);
    assert_int_equal(d.source.address.family, BJ_FAMILY_ANY);
    take("3ffe::1", &d);
    assert_int_equal(d.source.address.family, BJ_FAMILY_ANY);
}

static const char *set_up_network(void)
{
    for (size_t i = 0; i < sizeof(set_up) / sizeof(set_up[0]); i++) {
        char command[120];

        (void)snprintf(command, sizeof(command), "%s 2>&1", set_up[i]);
        if (system(command) != 0)
            return set_up[i];
    }
    return NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_network_is_as_supposed),
        cmocka_unit_test(orders_agree),
    };
    static const char nsswitch[] = "hosts: files\n", host[] = "multi on\n";
    const char *why = bj_etc_enter(bound, BOUND);

    if (why == NULL)
        why = set_up_network();
    if (why != NULL) {
        printf("skipped: %s (%s)\n", why, strerror(errno));
        return SKIPPED;
    }
    bj_etc_put("nsswitch.conf", nsswitch, strlen(nsswitch));
    bj_etc_put("host.conf", host, strlen(host));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
