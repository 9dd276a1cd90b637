#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/dns/message.h"
#include "core/dns/name.h"
#include "tests/support/dns.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/vectors.h"

/* Reads all of it and says what came of it, as the vectors do. */
static enum bj_status read_all(struct bj_message *m, char *said, size_t cap)
{
    unsigned counts[4] = {0, 0, 0, 0};
    struct bj_question question;
    struct bj_record record;
    enum bj_status status = bj_message_question(m, &question);

    for (; status == BJ_OK; status = bj_message_question(m, &question))
        counts[BJ_SECTION_QUESTION]++;
    if (status == BJ_NONE)
        do {
            status = bj_message_record(m, &record);
            counts[record.section] += status == BJ_OK;
        } while (status == BJ_OK);
    if (status == BJ_NONE)
        (void)snprintf(said, cap, "%u %u %u %u", counts[0], counts[1],
                       counts[2], counts[3]);
    else
        (void)snprintf(said, cap, "!%s %zu", bj_test_rule(m->fault.kind),
                       m->fault.at);
    assert_true(status == BJ_NONE || status == bj_fault_status(m->fault.kind));
    assert_int_equal(bj_message_record(m, &record), status);
    assert_int_equal(record.type, 0);
    return status;
}

static void R09_R11_R14_R16_R26_vectors(void **state)
{
    static uint8_t octets[BJ_VECTOR_LINE];
    struct bj_vectors v;

    (void)state;
    bj_vectors_open(&v, "dns_message.txt");
    while (bj_vectors_next(&v, 3)) {
        size_t len = bj_vector_octets(v.fields[1], octets, sizeof(octets));
        struct bj_guard g = bj_guard_copy(octets, len);
        struct bj_message m;
        char said[64];
        enum bj_status status;

        print_message("%s\n", v.fields[0]);
        status = bj_message_init(&m, g.bytes, g.len);
        assert_int_equal(status, len < 12 ? BJ_MORE : BJ_OK);
        (void)read_all(&m, said, sizeof(said));
        assert_string_equal(said, v.fields[2]);
        bj_guard_free(&g);
    }
}

/* Writes a message back from what was read of it, names uncompressed. */
static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_message m;
    struct bj_question question;
    struct bj_record record;
    struct bj_name name;
    struct bj_cursor c;
    struct bj_writer w;
    enum bj_status status = bj_message_init(&m, bytes, len);

    if (status != BJ_OK)
        return status;
    bj_writer_init(&w, out, cap);
    bj_writer_u16(&w, m.id);
    bj_writer_u16(&w, m.flags);
    for (size_t i = 0; i < 4; i++)
        bj_writer_u16(&w, m.counts[i]);
    while (bj_message_question(&m, &question) == BJ_OK) {
        c = bj_message_cursor(&m, question.name_at);
        if (bj_name_read(&c, &name, NULL) != BJ_OK)
            return BJ_BUG;
        bj_name_write(&w, &name);
        bj_writer_u16(&w, question.type);
        bj_writer_u16(&w, question.class_number);
    }
    for (status = bj_message_record(&m, &record); status == BJ_OK;
         status = bj_message_record(&m, &record)) {
        c = bj_message_cursor(&m, record.name_at);
        if (bj_name_read(&c, &name, NULL) != BJ_OK)
            return BJ_BUG;
        bj_name_write(&w, &name);
        bj_writer_u16(&w, record.type);
        bj_writer_u16(&w, record.class_number);
        bj_writer_u32(&w, record.ttl);
        bj_writer_u16(&w, record.rdata_len);
        c = bj_message_rdata(&m, &record);
        bj_writer_bytes(&w, bj_cursor_bytes(&c, record.rdata_len),
                        record.rdata_len);
    }
    *out_len = w.len;
    return status == BJ_NONE ? bj_writer_end(&w) : status;
}

