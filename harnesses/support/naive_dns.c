#include "harnesses/support/naive_dns.h"

#include <string.h>

/* RFC 1035 section 3.1: "restricted to 255 octets or less". */
enum { NAME_OCTETS = 255, POINTERS = 128 };

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
