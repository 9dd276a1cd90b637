#include "core/resolve/special.h"

#include <string.h>

#include "core/bytes/writer.h"

/* A name of one label, as it stands on the wire; the literal's NUL is the
 * root. */
#define TOP(label)                                               \
    {                                                            \
        .len = sizeof(label), .label_count = 1, .octets = label, \
    }

static const struct {
    struct bj_name name;
    enum bj_special special;
} tops[] = {
    {TOP("\011localhost"), BJ_SPECIAL_LOOPBACK},
    {TOP("\007invalid"), BJ_SPECIAL_ABSENT},
    {TOP("\005onion"), BJ_SPECIAL_ABSENT},
    {TOP("\003alt"), BJ_SPECIAL_ABSENT},
};

enum bj_special bj_special_of(const struct bj_name *name)
{
    for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
        if (bj_name_is_within(name, &tops[i].name))
            return tops[i].special;
    return BJ_SPECIAL_NONE;
}

struct bj_address bj_special_loopback(enum bj_family family)
{
    struct bj_address address = {.family = family};

    if (family == BJ_FAMILY_IP4) {
        address.octets[0] = 127;
        address.octets[3] = 1;
    } else {
        address.octets[15] = 1;
    }
    return address;
}

/* The octets from the last to the first, each as a label in decimal. */
static void write_ip4(struct bj_writer *w, const struct bj_address *address)
{
    for (size_t i = 4; i > 0; i--) {
        uint8_t octet = address->octets[i - 1];

        bj_writer_u8(w, octet < 10 ? 1 : octet < 100 ? 2 : 3);
        bj_writer_dec(w, octet);
    }
    bj_writer_text(w, "\007in-addr\004arpa");
}

/* The nibbles from the last to the first, each as a label in hexadecimal. */
static void write_ip6(struct bj_writer *w, const struct bj_address *address)
{
    for (size_t i = 16; i > 0; i--) {
        bj_writer_u8(w, 1);
        bj_writer_hex(w, address->octets[i - 1] % 16U, 1);
        bj_writer_u8(w, 1);
        bj_writer_hex(w, address->octets[i - 1] / 16U, 1);
    }
    bj_writer_text(w, "\003ip6\004arpa");
}

bool bj_special_reverse(const struct bj_address *address, struct bj_name *name)
{
    struct bj_address plain = bj_address_unmap(address);
    struct bj_writer w;

    memset(name, 0, sizeof(*name));
    if (plain.family == BJ_FAMILY_ANY)
        return false;
    bj_writer_init(&w, name->octets, sizeof(name->octets));
    if (plain.family == BJ_FAMILY_IP4)
        write_ip4(&w, &plain);
    else
        write_ip6(&w, &plain);
    bj_writer_u8(&w, 0);
    /* 32 labels of 2 octets, "ip6" and "arpa" of 9, and the root: 74. */
    name->len = (uint8_t)w.len;
    name->label_count = plain.family == BJ_FAMILY_IP4 ? 6 : 34;
    return true;
}