static void properties(void **state)
{
    static const char compressed[] =
        "'id' 81 80 00 01 00 01 00 00 00 01 01 'a' 00 00 01 00 01"
        " c0 0c 00 01 00 01 00 00 01 00 00 04 7f 00 00 01"
        " 00 00 29 04 d0 00*4 00 00";
    static const char plain[] =
        "'id' 81 80 00 01 00 01 00 00 00 01 01 'a' 00 00 01 00 01"
        " 01 'a' 00 00 01 00 01 00 00 01 00 00 04 7f 00 00 01"
        " 00 00 29 04 d0 00*4 00 00";
    uint8_t bytes[128];
    uint8_t canonical[128];
    size_t len = bj_vector_octets(compressed, bytes, sizeof(bytes));
    size_t canonical_len = bj_vector_octets(plain, canonical, 128);

    (void)state;
    bj_property_prefixes(reparse, bytes, len, 0);
    bj_property_canonical(reparse, bytes, len, canonical, canonical_len);
}

static void flags_are_where_the_rfc_says(void **state)
{
    static const uint8_t bytes[12] = {0, 7, 0xa5, 0x93};
    struct bj_message m;

    (void)state;
    assert_int_equal(bj_message_init(&m, bytes, sizeof(bytes)), BJ_OK);
    assert_int_equal(m.id, 7);
    assert_int_equal(m.flags & BJ_FLAG_QR, BJ_FLAG_QR);
    assert_int_equal(bj_message_opcode(&m), BJ_OPCODE_NOTIFY);
    assert_int_equal(m.flags & BJ_FLAG_AA, BJ_FLAG_AA);
    assert_int_equal(m.flags & BJ_FLAG_TC, 0);
    assert_int_equal(m.flags & BJ_FLAG_RD, BJ_FLAG_RD);
    assert_int_equal(m.flags & BJ_FLAG_RA, BJ_FLAG_RA);
    assert_int_equal(m.flags & BJ_FLAG_Z, 0);
    assert_int_equal(m.flags & BJ_FLAG_AD, 0);
    assert_int_equal(m.flags & BJ_FLAG_CD, BJ_FLAG_CD);
    assert_int_equal(bj_message_rcode(&m), BJ_RCODE_NXDOMAIN);
}

static void R04_every_number_of_records(void **state)
{
    static uint8_t bytes[BJ_MESSAGE_MAX];
    static const unsigned counts[] = {0, 1, 63, 64, 4000, 5956};

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        struct bj_message m;
        char said[64];
        char expected[64];
        size_t len = 12 + 11 * (size_t)counts[i];

        /* Zeros: the root as owner, type, class and TTL 0, no RDATA. */
        memset(bytes, 0, sizeof(bytes));
        bytes[6] = (uint8_t)(counts[i] / 256);
        bytes[7] = (uint8_t)(counts[i] % 256);
        (void)snprintf(expected, sizeof(expected), "0 %u 0 0", counts[i]);
        assert_int_equal(bj_message_init(&m, bytes, len), BJ_OK);
        assert_int_equal(read_all(&m, said, sizeof(said)), BJ_NONE);
        assert_string_equal(said, expected);
        /* One more than there are. */
        bytes[6] = (uint8_t)((counts[i] + 1) / 256);
        bytes[7] = (uint8_t)((counts[i] + 1) % 256);
        assert_int_equal(bj_message_init(&m, bytes, len), BJ_OK);
        assert_int_equal(read_all(&m, said, sizeof(said)), BJ_MORE);
    }
}

static void R03_messages_of_65535_and_more(void **state)
{
    uint8_t *bytes = calloc(1, BJ_MESSAGE_MAX + 1);
    struct bj_message m;
    struct bj_record record;
    size_t sizes[] = {2048, 2049, 4096, 4097, BJ_MESSAGE_MAX};

    (void)state;
    assert_non_null(bytes);
    bytes[7] = 1;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        size_t rdata_len = sizes[i] - 12 - 11;

        bytes[12 + 9] = (uint8_t)(rdata_len / 256);
        bytes[12 + 10] = (uint8_t)(rdata_len % 256);
        assert_int_equal(bj_message_init(&m, bytes, sizes[i]), BJ_OK);
        assert_int_equal(bj_message_record(&m, &record), BJ_OK);
        assert_int_equal(record.rdata_len, rdata_len);
        assert_int_equal(bj_message_record(&m, &record), BJ_NONE);
    }
    assert_int_equal(bj_message_init(&m, bytes, BJ_MESSAGE_MAX + 1), BJ_LIMIT);
    assert_int_equal(m.fault.kind, BJ_FAULT_TOO_LONG);
    assert_int_equal(bj_message_record(&m, &record), BJ_LIMIT);
    free(bytes);
}

