/*
 * Reviews a message and prints it, or its fault, in both styles. Oracles: an
 * accepted message prints to the end, no piece is larger than a buffer may
 * be; the text is visible ASCII, with a line for each item that the header
 * counts; the JSON is one value; so is a fault's.
 */
#include "core/records/print.h"
#include "harnesses/harness.h"
#include "harnesses/support/dns_input.h"
#include "harnesses/support/naive_json.h"

enum { ROOM = 4 << 20 };

static uint8_t room[ROOM];

static size_t print_all(enum bj_print_style style, const uint8_t *bytes,
                        size_t size, const struct bj_review *review)
{
    struct bj_print print;
    struct bj_writer w;
    enum bj_status status;

    bj_writer_init(&w, room, sizeof(room));
    bj_print_init(&print, style, bytes, size, review);
    do {
        size_t before = w.len;

        status = bj_print_next(&print, &w);
        BJ_CHECK(w.len - before <= BJ_PRINT_PIECE_MAX, "piece-fits");
    } while (status == BJ_OK);
    BJ_CHECK(status == BJ_NONE, "prints-to-the-end");
    BJ_CHECK(bj_print_next(&print, &w) == BJ_NONE, "end-stays");
    return w.len;
}

static void check_visible(size_t len)
{
    for (size_t i = 0; i < len; i++)
        BJ_CHECK((room[i] >= 32 && room[i] < 127) || room[i] == '\n' ||
                     room[i] == '\t',
                 "only-visible");
}

/* Records are lines that do not begin with a semicolon or are empty;
 * questions begin with a single one and have no blank behind it. */
static void check_lines(const uint8_t *bytes, size_t len)
{
    size_t questions = 0, records = 0, opts = 0;
    size_t wanted = 0;
    uint8_t before = '\n';

    for (size_t i = 0; i < len; before = room[i++]) {
        bool comment = room[i] == ';';

        if (before != '\n' || room[i] == '\n')
            continue;
        records += !comment;
        questions += comment && room[i + 1] != ';' && room[i + 1] != ' ';
        opts += comment && memcmp(room + i, "; EDNS", 6) == 0;
    }
    for (size_t i = 6; i < 12; i += 2)
        wanted += bytes[i] * 256U + bytes[i + 1];
    BJ_CHECK(questions == bytes[4] * 256U + bytes[5], "a-line-a-question");
    BJ_CHECK(records + opts == wanted, "a-line-a-record");
}

static void check_fault(const struct bj_review *review)
{
    struct bj_writer w;

    bj_writer_init(&w, room, sizeof(room));
    bj_print_fault(&w, BJ_PRINT_TEXT, review);
    BJ_CHECK(bj_writer_end(&w) == BJ_OK && room[w.len - 1] == '\n',
             "fault-is-a-line");
    check_visible(w.len);
    bj_writer_init(&w, room, sizeof(room));
    bj_print_fault(&w, BJ_PRINT_JSON, review);
    BJ_CHECK(naive_json_is_value(room, w.len), "fault-is-json");
}

BJ_DNS_INPUT(0);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes;
    struct bj_review review;
    size_t len;

    if (size > 4096) /* 300 owners of four characters an octet: within ROOM */
        size = 4096;
    bytes = bj_exact_copy(data, size);
    if (bj_review_message(bytes, size, &review) != BJ_OK) {
        check_fault(&review);
        free(bytes);
        return 0;
    }
    len = print_all(BJ_PRINT_TEXT, bytes, size, &review);
    check_visible(len);
    check_lines(bytes, len);
    bj_digest(room, len);
    len = print_all(BJ_PRINT_JSON, bytes, size, &review);
    BJ_CHECK(naive_json_is_value(room, len), "message-is-json");
    bj_digest(room, len);
    free(bytes);
    return 0;
}
