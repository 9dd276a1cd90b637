#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes/limits.h"
#include "core/bytes/writer.h"
#include "core/config/hosts.h"
#include "tests/support/guard.h"
#include "tests/support/properties.h"
#include "tests/support/vectors.h"

static const struct bj_hash_key key = {{UINT64_C(0xfedcba9876543210), 7}};

/* An index over exactly the words it asks for, a fence behind them. */
static struct bj_guard build(struct bj_hosts *hosts, const uint8_t *text,
                             size_t len)
{
    struct bj_guard words;
    size_t needed = 0;
    size_t again = 0;
    enum bj_status status =
        bj_hosts_build(hosts, text, len, &key, NULL, 0, &needed);

    assert_int_equal(status, needed > 0 ? BJ_SPACE : BJ_OK);
    words = bj_guard_end(4 * needed);
    memset(words.bytes, 0xa5, words.len);
    assert_int_equal(
        bj_hosts_build(hosts, text, len, &key,
                       needed > 0 ? (uint32_t *)(void *)words.bytes : NULL,
                       needed, &again),
        BJ_OK);
    assert_int_equal(again, needed);
    return words;
}

static void write_line(struct bj_writer *w, struct bj_hosts_line *line)
{
    struct bj_field name;

    bj_address_write(w, &line->address);
    if (line->zone.len > 0) {
        bj_writer_char(w, '%');
        bj_writer_bytes(w, line->zone.text, line->zone.len);
    }
    while (bj_hosts_name(line, &name)) {
        bj_writer_char(w, ' ');
        bj_writer_bytes(w, name.text, name.len);
    }
    bj_writer_char(w, '\n');
}

/* All lines with the name "x", which every line of these texts has. */
static enum bj_status reparse(const uint8_t *bytes, size_t len, uint8_t *out,
                              size_t cap, size_t *out_len)
{
    struct bj_hosts hosts;
    struct bj_guard words = build(&hosts, bytes, len);
    struct bj_hosts_walk walk;
    struct bj_hosts_line line;
    struct bj_writer w;

    bj_writer_init(&w, out, cap);
    bj_hosts_find_name(&hosts, &key, (const uint8_t *)"x", 1, BJ_FAMILY_ANY,
                       &walk);
    while (bj_hosts_next(&walk, &line))
        write_line(&w, &line);
    bj_guard_free(&words);
    *out_len = w.len;
    return bj_writer_end(&w);
}

static void reads(const char *text, size_t len, const char *wanted)
{
    bj_property_canonical(reparse, text, len, wanted, strlen(wanted));
    bj_property_prefixes(reparse, text, len, 1);
}

#define READS(text, wanted) reads(text, sizeof(text) - 1, wanted)

static void lines(void **state)
{
    (void)state;
    READS("", "");
    READS("127.0.0.1\tx localhost\n", "127.0.0.1 x localhost\n");
    READS("# c\n\n 10.0.0.1 x # y\n::1 y x#z", "10.0.0.1 x\n::1 y x\n");
    READS("10.0.0.1 a x\r\n10.0.0.2 X\r\n", "10.0.0.1 a x\n10.0.0.2 X\n");
    READS("fe80::1%eth0 x\nfe80::2%7 x\n", "fe80::1%eth0 x\nfe80::2%7 x\n");
    READS("2001:DB8:0::1 x\n", "2001:db8::1 x\n");
    READS("10.0.0.1 x. y.\n", "10.0.0.1 x y\n");
}

static void R30_missing_fields(void **state)
{
    (void)state;
    READS("10.0.0.1\n10.0.0.1 \nx\nx 10.0.0.1\n", "");
    READS("10.0.0.1 # x\n#10.0.0.1 x\n", "");
    READS("10.0.0.1\0 x\n\0 10.0.0.1 x\n10.0.0.2 x\0y\n", "10.0.0.2 x\n");
}

/* Addresses are inet_pton's, and nothing else is one. */
static void R27_addresses_are_strict(void **state)
{
    (void)state;
    READS("10.1 x\n010.0.0.1 x\n0x7f.0.0.1 x\n10.0.0.1.1 x\n256.0.0.1 x\n"
          "1 x\n10.0.0.1/8 x\n10.0.0.1: x\n",
          "");
    READS(":::1 x\n1:2:3:4:5:6:7:8:9 x\n::1% x\nfe80::1%0123456789abcdef x\n"
          "[::1] x\n10.0.0.1%eth0 x\n::1%99999999999 x\n",
          "");
}