static void questions_come_before_records(void **state)
{
    uint8_t bytes[128];
    size_t len =
        bj_vector_octets("'id' 81 80 00 01 00 01 00*4 01 'a' 00 00 01 00 01"
                         " c0 0c 00 05 00 01 00 00 01 00 00 02 c0 0c",
                         bytes, sizeof(bytes));
    struct bj_message m;
    struct bj_question question;
    struct bj_record record;
    struct bj_cursor c;

    (void)state;
    assert_int_equal(bj_message_init(&m, bytes, len), BJ_OK);
    /* Passed over unread, then too late to ask for. */
    assert_int_equal(bj_message_record(&m, &record), BJ_OK);
    assert_int_equal(record.section, BJ_SECTION_ANSWER);
    assert_int_equal(record.name_at, 19);
    assert_int_equal(record.ttl, 256);
    assert_int_equal(record.rdata_at, 31);
    assert_int_equal(bj_message_question(&m, &question), BJ_NONE);
    c = bj_message_rdata(&m, &record);
    assert_int_equal(c.pos, 31);
    assert_int_equal(bj_cursor_u16(&c), 0xc00c);
    assert_int_equal(bj_cursor_end(&c), BJ_OK);
    /* A record that nobody read is within no message. */
    record.rdata_len = 3;
    c = bj_message_rdata(&m, &record);
    assert_int_equal(c.status, BJ_MORE);
    c = bj_message_cursor(&m, len + 1);
    assert_int_equal(c.status, BJ_MORE);
}

/* The next question, and its name as a host name; *len 0 if it is none. */
static enum bj_status host_question(struct bj_message *m,
                                    struct bj_question *question, char *text,
                                    size_t *len)
{
    enum bj_status status = bj_message_question(m, question);
    struct bj_cursor c = bj_message_cursor(m, question->name_at);

    *len = status == BJ_OK ? bj_name_read_host(&c, text) : 0;
    return status;
}

static void a_question_is_spelled_if_it_is_a_host_name(void **state)
{
    uint8_t bytes[64];
    size_t len = bj_vector_octets("'id' 81 80 00 02 00 00 00*4"
                                  " 02 'aB' 00 00 01 00 01"
                                  " 02 'a/' 00 00 0c 00 03",
                                  bytes, sizeof(bytes));
    char text[BJ_HOST_TEXT_MAX];
    struct bj_message m;
    struct bj_question question;
    size_t text_len;

    (void)state;
    assert_int_equal(bj_message_init(&m, bytes, len), BJ_OK);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(host_question(&m, &question, text, &text_len), BJ_OK);
        assert_int_equal(text_len, 2);
        assert_string_equal(text, "ab");
        assert_int_equal(question.type, BJ_TYPE_A);
        assert_int_equal(host_question(&m, &question, text, &text_len), BJ_OK);
        assert_int_equal(text_len, 0);
        assert_int_equal(question.name_at, 20);
        assert_int_equal(question.class_number, BJ_CLASS_CH);
        assert_int_equal(host_question(&m, &question, text, &text_len),
                         BJ_NONE);
        bj_message_rewind(&m);
    }
    /* The second cut off behind its name. */
    assert_int_equal(bj_message_init(&m, bytes, len - 4), BJ_OK);
    bj_message_pass_question(&m, 8);
    assert_int_equal(host_question(&m, &question, text, &text_len), BJ_MORE);
    assert_int_equal(m.fault.at, 20);
    assert_int_equal(bj_message_skip_questions(&m), BJ_MORE);
}

/* Two answers, one of them no plain record; authority; OPT. */
static const char sections[] =
    "'id' 81 80 00 01 00 02 00 01 00 01 01 'a' 00 00 01 00 01"
    " c0 0c 00 01 00 01 00 00 01 00 00 04 7f 00 00 01"
    " 01 'b' c0 0c 00 05 00 01 00 00 01 00 00 02 c0 0c"
    " c0 0c 00 01 00 01 00 00 02 00 00 04 7f 00 00 02"
    " 00 00 29 04 d0 00*4 00 00";

