#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/dns/match.h"
#include "core/netdb/answer.h"
#include "tests/support/dns_build.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/vectors.h"

enum { ROOM = 1 << 18, REPLY = BJ_FLAG_QR | BJ_FLAG_RD | BJ_FLAG_RA };

/* A number, or what it is called. */
static unsigned number_of(const char *text, const char *(*name)(unsigned))
{
    if (text[0] >= '0' && text[0] <= '9')
        return (unsigned)strtoul(text, NULL, 10);
    for (unsigned i = 0; i < 300; i++)
        if (name(i) != NULL && strcmp(name(i), text) == 0)
            return i;
    fail_msg("unknown: %s", text);
    return 0;
}

static size_t hex(const char *text, uint8_t *out)
{
    size_t len = 0;

    for (; text[2 * len] != '\0'; len++) {
        char digits[3] = {text[2 * len], text[2 * len + 1], '\0'};

        out[len] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return len;
}

/* One record as the vectors write it. */
static void add_record(struct bj_build *b, char *text)
{
    char *save;
    const char *section_text = strtok_r(text, " ", &save);
    const char *owner = strtok_r(NULL, " ", &save);
    unsigned type = number_of(strtok_r(NULL, " ", &save), bj_type_text);
    unsigned class_number =
        number_of(strtok_r(NULL, " ", &save), bj_class_text);
    uint32_t ttl = (uint32_t)strtoul(strtok_r(NULL, " ", &save), NULL, 10);
    const char *value = strtok_r(NULL, " ", &save);
    enum bj_section section = section_text[0] == 'n'   ? BJ_SECTION_AUTHORITY
                              : section_text[1] == 'n' ? BJ_SECTION_ANSWER
                                                       : BJ_SECTION_ADDITIONAL;
    uint8_t rdata[64] = {0};

    assert_non_null(value);
    if (type == BJ_TYPE_CNAME || type == BJ_TYPE_PTR) {
        bj_build_name_record(b, section, owner, type, class_number, ttl, value);
    } else if (type == BJ_TYPE_SOA) {
        rdata[21] = (uint8_t)strtoul(value, NULL, 10);
        bj_build_record(b, section, owner, type, class_number, ttl, rdata, 22);
    } else {
        bj_build_record(b, section, owner, type, class_number, ttl, rdata,
                        hex(value, rdata));
    }
}

static void say_texts(char *said, const struct bj_answer *answer)
{
    strcat(said, answer->canonical.text);
    strcat(said, " [");
    for (size_t i = 0; i < answer->alias_count; i++) {
        strcat(said, i > 0 ? " " : "");
        strcat(said, answer->aliases[i].text);
    }
    strcat(said, "]");
}

static void say_addresses(char *said, const struct bj_answer *answer)
{
    for (size_t i = 0; i < answer->address_count; i++) {
        const struct bj_address *a = &answer->addresses[i];
        size_t len = a->family == BJ_FAMILY_IP4 ? 4 : 16;

        strcat(said, " ");
        for (size_t k = 0; k < len; k++)
            (void)sprintf(said + strlen(said), "%02x", a->octets[k]);
        for (size_t k = len; k < 16; k++)
            assert_int_equal(a->octets[k], 0);
        assert_int_equal(a->scope, 0);
    }
}

static const char *status_name(enum bj_status status)
{
    switch (status) {
#define STATUS_NAME(name, text) \
    case name:                  \
        return &#name[sizeof("BJ_") - 1];
        BJ_STATUS_TABLE(STATUS_NAME)
#undef STATUS_NAME
    }
    return "?";
}

static void assert_empty(const struct bj_answer *answer)
{
    struct bj_answer empty = {.ttl = answer->ttl};

    assert_memory_equal(answer, &empty, sizeof(empty));
}

/* What came of it, as the vectors say it. */
static void say(char *said, enum bj_status status,
                const struct bj_answer *answer)
{
    (void)sprintf(said, "%s ", status_name(status));
    if (status == BJ_OK) {
        say_texts(said, answer);
        say_addresses(said, answer);
        strcat(said, " ");
    } else {
        assert_empty(answer);
    }
    if (status == BJ_OK || status == BJ_NONE)
        (void)sprintf(said + strlen(said), "%u", answer->ttl);
    else
        said[strlen(said) - 1] = '\0';
}

static enum bj_status read_message(const uint8_t *bytes, size_t len, void *room,
                                   size_t cap, size_t *needed,
                                   struct bj_answer *answer)
{
    struct bj_answer_scratch *scratch = malloc(sizeof(*scratch));
    struct bj_message m;
    struct bj_arena arena;
    enum bj_status status;

    assert_non_null(scratch);
    memset(scratch, 0xa5, sizeof(*scratch));
    bj_arena_init(&arena, room, cap);
    memset(answer, 0xa5, sizeof(*answer));
    assert_int_equal(bj_message_init(&m, bytes, len), BJ_OK);
    status = bj_answer_read(&m, scratch, &arena, answer);
    *needed = arena.len;
    free(scratch);
    return status;
}

/* The same as a reply to the question that it repeats. */
static enum bj_status read_reply(const uint8_t *bytes, size_t len, void *room,
                                 size_t cap, struct bj_answer *answer)
{
    struct bj_answer_scratch *scratch = malloc(sizeof(*scratch));
    struct bj_query_entropy entropy = {.id = 7};
    struct bj_question question;
    struct bj_query query;
    struct bj_match match;
    struct bj_name name;
    struct bj_message m;
    struct bj_cursor c;
    struct bj_arena arena;
    enum bj_status status;

    assert_non_null(scratch);
    memset(scratch, 0xa5, sizeof(*scratch));
    assert_int_equal(bj_message_init(&m, bytes, len), BJ_OK);
    assert_int_equal(bj_message_question(&m, &question), BJ_OK);
    c = bj_message_cursor(&m, question.name_at);
    assert_int_equal(bj_name_read(&c, &name, NULL), BJ_OK);
    assert_int_equal(
        bj_query_build(&query, &name, question.type, true, &entropy), BJ_OK);
    bj_match_reply(&match, &query, bytes, len);
    assert_int_equal(match.reply, BJ_REPLY_ANSWER);
    bj_arena_init(&arena, room, cap);
    memset(answer, 0xa5, sizeof(*answer));
    status =
        bj_answer_read_reply(&match.message, &query, scratch, &arena, answer);
    free(scratch);
    return status;
}

static size_t build_vector(struct bj_vectors *v, uint8_t *bytes)
{
    struct bj_build b;
    char *save;
    const char *name = strtok_r(v->fields[1], " ", &save);
    unsigned type = number_of(strtok_r(NULL, " ", &save), bj_type_text);

    bj_build_init(&b, bytes, BJ_MESSAGE_MAX, 7, REPLY);
    bj_build_question(&b, name, type);
    for (char *record = strtok_r(v->fields[2], ";", &save); record != NULL;
         record = strtok_r(NULL, ";", &save))
        add_record(&b, record);
    return bj_build_end(&b);
}

static void R05_R06_R07_R08_R14_R26_vectors(void **state)
{
    static uint8_t bytes[BJ_MESSAGE_MAX];
    static char said[4096];
    struct bj_vectors v;

    (void)state;
    bj_vectors_open(&v, "netdb_answer.txt");
    while (bj_vectors_next(&v, 4)) {
        struct bj_guard g = bj_guard_copy(bytes, build_vector(&v, bytes));
        void *room = malloc(ROOM);
        struct bj_answer answer;
        size_t needed;
        enum bj_status status;

        print_message("%s\n", v.fields[0]);
        status = read_message(g.bytes, g.len, room, ROOM, &needed, &answer);
        say(said, status, &answer);
        assert_string_equal(said, v.fields[3]);
        status = read_reply(g.bytes, g.len, room, ROOM, &answer);
        say(said, status, &answer);
        assert_string_equal(said, v.fields[3]);
        free(room);
        bj_guard_free(&g);
    }
}

/* 3 aliases, 2 addresses. */
static size_t build_sample(uint8_t *out)
{
    struct bj_build b;

    bj_build_init(&b, out, BJ_MESSAGE_MAX, 7, REPLY);
    bj_build_question(&b, "www.example.org", BJ_TYPE_A);
    bj_build_name_record(&b, BJ_SECTION_ANSWER, "www.example.org",
                         BJ_TYPE_CNAME, BJ_CLASS_IN, 60, "cdn.example.org");
    bj_build_name_record(&b, BJ_SECTION_ANSWER, "cdn.example.org",
                         BJ_TYPE_CNAME, BJ_CLASS_IN, 50, "edge.example.net");
    bj_build_name_record(&b, BJ_SECTION_ANSWER, "edge.example.net",
                         BJ_TYPE_CNAME, BJ_CLASS_IN, 70, "e7.example.net");
    bj_build_record(&b, BJ_SECTION_ANSWER, "e7.example.net", BJ_TYPE_A,
                    BJ_CLASS_IN, 80, "\x7f\0\0\1", 4);
    bj_build_record(&b, BJ_SECTION_ANSWER, "e7.example.net", BJ_TYPE_A,
                    BJ_CLASS_IN, 80, "\x7f\0\0\2", 4);
    return bj_build_end(&b);
}

static enum bj_status build_answer(const void *context, uint8_t *out,
                                   size_t cap, size_t *needed)
{
    static uint8_t bytes[BJ_MESSAGE_MAX];
    /* The arena is aligned by address: always work in the same place. */
    static uint8_t room[4096] __attribute__((aligned(16)));
    struct bj_answer answer;
    char said[4096];
    enum bj_status status;

    (void)context;
    status =
        read_message(bytes, build_sample(bytes), room,
                     cap < sizeof(room) ? cap : sizeof(room), needed, &answer);
    if (status == BJ_OK && cap >= *needed && cap > 0) {
        say(said, status, &answer);
        memset(out, 0, *needed);
        memcpy(out, said, strlen(said) < *needed ? strlen(said) : *needed);
    } else {
        assert_empty(&answer);
    }
    return status;
}

static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_message m;
    struct bj_answer answer;
    size_t needed;
    void *room = malloc(ROOM);
    enum bj_status status = bj_message_init(&m, bytes, len);

    if (status == BJ_OK)
        status = read_message(bytes, len, room, ROOM, &needed, &answer);
    if (status == BJ_OK && len <= cap) {
        memcpy(out, bytes, len);
        *out_len = len;
    }
    free(room);
    return status;
}

