#include "core/dns/match.h"

#include <string.h>

#include "core/bytes/ascii.h"
#include "core/dns/rdata.h"

enum { TYPE_AND_CLASS_LEN = 4 };

/*
 * The question as octets: the first name of a message has nothing before it
 * to point back to, so a right one stands there as we sent it (RFC 5452
 * section 9.1; the case as a further secret: draft-vixie-dnsext-dns0x20).
 */
static bool repeats_question(const struct bj_query *query,
                             const struct bj_message *m)
{
    struct bj_cursor c = bj_message_cursor(m, BJ_HEADER_LEN);
    size_t name_len = query->question_len - TYPE_AND_CLASS_LEN;
    const uint8_t *ours = query->octets + BJ_HEADER_LEN;
    const uint8_t *name = bj_cursor_bytes(&c, name_len);
    const uint8_t *rest = bj_cursor_bytes(&c, TYPE_AND_CLASS_LEN);

    if (!bj_cursor_ok(&c))
        return false;
    if (memcmp(rest, ours + name_len, TYPE_AND_CLASS_LEN) != 0)
        return false;
    return memcmp(name, ours, name_len) == 0 ||
           (!query->mix_case &&
            bj_ascii_equal_nocase(name, name_len, ours, name_len));
}

/* What the header alone can show. */
static bool has_our_header(const struct bj_query *query,
                           const struct bj_message *m)
{
    return query->len > 0 && m->id == query->id &&
           (m->flags & BJ_FLAG_QR) != 0 &&
           bj_message_opcode(m) == BJ_OPCODE_QUERY;
}

/*
 * A server older than EDNS may be unable to read a query with OPT, and then
 * answers with a header that says so and nothing else. Who forges one has
 * only the id to guess, and gains that the question is asked again.
 */
static bool is_bare_refusal(const struct bj_query *query,
                            const struct bj_message *m)
{
    unsigned rcode = bj_message_rcode(m);

    return query->edns && m->at.len == BJ_HEADER_LEN &&
           m->counts[BJ_SECTION_QUESTION] == 0 &&
           m->counts[BJ_SECTION_ANSWER] == 0 &&
           m->counts[BJ_SECTION_AUTHORITY] == 0 &&
           m->counts[BJ_SECTION_ADDITIONAL] == 0 &&
           (rcode == BJ_RCODE_FORMERR || rcode == BJ_RCODE_NOTIMP);
}

static bool is_ours(const struct bj_query *query, const struct bj_message *m)
{
    return has_our_header(query, m) &&
           (is_bare_refusal(query, m) || (m->counts[BJ_SECTION_QUESTION] == 1 &&
                                          repeats_question(query, m)));
}

/* Every record to the end: BJ_NONE if all is well. */
static enum bj_status check_records(struct bj_message *m,
                                    struct bj_match *match)
{
    struct bj_record record;
    enum bj_status status = bj_message_record(m, &record);

    /* Ends: a record consumes at least 11 octets. */
    while (status == BJ_OK) {
        if (record.type == BJ_TYPE_OPT) {
            struct bj_opt opt;

            status = bj_rdata_opt(m, &record, &opt);
            if (status != BJ_OK)
                return status;
            match->has_opt = true;
            match->rcode = opt.rcode;
        }
        status = bj_message_record(m, &record);
    }
    return status;
}

void bj_match_reply(struct bj_match *match, const struct bj_query *query,
                    const uint8_t *bytes, size_t len)
{
    struct bj_message m;

    memset(match, 0, sizeof(*match));
    match->reply = BJ_REPLY_FOREIGN;
    if (bj_message_init(&m, bytes, len) != BJ_OK || !is_ours(query, &m))
        return;
    /* What a truncated reply holds is not looked at (RFC 2181 section 9). */
    if ((m.flags & BJ_FLAG_TC) != 0) {
        match->reply = BJ_REPLY_TRUNCATED;
        return;
    }
    match->rcode = (uint16_t)bj_message_rcode(&m);
    if (check_records(&m, match) != BJ_NONE) {
        match->rcode = 0;
        match->has_opt = false;
        match->reply = BJ_REPLY_BROKEN;
        match->message = m;
        return;
    }
    if (match->rcode != BJ_RCODE_NOERROR && match->rcode != BJ_RCODE_NXDOMAIN) {
        match->reply = BJ_REPLY_FAILED;
        return;
    }
    /* From its start again, for whoever reads the records. */
    if (bj_message_init(&match->message, bytes, len) == BJ_OK)
        match->reply = BJ_REPLY_ANSWER;
}
