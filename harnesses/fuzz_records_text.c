/*
 * Writes every record of a message as text. Oracles: only visible ASCII,
 * blanks, tabs and one newline at the end; the columns are what they should
 * be, the owner reads back as the same name; quotes close and escapes are
 * whole; RDATA in the generic form and strings read back as they were;
 * every capacity gives a prefix or says what it needs.
 */
#include "core/dns/name.h"
#include "core/records/text.h"
#include "harnesses/harness.h"
#include "harnesses/support/dns_input.h"

enum { ROOM = 1 << 20 };

static void check_characters(const uint8_t *text, size_t len)
{
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        uint8_t ch = text[i];

        BJ_CHECK((ch >= 32 && ch < 127) || ch == '\t' || ch == '\n',
                 "only-visible");
        if (ch == '\\' && text[i + 1] >= '0' && text[i + 1] <= '9') {
            BJ_CHECK(i + 3 < len && (text[i + 1] - '0') * 100 +
                                            (text[i + 2] - '0') * 10 +
                                            text[i + 3] - '0' <
                                        256,
                     "escape-is-an-octet");
            i += 3;
        } else if (ch == '\\') {
            i += 1;
        } else if (ch == '"') {
            quoted = !quoted;
        } else if (ch == '\n') {
            BJ_CHECK(!quoted, "quotes-close");
        }
    }
}

/* The strings of a TXT back from their text. */
static size_t strings_back(const uint8_t *text, size_t len, uint8_t *out)
{
    size_t n = 0, start = 0;
    bool inside = false;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"') {
            if (inside)
                out[start] = (uint8_t)(n - start - 1);
            else
                start = n++;
            inside = !inside;
        } else if (inside && text[i] == '\\' && text[i + 1] >= '0' &&
                   text[i + 1] <= '9') {
            out[n++] = (uint8_t)((text[i + 1] - '0') * 100 +
                                 (text[i + 2] - '0') * 10 + text[i + 3] - '0');
            i += 3;
        } else if (inside) {
            i += text[i] == '\\';
            out[n++] = text[i];
        }
    }
    return n;
}

static size_t generic_back(const uint8_t *text, size_t len, uint8_t *out)
{
    size_t n = 0, at = 3;

    while (at < len && text[at] != ' ')
        at += 1;
    for (at += 1; at + 1 < len; at += 2) {
        char digits[3] = {(char)text[at], (char)text[at + 1], 0};

        out[n++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return n;
}

static void check_rdata(const uint8_t *message, const struct bj_record *record,
                        const uint8_t *text, size_t len)
{
    static uint8_t back[ROOM];
    const uint8_t *rdata = message + record->rdata_at;
    size_t n = record->rdata_len;

    if (len >= 3 && text[0] == '\\' && text[1] == '#') {
        BJ_CHECK(generic_back(text, len, back) == n &&
                     memcmp(back, rdata, n) == 0,
                 "generic-reads-back");
    } else if (record->type == BJ_TYPE_TXT || record->type == BJ_TYPE_SPF) {
        BJ_CHECK(strings_back(text, len, back) == n &&
                     memcmp(back, rdata, n) == 0,
                 "strings-read-back");
    }
}

static void check_line(struct bj_message *m, const uint8_t *message,
                       const struct bj_record *record, const uint8_t *text,
                       size_t len)
{
    struct bj_cursor c = bj_message_cursor(m, record->name_at);
    struct bj_name owner, again;
    const uint8_t *tab = memchr(text, '\t', len);
    size_t column = 0;
    size_t tabs = 0;

    BJ_CHECK(memchr(text, '\n', len) == text + len - 1, "one-line");
    BJ_CHECK(bj_name_read(&c, &owner, NULL) == BJ_OK, "owner-was-read");
    BJ_CHECK(tab != NULL &&
                 bj_name_parse((const char *)text, (size_t)(tab - text), &again,
                               NULL) == BJ_OK &&
                 again.len == owner.len &&
                 memcmp(again.octets, owner.octets, owner.len) == 0,
             "owner-reads-back");
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\t') {
            tabs += 1;
            column = i + 1;
        }
    }
    BJ_CHECK(tabs == 4, "five-columns");
    check_rdata(message, record, text + column, len - column - 1);
}

static void show(struct bj_writer *w, struct bj_message *m,
                 const struct bj_record *record)
{
    if (record->type == BJ_TYPE_OPT)
        bj_text_opt(w, m, record);
    else
        bj_text_record(w, m, record);
}

static void check_capacity(struct bj_message *m, const struct bj_record *record,
                           const uint8_t *text, size_t len, size_t cap)
{
    uint8_t *block = bj_exact_copy(text, cap);
    struct bj_writer w;

    bj_writer_init(&w, block, cap);
    show(&w, m, record);
    BJ_CHECK(w.len == len &&
                 bj_writer_end(&w) == (cap < len ? BJ_SPACE : BJ_OK),
             "capacity");
    free(block);
}

static void check_record(struct bj_message *m, const uint8_t *message,
                         const struct bj_record *record, uint8_t option)
{
    static uint8_t text[ROOM];
    struct bj_writer w;

    bj_writer_init(&w, text, sizeof(text));
    show(&w, m, record);
    BJ_CHECK(bj_writer_end(&w) == BJ_OK || bj_writer_end(&w) == BJ_BAD,
             "room-suffices");
    if (bj_writer_end(&w) != BJ_OK) {
        BJ_CHECK(m->fault.kind != BJ_FAULT_NONE || record->type == BJ_TYPE_OPT,
                 "refusal-has-a-fault");
        m->fault = (struct bj_fault){0};
        return;
    }
    check_characters(text, w.len);
    if (record->type != BJ_TYPE_OPT)
        check_line(m, message, record, text, w.len);
    check_capacity(m, record, text, w.len, w.len * option / 256);
    check_capacity(m, record, text, w.len, w.len);
    bj_digest(text, w.len);
}

BJ_DNS_INPUT(0);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *message = bj_exact_copy(data, size);
    uint8_t option = size > 0 ? data[size - 1] : 0;
    struct bj_message m;
    struct bj_record record;
    enum bj_status status = bj_message_init(&m, message, size);

    while (status == BJ_OK && bj_message_record(&m, &record) == BJ_OK)
        check_record(&m, message, &record, option);
    free(message);
    return 0;
}
