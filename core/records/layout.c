#include "core/records/layout.h"

#include <stddef.h>

#include "core/dns/types.h"

/* Shorthands for the rows below, which are to be read as a table. */
#define F(kind, name)            \
    {                            \
        BJ_FIELD_##kind, name, 0 \
    }
#define REST(kind, name, min)      \
    {                              \
        BJ_FIELD_##kind, name, min \
    }

/*
 * RFC 3597 section 4 lets a receiver follow pointers in the types of RFC
 * 1035 and in RP, AFSDB, SIG, NAPTR and SRV, which were sent compressed once
 * (NAME); everywhere else they are forbidden (PLAIN).
 *
 * WKS, APL, HIP, IPSECKEY and NULL are left to the generic form: they are
 * rare, and what can be read in them is little beside the octets.
 */
static const struct bj_layout layouts[] = {
    {BJ_TYPE_A, true, "RFC 1035 section 3.4.1", {F(IP4, "address")}},
    {BJ_TYPE_NS, false, "RFC 1035 section 3.3.11", {F(NAME, "target")}},
    {BJ_TYPE_CNAME, false, "RFC 1035 section 3.3.1", {F(NAME, "target")}},
    {BJ_TYPE_SOA,
     false,
     "RFC 1035 section 3.3.13",
     {F(NAME, "mname"), F(NAME, "rname"), F(U32, "serial"), F(U32, "refresh"),
      F(U32, "retry"), F(U32, "expire"), F(U32, "minimum")}},
    {BJ_TYPE_MB, false, "RFC 1035 section 3.3.3", {F(NAME, "target")}},
    {BJ_TYPE_MG, false, "RFC 1035 section 3.3.6", {F(NAME, "target")}},
    {BJ_TYPE_MR, false, "RFC 1035 section 3.3.8", {F(NAME, "target")}},
    {BJ_TYPE_PTR, false, "RFC 1035 section 3.3.12", {F(NAME, "target")}},
    {BJ_TYPE_HINFO,
     false,
     "RFC 1035 section 3.3.2",
     {F(STRING, "cpu"), F(STRING, "os")}},
    {BJ_TYPE_MINFO,
     false,
     "RFC 1035 section 3.3.7",
     {F(NAME, "rmailbx"), F(NAME, "emailbx")}},
    {BJ_TYPE_MX,
     false,
     "RFC 1035 section 3.3.9",
     {F(U16, "preference"), F(NAME, "exchange")}},
    {BJ_TYPE_TXT, false, "RFC 1035 section 3.3.14", {F(STRINGS, "strings")}},
    {BJ_TYPE_SPF, false, "RFC 4408 section 3.1.1", {F(STRINGS, "strings")}},
    {BJ_TYPE_RP,
     false,
     "RFC 1183 section 2.2",
     {F(NAME, "mailbox"), F(NAME, "text")}},
    {BJ_TYPE_AFSDB,
     false,
     "RFC 1183 section 1",
     {F(U16, "subtype"), F(NAME, "hostname")}},
    {BJ_TYPE_SIG,
     false,
     "RFC 2535 section 4.1",
     {F(TYPE, "type_covered"), F(U8, "algorithm"), F(U8, "labels"),
      F(U32, "original_ttl"), F(TIME, "expiration"), F(TIME, "inception"),
      F(U16, "key_tag"), F(NAME, "signer"), REST(BASE64, "signature", 1)}},
    {BJ_TYPE_KEY, /* section 3.1.2: flags may say that there is no key */
     false,
     "RFC 2535 section 3.1",
     {F(U16, "flags"), F(U8, "protocol"), F(U8, "algorithm"),
      REST(BASE64, "key", 0)}},
    {BJ_TYPE_AAAA, true, "RFC 3596 section 2.2", {F(IP6, "address")}},
    {BJ_TYPE_LOC, false, "RFC 1876 section 2", {F(LOC, "location")}},
    {BJ_TYPE_SRV,
     false,
     "RFC 2782",
     {F(U16, "priority"), F(U16, "weight"), F(U16, "port"), F(NAME, "target")}},
    {BJ_TYPE_NAPTR,
     false,
     "RFC 3403 section 4.1",
     {F(U16, "order"), F(U16, "preference"), F(STRING, "flags"),
      F(STRING, "services"), F(STRING, "regexp"), F(NAME, "replacement")}},
    {BJ_TYPE_KX,
     false,
     "RFC 2230 section 3.1",
     {F(U16, "preference"), F(PLAIN, "exchanger")}},
    {BJ_TYPE_CERT,
     false,
     "RFC 4398 section 2",
     {F(U16, "type"), F(U16, "key_tag"), F(U8, "algorithm"),
      REST(BASE64, "certificate", 1)}},
    {BJ_TYPE_DNAME, false, "RFC 6672 section 2.1", {F(PLAIN, "target")}},
    {BJ_TYPE_OPT, false, "RFC 6891 section 6.1.2", {F(OPTIONS, "options")}},
    {BJ_TYPE_DS,
     false,
     "RFC 4034 section 5.1",
     {F(U16, "key_tag"), F(U8, "algorithm"), F(U8, "digest_type"),
      REST(BASE16, "digest", 1)}},
    {BJ_TYPE_SSHFP,
     false,
     "RFC 4255 section 3.1",
     {F(U8, "algorithm"), F(U8, "fingerprint_type"),
      REST(BASE16, "fingerprint", 1)}},
    {BJ_TYPE_RRSIG,
     false,
     "RFC 4034 section 3.1",
     {F(TYPE, "type_covered"), F(U8, "algorithm"), F(U8, "labels"),
      F(U32, "original_ttl"), F(TIME, "expiration"), F(TIME, "inception"),
      F(U16, "key_tag"), F(PLAIN, "signer"), REST(BASE64, "signature", 1)}},
    {BJ_TYPE_NSEC,
     false,
     "RFC 4034 section 4.1.2",
     {F(PLAIN, "next"), F(TYPES, "types")}},
    {BJ_TYPE_DNSKEY,
     false,
     "RFC 4034 section 2.1",
     {F(U16, "flags"), F(U8, "protocol"), F(U8, "algorithm"),
      REST(BASE64, "key", 1)}},
    {BJ_TYPE_DHCID, /* two types and a digest: sections 3.3 to 3.5 */
     false,
     "RFC 4701 section 3.1",
     {REST(BASE64, "data", 4)}},
    {BJ_TYPE_NSEC3,
     false,
     "RFC 5155 section 3.2",
     {F(U8, "algorithm"), F(U8, "flags"), F(U16, "iterations"), F(SALT, "salt"),
      F(HASH, "next"), F(TYPES, "types")}},
    {BJ_TYPE_NSEC3PARAM,
     false,
     "RFC 5155 section 4.2",
     {F(U8, "algorithm"), F(U8, "flags"), F(U16, "iterations"),
      F(SALT, "salt")}},
    {BJ_TYPE_TLSA,
     false,
     "RFC 6698 section 2.1",
     {F(U8, "usage"), F(U8, "selector"), F(U8, "matching_type"),
      REST(BASE16, "data", 1)}},
    {BJ_TYPE_SMIMEA,
     false,
     "RFC 8162 section 2",
     {F(U8, "usage"), F(U8, "selector"), F(U8, "matching_type"),
      REST(BASE16, "data", 1)}},
    {BJ_TYPE_CDS,
     false,
     "RFC 7344 section 3.1",
     {F(U16, "key_tag"), F(U8, "algorithm"), F(U8, "digest_type"),
      REST(BASE16, "digest", 1)}},
    {BJ_TYPE_CDNSKEY,
     false,
     "RFC 7344 section 3.2",
     {F(U16, "flags"), F(U8, "protocol"), F(U8, "algorithm"),
      REST(BASE64, "key", 1)}},
    {BJ_TYPE_OPENPGPKEY,
     false,
     "RFC 7929 section 2.1",
     {REST(BASE64, "key", 1)}},
    {BJ_TYPE_CSYNC,
     false,
     "RFC 7477 section 2.1",
     {F(U32, "serial"), F(U16, "flags"), F(TYPES, "types")}},
    {BJ_TYPE_ZONEMD, /* digests under 12 octets must not be: 2.2.4 */
     false,
     "RFC 8976 section 2.2",
     {F(U32, "serial"), F(U8, "scheme"), F(U8, "algorithm"),
      REST(BASE16, "digest", 12)}},
    {BJ_TYPE_SVCB,
     false,
     "RFC 9460 section 2.2",
     {F(U16, "priority"), F(PLAIN, "target"), F(PARAMS, "params")}},
    {BJ_TYPE_HTTPS,
     false,
     "RFC 9460 section 2.2",
     {F(U16, "priority"), F(PLAIN, "target"), F(PARAMS, "params")}},
    {BJ_TYPE_EUI48, false, "RFC 7043 section 3.1", {REST(EUI, "address", 6)}},
    {BJ_TYPE_EUI64, false, "RFC 7043 section 4.1", {REST(EUI, "address", 8)}},
    {BJ_TYPE_TKEY,
     false,
     "RFC 2930 section 2",
     {F(PLAIN, "algorithm"), F(TIME, "inception"), F(TIME, "expiration"),
      F(U16, "mode"), F(RCODE, "error"), F(BLOCK, "key"), F(BLOCK, "other")}},
    {BJ_TYPE_TSIG,
     false,
     "RFC 8945 section 4.2",
     {F(PLAIN, "algorithm"), F(U48, "time"), F(U16, "fudge"), F(BLOCK, "mac"),
      F(U16, "original_id"), F(RCODE, "error"), F(BLOCK, "other")}},
    {BJ_TYPE_URI, /* the target is never empty: section 4.4 */
     false,
     "RFC 7553 section 4",
     {F(U16, "priority"), F(U16, "weight"), REST(TEXT, "target", 1)}},
    {BJ_TYPE_CAA,
     false,
     "RFC 8659 section 4.1",
     {F(U8, "flags"), F(TAG, "tag"), REST(TEXT, "value", 0)}},
};

const struct bj_layout bj_layout_unknown = {
    0, false, "RFC 3597 section 5", {F(UNKNOWN, "data")}};

const struct bj_layout bj_layout_empty = {
    0, false, "RFC 2136 section 2.5", {F(END, NULL)}};

const struct bj_layout *bj_layout_find(uint16_t type)
{
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
        if (layouts[i].type == type)
            return &layouts[i];
    return &bj_layout_unknown;
}
