#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "core/netdb/nameinfo.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

#define TEXT(literal)                \
    {                                \
        literal, sizeof(literal) - 1 \
    }

enum { BOTH = BJ_WANT_HOST | BJ_WANT_SERVICE };

static struct sockaddr_in ip4(void)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(80)};

    inet_pton(AF_INET, "192.0.2.1", &sa.sin_addr);
    return sa;
}

static struct sockaddr_in6 ip6(const char *text, uint32_t scope)
{
    struct sockaddr_in6 sa = {.sin6_family = AF_INET6,
                              .sin6_port = htons(53),
                              .sin6_scope_id = scope};

    inet_pton(AF_INET6, text, &sa.sin6_addr);
    return sa;
}

static struct bj_nameinfo info_for(int flags)
{
    struct sockaddr_in sa = ip4();
    struct bj_nameinfo info;

    assert_int_equal(bj_nameinfo_read(&sa, sizeof(sa), flags, BOTH, &info),
                     BJ_FOUND);
    return info;
}

static const struct bj_nameinfo_names found = {
    .found = BJ_FOUND,
    .name = TEXT("www.Example.com"),
    .domain = TEXT("example.COM"),
};

static void arguments_in_glibcs_order(void **state)
{
    struct sockaddr_in sa = ip4();
    struct sockaddr_in6 sa6 = ip6("::1", 0);
    struct sockaddr_storage local = {.ss_family = AF_UNIX};
    struct bj_nameinfo info;

    (void)state;
    assert_int_equal(bj_nameinfo_read(NULL, 0, 256, 0, &info), BJ_BAD_FLAGS);
    assert_int_equal(bj_nameinfo_read(NULL, 16, NI_NAMEREQD, 0, &info),
                     BJ_BAD_FAMILY);
    assert_int_equal(bj_nameinfo_read(&sa, 1, NI_NAMEREQD, 0, &info),
                     BJ_BAD_FAMILY);
    assert_int_equal(bj_nameinfo_read(&sa, 2, NI_NAMEREQD, 0, &info),
                     BJ_NO_NAME);
    assert_int_equal(bj_nameinfo_read(&sa, 15, 0, BOTH, &info), BJ_BAD_FAMILY);
    assert_int_equal(bj_nameinfo_read(&sa, 16, 0, 0, &info), BJ_FOUND);
    assert_false(info.asks_host || info.asks_service || info.asks_zone);
    assert_int_equal(bj_nameinfo_read(&sa6, 27, 0, BOTH, &info), BJ_BAD_FAMILY);
    assert_int_equal(bj_nameinfo_read(&sa6, 28, 0, BOTH, &info), BJ_FOUND);
    assert_true(info.asks_host && info.asks_service);
    assert_int_equal(bj_nameinfo_read(&local, sizeof(local), 0, BOTH, &info),
                     BJ_BAD_FAMILY);
    assert_false(info.asks_host);
    /* Every flag that there is: both numeric, so nothing to look up. */
    assert_int_equal(bj_nameinfo_read(&sa, 16, 255, BOTH, &info), BJ_FOUND);
    assert_false(info.asks_host || info.asks_service);
}

static void any_alignment_and_every_length(void **state)
{
    struct sockaddr_in6 sa = ip6("2001:db8::1", 0);
    struct bj_nameinfo info;

    (void)state;
    for (size_t len = 0; len <= sizeof(sa); len++) {
        struct bj_guard g = bj_guard_copy(&sa, len);

        assert_int_equal(bj_nameinfo_read(g.bytes, len, 0, BOTH, &info),
                         len == sizeof(sa) ? BJ_FOUND : BJ_BAD_FAMILY);
        bj_guard_free(&g);
    }
}

static void assert_host(int flags, const struct bj_nameinfo_names *names,
                        enum bj_outcome outcome, const char *text)
{
    struct bj_nameinfo info = info_for(flags);
    char host[NI_MAXHOST] = "x";

    assert_int_equal(bj_nameinfo_host(&info, names, host, sizeof(host)),
                     outcome);
    assert_string_equal(host, text);
}

static void names_flags_and_failures(void **state)
{
    struct bj_nameinfo_names names = found;

    (void)state;
    assert_host(0, &names, BJ_FOUND, "www.Example.com");
    assert_host(NI_NUMERICHOST, &names, BJ_FOUND, "192.0.2.1");
    assert_host(NI_NUMERICHOST | NI_NAMEREQD, &names, BJ_NO_NAME, "");
    for (unsigned i = 1; i < BJ_OUTCOME_COUNT; i++) {
        bool passing = false;

        names.found = (enum bj_outcome)i;
        switch (names.found) {
        case BJ_SERVER_FAILED:
        case BJ_TIMED_OUT:
        case BJ_UNREACHABLE:
        case BJ_SYSTEM:
        case BJ_NO_MEMORY:
            passing = true;
            break;
        default:
            break;
        }
        assert_host(0, &names, passing ? names.found : BJ_FOUND,
                    passing ? "" : "192.0.2.1");
        assert_host(NI_NAMEREQD, &names, passing ? names.found : BJ_NO_NAME,
                    "");
        assert_host(NI_NUMERICHOST, &names, BJ_FOUND, "192.0.2.1");
    }
}

