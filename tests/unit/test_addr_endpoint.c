#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/addr/endpoint.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"

struct vector {
    const char *text;
    enum bj_status status;
    const char *expected; /* the canonical text */
    const char *zone;
};

static void check(const struct vector *v)
{
    struct bj_guard input = bj_guard_copy(v->text, strlen(v->text));
    struct bj_endpoint endpoint;
    struct bj_endpoint none = {0};
    struct bj_zone zone;
    char text[BJ_ENDPOINT_TEXT_MAX];
    enum bj_status status =
        bj_endpoint_parse(input.bytes, input.len, &endpoint, &zone);

    if (status != v->status)
        fail_msg("'%s': %s", v->text, bj_status_text(status));
    if (status == BJ_OK) {
        assert_int_equal(bj_endpoint_format(&endpoint, text),
                         strlen(v->expected));
        assert_string_equal(text, v->expected);
        assert_int_equal(zone.len, strlen(v->zone));
        if (zone.len > 0)
            assert_memory_equal(zone.text, v->zone, zone.len);
    } else {
        assert_true(bj_address_equal(&endpoint.address, &none.address));
        assert_int_equal(endpoint.port, 0);
        assert_int_equal(zone.len, 0);
        assert_null(zone.text);
    }
    bj_guard_free(&input);
}

static void text(void **state)
{
    static const struct vector vectors[] = {
        {"127.0.0.1:7007", BJ_OK, "127.0.0.1:7007", ""},
        {"0.0.0.0:0", BJ_OK, "0.0.0.0:0", ""},
        {"255.255.255.255:65535", BJ_OK, "255.255.255.255:65535", ""},
        {"[::]:7", BJ_OK, "[::]:7", ""},
        {"[2001:DB8:0::1]:53", BJ_OK, "[2001:db8::1]:53", ""},
        {"[::ffff:1.2.3.4]:1", BJ_OK, "[::ffff:1.2.3.4]:1", ""},
        {"[fe80::1%3]:7", BJ_OK, "[fe80::1%3]:7", ""},
        {"[fe80::1%eth0]:7", BJ_OK, "[fe80::1]:7", "eth0"},
        {"127.0.0.1:65536", BJ_LIMIT, "", ""},
        {"127.0.0.1:18446744073709551623", BJ_LIMIT, "", ""},
        {"[fe80::1%4294967296]:7", BJ_LIMIT, "", ""},
        {"[fe80::1%sixteen-letters-]:7", BJ_LIMIT, "", ""},
        {"127.0.0.1", BJ_BAD, "", ""},
        {"127.0.0.1:", BJ_BAD, "", ""},
        {"127.0.0.1:07", BJ_BAD, "", ""},
        {"127.0.0.1:00", BJ_BAD, "", ""},
        {"127.0.0.1:+7", BJ_BAD, "", ""},
        {"127.0.0.1:7 ", BJ_BAD, "", ""},
        {"127.0.0.1:7:7", BJ_BAD, "", ""},
        {"127.0.0.1:0x7", BJ_BAD, "", ""},
        {"127.1:7", BJ_BAD, "", ""},
        {"[127.0.0.1]:7", BJ_BAD, "", ""},
        {"::1:7", BJ_BAD, "", ""},
        {"[::1]", BJ_BAD, "", ""},
        {"[::1]7", BJ_BAD, "", ""},
        {"[::1:7", BJ_BAD, "", ""},
        {"[::1]:", BJ_BAD, "", ""},
        {"[::1]]:7", BJ_BAD, "", ""},
        {"[[::1]:7", BJ_BAD, "", ""},
        {"[::1%]:7", BJ_BAD, "", ""},
        {"[]:7", BJ_BAD, "", ""},
        {"[", BJ_BAD, "", ""},
        {":7", BJ_BAD, "", ""},
        {"", BJ_BAD, "", ""},
        {"localhost:7", BJ_BAD, "", ""},
        {" 127.0.0.1:7", BJ_BAD, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
        check(&vectors[i]);
}

static struct bj_endpoint from_text(const char *from)
{
    struct bj_endpoint endpoint;
    struct bj_zone zone;

    assert_int_equal(bj_endpoint_parse((const uint8_t *)from, strlen(from),
                                       &endpoint, &zone),
                     BJ_OK);
    return endpoint;
}

static void socket_addresses_are_as_the_headers_say(void **state)
{
    struct bj_endpoint four = from_text("192.0.2.1:7007");
    struct bj_endpoint six = from_text("[fe80::1%9]:7007");
    struct bj_endpoint none = {0};
    struct sockaddr_storage storage;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    (void)state;
    memset(&storage, 0xff, sizeof(storage));
    assert_int_equal(bj_endpoint_to_sockaddr(&four, &storage), sizeof(in));
    memcpy(&in, &storage, sizeof(in));
    assert_int_equal(in.sin_family, AF_INET);
    assert_int_equal(in.sin_port, htons(7007));
    assert_int_equal(in.sin_addr.s_addr, htonl(0xc0000201));
    for (size_t i = 0; i < sizeof(in.sin_zero); i++)
        assert_int_equal(in.sin_zero[i], 0);
    assert_int_equal(bj_endpoint_to_sockaddr(&six, &storage), sizeof(in6));
    memcpy(&in6, &storage, sizeof(in6));
    assert_int_equal(in6.sin6_family, AF_INET6);
    assert_int_equal(in6.sin6_port, htons(7007));
    assert_int_equal(in6.sin6_flowinfo, 0);
    assert_int_equal(in6.sin6_scope_id, 9);
    assert_memory_equal(&in6.sin6_addr, six.address.octets, 16);
    assert_int_equal(bj_endpoint_to_sockaddr(&none, &storage), 0);
    assert_int_equal(storage.ss_family, 0);
}

/* R25: everything in the storage is written, so nothing uninitialised goes
 * to the kernel or over a pipe. */
static void R25_the_whole_storage_is_written(void **state)
{
    static const char *const texts[] = {"192.0.2.1:7007", "[fe80::1%9]:7007"};
    struct sockaddr_storage a, b;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct bj_endpoint endpoint = from_text(texts[i]);

        memset(&a, 0x00, sizeof(a));
        memset(&b, 0xff, sizeof(b));
        bj_endpoint_to_sockaddr(&endpoint, &a);
        bj_endpoint_to_sockaddr(&endpoint, &b);
        assert_memory_equal(&a, &b, sizeof(a));
    }
}

/* Every length from 0, at the end of a page: only the whole structure will
 * do, and what lies behind it is not looked at. */
static void lengths_are_checked(void **state)
{
    static const char *const texts[] = {"192.0.2.1:7007", "[fe80::1%9]:7007"};
    static const size_t sizes[] = {sizeof(struct sockaddr_in),
                                   sizeof(struct sockaddr_in6)};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct bj_endpoint endpoint = from_text(texts[i]);
        struct sockaddr_storage storage;

        assert_int_equal(bj_endpoint_to_sockaddr(&endpoint, &storage),
                         sizes[i]);
        for (size_t len = 0; len <= sizeof(storage); len++) {
            struct bj_guard input = bj_guard_copy(&storage, len);
            struct bj_endpoint back;
            enum bj_status status =
                bj_endpoint_from_sockaddr(input.bytes, len, &back);

            assert_int_equal(status, len < sizes[i] ? BJ_MORE : BJ_OK);
            if (status != BJ_OK)
                memset(&endpoint, 0, sizeof(endpoint));
            else
                endpoint = from_text(texts[i]);
            assert_true(bj_address_equal(&back.address, &endpoint.address));
            assert_int_equal(back.port, endpoint.port);
            bj_guard_free(&input);
        }
    }
}

