/*
 * Replies into addresses, as a resolver does it: does it answer the query,
 * is it well formed to its end, who is the canonical name, which are the
 * aliases, the addresses and the least TTL, all names checked. Beside it what
 * the peers do with the same octets, as near to that as their public functions
 * go; what each does, and leaves out, stands at its row. Then the messages
 * that are built to be slow, beside an honest one of their size; and the
 * making of a query from text.
 */
#include <arpa/nameser.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dns/match.h"
#include "core/dns/rdata.h"
#include "core/netdb/answer.h"
#include "tests/bench/bench.h"
#include "tests/support/dns_build.h"

#ifdef BJ_BENCH_CARES
/* What stands in for the old functions is not in Debian 12. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <netdb.h>
#endif
#ifdef BJ_BENCH_LDNS
#include <ldns/ldns.h>
#endif
#ifdef BJ_BENCH_UDNS
#include <udns.h>
#endif

enum { ID = 0x1234, REPLY = BJ_FLAG_QR | BJ_FLAG_RD | BJ_FLAG_RA };

struct sample {
    const char *name;
    const char *asked;
    unsigned type;
    size_t count; /* calls in a round */
    uint8_t octets[BJ_MESSAGE_MAX];
    size_t len;
    struct bj_query query;
};

static const uint8_t ip6[16] = {0x20, 1, 0x0d, 0xb8};

static void start(struct sample *s, struct bj_build *b)
{
    /* All case bits zero: lower case, as it is asked. */
    struct bj_query_entropy entropy = {.id = ID, .mix_case = true};
    struct bj_name name;

    if (bj_name_parse(s->asked, strlen(s->asked), &name, NULL) != BJ_OK ||
        bj_query_build(&s->query, &name, (uint16_t)s->type, true, &entropy) !=
            BJ_OK)
        abort();
    bj_build_init(b, s->octets, sizeof(s->octets), ID, REPLY);
    bj_build_question(b, s->asked, s->type);
}

static void add_addresses(struct sample *s, struct bj_build *b,
                          const char *owner, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bj_build_record(b, BJ_SECTION_ANSWER, owner, s->type, BJ_CLASS_IN, 300,
                        ip6, s->type == BJ_TYPE_A ? 4 : 16);
}

static void make_chain(struct sample *s)
{
    struct bj_build b;

    start(s, &b);
    bj_build_name_record(&b, BJ_SECTION_ANSWER, "www.example.com",
                         BJ_TYPE_CNAME, BJ_CLASS_IN, 300,
                         "www.example.com.edgekey.net");
    bj_build_name_record(&b, BJ_SECTION_ANSWER, "www.example.com.edgekey.net",
                         BJ_TYPE_CNAME, BJ_CLASS_IN, 300,
                         "www.example.com.edgekey.net.globalredir.akadns.net");
    bj_build_name_record(&b, BJ_SECTION_ANSWER,
                         "www.example.com.edgekey.net.globalredir.akadns.net",
                         BJ_TYPE_CNAME, BJ_CLASS_IN, 300,
                         "e6858.dsce9.akamaiedge.net");
    add_addresses(s, &b, "e6858.dsce9.akamaiedge.net", 4);
    s->len = bj_build_end(&b);
}

static void make_addresses(struct sample *s, size_t count)
{
    struct bj_build b;

    start(s, &b);
    add_addresses(s, &b, s->asked, count);
    s->len = bj_build_end(&b);
}

/* 100 records of 29 octets: 4 KiB with their fronts. */
static void make_txt(struct sample *s)
{
    static const char text[] = "\34v=spf1 include:example -all.";
    struct bj_build b;

    start(s, &b);
    for (size_t i = 0; i < 100; i++)
        bj_build_record(&b, BJ_SECTION_ANSWER, s->asked, s->type, BJ_CLASS_IN,
                        300, text, 29);
    s->len = bj_build_end(&b);
}

/* Fills up to 65 535 octets with A records whose owners `owner` writes. */
static void fill(struct sample *s, struct bj_build *b,
                 uint16_t (*pointer)(size_t i))
{
    for (size_t i = 0; b->w.len + 16 <= BJ_MESSAGE_MAX; i++) {
        bj_writer_u16(&b->w, pointer(i));
        bj_writer_u16(&b->w, BJ_TYPE_A);
        bj_writer_u16(&b->w, BJ_CLASS_IN);
        bj_writer_u32(&b->w, 300);
        bj_writer_u16(&b->w, 4);
        bj_writer_u32(&b->w, 0x7f000001);
        b->counts[BJ_SECTION_ANSWER]++;
    }
    s->len = bj_build_end(b);
}