static void own_domain_is_cut_only_at_the_end(void **state)
{
    static const struct {
        struct bj_text name, domain;
        const char *text;
    } rows[] = {
        {TEXT("www.example.com"), TEXT("example.com"), "www"},
        {TEXT("www.EXAMPLE.com"), TEXT("example.com"), "www"},
        {TEXT("a.b.example.com"), TEXT("example.com"), "a.b"},
        {TEXT("www.example.com"), TEXT(""), "www.example.com"},
        {TEXT("example.com"), TEXT("example.com"), "example.com"},
        {TEXT("x.com"), TEXT("example.com"), "x.com"},
        {TEXT("badexample.com"), TEXT("example.com"), "badexample.com"},
        {TEXT("a.example.com.evil.org"), TEXT("example.com"),
         "a.example.com.evil.org"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bj_nameinfo_names names = found;

        names.name = rows[i].name;
        names.domain = rows[i].domain;
        assert_host(NI_NOFQDN, &names, BJ_FOUND, rows[i].text);
        assert_host(0, &names, BJ_FOUND, rows[i].name.text);
    }
}

static void R07_a_hostile_pointer_record_is_no_name(void **state)
{
    static const struct bj_text bad[] = {
        TEXT("-rf"),          TEXT("a b"),  TEXT("../x"), TEXT("a;b"),
        TEXT("<script>"),     TEXT("a\0b"), TEXT(""),     TEXT("a\\.b"),
        TEXT("\x80.example"), TEXT("::1"),  TEXT(".")};
    struct bj_nameinfo_names names = found;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        names.name = bad[i];
        assert_host(0, &names, BJ_FOUND, "192.0.2.1");
        assert_host(NI_NAMEREQD, &names, BJ_NO_NAME, "");
    }
}

static void scopes(void **state)
{
    static const struct {
        const char *address;
        uint32_t scope;
        struct bj_text zone;
        const char *text;
        bool asks;
    } rows[] = {
        {"fe80::1", 3, TEXT("eth0"), "fe80::1%eth0", true},
        {"fe80::1", 3, TEXT(""), "fe80::1%3", true},
        {"fe80::1", 0, TEXT("eth0"), "fe80::1", false},
        {"ff02::1", 4294967295U, TEXT(""), "ff02::1%4294967295", true},
        {"ff05::1", 2, TEXT("eth0"), "ff05::1%2", false},
        {"2001:db8::1", 7, TEXT("eth0"), "2001:db8::1%7", false},
        {"::ffff:192.0.2.1", 0, TEXT(""), "::ffff:192.0.2.1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sockaddr_in6 sa = ip6(rows[i].address, rows[i].scope);
        struct bj_nameinfo_names names = {.found = BJ_NO_NAME,
                                          .zone = rows[i].zone};
        struct bj_nameinfo info;
        char host[NI_MAXHOST];

        assert_int_equal(bj_nameinfo_read(&sa, sizeof(sa), 0, BOTH, &info),
                         BJ_FOUND);
        assert_int_equal(info.asks_zone, rows[i].asks);
        assert_int_equal(bj_nameinfo_host(&info, &names, host, sizeof(host)),
                         BJ_FOUND);
        assert_string_equal(host, rows[i].text);
    }
}

static void assert_service(int flags, struct bj_text name, const char *text)
{
    struct bj_nameinfo info = info_for(flags);
    char service[NI_MAXSERV];

    assert_int_equal(bj_nameinfo_service(&info, name, service, sizeof(service)),
                     BJ_FOUND);
    assert_string_equal(service, text);
}

static void services(void **state)
{
    static const struct bj_text http = TEXT("http");
    static const struct bj_text none = TEXT("");
    static const struct bj_text bad = TEXT("ht\ntp");
    struct bj_nameinfo info = info_for(0);

    (void)state;
    assert_service(0, http, "http");
    assert_service(NI_NUMERICSERV, http, "80");
    assert_service(0, none, "80");
    assert_service(0, bad, "80");
    assert_string_equal(bj_nameinfo_protocol(&info), "tcp");
    info = info_for(NI_DGRAM);
    assert_string_equal(bj_nameinfo_protocol(&info), "udp");
}

/* R36: every capacity, flush against forbidden pages. The text's NUL counts
 * in what is needed. */
static enum bj_status build_host(const void *context, uint8_t *out, size_t cap,
                                 size_t *needed)
{
    struct bj_nameinfo info = info_for(*(const int *)context);
    enum bj_outcome outcome = bj_nameinfo_host(&info, &found, (char *)out, cap);

    *needed = (*(const int *)context & NI_NUMERICHOST) != 0 ? 10 : 16;
    return outcome == BJ_FOUND     ? BJ_OK
           : outcome == BJ_NO_ROOM ? BJ_SPACE
                                   : BJ_BUG;
}

static enum bj_status build_service(const void *context, uint8_t *out,
                                    size_t cap, size_t *needed)
{
    static const struct bj_text http = TEXT("http");
    struct bj_nameinfo info = info_for(*(const int *)context);
    enum bj_outcome outcome =
        bj_nameinfo_service(&info, http, (char *)out, cap);

    *needed = (*(const int *)context & NI_NUMERICSERV) != 0 ? 3 : 5;
    return outcome == BJ_FOUND     ? BJ_OK
           : outcome == BJ_NO_ROOM ? BJ_SPACE
                                   : BJ_BUG;
}

static void R36_every_capacity(void **state)
{
    static const int flags[] = {0, NI_NUMERICHOST | NI_NUMERICSERV};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        bj_property_capacities(build_host, &flags[i]);
        bj_property_capacities(build_service, &flags[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_in_glibcs_order),
        cmocka_unit_test(any_alignment_and_every_length),
        cmocka_unit_test(names_flags_and_failures),
        cmocka_unit_test(own_domain_is_cut_only_at_the_end),
        cmocka_unit_test(R07_a_hostile_pointer_record_is_no_name),
        cmocka_unit_test(scopes),
        cmocka_unit_test(services),
        cmocka_unit_test(R36_every_capacity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
