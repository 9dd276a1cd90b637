/*
 * The input is a message. Oracles: a naive second reading finds the same
 * questions and records, or refuses too; failure leaves zero behind and
 * lasts; everything lies within the message.
 */
#include "core/dns/message.h"
#include "core/dns/name.h"
#include "harnesses/harness.h"
#include "harnesses/support/naive_dns.h"

static struct naive_message naive;

static void check_record(const struct bj_message *m, const struct bj_record *r,
                         const struct naive_record *n)
{
    struct bj_cursor c = bj_message_rdata(m, r);

    BJ_CHECK((int)r->section == n->section && r->name_at == n->name_at &&
                 r->type == n->type && r->class_number == n->class_number &&
                 r->ttl == n->ttl && r->rdata_at == n->rdata_at &&
                 r->rdata_len == n->rdata_len,
             "record");
    BJ_CHECK(bj_cursor_ok(&c) && c.pos == n->rdata_at &&
                 bj_cursor_left(&c) == n->rdata_len,
             "rdata-within");
    c = bj_message_cursor(m, r->name_at);
    BJ_CHECK(bj_name_skip(&c, NULL) == BJ_OK && c.pos + 10 == n->rdata_at,
             "owner-within");
    /* Field by field: padding has no value. */
    bj_digest(&r->type, sizeof(r->type));
    bj_digest(&r->ttl, sizeof(r->ttl));
    bj_digest(&r->rdata_at, sizeof(r->rdata_at));
    bj_digest(&r->rdata_len, sizeof(r->rdata_len));
}

/* How many items were found; `status` is why no more. */
static size_t walk(struct bj_message *m, bool questions, enum bj_status *status)
{
    struct bj_question question;
    struct bj_record record;
    size_t count = 0;

    if (questions)
        while (bj_message_question(m, &question) == BJ_OK) {
            const struct naive_record *n = &naive.records[count++];

            BJ_CHECK(n->section == 0 && question.name_at == n->name_at &&
                         question.type == n->type &&
                         question.class_number == n->class_number,
                     "question");
        }
    else
        while (count < naive.record_count && naive.records[count].section == 0)
            count++;
    for (*status = bj_message_record(m, &record); *status == BJ_OK;
         *status = bj_message_record(m, &record)) {
        BJ_CHECK(count < naive.record_count, "no-more-than-there-are");
        check_record(m, &record, &naive.records[count++]);
    }
    BJ_CHECK(record.type == 0 && record.rdata_len == 0 && record.ttl == 0 &&
                 record.rdata_at == 0 && record.name_at == 0,
             "zero-at-the-end");
    BJ_CHECK(bj_message_record(m, &record) == *status, "the-end-lasts");
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool accepted = naive_message_read(data, size, &naive);
    struct bj_message m;
    enum bj_status status = bj_message_init(&m, data, size);

    BJ_CHECK((status == BJ_OK) == (size >= 12 && size <= BJ_MESSAGE_MAX),
             "header-iff");
    if (status == BJ_OK)
        BJ_CHECK(m.id == naive.id && m.flags == naive.flags &&
                     m.counts[0] == naive.counts[0] &&
                     m.counts[1] == naive.counts[1] &&
                     m.counts[2] == naive.counts[2] &&
                     m.counts[3] == naive.counts[3],
                 "header");
    for (int questions = 0; questions < 2; questions++) {
        size_t count;

        if (bj_message_init(&m, data, size) != BJ_OK)
            naive.record_count = 0;
        count = walk(&m, questions == 1, &status);
        BJ_CHECK(count == naive.record_count, "as-many");
        BJ_CHECK((status == BJ_NONE) == accepted, "accepted-iff");
        BJ_CHECK((m.fault.kind == BJ_FAULT_NONE) == accepted &&
                     m.fault.at <= size,
                 "fault-iff");
        if (!accepted)
            BJ_CHECK(status == bj_fault_status(m.fault.kind), "fault-status");
    }
    return 0;
}