static void records_are_found_by_type(void **state)
{
    uint8_t bytes[128];
    size_t len = bj_vector_octets(sections, bytes, sizeof(bytes));
    struct bj_message m;
    struct bj_record record;
    size_t at;

    (void)state;
    assert_int_equal(bj_message_init(&m, bytes, len), BJ_OK);
    assert_int_equal(bj_message_find(&m, BJ_TYPE_CNAME, &record), BJ_OK);
    assert_int_equal(record.section, BJ_SECTION_ANSWER);
    assert_int_equal(record.owner_at, 0);
    assert_int_equal(bj_message_find(&m, BJ_TYPE_A, &record), BJ_OK);
    assert_int_equal(record.section, BJ_SECTION_AUTHORITY);
    assert_int_equal(record.owner_at, 12);
    assert_int_equal(bj_message_find(&m, BJ_TYPE_OPT, &record), BJ_OK);
    assert_int_equal(record.section, BJ_SECTION_ADDITIONAL);
    assert_int_equal(bj_message_find(&m, BJ_TYPE_OPT, &record), BJ_NONE);
    bj_message_rewind(&m);
    assert_int_equal(bj_message_skip_questions(&m), BJ_OK);
    assert_int_equal(m.section, BJ_SECTION_ANSWER);
    assert_int_equal(m.left, 2);
    at = m.at.pos;
    assert_int_equal(bj_message_record_at(&m, &at, &record, NULL), BJ_OK);
    assert_int_equal(record.type, BJ_TYPE_A);
    assert_int_equal(bj_message_record_at(&m, &at, &record, NULL), BJ_OK);
    assert_int_equal(record.type, BJ_TYPE_CNAME);
    assert_int_equal(record.name_at, 35);
    /* What is sought does not hide what is wrong before it. */
    bytes[36 + 12] = 9;
    assert_int_equal(bj_message_init(&m, bytes, len), BJ_OK);
    assert_int_not_equal(bj_message_find(&m, BJ_TYPE_OPT, &record), BJ_OK);
    assert_int_not_equal(m.fault.kind, BJ_FAULT_NONE);
    assert_int_equal(record.type, 0);
}

static void others_are_passed_over_as_far_as_all_is_plain(void **state)
{
    uint8_t bytes[128];
    size_t len = bj_vector_octets(sections, bytes, sizeof(bytes));
    struct bj_message m;

    (void)state;
    assert_int_equal(bj_message_init(&m, bytes, len), BJ_OK);
    /* Questions are not records. */
    bj_message_pass_others(&m, BJ_TYPE_CNAME);
    assert_int_equal(m.at.pos, 12);
    assert_int_equal(bj_message_skip_questions(&m), BJ_OK);
    /* Not what is sought. */
    bj_message_pass_others(&m, BJ_TYPE_A);
    assert_int_equal(m.at.pos, 19);
    assert_int_equal(m.left, 2);
    /* Not the second, whose owner is more than a pointer. */
    bj_message_pass_others(&m, BJ_TYPE_AAAA);
    assert_int_equal(m.at.pos, 35);
    assert_int_equal(m.left, 1);
    /* With a pointer alone as owner: to the end of the section. */
    memmove(bytes + 35, bytes + 37, len - 37);
    assert_int_equal(bj_message_init(&m, bytes, len - 2), BJ_OK);
    assert_int_equal(bj_message_skip_questions(&m), BJ_OK);
    bj_message_pass_others(&m, BJ_TYPE_AAAA);
    assert_int_equal(m.at.pos, 49);
    assert_int_equal(m.left, 0);
    assert_int_equal(m.section, BJ_SECTION_ANSWER);
    /* Not what points to itself. */
    bytes[35 + 1] = 35;
    assert_int_equal(bj_message_init(&m, bytes, len - 2), BJ_OK);
    assert_int_equal(bj_message_skip_questions(&m), BJ_OK);
    bj_message_pass_others(&m, BJ_TYPE_AAAA);
    assert_int_equal(m.at.pos, 35);
    assert_int_equal(m.left, 1);
    bytes[35 + 1] = BJ_HEADER_LEN;
    /* Not OPT, and not what is cut off. */
    bytes[35 + 3] = BJ_TYPE_OPT;
    for (size_t cut = 0; cut < 2; cut++) {
        assert_int_equal(bj_message_init(&m, bytes, cut > 0 ? 34 : len - 2),
                         BJ_OK);
        assert_int_equal(bj_message_skip_questions(&m), BJ_OK);
        bj_message_pass_others(&m, BJ_TYPE_AAAA);
        assert_int_equal(m.at.pos, cut > 0 ? 19 : 35);
        assert_int_equal(m.left, cut > 0 ? 2 : 1);
        assert_int_equal(m.at.status, BJ_OK);
    }
}

