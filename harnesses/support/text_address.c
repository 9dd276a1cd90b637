#include "harnesses/support/text_address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "harnesses/harness.h"

BJ_UNTRACED_BEGIN

/* "2" is a scope, "eth0" the name of a zone. */
static bool model_zone(char *text, struct bj_address *out, char **zone)
{
    size_t len = strlen(text), digits = strspn(text, "0123456789");
    unsigned long scope;

    if (len == 0 || len > 15)
        return false;
    if (digits == len) {
        scope = strtoul(text, NULL, 10);
        out->scope = (uint32_t)scope;
        return scope <= UINT32_MAX;
    }
    for (size_t i = 0; i < len; i++)
        if (text[i] < 33 || text[i] > 126 || strchr("/:%[]", text[i]) != NULL)
            return false;
    *zone = text;
    return true;
}

bool bj_model_address(char *text, struct bj_address *out, char **zone)
{
    char *percent = strchr(text, '%');

    memset(out, 0, sizeof(*out));
    *zone = NULL;
    out->family = BJ_FAMILY_IP4;
    if (inet_pton(AF_INET, text, out->octets) == 1)
        return true;
    out->family = BJ_FAMILY_IP6;
    if (percent != NULL) {
        *percent = '\0';
        if (!model_zone(percent + 1, out, zone))
            return false;
    }
    return inet_pton(AF_INET6, text, out->octets) == 1;
}

BJ_UNTRACED_END
