/*
 * Messages against libresolv (ns_initparse, ns_parserr), ldns
 * (ldns_wire2pkt) and c-ares (ares_parse_a_reply and its like). What we read
 * of a record a peer reads too; what we refuse it refuses, but for the rows of
 * `permitted`; the addresses we take c-ares takes, in the same order, though
 * it may take others.
 */
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

#include "core/dns/message.h"
#include "core/dns/rdata.h"
#include "core/netdb/answer.h"
#include "harnesses/harness.h"
#include "harnesses/support/dns_input.h"
#include "harnesses/support/permitted.h"

/* What stands in for the old functions is not in Debian 12. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <ldns/ldns.h>

static const struct bj_permitted permitted[] = {
    {BJ_FAULT_POINTER_FORWARD, BJ_PEER_LIBRESOLV | BJ_PEER_LDNS,
     "RFC 1035 section 4.1.4: to a prior occurrence"},
    {BJ_FAULT_POINTER_HEADER, BJ_PEER_LIBRESOLV | BJ_PEER_LDNS,
     "RFC 1035 section 4.1.4: of the same name, which the header is not"},
    {BJ_FAULT_NAME_LENGTH, BJ_PEER_LIBRESOLV,
     "RFC 1035 section 3.1: 255 octets"},
    {BJ_FAULT_TRAILING, BJ_PEER_LDNS, "RFC 1035 section 4.1: five sections"},
    {BJ_FAULT_OPT_SECTION, BJ_PEER_LIBRESOLV | BJ_PEER_LDNS,
     "RFC 6891 section 6.1.1: in the additional section"},
    {BJ_FAULT_OPT_TWICE, BJ_PEER_LIBRESOLV,
     "RFC 6891 section 6.1.1: not more than one"},
    {BJ_FAULT_OPT_OWNER, BJ_PEER_LIBRESOLV | BJ_PEER_LDNS,
     "RFC 6891 section 6.1.2: the root"},
};

static bool may_accept(const struct bj_message *m, enum bj_status status,
                       enum bj_peer peer)
{
    return status == BJ_NONE ||
           bj_is_permitted(permitted, sizeof(permitted) / sizeof(*permitted),
                           peer, m->fault.kind);
}

/* To the end: BJ_NONE if we accept it all. */
static enum bj_status read_all(struct bj_message *m, const uint8_t *data,
                               size_t size)
{
    struct bj_record record;
    enum bj_status status = bj_message_init(m, data, size);

    while (status == BJ_OK)
        status = bj_message_record(m, &record);
    return status;
}

static void check_record(ns_msg *handle, const struct bj_record *r, int index,
                         const uint8_t *data)
{
    ns_rr rr;

    if (ns_parserr(handle, (ns_sect)r->section, index, &rr) != 0) {
        struct bj_cursor c;
        struct bj_name owner;

        /* It expands the owner at once, we when somebody asks for it. */
        bj_cursor_init(&c, data, (size_t)ns_msg_size(*handle));
        bj_cursor_skip(&c, r->name_at);
        BJ_CHECK(bj_name_read(&c, &owner, NULL) != BJ_OK ||
                     ns_rr_ttl(rr) > INT32_MAX,
                 "libresolv-owner");
        return;
    }
    BJ_CHECK(ns_rr_type(rr) == r->type && ns_rr_class(rr) == r->class_number &&
                 ns_rr_rdlen(rr) == r->rdata_len &&
                 ns_rr_rdata(rr) == data + r->rdata_at,
             "libresolv-record");
    BJ_CHECK(ns_rr_ttl(rr) == (r->ttl > INT32_MAX ? 0 : r->ttl) ||
                 ns_rr_ttl(rr) == r->ttl,
             "libresolv-ttl");
}

