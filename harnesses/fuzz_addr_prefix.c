/*
 * The input is text up to the first NUL, then the octets of an address to
 * look for in the prefix. Oracles: the text against a naive reading; host
 * bits are cleared; the text written back is a fixed point; containment and
 * common bits against comparing bit by bit.
 */
#include "core/addr/prefix.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_addr.h"

/* A length is what prints back as the text it came from. */
static bool naive_length(const uint8_t *text, size_t len, unsigned width,
                         unsigned *bits)
{
    char printed[8];

    for (*bits = 0; *bits <= width; *bits += 1) {
        snprintf(printed, sizeof(printed), "%u", *bits);
        if (strlen(printed) == len && memcmp(printed, text, len) == 0)
            return true;
    }
    return false;
}

static bool naive(const uint8_t *text, size_t len, struct bj_prefix *out)
{
    const uint8_t *slash = len > 0 ? memchr(text, '/', len) : NULL;
    size_t at = slash == NULL ? len : (size_t)(slash - text);
    unsigned width = 32;

    memset(out, 0, sizeof(*out));
    out->family = BJ_FAMILY_IP4;
    if (!naive_ip4(text, at, out->octets)) {
        width = 128;
        out->family = BJ_FAMILY_IP6;
        if (!naive_ip6(text, at, out->octets))
            return false;
    }
    out->bits = width;
    if (slash != NULL &&
        !naive_length(slash + 1, len - at - 1, width, &out->bits))
        return false;
    for (unsigned i = out->bits; i < 128; i++)
        out->octets[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
    return true;
}

static bool same(const struct bj_prefix *a, const struct bj_prefix *b)
{
    return a->family == b->family && a->bits == b->bits &&
           memcmp(a->octets, b->octets, 16) == 0;
}

static void check_members(const struct bj_prefix *prefix, const uint8_t *octets,
                          size_t count)
{
    struct bj_address first = {.family = prefix->family};
    struct bj_address other = {.family = prefix->family};
    unsigned width = prefix->family == BJ_FAMILY_IP4 ? 32 : 128;
    unsigned common;

    memcpy(first.octets, prefix->octets, 16);
    memcpy(other.octets, prefix->octets, 16);
    memcpy(other.octets, octets, count < width / 8 ? count : width / 8);
    common = naive_common_bits(first.octets, other.octets, width);
    BJ_CHECK(bj_prefix_contains(prefix, &first), "contains-first");
    BJ_CHECK(bj_prefix_contains(prefix, &other) == (common >= prefix->bits),
             "contains");
    BJ_CHECK(bj_address_common_bits(&first, &other) == common, "common-bits");
    BJ_CHECK(bj_address_common_bits(&other, &first) == common, "symmetric");
    other.family = BJ_FAMILY_IP4 + BJ_FAMILY_IP6 - prefix->family;
    BJ_CHECK(!bj_prefix_contains(prefix, &other) &&
                 bj_address_common_bits(&first, &other) == 0,
             "families-apart");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    size_t len = nul == NULL ? size : (size_t)(nul - data);
    uint8_t *text = bj_exact_copy(data, len);
    struct bj_prefix got, wanted, back;
    char printed[BJ_PREFIX_TEXT_MAX];
    enum bj_status status = bj_prefix_parse(text, len, &got);
    bool ok = naive(text, len, &wanted);

    BJ_CHECK((status == BJ_OK) == ok, "accepts");
    if (ok) {
        size_t printed_len = bj_prefix_format(&got, printed);

        BJ_CHECK(same(&got, &wanted), "value");
        BJ_CHECK(bj_prefix_parse((uint8_t *)printed, printed_len, &back) ==
                         BJ_OK &&
                     same(&back, &got),
                 "reads-back");
        bj_digest(printed, printed_len);
        check_members(&got, data + len, size - len);
    } else {
        BJ_CHECK(got.family == BJ_FAMILY_ANY && got.bits == 0, "zero");
    }
    free(text);
    return 0;
}
