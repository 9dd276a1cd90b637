/*
 * IPv4 text against the C library's inet_pton, inet_aton and inet_ntop, on
 * text of any octets but NUL, which those functions cannot be given.
 *
 * Permitted differences, all of them:
 *
 *   text                       C library       belljar   why
 *   inet_pton's grammar        -               -         none
 *   inet_ntop's output         -               -         none
 *   inet_aton: address, white  reads up to     refused   CVE-2016-10739: what
 *   space, anything            the white                 is looked up must be
 *                              space                     what was checked
 */
#include <arpa/inet.h>

#include "core/addr/ip4.h"
#include "harnesses/harness.h"

/* The length that inet_aton looks at: up to white space (C locale) that is
 * not at the very start. */
static size_t until_space(const char *text)
{
    return strcspn(text, " \t\n\v\f\r");
}

static void check_pton(const char *text, size_t len)
{
    uint8_t ours[4], theirs[4] = {0};
    enum bj_status status = bj_ip4_parse((const uint8_t *)text, len, ours);
    int ok = inet_pton(AF_INET, text, theirs);

    BJ_CHECK((status == BJ_OK) == (ok == 1), "pton-accepts");
    if (ok == 1)
        BJ_CHECK(memcmp(ours, theirs, 4) == 0, "pton-value");
}

static void check_aton(const char *text, size_t len)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t address_len = until_space(text);
    struct in_addr theirs = {0};
    uint8_t ours[4];
    enum bj_status status = bj_ip4_parse_legacy(bytes, len, ours);
    int ok = inet_aton(text, &theirs);

    if (ok == 1 && address_len < len) {
        BJ_CHECK(status == BJ_BAD, "permitted-white-space");
        status = bj_ip4_parse_legacy(bytes, address_len, ours);
    }
    BJ_CHECK((status == BJ_OK) == (ok == 1), "aton-accepts");
    if (ok == 1)
        BJ_CHECK(memcmp(ours, &theirs, 4) == 0, "aton-value");
}

static void check_ntop(const uint8_t octets[static 4])
{
    char ours[BJ_IP4_TEXT_MAX], theirs[INET_ADDRSTRLEN];

    if (inet_ntop(AF_INET, octets, theirs, sizeof(theirs)) == NULL)
        abort();
    BJ_CHECK(bj_ip4_format(octets, ours) == strlen(theirs) &&
                 strcmp(ours, theirs) == 0,
             "ntop");
    bj_digest(ours, strlen(ours));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    if (text == NULL)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = 0;
    if (strlen(text) == size) {
        check_pton(text, size);
        check_aton(text, size);
    }
    if (size >= 4)
        check_ntop(data);
    free(text);
    return 0;
}