static uint16_t to_question(size_t i)
{
    (void)i;
    return 0xc00c;
}

static void make_honest(struct sample *s)
{
    struct bj_build b;

    start(s, &b);
    fill(s, &b, to_question);
}

/* In front of the records, as RDATA of a type nobody reads: 3 000 chains of
 * 126 pointers, each label "a", that differ in their first label's place. */
enum { CHAIN_AT = 12 + 17 + 4 + 11, CHAIN_HOPS = 4090 };

static uint16_t to_chain(size_t i)
{
    return (uint16_t)(0xc000U + CHAIN_AT + 3 + 4 * (125 + i % 3900));
}

static void make_chains(struct sample *s)
{
    static uint8_t chain[3 + 4 * CHAIN_HOPS] = {1, 'a', 0};
    struct bj_build b;

    for (size_t i = 0; i < CHAIN_HOPS; i++) {
        uint8_t *hop = chain + 3 + 4 * i;
        /* Back by one, but to the start after each 126. */
        size_t to =
            CHAIN_AT + (i < 126 ? (i == 0 ? 0 : 3 + 4 * (i - 1)) : 3 + 4 * 124);

        hop[0] = 1;
        hop[1] = 'a';
        hop[2] = (uint8_t)(0xc0 + to / 256);
        hop[3] = (uint8_t)(to % 256);
    }
    start(s, &b);
    bj_build_record(&b, BJ_SECTION_ANSWER, ".", 10, BJ_CLASS_IN, 0, chain,
                    sizeof(chain));
    fill(s, &b, to_chain);
}

/* The same, and the last record an alias: what the others were compared with
 * was not the name that they have to have. */
static void make_late_alias(struct sample *s)
{
    /* From the name asked for to "a", whose root is the chain's. */
    static const uint8_t alias[16] = {
        0xc0, 12, 0, BJ_TYPE_CNAME, 0,    BJ_CLASS_IN, 0, 0, 0, 60,
        0,    4,  1, 'a',           0xc0, CHAIN_AT + 2};

    make_chains(s);
    memcpy(s->octets + s->len - sizeof(alias), alias, sizeof(alias));
}

/* Runs of 127 labels, entered by every record at another label. */
static uint16_t to_run(size_t i)
{
    return (uint16_t)(0xc000U + CHAIN_AT + 255 * (i % 64) + 2 * (i / 64 % 50));
}

static void make_runs(struct sample *s)
{
    static uint8_t runs[64 * 255];
    struct bj_build b;

    for (size_t i = 0; i < sizeof(runs); i++)
        runs[i] = i % 255 == 254 ? 0 : i % 255 % 2 == 0 ? 1 : 'a';
    start(s, &b);
    bj_build_record(&b, BJ_SECTION_ANSWER, ".", 10, BJ_CLASS_IN, 0, runs,
                    sizeof(runs));
    fill(s, &b, to_run);
}

/*
 * One label asked for, and labels that overlap: each octet '5' is the length of
 * one as long, which is like it, in the other case, up to where the RDATA turns
 * to pointers to the root. So all octets are compared many times.
 */
#define ALIKE "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
enum {
    ALIKE_LEN = '5',
    ALIKE_ROOT = 12 + 1 + ALIKE_LEN,
    ALIKE_AT = ALIKE_ROOT + 1 + 4 + 11,
    ALIKE_BLOCK = 2 * (1 + ALIKE_LEN),
    ALIKE_BLOCKS = 145
};
_Static_assert(sizeof(ALIKE) == ALIKE_LEN + 1, "its length is a character");

static uint16_t to_alike(size_t i)
{
    size_t in_block = (1 + ALIKE_LEN) / 2;
    size_t block = i / in_block % ALIKE_BLOCKS;

    return (uint16_t)(0xc000U + ALIKE_AT + ALIKE_BLOCK * block +
                      2 * (i % in_block));
}

