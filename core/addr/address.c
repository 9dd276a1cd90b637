#include "core/addr/address.h"

#include <string.h>

#include "core/addr/ip4.h"
#include "core/addr/ip6.h"
#include "core/bytes/cursor.h"

enum bj_status bj_address_parse(const uint8_t *text, size_t len,
                                struct bj_address *out, struct bj_zone *zone)
{
    enum bj_status status;
    struct bj_cursor c;

    /* Only IPv6 has colons, and no IPv6 text is without. */
    bj_cursor_init(&c, text, len);
    if (bj_cursor_until(&c, ':') < len)
        return bj_ip6_parse_zone(text, len, out, zone);
    *out = (struct bj_address){0};
    *zone = (struct bj_zone){0};
    status = bj_ip4_parse(text, len, out->octets);
    if (status == BJ_OK)
        out->family = BJ_FAMILY_IP4;
    return status;
}

void bj_address_write(struct bj_writer *w, const struct bj_address *address)
{
    switch (address->family) {
    case BJ_FAMILY_IP4:
        bj_ip4_write(w, address->octets);
        return;
    case BJ_FAMILY_IP6:
        bj_ip6_write(w, address->octets);
        if (address->scope != 0) {
            bj_writer_char(w, '%');
            bj_writer_dec(w, address->scope);
        }
        return;
    case BJ_FAMILY_ANY:
        break;
    }
    bj_writer_fail(w, BJ_BUG);
}

bool bj_address_equal(const struct bj_address *a, const struct bj_address *b)
{
    return a->family == b->family && a->scope == b->scope &&
           memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

struct bj_address bj_address_to_mapped(const struct bj_address *address)
{
    struct bj_address mapped = *address;

    if (address->family != BJ_FAMILY_IP4)
        return mapped;
    mapped.family = BJ_FAMILY_IP6;
    memset(mapped.octets, 0, 10);
    mapped.octets[10] = 0xff;
    mapped.octets[11] = 0xff;
    memcpy(mapped.octets + 12, address->octets, 4);
    return mapped;
}

bool bj_address_is_mapped(const struct bj_address *address)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

    return address->family == BJ_FAMILY_IP6 &&
           memcmp(address->octets, prefix, sizeof(prefix)) == 0;
}

bool bj_address_is_link_local(const struct bj_address *address)
{
    uint8_t first = address->octets[0];
    uint8_t second = address->octets[1];

    if (address->family != BJ_FAMILY_IP6)
        return false;
    return (first == 0xfe && (second & 0xc0) == 0x80) ||
           (first == 0xff && (second & 0x0f) == 2);
}

struct bj_address bj_address_unmap(const struct bj_address *address)
{
    struct bj_address plain = {0};

    if (!bj_address_is_mapped(address))
        return *address;
    plain.family = BJ_FAMILY_IP4;
    memcpy(plain.octets, address->octets + 12, 4);
    return plain;
}
