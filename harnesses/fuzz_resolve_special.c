/*
 * A name on the wire, then an address. Oracles: which names are special is
 * what their last label says, in any case and at any depth; a reverse name
 * read back as text is the address.
 */
#include "core/bytes/cursor.h"
#include "core/resolve/special.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_dns.h"

/* The last label in lower case, "" for the root. */
static void last_label(const struct bj_name *name, char out[64])
{
    size_t at = 0;

    out[0] = '\0';
    while (name->octets[at] != 0) {
        size_t len = name->octets[at];

        for (size_t i = 0; i < len; i++) {
            char ch = (char)name->octets[at + 1 + i];

            out[i] = ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
        }
        out[len] = '\0';
        at += len + 1;
    }
}

static enum bj_special naive_special(const struct bj_name *name)
{
    char label[64];

    last_label(name, label);
    /* A NUL within a label must not cut it short. */
    if (strcmp(label, "localhost") == 0)
        return BJ_SPECIAL_LOOPBACK;
    if (strcmp(label, "invalid") == 0 || strcmp(label, "onion") == 0 ||
        strcmp(label, "alt") == 0)
        return BJ_SPECIAL_ABSENT;
    return BJ_SPECIAL_NONE;
}

static void check_name(struct bj_cursor *c)
{
    struct bj_name name;

    if (bj_name_read_plain(c, &name, NULL) != BJ_OK)
        return;
    if (memchr(name.octets, 0, name.len - 1U) == NULL)
        BJ_CHECK(bj_special_of(&name) == naive_special(&name), "special");
    bj_digest(name.octets, name.len);
}

/* The text that RFC 1035 section 3.5 and RFC 3596 section 2.5 prescribe. */
static void naive_reverse(const struct bj_address *address, char *out)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *four = NULL;

    if (address->family == BJ_FAMILY_IP4)
        four = address->octets;
    else if (memcmp(address->octets, mapped, 12) == 0)
        four = address->octets + 12;
    if (four != NULL) {
        sprintf(out, "%d.%d.%d.%d.in-addr.arpa", four[3], four[2], four[1],
                four[0]);
        return;
    }
    for (int i = 15; i >= 0; i--)
        out += sprintf(out, "%x.%x.", address->octets[i] & 15,
                       address->octets[i] >> 4);
    strcpy(out, "ip6.arpa");
}

static void check_reverse(struct bj_cursor *c, bool six)
{
    struct bj_address address = {.family = six ? BJ_FAMILY_IP6 : BJ_FAMILY_IP4};
    struct naive_name expected;
    struct bj_name name;
    bool absolute;
    char text[100];

    bj_cursor_copy(c, address.octets, six ? 16 : 4);
    naive_reverse(&address, text);
    BJ_CHECK(naive_name_parse((const uint8_t *)text, strlen(text), &expected,
                              &absolute),
             "model");
    BJ_CHECK(bj_special_reverse(&address, &name), "reverse");
    BJ_CHECK(name.len == expected.len &&
                 memcmp(name.octets, expected.octets, name.len) == 0,
             "reverse-name");
    BJ_CHECK(name.label_count == (strstr(text, "in-addr") ? 6 : 34),
             "reverse-labels");
    address.family = BJ_FAMILY_ANY;
    BJ_CHECK(!bj_special_reverse(&address, &name) && name.len == 0,
             "no-family-no-name");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bj_address four = bj_special_loopback(BJ_FAMILY_IP4);
    struct bj_address six = bj_special_loopback(BJ_FAMILY_IP6);
    struct bj_cursor c;

    bj_cursor_init(&c, data, size);
    check_name(&c);
    check_reverse(&c, size % 2 == 0);
    BJ_CHECK(four.octets[0] == 127 && four.octets[3] == 1 &&
                 six.octets[15] == 1 && six.octets[0] == 0,
             "loopback");
    return 0;
}
