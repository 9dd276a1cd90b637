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
    const uint8_t *theirs = bj_cursor_bytes(&c, query->question_len);

    if (theirs == NULL)
        return false;
    if (memcmp(theirs, ours, query->question_len) == 0)
        return true;
    return !query->mix_case &&
           memcmp(theirs + name_len, ours + name_len, TYPE_AND_CLASS_LEN) ==
               0 &&
           bj_ascii_equal_nocase(theirs, name_len, ours, name_len);
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
    if (!has_our_header(query, m))
        return false;
    return m->counts[BJ_SECTION_QUESTION] == 1 ? repeats_question(query, m)
                                               : is_bare_refusal(query, m);
}

/* What OPT says, which stands there once at most, and the records behind it.
 * Apart, so that its stack frame is. */
__attribute__((noinline)) static enum bj_status
check_opt(struct bj_message *m, struct bj_match *match,
          struct bj_record *record)
{
    struct bj_opt opt;
    enum bj_status status = bj_rdata_opt(m, record, &opt);

    if (status != BJ_OK)
        return status;
    match->has_opt = true;
    match->rcode = opt.rcode;
    status = bj_message_find(m, BJ_TYPE_OPT, record);
    return status == BJ_OK ? BJ_BUG : status;
}

/* Every record to the end: BJ_NONE if all is well. */
static enum bj_status check_records(struct bj_message *m,
                                    struct bj_match *match)
{
    struct bj_record record;
    enum bj_status status = bj_message_skip_questions(m);

    if (status == BJ_OK)
        status = bj_message_find(m, BJ_TYPE_OPT, &record);
    return status == BJ_OK ? check_opt(m, match, &record) : status;
}

/* What the message is; match->message has then been read as far as it took. */
static enum bj_reply judge(struct bj_match *match, const struct bj_query *query)
{
    struct bj_message *m = &match->message;

    if (!is_ours(query, m))
        return BJ_REPLY_FOREIGN;
    /* What a truncated reply holds is not looked at (RFC 2181 section 9). */
    if ((m->flags & BJ_FLAG_TC) != 0)
        return BJ_REPLY_TRUNCATED;
    match->rcode = (uint16_t)bj_message_rcode(m);
    if (m->left > 0)
        bj_message_pass_question(m, query->question_len);
    if (check_records(m, match) != BJ_NONE)
        return BJ_REPLY_BROKEN;
    return match->rcode == BJ_RCODE_NOERROR || match->rcode == BJ_RCODE_NXDOMAIN
               ? BJ_REPLY_ANSWER
               : BJ_REPLY_FAILED;
}

void bj_match_reply(struct bj_match *match, const struct bj_query *query,
                    const uint8_t *bytes, size_t len)
{
    match->reply = BJ_REPLY_FOREIGN;
    match->rcode = 0;
    match->has_opt = false;
    if (bj_message_init(&match->message, bytes, len) == BJ_OK)
        match->reply = judge(match, query);
    if (match->reply == BJ_REPLY_ANSWER)
        bj_message_rewind(&match->message);
    else if (match->reply != BJ_REPLY_BROKEN)
        memset(&match->message, 0, sizeof(match->message));
    if (match->reply == BJ_REPLY_BROKEN) {
        match->rcode = 0;
        match->has_opt = false;
    }
}
