/*
 * Writes every question and record of a message as JSON. Oracles: what is
 * written without failure is one value to a naive reading of RFC 8259, in
 * visible ASCII; it is written exactly when the text form is; every
 * capacity gives a prefix or says what it needs.
 */
#include "core/records/json.h"
#include "core/records/text.h"
#include "harnesses/harness.h"
#include "harnesses/support/dns_input.h"
#include "harnesses/support/naive_json.h"

enum { ROOM = 1 << 20 };

static enum bj_status text_status(struct bj_message *m,
                                  const struct bj_record *record)
{
    static uint8_t text[ROOM];
    struct bj_writer w;

    bj_writer_init(&w, text, sizeof(text));
    if (record->type == BJ_TYPE_OPT)
        bj_text_opt(&w, m, record);
    else
        bj_text_record(&w, m, record);
    return bj_writer_end(&w);
}

static void check_record(struct bj_message *m, const struct bj_record *record,
                         uint8_t option)
{
    static uint8_t text[ROOM];
    struct bj_writer w;
    uint8_t *block;
    size_t cap, len;

    bj_writer_init(&w, text, sizeof(text));
    bj_json_record(&w, m, record);
    len = w.len;
    BJ_CHECK(bj_writer_end(&w) == text_status(m, record), "as-the-text-form");
    if (bj_writer_end(&w) != BJ_OK)
        return;
    BJ_CHECK(naive_json_is_value(text, len), "record-is-json");
    cap = len * option / 256;
    block = bj_exact_copy(text, cap);
    bj_writer_init(&w, block, cap);
    bj_json_record(&w, m, record);
    BJ_CHECK(w.len == len &&
                 bj_writer_end(&w) == (cap < len ? BJ_SPACE : BJ_OK),
             "capacity");
    bj_digest(text, len);
    free(block);
}

static void check_question(struct bj_message *m,
                           const struct bj_question *question)
{
    uint8_t text[16384];
    struct bj_writer w;

    bj_writer_init(&w, text, sizeof(text));
    bj_json_question(&w, m, question);
    if (bj_writer_end(&w) == BJ_OK)
        BJ_CHECK(naive_json_is_value(text, w.len), "question-is-json");
    else
        BJ_CHECK(bj_writer_end(&w) == BJ_BAD, "question-room-suffices");
}

BJ_DNS_INPUT(0);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *message = bj_exact_copy(data, size);
    uint8_t option = size > 0 ? data[size - 1] : 0;
    struct bj_message m;
    struct bj_question question;
    struct bj_record record;
    enum bj_status status = bj_message_init(&m, message, size);

    while (status == BJ_OK && bj_message_question(&m, &question) == BJ_OK)
        check_question(&m, &question);
    while (status == BJ_OK && bj_message_record(&m, &record) == BJ_OK)
        check_record(&m, &record, option);
    free(message);
    return 0;
}