static void properties(void **state)
{
    static uint8_t bytes[BJ_MESSAGE_MAX];

    (void)state;
    bj_property_capacities(build_answer, NULL);
    bj_property_prefixes(reparse, bytes, build_sample(bytes), 0);
}

static void every_pointer_lies_in_the_arena(void **state)
{
    static uint8_t bytes[BJ_MESSAGE_MAX];
    size_t len = build_sample(bytes);

    (void)state;
    for (size_t shift = 0; shift < 16; shift++) {
        struct bj_guard g = bj_guard_end(4096 - shift);
        struct bj_answer answer;
        size_t needed;
        const char *end = (const char *)g.bytes + g.len;

        assert_int_equal(
            read_message(bytes, len, g.bytes, g.len, &needed, &answer), BJ_OK);
        assert_int_equal(answer.address_count, 2);
        assert_int_equal(answer.alias_count, 3);
        assert_int_equal((uintptr_t)answer.addresses % 4, 0);
        assert_int_equal((uintptr_t)answer.aliases % sizeof(void *), 0);
        for (size_t i = 0; i < 3; i++) {
            assert_true(answer.aliases[i].text >= (const char *)g.bytes);
            assert_true(answer.aliases[i].text + answer.aliases[i].len < end);
            assert_int_equal(strlen(answer.aliases[i].text),
                             answer.aliases[i].len);
        }
        bj_guard_free(&g);
    }
}