/* Names that are no host names are not handed out; the rest of the line is. */
static void R07_names_are_host_names(void **state)
{
    char text[400];

    (void)state;
    READS("10.0.0.1 x a;b a/b a<b a\\b \x80 a\x7f $(a) a..b .a a.-b -a\n",
          "10.0.0.1 x\n");
    READS("10.0.0.1 -bad good x\n", "10.0.0.1 good x\n");
    READS("10.0.0.1 x 10.0.0.2 7 a.7 7.a a_b a- . ..\n",
          "10.0.0.1 x 7.a a_b a-\n");
    /* A label of 63 is one, of 64 is none. */
    strcpy(text, "10.0.0.1 x ");
    memset(text + 11, 'a', 63);
    strcpy(text + 74, "\n");
    reads(text, 75, text);
    memset(text + 11, 'a', 64);
    strcpy(text + 75, "\n");
    reads(text, 76, "10.0.0.1 x\n");
}

/* 253 octets of name are one, 254 are none; a final dot does not count. */
static void R12_longest_name(void **state)
{
    char text[300], wanted[300];

    (void)state;
    for (size_t len = 252; len <= 255; len++) {
        strcpy(text, "10.0.0.1 x ");
        for (size_t i = 0; i < len; i++)
            text[11 + i] = i % 50 == 49 ? '.' : 'a';
        strcpy(text + 11 + len, "\n");
        strcpy(wanted, len <= 253 ? text : "10.0.0.1 x\n");
        reads(text, 12 + len, wanted);
        strcpy(text + 11 + len, ".\n");
        reads(text, 13 + len, wanted);
    }
}

static void finds(const struct bj_hosts *hosts, const char *name,
                  enum bj_family family, const char *wanted)
{
    struct bj_guard input = bj_guard_copy(name, strlen(name));
    struct bj_hosts_walk walk;
    struct bj_hosts_line line;
    char got[400];
    struct bj_writer w;

    bj_writer_init(&w, (uint8_t *)got, sizeof(got));
    bj_hosts_find_name(hosts, &key, input.bytes, input.len, family, &walk);
    while (bj_hosts_next(&walk, &line))
        write_line(&w, &line);
    assert_int_equal(line.address.family, BJ_FAMILY_ANY);
    assert_int_equal(line.names.len, 0);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    assert_string_equal(got, wanted);
    bj_guard_free(&input);
}

static void finds_address(const struct bj_hosts *hosts, const char *address,
                          const char *wanted)
{
    struct bj_hosts_walk walk;
    struct bj_hosts_line line;
    struct bj_address wire;
    struct bj_zone zone;
    struct bj_writer w;
    char got[400];

    bj_writer_init(&w, (uint8_t *)got, sizeof(got));
    assert_int_equal(bj_address_parse((const uint8_t *)address, strlen(address),
                                      &wire, &zone),
                     BJ_OK);
    bj_hosts_find_address(hosts, &key, &wire, &walk);
    while (bj_hosts_next(&walk, &line))
        write_line(&w, &line);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    assert_string_equal(got, wanted);
}

static const char file[] = "127.0.0.1 localhost\n"
                           "::1 localhost ip6-localhost\n"
                           "192.0.2.1 www.example.com www\n"
                           "192.0.2.2 WWW.Example.COM\n"
                           "::ffff:192.0.2.3 www.example.com mapped\n"
                           "fe80::1%2 link\n"
                           "fe80::1%eth1 link1\n"
                           "2001:db8::1 www.example.com\n"
                           "192.0.2.1 again";