static void make_alike(struct sample *s)
{
    static uint8_t labels[ALIKE_BLOCK * ALIKE_BLOCKS];
    struct bj_build b;

    for (size_t i = 0; i < sizeof(labels); i++) {
        bool front = i % ALIKE_BLOCK < ALIKE_BLOCK / 2;

        if (i % 2 == 0)
            labels[i] = front ? ALIKE_LEN : 0xc0;
        else
            labels[i] = front ? 'A' : ALIKE_ROOT;
    }
    start(s, &b);
    bj_build_record(&b, BJ_SECTION_ANSWER, ".", 10, BJ_CLASS_IN, 0, labels,
                    sizeof(labels));
    fill(s, &b, to_alike);
}

static void make_counts(struct sample *s)
{
    make_honest(s);
    memset(s->octets + 6, 0xff, 6);
}

static void make_options(struct sample *s)
{
    static uint8_t options[BJ_MESSAGE_MAX / 4 * 4 - 64];
    struct bj_build b;

    start(s, &b);
    bj_build_record(&b, BJ_SECTION_ADDITIONAL, ".", BJ_TYPE_OPT, 1232, 0,
                    options, sizeof(options));
    s->len = bj_build_end(&b);
}

/* Ours: all that a resolver does with a reply. The name asked for is taken from
 * the query, as in libresolv's row. */
static uint64_t ours(const void *context, size_t count)
{
    static struct bj_answer_scratch scratch;
    static uint8_t room[1 << 18] __attribute__((aligned(16)));
    const struct sample *s = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        struct bj_match match;
        struct bj_answer answer = {.ttl = 0};
        struct bj_arena arena;

        bj_match_reply(&match, &s->query, s->octets, s->len);
        if (match.reply == BJ_REPLY_ANSWER) {
            bj_arena_init(&arena, room, sizeof(room));
            sum += bj_answer_read_reply(&match.message, &s->query, &scratch,
                                        &arena, &answer);
        }
        sum += answer.address_count + answer.alias_count;
    }
    return sum;
}

/* Does it answer, is it well formed; then every record, every string. */
static uint64_t ours_txt(const void *context, size_t count)
{
    const struct sample *s = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        struct bj_match match;
        struct bj_record record;
        size_t at;

        bj_match_reply(&match, &s->query, s->octets, s->len);
        if (match.reply != BJ_REPLY_ANSWER ||
            bj_message_skip_questions(&match.message) != BJ_OK)
            continue;
        at = match.message.at.pos;
        for (size_t left = match.message.left;
             left > 0 &&
             bj_message_record_at(&match.message, &at, &record, NULL) == BJ_OK;
             left--) {
            struct bj_cursor c = bj_message_rdata(&match.message, &record);

            while (bj_cursor_left(&c) > 0) {
                uint8_t len = bj_cursor_u8(&c);

                bj_cursor_skip(&c, len);
                sum += len;
            }
        }
    }
    return sum;
}

static uint64_t ours_query(const void *context, size_t count)
{
    const struct sample *s = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        struct bj_query_entropy entropy = {.id = (uint16_t)i, .mix_case = true};
        struct bj_query query;
        struct bj_name name;

        entropy.case_bits[1] = (uint8_t)i;
        if (bj_name_parse(s->asked, strlen(s->asked), &name, NULL) == BJ_OK &&
            bj_query_build(&query, &name, BJ_TYPE_A, true, &entropy) == BJ_OK)
            sum += query.octets[14] + query.len;
    }
    return sum;
}