/* A chain of n aliases in the order that `step` gives (coprime to n). */
static enum bj_status read_chain(size_t n, size_t step, size_t *alias_count)
{
    static uint8_t bytes[BJ_MESSAGE_MAX];
    static uint8_t room[65536];
    struct bj_answer answer;
    struct bj_build b;
    size_t needed;
    char owner[32];
    char target[32];
    enum bj_status status;

    bj_build_init(&b, bytes, sizeof(bytes), 7, REPLY);
    bj_build_question(&b, "n0.org", BJ_TYPE_A);
    (void)snprintf(owner, sizeof(owner), "n%zu.org", n);
    bj_build_record(&b, BJ_SECTION_ANSWER, owner, BJ_TYPE_A, BJ_CLASS_IN, 1,
                    "\1\2\3\4", 4);
    for (size_t i = 0; i < n; i++) {
        size_t k = i * step % n;

        (void)snprintf(owner, sizeof(owner), "n%zu.org", k);
        (void)snprintf(target, sizeof(target), "n%zu.org", k + 1);
        bj_build_name_record(&b, BJ_SECTION_ANSWER, owner, BJ_TYPE_CNAME,
                             BJ_CLASS_IN, 1, target);
    }
    status = read_message(bytes, bj_build_end(&b), room, sizeof(room), &needed,
                          &answer);
    *alias_count = answer.alias_count;
    return status;
}

