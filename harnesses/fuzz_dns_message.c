/*
 * The input is a message. Oracles: a naive second reading finds the same
 * questions and records, or refuses too; failure leaves zero behind and
 * lasts; everything lies within the message.
 */
#include "core/dns/message.h"
#include "core/dns/name.h"
#include "harnesses/harness.h"
#include "harnesses/support/dns_input.h"
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
    /* A lone pointer is two octets, the first two bits of which say so. */
    c = bj_message_cursor(m, r->name_at);
    BJ_CHECK(r->owner_at ==
                 (bj_cursor_peek(&c) >= 0xc0 ? bj_cursor_u16(&c) - 0xc000 : 0),
             "owner-at");
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

/* Records of one type, the last one's, are those that a walk over all of them
 * meets; and a record by itself is the same. */
static void check_find(struct bj_message *m)
{
    size_t count = naive.record_count;
    unsigned type = count > 0 ? naive.records[count - 1].type : 0;
    struct bj_record record;
    struct bj_record again;
    size_t at;

    for (size_t i = 0; i < count; i++) {
        if (naive.records[i].section == 0 || naive.records[i].type != type)
            continue;
        BJ_CHECK(bj_message_find(m, type, &record) == BJ_OK, "found");
        check_record(m, &record, &naive.records[i]);
        at = record.name_at;
        BJ_CHECK(bj_message_record_at(m, &at, &again, NULL) == BJ_OK &&
                     at == (size_t)record.rdata_at + record.rdata_len &&
                     again.owner_at == record.owner_at &&
                     again.type == record.type && again.ttl == record.ttl &&
                     again.class_number == record.class_number &&
                     again.rdata_at == record.rdata_at,
                 "by-itself");
    }
    BJ_CHECK(bj_message_find(m, type, &record) ==
                 (m->fault.kind == BJ_FAULT_NONE
                      ? BJ_NONE
                      : bj_fault_status(m->fault.kind)),
             "found-no-more");
}

/* The questions passed over: to the first answer, if there are as many as the
 * header says. */
static void check_skip(struct bj_message *m)
{
    size_t questions = 0;

    while (questions < naive.record_count &&
           naive.records[questions].section == 0)
        questions++;
    if (bj_message_skip_questions(m) != BJ_OK) {
        BJ_CHECK(questions < naive.counts[0], "skip-refused");
        return;
    }
    BJ_CHECK(questions == naive.counts[0] && m->section == BJ_SECTION_ANSWER &&
                 m->left == naive.counts[1],
             "skip");
    if (questions < naive.record_count && naive.counts[1] > 0)
        BJ_CHECK(m->at.pos == naive.records[questions].name_at, "skip-to");
}

BJ_DNS_INPUT(0);

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
    if (bj_message_init(&m, data, size) == BJ_OK)
        check_find(&m);
    if (bj_message_init(&m, data, size) == BJ_OK)
        check_skip(&m);
    return 0;
}
