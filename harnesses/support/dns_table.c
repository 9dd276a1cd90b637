#include "harnesses/support/dns_table.h"

#include <string.h>

#include "harnesses/harness.h"

BJ_UNTRACED_BEGIN

unsigned dns_get16(const uint8_t *at)
{
    return at[0] * 256U + at[1];
}

void dns_put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value / 256U % 256U);
    at[1] = (uint8_t)(value % 256U);
}

size_t dns_name_end(const uint8_t *message, size_t len, size_t at)
{
    /* Ends: each turn passes over an octet or more. */
    while (at < len) {
        unsigned octet = message[at];

        if (octet >= 0xc0)
            return len - at < 2 ? 0 : at + 2;
        at += octet + 1U;
        if (octet == 0)
            return at;
    }
    return 0;
}

/* The item at `at`; false if it is not whole. */
static bool read_item(const uint8_t *message, size_t len, size_t at,
                      unsigned section, struct dns_item *item)
{
    size_t fixed = section == 0 ? 4 : 10;

    item->section = section;
    item->at = at;
    item->type_at = dns_name_end(message, len, at);
    if (item->type_at == 0 || len - item->type_at < fixed)
        return false;
    item->end = item->type_at + fixed;
    if (section > 0) {
        size_t rdata_len = dns_get16(message + item->end - 2);

        if (len - item->end < rdata_len)
            return false;
        item->end += rdata_len;
    }
    return true;
}

void dns_table_read(struct dns_table *table, const uint8_t *message, size_t len)
{
    size_t at = DNS_HEADER;

    table->count = 0;
    if (len < DNS_HEADER)
        return;
    for (unsigned section = 0; section < DNS_SECTIONS; section++) {
        unsigned left = dns_get16(message + 4 + 2 * section);

        for (; left > 0; left--) {
            struct dns_item *item = &table->items[table->count];

            if (table->count == DNS_ITEMS ||
                !read_item(message, len, at, section, item))
                return;
            at = item->end;
            table->count += 1;
        }
    }
}

bool dns_buffer_splice(struct dns_buffer *b, size_t at, size_t drop,
                       const uint8_t *octets, size_t n)
{
    if (at > b->len || drop > b->len - at || n > b->cap - (b->len - drop))
        return false;
    memmove(b->octets + at + n, b->octets + at + drop, b->len - at - drop);
    if (n > 0)
        memcpy(b->octets + at, octets, n);
    b->len = b->len - drop + n;
    return true;
}

void dns_buffer_count(struct dns_buffer *b, unsigned section, int change)
{
    uint8_t *count = b->octets + 4 + 2 * section;
    unsigned value = dns_get16(count);

    if (change < 0 ? value > 0 : value < 65535)
        dns_put16(count, change < 0 ? value - 1U : value + 1U);
}

BJ_UNTRACED_END