static void R08_chains_are_bounded(void **state)
{
    size_t aliases;

    (void)state;
    for (size_t step = 1; step < 16; step += 2) {
        assert_int_equal(read_chain(16, step, &aliases), BJ_OK);
        assert_int_equal(aliases, 16);
    }
    assert_int_equal(read_chain(17, 1, &aliases), BJ_LIMIT);
    assert_int_equal(aliases, 0);
    assert_int_equal(read_chain(1000, 1, &aliases), BJ_LIMIT);
}

static enum bj_status read_many(size_t n, unsigned type, size_t *found)
{
    static uint8_t bytes[BJ_MESSAGE_MAX];
    static uint8_t room[ROOM];
    struct bj_answer answer;
    struct bj_build b;
    size_t needed;
    enum bj_status status;

    bj_build_init(&b, bytes, sizeof(bytes), 7, REPLY);
    bj_build_question(&b, "a", type);
    for (size_t i = 0; i < n; i++)
        bj_build_record(&b, BJ_SECTION_ANSWER, "a", type, BJ_CLASS_IN, 1,
                        "\1b\0", type == BJ_TYPE_PTR ? 3 : 4);
    status = read_message(bytes, bj_build_end(&b), room, sizeof(room), &needed,
                          &answer);
    *found = type == BJ_TYPE_PTR ? answer.alias_count : answer.address_count;
    return status;
}

static void R04_many_records(void **state)
{
    size_t found;

    (void)state;
    assert_int_equal(read_many(1, BJ_TYPE_A, &found), BJ_OK);
    assert_int_equal(found, 1);
    assert_int_equal(read_many(63, BJ_TYPE_A, &found), BJ_OK);
    assert_int_equal(found, 63);
    assert_int_equal(read_many(64, BJ_TYPE_A, &found), BJ_OK);
    assert_int_equal(found, 64);
    assert_int_equal(read_many(4000, BJ_TYPE_A, &found), BJ_OK);
    assert_int_equal(found, 4000);
    assert_int_equal(read_many(BJ_PTR_MAX, BJ_TYPE_PTR, &found), BJ_OK);
    assert_int_equal(found, BJ_PTR_MAX - 1);
    assert_int_equal(read_many(BJ_PTR_MAX + 1, BJ_TYPE_PTR, &found), BJ_LIMIT);
    assert_int_equal(read_many(4000, BJ_TYPE_PTR, &found), BJ_LIMIT);
}

/* A reply whose k-th octet group was broken by hand: what is read must be
 * right, what is not read may be anything. */
