/*
 * The input is text, and its first four octets an address. Oracles: strict
 * and legacy reading against naive readers; what is accepted prints back as
 * it was; text out against snprintf, into exact blocks of every capacity
 * that the length of the input chooses; all text out reads back both ways.
 */
#include "core/addr/ip4.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_addr.h"

static void check_text(const uint8_t *text, size_t len)
{
    uint8_t got[4], wanted[4];
    char printed[BJ_IP4_TEXT_MAX];
    enum bj_status status = bj_ip4_parse(text, len, got);
    bool ok = naive_ip4(text, len, wanted);

    BJ_CHECK(status == (ok ? BJ_OK : BJ_BAD), "strict-accepts");
    bj_digest(got, sizeof(got));
    if (ok) {
        BJ_CHECK(memcmp(got, wanted, 4) == 0, "strict-value");
        BJ_CHECK(bj_ip4_format(got, printed) == len &&
                     memcmp(printed, text, len) == 0,
                 "strict-canonical");
    } else {
        BJ_CHECK(memcmp(got, "\0\0\0", 4) == 0, "strict-zero");
    }
    status = bj_ip4_parse_legacy(text, len, got);
    ok = naive_ip4_legacy(text, len, wanted);
    BJ_CHECK(status == (ok ? BJ_OK : BJ_BAD), "legacy-accepts");
    BJ_CHECK(memcmp(got, wanted, 4) == 0, "legacy-value");
    bj_digest(got, sizeof(got));
}

static void check_octets(const uint8_t octets[static 4], size_t cap)
{
    char expected[BJ_IP4_TEXT_MAX];
    size_t len = (size_t)snprintf(expected, sizeof(expected), "%d.%d.%d.%d",
                                  octets[0], octets[1], octets[2], octets[3]);
    char *out = malloc(BJ_IP4_TEXT_MAX);
    uint8_t *block = malloc(cap > 0 ? cap : 1);
    uint8_t back[4];
    struct bj_writer w;

    if (out == NULL || block == NULL)
        abort();
    BJ_CHECK(bj_ip4_format(octets, out) == len && strcmp(out, expected) == 0,
             "text");
    BJ_CHECK(bj_ip4_parse((uint8_t *)out, len, back) == BJ_OK &&
                 memcmp(back, octets, 4) == 0,
             "text-reads-back");
    BJ_CHECK(bj_ip4_parse_legacy((uint8_t *)out, len, back) == BJ_OK &&
                 memcmp(back, octets, 4) == 0,
             "text-is-legacy-too");
    bj_writer_init(&w, cap > 0 ? block : NULL, cap);
    bj_ip4_write(&w, octets);
    BJ_CHECK(w.len == len && (bj_writer_end(&w) == BJ_OK) == (len <= cap),
             "capacity");
    bj_digest(out, len);
    free(block);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_text(data, size);
    if (size >= 4)
        check_octets(data, size % 20);
    return 0;
}
