/*
 * Oracles: a naive reading written apart; a valid name stays valid with its
 * final dot, in other case and when cut at a dot; nothing that a shell, a
 * terminal or a web page takes for more than text ever passes (R07).
 */
#include "core/netdb/hostname.h"
#include "harnesses/harness.h"
#include "harnesses/support/answers.h"

static void check_parts(const char *text, size_t len)
{
    const char *dot = memchr(text, '.', len);
    char upper[260];

    for (size_t i = 0; i < len; i++)
        upper[i] =
            (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
    BJ_CHECK(bj_hostname_valid(upper, len), "case");
    if (text[len - 1] != '.') {
        upper[len] = '.';
        BJ_CHECK(bj_hostname_valid(upper, len + 1), "final-dot");
    }
    if (dot != NULL)
        BJ_CHECK(bj_hostname_valid(text, (size_t)(dot - text)), "first-label");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    bool valid = bj_hostname_valid(text, size);
    bool presentable = bj_hostname_presentable(text, size);

    BJ_CHECK(presentable == bj_naive_presentable(text, size), "naive");
    BJ_CHECK(presentable || !valid, "valid-is-presentable");
    for (size_t i = 0; i < size; i++)
        if (data[i] <= ' ' || data[i] >= 0x7f ||
            strchr("<>&\"'`$;|\\/*?(){}[]!~#^=,+@", text[i]) != NULL)
            BJ_CHECK(!presentable, "harmless");
    if (valid) {
        BJ_CHECK(size <= 254 && text[0] != '-', "length");
        check_parts(text, size);
    }
    bj_digest(&valid, sizeof(valid));
    bj_digest(&presentable, sizeof(presentable));
    return 0;
}