static void check_libresolv(const uint8_t *data, size_t size)
{
    struct bj_message m;
    enum bj_status status = read_all(&m, data, size);
    struct bj_record record;
    int indexes[4] = {0, 0, 0, 0};
    ns_msg handle;

    if (ns_initparse(data, (int)size, &handle) != 0) {
        BJ_CHECK(status != BJ_NONE, "libresolv-refuses");
        return;
    }
    BJ_CHECK(may_accept(&m, status, BJ_PEER_LIBRESOLV), "libresolv-accepts");
    if (status != BJ_NONE || bj_message_init(&m, data, size) != BJ_OK)
        return;
    BJ_CHECK(ns_msg_id(handle) == m.id, "libresolv-id");
    /* Its cost is quadratic where it must start a section anew. */
    for (int i = 0; i < 64 && bj_message_record(&m, &record) == BJ_OK; i++)
        check_record(&handle, &record, indexes[record.section]++, data);
}

static size_t ldns_count(const ldns_pkt *packet, enum bj_section section)
{
    const ldns_rr_list *lists[4] = {
        ldns_pkt_question(packet), ldns_pkt_answer(packet),
        ldns_pkt_authority(packet), ldns_pkt_additional(packet)};

    return ldns_rr_list_rr_count(lists[section]);
}

/* Whether RDATA of a type that both know is as long as RDLENGTH says. */
static bool is_exact(struct bj_message m, const struct bj_record *r)
{
    struct bj_name name;
    struct bj_soa soa;

    switch (r->type) {
    case BJ_TYPE_A:
        return r->rdata_len == 4;
    case BJ_TYPE_AAAA:
        return r->rdata_len == 16;
    case BJ_TYPE_NS:
    case BJ_TYPE_CNAME:
    case BJ_TYPE_PTR:
        return bj_rdata_name(&m, r, &name) == BJ_OK;
    case BJ_TYPE_SOA:
        return bj_rdata_soa(&m, r, &soa) == BJ_OK;
    default:
        return false;
    }
}

/*
 * ldns goes on where a type's RDATA ends, not where RDLENGTH says (RFC 1035
 * section 3.2.1), and is then somewhere else than we are: compared is what
 * has only RDATA of the right length before the fault.
 */
static bool is_in_step(const uint8_t *data, size_t size)
{
    struct bj_message m;
    struct bj_record record;

    if (bj_message_init(&m, data, size) != BJ_OK)
        return true;
    while (bj_message_record(&m, &record) == BJ_OK)
        if (!is_exact(m, &record))
            return false;
    return true;
}

static void check_ldns(const uint8_t *data, size_t size)
{
    struct bj_message m;
    enum bj_status status = read_all(&m, data, size);
    ldns_pkt *packet = NULL;

    /* It looks into RDATA and may refuse what we have not looked at. */
    if (ldns_wire2pkt(&packet, data, size) != LDNS_STATUS_OK)
        return;
    if (!is_in_step(data, size)) {
        ldns_pkt_free(packet);
        return;
    }
    BJ_CHECK(may_accept(&m, status, BJ_PEER_LDNS), "ldns-accepts");
    if (status == BJ_NONE) {
        BJ_CHECK(ldns_pkt_id(packet) == m.id &&
                     ldns_pkt_qr(packet) == ((m.flags & BJ_FLAG_QR) != 0) &&
                     ldns_pkt_tc(packet) == ((m.flags & BJ_FLAG_TC) != 0) &&
                     (unsigned)ldns_pkt_get_opcode(packet) ==
                         bj_message_opcode(&m) &&
                     (unsigned)ldns_pkt_get_rcode(packet) ==
                         bj_message_rcode(&m),
                 "ldns-header");
        for (int i = 0; i < 4; i++)
            BJ_CHECK(ldns_count(packet, (enum bj_section)i) ==
                         (size_t)m.counts[i] - (i == 3 && m.opt_seen ? 1U : 0U),
                     "ldns-counts");
    }
    ldns_pkt_free(packet);
}

