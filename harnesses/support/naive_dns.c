#include "harnesses/support/naive_dns.h"

#include <string.h>

#include "harnesses/harness.h"

/* RFC 1035 section 3.1: "restricted to 255 octets or less". */
enum { NAME_OCTETS = 255, POINTERS = 128 };

BJ_UNTRACED_BEGIN

static bool append(struct naive_name *name, const uint8_t *octets, size_t n)
{
    if (name->len + n > NAME_OCTETS)
        return false;
    memcpy(name->octets + name->len, octets, n);
    name->len += n;
    return true;
}

/*
 * RFC 1035 section 4.1.4: a name is "a sequence of labels ending in a zero
 * octet", "a pointer", or "a sequence of labels ending with a pointer", and
 * a pointer replaces the rest "with a pointer to a prior occurance of the
 * same name": `first` is where this sequence begins, so prior is below it.
 */
static bool read_sequence(const uint8_t *message, size_t end, size_t first,
                          size_t at, int pointers, struct naive_name *name)
{
    if (at >= end)
        return false;
    if (message[at] == 0) {
        if (pointers == 0)
            name->after = at + 1;
        return append(name, message + at, 1);
    }
    /* "The 10 and 01 combinations are reserved". */
    if (message[at] >> 6 == 1 || message[at] >> 6 == 2)
        return false;
    if (message[at] >> 6 == 3) {
        size_t to;

        if (at + 1 >= end)
            return false;
        to = (message[at] & 0x3fU) << 8 | message[at + 1];
        if (pointers == 0)
            name->after = at + 2;
        /* Section 4.1.4: "an offset from the start of the message"; the
         * first 12 octets are no name. Our own rule: 128 pointers. */
        if (to >= first || to < 12 || pointers == POINTERS)
            return false;
        return read_sequence(message, end, to, to, pointers + 1, name);
    }
    if (message[at] + 1U > end - at)
        return false;
    return append(name, message + at, message[at] + 1U) &&
           read_sequence(message, end, first, at + 1 + message[at], pointers,
                         name);
}

/* RFC 3597 section 4 says where no pointer may stand: there are no bits 11 in
 * the lengths of what is in place. */
static bool has_pointer(const uint8_t *message, size_t end, size_t at)
{
    while (at < end && message[at] != 0) {
        if (message[at] >> 6 == 3)
            return true;
        at += message[at] + 1U;
    }
    return false;
}

bool naive_name_read(const uint8_t *message, size_t end, size_t at,
                     bool compressed, struct naive_name *name)
{
    memset(name, 0, sizeof(*name));
    if (!compressed && has_pointer(message, end, at))
        return false;
    if (read_sequence(message, end, at, at, 0, name))
        return true;
    memset(name, 0, sizeof(*name));
    return false;
}

size_t naive_name_skip(const uint8_t *message, size_t end, size_t at)
{
    size_t first = at;

    for (;;) {
        if (at >= end)
            return 0;
        if (message[at] >> 6 == 3) {
            size_t to;

            if (at + 1 >= end)
                return 0;
            to = (message[at] & 0x3fU) << 8 | message[at + 1];
            return to >= 12 && to < first ? at + 2 : 0;
        }
        if (message[at] > 63 || message[at] + 1U > end - at)
            return 0;
        /* Whatever follows, the root's octet is still to come. */
        if (message[at] != 0 && at + 1 + message[at] - first + 1 > NAME_OCTETS)
            return 0;
        if (message[at] == 0)
            return at + 1;
        at += message[at] + 1U;
    }
}

static uint8_t fold(uint8_t octet)
{
    return octet >= 65 && octet <= 90 ? octet + 32 : octet;
}

bool naive_name_equal(const struct naive_name *a, const struct naive_name *b)
{
    size_t at = 0;

    if (a->len != b->len)
        return false;
    while (at < a->len) {
        size_t label = a->octets[at];

        if (b->octets[at] != label)
            return false;
        for (size_t i = 1; i <= label; i++)
            if (fold(a->octets[at + i]) != fold(b->octets[at + i]))
                return false;
        at += label + 1;
    }
    return true;
}

/*
 * RFC 1035 section 5.1: "\X where X is any character other than a digit" and
 * "\DDD where each D is a digit is the octet corresponding to the decimal
 * number". Writes what one character or escape means; false if none.
 */
static bool read_character(const uint8_t *text, size_t len, size_t *at,
                           uint8_t *octet)
{
    unsigned value;

    if (text[*at] != '\\') {
        *octet = text[(*at)++];
        return true;
    }
    if (*at + 1 >= len)
        return false;
    if (text[*at + 1] < '0' || text[*at + 1] > '9') {
        *octet = text[*at + 1];
        *at += 2;
        return true;
    }
    if (*at + 3 >= len || text[*at + 2] < '0' || text[*at + 2] > '9' ||
        text[*at + 3] < '0' || text[*at + 3] > '9')
        return false;
    value = (text[*at + 1] - 48U) * 100 + (text[*at + 2] - 48U) * 10 +
            (text[*at + 3] - 48U);
    *octet = (uint8_t)value;
    *at += 4;
    return value < 256;
}

