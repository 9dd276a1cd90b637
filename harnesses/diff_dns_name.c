/*
 * Names on the wire against libresolv (ns_name_unpack), c-ares
 * (ares_expand_name) and ldns (ldns_wire2dname): the input is a message and,
 * in its last two octets, where in it the name stands. What we accept a peer
 * accepts with the same octets; what we refuse it refuses, but for the rows
 * of `permitted`.
 */
#include <arpa/nameser.h>
#include <resolv.h>

#include "core/dns/name.h"
#include "harnesses/harness.h"
#include "harnesses/support/permitted.h"

#include <ares.h>
#include <ldns/ldns.h>

static const struct bj_permitted permitted[] = {
    /* Peers bound the hops and follow pointers wherever they lead. */
    {BJ_FAULT_POINTER_FORWARD, BJ_PEER_LIBRESOLV | BJ_PEER_CARES | BJ_PEER_LDNS,
     "RFC 1035 section 4.1.4: to a prior occurrence"},
    {BJ_FAULT_POINTER_HEADER, BJ_PEER_LIBRESOLV | BJ_PEER_CARES | BJ_PEER_LDNS,
     "RFC 1035 section 4.1.4: of the same name, which the header is not"},
    /* The 129th pointer is one to a pointer. c-ares 1.18 refuses
     * the 51st, 1.27 one that does not point further back. */
    {BJ_FAULT_POINTER_CHAIN, BJ_PEER_LIBRESOLV | BJ_PEER_CARES | BJ_PEER_LDNS,
     "ours: 127 labels need no more"},
    {BJ_FAULT_NAME_LENGTH, BJ_PEER_CARES, "RFC 1035 section 3.1: 255 octets"},
};

enum { CARES_POINTERS_MAX = 50 };

struct subject {
    const uint8_t *message;
    size_t size;
    size_t at;
    enum bj_status status;
    struct bj_fault fault;
    struct bj_name name;
};

static bool may_accept(const struct subject *s, enum bj_peer peer)
{
    return s->status == BJ_OK ||
           bj_is_permitted(permitted, sizeof(permitted) / sizeof(*permitted),
                           peer, s->fault.kind);
}

/* Pointers on the way through a name that was accepted. */
static unsigned count_pointers(const struct subject *s)
{
    size_t at = s->at;
    unsigned pointers = 0;

    while (s->message[at] != 0) {
        if (s->message[at] <= BJ_LABEL_MAX) {
            at += s->message[at] + 1U;
            continue;
        }
        at = (s->message[at] & 63U) * 256U + s->message[at + 1];
        pointers++;
    }
    return pointers;
}

static void check_libresolv(const struct subject *s)
{
    uint8_t octets[NS_MAXCDNAME];
    int len = ns_name_unpack(s->message, s->message + s->size,
                             s->message + s->at, octets, sizeof(octets));

    /* It counts the octets it looks at and gives up at the message's size,
     * which labels that lap over each other can exceed. */
    if (len < 0) {
        BJ_CHECK(s->status != BJ_OK ||
                     s->name.len + 2 * count_pointers(s) >= s->size,
                 "libresolv-refuses");
        return;
    }
    BJ_CHECK(may_accept(s, BJ_PEER_LIBRESOLV), "libresolv-accepts");
    if (s->status == BJ_OK)
        BJ_CHECK(memcmp(octets, s->name.octets, s->name.len) == 0,
                 "libresolv-octets");
}

/* Of a label that is a single octet of zero c-ares writes nothing, though
 * RFC 2181 section 11 has labels of any octets. */
static bool has_zero_label(const struct bj_name *name)
{
    for (size_t at = 0; name->octets[at] != 0; at += name->octets[at] + 1U)
        if (name->octets[at] == 1 && name->octets[at + 1] == 0)
            return true;
    return false;
}

/* c-ares gives text, without a final dot, the root as "". */
static void check_cares(const struct subject *s)
{
    char *text = NULL;
    long len;
    struct bj_name name;

    if (ares_expand_name(s->message + s->at, s->message, (int)s->size, &text,
                         &len) != ARES_SUCCESS) {
        BJ_CHECK(s->status != BJ_OK || count_pointers(s) > CARES_POINTERS_MAX,
                 "cares-refuses");
        return;
    }
    BJ_CHECK(may_accept(s, BJ_PEER_CARES), "cares-accepts");
    if (s->status == BJ_OK && s->name.len > 1 && !has_zero_label(&s->name))
        BJ_CHECK(bj_name_parse(text, strlen(text), &name, NULL) == BJ_OK &&
                     name.len == s->name.len &&
                     memcmp(name.octets, s->name.octets, name.len) == 0,
                 "cares-text");
    ares_free_string(text);
}

static void check_ldns(const struct subject *s)
{
    size_t at = s->at;
    ldns_rdf *rdf = NULL;

    if (ldns_wire2dname(&rdf, s->message, s->size, &at) != LDNS_STATUS_OK) {
        BJ_CHECK(s->status != BJ_OK, "ldns-refuses");
        return;
    }
    BJ_CHECK(may_accept(s, BJ_PEER_LDNS), "ldns-accepts");
    if (s->status == BJ_OK)
        BJ_CHECK(ldns_rdf_size(rdf) == s->name.len &&
                     memcmp(ldns_rdf_data(rdf), s->name.octets, s->name.len) ==
                         0,
                 "ldns-octets");
    ldns_rdf_deep_free(rdf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subject s = {.fault = {BJ_FAULT_NONE, 0}};
    struct bj_cursor c;
    uint8_t *message;

    if (size < 2 || size > BJ_MESSAGE_MAX)
        return 0;
    s.at = data[size - 2] * 256U + data[size - 1];
    s.size = size - 2;
    if (s.at >= s.size)
        return 0;
    message = bj_exact_copy(data, s.size);
    s.message = message;
    bj_cursor_init(&c, message, s.size);
    bj_cursor_skip(&c, s.at);
    s.status = bj_name_read(&c, &s.name, &s.fault);
    check_libresolv(&s);
    check_cares(&s);
    check_ldns(&s);
    free(message);
    return 0;
}
