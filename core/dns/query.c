#include "core/dns/query.h"

#include <string.h>

#include "core/bytes/ascii.h"
#include "core/dns/message.h"

enum { OPT_TTL = 0 }; /* extended rcode, version, DO: all zero */

/* Length octets are below 'A', so that only letters of labels change. */
static void mix_case(struct bj_query *query, const struct bj_name *name,
                     const uint8_t *bits)
{
    for (size_t i = 0; i < name->len; i++) {
        uint8_t octet = bj_ascii_lower(name->octets[i]);
        unsigned bit = (unsigned)bits[i / 8U] >> i % 8U & 1U;

        if (bj_ascii_is_alpha(octet) && bit != 0)
            octet = (uint8_t)(octet - ('a' - 'A'));
        query->octets[BJ_HEADER_LEN + i] = octet;
    }
}

static void write_opt(struct bj_writer *w)
{
    bj_writer_u8(w, 0); /* the root */
    bj_writer_u16(w, BJ_TYPE_OPT);
    bj_writer_u16(w, BJ_EDNS_UDP_SIZE);
    bj_writer_u32(w, OPT_TTL);
    bj_writer_u16(w, 0); /* no options */
}

enum bj_status bj_query_build(struct bj_query *query,
                              const struct bj_name *name, uint16_t type,
                              bool edns, const struct bj_query_entropy *entropy)
{
    struct bj_writer w;

    memset(query, 0, sizeof(*query));
    if (name->len == 0)
        return BJ_BAD;
    bj_writer_init(&w, query->octets, sizeof(query->octets));
    bj_writer_u16(&w, entropy->id);
    bj_writer_u16(&w, BJ_FLAG_RD);
    bj_writer_u16(&w, 1);
    bj_writer_u32(&w, 0);
    bj_writer_u16(&w, edns ? 1 : 0);
    bj_name_write(&w, name);
    bj_writer_u16(&w, type);
    bj_writer_u16(&w, BJ_CLASS_IN);
    query->question_len = (uint16_t)(w.len - BJ_HEADER_LEN);
    if (edns)
        write_opt(&w);
    if (entropy->mix_case)
        mix_case(query, name, entropy->case_bits);
    query->len = (uint16_t)w.len;
    query->id = entropy->id;
    query->type = type;
    query->edns = edns;
    query->mix_case = entropy->mix_case;
    if (bj_name_spell_host(name, query->host))
        query->host_len = (uint16_t)(name->len - 2);
    else
        memset(query->host, 0, sizeof(query->host));
    return bj_writer_end(&w);
}
