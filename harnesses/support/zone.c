#include "harnesses/support/zone.h"

#include <string.h>

static uint8_t lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + 32) : octet;
}

/* One way in four each: no such name, one family, the other, both. */
static struct bj_zone_truth truth_of(uint32_t sum)
{
    unsigned way = (sum ^ sum >> 7) % 4U;
    struct bj_zone_truth truth = {way != 0, (way & 1) != 0, (way & 2) != 0};

    return truth;
}

/* Labels are summed without their lengths, so that text gives the same. */
struct bj_zone_truth bj_zone_of_wire(const uint8_t *name, size_t len)
{
    uint32_t sum = 0;
    size_t at = 0;

    while (at < len && name[at] != 0) {
        size_t label = name[at];

        for (size_t i = 1; i <= label && at + i < len; i++)
            sum = sum * 31 + lower(name[at + i]);
        sum = sum * 31 + '.';
        at += label + 1;
    }
    return truth_of(sum);
}

struct bj_zone_truth bj_zone_of_text(const char *name, size_t len)
{
    uint32_t sum = 0;

    if (len > 0 && name[len - 1] == '.')
        len -= 1;
    for (size_t i = 0; i < len; i++)
        sum = sum * 31 + lower((uint8_t)name[i]);
    return truth_of(sum * 31 + '.');
}

size_t bj_zone_reply(const uint8_t *query, size_t len,
                     uint8_t out[BJ_NETWORK_MAX])
{
    size_t name_len = 0;
    struct bj_zone_truth truth;
    bool six;

    while (12 + name_len < len && query[12 + name_len] != 0)
        name_len += (size_t)query[12 + name_len] + 1;
    truth = bj_zone_of_wire(query + 12, name_len + 1);
    six = query[12 + name_len + 2] == 28;
    if (!truth.exists)
        return bj_network_reply(BJ_NETWORK_NO_NAME, 0, query, len, out);
    if (six ? truth.six : truth.four)
        return bj_network_reply(BJ_NETWORK_HONEST, 0, query, len, out);
    return bj_network_reply(BJ_NETWORK_RCODE, 0, query, len, out);
}

size_t bj_zone_forge(enum bj_network_reply kind, unsigned detail,
                     const uint8_t *query, size_t len,
                     uint8_t out[BJ_NETWORK_MAX])
{
    size_t reply_len = bj_network_reply(kind, detail, query, len, out);

    /* The address stands at the end. */
    if (reply_len > 16)
        memset(out + reply_len - 4, BJ_ZONE_FORGED, 4);
    return reply_len;
}