static void R09_bad_pointers_where_we_look(void **state)
{
    static const char *const broken[] = {
        /* owner of the CNAME: its label is fine, its pointer leads forward
         * from there on */
        "00 07 81 80 00 01 00 01 00*4 01 'a' 00 00 01 00 01"
        " 01 'x' c0 0d 00 05 00 01 00*4 00 02 c0 0c",
        /* owner of the address */
        "00 07 81 80 00 01 00 01 00*4 01 'a' 00 00 01 00 01"
        " 01 'x' c0 0d 00 01 00 01 00*4 00 04 01 02 03 04",
        /* target of the CNAME, which passes its RDLENGTH */
        "00 07 81 80 00 01 00 01 00*4 01 'a' 00 00 01 00 01"
        " c0 0c 00 05 00 01 00*4 00 02 05 'x'",
        /* target of a PTR */
        "00 07 81 80 00 01 00 01 00*4 01 'a' 00 00 0c 00 01"
        " c0 0c 00 0c 00 01 00*4 00 02 c0 1d",
        /* of two CNAMEs at one name the second has no target */
        "00 07 81 80 00 01 00 02 00*4 01 'a' 00 00 01 00 01"
        " c0 0c 00 05 00 01 00*4 00 03 01 'b' 00"
        " c0 0c 00 05 00 01 00*4 00 00",
        /* a record that is cut off behind what we look for */
        "00 07 81 80 00 01 00 02 00*4 01 'a' 00 00 01 00 01"
        " c0 0c 00 01 00 01 00*4 00 04 01 02 03 04 c0",
    };
    uint8_t bytes[256];
    uint8_t room[256];

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        size_t len = bj_vector_octets(broken[i], bytes, sizeof(bytes));
        struct bj_guard g = bj_guard_copy(bytes, len);
        struct bj_answer answer;
        size_t needed;
        enum bj_status status =
            read_message(g.bytes, g.len, room, sizeof(room), &needed, &answer);

        assert_true(status == BJ_BAD || status == BJ_MORE);
        assert_empty(&answer);
        assert_int_equal(answer.ttl, 0);
        bj_guard_free(&g);
    }
}

static void no_question_no_answer(void **state)
{
    static const uint8_t bytes[12] = {0, 7, 0x81, 0x80};
    static const uint8_t cut[12] = {0, 7, 0x81, 0x80, 0, 1};
    struct bj_answer answer;
    size_t needed;

    (void)state;
    assert_int_equal(read_message(bytes, 12, NULL, 0, &needed, &answer),
                     BJ_UNSUPPORTED);
    assert_empty(&answer);
    assert_int_equal(read_message(cut, 12, NULL, 0, &needed, &answer), BJ_MORE);
    assert_empty(&answer);
}

/* Pointers of 14 bits cannot lead to a CNAME's target that stands behind
 * 16 384 octets: what looks like a pointer to it is none. */
static void targets_too_far_for_a_pointer(void **state)
{
    static uint8_t bytes[BJ_MESSAGE_MAX];
    static const uint8_t filler[17000];
    uint8_t room[512];
    struct bj_build b;
    struct bj_answer answer;
    size_t needed;

    (void)state;
    bj_build_init(&b, bytes, sizeof(bytes), 7, REPLY);
    bj_build_question(&b, "a.org", BJ_TYPE_A);
    bj_build_record(&b, BJ_SECTION_ANSWER, "f", 10, BJ_CLASS_IN, 1, filler,
                    sizeof(filler));
    bj_build_name_record(&b, BJ_SECTION_ANSWER, "a.org", BJ_TYPE_CNAME,
                         BJ_CLASS_IN, 1, "b.org");
    bj_build_record(&b, BJ_SECTION_ANSWER, "b.org", BJ_TYPE_A, BJ_CLASS_IN, 1,
                    "\1\2\3\4", 4);
    assert_int_equal(read_message(bytes, bj_build_end(&b), room, sizeof(room),
                                  &needed, &answer),
                     BJ_OK);
    assert_int_equal(answer.address_count, 1);
    assert_string_equal(answer.canonical.text, "b.org");
}

/*
 * An alias behind the addresses makes another name the one that they must
 * have. To match their owners before would be to match all of them twice: so
 * where such an alias is refused, no name has been matched.
 */