/*
 * libresolv, with what glibc's own lookup calls: res_queriesmatch for each
 * reply that comes in (res_send.c), which expands and compares the question;
 * ns_initparse, which passes over every record to the last octet; for each
 * record ns_parserr, which expands the owner (getanswer needs it, to compare
 * with the name that the chain has come to), dn_expand for the target of a
 * CNAME and res_hnok for every name that is handed out. The least TTL is kept.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static bool libresolv_matches(const struct sample *s, ns_msg *handle)
{
    return ns_initparse(s->octets, (int)s->len, handle) == 0 &&
           ns_msg_id(*handle) == ID && ns_msg_getflag(*handle, ns_f_qr) == 1 &&
           res_queriesmatch(s->query.octets, s->query.octets + s->query.len,
                            s->octets, s->octets + s->len) == 1;
}
#pragma GCC diagnostic pop

static uint64_t libresolv(const void *context, size_t count)
{
    static uint8_t addresses[BJ_ANSWER_ADDRESSES_MAX][16];
    const struct sample *s = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        ns_msg handle;
        ns_rr rr;
        char names[17][NS_MAXDNAME];
        size_t links = 0;
        size_t found = 0;
        uint32_t ttl = UINT32_MAX;

        strcpy(names[0], s->asked);
        if (!libresolv_matches(s, &handle) || !res_hnok(names[0]))
            continue;
        for (int k = 0; k < ns_msg_count(handle, ns_s_an); k++) {
            if (ns_parserr(&handle, ns_s_an, k, &rr) != 0)
                break;
            if (ns_rr_class(rr) != ns_c_in ||
                strcasecmp(ns_rr_name(rr), names[links]) != 0)
                continue;
            if (ns_rr_type(rr) == ns_t_cname) {
                if (links == 16 ||
                    dn_expand(s->octets, s->octets + s->len, ns_rr_rdata(rr),
                              names[links + 1], NS_MAXDNAME) < 0 ||
                    !res_hnok(names[links + 1]))
                    break;
                links++;
            } else if (ns_rr_type(rr) == s->type && ns_rr_rdlen(rr) <= 16) {
                memcpy(addresses[found++], ns_rr_rdata(rr), ns_rr_rdlen(rr));
            } else {
                continue;
            }
            if (ns_rr_ttl(rr) < ttl)
                ttl = ns_rr_ttl(rr);
        }
        sum += found + links + addresses[0][0] + ttl;
    }
    return sum;
}

/* libresolv over TXT: every record, every string. */
static uint64_t libresolv_txt(const void *context, size_t count)
{
    const struct sample *s = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        ns_msg handle;
        ns_rr rr;

        if (!libresolv_matches(s, &handle))
            continue;
        for (int k = 0; k < ns_msg_count(handle, ns_s_an); k++) {
            if (ns_parserr(&handle, ns_s_an, k, &rr) != 0)
                break;
            for (int at = 0; at < ns_rr_rdlen(rr);
                 at += ns_rr_rdata(rr)[at] + 1)
                sum += ns_rr_rdata(rr)[at];
        }
    }
    return sum;
}

static uint64_t libresolv_query(const void *context, size_t count)
{
    static struct __res_state state;
    const struct sample *s = context;
    uint64_t sum = 0;

    if ((state.options & RES_INIT) == 0 && res_ninit(&state) != 0)
        abort();
    for (size_t i = 0; i < count; i++) {
        unsigned char query[NS_PACKETSZ];

        sum +=
            (uint64_t)res_nmkquery(&state, ns_o_query, s->asked, ns_c_in,
                                   ns_t_a, NULL, 0, NULL, query, sizeof(query));
        sum += query[0];
    }
    return sum;
}

#ifdef BJ_BENCH_CARES
/* The question as c-ares compares it (same_questions in ares_process.c):
 * both names expanded, then type and class. */
static bool cares_matches(const struct sample *s)
{
    const uint8_t *query = s->query.octets;
    char *asked = NULL;
    char *answered = NULL;
    long asked_len = 0;
    long answered_len = 0;
    bool same =
        ares_expand_name(query + 12, query, s->query.len, &asked, &asked_len) ==
            0 &&
        ares_expand_name(s->octets + 12, s->octets, (int)s->len, &answered,
                         &answered_len) == 0 &&
        strcasecmp(asked, answered) == 0 &&
        memcmp(query + 12 + asked_len, s->octets + 12 + answered_len, 4) == 0;

    ares_free_string(asked);
    ares_free_string(answered);
    return same && memcmp(query, s->octets, 2) == 0 && s->octets[2] >= 0x80;
}

/* c-ares makes a hostent, with aliases, checks host names, and gives the TTLs;
 * it looks at the answer section only and does not compare owners. */