/* Each of ours in turn among the peer's. */
static void check_addresses(const struct bj_answer *answer,
                            const struct hostent *host)
{
    size_t len = (size_t)host->h_length;
    char **at = host->h_addr_list;

    for (size_t i = 0; i < answer->address_count; i++) {
        while (*at != NULL &&
               memcmp(*at, answer->addresses[i].octets, len) != 0)
            at++;
        BJ_CHECK(*at != NULL, "cares-address");
        at++;
    }
}

/* Since 1.22 c-ares refuses operations that it does not know, and reads the
 * RDATA of every record, also of those that we pass over. */
enum { CARES_SINCE_1_22 = ARES_VERSION >= 0x011600 };

static bool cares_reads(const struct bj_record *record)
{
    if (!CARES_SINCE_1_22)
        return true;
    if (record->class_number != BJ_CLASS_IN)
        return false;
    return record->type == BJ_TYPE_CNAME ||
           (record->type == BJ_TYPE_A && record->rdata_len == 4) ||
           (record->type == BJ_TYPE_AAAA && record->rdata_len == 16);
}

/*
 * Whether c-ares gets to see what we see. It expands owner and target of
 * records that we never look at, it takes aliases only in order, though
 * no RFC gives the records of a section one (RFC 1034 section 3.6), and it
 * takes an alias of any name for one of the name that was asked.
 */
static bool cares_reads_all(struct bj_message *m)
{
    unsigned cnames = 0;
    bool addresses = false;
    struct bj_question question;
    struct bj_record record;
    struct bj_cursor at;
    struct bj_name asked;

    if (bj_message_question(m, &question) != BJ_OK ||
        (CARES_SINCE_1_22 && bj_message_opcode(m) != 0))
        return false;
    at = bj_message_cursor(m, question.name_at);
    if (bj_name_read(&at, &asked, NULL) != BJ_OK)
        return false;
    while (bj_message_record(m, &record) == BJ_OK) {
        struct bj_cursor c = bj_message_cursor(m, record.name_at);
        struct bj_name name;

        if (bj_name_read(&c, &name, NULL) != BJ_OK || !cares_reads(&record))
            return false;
        addresses |= record.type == BJ_TYPE_A || record.type == BJ_TYPE_AAAA;
        if (record.type != BJ_TYPE_CNAME)
            continue;
        cnames += 1;
        if (cnames > 1 || addresses || !bj_name_equal(&name, &asked) ||
            bj_rdata_name(m, &record, &name) != BJ_OK)
            return false;
    }
    return true;
}

static void check_cares(const uint8_t *data, size_t size)
{
    static struct bj_answer_scratch scratch;
    static uint8_t room[1 << 18] __attribute__((aligned(16)));
    struct bj_message m;
    struct bj_arena arena;
    struct bj_answer answer;
    struct hostent *host = NULL;
    int status;

    bj_arena_init(&arena, room, sizeof(room));
    if (read_all(&m, data, size) != BJ_NONE || m.counts[0] != 1 ||
        bj_message_init(&m, data, size) != BJ_OK ||
        bj_answer_read(&m, &scratch, &arena, &answer) != BJ_OK ||
        answer.address_count == 0)
        return;
    if (bj_message_init(&m, data, size) != BJ_OK || !cares_reads_all(&m))
        return;
    status = answer.addresses[0].family == BJ_FAMILY_IP4
                 ? ares_parse_a_reply(data, (int)size, &host, NULL, NULL)
                 : ares_parse_aaaa_reply(data, (int)size, &host, NULL, NULL);
    BJ_CHECK(status == ARES_SUCCESS, "cares-accepts");
    check_addresses(&answer, host);
    ares_free_hostent(host);
}

BJ_DNS_INPUT(0);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > BJ_MESSAGE_MAX)
        return 0;
    check_libresolv(data, size);
    check_ldns(data, size);
    check_cares(data, size);
    return 0;
}
