#ifndef BJ_HARNESSES_SUPPORT_DNS_TABLE_H
#define BJ_HARNESSES_SUPPORT_DNS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A DNS message as something to be edited: where its questions and records
 * stand, and cuts that keep it within its buffer. Reads as far as a message
 * makes sense and says nothing about whether it is a good one.
 */

enum {
    DNS_HEADER = 12,
    DNS_SECTIONS = 4, /* question, answer, authority, additional */
    DNS_ITEMS = 1024, /* no more are looked at */
};

/* A question or record. `type_at` is behind its owner; a record's RDATA
 * begins ten octets further on. */
struct dns_item {
    unsigned section;
    size_t at;
    size_t type_at;
    size_t end;
};

struct dns_table {
    size_t count;
    struct dns_item items[DNS_ITEMS];
};

struct dns_buffer {
    uint8_t *octets;
    size_t len;
    size_t cap;
};

/* The items that are whole, up to the first that is not. */
void dns_table_read(struct dns_table *table, const uint8_t *message,
                    size_t len);

static inline bool dns_item_is_record(const struct dns_item *item)
{
    return item->section > 0;
}

static inline size_t dns_item_rdata_at(const struct dns_item *item)
{
    return item->type_at + 10;
}

unsigned dns_get16(const uint8_t *at);
void dns_put16(uint8_t *at, size_t value);

/*
 * Where a name ends that stands at `at`, its pointer included; 0 if it does
 * not end within the message.
 */
size_t dns_name_end(const uint8_t *message, size_t len, size_t at);

/*
 * Puts `n` octets in the place of the `drop` at `at`. False, and nothing is
 * changed, if that does not fit or is not there. `octets` may be NULL if n
 * is 0, and must not lie in the buffer.
 */
bool dns_buffer_splice(struct dns_buffer *b, size_t at, size_t drop,
                       const uint8_t *octets, size_t n);

/* The header's count of a section, more or less by one; it stays a number
 * of 16 bits. */
void dns_buffer_count(struct dns_buffer *b, unsigned section, int change);

#endif
