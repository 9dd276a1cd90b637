/*
 * The input is a reply; the query is made from the question in it, and the
 * last octet chooses in what it differs, and whether the reply is cut to its
 * header. Oracle: a naive second reading says
 * of every reply what it is; what is to be read on is whole.
 */
#include "core/dns/match.h"
#include "harnesses/harness.h"
#include "harnesses/support/dns_input.h"
#include "harnesses/support/naive_dns.h"

static struct naive_message naive;

/* A query that asks what the message's first question asks; false if it has
 * none that could stand first. */
static bool make_query(const uint8_t *data, size_t size, struct bj_query *query,
                       uint8_t twist)
{
    struct bj_query_entropy entropy = {.id = 0};
    struct naive_name found;
    struct bj_name name = {.len = 0};
    unsigned type;

    if (size < 12 || !naive_name_read(data, size, 12, false, &found) ||
        size - found.after < 4)
        return false;
    name.len = (uint8_t)found.len;
    memcpy(name.octets, found.octets, found.len);
    entropy.id = (uint16_t)(naive_number(data, 2) + (twist & 1));
    type = naive_number(data + found.after, 2) + (twist >> 1 & 1U);
    for (size_t i = 0; i < found.len; i++)
        if (found.octets[i] >= 'A' && found.octets[i] <= 'Z')
            entropy.case_bits[i / 8] |= (uint8_t)(1 << i % 8);
    entropy.mix_case = (twist & 4) != 0;
    entropy.case_bits[0] ^= (uint8_t)(twist >> 3 & 7U);
    return bj_query_build(query, &name, (uint16_t)type, (twist & 0x80) == 0,
                          &entropy) == BJ_OK;
}

/* RFC 6891 section 7: what a server may say that does not know OPT, when it
 * says nothing else: header, counts of zero, FORMERR or NOTIMP. */
static bool bare_refusal(const uint8_t *data, size_t size,
                         const struct bj_query *query)
{
    static const uint8_t no_counts[8];

    return size == 12 && naive_number(query->octets + 10, 2) == 1 &&
           naive_number(data, 2) == query->id &&
           memcmp(data + 4, no_counts, 8) == 0 &&
           ((data[3] & 15U) == 1 || (data[3] & 15U) == 4);
}

/* RFC 5452 section 9.1: id and question are those of the query. */
static bool same_question(const uint8_t *data, size_t size,
                          const struct bj_query *query)
{
    struct naive_name theirs;
    struct naive_name ours;

    if (naive_number(data, 2) != query->id || naive_number(data + 4, 2) != 1 ||
        !naive_name_read(data, size, 12, false, &theirs) ||
        !naive_name_read(query->octets, query->len, 12, false, &ours) ||
        size - theirs.after < 4 ||
        memcmp(data + theirs.after, query->octets + ours.after, 4) != 0)
        return false;
    return query->mix_case
               ? theirs.len == ours.len &&
                     memcmp(theirs.octets, ours.octets, ours.len) == 0
               : naive_name_equal(&theirs, &ours);
}

/* Well formed to the end, and the rcode with what OPT adds to it. */
static bool whole(const uint8_t *data, size_t size, unsigned *rcode)
{
    *rcode = data[3] & 15U;
    if (!naive_message_read(data, size, &naive))
        return false;
    for (size_t i = 0; i < naive.record_count; i++)
        if (naive.records[i].section == 3 && naive.records[i].type == 41) {
            if (!naive_rdata_valid(data, &naive.records[i]))
                return false;
            *rcode |= naive.records[i].ttl >> 24 << 4;
        }
    return true;
}

static enum bj_reply judge(const uint8_t *data, size_t size,
                           const struct bj_query *query, unsigned *rcode)
{
    *rcode = 0;
    /* RFC 1035 section 4.1.1: QR set, OPCODE as in the query. */
    if (size > 65535 || (data[2] & 0xf8) != 0x80 ||
        !(same_question(data, size, query) || bare_refusal(data, size, query)))
        return BJ_REPLY_FOREIGN;
    if (data[2] & 2)
        return BJ_REPLY_TRUNCATED;
    if (!whole(data, size, rcode)) {
        *rcode = 0;
        return BJ_REPLY_BROKEN;
    }
    return *rcode == 0 || *rcode == 3 ? BJ_REPLY_ANSWER : BJ_REPLY_FAILED;
}

BJ_DNS_INPUT(1);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t twist = bj_take_tail(data, &size);
    struct bj_query query;
    struct bj_match match;
    struct bj_record record;
    unsigned rcode;
    enum bj_reply expected;

    if (!make_query(data, size, &query, twist))
        return 0;
    if (twist & 0x40)
        size = 12;
    expected = judge(data, size, &query, &rcode);
    memset(&match, 0xa5, sizeof(match));
    bj_match_reply(&match, &query, data, size);
    BJ_CHECK(match.reply == expected, "reply");
    BJ_CHECK(match.rcode == rcode, "rcode");
    BJ_CHECK((match.message.at.base == data) ==
                 (expected == BJ_REPLY_ANSWER || expected == BJ_REPLY_BROKEN),
             "message-iff");
    BJ_CHECK((match.message.fault.kind != BJ_FAULT_NONE) ==
                 (expected == BJ_REPLY_BROKEN),
             "fault-iff");
    if (expected == BJ_REPLY_ANSWER) {
        size_t count = 1;

        while (bj_message_record(&match.message, &record) == BJ_OK)
            count++;
        BJ_CHECK(count == naive.record_count, "read-on");
    }
    bj_digest(&match.reply, sizeof(match.reply));
    return 0;
}