static void name_to_addresses(void **state)
{
    struct bj_guard text = bj_guard_copy(file, sizeof(file) - 1);
    struct bj_hosts hosts;
    struct bj_guard words = build(&hosts, text.bytes, text.len);

    (void)state;
    finds(&hosts, "localhost", BJ_FAMILY_ANY,
          "127.0.0.1 localhost\n::1 localhost ip6-localhost\n");
    finds(&hosts, "LOCALHOST.", BJ_FAMILY_IP4, "127.0.0.1 localhost\n");
    finds(&hosts, "ip6-localhost", BJ_FAMILY_IP4, "");
    finds(&hosts, "www.EXAMPLE.com", BJ_FAMILY_IP4,
          "192.0.2.1 www.example.com www\n192.0.2.2 WWW.Example.COM\n"
          "192.0.2.3 www.example.com mapped\n");
    finds(&hosts, "www.example.com", BJ_FAMILY_IP6,
          "::ffff:192.0.2.3 www.example.com mapped\n"
          "2001:db8::1 www.example.com\n");
    finds(&hosts, "mapped", BJ_FAMILY_ANY,
          "::ffff:192.0.2.3 www.example.com mapped\n");
    finds(&hosts, "www.example", BJ_FAMILY_ANY, "");
    finds(&hosts, "", BJ_FAMILY_ANY, "");
    finds(&hosts, ".", BJ_FAMILY_ANY, "");
    finds(&hosts, "www..", BJ_FAMILY_ANY, "");
    bj_guard_free(&words);
    bj_guard_free(&text);
}

static void address_to_names(void **state)
{
    struct bj_guard text = bj_guard_copy(file, sizeof(file) - 1);
    struct bj_hosts hosts;
    struct bj_guard words = build(&hosts, text.bytes, text.len);
    struct bj_hosts_walk walk;
    struct bj_hosts_line line;
    struct bj_address none = {.family = BJ_FAMILY_ANY};

    (void)state;
    finds_address(&hosts, "192.0.2.1",
                  "192.0.2.1 www.example.com www\n192.0.2.1 again\n");
    finds_address(&hosts, "192.0.2.9", "");
    finds_address(&hosts, "::1", "::1 localhost ip6-localhost\n");
    /* R30: as in glibc a mapped line answers for both forms, but a plain
     * IPv4 line does not answer for a mapped address. */
    finds_address(&hosts, "192.0.2.3", "192.0.2.3 www.example.com mapped\n");
    finds_address(&hosts, "::ffff:192.0.2.3",
                  "::ffff:192.0.2.3 www.example.com mapped\n");
    finds_address(&hosts, "::ffff:192.0.2.2", "");
    finds_address(&hosts, "fe80::1", "fe80::1%2 link\nfe80::1%eth1 link1\n");
    finds_address(&hosts, "fe80::1%2", "fe80::1%2 link\nfe80::1%eth1 link1\n");
    finds_address(&hosts, "fe80::1%3", "fe80::1%eth1 link1\n");
    bj_hosts_find_address(&hosts, &key, &none, &walk);
    assert_false(bj_hosts_next(&walk, &line));
    bj_guard_free(&words);
    bj_guard_free(&text);
}

static void R30_duplicates(void **state)
{
    static const char text[] = "10.0.0.1 a a A a.\n10.0.0.1 a\n10.0.0.1 a b\n";
    struct bj_hosts hosts;
    struct bj_guard words =
        build(&hosts, (const uint8_t *)text, sizeof(text) - 1);

    (void)state;
    finds(&hosts, "a", BJ_FAMILY_ANY,
          "10.0.0.1 a a A a\n10.0.0.1 a\n10.0.0.1 a b\n");
    finds_address(&hosts, "10.0.0.1",
                  "10.0.0.1 a a A a\n10.0.0.1 a\n10.0.0.1 a b\n");
    bj_guard_free(&words);
}

static void R30_thousands_of_aliases(void **state)
{
    size_t count = 8000, n = 0;
    char *text = malloc(count * 8);
    struct bj_hosts hosts;
    struct bj_hosts_walk walk;
    struct bj_hosts_line line;
    struct bj_guard words;
    struct bj_field name;

    (void)state;
    assert_non_null(text);
    n += (size_t)sprintf(text, "10.0.0.1 many");
    for (size_t i = 0; i < count; i++)
        n += (size_t)sprintf(text + n, " a%zu", i);
    assert_true(n <= BJ_CONFIG_LINE_MAX);
    words = build(&hosts, (const uint8_t *)text, n);
    bj_hosts_find_name(&hosts, &key, (const uint8_t *)"A7999", 5, BJ_FAMILY_ANY,
                       &walk);
    assert_true(bj_hosts_next(&walk, &line));
    for (n = 0; bj_hosts_name(&line, &name); n++)
        ;
    assert_int_equal(n, count + 1);
    assert_false(bj_hosts_next(&walk, &line));
    bj_guard_free(&words);
    free(text);
}