static void R10_owners_are_matched_once_the_aliases_are_known(void **state)
{
    static struct bj_answer_scratch scratch;
    enum { NONE_MATCHED = 12345 };
    uint8_t bytes[128];
    uint8_t room[512];

    (void)state;
    for (size_t late = 0; late < 2; late++) {
        struct bj_answer answer;
        struct bj_arena arena;
        struct bj_message m;
        struct bj_build b;

        bj_build_init(&b, bytes, sizeof(bytes), 7, REPLY);
        bj_build_question(&b, "a.org", BJ_TYPE_A);
        bj_build_record(&b, BJ_SECTION_ANSWER, "b.org", BJ_TYPE_A, BJ_CLASS_IN,
                        1, "\1\2\3\4", 4);
        if (late > 0)
            bj_build_name_record(&b, BJ_SECTION_ANSWER, "a.org", BJ_TYPE_CNAME,
                                 BJ_CLASS_IN, 1, "a.org");
        assert_int_equal(bj_message_init(&m, bytes, bj_build_end(&b)), BJ_OK);
        bj_arena_init(&arena, room, sizeof(room));
        scratch.matcher.steps = NONE_MATCHED;
        assert_int_equal(bj_answer_read(&m, &scratch, &arena, &answer),
                         late > 0 ? BJ_BAD : BJ_NONE);
        assert_int_equal(scratch.matcher.steps == NONE_MATCHED, late > 0);
    }
}

/* Aliases that are collected a second time, since the first met a record that is
 * cut off, are not counted twice: what is wrong is the record. */
static void aliases_are_counted_once(void **state)
{
    static struct bj_answer_scratch scratch;
    uint8_t bytes[512];
    uint8_t room[512];
    struct bj_answer answer;
    struct bj_arena arena;
    struct bj_message m;
    struct bj_build b;

    (void)state;
    bj_build_init(&b, bytes, sizeof(bytes), 7, REPLY);
    bj_build_question(&b, "a.org", BJ_TYPE_A);
    bj_build_record(&b, BJ_SECTION_ANSWER, "b.org", BJ_TYPE_A, BJ_CLASS_IN, 1,
                    "\1\2\3\4", 4);
    for (size_t i = 0; i < BJ_CNAME_MAX; i++)
        bj_build_name_record(&b, BJ_SECTION_ANSWER, "a.org", BJ_TYPE_CNAME,
                             BJ_CLASS_IN, 1, "b.org");
    assert_int_equal(bj_message_init(&m, bytes, bj_build_end(&b) - 1), BJ_OK);
    bj_arena_init(&arena, room, sizeof(room));
    assert_int_equal(bj_answer_read(&m, &scratch, &arena, &answer), BJ_MORE);
}

/* An alias is what its RDATA holds, no less and no more: not what is put
 * together from it and the record behind. */
static void an_alias_fills_its_rdata(void **state)
{
    static const struct {
        size_t len;
        enum bj_status status;
    } rows[] = {{2, BJ_BAD}, {4, BJ_NONE}, {5, BJ_BAD}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint8_t bytes[128];
        uint8_t room[512];
        struct bj_answer answer;
        struct bj_build b;
        size_t needed;
        size_t len;

        bj_build_init(&b, bytes, sizeof(bytes), 7, REPLY);
        bj_build_question(&b, "a.org", BJ_TYPE_A);
        bj_build_record(&b, BJ_SECTION_ANSWER, "a.org", BJ_TYPE_CNAME,
                        BJ_CLASS_IN, 1, "\1b\300\14", rows[i].len);
        bj_build_record(&b, BJ_SECTION_ANSWER, "a.org", BJ_TYPE_A, BJ_CLASS_IN,
                        1, "\1\2\3\4", 4);
        len = bj_build_end(&b);
        assert_int_equal(
            read_message(bytes, len, room, sizeof(room), &needed, &answer),
            rows[i].status);
        assert_int_equal(read_reply(bytes, len, room, sizeof(room), &answer),
                         rows[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R05_R06_R07_R08_R14_R26_vectors),
        cmocka_unit_test(properties),
        cmocka_unit_test(every_pointer_lies_in_the_arena),
        cmocka_unit_test(R08_chains_are_bounded),
        cmocka_unit_test(R04_many_records),
        cmocka_unit_test(R09_bad_pointers_where_we_look),
        cmocka_unit_test(no_question_no_answer),
        cmocka_unit_test(targets_too_far_for_a_pointer),
        cmocka_unit_test(R10_owners_are_matched_once_the_aliases_are_known),
        cmocka_unit_test(aliases_are_counted_once),
        cmocka_unit_test(an_alias_fills_its_rdata),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