static uint64_t cares(const void *context, size_t count)
{
    static struct ares_addrttl ttls[BJ_ANSWER_ADDRESSES_MAX];
    static struct ares_addr6ttl ttl6s[BJ_ANSWER_ADDRESSES_MAX];
    const struct sample *s = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        struct hostent *host = NULL;
        struct ares_txt_reply *txt = NULL;
        int ttl_count = BJ_ANSWER_ADDRESSES_MAX;

        if (!cares_matches(s))
            continue;
        if (s->type == BJ_TYPE_TXT &&
            ares_parse_txt_reply(s->octets, (int)s->len, &txt) == 0) {
            sum += txt->length;
            ares_free_data(txt);
        } else if (s->type == BJ_TYPE_A &&
                   ares_parse_a_reply(s->octets, (int)s->len, &host, ttls,
                                      &ttl_count) == 0) {
            sum += (uint64_t)(host->h_length + ttls[0].ttl);
            ares_free_hostent(host);
        } else if (s->type == BJ_TYPE_AAAA &&
                   ares_parse_aaaa_reply(s->octets, (int)s->len, &host, ttl6s,
                                         &ttl_count) == 0) {
            sum += (uint64_t)(host->h_length + ttl6s[0].ttl);
            ares_free_hostent(host);
        }
    }
    return sum;
}

static uint64_t cares_query(const void *context, size_t count)
{
    const struct sample *s = context;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned char *query = NULL;
        int len = 0;

        if (ares_create_query(s->asked, 1, 1, (unsigned short)i, 1, &query,
                              &len, 1232) == 0) {
            sum += query[0] + (uint64_t)len;
            ares_free_string(query);
        }
    }
    return sum;
}
#endif

#ifdef BJ_BENCH_LDNS
/* The answer section of a packet of ldns's: the chain from the name asked for,
 * the TTL, addresses or strings. */
static uint64_t ldns_answer(const struct sample *s, const ldns_pkt *packet)
{
    static uint8_t addresses[BJ_ANSWER_ADDRESSES_MAX][16];
    const ldns_rr_list *answer = ldns_pkt_answer(packet);
    const ldns_rdf *name =
        ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_question(packet), 0));
    uint32_t ttl = UINT32_MAX;
    size_t found = 0;

    for (size_t k = 0; k < ldns_rr_list_rr_count(answer); k++) {
        const ldns_rr *rr = ldns_rr_list_rr(answer, k);
        const ldns_rdf *rdf = ldns_rr_rdf(rr, 0);

        if (ldns_dname_compare(ldns_rr_owner(rr), name) != 0)
            continue;
        if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_CNAME)
            name = rdf;
        else if (ldns_rr_get_type(rr) == s->type && ldns_rdf_size(rdf) <= 16)
            memcpy(addresses[found++], ldns_rdf_data(rdf), ldns_rdf_size(rdf));
        if (ldns_rr_ttl(rr) < ttl)
            ttl = ldns_rr_ttl(rr);
    }
    return found + ttl + addresses[0][0];
}

/* ldns makes a packet of its own of the whole message, whose question is
 * compared; no host names are checked, names stay on the wire's form. */
static uint64_t ldns(const void *context, size_t count)
{
    const struct sample *s = context;
    ldns_rdf *asked = ldns_dname_new_frm_str(s->asked);
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        ldns_pkt *packet = NULL;

        if (ldns_wire2pkt(&packet, s->octets, s->len) != LDNS_STATUS_OK)
            continue;
        if (ldns_pkt_id(packet) == ID && ldns_pkt_qr(packet) &&
            ldns_dname_compare(
                ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_question(packet), 0)),
                asked) == 0)
            sum += ldns_answer(s, packet);
        ldns_pkt_free(packet);
    }
    ldns_rdf_deep_free(asked);
    return sum;
}
#endif

#ifdef BJ_BENCH_UDNS
/*
 * udns: the question as its dns_ioevent compares it, then its own result with
 * both ends of the chain as text, addresses and the TTL. It compares owners,
 * looks at the answer section only and checks no host names.
 */
