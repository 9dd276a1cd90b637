/*
 * The input is text: a literal of either family. Oracles: acceptance and
 * value against the naive readers, one of which at most may accept; the text
 * written back reads as the same address; mapping to IPv6 and the question
 * whether an address is mapped against memcmp; what is link-local against
 * the digits that it begins with.
 */
#include "core/addr/address.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_addr.h"

static bool naive(const uint8_t *text, size_t len, struct bj_address *out)
{
    const uint8_t *percent = len > 0 ? memchr(text, '%', len) : NULL;
    size_t at = percent == NULL ? len : (size_t)(percent - text);
    enum naive_zone kind = NAIVE_ZONE_NAME;
    uint8_t octets[16] = {0};

    memset(out, 0, sizeof(*out));
    if (naive_ip4(text, len, octets)) {
        out->family = BJ_FAMILY_IP4;
        memcpy(out->octets, octets, 4);
        return true;
    }
    if (!naive_ip6(text, at, octets))
        return false;
    if (at < len)
        kind = naive_zone(text + at + 1, len - at - 1, &out->scope);
    if (kind == NAIVE_ZONE_BAD || kind == NAIVE_ZONE_LIMIT)
        return false;
    out->family = BJ_FAMILY_IP6;
    memcpy(out->octets, octets, 16);
    return true;
}

static void check_mapped(const struct bj_address *address)
{
    struct bj_address mapped = bj_address_to_mapped(address);
    bool begins =
        memcmp(mapped.octets, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;

    struct bj_address plain = bj_address_unmap(&mapped);

    BJ_CHECK(mapped.family == BJ_FAMILY_IP6, "mapped-family");
    BJ_CHECK((plain.family == BJ_FAMILY_IP4) == begins, "unmap-family");
    if (address->family == BJ_FAMILY_IP4)
        BJ_CHECK(bj_address_equal(&plain, address), "unmap-undoes");
    BJ_CHECK(bj_address_is_mapped(&mapped) == begins, "is-mapped");
    if (address->family == BJ_FAMILY_IP4)
        BJ_CHECK(begins && !bj_address_is_mapped(address) &&
                     memcmp(mapped.octets + 12, address->octets, 4) == 0,
                 "mapped-ip4");
    else
        BJ_CHECK(bj_address_equal(&mapped, address), "mapped-ip6");
}

/* RFC 4291 sections 2.5.6 and 2.7: fe8 to feb, and ff?2, as they are written
 * in sixteen bits. */
static void check_link_local(const struct bj_address *address)
{
    unsigned group = address->octets[0] * 256U + address->octets[1];
    bool expected = address->family == BJ_FAMILY_IP6 &&
                    ((group >= 0xfe80 && group <= 0xfebf) ||
                     (group >= 0xff00 && group % 16 == 2));

    BJ_CHECK(bj_address_is_link_local(address) == expected, "link-local");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bj_address got, wanted, back;
    struct bj_zone zone;
    struct bj_writer w;
    uint8_t text[BJ_ADDRESS_TEXT_MAX];
    bool ok = naive(data, size, &wanted);
    enum bj_status status = bj_address_parse(data, size, &got, &zone);

    BJ_CHECK((status == BJ_OK) == ok, "accepts");
    BJ_CHECK(bj_address_equal(&got, &wanted), "value");
    if (!ok)
        return 0;
    bj_writer_init(&w, text, sizeof(text));
    bj_address_write(&w, &got);
    BJ_CHECK(bj_writer_end_text(&w) == BJ_OK, "fits");
    bj_digest(text, w.len);
    BJ_CHECK(bj_address_parse(text, w.len, &back, &zone) == BJ_OK &&
                 bj_address_equal(&back, &got),
             "reads-back");
    check_mapped(&got);
    check_link_local(&got);
    return 0;
}
