/*
 * The input is text, and also the octets of a socket address. Oracles: the
 * text against a naive reading by its last colon; text and socket address
 * both read back as the same endpoint; the socket address against the
 * structures of the system's headers.
 */
#include "core/addr/endpoint.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_addr.h"

/* A port is what prints back as the text it came from. */
static bool naive_port(const uint8_t *text, size_t len, uint16_t *port)
{
    char copy[8] = "", printed[8];

    if (len < 1 || len > 5)
        return false;
    memcpy(copy, text, len);
    *port = (uint16_t)strtoul(copy, NULL, 10);
    snprintf(printed, sizeof(printed), "%u", *port);
    return strlen(printed) == len && memcmp(printed, text, len) == 0;
}

static bool naive_host(const uint8_t *text, size_t len, struct bj_address *out)
{
    const uint8_t *percent = len > 0 ? memchr(text, '%', len) : NULL;
    enum naive_zone kind = NAIVE_ZONE_NUMBER;

    if (naive_ip4(text, len, out->octets)) {
        out->family = BJ_FAMILY_IP4;
        return true;
    }
    memset(out->octets, 0, sizeof(out->octets));
    if (len < 2 || text[0] != '[' || text[len - 1] != ']')
        return false;
    if (percent != NULL) {
        size_t zone_len = (size_t)(text + len - 1 - percent - 1);

        kind = naive_zone(percent + 1, zone_len, &out->scope);
        len = (size_t)(percent - text) + 1;
    }
    out->family = BJ_FAMILY_IP6;
    return (kind == NAIVE_ZONE_NUMBER || kind == NAIVE_ZONE_NAME) &&
           naive_ip6(text + 1, len - 2, out->octets);
}

static bool naive(const uint8_t *text, size_t len, struct bj_endpoint *out)
{
    const uint8_t *colon = len > 0 ? memrchr(text, ':', len) : NULL;

    memset(out, 0, sizeof(*out));
    if (colon == NULL)
        return false;
    return naive_port(colon + 1, (size_t)(text + len - colon - 1),
                      &out->port) &&
           naive_host(text, (size_t)(colon - text), &out->address);
}

static bool same(const struct bj_endpoint *a, const struct bj_endpoint *b)
{
    return bj_address_equal(&a->address, &b->address) && a->port == b->port;
}

static void check_round_trips(const struct bj_endpoint *endpoint)
{
    char text[BJ_ENDPOINT_TEXT_MAX];
    size_t len = bj_endpoint_format(endpoint, text);
    struct sockaddr_storage storage;
    struct bj_endpoint back;
    struct bj_zone zone;
    uint8_t *block;

    BJ_CHECK(len == strlen(text) && len > 0, "text-length");
    BJ_CHECK(bj_endpoint_parse((uint8_t *)text, len, &back, &zone) == BJ_OK &&
                 same(&back, endpoint),
             "text-reads-back");
    bj_digest(text, len);
    len = bj_endpoint_to_sockaddr(endpoint, &storage);
    bj_digest(&storage, sizeof(storage));
    block = bj_exact_copy((uint8_t *)&storage, len);
    BJ_CHECK(bj_endpoint_from_sockaddr(block, len, &back) == BJ_OK &&
                 same(&back, endpoint),
             "sockaddr-reads-back");
    free(block);
}

static void check_text(const uint8_t *text, size_t len)
{
    struct bj_endpoint got, wanted;
    struct bj_zone zone;
    enum bj_status status = bj_endpoint_parse(text, len, &got, &zone);

    BJ_CHECK((status == BJ_OK) == naive(text, len, &wanted), "accepts");
    if (status == BJ_OK) {
        BJ_CHECK(same(&got, &wanted), "value");
        check_round_trips(&got);
    } else {
        BJ_CHECK(got.address.family == BJ_FAMILY_ANY && got.port == 0 &&
                     got.address.scope == 0 && zone.len == 0,
                 "zero");
    }
}

static void check_sockaddr(const uint8_t *bytes, size_t len)
{
    struct sockaddr_in in = {0};
    struct sockaddr_in6 in6 = {0};
    struct bj_endpoint got;
    enum bj_status status = bj_endpoint_from_sockaddr(bytes, len, &got);

    if (len >= sizeof(in))
        memcpy(&in, bytes, sizeof(in));
    if (len >= sizeof(in6))
        memcpy(&in6, bytes, sizeof(in6));
    if (in.sin_family == AF_INET) {
        BJ_CHECK(status == BJ_OK && got.port == ntohs(in.sin_port) &&
                     memcmp(got.address.octets, &in.sin_addr, 4) == 0,
                 "sockaddr-in");
        check_round_trips(&got);
    } else if (in6.sin6_family == AF_INET6) {
        BJ_CHECK(status == BJ_OK && got.port == ntohs(in6.sin6_port) &&
                     got.address.scope == in6.sin6_scope_id &&
                     memcmp(got.address.octets, &in6.sin6_addr, 16) == 0,
                 "sockaddr-in6");
        check_round_trips(&got);
    } else {
        BJ_CHECK(status == BJ_MORE || status == BJ_UNSUPPORTED,
                 "sockaddr-refused");
        BJ_CHECK(got.address.family == BJ_FAMILY_ANY && got.port == 0,
                 "sockaddr-zero");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *sockaddr = bj_sockaddr_copy(data, size);

    check_text(data, size);
    check_sockaddr(sockaddr, size);
    free(sockaddr);
    return 0;
}