static void other_families_are_refused(void **state)
{
    struct sockaddr_storage storage;
    struct bj_endpoint out;

    (void)state;
    for (unsigned family = 0; family < 65536; family++) {
        sa_family_t value = (sa_family_t)family;

        if (family == AF_INET || family == AF_INET6)
            continue;
        memset(&storage, 0xff, sizeof(storage));
        memcpy(&storage, &value, sizeof(value));
        assert_int_equal(
            bj_endpoint_from_sockaddr(&storage, sizeof(storage), &out),
            BJ_UNSUPPORTED);
        assert_int_equal(out.address.family, BJ_FAMILY_ANY);
    }
    assert_int_equal(bj_endpoint_from_sockaddr(NULL, 0, &out), BJ_MORE);
}

static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_endpoint endpoint;
    struct bj_zone zone;
    struct bj_writer w;
    enum bj_status status = bj_endpoint_parse(bytes, len, &endpoint, &zone);

    if (status != BJ_OK)
        return status;
    bj_writer_init(&w, out, cap);
    bj_endpoint_write(&w, &endpoint);
    *out_len = w.len;
    return bj_writer_end(&w);
}

static void prefixes_and_canonical_text(void **state)
{
    static const char longest[] =
        "[ABCD:EF01:2345:6789:ABCD:EF01:255.255.255.255%fifteen-letters]:65535";

    (void)state;
    assert_int_equal(strlen(longest), BJ_ENDPOINT_TEXT_MAX - 1);
    bj_property_prefixes(reparse, longest, strlen(longest), 1);
    bj_property_prefixes(reparse, longest, strlen(longest) - 4, 0);
    bj_property_prefixes(reparse, "192.0.2.1:7", 11, 0);
    bj_property_canonical(reparse, "[0::0]:7", 8, "[::]:7", 6);
    bj_property_canonical(reparse, "1.2.3.4:5", 9, "1.2.3.4:5", 9);
}

static enum bj_status build(const void *context, uint8_t *out, size_t cap,
                            size_t *needed)
{
    struct bj_endpoint endpoint = from_text(context);
    struct bj_writer w;

    bj_writer_init(&w, out, cap);
    bj_endpoint_write(&w, &endpoint);
    *needed = w.len;
    return bj_writer_end(&w);
}

static void every_capacity(void **state)
{
    (void)state;
    bj_property_capacities(build, "[fe80::1%4294967295]:65535");
    bj_property_capacities(build, "255.255.255.255:65535");
}

static void without_a_family_there_is_no_text(void **state)
{
    struct bj_endpoint none = {0};
    char out[BJ_ENDPOINT_TEXT_MAX] = "x";
    struct bj_writer w;

    (void)state;
    assert_int_equal(bj_endpoint_format(&none, out), 0);
    assert_string_equal(out, "");
    bj_writer_init(&w, (uint8_t *)out, sizeof(out));
    bj_endpoint_write(&w, &none);
    assert_int_equal(bj_writer_end(&w), BJ_BUG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text),
        cmocka_unit_test(socket_addresses_are_as_the_headers_say),
        cmocka_unit_test(R25_the_whole_storage_is_written),
        cmocka_unit_test(lengths_are_checked),
        cmocka_unit_test(other_families_are_refused),
        cmocka_unit_test(prefixes_and_canonical_text),
        cmocka_unit_test(every_capacity),
        cmocka_unit_test(without_a_family_there_is_no_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
