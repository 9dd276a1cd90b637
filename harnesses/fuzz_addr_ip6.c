/*
 * The input is text, and its first sixteen octets an address. Oracles:
 * reading, with and without zone, against naive readers; text out against a
 * naive RFC 5952 writer, into exact blocks of every capacity that the length
 * of the input chooses; text out reads back.
 */
#include "core/addr/ip6.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_addr.h"

static void check_octets(const uint8_t octets[static 16], size_t cap)
{
    char expected[64];
    size_t len;
    char *out = malloc(BJ_IP6_TEXT_MAX);
    uint8_t *block = malloc(cap > 0 ? cap : 1);
    uint8_t back[16];
    struct bj_writer w;

    if (out == NULL || block == NULL)
        abort();
    naive_ip6_text(octets, expected);
    len = strlen(expected);
    BJ_CHECK(bj_ip6_format(octets, out) == len && strcmp(out, expected) == 0,
             "text");
    BJ_CHECK(bj_ip6_parse((uint8_t *)out, len, back) == BJ_OK &&
                 memcmp(back, octets, 16) == 0,
             "text-reads-back");
    bj_writer_init(&w, cap > 0 ? block : NULL, cap);
    bj_ip6_write(&w, octets);
    BJ_CHECK(w.len == len && (bj_writer_end(&w) == BJ_OK) == (len <= cap),
             "capacity");
    bj_digest(out, len);
    free(block);
    free(out);
}

static void check_text(const uint8_t *text, size_t len)
{
    uint8_t got[16], wanted[16];
    enum bj_status status = bj_ip6_parse(text, len, got);
    bool ok = naive_ip6(text, len, wanted);

    BJ_CHECK(status == (ok ? BJ_OK : BJ_BAD), "accepts");
    BJ_CHECK(memcmp(got, wanted, 16) == 0, "value");
    bj_digest(got, sizeof(got));
    if (ok)
        check_octets(got, len);
}

/* The status that a text with zone deserves, by parts. */
static enum bj_status with_zone(const uint8_t *text, size_t at, size_t len,
                                struct bj_address *address, bool *named)
{
    uint8_t octets[16];

    *named = false;
    memset(address, 0, sizeof(*address));
    if (!naive_ip6(text, at, octets))
        return BJ_BAD;
    if (at < len) {
        switch (naive_zone(text + at + 1, len - at - 1, &address->scope)) {
        case NAIVE_ZONE_BAD:
            return BJ_BAD;
        case NAIVE_ZONE_LIMIT:
            return BJ_LIMIT;
        case NAIVE_ZONE_NAME:
            *named = true;
            break;
        case NAIVE_ZONE_NUMBER:
            break;
        }
    }
    address->family = BJ_FAMILY_IP6;
    memcpy(address->octets, octets, sizeof(octets));
    return BJ_OK;
}

static void check_zone(const uint8_t *text, size_t len)
{
    const uint8_t *percent = len > 0 ? memchr(text, '%', len) : NULL;
    size_t at = percent == NULL ? len : (size_t)(percent - text);
    struct bj_address got, wanted;
    struct bj_zone zone;
    bool named;
    enum bj_status status = bj_ip6_parse_zone(text, len, &got, &zone);

    BJ_CHECK(status == with_zone(text, at, len, &wanted, &named),
             "zone-accepts");
    BJ_CHECK(bj_address_equal(&got, &wanted), "zone-value");
    if (named)
        BJ_CHECK(zone.text == text + at + 1 && zone.len == len - at - 1,
                 "zone-in-place");
    else
        BJ_CHECK(zone.text == NULL && zone.len == 0, "zone-empty");
    bj_digest(&got.scope, sizeof(got.scope));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_text(data, size);
    check_zone(data, size);
    if (size >= 16)
        check_octets(data, size % 48);
    return 0;
}
