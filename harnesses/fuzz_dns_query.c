/*
 * The input is a name as text; before it stand type, flags, id and 32 octets
 * of case bits. Oracles: a naive second reading finds in the query one
 * question for that name with the case asked for, and an OPT record exactly
 * if asked for; octets behind it are zero; the query made a reply answers
 * itself.
 */
#include "core/dns/match.h"
#include "core/dns/query.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_dns.h"

enum { FRONT = 2 + 1 + 2 + 32 };

static struct naive_message naive;

static void check_name(const struct bj_query *query, const struct bj_name *name,
                       const struct bj_query_entropy *entropy)
{
    const uint8_t *written = query->octets + 12;
    struct naive_name found;
    struct naive_name asked = {.len = name->len};
    bool mixed = true;
    bool kept = true;

    BJ_CHECK(naive_name_read(query->octets, query->len, 12, false, &found),
             "name-plain");
    memcpy(asked.octets, name->octets, name->len);
    BJ_CHECK(naive_name_equal(&found, &asked), "name-same");
    for (size_t i = 0; i < name->len; i++) {
        bool letter = (written[i] | 32) >= 'a' && (written[i] | 32) <= 'z';
        bool upper = (entropy->case_bits[i / 8] & 1 << i % 8) != 0;

        if (letter && entropy->mix_case)
            mixed = mixed && upper == (written[i] < 'a');
        else
            kept = kept && written[i] == name->octets[i];
    }
    BJ_CHECK(mixed, "case-mixed");
    BJ_CHECK(kept, "case-kept");
}

static void check_opt(const struct bj_query *query, bool edns)
{
    const uint8_t *opt = query->octets + query->len - 11;

    BJ_CHECK(naive.counts[3] == edns, "opt-iff");
    if (edns)
        BJ_CHECK(memcmp(opt, "\0\0\x29\x04\xd0\0\0\0\0\0\0", 11) == 0,
                 "opt-octets");
}

static void check_reply(const struct bj_query *query)
{
    struct bj_match match;
    struct bj_query reply = *query;

    bj_match_reply(&match, query, query->octets, query->len);
    BJ_CHECK(match.reply == BJ_REPLY_FOREIGN, "no-reply-yet");
    reply.octets[2] |= 0x80;
    bj_match_reply(&match, query, reply.octets, reply.len);
    BJ_CHECK(match.reply == BJ_REPLY_ANSWER && match.has_opt == query->edns,
             "reply");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t zero[BJ_QUERY_MAX];
    struct bj_query_entropy entropy = {.id = 0};
    struct bj_query query;
    struct bj_name name;
    uint16_t type;
    bool edns;
    enum bj_status status;

    if (size < FRONT)
        return 0;
    type = (uint16_t)naive_number(data, 2);
    edns = (data[2] & 1) != 0;
    entropy.mix_case = (data[2] & 2) != 0;
    entropy.id = (uint16_t)naive_number(data + 3, 2);
    memcpy(entropy.case_bits, data + 5, 32);
    status =
        bj_name_parse((const char *)data + FRONT, size - FRONT, &name, NULL);
    memset(&query, 0xa5, sizeof(query));
    BJ_CHECK(bj_query_build(&query, &name, type, edns, &entropy) == status,
             "built-iff");
    bj_digest(&query, sizeof(query));
    if (status != BJ_OK) {
        BJ_CHECK(query.len == 0, "nothing-built");
        return 0;
    }
    BJ_CHECK(naive_message_read(query.octets, query.len, &naive),
             "well-formed");
    BJ_CHECK(naive.id == entropy.id && naive.flags == 0x0100, "header");
    BJ_CHECK(naive.counts[0] == 1 && naive.counts[1] == 0 &&
                 naive.counts[2] == 0,
             "one-question");
    BJ_CHECK(naive.records[0].type == type &&
                 naive.records[0].class_number == 1,
             "question");
    check_name(&query, &name, &entropy);
    check_opt(&query, edns);
    BJ_CHECK(memcmp(query.octets + query.len, zero,
                    sizeof(query.octets) - query.len) == 0,
             "rest-zero");
    check_reply(&query);
    return 0;
}
