/*
 * IPv6 text against the C library's inet_pton and inet_ntop, on text of any
 * octets but NUL, which inet_pton cannot be given.
 *
 * Permitted differences: none, in either direction. (Zones are not part of
 * this grammar: inet_pton refuses them, and so does bj_ip6_parse. What the C
 * library reads of zones it reads in getaddrinfo.)
 */
#include <arpa/inet.h>

#include "core/addr/ip6.h"
#include "harnesses/harness.h"

static void check_ntop(const uint8_t octets[static 16])
{
    char ours[BJ_IP6_TEXT_MAX], theirs[INET6_ADDRSTRLEN];

    if (inet_ntop(AF_INET6, octets, theirs, sizeof(theirs)) == NULL)
        abort();
    BJ_CHECK(bj_ip6_format(octets, ours) == strlen(theirs) &&
                 strcmp(ours, theirs) == 0,
             "ntop");
    bj_digest(ours, strlen(ours));
}

static void check_pton(const char *text, size_t len)
{
    uint8_t ours[16], theirs[16] = {0};
    enum bj_status status = bj_ip6_parse((const uint8_t *)text, len, ours);
    int ok = inet_pton(AF_INET6, text, theirs);

    BJ_CHECK((status == BJ_OK) == (ok == 1), "pton-accepts");
    if (ok == 1) {
        BJ_CHECK(memcmp(ours, theirs, 16) == 0, "pton-value");
        check_ntop(ours);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    if (text == NULL)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = 0;
    if (strlen(text) == size)
        check_pton(text, size);
    if (size >= 16)
        check_ntop(data);
    free(text);
    return 0;
}