static void R29_over_long_line(void **state)
{
    size_t len = BJ_CONFIG_LINE_MAX + 1;
    struct bj_guard text = bj_guard_end(len + 13);
    struct bj_hosts hosts;
    struct bj_guard words;

    (void)state;
    memset(text.bytes, ' ', len);
    memcpy(text.bytes, "10.0.0.1 a", 10);
    memcpy(text.bytes + len - 2, " b\n10.0.0.2 c\n", 13);
    words = build(&hosts, text.bytes, text.len);
    assert_int_equal(hosts.skipped, 1);
    finds(&hosts, "a", BJ_FAMILY_ANY, "");
    finds(&hosts, "b", BJ_FAMILY_ANY, "");
    finds(&hosts, "c", BJ_FAMILY_ANY, "10.0.0.2 c\n");
    bj_guard_free(&words);
    bj_guard_free(&text);
}

/* Every number of words, flush against a fence: refused with nothing built
 * below what is needed, fine from there on. */
static void capacities(void **state)
{
    static const char text[] = "10.0.0.1 a b\n::1 c";
    struct bj_hosts hosts;
    size_t needed;

    (void)state;
    for (size_t cap = 0; cap <= 30; cap++) {
        struct bj_guard words = bj_guard_end(4 * cap);
        enum bj_status status = bj_hosts_build(
            &hosts, (const uint8_t *)text, sizeof(text) - 1, &key,
            cap > 0 ? (uint32_t *)(void *)words.bytes : NULL, cap, &needed);

        /* Three names and two addresses: 5 + 2 + 1 slots, 5 * 3 words. */
        assert_int_equal(needed, 23);
        assert_int_equal(status, cap < 23 ? BJ_SPACE : BJ_OK);
        finds(&hosts, "b", BJ_FAMILY_ANY, cap < 23 ? "" : "10.0.0.1 a b\n");
        finds_address(&hosts, "::1", cap < 23 ? "" : "::1 c\n");
        bj_guard_free(&words);
    }
    assert_int_equal(bj_hosts_build(&hosts, NULL,
                                    (size_t)BJ_CONFIG_TEXT_MAX + 1, &key, NULL,
                                    0, &needed),
                     BJ_LIMIT);
    assert_int_equal(needed, 0);
    finds(&hosts, "a", BJ_FAMILY_ANY, "");
    finds_address(&hosts, "10.0.0.1", "");
}

/* A key whose hash leads to another key's line: the line is looked at. */
static void a_wrong_line_is_passed_over(void **state)
{
    /* The other line, one that is none, beyond the end, the other line. */
    static const uint32_t offsets[] = {11, 22, 999, 0};
    static const char text[] = "10.0.0.1 a\n10.0.0.2 b\nbroken\n";
    struct bj_hosts hosts;
    struct bj_guard words =
        build(&hosts, (const uint8_t *)text, sizeof(text) - 1);

    (void)state;
    for (size_t i = 0; i < hosts.index.count; i++)
        hosts.index.entries[3 * i + 1] = offsets[i];
    finds(&hosts, "a", BJ_FAMILY_ANY, "");
    finds(&hosts, "b", BJ_FAMILY_ANY, "");
    finds_address(&hosts, "10.0.0.1", "");
    finds_address(&hosts, "10.0.0.2", "");
    bj_guard_free(&words);
}

enum { LIST_MAX = 64, TEXT_MAX = 100000 };

/* Strings in order, each once, as the table lists them. */
struct list {
    char items[LIST_MAX][300];
    size_t count;
};

static void insert(struct list *list, const void *item, size_t len)
{
    char text[300];
    size_t at = 0;

    assert_true(len < sizeof(text));
    memcpy(text, item, len);
    text[len] = '\0';
    while (at < list->count && strcmp(list->items[at], text) < 0)
        at++;
    if (at < list->count && strcmp(list->items[at], text) == 0)
        return;
    assert_true(list->count < LIST_MAX);
    memmove(list->items[at + 1], list->items[at],
            (list->count - at) * sizeof(list->items[0]));
    strcpy(list->items[at], text);
    list->count++;
}