static void every_fault_has_status_text_and_clause(void **state)
{
    static const enum bj_fault_kind kinds[] = {
#define KIND(name, status, text, clause) name,
        BJ_FAULT_TABLE(KIND)
#undef KIND
    };

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        assert_true(strlen(bj_fault_text(kinds[i])) > 0);
        assert_int_equal(bj_fault_status(kinds[i]) == BJ_OK,
                         kinds[i] == BJ_FAULT_NONE);
        assert_int_equal(strlen(bj_fault_clause(kinds[i])) == 0,
                         kinds[i] == BJ_FAULT_NONE);
    }
    assert_int_equal(bj_fault_status((enum bj_fault_kind)999), BJ_BUG);
    assert_string_equal(bj_fault_text((enum bj_fault_kind)999),
                        "unknown fault");
    assert_string_equal(bj_fault_clause((enum bj_fault_kind)999), "");
}

static void the_first_fault_stays(void **state)
{
    struct bj_fault fault = {BJ_FAULT_NONE, 0};

    (void)state;
    assert_int_equal(bj_fault_note(&fault, BJ_FAULT_CUT, 7), BJ_MORE);
    assert_int_equal(bj_fault_note(&fault, BJ_FAULT_TRAILING, 9), BJ_BAD);
    assert_int_equal(fault.kind, BJ_FAULT_CUT);
    assert_int_equal(fault.at, 7);
    assert_int_equal(bj_fault_note(NULL, BJ_FAULT_TOO_LONG, 0), BJ_LIMIT);
}

/* How many numbers have a mnemonic, none of them empty. */
static size_t count_mnemonics(const char *(*text)(unsigned))
{
    size_t count = 0;

    for (unsigned i = 0; i <= 65536; i++)
        if (text(i) != NULL) {
            assert_true(strlen(text(i)) > 0);
            count++;
        }
    return count;
}

static void numbers_have_mnemonics(void **state)
{
#define COUNT_ROW(name, number) +1
    (void)state;
    assert_int_equal(count_mnemonics(bj_type_text), 0 BJ_TYPE_TABLE(COUNT_ROW));
    assert_int_equal(count_mnemonics(bj_class_text),
                     0 BJ_CLASS_TABLE(COUNT_ROW));
    assert_int_equal(count_mnemonics(bj_opcode_text),
                     0 BJ_OPCODE_TABLE(COUNT_ROW));
    assert_int_equal(count_mnemonics(bj_rcode_text),
                     0 BJ_RCODE_TABLE(COUNT_ROW));
#undef COUNT_ROW
    assert_string_equal(bj_type_text(28), "AAAA");
    assert_string_equal(bj_type_text(10), "NULL");
    assert_string_equal(bj_class_text(1), "IN");
    assert_string_equal(bj_rcode_text(3), "NXDOMAIN");
    assert_string_equal(bj_section_text(BJ_SECTION_ANSWER), "answer");
    assert_string_equal(bj_section_text((enum bj_section)4), "no section");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R09_R11_R14_R16_R26_vectors),
        cmocka_unit_test(properties),
        cmocka_unit_test(flags_are_where_the_rfc_says),
        cmocka_unit_test(R04_every_number_of_records),
        cmocka_unit_test(R03_messages_of_65535_and_more),
        cmocka_unit_test(questions_come_before_records),
        cmocka_unit_test(a_question_is_spelled_if_it_is_a_host_name),
        cmocka_unit_test(records_are_found_by_type),
        cmocka_unit_test(others_are_passed_over_as_far_as_all_is_plain),
        cmocka_unit_test(every_fault_has_status_text_and_clause),
        cmocka_unit_test(the_first_fault_stays),
        cmocka_unit_test(numbers_have_mnemonics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