static uint64_t udns(const void *context, size_t count)
{
    const struct sample *s = context;
    dnscc_t *question = s->query.octets + 12;
    dnscc_t *end = s->octets + s->len;
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        dnscc_t *at = dns_payload(s->octets);
        dnsc_t name[DNS_MAXDN];
        void *result = NULL;
        int (*parse)(dnscc_t *, dnscc_t *, dnscc_t *, dnscc_t *, void **) =
            s->type == BJ_TYPE_A      ? dns_parse_a4
            : s->type == BJ_TYPE_AAAA ? dns_parse_a6
                                      : dns_parse_txt;

        if (dns_qid(s->octets) == ID && dns_numqd(s->octets) == 1 &&
            dns_getdn(s->octets, &at, end, name, sizeof(name)) > 0 &&
            dns_dnequal(name, question) && dns_get16(at) == s->type &&
            parse(question, s->octets, at, end, &result) == 0) {
            struct dns_rr_null *common = result;

            sum += (uint64_t)common->dnsn_nrr + common->dnsn_ttl;
            free(result);
        }
    }
    return sum;
}
#endif

static void run(struct sample *s, bj_bench_round *our_round,
                bj_bench_round *libresolv_round)
{
    const struct bj_bench_case cases[] = {
        {s->name, our_round, "libresolv", libresolv_round, s, s->count},
#ifdef BJ_BENCH_CARES
        {s->name, our_round, "c-ares " ARES_VERSION_STR, cares, s, s->count},
#endif
#ifdef BJ_BENCH_LDNS
        {s->name, our_round, "ldns " LDNS_VERSION, ldns, s, s->count},
#endif
#ifdef BJ_BENCH_UDNS
        {s->name, our_round, "udns " UDNS_VERSION, udns, s, s->count},
#endif
    };

    bj_bench_run(cases, sizeof(cases) / sizeof(*cases));
}

static const struct sample *honest;

static uint64_t honest_round(const void *context, size_t count)
{
    (void)context;
    return ours(honest, count);
}

static void run_slow(struct sample *s)
{
    const struct bj_bench_case c = {s->name,      ours, "honest 64 KiB",
                                    honest_round, s,    1};

    bj_bench_run(&c, 1);
}

static void run_query(struct sample *s)
{
    const struct bj_bench_case cases[] = {
        {"query from text", ours_query, "libresolv", libresolv_query, s, 100},
#ifdef BJ_BENCH_CARES
        {"query from text", ours_query, "c-ares " ARES_VERSION_STR, cares_query,
         s, 100},
#endif
    };

    bj_bench_run(cases, sizeof(cases) / sizeof(*cases));
}

int main(void)
{
    static struct sample chain = {.name = "3 CNAME + 4 A",
                                  .asked = "www.example.com",
                                  .type = BJ_TYPE_A,
                                  .count = 50};
    static struct sample aaaa = {.name = "8 AAAA",
                                 .asked = "www.example.com",
                                 .type = BJ_TYPE_AAAA,
                                 .count = 50};
    static struct sample txt = {.name = "100 TXT, 4 KiB",
                                .asked = "www.example.com",
                                .type = BJ_TYPE_TXT,
                                .count = 3};
    static struct sample many = {.name = "250 A",
                                 .asked = "www.example.com",
                                 .type = BJ_TYPE_A,
                                 .count = 3};
    static struct sample slow[] = {
        {.name = "honest 64 KiB", .asked = "www.example.com", .type = 1},
        {.name = "slow: 126-hop chains", .asked = "www.example.com", .type = 1},
        {.name = "slow: chains, late alias",
         .asked = "www.example.com",
         .type = 1},
        {.name = "slow: runs of labels", .asked = "www.example.com", .type = 1},
        {.name = "slow: labels alike", .asked = ALIKE, .type = 1},
        {.name = "slow: counts of 0xFFFF",
         .asked = "www.example.com",
         .type = 1},
        {.name = "slow: EDNS options", .asked = "www.example.com", .type = 1},
    };

    make_chain(&chain);
    run(&chain, ours, libresolv);
    make_addresses(&aaaa, 8);
    run(&aaaa, ours, libresolv);
    make_txt(&txt);
    run(&txt, ours_txt, libresolv_txt);
    make_addresses(&many, 250);
    run(&many, ours, libresolv);
    run_query(&chain);
    make_honest(&slow[0]);
    make_chains(&slow[1]);
    make_late_alias(&slow[2]);
    make_runs(&slow[3]);
    make_alike(&slow[4]);
    make_counts(&slow[5]);
    make_options(&slow[6]);
    honest = &slow[0];
    for (size_t i = 0; i < sizeof(slow) / sizeof(*slow); i++)
        run_slow(&slow[i]);
    return 0;
}
