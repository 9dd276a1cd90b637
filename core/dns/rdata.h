#ifndef BJ_CORE_DNS_RDATA_H
#define BJ_CORE_DNS_RDATA_H

#include <stdint.h>

#include "core/dns/message.h"
#include "core/dns/name.h"

/*
 * The RDATA that a resolver understands. Each function reads one kind from a
 * record that bj_message_record gave, whose type the caller has looked at,
 * and demands that it fills RDLENGTH exactly. On failure the output is zero
 * and m->fault says why.
 */

/* A (RFC 1035 section 3.4.1): four octets. AAAA (RFC 3596 section 2.2): 16.
 * Both in network order. */
BJ_MUST_CHECK enum bj_status bj_rdata_a(struct bj_message *m,
                                        const struct bj_record *record,
                                        uint8_t address[static 4]);
BJ_MUST_CHECK enum bj_status bj_rdata_aaaa(struct bj_message *m,
                                           const struct bj_record *record,
                                           uint8_t address[static 16]);

/* CNAME, NS and PTR (RFC 1035 section 3.3): one name. */
BJ_MUST_CHECK enum bj_status bj_rdata_name(struct bj_message *m,
                                           const struct bj_record *record,
                                           struct bj_name *name);

/* SOA (RFC 1035 section 3.3.13); `minimum` is the TTL of negative answers
 * (RFC 2308 section 4). */
struct bj_soa {
    struct bj_name primary;
    struct bj_name mailbox;
    uint32_t serial;
    uint32_t refresh;
    uint32_t retry;
    uint32_t expire;
    uint32_t minimum;
};
BJ_MUST_CHECK enum bj_status bj_rdata_soa(struct bj_message *m,
                                          const struct bj_record *record,
                                          struct bj_soa *soa);

/*
 * OPT (RFC 6891 section 6.1.2): what it keeps in class and TTL, and its
 * options, each of which was seen to end within RDLENGTH. `rcode` is whole,
 * with the header's four bits.
 */
struct bj_opt {
    uint16_t udp_size;
    uint16_t rcode;
    uint8_t version;
    bool dnssec_ok;
    uint16_t option_count;
    struct bj_cursor options; /* at the first one, for bj_rdata_option */
};
BJ_MUST_CHECK enum bj_status bj_rdata_opt(struct bj_message *m,
                                          const struct bj_record *record,
                                          struct bj_opt *opt);

struct bj_edns_option {
    uint16_t code;
    uint16_t len;
    const uint8_t *data; /* in the message */
};

/* The next option; BJ_NONE at the end, BJ_BAD if it passes the end. */
BJ_MUST_CHECK enum bj_status bj_rdata_option(struct bj_cursor *options,
                                             struct bj_edns_option *option);

#endif
