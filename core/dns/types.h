#ifndef BJ_CORE_DNS_TYPES_H
#define BJ_CORE_DNS_TYPES_H

#include <stddef.h>
#include <stdint.h>

/*
 * The numbers of the DNS with their mnemonics, as IANA registers them
 * (RFC 6895). On the wire and in our structs a type, class, opcode or rcode
 * is a plain integer, because a peer may send any value; the enums name those
 * we know. The text functions return a static string, or NULL for a number
 * without a mnemonic, which a printer writes as TYPE731 or CLASS32
 * (RFC 3597 section 5).
 */
#define BJ_TYPE_TABLE(X) \
    X(A, 1)              \
    X(NS, 2)             \
    X(CNAME, 5)          \
    X(SOA, 6)            \
    X(MB, 7)             \
    X(MG, 8)             \
    X(MR, 9)             \
    X(NULL, 10)          \
    X(WKS, 11)           \
    X(PTR, 12)           \
    X(HINFO, 13)         \
    X(MINFO, 14)         \
    X(MX, 15)            \
    X(TXT, 16)           \
    X(RP, 17)            \
    X(AFSDB, 18)         \
    X(SIG, 24)           \
    X(KEY, 25)           \
    X(AAAA, 28)          \
    X(LOC, 29)           \
    X(SRV, 33)           \
    X(NAPTR, 35)         \
    X(KX, 36)            \
    X(CERT, 37)          \
    X(DNAME, 39)         \
    X(OPT, 41)           \
    X(APL, 42)           \
    X(DS, 43)            \
    X(SSHFP, 44)         \
    X(IPSECKEY, 45)      \
    X(RRSIG, 46)         \
    X(NSEC, 47)          \
    X(DNSKEY, 48)        \
    X(DHCID, 49)         \
    X(NSEC3, 50)         \
    X(NSEC3PARAM, 51)    \
    X(TLSA, 52)          \
    X(SMIMEA, 53)        \
    X(HIP, 55)           \
    X(CDS, 59)           \
    X(CDNSKEY, 60)       \
    X(OPENPGPKEY, 61)    \
    X(CSYNC, 62)         \
    X(ZONEMD, 63)        \
    X(SVCB, 64)          \
    X(HTTPS, 65)         \
    X(SPF, 99)           \
    X(EUI48, 108)        \
    X(EUI64, 109)        \
    X(TKEY, 249)         \
    X(TSIG, 250)         \
    X(IXFR, 251)         \
    X(AXFR, 252)         \
    X(MAILB, 253)        \
    X(ANY, 255)          \
    X(URI, 256)          \
    X(CAA, 257)

#define BJ_CLASS_TABLE(X) \
    X(IN, 1)              \
    X(CH, 3)              \
    X(HS, 4)              \
    X(NONE, 254)          \
    X(ANY, 255)

#define BJ_OPCODE_TABLE(X) \
    X(QUERY, 0)            \
    X(IQUERY, 1)           \
    X(STATUS, 2)           \
    X(NOTIFY, 4)           \
    X(UPDATE, 5)           \
    X(DSO, 6)

/* 16 and above need the upper eight bits that OPT carries (RFC 6891 6.1.3). */
#define BJ_RCODE_TABLE(X) \
    X(NOERROR, 0)         \
    X(FORMERR, 1)         \
    X(SERVFAIL, 2)        \
    X(NXDOMAIN, 3)        \
    X(NOTIMP, 4)          \
    X(REFUSED, 5)         \
    X(YXDOMAIN, 6)        \
    X(YXRRSET, 7)         \
    X(NXRRSET, 8)         \
    X(NOTAUTH, 9)         \
    X(NOTZONE, 10)        \
    X(DSOTYPENI, 11)      \
    X(BADVERS, 16)        \
    X(BADKEY, 17)         \
    X(BADTIME, 18)        \
    X(BADMODE, 19)        \
    X(BADNAME, 20)        \
    X(BADALG, 21)         \
    X(BADTRUNC, 22)       \
    X(BADCOOKIE, 23)

/* EDNS options (RFC 6891 section 6.1.2). */
#define BJ_OPTION_TABLE(X) \
    X(LLQ, 1)              \
    X(UL, 2)               \
    X(NSID, 3)             \
    X(DAU, 5)              \
    X(DHU, 6)              \
    X(N3U, 7)              \
    X(ECS, 8)              \
    X(EXPIRE, 9)           \
    X(COOKIE, 10)          \
    X(KEEPALIVE, 11)       \
    X(PADDING, 12)         \
    X(CHAIN, 13)           \
    X(KEYTAG, 14)          \
    X(EDE, 15)

#define BJ_DNS_TYPE_ENUM(name, number) BJ_TYPE_##name = number,
#define BJ_DNS_CLASS_ENUM(name, number) BJ_CLASS_##name = number,
#define BJ_DNS_OPCODE_ENUM(name, number) BJ_OPCODE_##name = number,
#define BJ_DNS_RCODE_ENUM(name, number) BJ_RCODE_##name = number,
#define BJ_DNS_OPTION_ENUM(name, number) BJ_OPTION_##name = number,

enum bj_type { BJ_TYPE_TABLE(BJ_DNS_TYPE_ENUM) };
enum bj_class { BJ_CLASS_TABLE(BJ_DNS_CLASS_ENUM) };
enum bj_opcode { BJ_OPCODE_TABLE(BJ_DNS_OPCODE_ENUM) };
enum bj_rcode { BJ_RCODE_TABLE(BJ_DNS_RCODE_ENUM) };
enum bj_option { BJ_OPTION_TABLE(BJ_DNS_OPTION_ENUM) };

/* The sections of a message, in their order (RFC 1035 section 4.1). */
enum bj_section {
    BJ_SECTION_QUESTION,
    BJ_SECTION_ANSWER,
    BJ_SECTION_AUTHORITY,
    BJ_SECTION_ADDITIONAL,
};

#define BJ_DNS_TEXT_CASE(name, number) \
    case number:                       \
        return #name;

static inline const char *bj_type_text(unsigned type)
{
    switch (type) {
        BJ_TYPE_TABLE(BJ_DNS_TEXT_CASE)
    default:
        return NULL;
    }
}

static inline const char *bj_class_text(unsigned class_number)
{
    switch (class_number) {
        BJ_CLASS_TABLE(BJ_DNS_TEXT_CASE)
    default:
        return NULL;
    }
}

static inline const char *bj_opcode_text(unsigned opcode)
{
    switch (opcode) {
        BJ_OPCODE_TABLE(BJ_DNS_TEXT_CASE)
    default:
        return NULL;
    }
}

static inline const char *bj_rcode_text(unsigned rcode)
{
    switch (rcode) {
        BJ_RCODE_TABLE(BJ_DNS_TEXT_CASE)
    default:
        return NULL;
    }
}

/* "question", "answer", "authority", "additional". */
static inline const char *bj_section_text(enum bj_section section)
{
    static const char *const texts[] = {
        [BJ_SECTION_QUESTION] = "question",
        [BJ_SECTION_ANSWER] = "answer",
        [BJ_SECTION_AUTHORITY] = "authority",
        [BJ_SECTION_ADDITIONAL] = "additional",
    };

    return section <= BJ_SECTION_ADDITIONAL ? texts[section] : "no section";
}

#endif