bool naive_name_parse(const uint8_t *text, size_t len, struct naive_name *name,
                      bool *absolute)
{
    uint8_t label[64];
    size_t at = 0;

    memset(name, 0, sizeof(*name));
    *absolute = len == 1 && text[0] == '.';
    if (*absolute)
        return append(name, (const uint8_t *)"", 1);
    while (at < len) {
        size_t n = 0;

        while (at < len && text[at] != '.') {
            uint8_t octet;

            /* RFC 1035 section 3.1: "63 octets or less". */
            if (n == 63 || !read_character(text, len, &at, &octet))
                return false;
            label[++n] = octet;
        }
        label[0] = (uint8_t)n;
        *absolute = at < len;
        at += 1;
        if (n == 0 || !append(name, label, n + 1))
            return false;
    }
    return len > 0 && append(name, (const uint8_t *)"", 1);
}

bool naive_host(const struct naive_name *name, char text[256])
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t out = 0;
    bool letters = false;

    for (size_t at = 0; at < name->len && name->octets[at] != 0;
         at += name->octets[at] + 1U) {
        if (out > 0)
            text[out++] = '.';
        /* RFC 1123 section 2.1: "the highest-level component label will be
         * alphabetic"; all digits could be an address. */
        letters = false;
        for (size_t i = 1; i <= name->octets[at]; i++) {
            uint8_t octet = name->octets[at + i];

            if (octet == 0 || strchr(allowed, octet) == NULL)
                return false;
            if (octet < '0' || octet > '9')
                letters = true;
            /* RFC 952: "The first character must be an alpha character";
             * RFC 1123: or a digit. */
            if (i == 1 && octet == '-')
                return false;
            text[out++] = (char)fold(octet);
        }
    }
    text[out] = '\0';
    return out > 0 && letters;
}

uint32_t naive_number(const uint8_t *at, size_t octets)
{
    uint32_t value = 0;

    /* RFC 1035 section 2.3.2: the most significant octet first. */
    for (size_t i = 0; i < octets; i++)
        value = value << 8 | at[i];
    return value;
}

/* RFC 1035 sections 4.1.2 and 4.1.3; returns where the item ends or 0. */
static size_t read_item(const uint8_t *message, size_t len, size_t at,
                        struct naive_record *r)
{
    r->name_at = at;
    at = naive_name_skip(message, len, at);
    if (at == 0 || len - at < (r->section == 0 ? 4 : 10))
        return 0;
    r->type = naive_number(message + at, 2);
    r->class_number = naive_number(message + at + 2, 2);
    if (r->section == 0)
        return at + 4;
    r->ttl = naive_number(message + at + 4, 4);
    r->rdata_len = naive_number(message + at + 8, 2);
    r->rdata_at = at + 10;
    return r->rdata_len > len - r->rdata_at ? 0 : r->rdata_at + r->rdata_len;
}

/* RFC 6891 section 6.1.1: OPT "MAY be added to the additional data section",
 * "MUST NOT" be there twice; section 6.1.2: its name "MUST be 0". */
static bool opt_in_order(const uint8_t *message, const struct naive_message *m,
                         const struct naive_record *r)
{
    if (r->section == 0 || r->type != 41)
        return true;
    if (r->section != 3 || message[r->name_at] != 0)
        return false;
    for (size_t i = 0; i < m->record_count; i++)
        if (m->records[i].section > 0 && m->records[i].type == 41)
            return false;
    return true;
}

bool naive_message_read(const uint8_t *message, size_t len,
                        struct naive_message *m)
{
    size_t at = 12;

    m->record_count = 0;
    if (len < 12 || len > 65535)
        return false;
    m->id = naive_number(message, 2);
    m->flags = naive_number(message + 2, 2);
    for (int section = 0; section < 4; section++)
        m->counts[section] = naive_number(message + 4 + 2 * section, 2);
    for (int section = 0; section < 4; section++)
        for (unsigned i = 0; i < m->counts[section]; i++) {
            struct naive_record r = {.section = section};

            at = read_item(message, len, at, &r);
            if (at == 0 || !opt_in_order(message, m, &r) ||
                m->record_count == NAIVE_RECORDS)
                return false;
            m->records[m->record_count++] = r;
        }
    /* RFC 1035 section 4.1: five sections, nothing behind the last. */
    return at == len;
}

static bool valid_soa(const uint8_t *message, const struct naive_record *r,
                      size_t end)
{
    struct naive_name name;

    if (!naive_name_read(message, end, r->rdata_at, true, &name) ||
        !naive_name_read(message, end, name.after, true, &name))
        return false;
    return end - name.after == 20;
}

/* RFC 6891 section 6.1.2: pairs of code and length, and data. */
static bool valid_options(const uint8_t *message, size_t at, size_t end)
{
    while (at < end) {
        if (end - at < 4 || naive_number(message + at + 2, 2) > end - at - 4)
            return false;
        at += 4 + naive_number(message + at + 2, 2);
    }
    return true;
}

bool naive_rdata_valid(const uint8_t *message, const struct naive_record *r)
{
    size_t end = r->rdata_at + r->rdata_len;
    struct naive_name name;

    switch (r->type) {
    case 1: /* RFC 1035 section 3.4.1 */
        return r->rdata_len == 4;
    case 28: /* RFC 3596 section 2.2 */
        return r->rdata_len == 16;
    case 2: /* RFC 1035 sections 3.3.11, 3.3.1, 3.3.12 */
    case 5:
    case 12:
        return naive_name_read(message, end, r->rdata_at, true, &name) &&
               name.after == end;
    case 6: /* RFC 1035 section 3.3.13 */
        return valid_soa(message, r, end);
    case 41:
        return valid_options(message, r->rdata_at, end);
    default:
        return true;
    }
}

BJ_UNTRACED_END
