#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/writer.h"
#include "core/netdb/local.h"
#include "tests/support/guard.h"

static const struct bj_hash_key key = {{3, 5}};

/* A hosts file with the memory of its index. */
struct file {
    struct bj_hosts hosts;
    uint32_t *words;
};

static struct file open_file(const char *text, size_t len)
{
    struct file file;
    size_t needed;

    (void)!bj_hosts_build(&file.hosts, (const uint8_t *)text, len, &key, NULL,
                          0, &needed);
    file.words = malloc(4 * needed + 1);
    assert_non_null(file.words);
    assert_int_equal(bj_hosts_build(&file.hosts, (const uint8_t *)text, len,
                                    &key, file.words, needed, &needed),
                     BJ_OK);
    return file;
}

static enum bj_status ask(const struct file *file, const char *question,
                          enum bj_family family, struct bj_arena *arena,
                          struct bj_answer *answer)
{
    struct bj_text name = {question, strlen(question)};
    struct bj_address address;
    struct bj_zone zone;

    if (bj_address_parse((const uint8_t *)question, name.len, &address,
                         &zone) == BJ_OK)
        return bj_local_by_address(&file->hosts, &key, &address, arena, answer);
    return bj_local_by_name(&file->hosts, &key, &name, family, arena, answer);
}

static void write_answer(struct bj_writer *w, const struct bj_answer *answer)
{
    bj_writer_text(w, answer->canonical.text);
    for (size_t i = 0; i < answer->alias_count; i++) {
        bj_writer_text(w, i == 0 ? " [" : " ");
        bj_writer_text(w, answer->aliases[i].text);
        assert_int_equal(strlen(answer->aliases[i].text),
                         answer->aliases[i].len);
    }
    bj_writer_text(w, answer->alias_count > 0 ? "]" : "");
    for (size_t i = 0; i < answer->address_count; i++) {
        bj_writer_char(w, ' ');
        bj_address_write(w, &answer->addresses[i]);
    }
}

/* Every capacity up to the one that is enough, both ends fenced; then what
 * the answer is. */
static void answers(const char *text, const char *question,
                    enum bj_family family, const char *wanted)
{
    struct file file = open_file(text, strlen(text));
    struct bj_answer answer, zero;
    struct bj_arena arena;
    enum bj_status status = BJ_SPACE;
    char got[600];
    struct bj_writer w;

    memset(&zero, 0, sizeof(zero));
    for (size_t cap = 0; status == BJ_SPACE; cap++) {
        struct bj_guard memory = bj_guard_end(cap);

        assert_true(cap < 5000);
        bj_arena_init(&arena, cap > 0 ? memory.bytes : NULL, cap);
        status = ask(&file, question, family, &arena, &answer);
        if (status == BJ_SPACE)
            assert_true(arena.len > cap);
        if (status != BJ_OK) {
            assert_memory_equal(&answer, &zero, sizeof(zero));
            bj_guard_free(&memory);
            continue;
        }
        /* Less than cap where the memory happens to be aligned better. */
        assert_true(arena.len <= cap);
        assert_int_equal(answer.ttl, 0);
        bj_writer_init(&w, (uint8_t *)got, sizeof(got));
        write_answer(&w, &answer);
        assert_int_equal(bj_writer_end_text(&w), BJ_OK);
        assert_string_equal(got, wanted);
        bj_guard_free(&memory);
    }
    assert_int_equal(status, wanted == NULL ? BJ_NONE : BJ_OK);
    free(file.words);
}

static const char text[] = "127.0.0.1 localhost\n"
                           "::1 localhost ip6-localhost\n"
                           "192.0.2.1 www.example.com www\n"
                           "192.0.2.2 web.example.com www web\n"
                           "192.0.2.3 www.example.com www\n"
                           "::ffff:192.0.2.4 mapped www\n"
                           "fe80::1%eth0 link\nfe80::2%7 link\n"
                           "192.0.2.1 again\n";

static void by_name(void **state)
{
    (void)state;
    answers(text, "localhost", BJ_FAMILY_ANY,
            "localhost [ip6-localhost] 127.0.0.1 ::1");
    answers(text, "LOCALHOST.", BJ_FAMILY_IP4, "localhost 127.0.0.1");
    answers(text, "www", BJ_FAMILY_IP4,
            "www.example.com [www web.example.com www web www mapped www] "
            "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4");
    answers(text, "www", BJ_FAMILY_IP6, "mapped [www] ::ffff:192.0.2.4");
    answers(text, "link", BJ_FAMILY_ANY, "link fe80::1 fe80::2%7");
    answers(text, "nowhere", BJ_FAMILY_ANY, NULL);
    answers("", "localhost", BJ_FAMILY_ANY, NULL);
}

static void by_address(void **state)
{
    (void)state;
    answers(text, "192.0.2.1", BJ_FAMILY_ANY,
            "www.example.com [www] 192.0.2.1");
    answers(text, "192.0.2.4", BJ_FAMILY_ANY, "mapped [www] 192.0.2.4");
    answers(text, "::1", BJ_FAMILY_ANY, "localhost [ip6-localhost] ::1");
    answers(text, "192.0.2.9", BJ_FAMILY_ANY, NULL);
}

/* As many lines as an answer may have, and one more. */
static void R04_too_many_lines(void **state)
{
    char *lines = malloc((BJ_ANSWER_ADDRESSES_MAX + 1) * 20);
    uint8_t *memory = malloc(1 << 20);
    size_t n = 0;

    (void)state;
    assert_non_null(lines);
    assert_non_null(memory);
    for (unsigned i = 0; i <= BJ_ANSWER_ADDRESSES_MAX; i++) {
        struct bj_answer answer;
        struct bj_arena arena;
        struct file file;

        n += (size_t)sprintf(lines + n, "10.0.%u.%u a\n", i >> 8, i & 255);
        if (i + 1 < BJ_ANSWER_ADDRESSES_MAX)
            continue;
        file = open_file(lines, n);
        bj_arena_init(&arena, memory, 1 << 20);
        assert_int_equal(ask(&file, "a", BJ_FAMILY_IP4, &arena, &answer),
                         i < BJ_ANSWER_ADDRESSES_MAX ? BJ_OK : BJ_LIMIT);
        assert_int_equal(answer.address_count,
                         i < BJ_ANSWER_ADDRESSES_MAX ? i + 1 : 0);
        free(file.words);
    }
    free(lines);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_name),
        cmocka_unit_test(by_address),
        cmocka_unit_test(R04_too_many_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
