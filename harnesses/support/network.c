#include "harnesses/support/network.h"

#include <string.h>

/* Octets of header and question: to the root label, then type and class. */
static size_t question_end(const uint8_t *message, size_t len)
{
    size_t at = 12;

    while (at < len && message[at] != 0)
        at += (size_t)message[at] + 1;
    return at + 5 <= len ? at + 5 : len;
}

static void put_u16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* A record at the name asked for, by a pointer to it. */
static size_t put_address(uint8_t *out, unsigned type, uint32_t ttl)
{
    size_t rdata = type == 28 ? 16 : 4;

    put_u16(out, 0xc00c);
    put_u16(out + 2, type);
    put_u16(out + 4, 1);
    put_u16(out + 6, ttl / 65536U);
    put_u16(out + 8, ttl % 65536U);
    put_u16(out + 10, (unsigned)rdata);
    memset(out + 12, 0x20, rdata);
    return 12 + rdata;
}

static void flip_first_letter(uint8_t *question, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((question[i] | 32) >= 'a' && (question[i] | 32) <= 'z') {
            question[i] ^= 32;
            return;
        }
}

static void forge(enum bj_network_reply kind, unsigned detail, uint8_t *out,
                  size_t end)
{
    switch (kind) {
    case BJ_NETWORK_WRONG_ID:
        out[detail % 2] ^= (uint8_t)(1U << detail / 2 % 8);
        break;
    case BJ_NETWORK_WRONG_CASE:
        flip_first_letter(out + 12, end - 16);
        break;
    case BJ_NETWORK_WRONG_TYPE:
        out[end - 3] ^= 0x10;
        break;
    case BJ_NETWORK_WRONG_CLASS:
        out[end - 1] ^= 2;
        break;
    case BJ_NETWORK_WRONG_COUNT:
        put_u16(out + 4, detail == 1 ? 2 : detail);
        break;
    case BJ_NETWORK_QUERY:
        out[2] &= 0x7f;
        break;
    default:
        break;
    }
}

size_t bj_network_reply(enum bj_network_reply kind, unsigned detail,
                        const uint8_t *query, size_t len,
                        uint8_t out[BJ_NETWORK_MAX])
{
    size_t end = question_end(query, len);
    size_t reply_len = end;
    unsigned flags = 0x8180; /* QR, RD, RA */
    /* From a minute to most of a day. */
    uint32_t ttl = kind == BJ_NETWORK_HONEST ? 60 + detail * 300 : 60;

    memset(out, 0, BJ_NETWORK_MAX);
    memcpy(out, query, end);
    put_u16(out + 8, 0);
    put_u16(out + 10, 0);
    if (kind == BJ_NETWORK_TRUNCATED)
        flags |= 0x0200;
    else if (kind == BJ_NETWORK_NO_NAME)
        flags |= 3;
    else if (kind == BJ_NETWORK_RCODE)
        flags |= detail % 16;
    else {
        put_u16(out + 6, 1);
        reply_len += put_address(out + end, out[end - 3], ttl);
    }
    put_u16(out + 2, flags);
    forge(kind, detail, out, end);
    if (kind == BJ_NETWORK_RCODE && (detail & 16) != 0) {
        put_u16(out + 4, 0);
        return 12;
    }
    return kind == BJ_NETWORK_SHORT ? detail % reply_len : reply_len;
}

bool bj_network_is_reply(const uint8_t *query, size_t query_len,
                         const uint8_t *reply, size_t reply_len)
{
    size_t end = question_end(query, query_len);

    return reply_len >= end && memcmp(query, reply, 2) == 0 &&
           (reply[2] & 0xf8) == 0x80 && reply[4] == 0 && reply[5] == 1 &&
           memcmp(query + 12, reply + 12, end - 12) == 0;
}