static void insert_address(struct list *list, const struct bj_hosts_line *line)
{
    uint8_t text[100];
    struct bj_writer w;

    bj_writer_init(&w, text, sizeof(text));
    bj_address_write(&w, &line->address);
    if (line->zone.len > 0) {
        bj_writer_char(&w, '%');
        bj_writer_bytes(&w, line->zone.text, line->zone.len);
    }
    insert(list, text, w.len);
}

/* All lines that answer; for an address only the first, as glibc has it. An
 * addrinfo, for any family, has no aliases. */
static void add_answer(struct bj_writer *w, struct bj_hosts_walk *walk)
{
    struct list aliases = {.count = 0}, addresses = {.count = 0};
    struct bj_hosts_line line;
    struct bj_field canonical, name;
    bool by_name = walk->name.len > 0;

    if (!bj_hosts_next(walk, &line)) {
        bj_writer_text(w, "none");
        return;
    }
    assert_true(bj_hosts_name(&line, &canonical));
    insert_address(&addresses, &line);
    while (bj_hosts_name(&line, &name))
        insert(&aliases, name.text, name.len);
    while (by_name && bj_hosts_next(walk, &line)) {
        insert_address(&addresses, &line);
        assert_true(bj_hosts_name(&line, &name));
        if (name.len != canonical.len ||
            memcmp(name.text, canonical.text, name.len) != 0)
            insert(&aliases, name.text, name.len);
        while (bj_hosts_name(&line, &name))
            insert(&aliases, name.text, name.len);
    }
    if (by_name && walk->family == BJ_FAMILY_ANY)
        aliases.count = 0;
    bj_writer_bytes(w, canonical.text, canonical.len);
    for (size_t i = 0; i < aliases.count; i++) {
        bj_writer_text(w, i == 0 ? " [" : " ");
        bj_writer_text(w, aliases.items[i]);
    }
    bj_writer_text(w, aliases.count > 0 ? "]" : "");
    for (size_t i = 0; i < addresses.count; i++) {
        bj_writer_char(w, ' ');
        bj_writer_text(w, addresses.items[i]);
    }
}

/* "ip4 name", "ip6 name", "any name", "ptr address". */
static void ask(const struct bj_hosts *hosts, const uint8_t *question,
                size_t len, struct bj_writer *w)
{
    enum bj_family family = question[2] == '4'   ? BJ_FAMILY_IP4
                            : question[2] == '6' ? BJ_FAMILY_IP6
                                                 : BJ_FAMILY_ANY;
    struct bj_hosts_walk walk;
    struct bj_address address;
    struct bj_zone zone;

    assert_true(len > 4);
    if (question[0] == 'p') {
        assert_int_equal(
            bj_address_parse(question + 4, len - 4, &address, &zone), BJ_OK);
        bj_hosts_find_address(hosts, &key, &address, &walk);
    } else {
        bj_hosts_find_name(hosts, &key, question + 4, len - 4, family, &walk);
    }
    add_answer(w, &walk);
}

static void read_row(char *const *fields, char got[BJ_READING_MAX])
{
    static uint8_t octets[TEXT_MAX];
    struct bj_guard text =
        bj_guard_copy(octets, bj_vector_text(fields[1], octets, TEXT_MAX));
    struct bj_guard question =
        bj_guard_copy(octets, bj_vector_text(fields[2], octets, TEXT_MAX));
    struct bj_hosts hosts;
    struct bj_guard words = build(&hosts, text.bytes, text.len);
    struct bj_writer w;

    bj_writer_init(&w, (uint8_t *)got, BJ_READING_MAX);
    ask(&hosts, question.bytes, question.len, &w);
    assert_int_equal(bj_writer_end_text(&w), BJ_OK);
    bj_guard_free(&words);
    bj_guard_free(&question);
    bj_guard_free(&text);
}

static void R30_table(void **state)
{
    (void)state;
    bj_vectors_readings("config_hosts.txt", 60, read_row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(R30_table),
        cmocka_unit_test(R30_missing_fields),
        cmocka_unit_test(R27_addresses_are_strict),
        cmocka_unit_test(R07_names_are_host_names),
        cmocka_unit_test(R12_longest_name),
        cmocka_unit_test(name_to_addresses),
        cmocka_unit_test(address_to_names),
        cmocka_unit_test(R30_duplicates),
        cmocka_unit_test(R30_thousands_of_aliases),
        cmocka_unit_test(R29_over_long_line),
        cmocka_unit_test(capacities),
        cmocka_unit_test(a_wrong_line_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
